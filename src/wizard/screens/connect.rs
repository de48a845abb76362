//! Connect: who the operator is on both sides, which project, which region.

use crate::domain::project::{Project, ProjectRef};
use crate::domain::region::Region;
use crate::observe::Fetched;
use crate::problem::Kind;
use crate::wizard::field::Field;
use crate::wizard::keys::Action;
use crate::wizard::list::{Filter, Motion, Picker, Rows, Scroll};
use crate::wizard::screens::Turn;
use crate::wizard::screens::sign_in::{SignIn, SignInPart, SourceId};
use crate::wizard::session::Session;
use crate::wizard::sources::{AtlasSource, AwsSource, Sources};

/// Which list takes the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectFocus {
    /// The projects.
    #[default]
    Project,
    /// The regions.
    Region,
    /// The credentials.
    Sources,
    /// A part of the form for a credential that is typed.
    SignIn(SignInPart),
}

/// What Connect holds.
#[derive(Clone, Debug, Default)]
pub struct ConnectScreen {
    /// Which list takes the keys.
    pub focus: ConnectFocus,
    /// The name of the project that is meant, until the projects are listed.
    named: Option<String>,
    /// The list of projects, by ID.
    pub projects: Picker<String>,
    /// The list of regions.
    pub regions: Picker<Region>,
    /// The credentials.
    pub sign_in: SignIn,
    /// How far the text above the lists is scrolled.
    pub scroll: Scroll,
}

/// A project in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectRow {
    /// The project.
    pub project: Project,
    /// Whether it is the chosen one.
    pub chosen: bool,
}

/// A region in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionRow {
    /// The region.
    pub region: Region,
    /// Whether it is the chosen one.
    pub chosen: bool,
}

impl ConnectScreen {
    /// Returns the filter of the list that takes the keys.
    pub(in crate::wizard) fn filter(&self) -> &Filter {
        match self.focus {
            ConnectFocus::Project => &self.projects.filter,
            ConnectFocus::Region => &self.regions.filter,
            ConnectFocus::Sources | ConnectFocus::SignIn(_) => &self.sign_in.list.filter,
        }
    }

    pub(in crate::wizard) fn filter_mut(&mut self) -> &mut Filter {
        match self.focus {
            ConnectFocus::Project => &mut self.projects.filter,
            ConnectFocus::Region => &mut self.regions.filter,
            ConnectFocus::Sources | ConnectFocus::SignIn(_) => &mut self.sign_in.list.filter,
        }
    }

    pub(in crate::wizard) fn field(&self) -> Option<&Field> {
        match self.focus {
            ConnectFocus::SignIn(SignInPart::Id) => Some(&self.sign_in.id),
            ConnectFocus::SignIn(SignInPart::Secret) => Some(&self.sign_in.secret),
            _ => None,
        }
    }

    pub(in crate::wizard) fn field_mut(&mut self) -> Option<&mut Field> {
        match self.focus {
            ConnectFocus::SignIn(SignInPart::Id) => Some(&mut self.sign_in.id),
            ConnectFocus::SignIn(SignInPart::Secret) => Some(&mut self.sign_in.secret),
            _ => None,
        }
    }

    /// Returns whether projects or regions take the keys, not the credentials.
    pub fn on_lists(&self) -> bool {
        matches!(self.focus, ConnectFocus::Project | ConnectFocus::Region)
    }

    /// Returns whether the form for a credential takes the keys.
    pub fn in_form(&self) -> bool {
        matches!(self.focus, ConnectFocus::SignIn(_))
    }

    /// Returns whether a switch has the focus.
    pub fn on_switch(&self) -> bool {
        self.focus == ConnectFocus::SignIn(SignInPart::Government)
    }

    /// Atlas has told whom the credential belongs to, or refused it: where there is none it's asked for, and what was
    /// typed and refused can be typed again.
    pub(in crate::wizard) fn credential_answered(&mut self, session: &Session) -> Turn {
        let Fetched::Failed(problem) = &session.observed.atlas_identity else {
            return Turn::Stay;
        };
        if !self.on_lists() || session.connection.demo || self.filter().open {
            return Turn::Stay;
        }
        match session.sources.atlas {
            AtlasSource::Typed(_) => {
                self.focus = ConnectFocus::SignIn(SignInPart::Secret);
                Turn::Stay
            }
            _ if problem.kind == Kind::Input => self.open_sources(session),
            _ => Turn::Stay,
        }
    }

    fn open_sources(&mut self, session: &Session) -> Turn {
        self.focus = ConnectFocus::Sources;
        self.sign_in.government = session.is_government();
        Turn::ListProfiles
    }

    fn close_sources(&mut self, session: &Session) {
        self.focus = if session.choices.project_id.is_some() {
            ConnectFocus::Region
        } else {
            ConnectFocus::Project
        };
    }

    fn act_on_sources(&mut self, action: Action, session: &Session, page: usize) -> Turn {
        match action {
            Action::On | Action::Toggle => self.take_source(session),
            Action::Back | Action::Credentials => {
                self.close_sources(session);
                Turn::Stay
            }
            _ => {
                let ids: Vec<_> = self.sign_in.rows(session).rows.into_iter().map(|row| row.id).collect();
                self.sign_in.list.act(action, &ids, None, page);
                Turn::Stay
            }
        }
    }

    fn take_source(&mut self, session: &Session) -> Turn {
        let rows = self.sign_in.rows(session);
        let Some(row) = rows.current() else {
            return Turn::Stay;
        };
        if let Some(why) = &row.unusable {
            return Turn::Say(why.clone());
        }
        let mut sources = session.sources.clone();
        match &row.id {
            SourceId::AtlasGiven => sources.atlas = AtlasSource::Given,
            SourceId::AtlasProfile(name) => sources.atlas = AtlasSource::Profile(name.clone()),
            SourceId::AwsGiven => sources.aws = AwsSource::Given,
            SourceId::AwsProfile(name) => sources.aws = AwsSource::Profile(name.clone()),
            SourceId::Type(kind) => {
                self.sign_in.kind = *kind;
                self.focus = ConnectFocus::SignIn(SignInPart::Id);
                return Turn::Stay;
            }
        }
        Turn::Connect(Box::new(sources))
    }

    fn act_in_form(&mut self, part: SignInPart, action: Action, session: &Session) -> Turn {
        let mut go = |by| {
            self.focus = part.neighbour(by).map_or(ConnectFocus::Sources, ConnectFocus::SignIn);
        };
        match action {
            Action::NextField | Action::Move(Motion::Down) => go(1),
            Action::PreviousField | Action::Move(Motion::Up) => go(-1),
            Action::Back => self.focus = ConnectFocus::Sources,
            Action::Toggle if part == SignInPart::Government => self.sign_in.government = !self.sign_in.government,
            Action::On => match self.sign_in.take(session) {
                Ok(typed) => {
                    self.close_sources(session);
                    return Turn::Connect(Box::new(Sources {
                        atlas: AtlasSource::Typed(typed),
                        aws: session.sources.aws.clone(),
                    }));
                }
                Err(part) => self.focus = ConnectFocus::SignIn(part),
            },
            _ => {}
        }
        Turn::Stay
    }

    /// An ID or a page's address was pasted: that project. Any other text is looked for in the list.
    pub(in crate::wizard) fn pasted(&mut self, text: &str, session: &mut Session) {
        let filter = &mut self.projects.filter;
        filter.open = true;
        filter.field.paste(text);
        self.typed_project(session);
        self.projects.filter.open = self.projects.filter.is_active();
    }

    /// The project with this name is meant: it is chosen once the projects are listed.
    pub(in crate::wizard) fn look_for(&mut self, name: &str) {
        self.projects.filter.field.paste(name);
        self.named = Some(name.to_owned());
    }

    /// The projects are listed: chooses the one that was named; where more have the name, or none has it, it is asked.
    pub(in crate::wizard) fn projects_answered(&mut self, session: &mut Session) -> Turn {
        let Some(all) = session.observed.projects.known() else {
            return Turn::Stay;
        };
        let Some(name) = self.named.take() else {
            return Turn::Stay;
        };
        let found: Vec<_> = all.iter().filter(|project| project.name == name).collect();
        match found.as_slice() {
            [project] => {
                let id = project.id.clone();
                self.projects.put(id.clone());
                self.projects.filter.clear();
                self.focus = ConnectFocus::Region;
                session.choose_project(id);
                Turn::Stay
            }
            [] => {
                self.projects.filter.clear();
                Turn::Say(format!(
                    "The Atlas credential sees no project with the name {name}: choose one."
                ))
            }
            several => Turn::Say(format!("{} projects have the name {name}: choose one.", several.len())),
        }
    }

    /// A whole ID or a page's address in the filter is that project, listed or not.
    fn typed_project(&mut self, session: &mut Session) {
        match ProjectRef::parse(self.projects.filter.field.value()) {
            Ok(ProjectRef::Id(id)) => {
                self.projects.put(id.clone());
                self.projects.filter.clear();
                session.choose_project(id);
                if session.choices.region.is_none() {
                    self.focus = ConnectFocus::Region;
                }
            }
            Ok(ProjectRef::Name(_)) | Err(_) => self.projects.filter.open = false,
        }
    }

    /// Returns the projects as they are shown.
    pub fn project_rows(&self, session: &Session) -> Rows<ProjectRow> {
        let all = session.observed.projects.known().map(Vec::as_slice).unwrap_or_default();
        let kept = self.projects.filter.keep(all.iter().collect(), |project| {
            format!("{} {}", project.name, project.id)
        });
        let rows: Vec<_> = kept
            .into_iter()
            .map(|project| ProjectRow {
                project: project.clone(),
                chosen: session.choices.project_id.as_ref() == Some(&project.id),
            })
            .collect();
        let ids = rows.iter().map(|row| &row.project.id);
        Rows {
            selected: self.projects.place(ids, session.choices.project_id.as_ref()),
            total: all.len(),
            rows,
        }
    }

    /// Returns the regions as they are shown: those of the caller's partition; all, commercial ones first, until it is
    /// known.
    pub fn region_rows(&self, session: &Session) -> Rows<RegionRow> {
        let partition = session.observed.aws_identity.known().map(|who| who.partition.as_str());
        let mut all: Vec<_> = Region::all().filter(|region| is_in(*region, partition)).collect();
        all.sort_by_key(|region| !is_in(*region, Some("aws")));
        let total = all.len();
        let text = |region: &Region| format!("{region} {}", region.atlas());
        let rows: Vec<_> = self
            .regions
            .filter
            .keep(all, text)
            .into_iter()
            .map(|region| RegionRow {
                region,
                chosen: session.choices.region == Some(region),
            })
            .collect();
        let default = default_region(session);
        let ids = rows.iter().map(|row| &row.region);
        Rows {
            selected: self.regions.place(ids, default.as_ref()),
            total,
            rows,
        }
    }

    pub(in crate::wizard) fn act(&mut self, action: Action, session: &mut Session, page: usize) -> Turn {
        match (self.focus, action) {
            (ConnectFocus::Sources, action) => return self.act_on_sources(action, session, page),
            (ConnectFocus::SignIn(part), action) => return self.act_in_form(part, action, session),
            (ConnectFocus::Project | ConnectFocus::Region, _) => {}
        }
        match action {
            Action::Credentials => self.open_sources(session),
            Action::NextField | Action::PreviousField if !session.project_is_given() => {
                self.focus = match self.focus {
                    ConnectFocus::Project => ConnectFocus::Region,
                    _ => ConnectFocus::Project,
                };
                Turn::Stay
            }
            Action::On if self.focus == ConnectFocus::Project && self.projects.filter.open => {
                self.typed_project(session);
                Turn::Stay
            }
            Action::On if self.focus == ConnectFocus::Region && self.regions.filter.open => self.typed_region(),
            Action::On if !self.filter().open => self.on(session),
            Action::Scroll(motion) => {
                self.scroll.step(motion, page);
                Turn::Stay
            }
            _ => {
                match self.focus {
                    ConnectFocus::Sources | ConnectFocus::SignIn(_) => {}
                    ConnectFocus::Project => {
                        let rows = self.project_rows(session);
                        let ids: Vec<_> = rows.rows.into_iter().map(|row| row.project.id).collect();
                        self.projects
                            .act(action, &ids, session.choices.project_id.as_ref(), page);
                    }
                    ConnectFocus::Region => {
                        let ids: Vec<_> = self.region_rows(session).rows.iter().map(|row| row.region).collect();
                        self.regions.act(action, &ids, default_region(session).as_ref(), page);
                    }
                }
                Turn::Stay
            }
        }
    }

    /// A whole region that was typed into the filter is that region, whichever form it has.
    fn typed_region(&mut self) -> Turn {
        let typed = self.regions.filter.field.value().to_owned();
        if let Ok(region) = Region::parse(&typed) {
            self.regions.put(region);
            self.regions.filter.clear();
        } else {
            self.regions.filter.open = false;
        }
        Turn::Stay
    }

    fn on(&mut self, session: &mut Session) -> Turn {
        match self.focus {
            ConnectFocus::Project if !session.project_is_given() => match self.project_rows(session).current() {
                Some(row) => session.choose_project(row.project.id.clone()),
                None => return Turn::Say(no_project(session)),
            },
            ConnectFocus::Project | ConnectFocus::Sources | ConnectFocus::SignIn(_) => {}
            ConnectFocus::Region => match self.region_rows(session).current() {
                Some(row) => session.choose_region(row.region),
                None => return Turn::Say(self.no_region()),
            },
        }
        if session.choices.project_id.is_none() {
            self.focus = ConnectFocus::Project;
            return Turn::Stay;
        }
        if session.choices.region.is_none() {
            self.focus = ConnectFocus::Region;
            return Turn::Stay;
        }
        Turn::Next
    }

    fn no_region(&self) -> String {
        match Region::parse(self.regions.filter.field.value()) {
            Err(unknown) => unknown.to_string(),
            Ok(region) => format!("{region} is in another partition than the AWS account"),
        }
    }
}

fn no_project(session: &Session) -> String {
    match &session.observed.projects {
        Fetched::Known(all) if all.is_empty() => "The Atlas credential can see no project.".to_owned(),
        Fetched::Known(_) => "No project fits the filter.".to_owned(),
        Fetched::Failed(_) => "The projects couldn't be read; r looks again.".to_owned(),
        Fetched::NotLooked | Fetched::Looking => "Still looking for the projects.".to_owned(),
    }
}

fn default_region(session: &Session) -> Option<Region> {
    let setting = session.observed.setting.known();
    session
        .choices
        .region
        .or_else(|| setting.and_then(|setting| setting.aws.region))
}

fn is_in(region: Region, partition: Option<&str>) -> bool {
    let name = region.aws();
    match partition {
        Some("aws") => !name.starts_with("us-gov-") && !name.starts_with("cn-"),
        Some("aws-us-gov") => name.starts_with("us-gov-"),
        Some("aws-cn") => name.starts_with("cn-"),
        _ => true,
    }
}
