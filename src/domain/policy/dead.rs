//! Deleted principals: AWS shows their unique IDs, and takes no document that names one.

use serde_json::Value;

use super::PolicyDocument;
use super::principal::is_unique_id;
use super::statement::texts;

/// Lists the statements that name a deleted user or role, with its unique ID: `AROA…`, `AIDA…`.
///
/// IAM and KMS put the ID in place of the ARN when the principal is deleted. A document that still names it can't be
/// written again as it is.
pub fn dead_principals(document: &PolicyDocument) -> Vec<(&Value, Vec<&str>)> {
    let dead = |statement| {
        let ids = named(statement).into_iter().filter(|named| is_unique_id(named));
        ids.collect::<Vec<_>>()
    };
    let statements = document.statements().into_iter();
    statements
        .map(|statement| (statement, dead(statement)))
        .filter(|(_, dead)| !dead.is_empty())
        .collect()
}

/// Returns the unique IDs of deleted principals in a document, each once; see [`dead_principals`].
pub fn dead_ids(document: &PolicyDocument) -> Vec<String> {
    once_each(dead_principals(document).into_iter().flat_map(|(_, ids)| ids))
}

/// Returns the unique IDs of deleted principals that a `NotPrincipal` excepts, each once.
///
/// Nobody but the statement's author can mend that: without such an ID the statement covers what it didn't cover before,
/// and with its last one it has no valid `NotPrincipal` any more.
pub fn dead_exceptions(document: &PolicyDocument) -> Vec<String> {
    let statements = document.statements().into_iter();
    let excepted = statements.flat_map(|statement| named_in(statement, "NotPrincipal"));
    once_each(excepted.filter(|named| is_unique_id(named)))
}

fn once_each<'a>(all: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for id in all {
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

fn named(statement: &Value) -> Vec<&str> {
    ["Principal", "NotPrincipal"]
        .into_iter()
        .flat_map(|element| named_in(statement, element))
        .collect()
}

fn named_in<'a>(statement: &'a Value, element: &str) -> Vec<&'a str> {
    let named = statement.get(element).and_then(|element| element.get("AWS"));
    named.and_then(texts).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_statements_that_name_deleted_principals_are_found() {
        let document = PolicyDocument::from_value(json!({"Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEID12345678"}, "Action": "sts:AssumeRole"},
            {"Effect": "Allow", "Principal": {"Service": "AIDA.amazonaws.com"}, "Action": "sts:AssumeRole"},
            {"Effect": "Deny", "NotPrincipal": {"AWS": ["arn:aws:iam::111122223333:root", "AIDAEXAMPLEID12345678"]}},
            {"Effect": "Allow", "Principal": "*"},
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/AROA"}},
        ]}));
        let found: Vec<_> = dead_principals(&document).into_iter().map(|(_, ids)| ids).collect();
        assert_eq!(found, [["AROAEXAMPLEID12345678"], ["AIDAEXAMPLEID12345678"]]);
        assert_eq!(dead_ids(&document), ["AROAEXAMPLEID12345678", "AIDAEXAMPLEID12345678"]);
        assert_eq!(dead_exceptions(&document), ["AIDAEXAMPLEID12345678"]);
    }
}
