//! What Atlas may do with a role and a key: assume the one, use the other.
//!
//! Judged from facts alone, so that the same judgement holds for this simulator's AWS half and for another endpoint.

use super::policy::{Caller, Context, Document, Question, Ruling, assume_role, use_key};
use super::world::{KeyState, KmsKey, World};

/// What AWS knows about a role, as Atlas meets it.
#[derive(Debug, Clone)]
pub(super) struct RoleFacts {
    pub(super) arn: String,
    pub(super) trust: Document,
}

/// What AWS knows about a key and about who may use it.
#[derive(Debug, Clone)]
pub(super) struct KeyFacts {
    pub(super) arn: String,
    pub(super) account: String,
    pub(super) state: KeyState,
    pub(super) spec: String,
    pub(super) usage: String,
    pub(super) policy: Document,
    pub(super) role_policies: Vec<Document>,
    pub(super) boundary: Option<Document>,
}

/// Why Atlas can't use a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyTrouble {
    NotFound,
    NotPermitted,
    NotEnabled,
    PendingDeletion,
    PendingImport,
}

/// The three actions that Atlas needs.
const ACTIONS: [&str; 3] = ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"];

/// Tells whether Atlas gets into a role.
///
/// Atlas sends its external id, and refuses a role that would let it in without one: anybody could use such a role
/// through Atlas.
pub(super) fn can_assume(role: &RoleFacts, atlas_account_arn: &str, external_id: &str) -> bool {
    let Some(account) = account_of(atlas_account_arn) else {
        return false;
    };
    let caller = Caller {
        arn: atlas_account_arn.to_owned(),
        account: account.to_owned(),
    };
    let ask = |context: &Context| {
        let question = Question {
            caller: &caller,
            action: "sts:AssumeRole",
            resource: &role.arn,
            context,
        };
        assume_role(&role.trust, question)
    };
    let anonymous = Context::default().with("aws:PrincipalAccount", account);
    let identified = anonymous.clone().with("sts:ExternalId", external_id);
    ask(&identified) == Ruling::Allowed && ask(&anonymous) != Ruling::Allowed
}

/// Tells what keeps a role from using a key, if anything does: it has to be usable from every one of the addresses.
pub(super) fn trouble_with_key(key: Option<&KeyFacts>, role_arn: &str, addresses: &[String]) -> Option<KeyTrouble> {
    let Some(key) = key else {
        return Some(KeyTrouble::NotFound);
    };
    let Some(account) = account_of(role_arn) else {
        return Some(KeyTrouble::NotPermitted);
    };
    let caller = Caller {
        arn: role_arn.to_owned(),
        account: account.to_owned(),
    };
    let is_permitted_from = |address: &String| {
        let context = Context::default()
            .with("aws:SourceIp", address)
            .with("aws:PrincipalArn", role_arn)
            .with("aws:PrincipalAccount", account)
            .with("kms:CallerAccount", account);
        ACTIONS.iter().all(|action| {
            let question = Question {
                caller: &caller,
                action,
                resource: &key.arn,
                context: &context,
            };
            use_key(
                &key.role_policies,
                key.boundary.as_ref(),
                &key.policy,
                &key.account,
                question,
            ) == Ruling::Allowed
        })
    };
    let permitted = addresses.iter().all(is_permitted_from);
    if !permitted || key.spec != "SYMMETRIC_DEFAULT" || key.usage != "ENCRYPT_DECRYPT" {
        return Some(KeyTrouble::NotPermitted);
    }
    match key.state {
        KeyState::Enabled | KeyState::Updating => None,
        KeyState::PendingDeletion => Some(KeyTrouble::PendingDeletion),
        KeyState::PendingImport => Some(KeyTrouble::PendingImport),
        KeyState::Creating | KeyState::Disabled | KeyState::Unavailable => Some(KeyTrouble::NotEnabled),
    }
}

/// A key as Atlas is told of it: id or ARN, and a region as AWS writes it.
#[derive(Debug, Clone)]
pub(super) struct KeyName {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) id: String,
}

impl KeyName {
    /// Reads what Atlas was sent; a key without an ARN is one of the role's account.
    pub(super) fn read(sent: &str, region: &str, role_arn: &str) -> Option<Self> {
        let account = account_of(role_arn)?.to_owned();
        if !sent.starts_with("arn:") {
            return Some(Self {
                account,
                region: region.to_owned(),
                id: sent.to_owned(),
            });
        }
        let parts: Vec<&str> = sent.splitn(6, ':').collect();
        let ["arn", partition, "kms", key_region, account, resource] = parts.as_slice() else {
            return None;
        };
        let in_partition = role_arn.split(':').nth(1) == Some(partition);
        let id = resource.strip_prefix("key/")?;
        (in_partition && *key_region == region).then(|| Self {
            account: (*account).to_owned(),
            region: region.to_owned(),
            id: id.to_owned(),
        })
    }
}

/// Asks this simulator's AWS half about a role; each question brings a change on its way nearer.
pub(super) fn ask_role(world: &mut World, arn: &str) -> Option<RoleFacts> {
    let role = world.aws.role_by_arn_mut(arn)?;
    let trust = role.trust.ask().as_deref().map(Document::read)?;
    Some(RoleFacts {
        arn: arn.to_owned(),
        trust,
    })
}

/// Asks this simulator's AWS half about a key and who may use it, likewise.
pub(super) fn ask_key(world: &mut World, role_arn: &str, name: &KeyName) -> Option<KeyFacts> {
    let (documents, boundary) = match world.aws.role_by_arn_mut(role_arn) {
        Some(role) => (role.documents.ask().clone(), role.boundary.clone()),
        None => (super::world::RoleDocuments::default(), None),
    };
    let managed = |arn: &String| world.aws.policy(arn).map(|policy| Document::read(&policy.document));
    let mut role_policies: Vec<Document> = documents.inline.iter().map(|(_, text)| Document::read(text)).collect();
    role_policies.extend(documents.attached.iter().filter_map(managed));
    // A boundary that can't be read limits to nothing.
    let boundary = boundary.as_ref().map(|arn| managed(arn).unwrap_or_default());
    let is_meant = |key: &&mut KmsKey| key.id == name.id && key.account == name.account && key.region == name.region;
    let key = world.aws.keys.iter_mut().find(is_meant)?;
    Some(KeyFacts {
        arn: key.arn.clone(),
        account: key.account.clone(),
        state: key.state,
        spec: key.spec.clone(),
        usage: key.usage.clone(),
        policy: Document::read(key.policy.ask()),
        role_policies,
        boundary,
    })
}

fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}
