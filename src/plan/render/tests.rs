use super::{LineKind, json, step_detail, summary, text};
use crate::domain::iam_role::NamedPolicy;
use crate::domain::text::safe_line;
use crate::observe::fixture::{self, ACCESS_ROLE, EXTERNAL_ID, KEY, ROLE};
use crate::observe::{Fetched, ObservedState};
use crate::plan::{DesiredState, Plan, plan};

fn planned(observed: &ObservedState, desired: &DesiredState) -> Plan {
    plan(observed, desired).unwrap()
}

/// Returns a world with an IAM role whose trust policy is somebody else's, and an unfinished access role of ours.
fn existing_role() -> ObservedState {
    let mut observed = fixture::first_time();
    let mut role = fixture::role(ROLE, fixture::foreign_trust());
    role.inline.push(NamedPolicy {
        name: crate::plan::INLINE_POLICY.to_owned(),
        document: Some(fixture::key_use(&fixture::key_arn(fixture::MRK))),
    });
    fixture::choose_role(&mut observed, ROLE, Some(role));
    let mut ours = fixture::authorized(ACCESS_ROLE, EXTERNAL_ID, ROLE);
    ours.features.push("ATLAS_DATA_LAKE".to_owned());
    observed.access_roles = Fetched::Known(vec![ours]);
    fixture::choose_key(
        &mut observed,
        fixture::desired().key.key_ref(),
        Some(fixture::named_key(KEY)),
    );
    observed
}

#[test]
fn the_first_time_is_told_whole() {
    insta::assert_snapshot!(text(&planned(&fixture::first_time(), &fixture::desired())));
}

#[test]
fn what_exists_is_shown_as_a_difference() {
    insta::assert_snapshot!(text(&planned(&existing_role(), &fixture::desired())));
}

#[test]
fn nothing_to_do_is_told_too() {
    insta::assert_snapshot!(text(&planned(&fixture::all_done(), &fixture::desired())));
}

#[test]
fn the_lines_of_a_difference_say_what_they_are() {
    let plan = planned(&existing_role(), &fixture::desired());
    let lines = step_detail(&plan, &plan.steps[0]);
    let of = |kind| lines.iter().filter(move |line| line.kind == kind);
    assert_eq!(of(LineKind::Heading).count(), 3, "{lines:#?}");
    assert!(of(LineKind::Added).all(|line| line.text.starts_with('+')) && of(LineKind::Added).count() > 0);
    assert!(of(LineKind::Removed).all(|line| line.text.starts_with('-')));
    assert!(of(LineKind::Added).any(|line| line.text.contains(EXTERNAL_ID)));
    assert!(
        of(LineKind::Json).any(|line| line.text.contains("Backup team")),
        "every statement is kept"
    );
}

#[test]
fn the_json_has_what_scripts_need() {
    let plan = planned(&existing_role(), &fixture::desired());
    let value = serde_json::to_value(json(&plan)).unwrap();
    assert_eq!(value["version"], 1);
    assert_eq!(value["project"]["id"], fixture::PROJECT);
    assert_eq!(value["fingerprint"], plan.fingerprint.to_string());
    let step = &value["steps"][0];
    assert_eq!(
        (step["id"].as_str(), step["request"]["call"].as_str()),
        (Some("update-trust-policy"), Some("UpdateAssumeRolePolicy"))
    );
    assert_eq!(step["before"]["Statement"].as_array().unwrap().len(), 1);
    assert_eq!(step["after"]["Statement"].as_array().unwrap().len(), 2);
    let plan = planned(&fixture::first_time(), &fixture::desired());
    let first = serde_json::to_value(json(&plan)).unwrap();
    let needs = first["steps"][1]["known_after_apply"].as_array().unwrap();
    assert_eq!(needs, &["atlas_principal", "external_id"]);
    assert!(first["steps"][0]["before"].is_null());
}

#[test]
fn counts_are_right_in_number() {
    assert_eq!(
        summary(&planned(&fixture::first_time(), &fixture::desired())),
        "5 to create, 3 to change, 2 clusters to encrypt"
    );
    assert_eq!(
        summary(&planned(&fixture::all_done(), &fixture::desired())),
        "0 to create, 0 to change, 0 clusters to encrypt"
    );
}

#[test]
fn foreign_text_is_made_safe() {
    let mut observed = existing_role();
    let odd = "\u{1b}]52;c;x\u{7}\u{202e}";
    if let Fetched::Known(project) = &mut observed.project {
        project.name = odd.to_owned();
    }
    let trust = serde_json::json!({"Version": "2012-10-17", "Statement": [{"Sid": odd}]});
    fixture::choose_role(&mut observed, ROLE, Some(fixture::role(ROLE, fixture::document(trust))));
    let text = text(&planned(&observed, &fixture::desired()));
    assert!(text.lines().all(|line| safe_line(line) == line), "{text}");
}
