//! The binary as a script runs it: an environment of its own, a home of its own, no terminal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use atlas_cmk::simulator::{Aws, Options, Scenario, Simulator, Time};
use serde_json::Value;
use tempfile::TempDir;

/// A home folder, a working folder and variables for runs of the binary.
pub(crate) struct Program {
    home: TempDir,
    variables: BTreeMap<String, String>,
}

/// What a run left.
#[derive(Debug)]
#[must_use]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    /// Returns the binary with what a simulator exports.
    pub(crate) fn on(simulator: &Simulator) -> Self {
        let program = Self {
            home: tempfile::tempdir().unwrap(),
            variables: BTreeMap::new(),
        };
        simulator
            .exports()
            .into_iter()
            .fold(program, |program, (name, value)| program.with(name, value))
    }

    /// Returns the binary with no variable at all.
    pub(crate) fn bare() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            variables: BTreeMap::new(),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    /// Takes variables away.
    pub(crate) fn without(mut self, names: &[&str]) -> Self {
        self.variables.retain(|name, _| !names.contains(&name.as_str()));
        self
    }

    /// Writes `atlas-cmk.toml` where the binary runs.
    pub(crate) fn config(&self, text: &str) {
        std::fs::write(self.folder().join("atlas-cmk.toml"), text).unwrap();
    }

    pub(crate) fn folder(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.home.path().join("state")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_atlas-cmk"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .env("XDG_STATE_HOME", self.state())
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(&self.variables)
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end, beside the simulator's own tasks.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let ran = Ran {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        for text in [&ran.stdout, &ran.stderr] {
            assert!(
                !text.contains('\u{1b}'),
                "an escape sequence without a terminal: {text:?}"
            );
        }
        ran
    }
}

impl Ran {
    /// Checks the exit code and shows everything if it's another.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// Returns standard output as lines of JSON.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// Starts a scenario's clouds, fast; `aws`: where AWS is, if not in the simulator.
pub(crate) async fn clouds(scenario: &str, aws: Aws) -> Simulator {
    let options = Options {
        time: Time::Running { speed: 50.0 },
        aws,
        ..Options::default()
    };
    Simulator::start(Scenario::named(scenario).unwrap(), options)
        .await
        .unwrap()
}
