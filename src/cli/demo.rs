//! `demo`: the wizard against the embedded simulator. Reads no credential, profile, proxy or cloud file of its user.

use std::sync::Arc;

use secrecy::SecretString;

use super::args::Common;
use super::environment::Environment;
use super::{simulate, wizard};
use crate::apply::Pace;
use crate::apply::journal::Folder;
use crate::atlas::{Client, Credential};
use crate::aws::Aws;
use crate::domain::region::Region;
use crate::observe::Clouds;
use crate::plan::Choices;
use crate::problem::Problem;
use crate::terminal::Outside;
use crate::ui::Theme;
use crate::wizard::sources::Profiles;
use crate::wizard::{Connection, Start};

pub(super) async fn run(common: &Common, scenario: &str, speed: f64) -> Result<u8, Vec<Problem>> {
    wizard::on_terminal().map_err(|problem| vec![problem])?;
    let simulator = simulate::start(scenario, 0, speed)
        .await
        .map_err(|problem| vec![problem])?;
    let folder = tempfile::Builder::new()
        .prefix("atlas-cmk-demo-")
        .tempdir()
        .map_err(|error| {
            vec![Problem::input("there is no temporary folder for the demo's journal").caused_by(&error)]
        })?;
    let credentials = simulator.credentials().clone();
    let region = Region::parse(&credentials.region).map_err(|error| vec![Problem::internal(error.to_string())])?;
    let start = Start {
        project_name: None,
        connection: Connection {
            atlas: "simulated Atlas".to_owned(),
            aws: "simulated AWS".to_owned(),
            demo: true,
        },
        choices: Choices {
            project_id: Some(credentials.project_id.clone()),
            region: Some(region),
            ..Choices::default()
        },
        notes: Vec::new(),
        at: Some(jiff::Timestamp::now()),
    };
    let url = simulator.base_url().to_owned();
    let connect = move || {
        let credential = Credential::ApiKey {
            public_key: credentials.public_key.clone(),
            private_key: SecretString::from(credentials.private_key.clone()),
        };
        let aws = Aws::simulated(
            &url,
            &credentials.aws_access_key_id,
            &credentials.aws_secret_access_key,
            region,
        );
        Client::new(&url, credential)
            .map(|atlas| Clouds { atlas, aws })
            .map_err(|problem| vec![problem])
    };
    let outside = Outside {
        connect: Arc::new(move |_| Box::pin(std::future::ready(connect()))),
        profiles: Arc::new(|| Box::pin(std::future::ready(Ok(Profiles::default())))),
        folder: Folder::at(folder.path()),
        pace: Pace::times(speed),
        profile: None,
    };
    let environment = Environment::of_process();
    let theme = Theme::of_environment(common.no_color, &|name| environment.get(name));
    wizard::on_screen(start, outside, theme).await
}
