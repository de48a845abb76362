//! Key policies.

use serde_json::{Value, json};

use super::super::super::policy::{Caller, Context, Document, Kind, Malformed, Question, Ruling, accept, use_key};
use super::super::super::world::{AwsWorld, KeyState, World};
use super::super::failure::Failure;
use super::Call;
use super::lookup::{Names, check_customer_managed, check_state};

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
    Ok(json!({ "Policy": key.policy.get(), "PolicyName": "default" }))
}

pub(super) fn put(call: &mut Call<'_>) -> Result<Value, Failure> {
    check_policy_name(call)?;
    let policy = call.required("Policy")?;
    let caller = call.world.aws.caller_arn.clone();
    let key = call.key("KeyId", Names::OfKeys, "PutKeyPolicy")?;
    check_customer_managed(key, &caller, "kms:PutKeyPolicy")?;
    check_state(key, &STATES)?;
    let arn = key.arn.clone();
    check(call, &policy, &arn)?;
    let questions = call.world.propagation.key_policy;
    call.key("KeyId", Names::OfKeys, "PutKeyPolicy")?
        .policy
        .change(|now| *now = policy, questions);
    Ok(Value::Null)
}

/// Checks a key policy before it is stored: its grammar, its principals, and that the caller isn't locked out.
pub(super) fn check(call: &mut Call<'_>, policy: &str, key_arn: &str) -> Result<(), Failure> {
    let malformed = |why: String| Failure::bad_request("MalformedPolicyDocumentException", why);
    if policy.len() > 32 * 1024 {
        return Err(Failure::bad_request(
            "LimitExceededException",
            "The key policy is longer than 32768 bytes.",
        ));
    }
    let partition = call.world.aws.partition.clone();
    let seen = |arn: &str| is_visible(&call.world.aws, arn);
    let checked = accept(Kind::Key, policy, &partition, seen);
    // Asking is what brings a new principal nearer, whether it was seen or not.
    age_principals(call.world, policy);
    let document = checked.map_err(|Malformed(why)| malformed(why))?;

    let bypassed = call
        .body
        .get("BypassPolicyLockoutSafetyCheck")
        .and_then(Value::as_bool)
        .unwrap_or_default();
    if !bypassed && !keeps_a_way_in(&call.world.aws, &document, key_arn) {
        return Err(malformed(
            "The new key policy will not allow you to update the key policy in the future.".to_owned(),
        ));
    }
    Ok(())
}

fn keeps_a_way_in(aws: &AwsWorld, policy: &Document, key_arn: &str) -> bool {
    // A session is named by the role that it is of, or by itself.
    let role_of_session = aws.caller_arn.split_once(":assumed-role/").and_then(|(_, rest)| {
        let name = rest.split('/').next()?;
        Some(format!("arn:{}:iam::{}:role/{name}", aws.partition, aws.account))
    });
    let context = Context::default();
    let own = Document::read(r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#);
    [Some(aws.caller_arn.clone()), role_of_session]
        .into_iter()
        .flatten()
        .any(|arn| {
            let caller = Caller {
                arn,
                account: aws.account.clone(),
            };
            let question = Question {
                caller: &caller,
                action: "kms:PutKeyPolicy",
                resource: key_arn,
                context: &context,
            };
            use_key(std::slice::from_ref(&own), None, policy, &aws.account, question) == Ruling::Allowed
        })
}

fn is_visible(aws: &AwsWorld, arn: &str) -> bool {
    if arn.split(':').nth(4) != Some(&aws.account) || arn == aws.caller_arn {
        return true;
    }
    aws.roles.iter().any(|role| role.arn == arn && role.unseen_by_kms == 0)
}

fn age_principals(world: &mut World, policy: &str) {
    for role in world.aws.roles.iter_mut().filter(|role| role.unseen_by_kms > 0) {
        if policy.contains(&role.arn) {
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
