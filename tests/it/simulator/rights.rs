//! What the operator may do: every call is judged, and refused in AWS's words.

use aws_sdk_iam::types::Tag;
use serde_json::{Value, json};

use super::support::{GOOD_KEY, SETTLED, Sim, aws_code, aws_message, permission, start_with};

const OPERATOR: &str = "arn:aws:sts::111122223333:assumed-role/PlatformEngineer/dana";
const GOOD_ID: &str = "7c1e2f60-3b9a-4d58-9e47-0a5d6c8b1f23";

fn policy(statements: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

async fn start_with_rights(permissions: &Value, scp: Option<&Value>) -> Sim {
    let permissions = policy(permissions);
    let scp = scp.map(|scp| format!("scp = ['''{}''', '''{}''']", policy(&all()), policy(scp)));
    let scp = scp.unwrap_or_default();
    start_with(&format!("{SETTLED}\n[aws]\npermissions = ['''{permissions}''']\n{scp}")).await
}

fn all() -> Value {
    json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })
}

fn refusal(action: &str, resource: &str, because: &str) -> String {
    format!("User: {OPERATOR} is not authorized to perform: {action} on resource: {resource} {because}")
}

#[tokio::test]
async fn a_missing_right_is_told_as_iam_tells_it() {
    let sim = start_with_rights(
        &json!({ "Effect": "Allow", "Action": "iam:Get*", "Resource": "*" }),
        None,
    )
    .await;
    let none = |action: &str| format!("because no identity-based policy allows the {action} action");
    let trust = Sim::trust("x").to_string();
    let create = || {
        sim.iam()
            .create_role()
            .role_name("atlas")
            .path("/team/")
            .assume_role_policy_document(&trust)
            .send()
    };
    assert_eq!(
        aws_message(create().await),
        refusal(
            "iam:CreateRole",
            "arn:aws:iam::111122223333:role/team/atlas",
            &none("iam:CreateRole")
        )
    );
    let refused = create().await.unwrap_err();
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 403);
    assert_eq!(aws_code(Err::<(), _>(refused)), "AccessDenied");

    let put = sim
        .iam()
        .put_role_policy()
        .role_name("data-platform")
        .policy_name("kms");
    let put = put.policy_document(permission(GOOD_KEY).to_string()).send().await;
    assert_eq!(
        aws_message(put),
        refusal("iam:PutRolePolicy", "role data-platform", &none("iam:PutRolePolicy"))
    );
    let list = sim.iam().list_roles().send().await;
    assert_eq!(
        aws_message(list),
        refusal(
            "iam:ListRoles",
            "arn:aws:iam::111122223333:role/",
            &none("iam:ListRoles")
        )
    );
    assert!(sim.iam().get_role().role_name("data-platform").send().await.is_ok());
    assert!(
        aws_sdk_sts::Client::new(&sim.sdk())
            .get_caller_identity()
            .send()
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn rights_may_be_for_some_resources() {
    let rights = json!([
        { "Effect": "Allow", "Action": "iam:*", "Resource": "arn:aws:iam::111122223333:role/team/*" },
        { "Effect": "Deny", "Action": "iam:UpdateAssumeRolePolicy", "Resource": "*" },
    ]);
    let sim = start_with_rights(&rights, None).await;
    // The path of the role counts, though the call names the role without it.
    assert!(sim.iam().get_role().role_name("data-platform").send().await.is_ok());
    assert_eq!(
        aws_code(sim.iam().get_role().role_name("orders-api-task").send().await),
        "AccessDenied"
    );
    let update = sim.iam().update_assume_role_policy().role_name("data-platform");
    let update = update.policy_document(Sim::trust("x").to_string()).send().await;
    assert_eq!(
        aws_message(update),
        refusal(
            "iam:UpdateAssumeRolePolicy",
            "role data-platform",
            "with an explicit deny in an identity-based policy"
        )
    );
}

#[tokio::test]
async fn an_organization_may_demand_a_boundary_a_path_and_tags() {
    let boundary = "arn:aws:iam::111122223333:policy/limits";
    let demands = json!([
        {
            "Effect": "Deny", "Action": "iam:CreateRole", "Resource": "*",
            "Condition": { "StringNotEquals": { "iam:PermissionsBoundary": boundary } },
        },
        {
            "Effect": "Deny", "Action": "iam:CreateRole", "Resource": "*",
            "Condition": { "Null": { "aws:RequestTag/owner": "true" } },
        },
        { "Effect": "Deny", "Action": "iam:CreateRole", "NotResource": "arn:aws:iam::*:role/team/*" },
    ]);
    let limits = format!(
        "[[managed_policy]]\narn = \"{boundary}\"\ndocument = '''{}'''",
        policy(&all())
    );
    let aws = format!("[aws]\nscp = ['''{}''', '''{}''']", policy(&all()), policy(&demands));
    let sim = start_with(&format!("{SETTLED}\n{aws}\n{limits}")).await;
    let create = async |path: &str, boundary: Option<&str>, tag: Option<&str>| {
        let trust = Sim::trust("x").to_string();
        let create = sim.iam().create_role().role_name("atlas").path(path);
        let tags = tag.map(|owner| vec![Tag::builder().key("owner").value(owner).build().unwrap()]);
        let create = create
            .assume_role_policy_document(trust)
            .set_permissions_boundary(boundary.map(str::to_owned));
        aws_message(create.set_tags(tags).send().await)
    };
    let denied = |path: &str| {
        refusal(
            "iam:CreateRole",
            &format!("arn:aws:iam::111122223333:role{path}atlas"),
            "with an explicit deny in a service control policy",
        )
    };
    assert_eq!(create("/team/", None, Some("x")).await, denied("/team/"));
    assert_eq!(create("/team/", Some(boundary), None).await, denied("/team/"));
    assert_eq!(create("/", Some(boundary), Some("x")).await, denied("/"));
    assert_eq!(create("/team/", Some(boundary), Some("x")).await, "");

    let role = sim
        .iam()
        .get_role()
        .role_name("atlas")
        .send()
        .await
        .unwrap()
        .role
        .unwrap();
    let shown = role.permissions_boundary.unwrap();
    assert_eq!(shown.permissions_boundary_arn.as_deref(), Some(boundary));
    let policy = sim
        .iam()
        .get_policy()
        .policy_arn(boundary)
        .send()
        .await
        .unwrap()
        .policy
        .unwrap();
    assert_eq!(policy.permissions_boundary_usage_count, Some(1));
    let missing = create("/team/", Some("arn:aws:iam::111122223333:policy/nothing"), Some("x")).await;
    assert!(missing.contains("explicit deny"), "{missing}");
}

#[tokio::test]
async fn a_role_with_tags_needs_the_right_to_tag() {
    let rights = json!({ "Effect": "Allow", "Action": "iam:CreateRole", "Resource": "*" });
    let sim = start_with_rights(&rights, None).await;
    let tag = Tag::builder().key("owner").value("x").build().unwrap();
    let create = |tags: Option<Vec<Tag>>| {
        let create = sim.iam().create_role().role_name("atlas").set_tags(tags);
        create.assume_role_policy_document(Sim::trust("x").to_string()).send()
    };
    assert!(aws_message(create(Some(vec![tag])).await).contains("perform: iam:TagRole on resource: arn:"));
    assert_eq!(aws_code(create(None).await), "");
}

#[tokio::test]
async fn kms_asks_the_key_policy_and_the_caller() {
    let rights = json!([
        { "Effect": "Allow", "Action": ["kms:DescribeKey", "kms:ListKeys"], "Resource": "*" },
        { "Effect": "Allow", "Action": "kms:CreateAlias", "Resource": GOOD_KEY },
    ]);
    let sim = start_with_rights(&rights, None).await;
    let kms = sim.kms();
    assert!(kms.describe_key().key_id(GOOD_ID).send().await.is_ok());
    let read = || kms.get_key_policy().key_id(GOOD_ID).send();
    assert_eq!(
        aws_message(read().await),
        refusal(
            "kms:GetKeyPolicy",
            GOOD_KEY,
            "because no identity-based policy allows the kms:GetKeyPolicy action"
        )
    );
    let refused = read().await.unwrap_err();
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 400);
    assert_eq!(aws_code(Err::<(), _>(refused)), "AccessDeniedException");
    assert_eq!(aws_code(kms.create_key().send().await), "AccessDeniedException");
    assert_eq!(aws_code(kms.list_aliases().send().await), "AccessDeniedException");
    // The right to the key alone isn't enough: the alias is asked about too.
    let alias = kms.create_alias().alias_name("alias/mine").target_key_id(GOOD_ID);
    assert_eq!(
        aws_message(alias.send().await),
        refusal(
            "kms:CreateAlias",
            "arn:aws:kms:us-east-1:111122223333:alias/mine",
            "because no identity-based policy allows the kms:CreateAlias action"
        )
    );

    sim.control.edit(|world| {
        let key = world.aws.key_mut(GOOD_KEY).unwrap();
        key.policy
            .change(|text| *text = text.replace(":root", ":role/other"), 0);
    });
    assert_eq!(
        aws_message(kms.describe_key().key_id(GOOD_ID).send().await),
        refusal(
            "kms:DescribeKey",
            GOOD_KEY,
            "because no resource-based policy allows the kms:DescribeKey action"
        )
    );
}

#[tokio::test]
async fn encrypting_proves_the_right_to() {
    let sim = start_with_rights(&all(), None).await;
    let encrypt = |key: &str, dry: bool| {
        let text = aws_sdk_kms::primitives::Blob::new("text");
        sim.kms().encrypt().key_id(key).plaintext(text).dry_run(dry).send()
    };
    assert!(encrypt(GOOD_KEY, false).await.unwrap().ciphertext_blob.is_some());
    assert_eq!(aws_code(encrypt(GOOD_KEY, true).await), "DryRunOperationException");
    assert_eq!(
        aws_code(encrypt("alias/legacy-exports", true).await),
        "DisabledException"
    );
    assert_eq!(
        aws_code(encrypt("alias/old-warehouse", true).await),
        "KMSInvalidStateException"
    );
    assert_eq!(
        aws_code(encrypt("alias/release-signing", true).await),
        "InvalidKeyUsageException"
    );
    let scp = json!({ "Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*" });
    let sim = start_with_rights(&all(), Some(&scp)).await;
    let text = aws_sdk_kms::primitives::Blob::new("text");
    let refused = sim
        .kms()
        .encrypt()
        .key_id(GOOD_KEY)
        .plaintext(text)
        .dry_run(true)
        .send()
        .await;
    assert!(aws_message(refused).ends_with("with an explicit deny in a service control policy"));
}

/// Sets all up in an account of an organization with rules, and tells what Atlas answers to the key.
async fn answer_of_atlas(rules: &str) -> (u16, String) {
    let sim = start_with(&format!("{SETTLED}\n[aws]\n{rules}")).await;
    let (id, external_id) = sim.access_role().await;
    let arn = sim.create_role("atlas", &Sim::trust(&external_id)).await;
    sim.permit("atlas", &permission(GOOD_KEY)).await;
    let authorized = sim.authorize(&id, &arn).await;
    if authorized.status != 200 {
        return (authorized.status, authorized.code().to_owned());
    }
    let enabled = sim.enable(&id, GOOD_KEY).await;
    (enabled.status, enabled.code().to_owned())
}

#[tokio::test]
async fn an_organizations_policies_bind_atlas_too() {
    let deny = |action: &str, condition: &Value| {
        policy(&json!([
            all(),
            { "Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*", "Condition": condition },
        ]))
    };
    let outside = json!({ "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" } });
    let scp = format!("scp = ['''{}''']", deny("kms:Decrypt", &outside));
    assert_eq!(
        answer_of_atlas(&scp).await,
        (400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT".to_owned())
    );
    let strangers = json!({ "StringNotEquals": { "aws:PrincipalAccount": "111122223333" } });
    let rcp = format!("rcp = ['''{}''']", deny("sts:AssumeRole", &strangers));
    assert_eq!(answer_of_atlas(&rcp).await, (400, "CANNOT_ASSUME_ROLE".to_owned()));
    let rcp = format!("rcp = ['''{}''']", deny("kms:*", &strangers));
    assert_eq!(answer_of_atlas(&rcp).await, (200, String::new()));
}

#[tokio::test]
async fn a_key_may_be_open_to_an_organization() {
    let open_to = |organization: &str| {
        let statement = json!([
            { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:role/PlatformEngineer" }, "Action": "kms:*", "Resource": "*" },
            {
                "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*",
                "Condition": { "StringEquals": { "aws:PrincipalOrgID": organization } },
            },
        ]);
        policy(&statement)
    };
    let sim = start_with(&format!("{SETTLED}\n[aws]\norganization = \"o-ours\"")).await;
    let (id, external_id) = sim.access_role().await;
    let arn = sim.create_role("atlas", &Sim::trust(&external_id)).await;
    assert_eq!(sim.authorize(&id, &arn).await.status, 200);
    let put = async |policy: String| {
        let put = sim.kms().put_key_policy().key_id(GOOD_KEY).policy(policy);
        put.send().await.unwrap();
    };
    put(open_to("o-theirs")).await;
    sim.enable(&id, GOOD_KEY)
        .await
        .expect(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT");
    put(open_to("o-ours")).await;
    assert_eq!(sim.enable(&id, GOOD_KEY).await.status, 200);
}
