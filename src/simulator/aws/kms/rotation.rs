//! Automatic rotation.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::super::clock::later;
use super::super::super::world::{KeyState, KmsKey};
use super::super::failure::Failure;
use super::lookup::{Names, check_state};
use super::{Call, seconds};

pub(super) fn enable(call: &mut Call<'_>) -> Result<Value, Failure> {
    let days = call.number("RotationPeriodInDays", 365, 90, 2560)?;
    let key = changeable(call, "EnableKeyRotation")?;
    key.rotation_days = u32::try_from(days).ok();
    Ok(Value::Null)
}

pub(super) fn disable(call: &mut Call<'_>) -> Result<Value, Failure> {
    changeable(call, "DisableKeyRotation")?.rotation_days = None;
    Ok(Value::Null)
}

pub(super) fn status(call: &mut Call<'_>) -> Result<Value, Failure> {
    let now = call.now;
    let key = call.key("KeyId", Names::OfKeys, "GetKeyRotationStatus")?;
    check_kind(key)?;
    check_state(
        key,
        &[
            KeyState::Enabled,
            KeyState::Disabled,
            KeyState::PendingDeletion,
            KeyState::Updating,
        ],
    )?;
    let Some(days) = key.rotation_days.filter(|_| key.state != KeyState::PendingDeletion) else {
        return Ok(json!({ "KeyId": key.arn, "KeyRotationEnabled": false }));
    };
    let period = Duration::from_hours(u64::from(days) * 24);
    let mut next = later(key.created, period);
    while next <= now {
        next = later(next, period);
    }
    Ok(json!({
        "KeyId": key.arn,
        "KeyRotationEnabled": true,
        "NextRotationDate": seconds(next),
        "RotationPeriodInDays": days,
    }))
}

fn changeable<'a>(call: &'a mut Call<'_>, action: &str) -> Result<&'a mut KmsKey, Failure> {
    let key = call.key("KeyId", Names::OfKeys, action)?;
    check_kind(key)?;
    if let Some(primary) = &key.replica_of {
        let message = format!(
            "{} is a replica key: rotation is set on its primary in {primary}.",
            key.arn
        );
        return Err(Failure::bad_request("UnsupportedOperationException", message));
    }
    check_state(key, &[KeyState::Enabled])?;
    Ok(key)
}

/// Refuses keys that can't rotate by themselves.
fn check_kind(key: &KmsKey) -> Result<(), Failure> {
    if key.spec == "SYMMETRIC_DEFAULT" && key.origin == "AWS_KMS" {
        return Ok(());
    }
    let message = format!(
        "{} origin is {} and spec is {}, which is not valid for this operation.",
        key.arn, key.origin, key.spec
    );
    Err(Failure::bad_request("UnsupportedOperationException", message))
}
