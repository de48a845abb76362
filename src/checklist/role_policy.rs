//! The IAM role may use the key, and no more than that.

use super::subject::{self, Subject};
use super::{About, Check};
use crate::domain::arn::KeyArn;
use crate::domain::iam_role::IamRoleDetail;
use crate::domain::key::KeyRef;
use crate::domain::policy::{self, Verdict};
use crate::domain::text::{count, safe_line, some_of};
use crate::observe::ObservedState;
use crate::plan::permission;
use crate::plan::{Choices, KeyChoice, RoleChoice};

const ABOUT: About = About {
    id: "role-policy",
    why: "Atlas gets all that the IAM role may do: it needs kms:DescribeKey, kms:Encrypt and kms:Decrypt on the key.",
    blocks: "the plan",
};

pub(super) fn check(observed: &ObservedState, choices: &Choices) -> Check {
    let Some(choice) = &choices.role else {
        return ABOUT.unknown("no IAM role chosen yet", "choose an IAM role, or let one be created");
    };
    let name = choice.name();
    let detail = match subject::iam_role(observed, choices) {
        Subject::Found(detail) => detail,
        Subject::Unread(why) => return ABOUT.unread(&format!("the policies of {name}"), why),
        Subject::ToCreate => {
            return ABOUT.passed(format!(
                "{name} will be created with a policy for the three actions on this key alone"
            ));
        }
        Subject::Missing | Subject::NotChosen => return ABOUT.unknown(format!("there is no IAM role {name}"), ""),
    };
    let (key, region) = match (subject::key(observed, choices), &choices.key, choices.region) {
        (Subject::Found(key), _, Some(region)) => (Some(&key.arn), region),
        (Subject::ToCreate, _, Some(region)) => (None, region),
        (_, Some(KeyChoice::Existing(KeyRef::Arn(arn))), Some(region)) => (Some(arn), region),
        (_, None, _) => return ABOUT.unknown("no key chosen yet", "choose a key, or create one"),
        _ => return ABOUT.unknown("the key isn't known yet", ""),
    };
    judge(detail, choice, key, region)
}

fn judge(
    detail: &IamRoleDetail,
    choice: &RoleChoice,
    key: Option<&KeyArn>,
    region: crate::domain::region::Region,
) -> Check {
    let name = choice.name();
    let missing = permission::key_access(detail, key, region).missing;
    for (_, verdict) in &missing {
        if let Verdict::Denied { statement, why } = verdict {
            return ABOUT.failed(
                format!("{name}: {why}: {}", safe_line(&statement.to_string())),
                "take that Deny out of its policies, or choose another IAM role",
            );
        }
    }
    let mut found = vec![describe(name, &missing)];
    let mut fixes = Vec::new();

    let beyond = policy::beyond_key_use(&permission::documents(detail), key.map(KeyArn::as_str));
    if !beyond.is_empty() {
        found.push(format!(
            "it has {} beyond the use of the key, which Atlas gets too: {}",
            count(beyond.len(), "permission"),
            safe_line(&some_of(&beyond))
        ));
    }
    if !beyond.is_empty() && !choice.reuse() {
        return ABOUT.failed(
            found.join("; "),
            "accept that ([role] reuse = true), or choose another IAM role, or let one be created",
        );
    }
    if !beyond.is_empty() {
        fixes.push("better an IAM role of its own".to_owned());
    }
    let unread: Vec<_> = detail.policies().filter(|policy| policy.document.is_none()).collect();
    if !unread.is_empty() {
        let names: Vec<_> = unread.iter().map(|policy| safe_line(&policy.name)).collect();
        found.push(format!(
            "what these policies allow or deny couldn't be read: {}",
            names.join(", ")
        ));
        fixes.push("read them in IAM: a Deny on the key there would stop Atlas".to_owned());
    }
    if let Some(boundary) = &detail.role.boundary {
        found.push(format!("the permissions boundary {} limits it", safe_line(boundary)));
        fixes.push("look whether the boundary allows the three actions".to_owned());
    }
    let doubts: Vec<_> = missing
        .iter()
        .filter(|(_, verdict)| matches!(verdict, Verdict::Unknown { .. }))
        .collect();
    if !doubts.is_empty() {
        fixes.push("Atlas tries the key when it is enabled for the project: that is the proof".to_owned());
    }
    match fixes.as_slice() {
        [] => ABOUT.passed(found.join("; ")),
        fixes => ABOUT.warning(found.join("; "), fixes.join("; ")),
    }
}

fn describe(name: &str, missing: &[(&'static str, Verdict)]) -> String {
    if missing.is_empty() {
        return format!("{name} may use the key");
    }
    let told = |is_wanted: fn(&Verdict) -> bool| {
        let actions = missing
            .iter()
            .filter(|(_, verdict)| is_wanted(verdict))
            .map(|(action, _)| *action);
        actions.collect::<Vec<_>>().join(", ")
    };
    let doubtful = missing.iter().find_map(|(_, verdict)| match verdict {
        Verdict::Unknown { why, .. } => Some(why),
        _ => None,
    });
    let absent = told(|verdict| matches!(verdict, Verdict::NotAllowed { .. }));
    let mut parts = Vec::new();
    if !absent.is_empty() {
        parts.push(format!("{name} may not use the key yet; the plan adds {absent}"));
    }
    if let Some(why) = doubtful {
        let actions = told(|verdict| matches!(verdict, Verdict::Unknown { .. }));
        parts.push(format!(
            "whether {name} has {actions} can't be told from its policies: {}",
            safe_line(why)
        ));
    }
    parts.join("; ")
}
