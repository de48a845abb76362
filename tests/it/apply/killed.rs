//! Killed at every request that changes something, before and after it was carried out: the next run ends where an
//! undisturbed one ends.

use atlas_cmk::simulator::{Effect, Fault};
use futures::{FutureExt as _, StreamExt as _, future, stream};
use serde_json::Value;

use crate::support::rig::{ROLE, Rig};
use crate::support::wire::changes;

/// Which of a run's requests: the operation, and the how manieth of it.
type Request = (String, usize);

/// Returns a world without what differs from run to run: IDs that were made, moments, marks.
fn comparable(rig: &Rig) -> Value {
    let mut text = rig.control.world().to_string();
    let unique_id = rig.iam_role(ROLE).map(|role| role["id"].clone());
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
                if ["created", "authorized", "deletion"].contains(&name.as_str()) && value.is_string() {
                    *value = "then".into();
                } else {
                    forget_moments(value);
                }
            }
        }
        _ => {}
    }
}

/// Takes out what a run makes and changes.
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

/// Runs undisturbed; returns the requests and what there is in the end.
async fn undisturbed() -> (Vec<Request>, Value) {
    let rig = Rig::first_time().await;
    let before = comparable(&rig);
    let _ = rig.apply().await.completed();
    let after = comparable(&rig);
    assert_eq!(foreign(after.clone()), before, "nothing else was touched");
    let mut requests: Vec<Request> = Vec::new();
    for operation in changes(&rig.control) {
        let number = 1 + requests.iter().filter(|(of, _)| *of == operation).count();
        requests.push((operation, number));
    }
    (requests, after)
}

/// Kills a run at one request, and lets the next one go to its end.
async fn killed_at((operation, number): &Request, effect: Effect, expected: &Value) {
    let what = format!("{operation} {number} {effect:?}");
    let rig = Rig::first_time().await;
    let plan = rig.plan().await;
    rig.control.fault(Fault::new(operation, effect).nth(*number));
    let mut run = rig.begin(&plan).await;
    rig.control.held(1).await;
    run.rests(1).await;
    run.kill().await;
    rig.control.held(0).await;

    let _ = rig.apply().await.completed();
    assert_eq!(comparable(&rig), *expected, "{what}");
    let left = rig.plan().await;
    assert!(left.is_empty(), "{what}: {:?}", left.steps);
}

#[tokio::test]
async fn the_next_run_ends_where_an_undisturbed_one_ends() {
    let (requests, expected) = undisturbed().await;
    assert!(requests.len() >= 15, "{requests:?}");
    assert_eq!(
        expected["atlas"]["projects"][0]["access_roles"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let kills = requests.iter().flat_map(|request| {
        [Effect::HoldBefore, Effect::HoldAfter].map(|effect| killed_at(request, effect, &expected).boxed_local())
    });
    stream::iter(kills).buffer_unordered(8).for_each(future::ready).await;
}

/// Two runs in a row, each killed at another place.
#[tokio::test]
async fn killed_twice_in_a_row_it_is_the_same() {
    let (_, expected) = undisturbed().await;
    for effect in [Effect::HoldBefore, Effect::HoldAfter] {
        let rig = Rig::first_time().await;
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
