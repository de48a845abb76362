//! The simulator's judgement of policies held against the diagnosis of the program, which was written apart from it.
//!
//! - `policies`: random documents of every kind that AWS takes
//! - `tests`: the comparison, and each disagreement that was ever found

mod policies;
mod tests;
