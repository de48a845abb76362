//! What the statements of one or more policies say together.

use serde_json::Value;

use super::edit::KEY_ACTIONS;
use super::statement::{Assessment, Effect, Part, Request, assess};
use super::truth::Truth;
use super::{PolicyDocument, condition};

const ASSUME_ROLE: &str = "sts:AssumeRole";
const EXTERNAL_ID: &str = "sts:ExternalId";

/// What policies say to one request, as far as they can be judged from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An Allow applies and no Deny does.
    Allowed,
    /// An explicit Deny applies: no Allow anywhere helps.
    Denied {
        /// The statement that denies.
        statement: Value,
        /// A sentence fragment for the operator.
        why: String,
    },
    /// No Allow applies.
    NotAllowed {
        /// An Allow that misses by one part only, such as the right principal with another external ID.
        nearest: Option<Value>,
        /// A sentence fragment for the operator; about the nearest statement, if there is one.
        why: String,
    },
    /// It depends on something that can't be known from here.
    Unknown {
        /// A sentence fragment for the operator.
        why: String,
        /// The statement that it hangs on.
        statement: Option<Value>,
    },
}

impl Verdict {
    /// Returns whether it is a plain yes.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed)
    }

    /// Returns why it isn't a plain yes.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Allowed => None,
            Self::Denied { why, .. } | Self::NotAllowed { why, .. } | Self::Unknown { why, .. } => Some(why),
        }
    }
}

/// Judges whether a trust policy lets Atlas assume the IAM role with an external ID.
///
/// `principal` is what Atlas gave: an account's root principal, which stands for whoever in that account asks. An Allow
/// that doesn't *demand* an external ID counts as none: Atlas refuses such a role, since every customer of Atlas could
/// have it assumed (the "confused deputy").
pub fn trust_verdict(trust: &PolicyDocument, principal: &str, external_id: &str) -> Verdict {
    conclude(&assess_trust(trust, principal, external_id), ASSUME_ROLE)
}

/// Returns whether an Allow already gives what a statement of ours would, whatever else is denied.
pub(super) fn trust_is_given(trust: &PolicyDocument, principal: &str, external_id: &str) -> bool {
    is_given(&assess_trust(trust, principal, external_id))
}

fn assess_trust<'a>(trust: &'a PolicyDocument, principal: &str, external_id: &str) -> Vec<Assessment<'a>> {
    let (with_id, without_id) = ([(EXTERNAL_ID, &[external_id][..])], [(EXTERNAL_ID, &[][..])]);
    let request = Request {
        principal: Some(principal),
        action: ASSUME_ROLE,
        resource: None,
        context: &with_id,
    };
    let unidentified = Request {
        context: &without_id,
        ..request
    };
    let mut assessments = assess_all(&[trust], &request);
    for assessment in assessments.iter_mut().filter(|found| found.effect == Effect::Allow) {
        let as_anyone = assess(assessment.statement, &unidentified, trust.has_variables());
        if assessment.applies() != Truth::No && as_anyone.applies() != Truth::No {
            let why = "it doesn't demand an external ID, so that Atlas can't tell its customers apart";
            assessment.doubt(Part::Condition, Truth::No, why);
        }
    }
    assessments
}

/// Returns the external IDs that Allow statements for a principal name exactly, each once, in their order.
///
/// They tell which Atlas access role a trust policy was made for, even where something else in the statement doesn't fit.
pub fn external_ids(trust: &PolicyDocument, principal: &str) -> Vec<String> {
    let request = Request {
        principal: Some(principal),
        action: ASSUME_ROLE,
        resource: None,
        context: &[],
    };
    let variables = trust.has_variables();
    let mut ids: Vec<String> = Vec::new();
    for assessment in assess_all(&[trust], &request) {
        if assessment.effect != Effect::Allow || assessment.applies() == Truth::No {
            continue;
        }
        let tests = assessment.statement.get("Condition").and_then(condition::tests);
        for test in tests
            .iter()
            .flatten()
            .filter(|test| test.key.eq_ignore_ascii_case(EXTERNAL_ID))
        {
            for id in test.exact_values(variables) {
                if !ids.iter().any(|known| known == id) {
                    ids.push(id.to_owned());
                }
            }
        }
    }
    ids
}

/// Judges whether an IAM role's own policies, taken together, let it do an action on a key.
///
/// These are only the role's policies: a permissions boundary must allow too and is judged by itself, and the key policy
/// has its say.
pub fn key_verdict(policies: &[&PolicyDocument], action: &str, key_arn: &str) -> Verdict {
    conclude(
        &assess_key(policies, action, key_arn),
        &format!("{action} on {key_arn}"),
    )
}

/// Returns whether Allows already give the three actions on a key, whatever else is denied.
pub(super) fn key_use_is_given(policy: &PolicyDocument, key_arn: &str) -> bool {
    KEY_ACTIONS
        .iter()
        .all(|action| is_given(&assess_key(&[policy], action, key_arn)))
}

fn assess_key<'a>(policies: &[&'a PolicyDocument], action: &str, key_arn: &str) -> Vec<Assessment<'a>> {
    let request = Request {
        principal: None,
        action,
        resource: Some(key_arn),
        context: &[],
    };
    assess_all(policies, &request)
}

/// What an IAM role lacks to use a key as Atlas does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAccess {
    /// The actions of [`KEY_ACTIONS`] that aren't plainly allowed, and why.
    pub missing: Vec<(&'static str, Verdict)>,
}

impl KeyAccess {
    /// Returns whether all three actions are allowed.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }
}

/// Judges the three actions that Atlas needs on a key; see [`key_verdict`].
pub fn key_access(policies: &[&PolicyDocument], key_arn: &str) -> KeyAccess {
    let verdicts = KEY_ACTIONS
        .into_iter()
        .map(|action| (action, key_verdict(policies, action, key_arn)));
    KeyAccess {
        missing: verdicts.filter(|(_, verdict)| !verdict.is_allowed()).collect(),
    }
}

fn assess_all<'a>(policies: &[&'a PolicyDocument], request: &Request<'_>) -> Vec<Assessment<'a>> {
    let judged = |policy: &&'a PolicyDocument| {
        let variables = policy.has_variables();
        let statements = policy.statements();
        statements
            .into_iter()
            .map(move |statement| assess(statement, request, variables))
    };
    policies.iter().flat_map(judged).collect()
}

fn is_given(assessments: &[Assessment<'_>]) -> bool {
    assessments
        .iter()
        .any(|found| found.effect == Effect::Allow && found.applies() == Truth::Yes)
}

/// AWS's logic within one kind of policy: an explicit Deny wins, else an Allow is needed ("Policy evaluation logic").
fn conclude(assessments: &[Assessment<'_>], asked: &str) -> Verdict {
    let may_deny = || assessments.iter().filter(|found| found.effect != Effect::Allow);
    let may_allow = || assessments.iter().filter(|found| found.effect != Effect::Deny);

    if let Some(deny) = may_deny().find(|found| found.applies() == Truth::Yes) {
        return Verdict::Denied {
            statement: deny.statement.clone(),
            why: format!("an explicit Deny covers {asked}"),
        };
    }
    let Some(best) = may_allow()
        .max_by_key(|found| found.applies())
        .filter(|best| best.applies() != Truth::No)
    else {
        return not_allowed(may_allow(), asked);
    };
    let in_doubt = may_deny()
        .find(|found| found.applies() == Truth::Unknown)
        .or(Some(best).filter(|best| best.applies() == Truth::Unknown));
    match in_doubt {
        None => Verdict::Allowed,
        Some(doubtful) => Verdict::Unknown {
            why: match doubtful.effect {
                Effect::Deny => format!("a Deny may cover {asked}: {}", doubtful.why()),
                Effect::Allow | Effect::Unreadable => format!("a statement may cover {asked}: {}", doubtful.why()),
            },
            statement: Some(doubtful.statement.clone()),
        },
    }
}

fn not_allowed<'a, 'b: 'a>(allows: impl Iterator<Item = &'a Assessment<'b>>, asked: &str) -> Verdict {
    match allows
        .filter_map(|found| Some((nearness(found)?, found)))
        .min_by_key(|(nearness, _)| *nearness)
    {
        Some((_, near)) => Verdict::NotAllowed {
            nearest: Some(near.statement.clone()),
            why: format!("the nearest Allow doesn't cover {asked}: {}", near.why()),
        },
        None => Verdict::NotAllowed {
            nearest: None,
            why: format!("no statement allows {asked}"),
        },
    }
}

/// Ranks an Allow that misses by one part, the likeliest slip first; `None` for one that isn't near.
///
/// A miss of the action or the principal alone says nothing where the rest of the statement covers everything anyway.
fn nearness(found: &Assessment<'_>) -> Option<u8> {
    let miss = found.doubts.first()?;
    if found.doubts.iter().any(|doubt| doubt.part != miss.part) {
        return None;
    }
    let has_condition = found.statement.get("Condition").is_some();
    match miss.part {
        Part::Condition => Some(0),
        Part::Resource => Some(1),
        Part::Principal if has_condition => Some(2),
        Part::Action if has_condition => Some(3),
        Part::Principal | Part::Action | Part::Shape => None,
    }
}
