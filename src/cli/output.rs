//! Standard output carries the result alone, standard error the rest. A closed pipe is a quiet end.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use crate::domain::text::{safe_block, safe_line};
use crate::problem::Problem;

/// Writes a result to standard output; it is made safe for a terminal by whoever made it.
///
/// # Errors
/// Standard output can't be written to, but for a closed pipe.
pub(super) fn result(text: &str) -> Result<(), Problem> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Problem::service("standard output can't be written to").caused_by(&error))
        }
        _ => Ok(()),
    }
}

/// Writes one JSON value and a line break to standard output.
///
/// # Errors
/// As [`result`].
pub(super) fn json(value: &impl serde::Serialize) -> Result<(), Problem> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|error| Problem::internal("the result can't be written as JSON").caused_by(&error))?;
    text.push('\n');
    // JSON escapes C0 by itself; C1 and bidirectional controls can act on a terminal too.
    result(&escaped(&text))
}

/// Returns JSON with every character that could act on a terminal escaped, line breaks between values kept.
pub(super) fn escaped(json: &str) -> Cow<'_, str> {
    let acts = |c: char| {
        let mut bytes = [0; 4];
        let alone: &str = c.encode_utf8(&mut bytes);
        c != '\n' && safe_line(alone) != alone
    };
    if !json.contains(acts) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Writes a note to standard error. Nothing depends on whether it can be written.
pub(super) fn note(text: &str) {
    let mut err = io::stderr().lock();
    if writeln!(err, "{}", safe_block(text)).is_err() {
        tracing::debug!("standard error can't be written to");
    }
}

/// Writes problems to standard error: what is wrong and where, the causes, then what to do next, each hint once. One
/// cause that many requests met is told once, with the first of them.
pub(super) fn problems(problems: &[Problem]) {
    let mut said: Vec<&str> = Vec::new();
    for (nth, problem) in problems.iter().enumerate() {
        let is_same = |other: &&Problem| other.is_same_elsewhere(problem);
        if problems.iter().take(nth).any(|other| is_same(&other)) {
            continue;
        }
        let again = problems.iter().skip(nth + 1).filter(is_same).count();
        note(&text(problem, again));
        for hint in &problem.hints {
            if !said.contains(&hint.as_str()) {
                said.push(hint);
            }
        }
    }
    for hint in said {
        note(&format!("hint: {hint}"));
    }
}

/// Tells a problem; `again`: how many more places it was met at.
fn text(problem: &Problem, again: usize) -> String {
    let mut text = match &problem.place {
        Some(place) => format!("error: {}: {}", safe_line(place), problem.message),
        None => format!("error: {}", problem.message),
    };
    if again > 0 {
        let _ = write!(text, "; {again} more met the same");
    }
    if let Some(code) = problem
        .code
        .as_ref()
        .filter(|code| !problem.message.contains(code.as_str()))
    {
        let _ = write!(text, " ({code})");
    }
    for cause in &problem.causes {
        let _ = write!(text, "\n  because: {cause}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_reaches_the_terminal_without_a_character_that_acts() {
        let json = serde_json::to_string("a\u{9b}2J\u{202e}b\u{1b}[6n").unwrap();
        let safe = escaped(&json);
        assert!(safe.is_ascii(), "{safe}");
        assert_eq!(
            serde_json::from_str::<String>(&safe).unwrap(),
            "a\u{9b}2J\u{202e}b\u{1b}[6n"
        );
    }

    #[test]
    fn a_problem_tells_place_code_and_causes() {
        let problem = Problem::input("unknown key `colour`")
            .at("atlas-cmk.toml, line 12")
            .with_code("X");
        assert_eq!(
            text(&problem, 0),
            "error: atlas-cmk.toml, line 12: unknown key `colour` (X)"
        );
        assert!(text(&problem, 2).contains("2 more met the same (X)"));
    }
}
