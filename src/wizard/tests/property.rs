//! Any order of keys, answers, failures and stale answers.

use proptest::prelude::*;

use crate::apply::event::EventKind;
use crate::observe::fixture::{KEY, all_done, cluster, first_time, foreign_trust, named_key, role};
use crate::observe::{Fetched, ObservedState};
use crate::plan::Plan;
use crate::problem::Problem;
use crate::wizard::field::Field;
use crate::wizard::fixture::{Rig, at, completed, evidence, started};
use crate::wizard::message::{Message, Saved};
use crate::wizard::{Dialog, Effect, EffectId, RunState, ScreenId, Start, Wizard};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Move {
    Press(&'static str),
    Type(&'static str),
    Paste(&'static str),
    Resize(u16),
    Tick,
    /// The way on from the review: Enter, what follows, the word, Enter.
    Confirm,
    /// Every open question is answered out of one of the worlds.
    Answer(usize),
    /// The last effect is answered: well, badly, or by the death of its worker.
    Reply(Reply),
    /// An old effect is answered.
    Stale(usize, Reply),
    Interrupt,
    Terminate,
}

#[derive(Clone, Copy, Debug)]
enum Reply {
    Well,
    Badly,
    Death,
    Moved,
}

const KEYS: &[&str] = &[
    "Enter",
    "Enter",
    "Enter",
    "Enter",
    "Esc",
    "Tab",
    "Shift-Tab",
    "Space",
    "Up",
    "Down",
    "PageDown",
    "Home",
    "End",
    "Backspace",
    "Ctrl-U",
    "a",
    "j",
    "k",
    "g",
    "G",
    "J",
    "K",
    "/",
    "r",
    "?",
    "q",
    "s",
    "t",
    "o",
    "n",
    "c",
    "d",
    "e",
    "p",
    "u",
    "w",
];

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        6 => Just(Reply::Well),
        2 => Just(Reply::Badly),
        1 => Just(Reply::Death),
        1 => Just(Reply::Moved),
    ]
}

fn a_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        120 => prop::sample::select(KEYS).prop_map(Move::Press),
        16 => prop::sample::select(&["apply", "orders", "x", "team=platform", "90", "us-east-2"][..]).prop_map(Move::Type),
        8 => prop::sample::select(&["", "\n arn:aws:kms:us-east-1:111122223333:key/x\nq", "apply\n", "日本é"][..])
            .prop_map(Move::Paste),
        4 => (0_u16..60).prop_map(Move::Resize),
        4 => Just(Move::Tick),
        20 => Just(Move::Confirm),
        60 => (0_usize..5).prop_map(Move::Answer),
        32 => reply().prop_map(Move::Reply),
        8 => (any::<usize>(), reply()).prop_map(|(which, reply)| Move::Stale(which, reply)),
        1 => Just(Move::Interrupt),
        1 => Just(Move::Terminate),
    ]
}

fn worlds() -> Vec<ObservedState> {
    let mut failing = first_time();
    failing.clusters = Fetched::Failed(Problem::service("no"));
    failing.iam_roles = Fetched::Failed(Problem::service("no"));
    let mut full = first_time();
    full.clusters = Fetched::Known((0..30).map(|number| cluster(&format!("c{number}"))).collect());
    full.iam_roles = Fetched::Known(
        (0..30)
            .map(|number| role(&format!("r{number}"), foreign_trust()).role)
            .collect(),
    );
    full.keys = Fetched::Known(vec![named_key(KEY)]);
    vec![first_time(), all_done(), failing, full, ObservedState::default()]
}

fn id_of(effect: &Effect) -> Option<EffectId> {
    match effect {
        Effect::Observe { id, .. }
        | Effect::LookUpRole { id, .. }
        | Effect::LookUpKey { id, .. }
        | Effect::DiscardInput { id }
        | Effect::StartRun { id, .. }
        | Effect::CancelRun { id, .. }
        | Effect::Verify { id, .. }
        | Effect::SaveConfig { id, .. }
        | Effect::ListProfiles { id }
        | Effect::LookUpPermissions { id, .. }
        | Effect::GoOn { id }
        | Effect::WriteReport { id, .. } => Some(*id),
        Effect::Connect { .. } | Effect::Quit { .. } => None,
    }
}

fn replies(effect: &Effect, reply: Reply) -> Vec<Message> {
    let Some(id) = id_of(effect) else {
        return Vec::new();
    };
    let no = || Problem::service("no");
    let event = |index: u64, kind: EventKind| Message::RunEvent {
        id,
        event: Box::new(crate::apply::event::Event {
            kind,
            index,
            elapsed_ms: index,
        }),
        at: at(),
    };
    let run = |plan: &Plan| {
        let first = plan.steps.first().map(|step| step.id.clone());
        let mut kinds = vec![started(plan)];
        kinds.extend(first.iter().map(completed));
        kinds.push(match reply {
            Reply::Well => EventKind::RunCompleted {},
            _ => EventKind::RunFailed { failed: Vec::new() },
        });
        let events = (0..).zip(kinds).map(|(index, kind)| event(index, kind));
        events.chain([Message::RunEnded { id }]).collect::<Vec<_>>()
    };
    match (effect, reply) {
        (_, Reply::Death) => vec![Message::WorkerDied {
            id,
            message: "it ended".to_owned(),
        }],
        (Effect::StartRun { .. }, Reply::Moved) => vec![Message::PlanChanged {
            id,
            observed: Box::new(all_done()),
        }],
        (Effect::StartRun { plan, .. }, _) => run(plan),
        (Effect::CancelRun { .. }, _) => vec![event(9, EventKind::RunCancelled { uncertain: Vec::new() })],
        (Effect::Verify { .. }, Reply::Well) => vec![Message::Verified {
            id,
            result: Box::new(Ok(evidence(&all_done()))),
        }],
        (Effect::Verify { .. }, _) => vec![Message::Verified {
            id,
            result: Box::new(Err(no())),
        }],
        (Effect::SaveConfig { .. }, Reply::Well) => vec![Message::Saved {
            id,
            result: Ok(Saved::Written("x".to_owned())),
        }],
        (Effect::SaveConfig { .. }, Reply::Moved) => vec![Message::Saved {
            id,
            result: Ok(Saved::AlreadyThere),
        }],
        (Effect::SaveConfig { .. }, _) => vec![Message::Saved { id, result: Err(no()) }],
        (Effect::WriteReport { .. }, _) => vec![Message::ReportWritten { id, result: Err(no()) }],
        (Effect::DiscardInput { .. }, _) => vec![Message::InputDiscarded { id }],
        (Effect::Observe { .. }, _) => vec![Message::ObserveFinished { id }],
        (Effect::ListProfiles { .. }, _) => vec![Message::ProfilesListed { id, result: Err(no()) }],
        (
            Effect::LookUpRole { .. }
            | Effect::LookUpKey { .. }
            | Effect::LookUpPermissions { .. }
            | Effect::Connect { .. }
            | Effect::GoOn { .. }
            | Effect::Quit { .. },
            _,
        ) => Vec::new(),
    }
}

fn forms(wizard: &Wizard) -> [&Field; 7] {
    let (role, key) = (&wizard.screens.role, &wizard.screens.key);
    let new = &key.new;
    [
        &role.name,
        &role.tags,
        &key.named,
        &new.alias,
        &new.description,
        &new.tags,
        &new.days,
    ]
}

/// Sends a message and holds the machine to what it promises.
fn send(rig: &mut Rig, message: Message) {
    let typed: Vec<_> = forms(&rig.wizard)
        .iter()
        .map(|field| (field.is_typed(), field.value().to_owned()))
        .collect();
    let focused = rig
        .wizard
        .screens
        .field(rig.wizard.current)
        .filter(|_| rig.wizard.dialog.is_none());
    let focused = focused.map(|field| forms(&rig.wizard).iter().position(|other| std::ptr::eq(*other, field)));
    let edits = matches!(message, Message::Key(_) | Message::Paste(_));
    let confirmed = match &rig.wizard.dialog {
        Some(Dialog::Word(word)) => word.is_open() && word.field.input.value() == "apply",
        _ => false,
    };
    let trying = matches!(
        rig.wizard.session.run.as_ref().map(|run| &run.state),
        Some(RunState::LookingAgain(_))
    );
    let reviewed = rig.wizard.plan().and_then(Result::ok).cloned();
    let left = rig.wizard.left();
    let known = rig.log.len();

    rig.send(message);

    for (place, (field, (was_typed, value))) in forms(&rig.wizard).iter().zip(&typed).enumerate() {
        let edited = edits && focused == Some(Some(place));
        assert!(!was_typed || edited || field.value() == value, "typed text was lost");
    }
    for effect in &rig.log[known..] {
        if let Effect::StartRun { plan, .. } = effect {
            assert!(confirmed || trying, "a run that nobody confirmed");
            assert!(
                trying || reviewed.as_ref() == Some(&**plan),
                "not the plan that was shown"
            );
        }
    }
    if left.is_some() {
        assert_eq!(rig.log.len(), known, "it was left");
    }
    let quits = rig.log.iter().filter(|effect| matches!(effect, Effect::Quit { .. }));
    assert_eq!(quits.count(), usize::from(rig.wizard.left().is_some()));
    assert!(
        !rig.wizard.is_running() || rig.wizard.pending.run.is_some(),
        "a run that nobody carries out"
    );
    drawn(&rig.wizard);
}

/// Reads all that a screen reads.
fn drawn(wizard: &Wizard) {
    let _ = (
        wizard.footer(),
        wizard.help(),
        wizard.steps_path(),
        wizard.last_words(),
        wizard.run_ms(),
    );
    let _ = (
        wizard.project_rows(),
        wizard.source_rows(),
        wizard.region_rows(),
        wizard.role_rows(),
        wizard.key_rows(),
    );
    let _ = (
        wizard.cluster_rows(),
        wizard.check_rows(),
        wizard.plan_rows(),
        wizard.run_rows(),
    );
    let _ = (wizard.plan_difference(), wizard.session.permissions_beyond_key_use());
}

#[expect(clippy::needless_pass_by_value, reason = "a move is made once")]
fn make(rig: &mut Rig, step: Move) {
    match step {
        Move::Press(name) => send(rig, Message::Key(crate::wizard::fixture::key(name))),
        Move::Type(text) => {
            for c in text.chars() {
                send(rig, Message::Key(crate::wizard::fixture::key(&c.to_string())));
            }
        }
        Move::Paste(text) => send(rig, Message::Paste(text.to_owned())),
        Move::Resize(rows) => send(rig, Message::Resize { columns: rows, rows }),
        Move::Tick => send(rig, Message::Tick { at: at() }),
        Move::Confirm => {
            make(rig, Move::Press("Enter"));
            rig.answer();
            make(rig, Move::Type("apply"));
            make(rig, Move::Press("Enter"));
        }
        Move::Answer(world) => {
            rig.world = worlds().swap_remove(world);
            rig.answer();
        }
        Move::Reply(reply) => {
            if let Some(effect) = rig.effects.pop() {
                for message in replies(&effect, reply) {
                    send(rig, message);
                }
            }
        }
        Move::Stale(which, reply) => {
            if let Some(effect) = rig.log.get(which % rig.log.len().max(1)).cloned() {
                for message in replies(&effect, reply) {
                    send(rig, message);
                }
            }
        }
        Move::Interrupt => send(rig, Message::Interrupt),
        Move::Terminate => send(rig, Message::Terminate),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_happens_it_keeps_its_promises_and_can_be_left(
        first in prop::sample::select(&ScreenId::ALL[..]),
        moves in prop::collection::vec(a_move(), 1..120),
    ) {
        let mut rig = if first == ScreenId::Connect {
            Rig::begin(Start::default(), first_time())
        } else {
            Rig::on(first, first_time())
        };
        for step in moves {
            make(&mut rig, step);
        }
        for _ in 0..3 {
            send(&mut rig, Message::Interrupt);
        }
        prop_assert!(rig.wizard.left().is_some());
    }
}
