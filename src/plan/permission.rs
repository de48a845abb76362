//! What an IAM role's policies say about Atlas and the key, also where one of the two is still to be created.

use ipnet::IpNet;
use jiff::Timestamp;

use crate::domain::access_role::AccessRole;
use crate::domain::arn::KeyArn;
use crate::domain::iam_role::{IamRole, IamRoleDetail};
use crate::domain::key::Key;
use crate::domain::policy::{self, Arrival, KeyAccess, KeyPolicy, KeySide, PolicyDocument, Verdict};
use crate::domain::region::Region;
use crate::observe::{Fetched, ObservedState};

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

/// From where and when Atlas comes, as far as it was observed.
pub(crate) struct Surroundings {
    control_plane: Option<Vec<IpNet>>,
    nodes: Option<Vec<IpNet>>,
    private: bool,
    now: Option<Timestamp>,
}

impl Surroundings {
    /// Gathers what is observed.
    pub(crate) fn of(observed: &ObservedState) -> Self {
        let nodes = observed.node_addresses.known();
        let setting = observed.setting.known();
        Self {
            control_plane: observed.control_plane.known().cloned(),
            nodes: nodes.map(|nodes| nodes.iter().flat_map(|node| node.addresses.iter().copied()).collect()),
            private: setting.is_some_and(|setting| setting.aws.require_private_networking == Some(true)),
            now: observed.at,
        }
    }

    /// Returns it as the judgement takes it.
    pub(crate) fn arrival(&self) -> Arrival<'_> {
        Arrival {
            control_plane: self.control_plane.as_deref(),
            nodes: self.nodes.as_deref(),
            private: self.private,
            now: self.now,
        }
    }
}

/// Returns a key with its policy and grants, as far as they were observed.
pub(crate) fn key_side<'a>(observed: &'a ObservedState, key: &'a Key) -> KeySide<'a> {
    let policy = observed.key_policy.as_ref().filter(|lookup| lookup.of == key.arn);
    let policy = match policy.map(|lookup| &lookup.found) {
        Some(Fetched::Known(Some(policy))) => KeyPolicy::Known(policy),
        Some(Fetched::Known(None)) => KeyPolicy::Unread("KMS doesn't find it"),
        Some(Fetched::Failed(problem)) => KeyPolicy::Unread(&problem.message),
        Some(Fetched::Looking | Fetched::NotLooked) | None => {
            let operator = observed.aws_identity.known().map(|identity| identity.account.as_str());
            KeyPolicy::Unread(if operator.is_some_and(|account| account != key.arn.account()) {
                "the key belongs to another account"
            } else {
                "it wasn't looked at"
            })
        }
    };
    let grants = observed.key_grants.as_ref().filter(|lookup| lookup.of == key.arn);
    KeySide {
        arn: key.arn.as_str(),
        key: Some(key),
        policy,
        grants: grants.and_then(|lookup| lookup.found.known()?.as_deref()),
    }
}
