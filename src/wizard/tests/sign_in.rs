//! Credentials: chosen, typed, refused, and never shown.

use secrecy::ExposeSecret as _;

use crate::domain::profile::{AtlasProfile, AwsProfile, ProfileKind};
use crate::domain::project::CredentialKind;
use crate::observe::Fetched;
use crate::observe::fixture::{PROJECT, first_time};
use crate::problem::Problem;
use crate::wizard::fixture::{Rig, given};
use crate::wizard::message::Message;
use crate::wizard::screens::connect::ConnectFocus;
use crate::wizard::screens::sign_in::{SignInPart, SourceId};
use crate::wizard::sources::{AtlasSource, AwsSource, Profiles, Sources};
use crate::wizard::{Context, Effect, ScreenId, Start};

const SECRET: &str = "mdb_sa_sk_b1946ac92492d2347c6235b4d2611184";

fn without_credential() -> Rig {
    let mut world = first_time();
    world.atlas_identity = Fetched::Failed(Problem::input("there is no Atlas credential"));
    let mut rig = Rig::begin(given(), world);
    rig.profiles = Profiles {
        atlas: vec![
            profile("default", ProfileKind::ServiceAccount),
            profile("me", ProfileKind::UserAccount),
        ],
        aws: vec![AwsProfile {
            name: "dev".to_owned(),
            region: Some("eu-west-1".to_owned()),
            sso: true,
        }],
    };
    rig.answer();
    rig
}

fn profile(name: &str, kind: ProfileKind) -> AtlasProfile {
    AtlasProfile {
        name: name.to_owned(),
        kind,
        id: None,
        base_url: "https://cloud.mongodbgov.com".to_owned(),
        project_id: None,
    }
}

fn select(rig: &mut Rig, wanted: &SourceId) {
    rig.press("Home");
    for _ in 0..20 {
        if rig.wizard.source_rows().current().map(|row| &row.id) == Some(wanted) {
            return;
        }
        rig.press("Down");
    }
    panic!("{wanted:?} isn't in the list");
}

fn connected_with(rig: &Rig) -> Sources {
    let sources = rig.log.iter().rev().find_map(|effect| match effect {
        Effect::Connect { sources } => Some((**sources).clone()),
        _ => None,
    });
    sources.expect("it connects anew")
}

#[test]
fn without_a_credential_it_is_asked_for_and_all_ways_are_listed() {
    let rig = without_credential();
    assert_eq!(rig.wizard.screens.connect.focus, ConnectFocus::Sources);
    let ids: Vec<_> = rig.wizard.source_rows().rows.into_iter().map(|row| row.id).collect();
    assert_eq!(
        ids,
        [
            SourceId::AtlasGiven,
            SourceId::AtlasProfile("default".to_owned()),
            SourceId::AtlasProfile("me".to_owned()),
            SourceId::Type(CredentialKind::ServiceAccount),
            SourceId::Type(CredentialKind::ApiKey),
            SourceId::AwsGiven,
            SourceId::AwsProfile("dev".to_owned()),
        ]
    );
}

#[test]
fn a_service_that_fails_is_no_lack_of_a_credential() {
    let mut world = first_time();
    world.atlas_identity = Fetched::Failed(Problem::service("Atlas can't be reached"));
    let mut rig = Rig::begin(given(), world);
    rig.answer();
    assert_eq!(rig.wizard.screens.connect.focus, ConnectFocus::Region);
    rig.press("c");
    assert_eq!(rig.wizard.screens.connect.focus, ConnectFocus::Sources);
    rig.press("Esc");
    assert_eq!(rig.wizard.screens.connect.focus, ConnectFocus::Region);
    assert_eq!(rig.wizard.current, ScreenId::Connect);
}

#[test]
fn what_is_typed_connects_and_is_nowhere_to_be_seen() {
    let mut rig = without_credential();
    select(&mut rig, &SourceId::Type(CredentialKind::ServiceAccount));
    rig.press("Enter");
    assert_eq!(rig.wizard.context(), Context::Field);
    rig.text("mdb_sa_id_1");
    rig.press("Tab");
    rig.send(Message::Paste(format!("  {SECRET}\n")));
    assert!(!format!("{:?}", rig.wizard).contains(SECRET));
    rig.world = first_time();
    rig.press("Enter");
    let AtlasSource::Typed(typed) = connected_with(&rig).atlas else {
        panic!("what was typed")
    };
    assert_eq!(
        (typed.kind, typed.id.as_str()),
        (CredentialKind::ServiceAccount, "mdb_sa_id_1")
    );
    assert_eq!(typed.secret.expose_secret(), SECRET, "trimmed");
    assert_eq!(typed.base_url, "cloud.mongodb.com");
    assert!(
        rig.wizard.screens.connect.sign_in.secret.value().is_empty(),
        "it's kept once"
    );
    assert!(!format!("{:?} {:?}", rig.wizard, rig.log).contains(SECRET));
    rig.answer();
    assert!(rig.wizard.session.observed.atlas_identity.known().is_some());
    assert_eq!(rig.wizard.screens.connect.focus, ConnectFocus::Region);
    assert_eq!(
        rig.wizard.session.choices.project_id.as_deref(),
        Some(PROJECT),
        "answers are kept"
    );
}

#[test]
fn what_was_typed_and_refused_can_be_typed_again() {
    let mut rig = without_credential();
    select(&mut rig, &SourceId::Type(CredentialKind::ApiKey));
    for text in ["Enter", "a", "Tab", "b", "Tab", "Space", "Enter"] {
        rig.press(text);
    }
    let AtlasSource::Typed(typed) = connected_with(&rig).atlas else {
        panic!("what was typed")
    };
    assert_eq!(typed.base_url, "https://cloud.mongodbgov.com");
    assert!(rig.wizard.session.is_government());
    rig.world.atlas_identity = Fetched::Failed(Problem::service("Atlas refuses the API key"));
    rig.answer();
    assert_eq!(
        rig.wizard.screens.connect.focus,
        ConnectFocus::SignIn(SignInPart::Secret)
    );
    assert_eq!(rig.wizard.screens.connect.sign_in.id.value(), "a");
}

#[test]
fn a_form_that_lacks_something_says_so_at_its_field() {
    let mut rig = without_credential();
    select(&mut rig, &SourceId::Type(CredentialKind::ServiceAccount));
    rig.press("Enter");
    rig.press("Enter");
    let form = |rig: &Rig| rig.wizard.screens.connect.sign_in.clone();
    assert!(form(&rig).id.error.is_some());
    rig.text(SECRET);
    rig.press("Enter");
    assert_eq!(form(&rig).id.value(), "", "a secret doesn't stay where it can be read");
    assert!(form(&rig).id.error.is_some());
    rig.text("mdb_sa_id_1");
    rig.press("Enter");
    assert_eq!(
        rig.wizard.screens.connect.focus,
        ConnectFocus::SignIn(SignInPart::Secret)
    );
    assert!(form(&rig).secret.error.is_some());
    assert!(!rig.log.iter().any(|effect| matches!(effect, Effect::Connect { .. })));
}

#[test]
fn profiles_of_both_sides_are_chosen_one_after_the_other() {
    let mut rig = without_credential();
    select(&mut rig, &SourceId::AtlasProfile("me".to_owned()));
    rig.press("Enter");
    assert!(
        rig.wizard
            .notice
            .as_ref()
            .is_some_and(|notice| notice.contains("own sign-in"))
    );
    select(&mut rig, &SourceId::AtlasProfile("default".to_owned()));
    rig.press("Enter");
    select(&mut rig, &SourceId::AwsProfile("dev".to_owned()));
    rig.press("Enter");
    assert_eq!(
        connected_with(&rig),
        Sources {
            atlas: AtlasSource::Profile("default".to_owned()),
            aws: AwsSource::Profile("dev".to_owned()),
        }
    );
    assert!(rig.wizard.session.is_government());
    assert_eq!(rig.wizard.session.connection.aws, "profile dev");
    assert!(rig.wizard.session.observed.aws_identity.is_looking(), "asked anew");
}

#[test]
fn a_project_is_named_by_its_page_whether_it_is_listed_or_not() {
    let mut rig = Rig::begin(Start::default(), first_time());
    rig.answer();
    rig.send(Message::Paste(format!(
        " https://cloud.mongodb.com/v2/{PROJECT}#/clusters\n"
    )));
    assert_eq!(rig.wizard.session.choices.project_id.as_deref(), Some(PROJECT));
    assert_eq!(rig.wizard.screens.connect.focus, ConnectFocus::Region);
    rig.press("Tab");
    rig.press("/");
    rig.text("5f1c0d2e3b4a596877869599");
    rig.press("Enter");
    assert_eq!(
        rig.wizard.session.choices.project_id.as_deref(),
        Some("5f1c0d2e3b4a596877869599")
    );
    rig.press("Tab");
    rig.send(Message::Paste("no such project".to_owned()));
    assert!(rig.wizard.project_rows().rows.is_empty(), "it's looked for in the list");
}
