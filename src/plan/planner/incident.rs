//! The way back, where the key in use is disabled or about to be deleted: nothing else until Atlas says valid.

use super::{Draft, Plan, id, part};
use crate::domain::key::Key;
use crate::observe::ObservedState;
use crate::plan::desired::DesiredState;
use crate::plan::step::Action;
use crate::problem::Problem;

/// Returns the plan that makes the key in use usable again; `None` where it is usable, or where it isn't known.
///
/// # Errors
/// The key is in a state that no request of ours mends, or a part that the plan needs couldn't be read.
pub(super) fn way_back(observed: &ObservedState, desired: &DesiredState) -> Result<Option<Plan>, Vec<Problem>> {
    let Some(key) = key_in_use(observed) else {
        return Ok(None);
    };
    let mut draft = Draft::default();
    match key.state.as_str() {
        "PendingDeletion" => {
            let action = Action::CancelKeyDeletion { key: key.arn.clone() };
            draft.step(id("cancel-key-deletion"), action, &[]);
        }
        "Disabled" => {}
        "PendingImport" => {
            return Err(vec![
                lost(key, "waits for key material")
                    .hint("import the key material again in AWS KMS; Atlas needs the very same"),
            ]);
        }
        "PendingReplicaDeletion" => {
            return Err(vec![
                lost(key, "is a primary key whose deletion waits for that of its replicas")
                    .hint("cancel its deletion in the AWS KMS console, then enable it"),
            ]);
        }
        "Unavailable" => {
            return Err(vec![
                lost(key, "is unavailable").hint("look at its custom key store in AWS KMS: it has to be connected"),
            ]);
        }
        _ => return Ok(None),
    }
    draft.step(
        id("enable-key"),
        Action::EnableKey { key: key.arn.clone() },
        &["cancel-key-deletion"],
    );
    draft.step(id("await-valid"), Action::AwaitValid, &["enable-key"]);
    let deletion = key
        .deletion
        .map(|at| format!(", to be deleted on {}", at.strftime("%F %T UTC")));
    draft.notes.push(format!(
        "The key in use, {}, is {}{}: Atlas shuts the encrypted clusters down at its next check.",
        key.arn,
        if key.state == "Disabled" {
            "disabled"
        } else {
            "pending deletion"
        },
        deletion.unwrap_or_default()
    ));
    draft
        .notes
        .push("Everything else waits until Atlas says that the key is valid again: plan again then.".to_owned());

    let mut problems = Vec::new();
    let project = part(&observed.project, "the project", &mut problems);
    let aws = part(&observed.aws_identity, "the AWS identity", &mut problems);
    let (Some(project), Some(aws)) = (project, aws) else {
        return Err(problems);
    };
    let role_arn = super::world::role_arn(observed, desired, aws);
    Ok(Some(draft.into_plan(project, &aws.account, role_arn, desired)))
}

/// Returns the key that the project's setting uses, where it was looked up.
pub(super) fn key_in_use(observed: &ObservedState) -> Option<&Key> {
    let setting = &observed.setting.known()?.aws;
    let in_use = setting.key.as_ref().filter(|_| setting.enabled)?;
    let lookup = observed.key_in_use.as_ref().filter(|lookup| lookup.of == *in_use)?;
    lookup.found.known()?.as_ref()
}

fn lost(key: &Key, why: &str) -> Problem {
    Problem::prerequisite(format!("the key in use, {}, {why}", key.arn))
}
