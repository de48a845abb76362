//! Everything that a run needs, over real sockets: the embedded clouds, fast, and a journal of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use atlas_cmk::apply::journal::{Folder, Journal};
use atlas_cmk::apply::{Pace, Stop};
use atlas_cmk::atlas::{Client, Credential, Patience};
use atlas_cmk::aws::Aws;
use atlas_cmk::domain::region::Region;
use atlas_cmk::observe::{Clouds, ObservedState, Scope};
use atlas_cmk::plan::config_file;
use atlas_cmk::plan::{
    self, AccessRoleChoice, ClusterChoice, DesiredState, KeyChoice, NewKeySettings, Plan, RoleChoice, Rollout,
};
use atlas_cmk::problem::Problem;
use atlas_cmk::simulator::{Control, Options, Scenario, Simulator, Time};
use secrecy::SecretString;
use serde_json::Value;
use tempfile::TempDir;

use super::run::{Running, Told};

/// How much faster than outside the clouds' time runs, and with it all pauses of a run.
pub(crate) const SPEED: f64 = 200.0;

/// Changes are seen at once.
pub(crate) const SETTLED: &str = "[propagation]\ntrust = 0\npermissions = 0\nkey_policy = 0\n";

pub(crate) const ROLE: &str = "atlas-cmk-orders";
pub(crate) const ALIAS: &str = "alias/atlas-orders";

/// The clouds, what is wanted of them, and where the journal lies.
pub(crate) struct Rig {
    pub(crate) simulator: Simulator,
    pub(crate) control: Control,
    pub(crate) desired: DesiredState,
    pub(crate) speed: f64,
    pub(crate) clouds: Clouds,
    folder: TempDir,
}

impl Rig {
    /// Starts the clouds of `first-time`; the wish is to make a role and a key and to encrypt all eligible clusters.
    pub(crate) async fn first_time() -> Self {
        Self::start("", SPEED).await
    }

    /// Starts them with sections of a scenario that differ, at a speed.
    pub(crate) async fn start(sections: &str, speed: f64) -> Self {
        Self::of("first-time", sections, speed).await
    }

    /// Starts the clouds of a scenario, with sections that differ; the wish is that of a configuration file.
    pub(crate) async fn wishing(scenario: &str, sections: &str, config: &str) -> Self {
        let mut rig = Self::of(scenario, sections, SPEED).await;
        let config = config_file::read(config, "atlas-cmk.toml").unwrap();
        rig.desired = config.desired(rig.desired.project_id, rig.desired.region);
        rig
    }

    /// Starts the clouds of a scenario, with sections that differ; the wish is that of [`first_time`](Self::first_time),
    /// for the scenario's first project.
    pub(crate) async fn of(scenario: &str, sections: &str, speed: f64) -> Self {
        let scenario = Scenario::parse(&format!("based_on = \"{scenario}\"\n{sections}")).unwrap();
        let options = Options {
            time: Time::Running { speed },
            latency: Some(Duration::ZERO),
            ..Options::default()
        };
        let simulator = Simulator::start(scenario, options).await.unwrap();
        // At this speed a nonce's two minutes are shorter than a busy machine needs to answer it.
        simulator.control().edit(|world| world.atlas.nonce_seconds = 1_000_000);
        let clouds = clouds(&simulator);
        Self {
            control: simulator.control(),
            desired: DesiredState {
                project_id: simulator.credentials().project_id.clone(),
                region: clouds.aws.region(),
                role: RoleChoice::named(ROLE),
                access_role: AccessRoleChoice::Recognized,
                key: KeyChoice::CreateUnlessThere(NewKeySettings::new(ALIAS)),
                clusters: ClusterChoice::Eligible,
                rollout: Rollout::Together,
                resume: Vec::new(),
                create: Vec::new(),
                extend_key_policy: false,
                drop_dead_principals: false,
                aws_half: None,
            },
            speed,
            folder: tempfile::tempdir().unwrap(),
            clouds,
            simulator,
        }
    }

    /// Returns the same wish with these clusters alone.
    #[must_use]
    pub(crate) fn with_clusters(mut self, names: &[&str]) -> Self {
        self.desired.clusters = ClusterChoice::Named(names.iter().map(|name| (*name).to_owned()).collect());
        self
    }

    /// Returns the same wish with an existing IAM role, whatever else it may do.
    #[must_use]
    pub(crate) fn with_role(mut self, name: &str) -> Self {
        self.desired.role = RoleChoice::Named {
            name: name.to_owned(),
            reuse: true,
            tags: BTreeMap::new(),
            path: "/".to_owned(),
            permissions_boundary: None,
        };
        self
    }

    /// Returns where the journal lies.
    pub(crate) fn folder(&self) -> Folder {
        Folder::at(self.folder_path())
    }

    pub(crate) fn folder_path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn pace(&self) -> Pace {
        Pace::times(self.speed)
    }

    /// Observes with what the journal knows, and plans.
    pub(crate) async fn try_plan(&self) -> Result<Plan, Vec<Problem>> {
        let (role, key) = (self.desired.role.name().to_owned(), self.desired.key.key_ref());
        let scope = Scope::of_choices(&self.desired.project_id, Some(role), Some(key));
        let traces = self
            .folder()
            .traces(self.clouds.atlas.base_url(), &self.desired.project_id)
            .unwrap();
        let observed = ObservedState::of(&self.clouds, &scope, &traces).await;
        plan::plan(&observed, &self.desired)
    }

    pub(crate) async fn plan(&self) -> Plan {
        self.try_plan().await.unwrap()
    }

    /// Opens the journal; waits for the tasks of a run that was dropped to let go of it.
    pub(crate) async fn journal(&self) -> Journal {
        let base_url = self.simulator.base_url();
        for _ in 0..1000 {
            match self.folder().open(base_url, &self.desired.project_id) {
                Ok(journal) => return journal,
                Err(_) => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        }
        panic!("the journal stays locked");
    }

    /// Begins to carry a plan out.
    pub(crate) async fn begin(&self, plan: &Plan) -> Running {
        let journal = self.journal().await;
        Running::begin(plan, self.clouds.clone(), journal, self.pace(), Stop::default())
    }

    /// Carries a plan out.
    pub(crate) async fn carry_out(&self, plan: &Plan) -> Told {
        self.begin(plan).await.end().await
    }

    /// Plans and carries it out.
    pub(crate) async fn apply(&self) -> Told {
        self.carry_out(&self.plan().await).await
    }

    /// Returns the project as the world has it.
    pub(crate) fn project(&self) -> Value {
        let world = self.control.world();
        let projects = world["atlas"]["projects"].as_array().unwrap();
        let found = projects.iter().find(|project| project["id"] == self.desired.project_id);
        found.unwrap().clone()
    }

    /// Returns the keys that have all that this program gives to a key of this project.
    pub(crate) fn our_keys(&self) -> Vec<Value> {
        let is_ours = |key: &Value| {
            let tags = key["tags"].as_array().unwrap();
            tags.iter().any(|tag| tag[0] == "atlas-cmk:project")
        };
        let world = self.control.world();
        let keys = world["aws"]["keys"].as_array().unwrap();
        keys.iter().filter(|key| is_ours(key)).cloned().collect()
    }

    /// Returns the project's access roles as the world has them.
    pub(crate) fn access_roles(&self) -> Vec<Value> {
        self.project()["access_roles"].as_array().unwrap().clone()
    }

    /// Returns an IAM role as the world has it.
    pub(crate) fn iam_role(&self, name: &str) -> Option<Value> {
        let world = self.control.world();
        let roles = world["aws"]["roles"].as_array().unwrap();
        roles.iter().find(|role| role["name"] == name).cloned()
    }
}

fn clouds(simulator: &Simulator) -> Clouds {
    let credentials = simulator.credentials();
    let credential = Credential::ApiKey {
        public_key: credentials.public_key.clone(),
        private_key: SecretString::from(credentials.private_key.clone()),
    };
    let patience = Patience {
        first: Duration::from_millis(5),
        longest: Duration::from_millis(50),
        ..Patience::default()
    };
    Clouds {
        atlas: Client::new(simulator.base_url(), credential)
            .unwrap()
            .with_patience(patience),
        aws: Aws::simulated(
            simulator.base_url(),
            &credentials.aws_access_key_id,
            &credentials.aws_secret_access_key,
            Region::parse(&credentials.region).unwrap(),
        ),
    }
}
