//! What the wizard wants done outside: data that the terminal's workers carry out.

use std::collections::BTreeSet;

use crate::domain::key::KeyRef;
use crate::domain::permission::NeededPermission;
use crate::domain::region::Region;
use crate::plan::{DesiredState, Plan};
use crate::verify::Evidence;
use crate::wizard::sources::Sources;

/// The name of one effect; its answers bring it back, so that an answer which is no longer awaited is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId(u64);

impl EffectId {
    pub(super) fn first() -> Self {
        Self(0)
    }

    pub(super) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// A group of things that are read together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Who the operator is on both sides: `AtlasIdentity`, `AwsIdentity`.
    Identities,
    /// The projects that the Atlas credential can see: `Projects`.
    Projects,
    /// What belongs to the project: `Project`, `AccessRoles`, `Setting`, `Clusters`, `FlexClusters`, `Unfinished`.
    Project,
    /// The account's IAM roles: `IamRoles`.
    IamRoles,
    /// The region's keys: `Keys`.
    Keys,
}

/// What is to be read. Parts that need a project or a region are asked for only where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// 24 hex digits.
    pub project_id: Option<String>,
    /// The keys' region.
    pub region: Option<Region>,
    /// Which parts.
    pub parts: BTreeSet<Part>,
}

/// One thing to be done. An effect replaces the one of its kind that is still under way: its task can be dropped.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Use these credentials from now on, for every effect after this one; what is under way with others is of no use.
    /// No answer: what is read next tells whether they work.
    Connect {
        /// The credentials.
        sources: Box<Sources>,
    },
    /// Look which profiles there are on this machine: `ProfilesListed`.
    ListProfiles {
        /// Its name.
        id: EffectId,
    },
    /// Read these parts: one `Observed` each as it arrives, then `ObserveFinished`.
    Observe {
        /// Its name.
        id: EffectId,
        /// What.
        scope: Scope,
    },
    /// Read one IAM role with its policies: `Observed` with `ChosenRole`.
    LookUpRole {
        /// Its name.
        id: EffectId,
        /// The role's name, without a path.
        name: String,
    },
    /// Read one key: `Observed` with `ChosenKey`.
    LookUpKey {
        /// Its name.
        id: EffectId,
        /// The key.
        key: KeyRef,
        /// The region of the question.
        region: Region,
    },
    /// Throw away what was typed and not read yet, at once and before the next frame, then answer `InputDiscarded`.
    DiscardInput {
        /// Its name.
        id: EffectId,
    },
    /// Observe and plan again; if it is this plan still, carry it out with `RunEvent`s, else answer `PlanChanged`; if
    /// it can't begin, `RunRefused`. At the end `RunEnded`.
    StartRun {
        /// Its name.
        id: EffectId,
        /// The plan as it was reviewed, with what is wanted.
        plan: Box<Plan>,
    },
    /// Stop the run that this id started.
    CancelRun {
        /// The name of the `StartRun`.
        id: EffectId,
        /// Drop what is in flight; otherwise let it finish and start nothing new.
        now: bool,
    },
    /// Let the run look at once where it waits for somebody who has acted.
    GoOn {
        /// The name of the `StartRun`.
        id: EffectId,
    },
    /// Observe again and judge what holds: `Verified`.
    Verify {
        /// Its name.
        id: EffectId,
        /// What was wanted: the project and the region are in it.
        desired: Box<DesiredState>,
    },
    /// Write the choices as a configuration file: `Saved`.
    SaveConfig {
        /// Its name.
        id: EffectId,
        /// The file, as it was typed.
        path: String,
        /// Whether a file that is there may be replaced.
        overwrite: bool,
        /// The choices.
        desired: Box<DesiredState>,
    },
    /// Write the evidence as Markdown and as JSON: `ReportWritten`.
    WriteReport {
        /// Its name.
        id: EffectId,
        /// The evidence.
        evidence: Box<Evidence>,
    },
    /// Ask IAM's simulation whether the operator may do this: `Observed` with `Permissions`.
    LookUpPermissions {
        /// Its name.
        id: EffectId,
        /// What the plan needs.
        needed: Vec<NeededPermission>,
    },
    /// Leave with this exit code. Nothing comes after it.
    Quit {
        /// 0 done or nothing changed, 1 a step failed, 130 interrupted.
        code: u8,
    },
}
