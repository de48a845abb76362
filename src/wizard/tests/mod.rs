//! The state machine by itself.

mod answers;
mod choices;
mod keys;
mod leaving;
mod path;
mod property;
mod run;
mod screens;
mod sign_in;
mod ways_in;
