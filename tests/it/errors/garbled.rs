//! Answers that are no answers.
