//! The states that are drawn, each with its name.

use serde_json::json;

use crate::apply::event::{EventKind, NotRun};
use crate::domain::access_role::AccessRole;
use crate::domain::cluster::{Cluster, ClusterState, EncryptionProvider};
use crate::domain::iam_role::{IamRoleDetail, NamedPolicy};
use crate::domain::key::{Key, Rotation};
use crate::domain::project::Project;
use crate::observe::fixture::{
    ACCESS_ROLE, EXTERNAL_ID, KEY, MRK, ORG, OTHER_EXTERNAL_ID, ROLE, access_role, all_done, choose_role, cluster,
    document, encrypted, first_time, foreign_trust, key, named_key, project, role,
};
use crate::observe::{Fetched, ObservedState};
use crate::plan::{Choices, Plan, StepId};
use crate::problem::Problem;
use crate::verify::{Evidence, Finding, Weight};
use crate::wizard::fixture::{Rig, at, completed, evidence, given, started};
use crate::wizard::{Effect, EffectId, Message, Saved, ScreenId, Start};

pub(super) type State = (&'static str, Rig);

/// Returns every state there is.
pub(super) fn all() -> Vec<State> {
    let groups = [
        connect,
        prerequisites,
        roles,
        keys,
        clusters,
        review,
        apply,
        done,
        dialogs,
    ];
    groups.into_iter().flat_map(|group| group()).collect()
}

fn pressed(mut rig: Rig, keys: &[&str]) -> Rig {
    for key in keys {
        rig.press(key);
        rig.answer();
    }
    rig
}

fn unchosen() -> Start {
    Start {
        choices: Choices::default(),
        ..given()
    }
}

fn many_projects() -> ObservedState {
    let named = |nth: usize, name: &str| Project {
        id: format!("{nth:024x}"),
        name: name.to_owned(),
        org_id: ORG.to_owned(),
    };
    let mut world = first_time();
    let names = [
        "billing",
        "결제-프로덕션",
        "ads \u{1b}]52;c;cm0=\u{7} \u{202e}evil",
        "a project with a name that is longer than it should be",
    ];
    let mut projects: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(nth, name)| named(nth + 1, name))
        .collect();
    projects.push(project());
    projects.extend((10..40).map(|nth| named(nth, &format!("team-{nth}"))));
    world.projects = Fetched::Known(projects);
    world
}

fn refused() -> Problem {
    Problem::service("Atlas refuses the API key")
        .at("GET https://cloud.mongodb.com/api/atlas/v2/")
        .with_code("USER_UNAUTHORIZED")
        .hint("look at MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY")
        .hint("an API key may be used from the addresses of its access list alone")
}

pub(super) fn connect() -> Vec<State> {
    let mut broken = first_time();
    broken.atlas_identity = Fetched::Failed(refused());
    broken.aws_identity =
        Fetched::Failed(Problem::service("the AWS sign-in has expired").hint("aws sso login --profile platform"));
    let mut failed = broken.clone();
    failed.projects = Fetched::Failed(refused());
    let noted = Start {
        notes: vec!["The file names the region eu-west-1, the environment us-east-1: the file wins.".to_owned()],
        ..given()
    };
    let mut told = Rig::begin(noted, first_time());
    told.answer();
    let mut answered = |start: Start, world: ObservedState| {
        let mut rig = Rig::begin(start, world);
        rig.answer();
        rig
    };
    let filtered = pressed(answered(unchosen(), many_projects()), &["Tab", "/", "e", "u"]);
    vec![
        ("connect_looking", Rig::begin(given(), first_time())),
        ("connect_given", told),
        ("connect_projects", answered(unchosen(), many_projects())),
        ("connect_filter", filtered),
        ("connect_failed", answered(unchosen(), failed)),
        ("connect_failed_given", answered(given(), broken)),
    ]
}

fn without_owner() -> ObservedState {
    let mut world = first_time();
    if let Fetched::Known(who) = &mut world.atlas_identity {
        who.roles = Some(Vec::new());
    }
    world
}

pub(super) fn prerequisites() -> Vec<State> {
    let last = pressed(Rig::on(ScreenId::Prerequisites, all_done()), &["G"]);
    vec![
        (
            "prerequisites_first_time",
            Rig::on(ScreenId::Prerequisites, first_time()),
        ),
        (
            "prerequisites_failed",
            Rig::on(ScreenId::Prerequisites, without_owner()),
        ),
        ("prerequisites_last", last),
    ]
}

/// Returns a role that may do far more than use a key.
fn mighty() -> IamRoleDetail {
    let mut detail = role("data-platform", foreign_trust());
    detail.role.description = Some("Shared by the data team's jobs".to_owned());
    detail.role.created = Some(at());
    detail.inline.push(NamedPolicy {
        name: "everything".to_owned(),
        document: Some(document(json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Action": ["s3:*", "ec2:RunInstances"], "Resource": "*" }],
        }))),
    });
    detail
}

fn with_roles() -> ObservedState {
    let mut world = first_time();
    let mut all = vec![mighty().role];
    all.extend((0..40).map(|nth| role(&format!("orders-task-{nth:02}"), foreign_trust()).role));
    world.iam_roles = Fetched::Known(all);
    world.access_roles = Fetched::Known(vec![
        access_role(ACCESS_ROLE, EXTERNAL_ID),
        access_role("65f0c1a2b3c4d5e6f70819b2", OTHER_EXTERNAL_ID),
    ]);
    world
}

fn on_role(world: ObservedState) -> Rig {
    let mut rig = Rig::on(ScreenId::Role, world);
    rig.roles.push(mighty());
    rig
}

pub(super) fn roles() -> Vec<State> {
    let mut looking = Rig::begin(given(), first_time());
    looking.press("Enter");
    looking.press("Enter");
    let mut unreadable = first_time();
    unreadable.iam_roles = Fetched::Failed(Problem::service("AWS refuses to list IAM roles").with_code("AccessDenied"));
    let mut wrong = pressed(Rig::on(ScreenId::Role, first_time()), &["Tab"]);
    wrong.text(" and more");
    wrong.press("Enter");
    let mut filtered = on_role(with_roles());
    filtered.press("/");
    filtered.text("task-1");
    vec![
        ("role_new", Rig::on(ScreenId::Role, first_time())),
        ("role_looking", looking),
        ("role_failed", Rig::on(ScreenId::Role, unreadable)),
        ("role_wrong_name", wrong),
        ("role_beyond", pressed(on_role(with_roles()), &["j", "j", "j", "Space"])),
        (
            "role_accepted",
            pressed(on_role(with_roles()), &["j", "j", "j", "Space", "Space"]),
        ),
        ("role_unfinished", pressed(on_role(with_roles()), &["j", "j"])),
        ("role_in_use", Rig::on(ScreenId::Role, all_done())),
        ("role_filter", filtered),
    ]
}

fn with_keys() -> ObservedState {
    let mut world = first_time();
    let of = |id: &str, alias: &str| Key {
        aliases: vec![format!("alias/{alias}")],
        ..key(id)
    };
    let nth = |nth: u32| format!("0000abcd-12ab-34cd-56ef-{nth:012x}");
    let mut keys = vec![
        Key {
            state: "Disabled".to_owned(),
            ..of(&nth(1), "archive")
        },
        Key {
            state: "PendingDeletion".to_owned(),
            rotation: Rotation::Unknown,
            ..of(&nth(2), "old")
        },
        Key {
            description: "All of the shop's customers".to_owned(),
            rotation: Rotation::Off,
            ..of(KEY, "customers")
        },
        Key {
            spec: "RSA_2048".to_owned(),
            usage: "SIGN_VERIFY".to_owned(),
            ..of(&nth(3), "signing")
        },
        of(MRK, "worldwide"),
        key(&nth(4)),
    ];
    keys.extend((10..30).map(|number| of(&nth(number), &format!("team-{number}"))));
    world.keys = Fetched::Known(keys);
    world
}

pub(super) fn keys() -> Vec<State> {
    let on_key = || Rig::on(ScreenId::Key, with_keys());
    let mut wrong = pressed(on_key(), &["Tab", "Ctrl-U"]);
    wrong.text("alias/aws/mine");
    wrong.press("Enter");
    let mut named = pressed(on_key(), &["j", "Enter"]);
    named.send(Message::Paste("alias/nowhere".to_owned()));
    named.answer();
    let mut pasted = pressed(on_key(), &["j", "Enter"]);
    pasted.send(Message::Paste(MRK.to_owned()));
    pasted.answer();
    let mut there = first_time();
    there.keys = Fetched::Known(vec![named_key(KEY)]);
    vec![
        ("key_new", on_key()),
        (
            "key_form",
            pressed(on_key(), &["Tab", "Tab", "Tab", "Tab", "Space", "Tab"]),
        ),
        ("key_wrong_alias", wrong),
        ("key_listed", pressed(on_key(), &["j", "j", "j", "j", "Space"])),
        ("key_unusable", pressed(on_key(), &["j", "j", "j", "j", "j"])),
        ("key_not_there", named),
        ("key_pasted", pasted),
        ("key_alias_there", pressed(Rig::on(ScreenId::Key, there), &["g"])),
    ]
}

fn with_clusters() -> ObservedState {
    let mut world = first_time();
    let mut all = vec![
        cluster("billing"),
        Cluster {
            instance_size: "M400_NVME".to_owned(),
            provider: "AZURE".to_owned(),
            regions: vec!["EUROPE_NORTH".to_owned()],
            ..cluster("catalog")
        },
        Cluster {
            cluster_type: "GEOSHARDED".to_owned(),
            regions: vec!["US_EAST_1".to_owned(), "EU_WEST_1".to_owned()],
            ..cluster("orders")
        },
        Cluster {
            paused: true,
            backup: false,
            ..cluster("reports-archive")
        },
        Cluster {
            state: ClusterState::Updating,
            ..cluster("sessions")
        },
        Cluster {
            encryption: EncryptionProvider::Gcp,
            provider: "GCP".to_owned(),
            ..cluster("search")
        },
        encrypted("vault"),
    ];
    all.extend((0..20).map(|nth| cluster(&format!("tenant-{nth:02}"))));
    world.clusters = Fetched::Known(all);
    world
}

pub(super) fn clusters() -> Vec<State> {
    let on_clusters = || Rig::on(ScreenId::Clusters, with_clusters());
    let mut failed = first_time();
    failed.clusters = Fetched::Failed(
        Problem::service("Atlas doesn't answer")
            .with_code("503")
            .hint("look again"),
    );
    let mut none = first_time();
    none.clusters = Fetched::Known(Vec::new());
    none.flex_clusters = Fetched::Known(Vec::new());
    vec![
        ("clusters_none_chosen", on_clusters()),
        (
            "clusters_chosen",
            pressed(on_clusters(), &["Space", "j", "j", "Space", "o", "j", "Space"]),
        ),
        ("clusters_filter", pressed(on_clusters(), &["/", "v", "a"])),
        ("clusters_failed", Rig::on(ScreenId::Clusters, failed)),
        ("clusters_no_cluster", Rig::on(ScreenId::Clusters, none)),
    ]
}

/// Returns a world in which the IAM role is there and trusts someone else.
fn with_foreign_role() -> (ObservedState, IamRoleDetail) {
    let mut world = first_time();
    let detail = role(ROLE, foreign_trust());
    choose_role(&mut world, ROLE, Some(detail.clone()));
    (world, detail)
}

pub(super) fn review() -> Vec<State> {
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
    found
        .map(|step| step.id.clone())
        .unwrap_or_else(|| panic!("no step {name} in {plan:?}"))
}

pub(super) fn waiting() -> Rig {
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
    });
    rig.tell(id, events);
    rig.send(Message::Tick {
        at: at() + jiff::SignedDuration::from_secs(3),
    });
    rig
}

pub(super) fn failed() -> Rig {
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

pub(super) fn apply() -> Vec<State> {
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

pub(super) fn at_risk() -> Rig {
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

pub(super) fn done() -> Vec<State> {
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

pub(super) fn dialogs() -> Vec<State> {
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

/// Returns an access role that has every foreign text in it that could act on a terminal.
pub(super) fn hostile() -> ObservedState {
    let mut world = many_projects();
    let bad = "\u{1b}[2J\u{202e}\u{9b}31m\r\u{7}";
    if let Fetched::Known(clusters) = &mut world.clusters {
        clusters.push(cluster(&format!("c{bad}")));
    }
    let mut detail = mighty();
    detail.role.description = Some(format!("d{bad}\nsecond line"));
    world.iam_roles = Fetched::Known(vec![detail.role]);
    world.keys = Fetched::Known(vec![Key {
        description: format!("k{bad}"),
        aliases: vec![format!("alias/{bad}")],
        ..key(KEY)
    }]);
    world.access_roles = Fetched::Known(vec![AccessRole {
        external_id: format!("e{bad}"),
        ..access_role(ACCESS_ROLE, EXTERNAL_ID)
    }]);
    world
}
