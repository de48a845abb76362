//! Which key is meant: id, ARN, alias or an alias's ARN.

use super::super::super::policy::{Caller, Context, Document, Question, Ruling, use_key};
use super::super::super::world::{AwsWorld, KeyState, KmsKey};
use super::super::failure::Failure;
use super::Call;

/// What a call takes as the name of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Id and ARN.
    OfKeys,
    /// Aliases too.
    OfKeysAndAliases,
}

impl Call<'_> {
    /// Finds the key that the call is about.
    pub(super) fn key(&mut self, field: &str, names: Names, action: &str) -> Result<&mut KmsKey, Failure> {
        let given = self.required(field)?;
        let index = find(&self.world.aws, &given, self.region, names)?;
        let aws = &self.world.aws;
        let key = aws.keys.get(index).ok_or_else(|| does_not_exist(&given))?;
        if key.account != aws.account {
            check_foreign(aws, key, action)?;
        }
        self.world.aws.keys.get_mut(index).ok_or_else(|| does_not_exist(&given))
    }
}

fn find(aws: &AwsWorld, given: &str, region: &str, names: Names) -> Result<usize, Failure> {
    let position = |wanted: &dyn Fn(&KmsKey) -> bool| aws.keys.iter().position(wanted);
    if let Some(rest) = given.strip_prefix("arn:") {
        let parts: Vec<&str> = rest.splitn(5, ':').collect();
        let [_, "kms", arn_region, account, resource] = parts.as_slice() else {
            return Err(Failure::bad_request(
                "InvalidArnException",
                format!("{given} is not a valid ARN"),
            ));
        };
        if *arn_region != region {
            return Err(not_found(format!("Invalid arn {arn_region}")));
        }
        if resource.starts_with("alias/") && names == Names::OfKeysAndAliases {
            let wanted = |key: &KmsKey| {
                key.region == region && key.account == *account && key.aliases.iter().any(|alias| alias == resource)
            };
            return position(&wanted).ok_or_else(|| not_found(format!("Alias {given} is not found.")));
        }
        return position(&|key| key.arn == given).ok_or_else(|| does_not_exist(given));
    }
    let own = |key: &KmsKey| key.region == region && key.account == aws.account;
    if given.starts_with("alias/") {
        let arn = format!("arn:{}:kms:{region}:{}:{given}", aws.partition, aws.account);
        if names == Names::OfKeys {
            return Err(not_found(format!("Invalid keyId '{given}'")));
        }
        return position(&|key| own(key) && key.aliases.iter().any(|alias| alias == given))
            .ok_or_else(|| not_found(format!("Alias {arn} is not found.")));
    }
    let looks_like_id = given.starts_with("mrk-") || (given.len() == 36 && given.matches('-').count() == 4);
    position(&|key| own(key) && key.id == given).ok_or_else(|| {
        if looks_like_id {
            let arn = format!("arn:{}:kms:{region}:{}:key/{given}", aws.partition, aws.account);
            does_not_exist(&arn)
        } else {
            not_found(format!("Invalid keyId '{given}'"))
        }
    })
}

/// A key of another account answers only to those that its policy lets in, and shows its policy to nobody outside.
fn check_foreign(aws: &AwsWorld, key: &KmsKey, action: &str) -> Result<(), Failure> {
    let caller = Caller {
        arn: aws.caller_arn.clone(),
        account: aws.account.clone(),
    };
    let context = Context::default();
    let name = format!("kms:{action}");
    let question = Question {
        caller: &caller,
        action: &name,
        resource: &key.arn,
        context: &context,
    };
    // The operator is taken for an administrator of its own account.
    let own = Document::read(r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#);
    let ruling = use_key(&[own], None, &Document::read(key.policy.get()), &key.account, question);
    let across_accounts = !matches!(
        action,
        "GetKeyPolicy" | "PutKeyPolicy" | "CreateAlias" | "ListResourceTags"
    );
    if ruling == Ruling::Allowed && across_accounts {
        return Ok(());
    }
    Err(access_denied(&aws.caller_arn, &name, &key.arn))
}

pub(super) fn access_denied(caller: &str, action: &str, resource: &str) -> Failure {
    Failure::bad_request(
        "AccessDeniedException",
        format!(
            "User: {caller} is not authorized to perform: {action} on resource: {resource} because no resource-based \
             policy allows the {action} action"
        ),
    )
}

pub(super) fn not_found(message: String) -> Failure {
    Failure::bad_request("NotFoundException", message)
}

pub(super) fn does_not_exist(key: &str) -> Failure {
    not_found(format!("Key '{key}' does not exist"))
}

/// Refuses a call that a key's state forbids.
pub(super) fn check_state(key: &KmsKey, allowed: &[KeyState]) -> Result<(), Failure> {
    if allowed.contains(&key.state) {
        return Ok(());
    }
    let state = match key.state {
        KeyState::Disabled => {
            return Err(Failure::bad_request(
                "DisabledException",
                format!("{} is disabled.", key.arn),
            ));
        }
        KeyState::PendingDeletion => "is pending deletion.",
        KeyState::PendingImport => "is pending import.",
        KeyState::Creating => "is being created.",
        KeyState::Unavailable => "is unavailable.",
        KeyState::Enabled | KeyState::Updating => "is not in a state for this.",
    };
    Err(Failure::bad_request(
        "KMSInvalidStateException",
        format!("{} {state}", key.arn),
    ))
}

/// Refuses changes to keys that AWS manages.
pub(super) fn check_customer_managed(key: &KmsKey, caller: &str, action: &str) -> Result<(), Failure> {
    if key.manager == "AWS" {
        Err(access_denied(caller, action, &key.arn))
    } else {
        Ok(())
    }
}
