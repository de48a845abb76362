//! `Condition`: what else a statement wants of a request.

use std::cmp::Ordering;

use ipnet::IpNet;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::addresses;
use super::fact::{Context, Fact, given};
use super::pattern::{Syntax, matches, matches_arn};
use super::truth::Truth;

/// One test of a `Condition` on one key: all tests must hold, and one of a test's values must fit.
pub(super) struct Test<'a> {
    /// The operator as it is written: `StringEquals`, `ForAnyValue:StringLikeIfExists`, …
    pub(super) operator: &'a str,
    /// The key as it is written; case doesn't count.
    pub(super) key: &'a str,
    /// The values, as text; `None` where they can't be read.
    pub(super) values: Option<Vec<String>>,
}

/// Splits a `Condition` into its tests; `None` where it has another shape than AWS takes.
pub(super) fn tests(condition: &Value) -> Option<Vec<Test<'_>>> {
    let mut tests = Vec::new();
    for (operator, keys) in condition.as_object()? {
        for (key, values) in keys.as_object()? {
            tests.push(Test {
                operator,
                key,
                values: plain_values(values),
            });
        }
    }
    Some(tests)
}

/// Reads the values of a test; AWS takes bare booleans and numbers there too.
fn plain_values(values: &Value) -> Option<Vec<String>> {
    let plain = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    match value_list(values) {
        [] => None,
        list => list.iter().map(plain).collect(),
    }
}

fn value_list(values: &Value) -> &[Value] {
    values
        .as_array()
        .map_or_else(|| std::slice::from_ref(values), Vec::as_slice)
}

impl Test<'_> {
    /// Returns whether the test holds for a request.
    pub(super) fn holds(&self, context: Context<'_>, variables: Option<Context<'_>>) -> Truth {
        let (Some(operator), Some(values)) = (Operator::parse(self.operator), &self.values) else {
            return Truth::Unknown;
        };
        match given(context, self.key) {
            None | Some(Fact::Unknown(_)) => Truth::Unknown,
            Some(fact @ (Fact::IsOrAbsent(_) | Fact::Foreign)) => {
                let [there, absent] = [fact, Fact::Absent].map(|fact| operator.holds(values, fact, variables));
                if there == absent { there } else { Truth::Unknown }
            }
            Some(fact) => operator.holds(values, fact, variables),
        }
    }

    /// Returns the values that the key must have one of, where the test says them exactly: no wildcard, no variable, no
    /// negation.
    pub(super) fn exact_values(&self, variables: bool) -> Vec<&str> {
        let Some(operator) = Operator::parse(self.operator).filter(|operator| !operator.negated) else {
            return Vec::new();
        };
        let special: &[char] = match operator.comparison {
            Comparison::Equal { .. } => &[],
            Comparison::Like => &['*', '?'],
            _ => return Vec::new(),
        };
        let values = self.values.iter().flatten().map(String::as_str);
        values
            .filter(|value| !value.contains(special))
            .filter(|value| !variables || !value.contains("${"))
            .collect()
    }
}

/// A condition operator ("IAM JSON policy elements: Condition operators").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Operator {
    quantifier: Option<Quantifier>,
    comparison: Comparison,
    negated: bool,
    if_exists: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantifier {
    All,
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal {
        ignore_case: bool,
    },
    Like,
    Arn,
    Bool,
    Null,
    Address,
    /// Which orders of the request's value and the policy's hold.
    Number(&'static [Ordering]),
    Date(&'static [Ordering]),
    Binary,
}

/// The orders that each ending of a `Numeric…` or `Date…` operator takes.
fn orders(ending: &str) -> Option<(&'static [Ordering], bool)> {
    use Ordering::{Equal, Greater, Less};
    Some(match ending {
        "Equals" => (&[Equal], false),
        "NotEquals" => (&[Equal], true),
        "LessThan" => (&[Less], false),
        "LessThanEquals" => (&[Less, Equal], false),
        "GreaterThan" => (&[Greater], false),
        "GreaterThanEquals" => (&[Greater, Equal], false),
        _ => return None,
    })
}

impl Operator {
    fn parse(text: &str) -> Option<Self> {
        let (quantifier, rest) = match text.split_once(':') {
            Some(("ForAllValues", rest)) => (Some(Quantifier::All), rest),
            Some(("ForAnyValue", rest)) => (Some(Quantifier::Any), rest),
            Some(_) => return None,
            None => (None, text),
        };
        let (name, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |name| (name, true));
        let (comparison, negated) = match name {
            "StringEquals" => (Comparison::Equal { ignore_case: false }, false),
            "StringNotEquals" => (Comparison::Equal { ignore_case: false }, true),
            "StringEqualsIgnoreCase" => (Comparison::Equal { ignore_case: true }, false),
            "StringNotEqualsIgnoreCase" => (Comparison::Equal { ignore_case: true }, true),
            "StringLike" => (Comparison::Like, false),
            "StringNotLike" => (Comparison::Like, true),
            "ArnEquals" | "ArnLike" => (Comparison::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Comparison::Arn, true),
            "Bool" => (Comparison::Bool, false),
            "Null" if quantifier.is_none() && !if_exists => (Comparison::Null, false),
            "IpAddress" => (Comparison::Address, false),
            "NotIpAddress" => (Comparison::Address, true),
            "BinaryEquals" => (Comparison::Binary, false),
            _ => match (name.strip_prefix("Numeric"), name.strip_prefix("Date")) {
                (Some(ending), _) => orders(ending).map(|(orders, negated)| (Comparison::Number(orders), negated))?,
                (_, Some(ending)) => orders(ending).map(|(orders, negated)| (Comparison::Date(orders), negated))?,
                (None, None) => return None,
            },
        };
        Some(Self {
            quantifier,
            comparison,
            negated,
            if_exists,
        })
    }

    /// Judges a known value, or that there is none. For the one value that a key has both quantifiers mean the same.
    fn holds(self, values: &[String], fact: Fact<'_>, variables: Option<Context<'_>>) -> Truth {
        let is_absent = fact == Fact::Absent;
        if self.comparison == Comparison::Null {
            let absent = if is_absent { "true" } else { "false" };
            return Truth::any(values.iter().map(|value| same_boolean(value, absent)));
        }
        if is_absent {
            return match self.quantifier {
                _ if self.if_exists => Truth::Yes,
                Some(Quantifier::All) => Truth::Yes,
                Some(Quantifier::Any) => Truth::No,
                None => self.negated.into(),
            };
        }
        let one = Truth::any(values.iter().map(|value| match fact {
            Fact::Within(network) => self.comparison.fits_network(value, network, variables),
            Fact::Is(given) | Fact::IsOrAbsent(given) => self.comparison.fits(value, given, variables),
            Fact::Moment(moment) if matches!(self.comparison, Comparison::Date(_)) => {
                self.comparison.fits(value, moment, variables)
            }
            Fact::Foreign if matches!(self.comparison, Comparison::Equal { .. } | Comparison::Like) => {
                let is_open = value.contains(['*', '?']) || value.contains("${");
                if is_open { Truth::Unknown } else { Truth::No }
            }
            Fact::Absent | Fact::Foreign | Fact::Moment(_) | Fact::Unknown(_) => Truth::Unknown,
        }));
        if self.negated { one.negated() } else { one }
    }
}

impl Comparison {
    fn fits(self, value: &str, given: &str, variables: Option<Context<'_>>) -> Truth {
        let syntax = Syntax {
            wildcards: matches!(self, Self::Like | Self::Arn),
            variables,
            ignore_case: self == Self::Equal { ignore_case: true },
        };
        match self {
            Self::Equal { .. } | Self::Like => matches(value, given, syntax),
            Self::Arn => matches_arn(value, given, syntax),
            Self::Bool | Self::Null => same_boolean(value, given),
            Self::Number(orders) => compared(value.parse::<f64>(), given.parse::<f64>(), orders),
            Self::Date(orders) => compared(moment(value).ok_or(()), moment(given).ok_or(()), orders),
            Self::Address => {
                addresses::parse(given).map_or(Truth::Unknown, |network| self.fits_network(value, network, variables))
            }
            Self::Binary => Truth::Unknown,
        }
    }

    /// Compares with an address of a network: unknown where that depends on which one it is.
    fn fits_network(self, value: &str, network: IpNet, variables: Option<Context<'_>>) -> Truth {
        if self == Self::Address {
            return addresses::parse(value).map_or(Truth::Unknown, |range| addresses::lies_in(network, range));
        }
        if network.prefix_len() == network.max_prefix_len() {
            return self.fits(value, &network.addr().to_string(), variables);
        }
        Truth::Unknown
    }
}

/// Compares a boolean of the policy with what the request has; unknown where it is none.
fn same_boolean(value: &str, given: &str) -> Truth {
    if ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word)) {
        value.eq_ignore_ascii_case(given).into()
    } else {
        Truth::Unknown
    }
}

/// Compares what the policy says with what the request has; unknown where one of them can't be read.
fn compared<T: PartialOrd, E>(value: Result<T, E>, given: Result<T, E>, orders: &[Ordering]) -> Truth {
    match (value, given) {
        (Ok(value), Ok(given)) => given
            .partial_cmp(&value)
            .map_or(Truth::Unknown, |order| orders.contains(&order).into()),
        _ => Truth::Unknown,
    }
}

/// Reads a time as policies have it: ISO 8601 with or without the time of day, or seconds since 1970.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse() {
        return Timestamp::from_second(seconds).ok();
    }
    let midnight = || {
        let day = text.parse::<Date>().ok()?;
        TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()
    };
    text.parse().ok().or_else(midnight)
}

/// Judges a whole `Condition`, and says why where it doesn't certainly hold. `variables`: whether `${…}` is a policy
/// variable in its document.
pub(super) fn judge(condition: &Value, context: Context<'_>, variables: bool) -> (Truth, String) {
    let variables = variables.then_some(context);
    let Some(tests) = tests(condition) else {
        return (Truth::Unknown, "its Condition can't be read".to_owned());
    };
    let worst = tests
        .iter()
        .map(|test| (test.holds(context, variables), test))
        .min_by_key(|(truth, _)| *truth);
    match worst {
        None | Some((Truth::Yes, _)) => (Truth::Yes, String::new()),
        Some((Truth::Unknown, test)) => {
            let (operator, key) = (test.operator, test.key);
            let reason = match given(context, test.key) {
                Some(Fact::Unknown(reason)) => reason,
                _ => "which can't be known from here",
            };
            (Truth::Unknown, format!("it depends on {key} ({operator}), {reason}"))
        }
        Some((Truth::No, test)) => (Truth::No, test.unmet(context)),
    }
}

impl Test<'_> {
    fn unmet(&self, context: Context<'_>) -> String {
        let (operator, key) = (self.operator, self.key);
        let wanted = self
            .values
            .iter()
            .flatten()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" or ");
        let value = match given(context, self.key) {
            Some(Fact::Is(value) | Fact::IsOrAbsent(value) | Fact::Moment(value)) => value.to_owned(),
            Some(Fact::Within(network)) => addresses::show(network),
            Some(Fact::Foreign) => "one of Atlas's own".to_owned(),
            None | Some(Fact::Absent | Fact::Unknown(_)) => "nothing".to_owned(),
        };
        format!("its condition on {key} ({operator}: {wanted}) doesn't hold for {value}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "22222222-aaaa-4bbb-8ccc-0123456789ab";

    fn with_id(condition: &Value) -> Truth {
        judge(condition, &[("sts:ExternalId", Fact::Is(ID))], true).0
    }

    fn without_id(condition: &Value) -> Truth {
        judge(condition, &[("sts:ExternalId", Fact::Absent)], true).0
    }

    #[test]
    fn operators_on_a_known_value() {
        for (operator, value, expected) in [
            ("StringEquals", json!(ID), Truth::Yes),
            ("StringEquals", json!(["x", ID]), Truth::Yes),
            ("StringEquals", json!("2222*"), Truth::No),
            ("StringEquals", json!(ID.to_uppercase()), Truth::No),
            ("StringEqualsIgnoreCase", json!(ID.to_uppercase()), Truth::Yes),
            ("StringNotEquals", json!(ID), Truth::No),
            ("StringNotEquals", json!(["x", "y"]), Truth::Yes),
            ("StringNotEquals", json!(["x", ID]), Truth::No),
            ("StringNotEqualsIgnoreCase", json!(ID.to_uppercase()), Truth::No),
            ("StringLike", json!("2222????-*"), Truth::Yes),
            ("StringNotLike", json!("2222*"), Truth::No),
            ("StringEquals", json!("${aws:PrincipalTag/id}"), Truth::Unknown),
            ("StringEqualsIfExists", json!("x"), Truth::No),
            ("ForAnyValue:StringEquals", json!(["x", ID]), Truth::Yes),
            ("ForAllValues:StringLike", json!("2*"), Truth::Yes),
            ("ForAllValues:StringNotEquals", json!(ID), Truth::No),
            ("Null", json!("false"), Truth::Yes),
            ("Null", json!(true), Truth::No),
            ("Bool", json!("true"), Truth::No),
            ("ArnLike", json!("arn:aws:iam::*:role/x"), Truth::No),
            ("ArnNotLike", json!("arn:aws:iam::*:role/x"), Truth::Yes),
            ("NumericEquals", json!(3), Truth::Unknown),
            ("IpAddress", json!("10.0.0.0/8"), Truth::Unknown),
            ("ForSomeValues:StringEquals", json!(ID), Truth::Unknown),
            ("NullIfExists", json!("true"), Truth::Unknown),
            ("StringEquals", json!([]), Truth::Unknown),
            ("StringEquals", json!({"a": 1}), Truth::Unknown),
        ] {
            let condition = json!({operator: {"STS:externalid": value}});
            assert_eq!(with_id(&condition), expected, "{condition}");
        }
    }

    /// "If the key isn't present, the values do not match and the condition is false"; negated operators are true;
    /// `…IfExists` is true; `ForAllValues` of no values is true, `ForAnyValue` false ("Condition operators", "Set
    /// operators for multivalued context keys").
    #[test]
    fn operators_on_an_absent_key() {
        for (operator, expected) in [
            ("StringEquals", Truth::No),
            ("StringNotEquals", Truth::Yes),
            ("StringEqualsIfExists", Truth::Yes),
            ("ForAllValues:StringEquals", Truth::Yes),
            ("ForAnyValue:StringEquals", Truth::No),
            ("ForAnyValue:StringNotEquals", Truth::No),
            ("ArnNotEquals", Truth::Yes),
        ] {
            let condition = json!({operator: {"sts:ExternalId": "x"}});
            assert_eq!(without_id(&condition), expected, "{condition}");
        }
        assert_eq!(without_id(&json!({"Null": {"sts:ExternalId": "true"}})), Truth::Yes);
    }

    #[test]
    fn numbers_dates_and_addresses_are_compared_as_such() {
        let holds = |operator: &str, value: &Value, given: &str| {
            let condition = json!({operator: {"k": value}});
            judge(&condition, &[("k", Fact::Is(given))], true).0
        };
        for (operator, value, given, expected) in [
            ("NumericEquals", json!(10), "10.0", Truth::Yes),
            ("NumericNotEquals", json!("10"), "10", Truth::No),
            ("NumericLessThan", json!("9"), "10", Truth::No),
            ("NumericLessThanEquals", json!("10"), "10", Truth::Yes),
            ("NumericGreaterThan", json!("9"), "10", Truth::Yes),
            ("NumericGreaterThanEqualsIfExists", json!("11"), "10", Truth::No),
            ("NumericEquals", json!("ten"), "10", Truth::Unknown),
            ("NumericSomewhat", json!("10"), "10", Truth::Unknown),
            (
                "DateGreaterThan",
                json!("2020-04-01T00:00:00Z"),
                "2026-11-25T08:00:00Z",
                Truth::Yes,
            ),
            ("DateLessThan", json!("2020-06-30"), "2026-11-25T08:00:00Z", Truth::No),
            ("DateLessThanEquals", json!(1_900_000_000), "1764057600", Truth::Yes),
            ("DateNotEquals", json!("2026-11-25"), "2026-11-25T00:00:00Z", Truth::No),
            ("DateEquals", json!("soon"), "2026-11-25T00:00:00Z", Truth::Unknown),
            ("BinaryEquals", json!("QmluYXJ5"), "QmluYXJ5", Truth::Unknown),
            ("IpAddress", json!("203.0.113.0/24"), "203.0.113.9", Truth::Yes),
            (
                "IpAddress",
                json!(["192.0.2.1", "198.51.100.0/25"]),
                "198.51.100.200",
                Truth::No,
            ),
            ("NotIpAddress", json!("203.0.113.0/24"), "203.0.113.9", Truth::No),
            ("NotIpAddress", json!("203.0.113.0/24"), "2001:db8::1", Truth::Yes),
            (
                "IpAddress",
                json!("2001:db8:1234:5678::/64"),
                "2001:db8:1234:5678::9",
                Truth::Yes,
            ),
            (
                "IpAddress",
                json!("2001:DB8:1234:5678::/64"),
                "2001:db8:1234:5679::9",
                Truth::No,
            ),
            ("IpAddress", json!("everywhere"), "203.0.113.9", Truth::Unknown),
        ] {
            assert_eq!(holds(operator, &value, given), expected, "{operator} {value} {given}");
        }
    }

    #[test]
    fn an_address_of_a_network_is_decided_where_all_of_them_agree() {
        let within = |operator: &str, value: &str, network: &str| {
            let condition = json!({operator: {"aws:SourceIp": value}});
            judge(
                &condition,
                &[("aws:sourceip", Fact::Within(network.parse().unwrap()))],
                true,
            )
            .0
        };
        assert_eq!(within("IpAddress", "198.51.100.0/24", "198.51.100.64/26"), Truth::Yes);
        assert_eq!(
            within("IpAddress", "198.51.100.64/27", "198.51.100.64/26"),
            Truth::Unknown
        );
        assert_eq!(within("NotIpAddress", "203.0.113.0/24", "198.51.100.64/26"), Truth::Yes);
        assert_eq!(within("StringLike", "198.51.*", "198.51.100.7/32"), Truth::Yes);
        assert_eq!(within("StringLike", "198.51.*", "198.51.100.0/24"), Truth::Unknown);
    }

    #[test]
    fn what_may_be_absent_counts_only_where_that_is_no_matter() {
        let mfa = |operator: &str, value: &str| {
            let condition = json!({operator: {"aws:MultiFactorAuthPresent": value}});
            judge(
                &condition,
                &[("aws:MultiFactorAuthPresent", Fact::IsOrAbsent("false"))],
                true,
            )
            .0
        };
        assert_eq!(mfa("Bool", "true"), Truth::No);
        assert_eq!(mfa("BoolIfExists", "false"), Truth::Yes);
        assert_eq!(mfa("Bool", "false"), Truth::Unknown);
        let reasoned = [("aws:SourceIp", Fact::Unknown("and Atlas's addresses couldn't be read"))];
        let (truth, why) = judge(&json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), &reasoned, true);
        assert_eq!(truth, Truth::Unknown);
        assert!(
            why.ends_with("(IpAddress), and Atlas's addresses couldn't be read"),
            "{why}"
        );
    }

    #[test]
    fn all_tests_must_hold_and_other_keys_are_unknown() {
        let address = json!({"aws:SourceIp": ["203.0.113.0/24"]});
        let both = json!({"StringEquals": {"sts:ExternalId": ID}, "IpAddress": address});
        let (truth, why) = judge(&both, &[("sts:ExternalId", Fact::Is(ID))], true);
        assert_eq!(truth, Truth::Unknown);
        assert_eq!(
            why,
            "it depends on aws:SourceIp (IpAddress), which can't be known from here"
        );
        let neither = json!({"StringEquals": {"sts:ExternalId": "other"}, "IpAddress": address});
        assert_eq!(with_id(&neither), Truth::No);
        assert_eq!(with_id(&json!({})), Truth::Yes);
        assert_eq!(with_id(&json!([])), Truth::Unknown);
        assert_eq!(with_id(&json!({"StringEquals": 3})), Truth::Unknown);
    }
}
