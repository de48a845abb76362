//! The journal: a hint for the next run, never the truth.
//!
//! Two creates can't be found again by name: KMS `CreateKey` and Atlas `createCloudProviderAccessRole`. Before such a
//! request the intent is on disk, and after it what came of it. Everything else is found by looking. The journal also
//! keeps each document that was replaced, and the events of each run.
//!
//! One folder for each base URL and project, one line of JSON for each entry. A lock that ends with its process keeps
//! two runs on a project apart.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event::Event;
use crate::domain::arn::KeyArn;
use crate::files;
use crate::observe::{AccessRoleTrace, KeyTrace, Traces};
use crate::plan::StepId;
use crate::problem::Problem;

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
enum Entry {
    /// A key is about to be created with this marker as a tag.
    KeyBegun { marker: String },
    /// It was created.
    KeyCreated { marker: String, arn: KeyArn, at: Timestamp },
    /// Nothing is to be looked for: all that holds at its creation is done and its alias finds it, or there is none.
    KeySettled { at: Timestamp },
    /// It wasn't created after all.
    KeyAbandoned {},
    /// An access role is about to be created; these were there before.
    AccessRoleBegun { known: Vec<String> },
    /// It was created.
    AccessRoleCreated { role_id: String },
    /// It wasn't created after all.
    AccessRoleAbandoned {},
    /// A document is about to be replaced.
    Replaced { what: String, before: Value },
    /// An event of a run.
    Told { at: Timestamp, told: Event },
    /// A line of a later version.
    #[serde(other)]
    Unknown,
}

/// What the entries so far come to.
#[derive(Debug, Default)]
struct Past {
    traces: Traces,
    /// When each step was last told to be at work.
    at_work: HashMap<StepId, Timestamp>,
}

/// For how long KMS may not find a key by the alias that it was just given ("most AWS KMS operations are eventually
/// consistent", KMS API reference, `CreateAlias`): a second one must not be created meanwhile.
const SETTLES_WITHIN: SignedDuration = SignedDuration::from_mins(10);

impl Past {
    fn absorb(&mut self, entry: Entry) {
        let traces = &mut self.traces;
        match entry {
            Entry::KeyBegun { marker } => {
                traces.key = Some(KeyTrace {
                    marker,
                    arn: None,
                    created: None,
                });
            }
            Entry::KeyCreated { marker, arn, at } => {
                traces.key = Some(KeyTrace {
                    marker,
                    arn: Some(arn),
                    created: Some(at),
                });
            }
            Entry::KeySettled { at } if Timestamp::now().duration_since(at) < SETTLES_WITHIN => {}
            Entry::KeySettled { .. } | Entry::KeyAbandoned {} => traces.key = None,
            Entry::AccessRoleBegun { known } => traces.access_role = Some(AccessRoleTrace { known, role_id: None }),
            Entry::AccessRoleCreated { role_id } => {
                traces.access_role = Some(AccessRoleTrace {
                    known: Vec::new(),
                    role_id: Some(role_id),
                });
            }
            Entry::AccessRoleAbandoned {} => traces.access_role = None,
            Entry::Told { at, told } => {
                if let Some(step) = told.kind.at_work() {
                    self.at_work.insert(step.clone(), at);
                }
            }
            Entry::Replaced { .. } | Entry::Unknown => {}
        }
    }
}

/// Where journals lie.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Returns the folder of the user's state (`XDG_STATE_HOME`).
    ///
    /// # Errors
    /// The user has no home folder.
    pub fn of_user() -> Result<Self, Problem> {
        use etcetera::BaseStrategy as _;
        let base = etcetera::base_strategy::Xdg::new().map_err(|error| {
            Problem::input("there is no folder for the journal")
                .hint("set HOME or XDG_STATE_HOME to a folder that you may write to")
                .caused_by(&error)
        })?;
        let state = base.state_dir().unwrap_or_else(|| base.home_dir().join(".local/state"));
        Ok(Self(state.join("atlas-cmk")))
    }

    /// Returns another folder: that of the demo and of tests.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Returns the folder of one project behind one base URL; both can hold no path of their own.
    pub fn of(&self, base_url: &str, project_id: &str) -> PathBuf {
        let plain = |text: &str, kept: char| -> String {
            text.chars()
                .map(|c| if c.is_ascii_alphanumeric() || c == kept { c } else { '_' })
                .collect()
        };
        let host = base_url.split_once("://").map_or(base_url, |(_, host)| host);
        self.0
            .join(plain(host, '.').trim_start_matches('.'))
            .join(plain(project_id, '_'))
    }

    /// Reads what earlier runs on a project left behind, without a lock and without a change.
    ///
    /// # Errors
    /// The journal is there and can't be read.
    pub fn traces(&self, base_url: &str, project_id: &str) -> Result<Traces, Problem> {
        let path = self.of(base_url, project_id).join(FILE);
        match File::open(&path) {
            Ok(file) => Ok(read(file).traces),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Traces::default()),
            Err(error) => Err(trouble("can't be read", &path, &error)),
        }
    }

    /// Opens a project's journal for a run and keeps other runs out until it is dropped.
    ///
    /// # Errors
    /// Another run is at work, or the folder can't be written to: nothing has been changed then.
    pub fn open(&self, base_url: &str, project_id: &str) -> Result<Journal, Problem> {
        let folder = self.of(base_url, project_id);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|error| trouble("can't be created", &folder, &error))?;
        let lock = lock(&folder)?;
        let path = folder.join(FILE);
        let mut file = files::private()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .map_err(|error| trouble("can't be opened", &path, &error))?;
        let past = read(&file);
        end_half_a_line(&mut file).map_err(|error| trouble("can't be written", &path, &error))?;
        Ok(Journal {
            file,
            path,
            past,
            _lock: lock,
        })
    }
}

const FILE: &str = "journal.jsonl";

fn trouble(what: &str, path: &Path, error: &std::io::Error) -> Problem {
    Problem::service(format!(
        "the journal {what}; without it an interrupted run could leave duplicates"
    ))
    .at(path.display().to_string())
    .hint("look at the folder's permissions and at the space on the disk, then start again: nothing was changed")
    .caused_by(error)
}

fn lock(folder: &Path) -> Result<File, Problem> {
    let path = folder.join("lock");
    let open = |truncate| {
        files::private()
            .read(true)
            .write(true)
            .create(true)
            .truncate(truncate)
            .open(&path)
    };
    let mut file = open(false).map_err(|error| trouble("can't be locked", &path, &error))?;
    match file.try_lock() {
        Ok(()) => {
            let who = format!(
                "process {}, since {}",
                std::process::id(),
                Timestamp::now().strftime("%F %T UTC")
            );
            // A disk that takes nothing is found here, before the first change.
            file.set_len(0)
                .and_then(|()| file.write_all(who.as_bytes()))
                .and_then(|()| file.sync_data())
                .map_err(|error| trouble("can't be written", &path, &error))?;
            Ok(file)
        }
        Err(std::fs::TryLockError::WouldBlock) => {
            let who = fs::read_to_string(&path).unwrap_or_default();
            Err(
                Problem::prerequisite(format!("another atlas-cmk is at work on this project ({who})"))
                    .hint("wait until it has ended, or end it, then start again"),
            )
        }
        Err(std::fs::TryLockError::Error(error)) => Err(trouble("can't be locked", &path, &error)),
    }
}

/// Reads all entries; a line that can't be read (half written, or of a later version) is passed over.
fn read(file: impl std::io::Read) -> Past {
    let mut past = Past::default();
    for line in BufReader::new(file).split(b'\n').map_while(Result::ok) {
        match serde_json::from_slice(&line) {
            Ok(entry) => past.absorb(entry),
            Err(_) if line.is_empty() => {}
            Err(error) => tracing::warn!(%error, "a line of the journal can't be read"),
        }
    }
    past
}

/// Ends a line that a killed run left unfinished, so that the next entry has a line of its own.
fn end_half_a_line(file: &mut File) -> std::io::Result<()> {
    use std::io::Read as _;
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(());
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    if last == *b"\n" { Ok(()) } else { file.write_all(b"\n") }
}

/// A project's journal, open for a run.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    past: Past,
    _lock: File,
}

impl Journal {
    /// Returns what earlier runs left behind, this one's entries included.
    pub fn traces(&self) -> &Traces {
        &self.past.traces
    }

    /// Returns when each step of earlier runs, this one's included, was last at work.
    pub(crate) fn at_work(&self) -> &HashMap<StepId, Timestamp> {
        &self.past.at_work
    }

    /// Returns where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn write(&mut self, entry: Entry, durable: bool) -> Result<(), Problem> {
        let mut line = serde_json::to_vec(&entry)
            .map_err(|error| Problem::internal("an entry of the journal can't be written").caused_by(&error))?;
        line.push(b'\n');
        self.file
            .write_all(&line)
            .and_then(|()| if durable { self.file.sync_data() } else { Ok(()) })
            .map_err(|error| trouble("can't be written", &self.path, &error))?;
        self.past.absorb(entry);
        Ok(())
    }

    /// Puts on disk that a key is about to be created with this marker.
    pub(crate) fn key_begun(&mut self, marker: &str) -> Result<(), Problem> {
        self.write(
            Entry::KeyBegun {
                marker: marker.to_owned(),
            },
            true,
        )
    }

    /// Puts on disk that the key was created.
    pub(crate) fn key_created(&mut self, marker: &str, arn: &KeyArn) -> Result<(), Problem> {
        self.write(
            Entry::KeyCreated {
                marker: marker.to_owned(),
                arn: arn.clone(),
                at: Timestamp::now(),
            },
            true,
        )
    }

    /// Puts on disk that the key has its alias and is found by it, from a little later on.
    pub(crate) fn key_settled(&mut self) -> Result<(), Problem> {
        if self.past.traces.key.is_none() {
            return Ok(());
        }
        self.write(Entry::KeySettled { at: Timestamp::now() }, true)
    }

    /// Puts on disk that the key wasn't created.
    pub(crate) fn key_abandoned(&mut self) -> Result<(), Problem> {
        self.write(Entry::KeyAbandoned {}, true)
    }

    /// Puts on disk that an access role is about to be created beside the known ones.
    pub(crate) fn access_role_begun(&mut self, known: Vec<String>) -> Result<(), Problem> {
        self.write(Entry::AccessRoleBegun { known }, true)
    }

    /// Puts on disk that the access role was created.
    pub(crate) fn access_role_created(&mut self, role_id: &str) -> Result<(), Problem> {
        self.write(
            Entry::AccessRoleCreated {
                role_id: role_id.to_owned(),
            },
            true,
        )
    }

    /// Puts on disk that the access role wasn't created.
    pub(crate) fn access_role_abandoned(&mut self) -> Result<(), Problem> {
        self.write(Entry::AccessRoleAbandoned {}, true)
    }

    /// Keeps a document that is about to be replaced.
    pub(crate) fn replaced(&mut self, what: &str, before: Value) -> Result<(), Problem> {
        self.write(
            Entry::Replaced {
                what: what.to_owned(),
                before,
            },
            true,
        )
    }

    /// Keeps an event. A failure is logged: the run doesn't depend on it.
    pub(crate) fn told(&mut self, event: &Event) {
        if let Err(problem) = self.write(
            Entry::Told {
                at: Timestamp::now(),
                told: event.clone(),
            },
            false,
        ) {
            tracing::warn!(%problem, "an event wasn't kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://cloud.mongodb.com";
    const PROJECT: &str = "6a793f832c88faeba59bc3c2";

    fn folder() -> (tempfile::TempDir, Folder) {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::at(temp.path());
        (temp, folder)
    }

    #[test]
    fn a_begin_without_an_end_is_a_trace() {
        let (_temp, folder) = folder();
        let mut journal = folder.open(URL, PROJECT).unwrap();
        journal.access_role_begun(vec!["a".to_owned()]).unwrap();
        journal.key_begun("m1").unwrap();
        drop(journal);
        let traces = folder.traces(URL, PROJECT).unwrap();
        assert_eq!(
            traces.key,
            Some(KeyTrace {
                marker: "m1".to_owned(),
                arn: None,
                created: None,
            })
        );
        assert_eq!(
            traces.access_role,
            Some(AccessRoleTrace {
                known: vec!["a".to_owned()],
                role_id: None
            })
        );
    }

    #[test]
    fn a_key_settled_long_ago_leaves_no_trace_but_a_created_access_role_does() {
        let (_temp, folder) = folder();
        let mut journal = folder.open(URL, PROJECT).unwrap();
        let arn = KeyArn::parse("arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab").unwrap();
        journal.key_begun("m1").unwrap();
        journal.key_created("m1", &arn).unwrap();
        assert_eq!(folder.traces(URL, PROJECT).unwrap().key.unwrap().arn, Some(arn));
        journal.key_settled().unwrap();
        assert!(
            folder.traces(URL, PROJECT).unwrap().key.is_some(),
            "its alias may not be seen yet"
        );
        let at = Timestamp::now() - SETTLES_WITHIN;
        journal.write(Entry::KeySettled { at }, true).unwrap();
        journal.access_role_begun(Vec::new()).unwrap();
        journal.access_role_created("r1").unwrap();
        let traces = folder.traces(URL, PROJECT).unwrap();
        assert_eq!(traces.key, None);
        assert_eq!(traces.access_role.unwrap().role_id.as_deref(), Some("r1"));
    }

    #[test]
    fn half_a_line_is_passed_over_and_the_next_entry_stands_by_itself() {
        let (_temp, folder) = folder();
        let mut journal = folder.open(URL, PROJECT).unwrap();
        journal.key_begun("m1").unwrap();
        let path = journal.path().to_owned();
        drop(journal);
        fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .unwrap()
            .write_all(b"{\"entry\":\"key_set")
            .unwrap();
        let mut journal = folder.open(URL, PROJECT).unwrap();
        assert_eq!(journal.traces().key.as_ref().unwrap().marker, "m1");
        journal.key_begun("m2").unwrap();
        drop(journal);
        assert_eq!(folder.traces(URL, PROJECT).unwrap().key.unwrap().marker, "m2");
    }

    #[test]
    fn the_second_run_on_a_project_is_told_who_is_at_work() {
        let (_temp, folder) = folder();
        let journal = folder.open(URL, PROJECT).unwrap();
        let problem = folder.open(URL, PROJECT).unwrap_err();
        assert!(problem.message.contains(&std::process::id().to_string()), "{problem}");
        assert!(folder.open(URL, "another").is_ok());
        drop(journal);
        assert!(folder.open(URL, PROJECT).is_ok());
    }

    #[test]
    fn a_folder_that_cant_be_written_is_told_before_any_change() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("file");
        fs::write(&file, "").unwrap();
        let problem = Folder::at(&file).open(URL, PROJECT).unwrap_err();
        assert!(
            problem.hints.iter().any(|hint| hint.contains("nothing was changed")),
            "{problem:?}"
        );
    }

    #[test]
    fn a_project_cant_leave_its_folder() {
        let folder = Folder::at("/state");
        let path = folder.of("http://127.0.0.1:4242/", "../../etc");
        assert!(
            path.starts_with("/state") && !path.to_string_lossy().contains(".."),
            "{path:?}"
        );
    }
}
