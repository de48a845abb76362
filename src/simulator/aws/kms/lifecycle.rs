//! States of keys.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::super::clock::later;
use super::super::super::world::KeyState;
use super::super::failure::Failure;
use super::lookup::{Names, check_state};
use super::{Call, seconds};

pub(super) fn enable(call: &mut Call<'_>) -> Result<Value, Failure> {
    let key = call.key("KeyId", Names::OfKeys, "EnableKey")?;
    check_state(key, &[KeyState::Enabled, KeyState::Disabled])?;
    key.state = KeyState::Enabled;
    Ok(Value::Null)
}

pub(super) fn disable(call: &mut Call<'_>) -> Result<Value, Failure> {
    let key = call.key("KeyId", Names::OfKeys, "DisableKey")?;
    check_state(key, &[KeyState::Enabled, KeyState::Disabled])?;
    key.state = KeyState::Disabled;
    Ok(Value::Null)
}

pub(super) fn schedule_deletion(call: &mut Call<'_>) -> Result<Value, Failure> {
    let days = call.number("PendingWindowInDays", 30, 7, 30)?;
    let deletion = later(call.now, Duration::from_hours(days * 24));
    let key = call.key("KeyId", Names::OfKeys, "ScheduleKeyDeletion")?;
    check_state(
        key,
        &[
            KeyState::Enabled,
            KeyState::Disabled,
            KeyState::PendingImport,
            KeyState::Unavailable,
        ],
    )?;
    key.state = KeyState::PendingDeletion;
    key.deletion = Some(deletion);
    Ok(json!({
        "DeletionDate": seconds(deletion),
        "KeyId": key.arn,
        "KeyState": key.state.name(),
        "PendingWindowInDays": days,
    }))
}

/// Cancels a deletion, which leaves the key disabled.
pub(super) fn cancel_deletion(call: &mut Call<'_>) -> Result<Value, Failure> {
    let key = call.key("KeyId", Names::OfKeys, "CancelKeyDeletion")?;
    if key.state != KeyState::PendingDeletion {
        let message = format!("{} is not pending deletion.", key.arn);
        return Err(Failure::bad_request("KMSInvalidStateException", message));
    }
    key.state = KeyState::Disabled;
    key.deletion = None;
    Ok(json!({ "KeyId": key.arn }))
}
