//! The way through the screens: what is done, where we are, what comes.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::ui::{Scene, Theme, layout, text};
use crate::wizard::{PathState, ScreenId};

pub(in crate::ui) fn draw(scene: &mut Scene<'_, '_>, area: Rect) {
    let theme = scene.theme;
    let (way, rule) = layout::top(area, 1);
    let path = scene.wizard.steps_path();
    let room = usize::from(area.width);
    // With all names and as much space between them as there is; else with the name of this screen alone.
    let whole = [3, 2, 1].into_iter().find_map(|gap| {
        let line = line(theme, &path, gap, |_| true);
        (line.width() <= room).then_some(line)
    });
    let line = whole.unwrap_or_else(|| line(theme, &path, 2, |state| state == PathState::Here));
    scene.line(way, &line);
    scene.line(rule, &Line::styled(theme.signs.across.repeat(room), theme.muted()));
}

fn line(
    theme: Theme,
    path: &[(ScreenId, PathState)],
    gap: usize,
    is_named: impl Fn(PathState) -> bool,
) -> Line<'static> {
    let mut spans = Vec::new();
    for (nth, (screen, state)) in path.iter().enumerate() {
        if nth > 0 {
            spans.push(Span::raw(" ".repeat(gap)));
        }
        let (sign, style) = look(theme, *state);
        let name = if is_named(*state) {
            format!("{sign} {}", screen.title())
        } else {
            sign.to_owned()
        };
        spans.push(Span::styled(name, style));
    }
    debug_assert!(
        spans.iter().all(|span| span.width() == text::width(&span.content)),
        "all of it is ours"
    );
    Line::from(spans)
}

fn look(theme: Theme, state: PathState) -> (&'static str, Style) {
    let signs = theme.signs;
    match state {
        PathState::Done => (signs.passed, theme.passed()),
        PathState::Here => (signs.here, theme.key()),
        PathState::ToCome => (signs.pending, theme.muted()),
        PathState::Skipped(_) => (signs.skipped, theme.muted()),
    }
}
