//! What an IAM role's policies say about Atlas and the key, also where one of the two is still to be created.

use crate::domain::access_role::AccessRole;
use crate::domain::arn::KeyArn;
use crate::domain::iam_role::{IamRole, IamRoleDetail};
use crate::domain::policy::{self, KeyAccess, PolicyDocument, Verdict};
use crate::domain::region::Region;

/// An external ID that no access role has.
const NO_EXTERNAL_ID: &str = "00000000-0000-0000-0000-000000000000";

/// Judges whether an IAM role lets Atlas assume it.
///
/// For an access role that is still to be created (`None`) a stand-in is asked for: it is never allowed, but it is
/// denied where everyone is.
pub(crate) fn trust_verdict(role: &IamRole, ours: Option<&AccessRole>, access_roles: &[AccessRole]) -> Verdict {
    if let Some(ours) = ours {
        return policy::trust_verdict(&role.trust, &ours.atlas_aws_account_arn, &ours.external_id);
    }
    let stand_in = format!("arn:{}:iam::000000000000:root", role.arn.partition());
    let principal = access_roles
        .first()
        .map_or(&stand_in, |known| &known.atlas_aws_account_arn);
    policy::trust_verdict(&role.trust, principal, NO_EXTERNAL_ID)
}

/// Judges whether an IAM role's policies allow the use of the key; for a key that is still to be created (`None`) a
/// stand-in of the role's account and the region is asked for.
pub(crate) fn key_access(detail: &IamRoleDetail, key: Option<&KeyArn>, region: Region) -> KeyAccess {
    let arn = &detail.role.arn;
    let stand_in = || {
        let (partition, account) = (arn.partition(), arn.account());
        format!("arn:{partition}:kms:{region}:{account}:key/{NO_EXTERNAL_ID}")
    };
    let key = key.map_or_else(stand_in, KeyArn::to_string);
    policy::key_access(&documents(detail), &key)
}

/// Returns the policies of an IAM role that could be read.
pub(crate) fn documents(detail: &IamRoleDetail) -> Vec<&PolicyDocument> {
    detail
        .policies()
        .filter_map(|policy| policy.document.as_ref())
        .collect()
}
