//! A step of a plan, and the values that steps hand on.
//!
//! - `action`: the kinds of step
//! - `words`: what each says of itself
//! - `request`: what each sends

mod action;
mod request;
mod words;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::policy::{PolicyDocument, PolicyError};
use crate::problem::Problem;

pub use action::{Action, TrustMend, merge_keys};
pub use request::{Request, atlas_key, role_description, with_project_tag};
pub use words::Undo;

/// A step's name, stable between plans: `create-key`, `encrypt-cluster:orders`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(String);

impl StepId {
    /// Returns a step's name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Returns it as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A value that a step brings about and later steps need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// The access role's ID, from Atlas.
    AccessRoleId,
    /// The principal that the trust policy names, from Atlas.
    AtlasPrincipal,
    /// The external ID that the trust policy demands, from Atlas.
    ExternalId,
    /// The IAM role's ARN, from IAM.
    IamRoleArn,
    /// The key's ARN, from KMS; its ID is in it.
    KeyArn,
}

impl Output {
    /// Returns what the value is, in the field's words.
    pub fn noun(self) -> &'static str {
        match self {
            Self::AccessRoleId => "access role ID",
            Self::AtlasPrincipal => "Atlas's AWS principal",
            Self::ExternalId => "external ID",
            Self::IamRoleArn => "IAM role ARN",
            Self::KeyArn => "key ARN",
        }
    }
}

/// The values that the steps done so far have brought about.
pub type Outputs = BTreeMap<Output, String>;

/// A value that is known, or known only after an earlier step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// Known now.
    Known(String),
    /// Known after the step that brings it about.
    After(Output),
}

impl Slot {
    /// Returns the value, or what stands for it until it is known.
    pub fn show(&self) -> String {
        match self {
            Self::Known(value) => value.clone(),
            Self::After(output) => format!("<{}, known after apply>", output.noun()),
        }
    }

    /// Returns the value.
    ///
    /// # Errors
    /// The step that brings it about hasn't run: a fault of this program.
    pub fn resolve(&self, outputs: &Outputs) -> Result<String, Problem> {
        match self {
            Self::Known(value) => Ok(value.clone()),
            Self::After(output) => outputs
                .get(output)
                .cloned()
                .ok_or_else(|| Problem::internal(format!("the {} isn't known yet", output.noun()))),
        }
    }
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its name.
    pub id: StepId,
    /// What it does.
    pub action: Action,
    /// The steps that must be done before it.
    pub depends_on: Vec<StepId>,
}

impl From<PolicyError> for Problem {
    fn from(error: PolicyError) -> Self {
        Self::prerequisite(error.to_string()).hint("mend the policy document in AWS, or choose another IAM role or key")
    }
}

impl Step {
    /// Returns the values that it brings about.
    pub fn produces(&self) -> &'static [Output] {
        self.action.produces()
    }

    /// Returns the values that it needs and that an earlier step brings about.
    pub fn needs(&self) -> Vec<Output> {
        let mut action = self.action.clone();
        let unknown = action.slots_mut().into_iter().filter_map(|slot| match slot {
            Slot::Known(_) => None,
            Slot::After(output) => Some(*output),
        });
        unknown.collect()
    }

    /// Returns the document that it replaces and the one that it writes, for a step that writes a policy.
    pub fn policy_change(&self) -> Option<(Option<&PolicyDocument>, PolicyDocument)> {
        self.action.policy_change()
    }
}
