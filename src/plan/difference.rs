//! How one plan differs from another: the one that was shown, and the one that would be carried out now.

use super::planner::Plan;
use super::step::Step;

/// How a plan differs from the one that was shown before it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PlanDifference<'a> {
    /// The AWS accounts that they work in, where it isn't the same one: then, now.
    pub account: Option<(&'a str, &'a str)>,
    /// Steps that weren't there.
    pub added: Vec<&'a Step>,
    /// Steps that are no longer there.
    pub removed: Vec<&'a Step>,
    /// Steps that do something else now, or from another document: as it was, as it is.
    pub changed: Vec<(&'a Step, &'a Step)>,
    /// Whether only the order of the steps is another.
    pub reordered: bool,
}

impl<'a> PlanDifference<'a> {
    /// Compares the plan that was shown with the one there is now.
    pub fn between(before: &'a Plan, now: &'a Plan) -> Self {
        let mut difference = Self {
            account: (before.account != now.account).then_some((&before.account, &now.account)),
            ..Self::default()
        };
        for step in &now.steps {
            match before.step(&step.id) {
                None => difference.added.push(step),
                Some(old) if old.action != step.action => difference.changed.push((old, step)),
                Some(_) => {}
            }
        }
        difference.removed = before
            .steps
            .iter()
            .filter(|step| now.step(&step.id).is_none())
            .collect();
        let is_listed =
            !(difference.added.is_empty() && difference.removed.is_empty() && difference.changed.is_empty());
        difference.reordered = !is_listed && before.steps != now.steps;
        difference
    }
}
