//! Key policies.

use serde_json::{Value, json};

use super::super::super::policy::{Kind, Malformed, accept};
use super::super::super::world::{KeyState, KmsKey, World};
use super::super::failure::Failure;
use super::Call;
use super::lookup::{Names, check_state};

/// The states in which a key's policy can be read and written.
const STATES: [KeyState; 4] = [
    KeyState::Enabled,
    KeyState::Disabled,
    KeyState::PendingImport,
    KeyState::PendingDeletion,
];

pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Failure> {
    check_policy_name(call)?;
    let key = call.key("KeyId", Names::OfKeys, "GetKeyPolicy")?;
    check_state(key, &STATES)?;
    let mut policy = key.policy.get().clone();
    for role in call.world.aws.roles.iter_mut().filter(|role| role.shown_by_id > 0) {
        let quoted = format!("\"{}\"", role.arn);
        if policy.contains(&quoted) {
            role.shown_by_id -= 1;
            policy = policy.replace(&quoted, &format!("\"{}\"", role.id));
        }
    }
    Ok(json!({ "Policy": policy, "PolicyName": "default" }))
}

pub(super) fn put(call: &mut Call<'_>) -> Result<Value, Failure> {
    check_policy_name(call)?;
    let policy = call.required("Policy")?;
    let key = call.key("KeyId", Names::OfKeys, "PutKeyPolicy")?;
    check_state(key, &STATES)?;
    let key = key.clone();
    check(call, &policy, &key)?;
    let questions = call.world.propagation.key_policy;
    call.key("KeyId", Names::OfKeys, "PutKeyPolicy")?
        .policy
        .change(|now| *now = policy, questions);
    Ok(Value::Null)
}

/// Checks a key policy before it is stored: its grammar, its principals, and that the caller isn't locked out.
pub(super) fn check(call: &mut Call<'_>, policy: &str, key: &KmsKey) -> Result<(), Failure> {
    let malformed = |why: String| Failure::bad_request("MalformedPolicyDocumentException", why);
    if policy.len() > 32 * 1024 {
        return Err(Failure::bad_request(
            "LimitExceededException",
            "The key policy is longer than 32768 bytes.",
        ));
    }
    let seen = |arn: &str| is_visible(call.world, arn);
    let checked = accept(Kind::Key, policy, &call.world.aws.partition, seen);
    // Asking is what brings a new principal nearer, whether it was seen or not.
    age_principals(call.world, policy);
    let document = checked.map_err(|Malformed(why)| malformed(why))?;

    let bypassed = call
        .body
        .get("BypassPolicyLockoutSafetyCheck")
        .and_then(Value::as_bool)
        .unwrap_or_default();
    if !bypassed && !call.rights.keeps_a_way_in(call.world, key, &document) {
        return Err(malformed(
            "The new key policy will not allow you to update the key policy in the future.".to_owned(),
        ));
    }
    Ok(())
}

fn is_visible(world: &World, arn: &str) -> bool {
    match world.aws.role_by_arn(arn) {
        Some(role) => role.unseen_by_kms == 0,
        None => world.principal_exists(arn),
    }
}

fn age_principals(world: &mut World, policy: &str) {
    for role in world.aws.roles.iter_mut().filter(|role| role.unseen_by_kms > 0) {
        if policy.contains(&format!("\"{}\"", role.arn)) {
            role.unseen_by_kms -= 1;
        }
    }
}

fn check_policy_name(call: &Call<'_>) -> Result<(), Failure> {
    match call.text("PolicyName") {
        None | Some("default") => Ok(()),
        Some(_) => Err(super::lookup::not_found("No such policy exists".to_owned())),
    }
}
