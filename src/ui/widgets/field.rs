//! Forms: fields in which text is typed, and switches.

use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use crate::ui::{Scene, layout, text};
use crate::wizard::field::Field;

/// One line of a form.
pub(in crate::ui) struct Entry<'a> {
    pub(in crate::ui) label: &'static str,
    pub(in crate::ui) value: Value<'a>,
    pub(in crate::ui) has_focus: bool,
    /// What is to be known of it.
    note: Option<String>,
}

/// What a line of a form holds.
pub(in crate::ui) enum Value<'a> {
    /// A text, and what is said where there is none.
    Text(&'a Field, &'static str),
    /// A switch, and what it means.
    Switch(bool, &'static str),
}

impl<'a> Entry<'a> {
    /// Returns a field.
    pub(in crate::ui) fn text(label: &'static str, field: &'a Field, empty: &'static str, has_focus: bool) -> Self {
        Self {
            label,
            value: Value::Text(field, empty),
            has_focus,
            note: None,
        }
    }

    /// Returns a switch.
    pub(in crate::ui) fn switch(label: &'static str, on: bool, means: &'static str, has_focus: bool) -> Self {
        Self {
            label,
            value: Value::Switch(on, means),
            has_focus,
            note: None,
        }
    }

    /// Says what is to be known of it, under it.
    pub(in crate::ui) fn noted(self, note: Option<String>) -> Self {
        Self { note, ..self }
    }

    /// Returns what stands under it: what is wrong with it, else what is to be known.
    fn under(&self, scene: &Scene<'_, '_>, width: u16) -> Vec<Line<'static>> {
        let theme = scene.theme;
        let error = match self.value {
            Value::Text(field, _) => field.error.as_ref(),
            Value::Switch(..) => None,
        };
        if let Some(error) = error {
            let text = format!("{} {error}", theme.signs.failed);
            return scene.wrapped(&text, width, theme.failed());
        }
        let note = self.note.as_ref();
        note.map(|note| scene.wrapped(&format!("{} {note}", theme.signs.warning), width, theme.warning()))
            .unwrap_or_default()
    }
}

fn label_width(entries: &[Entry<'_>]) -> u16 {
    let widest = entries.iter().map(|entry| entry.label.len()).max().unwrap_or(0);
    u16::try_from(widest).unwrap_or(0) + 4
}

/// Returns how many lines a form takes.
pub(in crate::ui) fn height(scene: &Scene<'_, '_>, entries: &[Entry<'_>], width: u16) -> u16 {
    let room = width.saturating_sub(label_width(entries)).max(1);
    let lines: usize = entries.iter().map(|entry| 1 + entry.under(scene, room).len()).sum();
    u16::try_from(lines).unwrap_or(u16::MAX)
}

/// Draws a form. Where it doesn't fit, the line that has the focus is shown with those before it.
pub(in crate::ui) fn draw(scene: &mut Scene<'_, '_>, area: Rect, entries: &[Entry<'_>]) {
    let label = label_width(entries);
    let room = area.width.saturating_sub(label).max(1);
    let heights: Vec<usize> = entries.iter().map(|entry| 1 + entry.under(scene, room).len()).collect();
    let focused = entries.iter().position(|entry| entry.has_focus).unwrap_or(0);
    let mut first = 0;
    while first < focused && heights.iter().take(focused + 1).skip(first).sum::<usize>() > area.height.into() {
        first += 1;
    }
    let mut rest = area;
    for entry in entries.iter().skip(first) {
        let (row, below) = layout::top(rest, 1);
        draw_entry(scene, row, label, entry);
        let said = entry.under(scene, room);
        let (under, below) = layout::top(below, u16::try_from(said.len()).unwrap_or(u16::MAX));
        scene.lines(layout::left(under, label).1, said);
        rest = below;
    }
}

fn draw_entry(scene: &mut Scene<'_, '_>, row: Rect, label: u16, entry: &Entry<'_>) {
    let theme = scene.theme;
    let (left, value) = layout::left(row, label);
    let marker = if entry.has_focus { theme.signs.marker } else { " " };
    let style = if entry.has_focus { theme.key() } else { theme.muted() };
    scene.text(left, &format!("{marker} {}", entry.label), style);
    match entry.value {
        Value::Text(field, empty) => draw_text(scene, value, field, empty, entry.has_focus),
        Value::Switch(on, means) => {
            let switch = if on { "[x]" } else { "[ ]" };
            let style = if entry.has_focus {
                theme.selected()
            } else {
                theme.plain()
            };
            scene.text(value, switch, style);
            scene.text(layout::left(value, 4).1, means, theme.muted());
        }
    }
}

/// Draws a field's text; with the focus the terminal's cursor stands in it, and the text is moved so that it's seen.
pub(in crate::ui) fn draw_text(scene: &mut Scene<'_, '_>, area: Rect, field: &Field, empty: &str, has_focus: bool) {
    let theme = scene.theme;
    if area.is_empty() {
        return;
    }
    let hidden = field
        .is_secret()
        .then(|| "*".repeat(field.input.value().chars().count()));
    let value = hidden.as_deref().unwrap_or(field.input.value());
    if !has_focus {
        if value.is_empty() {
            scene.text(area, empty, theme.muted());
        } else {
            scene.text(area, value, theme.plain());
        }
        return;
    }
    let at = value
        .char_indices()
        .nth(field.input.cursor())
        .map_or(value.len(), |(at, _)| at);
    let (before, after) = value.split_at(at);
    let before = theme.line(before).into_owned();
    let whole = format!("{before}{}", theme.line(after));
    let room = usize::from(area.width);
    let shown = text::without_start(&whole, (text::width(&before) + 1).saturating_sub(room));
    let column = text::width(&before).saturating_sub(text::width(&whole) - text::width(shown));
    scene.line(area, &Line::raw(text::split(shown, room).0.to_owned()));
    if value.is_empty() {
        scene.text(layout::left(area, 1).1, empty, theme.muted());
    }
    scene.frame.buffer_mut().set_style(area, theme.field());
    let column = u16::try_from(column).unwrap_or(0).min(area.width - 1);
    scene.frame.set_cursor_position(Position::new(area.x + column, area.y));
}
