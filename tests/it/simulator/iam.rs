//! IAM and STS as the SDK sees them, and what stand-ins are known to let pass.

use serde_json::{Value, json};

use super::support::{ACCOUNT, GOOD_KEY, aws_code, aws_message, permission, sdk, start, start_with};

fn service_trust() -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" }],
    })
}

fn trust_of(principal: &str) -> String {
    let mut trust = service_trust();
    trust["Statement"][0]["Principal"] = json!({ "AWS": principal });
    trust.to_string()
}

#[tokio::test]
async fn the_caller_is_known_by_its_access_key() {
    let sim = start().await;
    let identity = aws_sdk_sts::Client::new(&sim.sdk())
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!(identity.account(), Some(ACCOUNT));
    assert_eq!(
        identity.arn(),
        Some("arn:aws:sts::111122223333:assumed-role/PlatformEngineer/dana")
    );
    assert!(identity.user_id().unwrap().ends_with(":dana"));

    let stranger = sdk(sim.simulator.base_url(), "AKIASTRANGER00000000");
    let refused = aws_sdk_sts::Client::new(&stranger).get_caller_identity().send().await;
    assert_eq!(aws_code(refused), "InvalidClientTokenId");
    let refused = aws_sdk_kms::Client::new(&stranger).list_keys().send().await;
    assert_eq!(aws_code(refused), "UnrecognizedClientException");
    let unsigned = sim
        .atlas
        .http
        .post(sim.simulator.base_url())
        .body("Action=GetCallerIdentity")
        .send()
        .await
        .unwrap();
    assert_eq!(unsigned.status(), 403);
    assert!(
        unsigned
            .text()
            .await
            .unwrap()
            .contains("<Code>MissingAuthenticationToken</Code>")
    );
}

#[tokio::test]
async fn a_role_comes_back_as_it_was_made() {
    let sim = start().await;
    let iam = sim.iam();
    let tag = aws_sdk_iam::types::Tag::builder()
        .key("tool")
        .value("a & b")
        .build()
        .unwrap();
    let made = iam
        .create_role()
        .role_name("atlas")
        .path("/team/")
        .description("for <Atlas>")
        .tags(tag);
    let made = made
        .assume_role_policy_document(service_trust().to_string())
        .send()
        .await
        .unwrap()
        .role
        .unwrap();
    assert_eq!(made.arn, "arn:aws:iam::111122223333:role/team/atlas");
    assert!(made.role_id.starts_with("AROA"));

    let role = iam.get_role().role_name("ATLAS").send().await.unwrap().role.unwrap();
    assert_eq!(role.description.as_deref(), Some("for <Atlas>"));
    assert_eq!(role.tags.unwrap()[0].value, "a & b");
    let document = role.assume_role_policy_document.unwrap();
    assert!(
        document.starts_with("%7B%22Version%22"),
        "documents are encoded: {document}"
    );
    let tags = iam.list_role_tags().role_name("atlas").send().await.unwrap().tags;
    assert_eq!(tags[0].key, "tool");
}

#[tokio::test]
async fn roles_come_sorted_and_in_pages() {
    let sim = start_with("based_on = \"crowded\"").await;
    let mut names = Vec::new();
    let mut pages = sim.iam().list_roles().max_items(150).into_paginator().send();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        assert!(
            page.roles.iter().all(|role| role.tags.is_none()),
            "lists leave tags out"
        );
        names.extend(page.roles.into_iter().map(|role| role.role_name.to_lowercase()));
        count += 1;
    }
    assert_eq!((names.len(), count), (404, 3));
    assert!(names.is_sorted());
    let by_path = sim.iam().list_roles().path_prefix("/team/").send().await.unwrap().roles;
    assert_eq!(by_path.len(), 1);
}

#[tokio::test]
async fn role_names_are_limited_and_unique_whatever_their_case() {
    let sim = start().await;
    let create = async |name: &str| {
        let trust = service_trust().to_string();
        aws_code(
            sim.iam()
                .create_role()
                .role_name(name)
                .assume_role_policy_document(trust)
                .send()
                .await,
        )
    };
    assert_eq!(create(&"x".repeat(70)).await, "ValidationError");
    assert_eq!(create(&"x".repeat(64)).await, "");
    assert_eq!(create("with space!").await, "ValidationError");
    assert_eq!(create("a_b+c=d,e.f@g-h").await, "");
    assert_eq!(create("PLATFORMENGINEER").await, "EntityAlreadyExists");
}

#[tokio::test]
async fn trust_policies_are_checked_when_they_are_written() {
    let sim = start().await;
    let create = async |trust: String| {
        let result = sim
            .iam()
            .create_role()
            .role_name("fresh")
            .assume_role_policy_document(&trust)
            .send()
            .await;
        let update = sim
            .iam()
            .update_assume_role_policy()
            .role_name("data-platform")
            .policy_document(&trust)
            .send()
            .await;
        let (code, message) = (aws_code(result), aws_message(update));
        (code, message)
    };
    for principal in [
        "arn:aws:iam::111122223333:role/nobody",
        "AROAEXAMPLEEXAMPLE123",
        "arn:aws-us-gov:iam::111122223333:root",
    ] {
        let (code, message) = create(trust_of(principal)).await;
        assert_eq!(code, "MalformedPolicyDocument", "{principal}");
        assert_eq!(message, format!("Invalid principal in policy: \"AWS\":\"{principal}\""));
    }
    assert_eq!(create("{not json".to_owned()).await.0, "MalformedPolicyDocument");
    let version = service_trust().to_string().replace("2012-10-17", "2020-03-17");
    assert_eq!(create(version).await.0, "MalformedPolicyDocument");
    let mut action = service_trust();
    action["Statement"][0]["Action"] = json!("kms:Encrypt");
    assert_eq!(create(action.to_string()).await.0, "MalformedPolicyDocument");
    assert_eq!(
        create(trust_of("arn:aws:iam::111122223333:role/PlatformEngineer"))
            .await
            .0,
        ""
    );
}

#[tokio::test]
async fn a_trust_policy_has_2048_characters_and_white_space_is_free() {
    let sim = start().await;
    let with_values = |count: usize| {
        let mut trust = service_trust();
        let ids: Vec<String> = (0..count).map(|number| format!("{number:0>36}")).collect();
        trust["Statement"][0]["Condition"] = json!({ "StringEquals": { "sts:ExternalId": ids } });
        trust
    };
    let update = async |text: String| {
        let update = sim
            .iam()
            .update_assume_role_policy()
            .role_name("data-platform")
            .policy_document(text);
        update.send().await
    };
    let fits = serde_json::to_string_pretty(&with_values(46)).unwrap();
    assert!(fits.len() > 2048 && with_values(46).to_string().len() <= 2048);
    assert_eq!(aws_code(update(fits).await), "");
    let too_long = update(with_values(60).to_string()).await;
    assert_eq!(aws_message(too_long), "Cannot exceed quota for ACLSizePerRole: 2048");
    assert_eq!(aws_code(update(with_values(60).to_string()).await), "LimitExceeded");
}

#[tokio::test]
async fn inline_policies_have_10240_characters_together() {
    let sim = start().await;
    let put = async |name: &str, keys: usize| {
        let mut policy = permission(GOOD_KEY);
        policy["Statement"][0]["Resource"] = vec![json!(GOOD_KEY); keys].into();
        let put = sim.iam().put_role_policy().role_name("data-platform").policy_name(name);
        aws_code(put.policy_document(policy.to_string()).send().await)
    };
    assert_eq!(put("one", 60).await, "");
    assert_eq!(put("one", 120).await, "", "a policy that is replaced doesn't count");
    assert_eq!(put("two", 60).await, "LimitExceeded");
    assert_eq!(put(&"n".repeat(129), 1).await, "ValidationError");
}

#[tokio::test]
async fn role_policies_are_checked_and_come_back_encoded() {
    let sim = start().await;
    let put = async |role: &str, text: String| {
        sim.iam()
            .put_role_policy()
            .role_name(role)
            .policy_name("kms")
            .policy_document(text)
            .send()
            .await
    };
    let china = permission("arn:aws-cn:kms:cn-north-1:111122223333:key/k").to_string();
    assert!(aws_message(put("data-platform", china.clone()).await).starts_with("Partition \"aws-cn\" is not valid"));
    assert_eq!(aws_code(put("data-platform", china).await), "MalformedPolicyDocument");
    assert_eq!(
        aws_code(put("nobody", permission(GOOD_KEY).to_string()).await),
        "NoSuchEntity"
    );
    let service_linked = put("AWSServiceRoleForECS", permission(GOOD_KEY).to_string()).await;
    assert_eq!(aws_code(service_linked), "UnmodifiableEntity");

    put("data-platform", permission(GOOD_KEY).to_string()).await.unwrap();
    let back = sim
        .iam()
        .get_role_policy()
        .role_name("data-platform")
        .policy_name("kms")
        .send()
        .await
        .unwrap();
    let decoded = percent_encoding::percent_decode_str(&back.policy_document)
        .decode_utf8()
        .unwrap()
        .into_owned();
    assert_eq!(decoded, permission(GOOD_KEY).to_string());
    let names = sim
        .iam()
        .list_role_policies()
        .role_name("data-platform")
        .send()
        .await
        .unwrap()
        .policy_names;
    assert_eq!(names, ["kms"]);
    let missing = sim
        .iam()
        .get_role_policy()
        .role_name("data-platform")
        .policy_name("gone")
        .send()
        .await;
    assert_eq!(aws_code(missing), "NoSuchEntity");
}

#[tokio::test]
async fn attached_policies_and_the_account_can_be_read() {
    let sim = start().await;
    let attached = sim
        .iam()
        .list_attached_role_policies()
        .role_name("data-platform")
        .send()
        .await
        .unwrap();
    let policy = attached.attached_policies.unwrap().remove(0);
    assert_eq!(policy.policy_name.as_deref(), Some("PowerUserAccess"));
    let arn = policy.policy_arn.unwrap();
    let version = sim
        .iam()
        .get_policy()
        .policy_arn(&arn)
        .send()
        .await
        .unwrap()
        .policy
        .unwrap()
        .default_version_id;
    let version = sim
        .iam()
        .get_policy_version()
        .policy_arn(&arn)
        .version_id(version.unwrap())
        .send()
        .await
        .unwrap();
    assert!(version.policy_version.unwrap().document.unwrap().contains("NotAction"));
    let missing = sim
        .iam()
        .get_policy()
        .policy_arn("arn:aws:iam::aws:policy/Nothing")
        .send()
        .await;
    assert_eq!(aws_code(missing), "NoSuchEntity");

    let aliases = sim.iam().list_account_aliases().send().await.unwrap().account_aliases;
    assert_eq!(aliases, ["harbor-lane-prod"]);
    let summary = sim
        .iam()
        .get_account_summary()
        .send()
        .await
        .unwrap()
        .summary_map
        .unwrap();
    assert_eq!(
        summary[&aws_sdk_iam::types::SummaryKeyType::from("AssumeRolePolicySizeQuota")],
        2048
    );
    assert_eq!(
        summary[&aws_sdk_iam::types::SummaryKeyType::from("RolePolicySizeQuota")],
        10_240
    );
}

#[tokio::test]
async fn tags_are_added_and_replaced() {
    let sim = start().await;
    let tag = async |key: &str, value: &str| {
        let tag = aws_sdk_iam::types::Tag::builder()
            .key(key)
            .value(value)
            .build()
            .unwrap();
        aws_code(sim.iam().tag_role().role_name("data-platform").tags(tag).send().await)
    };
    assert_eq!(tag("team", "platform").await, "");
    assert_eq!(tag("tool", "x").await, "");
    assert_eq!(tag("aws:tool", "x").await, "InvalidInput");
    let tags = sim
        .iam()
        .list_role_tags()
        .role_name("data-platform")
        .send()
        .await
        .unwrap()
        .tags;
    let tags: Vec<(&str, &str)> = tags.iter().map(|tag| (tag.key(), tag.value())).collect();
    assert_eq!(tags, [("team", "platform"), ("tool", "x")]);
}
