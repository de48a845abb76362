//! Without a command: the wizard on real clouds.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use super::args::Common;
use super::connect::Target;
use super::environment::Environment;
use super::output;
use crate::apply::Pace;
use crate::apply::journal::Folder;
use crate::domain::region::Region;
use crate::plan::Choices;
use crate::problem::Problem;
use crate::terminal::{self, Outside};
use crate::ui::Theme;
use crate::wizard::{Connection, Start};

pub(super) async fn run(common: &Common) -> Result<u8, Vec<Problem>> {
    on_terminal().map_err(|problem| vec![problem])?;
    let environment = Environment::of_process();
    let (target, notes) = Target::settle(common, None, &environment).map_err(|problem| vec![problem])?;
    let folder = Folder::of_user().map_err(|problem| vec![problem])?;
    let start = Start {
        connection: Connection {
            atlas: environment.base_url(),
            aws: target
                .profile
                .as_ref()
                .map_or_else(|| "default credentials".to_owned(), |name| format!("profile {name}")),
            demo: false,
        },
        choices: Choices {
            project_id: target.project_id.clone(),
            region: target.region,
            ..Choices::default()
        },
        notes,
        at: Some(jiff::Timestamp::now()),
    };
    let profile = target.profile.clone();
    let outside = Outside {
        connect: Arc::new(move || {
            // Who the operator is can be asked in any region; the key's is chosen on the first screen.
            let target = Target {
                region: target.region.or_else(first_region),
                ..target.clone()
            };
            Box::pin(async move { target.connect(&Environment::of_process()).await })
        }),
        folder,
        pace: Pace::default(),
        profile,
    };
    let theme = Theme::of_environment(common.no_color, &|name| environment.get(name));
    on_screen(start, outside, theme).await
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
