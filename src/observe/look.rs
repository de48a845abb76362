//! The questions, all at the same time; each answer is told as it comes.

use jiff::Timestamp;

use super::state::{Fetched, Lookup, Observation, ObservedState, Unfinished};
use super::traces::{KeyTrace, Traces};
use crate::atlas;
use crate::aws::Aws;
use crate::domain::iam_role::IamRoleDetail;
use crate::domain::key::{Key, KeyRef};
use crate::domain::name::MARKER_TAG;
use crate::problem::Problem;

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

/// Asks everything in the scope at the same time and tells each answer as it comes.
pub async fn look(clouds: &Clouds, scope: &Scope, traces: &Traces, tell: impl Fn(Observation)) {
    let (atlas, aws) = (&clouds.atlas, &clouds.aws);
    let tell = &tell;
    let project = scope.project_id.as_deref();
    let of_project = async {
        let Some(id) = project.filter(|_| scope.project) else {
            return;
        };
        tokio::join!(
            async { tell(Observation::Project(fetched(atlas.project(id).await))) },
            async { tell(Observation::Setting(fetched(atlas.encryption_setting(id).await))) },
            async { tell(Observation::Clusters(fetched(atlas.clusters(id).await))) },
            async { tell(Observation::FlexClusters(fetched(atlas.flex_clusters(id).await))) },
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
    };
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
        of_project,
        async {
            if scope.projects {
                tell(Observation::Projects(fetched(atlas.projects().await)));
            }
        },
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
        async {
            if let Some(key) = scope.keys.one() {
                tell(Observation::ChosenKey(look_up_key(clouds, key).await));
            }
        },
    );
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

/// Reads a key.
pub async fn look_up_key(clouds: &Clouds, key: &KeyRef) -> Lookup<KeyRef, Key> {
    Lookup {
        of: key.clone(),
        found: fetched(clouds.aws.key(key).await),
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
