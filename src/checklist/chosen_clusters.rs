//! Every cluster that was chosen is there and can be encrypted.

use std::fmt::Write as _;

use super::subject::read;
use super::{About, Check};
use crate::domain::cluster::{Cluster, Eligibility};
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
    match choice {
        ClusterChoice::Eligible => match clusters.iter().filter(|cluster| cluster.is_eligible()).count() {
            0 => ABOUT.warning(
                "every eligible cluster, and there is none to switch now",
                "nothing, if all are encrypted already; else see eligible-cluster",
            ),
            number => ABOUT.passed(format!("every eligible cluster: {number}")),
        },
        ClusterChoice::Named(names) if names.is_empty() => ABOUT.warning(
            "no cluster: the key is set up for the project and encrypts nothing",
            "choose the clusters that it is meant for",
        ),
        ClusterChoice::Named(names) => judge(&clusters, names),
    }
}

fn judge(clusters: &[&Cluster], names: &[String]) -> Check {
    let (mut wrong, mut fixes, mut encrypted) = (Vec::new(), Vec::new(), 0);
    for name in names {
        let shown = safe_line(name);
        match clusters.iter().find(|cluster| cluster.name == *name) {
            None => {
                wrong.push(format!("the project has no cluster {shown}"));
                let near = Cluster::nearest(name, clusters.iter().copied());
                fixes.push(match near {
                    Some(near) => format!("{shown}: did you mean {}?", safe_line(&near.name)),
                    None => format!("{shown}: look at the names of the project's clusters"),
                });
            }
            Some(cluster) => match cluster.eligibility() {
                Eligibility::Eligible => {}
                Eligibility::AlreadyEncrypted => encrypted += 1,
                Eligibility::Ineligible(reason) => {
                    wrong.push(format!("{shown}: {reason}"));
                    fixes.push(format!("{shown}: mend that, or leave it out"));
                }
            },
        }
    }
    if !wrong.is_empty() {
        return ABOUT.failed(wrong.join("; "), fixes.join("; "));
    }
    let mut found = format!("{} to encrypt", count(names.len() - encrypted, "cluster"));
    if encrypted > 0 {
        let _ = write!(found, ", {} already encrypted", count(encrypted, "cluster"));
    }
    ABOUT.passed(found)
}
