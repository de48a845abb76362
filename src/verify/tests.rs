use serde_json::json;

use super::report::{markdown, write};
use super::{Evidence, Weight, text};
use crate::domain::key::KeyRef;
use crate::domain::project::EncryptionSetting;
use crate::domain::text::safe_line;
use crate::observe::fixture::{self, ACCESS_ROLE, EXTERNAL_ID, KEY, OTHER_EXTERNAL_ID, ROLE};
use crate::observe::{Fetched, ObservedState};
use crate::problem::Problem;

fn known<T>(fetched: &mut Fetched<T>) -> &mut T {
    match fetched {
        Fetched::Known(value) => value,
        _ => panic!("the fixture knows it"),
    }
}

fn done_with(change: impl FnOnce(&mut ObservedState)) -> Evidence {
    let mut observed = fixture::all_done();
    change(&mut observed);
    Evidence::from_observed(&observed).unwrap()
}

/// Asserts that a change of what is done is told with a weight and words.
#[track_caller]
fn expect(weight: Weight, words: &[&str], change: impl FnOnce(&mut ObservedState)) {
    let evidence = done_with(change);
    let told = |text: &str| words.iter().all(|word| text.contains(word));
    let found = evidence.findings.iter().find(|finding| told(&finding.text));
    assert_eq!(
        found.map(|finding| finding.weight),
        Some(weight),
        "{words:?}: {:#?}",
        evidence.findings
    );
    assert_eq!(
        evidence.is_at_risk(),
        weight == Weight::Risk,
        "{:#?}",
        evidence.findings
    );
}

fn set_key(observed: &mut ObservedState, change: impl FnOnce(&mut crate::domain::key::Key)) {
    let mut key = fixture::named_key(KEY);
    change(&mut key);
    fixture::choose_key(observed, KeyRef::Arn(key.arn.clone()), Some(key));
}

#[test]
fn what_is_done_is_no_risk() {
    let evidence = done_with(|_| {});
    assert!(!evidence.is_at_risk(), "{:#?}", evidence.findings);
    assert!(
        evidence
            .findings
            .iter()
            .any(|finding| finding.text.contains("Never disable or delete the key"))
    );
    assert!(
        evidence
            .findings
            .iter()
            .any(|finding| finding.text.contains("AWS_ENCRYPTION_KEY_NEEDS_ROTATION"))
    );
}

#[test]
fn what_is_off_invalid_or_unused_is_a_risk() {
    expect(Weight::Risk, &["is off for the project"], |observed| {
        observed.setting = Fetched::Known(EncryptionSetting::default());
    });
    expect(Weight::Risk, &["isn't valid", "First restore the key"], |observed| {
        known(&mut observed.setting).aws.valid = Some(false);
    });
    expect(Weight::Risk, &["configured, used by 0 of 3 clusters"], |observed| {
        let clusters = ["a", "b", "c"].map(fixture::cluster).to_vec();
        observed.clusters = Fetched::Known(clusters);
    });
    expect(Weight::Note, &["doesn't tell whether the key is valid"], |observed| {
        known(&mut observed.setting).aws.valid = None;
    });
}

#[test]
fn a_key_that_atlas_will_lose_is_a_risk() {
    expect(
        Weight::Risk,
        &["pending deletion", "Cancel its deletion, then enable it"],
        |observed| {
            set_key(observed, |key| key.state = "PendingDeletion".to_owned());
        },
    );
    expect(Weight::Risk, &["disabled", "Enable it."], |observed| {
        set_key(observed, |key| key.state = "Disabled".to_owned());
    });
}

#[test]
fn what_cannot_be_read_is_a_risk_unless_atlas_says_valid() {
    let refused = || Fetched::Failed(Problem::prerequisite("kms:DescribeKey isn't allowed to you"));
    expect(
        Weight::Note,
        &["couldn't be read", "kms:DescribeKey", "Atlas itself says"],
        |observed| {
            observed.chosen_key.as_mut().unwrap().found = refused();
        },
    );
    expect(Weight::Risk, &["couldn't be read", "kms:DescribeKey"], |observed| {
        observed.chosen_key.as_mut().unwrap().found = refused();
        known(&mut observed.setting).aws.valid = None;
    });
    expect(Weight::Note, &["signed in to account 999900001111"], |observed| {
        known(&mut observed.aws_identity).account = "999900001111".to_owned();
        fixture::choose_role(observed, ROLE, None);
    });
}

#[test]
fn an_iam_role_that_shuts_atlas_out_is_a_risk() {
    expect(Weight::Risk, &["doesn't exist"], |observed| {
        fixture::choose_role(observed, ROLE, None);
    });
    expect(Weight::Risk, &["doesn't let Atlas in", EXTERNAL_ID], |observed| {
        let role = fixture::ready_role(ROLE, OTHER_EXTERNAL_ID, &fixture::key_arn(KEY));
        fixture::choose_role(observed, ROLE, Some(role));
    });
    expect(
        Weight::Risk,
        &["Atlas can't use the key", "no statement allows kms:DescribeKey"],
        |observed| {
            fixture::choose_role(observed, ROLE, Some(fixture::role(ROLE, fixture::trust(EXTERNAL_ID))));
        },
    );
    expect(
        Weight::Risk,
        &["the inline policy deny", "explicit Deny covers kms:Decrypt"],
        |observed| {
            let mut role = fixture::ready_role(ROLE, EXTERNAL_ID, &fixture::key_arn(KEY));
            let deny = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}});
            role.inline.push(crate::domain::iam_role::NamedPolicy {
                name: "deny".to_owned(),
                document: Some(fixture::document(deny)),
            });
            fixture::choose_role(observed, ROLE, Some(role));
        },
    );
    expect(Weight::Note, &["can't be told from here"], |observed| {
        let mut role = fixture::ready_role(ROLE, EXTERNAL_ID, &fixture::key_arn(KEY));
        role.inline[0].document = None;
        fixture::choose_role(observed, ROLE, Some(role));
    });
}

#[test]
fn an_access_role_that_is_gone_or_unauthorized_is_a_risk() {
    expect(Weight::Risk, &["isn't listed"], |observed| {
        observed.access_roles = Fetched::Known(Vec::new());
    });
    expect(Weight::Risk, &["isn't authorized"], |observed| {
        observed.access_roles = Fetched::Known(vec![fixture::access_role(ACCESS_ROLE, EXTERNAL_ID)]);
    });
}

#[test]
fn what_is_left_over_is_a_note() {
    expect(Weight::Note, &["1 cluster could be encrypted", "reports"], |observed| {
        known(&mut observed.clusters).push(fixture::cluster("reports"));
    });
    expect(
        Weight::Note,
        &[
            "65f0c1a2b3c4d5e6f70819ff",
            OTHER_EXTERNAL_ID,
            "2026-11-20",
            "never authorized",
        ],
        |observed| {
            let other = fixture::access_role("65f0c1a2b3c4d5e6f70819ff", OTHER_EXTERNAL_ID);
            known(&mut observed.access_roles).push(other);
        },
    );
}

#[test]
fn without_the_project_there_is_no_evidence() {
    let mut observed = fixture::all_done();
    observed.setting = Fetched::Failed(Problem::service("no"));
    observed.clusters = Fetched::Failed(Problem::service("nor this"));
    assert_eq!(Evidence::from_observed(&observed).unwrap_err().len(), 2);
}

#[test]
fn the_json_keeps_ids_and_arns_whole() {
    let value = serde_json::to_value(done_with(|_| {})).unwrap();
    let keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    let contract = [
        "project",
        "encryption_at_rest",
        "access_role",
        "iam_role",
        "key",
        "clusters",
        "findings",
    ];
    assert_eq!(keys[1..], contract);
    let json = value.to_string();
    for whole in [
        ACCESS_ROLE,
        fixture::role_arn(ROLE).as_str(),
        fixture::key_arn(KEY).as_str(),
        fixture::PROJECT,
    ] {
        assert!(json.contains(whole), "{whole}");
    }
}

#[test]
fn the_text_is_aligned() {
    let evidence = done_with(|observed| {
        known(&mut observed.setting).aws.valid = Some(false);
        known(&mut observed.clusters).push(fixture::cluster("결제"));
    });
    insta::assert_snapshot!(text(&evidence));
}

#[test]
fn the_report_is_written_for_people_and_for_programs() {
    let evidence = done_with(|_| {});
    insta::assert_snapshot!(markdown(&evidence));
    let folder = tempfile::tempdir().unwrap();
    let paths = write(&folder.path().join("new"), &evidence).unwrap();
    let names: Vec<_> = paths
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(names, ["report-20261125T080000Z.md", "report-20261125T080000Z.json"]);
    let read: Evidence = serde_json::from_str(&std::fs::read_to_string(&paths[1]).unwrap()).unwrap();
    assert_eq!(read, evidence);
}

#[test]
fn foreign_text_acts_neither_on_a_terminal_nor_in_markdown() {
    let evidence = done_with(|observed| {
        known(&mut observed.project).name = "\u{1b}[2J | <script>".to_owned();
        known(&mut observed.clusters)[0].name = "a\n# b\u{202e}".to_owned();
        known(&mut observed.clusters)[0].encryption = crate::domain::cluster::EncryptionProvider::None;
    });
    for told in [text(&evidence), markdown(&evidence)] {
        assert!(told.lines().all(|line| safe_line(line) == line), "{told}");
        assert!(!told.contains("\n# b"));
    }
    assert!(markdown(&evidence).contains("\\| \\<script\\>"));
}

#[test]
fn what_atlas_will_trip_over_is_a_risk_while_it_still_says_valid() {
    let key_policy = |observed: &mut ObservedState, statement: serde_json::Value| {
        let document = fixture::document(json!({"Version": "2012-10-17", "Statement": [statement]}));
        observed.key_policy.as_mut().unwrap().found = Fetched::Known(Some(document));
    };
    expect(
        Weight::Risk,
        &[
            "Atlas can't use the key: the key policy of",
            "neither lets IAM decide",
            "\"AWS\":\"arn:aws:iam::111122223333:role/atlas-cmk-orders\"",
            "will trip over this at its next check",
        ],
        |observed| {
            let admin = json!({"AWS": "arn:aws:iam::111122223333:user/admin"});
            key_policy(
                observed,
                json!({"Effect": "Allow", "Principal": admin, "Action": "kms:*", "Resource": "*"}),
            );
        },
    );
    expect(
        Weight::Risk,
        &["explicit Deny covers kms:Decrypt", "Atlas calls from 192.0.2.10"],
        |observed| {
            let mut role = fixture::ready_role(ROLE, EXTERNAL_ID, &fixture::key_arn(KEY));
            let deny = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "kms:Decrypt",
                "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}}}});
            role.inline.push(crate::domain::iam_role::NamedPolicy {
                name: "office".to_owned(),
                document: Some(fixture::document(deny)),
            });
            fixture::choose_role(observed, ROLE, Some(role));
        },
    );
    expect(
        Weight::Note,
        &["can't be told from here", "What would settle it"],
        |observed| {
            observed.key_policy.as_mut().unwrap().found =
                Fetched::Failed(Problem::prerequisite("kms:GetKeyPolicy refused"));
        },
    );
}

#[test]
fn an_invalid_key_is_explained_by_the_first_thing_in_the_way() {
    let evidence = done_with(|observed| {
        known(&mut observed.setting).aws.valid = Some(false);
        fixture::choose_role(observed, ROLE, Some(fixture::role(ROLE, fixture::trust(EXTERNAL_ID))));
    });
    let risks: Vec<_> = evidence
        .findings
        .iter()
        .filter(|finding| finding.weight == Weight::Risk)
        .collect();
    assert!(risks[0].text.contains("isn't valid"), "{risks:#?}");
    assert!(
        risks[1].text.contains("the policies of the IAM role") && risks[1].text.contains("no statement allows"),
        "{risks:#?}"
    );
    assert!(!risks[1].text.contains("next check"), "{risks:#?}");
}
