//! What screens are made of.

pub(super) mod detail;
pub(super) mod difference;
pub(super) mod document;
pub(super) mod field;
pub(super) mod footer;
pub(super) mod header;
pub(super) mod list;
pub(super) mod path;
pub(super) mod popup;
pub(super) mod spinner;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{Theme, text};
use crate::checklist::Status;
use list::Cell;

/// Returns the head of a list: what is listed, and how many of how many are left by the filter.
pub(super) fn counted(theme: Theme, what: &str, shown: usize, total: usize) -> Line<'static> {
    let count = if shown == total {
        text::number(total)
    } else {
        format!("{} of {}", text::number(shown), text::number(total))
    };
    titled(theme, what, &count)
}

/// Returns the head of a list with what is said beside it.
pub(super) fn titled(theme: Theme, what: &str, beside: &str) -> Line<'static> {
    let beside = theme.line(beside).into_owned();
    Line::from(vec![
        Span::styled(what.to_owned(), theme.heading()),
        Span::styled(format!("  {beside}"), theme.muted()),
    ])
}

/// Returns how much is above and below what is shown, each with the key that leads there.
pub(super) fn marks(theme: Theme, above: (usize, &str), below: (usize, &str)) -> String {
    let signs = theme.signs;
    let parts = [(signs.above, above, "above"), (signs.below, below, "below")];
    let shown = parts.into_iter().filter(|(_, (number, _), _)| *number > 0);
    let shown = shown.map(|(sign, (number, key), place)| format!("{sign} {} {place}{key}", text::number(number)));
    shown.collect::<Vec<_>>().join("  ")
}

/// Returns how a prerequisite stands, as a sign and its style.
pub(super) fn judged(theme: Theme, status: Status) -> (&'static str, Style) {
    let signs = theme.signs;
    match status {
        Status::Passed => (signs.passed, theme.passed()),
        Status::Failed => (signs.failed, theme.failed()),
        Status::Warning => (signs.warning, theme.warning()),
        Status::Unknown => (signs.unknown, theme.unknown()),
    }
}

/// Returns whether a row is the chosen one of its list, as a sign.
pub(super) fn choice(theme: Theme, chosen: bool) -> Cell {
    if chosen {
        (format!("({})", theme.signs.dot), theme.passed())
    } else {
        ("( )".to_owned(), theme.muted())
    }
}
