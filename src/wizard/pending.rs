//! The answers that are awaited; any other is dropped.

use super::effect::EffectId;

/// What is awaited, one of each kind.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    next: EffectId,
    pub(super) profiles: Option<EffectId>,
    pub(super) observe: Option<EffectId>,
    pub(super) role: Option<EffectId>,
    pub(super) key: Option<EffectId>,
    pub(super) permissions: Option<EffectId>,
    pub(super) run: Option<EffectId>,
    pub(super) verify: Option<EffectId>,
    pub(super) save: Option<EffectId>,
    pub(super) report: Option<EffectId>,
}

impl Default for Pending {
    fn default() -> Self {
        Self {
            next: EffectId::first(),
            profiles: None,
            observe: None,
            role: None,
            key: None,
            permissions: None,
            run: None,
            verify: None,
            save: None,
            report: None,
        }
    }
}

impl Pending {
    /// Returns a name that no effect has had.
    pub(super) fn id(&mut self) -> EffectId {
        let id = self.next;
        self.next = id.next();
        id
    }

    pub(super) fn is_observing(&self) -> bool {
        self.observe.is_some()
    }

    pub(super) fn is_looking_up(&self) -> bool {
        self.role.is_some() || self.key.is_some()
    }

    pub(super) fn is_waiting(&self) -> bool {
        let all = [
            self.profiles,
            self.observe,
            self.role,
            self.key,
            self.permissions,
            self.run,
            self.verify,
            self.save,
            self.report,
        ];
        all.iter().any(Option::is_some)
    }
}

/// Takes an answer: returns whether it was awaited, and awaits it no longer.
pub(super) fn take(slot: &mut Option<EffectId>, id: EffectId) -> bool {
    let awaited = *slot == Some(id);
    if awaited {
        *slot = None;
    }
    awaited
}
