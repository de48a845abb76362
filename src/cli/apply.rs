//! `apply`: carry out what the configuration file asks for.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use tokio::sync::mpsc;

use super::args::{Common, ConfigOption, Form};
use super::plan::{Planned, Prepared};
use super::signals::Signals;
use super::{exit_code, output, progress_lines};
use crate::apply::event::Event;
use crate::apply::journal::Journal;
use crate::apply::progress::{End, Progress};
use crate::apply::{self, Pace, Stop};
use crate::domain::text::safe_line;
use crate::plan::{self, Plan};
use crate::problem::Problem;
use crate::verify::{self, report};

/// The word that confirms.
const WORD: &str = "apply";

pub(super) async fn run(common: &Common, config: &ConfigOption, yes: bool) -> Result<u8, Vec<Problem>> {
    let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !(yes || can_ask) {
        return Err(vec![
            Problem::input("there is no terminal to ask on")
                .hint("give --yes to go on without asking; look at `atlas-cmk plan` first"),
        ]);
    }
    let signals = Signals::listen();
    let prepared = signals.or_interrupted(Prepared::from_file(common, config)).await?;
    let project = &prepared.desired.project_id;
    let journal = prepared
        .folder
        .open(prepared.clouds.atlas.base_url(), project)
        .map_err(|problem| vec![problem])?;
    let Some(plan) = signals.or_interrupted(settle(&prepared, &journal, yes)).await? else {
        return Ok(exit_code::PREREQUISITE);
    };
    let mut progress = Progress::default();
    if plan.is_empty() {
        output::note("Nothing to do.");
    } else {
        progress = carry_out(common.output, &prepared, &plan, journal, signals).await;
    }
    let code = match &progress.end {
        None | Some(End::Completed) => evidence(common.output, &prepared).await,
        Some(End::Failed) => exit_code::FAILED,
        Some(End::Cancelled(_)) => exit_code::INTERRUPTED,
    };
    prepared.clouds.atlas.close().await;
    Ok(code)
}

/// Plans, and asks until what was shown is what would be done.
async fn settle(prepared: &Prepared, journal: &Journal, yes: bool) -> Result<Option<Plan>, Vec<Problem>> {
    let mut shown: Option<Plan> = None;
    loop {
        let plan = match prepared.plan(journal.traces()).await? {
            Planned::Ready(plan) => *plan,
            Planned::Blocked => return Ok(None),
        };
        let same = shown
            .as_ref()
            .is_some_and(|shown| shown.fingerprint == plan.fingerprint);
        if same || plan.is_empty() {
            return Ok(Some(plan));
        }
        if shown.is_some() {
            output::note("Something has changed since the plan was shown. This is the new one:\n");
        }
        output::note(&plan::render::text(&plan));
        if yes {
            return Ok(Some(plan));
        }
        ask().await?;
        shown = Some(plan);
    }
}

async fn ask() -> Result<(), Vec<Problem>> {
    let answer = tokio::task::spawn_blocking(|| {
        let mut err = io::stderr().lock();
        write!(err, "Type {WORD} to carry it out: ").and_then(|()| err.flush())?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    })
    .await;
    match answer {
        Ok(Ok(line)) if line.trim() == WORD => Ok(()),
        Ok(Ok(line)) => Err(vec![
            Problem::input(format!(
                "{:?} was typed, not {WORD}; nothing was changed",
                safe_line(line.trim())
            ))
            .hint("start again to see the plan once more"),
        ]),
        Ok(Err(error)) => Err(vec![Problem::input("the answer can't be read").caused_by(&error)]),
        Err(error) => Err(vec![Problem::internal("the question failed").caused_by(&error)]),
    }
}

/// Runs the plan and tells its events; the first signal finishes what is in flight, the second drops it.
async fn carry_out(form: Form, prepared: &Prepared, plan: &Plan, journal: Journal, signals: Signals) -> Progress {
    let (sink, mut events) = mpsc::unbounded_channel::<Event>();
    let stop = Stop::default();
    let ladder = tokio::spawn({
        let stop = stop.clone();
        async move {
            signals.asked(1).await;
            output::note("Finishing what is in flight; once more leaves at once.");
            stop.gently();
            signals.asked(2).await;
            stop.at_once();
        }
    });
    let tell = async {
        let mut progress = Progress::default();
        while let Some(event) = events.recv().await {
            progress.absorb(&event);
            let told = match form {
                Form::Json => match serde_json::to_string(&event) {
                    Ok(line) => output::result(&(output::escaped(&line) + "\n")),
                    Err(error) => Err(Problem::internal("an event can't be written as JSON").caused_by(&error)),
                },
                Form::Text => {
                    let lines = progress_lines::lines(&event, &progress);
                    output::result(&(lines.join("\n") + "\n"))
                }
            };
            // The run is what matters now: it goes on when nobody can be told of it.
            if let Err(problem) = told {
                tracing::warn!(%problem, "an event couldn't be told");
            }
        }
        progress
    };
    let work = apply::run(plan, &prepared.clouds, journal, Pace::default(), &stop, sink);
    let ((), progress) = tokio::join!(work, tell);
    ladder.abort();
    progress
}

/// Observes again and says what holds now. The run itself is done: what can't be read now is only told.
async fn evidence(form: Form, prepared: &Prepared) -> u8 {
    match verify::look(&prepared.clouds, &prepared.desired.project_id).await {
        Ok(evidence) => {
            let text = verify::text(&evidence);
            let told = match form {
                Form::Text => output::result(&format!("\n{text}")),
                Form::Json => Ok(()),
            };
            if let Err(problem) = told {
                tracing::warn!(%problem, "the evidence couldn't be told");
            }
            let folder = prepared
                .folder
                .of(prepared.clouds.atlas.base_url(), &prepared.desired.project_id);
            match report::write(&folder, &evidence) {
                Ok(paths) => paths
                    .iter()
                    .for_each(|path| output::note(&format!("Report: {}", path.display()))),
                Err(problem) => output::problems(&[problem]),
            }
            exit_code::DONE
        }
        Err(problems) => {
            output::problems(&problems);
            exit_code::FAILED
        }
    }
}
