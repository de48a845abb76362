//! Lists in pages.

use serde_json::{Value, json};

use super::super::answer::Received;
use super::error::Refusal;

/// Cuts the page out of a list that the caller asks for, and wraps it as Atlas does.
pub(super) fn page<T>(
    received: &Received,
    base_url: &str,
    items: &[T],
    show: impl Fn(&T) -> Value,
) -> Result<Value, Refusal> {
    let number = bounded(received, "pageNum", 1, usize::MAX)?;
    let size = bounded(received, "itemsPerPage", 100, 500)?;
    let count = received.parameter("includeCount").is_none_or(|value| value != "false");

    let start = (number - 1).saturating_mul(size);
    let results: Vec<Value> = items.iter().skip(start).take(size).map(show).collect();
    let link = |rel: &str, number: usize| {
        let query = format!("includeCount={count}&pageNum={number}&itemsPerPage={size}");
        json!({ "href": format!("{base_url}{}?{query}", received.path), "rel": rel })
    };
    let mut links = vec![link("self", number)];
    if number > 1 {
        links.push(link("previous", number - 1));
    }
    if start.saturating_add(size) < items.len() {
        links.push(link("next", number + 1));
    }
    let mut body = json!({ "links": links, "results": results });
    if count {
        body["totalCount"] = items.len().into();
    }
    Ok(body)
}

fn bounded(received: &Received, name: &str, default: usize, most: usize) -> Result<usize, Refusal> {
    let Some(text) = received.parameter(name) else {
        return Ok(default);
    };
    text.parse()
        .ok()
        .filter(|number| (1..=most).contains(number))
        .ok_or_else(|| {
            Refusal::bad_request("INVALID_ATTRIBUTE", format!("Invalid attribute {name} specified.")).about(name)
        })
}
