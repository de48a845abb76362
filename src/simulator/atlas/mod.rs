//! The Atlas half: the Atlas Admin API and the sign-in of service accounts.

mod access_list;
mod access_roles;
mod addresses;
mod backup;
mod clusters;
mod encryption;
mod error;
mod events;
mod key_check;
mod operation;
mod paging;
mod private_endpoints;
mod projects;
mod regions;
mod service_accounts;
mod sign_in;
mod versions;

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{HeaderName, RETRY_AFTER};
use jiff::Timestamp;
use serde_json::Value;

use super::answer::{Answer, Received};
use super::clock::later;
use super::faults::Effect;
use super::server::Shared;
use super::world::World;
use error::{Refusal, refuse};
use operation::{Demand, Operation};
use sign_in::SignedIn;

/// A request to this half whose sender is known.
pub(super) enum Admitted {
    Token,
    Revoke,
    Call(Operation, SignedIn),
}

/// Names of exchanges that never became a call.
const CHALLENGE: &str = "digestChallenge";
const NOTHING: &str = "unknown";

impl Admitted {
    pub(super) fn operation(&self) -> &'static str {
        match self {
            Self::Token => "getToken",
            Self::Revoke => "revokeToken",
            Self::Call(operation, _) => operation.name(),
        }
    }
}

/// Finds out what is asked and who asks; the error is the answer, and the name under which it is recorded.
pub(super) fn admit(shared: &Shared, received: &Received) -> Result<Admitted, (&'static str, Answer)> {
    match received.path.as_str() {
        "/api/oauth/token" => return Ok(Admitted::Token),
        "/api/oauth/revoke" => return Ok(Admitted::Revoke),
        _ => {}
    }
    let Some(operation) = Operation::read(&received.method, &received.path) else {
        return Err((
            NOTHING,
            refuse(
                404,
                "RESOURCE_NOT_FOUND",
                "Cannot find the resource that was asked for.",
            ),
        ));
    };
    if operation.demand() == Demand::Nothing {
        return Ok(Admitted::Call(operation, SignedIn::WithApiKey));
    }
    match sign_in::check(&mut shared.world(), shared.clock.now(), received) {
        Ok(signed_in) => Ok(Admitted::Call(operation, signed_in)),
        Err(challenge) => Err((CHALLENGE, challenge)),
    }
}

/// Carries out what was asked.
pub(super) async fn answer(shared: &Shared, admitted: &Admitted, received: &Received) -> Answer {
    let now = shared.clock.now();
    match admitted {
        Admitted::Token => sign_in::token(&mut shared.world(), now, received),
        Admitted::Revoke => sign_in::revoke(&mut shared.world(), now, received),
        Admitted::Call(operation, signed_in) => {
            let (set, limit) = operation.rate_limit();
            let scope = operation.group().unwrap_or_default();
            let Ok(remaining) = take_from_bucket(&mut shared.world(), now, scope, set, limit) else {
                return sign_in::rate_limited(set, limit, 60);
            };
            let call = Call {
                shared,
                operation,
                signed_in: *signed_in,
                received,
                now,
            };
            let answer = call.carry_out().await.unwrap_or_else(Refusal::into_answer);
            with_usual_headers(answer, limit, remaining)
        }
    }
}

/// Answers what a fault makes of a call that is not carried out.
pub(super) fn disturbed(effect: &Effect) -> Option<Answer> {
    match effect {
        Effect::Throttled { retry_after } => {
            let answer = refuse(429, "RATE_LIMITED", "Rate limit exceeded.");
            Some(match retry_after {
                Some(seconds) => answer.with(RETRY_AFTER, seconds.to_string()),
                None => answer,
            })
        }
        Effect::ServerError { status: 503 } => Some(refuse(503, "SERVICE_UNAVAILABLE", "Service unavailable.")),
        Effect::ServerError { status } => Some(refuse(*status, "UNEXPECTED_ERROR", "Unexpected error.")),
        Effect::Refused { status, code, detail } => Some(refuse(*status, code, detail)),
        _ => None,
    }
}

/// A call in hand.
struct Call<'a> {
    shared: &'a Shared,
    operation: &'a Operation,
    signed_in: SignedIn,
    received: &'a Received,
    now: Timestamp,
}

impl Call<'_> {
    async fn carry_out(&self) -> Result<Answer, Refusal> {
        access_list::check(&self.shared.world().atlas, self.operation)?;
        let version = versions::negotiate(self.operation, self.received)?;
        self.check_rights()?;
        key_check::make_up(self.shared, self.now).await;
        let body = match self.operation {
            Operation::GetSystemStatus => projects::status(self),
            Operation::ListOrganizations => projects::organizations(self)?,
            Operation::ListProjects => projects::list(self)?,
            Operation::GetProject { group } => projects::get(self, group)?,
            Operation::GetServiceAccount { group, client } => service_accounts::get(self, group, client)?,
            Operation::ListControlPlaneAddresses => addresses::control_plane(self),
            Operation::GetProjectAddresses { group } => addresses::of_project(self, group)?,
            Operation::ListAccessRoles { group } => access_roles::list(self, group)?,
            Operation::CreateAccessRole { group } => access_roles::create(self, group)?,
            Operation::GetAccessRole { group, role } => access_roles::get(self, group, role)?,
            Operation::AuthorizeAccessRole { group, role } => access_roles::authorize(self, group, role).await?,
            Operation::DeleteAccessRole { group, provider, role } => {
                access_roles::delete(self, group, provider, role)?;
                return Ok(Answer::empty(StatusCode::NO_CONTENT));
            }
            Operation::GetEncryptionAtRest { group } => encryption::get(self, group).await?,
            Operation::EnableEncryptionAtRest { group } => encryption::change(self, group).await?,
            Operation::ListClusters { group } => clusters::list(self, group)?,
            Operation::GetCluster { group, name } => clusters::get(self, group, name)?,
            Operation::CreateCluster { group } => clusters::create(self, group).await?,
            Operation::UpdateCluster { group, name } => clusters::change(self, group, name).await?,
            Operation::ListSnapshots { group, name } => backup::snapshots(self, group, name)?,
            Operation::ListShardedSnapshots { group, name } => backup::sharded_snapshots(self, group, name)?,
            Operation::GetCompliancePolicy { group } => backup::compliance_policy(self, group)?,
            Operation::ListPrivateEndpoints { group, provider } => private_endpoints::list(self, group, provider)?,
            Operation::ListEvents { group } => events::list(self, group)?,
            Operation::ListFlexClusters { group } => clusters::list_flex(self, group)?,
            Operation::GetFlexCluster { group, name } => clusters::get_flex(self, group, name)?,
        };
        let status = match self.operation {
            Operation::CreateCluster { .. } => StatusCode::CREATED,
            _ => StatusCode::OK,
        };
        Ok(Answer::json(status, &versions::media_type(version), &body))
    }

    /// Checks that the caller may ask this of this project.
    fn check_rights(&self) -> Result<(), Refusal> {
        let Some(group) = self.operation.group() else {
            return Ok(());
        };
        if group.len() != 24 || !group.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let detail = format!("An invalid group ID {group} was specified.");
            return Err(Refusal::new(StatusCode::NOT_FOUND, "INVALID_GROUP_ID", detail).about(group));
        }
        let world = self.shared.world();
        let owns_organization = world.atlas.organization_roles.iter().any(|role| role == "ORG_OWNER");
        let unauthorized = |code, detail: String| Refusal::new(StatusCode::UNAUTHORIZED, code, detail).about(group);
        let Some(project) = world.atlas.project(group) else {
            if owns_organization {
                let detail = format!("No group with ID {group} exists.");
                return Err(Refusal::new(StatusCode::NOT_FOUND, "GROUP_NOT_FOUND", detail).about(group));
            }
            let detail = format!("The current user is not in the group, or there is no group with ID {group}.");
            return Err(unauthorized("NOT_IN_GROUP", detail));
        };
        if project.roles.is_empty() && !owns_organization {
            let detail = format!("The current user is not in the group, or there is no group with ID {group}.");
            return Err(unauthorized("NOT_IN_GROUP", detail));
        }
        match self.operation.demand() {
            Demand::OneOf(roles) if !project.roles.iter().any(|role| roles.contains(&role.as_str())) => {
                Err(Refusal::new(
                    StatusCode::UNAUTHORIZED,
                    "USER_UNAUTHORIZED",
                    "Current user is not authorized to perform this action.",
                ))
            }
            _ => Ok(()),
        }
    }

    /// Reads the body as a JSON object.
    fn body(&self) -> Result<serde_json::Map<String, Value>, Refusal> {
        match serde_json::from_slice(&self.received.body) {
            Ok(Value::Object(fields)) => Ok(fields),
            Ok(_) | Err(_) => Err(Refusal::bad_request("MALFORMED_JSON", "Received JSON is malformed.")),
        }
    }
}

/// Takes one call from the bucket of a set of endpoints; the error means that it is empty.
fn take_from_bucket(world: &mut World, now: Timestamp, group: &str, set: &'static str, limit: u32) -> Result<u32, ()> {
    let bucket = world.atlas.asked.entry((group.to_owned(), set)).or_insert((now, 0));
    if later(bucket.0, Duration::from_mins(1)) <= now {
        *bucket = (now, 0);
    }
    if bucket.1 >= limit {
        return Err(());
    }
    bucket.1 += 1;
    Ok(limit - bucket.1)
}

fn with_usual_headers(answer: Answer, limit: u32, remaining: u32) -> Answer {
    let usual = [
        ("ratelimit-limit", limit.to_string()),
        ("ratelimit-remaining", remaining.to_string()),
        ("referrer-policy", "strict-origin-when-cross-origin".to_owned()),
        ("server", "mdbws".to_owned()),
        (
            "strict-transport-security",
            "max-age=31536000; includeSubdomains;".to_owned(),
        ),
        ("x-content-type-options", "nosniff".to_owned()),
        ("x-frame-options", "DENY".to_owned()),
        ("x-permitted-cross-domain-policies", "none".to_owned()),
    ];
    usual.into_iter().fold(answer, |answer, (name, value)| {
        answer.with(HeaderName::from_static(name), value)
    })
}
