//! KMS as the SDK sees it, and what stand-ins are known to let pass.

use aws_sdk_kms::types::{KeyManagerType, KeyState, Tag};
use serde_json::{Value, json};

use super::support::{GOOD_KEY, SETTLED, Sim, aws_code, aws_message, sdk_in, start, start_with};

const GOOD_ID: &str = "7c1e2f60-3b9a-4d58-9e47-0a5d6c8b1f23";
const DISABLED: &str = "0d9b4a72-6e15-4c3f-8a26-f1b7e0c95d48";
const PENDING: &str = "a4f83c19-52d7-4b0e-b6c1-9e3d70f58a64";
const SIGNING: &str = "5e60b7d8-91c4-4fa3-8d2b-c7f4a1e93b05";
const OF_AWS: &str = "c83a5d21-7f06-49be-a1d4-2b9e6c70f358";

async fn describe(sim: &Sim, key: &str) -> Result<aws_sdk_kms::types::KeyMetadata, String> {
    match sim.kms().describe_key().key_id(key).send().await {
        Ok(answer) => Ok(answer.key_metadata.unwrap()),
        Err(error) => Err(aws_code::<(), _>(Err(error))),
    }
}

#[tokio::test]
async fn a_key_answers_to_its_four_names() {
    let sim = start().await;
    for name in [
        GOOD_ID,
        GOOD_KEY,
        "alias/orders-data",
        "arn:aws:kms:us-east-1:111122223333:alias/orders-data",
    ] {
        assert_eq!(describe(&sim, name).await.unwrap().key_id, GOOD_ID, "{name}");
    }
    for name in [
        "alias/nothing",
        "00000000-3b9a-4d58-9e47-0a5d6c8b1f23",
        "nonsense",
        "arn:aws:kms:eu-west-1:111122223333:key/7c1e2f60-3b9a-4d58-9e47-0a5d6c8b1f23",
    ] {
        assert_eq!(describe(&sim, name).await.unwrap_err(), "NotFoundException", "{name}");
    }
    assert_eq!(
        describe(&sim, "arn:aws:s3:::bucket").await.unwrap_err(),
        "InvalidArnException"
    );
    let by_alias = sim.kms().get_key_policy().key_id("alias/orders-data").send().await;
    assert_eq!(
        aws_code(by_alias),
        "NotFoundException",
        "an alias names no key for this call"
    );
}

#[tokio::test]
async fn a_region_sees_its_own_keys_only() {
    let sim = start().await;
    let elsewhere = aws_sdk_kms::config::Builder::from(&sim.sdk())
        .region(aws_config::Region::new("eu-west-1"))
        .build();
    let elsewhere = aws_sdk_kms::Client::from_conf(elsewhere);
    assert!(elsewhere.list_keys().send().await.unwrap().keys.unwrap().is_empty());
    assert_eq!(
        aws_code(elsewhere.describe_key().key_id(GOOD_ID).send().await),
        "NotFoundException"
    );
    let made = elsewhere.create_key().send().await.unwrap().key_metadata.unwrap();
    assert!(made.arn.unwrap().starts_with("arn:aws:kms:eu-west-1:111122223333:key/"));
}

#[tokio::test]
async fn keys_and_aliases_come_in_pages() {
    let sim = start_with("based_on = \"crowded\"").await;
    let (mut keys, mut pages) = (Vec::new(), 0);
    let mut paginator = sim.kms().list_keys().limit(120).into_paginator().send();
    while let Some(page) = paginator.next().await {
        keys.extend(page.unwrap().keys.unwrap().into_iter().map(|key| key.key_id.unwrap()));
        pages += 1;
    }
    assert_eq!((keys.len(), pages), (306, 3));
    let first = sim.kms().list_keys().send().await.unwrap();
    assert_eq!((first.keys.unwrap().len(), first.truncated), (100, true));

    let mut aliases = Vec::new();
    let mut paginator = sim.kms().list_aliases().into_paginator().send();
    while let Some(page) = paginator.next().await {
        aliases.extend(
            page.unwrap()
                .aliases
                .unwrap()
                .into_iter()
                .map(|alias| alias.alias_name.unwrap()),
        );
    }
    assert_eq!(aliases.len(), 306);
    assert!(aliases.is_sorted());
    let of_one = sim
        .kms()
        .list_aliases()
        .key_id(GOOD_ID)
        .send()
        .await
        .unwrap()
        .aliases
        .unwrap();
    assert_eq!(of_one[0].alias_name.as_deref(), Some("alias/orders-data"));
}

#[tokio::test]
async fn a_new_key_has_what_was_asked_for_and_each_call_makes_one() {
    let sim = start().await;
    let tag = Tag::builder().tag_key("tool").tag_value("atlas").build().unwrap();
    let create = || {
        sim.kms()
            .create_key()
            .description("Orders")
            .tags(tag.clone())
            .multi_region(true)
            .send()
    };
    let made = create().await.unwrap().key_metadata.unwrap();
    assert!(made.key_id.starts_with("mrk-"));
    assert_ne!(create().await.unwrap().key_metadata.unwrap().key_id, made.key_id);

    let key = describe(&sim, &made.key_id).await.unwrap();
    assert_eq!(key.key_state, Some(KeyState::Enabled));
    assert_eq!(key.key_manager, Some(KeyManagerType::Customer));
    assert_eq!(
        (key.description.as_deref(), key.multi_region),
        (Some("Orders"), Some(true))
    );
    let tags = sim
        .kms()
        .list_resource_tags()
        .key_id(&made.key_id)
        .send()
        .await
        .unwrap()
        .tags
        .unwrap();
    assert_eq!(tags, [tag]);
    let policy = sim
        .kms()
        .get_key_policy()
        .key_id(&made.key_id)
        .send()
        .await
        .unwrap()
        .policy
        .unwrap();
    let policy: Value = serde_json::from_str(&policy).unwrap();
    assert_eq!(
        policy["Statement"][0]["Principal"]["AWS"],
        "arn:aws:iam::111122223333:root"
    );

    let reserved = Tag::builder().tag_key("aws:x").tag_value("y").build().unwrap();
    assert_eq!(
        aws_code(sim.kms().create_key().tags(reserved).send().await),
        "TagException"
    );
}

#[tokio::test]
async fn a_new_key_can_be_invisible_for_a_while() {
    let sim = start_with(&format!("{SETTLED}\nnew_key = 2")).await;
    let id = sim
        .kms()
        .create_key()
        .send()
        .await
        .unwrap()
        .key_metadata
        .unwrap()
        .key_id;
    assert_eq!(describe(&sim, &id).await.unwrap_err(), "NotFoundException");
    assert_eq!(describe(&sim, &id).await.unwrap_err(), "NotFoundException");
    assert_eq!(describe(&sim, &id).await.unwrap().key_id, id);
}

fn policy_of(principal: &str, action: &str) -> String {
    json!({
        "Statement": [{ "Effect": "Allow", "Principal": { "AWS": principal }, "Action": action, "Resource": "*" }],
    })
    .to_string()
}

async fn put(sim: &Sim, policy: &str) -> (String, String) {
    let put = || sim.kms().put_key_policy().key_id(GOOD_ID).policy(policy).send();
    let result = put().await;
    let code = match &result {
        Ok(_) => String::new(),
        Err(error) => aws_sdk_kms::error::ProvideErrorMetadata::code(error)
            .unwrap_or_default()
            .to_owned(),
    };
    (code, aws_message(result))
}

#[tokio::test]
async fn a_key_policy_never_locks_its_writer_out() {
    let sim = start().await;
    let root = "arn:aws:iam::111122223333:root";
    for policy in [
        policy_of(root, "kms:Encrypt"),
        policy_of("arn:aws:iam::111122223333:role/team/data/data-platform", "kms:*"),
        r#"{"Statement":[]}"#.to_owned(),
        policy_of(root, "kms:*").replace("Allow", "Deny"),
    ] {
        let (code, message) = put(&sim, &policy).await;
        assert_eq!(code, "MalformedPolicyDocumentException", "{policy}");
        assert!(
            message.contains("will not allow you to update the key policy in the future"),
            "{message}"
        );
        let created = sim.kms().create_key().policy(&policy).send().await;
        assert_eq!(aws_code(created), "MalformedPolicyDocumentException");
    }
    for policy in [
        policy_of(root, "kms:*"),
        policy_of("arn:aws:iam::111122223333:role/PlatformEngineer", "kms:*KeyPolicy"),
    ] {
        assert_eq!(put(&sim, &policy).await.0, "", "{policy}");
        let back = sim.kms().get_key_policy().key_id(GOOD_ID).send().await.unwrap().policy;
        assert_eq!(back.as_deref(), Some(policy.as_str()));
    }
}

#[tokio::test]
async fn a_key_policy_is_read_before_it_is_stored() {
    let sim = start().await;
    assert_eq!(put(&sim, "{not json").await.0, "MalformedPolicyDocumentException");
    let mut policy: Value = serde_json::from_str(&policy_of("arn:aws:iam::111122223333:root", "kms:*")).unwrap();
    policy["Statement"].as_array_mut().unwrap().push(json!({
        "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:role/nobody" }, "Action": "kms:Encrypt", "Resource": "*",
    }));
    let (code, message) = put(&sim, &policy.to_string()).await;
    assert_eq!(code, "MalformedPolicyDocumentException");
    assert_eq!(
        message,
        "Policy contains a statement with one or more invalid principals."
    );
}

#[tokio::test]
async fn kms_sees_a_new_role_late() {
    let sim = start_with(&format!("{SETTLED}\nnew_principal = 2")).await;
    let arn = sim.create_role("atlas", &Sim::trust("x")).await;
    let mut policy: Value = serde_json::from_str(&policy_of("arn:aws:iam::111122223333:root", "kms:*")).unwrap();
    let named = json!({ "Effect": "Allow", "Principal": { "AWS": arn }, "Action": "kms:Encrypt", "Resource": "*" });
    policy["Statement"].as_array_mut().unwrap().push(named);
    let policy = policy.to_string();
    assert_eq!(put(&sim, &policy).await.0, "MalformedPolicyDocumentException");
    assert_eq!(put(&sim, &policy).await.0, "MalformedPolicyDocumentException");
    assert_eq!(put(&sim, &policy).await.0, "");
}

#[tokio::test]
async fn aliases_have_rules() {
    let sim = start().await;
    let create = async |alias: &str, key: &str| {
        aws_code(
            sim.kms()
                .create_alias()
                .alias_name(alias)
                .target_key_id(key)
                .send()
                .await,
        )
    };
    assert_eq!(create("alias/atlas/orders_1", GOOD_ID).await, "");
    assert_eq!(describe(&sim, "alias/atlas/orders_1").await.unwrap().key_id, GOOD_ID);
    assert_eq!(create("alias/atlas/orders_1", DISABLED).await, "AlreadyExistsException");
    assert_eq!(create("orders", GOOD_ID).await, "ValidationException");
    assert_eq!(create("alias/with space", GOOD_ID).await, "ValidationException");
    assert_eq!(
        create(&format!("alias/{}", "x".repeat(257)), GOOD_ID).await,
        "ValidationException"
    );
    assert_eq!(create("alias/aws/orders", GOOD_ID).await, "NotAuthorizedException");
    assert_eq!(create("alias/dead", PENDING).await, "KMSInvalidStateException");
    assert_eq!(create("alias/ours", OF_AWS).await, "AccessDeniedException");
    for number in 0..48 {
        assert_eq!(create(&format!("alias/n{number}"), GOOD_ID).await, "");
    }
    assert_eq!(create("alias/one-too-many", GOOD_ID).await, "LimitExceededException");
}

#[tokio::test]
async fn aws_managed_keys_say_so() {
    let sim = start().await;
    let key = describe(&sim, "alias/aws/ebs").await.unwrap();
    assert_eq!(key.key_manager, Some(KeyManagerType::Aws));
}

#[tokio::test]
async fn rotation_keeps_its_period_and_is_not_for_every_key() {
    let sim = start().await;
    let enable = async |key: &str, days: i32| {
        aws_code(
            sim.kms()
                .enable_key_rotation()
                .key_id(key)
                .rotation_period_in_days(days)
                .send()
                .await,
        )
    };
    assert_eq!(enable(GOOD_ID, 180).await, "");
    let status = sim
        .kms()
        .get_key_rotation_status()
        .key_id(GOOD_ID)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (status.key_rotation_enabled, status.rotation_period_in_days),
        (true, Some(180))
    );
    assert!(
        status.next_rotation_date.unwrap().secs() > 1_786_352_400,
        "the next rotation lies ahead"
    );
    assert_eq!(enable(GOOD_ID, 89).await, "ValidationException");
    assert_eq!(enable(GOOD_ID, 2561).await, "ValidationException");
    assert_eq!(enable(DISABLED, 365).await, "DisabledException");
    assert_eq!(enable(PENDING, 365).await, "KMSInvalidStateException");
    assert_eq!(enable(SIGNING, 365).await, "UnsupportedOperationException");
    let off = sim
        .kms()
        .get_key_rotation_status()
        .key_id(DISABLED)
        .send()
        .await
        .unwrap();
    assert!(!off.key_rotation_enabled);
}

#[tokio::test]
async fn a_cancelled_deletion_leaves_the_key_disabled() {
    let sim = start().await;
    let kms = sim.kms();
    assert_eq!(
        aws_code(kms.enable_key().key_id(PENDING).send().await),
        "KMSInvalidStateException"
    );
    assert!(describe(&sim, PENDING).await.unwrap().deletion_date.is_some());
    kms.cancel_key_deletion().key_id(PENDING).send().await.unwrap();
    assert_eq!(
        describe(&sim, PENDING).await.unwrap().key_state,
        Some(KeyState::Disabled)
    );
    kms.enable_key().key_id(PENDING).send().await.unwrap();
    assert_eq!(
        describe(&sim, PENDING).await.unwrap().key_state,
        Some(KeyState::Enabled)
    );
    assert_eq!(
        aws_code(kms.cancel_key_deletion().key_id(PENDING).send().await),
        "KMSInvalidStateException"
    );

    let too_soon = kms
        .schedule_key_deletion()
        .key_id(GOOD_ID)
        .pending_window_in_days(3)
        .send()
        .await;
    assert_eq!(aws_code(too_soon), "ValidationException");
    let scheduled = kms
        .schedule_key_deletion()
        .key_id(GOOD_ID)
        .pending_window_in_days(7)
        .send()
        .await
        .unwrap();
    assert_eq!(scheduled.deletion_date.unwrap().secs(), 1_786_352_400 + 7 * 86_400);
}

#[tokio::test]
async fn another_accounts_key_shows_itself_only_to_whom_it_lets_in() {
    let foreign = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let key = "[[key]]\nid = \"1234abcd-12ab-34cd-56ef-1234567890ab\"\naccount = \"444455556666\"";
    let sim = start_with(&format!("{SETTLED}\n{key}")).await;
    assert_eq!(describe(&sim, foreign).await.unwrap_err(), "AccessDeniedException");
    let open = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}}"#;
    let sim = start_with(&format!("{SETTLED}\n{key}\npolicy = '''{open}'''")).await;
    assert_eq!(describe(&sim, foreign).await.unwrap().arn.as_deref(), Some(foreign));
    assert_eq!(
        aws_code(sim.kms().get_key_policy().key_id(foreign).send().await),
        "AccessDeniedException"
    );
}

#[tokio::test]
async fn tags_are_added_and_replaced() {
    let sim = start().await;
    let tag = |value: &str| Tag::builder().tag_key("team").tag_value(value).build().unwrap();
    sim.kms()
        .tag_resource()
        .key_id(GOOD_ID)
        .tags(tag("platform"))
        .send()
        .await
        .unwrap();
    let tags = sim
        .kms()
        .list_resource_tags()
        .key_id(GOOD_ID)
        .send()
        .await
        .unwrap()
        .tags
        .unwrap();
    assert_eq!(tags, [tag("platform")]);
    assert_eq!(
        aws_code(sim.kms().tag_resource().key_id(PENDING).tags(tag("x")).send().await),
        "KMSInvalidStateException"
    );
}

#[tokio::test]
async fn a_new_roles_id_may_be_shown_where_a_key_policy_names_it() {
    let sim = start_with(&format!("{SETTLED}\nprincipal_shown_by_id = 1")).await;
    let arn = sim.create_role("atlas", &Sim::trust("x")).await;
    let mut policy: Value = serde_json::from_str(&policy_of("arn:aws:iam::111122223333:root", "kms:*")).unwrap();
    let named = json!({ "Effect": "Allow", "Principal": { "AWS": arn }, "Action": "kms:Encrypt", "Resource": "*" });
    policy["Statement"].as_array_mut().unwrap().push(named);
    assert_eq!(put(&sim, &policy.to_string()).await.0, "");
    let read = async || {
        let answer = sim.kms().get_key_policy().key_id(GOOD_ID).send().await.unwrap();
        let policy: Value = serde_json::from_str(&answer.policy.unwrap()).unwrap();
        policy["Statement"][1]["Principal"]["AWS"].as_str().unwrap().to_owned()
    };
    assert!(read().await.starts_with("AROA"));
    assert_eq!(read().await, arn);
}

#[tokio::test]
async fn a_multi_region_key_knows_its_replicas() {
    let id = "mrk-0b7c3d9e5f1a42688e4d6c2b1a9f7053";
    let key = |more: &str| format!("[[key]]\nid = \"{id}\"\nmulti_region = true\n{more}\n");
    let keys = key("") + &key("region = \"eu-west-1\"\nreplica_of = \"us-east-1\"");
    let sim = start_with(&format!("{SETTLED}\n{keys}")).await;
    let primary = describe(&sim, id).await.unwrap().multi_region_configuration.unwrap();
    assert_eq!(primary.multi_region_key_type.unwrap().as_str(), "PRIMARY");
    assert_eq!(primary.replica_keys.unwrap()[0].region.as_deref(), Some("eu-west-1"));

    let elsewhere = sdk_in(
        sim.simulator.base_url(),
        &sim.simulator.credentials().aws_access_key_id,
        "eu-west-1",
    );
    let elsewhere = aws_sdk_kms::Client::new(&elsewhere);
    let replica = elsewhere.describe_key().key_id(id).send().await.unwrap();
    let replica = replica.key_metadata.unwrap().multi_region_configuration.unwrap();
    assert_eq!(replica.multi_region_key_type.unwrap().as_str(), "REPLICA");
    assert_eq!(replica.primary_key.unwrap().region.as_deref(), Some("us-east-1"));
    let rotation = elsewhere.enable_key_rotation().key_id(id).send().await;
    assert_eq!(aws_code(rotation), "UnsupportedOperationException");
}

#[tokio::test]
async fn a_new_key_can_take_a_while_to_be_created() {
    let sim = start_with(&format!("{SETTLED}\nnew_key = 1\ncreating_key = 2")).await;
    let made = sim.kms().create_key().send().await.unwrap().key_metadata.unwrap();
    assert_eq!(describe(&sim, &made.key_id).await.unwrap_err(), "NotFoundException");
    let state = async || describe(&sim, &made.key_id).await.unwrap().key_state.unwrap();
    assert_eq!(state().await, KeyState::Creating);
    let alias = sim
        .kms()
        .create_alias()
        .alias_name("alias/new")
        .target_key_id(&made.key_id);
    assert_eq!(aws_code(alias.send().await), "KMSInvalidStateException");
    assert_eq!(state().await, KeyState::Creating);
    assert_eq!(state().await, KeyState::Enabled);
}

#[tokio::test]
async fn a_key_is_gone_when_its_time_has_come() {
    let sim = start().await;
    let days = |days: u64| std::time::Duration::from_hours(24 * days);
    sim.control.advance(days(8));
    assert!(describe(&sim, PENDING).await.is_ok());
    sim.control.advance(days(1));
    assert_eq!(describe(&sim, PENDING).await.unwrap_err(), "NotFoundException");
}
