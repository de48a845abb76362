//! The second run: nothing to do, nothing sent that changes anything; and a little more to do, that alone.

use atlas_cmk::plan::{ClusterChoice, Rollout};

use crate::simulator::openapi::assert_exchanges_fit;
use crate::support::rig::Rig;
use crate::support::wire::changes;

#[tokio::test]
async fn right_after_a_run_there_is_nothing_to_do() {
    let rig = Rig::first_time().await;
    let _ = rig.apply().await.completed();
    let before = changes(&rig.control);
    let plan = rig.plan().await;
    assert!(plan.is_empty(), "{:?}", plan.steps);
    assert!(
        plan.settled.len() >= 6,
        "what was looked at is told: {:?}",
        plan.settled
    );
    let told = rig.carry_out(&plan).await.completed();
    assert_eq!(told.events.len(), 2);
    assert_eq!(changes(&rig.control), before);
    assert_exchanges_fit(&rig.control.requests());
}

#[tokio::test]
async fn without_its_journal_too() {
    let rig = Rig::first_time().await;
    let _ = rig.apply().await.completed();
    std::fs::remove_dir_all(rig.folder_path()).unwrap();
    assert!(rig.plan().await.is_empty());
}

#[tokio::test]
async fn one_cluster_more_is_one_request_more() {
    let mut rig = Rig::first_time().await.with_clusters(&["orders"]);
    let _ = rig.apply().await.completed();
    let before = changes(&rig.control).len();
    rig.desired.clusters = ClusterChoice::Named(vec!["orders".to_owned(), "billing".to_owned()]);
    rig.desired.rollout = Rollout::OneByOne;
    let told = rig.apply().await.completed();
    assert_eq!(told.done(), ["encrypt-cluster:billing"]);
    assert_eq!(changes(&rig.control)[before..], ["updateCluster"]);
}
