//! Projects of every kind: half done, mixed, empty, and in other partitions.

use super::{WayIn, steps};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_half_done_is_finished() {
    let config = r#"
        [aws]
        region = "us-east-2"
        [role]
        name = "atlas-cmk-tracking"
        [key]
        alias = "alias/tracking"
        create = true
        [clusters]
        encrypt = "eligible"
    "#;
    let way = WayIn::of("half-done", config).await;
    let before = way.project()["access_roles"].as_array().unwrap().len();
    way.apply(&[]).await;
    let project = way.project();
    assert_eq!(project["access_roles"].as_array().unwrap().len(), before);
    assert_eq!(project["aws_kms"]["role_id"], "6a1f03c97be24d5860a9c711");
    let others = ["69c08e51d4b7a2f36e1d8840", "69f2a7730c6e91b45d38fa02"];
    for other in others {
        let roles = project["access_roles"].as_array().unwrap();
        let other = roles.iter().find(|role| role["id"] == other).unwrap();
        assert!(other["authorized"].is_null(), "somebody else's: {other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_role_is_picked_by_its_id() {
    let config = r#"
        [aws]
        region = "us-east-2"
        [role]
        name = "atlas-cmk-new"
        access_role = "69f2a7730c6e91b45d38fa02"
        [key]
        alias = "alias/tracking"
        create = true
        [clusters]
        encrypt = []
    "#;
    let way = WayIn::of("half-done", config).await;
    way.apply(&[]).await;
    assert_eq!(way.project()["aws_kms"]["role_id"], "69f2a7730c6e91b45d38fa02");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_by_hand_years_ago_gets_its_other_clusters() {
    let config = r#"
        [project]
        name = "Fleet"
        [aws]
        region = "us-east-2"
        [role]
        name = "MongoDBAtlasKMS"
        reuse = true
        [key]
        id = "d1b80f36-5a7c-4e94-82bf-3c0e6d9a7154"
        [clusters]
        encrypt = "eligible"
    "#;
    let way = WayIn::of("half-done", config).await;
    let changed = way.apply(&[]).await;
    assert_eq!(changed, ["updateCluster"; 3], "two of five were on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mixed_project_is_taken_as_it_is() {
    let config = r#"
        [role]
        name = "atlas-cmk-streaming"
        [key]
        alias = "alias/streaming"
        create = true
        [clusters]
        encrypt = ["streams", "ratings", "catalog"]
        resume = ["ratings"]
    "#;
    let way = WayIn::of("mixed", config).await;
    let refused = WayIn::of("mixed", &config.replace("resume = [\"ratings\"]", "")).await;
    let ran = refused.program.run(&["apply", "--yes"]).await.exits(3);
    assert!(
        ran.stderr.contains("ratings") && ran.stderr.contains("paused"),
        "{}",
        ran.stderr
    );
    assert_eq!(refused.changes(), Vec::<String>::new());

    let plan = way.plan().await;
    let text = plan.to_string();
    assert!(text.contains("two initial syncs"), "{plan:#}");
    way.apply(&[]).await;
    for name in ["streams", "ratings", "catalog"] {
        assert_eq!(way.cluster(name)["encryption"], "AWS", "{name}");
    }
    assert_eq!(way.cluster("ratings")["paused"], false);
    assert_eq!(way.cluster("recommendations")["encryption"], "NONE");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_project_gets_a_cluster_that_is_encrypted_from_the_start() {
    let config = r#"
        [role]
        name = "atlas-cmk-gift-cards"
        [key]
        alias = "alias/gift-cards"
        create = true
        [clusters]
        encrypt = []
        [[clusters.create]]
        name = "gift-cards"
        region = "US_EAST_1"
        instance_size = "M10"
    "#;
    let way = WayIn::of("empty", config).await;
    let plan = way.plan().await;
    assert!(plan.to_string().contains("charge"), "what it costs is said: {plan:#}");
    way.apply(&[]).await;
    let created = way.cluster("gift-cards");
    assert_eq!(created["encryption"], "AWS");
    assert_eq!(created["size"], "M10");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_partition_is_the_callers() {
    for (scenario, region, partition) in [
        ("government", "us-gov-west-1", "aws-us-gov"),
        ("china", "cn-north-1", "aws-cn"),
    ] {
        let config = format!(
            "[aws]\nregion = \"{region}\"\n[role]\nname = \"atlas-cmk-new\"\n[key]\nalias = \"alias/new\"\ncreate = true\n\
             [clusters]\nencrypt = \"eligible\"\n"
        );
        let way = WayIn::of(scenario, &config).await;
        let plan = way.plan().await;
        assert!(!steps(&plan).is_empty());
        way.apply(&[]).await;
        let role = way.role("atlas-cmk-new");
        assert!(
            role["arn"]
                .as_str()
                .unwrap()
                .starts_with(&format!("arn:{partition}:iam::")),
            "{role:#}"
        );
        assert!(!role["documents"].to_string().contains("arn:aws:"), "{role:#}");
    }
}
