//! What bounds the operator: the account's quotas, and what IAM's simulation allows.

use std::collections::BTreeMap;

use aws_sdk_iam::config::retry::RetryConfig;
use aws_sdk_iam::types::{EvaluationResult, PolicyEvaluationDecisionType, SummaryKeyType};
use futures::future::try_join_all;

use super::{Aws, Error};
use crate::domain::arn;
use crate::domain::aws_identity::PolicyQuotas;
use crate::domain::permission::{NeededPermission, SimulatedPermission};

const SIMULATE: &str = "SimulatePrincipalPolicy";

impl Aws {
    /// Returns the account's quotas on policy documents (`GetAccountSummary`).
    pub async fn policy_quotas(&self) -> Result<PolicyQuotas, Error> {
        const OPERATION: &str = "GetAccountSummary";
        let answer = self.iam.get_account_summary().send().await;
        let summary = answer
            .map_err(self.failed("IAM", OPERATION))?
            .summary_map
            .unwrap_or_default();
        let quota = |key: SummaryKeyType| {
            let quota = summary.get(&key).and_then(|quota| usize::try_from(*quota).ok());
            quota.ok_or_else(|| self.unreadable("IAM", OPERATION, format!("the answer has no {}", key.as_str())))
        };
        Ok(PolicyQuotas {
            inline: quota(SummaryKeyType::RolePolicySizeQuota)?,
            trust: quota(SummaryKeyType::AssumeRolePolicySizeQuota)?,
        })
    }

    /// Returns what IAM says of the caller's permissions, in the order that they were asked in
    /// (`SimulatePrincipalPolicy`; `GetRole` for the path of the caller's IAM role, `GetCallerIdentity` if nobody asked yet).
    ///
    /// A hint, asked once and never again: it judges the caller's own policies, not those of a key.
    pub async fn simulate(&self, needed: &[NeededPermission]) -> Result<Vec<SimulatedPermission>, Error> {
        let caller = match self.caller.get() {
            Some(caller) => caller.clone(),
            None => self.identity().await?.arn,
        };
        let source = self.policy_source(&caller).await;
        // IAM takes no actions together that differ in what they need to be judged by.
        let mut groups: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for permission in needed {
            let service = permission.action.split(':').next().unwrap_or_default();
            let group = groups.entry((service, &permission.resource)).or_default();
            group.push(&permission.action);
        }
        let mut asked = Vec::new();
        for ((_, resource), actions) in &groups {
            asked.push(self.simulate_group(&source, resource, actions));
        }
        let answers: Vec<SimulatedPermission> = try_join_all(asked).await?.into_iter().flatten().collect();
        let in_order = needed.iter().map(|needed| {
            let answer = answers.iter().find(|answer| answer.needed == *needed).cloned();
            answer.ok_or_else(|| self.unreadable("IAM", SIMULATE, format!("nothing is said of {}", needed.action)))
        });
        in_order.collect()
    }

    async fn simulate_group(
        &self,
        source: &str,
        resource: &str,
        actions: &[&str],
    ) -> Result<Vec<SimulatedPermission>, Error> {
        let mut all = Vec::new();
        let mut marker = None;
        loop {
            let mut request = self.iam.simulate_principal_policy().policy_source_arn(source);
            if resource != "*" {
                request = request.resource_arns(resource);
            }
            for action in actions {
                request = request.action_names(*action);
            }
            let once = aws_sdk_iam::config::Builder::new().retry_config(RetryConfig::disabled());
            let request = request.set_marker(marker.take()).customize().config_override(once);
            let answer = request.send().await.map_err(self.failed("IAM", SIMULATE))?;
            all.extend(answer.evaluation_results().iter().map(|result| SimulatedPermission {
                needed: NeededPermission {
                    action: result.eval_action_name.clone(),
                    resource: resource.to_owned(),
                },
                allowed: result.eval_decision == PolicyEvaluationDecisionType::Allowed,
                decision: decision(result),
            }));
            marker = answer.marker;
            if !answer.is_truncated || marker.is_none() {
                return Ok(all);
            }
        }
    }

    /// Returns whose policies are to be simulated: of a session those of its IAM role, path included where it can be read.
    async fn policy_source(&self, caller: &str) -> String {
        let Some((partition, account, name)) = assumed_role(caller) else {
            return caller.to_owned();
        };
        match self.get_role(name).await {
            Ok(role) => role.arn.to_string(),
            Err(_) => format!("arn:{partition}:iam::{account}:role/{name}"),
        }
    }
}

/// Returns partition, account and role name of a session: `arn:aws:sts::111122223333:assumed-role/name/session`.
fn assumed_role(caller: &str) -> Option<(&str, &str, &str)> {
    let (_, resource) = caller.rsplit_once(":assumed-role/")?;
    Some((
        arn::partition(caller)?,
        arn::account(caller)?,
        resource.split('/').next()?,
    ))
}

/// Says IAM's decision, and what kind of policy made it where IAM tells.
fn decision(result: &EvaluationResult) -> String {
    let word = result.eval_decision.as_str();
    let organization = result.organizations_decision_detail.as_ref();
    let boundary = result.permissions_boundary_decision_detail.as_ref();
    if result.eval_decision == PolicyEvaluationDecisionType::Allowed {
        word.to_owned()
    } else if organization.is_some_and(|detail| !detail.allowed_by_organizations) {
        format!("{word}: a service control policy of the organization")
    } else if boundary.is_some_and(|detail| !detail.allowed_by_permissions_boundary) {
        format!("{word}: the permissions boundary")
    } else {
        let mut statements = result.matched_statements().iter();
        match statements.find_map(|statement| statement.source_policy_id()) {
            Some(policy) => format!("{word}: policy {policy}"),
            None => word.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_of_an_iam_role() {
        assert_eq!(
            assumed_role("arn:aws-us-gov:sts::111122223333:assumed-role/Platform/ada"),
            Some(("aws-us-gov", "111122223333", "Platform"))
        );
        assert_eq!(assumed_role("arn:aws:iam::111122223333:user/ada"), None);
    }
}
