//! Policies read from their text.

use serde_json::{Map, Value};

/// A policy, read.
#[derive(Debug, Clone, Default)]
pub(in crate::simulator) struct Document {
    pub(super) statements: Vec<Statement>,
    /// Whether it is of the version that knows variables.
    pub(super) variables: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) allow: bool,
    /// Absent in policies of identities.
    pub(super) principals: Option<Listed<Principal>>,
    /// Absent in statements that do nothing, which KMS accepts.
    pub(super) actions: Option<Listed<String>>,
    /// Absent in trust policies.
    pub(super) resources: Option<Listed<String>>,
    pub(super) conditions: Vec<Condition>,
}

/// An element that names what it means, or with `Not…` what it doesn't.
#[derive(Debug, Clone)]
pub(super) enum Listed<T> {
    These(Vec<T>),
    AllBut(Vec<T>),
}

impl<T> Listed<T> {
    pub(super) fn items(&self) -> &[T] {
        match self {
            Self::These(items) | Self::AllBut(items) => items,
        }
    }

    /// Tells whether the element covers something that `fits` some of its items.
    pub(super) fn covers(&self, fits: impl Fn(&T) -> bool) -> bool {
        match self {
            Self::These(items) => items.iter().any(fits),
            Self::AllBut(items) => !items.iter().any(fits),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulator) enum Principal {
    Anyone,
    /// An ARN, an account's number, or a deleted principal's unique id.
    Aws(String),
    /// Services, federations and canonical users: never Atlas.
    Other,
}

#[derive(Debug, Clone)]
pub(super) struct Condition {
    pub(super) operator: String,
    pub(super) key: String,
    pub(super) values: Vec<String>,
}

impl Document {
    /// Reads a policy that was accepted before, or came from another AWS endpoint.
    ///
    /// What can't be read does nothing here, since a policy that AWS stores is always readable.
    pub(in crate::simulator) fn read(text: &str) -> Self {
        let policy: Value = serde_json::from_str(text).unwrap_or_default();
        let statements = many(policy.get("Statement"))
            .into_iter()
            .filter_map(Value::as_object)
            .map(statement);
        Self {
            statements: statements.collect(),
            variables: policy.get("Version").and_then(Value::as_str) == Some("2012-10-17"),
        }
    }

    /// Reads several.
    pub(in crate::simulator) fn read_all<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<Self> {
        texts.into_iter().map(|text| Self::read(text)).collect()
    }

    /// Returns the principals that any statement names.
    pub(in crate::simulator) fn principals(&self) -> impl Iterator<Item = &Principal> {
        self.statements
            .iter()
            .filter_map(|statement| statement.principals.as_ref())
            .flat_map(Listed::items)
    }

    /// Returns the condition keys that any statement looks at, in lower case.
    pub(in crate::simulator) fn condition_keys(&self) -> impl Iterator<Item = &str> {
        self.statements
            .iter()
            .flat_map(|statement| &statement.conditions)
            .map(|condition| condition.key.as_str())
    }
}

fn statement(fields: &Map<String, Value>) -> Statement {
    let listed = |name: &str, not: &str| {
        fields
            .get(name)
            .map(|value| Listed::These(texts(value)))
            .or_else(|| fields.get(not).map(|value| Listed::AllBut(texts(value))))
    };
    Statement {
        allow: fields.get("Effect").and_then(Value::as_str) == Some("Allow"),
        principals: fields
            .get("Principal")
            .map(|value| Listed::These(principals(value)))
            .or_else(|| {
                fields
                    .get("NotPrincipal")
                    .map(|value| Listed::AllBut(principals(value)))
            }),
        actions: listed("Action", "NotAction"),
        resources: listed("Resource", "NotResource"),
        conditions: conditions(fields.get("Condition")),
    }
}

fn principals(value: &Value) -> Vec<Principal> {
    match value {
        Value::String(text) if text == "*" => vec![Principal::Anyone],
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, names)| {
                texts(names).into_iter().map(move |name| match kind.as_str() {
                    "AWS" if name == "*" => Principal::Anyone,
                    "AWS" => Principal::Aws(name),
                    _ => Principal::Other,
                })
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn conditions(value: Option<&Value>) -> Vec<Condition> {
    let operators = value.and_then(Value::as_object).into_iter().flatten();
    operators
        .flat_map(|(operator, keys)| {
            keys.as_object()
                .into_iter()
                .flatten()
                .map(move |(key, values)| Condition {
                    operator: operator.clone(),
                    key: key.to_lowercase(),
                    values: texts(values),
                })
        })
        .collect()
}

/// Returns what a field holds, be it one thing or a list.
pub(super) fn many(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None => Vec::new(),
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
    }
}

/// Returns a field's texts; numbers and booleans are texts too, as AWS compares them.
pub(super) fn texts(value: &Value) -> Vec<String> {
    many(Some(value))
        .into_iter()
        .filter_map(|item| match item {
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) => Some(item.to_string()),
            _ => None,
        })
        .collect()
}
