//! Who the operator is.

use crate::domain::arn;
use crate::domain::aws_identity::AwsIdentity;

use super::{Aws, Error};

impl Aws {
    /// Returns account, principal and partition (`GetCallerIdentity`, which needs no permission), with the account's
    /// alias if it may be read (`ListAccountAliases`).
    pub async fn identity(&self) -> Result<AwsIdentity, Error> {
        let (identity, aliases) = tokio::join!(
            self.sts.get_caller_identity().send(),
            self.iam.list_account_aliases().send()
        );
        let identity = identity.map_err(self.failed("STS", "GetCallerIdentity"))?;
        let (Some(account), Some(arn)) = (identity.account, identity.arn) else {
            return Err(self.unreadable("STS", "GetCallerIdentity", "the answer has no account or no ARN"));
        };
        let Some(partition) = arn::partition(&arn).map(str::to_owned) else {
            return Err(self.unreadable("STS", "GetCallerIdentity", format!("not an ARN: {arn}")));
        };
        // The first answer stays: the identity can't change under a client.
        let _ = self.caller.set(arn.clone());
        Ok(AwsIdentity {
            account,
            account_alias: aliases
                .ok()
                .and_then(|answer| answer.account_aliases.into_iter().next()),
            arn,
            partition,
        })
    }
}
