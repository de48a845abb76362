//! Fields in which text is typed.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tui_input::{Input, InputRequest};

/// No value of ours is longer (the longest: a key's description).
const LONGEST: usize = 8192;

/// A one-line text, what is wrong with it, and whether it is the operator's or still the suggestion.
#[derive(Clone, Default)]
pub struct Field {
    /// Text and cursor.
    pub input: Input,
    /// What is wrong with it.
    pub error: Option<String>,
    touched: bool,
    typed: bool,
    is_secret: bool,
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.is_secret { "hidden" } else { self.input.value() };
        f.debug_struct("Field")
            .field("value", &value)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

impl Field {
    /// Returns an empty field whose text is never shown.
    pub fn secret() -> Self {
        Self {
            is_secret: true,
            ..Self::default()
        }
    }

    /// Returns whether its text must not be shown.
    pub fn is_secret(&self) -> bool {
        self.is_secret
    }

    /// Returns a field with a suggestion in it.
    pub fn suggesting(text: impl Into<String>) -> Self {
        Self {
            input: Input::new(text.into()),
            ..Self::default()
        }
    }

    /// Returns the text, without the space around it.
    pub fn value(&self) -> &str {
        self.input.value().trim()
    }

    /// Returns whether the operator typed or pasted something into it.
    pub fn is_typed(&self) -> bool {
        self.typed
    }

    /// Puts another suggestion in, unless the text is more than a suggestion.
    pub(crate) fn suggest(&mut self, text: &str) {
        if !self.touched && self.input.value() != text {
            self.input = Input::new(text.to_owned());
        }
    }

    /// Replaces the text with one that was chosen before.
    pub(crate) fn set(&mut self, text: impl Into<String>) {
        self.input = Input::new(text.into());
        self.touched = true;
        self.error = None;
    }

    /// Notes what is wrong, or that nothing is.
    pub(crate) fn judge<T>(&mut self, result: Result<T, String>) -> Option<T> {
        match result {
            Ok(value) => {
                self.error = None;
                Some(value)
            }
            Err(error) => {
                self.error = Some(error);
                None
            }
        }
    }

    /// Takes a key, if it is one that edits.
    pub(crate) fn press(&mut self, key: &KeyEvent) {
        if let Some(request) = request(key) {
            let types = matches!(request, InputRequest::InsertChar(_));
            let full = self.input.value().chars().count() >= LONGEST;
            if types && (full || key.kind == KeyEventKind::Repeat) {
                return;
            }
            let before = self.input.value().to_owned();
            self.input.handle(request);
            if self.input.value() != before {
                self.typed = true;
                self.touched = true;
                self.error = None;
            }
        }
    }

    /// Takes pasted text: trimmed, on one line, at the cursor; a suggestion is replaced. Never submits.
    pub(crate) fn paste(&mut self, text: &str) {
        let text = one_line(text);
        if text.is_empty() {
            return;
        }
        self.typed = true;
        if !self.touched {
            self.set(text);
            return;
        }
        let room = LONGEST.saturating_sub(self.input.value().chars().count());
        for c in text.chars().take(room) {
            self.input.handle(InputRequest::InsertChar(c));
        }
        self.error = None;
    }
}

/// Returns pasted text as one line: breaks and other control characters between words become one space.
pub(crate) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_control())
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    words.join(" ").chars().take(LONGEST).collect()
}

fn request(key: &KeyEvent) -> Option<InputRequest> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    // AltGr comes as Ctrl+Alt on some keyboards: such a key types.
    if control && !alt {
        return match key.code {
            KeyCode::Char('a') => Some(InputRequest::GoToStart),
            KeyCode::Char('e') => Some(InputRequest::GoToEnd),
            KeyCode::Char('u') => Some(InputRequest::DeleteLine),
            KeyCode::Char('k') => Some(InputRequest::DeleteTillEnd),
            KeyCode::Char('w') => Some(InputRequest::DeletePrevWord),
            KeyCode::Left => Some(InputRequest::GoToPrevWord),
            KeyCode::Right => Some(InputRequest::GoToNextWord),
            _ => None,
        };
    }
    match key.code {
        KeyCode::Char(c) if control || !alt => Some(InputRequest::InsertChar(c)),
        KeyCode::Backspace if alt => Some(InputRequest::DeletePrevWord),
        KeyCode::Backspace => Some(InputRequest::DeletePrevChar),
        KeyCode::Delete => Some(InputRequest::DeleteNextChar),
        KeyCode::Left => Some(InputRequest::GoToPrevChar),
        KeyCode::Right => Some(InputRequest::GoToNextChar),
        KeyCode::Home => Some(InputRequest::GoToStart),
        KeyCode::End => Some(InputRequest::GoToEnd),
        _ => None,
    }
}
