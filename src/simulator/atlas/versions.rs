//! The version of a call, which stands in its media types.

use hyper::StatusCode;
use hyper::header::{ACCEPT, CONTENT_TYPE};

use super::super::answer::Received;
use super::error::Refusal;
use super::operation::Operation;

/// Finds the version that the caller asks for, and checks that a body has it too.
pub(super) fn negotiate(operation: &Operation, received: &Received) -> Result<&'static str, Refusal> {
    let known = operation.versions();
    let asked = received.header(&ACCEPT);
    let version = asked
        .split(',')
        .filter_map(date)
        .find_map(|date| known.iter().find(|version| **version == date).copied())
        .ok_or_else(|| {
            Refusal::without_code(
                StatusCode::NOT_ACCEPTABLE,
                format!("The resource has no version that fits the Accept header: {asked}"),
            )
        })?;
    if operation.has_body() {
        let sent = received.header(&CONTENT_TYPE);
        if !date(sent).is_some_and(|date| known.contains(&date)) {
            return Err(Refusal::without_code(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                format!("The resource takes no body of this type: {sent}"),
            ));
        }
    }
    Ok(version)
}

/// Returns the media type of an answer.
pub(super) fn media_type(version: &str) -> String {
    format!("application/vnd.atlas.{version}+json;charset=utf-8")
}

fn date(media_type: &str) -> Option<&str> {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.strip_prefix("application/vnd.atlas.")?.strip_suffix("+json")
}
