//! Starting points beside the common one: an incident, a switch, clusters of every kind, an empty project.

use crate::apply::event::{EventKind, Person};
use crate::domain::cluster::{Cluster, ClusterState, EncryptionProvider};
use crate::domain::project::RegionRestriction;
use crate::observe::fixture::{KEY, all_done, cluster, first_time, key_arn};
use crate::observe::{Fetched, ObservedState};
use crate::plan::{ClusterChoice, NewCluster, RoleChoice};
use crate::problem::Problem;
use crate::wizard::dialog::WordDialog;
use crate::wizard::fixture::{Rig, completed, incident, started, switch};
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

/// Nothing in AWS can be read: the operator has no credentials there.
fn without_aws() -> Rig {
    let mut rig = Rig::connected(first_time());
    let refused = || Problem::prerequisite("there are no AWS credentials");
    rig.world.aws_identity = Fetched::Failed(refused());
    rig.world.iam_roles = Fetched::Failed(refused());
    rig.world.keys = Fetched::Failed(refused());
    rig.unread = Some(refused());
    rig.press("r");
    rig.answer();
    rig
}

fn footer(rig: &Rig) -> Vec<&'static str> {
    rig.wizard.footer().iter().map(|key| key.label).collect()
}

#[test]
fn without_any_right_in_aws_its_administrator_does_that_half() {
    let mut rig = without_aws();
    assert!(footer(&rig).contains(&"AWS by its administrator"), "{:?}", footer(&rig));
    rig.press("w");
    assert!(footer(&rig).contains(&"AWS from here"));
    for _ in 0..2 {
        rig.press("Enter");
    }
    assert_eq!(rig.wizard.current, ScreenId::Role);
    rig.press("Enter");
    rig.answer();
    assert_eq!(rig.wizard.current, ScreenId::Key, "{:?}", rig.wizard.notice);
    // A name alone can't be looked up.
    rig.press("Enter");
    rig.text("alias/orders");
    rig.press("Enter");
    rig.answer();
    let told = rig.wizard.screens.key.named.error.clone();
    assert!(told.is_some_and(|error| error.contains("full ARN")));
    rig.press("Ctrl-U");
    rig.text(key_arn(KEY).as_str());
    rig.press("Enter");
    rig.answer();
    assert_eq!(rig.wizard.current, ScreenId::Clusters, "{:?}", rig.wizard.notice);
    rig.press("a");
    rig.press("Enter");
    rig.answer();
    let Review::Ready(plan) = rig.wizard.review() else {
        panic!("{:?}", rig.wizard.review())
    };
    let theirs: Vec<_> = plan.steps.iter().filter(|step| plan.is_elsewhere(step)).collect();
    assert_eq!(theirs.len(), 2, "{plan:#?}");
    let asked = |effect: &Effect| matches!(effect, Effect::LookUpPermissions { .. });
    assert!(!rig.log.iter().any(asked), "none is needed");
}

#[test]
fn an_iam_role_is_given_by_its_arn_and_a_new_key_is_not_for_the_operator_to_make() {
    let mut rig = without_aws();
    rig.press("w");
    rig.press("Enter");
    rig.press("Enter");
    rig.press("Tab");
    rig.press("Ctrl-U");
    rig.text("arn:aws:iam::111122223333:role/team/atlas");
    rig.press("Enter");
    rig.answer();
    assert_eq!(rig.wizard.current, ScreenId::Key, "{:?}", rig.wizard.notice);
    assert!(matches!(
        &rig.wizard.session.choices.role,
        Some(RoleChoice::Existing { .. })
    ));
    rig.press("Up");
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Key);
    assert!(
        rig.wizard
            .notice
            .as_ref()
            .is_some_and(|notice| notice.contains("creates the key first"))
    );
}

#[test]
fn in_review_the_half_can_be_given_away_and_taken_back() {
    let mut rig = Rig::on(ScreenId::Review, first_time());
    let theirs = |rig: &Rig| match rig.wizard.plan() {
        Some(Ok(plan)) => plan.steps.iter().filter(|step| plan.is_elsewhere(step)).count(),
        other => panic!("{other:?}"),
    };
    assert_eq!(theirs(&rig), 0);
    rig.press("w");
    assert_eq!(theirs(&rig), 5);
    rig.press("w");
    assert_eq!(theirs(&rig), 0);
}

/// Somebody has acted: the run needn't wait for its next look.
#[test]
fn a_run_that_waits_for_somebody_is_told_by_a_key() {
    for (person, label) in [
        (Person::Operator, "signed in again, go on"),
        (Person::AwsAdministrator, "try now"),
    ] {
        let mut rig = Rig::on(ScreenId::Apply, first_time());
        let (id, plan) = rig.run();
        let step = plan.steps[0].id.clone();
        rig.tell(id, [started(&plan), EventKind::StepStarted { step: step.clone() }]);
        rig.press("r");
        let told = |rig: &Rig| {
            rig.log
                .iter()
                .filter(|effect| matches!(effect, Effect::GoOn { .. }))
                .count()
        };
        assert_eq!(told(&rig), 0);
        let waiting = EventKind::StepWaiting {
            step: step.clone(),
            waiting_for: "somebody".to_owned(),
            limit_ms: None,
            person: Some(person),
        };
        rig.tell(id, [waiting]);
        assert!(footer(&rig).contains(&label), "{:?}", footer(&rig));
        rig.press("r");
        assert_eq!(told(&rig), 1);
        rig.tell(id, [completed(&step)]);
        assert!(!footer(&rig).contains(&label), "nobody is waited for any more");
    }
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
