//! The AWS half: STS and IAM over the query protocol, KMS over JSON 1.1.

mod failure;
mod form;
mod iam;
mod kms;
mod rights;
mod sts;
mod xml;

use hyper::header::{AUTHORIZATION, HeaderName};
use serde_json::Value;

use super::answer::{Answer, Received};
use super::faults::Effect;
use super::server::Shared;
use super::world::{Identity, World};
use failure::Failure;
use form::Form;
use rights::Rights;

const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// A request to this half whose sender is known.
pub(super) struct Admitted {
    /// `kms:CreateKey`.
    pub(super) operation: String,
    protocol: Protocol,
    identity: Identity,
    /// Region for which the request was signed.
    region: String,
}

enum Protocol {
    Query(Form),
    Json(Value),
}

impl Protocol {
    fn is_json(&self) -> bool {
        matches!(self, Self::Json(_))
    }

    fn refuse(&self, failure: &Failure, request_id: &str) -> Answer {
        match self {
            Self::Query(_) => failure.as_xml(request_id),
            Self::Json(_) => failure.as_json(),
        }
    }
}

/// Finds out what is asked and who asks; the error is the answer, and the name under which it is recorded.
pub(super) fn admit(shared: &Shared, received: &Received) -> Result<Admitted, (String, Answer)> {
    let mut world = shared.world();
    let request_id = world.ids.uuid();
    let target = received.header(&TARGET);
    let (protocol, action) = if let Some(action) = target.strip_prefix("TrentService.") {
        (
            Protocol::Json(serde_json::from_slice(&received.body).unwrap_or_default()),
            action.to_owned(),
        )
    } else {
        let form = Form::read(&received.body);
        let action = form.get("Action").unwrap_or_default().to_owned();
        (Protocol::Query(form), action)
    };
    let refuse = |failure: &Failure| {
        let answer = with_request_id(protocol.refuse(failure, &request_id), &request_id);
        (action.clone(), answer)
    };
    let is_json = protocol.is_json();
    let scope = Scope::read(received.header(&AUTHORIZATION)).ok_or_else(|| refuse(&unsigned(is_json)))?;
    let identity = identify(&world, &scope).ok_or_else(|| refuse(&unknown(is_json)))?;
    if identity.expired {
        return Err(refuse(&expired(is_json)));
    }
    let service = if is_json { "kms" } else { scope.service };
    Ok(Admitted {
        operation: format!("{service}:{action}"),
        identity: identity.clone(),
        region: scope.region.to_owned(),
        protocol,
    })
}

/// Finds out who signed; regions of another partition know none of this one's access keys.
fn identify<'a>(world: &'a World, scope: &Scope<'_>) -> Option<&'a Identity> {
    let partition = partition_of_region(scope.region);
    let identities = world.aws.identities.iter();
    identities
        .filter(|_| partition == world.aws.partition)
        .find(|identity| identity.access_key_id == scope.access_key)
}

/// Returns the partition that a region belongs to.
fn partition_of_region(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn unsigned(is_json: bool) -> Failure {
    if is_json {
        Failure::bad_request("MissingAuthenticationTokenException", "Missing Authentication Token")
    } else {
        Failure::forbidden("MissingAuthenticationToken", "Request is missing Authentication Token")
    }
}

fn unknown(is_json: bool) -> Failure {
    let message = "The security token included in the request is invalid.";
    if is_json {
        Failure::bad_request("UnrecognizedClientException", message)
    } else {
        Failure::forbidden("InvalidClientTokenId", message)
    }
}

fn expired(is_json: bool) -> Failure {
    let message = "The security token included in the request is expired";
    if is_json {
        Failure::bad_request("ExpiredTokenException", message)
    } else {
        Failure::forbidden("ExpiredToken", message)
    }
}

/// Carries out what was asked.
pub(super) fn answer(shared: &Shared, admitted: &Admitted) -> Answer {
    let now = shared.clock.now();
    let mut world = shared.world();
    let request_id = world.ids.uuid();
    let world = &mut *world;
    world.aws.settle(now);
    let identity = &admitted.identity;
    let rights = Rights::of(world, identity, &admitted.region, now);
    let answer = match &admitted.protocol {
        Protocol::Json(body) => {
            let call = kms::Call {
                world,
                identity,
                rights,
                now,
                region: &admitted.region,
                body,
            };
            let operation = admitted.operation.strip_prefix("kms:").unwrap_or_default();
            call.carry_out(operation)
                .map_or_else(|failure| failure.as_json(), |body| kms::success(&body))
        }
        Protocol::Query(form) => {
            let done = match admitted.operation.split_once(':') {
                Some(("sts", action)) => {
                    let call = sts::Call {
                        world,
                        identity,
                        rights,
                        now,
                        form,
                    };
                    call.carry_out(action).map(|result| (action, sts::NAMESPACE, result))
                }
                Some((_, action)) => {
                    let call = iam::Call {
                        world,
                        identity,
                        rights,
                        now,
                        form,
                    };
                    call.carry_out(action).map(|result| (action, iam::NAMESPACE, result))
                }
                None => Err(Failure::unknown_action("")),
            };
            match done {
                Ok((action, namespace, result)) => xml::success(action, namespace, result.as_ref(), &request_id),
                Err(failure) => failure.as_xml(&request_id),
            }
        }
    };
    with_request_id(answer, &request_id)
}

/// Answers what a fault makes of a call that is not carried out.
pub(super) fn disturbed(admitted: &Admitted, effect: &Effect) -> Option<Answer> {
    let json = admitted.protocol.is_json();
    let failure = match effect {
        Effect::Throttled { .. } => {
            let code = if json { "ThrottlingException" } else { "Throttling" };
            Failure::bad_request(code, "Rate exceeded")
        }
        Effect::ServerError { status } => {
            let code = match (json, status) {
                (true, _) => "KMSInternalException",
                (false, 503) => "ServiceUnavailable",
                (false, _) => "ServiceFailure",
            };
            Failure::new(
                *status,
                code,
                "The request processing has failed because of an unknown error.",
            )
        }
        Effect::ExpiredCredentials => expired(json),
        Effect::Refused { status, code, detail } => Failure::new(*status, code, detail),
        _ => return None,
    };
    let request_id = "00000000-0000-4000-8000-000000000000";
    Some(with_request_id(
        admitted.protocol.refuse(&failure, request_id),
        request_id,
    ))
}

fn with_request_id(answer: Answer, request_id: &str) -> Answer {
    answer.with(REQUEST_ID, request_id)
}

/// What a signature says about the request; the signature itself is not checked.
struct Scope<'a> {
    access_key: &'a str,
    region: &'a str,
    service: &'a str,
}

impl<'a> Scope<'a> {
    fn read(header: &'a str) -> Option<Self> {
        let credential = header
            .strip_prefix("AWS4-HMAC-SHA256 ")?
            .split(',')
            .find_map(|part| part.trim().strip_prefix("Credential="))?;
        let mut parts = credential.split('/');
        let access_key = parts.next()?;
        let (region, service) = (parts.nth(1)?, parts.next()?);
        Some(Self {
            access_key,
            region,
            service,
        })
    }
}
