//! The API access list: from where a credential may be used.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::super::world::{AccessList, AtlasWorld};
use super::error::Refusal;
use super::operation::{Demand, Operation};

/// Refuses a call from an address that the credential's list doesn't hold.
///
/// The list counts when a credential is used for a call; a token is handed out to everybody.
pub(super) fn check(atlas: &AtlasWorld, operation: &Operation) -> Result<(), Refusal> {
    let (list, address) = (&atlas.access_list, atlas.caller_address.as_str());
    if operation.demand() == Demand::Nothing || (list.changes_only && !operation.is_change()) || list.holds(address) {
        return Ok(());
    }
    let forbidden = |code, detail: String| Err(Refusal::new(StatusCode::FORBIDDEN, code, detail).about(address));
    if !list.entries.is_empty() {
        let detail = format!("IP address {address} is not allowed to access this resource.");
        return forbidden("IP_ADDRESS_NOT_ON_ACCESS_LIST", detail);
    }
    if list.required {
        let detail = format!(
            "This organization requires access through an access list of IP ranges. Add {address} to the list."
        );
        return forbidden("ORG_REQUIRES_ACCESS_LIST", detail);
    }
    Ok(())
}

/// Shows the list of an API key.
pub(super) fn show(list: &AccessList) -> Value {
    let entry = |entry: &String| {
        let (address, block) = match entry.split_once('/') {
            Some((address, _)) => (address, entry.clone()),
            None => (
                entry.as_str(),
                format!("{entry}/{}", if entry.contains(':') { 128 } else { 32 }),
            ),
        };
        json!({ "cidrBlock": block, "ipAddress": address })
    };
    list.entries.iter().map(entry).collect()
}
