//! Every cluster that was chosen is there and can be encrypted.

use std::fmt::Write as _;

use super::subject::{read, too_small};
use super::{About, Check};
use crate::domain::cluster::{Cluster, ClusterState, Eligibility, Ineligible};
use crate::domain::project::Project;
use crate::domain::text::{count, safe_line};
use crate::observe::ObservedState;
use crate::plan::{Choices, ClusterChoice};

const ABOUT: About = About {
    id: "chosen-clusters",
    why: "A cluster that Atlas can't change now would leave the work half done.",
    blocks: "the clusters",
};

pub(super) fn check(observed: &ObservedState, choices: &Choices) -> Check {
    let Some(choice) = &choices.clusters else {
        return ABOUT.unknown("no cluster chosen yet", "choose clusters, or give [clusters] encrypt");
    };
    let lists = read(&observed.clusters).and_then(|clusters| Ok((clusters, read(&observed.flex_clusters)?)));
    let clusters: Vec<&Cluster> = match lists {
        Ok((clusters, flex)) => clusters.iter().chain(flex).collect(),
        Err(why) => return ABOUT.unread("the project's clusters", why),
    };
    let mut judged = Judged::default();
    match choice {
        ClusterChoice::Eligible => {
            let is_taken = |cluster: &&&Cluster| cluster.is_eligible() && too_small(observed, cluster).is_none();
            judged.eligible = Some(clusters.iter().filter(is_taken).count());
        }
        ClusterChoice::Named(names) => {
            for name in names {
                judged.named(observed, choices, &clusters, name);
            }
        }
    }
    for new in &choices.create {
        judged.created(observed, &clusters, &new.name, &new.instance_size);
    }
    if matches!(choice, ClusterChoice::Named(names) if names.is_empty()) {
        judged.encrypted += clusters.iter().filter(|cluster| cluster.is_encrypted()).count();
    }
    judged.conclude()
}

/// What came of each cluster that was chosen.
#[derive(Default)]
struct Judged {
    wrong: Vec<String>,
    fixes: Vec<String>,
    /// What the plan does first, and what to know of it.
    first: Vec<String>,
    /// How many are taken as every eligible one.
    eligible: Option<usize>,
    to_encrypt: usize,
    encrypted: usize,
    created: usize,
}

impl Judged {
    fn wrong(&mut self, what: String, fix: String) {
        self.wrong.push(what);
        self.fixes.push(fix);
    }

    fn named(&mut self, observed: &ObservedState, choices: &Choices, clusters: &[&Cluster], name: &str) {
        let shown = safe_line(name);
        let Some(cluster) = clusters.iter().find(|cluster| cluster.name == name) else {
            let fix = match Cluster::nearest(name, clusters.iter().copied()) {
                Some(near) => format!("{shown}: did you mean {}?", safe_line(&near.name)),
                None => format!("{shown}: look at the names of the project's clusters"),
            };
            return self.wrong(format!("the project has no cluster {shown}"), fix);
        };
        let eligibility = cluster.eligibility();
        if let (Some(reason), false) = (
            too_small(observed, cluster),
            eligibility == Eligibility::AlreadyEncrypted,
        ) {
            return self.wrong(
                format!("{shown}: {reason}"),
                format!("{shown}: make it larger, or leave it out"),
            );
        }
        match eligibility {
            Eligibility::Eligible => self.to_encrypt += 1,
            Eligibility::AlreadyEncrypted => self.encrypted += 1,
            Eligibility::Ineligible(reason) => self.ineligible(choices, cluster, &reason),
        }
    }

    /// Judges a cluster that Atlas can't switch as it is: some the plan makes ready first.
    fn ineligible(&mut self, choices: &Choices, cluster: &Cluster, reason: &Ineligible) {
        let shown = safe_line(&cluster.name);
        let may_resume = choices.resume.contains(&cluster.name);
        match reason {
            Ineligible::Paused | Ineligible::OtherProvider(_) if cluster.paused && !may_resume => self.wrong(
                format!("{shown}: {}", Ineligible::Paused),
                format!("{shown}: let the plan resume it, resume it yourself, or leave it out"),
            ),
            Ineligible::OtherProvider(_) if cluster.state != ClusterState::Idle => {
                let busy = Ineligible::Busy(cluster.state.clone());
                self.wrong(
                    format!("{shown}: {busy}"),
                    format!("{shown}: mend that, or leave it out"),
                );
            }
            Ineligible::Paused => {
                self.to_encrypt += 1;
                self.first.push(format!("{shown} is resumed first"));
            }
            Ineligible::OtherProvider(provider) => {
                self.to_encrypt += 1;
                let first = if cluster.paused { "is resumed, then " } else { "" };
                self.first.push(format!(
                    "{shown} {first}goes from a key in {} to NONE first: two initial syncs",
                    safe_line(&provider.to_string())
                ));
            }
            Ineligible::SharedTier | Ineligible::Flex | Ineligible::Busy(_) => {
                self.wrong(
                    format!("{shown}: {reason}"),
                    format!("{shown}: mend that, or leave it out"),
                );
            }
        }
    }

    fn created(&mut self, observed: &ObservedState, clusters: &[&Cluster], name: &str, size: &str) {
        let shown = safe_line(name);
        match clusters.iter().find(|cluster| cluster.name == name) {
            Some(there) if there.is_encrypted() => {
                self.encrypted += 1;
                return;
            }
            Some(_) => {
                return self.wrong(
                    format!("{shown}: to be created, but the project has a cluster of that name without the key"),
                    format!("{shown}: name it under encrypt, or choose another name"),
                );
            }
            None => {}
        }
        let is_small = observed
            .project
            .known()
            .is_some_and(|project| project.is_too_small(size));
        if is_small {
            return self.wrong(
                format!("{shown}: {}", Project::TOO_SMALL),
                format!("{shown}: choose M20 or larger"),
            );
        }
        self.created += 1;
    }

    fn conclude(self) -> Check {
        if !self.wrong.is_empty() {
            return ABOUT.failed(self.wrong.join("; "), self.fixes.join("; "));
        }
        let mut found = match self.eligible {
            Some(0) if self.created == 0 => {
                return ABOUT.warning(
                    "every eligible cluster, and there is none to switch now",
                    "nothing, if all are encrypted already; else see eligible-cluster",
                );
            }
            Some(number) => format!("every eligible cluster: {number}"),
            None if self.to_encrypt + self.encrypted + self.created == 0 => {
                return ABOUT.warning(
                    "no cluster: the key is set up for the project and encrypts nothing",
                    "choose the clusters that it is meant for",
                );
            }
            None => format!("{} to encrypt", count(self.to_encrypt, "cluster")),
        };
        if self.encrypted > 0 {
            let _ = write!(found, ", {} already encrypted", count(self.encrypted, "cluster"));
        }
        if self.created > 0 {
            let _ = write!(found, ", {} to create", count(self.created, "cluster"));
        }
        match self.first.as_slice() {
            [] => ABOUT.passed(found),
            first => ABOUT.warning(format!("{found}; {}", first.join("; ")), "nothing, if that is meant"),
        }
    }
}
