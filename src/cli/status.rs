//! `status`: what holds now.

use super::args::{Common, Form};
use super::connect::{self, Target};
use super::environment::Environment;
use super::{exit_code, output};
use crate::domain::key::KeyRef;
use crate::observe::{Clouds, ObservedState, Scope, Traces, Wanted};
use crate::problem::Problem;
use crate::verify::{self, Evidence};

pub(super) async fn run(common: &Common) -> Result<u8, Vec<Problem>> {
    let environment = Environment::of_process();
    let (target, _) = Target::settle(common, None, &environment).map_err(|problem| vec![problem])?;
    let project = connect::project(&target).map_err(|problem| vec![problem])?;
    let clouds = target.connect(&environment).await?;
    let evidence = evidence(&clouds, project).await;
    clouds.atlas.close().await;
    let evidence = evidence?;
    match common.output {
        Form::Text => output::result(&verify::text(&evidence)),
        Form::Json => output::json(&evidence),
    }
    .map_err(|problem| vec![problem])?;
    Ok(if evidence.is_at_risk() { exit_code::PREREQUISITE } else { exit_code::DONE })
}

/// Observes the project, then the IAM role and the key that its setting names.
pub(crate) async fn evidence(clouds: &Clouds, project: &str) -> Result<Evidence, Vec<Problem>> {
    let scope = Scope { project_id: Some(project.to_owned()), ..Scope::default() };
    let mut observed = ObservedState::of(clouds, &scope, &Traces::default()).await;
    let role = Evidence::iam_role_arn(&observed).map(|arn| arn.name().to_owned());
    let key = Evidence::key_ref(&observed);
    let (role, key) = tokio::join!(
        async {
            match &role {
                Some(name) => Some(crate::observe::look_up_role(clouds, name).await),
                None => None,
            }
        },
        async {
            match &key {
                Some(key) => Some(crate::observe::look_up_key(&in_its_region(clouds, &observed, key), key).await),
                None => None,
            }
        },
    );
    observed.chosen_role = role;
    observed.chosen_key = key;
    Evidence::from_observed(&observed)
}

/// The setting names the key's region; the operator's may be another.
fn in_its_region(clouds: &Clouds, observed: &ObservedState, key: &KeyRef) -> Clouds {
    let region = match key {
        KeyRef::Arn(arn) => arn.region(),
        KeyRef::Id(_) | KeyRef::Alias(_) => observed.setting.known().and_then(|setting| setting.aws.region),
    };
    match region {
        Some(region) if region != clouds.aws.region() => {
            Clouds { aws: clouds.aws.with_region(region), ..clouds.clone() }
        }
        _ => clouds.clone(),
    }
}
