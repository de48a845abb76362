//! The difference between what is observed and what is wanted, as steps. Pure.
//!
//! - `world`: the parts that every plan needs, all read
//! - `access_role`, `iam_role`, `key`, `setting`, `clusters`: one part of the way each
//! - `incident`: the way back, where the key in use can't be used

mod access_role;
mod clusters;
mod iam_role;
mod incident;
mod key;
mod setting;
mod world;

use serde::{Deserialize, Serialize};

use super::desired::DesiredState;
use super::elsewhere;
use super::fingerprint::Fingerprint;
use super::render::is_in_aws;
use super::step::{Action, Step, StepId};
use crate::domain::project::Project;
use crate::domain::text::count;
use crate::observe::{Fetched, ObservedState};
use crate::problem::Problem;
use world::World;

pub use iam_role::INLINE_POLICY;

/// Something that was looked at and needs nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// What it is.
    pub what: String,
    /// What was found.
    pub found: String,
}

/// A text for somebody else: what they are to do on their side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handout {
    /// For whom, and what to do with it.
    pub title: String,
    /// The text, to be copied as it is.
    pub text: String,
}

/// The steps from what is observed to what is wanted. No steps: nothing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The project.
    pub project: Project,
    /// The AWS account that the operator acts in: 12 digits.
    pub account: String,
    /// The IAM role's ARN, as it is or will be.
    pub iam_role: String,
    /// What was wanted.
    pub desired: DesiredState,
    /// The steps; each stands behind those that it depends on.
    pub steps: Vec<Step>,
    /// What was looked at and needs nothing.
    pub settled: Vec<Settled>,
    /// What the operator is told before going on.
    pub notes: Vec<String>,
    /// What others are to do on their side.
    pub handouts: Vec<Handout>,
    /// What it was based on.
    pub fingerprint: Fingerprint,
}

impl Plan {
    /// Returns whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Returns the step with a name.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }

    /// Returns the names of the clusters that it encrypts, in their order; new ones last.
    pub fn clusters(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match &step.action {
            Action::EncryptCluster { name } => Some(name.as_str()),
            Action::CreateCluster(new) => Some(new.name.as_str()),
            _ => None,
        })
    }

    /// Returns the steps that can't be undone and that nobody may carry out by a plain yes: the project's name is typed
    /// for them.
    pub fn irreversible(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.action.is_switch())
    }

    /// Returns whether it only makes the key in use usable again; everything else waits until Atlas says that it is valid.
    pub fn is_way_back(&self) -> bool {
        let is_back = |step: &Step| {
            matches!(
                step.action,
                Action::CancelKeyDeletion { .. } | Action::EnableKey { .. } | Action::AwaitValid
            )
        };
        !self.is_empty() && self.steps.iter().all(is_back)
    }
}

/// Plans the way from what is observed to what is wanted.
///
/// # Errors
/// All reasons why there can be no plan: parts that couldn't be read, an IAM role or key that doesn't exist, clusters
/// that can't be encrypted.
pub fn plan(observed: &ObservedState, desired: &DesiredState) -> Result<Plan, Vec<Problem>> {
    match &desired.aws_half {
        None => steps(observed, desired),
        Some(_) => steps(&elsewhere::seen(observed, desired), desired),
    }
}

fn steps(observed: &ObservedState, desired: &DesiredState) -> Result<Plan, Vec<Problem>> {
    if let Some(plan) = incident::way_back(observed, desired)? {
        return Ok(plan);
    }
    let world = World::read(observed, desired)?;
    let mut draft = Draft::default();

    let access_role = draft.access_role(&world, desired);
    let iam_role = draft.iam_role(&world, desired, &access_role);
    let key = draft.key(&world, desired);
    draft.role_policy(&world, desired, &key);
    draft.key_policy(&world, desired, &iam_role);
    draft.authorize(&world, &access_role, &iam_role);
    draft.await_valid(&world);
    draft.setting(&world, desired, &access_role, &iam_role, &key);
    draft.clusters(&world, desired);
    if !draft.problems.is_empty() {
        return Err(draft.problems);
    }

    Ok(draft.into_plan(world.project, world.account, world.role_arn, desired))
}

fn part<'a, T>(fetched: &'a Fetched<T>, what: &str, problems: &mut Vec<Problem>) -> Option<&'a T> {
    match fetched {
        Fetched::Known(value) => Some(value),
        Fetched::Failed(problem) => {
            problems.push(problem.clone());
            None
        }
        Fetched::NotLooked | Fetched::Looking => {
            problems.push(Problem::internal(format!("{what} wasn't looked at yet")));
            None
        }
    }
}

fn id(name: &str) -> StepId {
    StepId::new(name)
}

/// A plan in the making.
#[derive(Default)]
struct Draft {
    steps: Vec<Step>,
    settled: Vec<Settled>,
    notes: Vec<String>,
    handouts: Vec<Handout>,
    problems: Vec<Problem>,
}

impl Draft {
    /// Adds a step behind those of the named ones that the plan has.
    fn step(&mut self, id: StepId, action: Action, after: &[&str]) {
        let depends_on = after
            .iter()
            .map(|name| StepId::new(*name))
            .filter(|id| self.has(id))
            .collect();
        self.steps.push(Step { id, action, depends_on });
    }

    fn has(&self, id: &StepId) -> bool {
        self.steps.iter().any(|step| step.id == *id)
    }

    fn settle(&mut self, what: impl Into<String>, found: impl Into<String>) {
        self.settled.push(Settled {
            what: what.into(),
            found: found.into(),
        });
    }

    /// The AWS half goes out as one: when the access role is there, whose external ID it needs.
    fn give_aws_half_away(&mut self, folder: &str) {
        let first = id("create-access-role");
        let waits = self.has(&first);
        let mut theirs = 0;
        for step in self.steps.iter_mut().filter(|step| is_in_aws(step)) {
            theirs += 1;
            if waits && !step.depends_on.contains(&first) {
                step.depends_on.insert(0, first.clone());
            }
        }
        if theirs > 0 {
            self.notes.push(format!(
                "The AWS administrator carries out {}: documents and a script for that are written to the folder {folder}, and Atlas tries until it gets in.",
                count(theirs, "step")
            ));
        }
    }

    fn into_plan(mut self, project: &Project, account: &str, iam_role: String, desired: &DesiredState) -> Plan {
        if let Some(folder) = &desired.aws_half {
            self.give_aws_half_away(folder);
        }
        Plan {
            fingerprint: Fingerprint::of(&project.id, account, &self.steps),
            project: project.clone(),
            account: account.to_owned(),
            iam_role,
            desired: desired.clone(),
            steps: self.steps,
            settled: self.settled,
            notes: self.notes,
            handouts: self.handouts,
        }
    }
}
