//! The questions, all at the same time; each answer is told as it comes.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;

use super::state::{Fetched, Lookup, Observation, ObservedState, Unfinished};
use super::traces::{KeyTrace, Traces};
use crate::atlas;
use crate::aws::Aws;
use crate::domain::arn::KeyArn;
use crate::domain::cluster::{Cluster, ClusterKind};
use crate::domain::iam_role::IamRoleDetail;
use crate::domain::key::{Key, KeyRef, same_key};
use crate::domain::name::MARKER_TAG;
use crate::domain::permission::{NeededPermission, SimulatedPermission};
use crate::domain::region::Region;
use crate::domain::snapshot::Snapshot;
use crate::problem::Problem;

/// Clusters whose snapshots are listed at the same time.
const CLUSTERS_AT_ONCE: usize = 8;

/// The two clouds, as one operator reaches them.
#[derive(Clone, Debug)]
pub struct Clouds {
    /// Atlas.
    pub atlas: atlas::Client,
    /// AWS, in the key's region.
    pub aws: Aws,
}

/// What is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The project, once it is chosen: 24 hex digits.
    pub project_id: Option<String>,
    /// Whether the operator is asked for, on both sides.
    pub identities: bool,
    /// Whether the project and all that belongs to it is looked at.
    pub project: bool,
    /// Whether all projects that the credential can see are listed.
    pub projects: bool,
    /// IAM roles.
    pub roles: Wanted<String>,
    /// Keys.
    pub keys: Wanted<KeyRef>,
}

/// How much of a kind of thing is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wanted<T> {
    /// Nothing.
    #[default]
    Nothing,
    /// The list, for choosing.
    List,
    /// One, whole.
    One(T),
}

impl Scope {
    /// Returns what has to be known of a project, one IAM role and one key.
    pub fn of_choices(project_id: &str, role: Option<String>, key: Option<KeyRef>) -> Self {
        Self {
            project_id: Some(project_id.to_owned()),
            identities: true,
            project: true,
            projects: false,
            roles: role.map_or(Wanted::Nothing, Wanted::One),
            keys: key.map_or(Wanted::Nothing, Wanted::One),
        }
    }
}

impl<T> Wanted<T> {
    fn list(&self) -> bool {
        matches!(self, Self::List)
    }

    fn one(&self) -> Option<&T> {
        match self {
            Self::One(one) => Some(one),
            Self::Nothing | Self::List => None,
        }
    }
}

/// Asks everything in the scope at the same time and tells each answer as it comes. What depends on another answer is
/// asked as soon as that one is there.
pub async fn look(clouds: &Clouds, scope: &Scope, traces: &Traces, tell: impl Fn(Observation)) {
    let (atlas, aws) = (&clouds.atlas, &clouds.aws);
    let tell = &tell;
    let project = scope.project_id.as_deref();
    tokio::join!(
        async {
            if scope.identities {
                tell(Observation::AtlasIdentity(fetched(atlas.identity(project).await)));
            }
        },
        async {
            if scope.identities {
                tell(Observation::AwsIdentity(fetched(aws.identity().await)));
            }
        },
        async {
            if scope.identities {
                tell(Observation::Quotas(fetched(aws.policy_quotas().await)));
            }
        },
        async {
            if scope.projects {
                tell(Observation::Projects(fetched(atlas.projects().await)));
            }
        },
        async {
            if let Some(id) = project.filter(|_| scope.project) {
                Box::pin(around_the_setting(clouds, id, traces, tell)).await;
            }
        },
        Box::pin(setting_and_keys(clouds, scope, tell)),
        async {
            if scope.roles.list() {
                tell(Observation::IamRoles(fetched(aws.roles().await)));
            }
        },
        async {
            if let Some(name) = scope.roles.one() {
                tell(Observation::ChosenRole(look_up_role(clouds, name).await));
            }
        },
        async {
            if scope.keys.list() {
                tell(Observation::Keys(fetched(aws.keys().await)));
            }
        },
    );
}

/// Asks what belongs to the project and stands by itself.
async fn around_the_setting(clouds: &Clouds, id: &str, traces: &Traces, tell: &impl Fn(Observation)) {
    let atlas = &clouds.atlas;
    tokio::join!(
        async { tell(Observation::Project(fetched(atlas.project(id).await))) },
        async { tell(Observation::FlexClusters(fetched(atlas.flex_clusters(id).await))) },
        async {
            tell(Observation::ControlPlane(fetched(
                atlas.control_plane_addresses().await,
            )));
        },
        async { tell(Observation::NodeAddresses(fetched(atlas.node_addresses(id).await))) },
        async { tell(Observation::Compliance(fetched(atlas.compliance_policy(id).await))) },
        async {
            tell(Observation::PrivateEndpoints(fetched(
                atlas.private_endpoints(id).await,
            )));
        },
        async {
            let roles = fetched(atlas.access_roles(id).await);
            let ids = roles
                .known()
                .map(|roles| roles.iter().map(|role| role.role_id.clone()).collect::<Vec<_>>());
            tell(Observation::AccessRoles(roles));
            tell(Observation::Unfinished(
                unfinished(clouds, traces, ids.unwrap_or_default()).await,
            ));
        },
    );
}

/// Asks for the setting, the clusters and the chosen key; then for what the three say together: the key in use, and the
/// snapshots that need it where it is to be left.
async fn setting_and_keys(clouds: &Clouds, scope: &Scope, tell: &impl Fn(Observation)) {
    let atlas = &clouds.atlas;
    let project = scope.project_id.as_deref().filter(|_| scope.project);
    let (setting, clusters, chosen) = tokio::join!(
        async {
            let setting = fetched(atlas.encryption_setting(project?).await);
            tell(Observation::Setting(setting.clone()));
            setting.known().cloned()
        },
        async {
            let clusters = fetched(atlas.clusters(project?).await);
            tell(Observation::Clusters(clusters.clone()));
            clusters.known().cloned()
        },
        async {
            let key = scope.keys.one()?;
            let lookup = chosen_key(clouds, key, tell).await;
            tell(Observation::ChosenKey(lookup.clone()));
            Some(lookup)
        },
    );
    let (Some(project), Some(setting)) = (project, setting) else {
        return;
    };
    let Some(in_use) = setting.aws.key.as_deref().filter(|_| setting.aws.enabled) else {
        return;
    };
    let chosen = chosen.and_then(|lookup| lookup.found.known().cloned());
    // A replica in another region has the same ID, and a state of its own.
    let is_there = |key: &&Key| {
        let region = setting.aws.region;
        region.is_none_or(|region| region.aws() == key.arn.region_name())
    };
    let (same, left) = match &chosen {
        Some(Some(key)) if same_key(in_use, &key.arn) => (Some(key).filter(is_there), false),
        // There is none yet: it is going to be created.
        Some(_) => (None, true),
        None => (None, false),
    };
    tokio::join!(
        async {
            let found = match same {
                Some(key) => Fetched::Known(Some(key.clone())),
                None => fetched(key_in_use(clouds, in_use, setting.aws.region).await),
            };
            let of = in_use.to_owned();
            tell(Observation::KeyInUse(Lookup { of, found }));
        },
        async {
            if let Some(clusters) = clusters.filter(|_| left) {
                tell(Observation::Snapshots(
                    snapshots(&clouds.atlas, project, &clusters).await.into(),
                ));
            }
        },
    );
}

/// Reads the key in use, by what Atlas has for it: an ARN, or an ID in the setting's region.
async fn key_in_use(clouds: &Clouds, in_use: &str, region: Option<Region>) -> Result<Option<Key>, Problem> {
    let key =
        KeyRef::parse(in_use).map_err(|why| Problem::service(format!("the key in use can't be looked at: {why}")))?;
    let aws = match region {
        Some(region) if region != clouds.aws.region() => clouds.aws.with_region(region),
        _ => clouds.aws.clone(),
    };
    Ok(aws.key(&key).await?)
}

/// Reads the snapshots of all clusters that can have any: also one that isn't encrypted any more may have encrypted ones.
async fn snapshots(atlas: &atlas::Client, project: &str, clusters: &[Cluster]) -> Result<Vec<Snapshot>, Problem> {
    // Not `map`: the compiler can't tell then that the whole can move between threads.
    let mut asked = Vec::new();
    for cluster in clusters {
        if cluster.kind == ClusterKind::Dedicated {
            asked.push(atlas.snapshots(project, cluster));
        }
    }
    let all: Vec<Vec<Snapshot>> = stream::iter(asked).buffered(CLUSTERS_AT_ONCE).try_collect().await?;
    Ok(all
        .into_iter()
        .flatten()
        .filter(|snapshot| snapshot.key.is_some())
        .collect())
}

impl ObservedState {
    /// Looks at everything in the scope and returns it once all of it is there.
    pub async fn of(clouds: &Clouds, scope: &Scope, traces: &Traces) -> Self {
        let state = std::sync::Mutex::new(Self {
            region: Some(clouds.aws.region()),
            ..Self::default()
        });
        let all = look(clouds, scope, traces, |observation| {
            let mut state = state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            state.absorb(observation, Timestamp::now());
        });
        // So many requests at once are a large future.
        Box::pin(all).await;
        state.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Reads an IAM role with its policies.
pub async fn look_up_role(clouds: &Clouds, name: &str) -> Lookup<String, IamRoleDetail> {
    Lookup {
        of: name.to_owned(),
        found: fetched(clouds.aws.role_detail(name).await),
    }
}

/// Reads a key with its policy and grants, and tells of all three.
pub async fn look_up_key(clouds: &Clouds, key: &KeyRef, tell: impl Fn(Observation)) {
    let lookup = Box::pin(chosen_key(clouds, key, &tell)).await;
    tell(Observation::ChosenKey(lookup));
}

/// Reads a key and tells of its policy and grants, which are asked for at the same time where its ARN is known.
async fn chosen_key(clouds: &Clouds, key: &KeyRef, tell: &impl Fn(Observation)) -> Lookup<KeyRef, Key> {
    let aws = &clouds.aws;
    let found = if let KeyRef::Arn(arn) = key {
        let (found, ()) = tokio::join!(aws.key(key), who_may_use(aws, arn, tell));
        fetched(found)
    } else {
        let found: Fetched<Option<Key>> = fetched(aws.key(key).await);
        if let Some(Some(key)) = found.known() {
            who_may_use(aws, &key.arn, tell).await;
        }
        found
    };
    Lookup { of: key.clone(), found }
}

async fn who_may_use(aws: &Aws, key: &KeyArn, tell: &impl Fn(Observation)) {
    tokio::join!(
        async {
            let found = fetched(aws.key_policy(key).await.map(Some));
            tell(Observation::KeyPolicy(Lookup { of: key.clone(), found }));
        },
        async {
            let found = fetched(aws.grants(key).await.map(Some));
            tell(Observation::KeyGrants(Lookup { of: key.clone(), found }));
        },
    );
}

/// Asks IAM's simulation about the operator's permissions: a hint, asked once.
pub async fn look_up_permissions(
    clouds: &Clouds,
    needed: &[NeededPermission],
) -> Lookup<Vec<NeededPermission>, Vec<SimulatedPermission>> {
    Lookup {
        of: needed.to_vec(),
        found: fetched(clouds.aws.simulate(needed).await.map(Some)),
    }
}

fn fetched<T, E: Into<Problem>>(result: Result<T, E>) -> Fetched<T> {
    result.map_err(Into::into).into()
}

/// Looks for what the journal's begun creates may have left behind.
async fn unfinished(clouds: &Clouds, traces: &Traces, access_roles: Vec<String>) -> Vec<Unfinished> {
    let mut all = Vec::new();
    if let Some(trace) = &traces.access_role {
        let is_its = |id: &String| match &trace.role_id {
            Some(created) => id == created,
            None => !trace.known.contains(id),
        };
        all.push(Unfinished::AccessRole {
            found: access_roles.into_iter().filter(is_its).collect(),
        });
    }
    if let Some(trace) = &traces.key {
        // A key that can't be looked for now must not lead to a second one: the planner is told of the failure.
        all.push(Unfinished::Key {
            marker: trace.marker.clone(),
            found: begun_key(clouds, trace).await.into(),
        });
    }
    all
}

async fn begun_key(clouds: &Clouds, trace: &KeyTrace) -> Result<Vec<Key>, Problem> {
    let Some(arn) = &trace.arn else {
        return Ok(clouds.aws.keys_with_tag(MARKER_TAG, &trace.marker).await?);
    };
    match clouds.aws.key(&KeyRef::Arn(arn.clone())).await? {
        None if trace.must_exist(Timestamp::now()) => Err(Problem::service(format!(
            "an earlier run created the key {arn}, and AWS KMS doesn't show it yet"
        ))
        .hint("try again in a minute")),
        found => Ok(found.into_iter().collect()),
    }
}
