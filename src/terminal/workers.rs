//! Effects as tasks: each sends its answers back with the effect's id.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::{Mutex, mpsc};
use tokio::task::{AbortHandle, JoinHandle};

use crate::apply::journal::{Folder, Journal};
use crate::apply::{self, Pace, Stop};
use crate::checklist::{blocking_plan, checklist};
use crate::domain::region::Region;
use crate::files;
use crate::observe::{self, Clouds, Fetched, Lookup, Observation, ObservedState, Scope, Wanted};
use crate::plan::{self, DesiredState, Plan, config_file};
use crate::problem::Problem;
use crate::verify::{self, Evidence};
use crate::wizard::sources::{AwsSource, Profiles, Sources};
use crate::wizard::{Effect, EffectId, Message, Part, Saved};

/// Connects to both clouds with these credentials. Called again after a failure: an expired sign-in can be mended
/// meanwhile.
pub type Connect = Arc<dyn Fn(Sources) -> BoxFuture<'static, Result<Clouds, Vec<Problem>>> + Send + Sync>;

/// Looks which profiles there are on this machine.
pub type ListProfiles = Arc<dyn Fn() -> BoxFuture<'static, Result<Profiles, Problem>> + Send + Sync>;

/// What effects need of the world outside the wizard.
#[derive(Clone)]
pub struct Outside {
    /// Connects to both clouds.
    pub connect: Connect,
    /// Looks which profiles there are.
    pub profiles: ListProfiles,
    /// Where journals and reports lie.
    pub folder: Folder,
    /// How much faster than usual pauses are.
    pub pace: Pace,
    /// The AWS profile that a saved configuration file names.
    pub profile: Option<String>,
}

/// Carries effects out.
pub struct Workers {
    outside: Outside,
    sources: Sources,
    clouds: Arc<Mutex<Option<Clouds>>>,
    sink: mpsc::UnboundedSender<Message>,
    /// The task of each kind of effect that a later one of its kind replaces.
    latest: HashMap<Kind, AbortHandle>,
    run: Option<(EffectId, Stop)>,
    /// The task that writes the report.
    report: Option<JoinHandle<()>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Profiles,
    Permissions,
    Observe,
    Role,
    Key,
    Verify,
}

impl Workers {
    /// Returns workers whose answers go to `sink`.
    pub fn new(outside: Outside, sink: mpsc::UnboundedSender<Message>) -> Self {
        Self {
            outside,
            sources: Sources::default(),
            clouds: Arc::default(),
            sink,
            latest: HashMap::new(),
            run: None,
            report: None,
        }
    }

    /// Begins to carry an effect out. `DiscardInput` and `Quit` are the event loop's.
    pub fn begin(&mut self, effect: Effect) {
        match effect {
            Effect::DiscardInput { .. } | Effect::Quit { .. } => {}
            Effect::Connect { sources } => {
                // Tasks of before keep the clouds that they began with.
                self.clouds = Arc::default();
                self.sources = *sources;
            }
            Effect::ListProfiles { id } => {
                let task = self.task();
                self.spawn(id, Some(Kind::Profiles), async move {
                    let result = (task.outside.profiles)().await;
                    task.send(Message::ProfilesListed { id, result });
                });
            }
            Effect::Observe { id, scope } => {
                let task = self.task();
                self.spawn(id, Some(Kind::Observe), async move { task.observe(id, scope).await });
            }
            Effect::LookUpRole { id, name } => {
                let task = self.task();
                self.spawn(id, Some(Kind::Role), async move {
                    let lookup = match task.clouds(None).await {
                        Ok(clouds) => observe::look_up_role(&clouds, &name).await,
                        Err(problem) => Lookup {
                            of: name,
                            found: Fetched::Failed(problem),
                        },
                    };
                    task.observed(id, Observation::ChosenRole(lookup));
                });
            }
            Effect::LookUpKey { id, key, region } => {
                let task = self.task();
                self.spawn(id, Some(Kind::Key), async move {
                    match task.clouds(Some(region)).await {
                        Ok(clouds) => observe::look_up_key(&clouds, &key, |part| task.observed(id, part)).await,
                        Err(problem) => {
                            let found = Fetched::Failed(problem);
                            task.observed(id, Observation::ChosenKey(Lookup { of: key, found }));
                        }
                    }
                });
            }
            Effect::StartRun { id, plan } => {
                let (task, stop) = (self.task(), Stop::default());
                self.run = Some((id, stop.clone()));
                self.spawn(id, None, async move {
                    task.run(id, *plan, stop).await;
                    task.send(Message::RunEnded { id });
                });
            }
            Effect::CancelRun { id, now } => {
                if let Some((_, stop)) = self.run.as_ref().filter(|(run, _)| *run == id) {
                    if now { stop.at_once() } else { stop.gently() }
                }
            }
            Effect::GoOn { id } => {
                if let Some((_, stop)) = self.run.as_ref().filter(|(run, _)| *run == id) {
                    stop.go_on();
                }
            }
            Effect::Verify { id, desired } => {
                let task = self.task();
                self.spawn(id, Some(Kind::Verify), async move {
                    let result = task.verify(&desired).await;
                    task.send(Message::Verified {
                        id,
                        result: Box::new(result),
                    });
                });
            }
            Effect::LookUpPermissions { id, needed } => {
                let task = self.task();
                self.spawn(id, Some(Kind::Permissions), async move {
                    let lookup = match task.clouds(None).await {
                        Ok(clouds) => observe::look_up_permissions(&clouds, &needed).await,
                        Err(problem) => Lookup {
                            of: needed,
                            found: Fetched::Failed(problem),
                        },
                    };
                    task.observed(id, Observation::Permissions(lookup));
                });
            }
            effect @ (Effect::SaveConfig { .. } | Effect::WriteReport { .. }) => {
                self.write(effect);
            }
        }
    }

    /// Carries an effect out that writes files.
    fn write(&mut self, effect: Effect) {
        match effect {
            Effect::SaveConfig {
                id,
                path,
                overwrite,
                desired,
            } => {
                let profile = match &self.sources.aws {
                    AwsSource::Given => self.outside.profile.as_deref(),
                    AwsSource::Profile(name) => Some(name.as_str()),
                };
                let result = save(Path::new(&path), overwrite, &desired, profile);
                self.task().send(Message::Saved { id, result });
            }
            Effect::WriteReport { id, evidence } => {
                let task = self.task();
                let written = self.spawn(id, None, async move {
                    let result = task.report(&evidence).await;
                    task.send(Message::ReportWritten { id, result });
                });
                self.report = Some(written);
            }
            _ => {}
        }
    }

    /// Waits for what is left to do when the wizard is left: a report that is being written is written whole.
    pub async fn end(&mut self) {
        if let Some(report) = self.report.take()
            && let Err(error) = report.await
        {
            tracing::error!(%error, "the report's task can't be waited for");
        }
    }

    fn task(&self) -> Task {
        Task {
            outside: self.outside.clone(),
            sources: self.sources.clone(),
            clouds: Arc::clone(&self.clouds),
            sink: self.sink.clone(),
        }
    }

    /// Spawns a task, in place of the one of its kind, and returns what ends after it; if it ends by a fault of the
    /// program, that is told.
    fn spawn(
        &mut self,
        id: EffectId,
        kind: Option<Kind>,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        let task = tokio::spawn(work);
        let replaced = kind.and_then(|kind| self.latest.insert(kind, task.abort_handle()));
        if let Some(replaced) = replaced {
            replaced.abort();
        }
        let sink = self.sink.clone();
        tokio::spawn(async move {
            if let Err(error) = task.await
                && error.is_panic()
            {
                tracing::error!(%error, "a worker ended by a fault of the program");
                let message =
                    "a part of the program failed; look again, and report it with the log if it happens again";
                send(
                    &sink,
                    Message::WorkerDied {
                        id,
                        message: message.to_owned(),
                    },
                );
            }
        })
    }
}

fn send(sink: &mpsc::UnboundedSender<Message>, message: Message) {
    if sink.send(message).is_err() {
        tracing::debug!("the wizard has gone");
    }
}

/// What one task needs.
struct Task {
    outside: Outside,
    sources: Sources,
    clouds: Arc<Mutex<Option<Clouds>>>,
    sink: mpsc::UnboundedSender<Message>,
}

impl Task {
    fn send(&self, message: Message) {
        send(&self.sink, message);
    }

    fn observed(&self, id: EffectId, observation: Observation) {
        self.send(Message::Observed {
            id,
            observation: Box::new(observation),
            at: Timestamp::now(),
        });
    }

    /// Returns the clouds, connecting once for all tasks.
    async fn connected(&self) -> Result<Clouds, Vec<Problem>> {
        let mut clouds = self.clouds.lock().await;
        if let Some(clouds) = clouds.as_ref() {
            return Ok(clouds.clone());
        }
        let connected = (self.outside.connect)(self.sources.clone()).await?;
        *clouds = Some(connected.clone());
        Ok(connected)
    }

    async fn clouds(&self, region: Option<Region>) -> Result<Clouds, Problem> {
        let clouds = self.connected().await.map_err(first)?;
        Ok(match region {
            Some(region) if region != clouds.aws.region() => Clouds {
                aws: clouds.aws.with_region(region),
                ..clouds
            },
            _ => clouds,
        })
    }

    async fn observe(&self, id: EffectId, scope: crate::wizard::Scope) {
        match self.connected().await {
            Ok(clouds) => {
                let clouds = match scope.region {
                    Some(region) => Clouds {
                        aws: clouds.aws.with_region(region),
                        ..clouds
                    },
                    None => clouds,
                };
                let has = |part| scope.parts.contains(&part);
                let wanted = Scope {
                    project_id: scope.project_id.clone(),
                    identities: has(Part::Identities),
                    project: has(Part::Project),
                    projects: has(Part::Projects),
                    roles: if has(Part::IamRoles) {
                        Wanted::List
                    } else {
                        Wanted::Nothing
                    },
                    keys: if has(Part::Keys) { Wanted::List } else { Wanted::Nothing },
                };
                let traces = match &scope.project_id {
                    Some(project) => self
                        .outside
                        .folder
                        .traces(clouds.atlas.base_url(), project)
                        .unwrap_or_default(),
                    None => observe::Traces::default(),
                };
                Box::pin(observe::look(&clouds, &wanted, &traces, |observation| {
                    self.observed(id, observation);
                }))
                .await;
            }
            Err(problems) => self.unconnected(id, &problems),
        }
        self.send(Message::ObserveFinished { id });
    }

    /// Tells on each side what stands in the way of connecting.
    fn unconnected(&self, id: EffectId, problems: &[Problem]) {
        let of = |side: &str| {
            problems
                .iter()
                .find(|problem| is_about(problem, side))
                .or(problems.first())
                .cloned()
        };
        if let Some(problem) = of("Atlas") {
            self.observed(id, Observation::AtlasIdentity(Fetched::Failed(problem)));
        }
        if let Some(problem) = of("AWS") {
            self.observed(id, Observation::AwsIdentity(Fetched::Failed(problem)));
        }
    }

    async fn run(&self, id: EffectId, plan: Plan, stop: Stop) {
        let prepared = match self.prepare(&plan).await {
            Ok(prepared) => prepared,
            Err(problems) => return self.send(Message::RunRefused { id, problems }),
        };
        let (clouds, journal, observed) = prepared;
        // The plan says nothing of what has to hold besides: a key that was disabled since, a role that may do more.
        let holds = blocking_plan(&checklist(&observed, &plan.desired.clone().into()), &plan).is_empty();
        let same = plan::plan(&observed, &plan.desired).is_ok_and(|now| now.fingerprint == plan.fingerprint);
        if !(holds && same) {
            return self.send(Message::PlanChanged {
                id,
                observed: Box::new(observed),
            });
        }
        let (sink, mut events) = mpsc::unbounded_channel();
        let tell = async {
            while let Some(event) = events.recv().await {
                self.send(Message::RunEvent {
                    id,
                    event: Box::new(event),
                    at: Timestamp::now(),
                });
            }
        };
        tokio::join!(
            apply::run(&plan, &clouds, journal, self.outside.pace, &stop, sink),
            tell
        );
    }

    /// Locks the journal, and observes again what the plan was made from.
    async fn prepare(&self, plan: &Plan) -> Result<(Clouds, Journal, ObservedState), Vec<Problem>> {
        let desired = &plan.desired;
        let clouds = self
            .clouds(Some(desired.region))
            .await
            .map_err(|problem| vec![problem])?;
        let journal = self.outside.folder.open(clouds.atlas.base_url(), &desired.project_id);
        let journal = journal.map_err(|problem| vec![problem])?;
        let (role, key) = (desired.role.name().to_owned(), desired.key.key_ref());
        let scope = Scope::of_choices(&desired.project_id, Some(role), Some(key));
        let observed = ObservedState::of(&clouds, &scope, journal.traces()).await;
        Ok((clouds, journal, observed))
    }

    async fn verify(&self, desired: &DesiredState) -> Result<Evidence, Problem> {
        let clouds = self.clouds(Some(desired.region)).await?;
        Box::pin(verify::look(&clouds, &desired.project_id))
            .await
            .map_err(first)
    }

    async fn report(&self, evidence: &Evidence) -> Result<Vec<String>, Problem> {
        let clouds = self.clouds(None).await?;
        let folder = self.outside.folder.of(clouds.atlas.base_url(), &evidence.project.id);
        let written = verify::report::write(&folder, evidence)?;
        Ok(written
            .into_iter()
            .map(|path: PathBuf| path.display().to_string())
            .collect())
    }
}

fn first(problems: Vec<Problem>) -> Problem {
    problems
        .into_iter()
        .next()
        .unwrap_or_else(|| Problem::internal("nothing says what is wrong"))
}

fn is_about(problem: &Problem, side: &str) -> bool {
    let in_text = |text: &String| text.contains(side);
    in_text(&problem.message) || problem.place.as_ref().is_some_and(in_text) || problem.hints.iter().any(in_text)
}

fn save(path: &Path, overwrite: bool, desired: &DesiredState, profile: Option<&str>) -> Result<Saved, Problem> {
    if !overwrite && path.symlink_metadata().is_ok() {
        return Ok(Saved::AlreadyThere);
    }
    files::write(path, &config_file::write(desired, profile))?;
    Ok(Saved::Written(path.display().to_string()))
}
