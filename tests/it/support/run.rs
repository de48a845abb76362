//! A run and its events, whose order is checked for every run that comes to its end.

use std::collections::HashSet;
use std::time::Duration;

use atlas_cmk::apply::event::{Event, EventKind, NotRun, Outcome, VERSION};
use atlas_cmk::apply::journal::Journal;
use atlas_cmk::apply::progress::{Progress, StepState};
use atlas_cmk::apply::{self, Pace, Stop};
use atlas_cmk::observe::Clouds;
use atlas_cmk::plan::{Plan, StepId};
use atlas_cmk::problem::Problem;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task::JoinHandle;

/// How long anything may take; only a fault makes a test wait so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A run under way.
pub(crate) struct Running {
    pub(crate) stop: Stop,
    pub(crate) progress: Progress,
    plan: Plan,
    events: Vec<Event>,
    receiver: UnboundedReceiver<Event>,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) fn begin(plan: &Plan, clouds: Clouds, journal: Journal, pace: Pace, stop: Stop) -> Self {
        let (sink, receiver) = mpsc::unbounded_channel();
        let task = tokio::spawn({
            let (plan, stop) = (plan.clone(), stop.clone());
            async move { apply::run(&plan, &clouds, journal, pace, &stop, sink).await }
        });
        Self {
            stop,
            progress: Progress::default(),
            plan: plan.clone(),
            events: Vec::new(),
            receiver,
            task,
        }
    }

    async fn next(&mut self) -> Option<&Event> {
        let event = tokio::time::timeout(PATIENCE, self.receiver.recv())
            .await
            .expect("the run goes on")?;
        self.progress.absorb(&event);
        self.events.push(event);
        self.events.last()
    }

    /// Waits for an event.
    pub(crate) async fn until(&mut self, is_meant: impl Fn(&EventKind) -> bool) {
        loop {
            let event = self.next().await.expect("the event comes before the run ends");
            if is_meant(&event.kind) {
                return;
            }
        }
    }

    /// Waits until no step can go on but for those that a held call keeps.
    pub(crate) async fn rests(&mut self, held: usize) {
        while !self.is_at_rest(held) {
            self.next().await.expect("the run is held");
        }
    }

    fn is_at_rest(&self, held: usize) -> bool {
        let state = |id: &StepId| {
            let found = self.progress.steps.iter().find(|step| step.summary.id == *id);
            found.map(|step| &step.state)
        };
        let is_done = |id: &StepId| matches!(state(id), Some(StepState::Done { .. }));
        let running = self.plan.steps.iter().filter(|step| {
            let ready = step.depends_on.iter().all(is_done);
            ready && matches!(state(&step.id), Some(StepState::Pending | StepState::Running { .. }))
        });
        !self.progress.steps.is_empty() && running.count() == held
    }

    /// Waits for its end.
    pub(crate) async fn finishes(&mut self) {
        while self.next().await.is_some() {}
    }

    /// Ends it as a killed process ends: nothing more is sent and nothing more is written.
    pub(crate) async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.map_or_else(|error| error.is_cancelled(), |()| true));
    }

    /// Waits for its end and checks the order of its events.
    pub(crate) async fn end(mut self) -> Told {
        self.finishes().await;
        self.task.await.unwrap();
        assert_in_order(&self.events, &self.plan);
        Told {
            events: self.events,
            progress: self.progress,
        }
    }
}

/// What a run told, from its first event to its last.
#[derive(Debug)]
#[must_use]
pub(crate) struct Told {
    pub(crate) events: Vec<Event>,
    pub(crate) progress: Progress,
}

/// An attempt that failed, as it was told.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) number: u32,
    pub(crate) code: Option<String>,
    pub(crate) reason: String,
    pub(crate) next_try_ms: u64,
    pub(crate) limit_ms: Option<u64>,
}

impl Told {
    /// Checks that it ended well, and shows everything if it didn't.
    #[track_caller]
    pub(crate) fn completed(self) -> Self {
        let last = &self.events.last().unwrap().kind;
        assert_eq!(*last, EventKind::RunCompleted {}, "{:#?}", self.events);
        self
    }

    /// Checks that these steps failed and no others.
    #[track_caller]
    pub(crate) fn failed(self, steps: &[&str]) -> Self {
        let failed = steps.iter().map(|step| StepId::new(*step)).collect();
        let last = &self.events.last().unwrap().kind;
        assert_eq!(*last, EventKind::RunFailed { failed }, "{:#?}", self.events);
        self
    }

    /// Checks that it was stopped, with these steps uncertain.
    #[track_caller]
    pub(crate) fn cancelled(self, uncertain: &[&str]) -> Self {
        let uncertain = uncertain.iter().map(|step| StepId::new(*step)).collect();
        let last = &self.events.last().unwrap().kind;
        assert_eq!(*last, EventKind::RunCancelled { uncertain }, "{:#?}", self.events);
        self
    }

    fn of<'a, T>(&'a self, step: &str, read: impl Fn(&'a EventKind) -> Option<(&'a StepId, T)>) -> Vec<T> {
        let found = self.events.iter().filter_map(|event| read(&event.kind));
        found
            .filter(|(of, _)| of.as_str() == step)
            .map(|(_, value)| value)
            .collect()
    }

    /// Returns the attempts of a step that failed and were repeated.
    pub(crate) fn attempts(&self, step: &str) -> Vec<Attempt> {
        self.of(step, |kind| match kind {
            EventKind::AttemptFailed {
                step,
                attempt,
                code,
                reason,
                next_try_ms,
                limit_ms,
                ..
            } => Some((
                step,
                Attempt {
                    number: *attempt,
                    code: code.clone(),
                    reason: reason.clone(),
                    next_try_ms: *next_try_ms,
                    limit_ms: *limit_ms,
                },
            )),
            _ => None,
        })
    }

    /// Returns how a step was completed.
    #[track_caller]
    pub(crate) fn outcome(&self, step: &str) -> (Outcome, &str) {
        let found = self.of(step, |kind| match kind {
            EventKind::StepCompleted { step, outcome, message } => Some((step, (*outcome, message.as_str()))),
            _ => None,
        });
        *found.first().expect("the step was completed")
    }

    /// Returns why a step failed.
    #[track_caller]
    pub(crate) fn problem(&self, step: &str) -> &Problem {
        let found = self.of(step, |kind| match kind {
            EventKind::StepFailed { step, problem } => Some((step, problem)),
            _ => None,
        });
        found.first().expect("the step failed")
    }

    /// Returns the steps that were completed, in the order in which they were.
    pub(crate) fn done(&self) -> Vec<&str> {
        let completed = self.events.iter().filter_map(|event| match &event.kind {
            EventKind::StepCompleted { step, .. } => Some(step.as_str()),
            _ => None,
        });
        completed.collect()
    }

    /// Returns the steps that were not run, with why.
    pub(crate) fn not_run(&self) -> Vec<(&str, &NotRun)> {
        let left_out = self.events.iter().filter_map(|event| match &event.kind {
            EventKind::StepNotRun { step, because } => Some((step.as_str(), because)),
            _ => None,
        });
        left_out.collect()
    }

    /// Returns what a step waited for, as it was told.
    pub(crate) fn waits(&self, step: &str) -> Vec<(&str, Option<u64>)> {
        self.of(step, |kind| match kind {
            EventKind::StepWaiting {
                step,
                waiting_for,
                limit_ms,
                ..
            } => Some((step, (waiting_for.as_str(), *limit_ms))),
            _ => None,
        })
    }
}

/// Checks what holds for every run: all steps are listed first, one last event, every step begins after those that it
/// depends on and ends at most once, and what has no end is named as uncertain.
#[track_caller]
fn assert_in_order(events: &[Event], plan: &Plan) {
    let told = format!("{events:#?}");
    let [first, middle @ .., last] = events else {
        panic!("a run tells at least its beginning and its end: {told}");
    };
    match &first.kind {
        EventKind::RunStarted { version, steps } => {
            assert_eq!(*version, VERSION);
            let listed: Vec<_> = steps.iter().map(|step| (&step.id, &step.depends_on)).collect();
            let planned: Vec<_> = plan.steps.iter().map(|step| (&step.id, &step.depends_on)).collect();
            assert_eq!(listed, planned);
        }
        _ => panic!("{told}"),
    }
    for (index, pair) in (1..).zip(events.windows(2)) {
        assert_eq!((pair[0].index, pair[1].index), (index - 1, index), "{told}");
        assert!(pair[0].elapsed_ms <= pair[1].elapsed_ms, "{told}");
    }
    let (mut started, mut done, mut over) = (HashSet::new(), HashSet::new(), HashSet::new());
    for event in middle {
        match &event.kind {
            EventKind::StepStarted { step } => {
                let needed = &plan.step(step).expect("a step of the plan").depends_on;
                assert!(needed.iter().all(|id| done.contains(id)), "{step}: {told}");
                assert!(started.insert(step.clone()), "{step} began twice: {told}");
            }
            EventKind::StepWaiting { step, .. } | EventKind::AttemptFailed { step, .. } => {
                assert!(started.contains(step) && !over.contains(step), "{step}: {told}");
            }
            EventKind::StepCompleted { step, .. } | EventKind::StepFailed { step, .. } => {
                assert!(started.contains(step), "{step}: {told}");
                assert!(over.insert(step.clone()), "{step} ended twice: {told}");
                if matches!(event.kind, EventKind::StepCompleted { .. }) {
                    done.insert(step.clone());
                }
            }
            EventKind::StepNotRun { step, because } => {
                assert!(over.insert(step.clone()), "{step} ended twice: {told}");
                if let NotRun::DependsOn(cause) = because {
                    let needed = &plan.step(step).expect("a step of the plan").depends_on;
                    assert!(needed.contains(cause) && over.contains(cause), "{step}: {told}");
                }
            }
            _ => panic!("{:?} in the middle: {told}", event.kind),
        }
    }
    assert!(last.kind.is_last(), "{told}");
    let open: HashSet<_> = plan
        .steps
        .iter()
        .map(|step| step.id.clone())
        .filter(|id| !over.contains(id))
        .collect();
    let uncertain = match &last.kind {
        EventKind::RunCancelled { uncertain } => uncertain.iter().cloned().collect(),
        _ => HashSet::new(),
    };
    assert_eq!(open, uncertain, "{told}");
}
