//! Leaving: `q`, Ctrl-C and its ladder, and the exit code.

use super::dialog::Dialog;
use super::effect::Effect;
use super::run::{Ending, RunState};
use super::screens::ScreenId;
use super::{DONE, FAILED, INTERRUPTED, Wizard};

impl Wizard {
    /// `q`: stops a run; otherwise leaves, and asks first if something would be lost.
    pub(super) fn leave(&mut self, effects: &mut Vec<Effect>) {
        if self.is_running() {
            match self.session.run.as_ref().map(|run| &run.state) {
                Some(RunState::Checking | RunState::Running) => self.interrupt(effects),
                _ => self.notice = Some("Finishing what is in flight; Ctrl-C leaves at once.".to_owned()),
            }
            return;
        }
        let unsaved = self.session.has_unsaved_choices() || self.screens.has_untaken_input(&self.session);
        if unsaved && self.current < ScreenId::Apply {
            self.dialog = Some(Dialog::Leave);
        } else {
            self.quit(self.exit_code(), effects);
        }
    }

    /// Ctrl-C: the first lets what is in flight finish, the second drops it, the third leaves whatever happens.
    pub(super) fn interrupt(&mut self, effects: &mut Vec<Effect>) {
        let running = self.session.run.as_mut().filter(|run| run.is_under_way());
        let (Some(run), Some(id)) = (running, self.pending.run) else {
            // After a run that did all it was to do nothing is left to interrupt.
            let over = self.current == ScreenId::Done || self.current == ScreenId::Apply && self.is_completed();
            let done = over && !self.terminating;
            let code = if done { self.exit_code() } else { INTERRUPTED };
            self.quit(code, effects);
            return;
        };
        let now = match run.state {
            RunState::Checking | RunState::Running => false,
            RunState::Stopping => true,
            _ => {
                self.quit(INTERRUPTED, effects);
                return;
            }
        };
        run.state = if now { RunState::Dropping } else { RunState::Stopping };
        self.notice = Some(if now {
            "Leaving at once.".to_owned()
        } else {
            "Finishing what is in flight, then stopping. Ctrl-C again leaves at once.".to_owned()
        });
        effects.push(Effect::CancelRun { id, now });
    }

    pub(super) fn exit_code(&self) -> u8 {
        let unverified = self.current == ScreenId::Done && self.session.evidence.problem().is_some();
        match self.ending() {
            Some(Ending::Completed) | None if unverified => FAILED,
            Some(ending) => ending.exit_code(),
            None => DONE,
        }
    }

    pub(super) fn quit(&mut self, code: u8, effects: &mut Vec<Effect>) {
        self.left = Some(code);
        effects.push(Effect::Quit { code });
    }
}
