//! `plan`: show what `apply` would do, and change nothing.

use std::path::Path;

use super::args::{Common, ConfigOption, Form};
use super::connect::{self, Target};
use super::environment::Environment;
use super::{exit_code, file, output};
use crate::apply::journal::Folder;
use crate::checklist::{self, blocking, blocking_plan, checklist};
use crate::domain::project::ProjectRef;
use crate::domain::text::safe_line;
use crate::files;
use crate::observe::{self, Clouds, ObservedState, Scope, Traces};
use crate::plan::{self, Choices, DesiredState, Plan, SavedPlan};
use crate::problem::{Kind, Problem};

pub(super) async fn run(
    common: &Common,
    config: &ConfigOption,
    out: Option<&Path>,
    detailed: bool,
) -> Result<u8, Vec<Problem>> {
    let prepared = Prepared::from_file(common, config).await?;
    let traces = prepared
        .folder
        .traces(prepared.clouds.atlas.base_url(), &prepared.desired.project_id);
    let planned = prepared.plan(&traces.map_err(|problem| vec![problem])?).await;
    prepared.clouds.atlas.close().await;
    let plan = match planned? {
        Planned::Ready(plan) => plan,
        Planned::Blocked => return Ok(exit_code::PREREQUISITE),
    };
    match common.output {
        Form::Text => output::result(&plan::render::text(&plan)),
        Form::Json => output::json(&plan::render::json(&plan)),
    }
    .map_err(|problem| vec![problem])?;
    if let Some(folder) = &plan.desired.aws_half {
        hand_out(&plan, folder).map_err(|problem| vec![problem])?;
    }
    let pending = !plan.is_empty();
    if let Some(path) = out {
        save(path, &prepared, *plan).map_err(|problem| vec![problem])?;
    }
    Ok(if detailed && pending {
        exit_code::PENDING
    } else {
        exit_code::DONE
    })
}

/// Saves a plan for `apply --plan`.
fn save(path: &Path, prepared: &Prepared, plan: Plan) -> Result<(), Problem> {
    let atlas = prepared.clouds.atlas.base_url();
    let text = SavedPlan::new(atlas, prepared.profile.clone(), plan).to_text()?;
    files::write(path, &output::escaped(&text))?;
    output::note(&format!(
        "Saved: {path}. Carry out exactly this: atlas-cmk apply --plan {path}",
        path = path.display()
    ));
    Ok(())
}

/// Reads a plan that was saved.
///
/// # Errors
/// It can't be read, or isn't a plan as it was saved.
pub(super) fn saved(path: &Path) -> Result<SavedPlan, Problem> {
    let place = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => SavedPlan::read(&text, &place),
        Err(error) => Err(Problem::input("the plan can't be read")
            .at(place)
            .hint("save one: atlas-cmk plan --out FILE")
            .caused_by(&error)),
    }
}

/// Everything that `plan` and `apply` begin with.
pub(super) struct Prepared {
    pub(super) desired: DesiredState,
    pub(super) clouds: Clouds,
    pub(super) folder: Folder,
    /// The AWS profile, where one is named.
    profile: Option<String>,
}

/// What planning came to.
pub(super) enum Planned {
    /// A plan.
    Ready(Box<Plan>),
    /// A prerequisite failed; which has been said.
    Blocked,
}

impl Prepared {
    /// Reads the configuration file and connects; asks Atlas only for a project that is named by its name.
    pub(super) async fn from_file(common: &Common, config: &ConfigOption) -> Result<Self, Vec<Problem>> {
        let environment = Environment::of_process();
        let file = file::required(config)?;
        let (target, notes) = Target::settle(common, Some(&file), &environment).map_err(|problem| vec![problem])?;
        connect::say(&notes);
        let folder = Folder::of_user().map_err(|problem| vec![problem])?;
        let (clouds, project) = target.connect_to_project(&environment).await?;
        let mut desired = file.desired(project, clouds.aws.region());
        desired.aws_half = config.aws_half.clone().or(desired.aws_half);
        Ok(Self {
            desired,
            clouds,
            folder,
            profile: target.profile,
        })
    }

    /// Connects to where a saved plan was made for: its project and region, and its AWS profile if no other is named.
    pub(super) async fn from_saved(common: &Common, saved: &SavedPlan) -> Result<Self, Vec<Problem>> {
        let environment = Environment::of_process();
        let desired = saved.plan.desired.clone();
        let target = Target {
            project: Some(ProjectRef::Id(desired.project_id.clone())),
            region: Some(desired.region),
            profile: common
                .aws_profile
                .clone()
                .or_else(|| saved.aws_profile.clone())
                .or_else(|| environment.get("AWS_PROFILE")),
            atlas_profile: common.atlas_profile.clone(),
        };
        let folder = Folder::of_user().map_err(|problem| vec![problem])?;
        let clouds = target.connect(&environment).await?;
        let here = clouds.atlas.base_url();
        if here != saved.atlas {
            return Err(vec![
                Problem::input(format!(
                    "the plan was made for {}, the credential is for {here}",
                    safe_line(&saved.atlas)
                ))
                .hint("sign in to the Atlas that the plan was made for, or make a new plan here"),
            ]);
        }
        Ok(Self {
            desired,
            clouds,
            folder,
            profile: target.profile,
        })
    }

    /// Observes, judges the prerequisites and plans.
    pub(super) async fn plan(&self, traces: &Traces) -> Result<Planned, Vec<Problem>> {
        let (role, key) = (self.desired.role.name().to_owned(), self.desired.key.key_ref());
        let scope = Scope::of_choices(&self.desired.project_id, Some(role), Some(key));
        let mut observed = ObservedState::of(&self.clouds, &scope, traces).await;
        let planned = plan::plan(&observed, &self.desired);
        if let Some(needed) = planned.as_ref().ok().map(Plan::needed_permissions)
            && !needed.is_empty()
        {
            observed.permissions = Some(observe::look_up_permissions(&self.clouds, &needed).await);
        }
        let checks = checklist(&observed, &Choices::from(self.desired.clone()));
        let failed = match &planned {
            Ok(plan) => blocking_plan(&checks, plan),
            Err(_) => blocking(&checks),
        };
        let lacks_aws = failed.iter().any(|check| OF_THE_OPERATOR.contains(&check.id))
            || planned
                .as_ref()
                .is_err_and(|problems| problems.iter().any(is_refused_by_aws));
        let way_out = (lacks_aws && self.desired.aws_half.is_none()).then_some(ELSEWHERE);
        if !failed.is_empty() {
            let failed: Vec<_> = failed.into_iter().cloned().collect();
            output::note(checklist::render::rows(&failed).trim_end());
            if let Some(way_out) = way_out {
                output::note(&format!("hint: {way_out}"));
            }
            return Ok(Planned::Blocked);
        }
        let with_way_out = |problem: Problem| way_out.into_iter().fold(problem, Problem::hint);
        planned
            .map(|plan| Planned::Ready(Box::new(plan)))
            .map_err(|problems| problems.into_iter().map(with_way_out).collect())
    }
}

/// The checks of what the operator is and may do in AWS.
const OF_THE_OPERATOR: [&str; 2] = ["aws-identity", "aws-permissions"];

/// The way for an operator who can't do the AWS half.
const ELSEWHERE: &str = "if an AWS administrator is to do the AWS half: --aws-half DIR writes it out for them, and Atlas tries until it gets in";

/// Returns whether AWS doesn't let the operator in, or doesn't let them do something.
fn is_refused_by_aws(problem: &Problem) -> bool {
    let is_of_aws = problem.place.as_deref().is_some_and(|place| place.starts_with("AWS "));
    is_of_aws && matches!(problem.kind, Kind::Prerequisite | Kind::SignIn)
}

/// Writes the AWS half out, where the access role is there already; else says when.
fn hand_out(plan: &Plan, folder: &str) -> Result<(), Problem> {
    match plan::render::aws_half(plan) {
        Some(half) if half.is_empty() => {}
        Some(half) => {
            let folder = Path::new(folder);
            files::write_all(folder, half.iter().map(|file| (file.name.as_str(), file.text.as_str())))?;
            output::note(&format!("AWS half: {}", folder.join(plan::render::SCRIPT).display()));
        }
        None => output::note(&format!(
            "The AWS half is written to {folder} by apply: Atlas gives the external ID that it needs."
        )),
    }
    Ok(())
}
