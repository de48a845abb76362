//! Cloud provider access roles: Atlas's side of an IAM role.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::super::authorize::{Visitor, can_assume};
use super::super::clock::text;
use super::super::world::{AccessRole, Project, World};
use super::error::Refusal;
use super::projects::not_found;
use super::{Call, events};

/// What a caller may never send.
const READ_ONLY: [&str; 6] = [
    "atlasAWSAccountArn",
    "atlasAssumedRoleExternalId",
    "authorizedDate",
    "createdDate",
    "featureUsages",
    "roleId",
];

pub(super) fn list(call: &Call<'_>, group: &str) -> Result<Value, Refusal> {
    let world = call.shared.world();
    let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
    let roles: Vec<Value> = project
        .access_roles
        .iter()
        .map(|role| show(&world, project, role))
        .collect();
    Ok(json!({ "awsIamRoles": roles, "azureServicePrincipals": [], "gcpServiceAccounts": [] }))
}

pub(super) fn get(call: &Call<'_>, group: &str, id: &str) -> Result<Value, Refusal> {
    let world = call.shared.world();
    let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
    let role = project.access_role(id).ok_or_else(|| no_such_role(id))?;
    Ok(show(&world, project, role))
}

/// Makes an access role; each call makes another one.
pub(super) fn create(call: &Call<'_>, group: &str) -> Result<Value, Refusal> {
    check_attributes(&call.body()?, &["providerName"])?;
    let mut world = call.shared.world();
    let role = AccessRole {
        id: world.ids.object(),
        external_id: world.ids.uuid(),
        created: call.now,
        authorized: None,
        iam_role_arn: None,
        other_usages: Vec::new(),
    };
    let project = world.atlas.project_mut(group).ok_or_else(|| not_found(group))?;
    project.access_roles.push(role.clone());
    events::record(&mut world, group, "CLOUD_PROVIDER_ACCESS_AWS_IAM_ROLE_ADDED", call.now);
    let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
    Ok(show(&world, project, &role))
}

/// Authorizes an access role: Atlas tries to get into the IAM role.
pub(super) async fn authorize(call: &Call<'_>, group: &str, id: &str) -> Result<Value, Refusal> {
    let body = call.body()?;
    check_attributes(&body, &["providerName", "iamAssumedRoleArn"])?;
    let arn = match body.get("iamAssumedRoleArn") {
        Some(Value::String(arn)) if is_role_arn(arn) => arn.clone(),
        Some(_) => return Err(Refusal::invalid_attribute("iamAssumedRoleArn")),
        None => return Err(Refusal::missing_attribute("iamAssumedRoleArn")),
    };
    let atlas = {
        let world = call.shared.world();
        let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
        let role = project.access_role(id).ok_or_else(|| no_such_role(id))?;
        Visitor {
            account_arn: world.atlas.aws_account_arn.clone(),
            external_id: role.external_id.clone(),
            // The nodes come later, with encryption.
            addresses: world.atlas.own_addresses(),
        }
    };
    let facts = call.shared.ask_role(&arn).await;
    if !facts.is_some_and(|facts| can_assume(&facts, &atlas)) {
        return Err(cannot_assume(&arn));
    }
    let mut world = call.shared.world();
    let project = world.atlas.project_mut(group).ok_or_else(|| not_found(group))?;
    let role = project.access_role_mut(id).ok_or_else(|| no_such_role(id))?;
    role.authorized = Some(call.now);
    role.iam_role_arn = Some(arn);
    let role = role.clone();
    events::record(
        &mut world,
        group,
        "CLOUD_PROVIDER_ACCESS_AWS_IAM_ROLE_UPDATED",
        call.now,
    );
    let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
    Ok(show(&world, project, &role))
}

pub(super) fn delete(call: &Call<'_>, group: &str, provider: &str, id: &str) -> Result<(), Refusal> {
    if provider != "AWS" {
        return Err(Refusal::bad_request(
            "INVALID_PROVIDER",
            format!("Invalid provider {provider} specified."),
        ));
    }
    let mut world = call.shared.world();
    let project = world.atlas.project_mut(group).ok_or_else(|| not_found(group))?;
    let role = project.access_role(id).ok_or_else(|| no_such_role(id))?;
    if is_used_for_encryption(project, role) || !role.other_usages.is_empty() {
        // No code is published for this refusal.
        let detail = format!("The cloud provider access role {id} is in use.");
        return Err(Refusal::without_code(StatusCode::BAD_REQUEST, detail).about(id));
    }
    project.access_roles.retain(|role| role.id != id);
    events::record(
        &mut world,
        group,
        "CLOUD_PROVIDER_ACCESS_AWS_IAM_ROLE_DELETED",
        call.now,
    );
    Ok(())
}

pub(super) fn no_such_role(id: &str) -> Refusal {
    let detail = format!("The cloud provider access role with ID {id} was not found.");
    Refusal::new(StatusCode::NOT_FOUND, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND", detail).about(id)
}

pub(super) fn cannot_assume(arn: &str) -> Refusal {
    Refusal::bad_request("CANNOT_ASSUME_ROLE", format!("Atlas cannot assume the role {arn}.")).about(arn)
}

fn is_used_for_encryption(project: &Project, role: &AccessRole) -> bool {
    project
        .aws_kms
        .as_ref()
        .is_some_and(|kms| kms.role_id.as_ref() == Some(&role.id))
}

fn check_attributes(body: &Map<String, Value>, known: &[&str]) -> Result<(), Refusal> {
    for attribute in body.keys().map(String::as_str) {
        if READ_ONLY.contains(&attribute) {
            return Err(Refusal::read_only(attribute));
        }
        if !known.contains(&attribute) {
            return Err(Refusal::invalid_attribute(attribute));
        }
    }
    match body.get("providerName").map(Value::as_str) {
        Some(Some("AWS")) => Ok(()),
        Some(Some(other)) => Err(Refusal::invalid_enum("providerName", other)),
        Some(None) => Err(Refusal::invalid_attribute("providerName")),
        None => Err(Refusal::missing_attribute("providerName")),
    }
}

fn is_role_arn(text: &str) -> bool {
    matches!(
        text.splitn(6, ':').collect::<Vec<_>>().as_slice(),
        ["arn", _, "iam", "", account, resource]
            if account.len() == 12 && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty())
    )
}

fn show(world: &World, project: &Project, role: &AccessRole) -> Value {
    let encryption = is_used_for_encryption(project, role)
        .then(|| json!({ "featureId": { "groupId": project.id }, "featureType": "ENCRYPTION_AT_REST" }));
    let others = role
        .other_usages
        .iter()
        .map(|(kind, id)| json!({ "featureId": id.clone(), "featureType": kind }));
    json!({
        "atlasAWSAccountArn": world.atlas.aws_account_arn,
        "atlasAssumedRoleExternalId": role.external_id,
        "authorizedDate": role.authorized.map(text),
        "createdDate": text(role.created),
        "featureUsages": encryption.into_iter().chain(others).collect::<Vec<_>>(),
        "iamAssumedRoleArn": role.iam_role_arn,
        "providerName": "AWS",
        "roleId": role.id,
    })
}
