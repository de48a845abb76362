//! The activity feed of a project.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::clock::text;
use super::super::world::{Event, World};
use super::Call;
use super::error::Refusal;
use super::paging::page;
use super::projects::not_found;

/// Writes something down that has happened in a project.
pub(super) fn record(world: &mut World, group: &str, kind: &str, at: Timestamp) {
    let id = world.ids.event();
    if let Some(project) = world.atlas.project_mut(group) {
        project.events.push(Event {
            id,
            kind: kind.to_owned(),
            at,
        });
    }
}

/// Answers with what has happened, the latest first, cut down to the kinds and the time that the caller asks for.
pub(super) fn list(call: &Call<'_>, group: &str) -> Result<Value, Refusal> {
    let kinds: Vec<String> = url::form_urlencoded::parse(call.received.query.as_bytes())
        .filter(|(name, _)| name == "eventType")
        .map(|(_, kind)| kind.into_owned())
        .collect();
    let since = match call.received.parameter("minDate") {
        None => Timestamp::MIN,
        Some(date) => date.parse().map_err(|_| Refusal::invalid_attribute("minDate"))?,
    };
    let world = call.shared.world();
    let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
    let asked_for = |event: &&Event| event.at >= since && (kinds.is_empty() || kinds.contains(&event.kind));
    let events: Vec<&Event> = project.events.iter().rev().filter(asked_for).collect();
    page(call.received, &call.shared.base_url, &events, |event| {
        json!({
            "created": text(event.at),
            "eventTypeName": event.kind,
            "groupId": group,
            "id": event.id,
            "isGlobalAdmin": false,
            "links": [],
            "orgId": world.atlas.organization_id,
        })
    })
}
