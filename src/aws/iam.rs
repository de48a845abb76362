//! IAM roles: listed, read, created, changed.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_iam::primitives::DateTime;
use aws_sdk_iam::types::{AttachedPolicy, Role, Tag};
use futures::{StreamExt, TryFutureExt, stream};
use jiff::Timestamp;

use super::{Aws, Error};
use crate::domain::arn::RoleArn;
use crate::domain::iam_role::{IamRole, IamRoleDetail, NamedPolicy};
use crate::domain::policy::PolicyDocument;

const NO_SUCH_ENTITY: &str = "NoSuchEntity";

/// The most that IAM gives on one page.
const PAGE: i32 = 1000;

/// Policies of one role that are read at the same time.
const POLICIES_AT_ONCE: usize = 8;

/// How often, and after which pause each, a new role's ARN is read until it is one.
const SETTLING: (usize, Duration) = (20, Duration::from_millis(500));

/// A role to create.
#[derive(Clone, Debug)]
pub struct NewRole<'a> {
    /// The name, without a path.
    pub name: &'a str,
    /// The path: `/`, or `/…/`.
    pub path: &'a str,
    /// The ARN of its permissions boundary.
    pub permissions_boundary: Option<&'a str>,
    /// The trust policy.
    pub trust: &'a PolicyDocument,
    /// What people read in the console.
    pub description: Option<&'a str>,
    /// Tags by key.
    pub tags: &'a BTreeMap<String, String>,
}

impl Aws {
    /// Returns all IAM roles but those that AWS alone can change, by name (`ListRoles`, all pages).
    ///
    /// `ListRoles` leaves the permissions boundary out.
    pub async fn roles(&self) -> Result<Vec<IamRole>, Error> {
        const OPERATION: &str = "ListRoles";
        let mut pages = self.iam.list_roles().max_items(PAGE).into_paginator().items().send();
        let mut roles = Vec::new();
        while let Some(role) = pages.next().await {
            let role = self.role(role.map_err(self.failed("IAM", OPERATION))?, OPERATION)?;
            if !role.is_kept_by_aws() {
                roles.push(role);
            }
        }
        roles.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(roles)
    }

    /// Returns one role with all its policies; `None` if there is none of this name (`GetRole`, then at the same time
    /// `ListRolePolicies`, `GetRolePolicy`, `ListAttachedRolePolicies`, `GetPolicy`, `GetPolicyVersion`; the last two for the
    /// permissions boundary too).
    ///
    /// A policy that may not be read is there without its document.
    pub async fn role_detail(&self, name: &str) -> Result<Option<IamRoleDetail>, Error> {
        let Some(role) = self.find_role(name).await? else {
            return Ok(None);
        };
        let boundary = async {
            let arn = role.boundary.as_deref()?;
            self.managed_policy(arn).await.ok().flatten()
        };
        let policies = async { tokio::try_join!(self.inline_policies(name), self.attached_policies(name)) };
        let (policies, boundary_document) = tokio::join!(policies, boundary);
        let (inline, attached) = policies?;
        Ok(Some(IamRoleDetail {
            role,
            inline,
            attached,
            boundary_document,
        }))
    }

    /// Returns a role's trust policy as it is now (`GetRole`).
    ///
    /// # Errors
    /// `NoSuchEntity` among others.
    pub async fn trust_policy(&self, name: &str) -> Result<PolicyDocument, Error> {
        Ok(self.get_role(name).await?.trust)
    }

    /// Returns a role's inline policy as it is now; `None` if the role has none of this name (`GetRolePolicy`).
    pub async fn inline_policy(&self, role: &str, policy: &str) -> Result<Option<PolicyDocument>, Error> {
        const OPERATION: &str = "GetRolePolicy";
        let request = self.iam.get_role_policy().role_name(role).policy_name(policy);
        match request.send().await.map_err(self.failed("IAM", OPERATION)) {
            Ok(answer) => self.document(answer.policy_document(), OPERATION).map(Some),
            Err(error) if error.is(NO_SUCH_ENTITY) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Creates a role (`CreateRole`).
    ///
    /// A repetition after a cut connection may meet the role that the first try made: `EntityAlreadyExists` doesn't tell
    /// whose it is, its tags do.
    pub async fn create_role(&self, new: &NewRole<'_>) -> Result<IamRole, Error> {
        const OPERATION: &str = "CreateRole";
        let mut request = self
            .iam
            .create_role()
            .role_name(new.name)
            .assume_role_policy_document(new.trust.to_json())
            .path(new.path)
            .set_permissions_boundary(new.permissions_boundary.map(str::to_owned))
            .set_description(new.description.map(str::to_owned));
        for (key, value) in new.tags {
            let tag = Tag::builder().key(key).value(value).build();
            request = request.tags(tag.map_err(|error| self.unreadable("IAM", OPERATION, error.to_string()))?);
        }
        let created = request.send().await.map_err(self.failed("IAM", OPERATION))?.role;
        match created {
            Some(role) if RoleArn::parse(role.arn()).is_ok() => self.role(role, OPERATION),
            _ => self.settled(new.name).await,
        }
    }

    /// Reads a new role until its ARN is one: right after `CreateRole` an `AROA…` ID can stand there.
    async fn settled(&self, name: &str) -> Result<IamRole, Error> {
        let (tries, pause) = SETTLING;
        for _ in 1..tries {
            match self.get_role(name).await {
                Ok(role) => return Ok(role),
                Err(error) if error.is(NO_SUCH_ENTITY) || error.kind == super::ErrorKind::Unreadable => {}
                Err(error) => return Err(error),
            }
            tokio::time::sleep(pause).await;
        }
        self.get_role(name).await
    }

    /// Replaces a role's trust policy (`UpdateAssumeRolePolicy`). There is no version to check: read it right before.
    pub async fn update_trust_policy(&self, name: &str, trust: &PolicyDocument) -> Result<(), Error> {
        let request = self
            .iam
            .update_assume_role_policy()
            .role_name(name)
            .policy_document(trust.to_json());
        request
            .send()
            .map_err(self.failed("IAM", "UpdateAssumeRolePolicy"))
            .await?;
        Ok(())
    }

    /// Creates or replaces an inline policy (`PutRolePolicy`). There is no version to check: read it right before.
    pub async fn put_role_policy(&self, role: &str, policy: &str, document: &PolicyDocument) -> Result<(), Error> {
        let request = self.iam.put_role_policy().role_name(role).policy_name(policy);
        let request = request.policy_document(document.to_json());
        request.send().map_err(self.failed("IAM", "PutRolePolicy")).await?;
        Ok(())
    }

    pub(super) async fn get_role(&self, name: &str) -> Result<IamRole, Error> {
        const OPERATION: &str = "GetRole";
        let answer = self
            .iam
            .get_role()
            .role_name(name)
            .send()
            .await
            .map_err(self.failed("IAM", OPERATION))?;
        let role = answer
            .role
            .ok_or_else(|| self.unreadable("IAM", OPERATION, "the answer has no role"))?;
        self.role(role, OPERATION)
    }

    async fn find_role(&self, name: &str) -> Result<Option<IamRole>, Error> {
        match self.get_role(name).await {
            Ok(role) => Ok(Some(role)),
            Err(error) if error.is(NO_SUCH_ENTITY) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn inline_policies(&self, role: &str) -> Result<Vec<NamedPolicy>, Error> {
        let list = self.iam.list_role_policies().role_name(role).max_items(PAGE);
        let mut pages = list.into_paginator().items().send();
        let mut names = Vec::new();
        while let Some(name) = pages.next().await {
            names.push(name.map_err(self.failed("IAM", "ListRolePolicies"))?);
        }
        let read = |name: String| async move {
            let document = self.inline_policy(role, &name).await.ok().flatten();
            NamedPolicy { name, document }
        };
        Ok(stream::iter(names).map(read).buffered(POLICIES_AT_ONCE).collect().await)
    }

    async fn attached_policies(&self, role: &str) -> Result<Vec<NamedPolicy>, Error> {
        let list = self.iam.list_attached_role_policies().role_name(role).max_items(PAGE);
        let mut pages = list.into_paginator().items().send();
        let mut attached = Vec::new();
        while let Some(policy) = pages.next().await {
            attached.push(policy.map_err(self.failed("IAM", "ListAttachedRolePolicies"))?);
        }
        let read = |policy: AttachedPolicy| async move {
            let name = policy.policy_arn.or(policy.policy_name).unwrap_or_default();
            let document = self.managed_policy(&name).await.ok().flatten();
            NamedPolicy { name, document }
        };
        Ok(stream::iter(attached)
            .map(read)
            .buffered(POLICIES_AT_ONCE)
            .collect()
            .await)
    }

    /// Returns the version of a managed policy that holds.
    async fn managed_policy(&self, arn: &str) -> Result<Option<PolicyDocument>, Error> {
        const OPERATION: &str = "GetPolicyVersion";
        let policy = self
            .iam
            .get_policy()
            .policy_arn(arn)
            .send()
            .await
            .map_err(self.failed("IAM", "GetPolicy"))?;
        let Some(version) = policy.policy.and_then(|policy| policy.default_version_id) else {
            return Ok(None);
        };
        let request = self.iam.get_policy_version().policy_arn(arn).version_id(version);
        let answer = request.send().await.map_err(self.failed("IAM", OPERATION))?;
        match answer.policy_version.and_then(|version| version.document) {
            Some(text) => self.document(&text, OPERATION).map(Some),
            None => Ok(None),
        }
    }

    fn role(&self, role: Role, operation: &'static str) -> Result<IamRole, Error> {
        let arn = RoleArn::parse(&role.arn).map_err(|error| self.unreadable("IAM", operation, error.to_string()))?;
        Ok(IamRole {
            trust: self.document(role.assume_role_policy_document().unwrap_or_default(), operation)?,
            created: timestamp(&role.create_date),
            description: role.description.filter(|text| !text.is_empty()),
            boundary: role
                .permissions_boundary
                .and_then(|boundary| boundary.permissions_boundary_arn),
            name: role.role_name,
            arn,
        })
    }

    fn document(&self, text: &str, operation: &'static str) -> Result<PolicyDocument, Error> {
        PolicyDocument::parse(text).map_err(|error| self.unreadable("IAM", operation, error.to_string()))
    }
}

fn timestamp(at: &DateTime) -> Option<Timestamp> {
    Timestamp::from_second(at.secs()).ok()
}
