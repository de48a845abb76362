//! From options, configuration file and environment to the two clouds: what wins, and what is said about it.

use std::sync::Arc;

use super::args::Common;
use super::atlas_profiles::{AtlasProfiles, DEFAULT};
use super::environment::{self, CLOUD, Environment, PROJECT_ID};
use super::output;
use crate::atlas::{self, Credential};
use crate::aws::{self, Aws};
use crate::domain::name;
use crate::domain::profile::CredentialSource;
use crate::domain::project::ProjectRef;
use crate::domain::region::Region;
use crate::domain::text::safe_line;
use crate::observe::{Clouds, find_project};
use crate::plan::config_file::ConfigFile;
use crate::problem::Problem;

/// Which project, region and profile: option, then configuration file, then environment; a profile's own region is the
/// SDK's to find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Target {
    /// The project.
    pub project: Option<ProjectRef>,
    /// The key's region.
    pub region: Option<Region>,
    /// The AWS profile, where one is named.
    pub profile: Option<String>,
    /// The Atlas CLI profile, where one is named.
    pub atlas_profile: Option<String>,
}

/// With what the program is going to sign in to Atlas, and where.
pub(super) struct AtlasSignIn {
    /// Atlas's base URL.
    pub base_url: String,
    /// Where the credential comes from.
    pub source: CredentialSource,
    /// The project that its profile works on.
    project: Option<ProjectRef>,
    with: With,
}

enum With {
    Credential(Credential),
    /// The credential of this profile, which may be in the keyring.
    Profile(AtlasProfiles, String),
}

impl AtlasSignIn {
    /// Returns a sign-in with a credential that was typed.
    pub(super) fn typed(base_url: String, credential: Credential) -> Self {
        Self {
            base_url,
            source: CredentialSource::Typed,
            project: None,
            with: With::Credential(credential),
        }
    }

    fn of_profile(profiles: AtlasProfiles, name: &str) -> Result<Self, Problem> {
        let profile = profiles.find(name)?;
        Ok(Self {
            base_url: profile.base_url,
            source: CredentialSource::Profile(profile.name.clone()),
            project: profile
                .project_id
                .filter(|id| name::is_atlas_id(id))
                .map(ProjectRef::Id),
            with: With::Profile(profiles, profile.name),
        })
    }

    /// Returns the client. The keyring may make the system ask a person, so that it isn't read on a worker thread.
    async fn client(self) -> Result<atlas::Client, Problem> {
        let credential = match self.with {
            With::Credential(credential) => credential,
            With::Profile(profiles, name) => tokio::task::spawn_blocking(move || profiles.load(&name))
                .await
                .map_err(|error| Problem::internal("the keyring couldn't be read").caused_by(&error))??,
        };
        atlas::Client::new(&self.base_url, credential)
    }
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
        let file_project = file.and_then(|file| file.project.clone());
        let file_profile = file.and_then(|file| file.profile.clone());
        let file_region = file.and_then(|file| file.region);
        if common.project.is_none() {
            differs(
                "project",
                file_project.as_ref().map(ToString::to_string).as_deref(),
                PROJECT_ID,
            );
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
            project: common
                .project
                .clone()
                .or(file_project)
                .or(environment_project.map(ProjectRef::Id)),
            region: common
                .region
                .or(file_region)
                .or(environment_region.map(|(_, region)| region)),
            profile: common
                .aws_profile
                .clone()
                .or(file_profile)
                .or_else(|| environment.get("AWS_PROFILE")),
            atlas_profile: common.atlas_profile.clone(),
        };
        Ok((target, notes))
    }

    /// Settles with what to sign in to Atlas: the profile that is named, else the environment's credential, else Atlas
    /// CLI's default profile. A profile's credential is for the profile's own Atlas.
    ///
    /// # Errors
    /// There is no credential, only half of one, or none for the Atlas that the environment names.
    pub(super) fn sign_in(
        &self,
        environment: &Environment<'_>,
        profiles: impl FnOnce() -> Result<AtlasProfiles, Problem>,
    ) -> Result<AtlasSignIn, Problem> {
        if let Some(name) = &self.atlas_profile {
            return AtlasSignIn::of_profile(profiles()?, name);
        }
        let address = environment.base_url()?;
        if let Some((credential, variable)) = environment.credential()? {
            return Ok(AtlasSignIn {
                base_url: address.map_or_else(|| CLOUD.to_owned(), |(url, _)| url),
                source: CredentialSource::Environment(variable),
                project: None,
                with: With::Credential(credential),
            });
        }
        let profiles = profiles()?;
        if !profiles.list().iter().any(|profile| profile.name == DEFAULT) {
            return Err(environment::no_credential());
        }
        let sign_in = AtlasSignIn::of_profile(profiles, DEFAULT)?;
        match address {
            Some((url, variable)) if url != sign_in.base_url => Err(environment::no_credential()
                .hint(format!(
                    "the default profile of Atlas CLI is for {}, not for {url}: to use it there, unset {variable}",
                    sign_in.base_url
                ))
                .at(variable)),
            _ => Ok(sign_in),
        }
    }

    /// Connects to both clouds. Sends nothing to Atlas yet.
    ///
    /// # Errors
    /// Everything that is missing or wrong on either side.
    pub(super) async fn connect(&self, environment: &Environment<'_>) -> Result<Clouds, Vec<Problem>> {
        let sign_in = self.sign_in(environment, AtlasProfiles::of_user);
        self.connect_with(sign_in).await
    }

    /// Connects to both clouds and returns the project's ID with them. Asks Atlas only where the project is named by its
    /// name.
    ///
    /// # Errors
    /// Everything that is missing or wrong.
    pub(super) async fn connect_to_project(
        &self,
        environment: &Environment<'_>,
    ) -> Result<(Clouds, String), Vec<Problem>> {
        let sign_in = self.sign_in(environment, AtlasProfiles::of_user);
        let (mut project, mut note) = (self.project.clone(), None);
        if let Ok(AtlasSignIn {
            source: source @ CredentialSource::Profile(_),
            project: of_profile,
            ..
        }) = &sign_in
        {
            note = Some(match of_profile.as_ref().filter(|_| project.is_none()) {
                Some(id) => format!("signing in to Atlas with {source}, and to its project {id}"),
                None => format!("signing in to Atlas with {source}"),
            });
            project = project.or_else(|| of_profile.clone());
        }
        let Some(project) = project else {
            let mut problems = vec![no_project()];
            problems.extend(self.connect_with(sign_in).await.err().into_iter().flatten());
            return Err(problems);
        };
        let mut clouds = self.connect_with(sign_in).await?;
        clouds.atlas = clouds
            .atlas
            .with_notify(Arc::new(|attempt| output::note(&waiting(&attempt))));
        say(note.as_slice());
        match find_project(&clouds.atlas, &project).await {
            Ok(id) => Ok((clouds, id)),
            Err(problem) => {
                clouds.atlas.close().await;
                Err(vec![problem])
            }
        }
    }

    /// Connects to both clouds, to Atlas in this way.
    ///
    /// # Errors
    /// Everything that is missing or wrong on either side.
    pub(super) async fn connect_with(&self, sign_in: Result<AtlasSignIn, Problem>) -> Result<Clouds, Vec<Problem>> {
        let choice = aws::Choice {
            profile: self.profile.clone(),
            region: self.region,
        };
        let atlas = async { sign_in?.client().await };
        match tokio::join!(atlas, Aws::connect(&choice)) {
            (Ok(atlas), Ok(aws)) => Ok(Clouds { atlas, aws }),
            (atlas, aws) => Err([atlas.err(), aws.err()].into_iter().flatten().collect()),
        }
    }
}

/// Says why and for how long a request to Atlas is waited with.
fn waiting(attempt: &atlas::Attempt) -> String {
    let limit = attempt
        .limit
        .map(|limit| format!(", at most {} s", limit.as_secs()))
        .unwrap_or_default();
    format!(
        "waiting: {}: {}; next try in {:.1} s{limit}",
        safe_line(&attempt.request),
        safe_line(&attempt.reason),
        attempt.next_try.as_secs_f64()
    )
}

/// Says how to name a project.
fn no_project() -> Problem {
    Problem::input("no Atlas project is named").hint(format!(
        "give --project with its ID, its name or the address of its page, or set [project] in the configuration file, or \
         {PROJECT_ID}"
    ))
}

/// Says what was settled where two places differ.
pub(super) fn say(notes: &[String]) {
    for text in notes {
        output::note(&format!("note: {text}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILES: &str = "[default]\npublic_api_key = 'default'\nprivate_api_key = 'hush'\nservice = 'cloud'\n\
        [gov]\nclient_id = 'gov'\nclient_secret = 'hush'\nservice = 'cloudgov'\nproject_id = '6a793f832c88faeba59bc3c2'";

    /// Returns where is signed in and with what, or the problem.
    fn sign_in(named: Option<&str>, pairs: &[(&str, &str)], profiles: &str) -> Result<(String, String), Problem> {
        let get = |name: &str| {
            let pair = pairs.iter().find(|(key, _)| *key == name);
            pair.map(|(_, value)| (*value).to_owned())
        };
        let target = Target {
            atlas_profile: named.map(str::to_owned),
            ..Target::default()
        };
        let profiles = || AtlasProfiles::parse(profiles);
        let sign_in = target.sign_in(&Environment(&get), profiles)?;
        Ok((sign_in.base_url, sign_in.source.to_string()))
    }

    const SERVICE_ACCOUNT: [(&str, &str); 2] = [("MONGODB_ATLAS_CLIENT_ID", "i"), ("MONGODB_ATLAS_CLIENT_SECRET", "s")];

    #[test]
    fn the_environment_wins_over_profiles_unless_one_is_named() {
        let (url, source) = sign_in(None, &SERVICE_ACCOUNT, PROFILES).unwrap();
        assert_eq!(
            (url.as_str(), source.as_str()),
            (CLOUD, "MONGODB_ATLAS_CLIENT_ID of the environment")
        );
        let (url, source) = sign_in(Some("gov"), &SERVICE_ACCOUNT, PROFILES).unwrap();
        assert_eq!(
            (url.as_str(), source.as_str()),
            ("https://cloud.mongodbgov.com", "profile `gov` of Atlas CLI")
        );
        let (_, source) = sign_in(None, &[], PROFILES).unwrap();
        assert_eq!(source, "profile `default` of Atlas CLI");
    }

    #[test]
    fn a_profiles_credential_goes_to_no_other_atlas() {
        let elsewhere = [("MONGODB_ATLAS_BASE_URL", "http://127.0.0.1:8080/")];
        let problem = sign_in(None, &elsewhere, PROFILES).unwrap_err();
        assert_eq!(problem.place.as_deref(), Some("MONGODB_ATLAS_BASE_URL"));
        assert!(
            problem
                .hints
                .iter()
                .any(|hint| hint.contains("not for http://127.0.0.1:8080")),
            "{problem:?}"
        );
        // Named, it is used where it belongs.
        assert_eq!(sign_in(Some("default"), &elsewhere, PROFILES).unwrap().0, CLOUD);
    }

    #[test]
    fn without_any_credential_all_ways_are_named() {
        let problem = sign_in(None, &[], "").unwrap_err();
        let all = problem.hints.join("\n");
        for way in [
            "MONGODB_ATLAS_CLIENT_ID",
            "MONGODB_ATLAS_PUBLIC_API_KEY",
            "--atlas-profile",
            "demo",
        ] {
            assert!(all.contains(way), "{all}");
        }
    }
}
