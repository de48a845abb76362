//! What all screens share: whom we talk to, what is observed, what is chosen, what a run does and what holds.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::run::Run;
use super::sources::{AtlasSource, AwsSource, Profiles, Sources};
use crate::domain::access_role::AccessRole;
use crate::domain::arn::{KeyArn, RoleArn};
use crate::domain::cluster::Cluster;
use crate::domain::iam_role::{IamRole, IamRoleDetail};
use crate::domain::key::{Key, KeyRef};
use crate::domain::name;
use crate::domain::policy;
use crate::domain::project::{Project, RegionRestriction};
use crate::domain::region::Region;
use crate::observe::{Fetched, Lookup, Observation, ObservedState};
use crate::plan::{AccessRoleChoice, Choices, ClusterChoice, KeyChoice, NewCluster, RoleChoice, Rollout};
use crate::verify::Evidence;

/// The folder for the AWS half, under the one that the program was started in.
const AWS_HALF: &str = "atlas-cmk-aws";
/// Atlas, as its address is shown.
const CLOUD: &str = "https://cloud.mongodb.com";
/// What stands in the address of Atlas for Government alone.
const FOR_GOVERNMENT: &str = "mongodbgov";
/// Atlas for Government.
const GOVERNMENT: &str = "https://cloud.mongodbgov.com";

/// Whom the wizard talks to, in words for the header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// Atlas's address, as it is shown.
    pub atlas: String,
    /// Where the AWS credentials come from: `profile platform`, `environment`, …
    pub aws: String,
    /// Whether these are the demo's clouds.
    pub demo: bool,
}

/// What the wizard begins with.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// Whom it talks to.
    pub connection: Connection,
    /// What options, file and environment chose already.
    pub choices: Choices,
    /// The name of the project that is meant, while its ID isn't known.
    pub project_name: Option<String>,
    /// What the operator is told first: where file and environment differ, another run, an interrupted one.
    pub notes: Vec<String>,
    /// Now.
    pub at: Option<Timestamp>,
}

/// The truth that all screens share. Screens read it; only the machine changes it.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whom we talk to.
    pub connection: Connection,
    /// What the operator is told first.
    pub notes: Vec<String>,
    /// What is true now.
    pub observed: ObservedState,
    /// What is chosen so far.
    pub choices: Choices,
    /// The last run, or the one under way.
    pub run: Option<Run>,
    /// What holds after it.
    pub evidence: Fetched<Evidence>,
    /// Where the report is.
    pub report: Fetched<Vec<String>>,
    /// Which credentials are used.
    pub sources: Sources,
    /// The profiles on this machine, once they are asked for.
    pub profiles: Fetched<Profiles>,
    /// The last time that was told.
    pub now: Option<Timestamp>,
    given_connection: Connection,
    given: Choices,
    saved: Option<Choices>,
    revision: u64,
}

impl Session {
    pub(super) fn new(start: Start) -> Self {
        Self {
            given_connection: start.connection.clone(),
            connection: start.connection,
            sources: Sources::default(),
            profiles: Fetched::NotLooked,
            notes: start.notes,
            observed: ObservedState {
                region: start.choices.region,
                ..ObservedState::default()
            },
            given: start.choices.clone(),
            choices: start.choices,
            run: None,
            evidence: Fetched::NotLooked,
            report: Fetched::NotLooked,
            now: start.at,
            saved: None,
            revision: 0,
        }
    }

    /// Returns whom the program talked to before other credentials were chosen.
    pub fn given_connection(&self) -> &Connection {
        &self.given_connection
    }

    /// Returns where the Atlas of a credential is: for governments, or where the program was told.
    pub(super) fn base_url(&self, government: bool) -> String {
        let given = &self.given_connection.atlas;
        match (government, given.contains(FOR_GOVERNMENT)) {
            (true, false) => GOVERNMENT.to_owned(),
            (false, true) => CLOUD.to_owned(),
            (true, true) | (false, false) => given.clone(),
        }
    }

    /// Returns whether the Atlas address is that of Atlas for Government.
    pub fn is_government(&self) -> bool {
        self.connection.atlas.contains(FOR_GOVERNMENT)
    }

    /// Other credentials: what was observed with the old ones is forgotten, what was chosen stays.
    pub(super) fn use_sources(&mut self, sources: Sources) {
        let found = self.profiles.known();
        let profile = |name: &str| found?.atlas.iter().find(|profile| profile.name == name);
        self.connection.atlas = match &sources.atlas {
            AtlasSource::Given => self.given_connection.atlas.clone(),
            AtlasSource::Profile(name) => profile(name).map_or_else(String::new, |profile| profile.base_url.clone()),
            AtlasSource::Typed(typed) => typed.base_url.clone(),
        };
        self.connection.aws = match &sources.aws {
            AwsSource::Given => self.given_connection.aws.clone(),
            AwsSource::Profile(name) => format!("profile {name}"),
        };
        self.sources = sources;
        self.observed = ObservedState {
            region: self.choices.region,
            ..ObservedState::default()
        };
        self.touch();
    }

    /// Grows whenever something changes that checks or plan follow from.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// Returns whether the project was given from outside, so that there is nothing to choose.
    pub fn project_is_given(&self) -> bool {
        self.given.project_id.is_some()
    }

    /// Returns whether leaving now would lose choices.
    pub fn has_unsaved_choices(&self) -> bool {
        self.choices != self.given && self.saved.as_ref() != Some(&self.choices)
    }

    /// Returns the project chosen, from wherever it is known.
    pub fn project(&self) -> Option<&Project> {
        let id = self.choices.project_id.as_deref()?;
        let listed = || self.observed.projects.known()?.iter().find(|project| project.id == id);
        self.observed.project.known().or_else(listed)
    }

    fn slug(&self) -> Option<String> {
        let named = self.project().and_then(|project| name::slug(&project.name));
        named.or_else(|| self.choices.project_id.clone())
    }

    /// Returns the name that an IAM role of ours has by default: a first run's role is found again by it.
    pub fn usual_role(&self) -> String {
        self.slug()
            .map_or_else(|| "atlas-cmk".to_owned(), |slug| format!("atlas-cmk-{slug}"))
    }

    /// Returns the name that a new IAM role has unless the operator types another: the usual one, or one beside it that
    /// is free.
    pub fn suggested_role(&self) -> String {
        free(self.usual_role(), |name| self.role_named(name).is_none())
    }

    /// Returns the listed IAM role with a name; IAM's names are unique whatever their case.
    pub fn role_named(&self, name: &str) -> Option<&IamRole> {
        let roles = self.observed.iam_roles.known()?;
        roles.iter().find(|role| role.name.eq_ignore_ascii_case(name))
    }

    /// Returns whether names can be suggested: what the project is called is known, or won't be.
    pub fn can_suggest(&self) -> bool {
        self.project().is_some() || !self.observed.project.is_looking()
    }

    /// Returns the alias that a key of ours has by default: a first run's key is found again by it.
    pub fn usual_alias(&self) -> String {
        self.slug()
            .map_or_else(|| "alias/atlas-cmk".to_owned(), |slug| format!("alias/atlas-{slug}"))
    }

    /// Returns the alias that a new key has unless the operator types another: the usual one, or one beside it that is
    /// free.
    pub fn suggested_alias(&self) -> String {
        free(self.usual_alias(), |alias| self.key_with_alias(alias).is_none())
    }

    /// Returns the listed key with an alias.
    pub fn key_with_alias(&self, alias: &str) -> Option<&Key> {
        let keys = self.observed.keys.known()?;
        keys.iter().find(|key| key.aliases.iter().any(|own| own == alias))
    }

    /// Returns what was found of the IAM role chosen; `None` while none is chosen.
    pub fn chosen_role(&self) -> Option<&Fetched<Option<IamRoleDetail>>> {
        let name = self.choices.role.as_ref()?.name();
        lookup(self.observed.chosen_role.as_ref(), name)
    }

    /// Returns what was found of the key chosen; `None` while none is chosen.
    pub fn chosen_key(&self) -> Option<&Fetched<Option<Key>>> {
        let key = self.choices.key.as_ref()?.key_ref();
        let lookup = self.observed.chosen_key.as_ref()?;
        (lookup.of == key).then_some(&lookup.found)
    }

    /// Returns what the chosen IAM role may do beyond the use of the key: Atlas would get it too. Empty if the role
    /// isn't there yet or isn't read yet.
    pub fn permissions_beyond_key_use(&self) -> Vec<String> {
        let Some(Fetched::Known(Some(role))) = self.chosen_role() else {
            return Vec::new();
        };
        let key = self.chosen_key().and_then(Fetched::known).and_then(Option::as_ref);
        let documents: Vec<_> = role.policies().filter_map(|policy| policy.document.as_ref()).collect();
        let mut beyond = policy::beyond_key_use(&documents, key.map(|key| key.arn.as_str()));
        let unread = role.policies().filter(|policy| policy.document.is_none());
        beyond.extend(unread.map(|policy| format!("whatever {} allows: it couldn't be read", policy.name)));
        beyond
    }

    /// Returns the key in use, where it is disabled or about to be deleted: Atlas shuts the encrypted clusters down at
    /// its next check, and nothing else can be changed before.
    pub fn incident(&self) -> Option<&Key> {
        let setting = &self.observed.setting.known()?.aws;
        let in_use = setting.key.as_ref().filter(|_| setting.enabled)?;
        let lookup = self
            .observed
            .key_in_use
            .as_ref()
            .filter(|lookup| lookup.of == *in_use)?;
        let key = lookup.found.known()?.as_ref()?;
        matches!(key.state.as_str(), "Disabled" | "PendingDeletion").then_some(key)
    }

    /// The way back and nothing else: the key in use as it is, and no cluster more.
    pub(super) fn choose_way_back(&mut self, key: KeyArn, role: Option<RoleArn>) {
        let usual = self.usual_role();
        self.choose(|choices| {
            choices.region = key.region().or(choices.region);
            choices.role = Some(match role {
                Some(arn) => RoleChoice::Existing { arn, reuse: true },
                None => RoleChoice::named(usual),
            });
            choices.key = Some(KeyChoice::Existing(KeyRef::Arn(key)));
            choices.clusters = Some(ClusterChoice::Named(Vec::new()));
            choices.resume = Vec::new();
            choices.create = Vec::new();
        });
    }

    /// Returns the IAM role behind the project's setting.
    pub(super) fn role_in_use(&self) -> Option<&RoleArn> {
        let setting = &self.observed.setting.known()?.aws;
        let roles = self.observed.access_roles.known()?;
        let used = |role: &&AccessRole| match &setting.role_id {
            Some(id) => role.role_id == *id,
            None => role.serves_encryption(),
        };
        let access_role = roles.iter().find(used).filter(|_| setting.enabled)?;
        access_role.iam_role_arn.as_ref()
    }

    /// Returns all clusters that are known, Flex ones last.
    pub fn clusters(&self) -> impl Iterator<Item = &Cluster> {
        let dedicated = self.observed.clusters.known().map(Vec::as_slice).unwrap_or_default();
        let flex = self
            .observed
            .flex_clusters
            .known()
            .map(Vec::as_slice)
            .unwrap_or_default();
        dedicated.iter().chain(flex)
    }

    /// Returns whether a key of another account, or of the AWS administrator, can't be described from here: its owner
    /// knows whether it can be used.
    pub(super) fn is_its_owners_to_read(&self, key: &Key) -> bool {
        if self.aws_half().is_some() {
            return key.state == Key::UNREADABLE;
        }
        let identity = self.observed.aws_identity.known();
        key.state == Key::UNREADABLE && identity.is_some_and(|identity| identity.account != key.arn.account())
    }

    /// Returns the names of the clusters that are chosen.
    pub fn chosen_clusters(&self) -> BTreeSet<&str> {
        let eligible = self
            .clusters()
            .filter(|cluster| cluster.is_eligible() && !self.is_too_small(cluster));
        match &self.choices.clusters {
            None => BTreeSet::new(),
            Some(ClusterChoice::Eligible) => eligible.map(|cluster| cluster.name.as_str()).collect(),
            Some(ClusterChoice::Named(names)) => names.iter().map(String::as_str).collect(),
        }
    }

    /// Returns whether a cluster is too small for a customer key in this project.
    pub(super) fn is_too_small(&self, cluster: &Cluster) -> bool {
        let project = self.observed.project.known();
        project.is_some_and(|project| project.is_too_small(&cluster.instance_size))
    }

    pub(super) fn touch(&mut self) {
        self.revision += 1;
    }

    fn choose(&mut self, change: impl FnOnce(&mut Choices)) {
        let before = self.choices.clone();
        change(&mut self.choices);
        if self.choices != before {
            self.touch();
        }
    }

    /// Another project: what was chosen for the old one no longer holds.
    pub(super) fn choose_project(&mut self, id: String) {
        if self.choices.project_id.as_ref() == Some(&id) {
            return;
        }
        self.choose(|choices| {
            if choices.project_id.is_some() {
                *choices = Choices {
                    region: choices.region,
                    rollout: choices.rollout,
                    aws_half: choices.aws_half.take(),
                    ..Choices::default()
                };
            }
            choices.project_id = Some(id);
        });
    }

    /// Another region: a key of the old one no longer holds.
    pub(super) fn choose_region(&mut self, region: Region) {
        if self.choices.region == Some(region) {
            return;
        }
        self.choose(|choices| {
            if choices.region.is_some() {
                choices.key = None;
            }
            choices.region = Some(region);
        });
        self.observed.chosen_key = None;
    }

    /// The role with this name, made if there is none. What was accepted of the same role stays accepted.
    /// A new IAM role. What was accepted for one of this name stays accepted.
    pub(super) fn choose_new_role(&mut self, mut role: RoleChoice) {
        let same = |chosen: &&RoleChoice| chosen.name() == role.name() && matches!(chosen, RoleChoice::Named { .. });
        let accepted = self.choices.role.as_ref().filter(same).is_some_and(RoleChoice::reuse);
        if let RoleChoice::Named { reuse, .. } = &mut role {
            *reuse = accepted;
        }
        self.choose(|choices| choices.role = Some(role));
    }

    pub(super) fn choose_existing_role(&mut self, arn: RoleArn) {
        let same = self.choices.role.as_ref().filter(|chosen| chosen.name() == arn.name());
        let reuse = same.is_some_and(RoleChoice::reuse);
        self.choose(|choices| choices.role = Some(RoleChoice::Existing { arn, reuse }));
    }

    pub(super) fn accept_role_permissions(&mut self, accepted: bool) {
        self.choose(|choices| {
            if let Some(RoleChoice::Named { reuse, .. } | RoleChoice::Existing { reuse, .. }) = &mut choices.role {
                *reuse = accepted;
            }
        });
    }

    pub(super) fn choose_access_role(&mut self, choice: AccessRoleChoice) {
        self.choose(|choices| choices.access_role = choice);
    }

    /// Returns the folder for the AWS half, where the AWS administrator is to carry it out.
    pub fn aws_half(&self) -> Option<&str> {
        self.choices.aws_half.as_deref()
    }

    pub(super) fn toggle_aws_half(&mut self) {
        self.choose(|choices| {
            choices.aws_half = match choices.aws_half.take() {
                Some(_) => None,
                None => Some(AWS_HALF.to_owned()),
            };
        });
    }

    pub(super) fn toggle_dead_principals(&mut self) {
        self.choose(|choices| choices.drop_dead_principals = !choices.drop_dead_principals);
    }

    pub(super) fn toggle_key_policy(&mut self) {
        self.choose(|choices| choices.extend_key_policy = !choices.extend_key_policy);
    }

    pub(super) fn choose_key(&mut self, key: KeyChoice) {
        self.choose(|choices| choices.key = Some(key));
    }

    pub(super) fn choose_clusters(&mut self, clusters: ClusterChoice) {
        self.choose(|choices| choices.clusters = Some(clusters));
    }

    /// Chooses these clusters; of them these may be resumed.
    pub(super) fn choose_with_resume(&mut self, clusters: ClusterChoice, resume: Vec<String>) {
        self.choose(|choices| {
            choices.clusters = Some(clusters);
            choices.resume = resume;
        });
    }

    /// One cluster more, or one fewer, to create.
    pub(super) fn create_cluster(&mut self, new: NewCluster) {
        self.choose(|choices| {
            choices.create.retain(|other| other.name != new.name);
            choices.create.push(new);
        });
    }

    pub(super) fn drop_new_cluster(&mut self, name: &str) {
        self.choose(|choices| choices.create.retain(|new| new.name != name));
    }

    /// Returns the smallest instance size that a customer key can be used with, as a number.
    pub fn least_size(&self) -> u16 {
        let is_commercial = self
            .project()
            .is_none_or(|project| project.regions == RegionRestriction::None);
        if is_commercial && !self.is_government() { 10 } else { 20 }
    }

    pub(super) fn choose_rollout(&mut self, rollout: Rollout) {
        self.choose(|choices| choices.rollout = rollout);
    }

    pub(super) fn note_saved(&mut self) {
        self.saved = Some(self.choices.clone());
    }

    pub(super) fn absorb(&mut self, observation: Observation, at: Timestamp) {
        self.observed.absorb(observation, at);
        self.now = Some(at);
        self.touch();
    }

    /// Takes over what a run has observed. Lists that only the screens need may not be in it: they stay.
    pub(super) fn replace_observed(&mut self, mut observed: ObservedState) {
        let old = std::mem::take(&mut self.observed);
        keep(&mut observed.projects, old.projects);
        keep(&mut observed.iam_roles, old.iam_roles);
        keep(&mut observed.keys, old.keys);
        keep(&mut observed.atlas_identity, old.atlas_identity);
        self.observed = observed;
        self.touch();
    }
}

/// Returns a name, or the first beside it (`NAME-2`, …) that is free.
fn free(usual: String, is_free: impl Fn(&str) -> bool) -> String {
    let numbered = (2..50).map(|number| format!("{usual}-{number}"));
    let found = std::iter::once(usual.clone())
        .chain(numbered)
        .find(|name| is_free(name));
    found.unwrap_or(usual)
}

fn keep<T>(new: &mut Fetched<T>, old: Fetched<T>) {
    if matches!(new, Fetched::NotLooked) {
        *new = old;
    }
}

fn lookup<'a, T>(lookup: Option<&'a Lookup<String, T>>, wanted: &str) -> Option<&'a Fetched<Option<T>>> {
    lookup.filter(|lookup| lookup.of == wanted).map(|lookup| &lookup.found)
}
