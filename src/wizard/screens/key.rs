//! Key: one of the list, one that is named by ID, alias or ARN, or a new one.

use crate::domain::arn::KeyArn;
use crate::domain::key::{Key, KeyRef};
use crate::observe::Fetched;
use crate::plan::KeyChoice;
use crate::wizard::field::{Field, one_line};
use crate::wizard::keys::Action;
use crate::wizard::list::{Motion, Picker, Rows, Scroll};
use crate::wizard::screens::Turn;
use crate::wizard::screens::new_key::{NewKeyForm, NewKeyPart};
use crate::wizard::session::Session;

/// What takes the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyFocus {
    /// The list.
    #[default]
    List,
    /// The field for an ID, an alias or an ARN.
    Named,
    /// A part of the new key's form.
    New(NewKeyPart),
}

/// What Key holds.
#[derive(Clone, Debug, Default)]
pub struct KeyScreen {
    /// What takes the keys.
    pub focus: KeyFocus,
    /// The list.
    pub list: Picker<KeyRowId>,
    /// The ID, alias or ARN of a key that is there.
    pub named: Field,
    /// The key that is created.
    pub new: NewKeyForm,
    /// How far the text about the key is scrolled.
    pub scroll: Scroll,
    /// Enter was pressed while something that decides was still being read: go on when it is known, if nothing stands
    /// against it.
    pub(in crate::wizard) going_on: bool,
}

/// A row of the list, by what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyRowId {
    /// A new key.
    New,
    /// A key named by ID, alias or ARN.
    Named,
    /// A key of the list.
    Listed(KeyArn),
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow<'a> {
    /// What it stands for.
    pub id: KeyRowId,
    /// The key, for a row of the list.
    pub key: Option<&'a Key>,
    /// Alias, or ID where there is none; for the first two rows what they stand for.
    pub label: String,
    /// Why the key can't be used; empty if it can.
    pub unusable: Vec<String>,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl KeyRow<'_> {
    fn first(id: KeyRowId, label: String, chosen: bool) -> Self {
        Self {
            id,
            key: None,
            label,
            unusable: Vec::new(),
            chosen,
        }
    }

    /// Returns the texts of the columns: alias or ID, ID, state, region, rotation, and why it can't be used.
    pub fn columns(&self) -> [String; 6] {
        let Some(key) = self.key else {
            return [
                self.label.clone(),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
            ];
        };
        let region = if key.multi_region {
            format!("{} (multi-Region)", key.arn.region_name())
        } else {
            key.arn.region_name().to_owned()
        };
        [
            self.label.clone(),
            key.id().to_owned(),
            key.state.clone(),
            region,
            key.rotation.to_string(),
            self.unusable.join("; "),
        ]
    }
}

impl KeyScreen {
    pub(in crate::wizard) fn prefill(&mut self, choice: &KeyChoice) {
        match choice {
            KeyChoice::Existing(key) => self.named.set(key.to_string()),
            KeyChoice::CreateUnlessThere(settings) => self.new.prefill(settings),
        }
    }

    pub(in crate::wizard) fn field(&self) -> Option<&Field> {
        match self.focus {
            KeyFocus::List => None,
            KeyFocus::Named => Some(&self.named),
            KeyFocus::New(part) => self.new.field(part),
        }
    }

    pub(in crate::wizard) fn field_mut(&mut self) -> Option<&mut Field> {
        match self.focus {
            KeyFocus::List => None,
            KeyFocus::Named => Some(&mut self.named),
            KeyFocus::New(part) => self.new.field_mut(part),
        }
    }

    /// Returns whether a switch has the focus.
    pub fn on_switch(&self) -> bool {
        matches!(self.focus, KeyFocus::New(part) if part.is_switch())
    }

    pub(in crate::wizard) fn is_typed(&self) -> bool {
        self.named.is_typed() || self.new.is_typed()
    }

    /// Returns the rows as they are shown: a new key, a key by name, the keys of the region.
    pub fn rows<'a>(&self, session: &'a Session) -> Rows<KeyRow<'a>> {
        let keys = session.observed.keys.known().map(Vec::as_slice).unwrap_or_default();
        let listed = keys.iter().map(|key| KeyRow {
            id: KeyRowId::Listed(key.arn.clone()),
            key: Some(key),
            label: key.label().to_owned(),
            unusable: key.unusable_because(),
            chosen: is_chosen(key, session),
        });
        let mut rows = Vec::new();
        if !self.list.filter.is_active() {
            let by_name = matches!(&session.choices.key, Some(KeyChoice::Existing(chosen))
                if !keys.iter().any(|key| chosen.names(key)));
            let is_new = matches!(session.choices.key, Some(KeyChoice::CreateUnlessThere(_)))
                && !keys.iter().any(|key| is_chosen(key, session));
            // An alias that is there already stands in the list once: as the key that has it.
            let alias = self.new.alias.value();
            let create = if alias.is_empty() || session.key_with_alias(alias).is_some() {
                "Create a key".to_owned()
            } else {
                format!("Create {alias}")
            };
            rows.push(KeyRow::first(KeyRowId::New, create, is_new));
            let name = "Name one by ID, alias or ARN".to_owned();
            rows.push(KeyRow::first(KeyRowId::Named, name, by_name));
        }
        rows.extend(self.list.filter.keep(listed.collect(), |row| row.columns().join(" ")));
        let default = default(session);
        Rows {
            selected: self.list.place(rows.iter().map(|row| &row.id), Some(&default)),
            total: 2 + keys.len(),
            rows,
        }
    }

    pub(in crate::wizard) fn act(&mut self, action: Action, session: &mut Session, page: usize) -> Turn {
        if self.focus != KeyFocus::List {
            return self.act_in_form(action, session);
        }
        match action {
            Action::On if !self.list.filter.open => self.take(session, true),
            Action::Back if !self.list.filter.open => Turn::Back,
            Action::Toggle => self.take(session, false),
            Action::ExtendKeyPolicy => {
                session.toggle_key_policy();
                Turn::Stay
            }
            Action::Scroll(motion) => {
                self.scroll.step(motion, page);
                Turn::Stay
            }
            Action::NextField | Action::PreviousField => self.open_form(session, action),
            _ => {
                let ids: Vec<_> = self.rows(session).rows.into_iter().map(|row| row.id).collect();
                if self.list.act(action, &ids, Some(&default(session)), page) {
                    self.scroll = Scroll::default();
                }
                Turn::Stay
            }
        }
    }

    fn act_in_form(&mut self, action: Action, session: &mut Session) -> Turn {
        match (self.focus, action) {
            (KeyFocus::Named, Action::On) => return self.take_named(session, true),
            (_, Action::On) => return self.take_new(session, true),
            (_, Action::Back) => self.focus = KeyFocus::List,
            (_, Action::NextField | Action::Move(Motion::Down)) => self.move_focus(1),
            (_, Action::PreviousField | Action::Move(Motion::Up)) => self.move_focus(-1),
            (KeyFocus::New(part), Action::Toggle) => self.new.toggle(part),
            _ => {}
        }
        Turn::Stay
    }

    fn open_form(&mut self, session: &Session, action: Action) -> Turn {
        let on_named = self
            .rows(session)
            .current()
            .is_some_and(|row| row.id == KeyRowId::Named);
        self.list.filter.clear();
        if on_named {
            self.focus = KeyFocus::Named;
        } else {
            self.list.put(KeyRowId::New);
            self.focus = KeyFocus::New(if action == Action::NextField {
                NewKeyPart::Alias
            } else {
                NewKeyPart::MultiRegion
            });
        }
        Turn::Stay
    }

    fn move_focus(&mut self, by: isize) {
        self.focus = match self.focus {
            KeyFocus::New(part) => part.neighbour(by).map_or(KeyFocus::List, KeyFocus::New),
            KeyFocus::Named | KeyFocus::List => KeyFocus::List,
        };
    }

    fn take(&mut self, session: &mut Session, go_on: bool) -> Turn {
        if go_on && self.is_undecided(session) {
            self.going_on = true;
            return Turn::Say("Still reading the keys; then on.".to_owned());
        }
        let rows = self.rows(session);
        let Some(row) = rows.current() else {
            return Turn::Say("No key fits the filter.".to_owned());
        };
        match &row.id {
            KeyRowId::New if is_unreadable(session) => {
                self.list.put(KeyRowId::Named);
                Turn::Say("The AWS administrator creates the key first: name it by its ARN then.".to_owned())
            }
            KeyRowId::New => self.take_new(session, go_on),
            KeyRowId::Named if self.named.value().is_empty() => {
                self.focus = KeyFocus::Named;
                Turn::Stay
            }
            KeyRowId::Named => self.take_named(session, go_on),
            KeyRowId::Listed(_) if !row.unusable.is_empty() => {
                Turn::Say(format!("{} can't be used: {}.", row.label, row.unusable.join("; ")))
            }
            KeyRowId::Listed(arn) => {
                let arn = arn.clone();
                session.choose_key(KeyChoice::Existing(KeyRef::Arn(arn)));
                if go_on { Turn::Next } else { Turn::Stay }
            }
        }
    }

    /// A key was pasted into the field, whatever stood there: it is looked up at once.
    pub(in crate::wizard) fn pasted(&mut self, text: &str, session: &mut Session) {
        let text = one_line(text);
        if text.is_empty() {
            return;
        }
        self.named = Field::default();
        self.named.paste(&text);
        self.take_named(session, false);
    }

    fn take_named(&mut self, session: &mut Session, go_on: bool) -> Turn {
        self.list.put(KeyRowId::Named);
        let parsed = parse(self.named.value()).and_then(|key| in_region(key, session));
        let Some(key) = self.named.judge(parsed) else {
            self.focus = KeyFocus::Named;
            return Turn::Stay;
        };
        session.choose_key(KeyChoice::Existing(key));
        self.judge(session, go_on)
    }

    /// Decides whether the key that was named lets the operator go on.
    fn judge(&mut self, session: &Session, go_on: bool) -> Turn {
        let found = match session.chosen_key() {
            None | Some(Fetched::NotLooked | Fetched::Looking) => {
                self.going_on = go_on;
                return Turn::Say("Looking for this key.".to_owned());
            }
            Some(Fetched::Failed(problem)) => match (&session.choices.key, session.aws_half()) {
                (Some(KeyChoice::Existing(KeyRef::Arn(_))), Some(_)) => Ok(()),
                (_, Some(_)) => Err("it can't be looked up from here: name the key by its full ARN".to_owned()),
                (_, None) => Err(problem.message.clone()),
            },
            Some(Fetched::Known(None)) => Err("there is no such key in this region and account".to_owned()),
            Some(Fetched::Known(Some(key))) if !key.is_usable() && !session.is_its_owners_to_read(key) => {
                Err(format!("this key can't be used: {}", key.unusable_because().join("; ")))
            }
            Some(Fetched::Known(Some(_))) => Ok(()),
        };
        match self.named.judge(found) {
            Some(()) if go_on => {
                self.focus = KeyFocus::List;
                Turn::Next
            }
            Some(()) | None => Turn::Stay,
        }
    }

    /// Returns whether what decides the default is still being read.
    fn is_undecided(&self, session: &Session) -> bool {
        let seen = &session.observed;
        let reading = seen.keys.is_looking() || seen.setting.is_looking() || seen.project.is_looking();
        reading && session.choices.key.is_none() && !self.list.is_moved()
    }

    /// Something was read: tells at the field what is wrong with the key that was named, and goes on if that was asked
    /// for.
    pub(in crate::wizard) fn answered(&mut self, session: &mut Session) -> Turn {
        let go_on = std::mem::take(&mut self.going_on);
        let named = KeyRef::parse(self.named.value()).ok();
        match &session.choices.key {
            Some(KeyChoice::Existing(chosen)) if named.as_ref() == Some(chosen) => self.judge(session, go_on),
            _ if go_on => self.take(session, true),
            _ => Turn::Stay,
        }
    }

    fn take_new(&mut self, session: &mut Session, go_on: bool) -> Turn {
        let settings = self.new.settings().and_then(|settings| {
            let there = session.key_with_alias(&settings.alias).filter(|key| !key.is_usable());
            let Some(there) = there else {
                return Ok(settings);
            };
            let reasons = there.unusable_because().join("; ");
            self.new.alias.error = Some(format!("this alias belongs to a key that can't be used: {reasons}"));
            Err(NewKeyPart::Alias)
        });
        match settings {
            Ok(settings) => {
                self.focus = KeyFocus::List;
                session.choose_key(KeyChoice::CreateUnlessThere(settings));
                if go_on { Turn::Next } else { Turn::Stay }
            }
            Err(part) => {
                self.list.put(KeyRowId::New);
                self.focus = KeyFocus::New(part);
                Turn::Stay
            }
        }
    }
}

/// Returns whether keys are the AWS administrator's alone to see and to create.
fn is_unreadable(session: &Session) -> bool {
    session.aws_half().is_some() && session.observed.keys.problem().is_some()
}

fn parse(text: &str) -> Result<KeyRef, String> {
    match text.split_whitespace().count() {
        0 | 1 => KeyRef::parse(text),
        words => Err(format!("one key is named by one word, these are {words}")),
    }
}

/// A full ARN names its region itself: it has to be the one chosen.
fn in_region(key: KeyRef, session: &Session) -> Result<KeyRef, String> {
    match (&key, session.choices.region) {
        (KeyRef::Arn(arn), Some(region)) if arn.region_name() != region.aws() => Err(format!(
            "this key is in {}, the region chosen is {region}: choose the key's region on Connect",
            arn.region_name()
        )),
        _ => Ok(key),
    }
}

/// Returns whether a key is the chosen one: as such, or since it has the alias of the one to create already.
fn is_chosen(key: &Key, session: &Session) -> bool {
    match &session.choices.key {
        Some(KeyChoice::Existing(chosen)) => chosen.names(key),
        Some(KeyChoice::CreateUnlessThere(settings)) => key.aliases.contains(&settings.alias),
        None => false,
    }
}

/// Where the cursor is while it wasn't moved: what is chosen, else the key in use, else the one that has the alias that
/// would be given, else a new one.
fn default(session: &Session) -> KeyRowId {
    let keys = session.observed.keys.known().map(Vec::as_slice).unwrap_or_default();
    let listed = |key: &Key| KeyRowId::Listed(key.arn.clone());
    let chosen = keys.iter().find(|key| is_chosen(key, session));
    match &session.choices.key {
        Some(KeyChoice::CreateUnlessThere(_)) => return chosen.map_or(KeyRowId::New, listed),
        Some(KeyChoice::Existing(_)) => return chosen.map_or(KeyRowId::Named, listed),
        None => {}
    }
    let in_use = keys.iter().find(|key| session.uses(key));
    let usual = session.usual_alias();
    in_use
        .or_else(|| session.key_with_alias(&usual))
        .filter(|key| key.is_usable())
        .map_or_else(
            || {
                if is_unreadable(session) {
                    KeyRowId::Named
                } else {
                    KeyRowId::New
                }
            },
            listed,
        )
}
