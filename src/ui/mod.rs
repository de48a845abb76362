//! Everything that is drawn. Reads the wizard by shared reference and changes nothing of it.
//!
//! - `theme`: styles by meaning, signs · `text`: cut and wrapped by width · `layout`: where things stand
//! - `view_state`: scroll offsets, which only the layout knows
//! - `widgets`: what screens are made of · `screens`: one file a screen, named as in `wizard` · `dialogs`
//!
//! Foreign text reaches the screen through `Theme` alone, which makes it safe.

mod dialogs;
mod layout;
mod screens;
#[cfg(test)]
mod tests;
mod text;
mod theme;
mod view_state;
mod widgets;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

pub use theme::Theme;
pub use view_state::ViewState;

use crate::wizard::Wizard;
use layout::{Frames, SMALLEST};
use widgets::document::Document;
use widgets::{footer, header, path};

/// Draws the wizard.
pub fn draw(frame: &mut Frame<'_>, wizard: &Wizard, view: &mut ViewState, theme: &Theme) {
    let area = frame.area();
    let mut scene = Scene {
        frame,
        wizard,
        view,
        theme: *theme,
    };
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let (width, height) = SMALLEST;
        scene.text(
            area,
            &format!(
                "atlas-cmk needs {width}×{height}, this terminal is {}×{}",
                area.width, area.height
            ),
            theme.plain(),
        );
        return;
    }
    let heading = screens::heading(wizard);
    let why = scene.wrapped(&heading.why, area.width - 2, theme.muted());
    let keys = footer::lines(&scene, area.width - 2);
    let frames = Frames::of(area, height(&why).min(2), height(&keys));
    header::draw(&mut scene, frames.header);
    path::draw(&mut scene, frames.path);
    scene.text(frames.title, &heading.title, heading.style(*theme));
    scene.lines(frames.why, why);
    screens::draw(&mut scene, frames.content);
    notice(&mut scene, frames.notice);
    scene.lines(frames.footer, keys);
    dialogs::draw(&mut scene, area);
}

fn height(lines: &[Line<'_>]) -> u16 {
    u16::try_from(lines.len()).unwrap_or(u16::MAX)
}

fn notice(scene: &mut Scene<'_, '_>, area: Rect) {
    let theme = scene.theme;
    if let Some(notice) = &scene.wizard.notice {
        let line = scene.cut(notice, usize::from(area.width).saturating_sub(2));
        let sign = Span::styled(format!("{} ", theme.signs.marker), theme.accent());
        scene.line(area, &Line::from(vec![sign, Span::styled(line, theme.heading())]));
    }
}

/// What a drawing function needs: where to draw, what is true, what only the layout knows, how it looks.
struct Scene<'a, 'f> {
    frame: &'a mut Frame<'f>,
    wizard: &'a Wizard,
    view: &'a mut ViewState,
    theme: Theme,
}

impl Scene<'_, '_> {
    /// Returns any text as one line that fits into so many cells.
    fn cut(&self, text: &str, room: usize) -> String {
        text::cut(&self.theme.line(text), room, self.theme.signs.ellipsis).into_owned()
    }

    /// Returns any text as lines of so many cells at most.
    fn wrapped(&self, text: &str, width: u16, style: Style) -> Vec<Line<'static>> {
        let text = self.theme.block(text);
        let lines = text.lines().flat_map(|line| text::wrap(line, width.into()));
        lines.map(|line| Line::styled(line, style)).collect()
    }

    /// Draws any text on the first line of an area.
    fn text(&mut self, area: Rect, text: &str, style: Style) {
        let line = self.cut(text, area.width.into());
        self.line(area, &Line::styled(line, style));
    }

    /// Draws any text at the right end of the first line of an area.
    fn text_right(&mut self, area: Rect, text: &str, style: Style) {
        let text = self.cut(text, area.width.into());
        let width = u16::try_from(text::width(&text)).unwrap_or(area.width);
        let (_, right) = layout::left(area, area.width.saturating_sub(width));
        self.line(right, &Line::styled(text, style));
    }

    /// Returns an empty document for a width.
    fn document(&self, width: u16) -> Document {
        Document::new(self.theme, width)
    }

    /// Draws a safe line on the first line of an area.
    fn line(&mut self, area: Rect, line: &Line<'_>) {
        if !area.is_empty() {
            self.frame.buffer_mut().set_line(area.x, area.y, line, area.width);
        }
    }

    /// Draws safe lines from the top of an area, as many as fit.
    fn lines(&mut self, area: Rect, lines: impl IntoIterator<Item = Line<'static>>) {
        for (row, line) in area.rows().zip(lines) {
            self.line(row, &line);
        }
    }
}
