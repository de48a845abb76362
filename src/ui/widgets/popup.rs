//! A box over the screen; what is under it steps back.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget as _};

use crate::ui::{Scene, layout, text};

/// Draws the box for a content of a size and returns where the content goes.
pub(in crate::ui) fn draw(scene: &mut Scene<'_, '_>, screen: Rect, title: &str, width: u16, height: u16) -> Rect {
    let theme = scene.theme;
    let (across, down, corners) = (theme.signs.across, theme.signs.down, theme.signs.corners);
    let backdrop = Style::reset().add_modifier(Modifier::DIM);
    scene.frame.buffer_mut().set_style(screen, backdrop);
    let area = layout::centered(layout::inset(screen, 2), width + 6, height + 4);
    Clear.render(area, scene.frame.buffer_mut());
    let room = usize::from(area.width).saturating_sub(2);
    let title = scene.cut(title, room.saturating_sub(4));
    let rest = room.saturating_sub(text::width(&title) + 3);
    let style = theme.accent();
    let edge = |left: &str, right: &str| Line::styled(format!("{left}{}{right}", across.repeat(room)), style);
    for row in area.rows() {
        let line = if row.y == area.y {
            Line::from(vec![
                Span::styled(format!("{}{across} ", corners[0]), style),
                Span::styled(title.clone(), theme.heading()),
                Span::styled(format!(" {}{}", across.repeat(rest), corners[1]), style),
            ])
        } else if row.y + 1 == area.bottom() {
            edge(corners[2], corners[3])
        } else {
            Line::from(vec![
                Span::styled(down, style),
                Span::raw(" ".repeat(room)),
                Span::styled(down, style),
            ])
        };
        scene.line(row, &line);
    }
    let inner = layout::inset(area, 3);
    let (_, inner) = layout::top(inner, 2);
    layout::bottom(inner, 2).0
}
