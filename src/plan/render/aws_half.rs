//! The AWS half of a plan for whoever has the rights to it: the policy documents and a script for the AWS CLI.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::plan::planner::Plan;
use crate::plan::step::{Action, Output, Slot, Step, role_description, with_project_tag};

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

const TRUST: &str = "trust-policy.json";
const ROLE: &str = "role-policy.json";
const KEY: &str = "key-policy.json";
const STATEMENT: &str = "key-policy-statement.json";

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
    let mut script = head(plan);
    for step in in_aws {
        let name = match &step.action {
            Action::CreateIamRole { .. } | Action::UpdateTrustPolicy { .. } => Some(TRUST),
            Action::PutRolePolicy { .. } => Some(ROLE),
            Action::UpdateKeyPolicy { .. } => Some(KEY),
            _ => None,
        };
        if let (Some(name), Some((_, document))) = (name, step.policy_change()) {
            files.push(HandoutFile::new(name, format!("{}\n", document.pretty())));
        }
        let _ = write!(
            script,
            "\n# {}\n{}\n",
            one_line(&step.title()),
            command(plan, &step.action)
        );
    }
    for handout in &plan.handouts {
        files.push(HandoutFile::new(STATEMENT, format!("{}\n", handout.text)));
        let _ = write!(script, "\n# {}: {STATEMENT}\n", one_line(&handout.title));
    }
    if !files.is_empty() || script.lines().any(|line| line.starts_with("aws ")) {
        files.push(HandoutFile::new(SCRIPT, script));
    }
    Some(files)
}

/// Returns whether a step is done in AWS.
pub fn is_in_aws(step: &Step) -> bool {
    step.request("").service != "Atlas"
}

fn head(plan: &Plan) -> String {
    format!(
        "#!/bin/sh\n# The AWS half of the customer-managed key of Atlas project {} ({}).\n\
         # Run it in the folder of its files, signed in to the AWS account {}.\n\
         # It stops at the first command that fails.\nset -eu\n\n\
         account=$(aws sts get-caller-identity --query Account --output text)\n\
         [ \"$account\" = {} ] || {{ echo \"this is the AWS account $account, not {}\" >&2; exit 1; }}\n",
        one_line(&plan.project.name),
        plan.project.id,
        plan.account,
        quoted(&plan.account),
        plan.account
    )
}

/// Returns a step as a command of the AWS CLI.
fn command(plan: &Plan, action: &Action) -> String {
    let region = plan.desired.region.aws();
    let kms = |call: &str, key: &Slot| format!("aws kms {call} --region {region} --key-id {}", value(key));
    match action {
        Action::CreateIamRole {
            name,
            path,
            permissions_boundary,
            tags,
            ..
        } => {
            let boundary = permissions_boundary
                .as_ref()
                .map_or_else(String::new, |arn| format!(" --permissions-boundary {}", quoted(arn)));
            format!(
                "aws iam create-role --role-name {} --path {}{boundary} --description {} --tags {} \
                 --assume-role-policy-document file://{TRUST}",
                quoted(name),
                quoted(path),
                quoted(&role_description(&plan.project.id)),
                tag_list(tags, &plan.project.id, ("Key", "Value"))
            )
        }
        Action::UpdateTrustPolicy { role, .. } => format!(
            "aws iam update-assume-role-policy --role-name {} --policy-document file://{TRUST}",
            quoted(role)
        ),
        Action::PutRolePolicy { role, policy, .. } => format!(
            "aws iam put-role-policy --role-name {} --policy-name {} --policy-document \"$(sed \"s|{}|${{key:-}}|g\" {ROLE})\"",
            quoted(role),
            quoted(policy),
            Slot::After(Output::KeyArn).show()
        ),
        Action::CreateKey(settings) => {
            let multi_region = if settings.multi_region { " --multi-region" } else { "" };
            format!(
                "key=$(aws kms create-key --region {region} --description {}{multi_region} --tags {} \
                 --query KeyMetadata.Arn --output text)\necho \"$key\"",
                quoted(&settings.description),
                tag_list(&settings.tags, &plan.project.id, ("TagKey", "TagValue"))
            )
        }
        Action::CreateAlias { alias, key } => format!(
            "aws kms create-alias --region {region} --alias-name {} --target-key-id {}",
            quoted(alias),
            value(key)
        ),
        Action::EnableRotation { days, key } => {
            format!("{} --rotation-period-in-days {days}", kms("enable-key-rotation", key))
        }
        Action::UpdateKeyPolicy { key, .. } => format!(
            "{} --policy-name default --policy file://{KEY}",
            kms("put-key-policy", &Slot::Known(key.to_string()))
        ),
        Action::CancelKeyDeletion { key } => kms("cancel-key-deletion", &Slot::Known(key.to_string())),
        Action::EnableKey { key } => kms("enable-key", &Slot::Known(key.to_string())),
        Action::CreateAccessRole
        | Action::AuthorizeAccessRole { .. }
        | Action::EnableProjectSetting { .. }
        | Action::ResumeCluster { .. }
        | Action::ReleaseCluster { .. }
        | Action::EncryptCluster { .. }
        | Action::CreateCluster(_)
        | Action::AwaitValid => String::new(),
    }
}

/// Returns a value as a word of the shell: the key that the script creates is in its variable.
fn value(slot: &Slot) -> String {
    match slot {
        Slot::Known(value) => quoted(value),
        Slot::After(_) => "\"$key\"".to_owned(),
    }
}

fn tag_list(tags: &BTreeMap<String, String>, project_id: &str, (key_is, value_is): (&str, &str)) -> String {
    let tags = with_project_tag(tags, project_id);
    let list: Vec<_> = tags
        .iter()
        .map(|(key, value)| serde_json::json!({ key_is: key, value_is: value }))
        .collect();
    quoted(&serde_json::Value::Array(list).to_string())
}

/// Returns a text as one word of the shell, whatever stands in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Returns a text for a comment: no line of it may end.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
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
        let trust: serde_json::Value = serde_json::from_str(text(&files, TRUST)).unwrap();
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
        ] {
            assert!(script.contains(word), "{word}: {script}");
        }
        // What the script creates takes the place of what the document doesn't know yet.
        let unknown = Slot::After(Output::KeyArn).show();
        assert!(text(&files, ROLE).contains(&unknown));
        assert!(script.contains(&format!("s|{unknown}|${{key:-}}|g")), "{script}");
    }
}
