//! What a policy must look like to be accepted.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::conditions::Operator;
use super::document::{Document, Principal, many, texts};

/// Where a policy stands, which decides what it may and must contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulator) enum Kind {
    /// Of a role: who may assume it.
    Trust,
    /// Of an identity: what it may do.
    Identity,
    /// Of a key: who may do what with it.
    Key,
}

/// Why a policy is refused, in AWS's words as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulator) struct Malformed(pub(in crate::simulator) String);

const TRUST_ACTIONS: [&str; 6] = [
    "sts:assumerole",
    "sts:assumerolewithsaml",
    "sts:assumerolewithwebidentity",
    "sts:tagsession",
    "sts:setsourceidentity",
    "sts:setcontext",
];

/// Reads a policy and checks it as the service does that stores it.
///
/// `exists` says whether there is a role, a user or, asked by the ARN of its root, an account, and whether the service
/// sees it; `partition` is the one that the policy lives in.
pub(in crate::simulator) fn accept(
    kind: Kind,
    text: &str,
    partition: &str,
    exists: impl Fn(&str) -> bool,
) -> Result<Document, Malformed> {
    if !text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}')) {
        return syntax(kind);
    }
    let Ok(Value::Object(policy)) = serde_json::from_str::<Value>(text) else {
        return syntax(kind);
    };
    if policy
        .keys()
        .any(|key| !matches!(key.as_str(), "Version" | "Id" | "Statement"))
    {
        return syntax(kind);
    }
    if let Some(version) = policy.get("Version")
        && !matches!(version.as_str(), Some("2012-10-17" | "2008-10-17"))
    {
        return syntax(kind);
    }
    let statements = many(policy.get("Statement"));
    if statements.is_empty() && kind != Kind::Key {
        return syntax(kind);
    }
    let mut ids = HashSet::new();
    for statement in statements {
        let Value::Object(statement) = statement else {
            return syntax(kind);
        };
        check_statement(kind, statement, partition)?;
        if let Some(id) = statement.get("Sid").and_then(Value::as_str)
            && !ids.insert(id)
            && kind != Kind::Key
        {
            return Err(Malformed(
                "Statement IDs (SID) in a single policy must be unique.".to_owned(),
            ));
        }
    }
    let document = Document::read(text);
    for principal in document.principals() {
        check_principal(kind, principal, partition, &exists)?;
    }
    Ok(document)
}

/// Counts the characters of a policy as IAM's quotas do: white space is free.
pub(in crate::simulator) fn size_without_space(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

fn syntax<T>(kind: Kind) -> Result<T, Malformed> {
    Err(Malformed(match kind {
        Kind::Trust => "This policy contains invalid Json".to_owned(),
        Kind::Identity => "Syntax errors in policy.".to_owned(),
        Kind::Key => "The policy document is not valid.".to_owned(),
    }))
}

fn check_statement(kind: Kind, statement: &Map<String, Value>, partition: &str) -> Result<(), Malformed> {
    let known = |key: &String| {
        matches!(
            key.as_str(),
            "Sid"
                | "Effect"
                | "Principal"
                | "NotPrincipal"
                | "Action"
                | "NotAction"
                | "Resource"
                | "NotResource"
                | "Condition"
        )
    };
    if !statement.keys().all(known)
        || !matches!(statement.get("Effect").and_then(Value::as_str), Some("Allow" | "Deny"))
    {
        return syntax(kind);
    }
    if let Some(id) = statement.get("Sid") {
        let plain = |c: char| c.is_ascii_alphanumeric() || (kind == Kind::Key && c == ' ');
        if !id.as_str().is_some_and(|id| id.chars().all(plain)) {
            return syntax(kind);
        }
    }
    let has = |name: &str, not: &str| match (statement.get(name), statement.get(not)) {
        (Some(_), Some(_)) => syntax(kind),
        (None, None) => Ok(false),
        _ => Ok(true),
    };
    let principal = has("Principal", "NotPrincipal")?;
    let action = has("Action", "NotAction")?;
    let resource = has("Resource", "NotResource")?;
    match kind {
        Kind::Trust if resource => return Err(Malformed("Has prohibited field Resource".to_owned())),
        Kind::Trust if !principal => return Err(Malformed("Missing required field Principal".to_owned())),
        Kind::Trust if !action => return Err(Malformed("Missing required field Action".to_owned())),
        Kind::Identity if principal => {
            return Err(Malformed("Policy document should not specify a principal.".to_owned()));
        }
        Kind::Identity if !action => return Err(Malformed("Policy statement must contain actions.".to_owned())),
        Kind::Identity if !resource => return Err(Malformed("Policy statement must contain resources.".to_owned())),
        Kind::Key if !principal => return syntax(kind),
        _ => {}
    }
    check_actions(kind, statement)?;
    if kind == Kind::Identity {
        check_resources(statement, partition)?;
    }
    check_conditions(kind, statement.get("Condition"))
}

fn check_actions(kind: Kind, statement: &Map<String, Value>) -> Result<(), Malformed> {
    for action in ["Action", "NotAction"]
        .into_iter()
        .filter_map(|name| statement.get(name))
        .flat_map(texts)
    {
        let vendor = action
            .split_once(':')
            .is_some_and(|(vendor, name)| !vendor.is_empty() && !name.is_empty());
        match kind {
            Kind::Trust if !TRUST_ACTIONS.contains(&action.to_lowercase().as_str()) => {
                return Err(Malformed(
                    "AssumeRole policy may only specify STS AssumeRole actions.".to_owned(),
                ));
            }
            Kind::Identity | Kind::Key if !vendor && action != "*" => {
                return Err(Malformed(
                    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned(),
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_resources(statement: &Map<String, Value>, partition: &str) -> Result<(), Malformed> {
    for resource in ["Resource", "NotResource"]
        .into_iter()
        .filter_map(|name| statement.get(name))
        .flat_map(texts)
    {
        if resource == "*" {
            continue;
        }
        let mut parts = resource.splitn(6, ':');
        if parts.next() != Some("arn") || resource.split(':').count() < 6 {
            return Err(Malformed(format!(
                "Resource {resource} must be in ARN format or \"*\"."
            )));
        }
        let named = parts.next().unwrap_or_default();
        if named != partition && named != "*" {
            return Err(Malformed(format!(
                "Partition \"{named}\" is not valid for resource \"{resource}\"."
            )));
        }
    }
    Ok(())
}

fn check_conditions(kind: Kind, conditions: Option<&Value>) -> Result<(), Malformed> {
    let Some(conditions) = conditions else { return Ok(()) };
    let Value::Object(operators) = conditions else {
        return syntax(kind);
    };
    for (operator, keys) in operators {
        if !keys.is_object() || Operator::read(operator).is_none() {
            return syntax(kind);
        }
    }
    Ok(())
}

fn check_principal(
    kind: Kind,
    principal: &Principal,
    partition: &str,
    exists: &impl Fn(&str) -> bool,
) -> Result<(), Malformed> {
    let Principal::Aws(name) = principal else { return Ok(()) };
    let valid = if is_account(name) {
        exists(&format!("arn:{partition}:iam::{name}:root"))
    } else {
        match name.splitn(6, ':').collect::<Vec<_>>().as_slice() {
            ["arn", named, "iam", "", account, rest] => {
                *named == partition
                    && is_account(account)
                    && (*rest == "root" || rest.starts_with("role/") || rest.starts_with("user/"))
                    && exists(name)
            }
            ["arn", named, "sts", "", account, rest] => {
                *named == partition && is_account(account) && rest.starts_with("assumed-role/")
            }
            // `AROA…` and `AIDA…` stand for principals that were deleted.
            _ => false,
        }
    };
    match (valid, kind) {
        (true, _) => Ok(()),
        (false, Kind::Key) => Err(Malformed(
            "Policy contains a statement with one or more invalid principals.".to_owned(),
        )),
        (false, _) => Err(Malformed(format!("Invalid principal in policy: \"AWS\":\"{name}\""))),
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{Kind, Malformed, accept};

    fn refusal(kind: Kind, text: &str) -> String {
        accept(kind, text, "aws", |arn| {
            arn.ends_with("role/there") || arn.ends_with("111122223333:root")
        })
        .err()
        .map(|Malformed(why)| why)
        .unwrap_or_default()
    }

    fn trust(principal: &str) -> String {
        format!(r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}}}"#)
    }

    #[test]
    fn principals_have_to_exist() {
        for valid in [
            "111122223333",
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:role/there",
            "*",
        ] {
            assert_eq!(refusal(Kind::Trust, &trust(valid)), "", "{valid}");
        }
        for invalid in [
            "arn:aws:iam::111122223333:role/gone",
            "arn:aws-cn:iam::111122223333:root",
            "arn:aws:iam::1111:root",
            "999900001111",
            "arn:aws:iam::999900001111:root",
            "arn:aws:iam::111122223333:role/*",
            "AROAEXAMPLEEXAMPLE123",
        ] {
            assert!(
                refusal(Kind::Trust, &trust(invalid)).contains("Invalid principal in policy"),
                "{invalid}"
            );
        }
    }

    #[test]
    fn each_kind_has_its_own_fields() {
        let no_resource = r#"{"Statement":[{"Effect":"Allow","Action":"kms:Encrypt"}]}"#;
        assert_eq!(
            refusal(Kind::Identity, no_resource),
            "Policy statement must contain resources."
        );
        let vendor = r#"{"Statement":[{"Effect":"Allow","Action":"Encrypt","Resource":"*"}]}"#;
        assert!(refusal(Kind::Identity, vendor).starts_with("Actions/Conditions must be prefaced"));
        assert_eq!(refusal(Kind::Trust, no_resource), "Missing required field Principal");
        let empty_statement = r#"{"Statement":[{"Sid":"with space","Effect":"Allow","Principal":"*"}]}"#;
        assert_eq!(refusal(Kind::Key, empty_statement), "", "accepted, and does nothing");
    }

    #[test]
    fn versions_partitions_and_signs_are_looked_at() {
        let policy =
            r#"{"Version":"2020-03-17","Statement":[{"Effect":"Allow","Action":"kms:Encrypt","Resource":"*"}]}"#;
        assert_eq!(refusal(Kind::Identity, policy), "Syntax errors in policy.");
        let good = policy.replace("2020-03-17", "2012-10-17");
        assert_eq!(refusal(Kind::Identity, &good), "");
        let other = good.replace(
            r#""Resource":"*""#,
            r#""Resource":"arn:aws-cn:kms:cn-north-1:111122223333:key/k""#,
        );
        assert!(refusal(Kind::Identity, &other).contains("Partition \"aws-cn\" is not valid"));
        let condition = good.replace(
            r#""Resource":"*""#,
            r#""Resource":"*","Condition":{"NullIfExists":{"aws:username":"true"}}"#,
        );
        assert_eq!(refusal(Kind::Identity, &condition), "Syntax errors in policy.");
        assert_eq!(
            refusal(Kind::Identity, &good.replace("kms:Encrypt", "kms:Enćrypt")),
            "Syntax errors in policy."
        );
    }
}
