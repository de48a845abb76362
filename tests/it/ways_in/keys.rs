//! Keys of other accounts, and an operator who may do nothing in AWS.

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
