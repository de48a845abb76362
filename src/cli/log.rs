//! The log file: what the program itself says, never what its libraries say of requests.

use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use crate::files;
use crate::problem::Problem;

/// Starts to log to a file, if one is named. The file is for its owner alone.
///
/// # Errors
/// The file can't be written to.
pub(super) fn start(path: Option<&Path>) -> Result<(), Problem> {
    let Some(path) = path else { return Ok(()) };
    let file = files::private().create(true).append(true).open(path).map_err(|error| {
        Problem::input("the log file can't be opened")
            .at(path.display().to_string())
            .caused_by(&error)
    })?;
    // Libraries log headers and bodies at their finer levels; a secret could be in them.
    let filter = EnvFilter::new("off,atlas_cmk=debug");
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .json()
        .with_writer(Mutex::new(file))
        .try_init()
        .map_err(|error| Problem::internal("the log can't be started").caused_by(&*error))
}
