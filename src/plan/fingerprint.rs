//! What a plan was based on, in one word.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::step::Step;

/// A digest over where and what a plan would change, and over the documents that it was planned from.
///
/// Two plans with the same fingerprint send the same requests to the same project and AWS account, and replace the same
/// documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Returns the fingerprint of steps on a project and in an AWS account.
    pub fn of(project_id: &str, account: &str, steps: &[Step]) -> Self {
        let mut digest = Sha256::new();
        digest.update(project_id);
        digest.update([0]);
        digest.update(account);
        for step in steps {
            digest.update([0]);
            digest.update(serde_json::to_vec(step).unwrap_or_default());
        }
        let bytes = digest.finalize();
        let mut word = String::with_capacity(16);
        for byte in bytes.iter().take(8) {
            let _ = write!(word, "{byte:02x}");
        }
        Self(word)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
