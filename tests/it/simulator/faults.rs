//! What goes wrong on purpose, and the record of it.

use std::time::{Duration, Instant};

use atlas_cmk::simulator::{Effect, Fault, Options, Scenario, Simulator, Time};
use reqwest::Method;
use serde_json::json;

use super::openapi::assert_exchanges_fit;
use super::support::{CLUSTERS_READ, Sim, V2023, aws_code, start, start_with};

async fn list_roles(sim: &Sim) -> reqwest::Result<super::support::Reply> {
    let media_type = format!("application/vnd.atlas.{V2023}+json");
    sim.atlas
        .try_call(Method::GET, &sim.project("/cloudProviderAccess"), &media_type, None)
        .await
}

#[tokio::test]
async fn a_fault_meets_the_calls_that_it_names() {
    let sim = start().await;
    list_roles(&sim).await.unwrap();
    sim.control
        .fault(Fault::new("listAccessRoles", Effect::Throttled { retry_after: Some(7) }).nth(2));
    assert_eq!(
        list_roles(&sim).await.unwrap().status,
        200,
        "calls are counted from when the fault was set"
    );
    let throttled = list_roles(&sim).await.unwrap();
    throttled.expect(429, "RATE_LIMITED");
    assert_eq!(throttled.header("retry-after"), "7");
    assert_eq!(list_roles(&sim).await.unwrap().status, 200);
    assert_eq!(sim.control.count("listAccessRoles"), 4);
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn answers_that_are_no_answers() {
    let sim = start().await;
    let meet = async |effect: Effect| {
        sim.control.fault(Fault::new("listAccessRoles", effect).nth(1));
        list_roles(&sim).await.unwrap()
    };
    let page = meet(Effect::Html { status: 503 }).await;
    assert_eq!((page.status, page.header("content-type")), (503, "text/html"));
    assert!(
        meet(Effect::Throttled { retry_after: None })
            .await
            .header("retry-after")
            .is_empty()
    );
    meet(Effect::ServerError { status: 500 })
        .await
        .expect(500, "UNEXPECTED_ERROR");
    let empty = meet(Effect::EmptyAnswer).await;
    assert_eq!((empty.status, empty.body), (200, json!(null)));
    let refused = Effect::Refused {
        status: 403,
        code: "IP_ADDRESS_NOT_ON_ACCESS_LIST".into(),
        detail: "no".into(),
    };
    let refused = meet(refused).await;
    refused.expect(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST");
    assert_eq!(refused.header("x-error-code"), "IP_ADDRESS_NOT_ON_ACCESS_LIST");
    let proxy = Effect::Verbatim {
        status: 407,
        content_type: "text/html".into(),
        body: "<p>sign in".into(),
    };
    assert_eq!(meet(proxy).await.status, 407);
}

#[tokio::test]
async fn a_connection_is_cut_before_or_after_the_change() {
    let sim = start().await;
    let path = sim.project("/cloudProviderAccess");
    let media_type = format!("application/vnd.atlas.{V2023}+json");
    let create = async || {
        sim.atlas
            .try_call(Method::POST, &path, &media_type, Some(json!({ "providerName": "AWS" })))
            .await
    };
    let roles = || {
        sim.control.world()["atlas"]["projects"][0]["access_roles"]
            .as_array()
            .unwrap()
            .len()
    };
    list_roles(&sim).await.unwrap();

    sim.control
        .fault(Fault::new("createAccessRole", Effect::CutBefore).nth(1));
    assert!(create().await.is_err());
    assert_eq!(roles(), 0);
    sim.control
        .fault(Fault::new("createAccessRole", Effect::CutAfter).nth(1));
    assert!(create().await.is_err());
    assert_eq!(roles(), 1);
    let cut: Vec<u16> = sim
        .control
        .requests()
        .iter()
        .filter(|exchange| exchange.operation == "createAccessRole")
        .map(|exchange| exchange.status)
        .collect();
    assert_eq!(cut, [0, 0]);
}

#[tokio::test]
async fn aws_has_its_own_forms() {
    let sim = start().await;
    sim.control
        .fault(Fault::new("iam:ListRoles", Effect::Throttled { retry_after: None }).nth(1));
    assert_eq!(aws_code(sim.iam().list_roles().send().await), "Throttling");
    sim.control
        .fault(Fault::new("kms:ListKeys", Effect::Throttled { retry_after: None }).nth(1));
    assert_eq!(aws_code(sim.kms().list_keys().send().await), "ThrottlingException");
    let denied = Effect::Refused {
        status: 403,
        code: "AccessDenied".into(),
        detail: "with an explicit deny".into(),
    };
    sim.control.fault(Fault::new("iam:ListRoles", denied));
    assert_eq!(aws_code(sim.iam().list_roles().send().await), "AccessDenied");
    let unknown = sim.iam().get_user().send().await;
    assert_eq!(aws_code(unknown), "InvalidAction");
}

#[tokio::test]
async fn a_delay_delays() {
    let sim = start().await;
    list_roles(&sim).await.unwrap();
    sim.control
        .fault(Fault::new("listAccessRoles", Effect::Delay(Duration::from_millis(80))).nth(1));
    let began = Instant::now();
    assert_eq!(list_roles(&sim).await.unwrap().status, 200);
    assert!(began.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn a_scenario_can_bring_its_faults() {
    let faults = r#"
        [[fault]]
        operation = "listClusters"
        calls = [1]
        effect = "html"
        status = 502
    "#;
    let sim = start_with(&format!("{}{faults}", super::support::SETTLED)).await;
    let clusters = async || sim.atlas.get(&sim.project("/clusters"), CLUSTERS_READ).await.status;
    assert_eq!((clusters().await, clusters().await), (502, 200));
}

#[tokio::test]
async fn the_record_hides_what_is_secret() {
    let sim = start().await;
    let credentials = sim.simulator.credentials().clone();
    let token = sim
        .atlas
        .http
        .post(format!("{}/api/oauth/token", sim.simulator.base_url()));
    let token = token.basic_auth(&credentials.client_id, Some(&credentials.client_secret));
    token
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await
        .unwrap();
    list_roles(&sim).await.unwrap();
    sim.kms().list_keys().send().await.unwrap();
    let record = format!("{:?}", sim.control.requests());
    assert!(record.contains("getToken") && record.contains("Digest …") && record.contains("AWS4-HMAC-SHA256 …"));
    assert!(!record.contains("access_token"), "the token's body is not kept");
    assert!(!record.contains("response="), "nor what digest computes");
}

#[tokio::test]
async fn speed_shortens_the_worlds_pauses_and_a_latency_of_ones_own_stays() {
    let start = async |latency: Option<Duration>, speed: f64| {
        let scenario = Scenario::parse("based_on = \"first-time\"\n[pace]\nlatency_ms = 400").unwrap();
        let options = Options {
            time: Time::Running { speed },
            latency,
            ..Options::default()
        };
        let simulator = Simulator::start(scenario, options).await.unwrap();
        let atlas = super::support::Atlas::new(simulator.base_url(), simulator.credentials());
        let began = Instant::now();
        // Two exchanges: the challenge and the answer.
        assert_eq!(atlas.get("/api/atlas/v2", V2023).await.status, 200);
        began.elapsed()
    };
    assert!(start(None, 100.0).await < Duration::from_millis(400));
    assert!(start(Some(Duration::from_millis(60)), 100.0).await >= Duration::from_millis(120));
}
