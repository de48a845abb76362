//! Clusters: which ones, and in which order.

use crate::domain::cluster::{Cluster, ClusterState, Eligibility, Ineligible};
use crate::domain::project::Project;
use crate::plan::{ClusterChoice, Rollout};
use crate::wizard::field::Field;
use crate::wizard::keys::Action;
use crate::wizard::list::{Motion, Picker, Rows, Scroll};
use crate::wizard::screens::Turn;
use crate::wizard::screens::new_cluster::{NewClusterForm, NewClusterPart};
use crate::wizard::session::Session;

/// What choosing a cluster costs.
pub const COST: &str = "Each cluster chosen is synced anew, one node after the other (initial sync), and its search \
                        indexes are rebuilt. The feature is charged extra.";

/// What takes the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClustersFocus {
    /// The list.
    #[default]
    List,
    /// A part of the form of a new cluster.
    New(NewClusterPart),
}

/// What Clusters holds.
#[derive(Clone, Debug, Default)]
pub struct ClustersScreen {
    /// What takes the keys.
    pub focus: ClustersFocus,
    /// The cluster that is to be created.
    pub new: NewClusterForm,
    /// The list of clusters, by name.
    pub list: Picker<String>,
    /// How far the text about the cluster is scrolled.
    pub scroll: Scroll,
}

/// A cluster in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterRow<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// Whether it is chosen.
    pub chosen: bool,
    /// Whether it is resumed first.
    pub resumed: bool,
    /// Whether it can be chosen, or why not.
    pub eligibility: Eligibility,
    /// Whether it is too small in this project.
    pub too_small: bool,
}

impl<'a> ClusterRow<'a> {
    fn of(cluster: &'a Cluster, chosen: bool, session: &Session) -> Self {
        Self {
            cluster,
            chosen,
            resumed: session.choices.resume.contains(&cluster.name),
            eligibility: cluster.eligibility(),
            too_small: session.is_too_small(cluster) && !cluster.is_encrypted(),
        }
    }

    /// Returns the texts of the columns: name, type, instance size, provider and region, state, encryption, backup,
    /// and what is to be said of choosing it.
    pub fn columns(&self) -> [String; 8] {
        let cluster = self.cluster;
        let more = cluster.regions.len().saturating_sub(1);
        let region = cluster.regions.first().map_or("", String::as_str);
        let place = if more > 0 {
            format!("{} {region} +{more}", cluster.provider)
        } else {
            format!("{} {region}", cluster.provider)
        };
        let state = if cluster.paused {
            "paused".to_owned()
        } else {
            cluster.state.to_string()
        };
        [
            cluster.name.clone(),
            cluster.cluster_type.clone(),
            cluster.instance_size.clone(),
            place.trim_end().to_owned(),
            state,
            cluster.encryption.to_string(),
            if cluster.backup { "yes" } else { "no" }.to_owned(),
            self.note(),
        ]
    }

    /// Returns whether it can be chosen: as it is, once it is resumed, or on its way from another provider's key.
    pub fn can_be_chosen(&self) -> bool {
        match &self.eligibility {
            _ if self.too_small => false,
            Eligibility::Eligible | Eligibility::Ineligible(Ineligible::Paused) => true,
            Eligibility::Ineligible(Ineligible::OtherProvider(_)) => {
                self.cluster.paused || self.cluster.state == ClusterState::Idle
            }
            Eligibility::AlreadyEncrypted | Eligibility::Ineligible(_) => false,
        }
    }

    /// Says whether it can be chosen, or why not.
    pub fn note(&self) -> String {
        match &self.eligibility {
            _ if self.too_small => Project::TOO_SMALL.to_owned(),
            Eligibility::Ineligible(Ineligible::Paused) if self.resumed => "resumed first".to_owned(),
            Eligibility::Ineligible(Ineligible::Paused) => "paused: Space resumes it first".to_owned(),
            Eligibility::Ineligible(Ineligible::OtherProvider(provider)) => {
                format!("key in {provider}: to NONE first, two initial syncs")
            }
            Eligibility::Eligible => "eligible".to_owned(),
            Eligibility::AlreadyEncrypted => "encrypted already".to_owned(),
            Eligibility::Ineligible(reason) => reason.to_string(),
        }
    }
}

impl ClustersScreen {
    /// Returns the clusters as they are shown.
    pub fn rows<'a>(&self, session: &'a Session) -> Rows<ClusterRow<'a>> {
        let all: Vec<_> = session.clusters().collect();
        let total = all.len();
        let chosen = session.chosen_clusters();
        let rows: Vec<_> = self
            .list
            .filter
            .keep(all, |cluster| text(cluster))
            .into_iter()
            .map(|cluster| ClusterRow::of(cluster, chosen.contains(cluster.name.as_str()), session))
            .collect();
        Rows {
            selected: self.list.place(rows.iter().map(|row| &row.cluster.name), None),
            total,
            rows,
        }
    }

    pub(in crate::wizard) fn field(&self) -> Option<&Field> {
        match self.focus {
            ClustersFocus::List => None,
            ClustersFocus::New(part) => Some(self.new.field(part)),
        }
    }

    pub(in crate::wizard) fn field_mut(&mut self) -> Option<&mut Field> {
        match self.focus {
            ClustersFocus::List => None,
            ClustersFocus::New(part) => Some(self.new.field_mut(part)),
        }
    }

    pub(in crate::wizard) fn is_typed(&self) -> bool {
        self.new.name.is_typed()
    }

    /// Puts the key's region and the smallest size into the form.
    pub(in crate::wizard) fn suggest(&mut self, session: &Session) {
        if let Some(region) = session.choices.region {
            self.new.region.suggest(region.aws());
        }
        self.new.size.suggest(&format!("M{}", session.least_size()));
    }

    fn act_in_form(&mut self, part: NewClusterPart, action: Action, session: &mut Session) -> Turn {
        let to = |part: Option<NewClusterPart>| part.map_or(ClustersFocus::List, ClustersFocus::New);
        match action {
            Action::NextField | Action::Move(Motion::Down) => self.focus = to(part.neighbour(1)),
            Action::PreviousField | Action::Move(Motion::Up) => self.focus = to(part.neighbour(-1)),
            Action::Back => self.focus = ClustersFocus::List,
            Action::On => return self.take_new(session),
            _ => {}
        }
        Turn::Stay
    }

    fn take_new(&mut self, session: &mut Session) -> Turn {
        let taken: Vec<_> = session.clusters().map(|cluster| cluster.name.as_str()).collect();
        match self.new.cluster(&taken, session.least_size()) {
            Ok(new) => {
                let said = format!(
                    "{} will be created. Enter goes on; c adds another, x takes it out.",
                    new.name
                );
                self.focus = ClustersFocus::List;
                self.new = NewClusterForm::default();
                session.create_cluster(new);
                Turn::Say(said)
            }
            Err(part) => {
                self.focus = ClustersFocus::New(part);
                Turn::Stay
            }
        }
    }

    pub(in crate::wizard) fn act(&mut self, action: Action, session: &mut Session, page: usize) -> Turn {
        if let ClustersFocus::New(part) = self.focus {
            return self.act_in_form(part, action, session);
        }
        match action {
            Action::CreateCluster => {
                self.list.filter.clear();
                self.focus = ClustersFocus::New(NewClusterPart::Name);
                Turn::Stay
            }
            Action::DropNewCluster => {
                if let Some(name) = session.choices.create.last().map(|new| new.name.clone()) {
                    session.drop_new_cluster(&name);
                }
                Turn::Stay
            }
            Action::On if !self.list.filter.open => on(session),
            Action::Back if !self.list.filter.open => Turn::Back,
            Action::Toggle => self.toggle(session),
            Action::Scroll(motion) => {
                self.scroll.step(motion, page);
                Turn::Stay
            }
            Action::All => self.all(session),
            Action::Rollout => {
                session.choose_rollout(next(session.choices.rollout));
                Turn::Stay
            }
            _ => {
                let rows = self.rows(session).rows;
                let ids: Vec<_> = rows.iter().map(|row| row.cluster.name.clone()).collect();
                if self.list.act(action, &ids, None, page) {
                    self.scroll = Scroll::default();
                }
                Turn::Stay
            }
        }
    }

    fn toggle(&self, session: &mut Session) -> Turn {
        let rows = self.rows(session);
        let Some(row) = rows.current() else {
            return Turn::Stay;
        };
        // A name that is chosen can always be taken out, also when its cluster has become busy since.
        if !row.chosen && !row.can_be_chosen() {
            return Turn::Say(format!("{}: {}", row.cluster.name, row.note()));
        }
        let name = row.cluster.name.clone();
        let is_paused = row.cluster.paused;
        let mut resume = session.choices.resume.clone();
        resume.retain(|other| *other != name);
        let mut chosen: Vec<_> = session.chosen_clusters().into_iter().map(str::to_owned).collect();
        if let Some(place) = chosen.iter().position(|other| *other == name) {
            chosen.remove(place);
        } else {
            if is_paused {
                resume.push(name.clone());
            }
            chosen.push(name);
        }
        session.choose_with_resume(named(session, &chosen), resume);
        Turn::Stay
    }

    /// All that can be switched, or none if they are chosen already. With a filter: of those that it leaves.
    fn all(&self, session: &mut Session) -> Turn {
        let rows = self.rows(session).rows;
        let eligible: Vec<_> = rows
            .iter()
            .filter(|row| row.eligibility == Eligibility::Eligible && row.can_be_chosen())
            .collect();
        if is_reading(session) {
            return Turn::Say("Still reading the clusters.".to_owned());
        }
        if eligible.is_empty() {
            return Turn::Say("None of these clusters can be chosen.".to_owned());
        }
        let every = eligible.iter().all(|row| row.chosen);
        if !self.list.filter.is_active() {
            let choice = if every {
                ClusterChoice::Named(Vec::new())
            } else {
                ClusterChoice::Eligible
            };
            session.choose_with_resume(choice, Vec::new());
            return Turn::Stay;
        }
        let shown: Vec<_> = eligible.iter().map(|row| row.cluster.name.clone()).collect();
        let mut chosen: Vec<_> = session.chosen_clusters().into_iter().map(str::to_owned).collect();
        chosen.retain(|name| !shown.contains(name));
        if !every {
            chosen.extend(shown);
        }
        session.choose_clusters(named(session, &chosen));
        Turn::Stay
    }
}

/// Returns these clusters in the order of the list: it is the order in which they are switched.
fn named(session: &Session, names: &[String]) -> ClusterChoice {
    let listed = session.clusters().filter(|cluster| names.contains(&cluster.name));
    let mut ordered: Vec<_> = listed.map(|cluster| cluster.name.clone()).collect();
    ordered.extend(
        names
            .iter()
            .filter(|name| !ordered.contains(name))
            .cloned()
            .collect::<Vec<_>>(),
    );
    ClusterChoice::Named(ordered)
}

fn on(session: &mut Session) -> Turn {
    if is_reading(session) {
        return Turn::Say("Still reading the clusters.".to_owned());
    }
    if session.choices.clusters.is_none() {
        session.choose_clusters(ClusterChoice::Named(Vec::new()));
    }
    let none = session.chosen_clusters().is_empty() && session.choices.create.is_empty();
    let in_use = session.clusters().any(Cluster::is_encrypted);
    if none && !in_use && choosable(session) > 0 {
        return Turn::AskWithoutClusters;
    }
    Turn::Next
}

/// Returns how many clusters can be chosen.
pub(in crate::wizard) fn choosable(session: &Session) -> usize {
    let rows = session
        .clusters()
        .map(|cluster| ClusterRow::of(cluster, false, session));
    rows.filter(ClusterRow::can_be_chosen).count()
}

fn is_reading(session: &Session) -> bool {
    session.observed.clusters.is_looking() || session.observed.flex_clusters.is_looking()
}

fn next(rollout: Rollout) -> Rollout {
    match rollout {
        Rollout::Together => Rollout::Canary,
        Rollout::Canary => Rollout::OneByOne,
        Rollout::OneByOne => Rollout::Together,
    }
}

fn text(cluster: &Cluster) -> String {
    format!(
        "{} {} {} {}",
        cluster.name,
        cluster.instance_size,
        cluster.provider,
        cluster.regions.join(" ")
    )
}
