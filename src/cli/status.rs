//! `status`: what holds now.

use super::args::{Common, Form};
use super::connect::Target;
use super::environment::Environment;
use super::{exit_code, output};
use crate::problem::Problem;
use crate::verify;

pub(super) async fn run(common: &Common) -> Result<u8, Vec<Problem>> {
    let environment = Environment::of_process();
    let (target, _) = Target::settle(common, None, &environment).map_err(|problem| vec![problem])?;
    let (clouds, project) = target.connect_to_project(&environment).await?;
    let evidence = verify::look(&clouds, &project).await;
    clouds.atlas.close().await;
    let evidence = evidence?;
    match common.output {
        Form::Text => output::result(&verify::text(&evidence)),
        Form::Json => output::json(&evidence),
    }
    .map_err(|problem| vec![problem])?;
    Ok(if evidence.is_at_risk() {
        exit_code::PREREQUISITE
    } else {
        exit_code::DONE
    })
}
