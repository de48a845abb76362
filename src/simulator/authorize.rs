//! What Atlas may do with a role and a key: assume the one, use the other.
//!
//! Judged from facts alone, so that the same judgement holds for this simulator's AWS half and for another endpoint.

use jiff::Timestamp;

use super::policy::{Caller, Context, Document, KeyRules, Policies, Question, Ruling, assume_role, use_key};
use super::world::{AwsWorld, KeyState, KmsKey, RoleDocuments, World};

/// Atlas, as AWS sees it coming.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    /// ARN of the account that it comes from.
    pub(super) account_arn: String,
    pub(super) external_id: String,
    /// Addresses that it calls from, at least one; each of them has to be let in.
    pub(super) addresses: Vec<String>,
}

/// What AWS knows about a role, as Atlas meets it.
#[derive(Debug, Clone)]
pub(super) struct RoleFacts {
    pub(super) arn: String,
    pub(super) trust: Document,
    /// Resource control policies of the role's account.
    pub(super) resource_control: Vec<Document>,
    /// What else is known when Atlas asks.
    pub(super) context: Context,
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
    /// What grants allow the role, such as `kms:Encrypt`.
    pub(super) granted: Vec<String>,
    /// Resource control policies of the key's account.
    pub(super) resource_control: Vec<Document>,
    /// The policies of the role that is to use it.
    pub(super) role: Policies,
    /// What else is known of the key, of the role and of the moment.
    pub(super) context: Context,
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

/// Invented: nobody's policies name it.
const ORGANIZATION_OF_ATLAS: &str = "o-at1a5example";

/// Tells whether Atlas gets into a role.
///
/// Atlas sends its external id, and refuses a role that would let it in without one: anybody could use such a role
/// through Atlas.
pub(super) fn can_assume(role: &RoleFacts, atlas: &Visitor) -> bool {
    let Some(account) = account_of(&atlas.account_arn) else {
        return false;
    };
    // IAM delegates nothing from one partition to another.
    if partition_of(&atlas.account_arn) != partition_of(&role.arn) {
        return false;
    }
    let caller = Caller {
        arn: atlas.account_arn.clone(),
        session: None,
        account: account.to_owned(),
    };
    let ask = |context: &Context| {
        let question = Question {
            caller: &caller,
            action: "sts:AssumeRole",
            resource: &role.arn,
            context,
        };
        assume_role(&role.trust, &role.resource_control, question) == Ruling::Allowed
    };
    let context = role
        .context
        .clone()
        .with("aws:PrincipalArn", &atlas.account_arn)
        .with("aws:PrincipalOrgID", ORGANIZATION_OF_ATLAS)
        .with("aws:PrincipalAccount", account);
    atlas.addresses.iter().all(|address| {
        let anonymous = context.clone().with("aws:SourceIp", address);
        let identified = anonymous.clone().with("sts:ExternalId", &atlas.external_id);
        ask(&identified) && !ask(&anonymous)
    })
}

/// Tells what keeps a role that Atlas has assumed from using a key, if anything does.
pub(super) fn trouble_with_key(key: Option<&KeyFacts>, role_arn: &str, atlas: &Visitor) -> Option<KeyTrouble> {
    let Some(key) = key else {
        return Some(KeyTrouble::NotFound);
    };
    let Some(account) = account_of(role_arn) else {
        return Some(KeyTrouble::NotPermitted);
    };
    let name = role_arn.rsplit('/').next().unwrap_or_default();
    let caller = Caller {
        arn: role_arn.to_owned(),
        session: Some(format!(
            "arn:{}:sts::{account}:assumed-role/{name}/mongodb-atlas",
            partition_of(role_arn)
        )),
        account: account.to_owned(),
    };
    let context = about_caller(key.context.clone(), role_arn, account).with("aws:PrincipalType", "AssumedRole");
    let permitted = |address: &String| {
        let context = context.clone().with("aws:SourceIp", address);
        ACTIONS.iter().all(|action| {
            let question = Question {
                caller: &caller,
                action,
                resource: &key.arn,
                context: &context,
            };
            let rules = KeyRules {
                account: &key.account,
                policy: &key.policy,
                granted: key.granted.iter().any(|granted| granted == action),
                resource_control: &key.resource_control,
            };
            use_key(&key.role, rules, question) == Ruling::Allowed
        })
    };
    if !atlas.addresses.iter().all(permitted) || key.spec != "SYMMETRIC_DEFAULT" || key.usage != "ENCRYPT_DECRYPT" {
        return Some(KeyTrouble::NotPermitted);
    }
    match key.state {
        KeyState::Enabled | KeyState::Updating => None,
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => Some(KeyTrouble::PendingDeletion),
        KeyState::PendingImport => Some(KeyTrouble::PendingImport),
        KeyState::Creating | KeyState::Disabled | KeyState::Unavailable => Some(KeyTrouble::NotEnabled),
    }
}

/// Adds what KMS knows of a caller, be it Atlas's role or the operator.
pub(super) fn about_caller(context: Context, principal: &str, account: &str) -> Context {
    context
        .with("aws:PrincipalArn", principal)
        .with("aws:PrincipalAccount", account)
        .with("kms:CallerAccount", account)
}

/// Returns what the policies of a request may ask about a key.
pub(super) fn about_key(key: &KmsKey) -> Context {
    Context::default()
        .with("aws:ResourceAccount", &key.account)
        .with("aws:RequestedRegion", &key.region)
        .with("kms:KeySpec", &key.spec)
        .with("kms:KeyUsage", &key.usage)
        .with("kms:KeyOrigin", &key.origin)
        .with("kms:MultiRegion", if key.multi_region { "true" } else { "false" })
        .with_all("kms:ResourceAliases", key.aliases.iter().cloned())
        .with_tags("aws:ResourceTag", &key.tags)
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
pub(super) fn ask_role(world: &mut World, now: Timestamp, arn: &str) -> Option<RoleFacts> {
    let role = world.aws.role_by_arn_mut(arn)?;
    let trust = role.trust.ask().as_deref().map(Document::read)?;
    let context = Context::at(now).with_tags("aws:ResourceTag", &role.tags);
    Some(RoleFacts {
        arn: arn.to_owned(),
        trust,
        resource_control: resource_control(world, account_of(arn)?),
        context,
    })
}

/// Asks this simulator's AWS half about a key and who may use it, likewise.
pub(super) fn ask_key(world: &mut World, now: Timestamp, role_arn: &str, name: &KeyName) -> Option<KeyFacts> {
    world.aws.settle(now);
    let (documents, boundary, tags) = match world.aws.role_by_arn_mut(role_arn) {
        Some(role) => (role.documents.ask().clone(), role.boundary.clone(), role.tags.clone()),
        None => (RoleDocuments::default(), None, Vec::new()),
    };
    let role = policies_of_role(&world.aws, account_of(role_arn)?, &documents, boundary.as_deref());
    let resource_control = resource_control(world, &name.account);
    let organizations = about_organizations(&world.aws, account_of(role_arn)?, &name.account);
    let is_meant = |key: &&mut KmsKey| key.id == name.id && key.account == name.account && key.region == name.region;
    let key = world.aws.keys.iter_mut().find(is_meant)?;
    let may = |action: &&str| {
        action
            .strip_prefix("kms:")
            .is_some_and(|operation| key.grants(role_arn, operation))
    };
    Some(KeyFacts {
        granted: ACTIONS.into_iter().filter(may).map(str::to_owned).collect(),
        context: Context::at(now)
            .and(about_key(key))
            .and(organizations)
            .with_tags("aws:PrincipalTag", &tags),
        arn: key.arn.clone(),
        account: key.account.clone(),
        state: key.state,
        spec: key.spec.clone(),
        usage: key.usage.clone(),
        policy: Document::read(key.policy.ask()),
        resource_control,
        role,
    })
}

/// Returns which organizations a caller and a resource belong to.
pub(super) fn about_organizations(aws: &AwsWorld, caller: &str, resource: &str) -> Context {
    let organization = |number: &str| aws.account(number).and_then(|account| account.organization.clone());
    Context::default()
        .with_all("aws:PrincipalOrgID", organization(caller))
        .with_all("aws:ResourceOrgID", organization(resource))
}

/// Reads the policies that stand with a role.
pub(super) fn policies_of_role(
    aws: &AwsWorld,
    account: &str,
    documents: &RoleDocuments,
    boundary: Option<&str>,
) -> Policies {
    let managed = |arn: &str| aws.policy(arn).map(|policy| Document::read(&policy.document));
    let mut identity = Document::read_all(documents.inline.iter().map(|(_, text)| text));
    identity.extend(documents.attached.iter().filter_map(|arn| managed(arn)));
    Policies {
        identity,
        // A boundary that can't be read limits to nothing.
        boundary: boundary.map(|arn| managed(arn).unwrap_or_default()),
        service_control: aws
            .account(account)
            .map(|account| Document::read_all(&account.service_control_policies))
            .unwrap_or_default(),
    }
}

/// Reads the resource control policies of an account.
pub(super) fn resource_control(world: &World, account: &str) -> Vec<Document> {
    world
        .aws
        .account(account)
        .map(|account| Document::read_all(&account.resource_control_policies))
        .unwrap_or_default()
}

fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

fn partition_of(arn: &str) -> &str {
    arn.split(':').nth(1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{
        Context, Document, KeyFacts, KeyState, KeyTrouble, Policies, RoleFacts, Visitor, can_assume, trouble_with_key,
    };

    const ROLE: &str = "arn:aws:iam::111122223333:role/team/atlas";

    /// A key of the role's account, used by a policy with a condition.
    fn key(condition: &str) -> KeyFacts {
        let policy =
            format!(r#"{{"Statement":{{"Effect":"Allow","Action":"kms:*","Resource":"*","Condition":{condition}}}}}"#);
        KeyFacts {
            arn: "arn:aws:kms:eu-west-1:111122223333:key/k".to_owned(),
            account: "111122223333".to_owned(),
            state: KeyState::Enabled,
            spec: "SYMMETRIC_DEFAULT".to_owned(),
            usage: "ENCRYPT_DECRYPT".to_owned(),
            policy: Document::read(
                r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}}"#,
            ),
            granted: Vec::new(),
            resource_control: Vec::new(),
            role: Policies {
                identity: vec![Document::read(&policy)],
                ..Policies::default()
            },
            context: Context::default(),
        }
    }

    fn role(trust: &str) -> RoleFacts {
        RoleFacts {
            arn: ROLE.to_owned(),
            trust: Document::read(trust),
            resource_control: Vec::new(),
            context: Context::default(),
        }
    }

    fn atlas(addresses: &[&str]) -> Visitor {
        Visitor {
            account_arn: "arn:aws:iam::536727724300:root".to_owned(),
            external_id: "e-1".to_owned(),
            addresses: addresses.iter().map(|&address| address.to_owned()).collect(),
        }
    }

    fn trouble(key: &KeyFacts, addresses: &[&str]) -> Option<KeyTrouble> {
        trouble_with_key(Some(key), ROLE, &atlas(addresses))
    }

    #[test]
    fn every_address_has_to_be_let_in() {
        let key = key(r#"{"IpAddress":{"aws:SourceIp":["198.51.100.0/24","2001:db8::/32"]}}"#);
        assert_eq!(trouble(&key, &["198.51.100.7", "2001:db8::7"]), None);
        let one_outside = ["198.51.100.7", "2001:db8::7", "192.0.2.10"];
        assert_eq!(trouble(&key, &one_outside), Some(KeyTrouble::NotPermitted));
    }

    #[test]
    fn a_deny_for_all_addresses_but_some_is_understood() {
        let mut key = key("{}");
        key.policy = Document::read(
            r#"{"Statement":[
                {"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"},
                {"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*",
                    "Condition":{"NotIpAddress":{"aws:SourceIp":["198.51.100.7/32"]}}}]}"#,
        );
        assert_eq!(trouble(&key, &["198.51.100.7"]), None);
        assert_eq!(
            trouble(&key, &["198.51.100.7", "198.51.100.8"]),
            Some(KeyTrouble::NotPermitted)
        );
    }

    #[test]
    fn atlas_comes_as_the_role_without_a_service_between() {
        for (condition, expected) in [
            (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/team/*"}}"#, None),
            (r#"{"StringEquals":{"kms:CallerAccount":"111122223333"}}"#, None),
            (
                r#"{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}"#,
                Some(KeyTrouble::NotPermitted),
            ),
            (
                r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#,
                Some(KeyTrouble::NotPermitted),
            ),
        ] {
            assert_eq!(trouble(&key(condition), &["198.51.100.7"]), expected, "{condition}");
        }
    }

    #[test]
    fn a_role_that_lets_atlas_in_without_an_external_id_is_refused() {
        let assumed = |condition: &str| {
            let trust = format!(
                r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"536727724300"}},
                "Action":"sts:AssumeRole","Condition":{condition}}}}}"#
            );
            can_assume(&role(&trust), &atlas(&["198.51.100.7", "198.51.100.8"]))
        };
        assert!(assumed(r#"{"StringEquals":{"sts:ExternalId":"e-1"}}"#));
        assert!(!assumed("{}"));
        assert!(!assumed(r#"{"StringEqualsIfExists":{"sts:ExternalId":"e-1"}}"#));
        assert!(!assumed(r#"{"StringEquals":{"sts:ExternalId":"e-2"}}"#));
    }

    #[test]
    fn a_trust_policy_may_look_at_addresses_too() {
        let assumed = |blocks: &str| {
            let trust = format!(
                r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"536727724300"}},"Action":"sts:AssumeRole",
                "Condition":{{"StringEquals":{{"sts:ExternalId":"e-1"}}}}}},
                {{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole",
                "Condition":{{"NotIpAddress":{{"aws:SourceIp":{blocks}}}}}}}]}}"#
            );
            can_assume(&role(&trust), &atlas(&["198.51.100.7", "2001:db8::7"]))
        };
        assert!(assumed(r#"["198.51.100.0/24","2001:db8::/32"]"#));
        assert!(!assumed(r#"["198.51.100.0/24"]"#));
    }
}
