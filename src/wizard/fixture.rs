//! A wizard for tests, with a world that answers it. Also for whoever draws it.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use jiff::Timestamp;

use super::effect::{Effect, EffectId, Part};
use super::message::Message;
use super::screens::ScreenId;
use super::session::Start;
use super::sources::Profiles;
use super::{Connection, Wizard};
use crate::apply::event::{Event, EventKind, Outcome, StepSummary, VERSION};
use crate::domain::iam_role::IamRoleDetail;
use crate::domain::key::{Key, KeyRef};
use crate::observe::fixture::{KEY, PROJECT, all_done, first_time, named_key, region};
use crate::observe::{Fetched, Lookup, Observation, ObservedState};
use crate::plan::{Choices, Plan, StepId};
use crate::problem::Problem;
use crate::verify::Evidence;

/// When everything in these tests happens.
pub(crate) fn at() -> Timestamp {
    "2026-11-25T08:00:00Z".parse().unwrap()
}

/// Returns a start with project and region given.
pub(crate) fn given() -> Start {
    Start {
        project_name: None,
        connection: Connection {
            atlas: "cloud.mongodb.com".to_owned(),
            aws: "profile platform".to_owned(),
            demo: false,
        },
        choices: Choices {
            project_id: Some(PROJECT.to_owned()),
            region: Some(region()),
            ..Choices::default()
        },
        notes: Vec::new(),
        at: Some(at()),
    }
}

/// A wizard, what it wants done, and the world that answers.
pub(crate) struct Rig {
    pub(crate) wizard: Wizard,
    /// Effects that nobody has answered.
    pub(crate) effects: Vec<Effect>,
    pub(crate) world: ObservedState,
    /// What a look-up of an IAM role by name finds.
    pub(crate) roles: Vec<IamRoleDetail>,
    /// Why an IAM role or a key can't be looked up, if so.
    pub(crate) unread: Option<Problem>,
    /// What there is on this machine.
    pub(crate) profiles: Profiles,
    /// Every effect there was.
    pub(crate) log: Vec<Effect>,
}

impl Rig {
    /// Returns a wizard that has begun and waits for its first answers.
    pub(crate) fn begin(start: Start, world: ObservedState) -> Self {
        let (wizard, effects) = Wizard::begin(start);
        let roles = world
            .chosen_role
            .iter()
            .filter_map(|lookup| lookup.found.known().cloned());
        Self {
            wizard,
            unread: None,
            profiles: Profiles::default(),
            log: effects.clone(),
            effects,
            roles: roles.flatten().collect(),
            world,
        }
    }

    /// Returns a wizard on Connect with project and region given, where all is read.
    pub(crate) fn connected(world: ObservedState) -> Self {
        let mut rig = Self::begin(given(), world);
        rig.answer();
        rig
    }

    /// Returns a wizard on a screen, led there by the keys of the contract; every question is answered.
    pub(crate) fn on(screen: ScreenId, world: ObservedState) -> Self {
        let mut rig = Self::connected(world);
        while rig.wizard.current < screen {
            match rig.wizard.current {
                ScreenId::Clusters => rig.press("a"),
                ScreenId::Apply => rig.complete_run(),
                _ => {}
            }
            let before = rig.wizard.current;
            rig.press("Enter");
            rig.answer();
            if before == ScreenId::Review {
                rig.text("apply");
                rig.press("Enter");
            }
            assert!(rig.wizard.current > before, "stuck: {:?}", rig.wizard.notice);
        }
        rig
    }

    pub(crate) fn send(&mut self, message: Message) {
        let effects = self.wizard.update(message);
        self.log.extend(effects.iter().cloned());
        self.effects.extend(effects);
    }

    /// Presses a key by its name: `Enter`, `Ctrl-C`, `a`.
    pub(crate) fn press(&mut self, name: &str) {
        self.send(Message::Key(key(name)));
    }

    /// Types text, letter by letter.
    pub(crate) fn text(&mut self, text: &str) {
        for c in text.chars() {
            self.send(Message::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)));
        }
    }

    /// Answers every question about the world, and what follows; runs, verifying and files are left.
    pub(crate) fn answer(&mut self) {
        loop {
            let waiting = std::mem::take(&mut self.effects);
            let (questions, others): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_question);
            self.effects = others;
            if questions.is_empty() {
                return;
            }
            for question in questions {
                for message in self.answers(&question) {
                    self.send(message);
                }
            }
        }
    }

    fn answers(&self, question: &Effect) -> Vec<Message> {
        let observed = |id: EffectId, observation: Observation| Message::Observed {
            id,
            observation: Box::new(observation),
            at: at(),
        };
        match question {
            Effect::Observe { id, scope } => {
                let parts = scope.parts.iter().flat_map(|part| self.read(*part));
                let mut messages: Vec<_> = parts.map(|part| observed(*id, part)).collect();
                messages.push(Message::ObserveFinished { id: *id });
                messages
            }
            Effect::LookUpRole { id, name } => {
                let found = self.roles.iter().find(|detail| detail.role.name == *name).cloned();
                let lookup = Lookup {
                    of: name.clone(),
                    found: self.unread.clone().map_or(Fetched::Known(found), Fetched::Failed),
                };
                vec![observed(*id, Observation::ChosenRole(lookup))]
            }
            Effect::LookUpKey { id, key, .. } => {
                let found = Fetched::Known(self.key(key).cloned());
                let lookup = Lookup {
                    of: key.clone(),
                    found: self.unread.clone().map_or(found, Fetched::Failed),
                };
                vec![observed(*id, Observation::ChosenKey(lookup))]
            }
            Effect::ListProfiles { id } => vec![Message::ProfilesListed {
                id: *id,
                result: Ok(self.profiles.clone()),
            }],
            Effect::LookUpPermissions { id, needed } => {
                let lookup = Lookup {
                    of: needed.clone(),
                    found: Fetched::Known(Some(Vec::new())),
                };
                vec![observed(*id, Observation::Permissions(lookup))]
            }
            Effect::DiscardInput { id } => vec![Message::InputDiscarded { id: *id }],
            _ => Vec::new(),
        }
    }

    fn key(&self, key: &KeyRef) -> Option<&Key> {
        self.world.keys.known()?.iter().find(|candidate| key.names(candidate))
    }

    fn read(&self, part: Part) -> Vec<Observation> {
        let world = self.world.clone();
        match part {
            Part::Identities => vec![
                Observation::AtlasIdentity(world.atlas_identity),
                Observation::AwsIdentity(world.aws_identity),
            ],
            Part::Projects => vec![Observation::Projects(world.projects)],
            Part::Project => [
                Observation::Project(world.project),
                Observation::AccessRoles(world.access_roles),
                Observation::Setting(world.setting),
                Observation::Clusters(world.clusters),
                Observation::FlexClusters(world.flex_clusters),
                Observation::Unfinished(world.unfinished),
            ]
            .into_iter()
            .chain(world.key_in_use.map(Observation::KeyInUse))
            .collect(),
            Part::IamRoles => vec![Observation::IamRoles(world.iam_roles)],
            Part::Keys => vec![Observation::Keys(world.keys)],
        }
    }

    /// Takes the last effect that fits out of those that nobody has answered.
    pub(crate) fn take<T>(&mut self, pick: impl Fn(&Effect) -> Option<T>) -> T {
        let place = self.effects.iter().rposition(|effect| pick(effect).is_some());
        let effect = self.effects.remove(place.expect("the effect is there"));
        pick(&effect).unwrap()
    }

    /// Takes the run that was started.
    pub(crate) fn run(&mut self) -> (EffectId, Plan) {
        self.take(|effect| match effect {
            Effect::StartRun { id, plan } => Some((*id, (**plan).clone())),
            _ => None,
        })
    }

    /// Tells events of a run.
    pub(crate) fn tell(&mut self, id: EffectId, kinds: impl IntoIterator<Item = EventKind>) {
        for (index, kind) in kinds.into_iter().enumerate() {
            let event = Event {
                kind,
                index: index as u64,
                elapsed_ms: 1000 * index as u64,
            };
            self.send(Message::RunEvent {
                id,
                event: Box::new(event),
                at: at(),
            });
        }
    }

    /// Lets the run that was started do all its steps.
    pub(crate) fn complete_run(&mut self) {
        let (id, plan) = self.run();
        let mut kinds = vec![started(&plan)];
        for step in &plan.steps {
            kinds.push(EventKind::StepStarted { step: step.id.clone() });
            kinds.push(completed(&step.id));
        }
        kinds.push(EventKind::RunCompleted {});
        self.tell(id, kinds);
        self.send(Message::RunEnded { id });
    }

    /// Answers the question what holds, with evidence from the world.
    pub(crate) fn verify(&mut self) {
        let id = self.take(|effect| match effect {
            Effect::Verify { id, .. } => Some(*id),
            _ => None,
        });
        let evidence = evidence(&self.world);
        self.send(Message::Verified {
            id,
            result: Box::new(Ok(evidence)),
        });
    }

    /// Returns the exit code of the quit that was asked for.
    pub(crate) fn quit_code(&self) -> Option<u8> {
        self.log.iter().find_map(|effect| match effect {
            Effect::Quit { code } => Some(*code),
            _ => None,
        })
    }
}

fn is_question(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Observe { .. }
            | Effect::LookUpRole { .. }
            | Effect::LookUpKey { .. }
            | Effect::ListProfiles { .. }
            | Effect::LookUpPermissions { .. }
            | Effect::DiscardInput { .. }
    )
}

/// Returns the first event of a plan's run.
pub(crate) fn started(plan: &Plan) -> EventKind {
    let steps = plan.steps.iter().map(|step| StepSummary {
        id: step.id.clone(),
        title: step.title(),
        depends_on: step.depends_on.clone(),
    });
    EventKind::RunStarted {
        version: VERSION,
        steps: steps.collect(),
    }
}

/// Returns the event that a step is done.
pub(crate) fn completed(step: &StepId) -> EventKind {
    EventKind::StepCompleted {
        step: step.clone(),
        outcome: Outcome::Done,
        message: "done".to_owned(),
    }
}

/// Returns evidence out of what is observed.
pub(crate) fn evidence(world: &ObservedState) -> Evidence {
    Evidence {
        at: Some(at()),
        project: world.project.known().cloned().unwrap(),
        encryption_at_rest: world.setting.known().cloned().unwrap(),
        access_role: world.access_roles.known().and_then(|all| all.first().cloned()),
        iam_role: None,
        key: None,
        clusters: world.all_clusters().unwrap().into_iter().cloned().collect(),
        findings: Vec::new(),
    }
}

/// Returns the press of a key by its name.
pub(crate) fn key(name: &str) -> KeyEvent {
    let (code, modifiers) = match name {
        "Enter" => (KeyCode::Enter, KeyModifiers::NONE),
        "Esc" => (KeyCode::Esc, KeyModifiers::NONE),
        "Tab" => (KeyCode::Tab, KeyModifiers::NONE),
        "Shift-Tab" => (KeyCode::BackTab, KeyModifiers::SHIFT),
        "Space" => (KeyCode::Char(' '), KeyModifiers::NONE),
        "Up" => (KeyCode::Up, KeyModifiers::NONE),
        "Down" => (KeyCode::Down, KeyModifiers::NONE),
        "PageUp" => (KeyCode::PageUp, KeyModifiers::NONE),
        "PageDown" => (KeyCode::PageDown, KeyModifiers::NONE),
        "Home" => (KeyCode::Home, KeyModifiers::NONE),
        "End" => (KeyCode::End, KeyModifiers::NONE),
        "Backspace" => (KeyCode::Backspace, KeyModifiers::NONE),
        "Ctrl-C" => (KeyCode::Char('c'), KeyModifiers::CONTROL),
        "Ctrl-U" => (KeyCode::Char('u'), KeyModifiers::CONTROL),
        other => (KeyCode::Char(other.chars().next().unwrap()), KeyModifiers::NONE),
    };
    KeyEvent::new_with_kind(code, modifiers, KeyEventKind::Press)
}

/// Returns a project whose key in use is in a state.
pub(crate) fn incident(state: &str) -> ObservedState {
    let mut world = all_done();
    let mut key = named_key(KEY);
    key.state = state.to_owned();
    world.keys = Fetched::Known(vec![key.clone()]);
    let of = world.setting.known().unwrap().aws.key.clone().unwrap();
    world.key_in_use = Some(Lookup {
        of,
        found: Fetched::Known(Some(key)),
    });
    world
}

/// Returns a project that is still on IAM-user credentials.
pub(crate) fn switch() -> ObservedState {
    let mut world = first_time();
    let mut setting = all_done().setting.known().cloned().unwrap();
    setting.aws.role_id = None;
    setting.aws.access_key_id = Some("AKIAEXAMPLE".to_owned());
    let key = named_key(KEY);
    world.key_in_use = Some(Lookup {
        of: setting.aws.key.clone().unwrap(),
        found: Fetched::Known(Some(key.clone())),
    });
    world.setting = Fetched::Known(setting);
    world.keys = Fetched::Known(vec![key]);
    world
}
