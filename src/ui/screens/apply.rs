//! Apply: each step with what it does now, what it waits for and why, and what to do when it failed.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::Heading;
use crate::apply::event::{NotRun, Outcome};
use crate::apply::progress::{StepProgress, StepState, Waiting};
use crate::domain::text::count;
use crate::plan::StepId;
use crate::ui::layout::Split;
use crate::ui::view_state::ListId;
use crate::ui::widgets::detail::{self, Detail};
use crate::ui::widgets::document::Document;
use crate::ui::widgets::list::{Cell, Column, List};
use crate::ui::widgets::{spinner, titled};
use crate::ui::{Scene, Theme, layout, text};
use crate::wizard::{Action, Ending, Run, RunState, Wizard};

const COLUMNS: &[Column] = &[
    Column::new("", 11),
    Column::new("", 32),
    Column::new("", 5),
    Column::new("", 9).giving_way(1),
];

/// Cells across for the bar.
const BAR: usize = 16;

pub(super) fn heading(wizard: &Wizard) -> Heading {
    const UNCHANGED: &str = "Nothing has been changed up to here.";
    let Some(run) = &wizard.session.run else {
        return Heading::new("Nothing runs", "");
    };
    let (title, why, style): (_, _, fn(Theme) -> Style) = match &run.state {
        RunState::Checking => (
            "Looking once more whether the plan still fits",
            UNCHANGED,
            Theme::accent,
        ),
        RunState::Running => (
            "Applying the plan",
            "q or Ctrl-C stops it when the requests in flight have finished.",
            Theme::accent,
        ),
        RunState::Stopping => (
            "Stopping: what is in flight finishes",
            "Ctrl-C again leaves at once.",
            Theme::warning,
        ),
        RunState::Dropping => ("Leaving at once", "", Theme::warning),
        RunState::LookingAgain(_) => (
            "Looking again before going on",
            "What is done isn't done twice.",
            Theme::accent,
        ),
        RunState::Ended(ending) => return ended(wizard, run, ending),
    };
    Heading::new(title, why).styled(style)
}

fn ended(wizard: &Wizard, run: &Run, ending: &Ending) -> Heading {
    const KEPT: &str = "What is done isn't done twice";
    let failed = count(run.progress.failures().count(), "step");
    let (title, why, style): (_, _, fn(Theme) -> Style) = match ending {
        Ending::Completed => {
            return Heading::new("All steps are done", "Enter shows what holds now.").styled(Theme::passed);
        }
        Ending::Failed => (format!("{failed} failed"), KEPT, Theme::failed),
        Ending::Cancelled { .. } => ("Stopped".to_owned(), KEPT, Theme::warning),
        Ending::Refused(_) => (
            "The run couldn't begin".to_owned(),
            "Nothing has been changed",
            Theme::failed,
        ),
        Ending::Died(_) => (
            "The run ended by a fault of the program".to_owned(),
            KEPT,
            Theme::failed,
        ),
    };
    let offered = wizard.footer();
    let offers = offered
        .iter()
        .filter(|key| matches!(key.action, Action::TryAgain | Action::Back | Action::Leave));
    let offers: Vec<_> = offers.map(|key| format!("{} {}", key.shown, key.label)).collect();
    Heading::new(title, format!("{why}: {}.", offers.join(", "))).styled(style)
}

pub(super) fn draw(scene: &mut Scene<'_, '_>, area: Rect) {
    let theme = scene.theme;
    let wizard = scene.wizard;
    let (Some(run), Some(steps)) = (&wizard.session.run, wizard.run_rows()) else {
        return;
    };
    let offset = wizard.screens.apply.scroll.offset;
    if steps.rows.is_empty() {
        before(scene, area, run, offset);
        return;
    }
    let (above, area) = layout::top(area, 2);
    let line = overall(scene, run);
    scene.line(above, &line);
    let split = Split::of(area, 52);
    let mut document = scene.document(split.detail_width());
    how_it_ended(scene, &mut document, run);
    if let Some(step) = steps.current() {
        told(scene, &mut document, run, step);
    }
    let list = List::of(ListId::Run, titled(theme, "Steps", ""), COLUMNS, &steps, |step| {
        cells(theme, wizard, step)
    });
    let detail = Detail {
        form: Vec::new(),
        lines: document.into_lines(),
        offset,
    };
    detail::draw(scene, &split, &list, detail);
}

/// Says what goes on while no step has begun.
fn before(scene: &mut Scene<'_, '_>, area: Rect, run: &Run, offset: u16) {
    let theme = scene.theme;
    let mut document = scene.document(area.width);
    if run.is_under_way() {
        let moving = spinner::picture(theme, scene.wizard.session.now);
        let text = "What the plan was made from is read once more. If all of it is still so, the steps begin; if not, you are \
                    asked again.";
        document.item(moving, theme.accent(), text, theme.plain());
    }
    how_it_ended(scene, &mut document, run);
    detail::scrolled(scene, area, None, document.into_lines(), offset);
}

/// Returns how far the run is: steps that are done, out of all of them.
fn overall(scene: &Scene<'_, '_>, run: &Run) -> Line<'static> {
    let theme = scene.theme;
    let progress = &run.progress;
    let words: Vec<_> = progress
        .steps
        .iter()
        .map(|step| look(theme, scene.wizard, &step.state).1)
        .collect();
    let number = |word: &str| words.iter().filter(|other| **other == word).count();
    let counts: Vec<_> = ["running", "waiting", "uncertain", "failed", "not run"]
        .into_iter()
        .filter(|word| number(word) > 0)
        .map(|word| format!(", {} {word}", number(word)))
        .collect();
    let (done, all) = (progress.done(), progress.steps.len());
    let full = BAR * done / all.max(1);
    Line::from(vec![
        Span::styled(theme.signs.full.repeat(full), theme.passed()),
        Span::styled(theme.signs.empty.repeat(BAR - full), theme.muted()),
        Span::styled(format!("  {done} of {} done", count(all, "step")), theme.heading()),
        Span::raw(counts.concat()),
        Span::styled(format!("  after {}", text::clock(scene.wizard.run_ms())), theme.muted()),
    ])
}

fn cells(theme: Theme, wizard: &Wizard, step: &StepProgress) -> Vec<Cell> {
    let (sign, word, style) = look(theme, wizard, &step.state);
    let time = match &step.state {
        StepState::Pending | StepState::NotRun(_) => String::new(),
        StepState::Running { since_ms, .. } => text::clock(wizard.run_ms().saturating_sub(*since_ms)),
        StepState::Done { took_ms, .. } | StepState::Failed { took_ms, .. } => text::clock(*took_ms),
    };
    let refused = if step.failed_attempts > 0 {
        format!("{} refused", step.failed_attempts)
    } else {
        String::new()
    };
    vec![
        (format!("{sign} {word}"), style),
        (step.summary.title.clone(), theme.plain()),
        (time, theme.plain()),
        (refused, theme.warning()),
    ]
}

fn look(theme: Theme, wizard: &Wizard, state: &StepState) -> (&'static str, &'static str, Style) {
    let signs = theme.signs;
    match state {
        StepState::Pending => (signs.pending, "pending", theme.muted()),
        StepState::Running { .. } if !wizard.is_running() => (signs.unknown, "uncertain", theme.unknown()),
        StepState::Running { waiting, .. } => {
            let word = if waiting.is_some() { "waiting" } else { "running" };
            (spinner::picture(theme, wizard.session.now), word, theme.accent())
        }
        StepState::Done {
            outcome: Outcome::Done, ..
        } => (signs.passed, "done", theme.passed()),
        StepState::Done {
            outcome: Outcome::AlreadySo,
            ..
        } => (signs.passed, "already so", theme.passed()),
        StepState::Done {
            outcome: Outcome::HandedOver,
            ..
        } => (signs.skipped, "elsewhere", theme.accent()),
        StepState::Done {
            outcome: Outcome::Warning,
            ..
        } => (signs.warning, "done, look", theme.warning()),
        StepState::Failed { .. } => (signs.failed, "failed", theme.failed()),
        StepState::NotRun(_) => (signs.skipped, "not run", theme.muted()),
    }
}

/// Tells what ended the run beyond its steps.
fn how_it_ended(scene: &Scene<'_, '_>, document: &mut Document, run: &Run) {
    let theme = scene.theme;
    let RunState::Ended(ending) = &run.state else { return };
    match ending {
        Ending::Completed => return,
        Ending::Failed => {}
        Ending::Cancelled { uncertain } => {
            for id in uncertain {
                let text = format!("Uncertain whether it was carried out: {}", title(run, id));
                document.item(theme.signs.unknown, theme.unknown(), &text, theme.plain());
            }
        }
        Ending::Refused(problems) => {
            for problem in problems {
                document.problem(problem);
            }
        }
        Ending::Died(problem) => {
            document.problem(problem);
        }
    }
    document.space();
}

fn told(scene: &Scene<'_, '_>, document: &mut Document, run: &Run, step: &StepProgress) {
    let theme = scene.theme;
    let now = scene.wizard.run_ms();
    document.paragraph(&step.summary.title, theme.heading());
    match &step.state {
        StepState::Pending => {
            let after: Vec<_> = step.summary.depends_on.iter().map(|id| title(run, id)).collect();
            let text = if after.is_empty() {
                "its turn comes".to_owned()
            } else {
                format!("comes after: {}", after.join("; "))
            };
            document.paragraph(&text, theme.muted());
        }
        StepState::Running { .. } if !run.is_under_way() => {
            let text = "Whether its last request was carried out isn't known: trying again looks first.";
            document.paragraph(text, theme.unknown());
        }
        StepState::Running { since_ms, waiting } => match waiting {
            None => {
                let since = text::clock(now.saturating_sub(*since_ms));
                document.value("Running", &format!("for {since}"), theme.accent());
            }
            Some(waiting) => waits(document, theme, waiting, now),
        },
        StepState::Done {
            message,
            took_ms,
            outcome,
        } => {
            match outcome {
                Outcome::AlreadySo => document.value("Done", "it was so already", theme.passed()),
                Outcome::HandedOver => document.value(
                    "Elsewhere",
                    "the AWS administrator does it; Atlas finds out whether it's done",
                    theme.accent(),
                ),
                Outcome::Done | Outcome::Warning => document.value("Done", &text::took(*took_ms), theme.passed()),
            };
            if !message.is_empty() {
                document.whole("There is now", message);
            }
        }
        StepState::Failed { problem, .. } => {
            document.problem(problem);
        }
        StepState::NotRun(NotRun::DependsOn(id)) => {
            document.paragraph(&format!("not run, because it needs: {}", title(run, id)), theme.plain());
        }
        StepState::NotRun(NotRun::Stopped) => {
            document.paragraph("not run, because the run was stopped before it", theme.plain());
        }
    }
    if step.failed_attempts > 0 {
        document.value(
            "Refused",
            &count(step.failed_attempts as usize, "attempt"),
            theme.warning(),
        );
    }
}

fn waits(document: &mut Document, theme: Theme, waiting: &Waiting, now: u64) {
    document.value("Waiting", &waiting.reason, theme.accent());
    if let Some(code) = &waiting.code {
        document.value("Code", code, theme.code());
    }
    let since = text::clock(now.saturating_sub(waiting.since_ms));
    let limit = waiting.limit_ms.map_or_else(
        || ", as long as it takes".to_owned(),
        |limit| format!(", at most {}", text::clock(limit)),
    );
    document.value("Since", &format!("{since}{limit}"), theme.plain());
    if let Some(next) = waiting.next_try_at_ms {
        let text = match next.saturating_sub(now) {
            0 => "now".to_owned(),
            left => format!("in {}", text::clock(left + 999)),
        };
        document.value("Next try", &text, theme.plain());
    }
}

fn title(run: &Run, id: &StepId) -> String {
    let steps = &run.progress.steps;
    let found = steps.iter().find(|step| step.summary.id == *id);
    found.map_or_else(|| id.to_string(), |step| step.summary.title.clone())
}
