//! What Atlas still sees as it was before.

use serde::Serialize;

/// A value whose changes reach Atlas late, as IAM's and KMS's changes do.
///
/// Lateness is counted in Atlas's questions, not in time, so that a test can say exactly which try succeeds.
#[derive(Debug, Clone, Serialize)]
pub struct Lagging<T> {
    now: T,
    #[serde(skip)]
    before: Option<T>,
    /// How many of Atlas's questions are still answered from before the change.
    questions_left: u32,
}

impl<T: Clone> Lagging<T> {
    /// Makes a value that everybody sees already.
    pub fn settled(value: T) -> Self {
        Self {
            now: value,
            before: None,
            questions_left: 0,
        }
    }

    /// Makes a value that Atlas sees as `before` for the next `questions`.
    pub fn fresh(value: T, before: T, questions: u32) -> Self {
        Self {
            now: value,
            before: Some(before),
            questions_left: questions,
        }
    }

    /// Returns the value as its owner sees it.
    pub fn get(&self) -> &T {
        &self.now
    }

    /// Changes the value; Atlas's next `questions` don't see it.
    pub fn change(&mut self, change: impl FnOnce(&mut T), questions: u32) {
        // While an older change is still on its way, Atlas goes on seeing what was before that one.
        if self.questions_left == 0 {
            self.before = Some(self.now.clone());
        }
        self.questions_left = questions;
        change(&mut self.now);
    }

    /// Answers one of Atlas's questions.
    pub fn ask(&mut self) -> &T {
        if self.questions_left > 0 {
            self.questions_left -= 1;
            return self.before.as_ref().unwrap_or(&self.now);
        }
        self.before = None;
        &self.now
    }
}

#[cfg(test)]
mod tests {
    use super::Lagging;

    #[test]
    fn a_change_is_seen_after_the_questions_that_it_takes() {
        let mut value = Lagging::settled(1);
        value.change(|value| *value = 2, 2);
        assert_eq!(*value.get(), 2);
        assert_eq!([*value.ask(), *value.ask(), *value.ask()], [1, 1, 2]);
    }

    #[test]
    fn a_second_change_on_the_way_starts_the_wait_again() {
        let mut value = Lagging::settled(1);
        value.change(|value| *value = 2, 2);
        assert_eq!(*value.ask(), 1);
        value.change(|value| *value = 3, 2);
        assert_eq!([*value.ask(), *value.ask(), *value.ask()], [1, 1, 3]);
    }
}
