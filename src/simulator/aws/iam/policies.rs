//! Policies of roles: inline ones, and managed ones that are attached.

use super::super::super::policy::{Kind, Malformed, accept, size_without_space};
use super::super::super::world::World;
use super::super::failure::Failure;
use super::super::form::Form;
use super::super::xml::Xml;
use super::roles::{check_name, unmodifiable};
use super::{INLINE_SIZE, encoded, named_role, page, paged};

pub(super) fn put(world: &mut World, form: &Form) -> Result<(), Failure> {
    let policy_name = form.required("PolicyName")?.to_owned();
    check_name(&policy_name, "policyName", 128)?;
    let document = form.required("PolicyDocument")?.to_owned();
    let partition = world.aws.partition.clone();
    let questions = world.propagation.permissions;
    let role = named_role(world, form)?;
    if role.path.starts_with("/aws-service-role/") {
        return Err(unmodifiable(&role.name));
    }
    accept(Kind::Identity, &document, &partition, |_| true)
        .map_err(|Malformed(why)| Failure::bad_request("MalformedPolicyDocument", why))?;
    let others = role
        .documents
        .get()
        .inline
        .iter()
        .filter(|(name, _)| *name != policy_name);
    let size: usize = others.map(|(_, text)| size_without_space(text)).sum();
    if size + size_without_space(&document) > INLINE_SIZE {
        let message = format!(
            "Maximum policy size of {INLINE_SIZE} bytes exceeded for role {}",
            role.name
        );
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

pub(super) fn get(world: &mut World, form: &Form) -> Result<Xml, Failure> {
    let wanted = form.required("PolicyName")?;
    let role = named_role(world, form)?;
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

pub(super) fn list(world: &mut World, form: &Form) -> Result<Xml, Failure> {
    let role = named_role(world, form)?;
    let mut names: Vec<&str> = role
        .documents
        .get()
        .inline
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    let (shown, next) = page(form, &names, |name| name)?;
    Ok(paged(
        Xml::default().texts("PolicyNames", shown.iter().copied()),
        next.as_deref(),
    ))
}

pub(super) fn list_attached(world: &mut World, form: &Form) -> Result<Xml, Failure> {
    let role = named_role(world, form)?;
    let (shown, next) = page(form, &role.documents.get().attached, |arn| arn)?;
    let members = shown
        .iter()
        .map(|arn| Xml::default().text("PolicyName", name_of(arn)).text("PolicyArn", arn));
    Ok(paged(Xml::default().list("AttachedPolicies", members), next.as_deref()))
}

pub(super) fn get_managed(world: &World, form: &Form) -> Result<Xml, Failure> {
    let arn = form.required("PolicyArn")?;
    let policy = world.aws.policy(arn).ok_or_else(|| no_such_policy(arn))?;
    let attached = world
        .aws
        .roles
        .iter()
        .filter(|role| role.documents.get().attached.contains(&policy.arn))
        .count();
    let shown = Xml::default()
        .text("PolicyName", name_of(arn))
        .text("PolicyId", "ANPAEXAMPLEEXAMPLE234")
        .text("Arn", arn)
        .text("Path", "/")
        .text("DefaultVersionId", "v1")
        .text("AttachmentCount", &attached.to_string())
        .text("IsAttachable", "true");
    Ok(Xml::default().element("Policy", &shown))
}

pub(super) fn get_version(world: &World, form: &Form) -> Result<Xml, Failure> {
    let arn = form.required("PolicyArn")?;
    let version = form.required("VersionId")?;
    let policy = world
        .aws
        .policy(arn)
        .filter(|_| version == "v1")
        .ok_or_else(|| no_such_policy(arn))?;
    let shown = Xml::default()
        .text("Document", &encoded(&policy.document))
        .text("VersionId", "v1")
        .text("IsDefaultVersion", "true");
    Ok(Xml::default().element("PolicyVersion", &shown))
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
