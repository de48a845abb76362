//! The Atlas half in front of another AWS endpoint: here a second simulator's AWS half.

use atlas_cmk::simulator::{Aws, Options, Scenario, Simulator, Time};
use serde_json::json;

use super::support::{Atlas, GOOD_KEY, SETTLED, Sim, permission};

/// Two simulators: `aws` holds roles and keys, `atlas` asks it.
async fn two() -> (Sim, Sim) {
    // The credentials that the Atlas half uses for other endpoints.
    let scenario = format!("{SETTLED}\n[aws]\naccess_key_id = \"testing\"");
    let options = Options {
        time: Time::Manual,
        ..Options::default()
    };
    let start = async |options: Options| {
        let simulator = Simulator::start(Scenario::parse(&scenario).unwrap(), options)
            .await
            .unwrap();
        let atlas = Atlas::new(simulator.base_url(), simulator.credentials());
        Sim {
            control: simulator.control(),
            atlas,
            simulator,
        }
    };
    let aws = start(options.clone()).await;
    let endpoint = aws.simulator.base_url().to_owned();
    let atlas = start(Options {
        aws: Aws::External {
            endpoint,
            region: "us-east-1".to_owned(),
        },
        ..options
    })
    .await;
    (atlas, aws)
}

#[tokio::test]
async fn trust_permission_and_key_are_read_from_there_and_judged_here() {
    let (atlas, aws) = two().await;
    let (id, external_id) = atlas.access_role().await;
    let arn = "arn:aws:iam::111122223333:role/atlas";
    atlas.authorize(&id, arn).await.expect(400, "CANNOT_ASSUME_ROLE");

    aws.create_role("atlas", &Sim::trust("11111111-1111-4111-8111-111111111111"))
        .await;
    atlas.authorize(&id, arn).await.expect(400, "CANNOT_ASSUME_ROLE");
    let trust = Sim::trust(&external_id).to_string();
    aws.iam()
        .update_assume_role_policy()
        .role_name("atlas")
        .policy_document(trust)
        .send()
        .await
        .unwrap();
    assert_eq!(atlas.authorize(&id, arn).await.status, 200);

    atlas
        .enable(&id, GOOD_KEY)
        .await
        .expect(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT");
    aws.permit("atlas", &permission(GOOD_KEY)).await;
    assert_eq!(atlas.enable(&id, GOOD_KEY).await.status, 200);
    assert_eq!(atlas.valid().await, json!(true));

    aws.kms().disable_key().key_id(GOOD_KEY).send().await.unwrap();
    assert_eq!(atlas.valid().await, json!(false));
    let missing = GOOD_KEY.replace("7c1e", "0000");
    atlas.set_encryption(json!({ "enabled": false })).await;
    atlas
        .enable(&id, &missing)
        .await
        .expect(404, "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND");
}

#[tokio::test]
async fn attached_policies_count_there_too() {
    let (atlas, aws) = two().await;
    let (id, external_id) = atlas.access_role().await;
    let arn = aws.create_role("atlas", &Sim::trust(&external_id)).await;
    aws.control.edit(|world| {
        let role = world.aws.role_mut("atlas").unwrap();
        role.documents.change(
            |documents| {
                documents
                    .attached
                    .push("arn:aws:iam::aws:policy/PowerUserAccess".to_owned());
            },
            0,
        );
    });
    assert_eq!(atlas.authorize(&id, &arn).await.status, 200);
    assert_eq!(atlas.enable(&id, GOOD_KEY).await.status, 200);
}
