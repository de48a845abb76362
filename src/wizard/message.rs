//! What reaches the wizard: keys, answers and ticks, in one order through one queue.

use crossterm::event::KeyEvent;
use jiff::Timestamp;

use super::effect::EffectId;
use super::sources::Profiles;
use crate::apply::event::Event;
use crate::observe::{Observation, ObservedState};
use crate::problem::Problem;
use crate::verify::Evidence;

/// One input of the machine.
#[derive(Clone, Debug)]
pub enum Message {
    /// A key. Acts on press; repeats only move; releases do nothing.
    Key(KeyEvent),
    /// Text from the clipboard (bracketed paste).
    Paste(String),
    /// The terminal has another size, in cells.
    Resize {
        /// Cells across.
        columns: u16,
        /// Cells down.
        rows: u16,
    },
    /// After a frame: how far the text beside the list can be scrolled, in lines.
    Drawn {
        /// Lines that don't fit.
        scroll_limit: u16,
    },
    /// Time passes; comes only while [`Wizard::is_moving`](super::Wizard::is_moving).
    Tick {
        /// Now.
        at: Timestamp,
    },
    /// SIGINT from outside: the same as the key Ctrl-C.
    Interrupt,
    /// SIGTERM or SIGHUP: leave without asking, as soon as what is in flight is finished.
    Terminate,
    /// What was typed ahead is thrown away.
    InputDiscarded {
        /// The name of the `DiscardInput`.
        id: EffectId,
    },
    /// The profiles on this machine.
    ProfilesListed {
        /// The name of the `ListProfiles`.
        id: EffectId,
        /// What was found.
        result: Result<Profiles, Problem>,
    },
    /// One part of an observation, or the one thing that was looked up.
    Observed {
        /// The name of the `Observe`, `LookUpRole` or `LookUpKey`.
        id: EffectId,
        /// What was read.
        observation: Box<Observation>,
        /// When.
        at: Timestamp,
    },
    /// All parts of an observation have been told.
    ObserveFinished {
        /// The name of the `Observe`.
        id: EffectId,
    },
    /// The world is no longer the one that the plan was reviewed for. Nothing was changed.
    PlanChanged {
        /// The name of the `StartRun`.
        id: EffectId,
        /// What is true now, with the same role and key looked up: the wizard plans from it.
        observed: Box<ObservedState>,
    },
    /// The run couldn't begin. Nothing was changed.
    RunRefused {
        /// The name of the `StartRun`.
        id: EffectId,
        /// Why.
        problems: Vec<Problem>,
    },
    /// Something happened in the run.
    RunEvent {
        /// The name of the `StartRun`.
        id: EffectId,
        /// What.
        event: Box<Event>,
        /// When it was told.
        at: Timestamp,
    },
    /// Nothing more comes from the run.
    RunEnded {
        /// The name of the `StartRun`.
        id: EffectId,
    },
    /// What holds after the run.
    Verified {
        /// The name of the `Verify`.
        id: EffectId,
        /// The evidence, or why there is none.
        result: Box<Result<Evidence, Problem>>,
    },
    /// The configuration file was written, or not.
    Saved {
        /// The name of the `SaveConfig`.
        id: EffectId,
        /// How it went.
        result: Result<Saved, Problem>,
    },
    /// The report was written, or not.
    ReportWritten {
        /// The name of the `WriteReport`.
        id: EffectId,
        /// The files.
        result: Result<Vec<String>, Problem>,
    },
    /// The task behind an effect ended without an answer: a fault of the program.
    WorkerDied {
        /// The name of the effect.
        id: EffectId,
        /// What is known of it.
        message: String,
    },
}

/// How saving went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// The file is written; where it is.
    Written(String),
    /// There is a file of this name; nothing was written.
    AlreadyThere,
}
