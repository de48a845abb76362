//! Answers: each has its effect, and one that isn't awaited is dropped.

use crate::domain::region::Region;
use crate::observe::fixture::{all_done, first_time};
use crate::observe::{Fetched, Lookup, Observation};
use crate::problem::Problem;
use crate::wizard::fixture::{Rig, at, evidence, given, started};
use crate::wizard::message::{Message, Saved};
use crate::wizard::{Effect, EffectId, Part, ScreenId};

fn observe(rig: &mut Rig) -> (EffectId, Vec<Part>) {
    rig.take(|effect| match effect {
        Effect::Observe { id, scope } => Some((*id, scope.parts.iter().copied().collect())),
        _ => None,
    })
}

fn observed(id: EffectId, observation: Observation) -> Message {
    Message::Observed {
        id,
        observation: Box::new(observation),
        at: at(),
    }
}

#[test]
fn it_begins_by_reading_everything_that_it_can_ask_for() {
    let mut rig = Rig::begin(given(), first_time());
    let (_, parts) = observe(&mut rig);
    assert_eq!(parts, [Part::Identities, Part::Project, Part::IamRoles, Part::Keys]);
    let mut rig = Rig::begin(crate::wizard::Start::default(), first_time());
    let (_, parts) = observe(&mut rig);
    assert_eq!(parts, [Part::Identities, Part::Projects, Part::IamRoles]);
}

#[test]
fn parts_arrive_one_by_one_and_what_never_came_is_told() {
    let mut rig = Rig::begin(given(), first_time());
    let (id, _) = observe(&mut rig);
    assert!(rig.wizard.session.observed.clusters.is_looking() && rig.wizard.is_moving());
    rig.send(observed(id, Observation::Clusters(Fetched::Known(Vec::new()))));
    assert_eq!(rig.wizard.session.observed.clusters, Fetched::Known(Vec::new()));
    assert!(rig.wizard.session.observed.setting.is_looking());
    rig.send(Message::ObserveFinished { id });
    assert!(rig.wizard.session.observed.setting.problem().is_some());
    assert!(!rig.wizard.is_looking() && !rig.wizard.is_moving());
}

#[test]
fn a_failing_part_is_that_part_alone() {
    let mut world = first_time();
    world.aws_identity = Fetched::Failed(Problem::service("expired").hint("aws sso login"));
    let mut rig = Rig::connected(world);
    assert!(rig.wizard.session.observed.aws_identity.problem().is_some());
    assert!(rig.wizard.session.observed.clusters.known().is_some());
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Prerequisites, "with what is known");
    rig.world = first_time();
    rig.press("r");
    rig.answer();
    assert!(rig.wizard.session.observed.aws_identity.known().is_some());
}

#[test]
fn looking_again_keeps_what_is_known_until_the_answer_comes() {
    let mut rig = Rig::on(ScreenId::Clusters, first_time());
    rig.press("r");
    assert!(rig.wizard.is_looking());
    assert_eq!(rig.wizard.cluster_rows().rows.len(), 4);
    let looks: Vec<_> = rig.effects.iter().map(std::mem::discriminant).collect();
    assert_eq!(looks.len(), 3, "the world, the role, the key");
    rig.world = all_done();
    rig.answer();
    assert!(rig.wizard.cluster_rows().rows[0].cluster.is_encrypted());
}

#[test]
fn the_answer_of_a_replaced_question_is_dropped() {
    let mut rig = Rig::begin(given(), first_time());
    let (old, _) = observe(&mut rig);
    rig.press("r");
    let (new, _) = observe(&mut rig);
    rig.send(observed(old, Observation::Clusters(Fetched::Known(Vec::new()))));
    assert!(rig.wizard.session.observed.clusters.is_looking());
    rig.send(Message::ObserveFinished { id: old });
    assert!(rig.wizard.is_looking());
    rig.send(observed(new, Observation::Clusters(Fetched::Known(Vec::new()))));
    assert!(rig.wizard.session.observed.clusters.known().is_some());
}

#[test]
fn another_region_asks_for_its_keys_and_for_what_was_still_open() {
    let mut rig = Rig::begin(given(), first_time());
    let (id, _) = observe(&mut rig);
    rig.send(observed(id, Observation::IamRoles(Fetched::Known(Vec::new()))));
    rig.press("Down");
    rig.press("Enter");
    let (_, parts) = observe(&mut rig);
    assert_eq!(parts, [Part::Identities, Part::Project, Part::Keys]);
    assert_ne!(rig.wizard.session.choices.region, Region::parse("us-east-1").ok());
}

#[test]
fn a_lookup_of_what_is_no_longer_chosen_is_dropped() {
    let mut rig = Rig::on(ScreenId::Role, first_time());
    rig.press("Enter");
    let first = lookup(&mut rig);
    rig.press("Esc");
    rig.press("Tab");
    rig.text("2");
    rig.press("Enter");
    let second = lookup(&mut rig);
    assert_ne!(first, second);
    let answer = |(id, name): &(EffectId, String)| {
        let found = Lookup {
            of: name.clone(),
            found: Fetched::Known(None),
        };
        observed(*id, Observation::ChosenRole(found))
    };
    rig.send(answer(&first));
    assert!(rig.wizard.session.chosen_role().is_some_and(Fetched::is_looking));
    rig.send(answer(&second));
    assert!(
        rig.wizard
            .session
            .chosen_role()
            .is_some_and(|found| found.known().is_some())
    );
}

fn lookup(rig: &mut Rig) -> (EffectId, String) {
    rig.take(|effect| match effect {
        Effect::LookUpRole { id, name } => Some((*id, name.clone())),
        _ => None,
    })
}

#[test]
fn a_worker_that_dies_leaves_a_problem_where_its_answer_was_awaited() {
    let mut rig = Rig::begin(given(), first_time());
    let (id, _) = observe(&mut rig);
    let died = |id| Message::WorkerDied {
        id,
        message: "panicked".to_owned(),
    };
    rig.send(died(id));
    assert!(rig.wizard.session.observed.clusters.problem().is_some());
    rig.press("r");
    rig.answer();
    for _ in 0..3 {
        rig.press("Enter");
    }
    let (id, _) = lookup(&mut rig);
    rig.send(died(id));
    assert!(
        rig.wizard
            .session
            .chosen_role()
            .is_some_and(|found| found.problem().is_some())
    );
    assert!(!rig.wizard.is_moving());
}

#[test]
fn answers_that_nobody_awaits_change_nothing() {
    let mut rig = Rig::on(ScreenId::Review, first_time());
    let (before, plan) = (
        rig.wizard.session.observed.clone(),
        rig.wizard.plan().unwrap().unwrap().clone(),
    );
    let stale = EffectId::first();
    let event = crate::apply::event::Event {
        kind: started(&plan),
        index: 0,
        elapsed_ms: 0,
    };
    let messages = [
        Message::InputDiscarded { id: stale },
        observed(stale, Observation::Clusters(Fetched::NotLooked)),
        Message::ObserveFinished { id: stale },
        Message::PlanChanged {
            id: stale,
            observed: Box::new(all_done()),
        },
        Message::RunRefused {
            id: stale,
            problems: Vec::new(),
        },
        Message::RunEvent {
            id: stale,
            event: Box::new(event),
            at: at(),
        },
        Message::RunEnded { id: stale },
        Message::Verified {
            id: stale,
            result: Box::new(Ok(evidence(&all_done()))),
        },
        Message::Saved {
            id: stale,
            result: Ok(Saved::AlreadyThere),
        },
        Message::ReportWritten {
            id: stale,
            result: Ok(Vec::new()),
        },
        Message::WorkerDied {
            id: stale,
            message: String::new(),
        },
    ];
    for message in messages {
        rig.send(message.clone());
        assert_eq!(rig.wizard.session.observed, before, "{message:?}");
        assert!(
            rig.effects.is_empty() && rig.wizard.session.run.is_none(),
            "{message:?}"
        );
        assert_eq!(rig.wizard.current, ScreenId::Review);
    }
}

#[test]
fn checks_follow_the_choices() {
    let mut rig = Rig::on(ScreenId::Clusters, first_time());
    let before = rig.wizard.checks().to_vec();
    rig.press("a");
    let fresh = crate::checklist::checklist(&rig.wizard.session.observed, &rig.wizard.session.choices);
    assert_eq!(rig.wizard.checks(), fresh);
    assert_eq!(before.len(), fresh.len());
}
