//! Role: the IAM role that Atlas assumes, new or existing; and an unfinished Atlas access role, where one is to be picked.

use crate::domain::access_role::AccessRole;
use crate::domain::arn::RoleArn;
use crate::domain::iam_role::IamRole;
use crate::domain::name;
use crate::observe::Fetched;
use crate::plan::{AccessRoleChoice, RoleChoice};
use crate::wizard::field::Field;
use crate::wizard::keys::Action;
use crate::wizard::list::{Picker, Rows, Scroll};
use crate::wizard::screens::Turn;
use crate::wizard::session::Session;
use crate::wizard::tags;

/// What takes the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoleFocus {
    /// The list.
    #[default]
    List,
    /// The new role's name.
    Name,
    /// The new role's path.
    Path,
    /// The new role's permissions boundary.
    Boundary,
    /// The new role's tags.
    Tags,
}

impl RoleFocus {
    const ALL: [Self; 5] = [Self::List, Self::Name, Self::Path, Self::Boundary, Self::Tags];

    /// Returns what comes after it, or before it; the last is followed by the first.
    fn neighbour(self, backwards: bool) -> Self {
        let place = Self::ALL.iter().position(|focus| *focus == self).unwrap_or(0);
        let step = if backwards { Self::ALL.len() - 1 } else { 1 };
        Self::ALL.into_iter().cycle().nth(place + step).unwrap_or_default()
    }
}

/// What Role holds.
#[derive(Clone, Debug)]
pub struct RoleScreen {
    /// What takes the keys.
    pub focus: RoleFocus,
    /// The list.
    pub list: Picker<RoleRowId>,
    /// The new role's name.
    pub name: Field,
    /// The new role's path.
    pub path: Field,
    /// The ARN of the new role's permissions boundary; empty for none.
    pub boundary: Field,
    /// The new role's tags: `key=value`, commas between.
    pub tags: Field,
    /// How far the text about the role is scrolled.
    pub scroll: Scroll,
    /// Enter was pressed while the role's policies were still being read: go on when they are, if nothing is to say.
    pub(in crate::wizard) going_on: bool,
}

impl Default for RoleScreen {
    fn default() -> Self {
        Self {
            focus: RoleFocus::default(),
            list: Picker::default(),
            name: Field::default(),
            path: Field::suggesting("/"),
            boundary: Field::default(),
            tags: Field::default(),
            scroll: Scroll::default(),
            going_on: false,
        }
    }
}

/// A row of the list, by what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleRowId {
    /// A new IAM role.
    New,
    /// An unfinished Atlas access role, by its ID.
    AccessRole(String),
    /// A new Atlas access role, whatever unfinished ones there are.
    NewAccessRole,
    /// An IAM role that is there.
    Existing(RoleArn),
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRow {
    /// What it stands for.
    pub id: RoleRowId,
    /// Its name.
    pub name: String,
    /// What else there is to say of it.
    pub detail: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl RoleScreen {
    pub(in crate::wizard) fn prefill(&mut self, choice: &RoleChoice) {
        if let RoleChoice::Named {
            name,
            tags,
            path,
            permissions_boundary,
            ..
        } = choice
        {
            self.name.set(name.clone());
            self.path.set(path.clone());
            self.boundary.set(permissions_boundary.clone().unwrap_or_default());
            self.tags.set(tags::show(tags));
        }
    }

    pub(in crate::wizard) fn field(&self) -> Option<&Field> {
        match self.focus {
            RoleFocus::List => None,
            RoleFocus::Name => Some(&self.name),
            RoleFocus::Path => Some(&self.path),
            RoleFocus::Boundary => Some(&self.boundary),
            RoleFocus::Tags => Some(&self.tags),
        }
    }

    pub(in crate::wizard) fn field_mut(&mut self) -> Option<&mut Field> {
        match self.focus {
            RoleFocus::List => None,
            RoleFocus::Name => Some(&mut self.name),
            RoleFocus::Path => Some(&mut self.path),
            RoleFocus::Boundary => Some(&mut self.boundary),
            RoleFocus::Tags => Some(&mut self.tags),
        }
    }

    pub(in crate::wizard) fn is_typed(&self) -> bool {
        let fields = [&self.name, &self.path, &self.boundary, &self.tags];
        fields.into_iter().any(Field::is_typed)
    }

    /// Returns the rows as they are shown: a new role, unfinished access roles, the roles that are there.
    pub fn rows(&self, session: &Session) -> Rows<RoleRow> {
        let unfinished = unfinished(session);
        let existing = session
            .observed
            .iam_roles
            .known()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let asks = !unfinished.is_empty();
        let total = 1 + unfinished.len() + usize::from(asks) + existing.len();
        let mut others: Vec<_> = unfinished
            .into_iter()
            .map(|role| access_role_row(role, session))
            .collect();
        if asks {
            others.push(RoleRow {
                id: RoleRowId::NewAccessRole,
                name: "a new Atlas access role".to_owned(),
                detail: "the unfinished ones are left alone".to_owned(),
                chosen: session.choices.access_role == AccessRoleChoice::New,
            });
        }
        others.extend(existing.iter().map(|role| existing_row(role, session)));
        let mut rows = Vec::new();
        if !self.list.filter.is_active() {
            rows.push(self.new_row(session));
        }
        rows.extend(
            self.list
                .filter
                .keep(others, |row| format!("{} {}", row.name, row.detail)),
        );
        let default = default(session);
        Rows {
            selected: self.list.place(rows.iter().map(|row| &row.id), Some(&default)),
            total,
            rows,
        }
    }

    fn new_row(&self, session: &Session) -> RoleRow {
        let name = self.name.value();
        // A name that is there already stands in the list once: as the role that has it.
        let (name, detail) = if name.is_empty() || session.role_named(name).is_some() {
            ("a new IAM role", "")
        } else {
            let is_there = name.starts_with("arn:");
            (
                name,
                if is_there {
                    "an IAM role by its ARN"
                } else {
                    "a new IAM role"
                },
            )
        };
        let is_listed = |arn: &RoleArn| {
            let listed = session.observed.iam_roles.known();
            listed.is_some_and(|roles| roles.iter().any(|role| role.arn == *arn))
        };
        RoleRow {
            id: RoleRowId::New,
            name: name.to_owned(),
            detail: detail.to_owned(),
            chosen: match &session.choices.role {
                Some(RoleChoice::Named { name, .. }) => session.role_named(name).is_none(),
                Some(RoleChoice::Existing { arn, .. }) => arn.as_str() == self.name.value() && !is_listed(arn),
                None => false,
            },
        }
    }

    pub(in crate::wizard) fn act(&mut self, action: Action, session: &mut Session, page: usize) -> Turn {
        match (self.focus, action) {
            (RoleFocus::List, Action::On) if !self.list.filter.open => self.on(session),
            (RoleFocus::List, Action::Back) if !self.list.filter.open => Turn::Back,
            (RoleFocus::List, Action::Toggle) => self.toggle(session),
            (_, Action::NextField) => self.move_focus(false),
            (_, Action::PreviousField) => self.move_focus(true),
            (RoleFocus::List, Action::DropDeadPrincipals) => {
                session.toggle_dead_principals();
                Turn::Stay
            }
            (_, Action::Scroll(motion)) => {
                self.scroll.step(motion, page);
                Turn::Stay
            }
            (RoleFocus::List, _) => {
                let ids: Vec<_> = self.rows(session).rows.into_iter().map(|row| row.id).collect();
                if self.list.act(action, &ids, Some(&default(session)), page) {
                    self.scroll = Scroll::default();
                }
                Turn::Stay
            }
            (_, Action::On) => self.take_new(session, true),
            (_, Action::Back) => {
                self.focus = RoleFocus::List;
                Turn::Stay
            }
            _ => Turn::Stay,
        }
    }

    fn move_focus(&mut self, backwards: bool) -> Turn {
        self.focus = self.focus.neighbour(backwards);
        self.list.filter.clear();
        self.list.put(RoleRowId::New);
        Turn::Stay
    }

    fn on(&mut self, session: &mut Session) -> Turn {
        if self.is_undecided(session) {
            self.going_on = true;
            return Turn::Say("Still reading the IAM roles; then on.".to_owned());
        }
        match self.rows(session).current().map(|row| row.id.clone()) {
            None => Turn::Say("No IAM role fits the filter.".to_owned()),
            Some(RoleRowId::New) => self.take_new(session, true),
            Some(RoleRowId::Existing(arn)) => {
                session.choose_existing_role(arn);
                self.judge(session)
            }
            Some(RoleRowId::NewAccessRole) => {
                session.choose_access_role(AccessRoleChoice::New);
                self.list.reset();
                Turn::Say("A new access role will be created. Now the IAM role that Atlas is to assume.".to_owned())
            }
            Some(RoleRowId::AccessRole(id)) => {
                session.choose_access_role(AccessRoleChoice::Picked(id));
                self.list.reset();
                Turn::Say("This access role will be finished. Now the IAM role that Atlas is to assume.".to_owned())
            }
        }
    }

    fn toggle(&mut self, session: &mut Session) -> Turn {
        let Some(row) = self.rows(session).current().cloned() else {
            return Turn::Stay;
        };
        match row.id {
            RoleRowId::New | RoleRowId::Existing(_)
                if row.chosen && !session.permissions_beyond_key_use().is_empty() =>
            {
                accept(session);
            }
            RoleRowId::New => return self.take_new(session, false),
            RoleRowId::Existing(arn) => session.choose_existing_role(arn),
            RoleRowId::AccessRole(_) | RoleRowId::NewAccessRole if row.chosen => {
                session.choose_access_role(AccessRoleChoice::Recognized);
            }
            RoleRowId::AccessRole(id) => session.choose_access_role(AccessRoleChoice::Picked(id)),
            RoleRowId::NewAccessRole => session.choose_access_role(AccessRoleChoice::New),
        }
        Turn::Stay
    }

    fn take_new(&mut self, session: &mut Session, go_on: bool) -> Turn {
        let name = self.name.value().to_owned();
        let Some(wanted) = self.wanted() else {
            self.list.put(RoleRowId::New);
            let parts = [
                (RoleFocus::Name, &self.name),
                (RoleFocus::Path, &self.path),
                (RoleFocus::Boundary, &self.boundary),
                (RoleFocus::Tags, &self.tags),
            ];
            let wrong = parts.into_iter().find(|(_, field)| field.error.is_some());
            self.focus = wrong.map_or(RoleFocus::Name, |(focus, _)| focus);
            return Turn::Stay;
        };
        self.focus = RoleFocus::List;
        if let Some(there) = session.role_named(&name) {
            let arn = there.arn.clone();
            self.list.put(RoleRowId::Existing(arn.clone()));
            session.choose_existing_role(arn);
            if self.name.is_typed() || !go_on {
                return Turn::Say(format!("There is an IAM role {name} already: Enter uses it."));
            }
            return self.judge(session);
        }
        match wanted {
            RoleChoice::Existing { arn, .. } => session.choose_existing_role(arn),
            new @ RoleChoice::Named { .. } => session.choose_new_role(new),
        }
        if go_on { self.judge(session) } else { Turn::Stay }
    }

    /// Returns the role as its form says, a new one or one by its ARN, or notes at each field what is wrong with it.
    fn wanted(&mut self) -> Option<RoleChoice> {
        let name = self.name.value().to_owned();
        if name.starts_with("arn:") {
            let arn = self
                .name
                .judge(RoleArn::parse(&name).map_err(|error| error.to_string()))?;
            return Some(RoleChoice::Existing { arn, reuse: false });
        }
        let checked = self.name.judge(name::check_role_name(&name));
        let path = self.path.value().to_owned();
        let path = if path.is_empty() { "/".to_owned() } else { path };
        let path_checked = self.path.judge(name::check_role_path(&path));
        let boundary = Some(self.boundary.value().to_owned()).filter(|arn| !arn.is_empty());
        let boundary_checked = match &boundary {
            Some(arn) => self.boundary.judge(name::check_policy_arn(arn)),
            None => self.boundary.judge(Ok(())),
        };
        let tags = self.tags.judge(tags::parse(self.tags.value()));
        (checked.and(path_checked).and(boundary_checked))
            .zip(tags)
            .map(|((), tags)| RoleChoice::Named {
                name,
                reuse: false,
                tags,
                path,
                permissions_boundary: boundary,
            })
    }

    /// Decides whether the role that is chosen lets the operator go on.
    fn judge(&mut self, session: &Session) -> Turn {
        let is_new = matches!(session.choices.role, Some(RoleChoice::Named { .. }));
        match session.chosen_role() {
            // A new role needs no look at its policies; should there be one of this name, the review says so.
            _ if is_new && session.permissions_beyond_key_use().is_empty() => Turn::Next,
            None | Some(Fetched::NotLooked | Fetched::Looking) => {
                self.going_on = true;
                Turn::Say("Reading the role's policies; then on.".to_owned())
            }
            Some(Fetched::Failed(_)) if session.aws_half().is_some() => Turn::Next,
            Some(Fetched::Failed(problem)) => Turn::Say(format!("{}; r looks again.", problem.message)),
            Some(Fetched::Known(None)) => Turn::Say("This IAM role is no longer there; r looks again.".to_owned()),
            Some(Fetched::Known(Some(_))) => {
                let accepted = session.choices.role.as_ref().is_some_and(RoleChoice::reuse);
                if accepted || session.permissions_beyond_key_use().is_empty() {
                    Turn::Next
                } else {
                    Turn::Say("Atlas would get all that this role may do. Space accepts that.".to_owned())
                }
            }
        }
    }

    /// Returns whether what decides the default is still being read.
    fn is_undecided(&self, session: &Session) -> bool {
        let seen = &session.observed;
        let reading = seen.iam_roles.is_looking()
            || seen.access_roles.is_looking()
            || seen.setting.is_looking()
            || seen.project.is_looking();
        reading && session.choices.role.is_none() && !self.list.is_moved()
    }

    /// Something was read: goes on if that was asked for and nothing stands against it.
    pub(in crate::wizard) fn answered(&mut self, session: &mut Session) -> Turn {
        self.going_on = false;
        self.on(session)
    }
}

fn accept(session: &mut Session) {
    let accepted = session.choices.role.as_ref().is_some_and(RoleChoice::reuse);
    session.accept_role_permissions(!accepted);
}

/// The access roles whose authorization was never finished.
fn unfinished(session: &Session) -> Vec<&AccessRole> {
    let all = session
        .observed
        .access_roles
        .known()
        .map(Vec::as_slice)
        .unwrap_or_default();
    all.iter().filter(|role| !role.is_authorized()).collect()
}

fn access_role_row(role: &AccessRole, session: &Session) -> RoleRow {
    let created = role.created.map_or_else(String::new, |at| format!(", created {at}"));
    RoleRow {
        id: RoleRowId::AccessRole(role.role_id.clone()),
        name: role.role_id.clone(),
        detail: format!(
            "Atlas access role, not authorized yet{created}, external ID {}",
            role.external_id
        ),
        chosen: session.choices.access_role == AccessRoleChoice::Picked(role.role_id.clone()),
    }
}

fn existing_row(role: &IamRole, session: &Session) -> RoleRow {
    RoleRow {
        id: RoleRowId::Existing(role.arn.clone()),
        name: role.name.clone(),
        detail: place_and_purpose(role),
        chosen: is_chosen(role, session),
    }
}

/// Returns the path of a role that has one, and its description.
fn place_and_purpose(role: &IamRole) -> String {
    let path = Some(role.arn.path()).filter(|path| *path != "/");
    let parts: Vec<_> = path.into_iter().chain(role.description.as_deref()).collect();
    parts.join("  ")
}

fn is_chosen(role: &IamRole, session: &Session) -> bool {
    match &session.choices.role {
        Some(RoleChoice::Existing { arn, .. }) => *arn == role.arn,
        Some(RoleChoice::Named { name, .. }) => session.role_named(name).is_some_and(|named| named.arn == role.arn),
        None => false,
    }
}

/// Where the cursor is while it wasn't moved: what is chosen, else the role in use, else one that has the name that
/// would be given, else a new one.
fn default(session: &Session) -> RoleRowId {
    match &session.choices.role {
        Some(RoleChoice::Existing { arn, .. }) => return RoleRowId::Existing(arn.clone()),
        Some(RoleChoice::Named { name, .. }) => {
            let there = session.role_named(name);
            return there.map_or(RoleRowId::New, |role| RoleRowId::Existing(role.arn.clone()));
        }
        None => {}
    }
    let roles = session
        .observed
        .iam_roles
        .known()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let used = session
        .role_in_use()
        .and_then(|arn| roles.iter().find(|role| role.arn == *arn));
    let usual = session.usual_role();
    let named = || roles.iter().find(|role| role.name == usual);
    used.or_else(named)
        .map_or(RoleRowId::New, |role| RoleRowId::Existing(role.arn.clone()))
}
