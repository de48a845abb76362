//! From a scenario's file to the AWS half of a world.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::super::clock::later;
use super::super::world::{
    Account, AwsAccessKey, AwsWorld, Grant, IamRole, Identity, Ids, KeyState, KmsKey, Lagging, ManagedPolicy, Quotas,
    RoleDocuments, default_key_policy,
};
use super::aws_file::{self as file, Aws};
use super::build::days_before;
use super::file::File;

const ALL_RIGHTS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// Returns every policy that the file holds.
pub(super) fn policies(file: &File) -> impl Iterator<Item = &String> {
    let rights = file.aws.iter().flat_map(|aws| {
        let own = aws.permissions.iter().flatten().chain(&aws.scp).chain(&aws.rcp);
        let others = aws.identity.iter().flat_map(|identity| {
            let permissions = identity.permissions.iter().flatten();
            permissions.chain(&identity.scp).chain(&identity.rcp)
        });
        own.chain(others)
    });
    file.role
        .iter()
        .flat_map(|role| std::iter::once(&role.trust).chain(role.inline.values()))
        .chain(file.managed_policy.iter().map(|policy| &policy.document))
        .chain(file.key.iter().filter_map(|key| key.policy.as_ref()))
        .chain(rights)
}

/// Returns the access keys of those who may come in beside the operator.
pub(super) fn access_keys(aws: &Aws) -> Vec<AwsAccessKey> {
    aws.identity
        .iter()
        .map(|identity| AwsAccessKey {
            account: identity.account.clone().unwrap_or_else(|| aws.account.clone()),
            id: identity.access_key_id.clone(),
            secret: identity.secret_access_key.clone(),
        })
        .collect()
}

pub(super) fn world(file: &File, aws: &Aws, now: Timestamp, ids: &mut Ids) -> AwsWorld {
    let operator = file::Identity {
        account: None,
        account_alias: aws.account_alias.clone(),
        caller: aws.caller.clone(),
        access_key_id: aws.access_key_id.clone(),
        secret_access_key: aws.secret_access_key.clone(),
        permissions: aws.permissions.clone(),
        scp: aws.scp.clone(),
        rcp: aws.rcp.clone(),
    };
    let everybody = || std::iter::once(&operator).chain(&aws.identity);
    let identities = everybody().map(|from| identity(from, aws, ids)).collect();
    let mut accounts: Vec<Account> = Vec::new();
    for from in everybody() {
        let number = from.account.as_ref().unwrap_or(&aws.account);
        if accounts.iter().all(|account| account.number != *number) {
            accounts.push(Account {
                number: number.clone(),
                alias: from.account_alias.clone(),
                organization: aws.organization.clone(),
                service_control_policies: from.scp.clone(),
                resource_control_policies: from.rcp.clone(),
            });
        }
    }
    AwsWorld {
        partition: aws.partition.clone(),
        accounts,
        identities,
        caller_address: aws.caller_address.clone(),
        other_principals: aws.other_principals.clone(),
        quotas: Quotas {
            trust_policy_size: aws.quotas.trust_policy_size,
            role_policies_size: aws.quotas.role_policies_size,
            roles: aws.quotas.roles,
        },
        roles: file.role.iter().map(|from| role(from, aws, now, ids)).collect(),
        policies: file
            .managed_policy
            .iter()
            .map(|policy| ManagedPolicy {
                arn: policy.arn.clone(),
                document: policy.document.clone(),
            })
            .collect(),
        keys: file.key.iter().map(|from| key(from, aws, now, ids)).collect(),
    }
}

fn identity(from: &file::Identity, aws: &Aws, ids: &mut Ids) -> Identity {
    let account = from.account.as_ref().unwrap_or(&aws.account);
    let is_session = from.caller.starts_with("assumed-role/");
    let session = from.caller.rsplit('/').next().unwrap_or_default();
    let (service, id) = if is_session {
        ("sts", format!("{}:{session}", ids.principal("AROA")))
    } else {
        ("iam", ids.principal("AIDA"))
    };
    Identity {
        access_key_id: from.access_key_id.clone(),
        arn: format!("arn:{}:{service}::{account}:{}", aws.partition, from.caller),
        account: account.clone(),
        id,
        permissions: from.permissions.clone().unwrap_or_else(|| vec![ALL_RIGHTS.to_owned()]),
        expired: false,
    }
}

fn role(from: &file::Role, aws: &Aws, now: Timestamp, ids: &mut Ids) -> IamRole {
    let account = from.account.as_ref().unwrap_or(&aws.account);
    IamRole {
        name: from.name.clone(),
        path: from.path.clone(),
        arn: format!("arn:{}:iam::{account}:role{}{}", aws.partition, from.path, from.name),
        id: ids.principal("AROA"),
        description: from.description.clone(),
        created: days_before(now, from.age_days),
        trust: Lagging::settled(Some(from.trust.clone())),
        documents: Lagging::settled(RoleDocuments {
            inline: pairs(&from.inline),
            attached: from.attached.clone(),
        }),
        boundary: from.boundary.clone(),
        tags: pairs(&from.tags),
        unseen_by_kms: 0,
        shown_by_id: 0,
    }
}

fn key(from: &file::Key, aws: &Aws, now: Timestamp, ids: &mut Ids) -> KmsKey {
    let region = from.region.clone().unwrap_or_else(|| aws.region.clone());
    let account = from.account.clone().unwrap_or_else(|| aws.account.clone());
    let id = from.id.clone().unwrap_or_else(|| {
        if from.multi_region {
            ids.multi_region_key()
        } else {
            ids.uuid()
        }
    });
    let days = Duration::from_hours(from.deletion_days.min(365) * 24);
    KmsKey {
        arn: format!("arn:{}:kms:{region}:{account}:key/{id}", aws.partition),
        id,
        policy: Lagging::settled(
            from.policy
                .clone()
                .unwrap_or_else(|| default_key_policy(&aws.partition, &account)),
        ),
        account,
        region,
        aliases: from.alias.clone(),
        description: from.description.clone(),
        state: from.state,
        spec: from.spec.clone(),
        usage: from.usage.clone(),
        origin: from.origin.clone(),
        manager: from.manager.clone(),
        multi_region: from.multi_region,
        replica_of: from.replica_of.clone(),
        rotation_days: from.rotation_days,
        created: days_before(now, from.age_days),
        deletion: (from.state == KeyState::PendingDeletion).then(|| later(now, days)),
        grants: from.grant.iter().map(|from| grant(from, now, ids)).collect(),
        tags: pairs(&from.tags),
        unseen: 0,
        creating: 0,
    }
}

fn grant(from: &file::Grant, now: Timestamp, ids: &mut Ids) -> Grant {
    Grant {
        id: format!("{}{}", ids.uuid(), ids.uuid()).replace('-', ""),
        name: from.name.clone(),
        grantee: from.grantee.clone(),
        operations: from.operations.clone(),
        encryption_context: pairs(&from.encryption_context),
        created: days_before(now, 30),
    }
}

fn pairs(map: &BTreeMap<String, String>) -> Vec<(String, String)> {
    map.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}
