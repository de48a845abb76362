//! Keys of other accounts, and an operator who may do nothing in AWS.

use atlas_cmk::simulator::world::Lagging;
use serde_json::Value;

use super::WayIn;

const CLAIMS: &str = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const HOLDING: &str = "arn:aws:kms:us-east-1:777788889999:key/9c4e7b20-6a1d-4f85-b3c2-0e8d5f7a1694";

fn config(key: &str) -> String {
    format!("[role]\nname = \"atlas-cmk-claims\"\n[key]\narn = \"{key}\"\n[clusters]\nencrypt = [\"claims\"]\n")
}

/// The key's policy lets this account in, though nobody here can read it: the full ARN goes to Atlas.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_account_goes_to_atlas_by_its_full_arn() {
    let way = WayIn::of("cross-account", &config(HOLDING)).await;
    let text = way.program.run(&["plan"]).await.exits(0).stdout;
    assert!(text.contains("777788889999") && text.contains("kms:Decrypt"), "{text}");
    way.apply(&[]).await;
    assert_eq!(way.project()["aws_kms"]["key"], HOLDING);
    assert_eq!(way.cluster("claims")["encryption"], "AWS");
}

/// The key's policy lacks a statement that only its owner can add: it is printed whole.
#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_the_key_gets_the_exact_statement() {
    let way = WayIn::of("cross-account", &config(CLAIMS)).await;
    let ran = way.program.run(&["plan"]).await;
    let text = format!("{}{}", ran.stdout, ran.stderr);
    for part in [
        "\"Sid\"",
        "role/atlas-cmk-claims",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:Decrypt",
        "444455556666",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_rights_in_aws_nothing_is_begun_and_all_of_it_is_told() {
    let config = "[role]\nname = \"atlas-cmk-orders\"\n[key]\nalias = \"alias/atlas-orders\"\ncreate = true\n\
                  [clusters]\nencrypt = \"eligible\"\n";
    let way = WayIn::of("admin-elsewhere", config).await;
    let ran = way.program.run(&["apply", "--yes"]).await.exits(3);
    assert!(ran.stderr.contains("iam:"), "{}", ran.stderr);
    assert_eq!(way.changes(), Vec::<String>::new());
}

/// A key policy that names its administrators alone: IAM doesn't decide, and Atlas's IAM role isn't let in.
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_key_policy_gets_exactly_one_statement_more_on_request() {
    const KEY: &str = "7c1e2f60-3b9a-4d58-9e47-0a5d6c8b1f23";
    const CLOSED: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Administrators","Effect":"Allow",
        "Principal":{"AWS":"arn:aws:iam::111122223333:role/PlatformEngineer"},"Action":"kms:*","Resource":"*"}]}"#;
    let config =
        format!("[role]\nname = \"atlas-cmk-orders\"\n[key]\nid = \"{KEY}\"\n[clusters]\nencrypt = [\"orders\"]\n");
    let way = WayIn::of("first-time", &config).await;
    way.simulator.control().edit(|world| {
        let key = world.aws.key_mut(KEY).unwrap();
        key.policy = Lagging::settled(CLOSED.to_owned());
    });
    let refused = way.program.run(&["apply", "--yes"]).await.exits(3);
    assert!(refused.stderr.contains("extend_policy"), "{}", refused.stderr);
    assert_eq!(way.changes(), Vec::<String>::new());

    way.program
        .config(&config.replace("[clusters]", "extend_policy = true\n[clusters]"));
    way.apply(&[]).await;
    let policy = way.key(KEY)["policy"]["now"].as_str().unwrap().to_owned();
    let after: Value = serde_json::from_str(&policy).unwrap();
    let before: Value = serde_json::from_str(CLOSED).unwrap();
    let statements = after["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 2, "{policy}");
    assert_eq!(statements[0], before["Statement"][0]);
    assert_eq!(
        statements[1]["Principal"]["AWS"],
        "arn:aws:iam::111122223333:role/atlas-cmk-orders"
    );
}
