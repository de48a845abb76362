//! Where Atlas may reach the key over private networking only, the private endpoints are there.

use super::subject::read;
use super::{About, Check};
use crate::domain::project::PrivateEndpoint;
use crate::domain::text::safe_line;
use crate::observe::ObservedState;
use crate::plan::Choices;

const ABOUT: About = About {
    id: "private-networking",
    why: "With private networking required, nodes reach the key through the private endpoint of their region alone.",
    blocks: "the clusters",
};

pub(super) fn check(observed: &ObservedState, choices: &Choices) -> Check {
    let setting = match read(&observed.setting) {
        Ok(setting) => setting,
        Err(why) => return ABOUT.unread("the project's encryption setting", why),
    };
    if setting.aws.require_private_networking != Some(true) {
        return ABOUT.passed("private networking isn't required");
    }
    let endpoints = match read(&observed.private_endpoints) {
        Ok(endpoints) => endpoints,
        Err(why) => return ABOUT.unread("the private endpoints to AWS KMS", why),
    };
    let without: Vec<_> = choices
        .create
        .iter()
        .filter(|cluster| !endpoints.iter().any(|endpoint| endpoint.region == cluster.region))
        .map(|cluster| format!("{} ({})", safe_line(&cluster.name), safe_line(&cluster.region)))
        .collect();
    if !without.is_empty() {
        return ABOUT.failed(
            format!(
                "private networking is required, and there is no endpoint in the region of {}",
                without.join(", ")
            ),
            "create an endpoint in that region first, or create the cluster in a region that has one",
        );
    }
    if endpoints.is_empty() {
        return ABOUT.failed(
            "private networking is required, and the project has no private endpoint to AWS KMS",
            "create one in each region of the clusters: in Atlas, Project Settings, Encryption at Rest",
        );
    }
    let found: Vec<_> = endpoints.iter().map(describe).collect();
    let fixes: Vec<_> = endpoints.iter().filter_map(fix).collect();
    let found = format!("private networking is required: {}", found.join("; "));
    match fixes.as_slice() {
        [] => ABOUT.passed(found),
        fixes => ABOUT.warning(found, fixes.join("; ")),
    }
}

fn describe(endpoint: &PrivateEndpoint) -> String {
    let text = match &endpoint.error {
        Some(error) => format!("{} {}: {error}", endpoint.region, endpoint.status),
        None => format!("{} {}", endpoint.region, endpoint.status),
    };
    safe_line(&text).into_owned()
}

/// Returns what to do about an endpoint that doesn't work yet.
fn fix(endpoint: &PrivateEndpoint) -> Option<String> {
    let region = safe_line(&endpoint.region);
    Some(match endpoint.status.as_str() {
        "ACTIVE" => return None,
        "INITIATING" => format!("{region}: wait until it is ACTIVE, some minutes"),
        "PENDING_ACCEPTANCE" => format!("{region}: wait, and accept it in AWS where that is asked for"),
        "PENDING_RECREATION" => format!("{region}: wait, Atlas makes it anew by itself"),
        "FAILED" => format!("{region}: delete it and create it again"),
        "DELETING" => format!("{region}: wait until it is gone"),
        _ => format!("{region}: look at it in Atlas"),
    })
}
