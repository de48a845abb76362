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

fn named(statement: &Value) -> Vec<&str> {
    let elements = ["Principal", "NotPrincipal"]
        .into_iter()
        .filter_map(|name| statement.get(name));
    elements
        .filter_map(|element| element.get("AWS").and_then(texts))
        .flatten()
        .collect()
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
    }
}
