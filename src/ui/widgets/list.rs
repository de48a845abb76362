//! Lists: a head that counts, columns that give way where there is no room, the cursor's row, what is above and below.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{field, marks};
use crate::ui::view_state::ListId;
use crate::ui::{Scene, layout, text};
use crate::wizard::Context;
use crate::wizard::list::{Filter, Rows};

/// Cells before a row: the cursor's marker and a space.
const MARKER: usize = 2;
/// Cells between columns.
const GAP: usize = 2;

/// A text and how it looks.
pub(in crate::ui) type Cell = (String, Style);

/// A column.
#[derive(Clone, Copy, Debug)]
pub(in crate::ui) struct Column {
    pub(in crate::ui) title: &'static str,
    /// Cells under which it isn't cut any further.
    least: usize,
    /// Which column gives way first where there is no room: the one with the highest rank; 0 always stays.
    rank: u8,
}

impl Column {
    /// Returns a column that always stays.
    pub(in crate::ui) const fn new(title: &'static str, least: usize) -> Self {
        Self { title, least, rank: 0 }
    }

    /// Returns a column that gives way where there is no room.
    pub(in crate::ui) const fn giving_way(self, rank: u8) -> Self {
        Self { rank, ..self }
    }
}

/// A list.
pub(in crate::ui) struct List<'a> {
    id: ListId,
    title: Line<'static>,
    columns: &'static [Column],
    rows: Vec<Vec<Cell>>,
    selected: usize,
    has_focus: bool,
    filter: Option<&'a Filter>,
    note: Vec<Line<'static>>,
}

impl<'a> List<'a> {
    /// Returns a list that takes the keys. `title`: what is listed, with counts; empty: the titles of the columns are the
    /// head.
    pub(in crate::ui) fn of<R>(
        id: ListId,
        title: Line<'static>,
        columns: &'static [Column],
        found: &Rows<R>,
        cells: impl FnMut(&R) -> Vec<Cell>,
    ) -> Self {
        Self {
            id,
            title,
            columns,
            rows: found.rows.iter().map(cells).collect(),
            selected: found.selected,
            has_focus: true,
            filter: None,
            note: Vec::new(),
        }
    }

    /// Returns the same, where something else may take the keys.
    pub(in crate::ui) fn focused(self, has_focus: bool) -> Self {
        Self { has_focus, ..self }
    }

    /// Returns the same with what leaves rows out.
    pub(in crate::ui) fn filtered(self, filter: &'a Filter) -> Self {
        Self {
            filter: Some(filter),
            ..self
        }
    }

    /// Returns the same with what is said under the rows: that more are being read, or why there are none.
    pub(in crate::ui) fn noted(self, note: Vec<Line<'static>>) -> Self {
        Self { note, ..self }
    }

    fn shows_filter(&self) -> bool {
        self.filter.is_some_and(|filter| filter.open || filter.is_active())
    }

    fn has_titles(&self) -> bool {
        !self.rows.is_empty() && self.columns.iter().any(|column| !column.title.is_empty())
    }

    /// Returns how many lines the list takes.
    pub(in crate::ui) fn lines(&self) -> usize {
        let head = usize::from(self.title.width() > 0) + usize::from(self.has_titles());
        head + usize::from(self.shows_filter()) + self.rows.len() + self.note_lines()
    }

    /// The note stands apart from the rows.
    fn note_lines(&self) -> usize {
        self.note.len() + usize::from(!self.rows.is_empty() && !self.note.is_empty())
    }

    /// Draws the list.
    pub(in crate::ui) fn draw(&self, scene: &mut Scene<'_, '_>, area: Rect) {
        let rows = &self.rows;
        let (head, rest) = layout::top(area, u16::from(self.title.width() > 0));
        scene.line(head, &self.title.clone());
        let (filter, rest) = layout::top(rest, u16::from(self.shows_filter()));
        self.draw_filter(scene, filter);
        // Where there is little room, rows are worth more than the columns' titles.
        let has_titles = self.has_titles() && (area.height > 4 || head.is_empty());
        let (titles, rest) = layout::top(rest, u16::from(has_titles));
        let noted = self.note_lines().min(usize::from(rest.height.div_ceil(2)));
        let height = usize::from(rest.height).saturating_sub(noted).min(rows.len());
        let (body, rest) = layout::top(rest, u16::try_from(height).unwrap_or(rest.height));

        let widths = self.widths(scene, usize::from(area.width).saturating_sub(MARKER));
        let named = self
            .columns
            .iter()
            .map(|column| (column.title.to_owned(), scene.theme.muted()));
        let line = line_of(scene, &named.collect::<Vec<_>>(), &widths, false);
        scene.line(titles, &line);
        let first = scene.view.first(self.id, self.selected, rows.len(), height);
        for (row, (nth, cells)) in body.rows().zip(rows.iter().enumerate().skip(first)) {
            let is_selected = nth == self.selected;
            let line = line_of(scene, cells, &widths, is_selected);
            scene.line(row, &line);
            if is_selected && self.has_focus {
                scene.frame.buffer_mut().set_style(row, scene.theme.selected());
            } else if is_selected {
                scene.frame.buffer_mut().set_style(row, scene.theme.left_selected());
            }
        }
        let below = rows.len().saturating_sub(first + height);
        let text = marks(scene.theme, (first, ""), (below, ""));
        let line = if head.is_empty() { titles } else { head };
        scene.text_right(line, &text, scene.theme.accent());
        let (_, rest) = layout::top(rest, u16::from(!rows.is_empty()));
        scene.lines(rest, self.note.iter().cloned());
    }

    fn draw_filter(&self, scene: &mut Scene<'_, '_>, area: Rect) {
        let Some(filter) = self.filter else { return };
        if area.is_empty() {
            return;
        }
        let (sign, rest) = layout::left(area, 8);
        scene.text(sign, "  filter", scene.theme.accent());
        let (_, rest) = layout::left(rest, 1);
        let takes_keys = self.has_focus && scene.wizard.context() == Context::Filter;
        field::draw_text(scene, rest, &filter.field, "type what is to be left", takes_keys);
    }

    /// Returns the cells across for each column; 0: it gives way.
    fn widths(&self, scene: &Scene<'_, '_>, room: usize) -> Vec<usize> {
        let natural: Vec<usize> = self
            .columns
            .iter()
            .enumerate()
            .map(|(nth, column)| {
                let cells = self.rows.iter().filter_map(|row| row.get(nth));
                let widest = cells
                    .map(|(text, _)| text::width(&scene.theme.line(text)))
                    .max()
                    .unwrap_or(0);
                if widest == 0 {
                    0
                } else {
                    widest.max(text::width(column.title))
                }
            })
            .collect();
        fit(self.columns, &natural, room)
    }
}

fn line_of(scene: &Scene<'_, '_>, cells: &[Cell], widths: &[usize], is_selected: bool) -> Line<'static> {
    let theme = scene.theme;
    let marker = if is_selected { theme.signs.marker } else { " " };
    let style = if is_selected { theme.accent() } else { theme.plain() };
    let mut spans = vec![Span::styled(format!("{marker} "), style)];
    let shown = cells.iter().zip(widths).filter(|(_, width)| **width > 0);
    for ((cell, style), width) in shown {
        let cut = scene.cut(cell, *width);
        let pad = width.saturating_sub(text::width(&cut)) + GAP;
        spans.push(Span::styled(cut, *style));
        spans.push(Span::raw(" ".repeat(pad)));
    }
    Line::from(spans)
}

/// Divides a room among columns: first those with the highest rank give way until the rest has its least width, then
/// each takes what it wants, the most important first.
fn fit(columns: &[Column], natural: &[usize], room: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = columns
        .iter()
        .zip(natural)
        .map(|(column, natural)| column.least.min(*natural))
        .collect();
    let taken = |widths: &[usize]| {
        let shown = widths.iter().filter(|width| **width > 0).count();
        widths.iter().sum::<usize>() + GAP * shown.saturating_sub(1)
    };
    let given_way = |columns: &[Column], widths: &[usize]| {
        let shown = columns
            .iter()
            .enumerate()
            .filter(|(nth, column)| column.rank > 0 && widths[*nth] > 0);
        shown.max_by_key(|(_, column)| column.rank).map(|(nth, _)| nth)
    };
    while taken(&widths) > room
        && let Some(nth) = given_way(columns, &widths)
    {
        widths[nth] = 0;
    }
    let mut order: Vec<usize> = (0..columns.len()).filter(|nth| widths[*nth] > 0).collect();
    order.sort_by_key(|nth| columns[*nth].rank);
    for nth in order {
        let left = room.saturating_sub(taken(&widths));
        widths[nth] += natural[nth].saturating_sub(widths[nth]).min(left);
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_give_way_by_rank_and_share_what_is_left() {
        let columns = [
            Column::new("a", 4),
            Column::new("b", 6).giving_way(2),
            Column::new("c", 3).giving_way(1),
        ];
        assert_eq!(fit(&columns, &[10, 10, 10], 40), [10, 10, 10]);
        assert_eq!(fit(&columns, &[10, 10, 10], 20), [7, 6, 3]);
        assert_eq!(fit(&columns, &[10, 10, 10], 16), [10, 0, 4]);
        assert_eq!(fit(&columns, &[10, 10, 10], 5), [5, 0, 0]);
        assert_eq!(
            fit(&columns, &[10, 0, 10], 22),
            [10, 0, 10],
            "an empty column takes no room"
        );
    }
}
