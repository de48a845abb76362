//! The token endpoint's errors, in OAuth's form.

use atlas_cmk::simulator::{Aws, Effect, Fault, Simulator};

use super::try_all;
use crate::support::program::{Program, clouds};

const TOKEN: &str = "getToken";

/// Returns the binary that signs in as a service account.
pub(crate) fn service_account(simulator: &Simulator) -> Program {
    let credentials = simulator.credentials();
    Program::on(simulator)
        .with("MONGODB_ATLAS_CLIENT_ID", credentials.client_id.as_str())
        .with("MONGODB_ATLAS_CLIENT_SECRET", credentials.client_secret.as_str())
}

fn refused(status: u16, error: &str) -> Effect {
    Effect::Verbatim {
        status,
        content_type: "application/json".to_owned(),
        body: format!(r#"{{"error":"{error}","error_description":"OAuth's own words."}}"#),
    }
}

/// Everything is asked at once, and all of it waits for one sign-in.
#[tokio::test(flavor = "multi_thread")]
async fn each_error_is_told_after_one_sign_in() {
    let rows = [
        (401, "invalid_client", 3, "check both, and the secret's expiry"),
        (400, "invalid_request", 1, "report it to the authors"),
        (400, "unsupported_grant_type", 1, "report it to the authors"),
        (400, "invalid_grant", 1, "report it to the authors"),
        (403, "access_denied", 1, "a token lives an hour"),
        (400, "brand_new", 1, "Atlas issues no access token (400)"),
    ];
    try_all(rows, |(status, error, exit, says)| async move {
        let simulator = clouds("first-time", Aws::Own).await;
        let control = simulator.control();
        control.fault(Fault::new(TOKEN, refused(status, error)));
        let ran = service_account(&simulator).run(&["status"]).await.exits(exit);
        for words in [says, "OAuth's own words.", "POST /api/oauth/token", error] {
            assert!(ran.stderr.contains(words), "{error}: {words:?} isn't in {}", ran.stderr);
        }
        assert_eq!(control.count(TOKEN), 1, "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_lasts_is_told_after_one_sign_in() {
    let simulator = clouds("first-time", Aws::Own).await;
    let control = simulator.control();
    let throttled = Effect::Throttled {
        retry_after: Some(3600),
    };
    control.fault(Fault::new(TOKEN, throttled));
    let ran = service_account(&simulator).run(&["status"]).await.exits(1);
    assert!(ran.stderr.contains("POST /api/oauth/token"), "{}", ran.stderr);
    assert!(ran.stderr.contains("limits"), "{}", ran.stderr);
    assert_eq!(control.count(TOKEN), 1);
}
