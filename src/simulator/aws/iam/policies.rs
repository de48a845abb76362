//! Policies of roles: inline ones, and managed ones that are attached.

use super::super::super::policy::{Kind, Malformed, accept, size_without_space};
use super::super::super::world::ManagedPolicy;
use super::super::failure::Failure;
use super::super::xml::Xml;
use super::roles::check_name;
use super::{Call, encoded, paged};

pub(super) fn put(call: &mut Call<'_>) -> Result<(), Failure> {
    let policy_name = call.form.required("PolicyName")?.to_owned();
    check_name(&policy_name, "policyName", 128)?;
    let document = call.form.required("PolicyDocument")?.to_owned();
    let partition = call.world.aws.partition.clone();
    let questions = call.world.propagation.permissions;
    let most = call.world.aws.quotas.role_policies_size;
    let role = call.modifiable_role()?;
    accept(Kind::Identity, &document, &partition, |_| true)
        .map_err(|Malformed(why)| Failure::bad_request("MalformedPolicyDocument", why))?;
    let others = role
        .documents
        .get()
        .inline
        .iter()
        .filter(|(name, _)| *name != policy_name);
    let size: usize = others.map(|(_, text)| size_without_space(text)).sum();
    if size + size_without_space(&document) > most {
        let message = format!("Maximum policy size of {most} bytes exceeded for role {}", role.name);
        return Err(Failure::new(409, "LimitExceeded", message));
    }
    role.documents.change(
        |documents| {
            documents.inline.retain(|(name, _)| *name != policy_name);
            documents.inline.push((policy_name, document));
        },
        questions,
    );
    Ok(())
}

pub(super) fn get(call: &Call<'_>) -> Result<Xml, Failure> {
    let wanted = call.form.required("PolicyName")?;
    let role = call.role()?;
    let policy = role.documents.get().inline.iter().find(|(name, _)| name == wanted);
    let (name, document) = policy.ok_or_else(|| {
        Failure::new(
            404,
            "NoSuchEntity",
            format!("The role policy with name {wanted} cannot be found."),
        )
    })?;
    Ok(Xml::default()
        .text("RoleName", &role.name)
        .text("PolicyName", name)
        .text("PolicyDocument", &encoded(document)))
}

pub(super) fn list(call: &Call<'_>) -> Result<Xml, Failure> {
    let inline = call.role()?.documents.get().inline.iter();
    let mut names: Vec<&str> = inline.map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let (shown, next) = call.page(&names, |name| name)?;
    Ok(paged(
        Xml::default().texts("PolicyNames", shown.iter().copied()),
        next.as_deref(),
    ))
}

pub(super) fn list_attached(call: &Call<'_>) -> Result<Xml, Failure> {
    let attached = &call.role()?.documents.get().attached;
    let (shown, next) = call.page(attached, |arn| arn)?;
    let members = shown
        .iter()
        .map(|arn| Xml::default().text("PolicyName", name_of(arn)).text("PolicyArn", arn));
    Ok(paged(Xml::default().list("AttachedPolicies", members), next.as_deref()))
}

pub(super) fn get_managed(call: &Call<'_>) -> Result<Xml, Failure> {
    let policy = managed(call)?;
    let arn = &policy.arn;
    let roles = || call.world.aws.roles.iter();
    let attached = roles()
        .filter(|role| role.documents.get().attached.contains(arn))
        .count();
    let limits = roles().filter(|role| role.boundary.as_ref() == Some(arn)).count();
    let shown = Xml::default()
        .text("PolicyName", name_of(arn))
        .text("PolicyId", "ANPAEXAMPLEEXAMPLE234")
        .text("Arn", arn)
        .text("Path", "/")
        .text("DefaultVersionId", "v1")
        .text("AttachmentCount", &attached.to_string())
        .text("PermissionsBoundaryUsageCount", &limits.to_string())
        .text("IsAttachable", "true");
    Ok(Xml::default().element("Policy", &shown))
}

pub(super) fn get_version(call: &Call<'_>) -> Result<Xml, Failure> {
    let version = call.form.required("VersionId")?;
    let policy = managed(call)?;
    if version != "v1" {
        let message = format!(
            "Policy {} version {version} does not exist or is not attachable.",
            policy.arn
        );
        return Err(Failure::new(404, "NoSuchEntity", message));
    }
    let shown = Xml::default()
        .text("Document", &encoded(&policy.document))
        .text("VersionId", "v1")
        .text("IsDefaultVersion", "true");
    Ok(Xml::default().element("PolicyVersion", &shown))
}

/// Finds the policy that a call is about: AWS's own, or one of the caller's account.
fn managed<'a>(call: &'a Call<'_>) -> Result<&'a ManagedPolicy, Failure> {
    let arn = call.form.required("PolicyArn")?;
    let account = arn.split(':').nth(4).unwrap_or_default();
    call.world
        .aws
        .policy(arn)
        .filter(|_| account == "aws" || account == call.identity.account)
        .ok_or_else(|| no_such_policy(arn))
}

fn no_such_policy(arn: &str) -> Failure {
    Failure::new(
        404,
        "NoSuchEntity",
        format!("Policy {arn} does not exist or is not attachable."),
    )
}

fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
