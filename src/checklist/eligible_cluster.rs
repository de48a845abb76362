//! The project has a cluster that can be encrypted.

use std::fmt::Write as _;

use super::subject::{read, too_small};
use super::{About, Check};
use crate::domain::cluster::{Cluster, Eligibility, Ineligible};
use crate::domain::text::{count, safe_line, some_of};
use crate::observe::ObservedState;
use crate::plan::{Choices, ClusterChoice};

const ABOUT: About = About {
    id: "eligible-cluster",
    why: "Customer-managed keys need a dedicated cluster, M10 or larger, that is IDLE and not paused.",
    blocks: "the clusters",
};

/// What the plan can do where there is none.
const CREATE: &str = "let the plan create a cluster of M10 or larger (c on Clusters, or [[clusters.create]])";

pub(super) fn check(observed: &ObservedState, choices: &Choices) -> Check {
    let lists = read(&observed.clusters).and_then(|clusters| Ok((clusters, read(&observed.flex_clusters)?)));
    let (clusters, flex) = match lists {
        Ok(lists) => lists,
        Err(why) => return ABOUT.unread("the project's clusters", why),
    };
    let sorted = Sorted::of(observed, clusters.iter().chain(flex));
    let found = match sorted.total {
        0 => "the project has no cluster".to_owned(),
        _ => sorted.describe(),
    };
    if sorted.eligible + sorted.encrypted > 0 {
        return ABOUT.passed(found);
    }
    if !choices.create.is_empty() {
        let number = count(choices.create.len(), "cluster");
        return ABOUT.warning(
            format!("{found}; the plan creates {number}"),
            "nothing, if that is meant",
        );
    }
    let is_made_eligible = |name: &String| {
        let cluster = clusters.iter().find(|cluster| cluster.name == *name);
        cluster.is_some_and(|cluster| match cluster.eligibility() {
            Eligibility::Ineligible(Ineligible::Paused) => choices.resume.contains(name),
            Eligibility::Ineligible(Ineligible::OtherProvider(_)) => true,
            _ => false,
        })
    };
    match &choices.clusters {
        Some(ClusterChoice::Named(names)) if names.iter().any(is_made_eligible) => {
            ABOUT.warning(format!("{found}; the plan makes one so"), "nothing, if that is meant")
        }
        Some(ClusterChoice::Named(names)) if names.is_empty() => ABOUT.warning(
            found,
            format!("nothing, if only the project is to be set up; else {CREATE}"),
        ),
        _ if sorted.total == 0 => ABOUT.failed(found, CREATE),
        _ => ABOUT.failed(found, format!("{CREATE}; or mend one of these and look again")),
    }
}

/// Clusters by what can be done with them; the counts add up.
struct Sorted {
    total: usize,
    eligible: usize,
    encrypted: usize,
    /// Reason and names, in the order in which the reasons were met.
    left_out: Vec<(String, Vec<String>)>,
}

impl Sorted {
    fn of<'a>(observed: &ObservedState, clusters: impl Iterator<Item = &'a Cluster>) -> Self {
        let mut sorted = Self {
            total: 0,
            eligible: 0,
            encrypted: 0,
            left_out: Vec::new(),
        };
        for cluster in clusters {
            sorted.total += 1;
            match (cluster.eligibility(), too_small(observed, cluster)) {
                (Eligibility::AlreadyEncrypted, _) => sorted.encrypted += 1,
                (_, Some(reason)) => sorted.leave_out(reason.to_owned(), &cluster.name),
                (Eligibility::Eligible, None) => sorted.eligible += 1,
                (Eligibility::Ineligible(reason), None) => sorted.leave_out(reason.to_string(), &cluster.name),
            }
        }
        sorted
    }

    fn leave_out(&mut self, reason: String, name: &str) {
        let name = safe_line(name).into_owned();
        match self.left_out.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => self.left_out.push((reason, vec![name])),
        }
    }

    fn describe(&self) -> String {
        let mut text = format!("{} of {} can be encrypted", self.eligible, count(self.total, "cluster"));
        if self.encrypted > 0 {
            let verb = if self.encrypted == 1 { "is" } else { "are" };
            let _ = write!(text, ", {} already {verb} with a customer-managed key", self.encrypted);
        }
        for (nth, (reason, names)) in self.left_out.iter().enumerate() {
            let opening = if nth == 0 { "; left out: " } else { "; " };
            let _ = write!(text, "{opening}{} ({}): {reason}", names.len(), some_of(names));
        }
        text
    }
}
