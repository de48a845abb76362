//! `apply`: carry out what the configuration file asks for.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use tokio::sync::mpsc;

use super::args::{Common, ConfigOption, Consent, Form};
use super::plan::{Planned, Prepared};
use super::signals::Signals;
use super::{exit_code, output, progress_lines};
use crate::apply::event::Event;
use crate::apply::journal::Journal;
use crate::apply::progress::{End, Progress};
use crate::apply::{self, Pace, Stop};
use crate::domain::text::safe_line;
use crate::plan::{self, Plan, SavedPlan, Step, Undo};
use crate::problem::{Kind, Problem};
use crate::verify::{self, report};

/// The word that confirms.
const WORD: &str = "apply";

pub(super) async fn run(
    common: &Common,
    config: &ConfigOption,
    plan: Option<&Path>,
    consent: &Consent,
    wait_limit: Option<u64>,
) -> Result<u8, Vec<Problem>> {
    let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !(consent.yes || can_ask) {
        return Err(vec![
            Problem::input("there is no terminal to ask on")
                .hint("give --yes to go on without asking; look at `atlas-cmk plan` first"),
        ]);
    }
    let signals = Signals::listen();
    let saved = plan
        .map(super::plan::saved)
        .transpose()
        .map_err(|problem| vec![problem])?;
    let prepare = async {
        match &saved {
            Some(saved) => Prepared::from_saved(common, saved).await,
            None => Prepared::from_file(common, config).await,
        }
    };
    let prepared = signals.or_interrupted(prepare).await?;
    let project = &prepared.desired.project_id;
    if let Some(given) = consent.irreversible.as_ref().filter(|given| *given != project) {
        return Err(vec![
            Problem::input(format!(
                "--irreversible is given for {}, the project is {project}",
                safe_line(given)
            ))
            .hint("nothing was changed; look at `atlas-cmk plan`, then give the project's ID"),
        ]);
    }
    let journal = prepared
        .folder
        .open(prepared.clouds.atlas.base_url(), project)
        .map_err(|problem| vec![problem])?;
    let Some(plan) = signals
        .or_interrupted(Box::pin(settle(&prepared, &journal, consent, saved)))
        .await?
    else {
        return Ok(exit_code::PREREQUISITE);
    };
    let mut progress = Progress::default();
    if plan.is_empty() {
        output::note("Nothing to do.");
    } else {
        let pace = match wait_limit {
            Some(seconds) => Pace::default().with_wait_limit(Duration::from_secs(seconds)),
            None => Pace::default(),
        };
        progress = carry_out(common.output, &prepared, &plan, journal, pace, signals).await;
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
async fn settle(
    prepared: &Prepared,
    journal: &Journal,
    consent: &Consent,
    saved: Option<SavedPlan>,
) -> Result<Option<Plan>, Vec<Problem>> {
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
        if let Some(saved) = saved
            .as_ref()
            .filter(|saved| saved.plan.fingerprint != plan.fingerprint)
        {
            return Err(vec![stale(&saved.plan, &plan)]);
        }
        if let Some(shown) = &shown {
            output::note("Something has changed since the plan was shown:\n");
            output::note(&plan::render::difference(shown, &plan));
            output::note("This is the new one:\n");
        }
        output::note(&plan::render::text(&plan));
        let is_covered = consent.irreversible.is_some() || plan.irreversible().next().is_none();
        if consent.yes && is_covered {
            return Ok(Some(plan));
        }
        if consent.yes {
            return Err(vec![uncovered(&plan)]);
        }
        if is_covered {
            ask(WORD).await?;
        } else {
            output::note(&format!("{}\n", what_cannot_be_undone(&plan)));
            ask(&plan.project.name).await?;
        }
        shown = Some(plan);
    }
}

/// Shows how a saved plan differs from what would be done now, and says that nothing was.
fn stale(saved: &Plan, now: &Plan) -> Problem {
    output::note("What would be done now isn't what the plan says:\n");
    output::note(&plan::render::difference(saved, now));
    Problem::new(
        Kind::Stale,
        "the plan is out of date: things have changed since it was saved; nothing was changed now",
    )
    .hint("look at the difference, then make a new plan: atlas-cmk plan --out FILE")
}

/// Says that `--yes` alone doesn't cover a plan.
fn uncovered(plan: &Plan) -> Problem {
    let steps: Vec<_> = plan.irreversible().map(Step::title).collect();
    Problem::input(format!(
        "the plan has a step that can't be undone: {}; --yes doesn't cover it",
        steps.join("; ")
    ))
    .hint(format!(
        "nothing was changed; if that is meant, add --irreversible {}",
        plan.project.id
    ))
}

fn what_cannot_be_undone(plan: &Plan) -> String {
    let lines = plan.irreversible().map(|step| match step.undo() {
        Undo::Never(why) => format!("This can't be undone: {}. {why}.", step.title()),
        Undo::ByHand(_) | Undo::Nothing => step.title(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Asks for a word: the usual one, or the project's name where a step can't be undone.
async fn ask(word: &str) -> Result<(), Vec<Problem>> {
    let shown = safe_line(word).into_owned();
    let answer = tokio::task::spawn_blocking(move || {
        let mut err = io::stderr().lock();
        write!(err, "Type {shown} to carry it out: ").and_then(|()| err.flush())?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    })
    .await;
    match answer {
        Ok(Ok(line)) if line.trim() == word.trim() => Ok(()),
        Ok(Ok(line)) => Err(vec![
            Problem::input(format!(
                "{:?} was typed, not {}; nothing was changed",
                safe_line(line.trim()),
                safe_line(word)
            ))
            .hint("start again to see the plan once more"),
        ]),
        Ok(Err(error)) => Err(vec![Problem::input("the answer can't be read").caused_by(&error)]),
        Err(error) => Err(vec![Problem::internal("the question failed").caused_by(&error)]),
    }
}

/// Runs the plan and tells its events; the first signal finishes what is in flight, the second drops it.
async fn carry_out(
    form: Form,
    prepared: &Prepared,
    plan: &Plan,
    journal: Journal,
    pace: Pace,
    signals: Signals,
) -> Progress {
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
    let work = apply::run(plan, &prepared.clouds, journal, pace, &stop, sink);
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
