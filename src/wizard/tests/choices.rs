//! What lists offer, which row is the chosen one, and what is said of it for how long.

use crate::domain::cluster::{Cluster, EncryptionProvider};
use crate::domain::key::KeyRef;
use crate::domain::project::{Project, RegionRestriction};
use crate::observe::Fetched;
use crate::observe::fixture::{KEY, choose_key, cluster, first_time, foreign_trust, key_arn, named_key, project, role};
use crate::plan::{KeyChoice, RoleChoice};
use crate::wizard::ScreenId;
use crate::wizard::fixture::Rig;
use crate::wizard::screens::key::KeyRowId;
use crate::wizard::screens::role::RoleRowId;

const ALIAS: &str = "alias/atlas-orders";

#[test]
fn what_was_said_on_a_screen_stays_behind() {
    let mut world = first_time();
    choose_key(&mut world, KeyRef::Id(KEY.to_owned()), Some(named_key(KEY)));
    let mut rig = Rig::on(ScreenId::Key, world);
    rig.press("Home");
    rig.press("Down");
    rig.press("Enter");
    rig.text(KEY);
    rig.press("Enter");
    assert_eq!(rig.wizard.notice.as_deref(), Some("Looking for this key."));
    rig.answer();
    assert_eq!(rig.wizard.current, ScreenId::Clusters);
    assert_eq!(rig.wizard.notice, None);
}

#[test]
fn a_new_key_never_stands_beside_one_with_its_alias() {
    let mut world = first_time();
    world.keys = Fetched::Known(vec![named_key(KEY)]);
    let mut rig = Rig::on(ScreenId::Key, world);
    let first = |rig: &Rig| rig.wizard.key_rows().rows[0].label.clone();
    assert_eq!(first(&rig), format!("Create {ALIAS}-2"));
    rig.press("Tab");
    rig.press("Backspace");
    rig.press("Backspace");
    assert_eq!(rig.wizard.screens.key.new.alias.value(), ALIAS);
    assert_eq!(first(&rig), "Create a key");
}

/// After a run that stopped half-way, what it created is listed, and chosen as what it was to become.
#[test]
fn what_was_created_meanwhile_is_the_chosen_row() {
    let mut rig = Rig::on(ScreenId::Review, first_time());
    assert!(matches!(
        rig.wizard.session.choices.key,
        Some(KeyChoice::CreateUnlessThere(_))
    ));
    assert!(matches!(
        rig.wizard.session.choices.role,
        Some(RoleChoice::Named { .. })
    ));
    rig.world.keys = Fetched::Known(vec![named_key(KEY)]);
    rig.world.iam_roles = Fetched::Known(vec![role("atlas-cmk-orders", foreign_trust()).role]);
    rig.press("r");
    rig.answer();
    let keys = rig.wizard.key_rows();
    let chosen: Vec<_> = keys.rows.iter().filter(|row| row.chosen).map(|row| &row.id).collect();
    assert_eq!(chosen, [&KeyRowId::Listed(key_arn(KEY))]);
    assert_eq!(keys.current().map(|row| row.chosen), Some(true), "the cursor is on it");
    let roles = rig.wizard.role_rows();
    let chosen: Vec<_> = roles.rows.iter().filter(|row| row.chosen).collect();
    assert!(
        matches!(chosen.as_slice(), [row] if matches!(row.id, RoleRowId::Existing(_))),
        "{chosen:?}"
    );
    assert_eq!(roles.current().map(|row| row.chosen), Some(true));
}

#[test]
fn a_cluster_that_is_too_small_for_a_government_project_is_not_taken() {
    let mut world = first_time();
    world.project = Fetched::Known(Project {
        regions: RegionRestriction::CommercialFedrampRegionsOnly,
        ..project()
    });
    let small = Cluster {
        instance_size: "M10".to_owned(),
        ..cluster("small")
    };
    world.clusters = Fetched::Known(vec![small, cluster("tall")]);
    let mut rig = Rig::on(ScreenId::Clusters, world);
    assert_eq!(rig.wizard.choosable_clusters(), 1);
    rig.press("Space");
    assert!(rig.wizard.session.chosen_clusters().is_empty());
    assert!(
        rig.wizard
            .notice
            .as_ref()
            .is_some_and(|said| said.contains("M20 or larger")),
        "{:?}",
        rig.wizard.notice
    );
    rig.press("a");
    assert!(rig.wizard.session.chosen_clusters().into_iter().eq(["tall"]));
    rig.press("/");
    rig.text("small");
    rig.press("Enter");
    rig.press("a");
    assert!(!rig.wizard.session.chosen_clusters().contains("small"));
}

#[test]
fn what_can_be_chosen_counts_what_is_made_ready_first() {
    let mut world = first_time();
    let paused = Cluster {
        paused: true,
        ..cluster("paused")
    };
    let elsewhere = Cluster {
        encryption: EncryptionProvider::Azure,
        ..cluster("elsewhere")
    };
    let shared = Cluster {
        kind: crate::domain::cluster::ClusterKind::Shared,
        ..cluster("shared")
    };
    world.clusters = Fetched::Known(vec![paused, elsewhere, shared, cluster("idle")]);
    let rig = Rig::on(ScreenId::Clusters, world);
    assert_eq!(rig.wizard.choosable_clusters(), 3);
}

#[test]
fn a_filter_takes_what_contains_its_text_before_what_has_its_letters() {
    let mut world = first_time();
    let names = ["eu-orders", "us-east-units", "archive"];
    world.clusters = Fetched::Known(names.map(cluster).to_vec());
    let mut rig = Rig::on(ScreenId::Clusters, world);
    let left = |rig: &Rig| {
        let rows = rig.wizard.cluster_rows().rows;
        rows.iter().map(|row| row.cluster.name.clone()).collect::<Vec<_>>()
    };
    rig.press("/");
    rig.text("eu");
    assert_eq!(left(&rig), ["eu-orders"]);
    rig.press("Ctrl-U");
    rig.text("rchv");
    assert_eq!(left(&rig), ["archive"], "where none contains it");
}
