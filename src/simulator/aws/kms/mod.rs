//! KMS: keys, replicas, aliases, key policies, grants, rotation, tags.

mod aliases;
mod describe;
mod encrypt;
mod grants;
mod keys;
mod lifecycle;
mod lookup;
mod policy;
mod replicas;
mod rotation;
mod tags;

use hyper::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::policy::Context;
use super::super::world::{Identity, World};
use super::failure::Failure;
use super::rights::Rights;

/// A call in hand.
pub(super) struct Call<'a> {
    pub(super) world: &'a mut World,
    pub(super) identity: &'a Identity,
    pub(super) rights: Rights,
    pub(super) now: Timestamp,
    pub(super) region: &'a str,
    pub(super) body: &'a Value,
}

/// Answers a call; those without a result have an empty body.
pub(super) fn success(body: &Value) -> Answer {
    match body {
        Value::Null => Answer::new(StatusCode::OK, "application/x-amz-json-1.1", ""),
        body => Answer::json(StatusCode::OK, "application/x-amz-json-1.1", body),
    }
}

impl<'a> Call<'a> {
    pub(super) fn carry_out(mut self, operation: &str) -> Result<Value, Failure> {
        let call = &mut self;
        match operation {
            "ListKeys" => keys::list(call),
            "CreateKey" => keys::create(call),
            "ReplicateKey" => replicas::replicate(call),
            "DescribeKey" => describe::describe(call),
            "Encrypt" => encrypt::encrypt(call),
            "ListAliases" => aliases::list(call),
            "CreateAlias" => aliases::create(call),
            "ListGrants" => grants::list(call),
            "EnableKeyRotation" => rotation::enable(call),
            "DisableKeyRotation" => rotation::disable(call),
            "GetKeyRotationStatus" => rotation::status(call),
            "ListResourceTags" => tags::list(call),
            "TagResource" => tags::add(call),
            "GetKeyPolicy" => policy::get(call),
            "PutKeyPolicy" => policy::put(call),
            "EnableKey" => lifecycle::enable(call),
            "DisableKey" => lifecycle::disable(call),
            "ScheduleKeyDeletion" => lifecycle::schedule_deletion(call),
            "CancelKeyDeletion" => lifecycle::cancel_deletion(call),
            _ => Err(Failure::bad_request(
                "UnknownOperationException",
                format!("Unknown operation {operation}"),
            )),
        }
    }

    /// Refuses a call about no key in particular that the caller's own policies don't allow.
    fn check_rights(&self, action: &str, resource: &str) -> Result<(), Failure> {
        self.rights
            .check(&format!("kms:{action}"), resource, resource, Context::default())
            .map_err(denied)
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.body.get(name).and_then(Value::as_str)
    }

    fn required(&self, name: &str) -> Result<String, Failure> {
        self.text(name)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .ok_or_else(|| Failure::constraint("ValidationException", "null", name, "Member must not be null"))
    }

    /// Reads a number within bounds, or takes the default.
    fn number(&self, name: &str, default: u64, least: u64, most: u64) -> Result<u64, Failure> {
        match self.body.get(name) {
            None | Some(Value::Null) => Ok(default),
            Some(value) => value
                .as_u64()
                .filter(|number| (least..=most).contains(number))
                .ok_or_else(|| {
                    let constraint = format!("Member must have value between {least} and {most}");
                    Failure::constraint("ValidationException", &value.to_string(), name, &constraint)
                }),
        }
    }

    /// Cuts a page out of a sorted list; the marker is the name that the next page begins with.
    fn page<T>(
        &self,
        items: &[T],
        most: u64,
        name: impl Fn(&T) -> &str,
        show: impl Fn(&T) -> Value,
    ) -> Result<Page, Failure> {
        let default = if most > 100 { 100 } else { 50 };
        let size = usize::try_from(self.number("Limit", default, 1, most)?).unwrap_or(usize::MAX);
        let start = match self.text("Marker") {
            None => 0,
            Some(marker) => items
                .iter()
                .position(|item| name(item) == marker)
                .ok_or_else(|| Failure::bad_request("InvalidMarkerException", "Could not deserialize marker."))?,
        };
        let end = start.saturating_add(size).min(items.len());
        Ok(Page {
            items: items.iter().take(end).skip(start).map(show).collect(),
            next: items.get(end).map(|item| name(item).to_owned()),
        })
    }
}

/// Refuses a call for lack of permission.
fn denied(message: String) -> Failure {
    Failure::bad_request("AccessDeniedException", message)
}

/// A page of a list.
struct Page {
    items: Vec<Value>,
    next: Option<String>,
}

impl Page {
    fn named(self, list: &str) -> Value {
        let mut body = json!({ list: self.items, "Truncated": self.next.is_some() });
        if let Some(next) = self.next {
            body["NextMarker"] = next.into();
        }
        body
    }
}

/// Writes a moment as KMS does: seconds since 1970.
fn seconds(moment: Timestamp) -> Value {
    moment.as_second().into()
}
