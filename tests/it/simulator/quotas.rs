//! What an account may have: read from it, and enforced by it.

use aws_sdk_iam::types::SummaryKeyType;
use serde_json::json;

use super::support::{GOOD_KEY, SETTLED, Sim, aws_code, aws_message, permission, start_with};

async fn start_with_quotas(quotas: &str) -> Sim {
    start_with(&format!("{SETTLED}\n[aws.quotas]\n{quotas}")).await
}

#[tokio::test]
async fn a_raised_quota_is_shown_and_holds() {
    let sim = start_with_quotas("trust_policy_size = 4096\nrole_policies_size = 500").await;
    let summary = sim
        .iam()
        .get_account_summary()
        .send()
        .await
        .unwrap()
        .summary_map
        .unwrap();
    assert_eq!(summary[&SummaryKeyType::from("AssumeRolePolicySizeQuota")], 4096);
    assert_eq!(summary[&SummaryKeyType::from("RolePolicySizeQuota")], 500);

    let trust = |ids: usize| {
        let mut trust = Sim::trust("x");
        let ids: Vec<String> = (0..ids).map(|number| format!("{number:0>36}")).collect();
        trust["Statement"][0]["Condition"]["StringEquals"]["sts:ExternalId"] = json!(ids);
        trust.to_string()
    };
    let update = async |ids: usize| {
        let update = sim.iam().update_assume_role_policy().role_name("data-platform");
        aws_message(update.policy_document(trust(ids)).send().await)
    };
    assert_eq!(update(90).await, "");
    assert_eq!(update(110).await, "Cannot exceed quota for ACLSizePerRole: 4096");

    let put = async |name: &str| {
        let put = sim.iam().put_role_policy().role_name("data-platform").policy_name(name);
        let mut policy = permission(GOOD_KEY);
        policy["Statement"][0]["Sid"] = json!("x".repeat(100));
        aws_message(put.policy_document(policy.to_string()).send().await)
    };
    assert_eq!(put("one").await, "");
    assert_eq!(
        put("two").await,
        "Maximum policy size of 500 bytes exceeded for role data-platform"
    );
}

#[tokio::test]
async fn an_account_has_so_many_roles() {
    let sim = start_with_quotas("roles = 5").await;
    let create = async |name: &str| {
        let create = sim.iam().create_role().role_name(name);
        aws_code(
            create
                .assume_role_policy_document(Sim::trust("x").to_string())
                .send()
                .await,
        )
    };
    assert_eq!(create("fifth").await, "");
    assert_eq!(create("sixth").await, "LimitExceeded");
}
