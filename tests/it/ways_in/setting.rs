//! Projects that have a setting already: the old credentials, another key, a key that is gone.

use super::{WayIn, steps};

const SWITCH: &str = r#"
[aws]
region = "eu-west-1"
[role]
name = "atlas-cmk-claims"
[key]
alias = "alias/atlas-claims"
[clusters]
encrypt = []
"#;
const PRESENT_KEY: &str = "9a3e5c71-4d28-4f6b-b0e9-6c17d2f8a054";
const NEXT_KEY: &str = "2f7b81d4-e05a-46c9-93f2-d8a1b6e4c730";

#[tokio::test(flavor = "multi_thread")]
async fn the_switch_from_an_iam_user_needs_its_own_word() {
    let way = WayIn::of("switch", SWITCH).await;
    let id = way.simulator.credentials().project_id.clone();
    let text = way.program.run(&["plan"]).await.exits(0).stdout;
    assert!(text.contains("can't be undone"), "{text}");

    let refused = way.program.run(&["apply", "--yes"]).await.exits(2);
    assert!(refused.stderr.contains("--irreversible"), "{}", refused.stderr);
    let refused = way
        .program
        .run(&["apply", "--yes", "--irreversible", "0123456789abcdef01234567"])
        .await
        .exits(2);
    assert!(refused.stderr.contains(&id), "{}", refused.stderr);
    assert_eq!(way.changes(), Vec::<String>::new());

    way.apply(&["--irreversible", &id]).await;
    let setting = &way.project()["aws_kms"];
    assert!(setting["role_id"].is_string(), "{setting:#}");
    assert!(setting["access_key_id"].is_null(), "{setting:#}");
    assert!(setting["key"].as_str().unwrap().ends_with(PRESENT_KEY), "{setting:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switch_keeps_the_present_key_first_where_another_is_chosen() {
    let way = WayIn::of("switch", &SWITCH.replace("alias/atlas-claims", "alias/claims-2026")).await;
    let id = way.simulator.credentials().project_id.clone();
    way.apply(&["--irreversible", &id]).await;
    let settings: Vec<String> = way
        .simulator
        .control()
        .requests()
        .iter()
        .filter(|exchange| exchange.method == "PATCH" && exchange.path.ends_with("/encryptionAtRest"))
        .filter(|exchange| exchange.status == 200)
        .map(|exchange| {
            exchange.request_json()["awsKms"]["customerMasterKeyID"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(settings.len(), 2, "{settings:?}");
    assert!(
        settings[0].ends_with(PRESENT_KEY) && settings[1].ends_with(NEXT_KEY),
        "{settings:?}"
    );
    let policies = way.role("atlas-cmk-claims")["documents"].to_string();
    assert!(
        policies.contains(PRESENT_KEY) && policies.contains(NEXT_KEY),
        "{policies}"
    );
    assert_eq!(way.key(PRESENT_KEY)["state"], "Enabled");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_is_permitted_before_and_the_old_one_is_guarded_after() {
    const OLD: &str = "58c2d7f1-9b3a-4e06-8d54-71e0a6c3f928";
    const NEW: &str = "c07e9b45-2f6d-4831-b9a8-0d3c5e71f6a2";
    let config = r#"
        [aws]
        region = "eu-central-1"
        [role]
        name = "atlas-cmk-records"
        [key]
        alias = "alias/records-2026"
        [clusters]
        encrypt = []
    "#;
    let way = WayIn::of("another-key", config).await;
    let plan = way.plan().await;
    let told = plan["notes"].to_string();
    assert!(told.contains("snapshot") && told.contains("records"), "{told}");
    let changed = way.apply(&[]).await;
    assert_eq!(changed, ["iam:PutRolePolicy", "enableEncryptionAtRest"], "{plan:#}");
    assert!(way.project()["aws_kms"]["key"].as_str().unwrap().ends_with(NEW));
    let policies = way.role("atlas-cmk-records")["documents"].to_string();
    assert!(policies.contains(OLD) && policies.contains(NEW), "{policies}");
    assert_eq!(way.key(OLD)["state"], "Enabled");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_leaves_the_way_back_and_nothing_else() {
    let way = WayIn::of("incident", "").await;
    let project = way.project();
    let key = project["aws_kms"]["key"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let region = project["aws_kms"]["region"].as_str().unwrap().to_owned();
    way.program.config(&format!(
        "[aws]\nregion = \"{region}\"\n[role]\nname = \"some-new-role\"\n[key]\nid = \"{key}\"\n[clusters]\nencrypt = \"eligible\"\n"
    ));
    let _ = way.program.run(&["status"]).await.exits(3);
    let plan = way.plan().await;
    let changed: Vec<_> = steps(&plan).into_iter().map(str::to_owned).collect();
    assert_eq!(changed.len(), 3, "{changed:?}");
    let _ = way.program.run(&["apply", "--yes"]).await.exits(0);
    assert_eq!(way.changes(), ["kms:CancelKeyDeletion", "kms:EnableKey"]);
    assert_eq!(way.key(&key)["state"], "Enabled");
    let _ = way.program.run(&["status"]).await.exits(0);
}
