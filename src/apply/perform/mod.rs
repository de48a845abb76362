//! What each kind of step does, and the one loop around their requests.

mod access_role;
mod authorize;
mod cluster;
mod elsewhere;
mod iam_role;
mod key;
mod key_policy;
mod role_policy;
mod setting;
mod trust_policy;
mod way_back;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::diagnose;
use super::event::{EventKind, Outcome, Person};
use super::not_yet::{self, Fresh, Operation, Refusal, WaitKind};
use super::pace::{LimitedWait, Pace};
use super::recorder::Recorder;
use super::stop::{Stop, Stopped};
use crate::atlas;
use crate::aws::Aws;
use crate::observe::Clouds;
use crate::plan::render::is_in_aws;
use crate::plan::{Action, Output, Outputs, Plan, Slot, Step};
use crate::problem::Problem;
use elsewhere::AwsHalf;

/// For how long something is looked for whose creation was sent and not answered, before it is sent again.
const LOOKED_FOR: Duration = Duration::from_secs(30);

/// How often it is looked whether the operator has signed in to AWS again, and for how long.
const SIGN_IN_EVERY: Duration = Duration::from_secs(5);
const SIGN_IN_LIMIT: Duration = Duration::from_mins(30);

/// How a step was done.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) outcome: Outcome,
    pub(crate) message: String,
    /// Whether the run was stopped while the service still works on the change.
    pub(crate) left: bool,
}

impl Done {
    fn changed(message: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Done,
            message: message.into(),
            left: false,
        }
    }

    fn already_so(message: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::AlreadySo,
            message: message.into(),
            left: false,
        }
    }

    /// It is somebody else's, who was told.
    fn handed_over(message: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::HandedOver,
            message: message.into(),
            left: false,
        }
    }

    /// The change was made, and the run was stopped while the service still works on it.
    fn left(message: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Warning,
            message: message.into(),
            left: true,
        }
    }
}

/// A step that wasn't done.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) why: Why,
    /// Whether its change may have been made all the same.
    pub(crate) uncertain: bool,
}

/// Why a step wasn't done.
#[derive(Debug)]
pub(crate) enum Why {
    /// It failed.
    Failed(Problem),
    /// The run was stopped before.
    Stopped,
}

impl From<Problem> for Ended {
    fn from(problem: Problem) -> Self {
        Self {
            why: Why::Failed(problem),
            uncertain: false,
        }
    }
}

impl From<Refusal> for Ended {
    fn from(refusal: Refusal) -> Self {
        Self {
            why: if refusal.given_up {
                Why::Stopped
            } else {
                Why::Failed(refusal.problem)
            },
            uncertain: refusal.uncertain,
        }
    }
}

impl From<Stopped> for Ended {
    fn from(_: Stopped) -> Self {
        Self {
            why: Why::Stopped,
            uncertain: false,
        }
    }
}

/// What all steps of a run share. Clones share it.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Run>);

struct Run {
    project_id: String,
    /// The AWS account that the plan is for: 12 digits.
    account: String,
    clouds: Clouds,
    /// AWS as it is signed in to now.
    aws: Mutex<Aws>,
    recorder: Recorder,
    pace: Pace,
    stop: Stop,
    /// Requests to Atlas that change clusters, at the same time.
    cluster_requests: Semaphore,
    /// What the AWS administrator carries out.
    aws_half: Option<AwsHalf>,
    state: Mutex<State>,
}

struct State {
    outputs: Outputs,
    fresh: Fresh,
}

impl Shared {
    pub(crate) fn new(plan: &Plan, clouds: Clouds, fresh: Fresh, recorder: Recorder, pace: Pace, stop: Stop) -> Self {
        let aws_half = AwsHalf::of(plan);
        let fresh = Fresh {
            elsewhere: aws_half.is_some(),
            ..fresh
        };
        Self(Arc::new(Run {
            aws_half,
            project_id: plan.project.id.clone(),
            account: plan.account.clone(),
            aws: Mutex::new(clouds.aws.clone()),
            clouds,
            recorder,
            pace,
            stop,
            cluster_requests: Semaphore::new(24),
            state: Mutex::new(State {
                outputs: Outputs::new(),
                fresh,
            }),
        }))
    }
}

/// One step at work.
pub(crate) struct Context {
    run: Arc<Run>,
    step: Step,
    atlas: atlas::Client,
    /// Attempts that failed so far, the client's own included.
    failed_attempts: Arc<AtomicU32>,
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
    if let Some(half) = context.run.aws_half.as_ref().filter(|_| is_in_aws(&context.step)) {
        return elsewhere::hand_over(&context, half).await;
    }
    match &context.step.action {
        Action::CreateAccessRole => access_role::create(&context).await,
        Action::CreateIamRole {
            name,
            path,
            permissions_boundary,
            tags,
            principal,
            external_id,
        } => {
            let place = iam_role::Place {
                name,
                path,
                permissions_boundary: permissions_boundary.as_deref(),
            };
            iam_role::create(&context, place, tags, principal, external_id).await
        }
        Action::UpdateTrustPolicy {
            role,
            before,
            principal,
            external_id,
            mend,
        } => trust_policy::update(&context, role, before.as_ref(), principal, external_id, mend).await,
        Action::CreateKey(settings) => key::create(&context, settings).await,
        Action::CreateAlias { alias, key } => key::name(&context, alias, key).await,
        Action::EnableRotation { days, key } => key::rotate(&context, *days, key).await,
        Action::UpdateKeyPolicy { key, before, iam_role } => key_policy::update(&context, key, before, iam_role).await,
        Action::PutRolePolicy {
            role,
            policy,
            before,
            keys,
        } => role_policy::put(&context, role, policy, before.as_ref(), keys).await,
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
        Action::ResumeCluster { name } => cluster::change(&context, name, cluster::Change::Resume).await,
        Action::ReleaseCluster { name, .. } => cluster::change(&context, name, cluster::Change::Release).await,
        Action::EncryptCluster { name } => cluster::change(&context, name, cluster::Change::Encrypt).await,
        Action::CreateCluster(new) => cluster::create(&context, new).await,
        Action::CancelKeyDeletion { key } => way_back::cancel_deletion(&context, key).await,
        Action::EnableKey { key } => way_back::enable(&context, key).await,
        Action::AwaitValid => setting::await_valid(&context).await,
    }
}

impl Context {
    fn new(run: Arc<Run>, step: Step) -> Self {
        let failed_attempts = Arc::new(AtomicU32::new(0));
        let (recorder, told, failed) = (run.recorder.clone(), step.id.clone(), Arc::clone(&failed_attempts));
        let notify = Arc::new(move |attempt: atlas::Attempt| {
            recorder.tell(EventKind::AttemptFailed {
                step: told.clone(),
                attempt: failed.fetch_add(1, Ordering::Relaxed) + 1,
                code: attempt.code,
                reason: attempt.reason,
                next_try_ms: milliseconds(attempt.next_try),
                limit_ms: attempt.limit.map(milliseconds),
                person: None,
            });
        });
        let atlas = run.clouds.atlas.with_notify(notify).with_stop(run.stop.token());
        let atlas = atlas.with_outage(run.pace.outage());
        Self {
            run,
            step,
            atlas,
            failed_attempts,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change of the state is whole by itself.
        self.run.state.lock().unwrap_or_else(PoisonError::into_inner)
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

    pub(super) fn aws(&self) -> Aws {
        self.run.aws.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the credentials that are there now, if they are of the account that the plan is for.
    async fn sign_in_anew(&self) {
        let renewed = match self.run.clouds.aws.renewed().await {
            Ok(renewed) => renewed,
            Err(problem) => return tracing::warn!(%problem, "the credentials can't be read anew"),
        };
        // While they are still the old ones, this fails like the request before.
        let identity = renewed.identity().await;
        if identity.is_ok_and(|identity| identity.account == self.run.account) {
            *self.run.aws.lock().unwrap_or_else(PoisonError::into_inner) = renewed;
        }
    }

    pub(super) fn resolve(&self, slot: &Slot) -> Result<String, Problem> {
        slot.resolve(&self.state().outputs)
    }

    fn produce(&self, output: Output, value: impl Into<String>) {
        self.state().outputs.insert(output, value.into());
    }

    fn produced(&self, output: Output) -> Option<String> {
        self.state().outputs.get(&output).cloned()
    }

    fn fresh(&self) -> Fresh {
        self.state().fresh
    }

    fn changed(&self, mark: impl FnOnce(&mut Fresh)) {
        mark(&mut self.state().fresh);
    }

    /// Tells what is waited for, once for each different reason in a row.
    fn waiting(&self, waiting_for: impl Into<String>, limit: Option<Duration>) {
        self.tell_wait(waiting_for.into(), limit, None);
    }

    /// Tells for whom is waited, to do what.
    fn waiting_for(&self, person: Person, to_do: String, limit: Duration) {
        self.tell_wait(to_do, Some(limit), Some(person));
    }

    fn tell_wait(&self, waiting_for: String, limit: Option<Duration>, person: Option<Person>) {
        self.run.recorder.tell(EventKind::StepWaiting {
            step: self.step.id.clone(),
            waiting_for,
            limit_ms: limit.map(milliseconds),
            person,
        });
    }

    /// Rests for a pause of a wait for somebody to act, or until the operator says that it's done.
    async fn rest(&self, pause: Duration, wait: &mut LimitedWait) -> Result<(), Stopped> {
        if !self.run.stop.rest(pause).await? {
            wait.cut_short();
        }
        Ok(())
    }

    /// Makes a request until it is done, as long as its refusals only mean "not yet", or that the operator's sign-in to
    /// AWS has run out: then it waits for a new one.
    async fn persist<T, F, A>(&self, operation: Operation, mut attempt: F) -> Result<T, Ended>
    where
        F: FnMut(Attempt) -> A,
        A: Future<Output = Result<T, Refusal>>,
    {
        let mut waits: HashMap<&str, LimitedWait> = HashMap::new();
        let (mut uncertain, mut signed_out) = (false, None::<LimitedWait>);
        let stopped = |uncertain| {
            move |Stopped| Ended {
                why: Why::Stopped,
                uncertain,
            }
        };
        loop {
            let turn = self.turn(operation).await.map_err(stopped(uncertain))?;
            let refusal = match attempt(Attempt { uncertain }).await {
                Ok(value) => return Ok(value),
                Err(refusal) => refusal,
            };
            drop(turn);
            uncertain |= refusal.uncertain;
            let failed = |problem| Ended {
                why: Why::Failed(problem),
                uncertain,
            };
            if refusal.signed_out {
                let pauses = signed_out.get_or_insert_with(|| self.run.pace.steady(SIGN_IN_EVERY, SIGN_IN_LIMIT));
                let Some(pause) = pauses.pause() else {
                    let waited = format!("it was waited for {} min", SIGN_IN_LIMIT.as_secs() / 60);
                    return Err(failed(refusal.problem.hint(waited)));
                };
                self.waiting_for(Person::Operator, sign_in_again(&refusal.problem), pauses.limit());
                self.rest(pause, pauses).await.map_err(stopped(uncertain))?;
                self.sign_in_anew().await;
                continue;
            }
            signed_out = None;
            let Some(not_yet) = not_yet::wait(operation, &refusal, self.fresh()) else {
                return Err(Ended {
                    uncertain,
                    ..refusal.into()
                });
            };
            let pace = self.run.pace;
            let wait = waits.entry(not_yet.reason).or_insert_with(|| match not_yet.kind {
                WaitKind::Passes => pace.propagation(not_yet.limit),
                WaitKind::Spreads => pace.spreading(not_yet.limit),
                WaitKind::Administrator => pace.for_people(not_yet.limit),
            });
            let Some(pause) = wait.pause() else {
                let problem = refusal
                    .problem
                    .hint(format!("it was tried for {} s", wait.lasted().as_secs()));
                let half = self.run.aws_half.as_ref();
                return Err(failed(match (not_yet.kind, half) {
                    (WaitKind::Passes, _) => problem,
                    (WaitKind::Administrator, Some(half)) => {
                        diagnose::explain(self, problem.hint(elsewhere::how_to_go_on(half.folder()))).await
                    }
                    (WaitKind::Spreads | WaitKind::Administrator, _) => diagnose::explain(self, problem).await,
                }));
            };
            let person = (not_yet.kind == WaitKind::Administrator).then_some(Person::AwsAdministrator);
            self.run.recorder.tell(EventKind::AttemptFailed {
                step: self.step.id.clone(),
                attempt: self.failed_attempts.fetch_add(1, Ordering::Relaxed) + 1,
                code: refusal.code,
                reason: not_yet.reason.to_owned(),
                next_try_ms: milliseconds(pause),
                limit_ms: Some(milliseconds(wait.limit())),
                person,
            });
            if person.is_some() {
                self.rest(pause, wait).await.map_err(stopped(uncertain))?;
            } else {
                self.run.stop.sleep(pause).await.map_err(stopped(uncertain))?;
            }
        }
    }

    /// Creates what would be there twice if it were sent twice: where an answer was lost, the thing is looked for, and
    /// for a while, before it is sent again.
    async fn create_once<T, F, S>(
        &self,
        operation: Operation,
        find: impl Fn() -> F,
        send: impl Fn() -> S,
    ) -> Result<T, Ended>
    where
        F: Future<Output = Result<Option<T>, Refusal>>,
        S: Future<Output = Result<T, Refusal>>,
    {
        let (looking, find, send) = (&Mutex::new(None::<LimitedWait>), &find, &send);
        let looking = || looking.lock().unwrap_or_else(PoisonError::into_inner);
        self.persist(operation, |attempt| async move {
            if attempt.uncertain {
                if let Some(found) = find().await? {
                    return Ok(found);
                }
                if looking().as_mut().and_then(LimitedWait::pause).is_some() {
                    return Err(Refusal::unseen());
                }
            }
            let answer = send().await;
            if answer.as_ref().is_err_and(|refusal| refusal.uncertain) {
                *looking() = Some(self.run.pace.propagation(LOOKED_FOR));
            }
            answer
        })
        .await
    }

    /// Waits for the turn to send a request. Nobody's turn comes once the run is asked to stop.
    async fn turn(&self, operation: Operation) -> Result<Option<SemaphorePermit<'_>>, Stopped> {
        let turn = async {
            match operation {
                // It is never closed.
                Operation::EncryptCluster
                | Operation::ReleaseCluster
                | Operation::ResumeCluster
                | Operation::CreateCluster => self.run.cluster_requests.acquire().await.ok(),
                _ => None,
            }
        };
        self.run.stop.unless_asked(turn).await
    }
}

/// Says that the run goes on after a new sign-in, and by which command.
fn sign_in_again(problem: &Problem) -> String {
    match problem.hints.first() {
        Some(how) => format!("{}: {how}; the run goes on by itself", problem.message),
        None => format!("{}: sign in again; the run goes on by itself", problem.message),
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
