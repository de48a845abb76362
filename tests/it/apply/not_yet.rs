//! The table of what only means "not yet": each row provoked, its requests counted, and what is no row refused at once.

use futures::future::join_all;

use super::{ACCESS_ROLE, ALIAS, AUTHORIZE, CLUSTER, Call, IAM_ROLE, KEY, POLICY, ROTATION, SETTING, refused};
use crate::support::rig::{Rig, SETTLED, SPEED};

/// A refusal of one step's request: operation on the wire, step, HTTP status, code, and for how long it is waited out.
type Row = (&'static str, &'static str, u16, &'static str, u64);

const fn row((operation, step): Call, status: u16, code: &'static str, seconds: u64) -> Row {
    (operation, step, status, code, seconds)
}

/// The wish for one cluster, so that a step's requests are the operation's.
async fn rig() -> Rig {
    Rig::start(SETTLED, SPEED).await.with_clusters(&["orders"])
}

#[tokio::test]
async fn each_row_is_waited_out() {
    const UPGRADE: &str = "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES";
    let rows = [
        row(ACCESS_ROLE, 405, UPGRADE, 600),
        row(AUTHORIZE, 405, UPGRADE, 600),
        row(SETTING, 405, UPGRADE, 600),
        row(CLUSTER, 405, UPGRADE, 600),
        row(AUTHORIZE, 400, "CANNOT_ASSUME_ROLE", 180),
        row(SETTING, 400, "CANNOT_ASSUME_ROLE", 180),
        row(AUTHORIZE, 400, "", 180),
        row(SETTING, 400, "", 180),
        row(SETTING, 400, "INVALID_AWS_CREDENTIALS", 180),
        row(SETTING, 400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT", 180),
        row(SETTING, 400, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED", 180),
        row(SETTING, 404, "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND", 60),
        row(CLUSTER, 400, "ENCRYPTION_AT_REST_NOT_ENABLED", 60),
        row(POLICY, 404, "NoSuchEntity", 60),
        row(IAM_ROLE, 409, "ConcurrentModification", 180),
        row(POLICY, 409, "ConcurrentModification", 180),
        row(ALIAS, 400, "NotFoundException", 60),
        row(ALIAS, 400, "KMSInvalidStateException", 60),
        row(ROTATION, 400, "NotFoundException", 60),
        row(ROTATION, 400, "KMSInvalidStateException", 60),
    ];
    join_all(rows.map(is_waited_out)).await;
}

async fn is_waited_out((operation, step, status, code, seconds): Row) {
    let rig = rig().await;
    rig.control.fault(refused(operation, status, code).calls(1..=2));
    let told = rig.apply().await.completed();
    assert_eq!(rig.control.count(operation), 3, "{operation} {code}");
    let attempts = told.attempts(step);
    assert_eq!(attempts.len(), 2, "{operation} {code}");
    let limit = seconds * 1000 / 200;
    for attempt in attempts {
        assert_eq!(attempt.code.as_deref().unwrap_or_default(), code, "{operation}");
        assert_eq!(attempt.limit_ms, Some(limit), "{operation} {code}");
    }
}

#[tokio::test]
async fn trust_policies_changed_by_somebody_else_at_the_same_time_are_waited_out() {
    let rig = rig().await.with_role("orders-api-task");
    let fault = refused("iam:UpdateAssumeRolePolicy", 409, "ConcurrentModification");
    rig.control.fault(fault.calls(1..=2));
    let told = rig.apply().await.completed();
    assert_eq!(rig.control.count("iam:UpdateAssumeRolePolicy"), 3);
    assert_eq!(told.attempts("update-trust-policy").len(), 2);
}

#[tokio::test]
async fn a_busy_cluster_is_looked_at_until_it_is_idle_and_asked_once_more() {
    for (status, code) in [
        (409, ""),
        (409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"),
        (400, "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE"),
    ] {
        let once = rig().await;
        once.control.fault(refused("updateCluster", status, code).nth(1));
        let told = once.apply().await.completed();
        assert_eq!(once.control.count("updateCluster"), 2, "{code}");
        assert!(told.waits(CLUSTER.1)[0].0.contains("sent when it is IDLE"));

        let always = rig().await;
        always.control.fault(refused("updateCluster", status, code));
        let told = always.apply().await.failed(&[CLUSTER.1]);
        assert_eq!(always.control.count("updateCluster"), 2, "{code}");
        assert!(
            told.problem(CLUSTER.1)
                .message
                .contains("at work on cluster orders again")
        );
    }
}

#[tokio::test]
async fn what_is_no_row_fails_at_once() {
    let rows = [
        row(ACCESS_ROLE, 400, "SOMETHING_NEW", 0),
        row(ACCESS_ROLE, 400, "", 0),
        row(AUTHORIZE, 400, "SOMETHING_NEW", 0),
        row(AUTHORIZE, 409, "", 0),
        row(AUTHORIZE, 404, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND", 0),
        row(SETTING, 400, "SOMETHING_NEW", 0),
        row(SETTING, 400, "AWS_KMS_CUSTOMER_MASTER_KEY_NOT_ENABLED", 0),
        row(SETTING, 400, "ENCRYPTION_AT_REST_SETTINGS_INVALID", 0),
        row(SETTING, 401, "USER_UNAUTHORIZED", 0),
        row(CLUSTER, 409, "CANNOT_UPDATE_PAUSED_CLUSTER", 0),
        row(CLUSTER, 409, "OUT_OF_CAPACITY", 0),
        row(CLUSTER, 400, "SOMETHING_NEW", 0),
        row(KEY, 400, "AccessDeniedException", 0),
        row(IAM_ROLE, 403, "AccessDenied", 0),
        row(IAM_ROLE, 409, "LimitExceeded", 0),
        row(POLICY, 409, "LimitExceeded", 0),
        row(POLICY, 400, "MalformedPolicyDocument", 0),
        row(ALIAS, 400, "AccessDeniedException", 0),
        row(ROTATION, 400, "UnsupportedOperationException", 0),
    ];
    join_all(rows.map(fails_at_once)).await;
}

async fn fails_at_once((operation, step, status, code, _): Row) {
    let rig = rig().await;
    rig.control.fault(refused(operation, status, code));
    let told = rig.apply().await.failed(&[step]);
    assert_eq!(rig.control.count(operation), 1, "{operation} {code}");
    assert_eq!(told.attempts(step).len(), 0, "{operation} {code}");
    let problem = told.problem(step);
    assert_eq!(
        problem.code.as_deref().unwrap_or_default(),
        code,
        "{operation}: {problem:?}"
    );
    assert!(!problem.hints.is_empty(), "{operation} {code}: {problem:?}");
}

#[tokio::test]
async fn a_refusal_is_not_yet_only_where_this_run_has_changed_something() {
    let rows = [
        row(SETTING, 400, "INVALID_AWS_CREDENTIALS", 0),
        row(SETTING, 400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT", 0),
        row(SETTING, 400, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED", 0),
        row(SETTING, 404, "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND", 0),
        row(SETTING, 400, "", 0),
    ];
    join_all(rows.map(|(operation, step, status, code, _)| async move {
        let rig = rig().await;
        let _ = rig.apply().await.completed();
        // What the journal knows is a short time ago.
        std::fs::remove_dir_all(rig.folder_path()).unwrap();
        rig.control.edit(|world| world.atlas.projects[0].aws_kms = None);
        rig.control.fault(refused(operation, status, code));
        let plan = rig.plan().await;
        assert_eq!(plan.steps.len(), 1, "{:?}", plan.steps);
        let told = rig.carry_out(&plan).await.failed(&[step]);
        assert_eq!(rig.control.count(operation), 2, "one of each run: {code}");
        assert!(!told.problem(step).hints.is_empty(), "{code}");
    }))
    .await;
}

#[tokio::test]
async fn each_reason_has_a_wait_of_its_own() {
    let rig = rig().await;
    // Ten minutes of an upgrade use up none of the three minutes that trust may take.
    let upgrade = refused("authorizeAccessRole", 405, "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES");
    rig.control.fault(upgrade.calls(1..=30));
    let trust = refused("authorizeAccessRole", 400, "CANNOT_ASSUME_ROLE");
    rig.control.fault(trust.calls(31..=33));
    let _ = rig.apply().await.completed();
    assert_eq!(rig.control.count("authorizeAccessRole"), 34);
}
