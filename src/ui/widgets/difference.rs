//! A step of the plan line by line, each styled by what it is: a difference has a sign and a colour for each line.

use super::document::Document;
use crate::plan::render::{Line, LineKind};
use crate::ui::Theme;

/// Adds lines that tell a step.
pub(in crate::ui) fn add(document: &mut Document, theme: Theme, lines: &[Line]) {
    for Line { kind, text } in lines {
        match kind {
            LineKind::Heading => document.heading(text),
            LineKind::Text => document.paragraph(text, theme.plain()),
            LineKind::Json => document.code(" ", text, theme.code()),
            LineKind::Added => document.code("+", without_sign(text), theme.added()),
            LineKind::Removed => document.code("-", without_sign(text), theme.removed()),
            LineKind::Context if text.starts_with("@@") => document.code(" ", text, theme.accent()),
            LineKind::Context => document.code(" ", without_sign(text), theme.muted()),
        };
    }
}

/// Each line of a difference begins with its sign, also one that stays: with a space.
fn without_sign(text: &str) -> &str {
    text.strip_prefix(['+', '-', ' ']).unwrap_or(text)
}
