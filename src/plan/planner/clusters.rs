//! The clusters: resumed, released from another provider's key, encrypted, created.

use super::world::World;
use super::{Draft, id};
use crate::domain::cluster::{Cluster, ClusterKind, ClusterState, Eligibility, EncryptionProvider, Ineligible};
use crate::domain::text::count;
use crate::plan::desired::{ClusterChoice, DesiredState, NewCluster, Rollout};
use crate::plan::step::{Action, Step, StepId};
use crate::problem::Problem;

impl Draft {
    pub(super) fn clusters(&mut self, world: &World<'_>, desired: &DesiredState) {
        for name in &desired.resume {
            if !world.clusters.iter().any(|cluster| cluster.name == *name) {
                self.problems.push(unknown(name, &world.clusters));
            }
        }
        let chosen = match &desired.clusters {
            ClusterChoice::Eligible => world
                .clusters
                .iter()
                .filter(|cluster| {
                    let resumed = is_resumed(cluster, desired) && cluster.encryption == EncryptionProvider::None;
                    let takes_key = !world.project.is_too_small(&cluster.instance_size);
                    takes_key && (cluster.is_eligible() || resumed) || is_under_way(cluster)
                })
                .copied()
                .collect(),
            ClusterChoice::Named(names) => self.named(&world.clusters, names),
        };
        let ready = self.ready();
        let (mut encrypted, mut before) = (0, None::<StepId>);
        for cluster in chosen {
            let leaves = match cluster.eligibility() {
                Eligibility::AlreadyEncrypted if !is_under_way(cluster) => {
                    encrypted += 1;
                    continue;
                }
                Eligibility::Eligible | Eligibility::AlreadyEncrypted => None,
                Eligibility::Ineligible(Ineligible::OtherProvider(from)) if is_free(cluster, desired) => Some(from),
                Eligibility::Ineligible(Ineligible::Paused) if is_resumed(cluster, desired) => None,
                Eligibility::Ineligible(reason) => {
                    let problem =
                        Problem::prerequisite(format!("cluster {} can't be encrypted: {reason}", cluster.name));
                    self.problems.push(match reason {
                        Ineligible::Paused => {
                            problem.hint("name it under resume in [clusters] to have it resumed first, or leave it out")
                        }
                        _ => problem.hint("mend that, or leave the cluster out"),
                    });
                    continue;
                }
            };
            let after = ready.iter().cloned().chain(before.clone()).collect();
            let step = self.cluster(cluster, is_resumed(cluster, desired), leaves, after);
            match desired.rollout {
                Rollout::Canary if before.is_some() => {}
                Rollout::Canary | Rollout::OneByOne => before = Some(step),
                Rollout::Together => {}
            }
        }
        for new in &desired.create {
            self.new_cluster(world, new, &ready);
        }
        if encrypted > 0 {
            self.settle(
                "Clusters",
                format!(
                    "{} encrypted with a customer-managed key already",
                    count(encrypted, "cluster")
                ),
            );
        }
    }

    /// Returns what comes before any cluster: the setting, or without a change of it what makes its key usable.
    fn ready(&self) -> Vec<StepId> {
        let there = |names: &[&str]| {
            let ids = names.iter().map(|name| id(name));
            ids.filter(|id| self.has(id)).collect::<Vec<_>>()
        };
        for last in ["change-key", "enable-project-setting", "await-valid"] {
            if self.has(&id(last)) {
                return vec![id(last)];
            }
        }
        there(&[
            "update-trust-policy",
            "put-role-policy",
            "update-key-policy",
            "authorize-access-role",
        ])
    }

    /// Adds the steps of one cluster and returns the last of them.
    fn cluster(
        &mut self,
        cluster: &Cluster,
        resumes: bool,
        leaves: Option<EncryptionProvider>,
        mut after: Vec<StepId>,
    ) -> StepId {
        let name = &cluster.name;
        if resumes {
            after = vec![self.cluster_step("resume", name, Action::ResumeCluster { name: name.clone() }, after)];
        }
        if let Some(from) = leaves {
            self.notes.push(format!(
                "Cluster {name} uses a key in {from}: it goes to NONE first and to AWS then, two initial syncs of its nodes."
            ));
            let action = Action::ReleaseCluster {
                name: name.clone(),
                from,
            };
            after = vec![self.cluster_step("release", name, action, after)];
        }
        self.cluster_step("encrypt", name, Action::EncryptCluster { name: name.clone() }, after)
    }

    fn cluster_step(&mut self, verb: &str, name: &str, action: Action, depends_on: Vec<StepId>) -> StepId {
        let id = StepId::new(format!("{verb}-cluster:{name}"));
        self.steps.push(Step {
            id: id.clone(),
            action,
            depends_on,
        });
        id
    }

    fn new_cluster(&mut self, world: &World<'_>, new: &NewCluster, ready: &[StepId]) {
        let name = &new.name;
        match world.clusters.iter().find(|cluster| cluster.name == *name) {
            Some(there) if !there.is_encrypted() => {
                self.problems.push(
                    Problem::prerequisite(format!(
                        "there is a cluster {name} already, and the key doesn't encrypt it"
                    ))
                    .hint("take it out of [[clusters.create]] and name it under encrypt in [clusters]"),
                );
            }
            Some(there) if there.state != ClusterState::Creating => {
                self.settle(format!("Cluster {name}"), "it is there, encrypted");
            }
            Some(_) | None => {
                self.notes.push(format!(
                    "Cluster {name} ({} in {} {}, three nodes) is charged by the hour from its creation on.",
                    new.instance_size, new.provider, new.region
                ));
                self.cluster_step("create", name, Action::CreateCluster(new.clone()), ready.to_vec());
            }
        }
    }

    /// Returns the clusters with these names, each once.
    fn named<'a>(&mut self, clusters: &[&'a Cluster], names: &[String]) -> Vec<&'a Cluster> {
        let mut found: Vec<&Cluster> = Vec::new();
        for name in names {
            match clusters.iter().find(|cluster| cluster.name == *name) {
                Some(_) if found.iter().any(|known| known.name == *name) => {}
                Some(cluster) => found.push(cluster),
                None => self.problems.push(unknown(name, clusters)),
            }
        }
        found
    }
}

fn unknown(name: &str, clusters: &[&Cluster]) -> Problem {
    let hint = match Cluster::nearest(name, clusters.iter().copied()) {
        Some(near) => format!("did you mean {}?", near.name),
        None => "look at the names of the project's clusters".to_owned(),
    };
    Problem::prerequisite(format!("the project has no cluster {name}")).hint(hint)
}

/// Returns whether a cluster is on its way to be encrypted by a request that was sent before.
fn is_under_way(cluster: &Cluster) -> bool {
    cluster.is_encrypted() && cluster.state == ClusterState::Updating && !cluster.paused
}

/// Returns whether a cluster is paused and may be resumed.
fn is_resumed(cluster: &Cluster, desired: &DesiredState) -> bool {
    cluster.paused
        && cluster.kind == ClusterKind::Dedicated
        && cluster.encryption != EncryptionProvider::Aws
        && desired.resume.contains(&cluster.name)
}

/// Returns whether a cluster on another provider's key can leave it: it is IDLE, or may be resumed.
fn is_free(cluster: &Cluster, desired: &DesiredState) -> bool {
    if cluster.paused {
        return is_resumed(cluster, desired);
    }
    cluster.state == ClusterState::Idle
}
