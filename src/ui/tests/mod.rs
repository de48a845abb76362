//! The screens drawn into a buffer: as text in reviewed snapshots, their styles by themselves, any size.

mod sizes;
mod snapshots;
mod states;
mod styles;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use super::{Theme, ViewState, draw, text};
use crate::wizard::fixture::Rig;

/// Returns the theme of a terminal with colours that speaks UTF-8, changed by these variables.
fn theme(variables: &[(&str, &str)]) -> Theme {
    let get = |name: &str| {
        let given = variables.iter().find(|(key, _)| *key == name);
        given
            .map(|(_, value)| (*value).to_owned())
            .or_else(|| (name == "LANG").then(|| "C.UTF-8".to_owned()))
    };
    Theme::of_environment(false, &get)
}

/// A wizard's state on a screen of a size.
struct Drawn {
    buffer: Buffer,
    cursor: Option<Position>,
}

impl Drawn {
    /// Draws a state until the wizard knows all that the layout tells it, as the event loop does.
    fn of(rig: &mut Rig, (columns, rows): (u16, u16), theme: Theme) -> Self {
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        let mut view = ViewState::default();
        let mut cursor_is_shown = false;
        for _ in 0..3 {
            terminal
                .draw(|frame| draw(frame, &rig.wizard, &mut view, &theme))
                .unwrap();
            cursor_is_shown = terminal.backend().cursor_visible();
            let Some(told) = view.take_drawn() else { break };
            rig.send(told);
        }
        Self {
            buffer: terminal.backend().buffer().clone(),
            cursor: cursor_is_shown.then(|| terminal.backend().cursor_position()),
        }
    }

    /// Returns the lines, without the space at their ends.
    fn lines(&self) -> Vec<String> {
        let area = self.buffer.area;
        let line = |y| {
            let mut line = String::new();
            let mut x = 0;
            while x < area.width {
                let symbol = self.buffer[(x, y)].symbol();
                line.push_str(symbol);
                // The cell under the second half of a wide character is none of its own.
                x += u16::try_from(text::width(symbol)).unwrap().max(1);
            }
            line.trim_end().to_owned()
        };
        (0..area.height).map(line).collect()
    }

    fn text(&self) -> String {
        self.lines().join("\n")
    }

    /// Returns where a text begins.
    fn find(&self, text: &str) -> Position {
        let lines = self.lines();
        let found = lines.iter().enumerate().find_map(|(y, line)| {
            let (before, _) = line.split_once(text)?;
            Some(Position::new(
                u16::try_from(before.chars().count()).unwrap(),
                u16::try_from(y).unwrap(),
            ))
        });
        found.unwrap_or_else(|| panic!("{text:?} isn't on the screen:\n{}", self.text()))
    }
}
