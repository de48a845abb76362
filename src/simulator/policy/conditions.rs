//! Conditions of statements: the operators, and what meets them.

use std::cmp::Ordering;
use std::net::IpAddr;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::context::Context;
use super::document::Condition;
use super::pattern::Pattern;

/// An operator, taken apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operator {
    quantity: Quantity,
    test: Test,
    negated: bool,
    if_exists: bool,
}

/// How the values of a request that has several are counted.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Quantity {
    Single,
    Any,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Test {
    Equals,
    EqualsIgnoreCase,
    Like,
    Arn,
    Bool,
    Binary,
    Address,
    Null,
    Number(Order),
    Moment(Order),
}

/// What a comparison may come to.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Order(&'static [Ordering]);

impl Order {
    fn read(name: &str) -> Option<(Self, bool)> {
        let (accepted, negated): (&'static [Ordering], bool) = match name {
            "Equals" => (&[Ordering::Equal], false),
            "NotEquals" => (&[Ordering::Equal], true),
            "LessThan" => (&[Ordering::Less], false),
            "LessThanEquals" => (&[Ordering::Less, Ordering::Equal], false),
            "GreaterThan" => (&[Ordering::Greater], false),
            "GreaterThanEquals" => (&[Ordering::Greater, Ordering::Equal], false),
            _ => return None,
        };
        Some((Self(accepted), negated))
    }

    fn accepts(self, value: f64, wanted: f64) -> bool {
        value
            .partial_cmp(&wanted)
            .is_some_and(|ordering| self.0.contains(&ordering))
    }
}

impl Operator {
    /// Reads an operator's name, with its prefix and suffix; nothing where AWS knows none of that name.
    pub(super) fn read(name: &str) -> Option<Self> {
        let (quantity, name) = match name.split_once(':') {
            None => (Quantity::Single, name),
            Some(("ForAnyValue", name)) => (Quantity::Any, name),
            Some(("ForAllValues", name)) => (Quantity::All, name),
            Some(_) => return None,
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (test, negated) = match name {
            "StringEquals" => (Test::Equals, false),
            "StringNotEquals" => (Test::Equals, true),
            "StringEqualsIgnoreCase" => (Test::EqualsIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Test::EqualsIgnoreCase, true),
            "StringLike" => (Test::Like, false),
            "StringNotLike" => (Test::Like, true),
            "ArnEquals" | "ArnLike" => (Test::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Test::Arn, true),
            "Bool" => (Test::Bool, false),
            "BinaryEquals" => (Test::Binary, false),
            "IpAddress" => (Test::Address, false),
            "NotIpAddress" => (Test::Address, true),
            "Null" if !if_exists => (Test::Null, false),
            _ => {
                if let Some((order, negated)) = name.strip_prefix("Numeric").and_then(Order::read) {
                    (Test::Number(order), negated)
                } else {
                    let (order, negated) = name.strip_prefix("Date").and_then(Order::read)?;
                    (Test::Moment(order), negated)
                }
            }
        };
        Some(Self {
            quantity,
            test,
            negated,
            if_exists,
        })
    }
}

/// Tells whether a request meets a condition; one that isn't understood is never met.
///
/// `variables` says whether the policy is of a version that knows them.
pub(super) fn met(condition: &Condition, context: &Context, variables: bool) -> bool {
    let Some(operator) = Operator::read(&condition.operator) else {
        return false;
    };
    let present = context.values(&condition.key);
    if operator.test == Test::Null {
        let is_absent = |value: &String| value.eq_ignore_ascii_case("true") == present.is_none();
        return condition.values.iter().any(is_absent);
    }
    let Some(present) = present else {
        // A key that the request lacks: "not equal" holds, "equal" doesn't.
        return match operator.quantity {
            Quantity::All => true,
            Quantity::Any => operator.if_exists,
            Quantity::Single => operator.if_exists || operator.negated,
        };
    };
    let wanted: Vec<Pattern> = condition
        .values
        .iter()
        .filter_map(|value| {
            if variables {
                Pattern::with_variables(value, context)
            } else {
                Some(Pattern::plain(value))
            }
        })
        .collect();
    let one = |value: &String| wanted.iter().any(|wanted| holds(operator.test, wanted, value)) != operator.negated;
    match operator.quantity {
        Quantity::Any => present.iter().any(one),
        Quantity::Single | Quantity::All => present.iter().all(one),
    }
}

fn holds(test: Test, wanted: &Pattern, value: &str) -> bool {
    let literal = || wanted.text();
    match test {
        Test::Equals | Test::Binary => literal() == value,
        Test::EqualsIgnoreCase => literal().to_lowercase() == value.to_lowercase(),
        Test::Like => wanted.fits(value),
        Test::Arn => wanted.fits_arn(value),
        Test::Bool => literal().eq_ignore_ascii_case(value),
        Test::Address => contains(&literal(), value),
        Test::Number(order) => match (value.parse(), literal().parse()) {
            (Ok(value), Ok(wanted)) => order.accepts(value, wanted),
            _ => false,
        },
        Test::Moment(order) => match (moment(value), moment(&literal())) {
            (Some(value), Some(wanted)) => order.accepts(value, wanted),
            _ => false,
        },
        Test::Null => false,
    }
}

/// Reads a moment as seconds since 1970: a number of them, an ISO 8601 date, or one with time and zone.
fn moment(text: &str) -> Option<f64> {
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let moment = match text.parse::<Timestamp>() {
        Ok(moment) => moment,
        Err(_) => TimeZone::UTC
            .to_timestamp(text.parse::<Date>().ok()?.to_datetime(Time::midnight()))
            .ok()?,
    };
    Some(moment.as_duration().as_secs_f64())
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
    use super::{Condition, Context, Operator, met};

    fn holds(operator: &str, key: &str, values: &[&str], context: &Context) -> bool {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        let condition = Condition {
            operator: operator.to_owned(),
            key: key.to_owned(),
            values,
        };
        met(&condition, context, true)
    }

    /// Whether a request with these values of one key meets an operator with those values.
    fn table(rows: &[(&str, &[&str], &[&str], bool)]) {
        for (operator, wanted, present, expected) in rows {
            let context = Context::default().with_all("k:key", present.iter().map(|&value| value.to_owned()));
            assert_eq!(
                holds(operator, "K:Key", wanted, &context),
                *expected,
                "{operator} {wanted:?} on {present:?}"
            );
        }
    }

    #[test]
    fn equality_is_exact_unless_the_operator_says_otherwise() {
        table(&[
            ("StringEquals", &["x", "abc-1"], &["abc-1"], true),
            ("StringEquals", &["ABC-1"], &["abc-1"], false),
            ("StringEqualsIgnoreCase", &["ABC-1"], &["abc-1"], true),
            ("StringLike", &["abc-*"], &["abc-1"], true),
            ("StringLike", &["ABC-*"], &["abc-1"], false),
            ("StringEquals", &["abc-*"], &["abc-1"], false),
            ("StringNotEquals", &["abc-2"], &["abc-1"], true),
            ("StringNotEquals", &["abc-2", "abc-1"], &["abc-1"], false),
            ("StringNotEqualsIgnoreCase", &["ABC-1"], &["abc-1"], false),
            ("StringNotLike", &["b*"], &["abc-1"], true),
            ("Bool", &["true"], &["True"], true),
            ("Bool", &["false"], &["true"], false),
            ("BinaryEquals", &["QmluYXJ5"], &["QmluYXJ5"], true),
        ]);
    }

    #[test]
    fn a_key_that_the_request_lacks_meets_only_what_aws_says() {
        table(&[
            ("StringEquals", &["a"], &[], false),
            ("StringEqualsIfExists", &["a"], &[], true),
            ("StringNotEquals", &["a"], &[], true),
            ("NotIpAddress", &["10.0.0.0/8"], &[], true),
            ("IpAddress", &["0.0.0.0/0"], &[], false),
            ("NumericLessThan", &["1"], &[], false),
            ("DateNotEquals", &["2026-11-25"], &[], true),
            ("Bool", &["false"], &[], false),
            ("BoolIfExists", &["true"], &[], true),
            ("Null", &["true"], &[], true),
            ("Null", &["false"], &[], false),
            ("Null", &["true"], &["x"], false),
            ("Null", &["false"], &["x"], true),
            ("ForAnyValue:StringEquals", &["a"], &[], false),
            ("ForAnyValue:StringNotEquals", &["a"], &[], false),
            ("ForAllValues:StringEquals", &["a"], &[], true),
        ]);
    }

    #[test]
    fn of_several_values_one_or_all_have_to_fit() {
        table(&[
            ("ForAnyValue:StringEquals", &["a", "b"], &["b", "c"], true),
            ("ForAnyValue:StringEquals", &["a"], &["b", "c"], false),
            ("ForAllValues:StringEquals", &["a", "b"], &["b"], true),
            ("ForAllValues:StringEquals", &["a", "b"], &["b", "c"], false),
            ("ForAnyValue:StringNotEquals", &["a"], &["a", "b"], true),
            ("ForAllValues:StringNotEquals", &["a"], &["a", "b"], false),
            ("ForAllValues:StringLike", &["a*"], &["ab", "ac"], true),
        ]);
    }

    #[test]
    fn addresses_are_compared_as_blocks() {
        table(&[
            ("IpAddress", &["203.0.113.0/24"], &["203.0.113.77"], true),
            (
                "IpAddress",
                &["203.0.112.0/24", "2001:db8::/32"],
                &["203.0.113.77"],
                false,
            ),
            ("NotIpAddress", &["198.51.100.7"], &["203.0.113.77"], true),
            ("NotIpAddress", &["203.0.113.77/32"], &["203.0.113.77"], false),
            ("IpAddress", &["0.0.0.0/0"], &["203.0.113.77"], true),
            ("IpAddress", &["203.0.113.0/99"], &["203.0.113.77"], false),
            ("IpAddress", &["2001:db8:1234::/48"], &["2001:db8:1234:5::1"], true),
            ("IpAddress", &["2001:db8:1234::/48"], &["2001:db8:1235::1"], false),
            ("IpAddress", &["::/0"], &["203.0.113.77"], false),
        ]);
    }

    #[test]
    fn numbers_and_moments_have_an_order() {
        table(&[
            ("NumericEquals", &["10"], &["10.0"], true),
            ("NumericNotEquals", &["10"], &["9"], true),
            ("NumericLessThan", &["10"], &["9"], true),
            ("NumericLessThan", &["10"], &["10"], false),
            ("NumericLessThanEquals", &["10"], &["10"], true),
            ("NumericGreaterThan", &["9"], &["10"], true),
            ("NumericGreaterThanEquals", &["11"], &["10"], false),
            ("NumericEquals", &["ten"], &["10"], false),
            ("DateLessThan", &["2026-11-26"], &["2026-11-25T23:59:59Z"], true),
            (
                "DateGreaterThan",
                &["2026-11-25T12:00:00Z"],
                &["2026-11-25T13:00:00+02:00"],
                false,
            ),
            (
                "DateGreaterThanEquals",
                &["1795564800"],
                &["2026-11-25T00:00:00Z"],
                true,
            ),
            ("DateEquals", &["2026-11-25T00:00:00Z"], &["2026-11-25"], true),
            ("DateLessThanEquals", &["soon"], &["2026-11-25"], false),
        ]);
    }

    #[test]
    fn arns_are_compared_part_by_part() {
        let role = "arn:aws:iam::111122223333:role/team/atlas";
        table(&[
            ("ArnEquals", &["arn:aws:iam::*:role/team/*"], &[role], true),
            ("ArnLike", &["arn:aws:iam::111122223333:role/*"], &[role], true),
            ("ArnLike", &["arn:aws:*:role/*"], &[role], false),
            ("ArnNotLike", &["arn:aws:iam::111122223333:user/*"], &[role], true),
            (
                "ArnNotEquals",
                &["arn:aws:iam::111122223333:role/team/atlas"],
                &[role],
                false,
            ),
        ]);
    }

    #[test]
    fn values_may_hold_variables() {
        let context = Context::default()
            .with("aws:ResourceTag/team", "orders")
            .with("aws:PrincipalTag/team", "orders");
        let value = ["${aws:PrincipalTag/team}"];
        assert!(holds("StringEquals", "aws:ResourceTag/team", &value, &context));
        let other = context.with("aws:PrincipalTag/team", "billing");
        assert!(!holds("StringEquals", "aws:ResourceTag/team", &value, &other));
    }

    #[test]
    fn an_operator_nobody_knows_is_never_met() {
        table(&[("StringSortOf", &["b"], &["b"], false)]);
        for unknown in [
            "NullIfExists",
            "ForSomeValues:StringEquals",
            "DateAround",
            "stringequals",
        ] {
            assert!(Operator::read(unknown).is_none(), "{unknown}");
        }
    }
}
