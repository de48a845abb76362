//! The Atlas access role: found or created, and pointed to the IAM role.

use super::world::World;
use super::{Draft, id};
use crate::domain::access_role::AccessRole;
use crate::domain::text::count;
use crate::plan::desired::{AccessRoleChoice, DesiredState};
use crate::plan::recognize::{gone_access_role, unfinished_line};
use crate::plan::step::{Action, Output, Slot};

/// The three values of the access role.
pub(super) struct AccessRoleSlots {
    pub(super) id: Slot,
    pub(super) principal: Slot,
    pub(super) external_id: Slot,
}

impl Draft {
    pub(super) fn access_role(&mut self, world: &World<'_>, desired: &DesiredState) -> AccessRoleSlots {
        let ours = world.ours.map(|ours| ours.role_id.as_str());
        let is_left = |role: &&AccessRole| !role.is_authorized() && Some(role.role_id.as_str()) != ours;
        let unfinished: Vec<_> = world.access_roles.iter().filter(is_left).collect();
        if !unfinished.is_empty() {
            let lines: Vec<_> = unfinished.iter().map(|role| unfinished_line(role)).collect();
            let why = match desired.access_role {
                _ if ours.is_some() => "left alone; delete it in Atlas if nobody is to finish it",
                AccessRoleChoice::New => "left alone, as asked",
                _ => {
                    "left alone, since nothing shows that one is ours; to finish one, pick it on the Role screen or with \
                     access_role = \"ID\" in [role]"
                }
            };
            self.notes.push(format!(
                "The project has {} whose set-up was never finished ({}): {why}.",
                count(unfinished.len(), "access role"),
                lines.join("; ")
            ));
        }
        if let Some(ours) = world.ours {
            self.settle(
                "Atlas access role",
                if ours.is_authorized() {
                    format!("{}, authorized", ours.role_id)
                } else {
                    unfinished_line(ours)
                },
            );
            return AccessRoleSlots {
                id: Slot::Known(ours.role_id.clone()),
                principal: Slot::Known(ours.atlas_aws_account_arn.clone()),
                external_id: Slot::Known(ours.external_id.clone()),
            };
        }
        if let Some(gone) = gone_access_role(&world.setting.aws, world.access_roles) {
            self.notes.push(format!(
                "The access role {gone}, which the project's setting names, is no longer there: a new one takes its place."
            ));
        }
        self.step(id("create-access-role"), Action::CreateAccessRole, &[]);
        AccessRoleSlots {
            id: Slot::After(Output::AccessRoleId),
            principal: Slot::After(Output::AtlasPrincipal),
            external_id: Slot::After(Output::ExternalId),
        }
    }

    pub(super) fn authorize(&mut self, world: &World<'_>, access_role: &AccessRoleSlots, iam_role: &Slot) {
        let before = world
            .ours
            .filter(|ours| ours.is_authorized())
            .and_then(|ours| ours.iam_role_arn.clone());
        if let Some(before) = &before {
            let becomes = match iam_role {
                Slot::Known(arn) if before.as_str() == arn => return,
                Slot::Known(arn) => arn.as_str(),
                Slot::After(_) => world.role_arn.as_str(),
            };
            let users = world.ours.map(|ours| ours.features.join(", ")).unwrap_or_default();
            if !users.is_empty() && before.as_str() != becomes {
                self.notes.push(format!(
                    "The access role is used by {users}; all of it moves to {becomes}."
                ));
            }
        }
        let action = Action::AuthorizeAccessRole {
            access_role: access_role.id.clone(),
            iam_role: iam_role.clone(),
            before,
        };
        self.step(
            id("authorize-access-role"),
            action,
            &["create-access-role", "create-iam-role", "update-trust-policy"],
        );
    }
}
