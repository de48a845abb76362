//! Credentials that run out.

use atlas_cmk::simulator::{Effect, Fault};

use super::support::{SETTLED, Sim, aws_code, start, start_with};

async fn codes(sim: &Sim) -> [String; 3] {
    let sts = aws_sdk_sts::Client::new(&sim.sdk());
    [
        aws_code(sts.get_caller_identity().send().await),
        aws_code(sim.iam().list_roles().send().await),
        aws_code(sim.kms().list_keys().send().await),
    ]
}

#[tokio::test]
async fn expired_credentials_are_refused_by_every_service_until_they_are_renewed() {
    let sim = start().await;
    assert_eq!(codes(&sim).await, ["", "", ""]);
    sim.control.expire_aws_credentials();
    assert_eq!(
        codes(&sim).await,
        ["ExpiredToken", "ExpiredToken", "ExpiredTokenException"]
    );
    sim.control.renew_aws_credentials();
    assert_eq!(codes(&sim).await, ["", "", ""]);
}

#[tokio::test]
async fn a_fault_expires_them_for_some_calls() {
    let sim = start().await;
    sim.control
        .fault(Fault::new("kms:ListKeys", Effect::ExpiredCredentials).nth(2));
    assert_eq!(codes(&sim).await, ["", "", ""]);
    assert_eq!(codes(&sim).await, ["", "", "ExpiredTokenException"]);
    assert_eq!(codes(&sim).await, ["", "", ""]);

    let fault = "[[fault]]\noperation = \"iam:ListRoles\"\ncalls = [1]\neffect = \"expired-credentials\"";
    let sim = start_with(&format!("{SETTLED}\n{fault}")).await;
    assert_eq!(codes(&sim).await, ["", "ExpiredToken", ""]);
    assert_eq!(codes(&sim).await, ["", "", ""]);
}
