//! Clusters and Review.

use crate::observe::Fetched;
use crate::observe::fixture::{cluster, first_time};
use crate::plan::{ClusterChoice, Rollout};
use crate::wizard::fixture::{Rig, given};
use crate::wizard::message::Message;
use crate::wizard::{Dialog, Review, ScreenId};

#[test]
fn clusters_are_toggled_one_by_one_or_all() {
    let mut rig = Rig::on(ScreenId::Clusters, first_time());
    let chosen = |rig: &Rig| {
        let names = rig.wizard.session.chosen_clusters().into_iter();
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    rig.press("Space");
    assert_eq!(chosen(&rig), ["billing"]);
    rig.press("a");
    assert_eq!(rig.wizard.session.choices.clusters, Some(ClusterChoice::Eligible));
    rig.press("Space");
    assert_eq!(chosen(&rig), ["orders"]);
    rig.press("a");
    rig.press("a");
    assert!(chosen(&rig).is_empty());
    rig.press("End");
    rig.press("Space");
    assert!(chosen(&rig).is_empty());
    assert!(rig.wizard.notice.as_ref().is_some_and(|notice| notice.contains("Flex")));
}

#[test]
fn all_means_all_that_the_filter_leaves() {
    let mut rig = Rig::on(ScreenId::Clusters, first_time());
    rig.press("/");
    rig.text("bill");
    rig.press("Enter");
    rig.press("a");
    assert_eq!(
        rig.wizard.session.choices.clusters,
        Some(ClusterChoice::Named(vec!["billing".to_owned()]))
    );
    rig.press("a");
    assert_eq!(
        rig.wizard.session.choices.clusters,
        Some(ClusterChoice::Named(Vec::new()))
    );
}

#[test]
fn going_on_without_a_cluster_is_asked() {
    let mut rig = Rig::on(ScreenId::Clusters, first_time());
    rig.press("Enter");
    assert!(matches!(rig.wizard.dialog, Some(Dialog::NoCluster)));
    rig.press("Esc");
    assert_eq!(rig.wizard.current, ScreenId::Clusters);
    rig.press("Enter");
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Review);
}

#[test]
fn the_order_of_clusters_goes_round() {
    let mut rig = Rig::on(ScreenId::Clusters, first_time());
    for rollout in [Rollout::Canary, Rollout::OneByOne, Rollout::Together] {
        rig.press("o");
        assert_eq!(rig.wizard.session.choices.rollout, rollout);
    }
}

#[test]
fn no_cluster_is_taken_before_they_are_read() {
    let mut rig = Rig::begin(given(), first_time());
    rig.wizard.current = ScreenId::Clusters;
    rig.press("a");
    assert!(
        rig.wizard
            .notice
            .as_ref()
            .is_some_and(|notice| notice.starts_with("Still reading"))
    );
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Clusters);
    assert!(rig.wizard.session.choices.clusters.is_none());
}

#[test]
fn a_thousand_clusters_are_listed_and_moved_over() {
    let mut world = first_time();
    let many: Vec<_> = (0..1000).map(|number| cluster(&format!("c{number:04}"))).collect();
    world.clusters = Fetched::Known(many);
    let mut rig = Rig::on(ScreenId::Clusters, world);
    rig.send(Message::Resize { columns: 120, rows: 40 });
    rig.press("PageDown");
    assert_eq!(rig.wizard.cluster_rows().selected, 30);
    rig.press("G");
    assert_eq!(rig.wizard.cluster_rows().selected, 1000, "the Flex one is last");
    rig.press("g");
    rig.press("a");
    rig.press("Enter");
    assert!(matches!(rig.wizard.review(), Review::Ready(plan) if plan.clusters().count() == 1000));
}

#[test]
fn review_shows_why_there_is_no_plan() {
    let mut world = first_time();
    world.setting = Fetched::Failed(crate::problem::Problem::service("the setting couldn't be read"));
    let mut rig = Rig::on(ScreenId::Review, world);
    assert!(matches!(rig.wizard.review(), Review::Blocked { problems, .. } if problems.len() == 1));
    rig.press("Enter");
    assert!(rig.wizard.dialog.is_none());
    rig.world = first_time();
    rig.press("r");
    assert!(matches!(rig.wizard.review(), Review::Looking));
    rig.answer();
    assert!(matches!(rig.wizard.review(), Review::Ready(_)));
}

#[test]
fn what_is_missing_is_named() {
    let mut rig = Rig::begin(given(), first_time());
    rig.answer();
    rig.wizard.current = ScreenId::Review;
    assert_eq!(
        rig.wizard.review(),
        Review::Missing(vec!["IAM role", "key", "clusters"])
    );
    rig.press("Enter");
    assert!(
        rig.wizard
            .notice
            .as_ref()
            .is_some_and(|notice| notice.contains("IAM role, key, clusters"))
    );
}

#[test]
fn the_word_has_to_be_typed_exactly_and_after_the_dialog_appeared() {
    let mut rig = Rig::on(ScreenId::Review, first_time());
    rig.press("Enter");
    rig.text("apply");
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Review, "typed ahead");
    rig.answer();
    rig.press("Enter");
    assert_eq!(
        rig.wizard.current,
        ScreenId::Review,
        "typed before what was typed ahead was thrown away"
    );
    for wrong in ["Apply", "apply ", "appl", ""] {
        rig.press("Ctrl-U");
        rig.text(wrong);
        rig.press("Enter");
        assert!(
            rig.wizard.asks_for_word() && rig.wizard.current == ScreenId::Review,
            "{wrong:?}"
        );
    }
    rig.press("Ctrl-U");
    rig.text("apply");
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Apply);
}

#[test]
fn a_plan_that_changes_while_the_word_is_asked_for_takes_the_question_back() {
    let mut rig = Rig::on(ScreenId::Review, first_time());
    rig.press("r");
    assert!(matches!(rig.wizard.review(), Review::Looking));
    rig.press("Enter");
    assert!(!rig.wizard.asks_for_word());
    rig.answer();
    rig.press("Enter");
    rig.answer();
    assert!(rig.wizard.asks_for_word());
    rig.wizard.session.choose_rollout(Rollout::OneByOne);
    rig.send(Message::Tick {
        at: crate::wizard::fixture::at(),
    });
    assert!(!rig.wizard.asks_for_word());
}
