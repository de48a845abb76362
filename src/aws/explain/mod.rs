//! A failed call for operators: what it means, AWS's own words, what to do next.
//!
//! After the common and the services' own error lists of the AWS API references. A code that isn't here still gives a
//! sentence: AWS's words, the code, the call.

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
        "IAM" => iam(error, code),
        "KMS" => kms(error, code),
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

fn iam(error: &Error, code: &str) -> Option<Story> {
    let words = error.message().unwrap_or_default();
    // Recordings have this code with a plural s too.
    if code.starts_with("MalformedPolicyDocument") {
        return Some(if words.contains("rincipal") {
            Story::new("IAM refuses a principal in the policy: deleted, of another partition, or not visible yet")
                .hint("remove statements whose principal is an AROA… or AIDA… ID: what they named is gone")
        } else {
            Story::new("IAM refuses the policy document")
                .hint("its own words say what is wrong; a statement that was there before may be at fault too")
        });
    }
    Some(match code {
        "EntityAlreadyExists" => Story::new("there is an IAM role of this name, in some spelling of its letters")
            .hint("use that IAM role, or choose another name"),
        "NoSuchEntity" => Story::new("there is no such IAM role or policy in this account")
            .hint("give the name without its path, and check the account"),
        "LimitExceeded" => over_quota(words),
        "UnmodifiableEntity" => Story::new("AWS made this IAM role for a service of its own and lets nobody change it")
            .hint("choose another IAM role"),
        "ConcurrentModification" | "ConcurrentModificationException" => {
            Story::new("someone else is changing this IAM role right now")
                .hint("ask who else works on it, and try again in some minutes")
        }
        "DeleteConflict" => Story::new("the IAM role still has policies").hint("detach and delete its policies first"),
        "PolicyEvaluation" | "PolicyEvaluationException" => Story::new("IAM couldn't simulate the policies")
            .hint("it would have been a hint only: what is allowed shows when it is done"),
        "InvalidInput" | "ValidationError" => Story::new("IAM doesn't take one of the values")
            .hint("its own words say which: correct it where you gave it"),
        _ => return None,
    })
}

/// Says which quota of IAM it is, by the name that IAM gives it.
fn over_quota(words: &str) -> Story {
    let raise = "or have the quota raised: AWS console, Service Quotas, IAM";
    if words.contains("ACLSizePerRole") {
        return Story::new(
            "the IAM role's trust policy would be longer than the account's quota (AssumeRolePolicySizeQuota)",
        )
        .hint("remove statements that nobody needs from it, or use another IAM role")
        .hint(raise);
    }
    if words.to_ascii_lowercase().contains("policy size") {
        return Story::new(
            "the IAM role's inline policies together would be longer than the quota (RolePolicySizeQuota)",
        )
        .hint("shorten them, move some into managed policies, or use another IAM role");
    }
    if words.contains("RolesPerAccount") {
        return Story::new("the account has as many IAM roles as its quota allows (RolesQuota)")
            .hint("use an IAM role that is there, or delete one that nobody needs")
            .hint(raise);
    }
    Story::new("a quota of IAM is used up: IAM roles of the account, or the size of a policy")
        .hint("shorten the role's policies, or use another IAM role")
        .hint(raise)
}

fn kms(error: &Error, code: &str) -> Option<Story> {
    let words = error.message().unwrap_or_default();
    Some(match (code, error.operation) {
        ("NotFoundException", _) => Story::new("there is no such key in this region and account")
            .hint("check region and account; a key elsewhere needs its full ARN"),
        ("InvalidArnException" | "ValidationException", _) => Story::new("KMS doesn't take one of the values")
            .hint("its own words say which: correct it where you gave it"),
        ("InvalidAliasNameException", _) => Story::new("KMS doesn't take this alias")
            .hint("an alias is alias/ and 1 to 250 letters, digits and /_-, and doesn't begin with alias/aws/"),
        ("AlreadyExistsException", "ReplicateKey") => {
            Story::new("the key has a replica in that region").hint("use that replica")
        }
        ("AlreadyExistsException", _) => Story::new("this alias belongs to another key of the region")
            .hint("use that key if it is the one that was meant, or choose another alias"),
        ("LimitExceededException", operation) => limit_of_kms(operation),
        ("TagException", _) => Story::new("KMS doesn't take one of the tags")
            .hint("check the tags; the identity also needs kms:TagResource"),
        ("MalformedPolicyDocumentException", _) => key_policy(words),
        ("UnsupportedOperationException", operation) => Story::new(format!("this kind of key doesn't do {operation}"))
            .hint("imported material, custom key stores, asymmetric keys and replicas have limits"),
        ("DisabledException", _) => {
            Story::new("the key is disabled").hint("enable it: `aws kms enable-key --key-id …`")
        }
        ("KMSInvalidStateException", _) => invalid_state(words),
        ("KeyUnavailableException", _) => Story::new("the key can't be used for the moment")
            .hint("its key store is away for the moment: try again in a minute"),
        ("InvalidKeyUsageException" | "IncorrectKeyException", _) => {
            Story::new("the key isn't one for symmetric encryption, or not the one that was meant")
                .hint("choose another key: SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT")
        }
        ("ConflictException", _) => Story::new("the key's rotation runs, or begins within minutes")
            .hint("look again later: there is nothing to do"),
        ("DryRunOperationException", _) => {
            Story::new("it would have been allowed: this was a trial").hint("nothing is wrong; go on")
        }
        ("KMSInternalException" | "DependencyTimeoutException", _) => {
            Story::new("AWS KMS has trouble of its own").hint("try again in some minutes")
        }
        _ => return None,
    })
}

fn limit_of_kms(operation: &str) -> Story {
    let raise = "Service Quotas in the AWS console shows it and raises it";
    match operation {
        "CreateKey" => Story::new("the account has as many keys in this region as its quota of KMS allows (100,000)")
            .hint("use a key that is there, or delete one that nobody needs")
            .hint(raise),
        "CreateAlias" => Story::new("the key has as many aliases as the quota of KMS allows (50)")
            .hint("delete an alias that nobody needs, or choose another key"),
        "PutKeyPolicy" => Story::new("the key policy is longer than the quota of KMS allows (32 KiB)")
            .hint("remove statements that nobody needs"),
        "RotateKeyOnDemand" => Story::new("the key was rotated by hand as often as the quota of KMS allows (25 times)")
            .hint("create a new key and change to it"),
        _ => Story::new("a quota of KMS is used up").hint(raise),
    }
}

fn key_policy(words: &str) -> Story {
    if words.contains("future") {
        return Story::new("KMS refuses the key policy: whoever puts it couldn't change it afterwards")
            .hint("keep a statement that allows kms:PutKeyPolicy to this identity or to the account's root principal");
    }
    if words.contains("rincipal") {
        return Story::new("KMS refuses a principal in the key policy: it doesn't exist, or KMS doesn't see it yet")
            .hint("if it was created just now, try again in a minute")
            .hint("remove statements whose principal is an AROA… or AIDA… ID: what they named is gone");
    }
    Story::new("KMS refuses the key policy")
        .hint("every principal in it must exist, and it must let its administrators change it later")
}

fn invalid_state(words: &str) -> Story {
    let story = Story::new("the key's state doesn't allow it");
    if words.contains("pending deletion") {
        story.hint("`aws kms cancel-key-deletion --key-id …`, then `aws kms enable-key --key-id …`")
    } else if words.contains("pending import") {
        story.hint("import the key's material first")
    } else {
        story.hint("if the key is being created or updated: try again in a minute")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn answered(service: &'static str, operation: &'static str, code: &str, message: &str) -> Error {
        Error {
            service,
            operation,
            kind: ErrorKind::Answered(400),
            request_id: Some(Box::from("0a1b")),
            code: Some(Box::from(code)),
            message: Some(Box::from(message)),
            causes: Box::default(),
            sign_in: Arc::new(SignIn::Sso {
                profile: "platform".to_owned(),
                ended: None,
            }),
        }
    }

    fn bare(kind: ErrorKind) -> Error {
        Error {
            kind,
            code: None,
            message: None,
            request_id: None,
            ..answered("KMS", "CreateKey", "", "")
        }
    }

    #[test]
    fn a_refusal_names_the_action_and_passes_awss_words_on() {
        let words = "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: kms:CreateKey on resource: * \
                     because no identity-based policy allows the kms:CreateKey action";
        for code in ["AccessDenied", "AccessDeniedException"] {
            let problem = Problem::from(answered("KMS", "CreateKey", code, words));
            assert_eq!(problem.kind, Kind::Prerequisite);
            assert_eq!(problem.message, "this AWS identity isn't allowed kms:CreateKey");
            assert_eq!(problem.place.as_deref(), Some("AWS KMS CreateKey, request 0a1b"));
            assert_eq!(problem.code.as_deref(), Some(code));
            assert_eq!(problem.causes, [words]);
        }
    }

    #[test]
    fn the_kind_of_policy_decides_what_to_do() {
        for (words, hint) in [
            ("with an explicit deny in a service control policy", "AWS Organizations"),
            (
                "because no permissions boundary allows the iam:CreateRole action",
                "permissions boundary must",
            ),
            (
                "with an explicit deny in an identity-based policy",
                "an Allow doesn't help",
            ),
            (
                "because no resource-based policy allows the iam:CreateRole action",
                "let IAM decide",
            ),
            (
                "because no identity-based policy allows the iam:CreateRole action",
                "ask whoever manages",
            ),
            (
                "because no session policy allows the iam:CreateRole action",
                "narrowed when it began",
            ),
            ("not authorized", "ask whoever manages"),
        ] {
            let problem = Problem::from(answered("IAM", "PutRolePolicy", "AccessDenied", words));
            assert!(problem.hints[0].contains(hint), "{words}: {:?}", problem.hints);
            assert_eq!(problem.hints.len(), 1);
        }
    }

    #[test]
    fn a_rule_of_the_organization_is_no_missing_permission() {
        let words = "User: arn:aws:sts::111122223333:assumed-role/Admin/op is not authorized to perform: iam:CreateRole on \
                     resource: arn:aws:iam::111122223333:role/atlas-cmk-1 with an explicit deny in a service control policy";
        let problem = Problem::from(answered("IAM", "CreateRole", "AccessDenied", words));
        assert!(
            problem
                .message
                .contains("a rule of the organization forbids iam:CreateRole"),
            "{problem:?}"
        );
        let all = problem.hints.join("\n");
        for word in [
            "AWS Organizations",
            "permissions_boundary, path and tags",
            "an IAM role that is there",
        ] {
            assert!(all.contains(word), "{word}: {all}");
        }
        assert_eq!(problem.causes, [words]);
    }

    #[test]
    fn every_code_of_any_call_has_its_words() {
        for (code, word) in [
            ("InvalidClientTokenId", "partition"),
            ("UnrecognizedClientException", "partition"),
            ("SignatureDoesNotMatch", "clock"),
            ("InvalidSignatureException", "clock"),
            ("IncompleteSignature", "secret access key"),
            ("RequestExpired", "clock"),
            ("RequestTimeTooSkewed", "clock"),
            ("Throttling", "try again"),
            ("ThrottlingException", "try again"),
            ("OptInRequired", "enable the region"),
            ("RegionDisabledException", "choose another"),
        ] {
            told(&answered("STS", "GetCallerIdentity", code, "AWS's words."), &[word]);
        }
        for code in ["InternalFailure", "ServiceUnavailable", "ServiceFailure"] {
            let error = Error {
                kind: ErrorKind::Answered(503),
                ..answered("IAM", "GetRole", code, "AWS's words.")
            };
            told(&error, &["health.aws.amazon.com"]);
        }
    }

    #[test]
    fn a_signature_of_another_time_is_the_clocks() {
        let words =
            "Signature expired: 20261125T080000Z is now earlier than 20261125T084500Z (20261125T090000Z - 15 min.)";
        for (code, words, clock) in [
            ("SignatureDoesNotMatch", words, true),
            (
                "InvalidSignatureException",
                "Signature not yet current: 20261125T0900",
                true,
            ),
            (
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match",
                false,
            ),
        ] {
            let problem = Problem::from(answered("STS", "GetCallerIdentity", code, words));
            assert_eq!(
                problem.message.starts_with("this machine's clock is off"),
                clock,
                "{problem:?}"
            );
        }
    }

    #[test]
    fn every_code_of_iam_has_its_words() {
        for (operation, code, message, words) in [
            ("CreateRole", "EntityAlreadyExists", "", &["another name"][..]),
            (
                "UpdateAssumeRolePolicy",
                "LimitExceeded",
                "Cannot exceed quota for ACLSizePerRole: 2048",
                &["trust policy", "AssumeRolePolicySizeQuota"],
            ),
            (
                "PutRolePolicy",
                "LimitExceeded",
                "Maximum policy size of 10240 bytes exceeded for role r",
                &["inline policies", "RolePolicySizeQuota"],
            ),
            (
                "CreateRole",
                "LimitExceeded",
                "Cannot exceed quota for RolesPerAccount: 1000",
                &["RolesQuota", "raised"],
            ),
            ("CreateRole", "LimitExceeded", "", &["quota of IAM"]),
            (
                "CreateRole",
                "MalformedPolicyDocument",
                "Invalid principal in policy",
                &["AROA"],
            ),
            (
                "PutRolePolicy",
                "MalformedPolicyDocument",
                "Syntax errors",
                &["policy document"],
            ),
            ("PutRolePolicy", "UnmodifiableEntity", "", &["another IAM role"]),
            ("GetRole", "NoSuchEntity", "", &["without its path", "account"]),
            ("CreateRole", "ConcurrentModification", "", &["who else"]),
            ("TagRole", "InvalidInput", "", &["which"]),
            ("DeleteRole", "DeleteConflict", "", &["detach"]),
            ("SimulatePrincipalPolicy", "PolicyEvaluation", "", &["hint"]),
        ] {
            told(&answered("IAM", operation, code, message), words);
        }
    }

    #[test]
    fn every_code_of_kms_has_its_words() {
        let lock_out = "The new key policy will not allow you to update the key policy in the future.";
        let principals = "Policy contains a statement with one or more invalid principals.";
        for (operation, code, message, words) in [
            (
                "DescribeKey",
                "NotFoundException",
                "Invalid arn eu-west-1",
                &["region", "full ARN"][..],
            ),
            ("DescribeKey", "InvalidArnException", "", &["which"]),
            ("CreateAlias", "ValidationException", "", &["which"]),
            ("CreateKey", "DependencyTimeoutException", "", &["some minutes"]),
            ("CreateKey", "KMSInternalException", "", &["some minutes"]),
            (
                "PutKeyPolicy",
                "MalformedPolicyDocumentException",
                lock_out,
                &["kms:PutKeyPolicy", "root"],
            ),
            (
                "PutKeyPolicy",
                "MalformedPolicyDocumentException",
                principals,
                &["principal", "try again", "AROA"],
            ),
            ("CreateKey", "MalformedPolicyDocumentException", "", &["key policy"]),
            ("CreateKey", "LimitExceededException", "", &["100,000"]),
            ("CreateAlias", "LimitExceededException", "", &["50"]),
            ("PutKeyPolicy", "LimitExceededException", "", &["32 KiB"]),
            (
                "RotateKeyOnDemand",
                "LimitExceededException",
                "",
                &["25 times", "new key"],
            ),
            ("EnableKey", "LimitExceededException", "", &["quota"]),
            ("CreateKey", "TagException", "", &["kms:TagResource"]),
            (
                "EnableKeyRotation",
                "UnsupportedOperationException",
                "",
                &["EnableKeyRotation", "imported"],
            ),
            ("CreateAlias", "AlreadyExistsException", "", &["another alias"]),
            ("ReplicateKey", "AlreadyExistsException", "", &["use that replica"]),
            ("CreateAlias", "InvalidAliasNameException", "", &["alias/aws/"]),
            ("Encrypt", "DryRunOperationException", "", &["nothing is wrong"]),
            ("Encrypt", "DisabledException", "", &["enable-key"]),
            (
                "EnableKey",
                "KMSInvalidStateException",
                "key/1 is pending deletion.",
                &["cancel-key-deletion", "enable-key"],
            ),
            (
                "EnableKey",
                "KMSInvalidStateException",
                "key/1 is pending import.",
                &["material"],
            ),
            (
                "CreateAlias",
                "KMSInvalidStateException",
                "key/1 is Creating.",
                &["try again"],
            ),
            ("Encrypt", "KeyUnavailableException", "", &["in a minute"]),
            ("Encrypt", "InvalidKeyUsageException", "", &["SYMMETRIC_DEFAULT"]),
            ("Decrypt", "IncorrectKeyException", "", &["another key"]),
            ("RotateKeyOnDemand", "ConflictException", "", &["later"]),
        ] {
            told(&answered("KMS", operation, code, message), words);
        }
    }

    /// What a code is told as has these words, something to do, the code and AWS's own words.
    fn told(error: &Error, words: &[&str]) {
        let problem = Problem::from(error.clone());
        let all = format!("{}\n{}", problem.message, problem.hints.join("\n"));
        for word in words {
            assert!(all.contains(word), "{error}: {word:?} isn't in {all}");
        }
        assert!(!problem.hints.is_empty() && problem.code.is_some(), "{problem:?}");
        assert!(!problem.message.contains("refused"), "no story of its own: {problem:?}");
        assert!(
            problem
                .causes
                .iter()
                .any(|cause| Some(cause.as_str()) == error.message()),
            "{problem:?}"
        );
    }

    #[test]
    fn an_expired_session_says_how_to_sign_in() {
        for code in ["ExpiredToken", "ExpiredTokenException"] {
            let problem = Problem::from(answered(
                "STS",
                "GetCallerIdentity",
                code,
                "The security token is expired",
            ));
            assert_eq!(problem.kind, Kind::SignIn);
            assert_eq!(problem.message, "the sign-in of AWS profile `platform` has run out");
            assert_eq!(problem.hints, ["sign in: `aws sso login --profile platform`"]);
        }
        let problem = Problem::from(Error {
            causes: Box::new(["the SSO token has expired and cannot be refreshed".to_owned()]),
            ..bare(ErrorKind::Credentials)
        });
        assert_eq!(problem.kind, Kind::SignIn);
        assert_eq!(problem.hints, ["sign in: `aws sso login --profile platform`"]);
        assert_eq!(problem.causes, ["the SSO token has expired and cannot be refreshed"]);
        let problem = Problem::from(Error {
            sign_in: Arc::new(SignIn::Renew("renew the credentials of AWS profile `ci`".to_owned())),
            ..bare(ErrorKind::Credentials)
        });
        assert_eq!(
            problem.kind,
            Kind::Prerequisite,
            "a role that can't be assumed is no sign-in that ran out"
        );
        assert_eq!(problem.hints, ["renew the credentials of AWS profile `ci`"]);
    }

    #[test]
    fn a_session_policy_that_aws_refuses_is_the_profiles() {
        for code in ["PackedPolicyTooLarge", "MalformedPolicyDocument"] {
            let problem = Problem::from(Error {
                sign_in: Arc::new(SignIn::Renew(String::new())),
                causes: Box::new([format!("{code}: the session policy")]),
                ..bare(ErrorKind::Credentials)
            });
            assert!(problem.hints[0].contains("correct the profile"), "{problem:?}");
        }
    }

    #[test]
    fn the_same_word_means_another_thing_in_another_service() {
        let iam = Problem::from(answered("IAM", "CreateRole", "LimitExceeded", "Cannot exceed quota"));
        let kms = Problem::from(answered("KMS", "CreateKey", "LimitExceededException", ""));
        assert!(iam.message.contains("quota of IAM") && kms.message.contains("quota of KMS"));
    }

    #[test]
    fn an_invalid_principal_is_told_from_bad_grammar() {
        let principal = "Invalid principal in policy: \"AWS\":\"AROAEXAMPLE\"";
        for code in ["MalformedPolicyDocument", "MalformedPolicyDocuments"] {
            let problem = Problem::from(answered("IAM", "UpdateAssumeRolePolicy", code, principal));
            assert!(problem.message.contains("principal"), "{}", problem.message);
            let problem = Problem::from(answered("IAM", "PutRolePolicy", code, "Syntax errors in policy."));
            assert!(!problem.message.contains("principal"), "{}", problem.message);
        }
    }

    #[test]
    fn an_unknown_code_is_told_with_awss_words() {
        let problem = Problem::from(answered("KMS", "CreateKey", "BrandNewException", "of a new kind"));
        assert_eq!(problem.message, "AWS KMS refused CreateKey (HTTP 400)");
        assert_eq!(problem.code.as_deref(), Some("BrandNewException"));
        assert_eq!(problem.causes, ["of a new kind"]);
        let problem = Problem::from(bare(ErrorKind::Answered(503)));
        assert!(problem.message.contains("trouble of its own"), "{}", problem.message);
    }

    #[test]
    fn a_page_of_a_proxy_is_no_refusal_of_awss() {
        let error = bare(ErrorKind::Answered(403));
        assert!(!error.is_denied());
        let problem = Problem::from(error);
        assert!(
            problem.message.contains("HTTP 403 and no error of AWS's"),
            "{}",
            problem.message
        );
    }

    #[test]
    fn what_may_have_happened_is_what_was_sent_and_not_refused() {
        for kind in [ErrorKind::Cut, ErrorKind::Unreadable, ErrorKind::Answered(500)] {
            assert!(bare(kind).may_have_happened(), "{kind:?}");
        }
        for kind in [
            ErrorKind::Unreachable,
            ErrorKind::Unsent,
            ErrorKind::NoCredentials,
            ErrorKind::Credentials,
            ErrorKind::Answered(400),
        ] {
            assert!(!bare(kind).may_have_happened(), "{kind:?}");
        }
        let throttled = Error {
            kind: ErrorKind::Answered(503),
            ..answered("KMS", "CreateKey", "ThrottlingException", "")
        };
        assert!(!throttled.may_have_happened());
    }
}
