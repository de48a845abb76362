//! moto, the AWS stand-in that we didn't write: installed once from `PyPI` below `target/`, one process per test.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use atlas_cmk::aws::Aws;
use atlas_cmk::domain::region::Region;

const VERSION: &str = "5.2.5";
const CONSTRAINTS: &str = include_str!("moto-constraints.txt");

/// How long a server may take until it listens: a busy machine with cold files is slow.
const START: Duration = Duration::from_mins(1);

/// Serves on a free port, and ends when its standard input does: also when the tests are killed.
const SERVE: &str = "
import os, sys, threading
def follow():
    sys.stdin.buffer.read()
    os._exit(0)
threading.Thread(target=follow, daemon=True).start()
from moto.server import main
main(['-H', '127.0.0.1', '-p', '0'])
";

/// A moto server of its own, ended when dropped. Its account is 123456789012.
pub(crate) struct Moto {
    /// `http://127.0.0.1:PORT`.
    pub(crate) endpoint: String,
    process: Child,
}

impl Moto {
    /// Starts a server, after installing moto if it isn't there.
    pub(crate) fn start() -> Self {
        let python = install();
        let log = tempfile::NamedTempFile::new().expect("a file for moto's output");
        let output = || Stdio::from(log.reopen().expect("moto's output"));
        let mut process = Command::new(&python)
            .args(["-u", "-c", SERVE])
            .stdin(Stdio::piped())
            .stdout(output())
            .stderr(output())
            .spawn()
            .expect("moto's python starts");
        let begun = Instant::now();
        loop {
            let printed = fs::read_to_string(log.path()).unwrap_or_default();
            if let Some(endpoint) = listening(&printed) {
                return Self { endpoint, process };
            }
            let ended = process.try_wait().expect("moto's state");
            assert!(
                ended.is_none() && begun.elapsed() < START,
                "moto doesn't listen (ended: {ended:?}):\n{printed}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Returns clients of this server.
    pub(crate) fn aws(&self, region: Region) -> Aws {
        Aws::simulated(&self.endpoint, "testing", "testing", region)
    }

    /// Forgets everything that was created.
    pub(crate) async fn reset(&self) {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let answer = client.post(format!("{}/moto-api/reset", self.endpoint)).send().await;
        assert!(answer.is_ok_and(|answer| answer.status().is_success()), "moto resets");
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Finds the address in `* Running on http://127.0.0.1:41233`.
fn listening(printed: &str) -> Option<String> {
    let (_, rest) = printed.split_once("Running on ")?;
    let (address, _) = rest.split_once(|c: char| c.is_whitespace() || c == '\u{1b}')?;
    Some(address.to_owned())
}

/// Installs moto, once for all tests and processes, and returns its Python.
///
/// The mark is written last and holds what was asked for: without it, or with another text, the installation is only
/// half there or out of date and is done again.
fn install() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("the target folder");
    let home = target.join(format!("moto-{VERSION}"));
    let mark = home.join("installed");
    let python = home.join("bin/python");

    let lock = File::create(target.join(format!("moto-{VERSION}.lock"))).expect("a lock file");
    lock.lock().expect("the lock on moto's installation");
    if fs::read_to_string(&mark).is_ok_and(|text| text == CONSTRAINTS) && works(&python) {
        return python;
    }
    if home.exists() {
        fs::remove_dir_all(&home).expect("a half installed moto can be removed");
    }
    run(
        Command::new("python3").arg("-m").arg("venv").arg(&home),
        "these tests need python3 with the venv module (Debian, Ubuntu: apt install python3-venv) for moto, the AWS stand-in",
    );
    let constraints = home.join("constraints.txt");
    fs::write(&constraints, CONSTRAINTS).expect("the constraints");
    run(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--constraint",
            ])
            .arg(&constraints)
            .arg(format!("moto[server]=={VERSION}")),
        "moto couldn't be installed from PyPI: the tests need it once, and Python 3.10 or later",
    );
    fs::write(&mark, CONSTRAINTS).expect("the mark of a whole installation");
    python
}

/// Returns whether the interpreter is still there: the system's may have been replaced.
fn works(python: &Path) -> bool {
    let answer = Command::new(python)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    answer.is_ok_and(|status| status.success())
}

fn run(command: &mut Command, otherwise: &str) {
    match command.output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!(
            "{otherwise}\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => panic!("{otherwise}\n{error}"),
    }
}
