//! What policies decide.

use super::conditions::{Context, met};
use super::document::{Document, Listed, Principal, Statement};
use super::pattern::{fits, fits_any_case};

/// Who asks, as policies name it.
#[derive(Debug, Clone)]
pub(in crate::simulator) struct Caller {
    /// ARN of the IAM role or user, or of an account's root.
    pub(in crate::simulator) arn: String,
    /// The caller's account.
    pub(in crate::simulator) account: String,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulator) struct Question<'a> {
    pub(in crate::simulator) caller: &'a Caller,
    pub(in crate::simulator) action: &'a str,
    pub(in crate::simulator) resource: &'a str,
    pub(in crate::simulator) context: &'a Context,
}

/// How a request is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulator) enum Ruling {
    Allowed,
    /// Some statement says Deny, which nothing can outweigh.
    Denied,
    /// No statement allows it.
    NotAllowed,
}

/// What the statements of one policy say together, and about whom.
#[derive(Debug, Default, Clone, Copy)]
struct Voice {
    denies: bool,
    /// Allows the caller by name, or everybody.
    allows_caller: bool,
    /// Allows the caller's account, which then decides by its own policies.
    allows_account: bool,
}

/// Decides whether a trust policy lets a caller of another account assume the role.
pub(in crate::simulator) fn assume_role(trust: &Document, question: Question<'_>) -> Ruling {
    let voice = resource_voice(trust, question);
    match voice {
        Voice { denies: true, .. } => Ruling::Denied,
        Voice {
            allows_caller: true, ..
        }
        | Voice {
            allows_account: true, ..
        } => Ruling::Allowed,
        _ => Ruling::NotAllowed,
    }
}

/// Decides whether a role may do something with a key: by its own policies, its boundary and the key policy.
pub(in crate::simulator) fn use_key(
    role: &[Document],
    boundary: Option<&Document>,
    key_policy: &Document,
    key_account: &str,
    question: Question<'_>,
) -> Ruling {
    let own: Vec<Voice> = role.iter().map(|policy| identity_voice(policy, question)).collect();
    let limit = boundary.map(|policy| identity_voice(policy, question));
    let key = resource_voice(key_policy, question);

    if key.denies || own.iter().chain(&limit).any(|voice| voice.denies) {
        return Ruling::Denied;
    }
    let within_limit = limit.is_none_or(|voice| voice.allows_caller);
    let role_allows = within_limit && own.iter().any(|voice| voice.allows_caller);
    let allowed = if question.caller.account == key_account {
        (key.allows_caller && within_limit) || (key.allows_account && role_allows)
    } else {
        (key.allows_caller || key.allows_account) && role_allows
    };
    if allowed { Ruling::Allowed } else { Ruling::NotAllowed }
}

fn identity_voice(policy: &Document, question: Question<'_>) -> Voice {
    let mut voice = Voice::default();
    for statement in policy
        .statements
        .iter()
        .filter(|statement| applies(statement, question))
    {
        if statement.resources.is_some() && statement.allow {
            voice.allows_caller = true;
        } else if statement.resources.is_some() {
            voice.denies = true;
        }
    }
    voice
}

fn resource_voice(policy: &Document, question: Question<'_>) -> Voice {
    let mut voice = Voice::default();
    for statement in policy
        .statements
        .iter()
        .filter(|statement| applies(statement, question))
    {
        let (caller, account) = addressed(statement, question.caller);
        if !statement.allow {
            voice.denies |= caller || account;
        } else if caller {
            voice.allows_caller = true;
        } else if account {
            voice.allows_account = true;
        }
    }
    voice
}

/// Tells whether a statement is about this action, resource and context.
fn applies(statement: &Statement, question: Question<'_>) -> bool {
    let action = statement
        .actions
        .as_ref()
        .is_some_and(|actions| actions.covers(|pattern| fits_any_case(pattern, question.action)));
    // A trust policy has no resource: the role that carries it is meant.
    let resource = statement
        .resources
        .as_ref()
        .is_none_or(|resources| resources.covers(|pattern| fits(pattern, question.resource)));
    action
        && resource
        && statement
            .conditions
            .iter()
            .all(|condition| met(condition, question.context))
}

/// Tells whether a statement's principals mean the caller itself, or its account.
fn addressed(statement: &Statement, caller: &Caller) -> (bool, bool) {
    let by_name = |principal: &Principal| match principal {
        Principal::Anyone => true,
        Principal::Aws(name) => *name == caller.arn,
        Principal::Other => false,
    };
    let by_account = |principal: &Principal| match principal {
        Principal::Aws(name) => *name == caller.account || is_root_of(name, &caller.account),
        Principal::Anyone | Principal::Other => false,
    };
    match &statement.principals {
        None => (false, false),
        Some(Listed::These(principals)) => (principals.iter().any(by_name), principals.iter().any(by_account)),
        Some(Listed::AllBut(principals)) => (
            !principals
                .iter()
                .any(|principal| by_name(principal) || by_account(principal)),
            false,
        ),
    }
}

fn is_root_of(principal: &str, account: &str) -> bool {
    let mut parts = principal.splitn(6, ':');
    parts.next() == Some("arn")
        && parts.nth(1) == Some("iam")
        && parts.nth(1) == Some(account)
        && parts.next() == Some("root")
}

#[cfg(test)]
mod tests {
    use super::{Caller, Context, Document, Question, Ruling, use_key};

    const ROLE: &str = "arn:aws:iam::111122223333:role/atlas";
    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k";
    const ROOT_DECIDES: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},
        "Action":"kms:*","Resource":"*"}}"#;
    const MAY_ENCRYPT: &str = r#"{"Statement":{"Effect":"Allow","Action":"kms:Encrypt",
        "Resource":"arn:aws:kms:eu-west-1:111122223333:key/k"}}"#;

    fn ruling(role: &[&str], key_policy: &str, key_account: &str) -> Ruling {
        let role: Vec<Document> = role.iter().map(|text| Document::read(text)).collect();
        let caller = Caller {
            arn: ROLE.to_owned(),
            account: "111122223333".to_owned(),
        };
        let context = Context::default();
        let question = Question {
            caller: &caller,
            action: "kms:Encrypt",
            resource: KEY,
            context: &context,
        };
        use_key(&role, None, &Document::read(key_policy), key_account, question)
    }

    #[test]
    fn in_one_account_the_key_policy_opens_the_door_to_iam() {
        assert_eq!(ruling(&[MAY_ENCRYPT], ROOT_DECIDES, "111122223333"), Ruling::Allowed);
        assert_eq!(ruling(&[], ROOT_DECIDES, "111122223333"), Ruling::NotAllowed);
        assert_eq!(
            ruling(&[MAY_ENCRYPT], r#"{"Statement":[]}"#, "111122223333"),
            Ruling::NotAllowed
        );
    }

    #[test]
    fn a_key_policy_that_names_the_role_is_enough_in_one_account_alone() {
        let named = ROOT_DECIDES.replace(":root", ":role/atlas");
        assert_eq!(ruling(&[], &named, "111122223333"), Ruling::Allowed);
        assert_eq!(ruling(&[], &named, "444455556666"), Ruling::NotAllowed);
        assert_eq!(ruling(&[MAY_ENCRYPT], &named, "444455556666"), Ruling::Allowed);
    }

    #[test]
    fn a_deny_wins_wherever_it_stands() {
        let deny = MAY_ENCRYPT.replace("Allow", "Deny");
        assert_eq!(
            ruling(&[MAY_ENCRYPT, &deny], ROOT_DECIDES, "111122223333"),
            Ruling::Denied
        );
        let key_denies = ROOT_DECIDES.replace("Allow", "Deny");
        assert_eq!(ruling(&[MAY_ENCRYPT], &key_denies, "111122223333"), Ruling::Denied);
    }
}
