//! The keys that work now, out of the wizard's key table.

use ratatui::text::{Line, Span};

use crate::ui::{Scene, text};
use crate::wizard::{Action, KeyBinding};

const GAP: usize = 3;
const MOST_LINES: usize = 2;

/// Returns the footer for a screen; empty while a dialog shows its own keys.
pub(in crate::ui) fn lines(scene: &Scene<'_, '_>, width: u16) -> Vec<Line<'static>> {
    if scene.wizard.dialog.is_some() {
        return vec![Line::default()];
    }
    keys(scene, width)
}

/// Returns keys with what they do, on as few lines as they need, at most two. Where there are too many, the help shows
/// those that come last; the help's own key and the one that leaves always stand here.
pub(in crate::ui) fn keys(scene: &Scene<'_, '_>, width: u16) -> Vec<Line<'static>> {
    let mut bindings = scene.wizard.footer();
    loop {
        let lines = laid_out(scene, &bindings, width);
        let dispensable = |binding: &&KeyBinding| !matches!(binding.action, Action::Help | Action::Leave | Action::On);
        match bindings.iter().rposition(dispensable) {
            Some(last) if lines.len() > MOST_LINES => drop(bindings.remove(last)),
            _ => return lines.into_iter().take(MOST_LINES).collect(),
        }
    }
}

fn laid_out(scene: &Scene<'_, '_>, bindings: &[&KeyBinding], width: u16) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let room = usize::from(width);
    let mut lines: Vec<Vec<Span<'static>>> = vec![Vec::new()];
    let mut used = 0;
    for KeyBinding { shown, label, .. } in bindings {
        let (shown, label) = (theme.line(shown).into_owned(), theme.line(label).into_owned());
        let wanted = text::width(&shown) + 1 + text::width(&label);
        if used > 0 && used + GAP + wanted > room {
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
