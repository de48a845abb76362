//! Without a command: the wizard on real clouds.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use super::args::Common;
use super::atlas_profiles::AtlasProfiles;
use super::connect::{AtlasSignIn, Target};
use super::environment::{CLOUD, Environment};
use super::output;
use crate::apply::Pace;
use crate::apply::journal::Folder;
use crate::atlas::Credential;
use crate::aws::Aws;
use crate::domain::profile::CredentialSource;
use crate::domain::project::{CredentialKind, ProjectRef};
use crate::domain::region::Region;
use crate::observe::Clouds;
use crate::plan::Choices;
use crate::problem::Problem;
use crate::terminal::{self, Outside};
use crate::ui::Theme;
use crate::wizard::sources::{AtlasSource, AwsSource, Profiles, Sources, TypedCredential};
use crate::wizard::{Connection, Start};

pub(super) async fn run(common: &Common) -> Result<u8, Vec<Problem>> {
    on_terminal().map_err(|problem| vec![problem])?;
    let environment = Environment::of_process();
    let (target, notes) = Target::settle(common, None, &environment).map_err(|problem| vec![problem])?;
    let folder = Folder::of_user().map_err(|problem| vec![problem])?;
    let mut notes = notes;
    let (project_id, project_name) = match target.project.clone() {
        Some(ProjectRef::Id(id)) => (Some(id), None),
        Some(ProjectRef::Name(name)) => (None, Some(name)),
        None => (None, None),
    };
    // What is typed goes there too.
    let address = environment.base_url().map_err(|problem| vec![problem])?;
    let address = address.map_or_else(|| CLOUD.to_owned(), |(url, _)| url);
    let sign_in = target.sign_in(&environment, AtlasProfiles::of_user).ok();
    if let Some(source @ CredentialSource::Profile(_)) = sign_in.as_ref().map(|sign_in| &sign_in.source) {
        notes.push(format!("Atlas: {source}"));
    }
    let start = Start {
        connection: Connection {
            atlas: sign_in.map_or(address, |sign_in| sign_in.base_url),
            aws: target
                .profile
                .as_ref()
                .map_or_else(|| "default credentials".to_owned(), |name| format!("profile {name}")),
            demo: false,
        },
        choices: Choices {
            project_id,
            region: target.region,
            ..Choices::default()
        },
        project_name,
        notes,
        at: Some(jiff::Timestamp::now()),
    };
    let profile = target.profile.clone();
    let outside = Outside {
        connect: Arc::new(move |sources| {
            let mut target = target.clone();
            // Who the operator is can be asked in any region; the key's is chosen on the first screen.
            target.region = target.region.or_else(first_region);
            Box::pin(async move { connect(target, sources).await })
        }),
        profiles: Arc::new(|| Box::pin(profiles())),
        folder,
        pace: Pace::default(),
        profile,
    };
    let theme = Theme::of_environment(common.no_color, &|name| environment.get(name));
    on_screen(start, outside, theme).await
}

/// Connects to both clouds with the credentials that the operator chose.
async fn connect(mut target: Target, sources: Sources) -> Result<Clouds, Vec<Problem>> {
    if let AwsSource::Profile(name) = sources.aws {
        target.profile = Some(name);
    }
    let environment = Environment::of_process();
    match sources.atlas {
        AtlasSource::Given => target.connect(&environment).await,
        AtlasSource::Profile(name) => {
            target.atlas_profile = Some(name);
            target.connect(&environment).await
        }
        AtlasSource::Typed(typed) => target.connect_with(Ok(typed_sign_in(typed))).await,
    }
}

fn typed_sign_in(typed: TypedCredential) -> AtlasSignIn {
    let credential = match typed.kind {
        CredentialKind::ServiceAccount => Credential::ServiceAccount {
            client_id: typed.id,
            client_secret: typed.secret,
        },
        CredentialKind::ApiKey => Credential::ApiKey {
            public_key: typed.id,
            private_key: typed.secret,
        },
    };
    AtlasSignIn::typed(typed.base_url, credential)
}

/// Returns the profiles on this machine.
async fn profiles() -> Result<Profiles, Problem> {
    Ok(Profiles {
        atlas: AtlasProfiles::of_user()?.list(),
        aws: Aws::profiles().await?,
    })
}

/// Runs the wizard, and says what is to be said once the terminal is as it was.
pub(super) async fn on_screen(start: Start, outside: Outside, theme: Theme) -> Result<u8, Vec<Problem>> {
    let left = terminal::run(start, outside, theme)
        .await
        .map_err(|problem| vec![problem])?;
    for words in left.last_words {
        output::note(&words);
    }
    Ok(left.code)
}

fn first_region() -> Option<Region> {
    Region::parse("us-east-1").ok()
}

/// Says how to go on without a terminal.
///
/// # Errors
/// There is none to draw on or to read keys from.
pub(super) fn on_terminal() -> Result<(), Problem> {
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Problem::input(
        "the wizard needs a terminal; without one use `atlas-cmk check`, `plan`, `apply` or `status` with --config FILE",
    ))
}
