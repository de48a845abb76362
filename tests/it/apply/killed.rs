//! Killed at every request, before and after it was carried out: the next run ends where an undisturbed one ends.
//!
//! By default the requests that change something, each before and after, and every tenth of all; with
//! `ATLAS_CMK_KILLS=all` every request of every run.

use atlas_cmk::simulator::{Effect, Fault};
use futures::{FutureExt as _, StreamExt as _, future, stream};
use serde_json::Value;

use crate::support::rig::{ROLE, Rig, SETTLED};
use crate::support::wire::is_change;

/// A world to start from, and what is wanted there.
struct Way {
    scenario: &'static str,
    config: &'static str,
}

const WAYS: [Way; 4] = [
    Way {
        scenario: "first-time",
        config: "[role]\nname = \"atlas-cmk-orders\"\n[key]\nalias = \"alias/atlas-orders\"\ncreate = true\n\
                 [clusters]\nencrypt = \"eligible\"\n",
    },
    Way {
        scenario: "existing-role",
        config: "[role]\nname = \"data-services\"\nreuse = true\n[key]\nid = \"3f8a6d10-52be-4c97-b1e4-7d09c5a2f836\"\n\
                 [clusters]\nencrypt = \"eligible\"\n",
    },
    Way {
        scenario: "switch",
        config: "[role]\nname = \"atlas-cmk-claims\"\n[key]\nalias = \"alias/claims-2026\"\n[clusters]\nencrypt = []\n",
    },
    Way {
        scenario: "another-key",
        config: "[role]\nname = \"atlas-cmk-records\"\n[key]\nalias = \"alias/records-2026\"\n\
                 [clusters]\nencrypt = []\n",
    },
];

impl Way {
    async fn rig(&self) -> Rig {
        Rig::wishing(self.scenario, SETTLED, self.config).await
    }
}

/// Returns a world without what differs from run to run: IDs that were made, moments, marks.
fn comparable(rig: &Rig) -> Value {
    let mut text = rig.control.world().to_string();
    let unique_id = rig.iam_role(rig.desired.role.name()).map(|role| role["id"].clone());
    let made = rig.access_roles().into_iter().chain(rig.our_keys()).flat_map(|made| {
        let mark = made["tags"].as_array().and_then(|tags| {
            let mark = tags.iter().find(|tag| tag[0] == "atlas-cmk:creation")?;
            Some(mark[1].clone())
        });
        [made["id"].clone(), made["external_id"].clone()]
            .into_iter()
            .chain(mark)
    });
    for (number, id) in unique_id.into_iter().chain(made).enumerate() {
        if let Some(id) = id.as_str() {
            text = text.replace(id, &format!("made-{number}"));
        }
    }
    let mut world = serde_json::from_str(&text).unwrap();
    forget_moments(&mut world);
    world
}

fn forget_moments(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(forget_moments),
        Value::Object(fields) => {
            for (name, value) in fields {
                if ["created", "authorized", "deletion", "expires"].contains(&name.as_str()) && value.is_string() {
                    *value = "then".into();
                } else {
                    forget_moments(value);
                }
            }
        }
        _ => {}
    }
}

/// Takes out what a first run makes and changes.
fn foreign(mut world: Value) -> Value {
    let remove = |list: &mut Value, is_ours: &dyn Fn(&Value) -> bool| {
        list.as_array_mut().unwrap().retain(|one| !is_ours(one));
    };
    remove(&mut world["aws"]["roles"], &|role| role["name"] == ROLE);
    remove(&mut world["aws"]["keys"], &|key| {
        key["tags"].to_string().contains("atlas-cmk:project")
    });
    let project = &mut world["atlas"]["projects"][0];
    remove(&mut project["access_roles"], &|_| true);
    project["aws_kms"] = Value::Null;
    for cluster in project["clusters"].as_array_mut().unwrap() {
        if ["orders", "billing", "catalog"].contains(&cluster["name"].as_str().unwrap()) {
            cluster["encryption"] = "NONE".into();
        }
    }
    world
}

/// Where a run is killed: at the how manieth of its requests, counted from 1.
type Kill = (usize, Effect);

/// Runs undisturbed; returns where to kill it and what there is in the end.
async fn undisturbed(way: &Way) -> (Vec<Kill>, Value) {
    let rig = way.rig().await;
    let plan = rig.plan().await;
    let before = rig.control.requests().len();
    let _ = rig.carry_out(&plan).await.completed();
    let all = std::env::var("ATLAS_CMK_KILLS").is_ok_and(|kills| kills == "all");
    let requests = rig.control.requests().split_off(before);
    let counted = requests.iter().filter(|request| request.operation != "digestChallenge");
    let kills = (1..).zip(counted).flat_map(|(number, request)| {
        let both = all || is_change(request);
        let before = (both || number % 10 == 0).then_some((number, Effect::HoldBefore));
        before.into_iter().chain(both.then_some((number, Effect::HoldAfter)))
    });
    (kills.collect(), comparable(&rig))
}

/// Kills a run at one request.
async fn kill(rig: &Rig, (number, effect): &Kill) {
    let plan = rig.plan().await;
    rig.control.fault(Fault::new(Fault::ANY, effect.clone()).nth(*number));
    let mut run = rig.begin(&plan).await;
    // How often a change is looked at depends on the machine: a run may end before its last requests.
    tokio::select! {
        () = rig.control.held(1) => {}
        () = run.finishes() => {}
    }
    rig.control.clear_faults();
    run.kill().await;
    rig.control.held(0).await;
}

/// Kills a run at one request, and lets the next one go to its end.
async fn killed_at(way: &Way, at: &Kill, expected: &Value) {
    let what = format!("{} {at:?}", way.scenario);
    let rig = way.rig().await;
    kill(&rig, at).await;
    let _ = rig.apply().await.completed();
    assert_same(&comparable(&rig), expected, &what);
    let left = rig.plan().await;
    assert!(left.is_empty(), "{what}: {:?}", left.steps);
}

#[track_caller]
fn assert_same(is: &Value, expected: &Value, what: &str) {
    let (is, expected) = (format!("{is:#}"), format!("{expected:#}"));
    let lines = similar::TextDiff::from_lines(&expected, &is);
    assert!(is == expected, "{what}:\n{}", lines.unified_diff().context_radius(4));
}

/// As above, and the journal is gone: at most one unfinished access role more is there, and the plan names it.
async fn killed_without_journal_at(way: &Way, at: &Kill, expected: &Value) {
    let what = format!("{} {at:?} without its journal", way.scenario);
    let rig = way.rig().await;
    kill(&rig, at).await;
    std::fs::remove_dir_all(rig.folder_path()).unwrap();
    let before = rig.access_roles();
    let _ = rig.apply().await.completed();

    let count = |world: &Value| world["atlas"]["projects"][0]["access_roles"].as_array().unwrap().len();
    let (now, wanted) = (rig.access_roles(), count(expected));
    let abandoned: Vec<_> = now.iter().filter(|role| role["iam_role_arn"].is_null()).collect();
    let left = rig.plan().await;
    assert!(left.is_empty(), "{what}: {:?}", left.steps);
    if now.len() == wanted {
        assert_same(&comparable(&rig), expected, &what);
        return;
    }
    assert_eq!(now.len(), wanted + 1, "{what}: {before:#?} {now:#?}");
    let told = format!("{:?} {:?}", left.notes, left.settled);
    assert!(
        abandoned.iter().any(|role| told.contains(role["id"].as_str().unwrap())),
        "{what}: {told}"
    );
    let keys = |world: &Value| world["aws"]["keys"].as_array().unwrap().len();
    assert_eq!(keys(&rig.control.world()), keys(expected), "{what}");
}

async fn all(kills: impl IntoIterator<Item = future::LocalBoxFuture<'_, ()>>) {
    stream::iter(kills).buffer_unordered(8).for_each(future::ready).await;
}

#[tokio::test]
async fn the_next_run_ends_where_an_undisturbed_one_ends() {
    for way in &WAYS {
        let (kills, expected) = undisturbed(way).await;
        assert!(kills.len() >= 4, "{}: {kills:?}", way.scenario);
        all(kills.iter().map(|at| killed_at(way, at, &expected).boxed_local())).await;
    }
}

#[tokio::test]
async fn without_its_journal_nothing_is_doubled_but_for_one_access_role() {
    for way in &WAYS {
        let (kills, expected) = undisturbed(way).await;
        // What is there before a request is what is there after the one before it.
        let after = kills.iter().filter(|(_, effect)| *effect == Effect::HoldAfter);
        all(after.map(|at| killed_without_journal_at(way, at, &expected).boxed_local())).await;
    }
}

#[tokio::test]
async fn a_first_run_touches_nothing_else() {
    let rig = WAYS[0].rig().await;
    let before = comparable(&rig);
    let _ = rig.apply().await.completed();
    assert_eq!(foreign(comparable(&rig)), before);
    assert_eq!(rig.access_roles().len(), 1);
}

/// Two runs in a row, each killed at another place.
#[tokio::test]
async fn killed_twice_in_a_row_it_is_the_same() {
    let (_, expected) = undisturbed(&WAYS[0]).await;
    for effect in [Effect::HoldBefore, Effect::HoldAfter] {
        let rig = WAYS[0].rig().await;
        for operation in ["createAccessRole", "iam:PutRolePolicy"] {
            let plan = rig.plan().await;
            rig.control.fault(Fault::new(operation, effect.clone()).nth(1));
            let mut run = rig.begin(&plan).await;
            rig.control.held(1).await;
            run.rests(1).await;
            run.kill().await;
            rig.control.held(0).await;
        }
        let _ = rig.apply().await.completed();
        assert_eq!(comparable(&rig), expected, "{effect:?}");
    }
}
