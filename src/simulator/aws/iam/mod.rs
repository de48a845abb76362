//! IAM: roles, their policies, and the account's limits.

mod account;
mod policies;
mod rights;
mod roles;
mod simulate;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::world::{Account, IamRole, Identity, World};
use super::failure::Failure;
use super::form::Form;
use super::rights::Rights;
use super::xml::Xml;

pub(super) use roles::check_name;

pub(super) const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// A call in hand.
pub(super) struct Call<'a> {
    pub(super) world: &'a mut World,
    pub(super) identity: &'a Identity,
    pub(super) rights: Rights,
    pub(super) now: Timestamp,
    pub(super) form: &'a Form,
}

impl Call<'_> {
    pub(super) fn carry_out(mut self, action: &str) -> Result<Option<Xml>, Failure> {
        let call = &mut self;
        let carry_out: fn(&mut Call<'_>) -> Result<Option<Xml>, Failure> = match action {
            "CreateRole" => |call| roles::create(call).map(Some),
            "GetRole" => |call| roles::get(call).map(Some),
            "ListRoles" => |call| roles::list(call).map(Some),
            "UpdateAssumeRolePolicy" => |call| roles::update_trust(call).map(|()| None),
            "TagRole" => |call| roles::tag(call).map(|()| None),
            "ListRoleTags" => |call| roles::list_tags(call).map(Some),
            "PutRolePolicy" => |call| policies::put(call).map(|()| None),
            "GetRolePolicy" => |call| policies::get(call).map(Some),
            "ListRolePolicies" => |call| policies::list(call).map(Some),
            "ListAttachedRolePolicies" => |call| policies::list_attached(call).map(Some),
            "GetPolicy" => |call| policies::get_managed(call).map(Some),
            "GetPolicyVersion" => |call| policies::get_version(call).map(Some),
            "ListAccountAliases" => |call| Ok(Some(account::aliases(call))),
            "GetAccountSummary" => |call| Ok(Some(account::summary(call))),
            "SimulatePrincipalPolicy" => |call| simulate::simulate(call).map(Some),
            _ => return Err(Failure::unknown_action(action)),
        };
        rights::check(call, action)?;
        carry_out(call)
    }

    /// Returns the account that the caller is in.
    fn account(&self) -> Option<&Account> {
        self.world.aws.account(&self.identity.account)
    }

    /// Finds the role that a call is about.
    fn role(&self) -> Result<&IamRole, Failure> {
        let name = self.form.required("RoleName")?;
        self.world
            .aws
            .role_of(&self.identity.account, name)
            .ok_or_else(|| no_such_role(name))
    }

    /// Finds the role that a call is about, to be changed.
    fn role_mut(&mut self) -> Result<&mut IamRole, Failure> {
        let name = self.form.required("RoleName")?;
        let arn = self.role()?.arn.clone();
        self.world.aws.role_by_arn_mut(&arn).ok_or_else(|| no_such_role(name))
    }

    /// Finds the role that a call is about, where its policies are to be changed.
    fn modifiable_role(&mut self) -> Result<&mut IamRole, Failure> {
        let role = self.role_mut()?;
        if role.is_service_linked() {
            let message = format!(
                "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS",
                role.name
            );
            return Err(Failure::bad_request("UnmodifiableEntity", message));
        }
        Ok(role)
    }

    /// Cuts a page out of a sorted list; the marker is the name that the next page begins with.
    fn page<'a, T>(&self, items: &'a [T], name: impl Fn(&T) -> &str) -> Result<(&'a [T], Option<String>), Failure> {
        let size = match self.form.get("MaxItems") {
            None => 100,
            Some(text) => text
                .parse::<usize>()
                .ok()
                .filter(|size| (1..=1000).contains(size))
                .ok_or_else(|| {
                    let constraint = "Member must have value between 1 and 1000";
                    Failure::constraint("ValidationError", text, "maxItems", constraint)
                })?,
        };
        let start = match self.form.get("Marker") {
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
}

/// Encodes a document as IAM returns it.
fn encoded(document: &str) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(document, RESERVED).to_string()
}

fn no_such_role(name: &str) -> Failure {
    Failure::new(
        404,
        "NoSuchEntity",
        format!("The role with name {name} cannot be found."),
    )
}

/// Ends a list as IAM does.
fn paged(list: Xml, next: Option<&str>) -> Xml {
    list.text("IsTruncated", if next.is_some() { "true" } else { "false" })
        .maybe("Marker", next)
}
