//! Tags of keys.

use serde_json::{Value, json};

use super::super::super::world::KeyState;
use super::super::failure::Failure;
use super::Call;
use super::lookup::{Names, check_state};

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Failure> {
    let tags = call.key("KeyId", Names::OfKeys, "ListResourceTags")?.tags.clone();
    Ok(call.page(&tags, 50, |(key, _)| key, show)?.named("Tags"))
}

pub(super) fn add(call: &mut Call<'_>) -> Result<Value, Failure> {
    let tags = read(call.body)?;
    let key = call.key("KeyId", Names::OfKeys, "TagResource")?;
    check_state(
        key,
        &[
            KeyState::Enabled,
            KeyState::Disabled,
            KeyState::PendingImport,
            KeyState::Updating,
            KeyState::Unavailable,
        ],
    )?;
    for (name, value) in tags {
        key.tags.retain(|(present, _)| *present != name);
        key.tags.push((name, value));
    }
    Ok(Value::Null)
}

pub(super) fn show((key, value): &(String, String)) -> Value {
    json!({ "TagKey": key, "TagValue": value })
}

/// Reads and checks the tags of a request.
pub(super) fn read(body: &Value) -> Result<Vec<(String, String)>, Failure> {
    let tags = body
        .get("Tags")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let text = |tag: &Value, name: &str| tag.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let tags: Vec<(String, String)> = tags
        .iter()
        .map(|tag| (text(tag, "TagKey"), text(tag, "TagValue")))
        .collect();
    let refuse = |message: &str| Err(Failure::bad_request("TagException", message));
    if tags.len() > 50 {
        return refuse("Too many tags");
    }
    for (index, (key, value)) in tags.iter().enumerate() {
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            return refuse("A tag key or tag value is too short or too long");
        }
        if key.to_lowercase().starts_with("aws:") {
            return refuse("Tags beginning with aws: are reserved");
        }
        if tags.iter().take(index).any(|(other, _)| other == key) {
            return refuse("Duplicate tag keys");
        }
    }
    Ok(tags)
}
