//! IAM: roles, their policies, and the account's limits.

mod account;
mod policies;
mod roles;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::world::{AwsWorld, IamRole, World};
use super::failure::Failure;
use super::form::Form;
use super::xml::Xml;

pub(super) const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// Characters of a trust policy, white space not counted.
const TRUST_SIZE: usize = 2_048;
/// Characters of all inline policies of a role together, white space not counted.
const INLINE_SIZE: usize = 10_240;

pub(super) fn carry_out(world: &mut World, now: Timestamp, action: &str, form: &Form) -> Result<Option<Xml>, Failure> {
    match action {
        "CreateRole" => roles::create(world, now, form).map(Some),
        "GetRole" => roles::get(world, form).map(Some),
        "ListRoles" => roles::list(world, form).map(Some),
        "UpdateAssumeRolePolicy" => roles::update_trust(world, form).map(|()| None),
        "TagRole" => roles::tag(world, form).map(|()| None),
        "ListRoleTags" => roles::list_tags(world, form).map(Some),
        "PutRolePolicy" => policies::put(world, form).map(|()| None),
        "GetRolePolicy" => policies::get(world, form).map(Some),
        "ListRolePolicies" => policies::list(world, form).map(Some),
        "ListAttachedRolePolicies" => policies::list_attached(world, form).map(Some),
        "GetPolicy" => policies::get_managed(world, form).map(Some),
        "GetPolicyVersion" => policies::get_version(world, form).map(Some),
        "ListAccountAliases" => Ok(Some(account::aliases(world))),
        "GetAccountSummary" => Ok(Some(account::summary(world))),
        _ => Err(Failure::unknown_action(action)),
    }
}

/// Encodes a document as IAM returns it.
fn encoded(document: &str) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(document, RESERVED).to_string()
}

/// Finds the role that a call is about.
fn named_role<'a>(world: &'a mut World, form: &Form) -> Result<&'a mut IamRole, Failure> {
    let name = form.required("RoleName")?;
    world.aws.role_mut(name).ok_or_else(|| no_such_role(name))
}

fn no_such_role(name: &str) -> Failure {
    Failure::new(
        404,
        "NoSuchEntity",
        format!("The role with name {name} cannot be found."),
    )
}

/// Tells whether IAM can see a principal: those of other accounts count as seen.
fn principal_exists(aws: &AwsWorld, arn: &str) -> bool {
    arn.split(':').nth(4) != Some(&aws.account) || arn == aws.caller_arn || aws.roles.iter().any(|role| role.arn == arn)
}

/// Cuts a page out of a sorted list; the marker is the name that the next page begins with.
fn page<'a, T>(form: &Form, items: &'a [T], name: impl Fn(&T) -> &str) -> Result<(&'a [T], Option<String>), Failure> {
    let size = match form.get("MaxItems") {
        None => 100,
        Some(text) => text
            .parse::<usize>()
            .ok()
            .filter(|size| (1..=1000).contains(size))
            .ok_or_else(|| {
                Failure::constraint(
                    "ValidationError",
                    text,
                    "maxItems",
                    "Member must have value between 1 and 1000",
                )
            })?,
    };
    let start = match form.get("Marker") {
        None => 0,
        Some(marker) => items
            .iter()
            .position(|item| name(item) == marker)
            .ok_or_else(|| Failure::bad_request("ValidationError", "Invalid Marker."))?,
    };
    let end = start.saturating_add(size).min(items.len());
    let next = items.get(end).map(|item| name(item).to_owned());
    Ok((items.get(start..end).unwrap_or_default(), next))
}

/// Ends a list as IAM does.
fn paged(list: Xml, next: Option<&str>) -> Xml {
    list.text("IsTruncated", if next.is_some() { "true" } else { "false" })
        .maybe("Marker", next)
}
