//! Grants.

use serde_json::{Value, json};

use super::super::super::world::Grant;
use super::super::failure::Failure;
use super::lookup::Names;
use super::{Call, seconds};

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Failure> {
    let key = call.key("KeyId", Names::OfKeys, "ListGrants")?.clone();
    let is_wanted = |name: &str, value: &str| call.text(name).is_none_or(|wanted| wanted == value);
    let grants: Vec<&Grant> = key
        .grants
        .iter()
        .filter(|grant| is_wanted("GrantId", &grant.id) && is_wanted("GranteePrincipal", &grant.grantee))
        .collect();
    let show = |grant: &&Grant| {
        let mut shown = json!({
            "CreationDate": seconds(grant.created),
            "GrantId": grant.id,
            "GranteePrincipal": grant.grantee,
            "IssuingAccount": format!("arn:{}:iam::{}:root", call.world.aws.partition, key.account),
            "KeyId": key.arn,
            "Name": grant.name,
            "Operations": grant.operations,
        });
        if !grant.encryption_context.is_empty() {
            let pairs: serde_json::Map<String, Value> = grant
                .encryption_context
                .iter()
                .map(|(name, value)| (name.clone(), value.clone().into()))
                .collect();
            shown["Constraints"] = json!({ "EncryptionContextSubset": pairs });
        }
        shown
    };
    Ok(call.page(&grants, 100, |grant| &grant.id, show)?.named("Grants"))
}
