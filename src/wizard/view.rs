//! What follows from the state: for whoever draws it, and for the machine itself.

use std::cell::OnceCell;

use super::keys::{self, Context, KeyBinding};
use super::list::Rows;
use super::run::{Ending, Run};
use super::screens::ScreenId;
use super::screens::clusters::{self, ClusterRow};
use super::screens::connect::{ProjectRow, RegionRow};
use super::screens::key::KeyRow;
use super::screens::role::RoleRow;
use super::screens::sign_in::SourceRow;
use super::session::Session;
use super::{Dialog, RunState, Wizard};
use crate::apply::event::Person;
use crate::apply::progress::StepProgress;
use crate::checklist::{self, Check, Status, blocking, blocking_plan};
use crate::observe::Fetched;
use crate::plan::{self, Plan, PlanDifference, Step};
use crate::problem::Problem;

/// What the review comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Review<'a> {
    /// Something that the plan needs is still being read.
    Looking,
    /// These aren't chosen yet.
    Missing(Vec<&'static str>),
    /// Something has to be mended first.
    Blocked {
        /// The prerequisites that fail.
        checks: Vec<&'a Check>,
        /// Why there is no plan.
        problems: &'a [Problem],
    },
    /// All that is wanted holds already.
    NothingToDo(&'a Plan),
    /// A plan that can be carried out.
    Ready(&'a Plan),
}

/// How a screen stands on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathState {
    /// It was gone through.
    Done,
    /// It is shown.
    Here,
    /// It comes.
    ToCome,
    /// It isn't needed, for this reason.
    Skipped(&'static str),
}

/// What follows from one revision of the session, worked out when it is first asked for.
#[derive(Debug, Default)]
pub(super) struct Derived {
    revision: u64,
    checks: OnceCell<Vec<Check>>,
    plan: OnceCell<Option<Result<Plan, Vec<Problem>>>>,
}

impl Derived {
    /// Forgets what followed from an older revision.
    pub(super) fn renew(&mut self, session: &Session) {
        if self.revision != session.revision() {
            *self = Self {
                revision: session.revision(),
                ..Self::default()
            };
        }
    }

    pub(super) fn checks(&self, session: &Session) -> &[Check] {
        self.checks
            .get_or_init(|| checklist::checklist(&session.observed, &session.choices))
    }

    fn plan(&self, session: &Session) -> Option<&Result<Plan, Vec<Problem>>> {
        self.plan
            .get_or_init(|| {
                let desired = session.choices.complete()?;
                Some(plan::plan(&session.observed, &desired))
            })
            .as_ref()
    }

    pub(super) fn review(&self, session: &Session, looking: bool) -> Review<'_> {
        let Some(plan) = self.plan(session) else {
            return Review::Missing(missing(session));
        };
        if looking || is_looking(session) {
            return Review::Looking;
        }
        if let Ok(plan) = plan
            && plan.is_empty()
        {
            return Review::NothingToDo(plan);
        }
        let checks = self.checks(session);
        match plan {
            Ok(plan) => match blocking_plan(checks, plan) {
                none if none.is_empty() => Review::Ready(plan),
                checks => Review::Blocked { checks, problems: &[] },
            },
            Err(problems) => Review::Blocked {
                checks: blocking(checks),
                problems,
            },
        }
    }
}

fn missing(session: &Session) -> Vec<&'static str> {
    let choices = &session.choices;
    let all = [
        (choices.project_id.is_some(), "project"),
        (choices.region.is_some(), "region"),
        (choices.role.is_some(), "IAM role"),
        (choices.key.is_some(), "key"),
        (choices.clusters.is_some(), "clusters"),
    ];
    all.into_iter()
        .filter(|(is_there, _)| !is_there)
        .map(|(_, what)| what)
        .collect()
}

/// Returns whether a part that a plan needs is on its way.
fn is_looking(session: &Session) -> bool {
    let seen = &session.observed;
    seen.project.is_looking()
        || seen.aws_identity.is_looking()
        || seen.access_roles.is_looking()
        || seen.setting.is_looking()
        || seen.clusters.is_looking()
        || seen.flex_clusters.is_looking()
        || session.chosen_role().is_none_or(Fetched::is_looking)
        || session.chosen_key().is_none_or(Fetched::is_looking)
}

/// What a screen can read.
impl Wizard {
    /// Returns every prerequisite as it stands with the choices made so far.
    pub fn checks(&self) -> &[Check] {
        self.derived.checks(&self.session)
    }

    /// Returns how a prerequisite stands.
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks().iter().find(|check| check.id == id)
    }

    /// Returns the prerequisites that fail.
    pub fn failed_checks(&self) -> impl Iterator<Item = &Check> {
        self.checks().iter().filter(|check| check.status == Status::Failed)
    }

    /// Returns whether the operator may lack rights in AWS: AWS doesn't know them, refuses them something, or doesn't tell.
    pub fn may_lack_rights(&self) -> bool {
        let seen = &self.session.observed;
        let doubtful = seen.permissions.as_ref().is_some_and(|_| {
            let check = self.check("aws-permissions");
            check.is_some_and(|check| matches!(check.status, Status::Failed | Status::Unknown))
        });
        let unread = seen.aws_identity.problem().is_some() || seen.iam_roles.problem().is_some();
        self.session.aws_half().is_none() && (unread || doubtful)
    }

    /// Returns whether the run waits for somebody to act.
    pub fn waits_for(&self, person: Person) -> bool {
        let run = self.session.run.as_ref();
        run.is_some_and(|run| run.is_under_way() && run.progress.waits_for(person))
    }

    /// Returns whether deleted principals stand in the way, or are to be taken out already.
    pub fn can_drop_dead_principals(&self) -> bool {
        self.session.choices.drop_dead_principals || self.check("dead-principals").is_some_and(Check::needs_mending)
    }

    /// Returns whether the key policy lacks a statement that can be added, or is to get it already.
    pub fn can_extend_key_policy(&self) -> bool {
        self.session.choices.extend_key_policy || self.check("key-policy").is_some_and(Check::needs_mending)
    }

    /// Returns the plan, or why there is none; `None` while a choice is missing.
    pub fn plan(&self) -> Option<Result<&Plan, &[Problem]>> {
        self.derived
            .plan(&self.session)
            .map(|plan| plan.as_ref().map_err(Vec::as_slice))
    }

    /// Returns what the review comes to.
    pub fn review(&self) -> Review<'_> {
        self.derived.review(&self.session, self.is_looking())
    }

    /// Returns how the plan differs from the one that was confirmed before the world moved.
    pub fn plan_difference(&self) -> Option<PlanDifference<'_>> {
        let before = self.screens.review.confirmed_before.as_deref()?;
        let now = self.plan()?.ok()?;
        Some(PlanDifference::between(before, now))
    }

    /// Returns the screens in their order and how each stands.
    pub fn steps_path(&self) -> Vec<(ScreenId, PathState)> {
        let nothing_to_do = || matches!(self.review(), Review::NothingToDo(_));
        let skips_apply = self.session.run.is_none() && self.current >= ScreenId::Review && nothing_to_do();
        let in_incident = self.session.incident().is_some();
        let state = |screen: ScreenId| {
            if screen == self.current {
                PathState::Here
            } else if in_incident && screen > ScreenId::Connect && screen < ScreenId::Review {
                PathState::Skipped("the key in use comes first")
            } else if screen == ScreenId::Apply && skips_apply {
                PathState::Skipped("nothing to do")
            } else if screen < self.furthest || screen < self.current {
                PathState::Done
            } else {
                PathState::ToCome
            }
        };
        ScreenId::ALL
            .into_iter()
            .map(|screen| (screen, state(screen)))
            .collect()
    }

    /// Returns the keys that the footer shows, most particular first.
    pub fn footer(&self) -> Vec<&'static KeyBinding> {
        shown_once(keys::bindings(self).filter(|binding| binding.in_footer))
    }

    /// Returns all keys of the screen, for the help.
    pub fn help(&self) -> Vec<&'static KeyBinding> {
        shown_once(keys::screen_bindings(self))
    }

    /// Returns who takes the keys.
    pub fn context(&self) -> Context {
        if self.dialog.is_some() {
            Context::Dialog
        } else if self.screens.filter_field(self.current).is_some() {
            Context::Filter
        } else if self.screens.field(self.current).is_some() {
            Context::Field
        } else {
            Context::Screen
        }
    }

    /// Returns the projects of Connect.
    pub fn project_rows(&self) -> Rows<ProjectRow> {
        self.screens.connect.project_rows(&self.session)
    }

    /// Returns the credentials of Connect.
    pub fn source_rows(&self) -> Rows<SourceRow> {
        self.screens.connect.sign_in.rows(&self.session)
    }

    /// Returns the regions of Connect.
    pub fn region_rows(&self) -> Rows<RegionRow> {
        self.screens.connect.region_rows(&self.session)
    }

    /// Returns the checks of Prerequisites.
    pub fn check_rows(&self) -> Rows<&Check> {
        self.screens.prerequisites.rows(self.checks())
    }

    /// Returns the rows of Role.
    pub fn role_rows(&self) -> Rows<RoleRow> {
        self.screens.role.rows(&self.session)
    }

    /// Returns the rows of Key.
    pub fn key_rows(&self) -> Rows<KeyRow<'_>> {
        self.screens.key.rows(&self.session)
    }

    /// Returns the rows of Clusters.
    pub fn cluster_rows(&self) -> Rows<ClusterRow<'_>> {
        self.screens.clusters.rows(&self.session)
    }

    /// Returns how many clusters of the project can be chosen.
    pub fn choosable_clusters(&self) -> usize {
        clusters::choosable(&self.session)
    }

    /// Returns the steps of Review, once there is a plan.
    pub fn plan_rows(&self) -> Option<Rows<&Step>> {
        let plan = self.plan()?.ok()?;
        Some(self.screens.review.rows(plan))
    }

    /// Returns the steps of Apply, once there is a run.
    pub fn run_rows(&self) -> Option<Rows<&StepProgress>> {
        Some(self.screens.apply.rows(self.session.run.as_ref()?))
    }

    /// Returns the milliseconds since the run began, as of the last tick.
    pub fn run_ms(&self) -> u64 {
        let run = self.session.run.as_ref();
        run.map_or(0, |run| run.elapsed_ms(self.session.now))
    }

    /// Returns whether project and region are chosen.
    pub fn is_connected(&self) -> bool {
        self.session.choices.project_id.is_some() && self.session.choices.region.is_some()
    }

    /// Returns whether a run is under way.
    pub fn is_running(&self) -> bool {
        self.session.run.as_ref().is_some_and(Run::is_under_way)
    }

    /// Returns whether the last run did all that it was to do.
    pub fn is_completed(&self) -> bool {
        self.ending() == Some(&Ending::Completed)
    }

    /// Returns whether the last run can be tried again.
    pub fn can_try_again(&self) -> bool {
        let state = self.session.run.as_ref().map(|run| &run.state);
        matches!(state, Some(RunState::Ended(ending)) if *ending != Ending::Completed)
    }

    /// Returns how the last run ended.
    pub fn ending(&self) -> Option<&Ending> {
        self.session.run.as_ref()?.ending()
    }

    /// Returns whether Esc leads anywhere.
    pub fn can_go_back(&self) -> bool {
        match self.current {
            ScreenId::Connect => !self.screens.connect.on_lists(),
            ScreenId::Apply => !self.is_running(),
            _ => true,
        }
    }

    /// Returns whether something is being read.
    pub fn is_looking(&self) -> bool {
        self.pending.is_observing() || self.pending.is_looking_up()
    }

    /// Returns whether something on the screen moves by itself, so that a slow tick is needed.
    pub fn is_moving(&self) -> bool {
        self.left.is_none() && (self.pending.is_waiting() || self.is_running())
    }

    /// Returns the exit code, once the wizard was left. Nothing is to be drawn any more.
    pub fn left(&self) -> Option<u8> {
        self.left
    }

    /// Returns what is to be said on the plain terminal after the wizard was left: what is uncertain, how to go on.
    pub fn last_words(&self) -> Vec<String> {
        let Some(run) = &self.session.run else {
            return Vec::new();
        };
        let uncertain = match (&run.state, run.ending()) {
            (_, Some(Ending::Completed)) => return Vec::new(),
            (_, Some(Ending::Cancelled { uncertain })) => uncertain.clone(),
            (_, Some(_)) => Vec::new(),
            (_, None) => run.in_flight().cloned().collect(),
        };
        if self.session.connection.demo {
            return vec!["The simulated clouds are gone with the demo; nothing real was changed.".to_owned()];
        }
        let mut words: Vec<_> = uncertain
            .iter()
            .map(|id| run.plan.step(id).map_or_else(|| id.to_string(), Step::title))
            .map(|title| format!("Uncertain whether it was carried out: {title}."))
            .collect();
        words.push("Start again to carry on: what is done is found and not done twice.".to_owned());
        words
    }

    /// Returns whether the dialog is open in which the word is typed.
    pub fn asks_for_word(&self) -> bool {
        matches!(self.dialog, Some(Dialog::Word(_)))
    }
}

fn shown_once(bindings: impl Iterator<Item = &'static KeyBinding>) -> Vec<&'static KeyBinding> {
    let mut shown: Vec<&'static KeyBinding> = Vec::new();
    for binding in bindings {
        if !shown.iter().any(|other| other.shown == binding.shown) {
            shown.push(binding);
        }
    }
    shown
}
