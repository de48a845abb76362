//! Connect: who the operator is on both sides, which project, which region.

use crate::domain::project::Project;
use crate::domain::region::Region;
use crate::observe::Fetched;
use crate::wizard::keys::Action;
use crate::wizard::list::{Filter, Picker, Rows, Scroll};
use crate::wizard::screens::Turn;
use crate::wizard::session::Session;

/// Which list takes the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectFocus {
    /// The projects.
    #[default]
    Project,
    /// The regions.
    Region,
}

/// What Connect holds.
#[derive(Clone, Debug, Default)]
pub struct ConnectScreen {
    /// Which list takes the keys.
    pub focus: ConnectFocus,
    /// The list of projects, by ID.
    pub projects: Picker<String>,
    /// The list of regions.
    pub regions: Picker<Region>,
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
    pub(in crate::wizard) fn filter(&self) -> &Filter {
        match self.focus {
            ConnectFocus::Project => &self.projects.filter,
            ConnectFocus::Region => &self.regions.filter,
        }
    }

    pub(in crate::wizard) fn filter_mut(&mut self) -> &mut Filter {
        match self.focus {
            ConnectFocus::Project => &mut self.projects.filter,
            ConnectFocus::Region => &mut self.regions.filter,
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

    /// Returns the regions as they are shown: those of the caller's partition, once it is known.
    pub fn region_rows(&self, session: &Session) -> Rows<RegionRow> {
        let partition = session.observed.aws_identity.known().map(|who| who.partition.as_str());
        let all: Vec<_> = Region::all().filter(|region| is_in(*region, partition)).collect();
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
        match action {
            Action::NextField | Action::PreviousField if !session.project_is_given() => {
                self.focus = match self.focus {
                    ConnectFocus::Project => ConnectFocus::Region,
                    ConnectFocus::Region => ConnectFocus::Project,
                };
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
            ConnectFocus::Project => {}
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
