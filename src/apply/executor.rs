//! The order of a run: independent steps at the same time, dependents of a failure not at all.

use std::collections::{BTreeMap, HashMap, HashSet};

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::{Id, JoinSet};

use super::event::{Event, EventKind, NotRun, Outcome, StepSummary, VERSION};
use super::journal::Journal;
use super::pace::Pace;
use super::perform::{self, Ended, Shared, Why};
use super::recorder::Recorder;
use super::stop::Stop;
use crate::observe::Clouds;
use crate::plan::{Plan, StepId};
use crate::problem::Problem;

/// What a step has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    Pending,
    Running,
    Done,
    /// Failed, or not run.
    Over,
}

/// Carries a plan out and tells it in events; the last one is `run_completed`, `run_failed` or `run_cancelled`.
pub async fn run(
    plan: &Plan,
    clouds: &Clouds,
    journal: Journal,
    pace: Pace,
    stop: &Stop,
    sink: UnboundedSender<Event>,
) {
    let recorder = Recorder::new(journal, sink);
    let shared = Shared::new(plan, clouds.clone(), recorder.clone(), pace, stop.clone());
    recorder.tell(EventKind::RunStarted {
        version: VERSION,
        steps: plan
            .steps
            .iter()
            .map(|step| StepSummary {
                id: step.id.clone(),
                title: step.title(),
                depends_on: step.depends_on.clone(),
            })
            .collect(),
    });
    let mut order = Order {
        plan,
        recorder,
        standing: plan
            .steps
            .iter()
            .map(|step| (step.id.clone(), Standing::Pending))
            .collect(),
        failed: Vec::new(),
        uncertain: HashSet::new(),
        stopped: false,
    };
    let mut tasks = JoinSet::new();
    let mut names: HashMap<Id, StepId> = HashMap::new();
    loop {
        if !stop.is_asked() {
            for step in order.ready() {
                order.recorder.tell(EventKind::StepStarted { step: step.id.clone() });
                let (id, work) = (step.id.clone(), perform::perform(shared.clone(), step.clone()));
                names.insert(tasks.spawn(work).id(), id);
            }
        }
        let ended = tokio::select! {
            biased;
            () = stop.dropped(), if !tasks.is_empty() => {
                // Nothing of a step may be told after the run's last event.
                tasks.abort_all();
                while let Some(ended) = tasks.join_next_with_id().await {
                    if let Ok((task, ended)) = ended
                        && let Some(step) = names.remove(&task)
                    {
                        order.ended(step, ended);
                    }
                }
                break;
            }
            // Only to look at once more which steps may begin.
            () = stop.asked(), if !stop.is_asked() => continue,
            ended = tasks.join_next_with_id() => ended,
        };
        match ended {
            None => break,
            Some(Ok((task, ended))) => {
                if let Some(step) = names.remove(&task) {
                    order.ended(step, ended);
                }
            }
            Some(Err(error)) => {
                if let Some(step) = names.remove(&error.id()) {
                    tracing::error!(%error, step = step.as_str(), "a step ended by a fault of the program");
                    let problem = Problem::internal("this step ended by a fault of the program")
                        .hint("look at what was done, then try again; if it happens again, report it with the log");
                    order.ended(step, Err(problem.into()));
                }
            }
        }
    }
    order.finish(names.into_values());
}

struct Order<'a> {
    plan: &'a Plan,
    recorder: Recorder,
    standing: BTreeMap<StepId, Standing>,
    failed: Vec<StepId>,
    /// Steps that were stopped after a request that may or may not have been carried out.
    uncertain: HashSet<StepId>,
    stopped: bool,
}

impl Order<'_> {
    fn is(&self, step: &StepId, standing: &Standing) -> bool {
        self.standing.get(step) == Some(standing)
    }

    /// Marks the steps that may begin as running and returns them.
    fn ready(&mut self) -> Vec<crate::plan::Step> {
        let ready: Vec<_> = self
            .plan
            .steps
            .iter()
            .filter(|step| self.is(&step.id, &Standing::Pending))
            .filter(|step| step.depends_on.iter().all(|id| self.is(id, &Standing::Done)))
            .cloned()
            .collect();
        for step in &ready {
            self.standing.insert(step.id.clone(), Standing::Running);
        }
        ready
    }

    fn ended(&mut self, step: StepId, ended: Result<perform::Done, Ended>) {
        match ended {
            Ok(done) => {
                self.stopped |= done.left;
                if done.outcome == Outcome::Warning {
                    tracing::warn!(step = step.as_str(), message = done.message, "done, with a warning");
                }
                self.standing.insert(step.clone(), Standing::Done);
                self.recorder.tell(EventKind::StepCompleted {
                    step,
                    outcome: done.outcome,
                    message: done.message,
                });
            }
            Err(Ended {
                why: Why::Failed(problem),
                ..
            }) => {
                tracing::warn!(step = step.as_str(), %problem, code = problem.code, "step failed");
                self.standing.insert(step.clone(), Standing::Over);
                self.failed.push(step.clone());
                self.recorder.tell(EventKind::StepFailed {
                    step: step.clone(),
                    problem,
                });
                self.leave_out_dependents();
            }
            Err(Ended {
                why: Why::Stopped,
                uncertain,
            }) => {
                self.stopped = true;
                self.standing.insert(step.clone(), Standing::Over);
                if uncertain {
                    self.uncertain.insert(step);
                    return;
                }
                self.recorder.tell(EventKind::StepNotRun {
                    step,
                    because: NotRun::Stopped,
                });
            }
        }
    }

    /// Tells each pending step that depends on one that is over; plans list steps behind what they depend on.
    fn leave_out_dependents(&mut self) {
        for step in &self.plan.steps {
            let cause = step.depends_on.iter().find(|id| self.is(id, &Standing::Over));
            if let Some(cause) = cause.filter(|_| self.is(&step.id, &Standing::Pending)) {
                let because = NotRun::DependsOn(cause.clone());
                self.recorder.tell(EventKind::StepNotRun {
                    step: step.id.clone(),
                    because,
                });
                self.standing.insert(step.id.clone(), Standing::Over);
            }
        }
    }

    /// Tells the end; the steps that were dropped at work are uncertain too.
    fn finish(mut self, dropped: impl Iterator<Item = StepId>) {
        self.uncertain.extend(dropped);
        for step in &self.plan.steps {
            if self.is(&step.id, &Standing::Pending) {
                self.stopped = true;
                self.recorder.tell(EventKind::StepNotRun {
                    step: step.id.clone(),
                    because: NotRun::Stopped,
                });
            }
        }
        self.recorder.tell(if self.stopped || !self.uncertain.is_empty() {
            let in_order = self.plan.steps.iter().map(|step| &step.id);
            EventKind::RunCancelled {
                uncertain: in_order.filter(|id| self.uncertain.contains(*id)).cloned().collect(),
            }
        } else if self.failed.is_empty() {
            EventKind::RunCompleted {}
        } else {
            EventKind::RunFailed { failed: self.failed }
        });
    }
}
