//! Styles by meaning and signs, chosen once from the environment.

use std::borrow::Cow;

use ratatui::style::{Color, Modifier, Style};

use crate::domain::text::{safe_block, safe_line};

/// Colours or none, and the signs that the terminal can show.
///
/// Colours are the 16 named ones over the terminal's own foreground and background, so that the operator's palette
/// decides how they look. Nothing is told by colour alone: a sign or a word stands beside each.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    has_color: bool,
    /// The signs.
    pub(super) signs: &'static Signs,
}

/// The signs of the screen, each one cell wide but for the ellipsis.
#[derive(Debug)]
pub(super) struct Signs {
    is_ascii: bool,
    pub(super) passed: &'static str,
    pub(super) failed: &'static str,
    pub(super) warning: &'static str,
    pub(super) unknown: &'static str,
    pub(super) pending: &'static str,
    pub(super) here: &'static str,
    pub(super) skipped: &'static str,
    pub(super) marker: &'static str,
    pub(super) dot: &'static str,
    pub(super) hint: &'static str,
    pub(super) above: &'static str,
    pub(super) below: &'static str,
    pub(super) ellipsis: &'static str,
    pub(super) across: &'static str,
    pub(super) down: &'static str,
    /// Corners of a popup: top left, top right, bottom left, bottom right.
    pub(super) corners: [&'static str; 4],
    pub(super) full: &'static str,
    pub(super) empty: &'static str,
    /// The pictures of the spinner.
    pub(super) spinner: &'static [&'static str],
}

const UNICODE: Signs = Signs {
    is_ascii: false,
    passed: "✓",
    failed: "✗",
    warning: "!",
    unknown: "?",
    pending: "·",
    here: "●",
    skipped: "–",
    marker: "▸",
    dot: "•",
    hint: "→",
    above: "↑",
    below: "↓",
    ellipsis: "…",
    across: "─",
    down: "│",
    corners: ["╭", "╮", "╰", "╯"],
    full: "█",
    empty: "░",
    spinner: &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
};

const ASCII: Signs = Signs {
    is_ascii: true,
    passed: "+",
    failed: "x",
    warning: "!",
    unknown: "?",
    pending: ".",
    here: "o",
    skipped: "-",
    marker: ">",
    dot: "*",
    hint: ">",
    above: "^",
    below: "v",
    ellipsis: "...",
    across: "-",
    down: "|",
    corners: ["+", "+", "+", "+"],
    full: "#",
    empty: ".",
    spinner: &["|", "/", "-", "\\"],
};

#[expect(
    clippy::unused_self,
    reason = "every style is asked of the theme, also one that no colour changes"
)]
impl Theme {
    /// Returns the theme for a terminal: `get` reads environment variables.
    ///
    /// `NO_COLOR` (not empty), `TERM=dumb` or the option switch colours off. The first of `LC_ALL`, `LC_CTYPE` and
    /// `LANG` that isn't empty decides whether the terminal speaks UTF-8.
    pub fn of_environment(no_color: bool, get: &dyn Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| get(name).filter(|value| !value.is_empty());
        let is_dumb = get("TERM").is_some_and(|term| term == "dumb");
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(get)
            .unwrap_or_default();
        let locale = locale.to_ascii_lowercase();
        let speaks_utf8 = locale.contains("utf-8") || locale.contains("utf8");
        Self {
            has_color: !(no_color || is_dumb || get("NO_COLOR").is_some()),
            signs: if speaks_utf8 && !is_dumb { &UNICODE } else { &ASCII },
        }
    }

    fn colored(self, color: Color) -> Style {
        if self.has_color {
            Style::new().fg(color)
        } else {
            Style::new()
        }
    }

    /// Ordinary text.
    pub(super) fn plain(self) -> Style {
        Style::new()
    }

    /// What holds, what is done.
    pub(super) fn passed(self) -> Style {
        self.colored(Color::Green)
    }

    /// What doesn't hold, what went wrong.
    pub(super) fn failed(self) -> Style {
        self.colored(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// What deserves a look.
    pub(super) fn warning(self) -> Style {
        self.colored(Color::Yellow)
    }

    /// What isn't known.
    pub(super) fn unknown(self) -> Style {
        self.colored(Color::Magenta)
    }

    /// Titles.
    pub(super) fn heading(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What stands back. Dimmed, not grey: grey is the background in some palettes.
    pub(super) fn muted(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// Where the operator is, and what moves.
    pub(super) fn accent(self) -> Style {
        self.colored(Color::Cyan)
    }

    /// The row that the cursor is on.
    pub(super) fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The row of the cursor while something else takes the keys.
    pub(super) fn left_selected(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// A key that can be pressed.
    pub(super) fn key(self) -> Style {
        self.accent().add_modifier(Modifier::BOLD)
    }

    /// A line that is added.
    pub(super) fn added(self) -> Style {
        self.colored(Color::Green)
    }

    /// A line that is removed.
    pub(super) fn removed(self) -> Style {
        self.colored(Color::Red)
    }

    /// Documents, IDs and ARNs.
    pub(super) fn code(self) -> Style {
        Style::new()
    }

    /// What can't be taken back.
    pub(super) fn danger(self) -> Style {
        self.colored(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// That nothing here is real.
    pub(super) fn demo(self) -> Style {
        self.colored(Color::Magenta)
            .add_modifier(Modifier::BOLD | Modifier::REVERSED)
    }

    /// A field in which text is typed.
    pub(super) fn field(self) -> Style {
        Style::new().add_modifier(Modifier::UNDERLINED)
    }

    /// Returns a text as one line that is safe to show and that the terminal can show.
    pub(super) fn line(self, text: &str) -> Cow<'_, str> {
        self.spoken(safe_line(text))
    }

    /// Returns a text of several lines that is safe to show and that the terminal can show.
    pub(super) fn block(self, text: &str) -> Cow<'_, str> {
        self.spoken(safe_block(text))
    }

    /// Without UTF-8 a typographic sign becomes its plain form and any other character its code.
    fn spoken(self, text: Cow<'_, str>) -> Cow<'_, str> {
        if !self.signs.is_ascii || text.is_ascii() {
            return text;
        }
        let mut plain = String::with_capacity(text.len() + 8);
        for c in text.chars() {
            match c {
                '…' => plain.push_str("..."),
                '→' => plain.push_str("->"),
                '↑' => plain.push_str("Up"),
                '↓' => plain.push_str("Down"),
                '·' | '–' | '—' => plain.push('-'),
                '«' | '»' | '“' | '”' => plain.push('"'),
                '‘' | '’' => plain.push('\''),
                c if c.is_ascii() => plain.push(c),
                c => plain.extend(c.escape_unicode()),
            }
        }
        Cow::Owned(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theme(no_color: bool, variables: &[(&str, &str)]) -> Theme {
        let get = |name: &str| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Theme::of_environment(no_color, &get)
    }

    #[test]
    fn colours_are_off_when_anyone_says_so() {
        assert!(theme(false, &[("TERM", "xterm")]).has_color);
        assert!(
            theme(false, &[("NO_COLOR", "")]).has_color,
            "an empty variable counts as unset"
        );
        assert!(!theme(false, &[("NO_COLOR", "1")]).has_color);
        assert!(!theme(false, &[("TERM", "dumb")]).has_color);
        assert!(!theme(true, &[]).has_color);
    }

    #[test]
    fn the_first_locale_that_is_set_decides() {
        let is_ascii = |variables: &[(&str, &str)]| theme(false, variables).signs.is_ascii;
        assert!(is_ascii(&[]));
        assert!(!is_ascii(&[("LANG", "en_US.UTF-8")]));
        assert!(!is_ascii(&[("LC_ALL", ""), ("LC_CTYPE", "de_DE.utf8"), ("LANG", "C")]));
        assert!(is_ascii(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]));
        assert!(is_ascii(&[("TERM", "dumb"), ("LANG", "en_US.UTF-8")]));
    }

    #[test]
    fn without_utf8_all_text_is_ascii() {
        let plain = theme(false, &[]);
        assert_eq!(plain.line("↑ k … 결"), "Up k ... \\u{acb0}");
        assert!(plain.block("«a»\n→ naïve").is_ascii());
        assert_eq!(theme(false, &[("LANG", "C.UTF-8")]).line("«é»"), "«é»");
    }
}
