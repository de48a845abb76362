//! The state machine by itself.

mod answers;
mod keys;
mod leaving;
mod path;
mod property;
mod run;
mod screens;
mod sign_in;
mod ways_in;
