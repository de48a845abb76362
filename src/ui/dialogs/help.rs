//! Help: all keys of the screen, and what the signs mean.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::ui::widgets::{footer, marks, popup};
use crate::ui::{Scene, height, layout, text};

/// Cells for the keys, with the space after them.
const KEYS: usize = 14;

pub(super) fn draw(scene: &mut Scene<'_, '_>, screen: Rect, width: u16, offset: u16) {
    let lines = lines(scene);
    let keys = footer::keys(scene, width);
    let title = format!("Keys of {}", scene.wizard.current.title());
    let area = popup::draw(scene, screen, &title, width, height(&lines) + height(&keys) + 1);
    let (body, rest) = layout::bottom(area, height(&keys) + 1);
    let first = scene.view.scroll_help(offset, lines.len(), body.height);
    let below = lines.len().saturating_sub(first + usize::from(body.height));
    scene.lines(body, lines.into_iter().skip(first));
    let (mark, rest) = layout::top(rest, 1);
    let marks = marks(scene.theme, (first, ""), (below, ""));
    scene.text_right(mark, &marks, scene.theme.accent());
    scene.lines(rest, keys);
}

fn lines(scene: &Scene<'_, '_>) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let signs = theme.signs;
    let mut lines = Vec::new();
    for key in scene.wizard.help() {
        let shown = theme.line(key.shown).into_owned();
        let pad = " ".repeat(KEYS.saturating_sub(text::width(&shown)).max(1));
        let label = theme.line(key.label).into_owned();
        lines.push(Line::from(vec![
            Span::styled(shown, theme.key()),
            Span::raw(pad),
            Span::raw(label),
        ]));
    }
    lines.push(Line::default());
    let meanings = [
        (signs.passed, theme.passed(), "passed, done"),
        (signs.failed, theme.failed(), "failed"),
        (signs.warning, theme.warning(), "warning"),
        (signs.unknown, theme.unknown(), "unknown"),
        (signs.skipped, theme.muted(), "left out"),
    ];
    let mut spans = Vec::new();
    for (sign, style, meaning) in meanings {
        spans.push(Span::styled(sign, style));
        spans.push(Span::raw(format!(" {meaning}   ")));
    }
    lines.push(Line::from(spans));
    lines
}
