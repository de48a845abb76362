//! Answers recorded from Atlas, read by the client's own readers.
//!
//! They lie beside the project, and not everyone has them: without them the test says so and passes.

use std::path::{Path, PathBuf};

use atlas_cmk::atlas::{ErrorKind, wire};
use atlas_cmk::domain::access_role::AccessRole;
use atlas_cmk::domain::cluster::{Cluster, ClusterKind, EncryptionProvider};
use atlas_cmk::domain::project::Project;

/// Calls that the client doesn't make, by the beginning of the file's name.
const NOT_OURS: &[&str] = &[
    "GET_api_atlas_v2_groups_alertConfigs__200",
    "GET_api_atlas_v2_groups_clusters_NAME_search_deployment__200",
    "GET_api_atlas_v2_orgs__200",
    "POST_api_atlas_v2_groups__201",
];

struct Recorded {
    name: String,
    status: u16,
    challenge: bool,
    body: String,
}

#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn recorded() -> Option<Vec<Recorded>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/atlas/recorded");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: there are no recorded answers at {}", folder.display());
        return None;
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    Some(paths.iter().map(|path| read(path)).collect())
}

fn read(path: &Path) -> Recorded {
    let text = std::fs::read_to_string(path).unwrap().replace("\r\n", "\n");
    let (head, body) = text.split_once("\n\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Recorded {
        name: path.file_name().unwrap().to_str().unwrap().to_owned(),
        status,
        challenge: head
            .lines()
            .any(|line| line.to_ascii_lowercase().starts_with("www-authenticate: digest")),
        body: body.to_owned(),
    }
}

fn check_cluster(cluster: &Cluster) {
    assert!(
        !cluster.name.is_empty() && !cluster.cluster_type.is_empty(),
        "{cluster:?}"
    );
    assert!(
        !cluster.instance_size.is_empty() && !cluster.provider.is_empty(),
        "{cluster:?}"
    );
    assert!(!cluster.regions.is_empty(), "{cluster:?}");
    assert_eq!(cluster.encryption, EncryptionProvider::None);
    let shared = cluster.instance_size == "M0";
    assert_eq!(cluster.kind == ClusterKind::Shared, shared, "{cluster:?}");
}

fn check_flex(cluster: &Cluster) {
    assert_eq!(cluster.kind, ClusterKind::Flex);
    assert_eq!(
        (cluster.provider.as_str(), cluster.regions.as_slice()),
        ("AWS", &["US_EAST_1".to_owned()][..])
    );
}

/// Reads a file with the reader of its call; returns whether there is one.
fn read_by_the_client(file: &Recorded) -> bool {
    let body = file.body.as_bytes();
    let named = |start: &str| file.name.starts_with(start);
    if file.status >= 400 {
        match ErrorKind::read(file.status, body) {
            ErrorKind::Api {
                status, code, detail, ..
            } => {
                assert_eq!(status, file.status, "{}", file.name);
                assert!(code.is_some() && detail.is_some(), "{}", file.name);
                assert_eq!(
                    file.challenge,
                    code.as_deref() == Some("UNEXPECTED_ERROR"),
                    "{}",
                    file.name
                );
            }
            other => panic!("{}: {other:?}", file.name),
        }
    } else if named("GET_api_atlas_v2_groups__200") {
        let project: Project = wire::read::<wire::Project>(body).unwrap().into();
        assert_eq!((project.id.len(), project.org_id.len()), (24, 24), "{project:?}");
        assert!(!project.name.is_empty());
    } else if named("GET_api_atlas_v2_groups_cloudProviderAccess__200") {
        let roles: Vec<AccessRole> = wire::read::<wire::CloudProviderAccess>(body).unwrap().into();
        assert_eq!(roles.len(), 1);
        assert!(!roles[0].is_authorized() && roles[0].created.is_some());
    } else if named("POST_api_atlas_v2_groups_cloudProviderAccess__200") {
        let role: AccessRole = wire::read::<wire::AccessRole>(body).unwrap().into();
        assert_eq!((role.role_id.len(), role.external_id.len()), (24, 36));
        assert!(role.atlas_aws_account_arn.ends_with(":root"));
    } else if named("GET_api_atlas_v2_groups_clusters_NAME.snaphost__200") {
        // A list, whatever the recorder's name for it.
        let page: wire::Page<wire::Cluster> = wire::read(body).unwrap();
        assert_eq!(page.total_count, Some(page.results.len()));
        page.results
            .into_iter()
            .for_each(|cluster| check_cluster(&cluster.into()));
    } else if named("GET_api_atlas_v2_groups_clusters_NAME_backup_snapshots__200") {
        let page: wire::Page<wire::Snapshot> = wire::read(body).unwrap();
        for snapshot in page.results {
            let snapshot = snapshot.of("orders");
            assert!(snapshot.taken.is_some() && snapshot.key.is_none(), "{snapshot:?}");
        }
    } else if named("GET_api_atlas_v2_groups_clusters_NAME__200")
        || named("PATCH_api_atlas_v2_groups_clusters_NAME__200")
    {
        check_cluster(&wire::read::<wire::Cluster>(body).unwrap().into());
    } else if named("GET_api_atlas_v2_groups_flexClusters__200") {
        let page: wire::Page<wire::FlexCluster> = wire::read(body).unwrap();
        assert_eq!(page.total_count, Some(page.results.len()));
        page.results.into_iter().for_each(|cluster| check_flex(&cluster.into()));
    } else if named("GET_api_atlas_v2_groups_flexClusters_cluster-") {
        check_flex(&wire::read::<wire::FlexCluster>(body).unwrap().into());
    } else {
        return false;
    }
    true
}

#[test]
fn every_recorded_answer_is_read_or_is_of_a_call_that_the_client_does_not_make() {
    let Some(files) = recorded() else { return };
    assert!(!files.is_empty());
    for file in &files {
        let not_ours = NOT_OURS.iter().any(|start| file.name.starts_with(start));
        assert_ne!(read_by_the_client(file), not_ours, "{}", file.name);
    }
    for start in NOT_OURS {
        assert!(
            files.iter().any(|file| file.name.starts_with(start)),
            "{start} isn't recorded"
        );
    }
}
