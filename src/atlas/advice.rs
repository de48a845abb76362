//! What to tell the operator about an error: plain words, where to look, what to change.
//!
//! Read from `errorCode`; `detail` is shown as a cause and never decides. One arm is one meaning: adding a code means
//! adding it to the arm that says the same.

use super::error::{Error, ErrorKind};
use crate::problem::{Kind, Problem};

/// The role that changes need. Changing a cluster would do with less, but the documentation asks for it too.
const OWNER: &str = "Project Owner";
const READER: &str = "Project Read Only";

const REPORT: &str = "report it to the authors of atlas-cmk with the request and the error code";
const STATUS_PAGE: &str = "look at https://status.mongodb.com and try again later; what is done stays done";

impl Error {
    /// Says in a few words why an attempt failed that is going to be repeated.
    pub(super) fn reason(&self) -> String {
        let token = self.is_token();
        match (&self.kind, self.status()) {
            (_, Some(429)) if token => "Atlas limits sign-ins per minute".to_owned(),
            (_, Some(429)) => "Atlas asks to slow down (429)".to_owned(),
            (_, Some(503)) => "Atlas is unavailable (503)".to_owned(),
            (ErrorKind::NotJson { .. }, Some(status)) => format!("a gateway answered instead of Atlas ({status})"),
            (_, Some(status)) => format!("Atlas reports an error of its own ({status})"),
            (ErrorKind::Transport { reached: false, .. }, None) => "Atlas can't be reached".to_owned(),
            (ErrorKind::Transport { timed_out: true, .. }, None) => "Atlas didn't answer in time".to_owned(),
            (_, None) => "the connection to Atlas broke".to_owned(),
        }
    }

    fn is_token(&self) -> bool {
        self.request.ends_with("/api/oauth/token")
    }

    /// Returns the project's ID, where the request has one.
    fn project(&self) -> Option<&str> {
        self.request
            .split(['/', '?'])
            .skip_while(|part| *part != "groups")
            .nth(1)
    }

    fn parameter(&self, nth: usize) -> Option<&str> {
        match &self.kind {
            ErrorKind::Api { parameters, .. } => parameters.get(nth).map(String::as_str),
            _ => None,
        }
    }

    /// Returns the name of the cluster that the request is about.
    fn cluster(&self) -> &str {
        self.parameter(0).unwrap_or("the cluster")
    }

    fn needed_role(&self) -> &'static str {
        if self.changes { OWNER } else { READER }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let mut problem = match &error.kind {
            ErrorKind::Api { status, code, .. } => match code {
                Some(code) => any_call(&error, code)
                    .or_else(|| on_setting(&error, code))
                    .or_else(|| on_cluster(&error, code))
                    .unwrap_or_else(|| unknown(&error, *status)),
                None => unknown(&error, *status),
            },
            ErrorKind::Token {
                status, error: name, ..
            } => on_token(name, *status),
            _ => without_words(&error),
        };
        match &error.kind {
            ErrorKind::Api { detail, fields, .. } => {
                problem
                    .causes
                    .extend(fields.iter().map(|field| format!("{}: {}", field.name, field.reason)));
                problem
                    .causes
                    .extend(detail.iter().map(|detail| format!("Atlas says: {detail}")));
            }
            ErrorKind::Token { description, .. } => {
                problem
                    .causes
                    .extend(description.iter().map(|text| format!("Atlas says: {text}")));
            }
            ErrorKind::Transport { causes, .. } => problem.causes.extend(causes.iter().cloned()),
            ErrorKind::Decode { reason } => problem.causes.push(reason.clone()),
            _ => {}
        }
        if error.may_have_happened() {
            problem = problem.hint(
                "the change may have been carried out all the same: run again, it looks first and does nothing twice",
            );
        }
        problem.code = error.code().map(str::to_owned);
        problem.at(error.request)
    }
}

/// Codes that any call may bring.
fn any_call(error: &Error, code: &str) -> Option<Problem> {
    let project = error.project().unwrap_or("this project").to_owned();
    let role = error.needed_role();
    let problem = match code {
        "USER_UNAUTHORIZED" => Problem::prerequisite(format!(
            "the Atlas credential is known, but lacks the role {role} on project {project}"
        ))
        .hint(format!(
            "an Organization Owner or a Project Owner can give it the role {role}: Atlas, Project Access Manager, Applications"
        )),
        "NOT_IN_GROUP" | "USER_CANNOT_ACCESS_GROUP" | "GROUP_NOT_FOUND" => Problem::prerequisite(format!(
            "the Atlas credential doesn't belong to project {project}, or there is no such project"
        ))
        .hint("check the project ID: Atlas, Project Settings, Project ID (24 hex digits)")
        .hint("a Project Owner can add the credential to the project: Atlas, Project Access Manager, Applications"),
        "USER_CANNOT_ACCESS_ORG" | "NO_CURRENT_USER" => {
            Problem::prerequisite("the Atlas credential doesn't belong to this organization")
                .hint("check that project and credential are of the same organization")
        }
        "UNAUTHORIZED" => Problem::prerequisite("Atlas doesn't accept the credential")
            .hint("check the API key pair, or the client ID and secret")
            .hint("a credential of Atlas for Government works at https://cloud.mongodbgov.com only, and the other way round"),
        "UNEXPECTED_ERROR" if error.status() == Some(401) => {
            Problem::prerequisite("Atlas doesn't accept the credential").hint("check the API key pair, or the client ID and secret")
        }
        "IP_ADDRESS_NOT_ON_ACCESS_LIST" | "IP_ADDRESS_NOT_ON_WHITELIST" => {
            let address = error.parameter(0).map_or_else(|| "this machine's address".to_owned(), str::to_owned);
            access_list(format!("Atlas refuses {address}: it isn't on the API access list of the credential"), &address)
        }
        "ORG_REQUIRES_ACCESS_LIST" | "ORG_REQUIRES_WHITELIST" => {
            let address = error.parameter(0).map_or_else(|| "this machine's address".to_owned(), str::to_owned);
            access_list(
                "the organization wants an API access list, and the credential has none".to_owned(),
                &address,
            )
        }
        "RESOURCE_REQUIRES_WHITELIST" | "RESOURCE_REQUIRES_ACCESS_LIST" => access_list(
            "this call wants an API access list, and the credential has none".to_owned(),
            "this machine's address",
        ),
        "ACCESS_FORBIDDEN" => Problem::prerequisite("Atlas doesn't allow this call to the credential")
            .hint(format!("check that the credential has the role {role} on project {project}"))
            .hint("check the credential's API access list"),
        "FEATURE_UNSUPPORTED" | "UNSUPPORTED_FOR_CURRENT_PLAN" => {
            Problem::prerequisite("the project's plan or cluster tier doesn't have this feature")
                .hint("customer-managed keys need a cluster of M10 or larger (Atlas for Government: M20), and a billing plan that includes them")
        }
        "ACCOUNT_SUSPENDED" | "NO_PAYMENT_INFORMATION_FOUND" => {
            Problem::prerequisite("the organization's billing stops this call")
                .hint("an Organization Owner must settle it: Atlas, Billing")
        }
        "RESOURCE_NOT_FOUND" | "CLUSTER_NOT_FOUND" | "CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND" | "ALERT_CONFIG_NOT_FOUND" => {
            let what = match code {
                "CLUSTER_NOT_FOUND" => format!("there is no cluster {} in project {project}", error.cluster()),
                "CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND" => "the Atlas access role is gone".to_owned(),
                _ => "there is no such thing in Atlas".to_owned(),
            };
            Problem::service(what).hint("it was deleted meanwhile or is mistyped: look again, and choose from what there is")
        }
        "INVALID_GROUP_ID" => {
            Problem::input(format!("`{project}` is no project ID")).hint("it is the ID that is needed (24 hex digits), not the name")
        }
        "INVALID_JSON" | "MALFORMED_JSON" | "VALIDATION_ERROR" | "INVALID_ATTRIBUTE" | "MISSING_ATTRIBUTE"
        | "INVALID_ENUM_VALUE" | "ATTRIBUTE_READ_ONLY" | "INVALID_PATH_PARAMETER" | "INVALID_PROVIDER"
        | "INVALID_REGION" => Problem::internal("Atlas doesn't accept a value in the request")
            .hint("if the value below is one that you typed, correct it")
            .hint(REPORT),
        "INVALID_VERSION_DATE" | "MISSING_ENCRYPTION_AT_REST_PROVIDER" | "MISSING_THRESHOLD" | "MISSING_NOTIFICATIONS"
        | "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API" => {
            Problem::internal("atlas-cmk sent a request that Atlas doesn't take").hint(REPORT)
        }
        "VERSION_GONE" => Problem::service("Atlas has removed the API version that this atlas-cmk uses")
            .hint("update atlas-cmk"),
        "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES" => {
            Problem::service("Atlas is being upgraded and takes no changes now").hint("try again in some minutes")
        }
        "RATE_LIMITED" | "RATE_LIMITED_TOKEN_BUCKET" => limited(error),
        "UNEXPECTED_ERROR" | "SERVICE_UNAVAILABLE" => own_error(error),
        _ => return None,
    };
    Some(problem)
}

/// Codes of access roles and the project's encryption setting.
fn on_setting(error: &Error, code: &str) -> Option<Problem> {
    let permissions =
        "check that the IAM role's policy allows kms:DescribeKey, kms:Encrypt and kms:Decrypt on the key's ARN";
    let problem = match code {
        "CANNOT_ASSUME_ROLE" => Problem::service(format!(
            "Atlas can't assume the IAM role {}",
            error.parameter(0).unwrap_or("that was chosen")
        ))
        .hint("check the role's trust policy: Atlas's principal, `sts:AssumeRole`, the external ID of this access role, and no Deny")
        .hint("check that the ARN has the role's path, and is of the same partition")
        .hint("if all that is right, an organization's service control policy may forbid it"),
        "CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED" => Problem::service(format!(
            "the Atlas access role {} isn't authorized, or Atlas doesn't see it yet",
            error.parameter(0).unwrap_or_default()
        ))
        .hint("authorize it first; run again, and it is a step of the plan"),
        "INVALID_AWS_CREDENTIALS" => Problem::service("Atlas can't use the key with the IAM role that it was given")
            .hint(permissions)
            .hint("check the key policy: it must let IAM decide (the account's root principal) or name the role")
            .hint("check that the key is in the region that was given"),
        "NO_PERMISSION_TO_ENCRYPT_DECRYPT" => Problem::service("the IAM role isn't allowed to encrypt and decrypt with the key")
            .hint(permissions)
            .hint("check both policies for a Deny and for conditions such as `aws:SourceIp`"),
        "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND" => Problem::service("Atlas finds no such key in this region and account")
            .hint("check the key's region; a key in another account than the role's needs its full ARN"),
        "AWS_KMS_CUSTOMER_MASTER_KEY_NOT_ENABLED" => {
            Problem::service("the KMS key is disabled").hint("enable it: aws kms enable-key --key-id …")
        }
        "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_DELETION" => Problem::service("the KMS key is going to be deleted")
            .hint("cancel that: aws kms cancel-key-deletion --key-id …")
            .hint("then enable it, since cancelling leaves it disabled: aws kms enable-key --key-id …"),
        "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_IMPORT" => {
            Problem::service("the KMS key has no key material yet").hint("import it, or choose another key")
        }
        "AWS_KMS_REGION_NOT_SUPPORTED" => {
            Problem::service("Atlas can't use KMS keys in this region").hint("choose a key in another region")
        }
        "AWS_KMS_CREDENTIALS_AUTH_DEPRECATED" => {
            Problem::service("Atlas takes no credentials of an IAM user any more").hint("use role-based access")
        }
        "INVALID_ENCRYPTION_AT_REST_PROVIDER" => {
            Problem::service("the encryption provider is unknown to Atlas, or not set up for the project")
                .hint("enable the project's encryption setting first")
        }
        "ENCRYPTION_AT_REST_SETTINGS_INVALID" => Problem::service(
            "the project's present encryption setting is invalid, and Atlas takes no change until it is valid",
        )
        .hint("make the present key usable first: cancel its deletion, enable it, restore the role's permissions; then look again"),
        "CANNOT_DISABLE_ENCRYPTION_AT_REST" => {
            Problem::service("clusters still use the project's key").hint("set each to NONE and wait until it is IDLE")
        }
        "CANNOT_DISABLE_ENCRYPTION_AT_REST_DUE_TO_PRIVATE_ENDPOINTS"
        | "CANNOT_DISABLE_ENCRYPTION_AT_REST_REQUIRE_PRIVATE_NETWORKING_WHILE_PRIVATE_ENDPOINTS_EXIST" => {
            Problem::service("private endpoints to KMS still exist").hint("delete them first, which takes some minutes")
        }
        "CANNOT_DISABLE_ENCRYPTION_AT_REST_WITH_BACKUP_COMPLIANCE_POLICY"
        | "CAN_NOT_DISABLE_ALL_ENCRYPTION_AT_REST_SETTINGS_WHILE_BACKUP_COMPLIANCE_POLICY_ENCRYPTION_ENABLED" => {
            Problem::service("the project's Backup Compliance Policy demands encryption")
                .hint("only the person named in the policy can have MongoDB support change it")
        }
        _ => return None,
    };
    Some(problem)
}

/// Codes of clusters.
fn on_cluster(error: &Error, code: &str) -> Option<Problem> {
    let cluster = error.cluster();
    let larger = "customer-managed keys need M10 or larger (Atlas for Government: M20)";
    let problem = match code {
        "ENCRYPTION_AT_REST_NOT_ENABLED" => Problem::service("the project's encryption setting isn't enabled")
            .hint("enable it first; run again, and it is a step of the plan"),
        "ENCRYPTION_AT_REST_PROVIDER_NOT_SUPPORTED" => {
            Problem::service("this cluster can't use a customer-managed key")
                .hint(larger)
                .hint("check its provider and region")
        }
        "CANNOT_CHANGE_ENCRYPTION_AT_REST_PROVIDER" => Problem::service("another provider's key encrypts the cluster")
            .hint("set it to NONE first and wait until it is IDLE: two initial syncs"),
        "CANNOT_USE_ENCRYPTION_AT_REST_TENANT" | "TENANT_CLUSTER_UPDATE_UNSUPPORTED" | "INSUFFICIENT_INSTANCE_SIZE" => {
            Problem::service("the cluster's tier is too small for customer-managed keys").hint(larger)
        }
        "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API" => Problem::service(format!(
            "{cluster} is a Flex cluster: it can't use a customer-managed key"
        ))
        .hint(larger),
        "CANNOT_UPDATE_PAUSED_CLUSTER" => {
            Problem::service("the cluster is paused").hint("resume it, wait until it is IDLE, and run again")
        }
        "CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER" => {
            Problem::service("the cluster was resumed a short time ago and can't be paused yet")
                .hint("pause it later, by hand")
        }
        "CLUSTER_ALREADY_REQUESTED_DELETION" => Problem::service("the cluster is being deleted").hint("leave it out"),
        "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE" | "ATLAS_CLUSTER_RESTORE_IN_PROGRESS" => {
            Problem::service("a restore of the cluster runs").hint("wait until the cluster is IDLE, and run again")
        }
        "CANNOT_MODIFY_CLUSTER_WITH_RUNNING_LIVE_IMPORT" => {
            Problem::service("a live import into the cluster runs").hint("finish or cancel it, and run again")
        }
        "OUT_OF_CAPACITY" | "NO_CAPACITY" => {
            Problem::service("the cloud provider has no machines for this in the cluster's region now")
                .hint("try again later")
        }
        "INVALID_SNAPSHOT_RESTORE_ENCRYPTION" => {
            Problem::service("snapshot and target cluster don't match in their encryption")
                .hint("choose a target with the same provider and a valid key")
        }
        "CANNOT_DOWNLOAD_SNAPSHOT_WITH_ENCRYPTION" => {
            Problem::service("an encrypted snapshot can't be downloaded").hint("restore it instead")
        }
        _ => return None,
    };
    Some(problem)
}

/// The token endpoint's errors, in OAuth's words.
fn on_token(name: &str, status: u16) -> Problem {
    match name {
        "invalid_client" => Problem::prerequisite("Atlas doesn't accept the service account's client ID and secret")
            .hint("check both, and the secret's expiry: Atlas, Organization Access Manager, Applications, Service Accounts; make a new secret if it has expired")
            .hint("a service account of Atlas for Government works at https://cloud.mongodbgov.com only, and the other way round"),
        "access_denied" => Problem::service("the service account has too many live access tokens (Atlas allows 100)")
            .hint("a token lives an hour: wait, or revoke old ones")
            .hint("look for a script that fetches a new token for each call"),
        "invalid_request" | "unsupported_grant_type" | "invalid_grant" => {
            Problem::internal("atlas-cmk sent a sign-in that Atlas doesn't take").hint(REPORT)
        }
        _ if status == 429 => Problem::service("Atlas limits sign-ins per minute, and the limit stays reached")
            .hint("look for other programs that sign in with this service account, and try again in a minute"),
        _ if status >= 500 => {
            Problem::service(format!("Atlas can't issue an access token now ({status})")).hint(STATUS_PAGE)
        }
        _ => Problem::service(format!("Atlas issues no access token ({status})"))
            .hint("check the service account: Atlas, Organization Access Manager, Applications, Service Accounts"),
    }
}

/// What went wrong without any word of Atlas.
fn without_words(error: &Error) -> Problem {
    match &error.kind {
        ErrorKind::WrongKeys => Problem::prerequisite("Atlas doesn't accept the API key: public or private key is wrong")
            .hint("check both keys; the private key is shown only once, when it is made: Atlas, Organization Access Manager, Applications, API Keys")
            .hint("a key of Atlas for Government works at https://cloud.mongodbgov.com only, and the other way round"),
        ErrorKind::Transport { reached: false, .. } => Problem::service("Atlas can't be reached")
            .hint("check the network, the proxy (HTTPS_PROXY) and the base URL (MONGODB_ATLAS_BASE_URL)"),
        ErrorKind::Transport { timed_out: true, .. } => {
            Problem::service("Atlas didn't answer in time").hint(STATUS_PAGE)
        }
        ErrorKind::Transport { .. } => Problem::service("the connection to Atlas broke").hint("try again"),
        ErrorKind::NotJson { status } => match status {
            429 => limited(error),
            503 => Problem::service("Atlas is unavailable (503)").hint(STATUS_PAGE),
            500.. => Problem::service(format!("a gateway answered instead of Atlas ({status})")).hint(STATUS_PAGE),
            406 => Problem::internal("Atlas has no such version of this call (406)").hint(REPORT),
            410 => Problem::service("Atlas has removed the API version that this atlas-cmk uses").hint("update atlas-cmk"),
            200..300 => Problem::service(format!("the answer isn't the Atlas API's: no JSON in it ({status})"))
                .hint("check the base URL (MONGODB_ATLAS_BASE_URL), and whether a proxy or a sign-in page of the network is in between"),
            _ => Problem::service(format!("the request was refused without a word of the Atlas API ({status})"))
                .hint("check the base URL (MONGODB_ATLAS_BASE_URL), and whether a proxy is in between"),
        },
        ErrorKind::Redirect { host } => Problem::service(format!(
            "the base URL redirects to {}, and atlas-cmk doesn't send the credential there",
            host.as_deref().unwrap_or("another place")
        ))
        .hint("if that is where Atlas is, set MONGODB_ATLAS_BASE_URL to it"),
        ErrorKind::Proxy => Problem::service("the proxy between here and Atlas wants a login (407)")
            .hint("put the proxy's user and password into HTTPS_PROXY, or leave it out with NO_PROXY"),
        ErrorKind::Count { expected, found } => Problem::service(format!(
            "Atlas says that the list has {expected} entries, but {found} came, twice"
        ))
        .hint("someone may be changing it right now: look again"),
        ErrorKind::Name(name) => Problem::input(format!("`{name}` can't be an ID or a name in Atlas")),
        ErrorKind::Decode { .. } | ErrorKind::Api { .. } | ErrorKind::Token { .. } => {
            Problem::service("Atlas's answer doesn't have the form that this atlas-cmk knows")
                .hint("update atlas-cmk, or report it")
        }
    }
}

fn access_list(message: String, address: &str) -> Problem {
    Problem::prerequisite(message)
        .hint(format!(
            "add {address} to the API access list of the API key or service account: Atlas, Organization Access Manager, Applications"
        ))
        .hint("the project's IP access list (Network Access) is for database connections and doesn't count here")
}

fn limited(error: &Error) -> Problem {
    let wait = error
        .retry_after
        .map_or_else(String::new, |asked| format!(" and asks to wait {} s", asked.as_secs()));
    Problem::service(format!("Atlas limits the rate of requests{wait}"))
        .hint("try again later, and look for other programs that use the API for this project")
}

fn own_error(error: &Error) -> Problem {
    let status = error.status().unwrap_or_default();
    if status == 503 {
        return Problem::service("Atlas is unavailable (503)").hint(STATUS_PAGE);
    }
    Problem::service(format!("Atlas reports an error of its own ({status})"))
        .hint(STATUS_PAGE)
        .hint("if it stays, give MongoDB support the time, the request and the words below")
}

/// A code that nobody has named, or none.
fn unknown(error: &Error, status: u16) -> Problem {
    match status {
        401 => Problem::prerequisite("Atlas doesn't accept the credential for this call")
            .hint("check the API key pair, or the client ID and secret, and its roles"),
        402 => Problem::prerequisite("the organization's billing stops this call")
            .hint("an Organization Owner must settle it: Atlas, Billing"),
        403 => Problem::prerequisite("Atlas doesn't allow this call to the credential")
            .hint(format!(
                "check that the credential has the role {}",
                error.needed_role()
            ))
            .hint("check the credential's API access list"),
        404 => Problem::service("there is no such thing in Atlas").hint("look again, and choose from what there is"),
        406 => Problem::internal("Atlas has no such version of this call (406)").hint(REPORT),
        409 => Problem::service("Atlas can't do this now: it conflicts with the present state")
            .hint("look again, wait until what is being changed is IDLE, and run again"),
        410 => Problem::service("Atlas has removed the API version that this atlas-cmk uses").hint("update atlas-cmk"),
        429 => limited(error),
        500.. => own_error(error),
        _ => Problem::new(Kind::Service, format!("Atlas refused the request ({status})"))
            .hint("read what Atlas says below; look again and run again once it is dealt with"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem_of(request: &str, status: u16, body: &str) -> Problem {
        let changes = !request.starts_with("GET") && !request.ends_with("/token");
        Error {
            request: request.to_owned(),
            kind: ErrorKind::read(status, body.as_bytes()),
            retry_after: None,
            changes,
        }
        .into()
    }

    fn api(request: &str, status: u16, code: &str) -> Problem {
        let body = format!(
            r#"{{"error":{status},"errorCode":"{code}","detail":"The words.","parameters":["203.0.113.9","b"]}}"#
        );
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
            (400, "VALIDATION_ERROR", Kind::Internal, &["typed"]),
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
            (400, "ENCRYPTION_AT_REST_NOT_ENABLED", &["enable it first"]),
            (409, "CANNOT_CHANGE_ENCRYPTION_AT_REST_PROVIDER", &["two initial syncs"]),
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
}
