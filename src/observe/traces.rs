//! What earlier runs left behind, as their journal tells it: where observe has to look more closely.

use jiff::{SignedDuration, Timestamp};

use crate::domain::arn::KeyArn;

/// A key whose creation began and whose alias isn't there yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyTrace {
    /// The value of its marker tag.
    pub marker: String,
    /// Its ARN, if the answer came.
    pub arn: Option<KeyArn>,
    /// When the answer came.
    pub created: Option<Timestamp>,
}

impl KeyTrace {
    /// Returns whether the key must be there: KMS deletes none within a week (KMS API reference, `ScheduleKeyDeletion`).
    pub fn must_exist(&self, now: Timestamp) -> bool {
        const SHORTEST: SignedDuration = SignedDuration::from_hours(7 * 24);
        self.created
            .is_some_and(|created| now.duration_since(created) < SHORTEST)
    }
}

/// An access role whose creation began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRoleTrace {
    /// The IDs that were there before.
    pub known: Vec<String>,
    /// Its ID, if the answer came.
    pub role_id: Option<String>,
}

/// What earlier runs left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// The key.
    pub key: Option<KeyTrace>,
    /// The access role.
    pub access_role: Option<AccessRoleTrace>,
}
