//! What comes back from outside. An answer that is no longer awaited is dropped.

use jiff::Timestamp;

use super::dialog::{Dialog, SaveState};
use super::effect::{Effect, EffectId};
use super::message::{Message, Saved};
use super::pending::take;
use super::run::{Ending, RunState};
use super::screens::ScreenId;
use super::{INTERRUPTED, Wizard};
use crate::apply::event::Event;
use crate::observe::{Fetched, Observation, ObservedState};
use crate::plan::KeyChoice;
use crate::problem::Problem;
use crate::verify::Evidence;

impl Wizard {
    pub(super) fn answer(&mut self, message: Message, effects: &mut Vec<Effect>) {
        match message {
            Message::InputDiscarded { id } => self.input_discarded(id),
            Message::ProfilesListed { id, result } => {
                if take(&mut self.pending.profiles, id) {
                    self.session.profiles = result.into();
                }
            }
            Message::Observed { id, observation, at } => self.observed(id, *observation, at, effects),
            Message::ObserveFinished { id } => self.observe_finished(id),
            Message::PlanChanged { id, observed } => self.plan_changed(id, *observed, effects),
            Message::RunRefused { id, problems } => self.run_refused(id, problems, effects),
            Message::RunEvent { id, event, at } => self.run_event(id, &event, at, effects),
            Message::RunEnded { id } => self.run_ended(id, "the run ended without saying how", effects),
            Message::Verified { id, result } => self.verified(id, *result, effects),
            Message::Saved { id, result } => self.saved(id, result),
            Message::ReportWritten { id, result } => {
                if take(&mut self.pending.report, id) {
                    self.session.report = result.into();
                }
            }
            Message::WorkerDied { id, message } => self.worker_died(id, &message, effects),
            Message::Key(_)
            | Message::Paste(_)
            | Message::Resize { .. }
            | Message::Drawn { .. }
            | Message::Tick { .. }
            | Message::Interrupt
            | Message::Terminate => {}
        }
    }

    fn input_discarded(&mut self, id: EffectId) {
        if let Some(Dialog::Word(word)) = &mut self.dialog
            && word.discarding == Some(id)
        {
            word.discarding = None;
        }
    }

    fn observed(&mut self, id: EffectId, observation: Observation, at: Timestamp, effects: &mut Vec<Effect>) {
        let chosen = &self.session.choices;
        let awaited = match &observation {
            Observation::ChosenRole(lookup) => {
                let wanted = chosen.role.as_ref().is_some_and(|role| role.name() == lookup.of);
                take(&mut self.pending.role, id) && wanted
            }
            Observation::ChosenKey(lookup) => {
                let wanted = chosen.key.as_ref().map(KeyChoice::key_ref).as_ref() == Some(&lookup.of);
                take(&mut self.pending.key, id) && wanted
            }
            // They come with the key, before it.
            Observation::KeyPolicy(_) | Observation::KeyGrants(_) => {
                self.pending.observe == Some(id) || self.pending.key == Some(id)
            }
            Observation::Permissions(_) => take(&mut self.pending.permissions, id),
            _ => self.pending.observe == Some(id),
        };
        if !awaited {
            return;
        }
        let of_key = matches!(observation, Observation::ChosenKey(_));
        let of_projects = matches!(observation, Observation::Projects(_));
        let of_credential = matches!(observation, Observation::AtlasIdentity(_));
        self.session.absorb(observation, at);
        if of_credential && self.current == ScreenId::Connect {
            let turn = self.screens.connect.credential_answered(&self.session);
            self.take_turn(turn, effects);
        }
        if of_projects {
            let turn = self.screens.connect.projects_answered(&mut self.session);
            self.take_turn(turn, effects);
        }
        if of_key {
            self.key_answered(effects);
        }
    }

    /// What is wrong with a key that was named is told at its field, whichever screen is shown.
    fn key_answered(&mut self, effects: &mut Vec<Effect>) {
        let turn = self.screens.key.answered(&mut self.session);
        if self.current == ScreenId::Key {
            // That it's being looked for holds no more.
            self.notice = None;
            self.take_turn(turn, effects);
        }
    }

    fn observe_finished(&mut self, id: EffectId) {
        if take(&mut self.pending.observe, id) {
            let problem = Problem::internal("this was asked for and never answered").hint("look again with r");
            self.session.stop_looking(&problem);
        }
    }

    fn plan_changed(&mut self, id: EffectId, observed: ObservedState, effects: &mut Vec<Effect>) {
        if !take(&mut self.pending.run, id) {
            return;
        }
        if self.is_stopping() {
            self.end_run("", effects);
            return;
        }
        if let Some(run) = self.session.run.take() {
            self.screens.review.confirmed_before = Some(Box::new(run.plan));
        }
        self.session.replace_observed(observed);
        self.go(ScreenId::Review);
        self.notice = Some("The world has moved since the review: look at what changed.".to_owned());
    }

    fn run_refused(&mut self, id: EffectId, problems: Vec<Problem>, effects: &mut Vec<Effect>) {
        if !take(&mut self.pending.run, id) {
            return;
        }
        if self.is_stopping() {
            self.end_run("", effects);
        } else if let Some(run) = &mut self.session.run {
            run.refuse(problems);
        }
    }

    fn is_stopping(&self) -> bool {
        let state = self.session.run.as_ref().map(|run| &run.state);
        matches!(state, Some(RunState::Stopping | RunState::Dropping))
    }

    fn run_event(&mut self, id: EffectId, event: &Event, at: Timestamp, effects: &mut Vec<Effect>) {
        if self.pending.run != Some(id) {
            return;
        }
        self.session.now = Some(at);
        let Some(run) = &mut self.session.run else {
            return;
        };
        let dropping = run.state == RunState::Dropping;
        run.absorb(event, at);
        if run.ending().is_some() {
            self.pending.run = None;
            self.run_is_over(dropping, effects);
        }
    }

    fn run_ended(&mut self, id: EffectId, why: &str, effects: &mut Vec<Effect>) {
        if take(&mut self.pending.run, id) {
            self.end_run(why, effects);
        }
    }

    fn end_run(&mut self, why: &str, effects: &mut Vec<Effect>) {
        if let Some(run) = &mut self.session.run {
            let dropping = run.state == RunState::Dropping;
            run.end(why);
            self.run_is_over(dropping, effects);
        }
    }

    fn run_is_over(&mut self, dropped: bool, effects: &mut Vec<Effect>) {
        // What was said of stopping it holds no more.
        self.notice = None;
        let completed = self.is_completed();
        if dropped || self.terminating {
            let code = self.ending().map_or(INTERRUPTED, Ending::exit_code);
            self.quit(code, effects);
        } else if completed {
            self.verify(effects);
        }
    }

    fn verified(&mut self, id: EffectId, result: Result<Evidence, Problem>, effects: &mut Vec<Effect>) {
        if !take(&mut self.pending.verify, id) {
            return;
        }
        if let Ok(evidence) = &result {
            let id = self.pending.id();
            self.pending.report = Some(id);
            self.session.report = Fetched::Looking;
            effects.push(Effect::WriteReport {
                id,
                evidence: Box::new(evidence.clone()),
            });
        }
        self.session.evidence = result.into();
    }

    fn saved(&mut self, id: EffectId, result: Result<Saved, Problem>) {
        if !take(&mut self.pending.save, id) {
            return;
        }
        if let Ok(Saved::Written(path)) = result {
            self.session.note_saved();
            self.dialog = None;
            self.notice = Some(format!("Saved as {path}."));
        } else if let Some(Dialog::SaveFile(save)) = &mut self.dialog {
            save.state = match result {
                Err(problem) => SaveState::Failed(problem),
                Ok(_) => SaveState::Replace(save.field.value().to_owned()),
            };
        }
    }

    fn worker_died(&mut self, id: EffectId, message: &str, effects: &mut Vec<Effect>) {
        let problem = Problem::internal(format!("a task of this program ended: {message}"))
            .hint("look again or try again; the log file says more");
        if take(&mut self.pending.observe, id) {
            self.session.stop_looking(&problem);
        }
        let (role, key) = (take(&mut self.pending.role, id), take(&mut self.pending.key, id));
        if role || key {
            self.session.fail_lookups(role, key, &problem);
            if key {
                self.key_answered(effects);
            }
        }
        if take(&mut self.pending.verify, id) {
            self.session.evidence = Fetched::Failed(problem.clone());
        }
        if take(&mut self.pending.report, id) {
            self.session.report = Fetched::Failed(problem.clone());
        }
        if take(&mut self.pending.profiles, id) {
            self.session.profiles = Fetched::Failed(problem.clone());
        }
        take(&mut self.pending.permissions, id);
        if matches!(&self.dialog, Some(Dialog::Word(word)) if word.discarding == Some(id)) {
            self.dialog = None;
            self.notice = Some(problem.message.clone());
        }
        self.saved(id, Err(problem));
        self.run_ended(id, message, effects);
    }
}
