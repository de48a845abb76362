//! The command line: one file a command, all over the same pipeline as the wizard.

mod apply;
pub mod args;
mod atlas_profiles;
mod check;
mod connect;
mod demo;
mod environment;
pub mod exit_code;
mod file;
mod log;
mod output;
mod plan;
mod progress_lines;
mod signals;
mod simulate;
mod status;
mod wizard;

use args::{Arguments, Command};
use signals::Signals;

use crate::problem::Problem;

/// Runs what the command line asks for and returns the exit code. All that is wrong has been said by then.
pub async fn run(arguments: Arguments) -> u8 {
    let outcome = match log::start(arguments.common.log_file.as_deref()) {
        Ok(()) => Box::pin(dispatch(arguments)).await,
        Err(problem) => Err(vec![problem]),
    };
    match outcome {
        Ok(code) => code,
        Err(problems) => {
            output::problems(&problems);
            exit_code::of_all(&problems)
        }
    }
}

async fn dispatch(arguments: Arguments) -> Result<u8, Vec<Problem>> {
    let common = arguments.common;
    match arguments.command {
        None => wizard::run(&common).await,
        Some(Command::Demo { scenario, speed }) => demo::run(&common, &scenario, speed).await,
        Some(Command::Check { config }) => {
            Signals::listen()
                .or_interrupted(Box::pin(check::run(&common, &config)))
                .await
        }
        Some(Command::Plan {
            config,
            out,
            detailed_exitcode,
        }) => {
            Signals::listen()
                .or_interrupted(Box::pin(plan::run(&common, &config, out.as_deref(), detailed_exitcode)))
                .await
        }
        Some(Command::Apply {
            config,
            plan,
            consent,
            wait_limit,
        }) => Box::pin(apply::run(&common, &config, plan.as_deref(), &consent, wait_limit)).await,
        Some(Command::Status) => Signals::listen().or_interrupted(Box::pin(status::run(&common))).await,
        Some(Command::Simulate { scenario, port, speed }) => simulate::run(&scenario, port, speed).await,
    }
}

/// Says that the program couldn't even start to work.
pub fn startup_failed(error: &std::io::Error) {
    output::problems(&[Problem::service("the program can't start its threads").caused_by(error)]);
}
