//! The addresses that requests come from, against the ranges that policies name.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use super::PolicyDocument;
use super::condition;
use super::truth::Truth;

/// The condition key of the address that a request comes from.
pub(super) const SOURCE_IP: &str = "aws:SourceIp";

/// Reads an address or a range, as `IpAddress` takes both.
pub(super) fn parse(text: &str) -> Option<IpNet> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Shows a network, and one of a single address as that address.
pub(super) fn show(network: IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}

/// Returns whether every address of a network lies in a range: unknown where only some do.
pub(super) fn lies_in(network: IpNet, range: IpNet) -> Truth {
    if range.contains(&network) {
        Truth::Yes
    } else if network.contains(&range) {
        Truth::Unknown
    } else {
        Truth::No
    }
}

/// Lists the ranges that the documents' conditions on [`SOURCE_IP`] name; `None` where no condition is about it.
pub(super) fn ranges<'a>(documents: impl Iterator<Item = &'a PolicyDocument>) -> Option<Vec<IpNet>> {
    let mut ranges = None;
    for document in documents {
        let conditions = document
            .statements()
            .into_iter()
            .filter_map(|statement| statement.get("Condition").and_then(condition::tests));
        for test in conditions
            .flatten()
            .filter(|test| test.key.eq_ignore_ascii_case(SOURCE_IP))
        {
            let named = test.values.iter().flatten().filter_map(|value| parse(value));
            ranges.get_or_insert_with(Vec::new).extend(named);
        }
    }
    ranges
}

/// Splits a network so that each piece lies in a range or outside of it, whichever range it is.
pub(super) fn pieces(network: IpNet, ranges: &[IpNet]) -> Vec<IpNet> {
    let is_cut = ranges.iter().any(|range| lies_in(network, *range) == Truth::Unknown);
    if !is_cut {
        return vec![network];
    }
    halves(network)
        .into_iter()
        .flat_map(|half| pieces(half, ranges))
        .collect()
}

fn halves(network: IpNet) -> Vec<IpNet> {
    let length = network.prefix_len() + 1;
    network.subnets(length).map(Iterator::collect).unwrap_or_default()
}

/// Returns whether a statement restricts where requests may come from.
pub fn restricts_addresses(statement: &Value) -> bool {
    let tests = statement.get("Condition").and_then(condition::tests);
    tests
        .iter()
        .flatten()
        .any(|test| test.key.eq_ignore_ascii_case(SOURCE_IP))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> IpNet {
        parse(text).unwrap()
    }

    #[test]
    fn a_network_is_split_where_a_range_cuts_it() {
        let shown = |network: &str, ranges: &[&str]| {
            let ranges: Vec<_> = ranges.iter().map(|range| net(range)).collect();
            pieces(net(network), &ranges).into_iter().map(show).collect::<Vec<_>>()
        };
        assert_eq!(shown("198.51.100.0/24", &["198.51.0.0/16"]), ["198.51.100.0/24"]);
        assert_eq!(shown("198.51.100.0/24", &["2001:db8::/32"]), ["198.51.100.0/24"]);
        assert_eq!(
            shown("198.51.100.0/30", &["198.51.100.1"]),
            ["198.51.100.0", "198.51.100.1", "198.51.100.2/31"]
        );
        assert_eq!(
            shown("2001:db8::/126", &["2001:db8::2/127"]),
            ["2001:db8::/127", "2001:db8::2/127"]
        );
    }
}
