//! The script for the AWS CLI. It looks before it writes, and can be run again.

use std::collections::BTreeMap;

use crate::domain::arn::KeyArn;
use crate::plan::NewKeySettings;
use crate::plan::planner::Plan;
use crate::plan::step::{Action, Output, Slot, Step, role_description, with_project_tag};

/// The documents beside it, without `.json`; with `.before.json` the one that is replaced.
pub(super) const TRUST: &str = "trust-policy";
pub(super) const ROLE: &str = "role-policy";
pub(super) const KEY: &str = "key-policy";
/// A statement for a document that couldn't be read.
pub(super) const STATEMENT: &str = "key-policy-statement.json";

/// What the commands below are made of.
const FUNCTIONS: &str = r#"
stop() {
    echo "$1" >&2
    exit 1
}

# Sets `found` to what a command tells, and to nothing where AWS says that there is no such thing.
look() {
    if found=$("$@" 2>"$errors"); then
        return
    fi
    grep -q -e NoSuchEntity -e NotFoundException "$errors" || {
        cat "$errors" >&2
        exit 1
    }
    found=
}

# Compares a document with a file, but for white space.
same() {
    [ "$(printf '%s' "$1" | tr -d '[:space:]')" = "$(tr -d '[:space:]' <"$2")" ]
}
"#;

/// Returns what the script begins with.
pub(super) fn head(plan: &Plan) -> String {
    let account = quoted(&plan.account);
    let wrong = format!(
        "stop \"this is the AWS account $account, not {}: nothing was changed\"",
        plan.account
    );
    format!(
        "#!/bin/sh\n# The AWS half of the customer-managed key of Atlas project {} ({}).\n\
         # Run it signed in to the AWS account {}: sh aws-half.sh\n\
         # It looks before it writes, keeps what is there, and can be run again. It stops at the first thing in its way.\n\
         set -eu\ncd \"$(dirname \"$0\")\"\nexport AWS_PAGER=\nerrors=$(mktemp)\ntrap 'rm -f \"$errors\"' EXIT\n{FUNCTIONS}\n\
         account=$(aws sts get-caller-identity --query Account --output text)\n\
         [ \"$account\" = {account} ] || {wrong}\n",
        one_line(&plan.project.name),
        plan.project.id,
        plan.account,
    )
}

/// Returns a comment on lines of its own.
pub(super) fn comment(text: &str) -> String {
    format!("\n# {}\n", one_line(text))
}

/// Returns the commands of a step.
pub(super) fn commands(plan: &Plan, step: &Step) -> String {
    let title = one_line(&step.title());
    let region = plan.desired.region.aws();
    let kms = |call: &str, key: &str| format!("aws kms {call} --region {region} --key-id {key}");
    let body = match &step.action {
        Action::CreateIamRole { name, external_id, .. } => trust(name, external_id, &create_role(plan, &step.action)),
        Action::UpdateTrustPolicy {
            role,
            before,
            external_id,
            ..
        } => {
            let missing = format!("'') stop {} ;;", quoted(&format!("There is no IAM role {role}.")));
            trust(
                role,
                external_id,
                &format!("{missing}\n{}", update_trust(role, before.is_some())),
            )
        }
        Action::PutRolePolicy {
            role,
            policy,
            before,
            keys,
        } => put_role_policy(role, policy, before.is_some(), keys),
        Action::CreateKey(settings) => create_key(plan, settings),
        Action::CreateAlias { alias, key } => format!(
            "look {} --query KeyMetadata.Arn --output text\ncase $found in\n\
             '') aws kms create-alias --region {region} --alias-name {alias_word} --target-key-id {key} ;;\n\
             {key}) echo {} ;;\n*) stop {} ;;\nesac",
            kms("describe-key", &quoted(alias)),
            quoted(&format!("It has the alias {alias} already.")),
            quoted(&format!("The alias {alias} belongs to another key.")),
            alias_word = quoted(alias),
            key = value(key),
        ),
        Action::EnableRotation { days, key } => {
            format!(
                "{} --rotation-period-in-days {days}",
                kms("enable-key-rotation", &value(key))
            )
        }
        Action::UpdateKeyPolicy { key, .. } => update_key_policy(key, &kms),
        Action::CancelKeyDeletion { key } => unless_in_state(key, "!= PendingDeletion", "cancel-key-deletion", &kms),
        Action::EnableKey { key } => unless_in_state(key, "= Enabled", "enable-key", &kms),
        Action::CreateAccessRole
        | Action::AuthorizeAccessRole { .. }
        | Action::EnableProjectSetting { .. }
        | Action::ResumeCluster { .. }
        | Action::ReleaseCluster { .. }
        | Action::EncryptCluster { .. }
        | Action::CreateCluster(_)
        | Action::AwaitValid => return String::new(),
    };
    format!("\necho {}\n{body}\n", quoted(&format!("{title}.")))
}

/// Looks whether an IAM role trusts Atlas with this external ID, which no other access role has; `otherwise` are the cases
/// where it doesn't.
fn trust(role: &str, external_id: &Slot, otherwise: &str) -> String {
    format!(
        "look aws iam get-role --role-name {} --query Role.AssumeRolePolicyDocument --output json\ncase $found in\n\
         *{}*) echo {} ;;\n{otherwise}\nesac",
        quoted(role),
        quoted(&external_id.show()),
        quoted(&format!("{role} trusts Atlas with this external ID already.")),
    )
}

fn create_role(plan: &Plan, action: &Action) -> String {
    let Action::CreateIamRole {
        name,
        path,
        permissions_boundary,
        tags,
        ..
    } = action
    else {
        return String::new();
    };
    let boundary = permissions_boundary
        .as_ref()
        .map_or_else(String::new, |arn| format!(" --permissions-boundary {}", quoted(arn)));
    let role = quoted(name);
    format!(
        "'')\n    aws iam create-role --role-name {role} --path {}{boundary} --description {} --tags {} \
         --assume-role-policy-document file://{TRUST}.json\n    aws iam wait role-exists --role-name {role}\n    ;;\n\
         *) stop {} ;;",
        quoted(path),
        quoted(&role_description(&plan.project.id)),
        tag_list(tags, &plan.project.id, ("Key", "Value")),
        quoted(&format!("There is an IAM role {name} already. {}", add_by_hand(name))),
    )
}

fn update_trust(role: &str, is_read: bool) -> String {
    if !is_read {
        return format!("*) stop {} ;;", quoted(&add_by_hand(role)));
    }
    format!(
        "*)\n    same \"$found\" {TRUST}.before.json || stop {}\n    \
         aws iam update-assume-role-policy --role-name {} --policy-document file://{TRUST}.json\n    ;;",
        quoted(&changed(&format!("The trust policy of {role}"))),
        quoted(role),
    )
}

fn add_by_hand(role: &str) -> String {
    format!(
        "The trust policy of {role} was left as it is: add the statement in {TRUST}.json to it, keep all others, then run this \
         again."
    )
}

fn changed(what: &str) -> String {
    format!(
        "{what} isn't the one that this was made from and was left as it is: run atlas-cmk again, which writes new files."
    )
}

fn put_role_policy(role: &str, policy: &str, is_read: bool, keys: &[Slot]) -> String {
    let names = format!("--role-name {} --policy-name {}", quoted(role), quoted(policy));
    let arns: Vec<_> = keys.iter().map(value).collect();
    let unknown = Slot::After(Output::KeyArn);
    let document = if keys.contains(&unknown) {
        format!("$(sed \"s|{}|$key|g\" {ROLE}.json)", unknown.show())
    } else {
        format!("$(cat {ROLE}.json)")
    };
    let put = format!("aws iam put-role-policy {names} --policy-document \"$document\"");
    let replaces = if is_read {
        format!("elif same \"$found\" {ROLE}.before.json; then\n    {put}\n")
    } else {
        String::new()
    };
    let otherwise = if is_read {
        changed(&format!("The inline policy {policy} of {role}"))
    } else {
        format!(
            "There is an inline policy {policy} of {role} already; it was left as it is: add the statement in {ROLE}.json to it, \
             keep all others, then run this again."
        )
    };
    format!(
        "look aws iam get-role-policy {names} --query PolicyDocument --output json\ndocument={document}\nallowed=yes\n\
         for arn in {}; do\n    case $found in *\"$arn\"*) ;; *) allowed= ;; esac\ndone\n\
         if [ -n \"$allowed\" ]; then\n    echo {}\nelif [ -z \"$found\" ]; then\n    {put}\n{replaces}else\n    stop {}\nfi",
        arns.join(" "),
        quoted(&format!("{role} may use the key already.")),
        quoted(&otherwise),
    )
}

/// The key is in a variable from then on; and in a file, so that a second run doesn't make a second key.
fn create_key(plan: &Plan, settings: &NewKeySettings) -> String {
    let region = plan.desired.region.aws();
    let multi_region = if settings.multi_region { " --multi-region" } else { "" };
    let file = format!("key-arn-{}.txt", plan.project.id);
    format!(
        "look aws kms describe-key --region {region} --key-id {} --query KeyMetadata.Arn --output text\nkey=$found\n\
         if [ -z \"$key\" ] && [ -s {file} ]; then\n    key=$(cat {file})\nfi\nif [ -z \"$key\" ]; then\n    \
         aws kms create-key --region {region} --description {}{multi_region} --tags {} --query KeyMetadata.Arn --output text \
         >{file}\n    key=$(cat {file})\nfi\necho \"The key is $key.\"",
        quoted(&settings.alias),
        quoted(&settings.description),
        tag_list(&settings.tags, &plan.project.id, ("TagKey", "TagValue")),
    )
}

fn update_key_policy(key: &KeyArn, kms: &impl Fn(&str, &str) -> String) -> String {
    let key_word = quoted(key.as_str());
    format!(
        "look {} --policy-name default --query Policy --output text\nif same \"$found\" {KEY}.json; then\n    echo {}\nelse\n    \
         same \"$found\" {KEY}.before.json || stop {}\n    {} --policy-name default --policy file://{KEY}.json\nfi",
        kms("get-key-policy", &key_word),
        quoted("The key policy lets the IAM role in already."),
        quoted(&changed(&format!("The key policy of {key}"))),
        kms("put-key-policy", &key_word),
    )
}

fn unless_in_state(key: &KeyArn, state: &str, call: &str, kms: &impl Fn(&str, &str) -> String) -> String {
    let key = quoted(key.as_str());
    format!(
        "state=$({} --query KeyMetadata.KeyState --output text)\n[ \"$state\" {state} ] || {}",
        kms("describe-key", &key),
        kms(call, &key)
    )
}

/// Looks whether a key policy lets IAM decide or names the IAM role, where nobody could read it before.
pub(super) fn look_at_key_policy(plan: &Plan, key: &KeyArn) -> String {
    let without = format!(
        "The key policy of {key} neither lets IAM decide nor names the IAM role: add the statement in {STATEMENT} to it, keep all \
         others, then run this again."
    );
    format!(
        "\necho {}\nlook aws kms get-key-policy --region {} --key-id {} --policy-name default --query Policy --output text\n\
         case $found in\n*{}* | *{}*) ;;\n*) stop {} ;;\nesac\n",
        quoted("Look at the key policy."),
        key.region_name(),
        quoted(key.as_str()),
        quoted(&format!("{}:root", plan.account)),
        quoted(&plan.iam_role),
        quoted(&without),
    )
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

/// Returns a text on one line: no line of a comment may end before it does.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
