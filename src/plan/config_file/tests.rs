use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{ConfigFile, read, write};
use crate::domain::arn::{KeyArn, RoleArn};
use crate::domain::key::KeyRef;
use crate::domain::project::ProjectRef;
use crate::domain::region::Region;
use crate::plan::desired::{
    AccessRoleChoice, ClusterChoice, DesiredState, KeyChoice, NewCluster, NewKeySettings, RoleChoice, Rollout,
};
use crate::problem::Kind;

const WHOLE: &str = r#"[project]
id = "6a793f832c88faeba59bc3c2"  # 24 hex digits
[aws]
region = "US_EAST_1"
profile = "platform"
[role]
name = "atlas-cmk-orders"
tags = { "cost center" = "42" }
[key]
alias = "alias/atlas-orders"
create = true
rotation_days = 0
[clusters]
encrypt = ["orders", "billing"]
rollout = "canary"
"#;

fn good(text: &str) -> ConfigFile {
    read(text, "atlas-cmk.toml").unwrap()
}

/// Returns place and message of everything that is wrong.
fn faults(text: &str) -> Vec<String> {
    let problems = read(text, "f.toml").unwrap_err();
    assert!(problems.iter().all(|problem| problem.kind == Kind::Input));
    problems
        .iter()
        .map(|problem| {
            let hints = problem.hints.join("; ");
            format!(
                "{}: {} {hints}",
                problem.place.as_deref().unwrap_or_default(),
                problem.message
            )
        })
        .collect()
}

/// Asserts that one line of the whole file, replaced, gives one fault at that line with these words.
#[track_caller]
fn one_fault(line: usize, replacement: &str, words: &[&str]) {
    let text: Vec<_> = WHOLE
        .lines()
        .enumerate()
        .map(|(nth, old)| if nth + 1 == line { replacement } else { old })
        .collect();
    let faults = faults(&text.join("\n"));
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert!(faults[0].starts_with(&format!("f.toml, line {line}: ")), "{faults:#?}");
    for word in words {
        assert!(faults[0].contains(word), "{word:?} isn't in {:?}", faults[0]);
    }
}

#[test]
fn the_whole_file_is_read() {
    assert_eq!(
        good(WHOLE),
        ConfigFile {
            project: Some(ProjectRef::Id("6a793f832c88faeba59bc3c2".to_owned())),
            region: Region::parse("us-east-1").ok(),
            profile: Some("platform".to_owned()),
            role: RoleChoice::Named {
                name: "atlas-cmk-orders".to_owned(),
                reuse: false,
                tags: BTreeMap::from([("cost center".to_owned(), "42".to_owned())]),
                path: "/".to_owned(),
                permissions_boundary: None,
            },
            access_role: AccessRoleChoice::Recognized,
            drop_dead_principals: false,
            aws_half: None,
            extend_key_policy: false,
            resume: Vec::new(),
            create: Vec::new(),
            key: KeyChoice::CreateUnlessThere(NewKeySettings {
                rotation_days: None,
                ..NewKeySettings::new("alias/atlas-orders")
            }),
            clusters: ClusterChoice::Named(vec!["orders".to_owned(), "billing".to_owned()]),
            rollout: Rollout::Canary,
        }
    );
}

#[test]
fn what_has_a_default_or_is_given_elsewhere_can_be_left_out() {
    let file = good("[role]\nname = \"x\"\n[key]\nalias = \"alias/x\"\n[clusters]\nencrypt = \"eligible\"\n");
    assert_eq!((file.project, file.region, file.profile), (None, None, None));
    assert_eq!(file.key, KeyChoice::Existing(KeyRef::Alias("alias/x".to_owned())));
    assert_eq!(
        (file.clusters, file.rollout),
        (ClusterChoice::Eligible, Rollout::Together)
    );
    let file = good("role.name = \"x\"\nkey.alias = \"alias/x\"\nkey.create = true\nclusters.encrypt = []\n");
    assert_eq!(file.key, KeyChoice::CreateUnlessThere(NewKeySettings::new("alias/x")));
}

#[test]
fn each_fault_is_told_at_its_line() {
    one_fault(
        12,
        "rotation-days = 0",
        &["unknown key `rotation-days` in [key]", "did you mean rotation_days?"],
    );
    one_fault(12, "rotate = 0", &["unknown key `rotate`", "[key] has alias"]);
    one_fault(
        12,
        "profile = \"x\"",
        &["unknown key `profile` in [key]", "profile belongs to [aws]"],
    );
    one_fault(2, "id = \"orders\"", &["24 hex digits"]);
    one_fault(2, "id = 12", &["`id` is a text in quotes"]);
    one_fault(
        4,
        "region = \"us-eats-1\"",
        &["no such region", "did you mean us-east-1?"],
    );
    one_fault(5, "profile = \"\"", &["empty"]);
    one_fault(5, "half = \" \"", &["the folder for the AWS half is empty"]);
    one_fault(7, "name = \"a b\"", &["' '"]);
    one_fault(7, "name = \"\"", &["1 to 64"]);
    one_fault(8, "reuse = \"yes\"", &["true or false"]);
    one_fault(8, "tags = [\"a\"]", &["`tags` is a table"]);
    one_fault(8, "tags = { \"aws:x\" = \"1\" }", &["AWS's own"]);
    one_fault(8, "tags = { x = 1 }", &["tag `x` is a text in quotes"]);
    one_fault(10, "alias = \"orders\"", &["begins with alias/"]);
    one_fault(11, "create = 1", &["true or false"]);
    one_fault(12, "rotation_days = 89", &["0 (off) or 90 to 2560, not 89"]);
    one_fault(12, "rotation_days = -1", &["not -1"]);
    one_fault(12, "rotation_days = 99999999999999999999", &["whole number"]);
    one_fault(
        12,
        "id = \"1234abcd-12ab-34cd-56ef-1234567890ab\"",
        &["alias and id", "one of them"],
    );
    one_fault(14, "encrypt = \"all\"", &["a list of names, or \"eligible\""]);
    one_fault(14, "encrypt = [\"a\", \"b\", \"a\"]", &["names a twice"]);
    one_fault(14, "encrypt = [\"a/../b\"]", &["can't be a cluster's name"]);
    one_fault(14, "encrypt = [1]", &["text in quotes"]);
    one_fault(15, "rollout = \"slow\"", &["one-by-one"]);
    one_fault(15, "rollout = ", &["not TOML"]);
    one_fault(15, "encrypt = \"eligible\"", &["not TOML", "duplicate"]);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let text = "[projet]\nid = \"x\"\n[role]\nname = \"x\"\narn = \"arn:aws:iam::111122223333:role/x\"\n[key]\nid = \"x\"\ncreate = true\n\
                description = \"d\"\n[clusters]\nrollout = \"x\"\n";
    let faults = faults(text);
    let lines: Vec<_> = faults.iter().map(|fault| fault.split_once(": ").unwrap().0).collect();
    assert_eq!(
        lines,
        [
            "f.toml, line 1",
            "f.toml, line 5",
            "f.toml, line 7",
            "f.toml, line 8",
            "f.toml, line 11",
            "f.toml, line 10"
        ],
        "{faults:#?}"
    );
}

#[test]
fn missing_sections_are_named() {
    let faults = faults("");
    assert_eq!(faults.len(), 3, "{faults:#?}");
    for (fault, section) in faults.iter().zip(["[role]", "[key]", "[clusters]"]) {
        assert!(fault.starts_with("f.toml: ") && fault.contains(section), "{fault}");
    }
}

#[test]
fn what_holds_at_creation_needs_a_creation() {
    let with = |lines: &str| format!("role.name = \"x\"\nclusters.encrypt = \"eligible\"\n[key]\n{lines}\n");
    for key in [
        "description = \"d\"",
        "rotation_days = 90",
        "multi_region = true",
        "tags = {}",
    ] {
        let faults = faults(&with(&format!("alias = \"alias/x\"\n{key}")));
        assert!(
            faults.len() == 1 && faults[0].starts_with("f.toml, line 5: "),
            "{faults:#?}"
        );
    }
    let faults = faults(&with("id = \"1234abcd-12ab-34cd-56ef-1234567890ab\"\ncreate = true"));
    assert!(faults.len() == 1 && faults[0].contains("needs an alias"), "{faults:#?}");
}

#[test]
fn an_arn_brings_its_region_and_does_not_contradict_another() {
    let with = |arn: &str, region: &str| {
        format!("role.name = \"x\"\nclusters.encrypt = \"eligible\"\nkey.arn = \"{arn}\"\n[aws]\n{region}\n")
    };
    let arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    assert_eq!(good(&with(arn, "")).region, Region::parse("eu-west-1").ok());
    assert!(faults(&with(arn, "region = \"us-east-1\""))[0].contains("the key is in eu-west-1"));
    assert!(faults(&with(&arn.replace("eu-west", "eu-isoe-west"), ""))[0].contains("no such region"));
}

#[test]
fn the_new_keys_are_judged_at_their_line() {
    let with = |role: &str, key: &str, clusters: &str| {
        format!(
            "[role]\nname = \"x\"\n{role}\n[key]\nalias = \"alias/x\"\n{key}\n[clusters]\nencrypt = [\"a\"]\n{clusters}\n"
        )
    };
    let create = |rest: &str| format!("[[clusters.create]]\nname = \"new\"\nregion = \"us-east-1\"\n{rest}");
    for (text, line, words) in [
        (with("path = \"team\"", "", ""), 3, "begins and ends with /"),
        (with("permissions_boundary = \"b\"", "", ""), 3, "managed policy"),
        (with("access_role = \"6a\"", "", ""), 3, "24 hex digits"),
        (with("drop_dead_principals = 1", "", ""), 3, "true or false"),
        (with("", "extend_policy = \"yes\"", ""), 6, "true or false"),
        (with("", "", "resume = \"a\""), 9, "list of names"),
        (with("", "", "resume = [\"b\"]"), 9, "b isn't named under `encrypt`"),
        (with("", "", &create("instance_size = \"M5\"")), 12, "M10 or larger"),
        (
            with("", "", &create("size = \"M10\"\ninstance_size = \"M10\"")),
            12,
            "unknown key `size`",
        ),
        (with("", "", &create("")), 9, "needs instance_size"),
        (
            with("", "", &create("instance_size = \"M10\"\nprovider = \"IBM\"")),
            13,
            "\"AWS\", \"AZURE\" or \"GCP\"",
        ),
        (with("", "", "create = [1]"), 9, "[[clusters.create]]"),
    ] {
        let faults = faults(&text);
        assert_eq!(faults.len(), 1, "{text}\n{faults:#?}");
        assert!(
            faults[0].starts_with(&format!("f.toml, line {line}: ")),
            "{text}\n{faults:#?}"
        );
        assert!(faults[0].contains(words), "{words:?} isn't in {faults:?}");
    }
    let file = good(&with(
        "access_role = \"new\"",
        "extend_policy = true",
        &create("instance_size = \"M10\""),
    ));
    assert_eq!(
        (file.access_role, file.extend_key_policy),
        (AccessRoleChoice::New, true)
    );
    assert_eq!(
        (file.create[0].region.as_str(), file.create[0].provider.as_str()),
        ("US_EAST_1", "AWS")
    );
}

#[test]
fn a_project_has_an_id_or_a_name() {
    let with = |project: &str| {
        format!("[project]\n{project}\n[role]\nname = \"x\"\n[key]\nalias = \"alias/x\"\n[clusters]\nencrypt = []\n")
    };
    assert_eq!(
        good(&with("name = \"Orders EU\"")).project,
        Some(ProjectRef::Name("Orders EU".to_owned()))
    );
    let id = "6a793f832c88faeba59bc3c2";
    assert!(faults(&with(&format!("name = \"{id}\"")))[0].contains("goes under `id`"));
    assert!(faults(&with(&format!("id = \"{id}\"\nname = \"Orders\"")))[0].contains("line 3: [project] has both"));
}

#[test]
fn the_written_file_is_readable() {
    let mut desired = good(WHOLE).desired(
        "6a793f832c88faeba59bc3c2".to_owned(),
        Region::parse("us-east-1").unwrap(),
    );
    desired.access_role = AccessRoleChoice::Picked("65f0c1a2b3c4d5e6f70819a1".to_owned());
    insta::assert_snapshot!(write(&desired, Some("platform")));
}

fn tags() -> impl Strategy<Value = BTreeMap<String, String>> {
    prop::collection::btree_map("[a-zA-Z0-9 _.:/=+@é-]{1,12}", "[a-zA-Z0-9 _.:/=+@é-]{0,12}", 0..4)
        .prop_filter("aws: is AWS's own", |tags| {
            !tags.keys().any(|key| key.to_ascii_lowercase().starts_with("aws:"))
        })
}

fn role() -> impl Strategy<Value = RoleChoice> {
    prop_oneof![
        ("[a-zA-Z0-9_+=,.@-]{1,64}", any::<bool>(), tags(), any::<bool>()).prop_map(|(name, reuse, tags, placed)| {
            RoleChoice::Named {
                name,
                reuse,
                tags,
                path: if placed { "/team/atlas/" } else { "/" }.to_owned(),
                permissions_boundary: placed.then(|| "arn:aws-cn:iam::111122223333:policy/b".to_owned()),
            }
        }),
        ("[a-zA-Z0-9/]{0,9}", "[a-zA-Z0-9]{1,9}", any::<bool>()).prop_map(|(path, name, reuse)| {
            let arn = RoleArn::parse(&format!("arn:aws:iam::111122223333:role/{path}{name}")).unwrap();
            RoleChoice::Existing { arn, reuse }
        }),
    ]
}

fn key(region: Region) -> impl Strategy<Value = KeyChoice> {
    let id = prop_oneof![
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "mrk-[0-9a-f]{32}"
    ];
    let new = (
        "[a-zA-Z0-9/_-]{1,20}",
        ".{0,30}",
        prop::option::of(90..=2560_u16),
        any::<bool>(),
        tags(),
    );
    prop_oneof![
        id.clone().prop_map(|id| KeyChoice::Existing(KeyRef::Id(id))),
        id.prop_map(move |id| {
            let arn = KeyArn::parse(&format!("arn:aws:kms:{region}:111122223333:key/{id}")).unwrap();
            KeyChoice::Existing(KeyRef::Arn(arn))
        }),
        "[a-z]{1,20}".prop_map(|name| KeyChoice::Existing(KeyRef::Alias(format!("alias/{name}")))),
        new.prop_filter("alias/aws/ is AWS's own", |(name, ..)| !name.starts_with("aws/"))
            .prop_map(|(name, description, rotation_days, multi_region, tags)| {
                KeyChoice::CreateUnlessThere(NewKeySettings {
                    alias: format!("alias/{name}"),
                    description,
                    rotation_days,
                    multi_region,
                    tags,
                })
            }),
    ]
}

fn new_clusters() -> impl Strategy<Value = Vec<NewCluster>> {
    let size = prop::sample::select(vec!["M10", "M40_NVME", "R80"]);
    let one = (
        size,
        prop::sample::select(vec![("AWS", "EU_WEST_1"), ("AZURE", "EUROPE_WEST")]),
    );
    prop::collection::btree_map("[a-zA-Z0-9][a-zA-Z0-9-]{0,9}", one, 0..3).prop_map(|all| {
        let new = |(name, (size, (provider, region))): (String, (&str, (&str, &str)))| NewCluster {
            name,
            provider: provider.to_owned(),
            region: region.to_owned(),
            instance_size: size.to_owned(),
        };
        all.into_iter().map(new).collect()
    })
}

/// Returns what is in the file beside the rest: access role, new clusters, key policy, deleted principals, the folder for
/// the AWS half.
fn extras() -> impl Strategy<Value = (AccessRoleChoice, Vec<NewCluster>, bool, bool, Option<String>)> {
    let access_role = prop_oneof![
        Just(AccessRoleChoice::Recognized),
        Just(AccessRoleChoice::New),
        "[0-9a-f]{24}".prop_map(AccessRoleChoice::Picked),
    ];
    let folder = prop::option::of(".{0,3}[^\\s].{0,3}");
    (access_role, new_clusters(), any::<bool>(), any::<bool>(), folder)
}

fn desired() -> impl Strategy<Value = DesiredState> {
    let regions: Vec<Region> = Region::all().collect();
    let clusters = prop_oneof![
        Just(ClusterChoice::Eligible),
        prop::collection::btree_set("[a-zA-Z0-9][a-zA-Z0-9-]{0,9}", 0..5)
            .prop_map(|names| ClusterChoice::Named(names.into_iter().collect())),
    ];
    let rollout = prop::sample::select(vec![Rollout::Together, Rollout::Canary, Rollout::OneByOne]);
    prop::sample::select(regions).prop_flat_map(move |region| {
        let parts = (
            "[0-9a-f]{24}",
            role(),
            key(region),
            clusters.clone(),
            rollout.clone(),
            extras(),
        );
        parts.prop_map(move |(project_id, role, key, clusters, rollout, extras)| {
            let (access_role, create, extend_key_policy, drop_dead_principals, aws_half) = extras;
            let resume = match &clusters {
                ClusterChoice::Eligible => vec!["any".to_owned()],
                ClusterChoice::Named(names) => names.iter().take(1).cloned().collect(),
            };
            DesiredState {
                project_id,
                region,
                role,
                access_role,
                key,
                clusters,
                rollout,
                resume,
                create,
                extend_key_policy,
                drop_dead_principals,
                aws_half,
            }
        })
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(desired in desired(), profile in prop::option::of(".{0,3}[^\\s].{0,3}")) {
        let text = write(&desired, profile.as_deref());
        let file = read(&text, "f.toml").map_err(|problems| TestCaseError::fail(format!("{problems:#?}\n{text}")))?;
        prop_assert_eq!(&file.profile, &profile);
        let Some(ProjectRef::Id(id)) = file.project.clone() else {
            return Err(TestCaseError::fail("the project's ID is there"));
        };
        let region = file.region.unwrap();
        prop_assert_eq!(file.desired(id, region), desired);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}") {
        let _ = read(&text, "f.toml");
    }

    #[test]
    fn no_change_of_a_good_file_makes_the_reader_panic(at in 0..WHOLE.len(), length in 0..30_usize, more in ".{0,5}") {
        let end = (at + length).min(WHOLE.len());
        let text = format!("{}{more}{}", WHOLE.get(..at).unwrap_or(WHOLE), WHOLE.get(end..).unwrap_or(""));
        if let Err(problems) = read(&text, "f.toml") {
            prop_assert!(!problems.is_empty());
        }
    }
}
