//! STS: who the caller is, and roles that it assumes.

use std::time::Duration;

use jiff::Timestamp;

use super::super::clock::{later, text};
use super::super::world::{IamRole, Identity, World};
use super::failure::Failure;
use super::form::Form;
use super::iam::check_name;
use super::rights::Rights;
use super::xml::Xml;

pub(super) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// How long a session lasts: what a role allows that nobody changed.
const SESSION: Duration = Duration::from_hours(1);

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
        match action {
            // Nothing can forbid this one.
            "GetCallerIdentity" => Ok(Some(
                Xml::default()
                    .text("Arn", &self.identity.arn)
                    .text("UserId", &self.identity.id)
                    .text("Account", &self.identity.account),
            )),
            "AssumeRole" => self.assume_role().map(Some),
            _ => Err(Failure::unknown_action(action)),
        }
    }

    /// Lets the caller in as a role, with an access key of its own; who isn't let in isn't told whether the role exists.
    fn assume_role(&mut self) -> Result<Xml, Failure> {
        let arn = self.form.required("RoleArn")?;
        let session = self.form.required("RoleSessionName")?;
        check_name(session, "roleSessionName", 64)?;
        let external_id = self.form.get("ExternalId");
        let role = self.world.aws.role_by_arn(arn);
        let role = role
            .filter(|role| self.rights.may_assume(self.world, role, external_id))
            .ok_or_else(|| Failure::forbidden("AccessDenied", self.rights.refusal("sts:AssumeRole", arn)))?;
        let (account, permissions) = (role.account().to_owned(), self.permissions_of(role));
        let partition = &self.world.aws.partition;
        let entered = Identity {
            arn: format!("arn:{partition}:sts::{account}:assumed-role/{}/{session}", role.name),
            id: format!("{}:{session}", role.id),
            access_key_id: self.world.ids.principal("ASIA"),
            account,
            permissions,
            expired: false,
        };
        let credentials = Xml::default()
            .text("AccessKeyId", &entered.access_key_id)
            .text("SecretAccessKey", &self.world.ids.token())
            .text("SessionToken", &self.world.ids.token())
            .text("Expiration", &text(later(self.now, SESSION)));
        let user = Xml::default()
            .text("AssumedRoleId", &entered.id)
            .text("Arn", &entered.arn);
        self.world.aws.identities.push(entered);
        Ok(Xml::default()
            .element("Credentials", &credentials)
            .element("AssumedRoleUser", &user))
    }

    /// Reads a role's own policies as they are now.
    fn permissions_of(&self, role: &IamRole) -> Vec<String> {
        let documents = role.documents.get();
        let inline = documents.inline.iter().map(|(_, text)| text.clone());
        let attached = documents.attached.iter().filter_map(|arn| self.world.aws.policy(arn));
        inline.chain(attached.map(|policy| policy.document.clone())).collect()
    }
}
