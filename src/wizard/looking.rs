//! What is read, and what of it is on its way.

use std::collections::BTreeSet;

use super::Wizard;
use super::effect::{Effect, Part, Scope};
use super::screens::ScreenId;
use super::session::Session;
use super::sources::Sources;
use crate::domain::key::KeyRef;
use crate::domain::permission::{NeededPermission, SimulatedPermission};
use crate::observe::{Fetched, Lookup};
use crate::plan::KeyChoice;
use crate::problem::Problem;

impl Wizard {
    /// Reads everything again. What is known stays until its answer comes.
    pub(super) fn look_again(&mut self, effects: &mut Vec<Effect>) {
        let mut parts = BTreeSet::from([Part::Identities, Part::Project, Part::IamRoles, Part::Keys]);
        if !self.session.project_is_given() {
            parts.insert(Part::Projects);
        }
        self.session.observed.permissions = None;
        self.observe(parts, &BTreeSet::new(), effects);
        self.look_up_role(effects);
        self.look_up_key(effects);
    }

    /// Uses other credentials from now on, and reads everything anew with them.
    pub(super) fn connect(&mut self, sources: Sources, effects: &mut Vec<Effect>) {
        self.session.use_sources(sources.clone());
        effects.push(Effect::Connect {
            sources: Box::new(sources),
        });
        self.asked = None;
        self.follow_scope(effects);
    }

    pub(super) fn list_profiles(&mut self, effects: &mut Vec<Effect>) {
        let id = self.pending.id();
        self.pending.profiles = Some(id);
        self.session.profiles = Fetched::Looking;
        effects.push(Effect::ListProfiles { id });
    }

    pub(super) fn observe(&mut self, mut parts: BTreeSet<Part>, forget: &BTreeSet<Part>, effects: &mut Vec<Effect>) {
        let choices = &self.session.choices;
        if choices.project_id.is_none() {
            parts.remove(&Part::Project);
        }
        if choices.region.is_none() {
            parts.remove(&Part::Keys);
        }
        let scope = Scope {
            project_id: choices.project_id.clone(),
            region: choices.region,
            parts,
        };
        self.session.look(&scope.parts, forget);
        let id = self.pending.id();
        self.pending.observe = Some(id);
        effects.push(Effect::Observe { id, scope });
    }

    pub(super) fn look_up_role(&mut self, effects: &mut Vec<Effect>) {
        let Some(name) = self.session.choices.role.as_ref().map(|role| role.name().to_owned()) else {
            return;
        };
        let id = self.pending.id();
        self.pending.role = Some(id);
        self.session.look_up_role(&name);
        effects.push(Effect::LookUpRole { id, name });
    }

    pub(super) fn look_up_key(&mut self, effects: &mut Vec<Effect>) {
        let choices = &self.session.choices;
        let (Some(key), Some(region)) = (choices.key.as_ref().map(KeyChoice::key_ref), choices.region) else {
            return;
        };
        let id = self.pending.id();
        self.pending.key = Some(id);
        self.session.look_up_key(&key);
        effects.push(Effect::LookUpKey { id, key, region });
    }

    /// Asks once whether the operator may do what the plan needs in AWS.
    pub(super) fn look_up_permissions(&mut self, effects: &mut Vec<Effect>) {
        if self.current != ScreenId::Review || self.is_looking() {
            return;
        }
        let Some(Ok(plan)) = self.plan() else {
            return;
        };
        let needed = plan.needed_permissions();
        let asked = self.session.observed.permissions.as_ref().map(|lookup| &lookup.of);
        if needed.is_empty() || asked == Some(&needed) {
            return;
        }
        let id = self.pending.id();
        self.pending.permissions = Some(id);
        self.session.ask_permissions(Lookup {
            of: needed.clone(),
            found: Fetched::Looking,
        });
        effects.push(Effect::LookUpPermissions { id, needed });
    }

    /// Another project or region: reads what belongs to it, and what the replaced question had left open.
    pub(super) fn follow_scope(&mut self, effects: &mut Vec<Effect>) {
        let choices = &self.session.choices;
        let wanted = (choices.project_id.clone(), choices.region);
        let changed: BTreeSet<_> = match &self.asked {
            Some(asked) if *asked == wanted => return,
            Some((project, region)) => {
                let project = (*project != wanted.0).then_some(Part::Project);
                let region = (*region != wanted.1).then_some(Part::Keys);
                project.into_iter().chain(region).collect()
            }
            None => {
                let projects = (!self.session.project_is_given()).then_some(Part::Projects);
                let all = [Part::Identities, Part::Project, Part::IamRoles, Part::Keys];
                all.into_iter().chain(projects).collect()
            }
        };
        self.asked = Some(wanted);
        let mut parts = changed.clone();
        if self.pending.is_observing() {
            parts.extend(self.session.outstanding());
        }
        self.observe(parts, &changed, effects);
    }
}

impl Session {
    /// Marks permissions as being asked for.
    pub(super) fn ask_permissions(&mut self, lookup: Lookup<Vec<NeededPermission>, Vec<SimulatedPermission>>) {
        self.observed.permissions = Some(lookup);
        self.touch();
    }

    /// Marks the role as being looked up; what is known of the same one stays until the answer comes.
    pub(super) fn look_up_role(&mut self, name: &str) {
        if self.chosen_role().and_then(Fetched::known).is_none() {
            self.observed.chosen_role = Some(Lookup {
                of: name.to_owned(),
                found: Fetched::Looking,
            });
            self.touch();
        }
    }

    /// Marks the key as being looked up; as above.
    pub(super) fn look_up_key(&mut self, key: &KeyRef) {
        if self.chosen_key().and_then(Fetched::known).is_none() {
            self.observed.chosen_key = Some(Lookup {
                of: key.clone(),
                found: Fetched::Looking,
            });
            self.touch();
        }
    }

    pub(super) fn fail_lookups(&mut self, role: bool, key: bool, problem: &Problem) {
        if let Some(lookup) = self.observed.chosen_role.as_mut().filter(|_| role) {
            lookup.found = Fetched::Failed(problem.clone());
        }
        if let Some(lookup) = self.observed.chosen_key.as_mut().filter(|_| key) {
            lookup.found = Fetched::Failed(problem.clone());
        }
        self.touch();
    }

    /// Marks parts as being read. What is known of the same project and region stays until the answer comes.
    pub(super) fn look(&mut self, parts: &BTreeSet<Part>, forget: &BTreeSet<Part>) {
        for part in parts {
            let forget = forget.contains(part);
            self.each(*part, &mut |slot| slot.look(forget));
        }
        self.observed.region = self.choices.region;
        self.touch();
    }

    /// Gives up on whatever is still being read.
    pub(super) fn stop_looking(&mut self, problem: &Problem) {
        for part in ALL_PARTS {
            self.each(part, &mut |slot| slot.give_up(problem));
        }
        self.touch();
    }

    /// Returns the parts of which something is still being read.
    pub(super) fn outstanding(&mut self) -> BTreeSet<Part> {
        let mut parts = BTreeSet::new();
        for part in ALL_PARTS {
            self.each(part, &mut |slot| {
                if slot.is_looking() {
                    parts.insert(part);
                }
            });
        }
        parts
    }

    fn each(&mut self, part: Part, act: &mut dyn FnMut(&mut dyn Slot)) {
        let seen = &mut self.observed;
        match part {
            Part::Identities => {
                act(&mut seen.atlas_identity);
                act(&mut seen.aws_identity);
            }
            Part::Projects => act(&mut seen.projects),
            Part::Project => {
                act(&mut seen.project);
                act(&mut seen.access_roles);
                act(&mut seen.setting);
                act(&mut seen.clusters);
                act(&mut seen.flex_clusters);
            }
            Part::IamRoles => act(&mut seen.iam_roles),
            Part::Keys => act(&mut seen.keys),
        }
    }
}

const ALL_PARTS: [Part; 5] = [
    Part::Identities,
    Part::Projects,
    Part::Project,
    Part::IamRoles,
    Part::Keys,
];

/// A [`Fetched`] whatever it holds.
trait Slot {
    fn look(&mut self, forget: bool);
    fn give_up(&mut self, problem: &Problem);
    fn is_looking(&self) -> bool;
}

impl<T> Slot for Fetched<T> {
    fn look(&mut self, forget: bool) {
        if forget || self.known().is_none() {
            *self = Self::Looking;
        }
    }

    fn give_up(&mut self, problem: &Problem) {
        if self.is_looking() {
            *self = Self::Failed(problem.clone());
        }
    }

    fn is_looking(&self) -> bool {
        matches!(self, Self::Looking)
    }
}
