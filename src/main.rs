//! The `atlas-cmk` binary: hooks, arguments, hand over, exit code.

use std::process::ExitCode;

use atlas_cmk::cli;
use clap::Parser as _;

fn main() -> ExitCode {
    // Before anything draws: a panic's report must find the terminal as it was.
    if let Err(error) = color_eyre::install() {
        tracing::warn!(%error, "panics are reported the plain way");
    }
    let arguments = cli::args::Arguments::parse();
    match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => {
            let code = runtime.block_on(cli::run(arguments));
            // What still waits on a socket isn't waited for.
            runtime.shutdown_background();
            ExitCode::from(code)
        }
        Err(error) => {
            cli::startup_failed(&error);
            ExitCode::from(cli::exit_code::FAILED)
        }
    }
}
