//! The account: its alias and its limits.

use super::super::super::world::World;
use super::super::xml::Xml;
use super::{INLINE_SIZE, TRUST_SIZE};

pub(super) fn aliases(world: &World) -> Xml {
    Xml::default()
        .texts("AccountAliases", world.aws.account_alias.as_deref())
        .text("IsTruncated", "false")
}

pub(super) fn summary(world: &World) -> Xml {
    let entries = [
        ("AssumeRolePolicySizeQuota", TRUST_SIZE),
        ("RolePolicySizeQuota", INLINE_SIZE),
        ("Roles", world.aws.roles.len()),
        ("RolesQuota", 1_000),
    ];
    let entry = |(key, value): (&str, usize)| Xml::default().text("key", key).text("value", &value.to_string());
    let map = entries
        .into_iter()
        .fold(Xml::default(), |map, pair| map.element("entry", &entry(pair)));
    Xml::default().element("SummaryMap", &map)
}
