//! Worlds for tests, in one place: a first-time project, one where all is done, and the parts they are made of.

use serde_json::json;

use super::{AwsIdentity, Fetched, Lookup, ObservedState};
use crate::domain::access_role::AccessRole;
use crate::domain::arn::{KeyArn, RoleArn};
use crate::domain::atlas_addresses::NodeAddresses;
use crate::domain::aws_identity::PolicyQuotas;
use crate::domain::cluster::{Cluster, ClusterKind, ClusterState, EncryptionProvider};
use crate::domain::iam_role::{IamRole, IamRoleDetail, NamedPolicy};
use crate::domain::key::{Key, KeyRef, Rotation};
use crate::domain::policy::{self, PolicyDocument};
use crate::domain::project::{
    AtlasIdentity, AwsKmsSetting, CompliancePolicy, CredentialKind, EncryptionSetting, Project, RegionRestriction,
    RoleGrant,
};
use crate::domain::region::Region;
use crate::plan::{
    AccessRoleChoice, ClusterChoice, DesiredState, INLINE_POLICY, KeyChoice, NewKeySettings, RoleChoice, Rollout,
};

/// The project.
pub(crate) const PROJECT: &str = "6a793f832c88faeba59bc3c2";
/// Its organization.
pub(crate) const ORG: &str = "5f1c0d2e3b4a596877869501";
/// The operator's AWS account.
pub(crate) const ACCOUNT: &str = "111122223333";
/// Atlas's side of the trust.
pub(crate) const PRINCIPAL: &str = "arn:aws:iam::536727724300:root";
/// The external ID of the access role.
pub(crate) const EXTERNAL_ID: &str = "0f0a3c1e-92a5-4a7e-9d9f-6b1f5d1c7a10";
/// Another external ID.
pub(crate) const OTHER_EXTERNAL_ID: &str = "7d3b7e52-5b7e-4c9c-8f55-2a64be4e1f99";
/// The access role.
pub(crate) const ACCESS_ROLE: &str = "65f0c1a2b3c4d5e6f70819a1";
/// The IAM role's name.
pub(crate) const ROLE: &str = "atlas-cmk-orders";
/// The key's ID.
pub(crate) const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
/// A multi-Region key's ID.
pub(crate) const MRK: &str = "mrk-1234abcd12ab34cd56ef1234567890ab";
/// The key's alias.
pub(crate) const ALIAS: &str = "alias/atlas-orders";

/// Returns the region of the key.
pub(crate) fn region() -> Region {
    Region::parse("us-east-1").unwrap()
}

/// Returns the ARN of an IAM role of the account.
pub(crate) fn role_arn(name: &str) -> RoleArn {
    RoleArn::parse(&format!("arn:aws:iam::{ACCOUNT}:role/{name}")).unwrap()
}

/// Returns the ARN of a key of the account and region.
pub(crate) fn key_arn(id: &str) -> KeyArn {
    KeyArn::parse(&format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/{id}")).unwrap()
}

/// Returns a document.
pub(crate) fn document(value: serde_json::Value) -> PolicyDocument {
    PolicyDocument::from_value(value)
}

/// Returns a trust policy with Atlas's statement alone.
pub(crate) fn trust(external_id: &str) -> PolicyDocument {
    document(json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": PRINCIPAL },
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "sts:ExternalId": external_id } },
        }],
    }))
}

/// Returns a trust policy that has nothing to do with Atlas.
pub(crate) fn foreign_trust() -> PolicyDocument {
    document(json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "Backup team",
            "Effect": "Allow",
            "Principal": { "Service": "ec2.amazonaws.com" },
            "Action": "sts:AssumeRole",
        }],
    }))
}

/// Returns a policy that allows the three actions on a key.
pub(crate) fn key_use(key: &KeyArn) -> PolicyDocument {
    document(json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"],
            "Resource": key.as_str(),
        }],
    }))
}

/// Returns an IAM role with a trust policy and no policies of its own.
pub(crate) fn role(name: &str, trust: PolicyDocument) -> IamRoleDetail {
    IamRoleDetail {
        role: IamRole {
            name: name.to_owned(),
            arn: role_arn(name),
            created: None,
            description: None,
            trust,
            boundary: None,
        },
        inline: Vec::new(),
        attached: Vec::new(),
        boundary_document: None,
    }
}

/// Returns an IAM role that has all that Atlas needs for a key.
pub(crate) fn ready_role(name: &str, external_id: &str, key: &KeyArn) -> IamRoleDetail {
    let mut detail = role(name, trust(external_id));
    detail.inline.push(NamedPolicy {
        name: INLINE_POLICY.to_owned(),
        document: Some(key_use(key)),
    });
    detail
}

/// Returns an enabled key with no alias.
pub(crate) fn key(id: &str) -> Key {
    Key {
        arn: key_arn(id),
        aliases: Vec::new(),
        description: String::new(),
        state: "Enabled".to_owned(),
        spec: "SYMMETRIC_DEFAULT".to_owned(),
        usage: "ENCRYPT_DECRYPT".to_owned(),
        origin: "AWS_KMS".to_owned(),
        manager: "CUSTOMER".to_owned(),
        multi_region: id.starts_with("mrk-"),
        rotation: Rotation::On(Some(365)),
        deletion: None,
    }
}

/// Returns an enabled key with the alias.
pub(crate) fn named_key(id: &str) -> Key {
    Key {
        aliases: vec![ALIAS.to_owned()],
        ..key(id)
    }
}

/// Returns an access role that waits for its authorization.
pub(crate) fn access_role(role_id: &str, external_id: &str) -> AccessRole {
    AccessRole {
        role_id: role_id.to_owned(),
        atlas_aws_account_arn: PRINCIPAL.to_owned(),
        external_id: external_id.to_owned(),
        created: "2026-11-20T09:00:00Z".parse().ok(),
        authorized: None,
        iam_role_arn: None,
        features: Vec::new(),
    }
}

/// Returns an access role that points to an IAM role.
pub(crate) fn authorized(role_id: &str, external_id: &str, role: &str) -> AccessRole {
    AccessRole {
        authorized: "2026-11-20T09:05:00Z".parse().ok(),
        iam_role_arn: Some(role_arn(role)),
        ..access_role(role_id, external_id)
    }
}

/// Returns an idle dedicated cluster that no key of the customer encrypts.
pub(crate) fn cluster(name: &str) -> Cluster {
    Cluster {
        name: name.to_owned(),
        kind: ClusterKind::Dedicated,
        cluster_type: "REPLICASET".to_owned(),
        instance_size: "M30".to_owned(),
        provider: "AWS".to_owned(),
        regions: vec!["US_EAST_1".to_owned()],
        state: ClusterState::Idle,
        paused: false,
        encryption: EncryptionProvider::None,
        backup: true,
    }
}

/// Returns an idle cluster that a key in AWS KMS encrypts.
pub(crate) fn encrypted(name: &str) -> Cluster {
    Cluster {
        encryption: EncryptionProvider::Aws,
        ..cluster(name)
    }
}

/// Returns a Flex cluster.
pub(crate) fn flex(name: &str) -> Cluster {
    Cluster {
        kind: ClusterKind::Flex,
        cluster_type: "FLEX".to_owned(),
        instance_size: "FLEX".to_owned(),
        ..cluster(name)
    }
}

/// Returns an M0.
pub(crate) fn shared(name: &str) -> Cluster {
    Cluster {
        kind: ClusterKind::Shared,
        instance_size: "M0".to_owned(),
        ..cluster(name)
    }
}

/// Returns the setting with a key in use.
pub(crate) fn setting(role_id: &str, key: &str) -> EncryptionSetting {
    EncryptionSetting {
        aws: AwsKmsSetting {
            enabled: true,
            role_id: Some(role_id.to_owned()),
            key: Some(key.to_owned()),
            region: Some(region()),
            region_name: Some("US_EAST_1".to_owned()),
            access_key_id: None,
            valid: Some(true),
            require_private_networking: Some(false),
        },
        azure_enabled: false,
        gcp_enabled: false,
        search_nodes: Some(false),
    }
}

/// Returns what is wanted in all these worlds: role and key made unless they are there, two clusters by name.
pub(crate) fn desired() -> DesiredState {
    DesiredState {
        project_id: PROJECT.to_owned(),
        region: region(),
        role: RoleChoice::named(ROLE),
        access_role: AccessRoleChoice::Recognized,
        key: KeyChoice::CreateUnlessThere(NewKeySettings::new(ALIAS)),
        clusters: ClusterChoice::Named(vec!["orders".to_owned(), "billing".to_owned()]),
        rollout: Rollout::Together,
        resume: Vec::new(),
        create: Vec::new(),
        extend_key_policy: false,
        drop_dead_principals: false,
        aws_half: None,
    }
}

/// Returns a project before anything was done: two eligible clusters, one M0 and one Flex cluster; neither role nor key.
pub(crate) fn first_time() -> ObservedState {
    let mut observed = ObservedState {
        atlas_identity: Fetched::Known(AtlasIdentity {
            kind: CredentialKind::ServiceAccount,
            id: "mdb_sa_id_6a0000000000000000000001".to_owned(),
            roles: Some(vec![RoleGrant {
                role: "GROUP_OWNER".to_owned(),
                project_id: Some(PROJECT.to_owned()),
                org_id: None,
            }]),
            secret_expires: None,
        }),
        projects: Fetched::Known(vec![project()]),
        project: Fetched::Known(project()),
        access_roles: Fetched::Known(Vec::new()),
        setting: Fetched::Known(EncryptionSetting::default()),
        clusters: Fetched::Known(vec![cluster("billing"), cluster("orders"), shared("sandbox")]),
        flex_clusters: Fetched::Known(vec![flex("scratch")]),
        aws_identity: Fetched::Known(AwsIdentity {
            account: ACCOUNT.to_owned(),
            account_alias: Some("payments-prod".to_owned()),
            arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/Platform/ada"),
            partition: "aws".to_owned(),
        }),
        region: Some(region()),
        iam_roles: Fetched::Known(Vec::new()),
        keys: Fetched::Known(Vec::new()),
        quotas: Fetched::Known(PolicyQuotas {
            inline: 10_240,
            trust: 2_048,
        }),
        permissions: Some(Lookup {
            of: Vec::new(),
            found: Fetched::Known(Some(Vec::new())),
        }),
        control_plane: Fetched::Known(vec!["198.51.100.7/32".parse().unwrap()]),
        node_addresses: Fetched::Known(vec![NodeAddresses {
            cluster: "orders".to_owned(),
            addresses: vec!["192.0.2.10/32".parse().unwrap()],
        }]),
        compliance: Fetched::Known(CompliancePolicy::default()),
        private_endpoints: Fetched::Known(Vec::new()),
        snapshots: Fetched::Known(Vec::new()),
        at: "2026-11-25T08:00:00Z".parse().ok(),
        ..ObservedState::default()
    };
    choose_role(&mut observed, ROLE, None);
    choose_key(&mut observed, KeyRef::Alias(ALIAS.to_owned()), None);
    observed
}

/// Returns a project where all that [`desired`] asks for is done.
pub(crate) fn all_done() -> ObservedState {
    let mut observed = first_time();
    let mut access_role = authorized(ACCESS_ROLE, EXTERNAL_ID, ROLE);
    access_role.features.push(AccessRole::ENCRYPTION_AT_REST.to_owned());
    observed.access_roles = Fetched::Known(vec![access_role]);
    observed.setting = Fetched::Known(setting(ACCESS_ROLE, key_arn(KEY).as_str()));
    observed.clusters = Fetched::Known(vec![encrypted("billing"), encrypted("orders"), shared("sandbox")]);
    choose_role(&mut observed, ROLE, Some(ready_role(ROLE, EXTERNAL_ID, &key_arn(KEY))));
    choose_key(&mut observed, KeyRef::Alias(ALIAS.to_owned()), Some(named_key(KEY)));
    observed.key_in_use = Some(Lookup {
        of: key_arn(KEY).to_string(),
        found: Fetched::Known(Some(named_key(KEY))),
    });
    observed
}

/// Returns the project.
pub(crate) fn project() -> Project {
    Project {
        id: PROJECT.to_owned(),
        name: "Orders".to_owned(),
        org_id: ORG.to_owned(),
        regions: RegionRestriction::None,
    }
}

/// Sets what the lookup of an IAM role found, and lists the role.
pub(crate) fn choose_role(observed: &mut ObservedState, name: &str, found: Option<IamRoleDetail>) {
    observed.iam_roles = Fetched::Known(found.iter().map(|detail| detail.role.clone()).collect());
    observed.chosen_role = Some(Lookup {
        of: name.to_owned(),
        found: Fetched::Known(found),
    });
}

/// Sets what the lookup of a key found, and lists the key; it has the default key policy and no grants.
pub(crate) fn choose_key(observed: &mut ObservedState, of: KeyRef, found: Option<Key>) {
    let arn = found.as_ref().map(|key| key.arn.clone());
    observed.key_policy = arn.clone().map(|arn| Lookup {
        found: Fetched::Known(Some(policy::default_key_policy(arn.partition(), arn.account()))),
        of: arn,
    });
    observed.key_grants = arn.map(|arn| Lookup {
        of: arn,
        found: Fetched::Known(Some(Vec::new())),
    });
    observed.keys = Fetched::Known(found.iter().cloned().collect());
    observed.chosen_key = Some(Lookup {
        of,
        found: Fetched::Known(found),
    });
}
