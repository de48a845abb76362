//! The world moves between the plan and the write: what was planned from is read again, and nothing of others is lost.

use std::sync::Arc;

use atlas_cmk::plan::{self, Plan};
use atlas_cmk::simulator::world::AwsKms;
use atlas_cmk::terminal::{Outside, Workers};
use atlas_cmk::wizard::sources::Profiles;
use atlas_cmk::wizard::{Connection, Effect, EffectId, Message, Start, Wizard};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::CONFIG;
use crate::support::program::Program;
use crate::support::rig::{ALIAS, ROLE, Rig, SETTLED, SPEED};
use crate::support::screen::Screen;
use crate::support::wire::changes;

const EXISTING: &str = "orders-api-task";
const POLICY: &str = "atlas-cmk-encryption-at-rest";

async fn rig() -> Rig {
    Rig::start(SETTLED, SPEED).await.with_clusters(&["orders"])
}

fn foreign_statement(sid: &str) -> Value {
    json!({
        "Sid": sid,
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::111122223333:root" },
        "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "aws:PrincipalTag/team": "audit" } },
    })
}

/// Adds a statement to the existing role's trust policy behind the program's back.
fn somebody_adds_a_statement(rig: &Rig, sid: &str) {
    rig.control.edit(|world| {
        let trust = &mut world.aws.role_mut(EXISTING).unwrap().trust;
        trust.change(
            |now| {
                let mut document: Value = serde_json::from_str(now.as_deref().unwrap()).unwrap();
                document["Statement"]
                    .as_array_mut()
                    .unwrap()
                    .push(foreign_statement(sid));
                *now = Some(document.to_string());
            },
            0,
        );
    });
}

fn trust(rig: &Rig) -> Value {
    let role = rig.iam_role(EXISTING).unwrap();
    serde_json::from_str(role["trust"]["now"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_trust_policy_that_was_changed_is_left_as_it_is_and_the_next_plan_keeps_it_all() {
    let rig = rig().await.with_role(EXISTING);
    let plan = rig.plan().await;
    somebody_adds_a_statement(&rig, "Audit");
    let changed = trust(&rig);

    let told = rig.carry_out(&plan).await.failed(&["update-trust-policy"]);
    assert_eq!(rig.control.count("iam:UpdateAssumeRolePolicy"), 0);
    assert_eq!(trust(&rig), changed);
    let problem = told.problem("update-trust-policy");
    assert!(
        problem.message.contains("somebody changed the trust policy"),
        "{problem}"
    );
    assert!(
        problem.hints.iter().any(|hint| hint.contains("plan again")),
        "{problem:?}"
    );
    assert!(told.not_run().iter().any(|(step, _)| *step == "authorize-access-role"));

    let _ = rig.apply().await.completed();
    let statements = trust(&rig)["Statement"].as_array().unwrap().clone();
    assert_eq!(statements.len(), 3);
    assert_eq!(statements[..2], changed["Statement"].as_array().unwrap()[..]);
    let journal = std::fs::read_to_string(rig.journal().await.path()).unwrap();
    let kept = journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let kept: Vec<_> = kept.filter(|entry| entry["entry"] == "replaced").collect();
    assert_eq!(kept.len(), 1, "the document that was replaced is kept");
    assert_eq!(kept[0]["before"], changed);
}

#[tokio::test]
async fn an_inline_policy_that_appeared_is_left_as_it_is() {
    let rig = rig().await.with_role(EXISTING);
    let plan = rig.plan().await;
    let foreign = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": "kms:ListAliases", "Resource": "*" }],
    });
    rig.control.edit(|world| {
        let documents = &mut world.aws.role_mut(EXISTING).unwrap().documents;
        documents.change(
            |documents| documents.inline.push((POLICY.to_owned(), foreign.to_string())),
            0,
        );
    });
    let told = rig.carry_out(&plan).await.failed(&["put-role-policy"]);
    assert_eq!(rig.control.count("iam:PutRolePolicy"), 0);
    assert!(told.problem("put-role-policy").message.contains("inline policy"));

    let _ = rig.apply().await.completed();
    let role = rig.iam_role(EXISTING).unwrap();
    let written = role["documents"]["now"]["inline"].as_array().unwrap().iter();
    let written = written.filter(|policy| policy[0] == POLICY).collect::<Vec<_>>();
    let written: Value = serde_json::from_str(written[0][1].as_str().unwrap()).unwrap();
    assert_eq!(written["Statement"][0], foreign["Statement"][0]);
    assert_eq!(written["Statement"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_setting_that_somebody_else_made_is_left_as_it_is() {
    let rig = rig().await;
    let plan = rig.plan().await;
    let theirs = AwsKms {
        role_id: None,
        access_key_id: Some("AKIAIOSFODNN7EXAMPLE".to_owned()),
        key: "7c1e2f60-3b9a-4d58-9e47-0a5d6c8b1f23".to_owned(),
        region: "US_EAST_1".to_owned(),
        require_private_networking: false,
    };
    rig.control
        .edit(|world| world.atlas.projects[0].aws_kms = Some(theirs.clone()));
    let told = rig.carry_out(&plan).await.failed(&["enable-project-setting"]);
    assert!(
        told.problem("enable-project-setting")
            .message
            .contains("somebody changed"),
        "{told:?}"
    );
    assert_eq!(rig.control.count("enableEncryptionAtRest"), 0);
    assert_eq!(rig.project()["aws_kms"]["key"], theirs.key.as_str());
}

#[tokio::test]
async fn a_role_or_an_alias_that_appeared_is_not_taken_over() {
    let rig = rig().await;
    let plan = rig.plan().await;
    rig.control.edit(|world| {
        let mut role = world.aws.role(EXISTING).unwrap().clone();
        role.name = ROLE.to_owned();
        role.arn = format!("arn:aws:iam::111122223333:role/{ROLE}");
        world.aws.roles.push(role);
        let other = world.aws.key_mut("7c1e2f60-3b9a-4d58-9e47-0a5d6c8b1f23").unwrap();
        other.aliases.push(ALIAS.to_owned());
    });
    let before = rig.iam_role(ROLE);
    let told = rig.carry_out(&plan).await.failed(&["create-iam-role", "create-alias"]);
    assert_eq!(rig.iam_role(ROLE), before);
    let role = told.problem("create-iam-role");
    assert_eq!(role.code.as_deref(), Some("EntityAlreadyExists"));
    assert!(role.hints.iter().any(|hint| hint.contains("plan again")), "{role:?}");
    let alias = told.problem("create-alias");
    assert_eq!(alias.code.as_deref(), Some("AlreadyExistsException"));
    assert!(alias.hints.iter().any(|hint| hint.contains("plan again")), "{alias:?}");
    assert_eq!(rig.control.count("enableEncryptionAtRest"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_a_plan_that_has_changed_is_shown_and_asked_about_again() {
    let rig = rig().await;
    let program = Program::on(&rig.simulator);
    program.config(&CONFIG.replace("\"atlas-cmk-orders\"", "\"orders-api-task\"\nreuse = true"));
    // High enough for all of two plans.
    let mut screen = Screen::start(&program.command(&["apply"]), 120, 500);
    let asked =
        |times| move |screen: &vt100::Screen| screen.contents().matches("Type apply to carry it out").count() == times;
    screen.wait("the question", asked(1));
    somebody_adds_a_statement(&rig, "Audit");
    screen.keys("apply\r");
    let text = screen.wait("the question again", asked(2));
    assert!(
        text.contains("Something has changed since the plan was shown"),
        "{text}"
    );
    assert_eq!(changes(&rig.control), Vec::<String>::new());
    screen.keys("apply\r");
    let left = screen.ends();
    assert_eq!(left.code, 0, "{}", left.text);
    assert_eq!(trust(&rig)["Statement"].as_array().map(Vec::len), Some(3));
}

/// Carries a reviewed plan out as the wizard's workers do, and returns all answers.
async fn start_run(rig: &Rig, plan: &Plan) -> Vec<Message> {
    let clouds = rig.clouds.clone();
    let outside = Outside {
        connect: Arc::new(move |_| Box::pin(std::future::ready(Ok(clouds.clone())))),
        profiles: Arc::new(|| Box::pin(std::future::ready(Ok(Profiles::default())))),
        folder: rig.folder(),
        pace: rig.pace(),
        profile: None,
    };
    let (sink, mut answers) = mpsc::unbounded_channel();
    let mut workers = Workers::new(outside, sink);
    workers.begin(Effect::StartRun {
        id: some_id(),
        plan: Box::new(plan.clone()),
    });
    let mut all = Vec::new();
    while let Some(answer) = answers.recv().await {
        let is_last = matches!(answer, Message::RunEnded { .. });
        all.push(answer);
        if is_last {
            break;
        }
    }
    all
}

/// Only the wizard names effects.
fn some_id() -> EffectId {
    let (_, effects) = Wizard::begin(Start {
        connection: Connection {
            atlas: "simulated Atlas".to_owned(),
            aws: "simulated AWS".to_owned(),
            demo: true,
        },
        ..Start::default()
    });
    let observe = effects.into_iter().find_map(|effect| match effect {
        Effect::Observe { id, .. } => Some(id),
        _ => None,
    });
    observe.expect("the wizard looks first")
}

#[tokio::test]
async fn a_stale_plan_is_refused_with_what_is_there_now() {
    let rig = rig().await.with_role(EXISTING);
    let plan = rig.plan().await;
    somebody_adds_a_statement(&rig, "Audit");
    let answers = start_run(&rig, &plan).await;
    let [Message::PlanChanged { observed, .. }, Message::RunEnded { .. }] = &answers[..] else {
        panic!("{answers:?}");
    };
    assert_eq!(changes(&rig.control), Vec::<String>::new());
    let now = plan::plan(observed, &plan.desired).unwrap();
    assert_ne!(now.fingerprint, plan.fingerprint);
    let different: Vec<_> = now
        .steps
        .iter()
        .filter(|step| !plan.steps.contains(step))
        .map(|step| step.id.as_str())
        .collect();
    assert_eq!(different, ["update-trust-policy"]);

    // What was shown now is what is done now.
    let answers = start_run(&rig, &now).await;
    assert!(
        !answers
            .iter()
            .any(|answer| matches!(answer, Message::PlanChanged { .. })),
        "{answers:?}"
    );
    assert_eq!(trust(&rig)["Statement"].as_array().map(Vec::len), Some(3));
    assert!(rig.plan().await.is_empty());
}
