//! AWS's documented examples of how policies are evaluated, one row each.
//!
//! From the IAM guide's pages on evaluation logic, permissions boundaries, cross-account requests and principals, and
//! from the KMS guide's pages on key policies, grants and access from other accounts.

use super::{Caller, Context, Document, KeyRules, Origin, Policies, Question, Ruling, act, assume_role, use_key};

const ACCOUNT: &str = "111122223333";
const OTHER: &str = "444455556666";
const ROLE: &str = "arn:aws:iam::111122223333:role/atlas";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k";

const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:Encrypt","Resource":"*"}}"#;
const DENY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"kms:Encrypt","Resource":"*"}}"#;
const ALLOW_OTHER: &str = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
const ALL: &str = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const NOTHING: &str = r#"{"Statement":[]}"#;

fn key_policy(effect: &str, principal: &str) -> String {
    format!(r#"{{"Statement":{{"Effect":"{effect}",{principal},"Action":"kms:*","Resource":"*"}}}}"#)
}

fn root() -> String {
    key_policy("Allow", r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"}"#)
}

fn named(name: &str) -> String {
    key_policy("Allow", &format!(r#""Principal":{{"AWS":"{name}"}}"#))
}

fn documents(texts: &[&str]) -> Vec<Document> {
    texts.iter().map(|text| Document::read(text)).collect()
}

/// One request of a role's session to encrypt.
struct Case<'a> {
    identity: &'a [&'a str],
    boundary: Option<&'a str>,
    service_control: &'a [&'a str],
    resource_control: &'a [&'a str],
    key: &'a str,
    key_account: &'a str,
    granted: bool,
}

const PLAIN: Case<'_> = Case {
    identity: &[],
    boundary: None,
    service_control: &[],
    resource_control: &[],
    key: NOTHING,
    key_account: ACCOUNT,
    granted: false,
};

fn role() -> Caller {
    Caller {
        arn: ROLE.to_owned(),
        session: Some("arn:aws:sts::111122223333:assumed-role/atlas/session".to_owned()),
        account: ACCOUNT.to_owned(),
    }
}

fn ruling_in(case: &Case<'_>, context: &Context) -> Ruling {
    let policies = Policies {
        identity: documents(case.identity),
        boundary: case.boundary.map(Document::read),
        service_control: documents(case.service_control),
    };
    let question = Question {
        caller: &role(),
        action: "kms:Encrypt",
        resource: KEY,
        context,
    };
    let key = KeyRules {
        account: case.key_account,
        policy: &Document::read(case.key),
        granted: case.granted,
        resource_control: &documents(case.resource_control),
    };
    use_key(&policies, key, question)
}

fn ruling(case: &Case<'_>) -> Ruling {
    ruling_in(case, &Context::default())
}

#[test]
fn in_one_account_the_key_policy_opens_the_door_to_iam() {
    let root = root();
    let through_iam = |identity| {
        ruling(&Case {
            identity,
            key: &root,
            ..PLAIN
        })
    };
    assert_eq!(through_iam(&[ALLOW]), Ruling::Allowed);
    assert_eq!(through_iam(&[]), Ruling::NotAllowed(Origin::Identity));
    assert_eq!(through_iam(&[ALLOW_OTHER]), Ruling::NotAllowed(Origin::Identity));
    let closed = Case {
        identity: &[ALLOW],
        ..PLAIN
    };
    assert_eq!(ruling(&closed), Ruling::NotAllowed(Origin::Resource));
    let by_number = named(ACCOUNT);
    let case = Case {
        identity: &[ALLOW],
        key: &by_number,
        ..PLAIN
    };
    assert_eq!(ruling(&case), Ruling::Allowed, "an account's number is its root");
    let china = root.replace("arn:aws:", "arn:aws-cn:");
    let case = Case {
        identity: &[ALLOW],
        key: &china,
        ..PLAIN
    };
    assert_eq!(ruling(&case), Ruling::NotAllowed(Origin::Resource));
}

#[test]
fn a_key_policy_that_names_the_role_is_enough_in_one_account_and_half_of_it_in_two() {
    let key = named(ROLE);
    for (identity, key_account, expected) in [
        (&[][..], ACCOUNT, Ruling::Allowed),
        (&[], OTHER, Ruling::NotAllowed(Origin::Identity)),
        (&[ALLOW], OTHER, Ruling::Allowed),
    ] {
        let case = Case {
            identity,
            key: &key,
            key_account,
            ..PLAIN
        };
        assert_eq!(ruling(&case), expected, "{identity:?} {key_account}");
    }
    let case = Case {
        identity: &[ALLOW],
        key_account: OTHER,
        ..PLAIN
    };
    assert_eq!(ruling(&case), Ruling::NotAllowed(Origin::Resource));
    let account = root();
    let case = Case {
        identity: &[ALLOW],
        key: &account,
        key_account: OTHER,
        ..PLAIN
    };
    assert_eq!(ruling(&case), Ruling::Allowed, "the caller's account is named");
}

#[test]
fn a_deny_wins_wherever_it_stands() {
    let root = root();
    let good = Case {
        identity: &[ALLOW],
        key: &root,
        ..PLAIN
    };
    assert_eq!(ruling(&good), Ruling::Allowed);
    let key_denies = format!(
        r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{ROLE}"}},"Action":"kms:*","Resource":"*"}},
        {{"Effect":"Deny","Principal":"*","Action":"kms:Enc*","Resource":"*"}}]}}"#
    );
    for (case, origin) in [
        (
            Case {
                identity: &[ALLOW, DENY],
                ..good
            },
            Origin::Identity,
        ),
        (
            Case {
                boundary: Some(DENY),
                ..good
            },
            Origin::Boundary,
        ),
        (
            Case {
                service_control: &[ALL, DENY],
                ..good
            },
            Origin::ServiceControl,
        ),
        (
            Case {
                resource_control: &[DENY],
                ..good
            },
            Origin::ResourceControl,
        ),
        (
            Case {
                key: &key_denies,
                ..good
            },
            Origin::Resource,
        ),
        (
            Case {
                identity: &[DENY],
                granted: true,
                ..good
            },
            Origin::Identity,
        ),
    ] {
        assert_eq!(ruling(&case), Ruling::Denied(origin));
    }
}

#[test]
fn a_boundary_and_an_organization_limit_and_never_grant() {
    let root = root();
    for (identity, boundary, service_control, expected) in [
        (&[ALLOW][..], Some(ALLOW), &[][..], Ruling::Allowed),
        (&[], Some(ALLOW), &[], Ruling::NotAllowed(Origin::Identity)),
        (&[ALLOW], Some(ALLOW_OTHER), &[], Ruling::NotAllowed(Origin::Boundary)),
        (&[ALLOW], None, &[ALL], Ruling::Allowed),
        (
            &[ALLOW],
            None,
            &[ALLOW_OTHER],
            Ruling::NotAllowed(Origin::ServiceControl),
        ),
        (&[], None, &[ALL], Ruling::NotAllowed(Origin::Identity)),
    ] {
        let case = Case {
            identity,
            boundary,
            service_control,
            key: &root,
            ..PLAIN
        };
        assert_eq!(ruling(&case), expected, "{identity:?} {boundary:?} {service_control:?}");
    }
}

#[test]
fn a_boundary_limits_what_a_key_policy_gives_a_role_but_not_what_it_gives_a_session_or_everybody() {
    let session = "arn:aws:sts::111122223333:assumed-role/atlas/session";
    for (principal, expected) in [
        (ROLE, Ruling::NotAllowed(Origin::Boundary)),
        (session, Ruling::Allowed),
        ("*", Ruling::Allowed),
    ] {
        let key = named(principal);
        let case = Case {
            boundary: Some(ALLOW_OTHER),
            key: &key,
            ..PLAIN
        };
        assert_eq!(ruling(&case), expected, "{principal}");
    }
}

#[test]
fn a_grant_allows_what_the_key_policy_leaves_open() {
    let case = Case { granted: true, ..PLAIN };
    assert_eq!(ruling(&case), Ruling::Allowed);
    let across = Case {
        key_account: OTHER,
        granted: true,
        ..PLAIN
    };
    assert_eq!(ruling(&across), Ruling::NotAllowed(Origin::Identity));
    let across = Case {
        identity: &[ALLOW],
        ..across
    };
    assert_eq!(ruling(&across), Ruling::Allowed);
}

#[test]
fn not_principal_means_everybody_else() {
    let deny_all_but = |names: &str| {
        format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{ROLE}"}},"Action":"kms:*","Resource":"*"}},
            {{"Effect":"Deny","NotPrincipal":{{"AWS":[{names}]}},"Action":"kms:*","Resource":"*"}}]}}"#
        )
    };
    let root = r#""arn:aws:iam::111122223333:root""#;
    for (names, expected) in [
        (format!(r#""{ROLE}",{root}"#), Ruling::Allowed),
        (format!(r#""{ROLE}""#), Ruling::Denied(Origin::Resource)),
        (
            r#""arn:aws:iam::111122223333:role/other""#.to_owned(),
            Ruling::Denied(Origin::Resource),
        ),
    ] {
        let key = deny_all_but(&names);
        assert_eq!(ruling(&Case { key: &key, ..PLAIN }), expected, "{names}");
    }
    let others = key_policy("Allow", r#""NotPrincipal":{"AWS":"arn:aws:iam::999988887777:root"}"#);
    assert_eq!(ruling(&Case { key: &others, ..PLAIN }), Ruling::Allowed);
}

#[test]
fn not_action_and_not_resource_mean_everything_else() {
    let root = root();
    for (statement, expected) in [
        (r#""NotAction":"iam:*","Resource":"*""#, true),
        (r#""NotAction":"kms:*","Resource":"*""#, false),
        (
            r#""Action":"kms:*","NotResource":"arn:aws:kms:eu-west-1:111122223333:key/other""#,
            true,
        ),
        (
            r#""Action":"kms:*","NotResource":"arn:aws:kms:*:111122223333:key/*""#,
            false,
        ),
    ] {
        let policy = format!(r#"{{"Statement":{{"Effect":"Allow",{statement}}}}}"#);
        let case = Case {
            identity: &[&policy],
            key: &root,
            ..PLAIN
        };
        assert_eq!(ruling(&case) == Ruling::Allowed, expected, "{statement}");
    }
}

#[test]
fn conditions_of_key_policies_look_at_the_request() {
    let context = Context::default()
        .with("aws:PrincipalArn", ROLE)
        .with("kms:CallerAccount", ACCOUNT)
        .with("aws:SourceIp", "198.51.100.7")
        .with_all("kms:ResourceAliases", ["alias/orders".to_owned()]);
    for (condition, expected) in [
        (
            r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/atl*"}}"#,
            true,
        ),
        (
            r#"{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/other"}}"#,
            false,
        ),
        (r#"{"StringEquals":{"kms:CallerAccount":"111122223333"}}"#, true),
        (
            r#"{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}"#,
            false,
        ),
        (r#"{"Bool":{"kms:GrantIsForAWSResource":"true"}}"#, false),
        (r#"{"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}}"#, true),
        (
            r#"{"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/orders"}}"#,
            true,
        ),
        (
            r#"{"StringEquals":{"kms:CallerAccount":"111122223333"},"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#,
            false,
        ),
    ] {
        let key = format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{condition}}}}}"#
        );
        let ruling = ruling_in(&Case { key: &key, ..PLAIN }, &context);
        assert_eq!(ruling == Ruling::Allowed, expected, "{condition}");
    }
}

#[test]
fn variables_belong_to_the_newer_version_of_the_language() {
    let root = root();
    let context = Context::default().with("aws:PrincipalTag/key", "k");
    let policy = |version: &str| {
        format!(
            r#"{{"Version":"{version}","Statement":{{"Effect":"Allow","Action":"kms:*",
            "Resource":"arn:aws:kms:eu-west-1:111122223333:key/${{aws:PrincipalTag/key}}"}}}}"#
        )
    };
    for (version, expected) in [("2012-10-17", true), ("2008-10-17", false)] {
        let policy = policy(version);
        let case = Case {
            identity: &[&policy],
            key: &root,
            ..PLAIN
        };
        assert_eq!(ruling_in(&case, &context) == Ruling::Allowed, expected, "{version}");
    }
}

#[test]
fn without_a_policy_of_the_resource_the_callers_own_decide() {
    let ask = |identity: &[&str], boundary: Option<&str>, service_control: &[&str]| {
        let policies = Policies {
            identity: documents(identity),
            boundary: boundary.map(Document::read),
            service_control: documents(service_control),
        };
        let context = Context::default();
        let question = Question {
            caller: &role(),
            action: "kms:Encrypt",
            resource: "*",
            context: &context,
        };
        act(&policies, question)
    };
    assert_eq!(ask(&[ALLOW], None, &[]), Ruling::Allowed);
    assert_eq!(ask(&[], None, &[]), Ruling::NotAllowed(Origin::Identity));
    assert_eq!(
        ask(&[ALLOW], Some(ALLOW_OTHER), &[]),
        Ruling::NotAllowed(Origin::Boundary)
    );
    assert_eq!(
        ask(&[ALLOW, DENY], None, &[DENY]),
        Ruling::Denied(Origin::ServiceControl)
    );
}

#[test]
fn a_trust_policy_speaks_of_who_comes() {
    let atlas = Caller {
        arn: "arn:aws:iam::536727724300:root".to_owned(),
        session: None,
        account: "536727724300".to_owned(),
    };
    let context = Context::default().with("sts:ExternalId", "e");
    let ask = |trust: &str, resource_control: &[&str]| {
        let question = Question {
            caller: &atlas,
            action: "sts:AssumeRole",
            resource: ROLE,
            context: &context,
        };
        assume_role(&Document::read(trust), &documents(resource_control), question)
    };
    let trust = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"536727724300"},"Action":"sts:AssumeRole",
        "Condition":{"StringEquals":{"sts:ExternalId":"e"}}}}"#;
    assert_eq!(ask(trust, &[]), Ruling::Allowed);
    assert_eq!(
        ask(&trust.replace("536727724300", "999988887777"), &[]),
        Ruling::NotAllowed(Origin::Resource)
    );
    assert_eq!(
        ask(&trust.replace("Allow", "Deny"), &[]),
        Ruling::Denied(Origin::Resource)
    );
    let foreign = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"*",
        "Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-example"}}}}"#;
    assert_eq!(ask(trust, &[foreign]), Ruling::Denied(Origin::ResourceControl));
}

#[test]
fn a_refusal_names_the_kind_of_policy() {
    for (ruling, expected) in [
        (Ruling::Allowed, None),
        (
            Ruling::NotAllowed(Origin::Identity),
            Some("because no identity-based policy allows the iam:CreateRole action"),
        ),
        (
            Ruling::NotAllowed(Origin::Resource),
            Some("because no resource-based policy allows the iam:CreateRole action"),
        ),
        (
            Ruling::NotAllowed(Origin::Boundary),
            Some("because no permissions boundary allows the iam:CreateRole action"),
        ),
        (
            Ruling::Denied(Origin::ServiceControl),
            Some("with an explicit deny in a service control policy"),
        ),
        (
            Ruling::Denied(Origin::Identity),
            Some("with an explicit deny in an identity-based policy"),
        ),
    ] {
        assert_eq!(ruling.because("iam:CreateRole").as_deref(), expected);
    }
}
