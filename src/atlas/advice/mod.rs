//! What to tell the operator about an error: plain words, where to look, what to change.
//!
//! Read from `errorCode`; `detail` is shown as a cause and never decides. One arm is one meaning: adding a code means
//! adding it to the arm that says the same.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::error::{Error, ErrorKind, PAGING};
use crate::domain::project::RoleGrant;
use crate::problem::{Kind, Problem, TRUST};

mod encryption;
#[cfg(test)]
mod tests;

/// The role that changes need. Changing a cluster would do with less, but the documentation asks for it too.
const OWNER: &str = "Project Owner";
const READER: &str = "Project Read Only";

const REPORT: &str = "report it to the authors of atlas-cmk with the request and the error code";
const KEY_PAIR: &str = "check the API key pair, or the client ID and secret";
const UPDATE: &str = "update atlas-cmk";
const STATUS_PAGE: &str = "look at https://status.mongodb.com and try again later; what is done stays done";

impl Error {
    /// Says in a few words why an attempt failed that is going to be repeated.
    pub(super) fn reason(&self) -> String {
        let token = self.is_token();
        match (&self.kind, self.status()) {
            (_, Some(429)) if token => "Atlas limits sign-ins per minute".to_owned(),
            (_, Some(429)) => "Atlas asks to slow down (429)".to_owned(),
            (_, Some(503)) => "Atlas is unavailable (503)".to_owned(),
            _ if self.code() == Some(PAGING) => "Atlas took too long over a page of the list".to_owned(),
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
    fn project(&self) -> Option<Cow<'_, str>> {
        self.after("groups")
    }

    /// Returns the name of the cluster that the request is about.
    fn cluster(&self) -> String {
        let name = self.after("clusters").or_else(|| self.after("flexClusters"));
        name.map_or_else(|| "the cluster".to_owned(), |name| format!("`{name}`"))
    }

    /// Returns the part of the request's path that follows this one.
    fn after(&self, part: &str) -> Option<Cow<'_, str>> {
        let mut parts = self.request.split(['/', '?']).skip_while(|one| *one != part).skip(1);
        Some(percent_decode_str(parts.next()?).decode_utf8_lossy())
    }

    fn parameter(&self, nth: usize) -> Option<&str> {
        match &self.kind {
            ErrorKind::Api { parameters, .. } => parameters.get(nth).map(String::as_str),
            _ => None,
        }
    }

    /// Returns the role that the call needs (`x-rolesRequirements` of the API description).
    fn needed_role(&self) -> &'static str {
        let owners = ["/backupCompliancePolicy", "/privateEndpoints"];
        if self.changes || owners.iter().any(|part| self.request.contains(part)) {
            OWNER
        } else {
            READER
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let mut problem = match &error.kind {
            ErrorKind::Api { status, code, .. } => match code {
                Some(code) => on_caller(&error, code)
                    .or_else(|| on_request(&error, code))
                    .or_else(|| encryption::on_setting(&error, code))
                    .or_else(|| encryption::on_cluster(&error, code))
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
            ErrorKind::Decode { reason } | ErrorKind::Untrusted { reason } => problem.causes.push(reason.clone()),
            _ => {}
        }
        if error.tries > 1 {
            problem = problem.hint(format!("it was tried {} times", error.tries));
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

/// Codes about who calls: credential, roles, access lists, billing.
fn on_caller(error: &Error, code: &str) -> Option<Problem> {
    let project = error.project().unwrap_or(Cow::Borrowed("of this name"));
    let role = error.needed_role();
    let problem = match code {
        "USER_UNAUTHORIZED" => lacks_role(error, role, &project),
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
            .hint(KEY_PAIR)
            .hint(
                "a credential of Atlas for Government works at https://cloud.mongodbgov.com \
                 only, and the other way round",
            ),
        "UNEXPECTED_ERROR" if error.status() == Some(401) => {
            Problem::prerequisite("Atlas doesn't accept the credential").hint(KEY_PAIR)
        }
        "IP_ADDRESS_NOT_ON_ACCESS_LIST" | "IP_ADDRESS_NOT_ON_WHITELIST" => {
            let address = error
                .parameter(0)
                .map_or_else(|| "this machine's address".to_owned(), str::to_owned);
            access_list(
                format!("Atlas refuses {address}: it isn't on the API access list of the credential"),
                &address,
            )
        }
        "ORG_REQUIRES_ACCESS_LIST" | "ORG_REQUIRES_WHITELIST" => {
            let address = error
                .parameter(0)
                .map_or_else(|| "this machine's address".to_owned(), str::to_owned);
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
            .hint(format!(
                "check that the credential has the role {role} on project {project}"
            ))
            .hint("check the credential's API access list"),
        "FEATURE_UNSUPPORTED" | "UNSUPPORTED_FOR_CURRENT_PLAN" => {
            Problem::prerequisite("the project's plan or cluster tier doesn't have this feature").hint(
                "customer-managed keys need a cluster of M10 or larger (Atlas for Government: \
                 M20), and a billing plan that includes them",
            )
        }
        "ACCOUNT_SUSPENDED" | "NO_PAYMENT_INFORMATION_FOUND" => {
            Problem::prerequisite("the organization's billing stops this call")
                .hint("an Organization Owner must settle it: Atlas, Billing")
        }
        _ => return None,
    };
    Some(problem)
}

/// The caller is known and may not: which role it needs, and which it has where Atlas told.
fn lacks_role(error: &Error, role: &str, project: &str) -> Problem {
    let known = error.roles.as_deref();
    let titles = known.map(|roles| {
        let here = roles
            .iter()
            .filter(|grant| grant.project_id.as_deref() == Some(project));
        here.map(RoleGrant::title).collect::<Vec<_>>()
    });
    if titles
        .as_ref()
        .is_some_and(|titles| titles.iter().any(|title| title == role))
    {
        return Problem::prerequisite(format!(
            "Atlas refuses this call to the credential, although it is {role} on project {project}"
        ))
        .hint("if the role was given just now, try again in a minute")
        .hint("a resource policy of the organization may forbid the call: ask an Organization Owner");
    }
    let has = match titles.as_deref() {
        None => String::new(),
        Some([]) => "; it has no role there".to_owned(),
        Some(titles) => format!("; it has {} there", titles.join(", ")),
    };
    let problem = Problem::prerequisite(format!(
        "the Atlas credential is known, but lacks the role {role} on project {project}{has}"
    ));
    let problem = if known.is_some_and(|roles| roles.iter().any(|grant| grant.role == "ORG_OWNER")) {
        problem.hint("it is Organization Owner, which is to be added to the project as Project Owner too")
    } else {
        problem
    };
    problem.hint(format!(
        "an Organization Owner or a Project Owner can give it the role {role}: Atlas, Project Access Manager, Applications"
    ))
}

/// Codes about the thing that is asked for, the request's form and the service's state.
fn on_request(error: &Error, code: &str) -> Option<Problem> {
    let project = error.project().unwrap_or(Cow::Borrowed("of this name"));
    let problem = match code {
        "RESOURCE_NOT_FOUND"
        | "CLUSTER_NOT_FOUND"
        | "CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND"
        | "ALERT_CONFIG_NOT_FOUND" => {
            let what = match code {
                "CLUSTER_NOT_FOUND" => format!("Atlas doesn't find {} in project {project}", error.cluster()),
                "CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND" => "the Atlas access role is gone".to_owned(),
                _ => "there is no such thing in Atlas".to_owned(),
            };
            Problem::service(what)
                .hint("it was deleted meanwhile or is mistyped: look again, and choose from what there is")
        }
        "INVALID_GROUP_ID" => Problem::input(format!("`{project}` is no project ID"))
            .hint("it is the ID that is needed (24 hex digits), not the name"),
        "INVALID_JSON"
        | "MALFORMED_JSON"
        | "VALIDATION_ERROR"
        | "INVALID_ATTRIBUTE"
        | "MISSING_ATTRIBUTE"
        | "INVALID_ENUM_VALUE"
        | "ATTRIBUTE_READ_ONLY"
        | "INVALID_PATH_PARAMETER"
        | "INVALID_PROVIDER"
        | "INVALID_REGION" => Problem::internal("Atlas doesn't accept a value in the request")
            .hint("if it is a value that you typed, correct it")
            .hint(REPORT),
        "INVALID_VERSION_DATE"
        | "MISSING_ENCRYPTION_AT_REST_PROVIDER"
        | "MISSING_THRESHOLD"
        | "MISSING_NOTIFICATIONS"
        | "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API" => {
            Problem::internal("atlas-cmk sent a request that Atlas doesn't take").hint(REPORT)
        }
        "VERSION_GONE" => Problem::service("Atlas has removed the API version that this atlas-cmk uses").hint(UPDATE),
        "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES" => {
            Problem::service("Atlas is being upgraded and takes no changes now").hint("try again in some minutes")
        }
        PAGING => Problem::service("Atlas took too long over a page of the list").hint(STATUS_PAGE),
        "RATE_LIMITED" | "RATE_LIMITED_TOKEN_BUCKET" => limited(error),
        "UNEXPECTED_ERROR" | "SERVICE_UNAVAILABLE" => own_error(error),
        _ => return None,
    };
    Some(problem)
}

/// The token endpoint's errors, in OAuth's words.
fn on_token(name: &str, status: u16) -> Problem {
    match name {
        "invalid_client" => Problem::prerequisite("Atlas doesn't accept the service account's client ID and secret")
            .hint(
                "check both, and the secret's expiry: Atlas, Organization Access Manager, \
                 Applications, Service Accounts; make a new secret if it has expired",
            )
            .hint(
                "a service account of Atlas for Government works at \
                 https://cloud.mongodbgov.com only, and the other way round",
            ),
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
        ErrorKind::WrongKeys => {
            Problem::prerequisite("Atlas doesn't accept the API key: public or private key is wrong")
                .hint(
                    "check both keys; the private key is shown only once, when it is made: Atlas, \
                     Organization Access Manager, Applications, API Keys",
                )
                .hint(
                    "a key of Atlas for Government works at https://cloud.mongodbgov.com only, \
                     and the other way round",
                )
        }
        ErrorKind::Transport { reached: false, .. } => Problem::service("Atlas can't be reached")
            .hint("check the network, the proxy (HTTPS_PROXY) and the base URL (MONGODB_ATLAS_BASE_URL)"),
        ErrorKind::Transport { timed_out: true, .. } => {
            Problem::service("Atlas didn't answer in time").hint(STATUS_PAGE)
        }
        ErrorKind::Transport { .. } => Problem::service("the connection to Atlas broke").hint("try again"),
        ErrorKind::Untrusted { .. } => {
            Problem::service("this machine doesn't trust the certificate that Atlas's address shows; nothing was sent")
                .hint(TRUST)
                .hint("else check the base URL (MONGODB_ATLAS_BASE_URL), and this machine's clock")
        }
        ErrorKind::NotJson { status } => match status {
            429 => limited(error),
            503 => Problem::service("Atlas is unavailable (503)").hint(STATUS_PAGE),
            500.. => Problem::service(format!("a gateway answered instead of Atlas ({status})")).hint(STATUS_PAGE),
            406 => Problem::internal("Atlas has no such version of this call (406)").hint(REPORT),
            410 => Problem::service("Atlas has removed the API version that this atlas-cmk uses").hint(UPDATE),
            200..300 => Problem::service(format!("the answer isn't the Atlas API's: no JSON in it ({status})")).hint(
                "check the base URL (MONGODB_ATLAS_BASE_URL), and whether a proxy or a \
                 sign-in page of the network is in between",
            ),
            _ => Problem::service(format!(
                "the request was refused without a word of the Atlas API ({status})"
            ))
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
            "add {address} to the API access list of the API key or service account: \
             Atlas, Organization Access Manager, Applications"
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
        .hint("if it stays, give MongoDB support the time, the request and what Atlas says")
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
        410 => Problem::service("Atlas has removed the API version that this atlas-cmk uses").hint(UPDATE),
        429 => limited(error),
        500.. => own_error(error),
        _ => Problem::new(Kind::Service, format!("Atlas refused the request ({status})"))
            .hint("read what Atlas says; look again and run again once it is dealt with"),
    }
}
