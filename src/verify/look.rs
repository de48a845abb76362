//! Observes what the evidence is made of: the project, then the IAM role and the key that its setting leads to.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::evidence::{Evidence, used_access_role, used_key};
use crate::observe::{Clouds, ObservedState, Scope, Traces, look_up_key, look_up_role};
use crate::problem::Problem;

/// Observes a project and returns what holds. The key is looked up in the setting's own region.
///
/// # Errors
/// A part of the project couldn't be read.
pub async fn look(clouds: &Clouds, project_id: &str) -> Result<Evidence, Vec<Problem>> {
    let scope = Scope::of_choices(project_id, None, None);
    let mut observed = ObservedState::of(clouds, &scope, &Traces::default()).await;
    if let (Some(setting), Some(access_roles)) = (observed.setting.known(), observed.access_roles.known()) {
        let role = used_access_role(setting, access_roles).and_then(|role| role.iam_role_arn.clone());
        let key = used_key(setting);
        let mut clouds = clouds.clone();
        if let Some(region) = setting.aws.region {
            clouds.aws = clouds.aws.with_region(region);
        }
        let of_key = Mutex::new(Vec::new());
        let (role, ()) = tokio::join!(
            async {
                match &role {
                    Some(arn) => Some(look_up_role(&clouds, arn.name()).await),
                    None => None,
                }
            },
            async {
                if let Some(key) = &key {
                    look_up_key(&clouds, key, |part| {
                        of_key.lock().unwrap_or_else(PoisonError::into_inner).push(part);
                    })
                    .await;
                }
            },
        );
        observed.chosen_role = role;
        for part in of_key.into_inner().unwrap_or_else(PoisonError::into_inner) {
            observed.absorb(part, Timestamp::now());
        }
    }
    Evidence::from_observed(&observed)
}
