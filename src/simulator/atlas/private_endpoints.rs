//! Private endpoints through which Atlas reaches a key service.

use serde_json::{Value, json};

use super::super::world::PrivateEndpoint;
use super::Call;
use super::error::Refusal;
use super::paging::page;
use super::projects::not_found;

pub(super) fn list(call: &Call<'_>, group: &str, provider: &str) -> Result<Value, Refusal> {
    if !matches!(provider, "AWS" | "AZURE") {
        let detail = format!("Invalid provider {provider} specified.");
        return Err(Refusal::bad_request("INVALID_PROVIDER", detail).about(provider));
    }
    let world = call.shared.world();
    let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
    let listed: &[PrivateEndpoint] = if provider == "AWS" {
        &project.private_endpoints
    } else {
        &[]
    };
    page(call.received, &call.shared.base_url, listed, |endpoint| {
        let mut body = json!({
            "cloudProvider": provider,
            "id": endpoint.id,
            "regionName": endpoint.region,
            "status": endpoint.status,
        });
        if let Some(error) = &endpoint.error {
            body["errorMessage"] = json!(error);
        }
        body
    })
}
