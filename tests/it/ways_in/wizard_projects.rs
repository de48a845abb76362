//! Projects beside the common one, by the wizard: another key, clusters of every kind, other partitions, two Regions.

use super::WayIn;
use super::wizard::{choose, confirm, go_on, go_to, leave};
use crate::support::screen::Screen;

const DOWN: &str = "\u{1b}[B";

#[tokio::test(flavor = "multi_thread")]
async fn another_key_is_permitted_before_and_the_old_one_is_guarded_after() {
    const OLD: &str = "58c2d7f1-9b3a-4e06-8d54-71e0a6c3f928";
    const NEW: &str = "c07e9b45-2f6d-4831-b9a8-0d3c5e71f6a2";
    let way = WayIn::without_config("another-key").await;
    way.walk(|mut screen| {
        go_to(&mut screen, "Role");
        screen.wait_for("▸ ( )  atlas-cmk-records");
        screen.reads("it points to arn:aws:iam::444455556666:role/atlas-cmk-records");
        go_on(&mut screen, "Key");
        screen.wait_for("▸ ( )  alias/records-2025");
        screen.reads("In use by this project now");
        choose(&mut screen, "alias/records-2026");
        go_on(&mut screen, "Clusters");
        screen.wait_for("encrypted already");
        go_on(&mut screen, "Review");
        screen.reads("Allow atlas-cmk-records to use the key");
        screen.reads(OLD);
        screen.reads("snapshots");
        confirm(&mut screen, "apply");
        screen.reads(NEW);
        leave(screen);
    })
    .await;
    assert_eq!(way.changes(), ["iam:PutRolePolicy", "enableEncryptionAtRest"]);
    assert!(way.project()["aws_kms"]["key"].as_str().unwrap().ends_with(NEW));
    let policies = way.role("atlas-cmk-records")["documents"].to_string();
    assert!(policies.contains(OLD) && policies.contains(NEW), "{policies}");
    assert_eq!(way.key(OLD)["state"], "Enabled");
    assert_eq!(way.cluster("portal")["encryption"], "NONE", "not chosen");
}

/// Puts the cursor on a cluster from the top of the list, and checks what its line says.
fn on_cluster(screen: &mut Screen, name: &str, says: &str) {
    screen.keys("g");
    let lines = |text: &str| text.lines().position(|line| line.contains(name));
    let text = screen.wait_for(name);
    let top = text.lines().position(|line| line.contains("catalog")).unwrap();
    for _ in top..lines(&text).unwrap() {
        screen.keys(DOWN);
    }
    screen.reads(&format!("Cluster {name}: {says}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn clusters_of_every_kind_say_what_becomes_of_them() {
    let way = WayIn::without_config("mixed").await;
    way.walk(|mut screen| {
        go_to(&mut screen, "Clusters");
        screen.wait_for("0 of 5 chosen");
        for (name, says) in [
            ("previews-old", "busy (DELETING), wait until it is IDLE"),
            ("sandbox", "shared tier, needs M10 or larger"),
            ("transcripts", "busy (REPAIRING), wait until it is IDLE"),
            ("uploads", "busy (CREATING), wait until it is IDLE"),
            ("trials", "Flex cluster, needs M10 or larger"),
            ("recommendations", "eligible"),
        ] {
            on_cluster(&mut screen, name, says);
        }
        on_cluster(&mut screen, "sandbox", "shared tier");
        screen.keys(" ");
        screen.wait_for("▸ sandbox: shared tier");
        on_cluster(&mut screen, "ratings", "paused: Space resumes it first");
        screen.keys(" ");
        screen.reads("Cluster ratings: resumed first");
        on_cluster(&mut screen, "catalog", "key in AZURE: to NONE first, two initial syncs");
        screen.keys(" ");
        on_cluster(&mut screen, "streams", "eligible");
        screen.keys(" ");
        screen.wait_for("3 of 5 chosen");
        go_on(&mut screen, "Review");
        screen.reads("Resume cluster ratings");
        screen.reads("two initial syncs");
        confirm(&mut screen, "apply");
        leave(screen);
    })
    .await;
    for name in ["streams", "ratings", "catalog"] {
        assert_eq!(way.cluster(name)["encryption"], "AWS", "{name}");
    }
    assert_eq!(way.cluster("ratings")["paused"], false);
    assert_eq!(way.cluster("recommendations")["encryption"], "NONE", "not chosen");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_government_project_gets_its_own_regions_and_larger_clusters() {
    let way = WayIn::without_config("government").await;
    way.walk(|mut screen| {
        screen.wait("its own Regions alone", |now| {
            let text = now.contents();
            text.contains("us-gov-east-1") && !text.contains("us-east-1")
        });
        go_to(&mut screen, "Clusters");
        screen.wait_for("0 of 1 chosen");
        screen.keys(DOWN);
        screen.reads("Cluster filings-dev: M10, Atlas for Government needs M20 or larger");
        screen.keys("a");
        screen.wait_for("1 of 1 chosen");
        go_on(&mut screen, "Review");
        confirm(&mut screen, "apply");
        screen.reads("arn:aws-us-gov:kms:us-gov-west-1:666677778888:key/");
        screen.reads("arn:aws-us-gov:iam::666677778888:role/atlas-cmk-filings");
        leave(screen);
    })
    .await;
    assert_partition(&way, "atlas-cmk-filings", "aws-us-gov");
    assert_eq!(way.cluster("filings")["encryption"], "AWS");
    assert_eq!(way.cluster("filings-dev")["encryption"], "NONE");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_china_every_arn_is_of_its_partition() {
    let way = WayIn::without_config("china").await;
    way.walk(|mut screen| {
        screen.wait_for("cn-northwest-1");
        go_to(&mut screen, "Clusters");
        screen.wait_for("storefront");
        screen.keys("a");
        screen.wait_for("2 of 2 chosen");
        go_on(&mut screen, "Review");
        confirm(&mut screen, "apply");
        screen.reads("arn:aws-cn:kms:cn-north-1:111122223333:key/");
        leave(screen);
    })
    .await;
    assert_partition(&way, "atlas-cmk-storefront", "aws-cn");
    for name in ["storefront", "inventory"] {
        assert_eq!(way.cluster(name)["encryption"], "AWS", "{name}");
    }
}

#[track_caller]
fn assert_partition(way: &WayIn, role: &str, partition: &str) {
    let role = way.role(role);
    let begins = format!("arn:{partition}:iam::");
    assert!(role["arn"].as_str().unwrap().starts_with(&begins), "{role:#}");
    assert!(!role["documents"].to_string().contains("arn:aws:"), "{role:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_multi_region_key_is_permitted_in_each_of_its_regions() {
    const KEY: &str = "mrk-1c9e7b40d2f54a83b6e0f8a7d3c5926e";
    let way = WayIn::without_config("multi-region").await;
    way.walk(|mut screen| {
        go_to(&mut screen, "Key");
        screen.wait_for("alias/booking-single");
        choose(&mut screen, "alias/booking");
        screen.reads("Rotation 365 days, multi-Region");
        go_on(&mut screen, "Clusters");
        screen.keys("a");
        screen.wait_for("3 of 3 chosen");
        go_on(&mut screen, "Review");
        confirm(&mut screen, "apply");
        screen.reads(KEY);
        leave(screen);
    })
    .await;
    assert_eq!(
        way.project()["aws_kms"]["key"],
        KEY,
        "a change of region is a change of one field"
    );
    assert_eq!(way.project()["aws_kms"]["region"], "US_EAST_1");
    let policies = way.role("atlas-cmk-booking")["documents"].to_string();
    assert!(
        policies.contains(&format!("us-east-1:555566667777:key/{KEY}")),
        "{policies}"
    );
    for name in ["booking", "seats", "reports"] {
        assert_eq!(way.cluster(name)["encryption"], "AWS", "{name}");
    }
}
