//! `Condition`: what else a statement wants of a request.

use serde_json::Value;

use super::pattern::{Syntax, matches, matches_arn};
use super::truth::Truth;

/// What is known of a request: condition keys with their values. A key without values is known to be absent, one that
/// isn't listed is not known.
pub(super) type Context<'a> = &'a [(&'a str, &'a [&'a str])];

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
    pub(super) fn holds(&self, context: Context<'_>, variables: bool) -> Truth {
        let Some(given) = self.given(context) else {
            return Truth::Unknown;
        };
        let (Some(operator), Some(values)) = (Operator::parse(self.operator), &self.values) else {
            return Truth::Unknown;
        };
        operator.holds(values, given, variables)
    }

    /// Returns what the request has for the key, if that is known.
    pub(super) fn given<'c>(&self, context: Context<'c>) -> Option<&'c [&'c str]> {
        let (_, values) = context.iter().find(|(key, _)| key.eq_ignore_ascii_case(self.key))?;
        Some(values)
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
            Comparison::Arn | Comparison::Bool | Comparison::Null => return Vec::new(),
        };
        let values = self.values.iter().flatten().map(String::as_str);
        values
            .filter(|value| !value.contains(special))
            .filter(|value| !variables || !value.contains("${"))
            .collect()
    }
}

/// A condition operator that can be decided on a known value. Numbers, dates and addresses aren't among them: no key
/// that is known here has such values.
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
    Equal { ignore_case: bool },
    Like,
    Arn,
    Bool,
    Null,
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
            _ => return None,
        };
        Some(Self {
            quantifier,
            comparison,
            negated,
            if_exists,
        })
    }

    fn holds(self, values: &[String], given: &[&str], variables: bool) -> Truth {
        if self.comparison == Comparison::Null {
            let absent = if given.is_empty() { "true" } else { "false" };
            return Truth::any(values.iter().map(|value| value.eq_ignore_ascii_case(absent).into()));
        }
        let fits = |given: &&str| {
            let one = Truth::any(values.iter().map(|value| self.comparison.fits(value, given, variables)));
            if self.negated { one.negated() } else { one }
        };
        let mut each = given.iter().map(fits);
        match (self.quantifier, given) {
            (_, []) if self.if_exists => Truth::Yes,
            (None, []) => self.negated.into(),
            (Some(Quantifier::All), _) => Truth::all(each),
            (Some(Quantifier::Any), _) => Truth::any(each),
            (None, [_]) => each.next().unwrap_or(Truth::Unknown),
            // AWS leaves open what a test without a quantifier says of several values.
            (None, _) => Truth::Unknown,
        }
    }
}

impl Comparison {
    fn fits(self, value: &str, given: &str, variables: bool) -> Truth {
        let syntax = Syntax {
            wildcards: false,
            variables,
            ignore_case: false,
        };
        match self {
            Self::Equal { ignore_case } => matches(value, given, Syntax { ignore_case, ..syntax }),
            Self::Like => matches(
                value,
                given,
                Syntax {
                    wildcards: true,
                    ..syntax
                },
            ),
            Self::Arn => matches_arn(
                value,
                given,
                Syntax {
                    wildcards: true,
                    ..syntax
                },
            ),
            Self::Bool | Self::Null => value.eq_ignore_ascii_case(given).into(),
        }
    }
}

/// Judges a whole `Condition`, and says why where it doesn't certainly hold.
pub(super) fn judge(condition: &Value, context: Context<'_>, variables: bool) -> (Truth, String) {
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
            (
                Truth::Unknown,
                format!("it depends on {key} ({operator}), which can't be known from here"),
            )
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
        let given = match self.given(context) {
            None | Some([]) => "nothing".to_owned(),
            Some(given) => given.join(", "),
        };
        format!("its condition on {key} ({operator}: {wanted}) doesn't hold for {given}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "22222222-aaaa-4bbb-8ccc-0123456789ab";

    fn with_id(condition: &Value) -> Truth {
        judge(condition, &[("sts:ExternalId", &[ID])], true).0
    }

    fn without_id(condition: &Value) -> Truth {
        judge(condition, &[("sts:ExternalId", &[])], true).0
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
    fn all_tests_must_hold_and_other_keys_are_unknown() {
        let address = json!({"aws:SourceIp": ["203.0.113.0/24"]});
        let both = json!({"StringEquals": {"sts:ExternalId": ID}, "IpAddress": address});
        let (truth, why) = judge(&both, &[("sts:ExternalId", &[ID])], true);
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
