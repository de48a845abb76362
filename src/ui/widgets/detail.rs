//! What is told of the selected row: a form where there is one, and a text that is scrolled.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::field::{self, Entry};
use super::list::List;
use super::marks;
use crate::ui::layout::Split;
use crate::ui::{Scene, layout};
use crate::wizard::Context;

/// What is told.
#[derive(Default)]
pub(in crate::ui) struct Detail<'a> {
    pub(in crate::ui) form: Vec<Entry<'a>>,
    pub(in crate::ui) lines: Vec<Line<'static>>,
    /// How far the text is scrolled.
    pub(in crate::ui) offset: u16,
}

/// Draws a list and what is told of its selected row, as they are split.
pub(in crate::ui) fn draw(scene: &mut Scene<'_, '_>, split: &Split, list: &List<'_>, detail: Detail<'_>) {
    let form = field::height(scene, &detail.form, split.detail_width());
    let gap = u16::from(form > 0 && !detail.lines.is_empty());
    let told = usize::from(form + gap) + detail.lines.len();
    let (left, between, right) = split.areas(list.lines(), told);
    list.draw(scene, left);
    if split.is_wide() {
        for row in layout::inset(between, 1).rows() {
            scene.text(row, scene.theme.signs.down, scene.theme.muted());
        }
    } else {
        rule(scene, between);
    }
    let (top, rest) = layout::top(right, form);
    field::draw(scene, top, &detail.form);
    let (_, rest) = layout::top(rest, gap);
    if split.is_wide() {
        scrolled(scene, rest, None, detail.lines, detail.offset);
    } else {
        scrolled(scene, rest, Some(between), detail.lines, detail.offset);
    }
}

/// Draws a line across.
pub(in crate::ui) fn rule(scene: &mut Scene<'_, '_>, area: Rect) {
    let across = scene.theme.signs.across.repeat(area.width.into());
    scene.line(area, &Line::styled(across, scene.theme.muted()));
}

/// Draws a text from its scroll offset on, and tells the wizard how far it can be scrolled. Where it doesn't fit, how
/// much is left stands at the end of the line given, else on a line of its own under the text.
pub(in crate::ui) fn scrolled(
    scene: &mut Scene<'_, '_>,
    area: Rect,
    mark: Option<Rect>,
    lines: Vec<Line<'static>>,
    offset: u16,
) {
    if area.is_empty() {
        scene.view.scroll(scene.wizard.current, 0, 0, 0);
        return;
    }
    let overflows = lines.len() > area.height.into();
    let (body, under) = layout::bottom(area, u16::from(overflows && mark.is_none()));
    let first = scene
        .view
        .scroll(scene.wizard.current, offset, lines.len(), body.height);
    let below = lines.len().saturating_sub(first + usize::from(body.height));
    if overflows {
        // A field that takes the keys would take these too.
        let takes_letters = matches!(scene.wizard.context(), Context::Field | Context::Filter);
        let (up, down) = if takes_letters { ("", "") } else { (", K", ", J") };
        let text = marks(scene.theme, (first, up), (below, down));
        let line = mark.unwrap_or(under);
        let text = if mark.is_some() { format!(" {text} ") } else { text };
        scene.text_right(line, &text, scene.theme.accent());
    }
    scene.lines(body, lines.into_iter().skip(first));
}
