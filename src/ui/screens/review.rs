//! Review: the whole plan, each step with its exact request and difference; or why there is none.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::Heading;
use crate::plan::render::{step_detail, summary};
use crate::plan::{Plan, PlanDifference, Step, Undo};
use crate::ui::layout::Split;
use crate::ui::view_state::ListId;
use crate::ui::widgets::detail::{self, Detail};
use crate::ui::widgets::document::Document;
use crate::ui::widgets::list::{Cell, Column, List};
use crate::ui::widgets::{counted, difference, spinner};
use crate::ui::{Scene, Theme};
use crate::wizard::{Review, Wizard};

const COLUMNS: &[Column] = &[
    Column::new("", 2),
    Column::new("", 30),
    Column::new("", 14).giving_way(1),
];

const UNCHANGED: &str = "Nothing has been changed up to here.";

pub(super) fn heading(wizard: &Wizard) -> Heading {
    let (title, why, style): (_, _, fn(Theme) -> Style) = match wizard.review() {
        Review::Looking => (
            "Reading what the plan needs".to_owned(),
            UNCHANGED.to_owned(),
            Theme::heading,
        ),
        Review::Missing(what) => (
            format!("Not chosen yet: {}", what.join(", ")),
            format!("Esc goes back to choose. {UNCHANGED}"),
            Theme::warning,
        ),
        Review::Blocked { .. } => (
            "This has to be mended first".to_owned(),
            format!("Then look again with r. {UNCHANGED}"),
            Theme::failed,
        ),
        Review::NothingToDo(_) if wizard.failed_checks().next().is_some() => (
            "Nothing to do here, but not all is well".to_owned(),
            "No step of this program would mend what fails. Enter verifies what holds.".to_owned(),
            Theme::failed,
        ),
        Review::NothingToDo(_) => (
            "Nothing to do: all that is wanted holds already".to_owned(),
            "Enter verifies it and writes the report.".to_owned(),
            Theme::passed,
        ),
        Review::Ready(plan) if plan.is_way_back() => (
            "The key in use can't be used: clusters will stop".to_owned(),
            format!("Only the way back is offered. {UNCHANGED} Enter asks for the word."),
            Theme::failed,
        ),
        Review::Ready(plan) => (
            format!("The plan: {}", summary(plan)),
            format!("{UNCHANGED} Enter asks for the word that starts it."),
            Theme::heading,
        ),
    };
    Heading::new(title, why).styled(style)
}

pub(super) fn draw(scene: &mut Scene<'_, '_>, area: Rect) {
    let wizard = scene.wizard;
    let offset = wizard.screens.review.scroll.offset;
    match wizard.review() {
        Review::Ready(plan) => ready(scene, area, plan, offset),
        review => {
            let lines = unready(scene, &review, area.width);
            detail::scrolled(scene, area, None, lines, offset);
        }
    }
}

fn unready(scene: &Scene<'_, '_>, review: &Review<'_>, width: u16) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let mut document = scene.document(width);
    match review {
        Review::Looking => {
            let moving = spinner::picture(theme, scene.wizard.session.now);
            document.item(
                moving,
                theme.accent(),
                "The plan comes when all of it is read.",
                theme.plain(),
            );
        }
        Review::Missing(_) => {}
        Review::Blocked { checks, problems } => {
            for check in checks {
                document.space().check(check);
            }
            if scene.wizard.may_lack_rights() {
                let text = "w lets the AWS administrator do the AWS half: it is written out as documents and a script";
                document
                    .space()
                    .item(theme.signs.hint, theme.accent(), text, theme.plain());
            }
            for problem in *problems {
                document.space().problem(problem);
            }
        }
        Review::NothingToDo(plan) | Review::Ready(plan) => {
            for check in scene.wizard.failed_checks() {
                document.space().check(check);
            }
            handouts(&mut document, theme, plan);
            whole_plan(&mut document, theme, plan);
        }
    }
    document.into_lines()
}

fn ready(scene: &mut Scene<'_, '_>, area: Rect, plan: &Plan, offset: u16) {
    let theme = scene.theme;
    let wizard = scene.wizard;
    let Some(steps) = wizard.plan_rows() else { return };
    let split = Split::of(area, 42).for_reading();
    let mut document = scene.document(split.detail_width());
    if let Some(changes) = wizard.plan_difference() {
        changed(&mut document, theme, &changes);
    }
    if plan.is_way_back() {
        way_back(&mut document, theme, wizard, plan);
    }
    if let Some(step) = steps.current() {
        difference::add(&mut document, theme, &step_detail(plan, step));
    }
    handouts(&mut document, theme, plan);
    let mut note = scene.document(split.list_width());
    if plan.is_way_back() {
        // All of it stands first already.
    } else if split.is_wide() {
        whole_plan(&mut note, theme, plan);
    } else {
        whole_plan(&mut document, theme, plan);
    }
    let width = steps.total.to_string().len();
    let mut numbers = 1..;
    let list = List::of(
        ListId::Steps,
        counted(theme, "Steps", steps.rows.len(), steps.total),
        COLUMNS,
        &steps,
        |step| cells(theme, width, numbers.next().unwrap_or_default(), plan, step),
    )
    .noted(note.into_lines());
    detail::draw(
        scene,
        &split,
        &list,
        Detail {
            form: Vec::new(),
            lines: document.into_lines(),
            offset,
        },
    );
}

fn cells(theme: Theme, width: usize, number: usize, plan: &Plan, step: &Step) -> Vec<Cell> {
    let undo = match step.undo() {
        _ if plan.is_elsewhere(step) => ("administrator".to_owned(), theme.accent()),
        Undo::ByHand(_) | Undo::Nothing => (String::new(), theme.plain()),
        Undo::Never(_) => ("can't be undone".to_owned(), theme.danger()),
    };
    vec![
        (format!("{number:>width$}"), theme.muted()),
        (step.title(), theme.plain()),
        undo,
    ]
}

fn changed(document: &mut Document, theme: Theme, changes: &PlanDifference<'_>) {
    document.item(
        theme.signs.warning,
        theme.warning(),
        "The plan isn't the one that was confirmed:",
        theme.warning(),
    );
    if let Some((then, now)) = changes.account {
        let text = format!("AWS account {now} instead of {then}");
        document.item("~", theme.warning(), &text, theme.warning());
    }
    let others = changes.changed.iter().map(|(_, step)| *step).collect();
    for (sign, style, steps) in [
        ("+", theme.added(), &changes.added),
        ("-", theme.removed(), &changes.removed),
        ("~", theme.warning(), &others),
    ] {
        for step in steps {
            document.item(sign, style, &step.title(), style);
        }
    }
    if changes.reordered {
        document.item("~", theme.warning(), "The same steps in another order", theme.warning());
    }
    document.space();
}

/// Tells what happened to the key in use, until when it can be mended, and what to do in which order.
fn way_back(document: &mut Document, theme: Theme, wizard: &Wizard, plan: &Plan) {
    for note in &plan.notes {
        document.item(theme.signs.failed, theme.failed(), note, theme.failed());
    }
    document.heading("In this order");
    for (nth, step) in plan.steps.iter().enumerate() {
        document.paragraph(&format!("{}. {}", nth + 1, step.title()), theme.plain());
    }
    let others = wizard.failed_checks().filter(|check| check.id != "key-incident");
    for check in others {
        document.space().check(check);
    }
    document.space();
}

/// Tells what others are to do on their side, word for word.
fn handouts(document: &mut Document, theme: Theme, plan: &Plan) {
    for handout in &plan.handouts {
        document.heading(&handout.title);
        for line in handout.text.lines() {
            document.code(" ", line, theme.code());
        }
    }
}

/// Tells what belongs to the plan and to none of its steps.
fn whole_plan(document: &mut Document, theme: Theme, plan: &Plan) {
    if !plan.notes.is_empty() {
        document.heading("To keep in mind");
        for note in &plan.notes {
            document.item(theme.signs.warning, theme.warning(), note, theme.plain());
        }
    }
    if !plan.settled.is_empty() {
        document.heading("Looked at, nothing to do");
        for settled in &plan.settled {
            document.item(
                theme.signs.passed,
                theme.passed(),
                &format!("{}: {}", settled.what, settled.found),
                theme.plain(),
            );
        }
    }
}
