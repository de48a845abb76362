//! Conditions of statements.

use std::collections::HashMap;
use std::net::IpAddr;

use super::document::Condition;
use super::pattern::{fits, fits_any_case};

/// What is known about a request when its policies are read: condition keys and their values.
#[derive(Debug, Clone, Default)]
pub(in crate::simulator) struct Context {
    values: HashMap<String, Vec<String>>,
}

impl Context {
    #[must_use]
    pub(in crate::simulator) fn with(mut self, key: &str, value: &str) -> Self {
        self.values.insert(key.to_lowercase(), vec![value.to_owned()]);
        self
    }
}

/// How the values of a request that has several are counted.
#[derive(Clone, Copy, PartialEq)]
enum Quantity {
    Single,
    Any,
    All,
}

/// Operators without their prefixes and suffixes.
pub(super) const OPERATORS: [&str; 26] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "ArnEquals",
    "ArnNotEquals",
    "ArnLike",
    "ArnNotLike",
    "Bool",
    "IpAddress",
    "NotIpAddress",
    "Null",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateGreaterThan",
    "BinaryEquals",
    "DateGreaterThanEquals",
];

/// Returns an operator's name without `ForAnyValue:`, `ForAllValues:` and `IfExists`.
pub(super) fn bare(operator: &str) -> &str {
    let operator = operator.split_once(':').map_or(operator, |(_, name)| name);
    operator.strip_suffix("IfExists").unwrap_or(operator)
}

/// Tells whether a request meets a condition; one that isn't understood is never met.
pub(super) fn met(condition: &Condition, context: &Context) -> bool {
    let quantity = match condition.operator.split_once(':') {
        Some(("ForAnyValue", _)) => Quantity::Any,
        Some(("ForAllValues", _)) => Quantity::All,
        _ => Quantity::Single,
    };
    let if_exists = condition.operator.ends_with("IfExists");
    let operator = bare(&condition.operator);
    let present = context.values.get(&condition.key);

    if operator == "Null" {
        return condition
            .values
            .iter()
            .any(|value| value.eq_ignore_ascii_case("true") == present.is_none());
    }
    let (positive, negated) = match operator {
        "StringNotEquals" => ("StringEquals", true),
        "StringNotEqualsIgnoreCase" => ("StringEqualsIgnoreCase", true),
        "StringNotLike" => ("StringLike", true),
        "ArnNotEquals" | "ArnNotLike" => ("ArnLike", true),
        "NotIpAddress" => ("IpAddress", true),
        "ArnEquals" => ("ArnLike", false),
        other => (other, false),
    };
    let Some(present) = present else {
        // A key that the request lacks: "not equal" holds, "equal" doesn't.
        return if_exists || negated || quantity == Quantity::All;
    };
    let one = |value: &String| condition.values.iter().any(|wanted| equal(positive, wanted, value)) != negated;
    match quantity {
        Quantity::Any => present.iter().any(one),
        Quantity::Single | Quantity::All => present.iter().all(one),
    }
}

fn equal(operator: &str, wanted: &str, value: &str) -> bool {
    match operator {
        "StringEquals" | "BinaryEquals" => wanted == value,
        "StringEqualsIgnoreCase" => wanted.to_lowercase() == value.to_lowercase(),
        "StringLike" | "ArnLike" => fits(wanted, value),
        "Bool" => fits_any_case(wanted, value),
        "IpAddress" => contains(wanted, value),
        _ => false,
    }
}

/// Tells whether a block such as `203.0.113.0/24`, or a single address, contains an address.
fn contains(block: &str, address: &str) -> bool {
    let (network, bits) = block
        .split_once('/')
        .map_or((block, None), |(network, bits)| (network, Some(bits)));
    let (Ok(network), Ok(address)) = (network.parse::<IpAddr>(), address.parse::<IpAddr>()) else {
        return false;
    };
    let (network, address, width) = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            (u128::from(network.to_bits()), u128::from(address.to_bits()), 32)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    let Ok(bits) = bits.map_or(Ok(width), str::parse::<u32>) else {
        return false;
    };
    let Some(shift) = width.checked_sub(bits) else {
        return false;
    };
    network.checked_shr(shift).unwrap_or(0) == address.checked_shr(shift).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Condition, Context, met};

    fn holds(operator: &str, key: &str, values: &[&str], context: &Context) -> bool {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        met(
            &Condition {
                operator: operator.to_owned(),
                key: key.to_owned(),
                values,
            },
            context,
        )
    }

    #[test]
    fn equality_is_exact_unless_the_operator_says_otherwise() {
        let context = Context::default().with("sts:ExternalId", "abc-1");
        assert!(holds("StringEquals", "sts:externalid", &["x", "abc-1"], &context));
        assert!(!holds("StringEquals", "sts:externalid", &["ABC-1"], &context));
        assert!(holds("StringEqualsIgnoreCase", "sts:externalid", &["ABC-1"], &context));
        assert!(holds("StringLike", "sts:externalid", &["abc-*"], &context));
        assert!(!holds("StringEquals", "sts:externalid", &["abc-*"], &context));
        assert!(holds("StringNotEquals", "sts:externalid", &["abc-2"], &context));
    }

    #[test]
    fn a_key_that_the_request_lacks_meets_only_what_aws_says() {
        let nothing = Context::default();
        assert!(!holds("StringEquals", "sts:externalid", &["a"], &nothing));
        assert!(holds("StringEqualsIfExists", "sts:externalid", &["a"], &nothing));
        assert!(holds("StringNotEquals", "sts:externalid", &["a"], &nothing));
        assert!(holds("Null", "sts:externalid", &["true"], &nothing));
        assert!(!holds("Null", "sts:externalid", &["false"], &nothing));
        assert!(!holds("ForAnyValue:StringEquals", "sts:externalid", &["a"], &nothing));
    }

    #[test]
    fn addresses_are_compared_as_blocks() {
        let context = Context::default().with("aws:SourceIp", "203.0.113.77");
        assert!(holds("IpAddress", "aws:sourceip", &["203.0.113.0/24"], &context));
        assert!(!holds(
            "IpAddress",
            "aws:sourceip",
            &["203.0.112.0/24", "2001:db8::/32"],
            &context
        ));
        assert!(holds("NotIpAddress", "aws:sourceip", &["198.51.100.7"], &context));
        assert!(holds("IpAddress", "aws:sourceip", &["0.0.0.0/0"], &context));
        assert!(!holds("IpAddress", "aws:sourceip", &["203.0.113.0/99"], &context));
    }

    #[test]
    fn an_operator_nobody_knows_is_never_met() {
        assert!(!holds("StringSortOf", "a", &["b"], &Context::default().with("a", "b")));
    }
}
