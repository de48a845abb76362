//! The IAM role: created, or its trust policy and its inline policy mended.

use super::access_role::AccessRoleSlots;
use super::world::World;
use super::{Draft, id};
use crate::domain::arn::KeyArn;
use crate::domain::iam_role::{IamRole, IamRoleDetail};
use crate::domain::policy::{self, Merged, PolicyDocument, Verdict};
use crate::domain::region::Region;
use crate::plan::desired::{DesiredState, RoleChoice};
use crate::plan::permission;
use crate::plan::recognize::{OldExternalId, old_external_id};
use crate::plan::step::{Action, Output, Slot, TrustMend, merge_keys};
use crate::problem::Problem;

/// The name of the inline policy that lets an IAM role use the key.
pub const INLINE_POLICY: &str = "atlas-cmk-encryption-at-rest";

impl Draft {
    pub(super) fn iam_role(
        &mut self,
        world: &World<'_>,
        desired: &DesiredState,
        access_role: &AccessRoleSlots,
    ) -> Slot {
        let (principal, external_id) = (access_role.principal.clone(), access_role.external_id.clone());
        if world.role_is_unread && world.is_role_proven() {
            self.settle("IAM role", format!("{}, which Atlas assumes", world.role_arn));
            return Slot::Known(world.role_arn.clone());
        }
        let Some(found) = world.role else {
            if world.role_is_unread {
                self.notes.push(format!(
                    "The IAM role {} can't be read from here: what is there is kept.",
                    world.role_arn
                ));
            }
            if let RoleChoice::Named {
                name,
                tags,
                path,
                permissions_boundary,
                ..
            } = &desired.role
            {
                let action = Action::CreateIamRole {
                    name: name.clone(),
                    path: path.clone(),
                    permissions_boundary: permissions_boundary.clone(),
                    tags: tags.clone(),
                    principal,
                    external_id,
                };
                self.step(id("create-iam-role"), action, &["create-access-role"]);
            } else {
                let action = Action::UpdateTrustPolicy {
                    role: desired.role.name().to_owned(),
                    before: None,
                    principal,
                    external_id,
                    mend: TrustMend::default(),
                };
                self.step(id("update-trust-policy"), action, &["create-access-role"]);
            }
            return match &desired.aws_half {
                None => Slot::After(Output::IamRoleArn),
                Some(_) => Slot::Known(world.role_arn.clone()),
            };
        };
        let role = &found.role;
        match self.trust(world, desired, role, &principal, &external_id) {
            Ok(Some(mend)) => {
                let action = Action::UpdateTrustPolicy {
                    role: role.name.clone(),
                    before: Some(role.trust.clone()),
                    principal,
                    external_id,
                    mend,
                };
                self.step(id("update-trust-policy"), action, &["create-access-role"]);
            }
            Ok(None) => {}
            Err(problem) => self.problems.push(problem),
        }
        self.settle("IAM role", role.arn.to_string());
        if let RoleChoice::Named { path, .. } = &desired.role
            && role.arn.path() != path
            && path != "/"
        {
            self.notes.push(format!(
                "The IAM role {} has the path {}; the configured one holds for a role that is created.",
                role.arn,
                role.arn.path()
            ));
        }
        Slot::Known(role.arn.to_string())
    }

    /// Returns how the trust policy is to change; `None`: it is right as it is.
    fn trust(
        &mut self,
        world: &World<'_>,
        desired: &DesiredState,
        role: &IamRole,
        principal: &Slot,
        external_id: &Slot,
    ) -> Result<Option<TrustMend>, Problem> {
        let name = &role.name;
        let verdict = permission::trust_verdict(role, world.ours, world.access_roles);
        if let Verdict::Denied { why, .. } = &verdict {
            return Err(
                Problem::prerequisite(format!("Atlas can't assume the IAM role {name}: {why}"))
                    .hint("take that Deny out of its trust policy, or choose another IAM role"),
            );
        }
        if verdict.is_allowed() {
            self.settle("Trust policy", format!("{name} trusts Atlas with this external ID"));
            return Ok(None);
        }
        if policy::merge_trust(&role.trust, &principal.show(), &external_id.show())? == Merged::Already {
            self.settle("Trust policy", format!("{name} has Atlas's statement"));
            self.notes.extend(
                verdict
                    .why()
                    .map(|why| format!("Whether {name} trusts Atlas can't be told: {why}.")),
            );
            return Ok(None);
        }
        let excepted = policy::dead_exceptions(&role.trust);
        if !excepted.is_empty() {
            return Err(Problem::prerequisite(format!(
                "a NotPrincipal in the trust policy of {name} names {}, which was deleted: IAM doesn't take the policy back like that",
                excepted.join(", ")
            ))
            .hint("mend that statement in IAM: whom it is to cover can't be told from here; or choose another IAM role"));
        }
        let dead = policy::dead_ids(&role.trust);
        for one in &dead {
            self.notes.push(if desired.drop_dead_principals {
                format!("The deleted principal {one} is taken out of the trust policy of {name}.")
            } else {
                format!(
                    "The trust policy of {name} names the deleted principal {one}: IAM won't take it like that. Set drop_dead_principals = true in [role] to have it taken out."
                )
            });
        }
        Ok(Some(TrustMend {
            replaces: self.old_external_id(world, role),
            drops_dead: desired.drop_dead_principals && !dead.is_empty(),
        }))
    }

    /// Returns the external ID of a deleted access role of this project in a trust policy, and tells of one that may be
    /// another project's.
    fn old_external_id(&mut self, world: &World<'_>, role: &IamRole) -> Option<String> {
        match old_external_id(role, &world.project.id, &world.setting.aws, world.access_roles)? {
            OldExternalId::OfWhomever(old) => {
                self.notes.push(format!(
                    "{} also demands the external ID {old}, which no access role of this project has: another project's may, so it stays.",
                    role.name
                ));
                None
            }
            OldExternalId::OfThisProject(old) => {
                let new = world
                    .ours
                    .map_or("that of the new access role", |ours| ours.external_id.as_str());
                self.notes.push(format!(
                    "In the trust policy of {} the external ID {old}, of an access role that was deleted, becomes {new}.",
                    role.name
                ));
                Some(old)
            }
        }
    }

    pub(super) fn role_policy(&mut self, world: &World<'_>, desired: &DesiredState, key: &Slot) {
        let is_proven = world.role_is_unread && world.is_key_proven();
        if is_proven && world.keeps_key() {
            self.settle("Role's policy", "Atlas uses the key with it");
            return;
        }
        let before = world.role.and_then(|found| found.inline_policy(INLINE_POLICY)).cloned();
        let mut keys = Vec::new();
        if let Some(left) = world.left_key().filter(|_| !is_proven) {
            match self.lacks_left_key(world, desired.region, before.as_ref(), left) {
                Ok(true) => keys.push(Slot::Known(left.to_string())),
                Ok(false) => {}
                Err(problem) => return self.problems.push(problem),
            }
        }
        match self.lacks_key(world, desired.region, before.as_ref(), key) {
            Ok(true) => keys.push(key.clone()),
            Ok(false) if keys.is_empty() => return,
            Ok(false) => {}
            Err(problem) => return self.problems.push(problem),
        }
        let action = Action::PutRolePolicy {
            role: desired.role.name().to_owned(),
            policy: INLINE_POLICY.to_owned(),
            before,
            keys,
        };
        self.step(id("put-role-policy"), action, &["create-iam-role", "create-key"]);
    }

    /// Returns whether the IAM role's inline policy needs the key that the project is about to leave.
    fn lacks_left_key(
        &mut self,
        world: &World<'_>,
        region: Region,
        before: Option<&PolicyDocument>,
        left: &KeyArn,
    ) -> Result<bool, Problem> {
        let Some(found) = world.role else {
            return Ok(true);
        };
        let access = permission::key_access(found, Some(left), region);
        if access.is_complete() || merge_keys(before, &[left.to_string()])? == Merged::Already {
            return Ok(false);
        }
        if let Some(why) = denied(&access) {
            self.notes
                .push(format!("{} can't use the present key {left}: {why}.", found.role.name));
            return Ok(false);
        }
        Ok(true)
    }

    /// Returns whether the IAM role's inline policy needs the wanted key.
    fn lacks_key(
        &mut self,
        world: &World<'_>,
        region: Region,
        before: Option<&PolicyDocument>,
        key: &Slot,
    ) -> Result<bool, Problem> {
        let Some(found) = world.role else {
            return Ok(true);
        };
        let name = &found.role.name;
        if is_unread(found) {
            return Err(
                Problem::prerequisite(format!("the inline policy {INLINE_POLICY} of {name} can't be read"))
                    .hint("it would be replaced: let iam:GetRolePolicy be allowed to you, then look again"),
            );
        }
        let access = permission::key_access(found, world.key.map(|key| &key.arn), region);
        if let Some(why) = denied(&access) {
            return Err(
                Problem::prerequisite(format!("the IAM role {name} can't use the key: {why}"))
                    .hint("take that Deny out of its policies, or choose another IAM role"),
            );
        }
        if access.is_complete() {
            self.settle("Role's policy", format!("{name} may use the key"));
            return Ok(false);
        }
        if policy::merge_key_access(before, &key.show())? == Merged::Already {
            self.settle("Role's policy", format!("{name} has the statement for the key"));
            let why = access.missing.iter().find_map(|(_, verdict)| verdict.why());
            self.notes
                .extend(why.map(|why| format!("Whether {name} may use the key can't be told: {why}.")));
            return Ok(false);
        }
        Ok(true)
    }
}

fn is_unread(found: &IamRoleDetail) -> bool {
    let is_it = |policy: &&crate::domain::iam_role::NamedPolicy| policy.name == INLINE_POLICY;
    found
        .inline
        .iter()
        .filter(is_it)
        .any(|policy| policy.document.is_none())
}

fn denied(access: &policy::KeyAccess) -> Option<&str> {
    access.missing.iter().find_map(|(_, verdict)| match verdict {
        Verdict::Denied { why, .. } => Some(why.as_str()),
        _ => None,
    })
}
