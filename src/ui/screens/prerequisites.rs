//! Prerequisites: one row a check, and the selected one told in full.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::Heading;
use crate::checklist::{Check, Status};
use crate::ui::layout::Split;
use crate::ui::view_state::ListId;
use crate::ui::widgets::detail::{self, Detail};
use crate::ui::widgets::judged;
use crate::ui::widgets::list::{Column, List};
use crate::ui::{Scene, Theme};
use crate::wizard::Wizard;

const COLUMNS: &[Column] = &[
    Column::new("state", 9),
    Column::new("prerequisite", 17),
    Column::new("found", 12).giving_way(1),
];

pub(super) fn heading(wizard: &Wizard) -> Heading {
    let checks = wizard.checks();
    let number = |status| checks.iter().filter(|check| check.status == status).count();
    let counts = [Status::Failed, Status::Warning, Status::Unknown, Status::Passed]
        .into_iter()
        .filter(|status| number(*status) > 0)
        .map(|status| format!("{} {}", number(status), word(status, number(status))));
    let counts: Vec<_> = counts.collect();
    let (verdict, style): (_, fn(Theme) -> Style) = if number(Status::Failed) > 0 {
        ("Something has to be mended", Theme::failed)
    } else if number(Status::Unknown) > 0 {
        ("Nothing fails so far", Theme::heading)
    } else {
        ("All prerequisites hold", Theme::passed)
    };
    Heading::new(
        format!("{verdict}: {}", counts.join(", ")),
        "What isn't known yet follows from the next choices; the list keeps up.",
    )
    .styled(style)
}

pub(super) fn draw(scene: &mut Scene<'_, '_>, area: Rect) {
    let theme = scene.theme;
    let wizard = scene.wizard;
    let checks = wizard.check_rows();
    let split = Split::of(area, 48);
    let lines = checks
        .current()
        .map(|check| told(scene, check, split.detail_width()))
        .unwrap_or_default();
    let list = List::of(ListId::Checks, Line::default(), COLUMNS, &checks, |check| {
        let (sign, style) = judged(theme, check.status);
        let state = format!("{sign} {}", word(check.status, 1));
        vec![
            (state, style),
            (check.id.to_owned(), theme.plain()),
            (check.found.clone(), theme.muted()),
        ]
    });
    let detail = Detail {
        form: Vec::new(),
        lines,
        offset: wizard.screens.prerequisites.scroll.offset,
    };
    detail::draw(scene, &split, &list, detail);
}

fn told(scene: &Scene<'_, '_>, check: &Check, width: u16) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let (sign, style) = judged(theme, check.status);
    let mut document = scene.document(width);
    document.paragraph(
        &format!("{sign} {}: {}", check.id, word(check.status, 1)),
        style.patch(theme.heading()),
    );
    document.value("Found", &check.found, theme.plain());
    if !check.fix.is_empty() {
        document.value("To do", &check.fix, theme.accent());
    }
    document.value("Why", check.why, theme.plain());
    document.value("Needed for", check.blocks, theme.plain());
    document.into_lines()
}

fn word(status: Status, number: usize) -> &'static str {
    match status {
        Status::Passed => "passed",
        Status::Failed => "failed",
        Status::Warning if number == 1 => "warning",
        Status::Warning => "warnings",
        Status::Unknown => "unknown",
    }
}
