//! Starting points beside the common one: an incident, a switch, clusters of every kind, an empty project.

use crate::domain::cluster::{Cluster, ClusterState, EncryptionProvider};
use crate::domain::project::RegionRestriction;
use crate::observe::fixture::{ACCESS_ROLE, EXTERNAL_ID, access_role, all_done, cluster, first_time};
use crate::observe::{Fetched, ObservedState, Unfinished};
use crate::plan::{ClusterChoice, NewCluster};
use crate::wizard::dialog::WordDialog;
use crate::wizard::fixture::{Rig, at, incident, switch};
use crate::wizard::message::Message;
use crate::wizard::screens::clusters::ClustersFocus;
use crate::wizard::screens::new_cluster::NewClusterPart;
use crate::wizard::{Effect, PathState, Review, ScreenId};

#[test]
fn while_the_key_in_use_cannot_be_used_only_the_way_back_is_offered() {
    for (state, steps) in [("Disabled", 2), ("PendingDeletion", 3)] {
        let mut rig = Rig::connected(incident(state));
        rig.press("Enter");
        rig.answer();
        assert_eq!(rig.wizard.current, ScreenId::Review, "{state}");
        let Review::Ready(plan) = rig.wizard.review() else {
            panic!("{:?}", rig.wizard.review())
        };
        assert!(plan.is_way_back());
        assert_eq!(plan.steps.len(), steps, "{state}");
        let role = rig
            .wizard
            .steps_path()
            .into_iter()
            .find(|(screen, _)| *screen == ScreenId::Role);
        assert!(matches!(role, Some((_, PathState::Skipped(_)))));
        rig.press("Esc");
        assert_eq!(rig.wizard.current, ScreenId::Connect, "nothing else is offered");
        rig.press("Enter");
        rig.press("Enter");
        rig.answer();
        rig.text("apply");
        rig.press("Enter");
        assert!(
            rig.log
                .iter()
                .any(|effect| matches!(effect, Effect::StartRun { plan, .. } if plan.is_way_back()))
        );
    }
}

#[test]
fn an_incident_that_is_over_frees_the_way() {
    let mut rig = Rig::connected(incident("Disabled"));
    rig.press("Enter");
    rig.answer();
    rig.world = all_done();
    rig.world.key_in_use = incident("Enabled").key_in_use;
    rig.press("r");
    rig.answer();
    assert!(
        matches!(rig.wizard.review(), Review::NothingToDo(_)),
        "{:?}",
        rig.wizard.review()
    );
    rig.press("Esc");
    assert_eq!(rig.wizard.current, ScreenId::Clusters);
}

#[test]
fn what_cannot_be_undone_asks_for_the_projects_name() {
    let rig = Rig::on(ScreenId::Review, switch());
    let Some(Ok(plan)) = rig.wizard.plan() else {
        panic!("{:?}", rig.wizard.plan())
    };
    assert!(plan.irreversible().next().is_some());
    assert_eq!(WordDialog::word_for(plan), "Orders");
    let rig = Rig::on(ScreenId::Review, first_time());
    assert!(matches!(rig.wizard.plan(), Some(Ok(plan)) if WordDialog::word_for(plan) == "apply"));
}

#[test]
fn the_aws_half_is_written_out_once_atlas_gave_its_part_and_then_waited_for() {
    let mut rig = Rig::on(ScreenId::Review, first_time());
    rig.press("w");
    assert!(
        rig.wizard
            .notice
            .as_ref()
            .is_some_and(|notice| notice.contains("external ID"))
    );
    let mut world = first_time();
    world.access_roles = Fetched::Known(vec![access_role(ACCESS_ROLE, EXTERNAL_ID)]);
    world.unfinished = vec![Unfinished::AccessRole {
        found: vec![ACCESS_ROLE.to_owned()],
    }];
    let mut rig = Rig::on(ScreenId::Review, world);
    rig.press("w");
    let (id, files) = rig.take(|effect| match effect {
        Effect::HandOut { id, files } => Some((*id, files.clone())),
        _ => None,
    });
    assert!(files.iter().any(|file| file.text.contains(EXTERNAL_ID)));
    rig.send(Message::HandedOut {
        id,
        result: Ok("atlas-cmk-aws".to_owned()),
    });
    assert!(rig.wizard.awaits_aws() && rig.wizard.is_moving());
    let looks = |rig: &Rig| {
        rig.log
            .iter()
            .filter(|effect| matches!(effect, Effect::Observe { .. }))
            .count()
    };
    let before = looks(&rig);
    let later = |seconds| at() + jiff::SignedDuration::from_secs(seconds);
    rig.send(Message::Tick { at: later(14) });
    assert_eq!(looks(&rig), before);
    rig.send(Message::Tick { at: later(15) });
    rig.send(Message::Tick { at: later(15) });
    assert_eq!(looks(&rig), before + 1, "looked at again, once");
    rig.world = all_done();
    let role = rig
        .world
        .chosen_role
        .as_ref()
        .and_then(|lookup| lookup.found.known().cloned());
    rig.roles = role.flatten().into_iter().collect();
    rig.answer();
    assert!(!rig.wizard.awaits_aws(), "the other side is done");
}

#[test]
fn permissions_are_asked_for_once_a_plan() {
    let mut rig = Rig::on(ScreenId::Review, first_time());
    let asked = |rig: &Rig| {
        let is_it = |effect: &&Effect| matches!(effect, Effect::LookUpPermissions { .. });
        rig.log.iter().filter(is_it).count()
    };
    assert_eq!(asked(&rig), 1);
    rig.press("j");
    assert_eq!(asked(&rig), 1);
    rig.press("r");
    rig.answer();
    assert_eq!(asked(&rig), 2, "rights may have been given meanwhile");
}

fn mixed() -> ObservedState {
    let mut world = first_time();
    let paused = Cluster {
        paused: true,
        ..cluster("stage")
    };
    let azure = Cluster {
        encryption: EncryptionProvider::Azure,
        ..cluster("reports")
    };
    let busy = Cluster {
        state: ClusterState::Repairing,
        ..cluster("sessions")
    };
    world.clusters = Fetched::Known(vec![azure, busy, paused]);
    world
}

#[test]
fn a_paused_cluster_is_chosen_with_its_resumption_and_a_busy_one_not() {
    let mut rig = Rig::on(ScreenId::Clusters, mixed());
    rig.press("Space");
    rig.press("Down");
    rig.press("Space");
    assert!(
        rig.wizard
            .notice
            .as_ref()
            .is_some_and(|notice| notice.contains("REPAIRING"))
    );
    rig.press("Down");
    rig.press("Space");
    let choices = &rig.wizard.session.choices;
    let names = ["reports", "stage"].map(str::to_owned).to_vec();
    assert_eq!(choices.clusters, Some(ClusterChoice::Named(names)));
    assert_eq!(choices.resume, ["stage"]);
    let rows = rig.wizard.cluster_rows().rows;
    assert_eq!(rows[2].note(), "resumed first");
    assert!(rows[0].note().contains("two initial syncs"));
    rig.press("Space");
    assert!(rig.wizard.session.choices.resume.is_empty(), "taken back whole");
}

#[test]
fn an_empty_project_gets_a_cluster_or_the_setting_alone() {
    let mut world = first_time();
    world.clusters = Fetched::Known(Vec::new());
    let mut rig = Rig::on(ScreenId::Clusters, world.clone());
    rig.press("Enter");
    assert_eq!(
        rig.wizard.current,
        ScreenId::Review,
        "it can stop after the project's setting"
    );
    rig.press("Esc");
    rig.press("c");
    rig.press("Enter");
    assert!(rig.wizard.screens.clusters.new.name.error.is_some());
    rig.text("orders");
    rig.press("Tab");
    rig.press("Tab");
    rig.press("Ctrl-U");
    rig.text("M5");
    rig.press("Enter");
    assert_eq!(
        rig.wizard.screens.clusters.focus,
        ClustersFocus::New(NewClusterPart::Size)
    );
    rig.press("Ctrl-U");
    rig.text("m30");
    rig.press("Enter");
    assert_eq!(
        rig.wizard.session.choices.create,
        [NewCluster {
            name: "orders".to_owned(),
            provider: "AWS".to_owned(),
            region: "US_EAST_1".to_owned(),
            instance_size: "M30".to_owned(),
        }]
    );
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Review, "a new cluster is one, too");
    rig.press("Esc");
    rig.press("x");
    assert!(rig.wizard.session.choices.create.is_empty());
}

#[test]
fn for_a_government_m20_is_the_smallest() {
    let mut world = first_time();
    if let Fetched::Known(project) = &mut world.project {
        project.regions = RegionRestriction::GovRegionsOnly;
    }
    let mut rig = Rig::on(ScreenId::Clusters, world);
    rig.press("c");
    rig.text("orders2");
    assert_eq!(rig.wizard.screens.clusters.new.size.value(), "M20");
    rig.press("Shift-Tab");
    rig.press("c");
    rig.press("Tab");
    rig.press("Tab");
    rig.press("Ctrl-U");
    rig.text("M10");
    rig.press("Enter");
    assert!(rig.wizard.session.choices.create.is_empty());
}
