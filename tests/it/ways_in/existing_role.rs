//! IAM roles that are there already, of every shape: every statement that is there stays.

use serde_json::Value;

use super::WayIn;

const KEY: &str = "3f8a6d10-52be-4c97-b1e4-7d09c5a2f836";

async fn with_role(role: &str) -> WayIn {
    let config = format!(
        "[aws]\nregion = \"eu-west-1\"\n[role]\n{role}\n[key]\nid = \"{KEY}\"\n[clusters]\nencrypt = [\"shipments\"]\n"
    );
    WayIn::of("existing-role", &config).await
}

/// Returns the statements of an IAM role's trust policy.
pub(super) fn statements(way: &WayIn, name: &str) -> Vec<Value> {
    let role = way.role(name);
    let text = role["trust"].as_str().or(role["trust"]["now"].as_str());
    let trust: Value = serde_json::from_str(text.unwrap_or_else(|| panic!("{role:#}"))).unwrap();
    match &trust["Statement"] {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_that_is_there_stays_and_one_comes_to_it() {
    for (role, name) in [
        (
            "arn = \"arn:aws:iam::111122223333:role/platform/atlas/atlas-encryption\"",
            "atlas-encryption",
        ),
        ("name = \"reporting-jobs\"", "reporting-jobs"),
        ("name = \"organization-readers\"", "organization-readers"),
    ] {
        let way = with_role(role).await;
        let before = statements(&way, name);
        way.apply(&[]).await;
        let after = statements(&way, name);
        assert_eq!(after[..before.len()], before, "{name}");
        assert_eq!(after.len(), before.len() + 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_statement_is_used_again() {
    let way = with_role("name = \"atlas-shipments\"").await;
    let before = statements(&way, "atlas-shipments");
    let changed = way.apply(&[]).await;
    assert!(
        !changed.iter().any(|call| call == "iam:UpdateAssumeRolePolicy"),
        "{changed:?}"
    );
    assert_eq!(statements(&way, "atlas-shipments"), before);
    assert_eq!(way.project()["aws_kms"]["role_id"], "66b4a8113f7e2c90d1b5a4e2");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_external_id_of_a_deleted_access_role_is_replaced() {
    const OLD: &str = "0d6b3e85-47fa-4c19-a2d8-95e1f7b04c63";
    let way = with_role("name = \"atlas-archive\"").await;
    let text = way.program.run(&["plan"]).await.exits(0).stdout;
    assert!(text.contains(OLD), "the difference is shown: {text}");
    way.apply(&[]).await;
    let after = statements(&way, "atlas-archive");
    assert_eq!(after.len(), 1, "{after:?}");
    assert!(!after[0].to_string().contains(OLD), "{after:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_fail_is_refused_before_the_first_change() {
    for (name, why) in [
        ("atlas-limited", "boundary"),
        ("partner-hub", "2048"),
        ("old-operators", "AROAJ5EXAMPLE7QKX2VHM"),
    ] {
        let way = with_role(&format!("name = \"{name}\"")).await;
        let refused = way.program.run(&["apply", "--yes"]).await.exits(3);
        assert!(refused.stderr.contains(why), "{name}: {}", refused.stderr);
        assert_eq!(way.changes(), Vec::<String>::new(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_principal_is_taken_out_on_request() {
    let way = with_role("name = \"old-operators\"\ndrop_dead_principals = true").await;
    let text = way.program.run(&["plan"]).await.exits(0).stdout;
    assert!(text.contains("AROAJ5EXAMPLE7QKX2VHM"), "{text}");
    way.apply(&[]).await;
    let after = statements(&way, "old-operators");
    assert!(
        !after.iter().any(|statement| statement.to_string().contains("AROAJ5")),
        "{after:?}"
    );
    assert!(
        after
            .iter()
            .any(|statement| statement.to_string().contains("arn:aws:iam::111122223333:root")),
        "who else stands there stays: {after:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_role_gets_its_path_and_boundary() {
    let way = with_role(
        "name = \"atlas-cmk-new\"\npath = \"/platform/atlas/\"\n\
         permissions_boundary = \"arn:aws:iam::111122223333:policy/platform-boundary\"",
    )
    .await;
    way.apply(&[]).await;
    let role = way.role("atlas-cmk-new");
    assert_eq!(
        role["arn"],
        "arn:aws:iam::111122223333:role/platform/atlas/atlas-cmk-new"
    );
    assert_eq!(role["boundary"], "arn:aws:iam::111122223333:policy/platform-boundary");
}
