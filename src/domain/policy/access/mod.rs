//! Whether Atlas gets in: one judgement from trust policy, role policies, boundary, key, key policy and grants.
//!
//! After "Policy evaluation logic" of the IAM user guide and "Key policies in AWS KMS":
//!
//! - An explicit Deny wins, wherever it stands.
//! - One account: the key policy may let the IAM role in by itself, or let IAM decide (a statement for the account); only
//!   then the role's policies count. A permissions boundary limits the role's policies and what a key policy gives to the
//!   role's ARN, but not what it gives to everyone.
//! - Two accounts: key policy and role's policies must both allow, within the boundary.
//! - Policies of an organization (SCP, RCP) can't be read from an account: they are nowhere in here.

mod door;
mod key;
mod obstacle;
mod side;

#[cfg(test)]
mod documented;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod world;

use ipnet::IpNet;
use jiff::Timestamp;

use super::PolicyDocument;
use super::addresses;
use super::context::Origin;
use super::edit::trust_statement;
use super::evaluate::Verdict;
use super::trust::trust_verdict_from;
use crate::domain::iam_role::IamRoleDetail;
use crate::domain::key::{Grant, Key};

pub use obstacle::{Access, Obstacle, Place};

/// Atlas's half of the trust, as the access role names it.
#[derive(Clone, Copy, Debug)]
pub struct AtlasSide<'a> {
    /// Its principal: an account's root.
    pub principal: &'a str,
    /// What the trust policy must demand.
    pub external_id: &'a str,
}

/// A key with all that decides who may use it.
#[derive(Clone, Copy, Debug)]
pub struct KeySide<'a> {
    /// Its ARN.
    pub arn: &'a str,
    /// What KMS says of it; `None` where it wasn't read or isn't created yet.
    pub key: Option<&'a Key>,
    /// Its key policy; the default one where the key isn't created yet.
    pub policy: KeyPolicy<'a>,
    /// Its grants, where they could be read.
    pub grants: Option<&'a [Grant]>,
}

/// A key policy, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub enum KeyPolicy<'a> {
    /// The document.
    Known(&'a PolicyDocument),
    /// It isn't known, for this reason: a fragment such as `it belongs to account 444455556666`.
    Unread(&'a str),
}

/// From where and when Atlas comes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arrival<'a> {
    /// The control plane's networks: it assumes the IAM role and uses the key.
    pub control_plane: Option<&'a [IpNet]>,
    /// The nodes' networks: they use the key.
    pub nodes: Option<&'a [IpNet]>,
    /// Whether the key may be reached over private networking only.
    pub private: bool,
    /// When.
    pub now: Option<Timestamp>,
}

impl KeySide<'_> {
    /// Judges whether the key's own side lets an IAM role in, whatever the role's policies say: the key policy by naming
    /// it or its account, or a grant.
    pub fn lets_in(&self, iam_role: &str, arrival: Arrival<'_>) -> Access {
        let documents: &[_] = match &self.policy {
            KeyPolicy::Known(policy) => &[*policy],
            KeyPolicy::Unread(_) => &[],
        };
        key::in_reach(iam_role, self).and(|| {
            arrival.everywhere(documents, arrival.of_key_use(), |origin| {
                door::opens(iam_role, self, origin)
            })
        })
    }
}

impl Arrival<'_> {
    /// Returns the networks that use the key, if all are known.
    fn of_key_use(&self) -> Option<Vec<IpNet>> {
        match (self.control_plane, self.nodes) {
            (Some(control_plane), Some(nodes)) => Some([control_plane, nodes].concat()),
            _ => None,
        }
    }

    /// Judges for each address that Atlas comes from, where a document asks for the address at all. All must get in.
    fn everywhere(
        &self,
        documents: &[&PolicyDocument],
        networks: Option<Vec<IpNet>>,
        judge: impl Fn(Origin<'_>) -> Access,
    ) -> Access {
        let now = self.now.map(|now| now.to_string());
        let mut origin = Origin {
            network: None,
            private: self.private,
            now: now.as_deref(),
        };
        let from_somewhere = judge(origin);
        let (Some(ranges), Some(networks)) = (addresses::ranges(documents.iter().copied()), networks) else {
            return from_somewhere;
        };
        if matches!(from_somewhere, Access::Stopped(_)) || origin.private || networks.is_empty() {
            return from_somewhere;
        }
        let (mut stopped, mut unknown, mut missing) = (None, None, Vec::new());
        for piece in networks
            .into_iter()
            .flat_map(|network| addresses::pieces(network, &ranges))
        {
            origin.network = Some(piece);
            match judge(origin) {
                Access::GetsIn => {}
                Access::Unknown(obstacle) => _ = unknown.get_or_insert(obstacle),
                Access::Stopped(obstacle) => {
                    stopped.get_or_insert(obstacle);
                    if !missing.contains(&piece) {
                        missing.push(piece);
                    }
                }
            }
        }
        match (stopped, unknown) {
            (Some(obstacle), _) => Access::Stopped(obstacle.for_addresses(missing)),
            (None, Some(obstacle)) => Access::Unknown(obstacle),
            (None, None) => Access::GetsIn,
        }
    }
}

/// All that decides whether Atlas gets in.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Atlas's half of the trust; `None` where the access role isn't created yet: then the trust isn't judged.
    pub atlas: Option<AtlasSide<'a>>,
    /// The IAM role.
    pub role: &'a IamRoleDetail,
    /// The key; `None`: the trust alone is judged.
    pub key: Option<KeySide<'a>>,
    /// From where and when.
    pub arrival: Arrival<'a>,
}

impl Entry<'_> {
    /// Judges whether Atlas gets in: what stops it comes before what isn't known, the trust before the key.
    pub fn judge(&self) -> Access {
        self.trust().and(|| self.key_use())
    }

    /// Judges whether Atlas may assume the IAM role.
    pub fn trust(&self) -> Access {
        let Some(atlas) = self.atlas else {
            return Access::GetsIn;
        };
        let networks = self.arrival.control_plane.map(<[_]>::to_vec);
        let trust = &self.role.role.trust;
        self.arrival
            .everywhere(&[trust], networks, |origin| self.trust_from(atlas, origin))
    }

    /// Judges whether a session of the IAM role may do the three actions on the key.
    pub fn key_use(&self) -> Access {
        let Some(key) = self.key else {
            return Access::GetsIn;
        };
        let networks = self.arrival.of_key_use();
        let role = self.role.policies().filter_map(|policy| policy.document.as_ref());
        let mut documents: Vec<_> = role.chain(&self.role.boundary_document).collect();
        if let KeyPolicy::Known(policy) = key.policy {
            documents.push(policy);
        }
        key::in_reach(self.role.role.arn.as_str(), &key)
            .and(|| key::stands(&key))
            .and(|| {
                self.arrival
                    .everywhere(&documents, networks, |origin| key::used(self.role, &key, origin))
            })
    }

    fn trust_from(&self, atlas: AtlasSide<'_>, origin: Origin<'_>) -> Access {
        let role = &self.role.role;
        let obstacle = |statement: Option<serde_json::Value>, why: String, fix: String| Obstacle {
            place: Place::TrustPolicy(role.name.clone()),
            statement,
            why,
            fix,
            hand_over: trust_statement(atlas.principal, atlas.external_id).ok(),
            addresses: Vec::new(),
        };
        match trust_verdict_from(&role.trust, atlas.principal, atlas.external_id, origin) {
            Verdict::Allowed => Access::GetsIn,
            Verdict::Denied { statement, why } => Access::Stopped(obstacle(
                Some(statement),
                why,
                "take that Deny out of the trust policy, or except Atlas's principal from it".to_owned(),
            )),
            Verdict::NotAllowed { nearest, why } => Access::Stopped(obstacle(
                nearest,
                why,
                format!(
                    "let the trust policy allow {} with external ID {}",
                    atlas.principal, atlas.external_id
                ),
            )),
            Verdict::Unknown { why, statement } => Access::Unknown(obstacle(
                statement,
                why,
                "Atlas's authorization of the IAM role is the proof".to_owned(),
            )),
        }
    }
}
