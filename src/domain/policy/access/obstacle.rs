//! What came of the judgement, and where it hangs.

use std::fmt;

use ipnet::IpNet;
use serde_json::Value;

use super::super::addresses::show;
use super::super::statement::{Effect, effect};
use crate::domain::text::some_of;

/// Whether Atlas gets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing that can be read stands in the way. A policy of the organization (SCP, RCP) still may.
    GetsIn,
    /// It doesn't.
    Stopped(Obstacle),
    /// It can't be known from here.
    Unknown(Obstacle),
}

impl Access {
    /// Returns what else stands in the way, if nothing does yet: the first stop, else the first that isn't known.
    #[must_use]
    pub fn and(self, next: impl FnOnce() -> Self) -> Self {
        match self {
            Self::GetsIn => next(),
            Self::Stopped(_) => self,
            Self::Unknown(_) => match next() {
                stopped @ Self::Stopped(_) => stopped,
                Self::GetsIn | Self::Unknown(_) => self,
            },
        }
    }

    /// Returns what it hangs on, if it isn't a plain yes.
    pub fn obstacle(&self) -> Option<&Obstacle> {
        match self {
            Self::GetsIn => None,
            Self::Stopped(obstacle) | Self::Unknown(obstacle) => Some(obstacle),
        }
    }
}

/// The first thing that stands in Atlas's way, or that it hangs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// Where it stands.
    pub place: Place,
    /// The statement, where it is one.
    pub statement: Option<Value>,
    /// Why: a fragment for the operator.
    pub why: String,
    /// What to do, or what would settle it: a fragment for the operator.
    pub fix: String,
    /// The statement that would let Atlas in, to hand to whoever owns the document.
    pub hand_over: Option<Value>,
    /// Atlas's addresses that are shut out, where only some are or where it is about addresses at all.
    pub addresses: Vec<IpNet>,
}

impl Obstacle {
    pub(super) fn for_addresses(self, addresses: Vec<IpNet>) -> Self {
        Self { addresses, ..self }
    }

    /// Returns whether it is a statement that denies.
    pub fn is_deny(&self) -> bool {
        self.statement
            .as_ref()
            .is_some_and(|statement| effect(statement) == Effect::Deny)
    }

    /// Returns the addresses that are shut out in one line: the first ones and how many more.
    pub fn shut_out(&self) -> Option<String> {
        let all: Vec<_> = self.addresses.iter().map(|network| show(*network)).collect();
        (!all.is_empty()).then(|| some_of(&all))
    }
}

/// `the key policy of …: why, the addresses, the statement`. The text holds foreign words: it is made safe where it is
/// shown.
impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.why)?;
        if let Some(addresses) = self.shut_out() {
            write!(f, " (Atlas calls from {addresses})")?;
        }
        match &self.statement {
            Some(statement) => write!(f, ": {statement}"),
            None => Ok(()),
        }
    }
}

/// Where something stands in Atlas's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The trust policy of the IAM role with this name.
    TrustPolicy(String),
    /// An inline policy of an IAM role.
    InlinePolicy {
        /// The policy's name.
        policy: String,
        /// The IAM role's name.
        role: String,
    },
    /// An attached managed policy, by ARN.
    ManagedPolicy(String),
    /// The policies of the IAM role with this name, none in particular.
    RolePolicies(String),
    /// A permissions boundary, by ARN.
    Boundary(String),
    /// The key policy of the key with this ARN.
    KeyPolicy(String),
    /// The key itself, by ARN.
    Key(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TrustPolicy(role) => write!(f, "the trust policy of the IAM role {role}"),
            Self::InlinePolicy { policy, role } => write!(f, "the inline policy {policy} of the IAM role {role}"),
            Self::ManagedPolicy(arn) => write!(f, "the managed policy {arn}"),
            Self::RolePolicies(role) => write!(f, "the policies of the IAM role {role}"),
            Self::Boundary(arn) => write!(f, "the permissions boundary {arn}"),
            Self::KeyPolicy(arn) => write!(f, "the key policy of {arn}"),
            Self::Key(arn) => write!(f, "the key {arn}"),
        }
    }
}
