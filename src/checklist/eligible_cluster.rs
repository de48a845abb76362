//! The project has a cluster that can be encrypted.

use std::fmt::Write as _;

use super::subject::read;
use super::{About, Check};
use crate::domain::cluster::{Cluster, Eligibility};
use crate::domain::text::{count, safe_line, some_of};
use crate::observe::ObservedState;

const ABOUT: About = About {
    id: "eligible-cluster",
    why: "Customer-managed keys need a dedicated cluster, M10 or larger, that is IDLE and not paused.",
    blocks: "the clusters",
};

pub(super) fn check(observed: &ObservedState) -> Check {
    let lists = read(&observed.clusters).and_then(|clusters| Ok((clusters, read(&observed.flex_clusters)?)));
    let (clusters, flex) = match lists {
        Ok(lists) => lists,
        Err(why) => return ABOUT.unread("the project's clusters", why),
    };
    let sorted = Sorted::of(clusters.iter().chain(flex));
    let found = sorted.describe();
    match (sorted.total, sorted.eligible, sorted.encrypted) {
        (0, ..) => ABOUT.failed("the project has no cluster", "create a cluster of M10 or larger"),
        (_, 0, 0) => ABOUT.failed(
            found,
            "mend one of these, or create a cluster of M10 or larger; then look again",
        ),
        _ => ABOUT.passed(found),
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
    fn of<'a>(clusters: impl Iterator<Item = &'a Cluster>) -> Self {
        let mut sorted = Self {
            total: 0,
            eligible: 0,
            encrypted: 0,
            left_out: Vec::new(),
        };
        for cluster in clusters {
            sorted.total += 1;
            match cluster.eligibility() {
                Eligibility::Eligible => sorted.eligible += 1,
                Eligibility::AlreadyEncrypted => sorted.encrypted += 1,
                Eligibility::Ineligible(reason) => sorted.leave_out(reason.to_string(), &cluster.name),
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
