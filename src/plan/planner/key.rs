//! The key: found or created, and its key policy.

use super::world::World;
use super::{Draft, Handout, id};
use crate::domain::arn;
use crate::domain::key::{Key, Rotation};
use crate::domain::policy::{self, Access, PolicyDocument};
use crate::domain::text::safe_line;
use crate::observe::Fetched;
use crate::plan::desired::{DesiredState, KeyChoice, NewKeySettings};
use crate::plan::step::{Action, Output, Slot};
use crate::problem::Problem;

impl Draft {
    pub(super) fn key(&mut self, world: &World<'_>, desired: &DesiredState) -> Slot {
        let wanted = match &desired.key {
            KeyChoice::CreateUnlessThere(settings) => Some(settings),
            KeyChoice::Existing(_) => None,
        };
        let Some(found) = world.key else {
            if let Some(settings) = wanted {
                self.step(id("create-key"), Action::CreateKey(settings.clone()), &[]);
                self.key_extras(settings, &Slot::After(Output::KeyArn), true);
            }
            return Slot::After(Output::KeyArn);
        };
        let arn = Slot::Known(found.arn.to_string());
        match wanted {
            Some(settings) if world.key_is_new => {
                self.settle("Key", format!("{}, from an interrupted run", found.arn));
                self.key_extras(settings, &arn, found.rotation == Rotation::Off);
            }
            Some(settings) => {
                self.settle("Key", format!("{} ({})", found.arn, settings.alias));
                self.notes.extend(settings.deviations(found));
            }
            None => self.settle("Key", found.arn.to_string()),
        }
        arn
    }

    /// What a new key gets besides; the alias last, since a key that is found by it is taken as finished.
    fn key_extras(&mut self, settings: &NewKeySettings, key: &Slot, rotation: bool) {
        if let Some(days) = settings.rotation_days.filter(|_| rotation) {
            let action = Action::EnableRotation { days, key: key.clone() };
            self.step(id("enable-rotation"), action, &["create-key"]);
        }
        let action = Action::CreateAlias {
            alias: settings.alias.clone(),
            key: key.clone(),
        };
        self.step(id("create-alias"), action, &["create-key", "enable-rotation"]);
    }

    /// The key policy gets one statement more where it is asked for; else the statement is written out for its owner. A
    /// key that was just created has KMS's default policy, which leaves it to IAM.
    pub(super) fn key_policy(&mut self, world: &World<'_>, desired: &DesiredState, iam_role: &Slot) {
        let Some(key) = world.key.filter(|_| !world.key_is_new) else {
            return;
        };
        let is_foreign = arn::account(&world.role_arn).is_some_and(|account| account != key.arn.account());
        match world.key_policy {
            Fetched::Known(Some(document)) => self.readable_key_policy(world, desired, iam_role, key, document),
            Fetched::Known(None) | Fetched::Failed(_) if !is_foreign => self.notes.push(format!(
                "The key policy of {} can't be read: whether it lets the IAM role in is unknown until Atlas tries the key.",
                key.arn
            )),
            Fetched::Known(None) | Fetched::Failed(_) | Fetched::NotLooked | Fetched::Looking => {
                if is_foreign {
                    self.hand_out(world, key);
                    self.notes.push(format!(
                        "The key belongs to the AWS account {} and its key policy can't be read from here. Go on once its owner has added the statement below; Atlas tries the key at once.",
                        key.arn.account()
                    ));
                }
            }
        }
    }

    fn readable_key_policy(
        &mut self,
        world: &World<'_>,
        desired: &DesiredState,
        iam_role: &Slot,
        key: &Key,
        document: &PolicyDocument,
    ) {
        let arn = &key.arn;
        let (finding, obstacle) = match &world.key_lets_in {
            None | Some(Access::GetsIn) => {
                self.settle("Key policy", "it lets the IAM role use the key");
                return;
            }
            Some(Access::Stopped(obstacle)) if obstacle.is_deny() && obstacle.addresses.is_empty() => {
                let problem = format!("the IAM role {} can't use the key: {obstacle}", world.role_arn);
                self.problems
                    .push(Problem::prerequisite(safe_line(&problem)).hint(obstacle.fix.clone()));
                return;
            }
            Some(Access::Stopped(obstacle)) => {
                let finding = format!("The key policy of {arn} doesn't let the IAM role in");
                (finding, obstacle)
            }
            Some(Access::Unknown(obstacle)) => {
                let finding = format!("Whether the key policy of {arn} lets the IAM role in can't be told");
                (finding, obstacle)
            }
        };
        let why = &obstacle.why;
        match policy::merge_key_policy(document, &world.role_arn, key.arn.as_str()) {
            Ok(policy::Merged::Already) => self.notes.push(format!("{finding}: {why}.")),
            Ok(policy::Merged::Changed(_)) if desired.extend_key_policy => {
                self.extend_key_policy(key, document, iam_role);
            }
            Ok(policy::Merged::Changed(_)) => {
                self.hand_out(world, key);
                self.notes.push(format!(
                    "{finding}: {why}. Set extend_policy = true in [key] to have the statement below added, or give it to whoever keeps the key."
                ));
            }
            Err(error) => self.problems.push(error.into()),
        }
    }

    fn extend_key_policy(&mut self, key: &Key, before: &PolicyDocument, iam_role: &Slot) {
        let dead = policy::dead_ids(before);
        if !dead.is_empty() {
            self.problems.push(
                Problem::prerequisite(format!(
                    "the key policy of {} names {}, which was deleted: AWS KMS doesn't take the policy back like that",
                    key.arn,
                    dead.join(", ")
                ))
                .hint("mend the key policy in AWS KMS, then look again"),
            );
            return;
        }
        let action = Action::UpdateKeyPolicy {
            key: key.arn.clone(),
            before: before.clone(),
            iam_role: iam_role.clone(),
        };
        self.step(id("update-key-policy"), action, &["create-iam-role"]);
    }

    fn hand_out(&mut self, world: &World<'_>, key: &Key) {
        match policy::key_policy_statement(&world.role_arn) {
            Ok(statement) => self.handouts.push(Handout {
                title: format!(
                    "For the owner of the key {} (AWS account {}): add this statement to its key policy, and keep all others",
                    key.arn,
                    key.arn.account()
                ),
                text: format!("{statement:#}"),
            }),
            Err(error) => self.problems.push(error.into()),
        }
    }
}
