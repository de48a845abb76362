//! Roles and their trust policies.

use jiff::Timestamp;

use super::super::super::clock::text;
use super::super::super::policy::{Kind, Malformed, accept, size_without_space};
use super::super::super::world::{IamRole, Lagging, RoleDocuments, World};
use super::super::failure::Failure;
use super::super::form::Form;
use super::super::xml::Xml;
use super::{TRUST_SIZE, encoded, named_role, page, paged, principal_exists};

pub(super) fn create(world: &mut World, now: Timestamp, form: &Form) -> Result<Xml, Failure> {
    let name = form.required("RoleName")?;
    check_name(name, "roleName", 64)?;
    let path = form.get("Path").unwrap_or("/");
    if !path.starts_with('/') || !path.ends_with('/') || path.len() > 512 {
        return Err(Failure::bad_request(
            "ValidationError",
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
             characters and/or / characters.",
        ));
    }
    let trust = form.required("AssumeRolePolicyDocument")?;
    check_trust(world, trust)?;
    let tags = form.pairs("Tags");
    check_tags(&tags)?;
    let boundary = form.get("PermissionsBoundary").map(str::to_owned);
    if let Some(arn) = &boundary
        && world.aws.policy(arn).is_none()
    {
        return Err(Failure::new(
            404,
            "NoSuchEntity",
            format!("Scope ARN: {arn} does not exist or is not attachable."),
        ));
    }
    if world.aws.role(name).is_some() {
        return Err(Failure::new(
            409,
            "EntityAlreadyExists",
            format!("Role with name {name} already exists."),
        ));
    }
    let role = IamRole {
        name: name.to_owned(),
        path: path.to_owned(),
        arn: format!(
            "arn:{}:iam::{}:role{path}{name}",
            world.aws.partition, world.aws.account
        ),
        id: world.ids.principal("AROA"),
        description: form.get("Description").unwrap_or_default().to_owned(),
        created: now,
        trust: Lagging::fresh(Some(trust.to_owned()), None, world.propagation.trust),
        documents: Lagging::settled(RoleDocuments::default()),
        boundary,
        tags,
        unseen_by_kms: world.propagation.new_principal,
    };
    let answer = Xml::default().element("Role", &show(&role, true));
    world.aws.roles.push(role);
    Ok(answer)
}

pub(super) fn get(world: &mut World, form: &Form) -> Result<Xml, Failure> {
    named_role(world, form).map(|role| Xml::default().element("Role", &show(role, true)))
}

pub(super) fn list(world: &World, form: &Form) -> Result<Xml, Failure> {
    let prefix = form.get("PathPrefix").unwrap_or("/");
    let mut roles: Vec<&IamRole> = world
        .aws
        .roles
        .iter()
        .filter(|role| role.path.starts_with(prefix))
        .collect();
    roles.sort_by_key(|role| role.name.to_lowercase());
    let (shown, next) = page(form, &roles, |role| &role.name)?;
    // Tags and boundaries are left out of lists, as IAM does.
    let list = Xml::default().list("Roles", shown.iter().map(|role| show(role, false)));
    Ok(paged(list, next.as_deref()))
}

pub(super) fn update_trust(world: &mut World, form: &Form) -> Result<(), Failure> {
    let trust = form.required("PolicyDocument")?.to_owned();
    let role = named_role(world, form)?;
    if role.path.starts_with("/aws-service-role/") {
        return Err(unmodifiable(&role.name));
    }
    check_trust(world, &trust)?;
    let questions = world.propagation.trust;
    named_role(world, form)?
        .trust
        .change(|now| *now = Some(trust), questions);
    Ok(())
}

pub(super) fn tag(world: &mut World, form: &Form) -> Result<(), Failure> {
    let tags = form.pairs("Tags");
    check_tags(&tags)?;
    let role = named_role(world, form)?;
    for (key, value) in tags {
        role.tags.retain(|(present, _)| !present.eq_ignore_ascii_case(&key));
        role.tags.push((key, value));
    }
    Ok(())
}

pub(super) fn list_tags(world: &mut World, form: &Form) -> Result<Xml, Failure> {
    let role = named_role(world, form)?;
    let (shown, next) = page(form, &role.tags, |(key, _)| key)?;
    Ok(paged(
        Xml::default().list("Tags", shown.iter().map(show_tag)),
        next.as_deref(),
    ))
}

pub(super) fn unmodifiable(name: &str) -> Failure {
    Failure::bad_request(
        "UnmodifiableEntity",
        format!("Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"),
    )
}

/// Checks a name of a role or of an inline policy.
pub(super) fn check_name(name: &str, field: &str, most: usize) -> Result<(), Failure> {
    let constraint = if name.chars().count() > most {
        format!("Member must have length less than or equal to {most}")
    } else if !name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)) {
        "Member must satisfy regular expression pattern: [\\w+=,.@-]+".to_owned()
    } else {
        return Ok(());
    };
    Err(Failure::constraint("ValidationError", name, field, &constraint))
}

fn check_trust(world: &World, trust: &str) -> Result<(), Failure> {
    if size_without_space(trust) > TRUST_SIZE {
        return Err(Failure::new(
            409,
            "LimitExceeded",
            format!("Cannot exceed quota for ACLSizePerRole: {TRUST_SIZE}"),
        ));
    }
    accept(Kind::Trust, trust, &world.aws.partition, |arn| {
        principal_exists(&world.aws, arn)
    })
    .map(|_| ())
    .map_err(|Malformed(why)| Failure::bad_request("MalformedPolicyDocument", why))
}

fn check_tags(tags: &[(String, String)]) -> Result<(), Failure> {
    if tags.len() > 50 {
        return Err(Failure::new(
            409,
            "LimitExceeded",
            "The number of tags has reached the maximum limit.",
        ));
    }
    for (key, value) in tags {
        if key.to_lowercase().starts_with("aws:") {
            return Err(Failure::bad_request(
                "InvalidInput",
                "Tag keys must not begin with aws:",
            ));
        }
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            return Err(Failure::constraint(
                "ValidationError",
                key,
                "tags",
                "Member must have a valid length",
            ));
        }
    }
    Ok(())
}

fn show_tag((key, value): &(String, String)) -> Xml {
    Xml::default().text("Key", key).text("Value", value)
}

fn show(role: &IamRole, whole: bool) -> Xml {
    let shown = Xml::default()
        .text("Path", &role.path)
        .text("RoleName", &role.name)
        .text("RoleId", &role.id)
        .text("Arn", &role.arn)
        .text("CreateDate", &text(role.created))
        .text(
            "AssumeRolePolicyDocument",
            &encoded(role.trust.get().as_deref().unwrap_or_default()),
        )
        .maybe(
            "Description",
            Some(role.description.as_str()).filter(|description| !description.is_empty()),
        )
        .text("MaxSessionDuration", "3600");
    if !whole {
        return shown;
    }
    let shown = match &role.boundary {
        None => shown,
        Some(arn) => shown.element(
            "PermissionsBoundary",
            &Xml::default()
                .text("PermissionsBoundaryType", "Policy")
                .text("PermissionsBoundaryArn", arn),
        ),
    };
    if role.tags.is_empty() {
        shown
    } else {
        shown.list("Tags", role.tags.iter().map(show_tag))
    }
}
