//! Who may use a key, and whether it can be used: key policy, grants, the way back from a deletion.
//!
//! A key is asked for by its ARN, in its own region.

use super::{Aws, Error};
use crate::domain::arn::KeyArn;
use crate::domain::key::Grant;
use crate::domain::policy::PolicyDocument;

/// The one name that a key policy can have (KMS API reference, `GetKeyPolicy`).
const POLICY: &str = "default";

impl Aws {
    /// Returns a key's policy as it is now (`GetKeyPolicy`).
    ///
    /// # Errors
    /// Not allowed, among others: always so for a key of another account.
    pub async fn key_policy(&self, key: &KeyArn) -> Result<PolicyDocument, Error> {
        const OPERATION: &str = "GetKeyPolicy";
        let request = self.kms_in(key.region_name()).get_key_policy().key_id(key.as_str());
        let answer = request
            .policy_name(POLICY)
            .send()
            .await
            .map_err(self.failed("KMS", OPERATION))?;
        let text = answer
            .policy
            .ok_or_else(|| self.unreadable("KMS", OPERATION, "the answer has no policy"))?;
        PolicyDocument::parse(&text).map_err(|error| self.unreadable("KMS", OPERATION, error.to_string()))
    }

    /// Replaces a key's policy (`PutKeyPolicy`). There is no version to check: read it right before.
    ///
    /// KMS's own check against a policy that locks the caller out is never bypassed.
    pub async fn put_key_policy(&self, key: &KeyArn, policy: &PolicyDocument) -> Result<(), Error> {
        let request = self.kms_in(key.region_name()).put_key_policy().key_id(key.as_str());
        let request = request.policy_name(POLICY).policy(policy.to_json());
        request.send().await.map_err(self.failed("KMS", "PutKeyPolicy"))?;
        Ok(())
    }

    /// Returns the grants on a key (`ListGrants`, all pages).
    pub async fn grants(&self, key: &KeyArn) -> Result<Vec<Grant>, Error> {
        let request = self.kms_in(key.region_name()).list_grants().key_id(key.as_str());
        let mut pages = request.into_paginator().items().send();
        let mut grants = Vec::new();
        while let Some(grant) = pages.next().await {
            let grant = grant.map_err(self.failed("KMS", "ListGrants"))?;
            let operations = grant.operations().iter().map(|operation| operation.as_str().to_owned());
            grants.push(Grant {
                operations: operations.collect(),
                constrained: grant.constraints.is_some(),
                grantee: grant
                    .grantee_principal
                    .or(grant.grantee_service_principal)
                    .unwrap_or_default(),
            });
        }
        Ok(grants)
    }

    /// Takes a key back from its deletion; it is disabled then (`CancelKeyDeletion`).
    pub async fn cancel_key_deletion(&self, key: &KeyArn) -> Result<(), Error> {
        let request = self
            .kms_in(key.region_name())
            .cancel_key_deletion()
            .key_id(key.as_str());
        request.send().await.map_err(self.failed("KMS", "CancelKeyDeletion"))?;
        Ok(())
    }

    /// Enables a disabled key (`EnableKey`).
    pub async fn enable_key(&self, key: &KeyArn) -> Result<(), Error> {
        let request = self.kms_in(key.region_name()).enable_key().key_id(key.as_str());
        request.send().await.map_err(self.failed("KMS", "EnableKey"))?;
        Ok(())
    }
}
