//! The key: found or created, and its key policy.

use super::world::World;
use super::{Draft, Handout, id};
use crate::domain::arn;
use crate::domain::key::{Grant, Key, Rotation};
use crate::domain::policy::{self, KEY_ACTIONS, PolicyDocument};
use crate::observe::Fetched;
use crate::plan::desired::{DesiredState, KeyChoice, NewKeySettings};
use crate::plan::step::{Action, Output, Slot};

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
        let verdict = policy::key_policy_verdict(document, &world.role_arn, key.arn.as_str());
        let Some(why) = verdict.why() else {
            self.settle("Key policy", "it lets the IAM role use the key");
            return;
        };
        if is_granted(world.key_grants, &world.role_arn) {
            self.settle("Key policy", "a grant lets the IAM role use the key");
            return;
        }
        match policy::merge_key_policy(document, &world.role_arn, key.arn.as_str()) {
            Ok(policy::Merged::Already) => self.notes.push(format!(
                "Whether the key policy lets the IAM role in can't be told: {why}."
            )),
            Ok(policy::Merged::Changed(_)) if desired.extend_key_policy => {
                let action = Action::UpdateKeyPolicy {
                    key: key.arn.clone(),
                    before: document.clone(),
                    iam_role: iam_role.clone(),
                };
                self.step(id("update-key-policy"), action, &["create-iam-role"]);
            }
            Ok(policy::Merged::Changed(_)) => {
                self.hand_out(world, key);
                self.notes.push(format!(
                    "The key policy of {} doesn't let the IAM role in: {why}. Set extend_policy = true in [key] to have the statement below added, or give it to whoever keeps the key.",
                    key.arn
                ));
            }
            Err(error) => self.problems.push(error.into()),
        }
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

/// Returns whether grants alone let an IAM role use a key as Atlas does.
fn is_granted(grants: &[Grant], iam_role_arn: &str) -> bool {
    let is_given = |action: &&str| {
        let operation = action.trim_start_matches("kms:");
        grants.iter().any(|grant| {
            grant.grantee == iam_role_arn && !grant.constrained && grant.operations.iter().any(|one| one == operation)
        })
    };
    KEY_ACTIONS.iter().all(is_given)
}
