//! Carries a plan out: independent steps at the same time, waits and retries included, and tells it in events.

pub mod event;
pub mod progress;
