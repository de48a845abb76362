//! Who and where: the caller, organizations, projects.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::super::clock::text;
use super::super::world::Project;
use super::Call;
use super::access_list;
use super::error::Refusal;
use super::paging::page;
use super::sign_in::SignedIn;

/// Answers the root of the API, which names the API key's own roles.
pub(super) fn status(call: &Call<'_>) -> Value {
    let world = call.shared.world();
    let atlas = &world.atlas;
    let in_organization = atlas
        .organization_roles
        .iter()
        .map(|role| json!({ "orgId": atlas.organization_id, "roleName": role }));
    let in_projects = atlas.projects.iter().flat_map(|project| {
        project
            .roles
            .iter()
            .map(|role| json!({ "groupId": project.id, "roleName": role }))
    });
    let api_key = match call.signed_in {
        SignedIn::WithToken => Value::Null,
        SignedIn::WithApiKey => json!({
            "accessList": access_list::show(&atlas.access_list),
            "id": atlas.api_key_id,
            "publicKey": world.credentials.public_key,
            "roles": in_organization.chain(in_projects).collect::<Vec<_>>(),
        }),
    };
    json!({
        "apiKey": api_key,
        "appName": "MongoDB Atlas",
        "build": "203ac0360368239eed8f27b82e06b1be8429648c",
        "links": [{ "href": format!("{}{}", call.shared.base_url, call.received.path), "rel": "self" }],
        "throttling": false,
    })
}

pub(super) fn organizations(call: &Call<'_>) -> Result<Value, Refusal> {
    let world = call.shared.world();
    let atlas = &world.atlas;
    page(call.received, &call.shared.base_url, &[()], |()| {
        let href = format!("{}/api/atlas/v2/orgs/{}", call.shared.base_url, atlas.organization_id);
        json!({
            "id": atlas.organization_id,
            "isDeleted": false,
            "links": [{ "href": href, "rel": "self" }],
            "name": atlas.organization_name,
            "skipDefaultAlertsSettings": false,
        })
    })
}

pub(super) fn list(call: &Call<'_>) -> Result<Value, Refusal> {
    let world = call.shared.world();
    let atlas = &world.atlas;
    let owns_organization = atlas.organization_roles.iter().any(|role| role == "ORG_OWNER");
    let visible: Vec<&Project> = atlas
        .projects
        .iter()
        .filter(|project| owns_organization || !project.roles.is_empty())
        .collect();
    page(call.received, &call.shared.base_url, &visible, |project| {
        show(call, project, &atlas.organization_id)
    })
}

pub(super) fn get(call: &Call<'_>, group: &str) -> Result<Value, Refusal> {
    let world = call.shared.world();
    let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
    Ok(show(call, project, &world.atlas.organization_id))
}

pub(super) fn not_found(group: &str) -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "GROUP_NOT_FOUND",
        format!("No group with ID {group} exists."),
    )
    .about(group)
}

fn show(call: &Call<'_>, project: &Project, organization: &str) -> Value {
    let href = format!("{}/api/atlas/v2/groups/{}", call.shared.base_url, project.id);
    let mut body = json!({
        "clusterCount": project.clusters.len() + project.flex_clusters.len(),
        "created": text(project.created),
        "id": project.id,
        "links": [
            { "href": href, "rel": "self" },
            { "href": format!("{href}/clusters"), "rel": "https://cloud.mongodb.com/clusters" },
        ],
        "name": project.name,
        "orgId": organization,
        "tags": [],
        "withDefaultAlertsSettings": true,
    });
    // Only Atlas for Government shows it.
    if let Some(restriction) = &project.region_restriction {
        body["regionUsageRestrictions"] = json!(restriction);
    }
    body
}
