//! From the plan on: reviewing, applying, what holds; and what is asked meanwhile.

use super::{State, pressed};
use crate::apply::event::{EventKind, NotRun};
use crate::domain::iam_role::IamRoleDetail;
use crate::observe::fixture::{
    ACCESS_ROLE, EXTERNAL_ID, KEY, ROLE, access_role, all_done, choose_role, first_time, foreign_trust, named_key, role,
};
use crate::observe::{Fetched, ObservedState};
use crate::plan::{Plan, StepId};
use crate::problem::Problem;
use crate::verify::{Evidence, Finding, Weight};
use crate::wizard::fixture::{Rig, at, completed, evidence, incident, started};
use crate::wizard::{Effect, EffectId, Message, Saved, ScreenId};

/// Returns a world in which the IAM role is there and trusts someone else.
fn with_foreign_role() -> (ObservedState, IamRoleDetail) {
    let mut world = first_time();
    let detail = role(ROLE, foreign_trust());
    choose_role(&mut world, ROLE, Some(detail.clone()));
    (world, detail)
}

pub(in crate::ui::tests) fn review() -> Vec<State> {
    let looking = {
        let mut rig = Rig::on(ScreenId::Review, first_time());
        rig.press("r");
        rig
    };
    let mut blocked = first_time();
    blocked.clusters = Fetched::Failed(
        Problem::service("Atlas doesn't answer")
            .with_code("503")
            .hint("look again"),
    );
    if let Fetched::Known(who) = &mut blocked.atlas_identity {
        who.roles = Some(Vec::new());
    }
    let blocked = pressed(Rig::on(ScreenId::Clusters, blocked), &["Enter"]);
    let (foreign, _) = with_foreign_role();
    let mut moved = Rig::on(ScreenId::Apply, first_time());
    let (id, _) = moved.run();
    let (mut world, _) = with_foreign_role();
    world.access_roles = Fetched::Known(vec![access_role(ACCESS_ROLE, EXTERNAL_ID)]);
    moved.send(Message::PlanChanged {
        id,
        observed: Box::new(world),
    });
    vec![
        ("review_first_time", Rig::on(ScreenId::Review, first_time())),
        (
            "review_new_trust",
            pressed(Rig::on(ScreenId::Review, first_time()), &["j"]),
        ),
        ("review_difference", pressed(Rig::on(ScreenId::Review, foreign), &["j"])),
        ("review_looking", looking),
        ("review_blocked", blocked),
        ("review_nothing_to_do", on_review_of_all_done()),
        ("review_moved", moved),
        ("review_way_back", {
            let mut rig = pressed(Rig::connected(incident("PendingDeletion")), &["Enter"]);
            rig.answer();
            rig
        }),
    ]
}

fn on_review_of_all_done() -> Rig {
    let mut rig = Rig::connected(all_done());
    while rig.wizard.current < ScreenId::Review {
        rig.press("Enter");
        rig.answer();
        if rig.wizard.dialog.is_some() {
            rig.press("Enter");
        }
    }
    rig
}

fn begin(step: &StepId) -> EventKind {
    EventKind::StepStarted { step: step.clone() }
}

fn running() -> (Rig, EffectId, Plan) {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    let (id, plan) = rig.run();
    (rig, id, plan)
}

fn step(plan: &Plan, name: &str) -> StepId {
    let found = plan.steps.iter().find(|step| step.id.as_str().starts_with(name));
    found.expect("the plan has this step").id.clone()
}

pub(in crate::ui::tests) fn waiting() -> Rig {
    let (mut rig, id, plan) = running();
    let authorize = step(&plan, "authorize");
    let mut events = vec![started(&plan)];
    for step in plan.steps.iter().take_while(|step| step.id != authorize) {
        events.extend([begin(&step.id), completed(&step.id)]);
    }
    events.push(begin(&authorize));
    events.push(EventKind::AttemptFailed {
        step: authorize,
        attempt: 2,
        code: Some("CANNOT_ASSUME_ROLE".to_owned()),
        reason: "AWS IAM needs up to a few minutes to spread a change; Atlas doesn't see it yet".to_owned(),
        next_try_ms: 4000,
        limit_ms: Some(180_000),
        person: None,
    });
    rig.tell(id, events);
    rig.send(Message::Tick {
        at: at() + jiff::SignedDuration::from_secs(3),
    });
    rig
}

pub(in crate::ui::tests) fn failed() -> Rig {
    let (mut rig, id, plan) = running();
    let (first, second) = (&plan.steps[0].id, step(&plan, "create-iam-role"));
    let mut events = vec![started(&plan), begin(first), completed(first), begin(&second)];
    events.push(EventKind::StepFailed {
        step: second.clone(),
        problem: Problem::service("AWS IAM refuses to create the IAM role")
            .at("iam:CreateRole atlas-cmk-orders")
            .with_code("AccessDenied")
            .hint("let arn:aws:sts::111122223333:assumed-role/Platform/ada do iam:CreateRole")
            .hint("or choose an IAM role that is there"),
    });
    for step in plan.steps.iter().skip(1).filter(|step| step.id != second) {
        events.push(EventKind::StepNotRun {
            step: step.id.clone(),
            because: NotRun::DependsOn(second.clone()),
        });
    }
    events.push(EventKind::RunFailed { failed: vec![second] });
    rig.tell(id, events);
    rig
}

fn stopped() -> Rig {
    let (mut rig, id, plan) = running();
    let first = plan.steps[0].id.clone();
    rig.tell(
        id,
        vec![
            started(&plan),
            begin(&first),
            EventKind::RunCancelled { uncertain: vec![first] },
        ],
    );
    rig
}

fn stopping() -> Rig {
    let (mut rig, id, plan) = running();
    rig.tell(id, vec![started(&plan), begin(&plan.steps[0].id)]);
    rig.press("q");
    rig
}

fn declined() -> Rig {
    let (mut rig, id, _) = running();
    let problem = Problem::prerequisite("another run for this project is under way").hint("wait until it has ended");
    rig.send(Message::RunRefused {
        id,
        problems: vec![problem],
    });
    rig
}

pub(in crate::ui::tests) fn apply() -> Vec<State> {
    let mut completed = Rig::on(ScreenId::Apply, first_time());
    completed.complete_run();
    vec![
        ("apply_checking", running().0),
        ("apply_waiting", waiting()),
        ("apply_not_run", pressed(failed(), &["G"])),
        ("apply_failed", failed()),
        ("apply_stopping", stopping()),
        ("apply_stopped", stopped()),
        ("apply_refused", declined()),
        ("apply_completed", completed),
    ]
}

fn verified(result: Result<Evidence, Problem>) -> Rig {
    let mut rig = Rig::on(ScreenId::Done, first_time());
    let id = rig.take(|effect| match effect {
        Effect::Verify { id, .. } => Some(*id),
        _ => None,
    });
    rig.send(Message::Verified {
        id,
        result: Box::new(result),
    });
    let writing = rig.effects.iter().find_map(|effect| match effect {
        Effect::WriteReport { id, .. } => Some(*id),
        _ => None,
    });
    if let Some(id) = writing {
        let folder = "/home/ada/.local/state/atlas-cmk/cloud.mongodb.com";
        let files = ["md", "json"].map(|end| format!("{folder}/report-20261125T080000Z.{end}"));
        rig.send(Message::ReportWritten {
            id,
            result: Ok(files.to_vec()),
        });
    }
    rig
}

fn holding() -> Evidence {
    let mut evidence = evidence(&all_done());
    evidence.key = Some(named_key(KEY));
    evidence.findings = vec![
        Finding {
            weight: Weight::Note,
            text: "Atlas checks the key every 15 minutes. Watch its alerts.".to_owned(),
        },
        Finding {
            weight: Weight::Note,
            text: "Never disable or delete the key while a cluster or a snapshot needs it.".to_owned(),
        },
    ];
    evidence
}

pub(in crate::ui::tests) fn at_risk() -> Rig {
    let mut evidence = holding();
    evidence.encryption_at_rest.aws.valid = Some(false);
    let text = "The key isn't valid: Atlas can't use it, and it shuts down every encrypted cluster.".to_owned();
    evidence.findings.insert(
        0,
        Finding {
            weight: Weight::Risk,
            text,
        },
    );
    verified(Ok(evidence))
}

pub(in crate::ui::tests) fn done() -> Vec<State> {
    vec![
        ("done_looking", Rig::on(ScreenId::Done, first_time())),
        ("done_holds", verified(Ok(holding()))),
        ("done_holds_end", pressed(verified(Ok(holding())), &["G"])),
        ("done_at_risk", at_risk()),
        (
            "done_failed",
            verified(Err(Problem::service("Atlas doesn't answer").hint("look again"))),
        ),
    ]
}

pub(in crate::ui::tests) fn dialogs() -> Vec<State> {
    let on_review = || Rig::on(ScreenId::Review, first_time());
    let mut word = pressed(on_review(), &["Enter"]);
    word.text("aply");
    word.press("Enter");
    let mut early = on_review();
    early.press("Enter");
    let saving = |result: Result<Saved, Problem>| {
        let mut rig = pressed(on_review(), &["s", "Enter"]);
        let id = rig.take(|effect| match effect {
            Effect::SaveConfig { id, .. } => Some(*id),
            _ => None,
        });
        rig.send(Message::Saved { id, result });
        rig
    };
    let unwritable = Problem::input("the file can't be written")
        .at("atlas-cmk.toml")
        .hint("choose another name");
    vec![
        (
            "dialog_help",
            pressed(Rig::on(ScreenId::Clusters, first_time()), &["?"]),
        ),
        ("dialog_leave", pressed(on_review(), &["q"])),
        (
            "dialog_no_cluster",
            pressed(Rig::on(ScreenId::Clusters, first_time()), &["Enter"]),
        ),
        ("dialog_word_early", early),
        ("dialog_word", word),
        ("dialog_save", pressed(on_review(), &["s"])),
        ("dialog_replace", saving(Ok(Saved::AlreadyThere))),
        ("dialog_unwritable", saving(Err(unwritable))),
    ]
}
