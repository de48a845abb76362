//! Every code that a service can answer with, provoked on a socket: what the operator reads, and how often it is asked
//! again.
//!
//! Not here are the codes of calls that the program doesn't make: removal of access roles, alert settings, restores and
//! downloads of snapshots, `DeleteRole`, `ReplicateKey`, `RotateKeyOnDemand`, `Encrypt` and `Decrypt`. The tables beside the
//! sentences (`atlas::advice`, `aws::explain`) have their words.

mod any_call;
mod aws;
mod garbled;
mod set_up;
mod tokens;

use std::future::Future;

use atlas_cmk::domain::key::KeyRef;
use atlas_cmk::plan::KeyChoice;
use atlas_cmk::problem::Problem;
use atlas_cmk::simulator::world::Lagging;
use atlas_cmk::simulator::{Effect, Fault};
use futures::{StreamExt as _, stream};
use serde_json::json;

use crate::support::rig::{Rig, SETTLED, SPEED};

/// What a service says in its own words beside a code.
const WORDS: &str = "The service's own words.";

/// Rows that are tried at the same time.
const AT_ONCE: usize = 8;

/// Whether asking again helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    /// One request, then it is told.
    No,
    /// The SDK takes it for throttling and asks twice more, then it is told.
    BySdk,
    /// Asked again until the limit, then it is told.
    ToTheLimit,
    /// Looked at until it is IDLE, asked once more, then it is told.
    OnceIdle,
    /// Asked again, and then it goes through.
    Passing,
}

/// A refusal of a change: the operation on the wire, HTTP status, code, the service's own words, whether it is asked
/// again, and what the operator reads.
type Row = (
    &'static str,
    u16,
    &'static str,
    &'static str,
    Again,
    &'static [&'static str],
);

/// Tries rows at the same time; all that fail are told.
async fn try_all<R, F>(rows: impl IntoIterator<Item = R>, row: impl Fn(R) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let rows: Vec<F> = rows.into_iter().map(row).collect();
    let all = stream::iter(rows).map(tokio::spawn).buffer_unordered(AT_ONCE);
    let failed = all.filter(|ended| std::future::ready(ended.is_err())).count().await;
    assert_eq!(failed, 0, "rows failed");
}

/// Returns the step that sends a change.
fn step_of(operation: &str) -> &'static str {
    match operation {
        "createAccessRole" => "create-access-role",
        "authorizeAccessRole" => "authorize-access-role",
        "enableEncryptionAtRest" => "enable-project-setting",
        "updateCluster" => "encrypt-cluster:orders",
        "iam:CreateRole" => "create-iam-role",
        "iam:PutRolePolicy" => "put-role-policy",
        "iam:UpdateAssumeRolePolicy" => "update-trust-policy",
        "kms:CreateKey" => "create-key",
        "kms:CreateAlias" => "create-alias",
        "kms:EnableKeyRotation" => "enable-rotation",
        "kms:PutKeyPolicy" => "update-key-policy",
        other => panic!("no step sends {other}"),
    }
}

/// Returns the request as the operator reads it.
fn request_of(operation: &str) -> String {
    match operation {
        "createAccessRole" => "POST /groups/".to_owned(),
        "authorizeAccessRole" | "enableEncryptionAtRest" | "updateCluster" => "PATCH /groups/".to_owned(),
        aws => {
            let (service, name) = aws.split_once(':').unwrap();
            format!("AWS {} {name}", service.to_uppercase())
        }
    }
}

/// A key whose policy lets its administrators in alone.
const CLOSED_KEY: &str = "7c1e2f60-3b9a-4d58-9e47-0a5d6c8b1f23";
const CLOSED: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Administrators","Effect":"Allow",
    "Principal":{"AWS":"arn:aws:iam::111122223333:role/PlatformEngineer"},"Action":"kms:*","Resource":"*"}]}"#;

/// Starts a world in which a run makes this request once.
async fn rig_with(operation: &str) -> Rig {
    let rig = Rig::start(SETTLED, SPEED).await.with_clusters(&["orders"]);
    match operation {
        "iam:UpdateAssumeRolePolicy" => rig.with_role("orders-api-task"),
        "kms:PutKeyPolicy" => {
            rig.control.edit(|world| {
                world.aws.key_mut(CLOSED_KEY).unwrap().policy = Lagging::settled(CLOSED.to_owned());
            });
            let mut rig = rig;
            rig.desired.key = KeyChoice::Existing(KeyRef::Id(CLOSED_KEY.to_owned()));
            rig.desired.extend_key_policy = true;
            rig
        }
        _ => rig,
    }
}

/// Carries a plan out against a row's refusal.
async fn is_told((operation, status, code, words, again, says): Row) {
    let rig = rig_with(operation).await;
    let step = step_of(operation);
    let fault = Fault::new(operation, refusal(operation, status, code, words));
    rig.control.fault(if again == Again::Passing {
        fault.calls(1..=3)
    } else {
        fault
    });
    let told = rig.apply().await;
    let count = rig.control.count(operation);
    if again == Again::Passing {
        let told = told.completed();
        let attempts = told.attempts(step);
        assert!(
            count > 3 && !attempts.is_empty(),
            "{operation} {code}: {count} requests"
        );
        let reason = &attempts[0].reason;
        assert!(
            says.iter().all(|words| reason.contains(words)),
            "{operation} {code}: {reason}"
        );
        return;
    }
    let told = told.failed(&[step]);
    let expected = match again {
        Again::No => 1..=1,
        Again::OnceIdle => 2..=2,
        Again::BySdk => 3..=3,
        Again::ToTheLimit | Again::Passing => 5..=100,
    };
    assert!(expected.contains(&count), "{operation} {code}: {count} requests");
    let problem = told.problem(step);
    assert_eq!(
        problem.code.as_deref().unwrap_or_default(),
        code,
        "{operation}: {problem:?}"
    );
    assert!(!problem.hints.is_empty(), "{operation} {code}: {problem:?}");
    let shown = shown(problem);
    for words in says.iter().copied().chain([words, &request_of(operation)]) {
        assert!(shown.contains(words), "{operation} {code}: {words:?} isn't in {shown}");
    }
}

/// Returns the answer of a service that refuses, in its form.
fn refusal(operation: &str, status: u16, code: &str, words: &str) -> Effect {
    if operation.contains(':') {
        return Effect::Refused {
            status,
            code: code.to_owned(),
            detail: words.to_owned(),
        };
    }
    let mut body = json!({
        "error": status, "detail": words, "reason": "Some Reason", "parameters": [PARAMETER],
    });
    if !code.is_empty() {
        body["errorCode"] = code.into();
    }
    Effect::Verbatim {
        status,
        content_type: "application/json".to_owned(),
        body: body.to_string(),
    }
}

/// What Atlas puts into `parameters`.
const PARAMETER: &str = "arn:aws:iam::111122223333:role/a-parameter";

/// Returns everything that an operator can come to see of a problem.
fn shown(problem: &Problem) -> String {
    let place = problem.place.as_deref().unwrap_or_default();
    let parts = [problem.message.as_str(), place];
    let parts = parts
        .into_iter()
        .chain(problem.causes.iter().chain(&problem.hints).map(String::as_str));
    parts.collect::<Vec<_>>().join("\n")
}
