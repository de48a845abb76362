//! Encryption at rest of a project: which key, through which role.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::super::authorize::{KeyName, KeyTrouble, can_assume, trouble_with_key};
use super::super::server::Shared;
use super::super::world::{AwsKms, Project};
use super::Call;
use super::access_roles::cannot_assume;
use super::error::Refusal;
use super::projects::not_found;

/// The regions whose KMS Atlas uses.
const REGIONS: [&str; 38] = [
    "US_GOV_WEST_1",
    "US_GOV_EAST_1",
    "US_EAST_1",
    "US_EAST_2",
    "US_WEST_1",
    "US_WEST_2",
    "CA_CENTRAL_1",
    "EU_NORTH_1",
    "EU_WEST_1",
    "EU_WEST_2",
    "EU_WEST_3",
    "EU_CENTRAL_1",
    "EU_CENTRAL_2",
    "AP_EAST_1",
    "AP_EAST_2",
    "AP_NORTHEAST_1",
    "AP_NORTHEAST_2",
    "AP_NORTHEAST_3",
    "AP_SOUTHEAST_1",
    "AP_SOUTHEAST_2",
    "AP_SOUTHEAST_3",
    "AP_SOUTHEAST_4",
    "AP_SOUTHEAST_5",
    "AP_SOUTHEAST_6",
    "AP_SOUTHEAST_7",
    "AP_SOUTH_1",
    "AP_SOUTH_2",
    "SA_EAST_1",
    "CN_NORTH_1",
    "CN_NORTHWEST_1",
    "ME_SOUTH_1",
    "ME_CENTRAL_1",
    "AF_SOUTH_1",
    "EU_SOUTH_1",
    "EU_SOUTH_2",
    "IL_CENTRAL_1",
    "CA_WEST_1",
    "MX_CENTRAL_1",
];

/// Answers with the setting; asking makes Atlas try the key.
pub(super) async fn get(call: &Call<'_>, group: &str) -> Result<Value, Refusal> {
    let setting = call
        .shared
        .world()
        .atlas
        .project(group)
        .ok_or_else(|| not_found(group))?
        .aws_kms
        .clone();
    let valid = match &setting {
        Some(kms) => Some(examine(call.shared, group, kms).await.is_ok()),
        None => None,
    };
    let world = call.shared.world();
    let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
    Ok(show(project, valid))
}

/// Changes the setting.
pub(super) async fn change(call: &Call<'_>, group: &str) -> Result<Value, Refusal> {
    let body = call.body()?;
    for attribute in body.keys() {
        if !matches!(
            attribute.as_str(),
            "awsKms" | "azureKeyVault" | "googleCloudKms" | "enabledForSearchNodes"
        ) {
            return Err(Refusal::invalid_attribute(attribute));
        }
    }
    let search_nodes = match body.get("enabledForSearchNodes") {
        Some(value) => Some(
            value
                .as_bool()
                .ok_or_else(|| Refusal::invalid_attribute("enabledForSearchNodes"))?,
        ),
        None => None,
    };
    let others = ["azureKeyVault", "googleCloudKms"];
    if others
        .iter()
        .filter_map(|name| body.get(*name))
        .any(|block| block["enabled"] == json!(true))
    {
        return Err(Refusal::bad_request(
            "INVALID_ENCRYPTION_AT_REST_PROVIDER",
            "The encryption at rest provider is not set up for this project.",
        ));
    }
    let Some(block) = body.get("awsKms") else {
        if others.iter().any(|name| body.contains_key(*name)) {
            return get(call, group).await;
        }
        return Err(Refusal::bad_request(
            "MISSING_ENCRYPTION_AT_REST_PROVIDER",
            "At least one encryption at rest provider must be specified.",
        ));
    };
    let Value::Object(block) = block else {
        return Err(Refusal::invalid_attribute("awsKms"));
    };
    match read_block(block)? {
        Wanted::Off => switch_off(call, group)?,
        Wanted::On(kms) => switch_on(call, group, kms, block).await?,
    }
    let mut world = call.shared.world();
    let project = world.atlas.project_mut(group).ok_or_else(|| not_found(group))?;
    if let Some(search_nodes) = search_nodes {
        project.search_nodes = search_nodes;
    }
    // A change is only accepted when Atlas has used the key with it.
    let valid = project.aws_kms.as_ref().map(|_| true);
    Ok(show(project, valid))
}

enum Wanted {
    Off,
    On(AwsKms),
}

fn read_block(block: &Map<String, Value>) -> Result<Wanted, Refusal> {
    const KNOWN: [&str; 7] = [
        "accessKeyID",
        "customerMasterKeyID",
        "enabled",
        "region",
        "requirePrivateNetworking",
        "roleId",
        "secretAccessKey",
    ];
    for attribute in block.keys().map(String::as_str) {
        if attribute == "valid" {
            return Err(Refusal::read_only("awsKms.valid"));
        }
        if !KNOWN.contains(&attribute) {
            return Err(Refusal::invalid_attribute(attribute));
        }
    }
    match block.get("enabled") {
        Some(Value::Bool(true)) => {}
        Some(Value::Bool(false)) => return Ok(Wanted::Off),
        Some(_) => return Err(Refusal::invalid_attribute("enabled")),
        None => return Err(Refusal::missing_attribute("enabled")),
    }
    let given = |name: &str| block.get(name).is_some_and(|value| !value.is_null());
    if given("accessKeyID") || given("secretAccessKey") {
        return Err(Refusal::bad_request(
            "AWS_KMS_CREDENTIALS_AUTH_DEPRECATED",
            "Credentials of an IAM user are no longer accepted for AWS KMS. Use role-based access.",
        ));
    }
    let text = |name: &'static str| match block.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        Some(Value::Null) | None => Err(Refusal::missing_attribute(name)),
        Some(_) => Err(Refusal::invalid_attribute(name)),
    };
    let role_id = text("roleId")?;
    if role_id.len() != 24 || !role_id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(Refusal::invalid_attribute("roleId"));
    }
    let region = text("region")?;
    if !REGIONS.contains(&region.as_str()) {
        let detail = format!("AWS KMS is not supported in the region {region}.");
        return Err(Refusal::bad_request("AWS_KMS_REGION_NOT_SUPPORTED", detail).about(region));
    }
    let require_private_networking = match block.get("requirePrivateNetworking") {
        Some(Value::Bool(required)) => *required,
        Some(Value::Null) | None => false,
        Some(_) => return Err(Refusal::invalid_attribute("requirePrivateNetworking")),
    };
    let key = text("customerMasterKeyID")?;
    Ok(Wanted::On(AwsKms {
        role_id: Some(role_id),
        access_key_id: None,
        key,
        region,
        require_private_networking,
    }))
}

fn switch_off(call: &Call<'_>, group: &str) -> Result<(), Refusal> {
    let mut world = call.shared.world();
    let project = world.atlas.project_mut(group).ok_or_else(|| not_found(group))?;
    if project.clusters.iter().any(|cluster| cluster.encryption == "AWS") {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "CANNOT_DISABLE_ENCRYPTION_AT_REST",
            "Encryption at rest cannot be disabled while clusters use it.",
        ));
    }
    project.aws_kms = None;
    Ok(())
}

async fn switch_on(call: &Call<'_>, group: &str, mut wanted: AwsKms, sent: &Map<String, Value>) -> Result<(), Refusal> {
    let present = call
        .shared
        .world()
        .atlas
        .project(group)
        .ok_or_else(|| not_found(group))?
        .aws_kms
        .clone();
    if let Some(present) = &present {
        if !sent.contains_key("requirePrivateNetworking") {
            wanted.require_private_networking = present.require_private_networking;
        }
        check_present(call.shared, group, present).await?;
    }
    examine(call.shared, group, &wanted).await?;
    let mut world = call.shared.world();
    let project = world.atlas.project_mut(group).ok_or_else(|| not_found(group))?;
    project.aws_kms = Some(wanted);
    Ok(())
}

/// Refuses any change while the present setting doesn't work.
pub(super) async fn check_present(shared: &Shared, group: &str, present: &AwsKms) -> Result<(), Refusal> {
    examine(shared, group, present).await.map_err(|_| {
        Refusal::bad_request(
            "ENCRYPTION_AT_REST_SETTINGS_INVALID",
            "The present encryption at rest settings are invalid. Make the key valid first.",
        )
    })
}

/// Does what Atlas does with a setting: gets into the role and uses the key.
async fn examine(shared: &Shared, group: &str, kms: &AwsKms) -> Result<(), Refusal> {
    let Some(role_id) = &kms.role_id else {
        // Credentials of an IAM user: this simulator has no such users, so they work.
        return Ok(());
    };
    let not_authorized = || {
        let detail = format!("The cloud provider access role {role_id} is not authorized.");
        Refusal::bad_request("CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED", detail).about(role_id.as_str())
    };
    let (role_arn, external_id, atlas_arn, source_ip) = {
        let world = shared.world();
        let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
        let role = project.access_role(role_id).ok_or_else(not_authorized)?;
        let arn = role
            .iam_role_arn
            .clone()
            .filter(|_| role.authorized.is_some())
            .ok_or_else(not_authorized)?;
        (
            arn,
            role.external_id.clone(),
            world.atlas.aws_account_arn.clone(),
            world.atlas.source_ip.clone(),
        )
    };
    let facts = shared.ask_role(&role_arn).await;
    if !facts.is_some_and(|facts| can_assume(&facts, &atlas_arn, &external_id)) {
        return Err(cannot_assume(&role_arn));
    }
    let region = kms.region.to_lowercase().replace('_', "-");
    let facts = match KeyName::read(&kms.key, &region, &role_arn) {
        Some(name) => shared.ask_key(&role_arn, &name).await,
        None => None,
    };
    match trouble_with_key(facts.as_ref(), &role_arn, &[source_ip]) {
        None => Ok(()),
        Some(trouble) => Err(refusal(trouble, &kms.key)),
    }
}

fn refusal(trouble: KeyTrouble, key: &str) -> Refusal {
    match trouble {
        KeyTrouble::NotFound => Refusal::new(
            StatusCode::NOT_FOUND,
            "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND",
            format!("No AWS customer master key with ID {key} was found."),
        )
        .about(key),
        KeyTrouble::NotPermitted => Refusal::bad_request(
            "NO_PERMISSION_TO_ENCRYPT_DECRYPT",
            "The role has no permission to encrypt and decrypt with the customer master key.",
        ),
        KeyTrouble::NotEnabled => Refusal::bad_request(
            "AWS_KMS_CUSTOMER_MASTER_KEY_NOT_ENABLED",
            "The AWS customer master key is not enabled.",
        ),
        KeyTrouble::PendingDeletion => Refusal::bad_request(
            "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_DELETION",
            "The AWS customer master key is pending deletion.",
        ),
        KeyTrouble::PendingImport => Refusal::bad_request(
            "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_IMPORT",
            "The AWS customer master key is pending import.",
        ),
    }
}

fn show(project: &Project, valid: Option<bool>) -> Value {
    let kms = project.aws_kms.as_ref();
    json!({
        "awsKms": {
            "accessKeyID": kms.and_then(|kms| kms.access_key_id.clone()),
            "customerMasterKeyID": kms.map(|kms| kms.key.clone()),
            "enabled": kms.is_some(),
            "region": kms.map(|kms| kms.region.clone()),
            "requirePrivateNetworking": kms.is_some_and(|kms| kms.require_private_networking),
            "roleId": kms.and_then(|kms| kms.role_id.clone()),
            "valid": valid,
        },
        "azureKeyVault": {
            "azureEnvironment": null,
            "clientID": null,
            "enabled": false,
            "keyIdentifier": null,
            "keyVaultName": null,
            "requirePrivateNetworking": false,
            "resourceGroupName": null,
            "subscriptionID": null,
            "tenantID": null,
            "valid": false,
        },
        "enabledForSearchNodes": project.search_nodes,
        "googleCloudKms": { "enabled": false, "keyVersionResourceID": null, "valid": false },
    })
}
