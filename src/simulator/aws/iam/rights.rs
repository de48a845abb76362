//! What each call needs: on which resource, and what the policies may ask about it.

use super::super::super::policy::Context;
use super::super::failure::Failure;
use super::Call;

/// Refuses a call that the caller's policies don't allow.
pub(super) fn check(call: &Call<'_>, action: &str) -> Result<(), Failure> {
    let aws = &call.world.aws;
    let in_account = |resource: &str| format!("arn:{}:iam::{}:{resource}", aws.partition, call.identity.account);
    let given = |name: &str| call.form.get(name).unwrap_or_default();
    let tags = call.form.pairs("Tags");
    let tagging = Context::default()
        .with_tags("aws:RequestTag", &tags)
        .with_all("aws:TagKeys", tags.iter().map(|(key, _)| key.clone()));
    let name = given("RoleName");
    let (resource, shown, context) = match action {
        "CreateRole" => {
            let path = call.form.get("Path").unwrap_or("/");
            let arn = in_account(&format!("role{path}{name}"));
            let boundary = call.form.get("PermissionsBoundary").map(str::to_owned);
            let context = tagging.with_all("iam:PermissionsBoundary", boundary);
            if !tags.is_empty() {
                permit(call, "TagRole", &arn, &arn, context.clone())?;
            }
            (arn.clone(), arn, context)
        }
        "ListRoles" => {
            let prefix = in_account(&format!("role{}", call.form.get("PathPrefix").unwrap_or("/")));
            (prefix.clone(), prefix, Context::default())
        }
        "GetPolicy" | "GetPolicyVersion" => {
            let arn = given("PolicyArn");
            (arn.to_owned(), format!("policy {arn}"), Context::default())
        }
        "SimulatePrincipalPolicy" => {
            let arn = given("PolicySourceArn").to_owned();
            (arn.clone(), arn, Context::default())
        }
        "ListAccountAliases" | "GetAccountSummary" => ("*".to_owned(), "*".to_owned(), Context::default()),
        _ => {
            let role = aws.role_of(&call.identity.account, name);
            let arn = role.map_or_else(|| in_account(&format!("role/{name}")), |role| role.arn.clone());
            let (own, boundary) = role.map_or((&[][..], None), |role| (role.tags.as_slice(), role.boundary.clone()));
            let context = tagging
                .with_tags("aws:ResourceTag", own)
                .with_tags("iam:ResourceTag", own)
                .with_all("iam:PermissionsBoundary", boundary);
            // For calls about one role IAM's refusals tell its name alone.
            (arn, format!("role {name}"), context)
        }
    };
    permit(call, action, &resource, &shown, context)
}

fn permit(call: &Call<'_>, action: &str, resource: &str, shown: &str, context: Context) -> Result<(), Failure> {
    call.rights
        .check(&format!("iam:{action}"), resource, shown, context)
        .map_err(|message| Failure::forbidden("AccessDenied", message))
}
