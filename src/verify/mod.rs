//! What holds after a run, or at any time: observed again, judged, told.

mod evidence;
mod findings;
mod look;
pub mod report;
mod text;

#[cfg(test)]
mod tests;

pub use evidence::{Evidence, Finding, Weight};
pub use look::look;
pub use text::text;
