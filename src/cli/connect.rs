//! From options, configuration file and environment to the two clouds: what wins, and what is said about it.

use super::args::Common;
use super::environment::{Environment, PROJECT_ID};
use super::output;
use crate::atlas;
use crate::aws::{self, Aws};
use crate::domain::name;
use crate::domain::region::Region;
use crate::observe::Clouds;
use crate::plan::config_file::ConfigFile;
use crate::problem::Problem;

/// Which project, region and profile: option, then configuration file, then environment; a profile's own region is the
/// SDK's to find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Target {
    /// The project's ID.
    pub project_id: Option<String>,
    /// The key's region.
    pub region: Option<Region>,
    /// The AWS profile, where one is named.
    pub profile: Option<String>,
}

impl Target {
    /// Settles what is meant, and notes where the file differs from the environment.
    ///
    /// # Errors
    /// The environment's project or region has no such form.
    pub(super) fn settle(
        common: &Common,
        file: Option<&ConfigFile>,
        environment: &Environment<'_>,
    ) -> Result<(Self, Vec<String>), Problem> {
        let mut notes = Vec::new();
        let mut differs = |what: &str, file: Option<&str>, variable: &str| {
            if let (Some(file), Some(set)) = (file, environment.get(variable))
                && file != set
            {
                notes.push(format!(
                    "the configuration file's {what} {file} is used, not {set} of {variable}"
                ));
            }
        };
        let file_project = file.and_then(|file| file.project_id.clone());
        let file_profile = file.and_then(|file| file.profile.clone());
        let file_region = file.and_then(|file| file.region);
        if common.project.is_none() {
            differs("project", file_project.as_deref(), PROJECT_ID);
        }
        if common.aws_profile.is_none() {
            differs("profile", file_profile.as_deref(), "AWS_PROFILE");
        }
        let set_region = ["AWS_REGION", "AWS_DEFAULT_REGION"]
            .into_iter()
            .find(|name| environment.get(name).is_some());
        let environment_region = match set_region.and_then(|name| Some((name, environment.get(name)?))) {
            Some((variable, text)) => Some((
                variable,
                Region::parse(&text).map_err(|error| Problem::input(error.to_string()).at(variable))?,
            )),
            None => None,
        };
        if let (None, Some(file), Some((variable, set))) = (common.region, file_region, environment_region)
            && file != set
        {
            notes.push(format!(
                "the configuration file's region {file} is used, not {set} of {variable}"
            ));
        }
        let environment_project = environment.get(PROJECT_ID);
        if let Some(id) = environment_project.as_ref().filter(|id| !name::is_atlas_id(id)) {
            return Err(Problem::input(format!("a project's ID is 24 hex digits, not {id}")).at(PROJECT_ID));
        }
        let target = Self {
            project_id: common.project.clone().or(file_project).or(environment_project),
            region: common
                .region
                .or(file_region)
                .or(environment_region.map(|(_, region)| region)),
            profile: common
                .aws_profile
                .clone()
                .or(file_profile)
                .or_else(|| environment.get("AWS_PROFILE")),
        };
        Ok((target, notes))
    }

    /// Connects to both clouds. Sends nothing to Atlas yet.
    ///
    /// # Errors
    /// Everything that is missing or wrong on either side.
    pub(super) async fn connect(&self, environment: &Environment<'_>) -> Result<Clouds, Vec<Problem>> {
        let atlas = environment
            .credential()
            .and_then(|credential| atlas::Client::new(&environment.base_url(), credential));
        let choice = aws::Choice {
            profile: self.profile.clone(),
            region: self.region,
        };
        match (atlas, Aws::connect(&choice).await) {
            (Ok(atlas), Ok(aws)) => Ok(Clouds { atlas, aws }),
            (atlas, aws) => Err([atlas.err(), aws.err()].into_iter().flatten().collect()),
        }
    }
}

/// Returns the project, or says how to name one.
///
/// # Errors
/// None is named.
pub(super) fn project(target: &Target) -> Result<&str, Problem> {
    target.project_id.as_deref().ok_or_else(|| {
        Problem::input("no Atlas project is named").hint(format!(
            "give --project ID, or set [project] id in the configuration file, or {PROJECT_ID}"
        ))
    })
}

/// Says what was settled where two places differ.
pub(super) fn say(notes: &[String]) {
    for text in notes {
        output::note(&format!("note: {text}"));
    }
}
