//! What a check is about: chosen or not, read or not, there or not.

use std::fmt::Write as _;

use super::{About, Check};
use crate::domain::access_role::AccessRole;
use crate::domain::arn::KeyArn;
use crate::domain::cluster::{Cluster, ClusterKind};
use crate::domain::iam_role::IamRoleDetail;
use crate::domain::key::{Key, KeyRef};
use crate::domain::project::Project;
use crate::domain::text::safe_line;
use crate::observe::{Fetched, ObservedState};
use crate::plan::recognize::{interrupted_key, our_access_role};
use crate::plan::{Choices, KeyChoice, RoleChoice};
use crate::problem::{Kind, Problem};

/// The IAM role or the key that was chosen.
pub(super) enum Subject<'a, T> {
    /// Nothing was chosen yet.
    NotChosen,
    /// It wasn't read: not yet, or it can't be.
    Unread(Unread<'a>),
    /// There is none, and the plan creates it.
    ToCreate,
    /// There is none, and it is to be there.
    Missing,
    /// There it is.
    Found(&'a T),
}

/// Why something isn't known.
#[derive(Clone, Copy)]
pub(super) enum Unread<'a> {
    NotYet,
    Looking,
    Failed(&'a Problem),
}

/// Returns what was read, or why it wasn't.
pub(super) fn read<T>(fetched: &Fetched<T>) -> Result<&T, Unread<'_>> {
    match fetched {
        Fetched::Known(value) => Ok(value),
        Fetched::Failed(problem) => Err(Unread::Failed(problem)),
        Fetched::Looking => Err(Unread::Looking),
        Fetched::NotLooked => Err(Unread::NotYet),
    }
}

/// Returns the IAM role that was chosen.
pub(super) fn iam_role<'a>(observed: &'a ObservedState, choices: &Choices) -> Subject<'a, IamRoleDetail> {
    let Some(choice) = &choices.role else {
        return Subject::NotChosen;
    };
    let lookup = observed
        .chosen_role
        .as_ref()
        .filter(|lookup| lookup.of == choice.name());
    match lookup.map_or(Err(Unread::NotYet), |lookup| read(&lookup.found)) {
        Err(why) => Subject::Unread(why),
        Ok(Some(found)) => Subject::Found(found),
        Ok(None) => match choice {
            RoleChoice::Named { .. } => Subject::ToCreate,
            RoleChoice::Existing { .. } => Subject::Missing,
        },
    }
}

/// Returns the key that was chosen; one that an interrupted run created is found.
pub(super) fn key<'a>(observed: &'a ObservedState, choices: &Choices) -> Subject<'a, Key> {
    let Some(choice) = &choices.key else {
        return Subject::NotChosen;
    };
    let wanted = choice.key_ref();
    let lookup = observed.chosen_key.as_ref().filter(|lookup| lookup.of == wanted);
    match lookup.map_or(Err(Unread::NotYet), |lookup| read(&lookup.found)) {
        Err(why) => Subject::Unread(why),
        Ok(Some(found)) => Subject::Found(found),
        Ok(None) => match choice {
            KeyChoice::Existing(_) => Subject::Missing,
            KeyChoice::CreateUnlessThere(settings) => match interrupted_key(observed, &settings.alias) {
                Ok(Some(found)) => Subject::Found(found),
                Ok(None) | Err(_) => Subject::ToCreate,
            },
        },
    }
}

/// Returns the key's ARN, if it was found or given.
pub(super) fn key_arn<'a>(observed: &'a ObservedState, choices: &'a Choices) -> Option<&'a KeyArn> {
    match key(observed, choices) {
        Subject::Found(key) => Some(&key.arn),
        _ => match choices.key.as_ref()? {
            KeyChoice::Existing(KeyRef::Arn(arn)) => Some(arn),
            _ => None,
        },
    }
}

/// Says why a dedicated cluster is too small: Atlas for Government wants M20.
pub(super) fn too_small(observed: &ObservedState, cluster: &Cluster) -> Option<&'static str> {
    let project = observed.project.known();
    let is_too_small = project.is_some_and(|project| project.is_too_small(&cluster.instance_size));
    (cluster.kind == ClusterKind::Dedicated && is_too_small).then_some(Project::TOO_SMALL)
}

/// Returns the access role that is ours, where it can be told: `Ok(None)`, a new one is created.
pub(super) fn access_role<'a>(
    observed: &'a ObservedState,
    choices: &Choices,
) -> Result<Option<&'a AccessRole>, NotTold<'a>> {
    let access_roles = read(&observed.access_roles).map_err(NotTold::Unread)?;
    let setting = read(&observed.setting).map_err(NotTold::Unread)?;
    let role = choices.role.as_ref();
    our_access_role(observed, &choices.access_role, access_roles, setting, role)
        .map_err(|problem| NotTold::Undecided(Box::new(problem)))
}

/// Why it can't be told which access role is ours.
pub(super) enum NotTold<'a> {
    Unread(Unread<'a>),
    Undecided(Box<Problem>),
}

impl About {
    /// Judges what wasn't read as unknown: a service that doesn't answer proves nothing about the prerequisite.
    pub(super) fn unread(&self, what: &str, why: Unread<'_>) -> Check {
        match why {
            Unread::NotYet => self.unknown(format!("{what}: not looked at yet"), ""),
            Unread::Looking => self.unknown(format!("{what}: being looked at"), ""),
            Unread::Failed(problem) => self.unknown(
                format!("{what}: can't be read, {}", told(problem)),
                advice(problem, "look again"),
            ),
        }
    }

    /// Judges what wasn't read as failed where the service or this program refused it for a reason that stays.
    pub(super) fn unread_or_refused(&self, what: &str, why: Unread<'_>) -> Check {
        match why {
            Unread::Failed(problem) if matches!(problem.kind, Kind::Input | Kind::Prerequisite | Kind::SignIn) => {
                self.failed(told(problem), advice(problem, "look again"))
            }
            _ => self.unread(what, why),
        }
    }

    /// Judges by a problem that stands in the way.
    pub(super) fn failed_by(&self, problem: &Problem) -> Check {
        self.failed(told(problem), advice(problem, ""))
    }
}

/// Returns a problem in one line: message, place, code.
fn told(problem: &Problem) -> String {
    let mut text = safe_line(&problem.message).into_owned();
    for part in [&problem.place, &problem.code].into_iter().flatten() {
        let _ = write!(text, " ({})", safe_line(part));
    }
    text
}

fn advice(problem: &Problem, otherwise: &str) -> String {
    if problem.hints.is_empty() {
        otherwise.to_owned()
    } else {
        safe_line(&problem.hints.join("; ")).into_owned()
    }
}
