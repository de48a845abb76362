//! The key policy lets the IAM role in: by naming it, or by letting IAM decide.

use serde_json::Value;

use super::future::{self, PlannedKey};
use super::subject::{self, Subject};
use super::{About, Check};
use crate::domain::key::Key;
use crate::domain::policy::{Access, Obstacle, Place};
use crate::domain::text::safe_line;
use crate::observe::ObservedState;
use crate::plan::Choices;
use crate::plan::permission::{Surroundings, key_side};

const ABOUT: About = About {
    id: "key-policy",
    why: "What the IAM role's policies allow counts only if the key policy lets IAM decide; across accounts the key policy must \
          name the IAM role or its account as well.",
    blocks: "the plan",
};

pub(super) fn check(observed: &ObservedState, choices: &Choices) -> Check {
    match (subject::key(observed, choices), &choices.key) {
        (Subject::NotChosen, _) => return ABOUT.unknown("no key chosen yet", "choose a key, or create one"),
        (Subject::Unread(why), Some(choice)) => return ABOUT.unread(&format!("the key {}", choice.key_ref()), why),
        (Subject::Missing, _) => return ABOUT.unknown("the key isn't known yet", ""),
        _ => {}
    }
    let key = match future::key(observed, choices) {
        Some(PlannedKey::There(key)) => key,
        Some(PlannedKey::New(_)) => {
            return ABOUT.passed("the key will be created with the default key policy, which lets IAM decide");
        }
        None => return ABOUT.unknown("the key isn't known yet", ""),
    };
    let Some(planned) = future::role(observed, choices, Some(key.arn.as_str())) else {
        return ABOUT.unknown("the IAM role isn't known yet", "");
    };
    let role = &planned.role.role.arn;
    let surroundings = Surroundings::of(observed);
    match key_side(observed, key).lets_in(role.as_str(), surroundings.arrival()) {
        Access::Stopped(obstacle) if obstacle.addresses.is_empty() => stopped(choices, key, &obstacle, role.account()),
        Access::Unknown(obstacle) => ABOUT.unknown(
            line(&obstacle),
            format!("{}{}", obstacle.fix, handed_over(obstacle.hand_over.as_ref())),
        ),
        // The addresses that it shuts out are told by themselves.
        Access::Stopped(_) | Access::GetsIn => ABOUT.passed(format!("the key policy of {} lets {role} in", key.arn)),
    }
}

fn stopped(choices: &Choices, key: &Key, obstacle: &Obstacle, account: &str) -> Check {
    if obstacle.is_deny() || matches!(obstacle.place, Place::Key(_)) {
        return ABOUT.failed(line(obstacle), obstacle.fix.clone());
    }
    if choices.extend_key_policy {
        return ABOUT.passed(format!(
            "{}; the plan adds one statement to it, every statement that is there stays",
            line(obstacle)
        ));
    }
    let fix = if key.arn.account() == account {
        format!(
            "let the plan add one statement to it ([key] extend_policy = true), or add it yourself{}",
            handed_over(obstacle.hand_over.as_ref())
        )
    } else {
        format!("{}{}", obstacle.fix, handed_over(obstacle.hand_over.as_ref()))
    };
    ABOUT.failed(line(obstacle), fix)
}

/// Returns what stands in the way in one line.
fn line(obstacle: &Obstacle) -> String {
    safe_line(&obstacle.to_string()).into_owned()
}

fn handed_over(statement: Option<&Value>) -> String {
    statement.map_or(String::new(), |statement| format!(": {statement}"))
}
