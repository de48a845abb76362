//! Foreign text made safe for a terminal.
//!
//! Names, descriptions, tags and error details come from outside. An escape sequence in them could write the
//! clipboard, fake a screen or swallow output, and a bidirectional override could show a name backwards.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns whether a character could act on the terminal or on the order of what is shown.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Returns a text of several lines with each acting character but the line break as a visible mark: `\u{1b}`.
pub fn safe_block(text: &str) -> Cow<'_, str> {
    marked(text, |c| acts(c) && c != '\n')
}

/// Returns a text as one line, with each acting character as a visible mark: `\u{1b}`.
pub fn safe_line(text: &str) -> Cow<'_, str> {
    marked(text, acts)
}

fn marked(text: &str, is_mark: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_mark) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_mark(c) {
            let _ = write!(safe, "{}", c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Returns a count with its noun: `1 cluster`, `3 clusters`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// Returns the first five of many in one line, and how many more there are: `a, b, c, d, e and 2 more`.
pub fn some_of(all: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<_> = all.iter().take(SHOWN).map(String::as_str).collect();
    let shown = shown.join(", ");
    match all.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acting_characters_become_marks() {
        for text in ["\u{1b}]52;c;cm0=\u{7}", "\u{9b}2J", "a\u{202e}b", "\r", "\u{7f}"] {
            let safe = safe_line(text);
            assert!(!safe.chars().any(acts), "{safe:?}");
            assert!(safe.contains("\\u{"), "{safe:?}");
        }
    }

    #[test]
    fn ordinary_text_of_any_script_is_left_alone() {
        let text = "결제-프로덕션 👩‍❤️‍👨 ♻️ naïve";
        assert!(matches!(safe_line(text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn a_block_keeps_its_lines() {
        assert_eq!(safe_block("a\nb\tc"), "a\nb\\u{9}c");
        assert_eq!(safe_line("a\nb"), "a\\u{a}b");
    }
}
