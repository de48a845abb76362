//! The AWS half of a plan for whoever has the rights to it: the policy documents and a script for the AWS CLI.

mod script;

use crate::domain::arn::KeyArn;
use crate::domain::policy::{self, PolicyDocument};
use crate::plan::planner::Plan;
use crate::plan::step::{Action, Output, Slot, Step};

/// A file to hand out. No secret is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoutFile {
    /// Its name, without a folder.
    pub name: String,
    /// What stands in it.
    pub text: String,
}

impl HandoutFile {
    fn new(name: &str, text: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            text: text.into(),
        }
    }
}

/// The script's name.
pub const SCRIPT: &str = "aws-half.sh";

/// Returns the files of the AWS half: empty where nothing is to be done in AWS; `None` where Atlas has to create the access
/// role first, which brings the external ID.
pub fn aws_half(plan: &Plan) -> Option<Vec<HandoutFile>> {
    let in_aws: Vec<_> = plan.steps.iter().filter(|step| is_in_aws(step)).collect();
    let needs_atlas = |step: &&Step| {
        let needs = step.needs();
        needs.contains(&Output::ExternalId) || needs.contains(&Output::AtlasPrincipal)
    };
    if in_aws.iter().any(needs_atlas) {
        return None;
    }
    let mut files = Vec::new();
    let mut script = script::head(plan);
    for step in &in_aws {
        if let Some(name) = document_name(&step.action) {
            let (before, after) = documents(step)?;
            files.push(HandoutFile::new(
                &format!("{name}.json"),
                format!("{}\n", after.pretty()),
            ));
            if let Some(before) = before {
                let name = format!("{name}.before.json");
                files.push(HandoutFile::new(&name, format!("{}\n", before.pretty())));
            }
        }
        script.push_str(&script::commands(plan, step));
    }
    for handout in &plan.handouts {
        files.push(HandoutFile::new(script::STATEMENT, format!("{}\n", handout.text)));
        script.push_str(&script::comment(&format!("{}: {}", handout.title, script::STATEMENT)));
    }
    if let Some(key) = key_with_unread_policy(plan)
        && let Ok(statement) = policy::key_policy_statement(&plan.iam_role)
    {
        files.push(HandoutFile::new(script::STATEMENT, format!("{statement:#}\n")));
        script.push_str(&script::look_at_key_policy(plan, &key));
    }
    if !(in_aws.is_empty() && files.is_empty()) {
        files.push(HandoutFile::new(SCRIPT, script));
    }
    Some(files)
}

/// Returns whether a step is done in AWS.
pub fn is_in_aws(step: &Step) -> bool {
    step.request("").service != "Atlas"
}

/// Returns the name of the document that a step writes, without its ending.
fn document_name(action: &Action) -> Option<&'static str> {
    match action {
        Action::CreateIamRole { .. } | Action::UpdateTrustPolicy { .. } => Some(script::TRUST),
        Action::PutRolePolicy { .. } => Some(script::ROLE),
        Action::UpdateKeyPolicy { .. } => Some(script::KEY),
        _ => None,
    }
}

/// Returns the document that a step replaces, where it could be read, and the one that it writes; of a trust policy that
/// can't be read, Atlas's statement alone.
fn documents(step: &Step) -> Option<(Option<&PolicyDocument>, PolicyDocument)> {
    match &step.action {
        Action::UpdateTrustPolicy {
            before: None,
            principal,
            external_id,
            ..
        } => Some((None, policy::new_trust(&principal.show(), &external_id.show()).ok()?)),
        _ => step.policy_change(),
    }
}

/// Returns the key of the account that the plan is about, where its key policy is there and couldn't be read.
fn key_with_unread_policy(plan: &Plan) -> Option<KeyArn> {
    let told = plan.settled.iter().any(|settled| settled.what == "Key policy") || !plan.handouts.is_empty();
    let written = |step: &Step| matches!(step.action, Action::UpdateKeyPolicy { .. } | Action::CreateKey(_));
    if told || plan.steps.iter().any(written) {
        return None;
    }
    let key = plan.steps.iter().find_map(|step| match &step.action {
        Action::PutRolePolicy { keys, .. } => match keys.last()? {
            Slot::Known(arn) => KeyArn::parse(arn).ok(),
            Slot::After(_) => None,
        },
        _ => None,
    });
    key.filter(|key| key.account() == plan.account)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::fixture::{ACCESS_ROLE, EXTERNAL_ID, access_role, desired, first_time};
    use crate::observe::{Fetched, ObservedState, Unfinished};
    use crate::plan::{KeyChoice, NewKeySettings, RoleChoice, plan};

    fn with_access_role() -> ObservedState {
        let mut world = first_time();
        world.access_roles = Fetched::Known(vec![access_role(ACCESS_ROLE, EXTERNAL_ID)]);
        world.unfinished = vec![Unfinished::AccessRole {
            found: vec![ACCESS_ROLE.to_owned()],
        }];
        world
    }

    fn text<'a>(files: &'a [HandoutFile], name: &str) -> &'a str {
        let file = files.iter().find(|file| file.name == name);
        file.map_or_else(|| panic!("no {name}"), |file| &file.text)
    }

    #[test]
    fn the_access_role_comes_first() {
        let plan = plan(&first_time(), &desired()).unwrap();
        assert_eq!(aws_half(&plan), None);
    }

    #[test]
    fn documents_and_script_say_the_same_as_the_plan() {
        let plan = plan(&with_access_role(), &desired()).unwrap();
        let files = aws_half(&plan).unwrap();
        let trust: serde_json::Value = serde_json::from_str(text(&files, "trust-policy.json")).unwrap();
        assert!(trust.to_string().contains(EXTERNAL_ID));
        let script = text(&files, SCRIPT);
        for step in plan.steps.iter().filter(|step| is_in_aws(step)) {
            assert!(script.contains(&step.title()), "{script}");
        }
        assert!(script.contains("[ \"$account\" = '111122223333' ]"), "{script}");
        assert!(script.contains("put-role-policy"), "{script}");
    }

    #[test]
    fn whatever_is_typed_stays_one_word_of_the_shell() {
        let mut wanted = desired();
        let tags = [("team".to_owned(), "a'b $(reboot)".to_owned())].into();
        wanted.role = RoleChoice::Named {
            name: "orders".to_owned(),
            reuse: false,
            tags,
            path: "/team/".to_owned(),
            permissions_boundary: Some("arn:aws:iam::111122223333:policy/B".to_owned()),
        };
        wanted.key = KeyChoice::CreateUnlessThere(NewKeySettings {
            description: "it's `mine`\"".to_owned(),
            ..NewKeySettings::new("alias/new")
        });
        let mut world = with_access_role();
        world.chosen_role = Some(crate::observe::Lookup {
            of: "orders".to_owned(),
            found: Fetched::Known(None),
        });
        world.chosen_key = Some(crate::observe::Lookup {
            of: wanted.key.key_ref(),
            found: Fetched::Known(None),
        });
        let plan = plan(&world, &wanted).unwrap();
        let files = aws_half(&plan).unwrap();
        let script = text(&files, SCRIPT);
        for word in [
            r#"'it'\''s `mine`"'"#,
            r"a'\''b $(reboot)",
            "--path '/team/' --permissions-boundary 'arn:aws:iam::111122223333:policy/B'",
            "--alias-name 'alias/new' --target-key-id \"$key\"",
            "echo 'Create the IAM role orders.'",
        ] {
            assert!(script.contains(word), "{word}: {script}");
        }
        // What the script creates takes the place of what the document doesn't know yet.
        let unknown = Slot::After(Output::KeyArn).show();
        assert!(text(&files, "role-policy.json").contains(&unknown));
        assert!(script.contains(&format!("s|{unknown}|$key|g")), "{script}");
    }
}
