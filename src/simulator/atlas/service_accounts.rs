//! Service accounts.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::super::clock::text;
use super::Call;
use super::error::Refusal;
use super::projects::not_found;

/// Answers with the service account's roles in a project, and how long its secret holds.
pub(super) fn get(call: &Call<'_>, group: &str, client: &str) -> Result<Value, Refusal> {
    let world = call.shared.world();
    let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
    if client != world.credentials.client_id {
        let detail = format!("No service account with client ID {client} exists.");
        return Err(Refusal::new(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", detail).about(client));
    }
    let start = text(project.created);
    Ok(json!({
        "clientId": client,
        "createdAt": start,
        "description": "Sets encryption at rest up",
        "name": "encryption-setup",
        "roles": project.roles,
        "secrets": [{
            "createdAt": start,
            "expiresAt": text(world.atlas.secret_expires),
            "id": world.atlas.api_key_id,
            "lastUsedAt": text(call.now),
            "maskedSecretValue": "mdb_sa_sk_...4d2e",
        }],
    }))
}
