//! One statement, and whether it applies to a request.

use serde_json::{Map, Value};

use super::condition;
use super::fact::Context;
use super::pattern::{Syntax, is_null, matches, matches_resource};
use super::principal;
use super::truth::Truth;

/// What is asked: may this principal do this action on this resource?
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    /// Who asks; `None` for a policy of the one who asks (an identity policy has no `Principal`).
    pub(super) principal: Option<&'a str>,
    /// `kms:Decrypt`.
    pub(super) action: &'a str,
    /// The resource's ARN; `None` for a trust policy (it has no `Resource`).
    pub(super) resource: Option<&'a str>,
    /// What is known of the request.
    pub(super) context: Context<'a>,
}

/// What a statement does where it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Allow,
    Deny,
    /// Neither word: it may be either.
    Unreadable,
}

/// The part of a statement that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Shape,
    Principal,
    Action,
    Resource,
    Condition,
}

/// A part that doesn't certainly fit a request.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    pub(super) part: Part,
    pub(super) truth: Truth,
    /// What the operator is told: a fragment about the statement, `its Resource isn't …`.
    pub(super) why: String,
}

/// A statement judged for one request.
#[derive(Clone, Debug)]
pub(super) struct Assessment<'a> {
    pub(super) statement: &'a Value,
    pub(super) effect: Effect,
    /// Empty: the statement applies.
    pub(super) doubts: Vec<Doubt>,
}

impl Assessment<'_> {
    /// Returns whether the statement applies to the request.
    pub(super) fn applies(&self) -> Truth {
        Truth::all(self.doubts.iter().map(|doubt| doubt.truth))
    }

    /// Returns whether it applies to a request of which it is told apart whether the statement means the principal.
    pub(super) fn applies_if(&self, principal: Truth) -> Truth {
        let others = self.doubts.iter().filter(|doubt| doubt.part != Part::Principal);
        Truth::all(others.map(|doubt| doubt.truth).chain([principal]))
    }

    /// Returns why it doesn't apply, or why that isn't known: the first of the worst.
    pub(super) fn why(&self) -> &str {
        let worst = self.doubts.iter().min_by_key(|doubt| doubt.truth);
        worst.map_or("it applies", |doubt| &doubt.why)
    }

    /// Notes a part that doesn't certainly fit.
    pub(super) fn doubt(&mut self, part: Part, truth: Truth, why: impl Into<String>) {
        if truth != Truth::Yes {
            let why = why.into();
            self.doubts.push(Doubt { part, truth, why });
        }
    }
}

/// Judges one statement for one request. `variables`: whether `${…}` is a policy variable in its document.
///
/// Elements that this kind of policy doesn't have, or that nobody knows, make it unknown: they might narrow it. A
/// statement without `Action`, or without a `Resource` where one belongs, does nothing.
pub(super) fn assess<'a>(statement: &'a Value, request: &Request<'_>, variables: bool) -> Assessment<'a> {
    let mut assessment = Assessment {
        statement,
        effect: effect(statement),
        doubts: Vec::new(),
    };
    let Some(elements) = statement.as_object() else {
        assessment.doubt(Part::Shape, Truth::Unknown, "it isn't a statement that can be read");
        return assessment;
    };
    if assessment.effect == Effect::Unreadable {
        assessment.doubt(Part::Shape, Truth::Unknown, "its Effect is neither Allow nor Deny");
    }
    for name in elements.keys().filter(|name| !is_understood(name, request)) {
        assessment.doubt(
            Part::Shape,
            Truth::Unknown,
            format!("its element {name} isn't understood here"),
        );
    }
    if let Some(who) = request.principal {
        let truth = judge_principal(elements, who);
        assessment.doubt(Part::Principal, truth, because(truth, "Principal", who));
    }
    let truth = judge_texts(elements, "Action", "NotAction", |named, _| {
        action_matches(named, request.action)
    });
    assessment.doubt(Part::Action, truth, because(truth, "Action", request.action));
    if let Some(resource) = request.resource {
        let syntax = Syntax {
            wildcards: true,
            variables: variables.then_some(request.context),
            ignore_case: false,
        };
        let truth = judge_texts(elements, "Resource", "NotResource", |named, is_twin| {
            // "If AWS cannot resolve a variable this might cause the entire statement to be invalid."
            if is_twin && is_null(named, syntax) {
                return Truth::Unknown;
            }
            matches_resource(named, resource, syntax)
        });
        assessment.doubt(Part::Resource, truth, because(truth, "Resource", resource));
    }
    if let Some(condition) = elements.get("Condition") {
        let (truth, why) = condition::judge(condition, request.context, variables);
        assessment.doubt(Part::Condition, truth, why);
    }
    assessment
}

fn because(truth: Truth, element: &str, asked: &str) -> String {
    match truth {
        Truth::No => format!("its {element} doesn't cover {asked}"),
        Truth::Unknown | Truth::Yes => format!("whether its {element} covers {asked} can't be known from here"),
    }
}

/// Returns what a statement does where it applies. The words' case counts ("IAM JSON policy elements: Effect").
pub(super) fn effect(statement: &Value) -> Effect {
    match statement.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => Effect::Unreadable,
    }
}

fn is_understood(element: &str, request: &Request<'_>) -> bool {
    match element {
        "Sid" | "Effect" | "Action" | "NotAction" | "Condition" => true,
        "Principal" | "NotPrincipal" => request.principal.is_some(),
        "Resource" | "NotResource" => request.resource.is_some(),
        _ => false,
    }
}

fn judge_principal(elements: &Map<String, Value>, who: &str) -> Truth {
    match (elements.get("Principal"), elements.get("NotPrincipal")) {
        (Some(element), None) => principal::covers(element, who),
        (None, Some(element)) => principal::leaves_in(element, who),
        (None, None) => Truth::No,
        (Some(_), Some(_)) => Truth::Unknown,
    }
}

/// Judges an element of texts that has a negative twin; `fits` is told which of the two it is asked for.
fn judge_texts(elements: &Map<String, Value>, element: &str, twin: &str, fits: impl Fn(&str, bool) -> Truth) -> Truth {
    let any = |named: &Value, is_twin| {
        texts(named).map_or(Truth::Unknown, |named| {
            Truth::any(named.into_iter().map(|named| fits(named, is_twin)))
        })
    };
    match (elements.get(element), elements.get(twin)) {
        (Some(named), None) => any(named, false),
        (None, Some(named)) => any(named, true).negated(),
        (None, None) => Truth::No,
        (Some(_), Some(_)) => Truth::Unknown,
    }
}

/// Returns whether an entry of `Action` covers an action.
pub(super) fn action_matches(named: &str, action: &str) -> Truth {
    let syntax = Syntax {
        wildcards: true,
        variables: None,
        ignore_case: true,
    };
    matches(named, action, syntax)
}

/// Reads an element that is one text or a list of texts; `None` where it is neither.
pub(super) fn texts(element: &Value) -> Option<Vec<&str>> {
    match element {
        Value::String(one) => Some(vec![one]),
        Value::Array(list) => list.iter().map(Value::as_str).collect(),
        _ => None,
    }
}
