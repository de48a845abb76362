//! Which clusters are switched, and in which order.

use super::{Plan, after, fixture, known, plan, refused, steps};
use crate::domain::cluster::{Cluster, ClusterState, EncryptionProvider};
use crate::observe::{Fetched, ObservedState};
use crate::plan::{ClusterChoice, DesiredState, Rollout};

fn named(names: &[&str]) -> ClusterChoice {
    ClusterChoice::Named(names.iter().map(|name| (*name).to_owned()).collect())
}

fn wanting(clusters: ClusterChoice, rollout: Rollout) -> DesiredState {
    DesiredState {
        clusters,
        rollout,
        ..fixture::desired()
    }
}

/// Returns a world where all but the clusters is done.
fn with(clusters: Vec<Cluster>) -> ObservedState {
    ObservedState {
        clusters: Fetched::Known(clusters),
        ..fixture::all_done()
    }
}

fn together(observed: &ObservedState, clusters: ClusterChoice) -> Plan {
    plan(observed, &wanting(clusters, Rollout::Together)).unwrap()
}

/// Returns clusters of every kind: two eligible, one encrypted, the others not to be encrypted now.
fn mixed() -> Vec<Cluster> {
    let paused = Cluster {
        paused: true,
        ..fixture::cluster("paused")
    };
    let busy = Cluster {
        state: ClusterState::Updating,
        ..fixture::cluster("busy")
    };
    let azure = Cluster {
        encryption: EncryptionProvider::Azure,
        ..fixture::cluster("vault")
    };
    vec![
        fixture::cluster("billing"),
        busy,
        fixture::encrypted("done"),
        fixture::cluster("orders"),
        paused,
        fixture::shared("sandbox"),
        azure,
    ]
}

#[test]
fn every_eligible_cluster_and_no_other() {
    let observed = with(mixed());
    let plan = together(&observed, ClusterChoice::Eligible);
    assert_eq!(steps(&plan), ["encrypt-cluster:billing", "encrypt-cluster:orders"]);
    assert_eq!(plan.clusters().collect::<Vec<_>>(), ["billing", "orders"]);
}

#[test]
fn named_ones_in_their_order_and_each_once() {
    let plan = together(&with(mixed()), named(&["orders", "billing", "orders"]));
    assert_eq!(plan.clusters().collect::<Vec<_>>(), ["orders", "billing"]);
}

#[test]
fn all_that_is_wrong_with_names_is_told_at_once() {
    let names = [
        "busy", "sandbox", "orders", "paused", "scratch", "vault", "oders", "nowhere",
    ];
    let problems = refused(&with(mixed()), &wanting(named(&names), Rollout::Together));
    let told: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "the project has no cluster oders",
            "the project has no cluster nowhere",
            "cluster busy can't be encrypted: busy (UPDATING), wait until it is IDLE",
            "cluster sandbox can't be encrypted: shared tier, needs M10 or larger",
            "cluster paused can't be encrypted: paused, resume it first",
            "cluster scratch can't be encrypted: Flex cluster, needs M10 or larger",
        ]
    );
    assert_eq!(problems[0].hints, ["did you mean orders?"]);
    assert!(problems.iter().all(|problem| !problem.hints.is_empty()));
}

#[test]
fn what_is_encrypted_already_is_said_and_left() {
    let plan = together(&with(mixed()), named(&["done"]));
    assert!(plan.is_empty());
    assert!(
        plan.settled
            .iter()
            .any(|settled| settled.what == "Clusters" && settled.found.starts_with("1 cluster")),
        "{:?}",
        plan.settled
    );
}

/// An interrupted run's cluster is still at its initial sync: it is waited for.
#[test]
fn one_on_its_way_is_part_of_the_plan() {
    let on_its_way = Cluster {
        state: ClusterState::Updating,
        ..fixture::encrypted("orders")
    };
    let observed = with(vec![on_its_way]);
    for choice in [named(&["orders"]), ClusterChoice::Eligible] {
        assert_eq!(steps(&together(&observed, choice)), ["encrypt-cluster:orders"]);
    }
}

#[test]
fn no_cluster_is_no_step() {
    let plan = together(&with(mixed()), named(&[]));
    assert!(plan.is_empty());
}

#[test]
fn each_rollout_has_its_order() {
    let edges = |observed: &ObservedState, rollout| {
        let desired = wanting(named(&["a", "b", "c"]), rollout);
        let plan = plan(observed, &desired).unwrap();
        let of_clusters = plan.steps.iter().filter(|step| step.id.as_str().starts_with("encrypt"));
        of_clusters
            .map(|step| after(step).join(" ").replace("encrypt-cluster:", ""))
            .collect::<Vec<_>>()
    };
    let done = with(["c", "b", "a"].map(fixture::cluster).to_vec());
    assert_eq!(edges(&done, Rollout::Together), ["", "", ""]);
    assert_eq!(edges(&done, Rollout::Canary), ["", "a", "a"]);
    assert_eq!(edges(&done, Rollout::OneByOne), ["", "a", "b"]);

    let mut first = fixture::first_time();
    *known(&mut first.clusters) = ["c", "b", "a"].map(fixture::cluster).to_vec();
    let setting = "enable-project-setting";
    assert_eq!(edges(&first, Rollout::Together), [setting; 3]);
    assert_eq!(
        edges(&first, Rollout::Canary),
        [setting, "enable-project-setting a", "enable-project-setting a"]
    );
    assert_eq!(
        edges(&first, Rollout::OneByOne),
        [setting, "enable-project-setting a", "enable-project-setting b"]
    );
}

/// The canary is the first that has something to do.
#[test]
fn a_cluster_that_is_done_is_no_canary() {
    let observed = with(vec![
        fixture::encrypted("a"),
        fixture::cluster("b"),
        fixture::cluster("c"),
    ]);
    let plan = plan(&observed, &wanting(named(&["a", "b", "c"]), Rollout::Canary)).unwrap();
    assert_eq!(steps(&plan), ["encrypt-cluster:b", "encrypt-cluster:c"]);
    assert_eq!(after(&plan.steps[1]), ["encrypt-cluster:b"]);
}
