//! `SimulatePrincipalPolicy`: what IAM foretells, and what it can't know.

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult};
use serde_json::{Value, json};

use super::support::{GOOD_KEY, SETTLED, Sim, aws_code, aws_message, start_with};

const OPERATOR: &str = "arn:aws:iam::111122223333:role/PlatformEngineer";

async fn start_with_rights(permissions: &Value, scp: Option<&Value>) -> Sim {
    let policy = |statement: &Value| json!({ "Version": "2012-10-17", "Statement": statement });
    let permissions = policy(permissions);
    let scp = scp
        .map(|scp| format!("scp = ['''{}''']", policy(scp)))
        .unwrap_or_default();
    start_with(&format!("{SETTLED}\n[aws]\npermissions = ['''{permissions}''']\n{scp}")).await
}

fn decisions(results: &[EvaluationResult]) -> Vec<(&str, &str, &str)> {
    results
        .iter()
        .map(|result| {
            (
                result.eval_action_name.as_str(),
                result.eval_resource_name().unwrap_or_default(),
                result.eval_decision.as_str(),
            )
        })
        .collect()
}

#[tokio::test]
async fn each_action_is_judged_on_each_resource() {
    let rights = json!([
        { "Effect": "Allow", "Action": ["iam:*", "kms:CreateAlias"], "Resource": "*" },
        { "Effect": "Deny", "Action": "iam:CreateRole", "NotResource": "arn:aws:iam::111122223333:role/atlas-*" },
    ]);
    let sim = start_with_rights(&rights, None).await;
    let roles = [
        "arn:aws:iam::111122223333:role/atlas-orders",
        "arn:aws:iam::111122223333:role/other",
    ];
    let answer = sim
        .iam()
        .simulate_principal_policy()
        .policy_source_arn(OPERATOR)
        .action_names("iam:CreateRole")
        .action_names("kms:CreateKey")
        .set_resource_arns(Some(roles.map(str::to_owned).to_vec()))
        .send()
        .await
        .unwrap();
    assert_eq!(
        decisions(answer.evaluation_results()),
        [
            ("iam:CreateRole", roles[0], "allowed"),
            ("iam:CreateRole", roles[1], "explicitDeny"),
            ("kms:CreateKey", roles[0], "implicitDeny"),
            ("kms:CreateKey", roles[1], "implicitDeny"),
        ]
    );
    assert!(!answer.is_truncated);
}

#[tokio::test]
async fn an_organizations_rules_are_foretold() {
    let rights = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let scp = json!({ "Effect": "Allow", "NotAction": "kms:CreateKey", "Resource": "*" });
    let sim = start_with_rights(&rights, Some(&scp)).await;
    let answer = sim
        .iam()
        .simulate_principal_policy()
        .policy_source_arn(OPERATOR)
        .action_names("kms:CreateKey")
        .action_names("iam:CreateRole")
        .send()
        .await
        .unwrap();
    let results = answer.evaluation_results();
    assert_eq!(
        decisions(results),
        [
            ("kms:CreateKey", "*", "implicitDeny"),
            ("iam:CreateRole", "*", "allowed")
        ]
    );
    let allowed: Vec<bool> = results
        .iter()
        .map(|result| result.organizations_decision_detail().unwrap().allowed_by_organizations)
        .collect();
    assert_eq!(allowed, [false, true]);
}

#[tokio::test]
async fn what_the_answer_depends_on_can_be_given_or_is_told() {
    let rights = json!([
        { "Effect": "Allow", "Action": "iam:SimulatePrincipalPolicy", "Resource": "*" },
        {
            "Effect": "Allow", "Action": "iam:CreateRole", "Resource": "*",
            "Condition": { "StringEquals": { "aws:RequestTag/owner": "orders" } },
        },
    ]);
    let sim = start_with_rights(&rights, None).await;
    let ask = async |owner: Option<&str>| {
        let entry = owner.map(|owner| {
            let entry = ContextEntry::builder().context_key_name("aws:RequestTag/owner");
            vec![
                entry
                    .context_key_type(ContextKeyTypeEnum::String)
                    .context_key_values(owner)
                    .build(),
            ]
        });
        let ask = sim.iam().simulate_principal_policy().policy_source_arn(OPERATOR);
        let answer = ask.action_names("iam:CreateRole").set_context_entries(entry);
        let results = answer.send().await.unwrap().evaluation_results.unwrap();
        (
            results[0].eval_decision.as_str().to_owned(),
            results[0].missing_context_values().to_vec(),
        )
    };
    assert_eq!(
        ask(None).await,
        ("implicitDeny".to_owned(), vec!["aws:requesttag/owner".to_owned()])
    );
    assert_eq!(ask(Some("orders")).await, ("allowed".to_owned(), Vec::new()));
    assert_eq!(ask(Some("billing")).await, ("implicitDeny".to_owned(), Vec::new()));
}

#[tokio::test]
async fn a_role_is_judged_by_its_own_policies_and_never_by_a_key_policy() {
    let rights = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let sim = start_with_rights(&rights, None).await;
    let foretold = async |role: &str| {
        let ask = sim.iam().simulate_principal_policy().policy_source_arn(role);
        let answer = ask.action_names("kms:Encrypt").resource_arns(GOOD_KEY).send().await;
        answer.unwrap().evaluation_results.unwrap()[0]
            .eval_decision
            .as_str()
            .to_owned()
    };
    assert_eq!(
        foretold("arn:aws:iam::111122223333:role/team/data/data-platform").await,
        "allowed"
    );
    sim.control.edit(|world| {
        let key = world.aws.key_mut(GOOD_KEY).unwrap();
        key.policy
            .change(|text| *text = text.replace(":root", ":role/orders-api-task"), 0);
    });
    assert_eq!(
        foretold("arn:aws:iam::111122223333:role/team/data/data-platform").await,
        "allowed"
    );
    assert_eq!(
        foretold("arn:aws:iam::111122223333:role/orders-api-task").await,
        "implicitDeny"
    );
}

#[tokio::test]
async fn answers_come_in_pages() {
    let rights = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let sim = start_with_rights(&rights, None).await;
    let resources: Vec<String> = (0..5).map(|n| format!("arn:aws:iam::111122223333:role/r{n}")).collect();
    let ask = sim.iam().simulate_principal_policy().policy_source_arn(OPERATOR);
    let ask = ask
        .action_names("iam:GetRole")
        .set_resource_arns(Some(resources.clone()));
    let mut pages = ask.max_items(2).into_paginator().send();
    let (mut seen, mut count) = (Vec::new(), 0);
    while let Some(page) = pages.next().await {
        let results = page.unwrap().evaluation_results.unwrap();
        seen.extend(results.into_iter().map(|result| result.eval_resource_name.unwrap()));
        count += 1;
    }
    assert_eq!((seen, count), (resources, 3));
}

#[tokio::test]
async fn it_can_be_forbidden_and_wants_a_principal_that_is_there() {
    let nothing = json!({ "Effect": "Allow", "Action": "sts:*", "Resource": "*" });
    let sim = start_with_rights(&nothing, None).await;
    let ask = |sim: &Sim, source: &str, action: &str| {
        let ask = sim.iam().simulate_principal_policy().policy_source_arn(source);
        ask.action_names(action).send()
    };
    let message = aws_message(ask(&sim, OPERATOR, "iam:GetRole").await);
    assert!(
        message.ends_with(&format!(
            "iam:SimulatePrincipalPolicy on resource: {OPERATOR} because no identity-based policy allows the \
             iam:SimulatePrincipalPolicy action"
        )),
        "{message}"
    );

    let all = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let sim = start_with_rights(&all, None).await;
    for (source, action, code) in [
        (
            "arn:aws:sts::111122223333:assumed-role/PlatformEngineer/dana",
            "iam:GetRole",
            "InvalidInput",
        ),
        ("arn:aws:iam::111122223333:role/nobody", "iam:GetRole", "NoSuchEntity"),
        (OPERATOR, "GetRole", "InvalidInput"),
    ] {
        assert_eq!(aws_code(ask(&sim, source, action).await), code, "{source} {action}");
    }
}
