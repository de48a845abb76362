//! Every row of the tables of errors, provoked.

use super::super::error::{Error, ErrorKind};
use crate::domain::project::RoleGrant;
use crate::problem::{Kind, Problem};

fn problem_of(request: &str, status: u16, body: &str) -> Problem {
    let changes = !request.starts_with("GET") && !request.ends_with("/token");
    Error {
        request: request.to_owned(),
        kind: ErrorKind::read(status, body.as_bytes()),
        retry_after: None,
        tries: 1,
        given_up: false,
        roles: None,
        changes,
    }
    .into()
}

fn api(request: &str, status: u16, code: &str) -> Problem {
    let body =
        format!(r#"{{"error":{status},"errorCode":"{code}","detail":"The words.","parameters":["203.0.113.9","b"]}}"#);
    problem_of(request, status, &body)
}

const PATCH: &str = "PATCH /groups/6a79/encryptionAtRest";

/// Message and hints say what nobody should have to look up; status and words of Atlas stand beside them.
fn says(problem: &Problem, words: &[&str]) {
    let all = format!("{}\n{}", problem.message, problem.hints.join("\n"));
    for word in words {
        assert!(all.contains(word), "{word:?} isn't in {all}");
    }
    assert!(!problem.hints.is_empty() && problem.place.is_some(), "{problem:?}");
}

#[test]
fn every_row_of_any_call_has_its_words() {
    let rows: &[(u16, &str, Kind, &[&str])] = &[
        (
            401,
            "USER_UNAUTHORIZED",
            Kind::Prerequisite,
            &["known", "Project Owner", "6a79"],
        ),
        (401, "NOT_IN_GROUP", Kind::Prerequisite, &["6a79", "project ID"]),
        (401, "USER_CANNOT_ACCESS_GROUP", Kind::Prerequisite, &["6a79"]),
        (401, "USER_CANNOT_ACCESS_ORG", Kind::Prerequisite, &["organization"]),
        (401, "NO_CURRENT_USER", Kind::Prerequisite, &["organization"]),
        (401, "UNAUTHORIZED", Kind::Prerequisite, &["key pair", "secret"]),
        (
            403,
            "IP_ADDRESS_NOT_ON_ACCESS_LIST",
            Kind::Prerequisite,
            &["203.0.113.9", "API access list", "Network Access"],
        ),
        (403, "IP_ADDRESS_NOT_ON_WHITELIST", Kind::Prerequisite, &["203.0.113.9"]),
        (
            403,
            "ORG_REQUIRES_ACCESS_LIST",
            Kind::Prerequisite,
            &["203.0.113.9", "none"],
        ),
        (403, "ORG_REQUIRES_WHITELIST", Kind::Prerequisite, &["none"]),
        (403, "RESOURCE_REQUIRES_WHITELIST", Kind::Prerequisite, &["access list"]),
        (
            403,
            "RESOURCE_REQUIRES_ACCESS_LIST",
            Kind::Prerequisite,
            &["access list"],
        ),
        (
            403,
            "ACCESS_FORBIDDEN",
            Kind::Prerequisite,
            &["Project Owner", "access list"],
        ),
        (403, "FEATURE_UNSUPPORTED", Kind::Prerequisite, &["M10"]),
        (403, "UNSUPPORTED_FOR_CURRENT_PLAN", Kind::Prerequisite, &["plan"]),
        (402, "ACCOUNT_SUSPENDED", Kind::Prerequisite, &["Organization Owner"]),
        (402, "NO_PAYMENT_INFORMATION_FOUND", Kind::Prerequisite, &["billing"]),
        (404, "GROUP_NOT_FOUND", Kind::Prerequisite, &["6a79"]),
        (404, "RESOURCE_NOT_FOUND", Kind::Service, &["look again"]),
        (404, "CLUSTER_NOT_FOUND", Kind::Service, &["cluster", "look again"]),
        (404, "INVALID_GROUP_ID", Kind::Input, &["24 hex digits", "not the name"]),
        (400, "INVALID_JSON", Kind::Internal, &["report"]),
        (400, "MALFORMED_JSON", Kind::Internal, &["report"]),
        (400, "VALIDATION_ERROR", Kind::Internal, &["typed"]),
        (400, "INVALID_ATTRIBUTE", Kind::Internal, &["typed"]),
        (400, "MISSING_ATTRIBUTE", Kind::Internal, &["typed"]),
        (400, "INVALID_ENUM_VALUE", Kind::Internal, &["typed"]),
        (400, "ATTRIBUTE_READ_ONLY", Kind::Internal, &["report"]),
        (400, "INVALID_PATH_PARAMETER", Kind::Internal, &["typed"]),
        (400, "INVALID_PROVIDER", Kind::Internal, &["typed"]),
        (400, "INVALID_REGION", Kind::Internal, &["typed"]),
        (400, "INVALID_VERSION_DATE", Kind::Internal, &["report"]),
        (410, "VERSION_GONE", Kind::Service, &["update atlas-cmk"]),
        (
            405,
            "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES",
            Kind::Service,
            &["upgraded", "again"],
        ),
        (429, "RATE_LIMITED", Kind::Service, &["rate"]),
        (429, "RATE_LIMITED_TOKEN_BUCKET", Kind::Service, &["rate"]),
        (500, "UNEXPECTED_ERROR", Kind::Service, &["MongoDB support", "(500)"]),
        (404, "UNEXPECTED_ERROR", Kind::Service, &["MongoDB support"]),
        (
            503,
            "SERVICE_UNAVAILABLE",
            Kind::Service,
            &["unavailable", "status.mongodb.com"],
        ),
    ];
    for (status, code, kind, words) in rows {
        let problem = api(PATCH, *status, code);
        says(&problem, words);
        assert_eq!((problem.kind, problem.code.as_deref()), (*kind, Some(*code)), "{code}");
        assert_eq!(problem.place.as_deref(), Some(PATCH));
        assert!(problem.causes.contains(&"Atlas says: The words.".to_owned()), "{code}");
    }
}

#[test]
fn every_row_of_the_token_endpoint_has_its_words() {
    let rows: &[(u16, &str, Kind, &[&str])] = &[
        (
            401,
            "invalid_client",
            Kind::Prerequisite,
            &["expiry", "new secret", "Government"],
        ),
        (400, "invalid_request", Kind::Internal, &["report"]),
        (400, "unsupported_grant_type", Kind::Internal, &["report"]),
        (400, "invalid_grant", Kind::Internal, &["report"]),
        (403, "access_denied", Kind::Service, &["100", "revoke", "hour"]),
        (429, "slow_down", Kind::Service, &["per minute"]),
        (500, "server_error", Kind::Service, &["access token", "(500)"]),
    ];
    for (status, code, kind, words) in rows {
        let body = format!(r#"{{"error":"{code}","error_description":"The words."}}"#);
        let problem = problem_of("POST /api/oauth/token", *status, &body);
        says(&problem, words);
        assert_eq!((problem.kind, problem.code.as_deref()), (*kind, Some(*code)));
        assert!(problem.causes.contains(&"Atlas says: The words.".to_owned()));
    }
}

#[test]
fn the_rows_of_setting_and_clusters_have_their_words() {
    let rows: &[(u16, &str, &[&str])] = &[
        (
            400,
            "CANNOT_ASSUME_ROLE",
            &["trust policy", "external ID", "203.0.113.9"],
        ),
        (
            400,
            "CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED",
            &["access role", "authorize"],
        ),
        (
            404,
            "CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND",
            &["access role", "look again"],
        ),
        (400, "INVALID_AWS_CREDENTIALS", &["kms:Decrypt", "key policy", "region"]),
        (
            400,
            "NO_PERMISSION_TO_ENCRYPT_DECRYPT",
            &["kms:Encrypt", "Deny", "aws:SourceIp"],
        ),
        (404, "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND", &["region", "ARN"]),
        (400, "AWS_KMS_CUSTOMER_MASTER_KEY_NOT_ENABLED", &["enable-key"]),
        (
            400,
            "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_DELETION",
            &["cancel-key-deletion", "enable-key"],
        ),
        (400, "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_IMPORT", &["material"]),
        (400, "AWS_KMS_REGION_NOT_SUPPORTED", &["another region"]),
        (400, "AWS_KMS_CREDENTIALS_AUTH_DEPRECATED", &["role-based"]),
        (400, "MISSING_ENCRYPTION_AT_REST_PROVIDER", &["report"]),
        (400, "INVALID_ENCRYPTION_AT_REST_PROVIDER", &["setting"]),
        (400, "ENCRYPTION_AT_REST_SETTINGS_INVALID", &["present key"]),
        (409, "CANNOT_DISABLE_ENCRYPTION_AT_REST", &["NONE"]),
        (
            400,
            "CANNOT_DISABLE_ENCRYPTION_AT_REST_DUE_TO_PRIVATE_ENDPOINTS",
            &["endpoints"],
        ),
        (
            400,
            "CANNOT_DISABLE_ENCRYPTION_AT_REST_REQUIRE_PRIVATE_NETWORKING_WHILE_PRIVATE_ENDPOINTS_EXIST",
            &["endpoints", "minutes"],
        ),
        (
            400,
            "CANNOT_DISABLE_ENCRYPTION_AT_REST_WITH_BACKUP_COMPLIANCE_POLICY",
            &["Backup Compliance Policy", "support"],
        ),
        (
            400,
            "CAN_NOT_DISABLE_ALL_ENCRYPTION_AT_REST_SETTINGS_WHILE_BACKUP_COMPLIANCE_POLICY_ENCRYPTION_ENABLED",
            &["Backup Compliance Policy"],
        ),
        (400, "ENCRYPTION_AT_REST_NOT_ENABLED", &["enable it first"]),
        (400, "ENCRYPTION_AT_REST_PROVIDER_NOT_SUPPORTED", &["M10", "region"]),
        (409, "CANNOT_CHANGE_ENCRYPTION_AT_REST_PROVIDER", &["two initial syncs"]),
        (400, "CANNOT_USE_ENCRYPTION_AT_REST_TENANT", &["M10"]),
        (400, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", &["report"]),
        (400, "INSUFFICIENT_INSTANCE_SIZE", &["M10", "M20"]),
        (400, "CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER", &["later, by hand"]),
        (400, "CLUSTER_ALREADY_REQUESTED_DELETION", &["leave it out"]),
        (400, "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE", &["IDLE"]),
        (
            409,
            "CANNOT_MODIFY_CLUSTER_WITH_RUNNING_LIVE_IMPORT",
            &["finish or cancel"],
        ),
        (409, "NO_CAPACITY", &["later"]),
        (400, "INVALID_SNAPSHOT_RESTORE_ENCRYPTION", &["valid key"]),
        (400, "CANNOT_DOWNLOAD_SNAPSHOT_WITH_ENCRYPTION", &["restore it"]),
        (404, "ALERT_CONFIG_NOT_FOUND", &["look again"]),
        (400, "MISSING_THRESHOLD", &["report"]),
        (400, "MISSING_NOTIFICATIONS", &["report"]),
        (400, "TENANT_CLUSTER_UPDATE_UNSUPPORTED", &["M10"]),
        (400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", &["Flex", "M10"]),
        (409, "CANNOT_UPDATE_PAUSED_CLUSTER", &["resume"]),
        (409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", &["IDLE"]),
        (409, "OUT_OF_CAPACITY", &["later"]),
    ];
    for (status, code, words) in rows {
        let problem = api(PATCH, *status, code);
        says(&problem, words);
        assert_eq!(problem.code.as_deref(), Some(*code));
    }
}

#[test]
fn a_low_role_is_never_a_wrong_password() {
    let problem = api(PATCH, 401, "USER_UNAUTHORIZED");
    let all = format!("{problem:?}").to_lowercase();
    for word in ["wrong", "password", "key pair", "secret"] {
        assert!(!all.contains(word), "{all}");
    }
    let read = api("GET /groups/6a79/clusters?pageNum=2", 401, "USER_UNAUTHORIZED");
    says(&read, &["Project Read Only", "project 6a79"]);
    // Owners alone may read these.
    for request in [
        "GET /groups/6a79/backupCompliancePolicy",
        "GET /groups/6a79/encryptionAtRest/AWS/privateEndpoints?pageNum=1",
    ] {
        says(
            &api(request, 401, "USER_UNAUTHORIZED"),
            &["lacks the role Project Owner"],
        );
    }
}

#[test]
fn the_roles_that_it_has_are_named_where_atlas_told_them() {
    let grant = |role: &str, project: Option<&str>| RoleGrant {
        role: role.to_owned(),
        project_id: project.map(str::to_owned),
        org_id: None,
    };
    let refused = |roles: Vec<RoleGrant>| -> Problem {
        Error {
            request: PATCH.to_owned(),
            kind: ErrorKind::read(401, br#"{"error":401,"errorCode":"USER_UNAUTHORIZED"}"#),
            retry_after: None,
            tries: 1,
            given_up: false,
            roles: Some(roles),
            changes: true,
        }
        .into()
    };
    let reader = refused(vec![
        grant("GROUP_READ_ONLY", Some("6a79")),
        grant("GROUP_OWNER", Some("other")),
    ]);
    says(
        &reader,
        &["lacks the role Project Owner on project 6a79; it has Project Read Only there"],
    );
    says(&refused(Vec::new()), &["it has no role there"]);
    let org_owner = refused(vec![grant("ORG_OWNER", None)]);
    assert!(org_owner.hints[0].contains("Organization Owner"), "{org_owner:?}");
    let owner = refused(vec![grant("GROUP_OWNER", Some("6a79"))]);
    says(&owner, &["although it is Project Owner", "try again in a minute"]);
    assert!(!owner.message.contains("lacks"), "{owner:?}");
}

#[test]
fn unknown_codes_have_words_too() {
    for status in [
        400, 401, 402, 403, 404, 405, 406, 409, 410, 418, 429, 500, 502, 503, 504, 599,
    ] {
        for body in [
            format!(r#"{{"error":{status},"errorCode":"NEVER_HEARD_OF","detail":"The words."}}"#),
            format!(r#"{{"error":{status}}}"#),
            "<html>The words.</html>".to_owned(),
            String::new(),
        ] {
            let problem = problem_of(PATCH, status, &body);
            assert!(problem.message.len() > 25 && !problem.hints.is_empty(), "{problem:?}");
            assert!(!format!("{problem:?}").contains("<html"), "{problem:?}");
            let json = body.contains("detail");
            assert_eq!(
                problem.causes.contains(&"Atlas says: The words.".to_owned()),
                json,
                "{problem:?}"
            );
            assert_eq!(problem.code.is_some(), json);
        }
    }
}

#[test]
fn the_cluster_is_named_as_the_operator_knows_it() {
    let problem = api("GET /groups/6a79/clusters/a%20b", 404, "CLUSTER_NOT_FOUND");
    assert_eq!(problem.message, "Atlas doesn't find `a b` in project 6a79");
}

#[test]
fn a_refused_field_is_shown_with_its_reason() {
    let body = r#"{"error":400,"errorCode":"VALIDATION_ERROR","badRequestDetail":{"fields":[
        {"field":"awsKms.region","description":"no such region"}]}}"#;
    assert_eq!(problem_of(PATCH, 400, body).causes, ["awsKms.region: no such region"]);
}

#[test]
fn what_may_have_happened_is_said_for_changes_alone() {
    let uncertain = |request: &str| {
        problem_of(request, 502, "")
            .hints
            .iter()
            .any(|hint| hint.contains("carried out"))
    };
    assert!(uncertain(PATCH));
    assert!(!uncertain("GET /groups/6a79/clusters"));
}

#[test]
fn a_proxy_is_named_as_proxy() {
    says(&problem_of(PATCH, 407, "<html>login</html>"), &["proxy", "HTTPS_PROXY"]);
    says(&problem_of(PATCH, 200, "<html>login</html>"), &["no JSON", "base URL"]);
}
