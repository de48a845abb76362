//! The AWS half: STS and IAM over the query protocol, KMS over JSON 1.1.

mod failure;
mod form;
mod iam;
mod kms;
mod sts;
mod xml;

use hyper::header::{AUTHORIZATION, HeaderName};
use serde_json::Value;

use super::answer::{Answer, Received};
use super::faults::Effect;
use super::server::Shared;
use failure::Failure;
use form::Form;

const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// A request to this half whose sender is known.
pub(super) struct Admitted {
    /// `kms:CreateKey`.
    pub(super) operation: String,
    protocol: Protocol,
    /// Region for which the request was signed.
    region: String,
}

enum Protocol {
    Query(Form),
    Json(Value),
}

impl Protocol {
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
    let is_json = matches!(protocol, Protocol::Json(_));
    let Some(scope) = Scope::read(received.header(&AUTHORIZATION)) else {
        let failure = if is_json {
            Failure::bad_request("MissingAuthenticationTokenException", "Missing Authentication Token")
        } else {
            Failure::forbidden("MissingAuthenticationToken", "Request is missing Authentication Token")
        };
        return Err((
            action,
            with_request_id(protocol.refuse(&failure, &request_id), &request_id),
        ));
    };
    if scope.access_key != world.credentials.aws_access_key_id {
        let message = "The security token included in the request is invalid.";
        let failure = if is_json {
            Failure::bad_request("UnrecognizedClientException", message)
        } else {
            Failure::forbidden("InvalidClientTokenId", message)
        };
        return Err((
            action,
            with_request_id(protocol.refuse(&failure, &request_id), &request_id),
        ));
    }
    let service = if is_json { "kms" } else { scope.service };
    Ok(Admitted {
        operation: format!("{service}:{action}"),
        protocol,
        region: scope.region.to_owned(),
    })
}

/// Carries out what was asked.
pub(super) fn answer(shared: &Shared, admitted: &Admitted) -> Answer {
    let now = shared.clock.now();
    let mut world = shared.world();
    let request_id = world.ids.uuid();
    let answer = match &admitted.protocol {
        Protocol::Json(body) => {
            let operation = admitted.operation.strip_prefix("kms:").unwrap_or_default();
            kms::carry_out(&mut world, now, &admitted.region, operation, body)
                .map_or_else(|failure| failure.as_json(), |body| kms::success(&body))
        }
        Protocol::Query(form) => {
            let done = match admitted.operation.split_once(':') {
                Some(("sts", action)) => sts::carry_out(&world, action).map(|result| (action, sts::NAMESPACE, result)),
                Some((_, action)) => {
                    iam::carry_out(&mut world, now, action, form).map(|result| (action, iam::NAMESPACE, result))
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
    let json = matches!(admitted.protocol, Protocol::Json(_));
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
