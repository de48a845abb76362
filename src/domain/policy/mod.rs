//! IAM policy documents, read and edited as JSON so that what we don't understand survives.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A policy document: a trust policy, a role's policy or a key policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyDocument(Value);
