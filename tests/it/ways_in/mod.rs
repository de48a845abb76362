//! Every way in, without a screen: each scenario's plan works, changes what it says, and is nothing to do afterwards.

mod elsewhere;
mod existing_role;
mod keys;
mod projects;
mod setting;
mod wizard;
mod wizard_projects;
mod wizard_roles;

use atlas_cmk::simulator::{Options, Scenario, Simulator, Time};
use serde_json::Value;

use crate::support::program::Program;
use crate::support::rig::SETTLED;
use crate::support::screen::Screen;
use crate::support::wire::changes;

/// A scenario's clouds, and the binary that is pointed to them.
struct WayIn {
    simulator: Simulator,
    program: Program,
}

impl WayIn {
    async fn of(scenario: &str, config: &str) -> Self {
        let way = Self::without_config(scenario).await;
        way.program.config(config);
        way
    }

    /// Changes are seen at once there: the binary waits in real time, and what it waits for isn't the matter here.
    async fn without_config(scenario: &str) -> Self {
        let settled = Scenario::parse(&format!("based_on = \"{scenario}\"\n{SETTLED}")).unwrap();
        let options = Options {
            time: Time::Running { speed: 50.0 },
            ..Options::default()
        };
        let simulator = Simulator::start(settled, options).await.unwrap();
        let program = Program::on(&simulator);
        Self { simulator, program }
    }

    /// Walks the wizard on a screen so tall that what is told of a row fits, and so narrow that it stands under the list.
    async fn walk(&self, keys: impl FnOnce(Screen) + Send + 'static) {
        let command = self.program.command(&[]);
        let walked = tokio::task::spawn_blocking(move || {
            let screen = Screen::start(&command, 98, 66);
            screen.wait_for("● Connect");
            keys(screen);
        });
        walked.await.unwrap();
    }

    /// Returns the plan as data.
    async fn plan(&self) -> Value {
        let plan = self.program.run(&["plan", "--output", "json"]).await.exits(0).json();
        assert_eq!(self.changes(), Vec::<String>::new(), "a plan changes nothing");
        plan
    }

    /// Carries the plan out and checks that nothing is left to do; returns what was changed, in order.
    async fn apply(&self, arguments: &[&str]) -> Vec<String> {
        let apply = [&["apply", "--yes"], arguments].concat();
        let _ = self.program.run(&apply).await.exits(0);
        let changed = self.changes();
        let again = self.program.run(&["apply", "--yes"]).await.exits(0);
        assert!(again.stderr.contains("Nothing to do"), "{}", again.stderr);
        assert_eq!(self.changes(), changed, "the second run changed something");
        changed
    }

    fn changes(&self) -> Vec<String> {
        changes(&self.simulator.control())
    }

    fn world(&self) -> Value {
        self.simulator.control().world()
    }

    /// Returns the project that the scenario is about.
    fn project(&self) -> Value {
        let id = self.simulator.credentials().project_id.clone();
        let world = self.world();
        let projects = world["atlas"]["projects"].as_array().unwrap();
        projects.iter().find(|project| project["id"] == id).unwrap().clone()
    }

    /// Returns a cluster of that project.
    fn cluster(&self, name: &str) -> Value {
        let project = self.project();
        let clusters = project["clusters"].as_array().unwrap();
        clusters.iter().find(|cluster| cluster["name"] == name).unwrap().clone()
    }

    /// Returns an IAM role.
    fn role(&self, name: &str) -> Value {
        let world = self.world();
        let roles = world["aws"]["roles"].as_array().unwrap();
        roles.iter().find(|role| role["name"] == name).unwrap().clone()
    }

    /// Returns a key by its ID.
    fn key(&self, id: &str) -> Value {
        let world = self.world();
        let keys = world["aws"]["keys"].as_array().unwrap();
        keys.iter().find(|key| key["id"] == id).unwrap().clone()
    }
}

/// Returns the names of a plan's steps.
fn steps(plan: &Value) -> Vec<&str> {
    let steps = plan["steps"].as_array().unwrap();
    steps.iter().filter_map(|step| step["id"].as_str()).collect()
}
