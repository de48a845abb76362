//! The run: its events, its failures, trying again, a world that moved, and what holds after it.

use crate::apply::event::EventKind;
use crate::domain::policy::PolicyDocument;
use crate::observe::fixture::{
    ACCESS_ROLE, EXTERNAL_ID, ROLE, access_role, all_done, choose_role, first_time, foreign_trust, role, trust,
};
use crate::observe::{Fetched, ObservedState};
use crate::plan::StepId;
use crate::problem::Problem;
use crate::wizard::fixture::{Rig, at, completed, started};
use crate::wizard::message::Message;
use crate::wizard::{DONE, Effect, EffectId, Ending, FAILED, Review, RunState, ScreenId};

/// Lets the run fail at its second step.
fn fail(rig: &mut Rig) {
    let (id, plan) = rig.run();
    let failed = plan.steps[1].id.clone();
    let mut kinds = vec![started(&plan), completed(&plan.steps[0].id)];
    kinds.push(EventKind::StepStarted { step: failed.clone() });
    kinds.push(EventKind::StepFailed {
        step: failed.clone(),
        problem: Problem::service("no"),
    });
    kinds.push(EventKind::RunFailed { failed: vec![failed] });
    rig.tell(id, kinds);
    rig.send(Message::RunEnded { id });
}

/// The first step of the first-time plan is done: the access role is there.
fn with_access_role(external_id_known: bool) -> ObservedState {
    let mut world = first_time();
    world.access_roles = Fetched::Known(vec![access_role(ACCESS_ROLE, EXTERNAL_ID)]);
    if external_id_known {
        world.unfinished = vec![crate::observe::Unfinished::AccessRole {
            found: vec![ACCESS_ROLE.to_owned()],
        }];
    }
    world
}

fn runs(rig: &Rig) -> usize {
    let started = rig
        .log
        .iter()
        .filter(|effect| matches!(effect, Effect::StartRun { .. }));
    started.count()
}

#[test]
fn the_run_gets_the_plan_that_was_reviewed() {
    let mut rig = Rig::on(ScreenId::Review, first_time());
    let reviewed = rig.wizard.plan().and_then(Result::ok).cloned();
    rig.press("Enter");
    rig.answer();
    rig.text("apply");
    rig.press("Enter");
    let (_, plan) = rig.run();
    assert_eq!(Some(plan), reviewed);
    assert_eq!(
        rig.wizard.session.run.as_ref().map(|run| &run.state),
        Some(&RunState::Checking)
    );
    rig.press("Esc");
    assert_eq!(
        rig.wizard.current,
        ScreenId::Apply,
        "there is no way back while it runs"
    );
}

#[test]
fn events_of_the_run_are_folded_and_time_runs_between_them() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    let (id, plan) = rig.run();
    rig.tell(id, [started(&plan), completed(&plan.steps[0].id)]);
    assert!(rig.wizard.is_moving());
    rig.send(Message::Tick {
        at: at() + jiff::SignedDuration::from_secs(5),
    });
    assert_eq!(rig.wizard.run_ms(), 6000);
    let rows = rig.wizard.run_rows().unwrap();
    assert_eq!(rows.selected, 1, "the first that isn't done");
    assert_eq!(rig.wizard.session.run.as_ref().map(|run| run.progress.done()), Some(1));
}

#[test]
fn a_failed_run_selects_what_failed_and_leaves_with_1() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    fail(&mut rig);
    assert_eq!(rig.wizard.ending(), Some(&Ending::Failed));
    assert_eq!(rig.wizard.run_rows().map(|rows| rows.selected), Some(1));
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Apply);
    rig.press("q");
    assert_eq!(rig.quit_code(), Some(FAILED));
}

#[test]
fn trying_again_looks_again_and_goes_on_with_what_is_left() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    fail(&mut rig);
    rig.world = with_access_role(true);
    rig.press("t");
    assert!(matches!(
        rig.wizard.session.run.as_ref().map(|run| &run.state),
        Some(RunState::LookingAgain(_))
    ));
    rig.answer();
    assert_eq!(rig.wizard.current, ScreenId::Apply, "{:?}", rig.wizard.notice);
    assert_eq!(runs(&rig), 2);
    let (_, plan) = rig.run();
    assert!(plan.step(&StepId::new("create-access-role")).is_none());
    assert!(plan.step(&StepId::new("create-iam-role")).is_some());
}

#[test]
fn trying_again_asks_again_where_something_else_is_to_be_done() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    fail(&mut rig);
    rig.world = first_time();
    let foreign = role(ROLE, foreign_trust());
    choose_role(&mut rig.world, ROLE, Some(foreign.clone()));
    rig.roles.push(foreign);
    rig.press("t");
    rig.answer();
    assert_eq!(rig.wizard.current, ScreenId::Review);
    assert_eq!(runs(&rig), 1);
    let difference = rig.wizard.plan_difference().unwrap();
    assert_eq!(difference.added.len(), 1, "{difference:?}");
    assert!(
        difference
            .removed
            .iter()
            .any(|step| step.id.as_str() == "create-iam-role"),
        "{difference:?}"
    );
}

#[test]
fn trying_again_where_nothing_is_left_verifies() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    fail(&mut rig);
    rig.roles = all_done()
        .chosen_role
        .and_then(|lookup| lookup.found.known().cloned())
        .into_iter()
        .flatten()
        .collect();
    rig.world = all_done();
    rig.press("t");
    rig.answer();
    assert_eq!(rig.wizard.current, ScreenId::Done, "{:?}", rig.wizard.review());
    rig.verify();
    rig.press("q");
    assert_eq!(rig.quit_code(), Some(DONE), "the failure is mended");
}

#[test]
fn back_from_a_failed_run_looks_again() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    fail(&mut rig);
    rig.world = with_access_role(false);
    rig.press("Esc");
    assert_eq!(
        (rig.wizard.current, rig.wizard.review()),
        (ScreenId::Review, Review::Looking)
    );
    rig.answer();
    assert!(matches!(rig.wizard.review(), Review::Ready(_)));
    rig.press("q");
    rig.press("Enter");
    assert_eq!(rig.quit_code(), Some(FAILED));
}

#[test]
fn a_world_that_moved_is_shown_and_asked_about_again() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    let (id, _) = rig.run();
    let moved = with_access_role(true);
    rig.send(Message::PlanChanged {
        id,
        observed: Box::new(moved),
    });
    assert_eq!(rig.wizard.current, ScreenId::Review);
    let difference = rig.wizard.plan_difference().unwrap();
    let removed: Vec<_> = difference.removed.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(removed, ["create-access-role"]);
    assert!(!difference.changed.is_empty());
    assert!(rig.wizard.session.run.is_none(), "nothing was changed");
    rig.press("Enter");
    rig.answer();
    assert!(rig.wizard.asks_for_word());
    rig.text("apply");
    rig.press("Enter");
    assert_eq!(runs(&rig), 2);
    assert!(rig.wizard.plan_difference().is_none());
}

#[test]
fn a_run_that_cannot_begin_says_why_and_can_be_tried_again() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    let (id, _) = rig.run();
    rig.send(Message::RunRefused {
        id,
        problems: vec![Problem::prerequisite("another run is under way")],
    });
    assert!(matches!(rig.wizard.ending(), Some(Ending::Refused(problems)) if problems.len() == 1));
    rig.press("t");
    rig.answer();
    assert_eq!(runs(&rig), 2);
}

#[test]
fn a_run_without_an_end_is_a_fault_of_the_program() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    let (id, plan) = rig.run();
    rig.tell(id, [started(&plan)]);
    rig.send(Message::WorkerDied {
        id,
        message: "it panicked".to_owned(),
    });
    assert!(matches!(rig.wizard.ending(), Some(Ending::Died(_))));
    assert!(!rig.wizard.is_running() && rig.wizard.can_try_again());
}

#[test]
fn a_completed_run_is_verified_at_once_and_its_report_written() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    rig.complete_run();
    assert!(rig.wizard.session.evidence.is_looking());
    rig.world = all_done();
    rig.verify();
    let id = rig.take(|effect| match effect {
        Effect::WriteReport { id, .. } => Some(*id),
        _ => None,
    });
    rig.send(Message::ReportWritten {
        id,
        result: Ok(vec!["report.md".to_owned(), "report.json".to_owned()]),
    });
    assert_eq!(rig.wizard.session.report.known().map(Vec::len), Some(2));
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Done);
    assert!(rig.effects.is_empty(), "verified already");
    rig.press("r");
    assert!(matches!(rig.effects.last(), Some(Effect::Verify { .. })));
    rig.press("Ctrl-C");
    assert_eq!(rig.quit_code(), Some(DONE), "there is nothing left to interrupt");
}

#[test]
fn what_could_not_be_verified_leaves_with_1() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    rig.complete_run();
    let id: EffectId = rig.take(|effect| match effect {
        Effect::Verify { id, .. } => Some(*id),
        _ => None,
    });
    rig.send(Message::Verified {
        id,
        result: Box::new(Err(Problem::service("no"))),
    });
    rig.press("Enter");
    rig.press("q");
    assert_eq!(rig.quit_code(), Some(FAILED));
}

#[test]
fn a_trust_policy_that_someone_changed_is_another_plan() {
    let changed = |trust: PolicyDocument| {
        let mut world = first_time();
        let detail = role(ROLE, trust);
        choose_role(&mut world, ROLE, Some(detail.clone()));
        (world, detail)
    };
    let (world, _) = changed(foreign_trust());
    let mut rig = Rig::on(ScreenId::Apply, world);
    fail(&mut rig);
    let (world, detail) = changed(trust("11111111-1111-1111-1111-111111111111"));
    rig.world = world;
    rig.roles = vec![detail];
    rig.press("t");
    rig.answer();
    assert_eq!((rig.wizard.current, runs(&rig)), (ScreenId::Review, 1));
}
