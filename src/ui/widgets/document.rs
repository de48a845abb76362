//! A text of paragraphs, labelled values, code and problems, laid out for a width.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use jiff::Timestamp;

use super::{judged, spinner};
use crate::checklist::Check;
use crate::observe::Fetched;
use crate::problem::Problem;
use crate::ui::{Theme, text};

/// Cells for labels, with the space after them.
const LABEL: usize = 13;

/// Lines in the making. All text that comes in is made safe.
pub(in crate::ui) struct Document {
    theme: Theme,
    width: usize,
    lines: Vec<Line<'static>>,
}

impl Document {
    pub(in crate::ui) fn new(theme: Theme, width: u16) -> Self {
        Self {
            theme,
            width: width.into(),
            lines: Vec::new(),
        }
    }

    pub(in crate::ui) fn into_lines(self) -> Vec<Line<'static>> {
        self.lines
    }

    /// Puts an empty line between parts.
    pub(in crate::ui) fn space(&mut self) -> &mut Self {
        if self.lines.last().is_some_and(|line| line.width() > 0) {
            self.lines.push(Line::default());
        }
        self
    }

    pub(in crate::ui) fn heading(&mut self, text: &str) -> &mut Self {
        self.space();
        self.paragraph(text, self.theme.heading())
    }

    pub(in crate::ui) fn paragraph(&mut self, text: &str, style: Style) -> &mut Self {
        self.hanging(Span::default(), 0, text, style)
    }

    /// Adds a text behind a sign, its further lines under the text.
    pub(in crate::ui) fn item(&mut self, sign: &'static str, sign_style: Style, text: &str, style: Style) -> &mut Self {
        let indent = text::width(sign) + 1;
        self.hanging(Span::styled(format!("{sign} "), sign_style), indent, text, style)
    }

    /// Adds a value with its label.
    pub(in crate::ui) fn value(&mut self, label: &str, value: &str, style: Style) -> &mut Self {
        let label = format!("{:<LABEL$}", self.theme.line(label));
        let indent = text::width(&label).max(LABEL);
        let label = Span::styled(label, self.theme.muted());
        self.hanging(label, indent, value, style)
    }

    /// Adds a remark to the last line where it has room, else under it.
    pub(in crate::ui) fn aside(&mut self, text: &str, style: Style) -> &mut Self {
        let shown = format!("({})", self.theme.line(text));
        let wanted = text::width(&shown) + 2;
        match self.lines.last_mut().filter(|line| line.width() + wanted <= self.width) {
            Some(line) => line.push_span(Span::styled(format!("  {shown}"), style)),
            None => return self.value("", &format!("  {shown}"), style),
        }
        self
    }

    /// Adds a value on a line of its own under its label, with nothing beside it, so that it can be selected whole.
    pub(in crate::ui) fn whole(&mut self, label: &str, value: &str) -> &mut Self {
        self.paragraph(label, self.theme.muted());
        self.paragraph(value, self.theme.code())
    }

    fn hanging(&mut self, first: Span<'static>, indent: usize, text: &str, style: Style) -> &mut Self {
        let safe = self.theme.block(text);
        let room = self.width.saturating_sub(indent).max(1);
        let mut first = Some(first);
        for line in safe.lines().flat_map(|line| text::wrap(line, room)) {
            let begin = first.take().unwrap_or_else(|| Span::raw(" ".repeat(indent)));
            self.lines.push(Line::from(vec![begin, Span::styled(line, style)]));
        }
        self
    }

    /// Adds a line of code behind a sign. Where it doesn't fit it goes on under itself, at the same indent.
    pub(in crate::ui) fn code(&mut self, sign: &str, code: &str, style: Style) -> &mut Self {
        let safe = self.theme.line(code).into_owned();
        let indent = safe.chars().take_while(|c| *c == ' ').count();
        let room = self.width.saturating_sub(2).max(8);
        let mut rest = safe.as_str();
        let mut begin = String::new();
        loop {
            let (fits, left) = text::split(rest, room.saturating_sub(begin.len()));
            self.lines.push(Line::styled(format!("{sign} {begin}{fits}"), style));
            if left.is_empty() || fits.is_empty() {
                return self;
            }
            rest = left;
            begin = " ".repeat(indent.min(room / 2) + 2);
        }
    }

    /// Adds a problem whole: what is wrong and where, the service's code, causes, and what to do next.
    pub(in crate::ui) fn problem(&mut self, problem: &Problem) -> &mut Self {
        let theme = self.theme;
        self.item(theme.signs.failed, theme.failed(), &problem.message, theme.failed());
        self.problem_rest(problem)
    }

    /// Says why something isn't there: it's being read, or it couldn't be. Adds nothing for what is known.
    pub(in crate::ui) fn unread<T>(&mut self, what: &str, fetched: &Fetched<T>, now: Option<Timestamp>) -> &mut Self {
        let theme = self.theme;
        match fetched {
            Fetched::Known(_) => self,
            Fetched::NotLooked => self.paragraph(&format!("{what}: not looked at yet"), theme.muted()),
            Fetched::Looking => {
                let moving = spinner::picture(theme, now);
                self.item(moving, theme.accent(), &format!("reading {what}"), theme.muted())
            }
            Fetched::Failed(problem) => self.problem(problem),
        }
    }

    /// Adds a prerequisite: how it stands, and what to do about it.
    pub(in crate::ui) fn check(&mut self, check: &Check) -> &mut Self {
        let theme = self.theme;
        let (sign, style) = judged(theme, check.status);
        self.item(sign, style, &format!("{}: {}", check.id, check.found), style);
        if !check.fix.is_empty() {
            self.item(theme.signs.hint, theme.accent(), &check.fix, theme.plain());
        }
        self
    }

    /// Adds a switch with what it means and its key.
    pub(in crate::ui) fn switch(&mut self, on: bool, means: &str) -> &mut Self {
        let (sign, style) = if on {
            ("[x]", self.theme.passed())
        } else {
            ("[ ]", self.theme.key())
        };
        self.item(sign, style, means, style)
    }

    /// Adds all of a problem but its message.
    pub(in crate::ui) fn problem_rest(&mut self, problem: &Problem) -> &mut Self {
        let theme = self.theme;
        if let Some(code) = &problem.code {
            self.value("Code", code, theme.code());
        }
        if let Some(place) = &problem.place {
            self.value("Where", place, theme.code());
        }
        for cause in &problem.causes {
            self.value("Because", cause, theme.plain());
        }
        for hint in &problem.hints {
            self.item(theme.signs.hint, theme.accent(), hint, theme.plain());
        }
        self
    }
}
