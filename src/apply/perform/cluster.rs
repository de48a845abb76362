//! Atlas `updateCluster`, and the wait until the cluster is IDLE again.

use super::{Attempt, Context, Done, Ended, Why};
use crate::apply::not_yet::{self, Operation, Refusal};
use crate::domain::cluster::{Cluster, ClusterState};
use crate::problem::Problem;

const SYNC: &str = "Atlas re-encrypts the nodes, one after the other, by an initial sync";

pub(super) async fn encrypt(context: &Context, name: &str) -> Result<Done, Ended> {
    let mut cluster = match send(context, name).await {
        Ok(cluster) => cluster,
        Err(Sent::Busy) => {
            context.waiting(
                "Atlas is at work on the cluster; the change is sent when it is IDLE",
                None,
            );
            let idle = until_idle(context, name).await?;
            if idle.is_encrypted() {
                idle
            } else {
                send(context, name).await.map_err(|sent| sent.ended(name))?
            }
        }
        Err(sent) => return Err(sent.ended(name)),
    };
    if !(cluster.is_encrypted() && cluster.state == ClusterState::Idle) {
        context.waiting(SYNC, None);
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
    if cluster.is_encrypted() {
        return Ok(Done::changed("IDLE, encrypted with the customer-managed key"));
    }
    let problem = Problem::service(format!(
        "cluster {name} is IDLE again, but its encryption is {}",
        cluster.encryption
    ))
    .hint("look at the project's activity feed in Atlas for what became of the change, then try again");
    Err(problem.into())
}

/// Why a change to a cluster wasn't taken.
enum Sent {
    Busy,
    Ended(Ended),
}

impl Sent {
    fn ended(self, name: &str) -> Ended {
        match self {
            Self::Busy => Problem::service(format!("Atlas is at work on cluster {name} again and takes no change"))
                .hint("try again when the cluster is IDLE")
                .into(),
            Self::Ended(ended) => ended,
        }
    }
}

async fn send(context: &Context, name: &str) -> Result<Cluster, Sent> {
    let sent = context.persist(Operation::EncryptCluster, |attempt: Attempt| async move {
        if attempt.uncertain {
            let now = context.atlas.cluster(context.project_id(), name).await?;
            if now.is_encrypted() {
                return Ok(Ok(now));
            }
        }
        match context.atlas.encrypt_cluster(context.project_id(), name).await {
            Ok(cluster) => Ok(Ok(cluster)),
            Err(error) => {
                let refusal = Refusal::from(error);
                if not_yet::is_busy_cluster(&refusal) {
                    Ok(Err(Sent::Busy))
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
