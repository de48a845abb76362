//! `simulate`: serve simulated clouds on loopback for other clients.

use std::fmt::Write as _;

use super::signals::Signals;
use super::{exit_code, output};
use crate::problem::Problem;
use crate::simulator::{Options, Scenario, Simulator, Time};

pub(super) async fn run(name: &str, port: u16, speed: f64) -> Result<u8, Vec<Problem>> {
    let simulator = start(name, port, speed).await.map_err(|problem| vec![problem])?;
    let mut text = String::new();
    for (name, value) in simulator.exports() {
        // Values are URLs, IDs and invented keys; quoted all the same, since a shell reads them.
        let _ = writeln!(text, "export {name}={}", quoted(&value));
    }
    output::result(&text).map_err(|problem| vec![problem])?;
    output::note(&format!(
        "Simulated clouds serve on {}; Ctrl-C ends them.",
        simulator.base_url()
    ));
    Signals::listen().asked(1).await;
    Ok(exit_code::DONE)
}

/// Starts the simulated clouds of a scenario.
///
/// # Errors
/// There is no such scenario, or the port is taken.
pub(super) async fn start(name: &str, port: u16, speed: f64) -> Result<Simulator, Problem> {
    let scenario = Scenario::named(name).ok_or_else(|| {
        let names: Vec<_> = Scenario::names().iter().map(|(name, _)| *name).collect();
        Problem::input(format!("there is no scenario {name:?}")).hint(format!("there are: {}", names.join(", ")))
    })?;
    let options = Options {
        port,
        time: Time::Running { speed },
        ..Options::default()
    };
    Simulator::start(scenario, options).await.map_err(|error| {
        Problem::input("the simulated clouds can't be served")
            .at(format!("127.0.0.1:{port}"))
            .hint("take another port, or none for any that is free")
            .caused_by(&error)
    })
}

fn quoted(value: &str) -> String {
    let plain = value
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c));
    if plain {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}
