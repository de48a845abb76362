//! Carries a plan out: independent steps at the same time, waits and retries included, and tells it in events.

mod diagnose;
pub mod event;
mod executor;
pub mod journal;
mod not_yet;
mod pace;
mod perform;
pub mod progress;
mod recorder;
mod stop;

pub use executor::run;
pub use pace::Pace;
pub use stop::Stop;
