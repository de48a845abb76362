//! Key: one of the list, one that is named by ID, alias or ARN, or a new one.

use std::collections::BTreeMap;

use crate::domain::arn::KeyArn;
use crate::domain::key::{Key, KeyRef, same_key};
use crate::domain::name::{self, DEFAULT_ROTATION_DAYS, ROTATION_DAYS};
use crate::observe::Fetched;
use crate::plan::{KeyChoice, NewKeySettings};
use crate::wizard::field::Field;
use crate::wizard::keys::Action;
use crate::wizard::list::{Motion, Picker, Rows};
use crate::wizard::screens::Turn;
use crate::wizard::session::Session;
use crate::wizard::tags;

/// What takes the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyFocus {
    /// The list.
    #[default]
    List,
    /// The field for an ID, an alias or an ARN.
    Named,
    /// The new key's alias.
    Alias,
    /// Its description.
    Description,
    /// Its tags.
    Tags,
    /// Whether it rotates by itself.
    Rotation,
    /// After how many days.
    Days,
    /// Whether it can have replicas in other regions.
    MultiRegion,
}

/// The new key's form, in its order.
const FORM: [KeyFocus; 6] = [
    KeyFocus::Alias,
    KeyFocus::Description,
    KeyFocus::Tags,
    KeyFocus::Rotation,
    KeyFocus::Days,
    KeyFocus::MultiRegion,
];

/// What Key holds.
#[derive(Clone, Debug)]
pub struct KeyScreen {
    /// What takes the keys.
    pub focus: KeyFocus,
    /// The list.
    pub list: Picker<KeyRowId>,
    /// The ID, alias or ARN of a key that is there.
    pub named: Field,
    /// The new key's alias.
    pub alias: Field,
    /// Its description.
    pub description: Field,
    /// Its tags: `key=value`, commas between.
    pub tags: Field,
    /// Whether it rotates by itself.
    pub rotates: bool,
    /// After how many days.
    pub days: Field,
    /// Whether it can have replicas in other regions.
    pub multi_region: bool,
    /// Enter was pressed while the key was still being looked up: go on when it is known, if it can be used.
    pub(in crate::wizard) going_on: bool,
}

impl Default for KeyScreen {
    fn default() -> Self {
        Self {
            focus: KeyFocus::List,
            list: Picker::default(),
            named: Field::default(),
            alias: Field::default(),
            description: Field::default(),
            tags: Field::default(),
            rotates: true,
            days: Field::suggesting(DEFAULT_ROTATION_DAYS.to_string()),
            multi_region: false,
            going_on: false,
        }
    }
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
            KeyChoice::CreateUnlessThere(settings) => {
                self.alias.set(settings.alias.clone());
                if !settings.description.is_empty() {
                    self.description.set(settings.description.clone());
                }
                if !settings.tags.is_empty() {
                    let pairs: Vec<_> = settings
                        .tags
                        .iter()
                        .map(|(key, value)| format!("{key}={value}"))
                        .collect();
                    self.tags.set(pairs.join(", "));
                }
                self.rotates = settings.rotation_days.is_some();
                if let Some(days) = settings.rotation_days.filter(|days| *days != DEFAULT_ROTATION_DAYS) {
                    self.days.set(days.to_string());
                }
                self.multi_region = settings.multi_region;
            }
        }
    }

    pub(in crate::wizard) fn field(&self) -> Option<&Field> {
        match self.focus {
            KeyFocus::Named => Some(&self.named),
            KeyFocus::Alias => Some(&self.alias),
            KeyFocus::Description => Some(&self.description),
            KeyFocus::Tags => Some(&self.tags),
            KeyFocus::Days => Some(&self.days),
            KeyFocus::List | KeyFocus::Rotation | KeyFocus::MultiRegion => None,
        }
    }

    pub(in crate::wizard) fn field_mut(&mut self) -> Option<&mut Field> {
        match self.focus {
            KeyFocus::Named => Some(&mut self.named),
            KeyFocus::Alias => Some(&mut self.alias),
            KeyFocus::Description => Some(&mut self.description),
            KeyFocus::Tags => Some(&mut self.tags),
            KeyFocus::Days => Some(&mut self.days),
            KeyFocus::List | KeyFocus::Rotation | KeyFocus::MultiRegion => None,
        }
    }

    /// Returns whether a switch has the focus.
    pub fn on_switch(&self) -> bool {
        matches!(self.focus, KeyFocus::Rotation | KeyFocus::MultiRegion)
    }

    pub(in crate::wizard) fn is_typed(&self) -> bool {
        let fields = [&self.named, &self.alias, &self.description, &self.tags, &self.days];
        fields.iter().any(|field| field.is_typed()) || !self.rotates || self.multi_region
    }

    /// Returns the rows as they are shown: a new key, a key by name, the keys of the region.
    pub fn rows<'a>(&self, session: &'a Session) -> Rows<KeyRow<'a>> {
        let keys = session.observed.keys.known().map(Vec::as_slice).unwrap_or_default();
        let listed = keys.iter().map(|key| KeyRow {
            id: KeyRowId::Listed(key.arn.clone()),
            key: Some(key),
            label: key.label().to_owned(),
            unusable: key.unusable_because(),
            chosen: matches!(&session.choices.key, Some(KeyChoice::Existing(chosen)) if chosen.names(key)),
        });
        let by_name = matches!(&session.choices.key, Some(KeyChoice::Existing(chosen))
            if !keys.iter().any(|key| chosen.names(key)));
        let first = |id, label: String, chosen| KeyRow {
            id,
            key: None,
            label,
            unusable: Vec::new(),
            chosen,
        };
        let is_new = matches!(session.choices.key, Some(KeyChoice::CreateUnlessThere(_)));
        let mut rows = vec![
            first(KeyRowId::New, format!("Create {}", self.alias.value()), is_new),
            first(KeyRowId::Named, "Name one by ID, alias or ARN".to_owned(), by_name),
        ];
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
            Action::NextField | Action::PreviousField => self.open_form(session, action),
            _ => {
                let ids: Vec<_> = self.rows(session).rows.into_iter().map(|row| row.id).collect();
                self.list.act(action, &ids, Some(&default(session)), page);
                Turn::Stay
            }
        }
    }

    fn act_in_form(&mut self, action: Action, session: &mut Session) -> Turn {
        match action {
            Action::On if self.focus == KeyFocus::Named => return self.take_named(session, true),
            Action::On => return self.take_new(session, true),
            Action::Back => self.focus = KeyFocus::List,
            Action::NextField | Action::Move(Motion::Down) => self.move_focus(1),
            Action::PreviousField | Action::Move(Motion::Up) => self.move_focus(-1),
            Action::Toggle if self.focus == KeyFocus::Rotation => self.rotates = !self.rotates,
            Action::Toggle if self.focus == KeyFocus::MultiRegion => self.multi_region = !self.multi_region,
            _ => {}
        }
        Turn::Stay
    }

    fn open_form(&mut self, session: &Session, action: Action) -> Turn {
        let on_named = self
            .rows(session)
            .current()
            .is_some_and(|row| row.id == KeyRowId::Named);
        if on_named {
            self.focus = KeyFocus::Named;
        } else {
            self.list.put(KeyRowId::New);
            self.focus = if action == Action::NextField {
                KeyFocus::Alias
            } else {
                KeyFocus::MultiRegion
            };
        }
        Turn::Stay
    }

    fn move_focus(&mut self, by: isize) {
        let place = FORM.iter().position(|focus| *focus == self.focus);
        let next = place.and_then(|place| FORM.get(place.checked_add_signed(by)?));
        self.focus = next.copied().unwrap_or_default();
    }

    fn take(&mut self, session: &mut Session, go_on: bool) -> Turn {
        let rows = self.rows(session);
        let Some(row) = rows.current() else {
            return Turn::Stay;
        };
        match &row.id {
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
        self.named = Field::default();
        self.named.paste(text);
        self.take_named(session, false);
    }

    fn take_named(&mut self, session: &mut Session, go_on: bool) -> Turn {
        self.list.put(KeyRowId::Named);
        let parsed = KeyRef::parse(self.named.value()).and_then(|key| in_region(key, session));
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
            Some(Fetched::Failed(problem)) => Err(problem.message.clone()),
            Some(Fetched::Known(None)) => Err("there is no such key in this region and account".to_owned()),
            Some(Fetched::Known(Some(key))) if !key.is_usable() => {
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

    /// The look at the key was answered: tells at the field what is wrong with it, goes on if that was asked for.
    pub(in crate::wizard) fn answered(&mut self, session: &Session) -> Turn {
        let named = KeyRef::parse(self.named.value()).ok();
        match &session.choices.key {
            Some(KeyChoice::Existing(chosen)) if named.as_ref() == Some(chosen) => {
                let go_on = std::mem::take(&mut self.going_on);
                self.judge(session, go_on)
            }
            _ => Turn::Stay,
        }
    }

    fn take_new(&mut self, session: &mut Session, go_on: bool) -> Turn {
        let Some(settings) = self.settings() else {
            self.list.put(KeyRowId::New);
            self.focus = self.first_error();
            return Turn::Stay;
        };
        self.focus = KeyFocus::List;
        if let Some(there) = session.key_with_alias(&settings.alias).filter(|key| !key.is_usable()) {
            let reasons = there.unusable_because().join("; ");
            self.alias.error = Some(format!("this alias belongs to a key that can't be used: {reasons}"));
            self.focus = KeyFocus::Alias;
            return Turn::Stay;
        }
        session.choose_new_key(settings);
        if go_on { Turn::Next } else { Turn::Stay }
    }

    fn settings(&mut self) -> Option<NewKeySettings> {
        let alias = self.alias.value().to_owned();
        let alias = self.alias.judge(name::check_alias(&alias).map(|()| alias.clone()));
        let tags: Option<BTreeMap<_, _>> = self.tags.judge(tags::parse(self.tags.value()));
        let days = if self.rotates {
            self.days.judge(rotation_days(self.days.value())).map(Some)
        } else {
            self.days.error = None;
            Some(None)
        };
        Some(NewKeySettings {
            alias: alias?,
            description: self.description.value().to_owned(),
            rotation_days: days?,
            multi_region: self.multi_region,
            tags: tags?,
        })
    }

    fn first_error(&self) -> KeyFocus {
        if self.alias.error.is_some() {
            KeyFocus::Alias
        } else if self.tags.error.is_some() {
            KeyFocus::Tags
        } else {
            KeyFocus::Days
        }
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

fn rotation_days(text: &str) -> Result<u16, String> {
    text.parse()
        .ok()
        .filter(|days| ROTATION_DAYS.contains(days))
        .ok_or_else(|| {
            format!(
                "a key rotates every {} to {} days",
                ROTATION_DAYS.start(),
                ROTATION_DAYS.end()
            )
        })
}

/// Where the cursor is while it wasn't moved: what is chosen, else the key in use, else the one that has the alias that
/// would be given, else a new one.
fn default(session: &Session) -> KeyRowId {
    let keys = session.observed.keys.known().map(Vec::as_slice).unwrap_or_default();
    let listed = |key: &Key| KeyRowId::Listed(key.arn.clone());
    match &session.choices.key {
        Some(KeyChoice::CreateUnlessThere(_)) => return KeyRowId::New,
        Some(KeyChoice::Existing(chosen)) => {
            return keys
                .iter()
                .find(|key| chosen.names(key))
                .map_or(KeyRowId::Named, listed);
        }
        None => {}
    }
    let setting = session.observed.setting.known().map(|setting| &setting.aws);
    let used = setting.filter(|aws| aws.enabled).and_then(|aws| aws.key.as_deref());
    let in_use = used.and_then(|used| keys.iter().find(|key| same_key(used, &key.arn)));
    let suggested = session.suggested_alias();
    in_use
        .or_else(|| session.key_with_alias(&suggested))
        .filter(|key| key.is_usable())
        .map_or(KeyRowId::New, listed)
}
