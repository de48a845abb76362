//! From what is true and what is wanted to the steps between them. Pure.

pub mod config_file;
mod desired;
mod difference;
mod elsewhere;
mod fingerprint;
mod needed;
pub(crate) mod permission;
mod planner;
pub(crate) mod recognize;
pub mod render;
mod saved;
mod step;

pub use desired::{
    AccessRoleChoice, Choices, ClusterChoice, DesiredState, KeyChoice, NewCluster, NewKeySettings, RoleChoice, Rollout,
};
pub use difference::PlanDifference;
pub use fingerprint::Fingerprint;
pub use planner::{Handout, INLINE_POLICY, Plan, Settled, plan};
pub use saved::SavedPlan;
pub use step::{
    Action, Output, Outputs, Request, Slot, Step, StepId, TrustMend, Undo, atlas_key, merge_keys, role_description,
    with_project_tag,
};

#[cfg(test)]
mod tests;
