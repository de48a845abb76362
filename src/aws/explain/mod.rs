//! A failed call for operators: what it means, AWS's own words, what to do next.
//!
//! After the common and the services' own error lists of the AWS API references. A code that isn't here still gives a
//! sentence: AWS's words, the code, the call. What any call can meet is here; `iam` and `kms` hold what is their own.

mod iam;
mod kms;
#[cfg(test)]
mod tests;

use super::settings::SignIn;
use super::{Error, ErrorKind};
use crate::problem::{BAD_CERTIFICATE, Kind, Problem, TRUST};

/// What is told about a code.
struct Story {
    message: String,
    hints: Vec<String>,
}

impl Story {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hints: Vec::new(),
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let kind = match error.kind {
            _ if error.is_signed_out() => Kind::SignIn,
            ErrorKind::NoCredentials | ErrorKind::Credentials => Kind::Prerequisite,
            ErrorKind::Answered(_) if error.is_denied() => Kind::Prerequisite,
            ErrorKind::Unsent => Kind::Internal,
            ErrorKind::Answered(_) | ErrorKind::Unreachable | ErrorKind::Cut | ErrorKind::Unreadable => Kind::Service,
        };
        let story = story(&error);
        let place = match &error.request_id {
            Some(id) => format!("AWS {} {}, request {id}", error.service, error.operation),
            None => format!("AWS {} {}", error.service, error.operation),
        };
        let mut problem = Self::new(kind, story.message).at(place);
        if let Some(code) = &error.code {
            problem = problem.with_code(code.as_ref());
        }
        for hint in story.hints {
            problem = problem.hint(hint);
        }
        problem.causes.extend(error.message.map(String::from));
        problem.causes.extend(error.causes);
        problem
    }
}

fn story(error: &Error) -> Story {
    let service = error.service;
    if error.is_signed_out() {
        return match &*error.sign_in {
            SignIn::Sso {
                profile,
                ended: Some(ended),
            } => Story::new(format!(
                "the sign-in of AWS profile `{profile}` ended at {}",
                ended.strftime("%F %H:%M UTC")
            )),
            SignIn::Sso { profile, ended: None } => {
                Story::new(format!("the sign-in of AWS profile `{profile}` has run out"))
            }
            SignIn::Renew(_) => Story::new("the AWS session has expired"),
        }
        .hint(error.sign_in.to_string());
    }
    match error.kind {
        ErrorKind::NoCredentials => Story::new("there are no AWS credentials").hint(error.sign_in.to_string()),
        ErrorKind::Credentials => no_sign_in(error),
        ErrorKind::Unreachable if error.causes.iter().any(|cause| cause.contains(BAD_CERTIFICATE)) => Story::new(
            format!("this machine doesn't trust the certificate that AWS {service}'s address shows; nothing was sent"),
        )
        .hint(TRUST)
        .hint("else check AWS_ENDPOINT_URL, and this machine's clock"),
        ErrorKind::Unreachable => Story::new(format!("AWS {service} can't be reached"))
            .hint("check network, proxy variables (HTTPS_PROXY, NO_PROXY) and AWS_ENDPOINT_URL"),
        ErrorKind::Cut => Story::new(format!(
            "AWS {service} didn't answer {} in time, or the connection broke: it may have been done all the same",
            error.operation
        ))
        .hint("look again before trying again"),
        ErrorKind::Unreadable => Story::new(format!("AWS {service} gave an answer that can't be read"))
            .hint("something between here and AWS may have answered: check proxy and AWS_ENDPOINT_URL"),
        ErrorKind::Unsent => Story::new(format!("the request {} couldn't be made", error.operation)),
        ErrorKind::Answered(status) => refused(error, status),
    }
}

/// The credentials are fetched from AWS as well, and what it says of that is in the causes alone.
fn no_sign_in(error: &Error) -> Story {
    let story = Story::new("the AWS credentials can't be had");
    let of_policy = ["PackedPolicyTooLarge", "MalformedPolicyDocument"];
    if error
        .causes
        .iter()
        .any(|cause| of_policy.iter().any(|code| cause.contains(code)))
    {
        return story
            .hint("the AWS profile narrows its session by a policy that AWS doesn't take: correct the profile");
    }
    story.hint(error.sign_in.to_string())
}

/// Tells what a service's answer means: first what any call can meet, then the service's own.
fn refused(error: &Error, status: u16) -> Story {
    if error.is_denied() {
        return denied(error);
    }
    if error.is_throttled() {
        return Story::new("AWS gets too many requests from this account at once").hint("try again in a minute");
    }
    match error.code().unwrap_or_default() {
        "InvalidClientTokenId" | "UnrecognizedClientException" => Story::new("AWS doesn't know this access key")
            .hint("check which profile or access key is in use, and that it belongs to the region's partition")
            .hint(error.sign_in.to_string()),
        "SignatureDoesNotMatch" | "InvalidSignatureException" if is_about_time(error) => clock_is_off(),
        "SignatureDoesNotMatch" | "InvalidSignatureException" | "IncompleteSignature" => {
            Story::new("AWS refuses the signature: the secret access key is wrong, or this machine's clock is")
                .hint("check the secret access key and the clock")
        }
        "RequestExpired" | "RequestTimeTooSkewed" => clock_is_off(),
        "OptInRequired" | "RegionDisabledException" => Story::new("this region isn't switched on in the account")
            .hint("enable the region in the account's settings, or choose another one"),
        code => known(error, code).unwrap_or_else(|| other(error, status)),
    }
}

/// Tells a signature of another time, whose AWS says that it expired or isn't current yet, from one of another secret.
fn is_about_time(error: &Error) -> bool {
    let words = error.message().unwrap_or_default();
    ["Signature expired", "Signature not yet current"]
        .iter()
        .any(|part| words.contains(part))
}

fn clock_is_off() -> Story {
    Story::new("this machine's clock is off by more than AWS takes").hint("set the clock")
}

fn known(error: &Error, code: &str) -> Option<Story> {
    match error.service {
        "IAM" => iam::story(error, code),
        "KMS" => kms::story(error, code),
        _ => None,
    }
}

/// Tells of a code without a story of its own.
fn other(error: &Error, status: u16) -> Story {
    if status >= 500 {
        return Story::new(format!("AWS {} has trouble of its own (HTTP {status})", error.service))
            .hint("try again in some minutes; https://health.aws.amazon.com tells of outages");
    }
    if error.code().is_none() {
        return Story::new(format!(
            "{} was answered with HTTP {status} and no error of AWS's",
            error.operation
        ))
        .hint("something between here and AWS may have answered: check proxy and AWS_ENDPOINT_URL");
    }
    Story::new(format!(
        "AWS {} refused {} (HTTP {status})",
        error.service, error.operation
    ))
    .hint(format!(
        "AWS's own words say why; the API reference of {} explains the error code under {}",
        error.service, error.operation
    ))
}

/// AWS names the kind of policy that refuses, if both sides are of one account or organization.
fn denied(error: &Error) -> Story {
    let action = format!("{}:{}", error.service.to_ascii_lowercase(), error.operation);
    let words = error.message().unwrap_or_default();
    let has = |part: &str| words.contains(part);
    let of_organization = has("service control policy") || has("resource control policy");
    let story = if of_organization {
        Story::new(format!(
            "a rule of the organization forbids {action}: it isn't a permission that is missing"
        ))
    } else {
        Story::new(format!("this AWS identity isn't allowed {action}"))
    };
    let story = story.hint(if of_organization {
        "only the administrators of AWS Organizations can change that policy".to_owned()
    } else if has("permissions boundary") {
        format!("the identity's permissions boundary must allow {action} too")
    } else if has("session policy") {
        format!("the session was narrowed when it began: sign in with one that allows {action}")
    } else if has("VPC endpoint policy") {
        format!("the policy of the VPC endpoint on the way must allow {action}")
    } else if has("explicit deny") {
        format!("a policy denies {action} explicitly: that statement must be changed, an Allow doesn't help")
    } else if has("resource-based policy") {
        format!("the key's own policy must allow {action} for this identity, or let IAM decide")
    } else {
        format!("ask whoever manages the identity for {action}, or use another AWS profile")
    });
    if error.operation == "CreateRole" && (of_organization || has("explicit deny")) {
        return story
            .hint(
                "such a rule often demands a permissions boundary, a path or tags: permissions_boundary, path and tags \
                 under [role] in the configuration file",
            )
            .hint("or use an IAM role that is there, or have an administrator create it");
    }
    story
}
