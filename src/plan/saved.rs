//! A plan in a file: what `plan --out` saves and `apply --plan` carries out.

use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::planner::Plan;
use crate::problem::Problem;

/// The version of the form; another one can't be read.
const VERSION: u32 = 1;

/// A plan, and where it was made for. It holds policy documents, ARNs and IDs, and no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPlan {
    version: u32,
    /// Atlas's base URL.
    pub atlas: String,
    /// The AWS profile that it was made with, where one was named.
    pub aws_profile: Option<String>,
    /// The plan.
    pub plan: Plan,
}

/// What is read first: whether the rest can be read at all.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl SavedPlan {
    /// Returns a plan with where it was made for.
    pub fn new(atlas: impl Into<String>, aws_profile: Option<String>, plan: Plan) -> Self {
        Self {
            version: VERSION,
            atlas: atlas.into(),
            aws_profile,
            plan,
        }
    }

    /// Returns the file's text: one JSON value.
    ///
    /// # Errors
    /// A fault of the program.
    pub fn to_text(&self) -> Result<String, Problem> {
        serde_json::to_string_pretty(self)
            .map(|text| text + "\n")
            .map_err(|error| Problem::internal("the plan can't be written as JSON").caused_by(&error))
    }

    /// Reads the text of a file; `place`: its name.
    ///
    /// # Errors
    /// It isn't a plan, is of another version, or its steps aren't those that were planned.
    pub fn read(text: &str, place: &str) -> Result<Self, Problem> {
        let not_a_plan = |error: &serde_json::Error| {
            Problem::input("this isn't a plan that was saved")
                .at(place)
                .hint("save one: atlas-cmk plan --out FILE")
                .caused_by(error)
        };
        let versioned: Versioned = serde_json::from_str(text).map_err(|error| not_a_plan(&error))?;
        if versioned.version != VERSION {
            return Err(Problem::input(format!(
                "this plan has version {}; this atlas-cmk reads version {VERSION}",
                versioned.version
            ))
            .at(place)
            .hint("make a new one: atlas-cmk plan --out FILE"));
        }
        let saved: Self = serde_json::from_str(text).map_err(|error| not_a_plan(&error))?;
        let plan = &saved.plan;
        if Fingerprint::of(&plan.desired.project_id, &plan.account, &plan.steps) != plan.fingerprint
            || plan.project.id != plan.desired.project_id
        {
            return Err(Problem::input(
                "the plan was changed after it was saved: its fingerprint doesn't fit its steps",
            )
            .at(place)
            .hint("nothing was changed; make a new one: atlas-cmk plan --out FILE"));
        }
        Ok(saved)
    }
}
