//! The IAM role may use the key, and no more than that.

use super::future;
use super::subject::{self, Subject};
use super::{About, Check};
use crate::domain::arn::KeyArn;
use crate::domain::iam_role::IamRoleDetail;
use crate::domain::key::KeyRef;
use crate::domain::policy::{self, Access, Entry, KeyPolicy, KeySide, Obstacle, Place, Verdict};
use crate::domain::region::Region;
use crate::domain::text::{count, safe_line, some_of};
use crate::observe::ObservedState;
use crate::plan::permission::{self, Surroundings};
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
        Subject::ToCreate => return of_new(choice),
        Subject::Missing | Subject::NotChosen => return ABOUT.unknown(format!("there is no IAM role {name}"), ""),
    };
    let (key, region) = match (subject::key(observed, choices), &choices.key, choices.region) {
        (Subject::Found(key), _, Some(region)) => (Some(&key.arn), region),
        (Subject::ToCreate, _, Some(region)) => (None, region),
        (_, Some(KeyChoice::Existing(KeyRef::Arn(arn))), Some(region)) => (Some(arn), region),
        (_, None, _) => return ABOUT.unknown("no key chosen yet", "choose a key, or create one"),
        _ => return ABOUT.unknown("the key isn't known yet", ""),
    };
    judge(observed, choices, detail, choice, key, region)
}

fn of_new(choice: &RoleChoice) -> Check {
    let found = format!(
        "{} will be created with a policy for the three actions on this key alone",
        choice.name()
    );
    match choice {
        RoleChoice::Named {
            permissions_boundary: Some(boundary),
            ..
        } => ABOUT.warning(
            format!("{found}, and with the permissions boundary {}", safe_line(boundary)),
            "look whether the boundary allows the three actions",
        ),
        _ => ABOUT.passed(found),
    }
}

/// Returns what stands in the way in the role's own documents once the plan has added what lacks.
fn hindered(observed: &ObservedState, choices: &Choices) -> Option<Access> {
    let key = future::key(observed, choices)?;
    let planned = future::role(observed, choices, Some(key.arn()))?;
    let arn = &planned.role.role.arn;
    // The key policy is judged by its own check: here it lets the IAM role's account in.
    let open = policy::default_key_policy(arn.partition(), arn.account());
    let surroundings = Surroundings::of(observed);
    let entry = Entry {
        atlas: None,
        role: &planned.role,
        key: Some(KeySide {
            arn: key.arn(),
            key: None,
            policy: KeyPolicy::Known(&open),
            grants: Some(&[]),
        }),
        arrival: surroundings.arrival(),
    };
    let access = entry.key_use();
    let is_about_it = |obstacle: &Obstacle| obstacle.addresses.is_empty() && !matches!(obstacle.place, Place::Key(_));
    let counts = access.obstacle().is_some_and(is_about_it);
    counts.then_some(access)
}

fn judge(
    observed: &ObservedState,
    choices: &Choices,
    detail: &IamRoleDetail,
    choice: &RoleChoice,
    key: Option<&KeyArn>,
    region: Region,
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
    let hindrance = hindered(observed, choices);
    if let Some(Access::Stopped(obstacle)) = &hindrance {
        return ABOUT.failed(safe_line(&obstacle.to_string()), obstacle.fix.clone());
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
        if detail.boundary_document.is_none() {
            fixes.push("look whether the boundary allows the three actions: it couldn't be read".to_owned());
        }
    }
    if let Some(Access::Unknown(obstacle)) = &hindrance
        && obstacle.statement.is_some()
    {
        found.push(safe_line(&obstacle.to_string()).into_owned());
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
    let doubtful = told(|verdict| matches!(verdict, Verdict::Unknown { .. }));
    let absent = told(|verdict| matches!(verdict, Verdict::NotAllowed { .. }));
    let mut parts = Vec::new();
    if !absent.is_empty() {
        parts.push(format!("{name} may not use the key yet; the plan adds {absent}"));
    }
    if !doubtful.is_empty() {
        parts.push(format!(
            "{name} has {doubtful} under a condition; the plan adds a statement without one"
        ));
    }
    parts.join("; ")
}
