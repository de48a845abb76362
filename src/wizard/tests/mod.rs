//! The state machine by itself.

mod answers;
mod choices;
mod keys;
mod leaving;
mod on_clusters_and_review;
mod on_connect;
mod on_key;
mod on_role;
mod path;
mod property;
mod run;
mod sign_in;
mod ways_in;
