//! What is known of Atlas's requests to AWS: the condition keys of `sts:AssumeRole` and of the use of the key.
//!
//! After "AWS global condition context keys", "Condition keys for AWS KMS" and "Available keys for AWS STS". What isn't
//! listed isn't known: tags, organizations, the session's name, the encryption context.

use ipnet::IpNet;

use super::addresses::SOURCE_IP;
use super::fact::Fact;
use crate::domain::arn;
use crate::domain::key::Key;

/// From where and when a request comes, as far as that is known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Origin<'a> {
    /// A network that it comes from.
    pub(super) network: Option<IpNet>,
    /// Whether Atlas may reach the key over private networking only.
    pub(super) private: bool,
    /// When, as `aws:CurrentTime` has it.
    pub(super) now: Option<&'a str>,
}

impl<'a> Origin<'a> {
    fn facts(self) -> Vec<(&'static str, Fact<'a>)> {
        const PRIVATE: &str = "and Atlas comes over its private endpoints, whose addresses and IDs it doesn't tell";
        let hidden = |otherwise| {
            if self.private {
                Fact::Unknown(PRIVATE)
            } else {
                otherwise
            }
        };
        let mut facts = vec![
            (
                SOURCE_IP,
                match self.network {
                    Some(network) if !self.private => Fact::Within(network),
                    _ => hidden(Fact::Unknown("and Atlas's addresses aren't known here")),
                },
            ),
            ("aws:SourceVpc", hidden(Fact::Absent)),
            ("aws:SourceVpce", hidden(Fact::Absent)),
            ("aws:VpcSourceIp", hidden(Fact::Absent)),
            ("aws:SecureTransport", Fact::Is("true")),
            ("aws:ViaAWSService", Fact::Is("false")),
            ("aws:PrincipalIsAWSService", Fact::Is("false")),
            ("aws:CalledVia", Fact::Absent),
            ("aws:CalledViaFirst", Fact::Absent),
            ("aws:CalledViaLast", Fact::Absent),
            ("aws:SourceArn", Fact::Absent),
            ("aws:SourceAccount", Fact::Absent),
            ("aws:SourceOrgID", Fact::Absent),
        ];
        if let Some(now) = self.now {
            facts.push(("aws:CurrentTime", Fact::Moment(now)));
            facts.push(("aws:EpochTime", Fact::Moment(now)));
        }
        facts
    }
}

/// Returns what is known of Atlas's `sts:AssumeRole`: of its principal only the account is.
pub(super) fn assuming<'a>(
    principal: &'a str,
    external_id: Fact<'a>,
    origin: Origin<'a>,
) -> Vec<(&'static str, Fact<'a>)> {
    let mut facts = origin.facts();
    facts.push(("sts:ExternalId", external_id));
    facts.push(("aws:FederatedProvider", Fact::Absent));
    if let Some(account) = arn::account(principal) {
        facts.push(("aws:PrincipalAccount", Fact::Is(account)));
    }
    facts
}

/// The IAM role that uses a key, as its session's requests show it.
#[derive(Clone, Copy, Debug)]
pub(super) struct User<'a> {
    /// The IAM role's ARN: a session of it has the role's, not its own, as `aws:PrincipalArn`.
    pub(super) role: &'a str,
    /// The key, where it has been read.
    pub(super) key: Option<&'a Key>,
}

/// Returns what is known of the use of a key; without `user` nothing of who uses it.
pub(super) fn using<'a>(user: Option<User<'a>>, key_arn: &'a str, origin: Origin<'a>) -> Vec<(&'static str, Fact<'a>)> {
    let mut facts = origin.facts();
    facts.extend([
        ("kms:ViaService", Fact::Absent),
        ("kms:GrantIsForAWSResource", Fact::Absent),
        // A session of AssumeRole without MFA: the documentation says both that the key is there and that it isn't.
        ("aws:MultiFactorAuthPresent", Fact::IsOrAbsent("false")),
        ("aws:MultiFactorAuthAge", Fact::Absent),
        ("aws:PrincipalType", Fact::Is("AssumedRole")),
        ("aws:username", Fact::Absent),
    ]);
    if let Some(account) = arn::account(key_arn) {
        facts.push(("aws:ResourceAccount", Fact::Is(account)));
    }
    if let Some(region) = key_arn.split(':').nth(3).filter(|region| !region.is_empty()) {
        facts.push(("aws:RequestedRegion", Fact::Is(region)));
    }
    let Some(User { role, key }) = user else {
        return facts;
    };
    facts.push(("aws:PrincipalArn", Fact::Is(role)));
    if let Some(account) = arn::account(role) {
        facts.push(("aws:PrincipalAccount", Fact::Is(account)));
        facts.push(("kms:CallerAccount", Fact::Is(account)));
    }
    if let Some(key) = key {
        facts.push(("kms:KeySpec", Fact::Is(&key.spec)));
        facts.push(("kms:KeyUsage", Fact::Is(&key.usage)));
        facts.push(("kms:KeyOrigin", Fact::Is(&key.origin)));
        let is_multi_region = if key.multi_region { "true" } else { "false" };
        facts.push(("kms:MultiRegion", Fact::Is(is_multi_region)));
    }
    facts
}
