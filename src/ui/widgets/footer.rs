//! The keys that work now, out of the wizard's key table.

use ratatui::text::{Line, Span};

use crate::ui::{Scene, text};
use crate::wizard::KeyBinding;

const GAP: usize = 3;
const MOST_LINES: usize = 2;

/// Returns the footer for a screen; empty while a dialog shows its own keys.
pub(in crate::ui) fn lines(scene: &Scene<'_, '_>, width: u16) -> Vec<Line<'static>> {
    if scene.wizard.dialog.is_some() {
        return vec![Line::default()];
    }
    keys(scene, width)
}

/// Returns keys with what they do, on as few lines as they need, at most two.
pub(in crate::ui) fn keys(scene: &Scene<'_, '_>, width: u16) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let room = usize::from(width);
    let mut lines: Vec<Vec<Span<'static>>> = vec![Vec::new()];
    let mut used = 0;
    for KeyBinding { shown, label, .. } in scene.wizard.footer() {
        let (shown, label) = (theme.line(shown).into_owned(), theme.line(label).into_owned());
        let wanted = text::width(&shown) + 1 + text::width(&label);
        let gap = if used == 0 { 0 } else { GAP };
        if used + gap + wanted > room && used > 0 {
            if lines.len() == MOST_LINES {
                break;
            }
            lines.push(Vec::new());
            used = 0;
        }
        let Some(line) = lines.last_mut() else { break };
        if used > 0 {
            line.push(Span::raw(" ".repeat(GAP)));
            used += GAP;
        }
        line.push(Span::styled(shown, theme.key()));
        line.push(Span::raw(format!(" {label}")));
        used += wanted;
    }
    lines.into_iter().map(Line::from).collect()
}
