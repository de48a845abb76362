//! In which order clusters are switched, and how often they are looked at.

use std::time::Duration;

use atlas_cmk::plan::Rollout;
use jiff::{SignedDuration, Timestamp};

use crate::simulator::openapi::assert_exchanges_fit;
use crate::support::rig::{Rig, SETTLED, SPEED};
use Said::{Idle, Sent};

/// What was said about a cluster on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// The change was taken.
    Sent,
    /// It was read while Atlas is at work on it.
    Busy,
    /// It was read and is done.
    Idle,
}

/// Returns what was said about clusters, in order.
fn said(rig: &Rig) -> Vec<(String, Said, Timestamp)> {
    let about = rig.control.requests().into_iter().filter_map(|exchange| {
        let state = exchange.response_json()["stateName"].as_str().map(str::to_owned)?;
        let said = match (exchange.operation.as_str(), state.as_str()) {
            ("updateCluster", _) => Said::Sent,
            ("getCluster", "IDLE") => Said::Idle,
            ("getCluster", _) => Said::Busy,
            _ => return None,
        };
        let name = exchange.path.rsplit('/').next().unwrap_or_default().to_owned();
        Some((name, said, exchange.at))
    });
    about.collect()
}

/// Returns in which order clusters were sent and done.
async fn order(rollout: Rollout) -> Vec<(String, Said)> {
    let mut rig = Rig::start(SETTLED, SPEED).await;
    rig.desired.rollout = rollout;
    let _ = rig.apply().await.completed();
    assert_exchanges_fit(&rig.control.requests());
    let said = said(&rig).into_iter().map(|(name, said, _)| (name, said));
    said.filter(|(_, said)| *said != Said::Busy).collect()
}

fn kinds(order: &[(String, Said)]) -> Vec<Said> {
    order.iter().map(|(_, said)| *said).collect()
}

fn names(order: &[(String, Said)]) -> Vec<&str> {
    order.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn together_all_are_sent_before_any_is_done() {
    let order = order(Rollout::Together).await;
    assert_eq!(kinds(&order), [Sent, Sent, Sent, Idle, Idle, Idle], "{order:?}");
}

#[tokio::test]
async fn with_a_canary_the_first_is_done_before_the_others_are_sent() {
    let order = order(Rollout::Canary).await;
    assert_eq!(kinds(&order), [Sent, Idle, Sent, Sent, Idle, Idle], "{order:?}");
    assert_eq!(names(&order)[..2], ["billing", "billing"]);
}

#[tokio::test]
async fn one_by_one_each_is_done_before_the_next_is_sent() {
    let order = order(Rollout::OneByOne).await;
    assert_eq!(kinds(&order), [Sent, Idle, Sent, Idle, Sent, Idle], "{order:?}");
    let expected = ["billing", "billing", "catalog", "catalog", "orders", "orders"];
    assert_eq!(names(&order), expected);
}

#[tokio::test]
async fn a_canary_that_fails_keeps_the_others_as_they_are() {
    let mut rig = Rig::start(SETTLED, SPEED).await;
    rig.desired.rollout = Rollout::Canary;
    rig.control
        .fault(super::refused("updateCluster", 409, "OUT_OF_CAPACITY").nth(1));
    let told = rig.apply().await.failed(&["encrypt-cluster:billing"]);
    assert_eq!(rig.control.count("updateCluster"), 1);
    assert_eq!(told.not_run().len(), 2);
}

#[tokio::test]
async fn a_cluster_is_read_soon_and_then_ever_more_rarely() {
    // Slower, so that what a request takes is little beside the pauses.
    const SLOWER: f64 = 25.0;
    let rig = Rig::start("[pace]\ncluster_seconds = { default = 75 }", SLOWER)
        .await
        .with_clusters(&["orders"]);
    let _ = rig.apply().await.completed();
    let times: Vec<Timestamp> = said(&rig).into_iter().map(|(_, _, at)| at).collect();
    let pauses: Vec<Duration> = times
        .windows(2)
        .map(|pair| Duration::try_from(pair[1].duration_since(pair[0])).unwrap())
        .collect();
    // What a request takes outside counts much at this speed: only what a pause is at least is exact.
    let mut least = 0.25;
    for pause in &pauses {
        assert!(pause.as_secs_f64() >= 0.24 + least, "{pauses:?}");
        least = f64::min(least * 1.4, 5.0);
    }
    assert!(pauses.last().unwrap() > &Duration::from_secs(5), "{pauses:?}");
    assert!((8..=20).contains(&pauses.len()), "{} reads", pauses.len());
    let whole = times.last().unwrap().duration_since(times[0]);
    assert!(whole >= SignedDuration::from_secs(74), "{whole:?}");
}
