//! The TOML that a world starts from.

mod aws_build;
mod aws_file;
mod build;
mod file;
mod generate;

use std::time::Duration;

use jiff::Timestamp;

use super::faults::Fault;
use super::world::World;
use file::File;

/// What a simulator starts with: a world, its pace, and what goes wrong in it.
#[derive(Debug, Clone)]
pub struct Scenario {
    file: File,
}

/// Why a text is no scenario.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The text isn't TOML, or holds what a scenario doesn't know; the message names the line.
    #[error("not a scenario")]
    Syntax(#[from] toml::de::Error),
    /// A value makes no sense.
    #[error("{0}")]
    Value(String),
}

/// Name, one line, text.
const EMBEDDED: &[(&str, &str, &str)] = &[
    (
        "first-time",
        "A shop's project that was never set up: clusters of every kind, some roles and keys",
        include_str!("../../../assets/scenarios/first-time.toml"),
    ),
    (
        "flaky",
        "The same project on a bad day: slow propagation, rate limits, cut connections",
        include_str!("../../../assets/scenarios/flaky.toml"),
    ),
    (
        "crowded",
        "1,000 clusters, 400 IAM roles, 300 keys: everything comes in pages",
        include_str!("../../../assets/scenarios/crowded.toml"),
    ),
    (
        "switch",
        "A project on the credentials of an IAM user, two clusters encrypted: the move to a role, for good",
        include_str!("../../../assets/scenarios/switch.toml"),
    ),
    (
        "half-done",
        "An access role that was begun among others, and a project that was set up by hand years ago",
        include_str!("../../../assets/scenarios/half-done.toml"),
    ),
    (
        "another-key",
        "A project that is set up: another key is to take the place of the one that snapshots need",
        include_str!("../../../assets/scenarios/another-key.toml"),
    ),
    (
        "multi-region",
        "Clusters in several regions, and multi-Region keys with replicas",
        include_str!("../../../assets/scenarios/multi-region.toml"),
    ),
    (
        "government",
        "Atlas for Government: keys in AWS GovCloud, an M10 that is too small",
        include_str!("../../../assets/scenarios/government.toml"),
    ),
    (
        "mixed",
        "A cluster of every kind and in every state, one of them on a key in Azure",
        include_str!("../../../assets/scenarios/mixed.toml"),
    ),
    (
        "empty",
        "No cluster that a key could be used for: one free, one Flex",
        include_str!("../../../assets/scenarios/empty.toml"),
    ),
    (
        "existing-role",
        "IAM roles that are there already: paths, boundaries, odd trust policies, one that is full",
        include_str!("../../../assets/scenarios/existing-role.toml"),
    ),
    (
        "cross-account",
        "Keys in accounts of their own: one whose policy lacks a statement, one that nobody can look into",
        include_str!("../../../assets/scenarios/cross-account.toml"),
    ),
    (
        "incident",
        "Keys in use that somebody has switched off: one to be deleted, one disabled",
        include_str!("../../../assets/scenarios/incident.toml"),
    ),
    (
        "china",
        "AWS in China: a partition of its own",
        include_str!("../../../assets/scenarios/china.toml"),
    ),
    (
        "admin-elsewhere",
        "An operator without rights in AWS, where another team does the work",
        include_str!("../../../assets/scenarios/admin-elsewhere.toml"),
    ),
];

const NAMES: [(&str, &str); EMBEDDED.len()] = {
    let mut names = [("", ""); EMBEDDED.len()];
    let mut index = 0;
    while index < EMBEDDED.len() {
        names[index] = (EMBEDDED[index].0, EMBEDDED[index].1);
        index += 1;
    }
    names
};

impl Scenario {
    /// Returns the scenarios that come with the program: name, and one line about each.
    pub fn names() -> &'static [(&'static str, &'static str)] {
        &NAMES
    }

    /// Returns one of the scenarios that come with the program.
    pub fn named(name: &str) -> Option<Self> {
        let (_, _, text) = EMBEDDED.iter().find(|(known, _, _)| *known == name)?;
        Self::parse(text).ok()
    }

    /// Reads a scenario.
    ///
    /// Fails on anything that it doesn't know, so that a misspelt setting can't go unnoticed.
    pub fn parse(toml: &str) -> Result<Self, ScenarioError> {
        let mut file: File = toml::from_str(toml)?;
        // Only embedded scenarios can be a base, and none of them is its own.
        while let Some(base) = file.based_on.take() {
            let (_, _, text) = EMBEDDED
                .iter()
                .find(|(known, _, _)| *known == base)
                .ok_or_else(|| ScenarioError::Value(format!("there is no scenario `{base}` to base this one on")))?;
            file = file.over(toml::from_str(text)?);
        }
        build::check(&file)?;
        Ok(Self { file })
    }

    /// Returns the pause before each answer, in the world's time.
    pub(super) fn latency(&self) -> Duration {
        Duration::from_millis(self.file.pace.as_ref().map_or(0, |pace| pace.latency_ms))
    }

    pub(super) fn faults(&self) -> Vec<Fault> {
        self.file.fault.iter().filter_map(|fault| fault.read().ok()).collect()
    }

    /// Builds the world as it is at `now`.
    pub(super) fn world(&self, now: Timestamp) -> World {
        build::world(&self.file, now)
    }
}
