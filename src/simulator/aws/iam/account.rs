//! The account: its alias and its quotas.

use super::super::xml::Xml;
use super::Call;

pub(super) fn aliases(call: &Call<'_>) -> Xml {
    let alias = call.account().and_then(|account| account.alias.as_deref());
    Xml::default()
        .texts("AccountAliases", alias)
        .text("IsTruncated", "false")
}

pub(super) fn summary(call: &Call<'_>) -> Xml {
    let quotas = call.world.aws.quotas;
    let roles = call.world.aws.roles.iter();
    let entries = [
        ("AssumeRolePolicySizeQuota", quotas.trust_policy_size),
        ("RolePolicySizeQuota", quotas.role_policies_size),
        (
            "Roles",
            roles.filter(|role| role.account() == call.identity.account).count(),
        ),
        ("RolesQuota", quotas.roles),
    ];
    let entry = |(key, value): (&str, usize)| Xml::default().text("key", key).text("value", &value.to_string());
    let map = entries
        .into_iter()
        .fold(Xml::default(), |map, pair| map.element("entry", &entry(pair)));
    Xml::default().element("SummaryMap", &map)
}
