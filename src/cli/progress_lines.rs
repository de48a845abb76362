//! A run as plain lines, for a pipe or a log of a build.

use crate::apply::event::{Event, EventKind, NotRun, Outcome};
use crate::apply::progress::Progress;
use crate::domain::text::{count, safe_line};
use crate::plan::StepId;

/// Returns the lines that tell an event; `progress` has it already.
pub(super) fn lines(event: &Event, progress: &Progress) -> Vec<String> {
    let title = |step: &StepId| {
        let found = progress.steps.iter().find(|candidate| candidate.summary.id == *step);
        safe_line(found.map_or(step.as_str(), |found| &found.summary.title)).into_owned()
    };
    let texts = match &event.kind {
        EventKind::RunStarted { steps, .. } => vec![format!("Applying {}.", count(steps.len(), "step"))],
        EventKind::StepStarted { step } => vec![format!("{} …", title(step))],
        EventKind::StepWaiting {
            step,
            waiting_for,
            limit_ms,
            ..
        } => {
            let limit = limit(*limit_ms);
            vec![format!("{}: waiting: {}{limit}", title(step), safe_line(waiting_for))]
        }
        EventKind::AttemptFailed {
            step,
            attempt,
            code,
            reason,
            next_try_ms,
            limit_ms,
            ..
        } => {
            let code = code
                .as_ref()
                .map(|code| format!(" ({})", safe_line(code)))
                .unwrap_or_default();
            let next = seconds(*next_try_ms);
            let limit = limit(*limit_ms);
            vec![format!(
                "{}: try {attempt}: {}{code}; next try in {next}{limit}",
                title(step),
                safe_line(reason)
            )]
        }
        EventKind::StepCompleted { step, outcome, message } => {
            let word = match outcome {
                Outcome::Done => "done",
                Outcome::AlreadySo => "already so",
                Outcome::HandedOver => "handed over",
                Outcome::Warning => "done, with a warning",
            };
            vec![format!("{}: {word}: {}", title(step), safe_line(message))]
        }
        EventKind::StepFailed { step, problem } => {
            let code = problem
                .code
                .as_ref()
                .map(|code| format!(" ({})", safe_line(code)))
                .unwrap_or_default();
            let mut all = vec![format!(
                "{}: failed: {}{code}",
                title(step),
                safe_line(&problem.message)
            )];
            all.extend(problem.place.iter().map(|place| format!("  at: {}", safe_line(place))));
            all.extend(
                problem
                    .causes
                    .iter()
                    .map(|cause| format!("  because: {}", safe_line(cause))),
            );
            all.extend(problem.hints.iter().map(|hint| format!("  hint: {}", safe_line(hint))));
            all
        }
        EventKind::StepNotRun { step, because } => vec![match because {
            NotRun::DependsOn(cause) => format!("{}: not run, because of «{}»", title(step), title(cause)),
            NotRun::Stopped => format!("{}: not run, the run was stopped", title(step)),
        }],
        EventKind::RunCompleted {} => vec!["All steps are done.".to_owned()],
        EventKind::RunFailed { failed } => vec![format!(
            "{} failed. What is done stays done; the same command carries on from there.",
            count(failed.len(), "step")
        )],
        EventKind::RunCancelled { uncertain } => {
            let mut all = vec!["Stopped. The same command carries on from here.".to_owned()];
            all.extend(
                uncertain
                    .iter()
                    .map(|step| format!("Uncertain whether it was carried out: {}", title(step))),
            );
            all
        }
    };
    let clock = format!("[{:>7}] ", seconds(event.elapsed_ms));
    texts.into_iter().map(|text| format!("{clock}{text}")).collect()
}

/// Says for how long something is waited for at most.
fn limit(ms: Option<u64>) -> String {
    ms.map(|ms| format!(", at most {} s", ms / 1000)).unwrap_or_default()
}

fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}
