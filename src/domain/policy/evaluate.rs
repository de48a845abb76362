//! What the statements of one or more policies say together.

use serde_json::Value;

use super::PolicyDocument;
use super::statement::{Assessment, Effect, Part, Request, assess};
use super::truth::Truth;

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

/// Judges every statement of some policies for one request.
pub(super) fn assess_all<'a>(policies: &[&'a PolicyDocument], request: &Request<'_>) -> Vec<Assessment<'a>> {
    let judged = |policy: &&'a PolicyDocument| {
        let variables = policy.has_variables();
        let statements = policy.statements();
        statements
            .into_iter()
            .map(move |statement| assess(statement, request, variables))
    };
    policies.iter().flat_map(judged).collect()
}

/// Returns whether an Allow applies, whatever is denied.
pub(super) fn is_given(assessments: &[Assessment<'_>]) -> bool {
    assessments
        .iter()
        .any(|found| found.effect == Effect::Allow && found.applies() == Truth::Yes)
}

/// AWS's logic within one kind of policy: an explicit Deny wins, else an Allow is needed ("Policy evaluation logic").
pub(super) fn conclude(assessments: &[Assessment<'_>], asked: &str) -> Verdict {
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
