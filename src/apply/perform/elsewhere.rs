//! A step of the AWS administrator: it is written out, with what Atlas gave, and Atlas finds out whether it's done.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::OnceCell;

use super::{Context, Done, Ended};
use crate::apply::event::Person;
use crate::apply::not_yet::Refusal;
use crate::domain::key::KeyRef;
use crate::files;
use crate::plan::render::{SCRIPT, aws_half};
use crate::plan::{Action, Output, Outputs, Plan};
use crate::problem::Problem;

/// How long the AWS administrator may take.
pub(crate) const LIMIT: Duration = Duration::from_hours(1);

/// The AWS half of a run's plan.
pub(super) struct AwsHalf {
    plan: Plan,
    folder: PathBuf,
    written: OnceCell<()>,
}

impl AwsHalf {
    /// Returns what is to be written out; `None` where everything is carried out from here.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let folder = plan.desired.aws_half.as_ref()?;
        plan.steps.iter().any(|step| plan.is_elsewhere(step)).then(|| Self {
            plan: plan.clone(),
            folder: PathBuf::from(folder),
            written: OnceCell::new(),
        })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes the files, once for all steps.
    async fn write(&self, outputs: &Outputs) -> Result<(), Problem> {
        let write = || async {
            let plan = self.plan.clone().with_outputs(outputs);
            let half = aws_half(&plan).ok_or_else(|| {
                Problem::internal("the AWS half was to be written out before the access role was there")
            })?;
            files::write_all(
                &self.folder,
                half.iter().map(|file| (file.name.as_str(), file.text.as_str())),
            )
        };
        self.written.get_or_try_init(write).await.copied()
    }
}

/// Hands a step over; that is all there is to it from here, but for a key that is still to get its ARN.
pub(super) async fn hand_over(context: &Context, half: &AwsHalf) -> Result<Done, Ended> {
    let outputs = context.state().outputs.clone();
    half.write(&outputs).await?;
    if let Action::CreateKey(settings) = context.action() {
        let alias = KeyRef::Alias(settings.alias.clone());
        let arn = created_key(context, &alias, half).await?;
        context.produce(Output::KeyArn, arn.clone());
        return Ok(Done::already_so(arn));
    }
    let script = half.folder.join(SCRIPT);
    Ok(Done::handed_over(format!(
        "to the AWS administrator, who runs {}",
        script.display()
    )))
}

/// Looks for a key by its alias until the AWS administrator has created it.
async fn created_key(context: &Context, alias: &KeyRef, half: &AwsHalf) -> Result<String, Ended> {
    let mut wait = context.run.pace.for_people(LIMIT);
    loop {
        if let Some(key) = context.aws().key(alias).await.map_err(Refusal::from)? {
            return Ok(key.arn.to_string());
        }
        let Some(pause) = wait.pause() else {
            let problem = Problem::prerequisite(format!("there is no key {alias} yet"));
            return Err(problem.hint(how_to_go_on(half.folder())).into());
        };
        let script = half.folder.join(SCRIPT);
        let to_do = format!(
            "the AWS administrator runs {}; there is no key {alias} yet",
            script.display()
        );
        context.waiting_for(Person::AwsAdministrator, to_do, wait.limit());
        context.rest(pause, &mut wait).await?;
    }
}

/// Says what is to be done when a wait for the AWS administrator is over.
pub(super) fn how_to_go_on(folder: &Path) -> String {
    format!(
        "the AWS half is in {}: once it is carried out the same command goes on from here, and does nothing twice",
        folder.display()
    )
}
