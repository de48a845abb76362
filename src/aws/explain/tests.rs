//! Every code has its words, and AWS's own with them.

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
    let words = "Signature expired: 20261125T080000Z is now earlier than 20261125T084500Z (20261125T090000Z - 15 min.)";
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
