//! The terminal and what runs behind the wizard: one queue of keys, answers and ticks; effects as tasks.

mod event_loop;
mod screen;
mod workers;

pub use event_loop::{Left, run};
pub use workers::{Connect, ListProfiles, Outside, Workers};
