//! Up to the plan: looking, choosing, typing.

use super::{State, pressed};
use crate::domain::access_role::AccessRole;
use crate::domain::cluster::{Cluster, ClusterState, EncryptionProvider};
use crate::domain::iam_role::{IamRoleDetail, NamedPolicy};
use crate::domain::key::{Key, Rotation};
use crate::domain::profile::{AtlasProfile, AwsProfile, ProfileKind};
use crate::domain::project::{Project, RegionRestriction};
use crate::observe::fixture::{
    ACCESS_ROLE, EXTERNAL_ID, KEY, MRK, ORG, OTHER_EXTERNAL_ID, access_role, all_done, cluster, document, encrypted,
    first_time, foreign_trust, key, named_key, project, role,
};
use crate::observe::{Fetched, ObservedState};
use crate::plan::Choices;
use crate::problem::Problem;
use crate::wizard::fixture::{Rig, at, given};
use crate::wizard::sources::Profiles;
use crate::wizard::{Message, ScreenId, Start};
use serde_json::json;

fn unchosen() -> Start {
    Start {
        choices: Choices::default(),
        ..given()
    }
}

fn many_projects() -> ObservedState {
    let named = |nth: usize, name: &str| Project {
        id: format!("{nth:024x}"),
        name: name.to_owned(),
        org_id: ORG.to_owned(),
        regions: RegionRestriction::None,
    };
    let mut world = first_time();
    let foreign = [
        "billing",
        "결제-프로덕션",
        "ads \u{1b}]52;c;cm0=\u{7} \u{202e}evil",
        "a project with a name that is longer than it should be",
    ];
    let mut projects: Vec<_> = foreign
        .iter()
        .enumerate()
        .map(|(nth, name)| named(nth + 1, name))
        .collect();
    projects.push(project());
    projects.extend((10..40).map(|nth| named(nth, &format!("team-{nth}"))));
    world.projects = Fetched::Known(projects);
    world
}

fn refused() -> Problem {
    Problem::service("Atlas refuses the API key")
        .at("GET https://cloud.mongodb.com/api/atlas/v2/")
        .with_code("USER_UNAUTHORIZED")
        .hint("look at MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY")
        .hint("an API key may be used from the addresses of its access list alone")
}

fn profiles() -> Profiles {
    let profile = |name: &str, kind, address: &str| AtlasProfile {
        name: name.to_owned(),
        kind,
        id: (kind == ProfileKind::ApiKey).then(|| "abcdefgh".to_owned()),
        base_url: address.to_owned(),
        project_id: None,
    };
    let aws = |name: &str, region: Option<&str>, sso| AwsProfile {
        name: name.to_owned(),
        region: region.map(str::to_owned),
        sso,
    };
    Profiles {
        atlas: vec![
            profile("default", ProfileKind::ApiKey, "https://cloud.mongodb.com"),
            profile("gov", ProfileKind::UserAccount, "https://cloud.mongodbgov.com"),
        ],
        aws: vec![aws("dev", Some("eu-west-1"), true), aws("platform", None, false)],
    }
}

pub(in crate::ui::tests) fn connect() -> Vec<State> {
    let mut broken = first_time();
    broken.atlas_identity = Fetched::Failed(refused());
    broken.aws_identity =
        Fetched::Failed(Problem::service("the AWS sign-in has expired").hint("aws sso login --profile platform"));
    let mut failed = broken.clone();
    failed.projects = Fetched::Failed(refused());
    let noted = Start {
        notes: vec!["The file names the region eu-west-1, the environment us-east-1: the file wins.".to_owned()],
        ..given()
    };
    let mut told = Rig::begin(noted, first_time());
    told.answer();
    let read = |start: Start, world: ObservedState| {
        let mut rig = Rig::begin(start, world);
        rig.answer();
        rig
    };
    let mut none = first_time();
    none.atlas_identity =
        Fetched::Failed(Problem::input("there is no Atlas credential").hint("without an account: atlas-cmk demo"));
    let lacking = || {
        let mut rig = Rig::begin(given(), none.clone());
        rig.profiles = profiles();
        rig.answer();
        rig
    };
    let user = pressed(lacking(), &["Down", "Down"]);
    let mut typing = pressed(lacking(), &["Down", "Down", "Down", "Enter"]);
    typing.text("mdb_sa_id_5f1c0d2e");
    typing.press("Tab");
    typing.text("mdb_sa_sk_hush");
    let filtered = pressed(read(unchosen(), many_projects()), &["Tab", "/", "e", "u"]);
    vec![
        ("connect_looking", Rig::begin(given(), first_time())),
        ("connect_given", told),
        ("connect_projects", read(unchosen(), many_projects())),
        ("connect_filter", filtered),
        ("connect_sources", lacking()),
        ("connect_sources_unusable", user),
        ("connect_typing", typing),
        ("connect_failed", read(unchosen(), failed)),
        ("connect_failed_given", read(given(), broken)),
    ]
}

fn without_owner() -> ObservedState {
    let mut world = first_time();
    if let Fetched::Known(who) = &mut world.atlas_identity {
        who.roles = Some(Vec::new());
    }
    world
}

pub(in crate::ui::tests) fn prerequisites() -> Vec<State> {
    let last = pressed(Rig::on(ScreenId::Prerequisites, all_done()), &["G"]);
    vec![
        (
            "prerequisites_first_time",
            Rig::on(ScreenId::Prerequisites, first_time()),
        ),
        (
            "prerequisites_failed",
            Rig::on(ScreenId::Prerequisites, without_owner()),
        ),
        ("prerequisites_last", last),
    ]
}

/// Returns a role that may do far more than use a key.
fn mighty() -> IamRoleDetail {
    let mut detail = role("data-platform", foreign_trust());
    detail.role.description = Some("Shared by the data team's jobs".to_owned());
    detail.role.created = Some(at());
    detail.inline.push(NamedPolicy {
        name: "everything".to_owned(),
        document: Some(document(json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Action": ["s3:*", "ec2:RunInstances"], "Resource": "*" }],
        }))),
    });
    detail
}

fn with_roles() -> ObservedState {
    let mut world = first_time();
    let mut all = vec![mighty().role];
    all.extend((0..40).map(|nth| role(&format!("orders-task-{nth:02}"), foreign_trust()).role));
    world.iam_roles = Fetched::Known(all);
    world.access_roles = Fetched::Known(vec![
        access_role(ACCESS_ROLE, EXTERNAL_ID),
        access_role("65f0c1a2b3c4d5e6f70819b2", OTHER_EXTERNAL_ID),
    ]);
    world
}

fn on_role(world: ObservedState) -> Rig {
    let mut rig = Rig::on(ScreenId::Role, world);
    rig.roles.push(mighty());
    rig
}

pub(in crate::ui::tests) fn roles() -> Vec<State> {
    let mut looking = Rig::begin(given(), first_time());
    looking.press("Enter");
    looking.press("Enter");
    let mut unreadable = first_time();
    unreadable.iam_roles = Fetched::Failed(Problem::service("AWS refuses to list IAM roles").with_code("AccessDenied"));
    let mut wrong = pressed(Rig::on(ScreenId::Role, first_time()), &["Tab"]);
    wrong.text(" and more");
    wrong.press("Enter");
    let mut filtered = on_role(with_roles());
    filtered.press("/");
    filtered.text("task-1");
    vec![
        ("role_new", Rig::on(ScreenId::Role, first_time())),
        ("role_looking", looking),
        ("role_failed", Rig::on(ScreenId::Role, unreadable)),
        ("role_wrong_name", wrong),
        ("role_beyond", pressed(on_role(with_roles()), &["j", "j", "j", "Space"])),
        (
            "role_accepted",
            pressed(on_role(with_roles()), &["j", "j", "j", "Space", "Space"]),
        ),
        ("role_unfinished", pressed(on_role(with_roles()), &["j", "j"])),
        ("role_in_use", Rig::on(ScreenId::Role, all_done())),
        ("role_filter", filtered),
    ]
}

fn with_keys() -> ObservedState {
    let mut world = first_time();
    let of = |id: &str, alias: &str| Key {
        aliases: vec![format!("alias/{alias}")],
        ..key(id)
    };
    let nth = |nth: u32| format!("0000abcd-12ab-34cd-56ef-{nth:012x}");
    let mut keys = vec![
        Key {
            state: "Disabled".to_owned(),
            ..of(&nth(1), "archive")
        },
        Key {
            state: "PendingDeletion".to_owned(),
            rotation: Rotation::Unknown,
            ..of(&nth(2), "old")
        },
        Key {
            description: "All of the shop's customers".to_owned(),
            rotation: Rotation::Off,
            ..of(KEY, "customers")
        },
        Key {
            spec: "RSA_2048".to_owned(),
            usage: "SIGN_VERIFY".to_owned(),
            ..of(&nth(3), "signing")
        },
        of(MRK, "worldwide"),
        key(&nth(4)),
    ];
    keys.extend((10..30).map(|number| of(&nth(number), &format!("team-{number}"))));
    world.keys = Fetched::Known(keys);
    world
}

pub(in crate::ui::tests) fn keys() -> Vec<State> {
    let on_key = || Rig::on(ScreenId::Key, with_keys());
    let mut wrong = pressed(on_key(), &["Tab", "Ctrl-U"]);
    wrong.text("alias/aws/mine");
    wrong.press("Enter");
    let mut named = pressed(on_key(), &["j", "Enter"]);
    named.send(Message::Paste("alias/nowhere".to_owned()));
    named.answer();
    let mut pasted = pressed(on_key(), &["j", "Enter"]);
    pasted.send(Message::Paste(MRK.to_owned()));
    pasted.answer();
    let mut there = first_time();
    there.keys = Fetched::Known(vec![named_key(KEY)]);
    vec![
        ("key_new", on_key()),
        (
            "key_form",
            pressed(on_key(), &["Tab", "Tab", "Tab", "Tab", "Space", "Tab"]),
        ),
        ("key_wrong_alias", wrong),
        ("key_listed", pressed(on_key(), &["j", "j", "j", "j", "Space"])),
        ("key_unusable", pressed(on_key(), &["j", "j", "j", "j", "j"])),
        ("key_not_there", named),
        ("key_pasted", pasted),
        (
            "key_alias_there",
            pressed(Rig::on(ScreenId::Key, there), &["g", "Tab", "Backspace", "Backspace"]),
        ),
    ]
}

fn with_clusters() -> ObservedState {
    let mut world = first_time();
    let mut all = vec![
        cluster("billing"),
        Cluster {
            instance_size: "M400_NVME".to_owned(),
            provider: "AZURE".to_owned(),
            regions: vec!["EUROPE_NORTH".to_owned()],
            ..cluster("catalog")
        },
        Cluster {
            cluster_type: "GEOSHARDED".to_owned(),
            regions: vec!["US_EAST_1".to_owned(), "EU_WEST_1".to_owned()],
            ..cluster("orders")
        },
        Cluster {
            paused: true,
            backup: false,
            ..cluster("reports-archive")
        },
        Cluster {
            state: ClusterState::Updating,
            ..cluster("sessions")
        },
        Cluster {
            encryption: EncryptionProvider::Gcp,
            provider: "GCP".to_owned(),
            ..cluster("search")
        },
        encrypted("vault"),
    ];
    all.extend((0..20).map(|nth| cluster(&format!("tenant-{nth:02}"))));
    world.clusters = Fetched::Known(all);
    world
}

pub(in crate::ui::tests) fn clusters() -> Vec<State> {
    let on_clusters = || Rig::on(ScreenId::Clusters, with_clusters());
    let mut failed = first_time();
    failed.clusters = Fetched::Failed(
        Problem::service("Atlas doesn't answer")
            .with_code("503")
            .hint("look again"),
    );
    let mut none = first_time();
    none.clusters = Fetched::Known(Vec::new());
    none.flex_clusters = Fetched::Known(Vec::new());
    vec![
        ("clusters_none_chosen", on_clusters()),
        (
            "clusters_chosen",
            pressed(on_clusters(), &["Space", "j", "j", "Space", "o", "j", "Space"]),
        ),
        ("clusters_filter", pressed(on_clusters(), &["/", "v", "a"])),
        ("clusters_failed", Rig::on(ScreenId::Clusters, failed)),
        ("clusters_create", {
            let mut rig = pressed(Rig::on(ScreenId::Clusters, none.clone()), &["c"]);
            rig.text("orders");
            rig
        }),
        ("clusters_to_create", {
            let mut rig = pressed(Rig::on(ScreenId::Clusters, none.clone()), &["c"]);
            rig.text("orders");
            pressed(rig, &["Enter"])
        }),
        ("clusters_no_cluster", Rig::on(ScreenId::Clusters, none)),
    ]
}

/// Returns a world with foreign text in every place that could act on a terminal.
pub(in crate::ui::tests) fn hostile() -> ObservedState {
    let mut world = many_projects();
    let bad = "\u{1b}[2J\u{202e}\u{9b}31m\r\u{7}";
    if let Fetched::Known(clusters) = &mut world.clusters {
        clusters.push(cluster(&format!("c{bad}")));
    }
    let mut detail = mighty();
    detail.role.description = Some(format!("d{bad}\nsecond line"));
    world.iam_roles = Fetched::Known(vec![detail.role]);
    world.keys = Fetched::Known(vec![Key {
        description: format!("k{bad}"),
        aliases: vec![format!("alias/{bad}")],
        ..key(KEY)
    }]);
    world.access_roles = Fetched::Known(vec![AccessRole {
        external_id: format!("e{bad}"),
        ..access_role(ACCESS_ROLE, EXTERNAL_ID)
    }]);
    world
}
