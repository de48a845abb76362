//! The wizard's state machine. Pure: no await, no terminal, no socket, no clock, no file.
//!
//! Everything that happens comes in as a [`Message`] through [`Wizard::update`]; everything that is to be done outside
//! goes out as an [`Effect`]. Whoever draws it reads it by shared reference.
//!
//! - [`session`]: what all screens share · [`run`]: the life of one run
//! - [`screens`]: one file a screen, with its cursor and unfinished input only
//! - [`dialog`]: what stands over a screen
//! - [`keys`]: the key table · [`field`], [`list`]: what screens are made of
//! - [`view`]: what follows from the state, worked out when it is asked for

mod answers;
pub mod dialog;
pub mod effect;
pub mod field;
#[cfg(test)]
pub(crate) mod fixture;
pub mod keys;
mod leaving;
pub mod list;
mod looking;
pub mod message;
mod pending;
mod retry;
pub mod run;
pub mod screens;
pub mod session;
pub mod sources;
mod tags;
#[cfg(test)]
mod tests;
pub mod view;

use crossterm::event::{KeyEvent, KeyEventKind};

pub use dialog::Dialog;
pub use effect::{Effect, EffectId, Part, Scope};
pub use keys::{Action, Context, KeyBinding};
pub use list::{Motion, Rows};
pub use message::{Message, Saved};
pub use run::{Ending, Run, RunState};
pub use screens::{ScreenId, Screens};
pub use session::{Connection, Session, Start};
pub use view::{PathState, Review};

use crate::domain::region::Region;
use crate::observe::Fetched;
use crate::plan::{DesiredState, Plan};
use dialog::{SaveDialog, SaveState, WordDialog};
use pending::Pending;
use screens::Turn;
use view::Derived;

/// The exit code of a wizard that is left when all is done, or before anything was changed.
pub const DONE: u8 = 0;
/// The exit code of a wizard that is left after a step failed.
pub const FAILED: u8 = 1;
/// The exit code of a wizard that was interrupted.
pub const INTERRUPTED: u8 = 130;

/// The whole state of the wizard.
#[derive(Debug)]
pub struct Wizard {
    /// What all screens share.
    pub session: Session,
    /// The screens, side by side.
    pub screens: Screens,
    /// The one that is shown.
    pub current: ScreenId,
    /// What stands over it.
    pub dialog: Option<Dialog>,
    /// One line for the operator, until the next key.
    pub notice: Option<String>,
    furthest: ScreenId,
    pending: Pending,
    derived: Derived,
    asked: Option<(Option<String>, Option<Region>)>,
    page: usize,
    terminating: bool,
    left: Option<u8>,
}

impl Wizard {
    /// Begins: returns the wizard and what is to be read first.
    #[must_use]
    pub fn begin(start: Start) -> (Self, Vec<Effect>) {
        let mut screens = Screens::default();
        if let Some(role) = &start.choices.role {
            screens.role.prefill(role);
        }
        if let Some(key) = &start.choices.key {
            screens.key.prefill(key);
        }
        if let Some(name) = &start.project_name {
            screens.connect.look_for(name);
        }
        if start.choices.project_id.is_some() {
            screens.connect.focus = screens::connect::ConnectFocus::Region;
        }
        let mut wizard = Self {
            session: Session::new(start),
            screens,
            current: ScreenId::Connect,
            dialog: None,
            notice: None,
            furthest: ScreenId::Connect,
            pending: Pending::default(),
            derived: Derived::default(),
            asked: None,
            page: 10,
            terminating: false,
            left: None,
        };
        let mut effects = Vec::new();
        wizard.settle(&mut effects);
        (wizard, effects)
    }

    /// Takes one message in; returns what is to be done outside. After a [`Effect::Quit`] it does nothing more.
    #[must_use]
    pub fn update(&mut self, message: Message) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.left.is_some() {
            return effects;
        }
        match message {
            Message::Key(key) => self.key(&key, &mut effects),
            Message::Paste(text) => self.paste(&text),
            Message::Resize { rows, .. } => self.page = usize::from(rows).saturating_sub(10).max(1),
            Message::Drawn { scroll_limit } => {
                let scroll = match &mut self.dialog {
                    Some(Dialog::Help(scroll)) => scroll,
                    _ => self.screens.scroll_mut(self.current),
                };
                scroll.limit_to(scroll_limit);
            }
            Message::Tick { at } => {
                self.session.now = Some(at);
            }
            Message::Interrupt => self.interrupt(&mut effects),
            Message::Terminate => {
                self.terminating = true;
                self.interrupt(&mut effects);
            }
            answer => self.answer(answer, &mut effects),
        }
        if self.left.is_none() {
            self.settle(&mut effects);
        }
        effects
    }

    fn key(&mut self, key: &KeyEvent, effects: &mut Vec<Effect>) {
        if key.kind == KeyEventKind::Release {
            return;
        }
        let action = keys::find(self, key);
        if key.kind == KeyEventKind::Repeat && action.is_some_and(|action| !action.repeats()) {
            return;
        }
        self.notice = None;
        self.screens.role.going_on = false;
        self.screens.key.going_on = false;
        match action {
            Some(Action::Interrupt) => self.interrupt(effects),
            Some(action) if self.dialog.is_some() => self.act_in_dialog(action, effects),
            Some(action) => self.act(action, effects),
            None => drop(self.type_into_field(|field| field.press(key))),
        }
    }

    fn paste(&mut self, text: &str) {
        let names_key = self.dialog.is_none()
            && self.current == ScreenId::Key
            && self.screens.key.focus == screens::key::KeyFocus::Named
            && self.context() == Context::Field;
        let names_project = self.dialog.is_none()
            && self.current == ScreenId::Connect
            && self.screens.connect.focus == screens::connect::ConnectFocus::Project
            && !self.session.project_is_given();
        if names_key {
            self.screens.key.pasted(text, &mut self.session);
        } else if names_project {
            self.screens.connect.pasted(text, &mut self.session);
        } else if !self.type_into_field(|field| field.paste(text)) {
            self.notice = Some("Nothing here takes pasted text.".to_owned());
        }
    }

    /// Lets the field that has the focus take something; returns whether there is one.
    fn type_into_field(&mut self, take: impl FnOnce(&mut field::Field)) -> bool {
        let field = match &mut self.dialog {
            Some(dialog) => dialog.field_mut(),
            None => self.screens.field_mut(self.current),
        };
        let Some(field) = field else {
            return false;
        };
        take(field);
        if let Some(Dialog::SaveFile(save)) = &mut self.dialog {
            save.state = SaveState::Asking;
        }
        true
    }

    fn act(&mut self, action: Action, effects: &mut Vec<Effect>) {
        match action {
            Action::Help => self.dialog = Some(Dialog::Help(list::Scroll::default())),
            Action::Leave => self.leave(effects),
            Action::LookAgain if self.current == ScreenId::Done => self.verify(effects),
            Action::LookAgain => self.look_again(effects),
            Action::Save => self.ask_for_file(),
            Action::AwsHalf => self.toggle_aws_half(),
            Action::GoOn => self.go_on_at_once(effects),
            action => {
                let turn = self.act_on_screen(action);
                self.take_turn(turn, effects);
            }
        }
    }

    fn toggle_aws_half(&mut self) {
        self.session.toggle_aws_half();
        self.notice = Some(match self.session.aws_half() {
            Some(folder) => {
                format!("The AWS administrator does the AWS half: applying the plan writes it to {folder}, and waits.")
            }
            None => "What is to be done in AWS is done from here.".to_owned(),
        });
    }

    /// Somebody has acted: what the run waits for is looked at now.
    fn go_on_at_once(&mut self, effects: &mut Vec<Effect>) {
        if let Some(id) = self.pending.run {
            effects.push(Effect::GoOn { id });
        }
    }

    fn act_on_screen(&mut self, action: Action) -> Turn {
        let (session, screens, page) = (&mut self.session, &mut self.screens, self.page);
        match self.current {
            ScreenId::Connect => screens.connect.act(action, session, page),
            ScreenId::Prerequisites => {
                let checks = self.derived.checks(session);
                screens.prerequisites.act(action, checks, page)
            }
            ScreenId::Role => screens.role.act(action, session, page),
            ScreenId::Key => screens.key.act(action, session, page),
            ScreenId::Clusters => screens.clusters.act(action, session, page),
            ScreenId::Review => {
                let looking = self.pending.is_observing() || self.pending.is_looking_up();
                let review = self.derived.review(session, looking);
                screens.review.act(action, &review, page)
            }
            ScreenId::Apply => screens.apply.act(action, session.run.as_ref(), page),
            ScreenId::Done => screens.done.act(action, page),
        }
    }

    fn take_turn(&mut self, turn: Turn, effects: &mut Vec<Effect>) {
        match turn {
            Turn::Stay => {}
            Turn::Next => {
                if let Some(next) = self.current.next() {
                    self.go(next);
                }
            }
            Turn::Back => self.back(effects),
            Turn::Connect(sources) => self.connect(*sources, effects),
            Turn::ListProfiles => self.list_profiles(effects),
            Turn::Say(text) => self.notice = Some(text),
            Turn::AskWithoutClusters => self.dialog = Some(Dialog::NoCluster),
            Turn::AskWord => self.ask_for_word(effects),
            Turn::TryAgain => self.try_again(effects),
            Turn::Verify => {
                if self.current == ScreenId::Review {
                    // An earlier run that failed is mended: nothing is left of its plan.
                    self.session.run = None;
                    self.session.evidence = Fetched::NotLooked;
                }
                self.go(ScreenId::Done);
                if matches!(self.session.evidence, Fetched::NotLooked) {
                    self.verify(effects);
                }
            }
            Turn::Leave => self.leave(effects),
        }
    }

    fn go(&mut self, screen: ScreenId) {
        // What was said belongs to the screen that is left.
        self.notice = None;
        self.current = screen;
        self.furthest = self.furthest.max(screen);
    }

    fn back(&mut self, effects: &mut Vec<Effect>) {
        let to = match self.current {
            ScreenId::Done if self.session.run.is_none() => Some(ScreenId::Review),
            ScreenId::Review if self.session.incident().is_some() => Some(ScreenId::Connect),
            screen => screen.previous(),
        };
        let after_a_run = self.current == ScreenId::Apply;
        if self.current == ScreenId::Review {
            self.screens.review.confirmed_before = None;
        }
        if let Some(to) = to {
            self.go(to);
        }
        if after_a_run {
            self.look_again(effects);
        }
    }

    fn act_in_dialog(&mut self, action: Action, effects: &mut Vec<Effect>) {
        match (&mut self.dialog, action) {
            (Some(Dialog::Word(word)), _) if !word.is_open() => {}
            (Some(Dialog::SaveFile(save)), _) if save.state == SaveState::Saving => {}
            (_, Action::Back) => self.dialog = None,
            (Some(Dialog::Help(scroll)), Action::Move(motion)) => scroll.step(motion, self.page),
            (Some(Dialog::Leave), Action::On) => self.quit(self.exit_code(), effects),
            (_, Action::Save) => self.ask_for_file(),
            (Some(Dialog::NoCluster), Action::On) => {
                self.dialog = None;
                self.take_turn(Turn::Next, effects);
            }
            (Some(Dialog::Word(_)), Action::On) => self.take_word(effects),
            (Some(Dialog::SaveFile(_)), Action::On) => self.save(effects),
            _ => {}
        }
    }

    fn ask_for_word(&mut self, effects: &mut Vec<Effect>) {
        if let Review::Ready(plan) = self.review() {
            let fingerprint = plan.fingerprint.clone();
            let word = WordDialog::word_for(plan);
            let id = self.pending.id();
            effects.push(Effect::DiscardInput { id });
            self.dialog = Some(Dialog::Word(WordDialog {
                field: field::Field::default(),
                word,
                discarding: Some(id),
                fingerprint,
            }));
        }
    }

    fn take_word(&mut self, effects: &mut Vec<Effect>) {
        let Some(Dialog::Word(word)) = &mut self.dialog else {
            return;
        };
        if word.field.input.value() != word.word {
            word.field.error = Some(format!("type {}, nothing else; Esc goes back", word.word));
            return;
        }
        if let Review::Ready(plan) = self.review() {
            let plan = plan.clone();
            self.start_run(plan, effects);
        }
    }

    fn start_run(&mut self, plan: Plan, effects: &mut Vec<Effect>) {
        let id = self.pending.id();
        self.pending.run = Some(id);
        self.session.run = Some(Run::new(plan.clone(), self.session.now));
        self.session.evidence = Fetched::NotLooked;
        self.session.report = Fetched::NotLooked;
        self.screens.apply = screens::apply::ApplyScreen::default();
        self.screens.review.confirmed_before = None;
        self.dialog = None;
        self.go(ScreenId::Apply);
        effects.push(Effect::StartRun {
            id,
            plan: Box::new(plan),
        });
    }

    fn wanted(&self) -> Option<DesiredState> {
        let run = self.session.run.as_ref();
        let confirmed = run.map(|run| run.plan.desired.clone());
        confirmed.or_else(|| self.session.choices.complete())
    }

    fn verify(&mut self, effects: &mut Vec<Effect>) {
        if let Some(desired) = self.wanted() {
            let id = self.pending.id();
            self.pending.verify = Some(id);
            self.session.evidence = Fetched::Looking;
            effects.push(Effect::Verify {
                id,
                desired: Box::new(desired),
            });
        }
    }

    fn ask_for_file(&mut self) {
        if self.session.choices.complete().is_some() {
            self.dialog = Some(Dialog::SaveFile(SaveDialog::default()));
        } else {
            self.notice = Some("The choices can be saved once all of them are made.".to_owned());
        }
    }

    fn save(&mut self, effects: &mut Vec<Effect>) {
        let (Some(Dialog::SaveFile(save)), Some(desired)) = (&mut self.dialog, self.session.choices.complete()) else {
            return;
        };
        let path = save.field.value().to_owned();
        if path.is_empty() {
            save.field.error = Some("a file needs a name".to_owned());
            return;
        }
        let overwrite = matches!(&save.state, SaveState::Replace(there) if *there == path);
        save.state = SaveState::Saving;
        let id = self.pending.id();
        self.pending.save = Some(id);
        effects.push(Effect::SaveConfig {
            id,
            path,
            overwrite,
            desired: Box::new(desired),
        });
    }

    /// Brings about what follows from the state as it is now: look-ups of what is chosen, suggestions, the next move of
    /// a run that is tried again; and closes a question whose plan is no longer the one that was asked about.
    fn settle(&mut self, effects: &mut Vec<Effect>) {
        self.lead_back();
        self.follow_scope(effects);
        if self.session.choices.role.is_some() && self.session.chosen_role().is_none() {
            self.look_up_role(effects);
        }
        if self.session.choices.key.is_some() && self.session.chosen_key().is_none() {
            self.look_up_key(effects);
        }
        self.screens.suggest(&self.session);
        self.go_on_if_asked(effects);
        self.derived.renew(&self.session);
        self.carry_on(effects);
        self.derived.renew(&self.session);
        self.look_up_permissions(effects);
        self.derived.renew(&self.session);
        self.guard_word();
    }

    /// While the key in use is disabled or about to be deleted, nothing but the way back is offered.
    fn lead_back(&mut self) {
        let Some(key) = self.session.incident().map(|key| key.arn.clone()) else {
            return;
        };
        if self.current > ScreenId::Connect && self.current < ScreenId::Review {
            let role = self.session.role_in_use().cloned();
            self.session.choose_way_back(key, role);
            self.dialog = None;
            self.go(ScreenId::Review);
        }
    }

    /// Enter was pressed while something was still being read: asks the screen again.
    fn go_on_if_asked(&mut self, effects: &mut Vec<Effect>) {
        let turn = match self.current {
            ScreenId::Role if self.screens.role.going_on => self.screens.role.answered(&mut self.session),
            ScreenId::Key if self.screens.key.going_on => self.screens.key.answered(&mut self.session),
            _ => return,
        };
        self.take_turn(turn, effects);
    }

    fn guard_word(&mut self) {
        let Some(Dialog::Word(word)) = &self.dialog else {
            return;
        };
        let same = matches!(self.review(), Review::Ready(plan) if plan.fingerprint == word.fingerprint);
        if !same {
            self.dialog = None;
            self.notice = Some("The plan changed while the word was asked for: look at it again.".to_owned());
        }
    }
}
