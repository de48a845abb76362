//! What each step says of itself: title, reason, undo.

use super::{Action, Step};

/// How a step can be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// By hand, like this.
    ByHand(&'static str),
    /// Not at all, for this reason.
    Never(&'static str),
    /// There is nothing to undo.
    Nothing,
}

impl Step {
    /// Returns its title in plain words.
    pub fn title(&self) -> String {
        match &self.action {
            Action::CreateAccessRole => "Create the Atlas access role".to_owned(),
            Action::CreateIamRole { name, .. } => format!("Create the IAM role {name}"),
            Action::UpdateTrustPolicy { role, mend, .. } if mend.replaces.is_some() => {
                format!("Replace the old external ID in the trust policy of {role}")
            }
            Action::UpdateTrustPolicy { role, .. } => format!("Add Atlas to the trust policy of {role}"),
            Action::CreateKey(settings) if settings.multi_region => "Create the multi-Region key".to_owned(),
            Action::CreateKey(_) => "Create the key".to_owned(),
            Action::CreateAlias { alias, .. } => format!("Name the key {alias}"),
            Action::EnableRotation { days, .. } => format!("Rotate the key every {days} days"),
            Action::UpdateKeyPolicy { key, .. } => {
                format!("Add the IAM role to the key policy of {}", key.key_id())
            }
            Action::PutRolePolicy { role, keys, .. } if keys.len() > 1 => {
                format!("Allow {role} to use {} keys", keys.len())
            }
            Action::PutRolePolicy { role, .. } => format!("Allow {role} to use the key"),
            Action::AuthorizeAccessRole { before: None, .. } => "Authorize the access role in Atlas".to_owned(),
            Action::AuthorizeAccessRole { .. } => "Point the access role to the IAM role".to_owned(),
            Action::EnableProjectSetting { .. } if self.action.is_switch() => {
                "Move the project from the IAM user's credentials to the access role".to_owned()
            }
            Action::EnableProjectSetting { before, .. } if before.enabled => {
                "Change the project's encryption setting".to_owned()
            }
            Action::EnableProjectSetting { .. } => "Enable the key for the project".to_owned(),
            Action::ResumeCluster { name } => format!("Resume cluster {name}"),
            Action::ReleaseCluster { name, from } => format!("Take cluster {name} off its key in {from}"),
            Action::EncryptCluster { name } => format!("Encrypt cluster {name}"),
            Action::CreateCluster(new) => format!("Create cluster {}, encrypted from the start", new.name),
            Action::CancelKeyDeletion { key } => format!("Cancel the deletion of key {}", key.key_id()),
            Action::EnableKey { key } => format!("Enable key {}", key.key_id()),
            Action::AwaitValid => "Wait until Atlas can use the key again".to_owned(),
        }
    }

    /// Returns why it is needed.
    pub fn why(&self) -> &'static str {
        match &self.action {
            Action::CreateAccessRole => {
                "Atlas tells whom the IAM role must trust and which external ID it must demand. AWS knows nothing of it yet."
            }
            Action::CreateIamRole { .. } => "Atlas reaches the key by assuming this role in your AWS account.",
            Action::UpdateTrustPolicy { mend, .. } if mend.replaces.is_some() => {
                "The access role that had the old external ID was deleted; nothing else in that statement changes."
            }
            Action::UpdateTrustPolicy { mend, .. } if mend.drops_dead => {
                "One statement more lets Atlas assume the role. Deleted principals are taken out: IAM takes no policy that names them."
            }
            Action::UpdateTrustPolicy { .. } => {
                "One statement more lets Atlas assume the role; every statement that is there stays."
            }
            Action::CreateKey(_) => "The customer-managed key that encrypts what Atlas's own keys are encrypted with.",
            Action::CreateAlias { .. } => "A name for people; Atlas gets the key's ARN.",
            Action::EnableRotation { .. } => {
                "AWS KMS changes the key material by itself; the key's ID and ARN stay, Atlas needs no change."
            }
            Action::UpdateKeyPolicy { .. } => {
                "The key policy doesn't let the IAM role in. It gets one statement more; all others stay, so nobody is locked out."
            }
            Action::PutRolePolicy { keys, .. } if keys.len() > 1 => {
                "The role may use the key of now and the one to come: snapshots keep needing the first."
            }
            Action::PutRolePolicy { .. } => "The role may describe this key, encrypt and decrypt with it, and no more.",
            Action::AuthorizeAccessRole { .. } => "Atlas assumes the IAM role once and from then on trusts it.",
            Action::EnableProjectSetting { .. } if self.action.is_switch() => {
                "Atlas uses the present key through the IAM role from then on; the key itself doesn't change."
            }
            Action::EnableProjectSetting { .. } => "Atlas tries the key at once; from then on clusters can use it.",
            Action::ResumeCluster { .. } => "Atlas changes no paused cluster. It is charged again once it runs.",
            Action::ReleaseCluster { .. } => {
                "A cluster changes from one provider's key to another's by way of none: this is the first of two initial syncs."
            }
            Action::EncryptCluster { .. } => {
                "An initial sync re-encrypts each node, one after the other; search indexes are rebuilt. The feature is charged extra."
            }
            Action::CreateCluster(_) => {
                "Atlas charges for a cluster by the hour from its creation on, and extra for a customer-managed key. It takes 7 to 10 minutes as a rule."
            }
            Action::CancelKeyDeletion { .. } => {
                "The project's encryption depends on this key; once it is deleted nobody can read the data. Cancelling leaves it disabled."
            }
            Action::EnableKey { .. } => {
                "While the key is disabled Atlas shuts the encrypted clusters down at its next check."
            }
            Action::AwaitValid => {
                "Asking makes Atlas check the key. Until it is valid Atlas takes no change of the setting."
            }
        }
    }

    /// Returns how it can be undone.
    pub fn undo(&self) -> Undo {
        match &self.action {
            Action::CreateAccessRole | Action::AuthorizeAccessRole { before: None, .. } => {
                Undo::ByHand("delete the access role once nothing uses it")
            }
            Action::CreateIamRole { .. } => Undo::ByHand("delete the IAM role once no access role points to it"),
            Action::UpdateTrustPolicy { mend, .. } if mend.replaces.is_none() && !mend.drops_dead => {
                Undo::ByHand("take the one statement out again")
            }
            Action::UpdateTrustPolicy { .. } => Undo::ByHand("put the trust policy before it back, from the journal"),
            Action::CreateKey(_) => {
                Undo::ByHand("schedule its deletion, 7 to 30 days ahead; never while a cluster or a snapshot needs it")
            }
            Action::CreateAlias { .. } => Undo::ByHand("delete the alias"),
            Action::EnableRotation { .. } => Undo::ByHand("switch rotation off"),
            Action::UpdateKeyPolicy { .. } => Undo::ByHand("take the one statement out of the key policy again"),
            Action::PutRolePolicy { before: None, .. } => Undo::ByHand("delete the inline policy"),
            Action::PutRolePolicy { .. } => Undo::ByHand("put the policy before it back, from the journal"),
            Action::AuthorizeAccessRole { .. } => Undo::ByHand("point it back to the IAM role before"),
            Action::EnableProjectSetting { .. } if self.action.is_switch() => {
                Undo::Never("Atlas takes an IAM user's credentials no more once a project uses an access role")
            }
            Action::EnableProjectSetting { before, .. } if before.enabled => {
                Undo::ByHand("change it back to the key before, while that key lives")
            }
            Action::EnableProjectSetting { .. } => {
                Undo::ByHand("set every cluster to NONE, wait until each is IDLE, then switch the setting off")
            }
            Action::ResumeCluster { .. } => Undo::ByHand("pause the cluster again; Atlas takes that an hour later"),
            Action::ReleaseCluster { .. } => {
                Undo::ByHand("set the cluster to its provider again: another initial sync")
            }
            Action::EncryptCluster { .. } => Undo::ByHand(
                "set the cluster to NONE: another initial sync; snapshots taken meanwhile keep needing the key",
            ),
            Action::CreateCluster(_) => Undo::ByHand("delete the cluster, and its data with it"),
            Action::CancelKeyDeletion { .. } => Undo::ByHand("schedule the deletion again, once nothing needs the key"),
            Action::EnableKey { .. } => Undo::ByHand("disable the key again, once nothing needs it"),
            Action::AwaitValid => Undo::Nothing,
        }
    }
}
