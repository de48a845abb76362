//! What AWS knows: accounts, who may come in, roles and their policies, keys.

use jiff::Timestamp;
use serde::Serialize;

use super::keys::KmsKey;
use super::lagging::Lagging;

/// The AWS half of the world.
#[derive(Debug, Clone, Serialize)]
pub struct AwsWorld {
    /// `aws`, `aws-us-gov` or `aws-cn`.
    pub partition: String,
    /// The accounts that somebody can come into; the first is the scenario's.
    pub accounts: Vec<Account>,
    /// Who may come in; the first is the operator.
    pub identities: Vec<Identity>,
    /// Address that AWS is called from, as `aws:SourceIp` sees it.
    pub caller_address: String,
    /// ARNs of roles, users and roots that exist beside those that stand elsewhere in the world.
    pub other_principals: Vec<String>,
    /// What an account may have.
    pub quotas: Quotas,
    /// IAM roles, in no order; IAM lists them by name.
    pub roles: Vec<IamRole>,
    /// Managed policies, attached or not.
    pub policies: Vec<ManagedPolicy>,
    /// KMS keys of all regions and accounts.
    pub keys: Vec<KmsKey>,
}

impl AwsWorld {
    /// Returns an account by its number.
    pub fn account(&self, number: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.number == number)
    }

    /// Returns the number of the account that the scenario is about.
    pub fn account_number(&self) -> &str {
        self.accounts
            .first()
            .map(|account| account.number.as_str())
            .unwrap_or_default()
    }

    /// Returns the operator, to be changed.
    pub fn operator_mut(&mut self) -> Option<&mut Identity> {
        self.identities.first_mut()
    }

    /// Returns an IAM role by its name, whose case doesn't count.
    pub fn role(&self, name: &str) -> Option<&IamRole> {
        self.roles.iter().find(|role| role.name.eq_ignore_ascii_case(name))
    }

    /// Returns an IAM role by its name, to be changed.
    pub fn role_mut(&mut self, name: &str) -> Option<&mut IamRole> {
        self.roles.iter_mut().find(|role| role.name.eq_ignore_ascii_case(name))
    }

    /// Returns an IAM role by its ARN.
    pub fn role_by_arn(&self, arn: &str) -> Option<&IamRole> {
        self.roles.iter().find(|role| role.arn == arn)
    }

    /// Returns an IAM role by its ARN, to be changed.
    pub fn role_by_arn_mut(&mut self, arn: &str) -> Option<&mut IamRole> {
        self.roles.iter_mut().find(|role| role.arn == arn)
    }

    /// Returns an account's IAM role by its name.
    pub fn role_of(&self, account: &str, name: &str) -> Option<&IamRole> {
        self.roles
            .iter()
            .find(|role| role.account() == account && role.name.eq_ignore_ascii_case(name))
    }

    /// Returns a managed policy by its ARN.
    pub fn policy(&self, arn: &str) -> Option<&ManagedPolicy> {
        self.policies.iter().find(|policy| policy.arn == arn)
    }

    /// Returns a key by its id or ARN, to be changed.
    pub fn key_mut(&mut self, id: &str) -> Option<&mut KmsKey> {
        self.keys.iter_mut().find(|key| key.id == id || key.arn == id)
    }

    /// Forgets the keys whose time has come.
    pub(in crate::simulator) fn settle(&mut self, now: Timestamp) {
        self.keys
            .retain(|key| key.deletion.is_none_or(|deletion| deletion > now));
    }

    /// Returns the ARN of the role or user that an identity is, a role's path included.
    pub fn principal_of(&self, identity: &Identity) -> String {
        let Some(name) = identity.role_name() else {
            return identity.arn.clone();
        };
        match self.role_of(&identity.account, name) {
            Some(role) => role.arn.clone(),
            None => format!("arn:{}:iam::{}:role/{name}", self.partition, identity.account),
        }
    }
}

/// An AWS account.
#[derive(Debug, Clone, Serialize)]
pub struct Account {
    /// 12 digits.
    pub number: String,
    /// Alias; absent where it has none.
    pub alias: Option<String>,
    /// Id of its organization, `o-…`; absent where it is in none.
    pub organization: Option<String>,
    /// Service control policies: what its organization leaves its identities; none leave everything.
    pub service_control_policies: Vec<String>,
    /// Resource control policies: whom its organization keeps from its resources.
    pub resource_control_policies: Vec<String>,
}

/// Somebody who comes in with an access key of their own.
#[derive(Debug, Clone, Serialize)]
pub struct Identity {
    /// Access key id.
    #[serde(skip)]
    pub access_key_id: String,
    /// Account that it belongs to.
    pub account: String,
    /// ARN as STS tells it: of a user, or of a session of a role.
    pub arn: String,
    /// Unique id as STS tells it.
    pub id: String,
    /// Its policies.
    pub permissions: Vec<String>,
    /// Whether its credentials have expired.
    pub expired: bool,
}

impl Identity {
    /// Returns the name of the role that it is a session of; nothing for a user.
    pub fn role_name(&self) -> Option<&str> {
        self.arn.split_once(":assumed-role/")?.1.split('/').next()
    }
}

/// What an account may have.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Quotas {
    /// Characters of a trust policy, white space not counted.
    pub trust_policy_size: usize,
    /// Characters of all inline policies of a role together, white space not counted.
    pub role_policies_size: usize,
    /// Roles.
    pub roles: usize,
}

/// An IAM role.
#[derive(Debug, Clone, Serialize)]
pub struct IamRole {
    /// Name without the path, as it was given.
    pub name: String,
    /// Path, `/` at least.
    pub path: String,
    /// ARN, path included.
    pub arn: String,
    /// `AROA…`.
    pub id: String,
    /// Description; empty where there is none.
    pub description: String,
    /// When it was made.
    pub created: Timestamp,
    /// Trust policy as it was sent; absent is what Atlas sees of a role that is too new.
    pub trust: Lagging<Option<String>>,
    /// Its own policies.
    pub documents: Lagging<RoleDocuments>,
    /// ARN of its permissions boundary, a managed policy.
    pub boundary: Option<String>,
    /// Tags in the order in which they were set.
    pub tags: Vec<(String, String)>,
    /// Key policies that KMS still refuses for naming this role.
    #[serde(skip)]
    pub unseen_by_kms: u32,
    /// Calls of `GetKeyPolicy` that still show its id where a key policy names it.
    #[serde(skip)]
    pub shown_by_id: u32,
}

impl IamRole {
    /// Returns the account that it belongs to.
    pub fn account(&self) -> &str {
        self.arn.split(':').nth(4).unwrap_or_default()
    }

    /// Tells whether AWS alone may change it.
    pub fn is_service_linked(&self) -> bool {
        self.path.starts_with("/aws-service-role/")
    }
}

/// The policies of an IAM role.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RoleDocuments {
    /// Inline policies: name and text.
    pub inline: Vec<(String, String)>,
    /// ARNs of attached managed policies.
    pub attached: Vec<String>,
}

/// A managed policy.
#[derive(Debug, Clone, Serialize)]
pub struct ManagedPolicy {
    /// ARN.
    pub arn: String,
    /// Text of the default version, which is `v1`.
    pub document: String,
}
