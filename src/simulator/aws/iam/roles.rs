//! Roles and their trust policies.

use super::super::super::clock::text;
use super::super::super::policy::{Kind, Malformed, accept, size_without_space};
use super::super::super::world::{IamRole, Lagging, RoleDocuments, World};
use super::super::failure::Failure;
use super::super::xml::Xml;
use super::{Call, encoded, paged};

pub(super) fn create(call: &mut Call<'_>) -> Result<Xml, Failure> {
    let form = call.form;
    let name = form.required("RoleName")?;
    check_name(name, "roleName", 64)?;
    let path = form.get("Path").unwrap_or("/");
    check_path(path)?;
    let trust = form.required("AssumeRolePolicyDocument")?;
    check_trust(call.world, trust)?;
    let tags = form.pairs("Tags");
    check_tags(&tags)?;
    let account = call.identity.account.as_str();
    let boundary = form.get("PermissionsBoundary").map(str::to_owned);
    if let Some(arn) = &boundary
        && call.world.aws.policy(arn).is_none()
    {
        return Err(Failure::new(
            404,
            "NoSuchEntity",
            format!("Scope ARN: {arn} does not exist or is not attachable."),
        ));
    }
    if call.world.aws.role_of(account, name).is_some() {
        return Err(Failure::new(
            409,
            "EntityAlreadyExists",
            format!("Role with name {name} already exists."),
        ));
    }
    let most = call.world.aws.quotas.roles;
    let roles = call.world.aws.roles.iter();
    if roles.filter(|role| role.account() == account).count() >= most {
        let message = format!("Cannot exceed quota for RolesPerAccount: {most}");
        return Err(Failure::new(409, "LimitExceeded", message));
    }
    let role = IamRole {
        name: name.to_owned(),
        path: path.to_owned(),
        arn: format!("arn:{}:iam::{account}:role{path}{name}", call.world.aws.partition),
        id: call.world.ids.principal("AROA"),
        description: form.get("Description").unwrap_or_default().to_owned(),
        created: call.now,
        trust: Lagging::fresh(Some(trust.to_owned()), None, call.world.propagation.trust),
        documents: Lagging::settled(RoleDocuments::default()),
        boundary,
        tags,
        unseen_by_kms: call.world.propagation.new_principal,
        shown_by_id: call.world.propagation.principal_shown_by_id,
    };
    let answer = Xml::default().element("Role", &show(&role, true));
    call.world.aws.roles.push(role);
    Ok(answer)
}

pub(super) fn get(call: &Call<'_>) -> Result<Xml, Failure> {
    Ok(Xml::default().element("Role", &show(call.role()?, true)))
}

pub(super) fn list(call: &Call<'_>) -> Result<Xml, Failure> {
    let prefix = call.form.get("PathPrefix").unwrap_or("/");
    let is_meant = |role: &&IamRole| role.account() == call.identity.account && role.path.starts_with(prefix);
    let mut roles: Vec<&IamRole> = call.world.aws.roles.iter().filter(is_meant).collect();
    roles.sort_by_key(|role| role.name.to_lowercase());
    let (shown, next) = call.page(&roles, |role| &role.name)?;
    // Tags and boundaries are left out of lists, as IAM does.
    let list = Xml::default().list("Roles", shown.iter().map(|role| show(role, false)));
    Ok(paged(list, next.as_deref()))
}

pub(super) fn update_trust(call: &mut Call<'_>) -> Result<(), Failure> {
    let trust = call.form.required("PolicyDocument")?.to_owned();
    call.modifiable_role()?;
    check_trust(call.world, &trust)?;
    let questions = call.world.propagation.trust;
    call.role_mut()?.trust.change(|now| *now = Some(trust), questions);
    Ok(())
}

pub(super) fn tag(call: &mut Call<'_>) -> Result<(), Failure> {
    let tags = call.form.pairs("Tags");
    check_tags(&tags)?;
    let role = call.role_mut()?;
    for (key, value) in tags {
        role.tags.retain(|(present, _)| !present.eq_ignore_ascii_case(&key));
        role.tags.push((key, value));
    }
    Ok(())
}

pub(super) fn list_tags(call: &Call<'_>) -> Result<Xml, Failure> {
    let (shown, next) = call.page(&call.role()?.tags, |(key, _)| key)?;
    Ok(paged(
        Xml::default().list("Tags", shown.iter().map(show_tag)),
        next.as_deref(),
    ))
}

/// Checks a name of a role or of an inline policy.
pub(in crate::simulator::aws) fn check_name(name: &str, field: &str, most: usize) -> Result<(), Failure> {
    let constraint = if name.chars().count() > most {
        format!("Member must have length less than or equal to {most}")
    } else if !name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)) {
        "Member must satisfy regular expression pattern: [\\w+=,.@-]+".to_owned()
    } else {
        return Ok(());
    };
    Err(Failure::constraint("ValidationError", name, field, &constraint))
}

fn check_path(path: &str) -> Result<(), Failure> {
    let printable = path.chars().all(|c| c.is_ascii_graphic());
    if path.starts_with('/') && path.ends_with('/') && path.len() <= 512 && printable {
        return Ok(());
    }
    Err(Failure::bad_request(
        "ValidationError",
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
         characters and/or / characters.",
    ))
}

fn check_trust(world: &World, trust: &str) -> Result<(), Failure> {
    let most = world.aws.quotas.trust_policy_size;
    if size_without_space(trust) > most {
        return Err(Failure::new(
            409,
            "LimitExceeded",
            format!("Cannot exceed quota for ACLSizePerRole: {most}"),
        ));
    }
    accept(Kind::Trust, trust, &world.aws.partition, |arn| {
        world.principal_exists(arn)
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
