//! Dialogs: what stands over a screen and takes all keys.

use super::effect::EffectId;
use super::field::Field;
use super::list::Scroll;
use crate::plan::{Fingerprint, Plan};
use crate::problem::Problem;

/// The word that starts a run, unless a step of its plan can't be undone.
pub const WORD: &str = "apply";

/// The file name that saving suggests.
pub const CONFIG_FILE: &str = "atlas-cmk.toml";

/// What stands over the screen.
#[derive(Clone, Debug)]
pub enum Dialog {
    /// All keys of the screen under it.
    Help(Scroll),
    /// Leave, though choices would be lost?
    Leave,
    /// Go on, though no cluster is chosen?
    NoCluster,
    /// Type the word that starts the run.
    Word(WordDialog),
    /// Save the choices: under which name?
    SaveFile(SaveDialog),
}

/// The dialog that asks for the word. It takes nothing until what was typed before it appeared is thrown away.
#[derive(Clone, Debug)]
pub struct WordDialog {
    /// What was typed.
    pub field: Field,
    /// The word that is asked for: [`WORD`], or the project's name where a step can't be undone.
    pub word: String,
    pub(super) discarding: Option<EffectId>,
    pub(super) fingerprint: Fingerprint,
}

impl WordDialog {
    /// Returns the word that is asked for before a plan is carried out.
    pub(super) fn word_for(plan: &Plan) -> String {
        if plan.irreversible().next().is_some() {
            plan.project.name.trim().to_owned()
        } else {
            WORD.to_owned()
        }
    }

    /// Returns whether it takes keys yet.
    pub fn is_open(&self) -> bool {
        self.discarding.is_none()
    }
}

/// The dialog that asks for a file name.
#[derive(Clone, Debug)]
pub struct SaveDialog {
    /// The name.
    pub field: Field,
    /// Where it is.
    pub state: SaveState,
}

impl Default for SaveDialog {
    fn default() -> Self {
        Self {
            field: Field::suggesting(CONFIG_FILE),
            state: SaveState::Asking,
        }
    }
}

/// Where saving is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveState {
    /// The name is typed.
    Asking,
    /// A file of this name is there: replace it?
    Replace(String),
    /// It is being written.
    Saving,
    /// It couldn't be written.
    Failed(Problem),
}

impl Dialog {
    /// Returns the field that takes letters, if the dialog has one that does now.
    pub fn field(&self) -> Option<&Field> {
        match self {
            Self::Word(word) => word.is_open().then_some(&word.field),
            Self::SaveFile(save) => (save.state != SaveState::Saving).then_some(&save.field),
            Self::Help(_) | Self::Leave | Self::NoCluster => None,
        }
    }

    pub(super) fn field_mut(&mut self) -> Option<&mut Field> {
        match self {
            Self::Word(word) => word.discarding.is_none().then_some(&mut word.field),
            Self::SaveFile(save) => (save.state != SaveState::Saving).then_some(&mut save.field),
            Self::Help(_) | Self::Leave | Self::NoCluster => None,
        }
    }
}
