//! `check`: judge every prerequisite, and change nothing.

use super::args::{Common, ConfigOption, Form};
use super::connect::{self, Target};
use super::environment::Environment;
use super::{exit_code, file, output};
use crate::apply::journal::Folder;
use crate::checklist::{self, blocking, checklist};
use crate::observe::{self, ObservedState, Scope};
use crate::plan::{self, Choices, KeyChoice};
use crate::problem::Problem;

pub(super) async fn run(common: &Common, config: &ConfigOption) -> Result<u8, Vec<Problem>> {
    let environment = Environment::of_process();
    let file = file::read(config)?;
    let (target, notes) = Target::settle(common, file.as_ref(), &environment).map_err(|problem| vec![problem])?;
    connect::say(&notes);
    let (clouds, project) = target.connect_to_project(&environment).await?;
    let region = Some(clouds.aws.region());
    let mut choices = match file {
        Some(file) => file.choices(Some(project.clone()), region),
        None => Choices {
            project_id: Some(project.clone()),
            region,
            ..Choices::default()
        },
    };
    choices.aws_half = config.aws_half.clone().or(choices.aws_half);
    let role = choices.role.as_ref().map(|role| role.name().to_owned());
    let scope = Scope::of_choices(&project, role, choices.key.as_ref().map(KeyChoice::key_ref));
    let traces = Folder::of_user()
        .and_then(|folder| folder.traces(clouds.atlas.base_url(), &project))
        .map_err(|problem| vec![problem])?;
    let mut observed = ObservedState::of(&clouds, &scope, &traces).await;
    if let Some(desired) = choices.complete()
        && let Ok(plan) = plan::plan(&observed, &desired)
    {
        let needed = plan.needed_permissions();
        observed.permissions = Some(observe::look_up_permissions(&clouds, &needed).await);
    }
    clouds.atlas.close().await;
    let checks = checklist(&observed, &choices);
    match common.output {
        Form::Text => output::result(&checklist::render::text(&checks)),
        Form::Json => output::json(&checklist::render::json(&checks)),
    }
    .map_err(|problem| vec![problem])?;
    Ok(if blocking(&checks).is_empty() {
        exit_code::DONE
    } else {
        exit_code::PREREQUISITE
    })
}
