//! Who may do what in AWS, on a socket: quotas, the simulation of permissions, a key's policy and grants.

use std::collections::BTreeMap;

use atlas_cmk::aws::NewRole;
use atlas_cmk::domain::arn::KeyArn;
use atlas_cmk::domain::aws_identity::PolicyQuotas;
use atlas_cmk::domain::permission::NeededPermission;
use atlas_cmk::domain::policy::PolicyDocument;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::aws_wire::{ONE, arn, iam, kms, operation, role, role_arn};
use crate::support::server::{Seen, Server};

fn form(seen: &Seen) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(&seen.body).into_owned().collect()
}

fn denied() -> Response {
    let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>\
                <RequestId>r-2</RequestId></ErrorResponse>";
    (StatusCode::FORBIDDEN, body).into_response()
}

fn caller() -> Response {
    iam(
        "GetCallerIdentity",
        "<Arn>arn:aws:sts::111122223333:assumed-role/Platform/ada</Arn><UserId>AROA:ada</UserId>\
         <Account>111122223333</Account>",
    )
}

fn needed(action: &str, resource: &str) -> NeededPermission {
    NeededPermission {
        action: action.to_owned(),
        resource: resource.to_owned(),
    }
}

/// Says of each action that was asked what the test wants said.
fn simulated(seen: &Seen) -> Response {
    let asked = form(seen);
    let actions = asked.iter().filter(|(name, _)| name.starts_with("ActionNames.member."));
    let members = actions.map(|(_, action)| {
        let (decision, more) = match action.as_str() {
            "iam:CreateRole" => (
                "implicitDeny",
                "<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations>\
                 </OrganizationsDecisionDetail>",
            ),
            "kms:CreateKey" => (
                "explicitDeny",
                "<MatchedStatements><member><SourcePolicyId>NoKeys</SourcePolicyId></member></MatchedStatements>",
            ),
            _ => ("allowed", ""),
        };
        format!(
            "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>x</EvalResourceName>\
             <EvalDecision>{decision}</EvalDecision>{more}</member>"
        )
    });
    iam(
        "SimulatePrincipalPolicy",
        &format!(
            "<EvaluationResults>{}</EvaluationResults><IsTruncated>false</IsTruncated>",
            members.collect::<String>()
        ),
    )
}

#[tokio::test]
async fn the_policies_of_a_session_are_those_of_its_iam_role_with_its_path() {
    let server = Server::start(|seen, _| match operation(seen).as_str() {
        "GetCallerIdentity" => caller(),
        "GetRole" => iam(
            "GetRole",
            &format!(
                "<Role>{}</Role>",
                role("Platform", "/team/", &role_arn("/team/", "Platform"))
            ),
        ),
        "SimulatePrincipalPolicy" => simulated(seen),
        _ => denied(),
    })
    .await;
    let wanted = [
        needed("kms:CreateKey", "*"),
        needed("iam:CreateRole", &role_arn("/", "atlas-cmk")),
        needed("iam:PutRolePolicy", &role_arn("/", "atlas-cmk")),
    ];
    let aws = server.aws();
    aws.identity().await.unwrap();
    let said = aws.simulate(&wanted).await.unwrap();
    assert_eq!(
        said.iter().map(|said| &said.needed).collect::<Vec<_>>(),
        wanted.iter().collect::<Vec<_>>()
    );
    let decisions: Vec<_> = said.iter().map(|said| (said.allowed, said.decision.as_str())).collect();
    assert_eq!(
        decisions,
        [
            (false, "explicitDeny: policy NoKeys"),
            (false, "implicitDeny: a service control policy of the organization"),
            (true, "allowed"),
        ]
    );
    let seen = server.seen();
    let simulations: Vec<_> = seen
        .iter()
        .filter(|seen| operation(seen) == "SimulatePrincipalPolicy")
        .map(form)
        .collect();
    // One for what goes together, and no resource where there is none yet.
    assert_eq!(simulations.len(), 2);
    for simulation in &simulations {
        assert_eq!(simulation["PolicySourceArn"], role_arn("/team/", "Platform"));
        let of_kms = simulation["ActionNames.member.1"].starts_with("kms:");
        assert_eq!(simulation.contains_key("ResourceArns.member.1"), !of_kms);
    }
    // Who calls was known already.
    let identities = seen.iter().filter(|seen| operation(seen) == "GetCallerIdentity");
    assert_eq!(identities.count(), 1);
}

#[tokio::test]
async fn a_simulation_that_fails_is_never_asked_again() {
    let server = Server::start(|seen, _| match operation(seen).as_str() {
        "GetCallerIdentity" => caller(),
        "SimulatePrincipalPolicy" => (StatusCode::INTERNAL_SERVER_ERROR, "").into_response(),
        _ => denied(),
    })
    .await;
    let error = server
        .aws()
        .simulate(&[needed("kms:CreateKey", "*")])
        .await
        .unwrap_err();
    assert_eq!(error.operation, "SimulatePrincipalPolicy");
    let simulations: Vec<_> = server
        .seen()
        .into_iter()
        .filter(|seen| operation(seen) == "SimulatePrincipalPolicy")
        .collect();
    assert_eq!(simulations.len(), 1);
    // The path couldn't be read: the plain name is the best guess.
    assert_eq!(form(&simulations[0])["PolicySourceArn"], role_arn("/", "Platform"));
}

#[tokio::test]
async fn quotas_are_the_accounts_own_and_never_guessed() {
    let summary = |entries: &'static str| {
        Server::start(move |_, _| iam("GetAccountSummary", &format!("<SummaryMap>{entries}</SummaryMap>")))
    };
    let whole = summary(
        "<entry><key>RolePolicySizeQuota</key><value>10240</value></entry>\
         <entry><key>AssumeRolePolicySizeQuota</key><value>4096</value></entry>",
    )
    .await;
    let quotas = PolicyQuotas {
        inline: 10_240,
        trust: 4096,
    };
    assert_eq!(whole.aws().policy_quotas().await.unwrap(), quotas);
    let half = summary("<entry><key>RolePolicySizeQuota</key><value>10240</value></entry>").await;
    let error = half.aws().policy_quotas().await.unwrap_err();
    assert!(error.to_string().contains("AssumeRolePolicySizeQuota"), "{error}");
}

#[tokio::test]
async fn a_role_is_created_with_its_path_and_boundary_and_read_with_the_boundarys_document() {
    let boundary = "arn:aws:iam::111122223333:policy/Limits";
    let server = Server::start(move |seen, _| {
        let operation = operation(seen);
        let bounded = format!(
            "<Role>{}<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>\
             <PermissionsBoundaryArn>{boundary}</PermissionsBoundaryArn></PermissionsBoundary></Role>",
            role("new", "/team/", &role_arn("/team/", "new"))
        );
        match operation.as_str() {
            "CreateRole" | "GetRole" => iam(&operation, &bounded),
            "ListRolePolicies" => iam(&operation, "<PolicyNames/><IsTruncated>false</IsTruncated>"),
            "ListAttachedRolePolicies" => iam(&operation, "<AttachedPolicies/><IsTruncated>false</IsTruncated>"),
            "GetPolicy" => iam(&operation, "<Policy><DefaultVersionId>v1</DefaultVersionId></Policy>"),
            "GetPolicyVersion" => iam(
                &operation,
                "<PolicyVersion><Document>%7B%22Statement%22%3A%5B%5D%7D</Document></PolicyVersion>",
            ),
            _ => denied(),
        }
    })
    .await;
    let tags = BTreeMap::new();
    let new = NewRole {
        name: "new",
        path: "/team/",
        permissions_boundary: Some(boundary),
        trust: &PolicyDocument::from_value(json!({})),
        description: None,
        tags: &tags,
    };
    let created = server.aws().create_role(&new).await.unwrap();
    assert_eq!(
        (created.arn.path(), created.boundary.as_deref()),
        ("/team/", Some(boundary))
    );
    let sent = form(&server.seen()[0]);
    assert_eq!(
        (sent["Path"].as_str(), sent["PermissionsBoundary"].as_str()),
        ("/team/", boundary)
    );

    let detail = server.aws().role_detail("new").await.unwrap().unwrap();
    assert_eq!(detail.boundary_document.unwrap().value(), &json!({"Statement": []}));
}

#[tokio::test]
async fn grants_come_page_by_page_and_a_key_is_asked_for_in_its_own_region() {
    let grant = |to: &str, more: Value| {
        let mut grant = json!({"GrantId": "g", "Operations": ["Decrypt", "Encrypt"]});
        grant[to] = more;
        grant
    };
    let server = Server::start(move |seen, before| match (operation(seen).as_str(), before) {
        ("ListGrants", 0) => kms(
            200,
            &json!({"Grants": [grant("GranteePrincipal", json!("arn:aws:iam::111122223333:role/app"))],
                "Truncated": true, "NextMarker": "m"}),
        ),
        ("ListGrants", _) => {
            let mut constrained = grant("GranteePrincipal", json!("arn:aws:iam::111122223333:role/b"));
            constrained["Constraints"] = json!({"EncryptionContextSubset": {"a": "b"}});
            kms(200, &json!({"Grants": [constrained], "Truncated": false}))
        }
        ("GetKeyPolicy", _) => kms(200, &json!({"PolicyName": "default", "Policy": "{\"Statement\":[]}"})),
        _ => kms(200, &json!({})),
    })
    .await;
    let aws = server.aws();
    let key = KeyArn::parse(&arn(ONE).replace("us-east-1", "eu-west-1")).unwrap();
    let grants = aws.grants(&key).await.unwrap();
    let seen: Vec<_> = grants
        .iter()
        .map(|grant| (grant.grantee.as_str(), grant.constrained))
        .collect();
    assert_eq!(
        seen,
        [
            ("arn:aws:iam::111122223333:role/app", false),
            ("arn:aws:iam::111122223333:role/b", true)
        ]
    );
    assert_eq!(grants[0].operations, ["Decrypt", "Encrypt"]);

    let policy = aws.key_policy(&key).await.unwrap();
    aws.put_key_policy(&key, &policy).await.unwrap();
    aws.cancel_key_deletion(&key).await.unwrap();
    aws.enable_key(&key).await.unwrap();
    let seen = server.seen();
    let operations: Vec<_> = seen.iter().skip(2).map(operation).collect();
    assert_eq!(
        operations,
        ["GetKeyPolicy", "PutKeyPolicy", "CancelKeyDeletion", "EnableKey"]
    );
    for one in &seen {
        let body: Value = serde_json::from_slice(&one.body).unwrap();
        assert_eq!(body["KeyId"], key.as_str());
        assert!(one.header("authorization").unwrap().contains("/eu-west-1/kms/"));
        assert!(body.get("BypassPolicyLockoutSafetyCheck").is_none(), "{body}");
    }
}
