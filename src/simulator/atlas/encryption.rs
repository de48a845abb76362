//! Encryption at rest of a project: which key, through which role.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::super::world::{AwsKms, KeyCheck, Project};
use super::error::Refusal;
use super::key_check::{check_present, examine, record, try_present};
use super::projects::not_found;
use super::regions::check_key_region;
use super::{Call, events};

/// Answers with the setting; asking makes Atlas try the key.
pub(super) async fn get(call: &Call<'_>, group: &str) -> Result<Value, Refusal> {
    let valid = try_present(call.shared, group, call.now).await;
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
    // A change is only accepted when Atlas has used the key with it.
    let check = KeyCheck {
        at: call.now,
        valid: true,
    };
    record(&mut world, group, check);
    events::record(&mut world, group, "ENCRYPTION_AT_REST_CONFIGURATION_UPDATED", call.now);
    let project = world.atlas.project_mut(group).ok_or_else(|| not_found(group))?;
    if let Some(search_nodes) = search_nodes {
        project.search_nodes = search_nodes;
    }
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
    if !project.private_endpoints.is_empty() {
        return Err(Refusal::bad_request(
            "CANNOT_DISABLE_ENCRYPTION_AT_REST_DUE_TO_PRIVATE_ENDPOINTS",
            "Encryption at rest cannot be disabled while it has private endpoints.",
        ));
    }
    if demands_encryption(project) {
        return Err(Refusal::bad_request(
            "CAN_NOT_DISABLE_ALL_ENCRYPTION_AT_REST_SETTINGS_WHILE_BACKUP_COMPLIANCE_POLICY_ENCRYPTION_ENABLED",
            "Encryption at rest cannot be disabled while the backup compliance policy demands it.",
        ));
    }
    project.aws_kms = None;
    Ok(())
}

async fn switch_on(call: &Call<'_>, group: &str, mut wanted: AwsKms, sent: &Map<String, Value>) -> Result<(), Refusal> {
    let (present, has_endpoints) = {
        let world = call.shared.world();
        let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
        check_key_region(&wanted.region, project.region_restriction.as_deref())?;
        (project.aws_kms.clone(), !project.private_endpoints.is_empty())
    };
    if let Some(present) = &present {
        if !sent.contains_key("requirePrivateNetworking") {
            wanted.require_private_networking = present.require_private_networking;
        }
        if present.require_private_networking && !wanted.require_private_networking && has_endpoints {
            return Err(Refusal::bad_request(
                "CANNOT_DISABLE_ENCRYPTION_AT_REST_REQUIRE_PRIVATE_NETWORKING_WHILE_PRIVATE_ENDPOINTS_EXIST",
                "Private networking cannot be switched off while there are private endpoints.",
            ));
        }
        check_present(call.shared, group, present).await?;
    }
    examine(call.shared, group, &wanted).await?;
    let mut world = call.shared.world();
    let project = world.atlas.project_mut(group).ok_or_else(|| not_found(group))?;
    project.aws_kms = Some(wanted);
    Ok(())
}

/// Tells whether the backup compliance policy demands a key of the customer's own.
pub(super) fn demands_encryption(project: &Project) -> bool {
    project
        .compliance
        .as_ref()
        .is_some_and(|policy| policy.encryption_at_rest)
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
            "roleId": kms.and_then(|kms| kms.role_id.clone()).filter(|_| !project.hides_role_id),
            "valid": valid,
        },
        "azureKeyVault": azure_key_vault(project),
        "enabledForSearchNodes": project.search_nodes,
        "googleCloudKms": google_cloud_kms(project),
    })
}

/// Azure's and Google's settings are there to be seen only: nothing here can change them.
fn azure_key_vault(project: &Project) -> Value {
    let enabled = project.other_kms.iter().any(|cloud| cloud == "AZURE");
    let set = |text: &'static str| enabled.then_some(text);
    json!({
        "azureEnvironment": set("AZURE"),
        "clientID": set("b1c7a5f2-6d3e-4f08-9a41-57e2c0d9b836"),
        "enabled": enabled,
        "keyIdentifier": set("https://atlas-keys.vault.azure.net/keys/atlas/8d2f4c1e90b64a7f9e5d3c2b1a0f6e7d"),
        "keyVaultName": set("atlas-keys"),
        "requirePrivateNetworking": false,
        "resourceGroupName": set("databases"),
        "subscriptionID": set("4f0e8c27-1b95-4d63-8a7c-e3d2f1b09c58"),
        "tenantID": set("9a6d3b10-52c8-47fe-b0e4-6c1f8d7a2e95"),
        "valid": enabled,
    })
}

fn google_cloud_kms(project: &Project) -> Value {
    let enabled = project.other_kms.iter().any(|cloud| cloud == "GCP");
    let key = "projects/databases/locations/us-east4/keyRings/atlas/cryptoKeys/atlas/cryptoKeyVersions/1";
    json!({ "enabled": enabled, "keyVersionResourceID": enabled.then_some(key), "valid": enabled })
}
