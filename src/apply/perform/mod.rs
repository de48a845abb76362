//! What each kind of step does, and the one loop around their requests.

mod access_role;
mod authorize;
mod cluster;
mod iam_role;
mod key;
mod role_policy;
mod setting;
mod trust_policy;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Semaphore;

use super::diagnose;
use super::event::{EventKind, Outcome};
use super::not_yet::{self, Operation, Refusal};
use super::pace::Pace;
use super::recorder::Recorder;
use super::stop::{Stop, Stopped};
use crate::atlas;
use crate::observe::Clouds;
use crate::plan::{Action, Output, Outputs, Plan, Slot, Step};
use crate::problem::Problem;

/// How a step was done.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) outcome: Outcome,
    pub(crate) message: String,
}

impl Done {
    fn changed(message: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Done,
            message: message.into(),
        }
    }

    fn already_so(message: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::AlreadySo,
            message: message.into(),
        }
    }

    fn warning(message: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Warning,
            message: message.into(),
        }
    }
}

/// Why a step wasn't done.
#[derive(Debug)]
pub(crate) enum Ended {
    /// It failed.
    Failed(Problem),
    /// The run was stopped before its change was made.
    Stopped,
}

impl From<Problem> for Ended {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

impl From<Stopped> for Ended {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// What all steps of a run share. Clones share it.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Run>);

struct Run {
    project_id: String,
    clouds: Clouds,
    recorder: Recorder,
    pace: Pace,
    stop: Stop,
    /// Requests to Atlas that change clusters, at the same time.
    cluster_requests: Semaphore,
    outputs: Mutex<Outputs>,
}

impl Shared {
    pub(crate) fn new(plan: &Plan, clouds: Clouds, recorder: Recorder, pace: Pace, stop: Stop) -> Self {
        Self(Arc::new(Run {
            project_id: plan.project.id.clone(),
            clouds,
            recorder,
            pace,
            stop,
            cluster_requests: Semaphore::new(24),
            outputs: Mutex::default(),
        }))
    }
}

/// One step at work.
pub(crate) struct Context {
    run: Arc<Run>,
    step: Step,
    atlas: atlas::Client,
}

/// An attempt at a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    /// Whether an earlier attempt of this step may have made the change all the same: read before sending again.
    pub(super) uncertain: bool,
}

/// Does one step.
pub(crate) async fn perform(shared: Shared, step: Step) -> Result<Done, Ended> {
    let context = Context::new(shared.0, step);
    match &context.step.action {
        Action::CreateAccessRole => access_role::create(&context).await,
        Action::CreateIamRole {
            name,
            tags,
            principal,
            external_id,
        } => iam_role::create(&context, name, tags, principal, external_id).await,
        Action::UpdateTrustPolicy {
            role,
            before,
            principal,
            external_id,
        } => trust_policy::update(&context, role, before, principal, external_id).await,
        Action::CreateKey(settings) => key::create(&context, settings).await,
        Action::CreateAlias { alias, key } => key::name(&context, alias, key).await,
        Action::EnableRotation { days, key } => key::rotate(&context, *days, key).await,
        Action::PutRolePolicy {
            role,
            policy,
            before,
            key,
        } => role_policy::put(&context, role, policy, before.as_ref(), key).await,
        Action::AuthorizeAccessRole {
            access_role, iam_role, ..
        } => authorize::authorize(&context, access_role, iam_role).await,
        Action::EnableProjectSetting {
            access_role,
            iam_role,
            key,
            region,
            before,
        } => setting::enable(&context, access_role, iam_role, key, *region, before).await,
        Action::EncryptCluster { name } => cluster::encrypt(&context, name).await,
    }
}

impl Context {
    fn new(run: Arc<Run>, step: Step) -> Self {
        let (recorder, told, attempts) = (run.recorder.clone(), step.id.clone(), AtomicU32::new(0));
        let notify = Arc::new(move |attempt: atlas::Attempt| {
            recorder.tell(EventKind::AttemptFailed {
                step: told.clone(),
                attempt: attempts.fetch_add(1, Ordering::Relaxed) + 1,
                code: attempt.code,
                reason: attempt.reason,
                next_try_ms: milliseconds(attempt.next_try),
                limit_ms: None,
            });
        });
        let atlas = run.clouds.atlas.with_notify(notify);
        Self { run, step, atlas }
    }

    fn outputs(&self) -> MutexGuard<'_, Outputs> {
        // Each change of the outputs is whole by itself.
        self.run.outputs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn action(&self) -> &Action {
        &self.step.action
    }

    /// Returns the client whose own repetitions are told as this step's.
    pub(super) fn atlas(&self) -> &atlas::Client {
        &self.atlas
    }

    pub(super) fn project_id(&self) -> &str {
        &self.run.project_id
    }

    pub(super) fn aws(&self) -> &crate::aws::Aws {
        &self.run.clouds.aws
    }

    pub(super) fn resolve(&self, slot: &Slot) -> Result<String, Problem> {
        slot.resolve(&self.outputs())
    }

    fn produce(&self, output: Output, value: impl Into<String>) {
        self.outputs().insert(output, value.into());
    }

    fn produced(&self, output: Output) -> Option<String> {
        self.outputs().get(&output).cloned()
    }

    /// Tells what is waited for, once for each different reason in a row.
    fn waiting(&self, waiting_for: impl Into<String>, limit: Option<std::time::Duration>) {
        self.run.recorder.tell(EventKind::StepWaiting {
            step: self.step.id.clone(),
            waiting_for: waiting_for.into(),
            limit_ms: limit.map(milliseconds),
        });
    }

    /// Makes a request until it is done, as long as its refusals only mean "not yet".
    async fn persist<T, F, A>(&self, operation: Operation, mut attempt: F) -> Result<T, Ended>
    where
        F: FnMut(Attempt) -> A,
        A: Future<Output = Result<T, Refusal>>,
    {
        let mut pauses = self.run.pace.propagation();
        let mut first_refusal = None;
        let mut uncertain = false;
        let mut number = 0;
        loop {
            let refusal = match attempt(Attempt { uncertain }).await {
                Ok(value) => return Ok(value),
                Err(refusal) => refusal,
            };
            number += 1;
            uncertain |= refusal.uncertain;
            let Some(wait) = not_yet::wait(operation, &refusal) else {
                return Err(refusal.problem.into());
            };
            let since = *first_refusal.get_or_insert_with(Instant::now);
            let pause = pauses.next().unwrap_or(wait.limit);
            if since.elapsed() + pause > wait.limit {
                let waited = since.elapsed();
                return Err(diagnose::explain(self, refusal.problem, waited).await.into());
            }
            self.run.recorder.tell(EventKind::AttemptFailed {
                step: self.step.id.clone(),
                attempt: number,
                code: refusal.code,
                reason: wait.reason.to_owned(),
                next_try_ms: milliseconds(pause),
                limit_ms: Some(milliseconds(wait.limit)),
            });
            self.run.stop.sleep(pause).await?;
        }
    }
}

fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
