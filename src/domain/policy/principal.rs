//! Whom a statement is about.

use serde_json::Value;

use super::statement::texts;
use super::truth::Truth;
use crate::domain::arn;

/// Returns whether a `Principal` element covers a principal.
///
/// `who` is an ARN, or an account's root principal (or ID) that stands for whoever in that account asks: which of them
/// it is isn't known, so an element that names one user or role of the account is unknown.
pub(super) fn covers(element: &Value, who: &str) -> Truth {
    match element {
        Value::String(everyone) if everyone == "*" => Truth::Yes,
        Value::Object(kinds) => Truth::any(kinds.iter().map(|(kind, named)| match (kind.as_str(), texts(named)) {
            ("Service" | "Federated" | "CanonicalUser", Some(_)) => Truth::No,
            ("AWS", Some(named)) => Truth::any(named.into_iter().map(|named| covers_one(named, who))),
            _ => Truth::Unknown,
        })),
        _ => Truth::Unknown,
    }
}

/// Returns whether a `NotPrincipal` element leaves a principal in, so that the statement is about it.
///
/// For a principal that the element names, AWS's answer depends on whether its account, its role and its session are all
/// named ("IAM JSON policy elements: `NotPrincipal`"): unknown.
pub(super) fn leaves_in(element: &Value, who: &str) -> Truth {
    match covers(element, who) {
        Truth::No => Truth::Yes,
        Truth::Unknown | Truth::Yes => Truth::Unknown,
    }
}

/// In which way a statement reaches an IAM role: it decides what else has to allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// As part of its account: in a resource's policy that lets IAM decide.
    Account,
    /// By its ARN: a permissions boundary limits that.
    Role,
    /// As one of everybody, or by its session: nothing limits that.
    Anyone,
}

/// Returns whether a statement reaches an IAM role in this way; one that names several may do it in several.
pub(super) fn reaches(statement: &Value, role: &str, way: Reach) -> Truth {
    let as_anyone = |truth| if way == Reach::Anyone { truth } else { Truth::No };
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (None, None) => Truth::No,
        (None, Some(element)) => as_anyone(leaves_in(element, role)),
        (Some(Value::Object(kinds)), None) => {
            Truth::any(kinds.iter().map(|(kind, named)| match (kind.as_str(), texts(named)) {
                ("AWS", Some(named)) => {
                    let this_way = named.into_iter().filter(|named| way_of(named, role) == way);
                    Truth::any(this_way.map(|named| covers_one(named, role)))
                }
                ("Service" | "Federated" | "CanonicalUser", Some(_)) => Truth::No,
                _ => Truth::Unknown,
            }))
        }
        (Some(element), None) => match covers(element, role) {
            Truth::Yes => as_anyone(Truth::Yes),
            other => other,
        },
        (Some(_), Some(_)) => Truth::Unknown,
    }
}

/// Returns in which way a principal stands for an IAM role, if it does.
fn way_of(named: &str, role: &str) -> Reach {
    if named == role || is_unique_id(named) {
        Reach::Role
    } else if is_account(named, arn::partition(role), arn::account(role).unwrap_or_default()) {
        Reach::Account
    } else {
        Reach::Anyone
    }
}

fn covers_one(named: &str, who: &str) -> Truth {
    if named == "*" || named == who {
        return Truth::Yes;
    }
    let who_account = account_of(who);
    if who_account.is_some_and(|(partition, account)| is_account(named, partition, account)) {
        return Truth::Yes;
    }
    let who_is_account = who_account.is_some_and(|(partition, account)| is_account(who, partition, account));
    if is_unique_id(named) {
        // AWS shows the ID of a user or role that was deleted. It can't ask any more; but for a role that was just
        // made it may be a passing sight of the role itself.
        return if who_is_account { Truth::No } else { Truth::Unknown };
    }
    match (account_of(named), who_account) {
        (Some((partition, account)), Some((who_partition, who_account))) if account == who_account => {
            let same_partition = partition.is_none() || who_partition.is_none() || partition == who_partition;
            if same_partition && (who_is_account || may_be_session_of(named, who)) {
                Truth::Unknown
            } else {
                Truth::No
            }
        }
        _ => Truth::No,
    }
}

/// Returns partition and account of an ARN or of an account's ID, which has no partition of its own.
fn account_of(principal: &str) -> Option<(Option<&str>, &str)> {
    if arn::is_account(principal) {
        return Some((None, principal));
    }
    Some((arn::partition(principal), arn::account(principal)?))
}

/// Returns whether a principal is an account: its ID, or its root principal in this partition.
fn is_account(principal: &str, partition: Option<&str>, account: &str) -> bool {
    principal == account
        || (principal.ends_with(&format!(":iam::{account}:root"))
            && (partition.is_none() || arn::partition(principal) == partition))
}

/// Returns whether a text is the unique ID of a user or role: `AIDA…`, `AROA…`.
pub(super) fn is_unique_id(named: &str) -> bool {
    (named.starts_with("AROA") || named.starts_with("AIDA")) && named.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Returns whether a principal may be the session in which an IAM role asks: sessions carry the role's name, not its path.
fn may_be_session_of(named: &str, role: &str) -> bool {
    let role = role.rsplit('/').next().unwrap_or_default();
    let session = named.split_once(":assumed-role/").map(|(_, session)| session);
    session.and_then(|session| session.split('/').next()) == Some(role)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ATLAS: &str = "arn:aws:iam::111122223333:root";
    const ROLE: &str = "arn:aws:iam::111122223333:role/team/atlas";

    #[test]
    fn an_account_is_covered_by_its_id_its_root_and_everyone() {
        for element in [
            json!("*"),
            json!({"AWS": "*"}),
            json!({"AWS": ATLAS}),
            json!({"AWS": "111122223333"}),
            json!({"AWS": ["arn:aws:iam::999900001111:root", ATLAS]}),
            json!({"Service": "ec2.amazonaws.com", "AWS": ATLAS}),
        ] {
            assert_eq!(covers(&element, ATLAS), Truth::Yes, "{element}");
            assert_eq!(covers(&element, ROLE), Truth::Yes, "{element}");
        }
    }

    #[test]
    fn others_are_not_covered() {
        for element in [
            json!({"AWS": "arn:aws:iam::999900001111:root"}),
            json!({"AWS": "999900001111"}),
            json!({"AWS": "arn:aws-cn:iam::111122223333:root"}),
            json!({"AWS": []}),
            json!({}),
            json!({"Service": "*"}),
            json!({"Federated": "cognito-identity.amazonaws.com"}),
        ] {
            assert_eq!(covers(&element, ATLAS), Truth::No, "{element}");
            assert_eq!(covers(&element, ROLE), Truth::No, "{element}");
        }
        assert_eq!(
            covers(&json!({"AWS": "arn:aws:iam::111122223333:role/other"}), ROLE),
            Truth::No
        );
        assert_eq!(covers(&json!({"AWS": "AROAEXAMPLEID12345678"}), ATLAS), Truth::No);
    }

    #[test]
    fn one_principal_of_the_account_is_unknown_and_so_is_what_cannot_be_read() {
        for element in [
            json!({"AWS": ROLE}),
            json!({"AWS": "arn:aws:sts::111122223333:assumed-role/x/session"}),
            json!({"Planet": "mars"}),
            json!({"AWS": {"odd": 1}}),
            json!("arn:aws:iam::111122223333:root"),
            json!(null),
        ] {
            assert_eq!(covers(&element, ATLAS), Truth::Unknown, "{element}");
        }
        assert_eq!(covers(&json!({"AWS": ROLE}), ROLE), Truth::Yes);
        assert_eq!(covers(&json!({"AWS": "AROAEXAMPLEID12345678"}), ROLE), Truth::Unknown);
    }

    #[test]
    fn a_session_is_perhaps_its_own_roles_alone() {
        let session = |role: &str| json!({"AWS": format!("arn:aws:sts::111122223333:assumed-role/{role}/x")});
        assert_eq!(covers(&session("atlas"), ROLE), Truth::Unknown);
        assert_eq!(covers(&session("other"), ROLE), Truth::No);
        assert_eq!(
            covers(&json!({"AWS": "arn:aws:sts::111122223333:federated-user/atlas"}), ROLE),
            Truth::No
        );
    }

    #[test]
    fn each_of_several_principals_reaches_a_role_in_its_own_way() {
        let session = "arn:aws:sts::111122223333:assumed-role/atlas/x";
        for (element, account, as_role, anyone) in [
            (json!({"AWS": ATLAS}), Truth::Yes, Truth::No, Truth::No),
            (json!({"AWS": ROLE}), Truth::No, Truth::Yes, Truth::No),
            (json!({"AWS": [ATLAS, ROLE]}), Truth::Yes, Truth::Yes, Truth::No),
            (
                json!({"AWS": ["111122223333", session]}),
                Truth::Yes,
                Truth::No,
                Truth::Unknown,
            ),
            (json!({"AWS": ["*", ROLE]}), Truth::No, Truth::Yes, Truth::Yes),
            (json!("*"), Truth::No, Truth::No, Truth::Yes),
            (json!({"Service": "ec2.amazonaws.com"}), Truth::No, Truth::No, Truth::No),
            (
                json!({"AWS": "AROAEXAMPLEID12345678"}),
                Truth::No,
                Truth::Unknown,
                Truth::No,
            ),
            (json!({"AWS": 3}), Truth::Unknown, Truth::Unknown, Truth::Unknown),
        ] {
            let statement = json!({ "Principal": element });
            let ways = [Reach::Account, Reach::Role, Reach::Anyone].map(|way| reaches(&statement, ROLE, way));
            assert_eq!(ways, [account, as_role, anyone], "{element}");
        }
        let all_but = json!({ "NotPrincipal": {"AWS": "999900001111"} });
        assert_eq!(reaches(&all_but, ROLE, Reach::Anyone), Truth::Yes);
        assert_eq!(reaches(&all_but, ROLE, Reach::Role), Truth::No);
    }

    #[test]
    fn not_principal_is_certain_only_for_those_it_does_not_name() {
        assert_eq!(leaves_in(&json!({"AWS": "999900001111"}), ATLAS), Truth::Yes);
        assert_eq!(leaves_in(&json!({"AWS": ATLAS}), ATLAS), Truth::Unknown);
    }
}
