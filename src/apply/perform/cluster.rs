//! Atlas `updateGroupCluster` and `createGroupCluster`, and the wait until the cluster is IDLE again.

use super::{Attempt, Context, Done, Ended, Why};
use crate::apply::not_yet::{self, Operation, Refusal};
use crate::atlas;
use crate::domain::cluster::{Cluster, ClusterState, EncryptionProvider, NewCluster};
use crate::problem::Problem;

/// A change of a cluster: what is sent, and when it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Resume,
    Release,
    Encrypt,
}

impl Change {
    fn operation(self) -> Operation {
        match self {
            Self::Resume => Operation::ResumeCluster,
            Self::Release => Operation::ReleaseCluster,
            Self::Encrypt => Operation::EncryptCluster,
        }
    }

    fn holds(self, cluster: &Cluster) -> bool {
        match self {
            Self::Resume => !cluster.paused,
            Self::Release => cluster.encryption == EncryptionProvider::None,
            Self::Encrypt => cluster.is_encrypted(),
        }
    }

    async fn send(self, context: &Context, name: &str) -> Result<Cluster, atlas::Error> {
        let (atlas, project) = (&context.atlas, context.project_id());
        match self {
            Self::Resume => atlas.resume_cluster(project, name).await,
            Self::Release => atlas.decrypt_cluster(project, name).await,
            Self::Encrypt => atlas.encrypt_cluster(project, name).await,
        }
    }

    /// Says what Atlas is at work on.
    fn meanwhile(self) -> &'static str {
        match self {
            Self::Resume => "Atlas starts the cluster's nodes",
            Self::Release => {
                "Atlas takes the nodes off the other provider's key, one after the other, by an initial sync"
            }
            Self::Encrypt => "Atlas re-encrypts the nodes, one after the other, by an initial sync",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Resume => "IDLE, it runs again",
            Self::Release => "IDLE, with Atlas's own encryption only",
            Self::Encrypt => "IDLE, encrypted with the customer-managed key",
        }
    }
}

pub(super) async fn change(context: &Context, name: &str, change: Change) -> Result<Done, Ended> {
    let mut cluster = match send(context, name, change).await {
        Ok(cluster) => cluster,
        Err(Sent::Busy(_)) => {
            context.waiting(
                "Atlas is at work on the cluster; the change is sent when it is IDLE",
                None,
            );
            let idle = until_idle(context, name).await?;
            if change.holds(&idle) {
                idle
            } else {
                send(context, name, change).await.map_err(|sent| sent.ended(name))?
            }
        }
        Err(sent) => return Err(sent.ended(name)),
    };
    if !(change.holds(&cluster) && cluster.state == ClusterState::Idle) {
        context.waiting(change.meanwhile(), None);
        cluster = match until_idle(context, name).await {
            Ok(cluster) => cluster,
            Err(Ended { why: Why::Stopped, .. }) => {
                return Ok(Done::left(
                    "the change was sent; Atlas goes on with it and wasn't waited for",
                ));
            }
            Err(failed) => return Err(failed),
        };
    }
    if change.holds(&cluster) {
        return Ok(Done::changed(change.done()));
    }
    Err(without_effect(&cluster))
}

/// Creates a cluster; one of its name that is there already, encrypted, can only be the one of an interrupted run.
pub(super) async fn create(context: &Context, new: &NewCluster) -> Result<Done, Ended> {
    let name = new.name.as_str();
    let (there, created) = context
        .persist(Operation::CreateCluster, |_: Attempt| async {
            match context.atlas.cluster(context.project_id(), name).await {
                Ok(there) if there.is_encrypted() => Ok((there, false)),
                Ok(_) => Err(Refusal::ours(
                    Problem::service(format!("somebody created a cluster {name} since the plan was made"))
                        .hint("plan again: name it under encrypt in [clusters], or choose another name"),
                )),
                Err(error) if error.status() == Some(404) => {
                    Ok((context.atlas.create_cluster(context.project_id(), new).await?, true))
                }
                Err(error) => Err(error.into()),
            }
        })
        .await?;
    let cluster = if there.state == ClusterState::Idle {
        there
    } else {
        context.waiting("Atlas creates the cluster", None);
        match until_idle(context, name).await {
            Ok(cluster) => cluster,
            Err(Ended { why: Why::Stopped, .. }) => {
                return Ok(Done::left("Atlas goes on creating the cluster and wasn't waited for"));
            }
            Err(failed) => return Err(failed),
        }
    };
    match (cluster.is_encrypted(), created) {
        (true, true) => Ok(Done::changed(Change::Encrypt.done())),
        (true, false) => Ok(Done::already_so(Change::Encrypt.done())),
        (false, _) => Err(without_effect(&cluster)),
    }
}

fn without_effect(cluster: &Cluster) -> Ended {
    let paused = if cluster.paused { ", and it is paused" } else { "" };
    Problem::service(format!(
        "cluster {} is IDLE again, but its encryption is {}{paused}",
        cluster.name, cluster.encryption
    ))
    .hint("look at the project's activity feed in Atlas for what became of the change, then try again")
    .into()
}

/// Why a change to a cluster wasn't taken.
enum Sent {
    /// Atlas is at work on it, as it says itself.
    Busy(Problem),
    Ended(Ended),
}

impl Sent {
    fn ended(self, name: &str) -> Ended {
        match self {
            Self::Busy(said) => Problem {
                message: format!("Atlas is at work on cluster {name} again and takes no change"),
                ..said
            }
            .into(),
            Self::Ended(ended) => ended,
        }
    }
}

async fn send(context: &Context, name: &str, change: Change) -> Result<Cluster, Sent> {
    let sent = context.persist(change.operation(), |attempt: Attempt| async move {
        if attempt.uncertain {
            let now = context.atlas.cluster(context.project_id(), name).await?;
            if change.holds(&now) {
                return Ok(Ok(now));
            }
        }
        match change.send(context, name).await {
            Ok(cluster) => Ok(Ok(cluster)),
            Err(error) => {
                let refusal = Refusal::from(error);
                if not_yet::is_busy_cluster(&refusal) {
                    Ok(Err(Sent::Busy(refusal.problem)))
                } else {
                    Err(refusal)
                }
            }
        }
    });
    sent.await.map_err(Sent::Ended)?
}

/// Reads the cluster after 0.5 to 1 s, then ever more rarely, until Atlas is no longer at work on it.
async fn until_idle(context: &Context, name: &str) -> Result<Cluster, Ended> {
    for pause in context.run.pace.cluster() {
        context.run.stop.sleep(pause).await?;
        let _turn = context.turn(Operation::EncryptCluster).await?;
        let read = context.atlas.cluster(context.project_id(), name).await;
        let cluster = read.map_err(Refusal::from)?;
        match cluster.state {
            ClusterState::Idle => return Ok(cluster),
            ClusterState::Deleting => {
                return Err(Problem::service(format!("cluster {name} is being deleted"))
                    .hint("leave it out")
                    .into());
            }
            _ => {}
        }
    }
    Err(Problem::internal("the pauses between questions ended").into())
}
