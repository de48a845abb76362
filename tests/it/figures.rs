//! Figures that the project keeps to, measured on demand since they need a quiet machine:
//!
//! ```sh
//! cargo test --release --test it figures -- --ignored --nocapture --test-threads 1
//! ```
//!
//! They hold for a debug build too, which is the harder case.
#![expect(clippy::print_stdout, reason = "figures are there to be read")]

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use atlas_cmk::atlas::{AwsKmsUpdate, Client, Credential};
use atlas_cmk::aws::{Aws, NewKey, NewRole};
use atlas_cmk::domain::cluster::ClusterState;
use atlas_cmk::domain::policy;
use atlas_cmk::domain::region::Region;
use atlas_cmk::simulator::{Options, Scenario, Simulator};
use secrecy::SecretString;

use crate::support::program::Program;

/// How long each answer takes.
const ANSWER: Duration = Duration::from_millis(100);

/// Five clusters that each take two seconds, far less than any real one: so what is compared is mostly round trips. What
/// was changed is seen at once.
const FIVE_CLUSTERS: &str = r#"
based_on = "first-time"

[[project]]
name = "Orders"
roles = ["GROUP_OWNER"]
cluster = [
    { name = "a", size = "M30", region = "US_EAST_1" },
    { name = "b", size = "M30", region = "US_EAST_1" },
    { name = "c", size = "M30", region = "US_EAST_1" },
    { name = "d", size = "M30", region = "US_EAST_1" },
    { name = "e", size = "M30", region = "US_EAST_1" },
]

[pace]
cluster_seconds = { default = 2 }

[propagation]
trust = 0
permissions = 0
key_policy = 0
"#;

const CONFIG: &str = r#"
[role]
name = "atlas-cmk-orders"
[key]
alias = "alias/atlas-orders"
create = true
[clusters]
encrypt = "eligible"
"#;

const MOST_RESIDENT_KIB: u64 = 40 * 1024;

async fn five_clusters() -> Simulator {
    let options = Options {
        latency: Some(ANSWER),
        ..Options::default()
    };
    let scenario = Scenario::parse(FIVE_CLUSTERS).unwrap();
    Simulator::start(scenario, options).await.unwrap()
}

/// Makes the calls that MongoDB's and AWS's documentation name, one after the other, and each cluster when the one
/// before is IDLE again. Each is read without a pause: no program can be faster in this order.
async fn one_after_another(simulator: &Simulator) -> Duration {
    let credentials = simulator.credentials();
    let project = credentials.project_id.as_str();
    let credential = Credential::ApiKey {
        public_key: credentials.public_key.clone(),
        private_key: SecretString::from(credentials.private_key.clone()),
    };
    let atlas = Client::new(simulator.base_url(), credential).unwrap();
    let region = Region::parse(&credentials.region).unwrap();
    let aws = Aws::simulated(
        simulator.base_url(),
        &credentials.aws_access_key_id,
        &credentials.aws_secret_access_key,
        region,
    );
    let tags = BTreeMap::new();

    let begun = Instant::now();
    let access_role = atlas.create_access_role(project).await.unwrap();
    let trust = policy::new_trust(&access_role.atlas_aws_account_arn, &access_role.external_id).unwrap();
    let new = NewRole {
        name: "atlas-cmk-orders",
        path: "/",
        permissions_boundary: None,
        trust: &trust,
        description: None,
        tags: &tags,
    };
    let role = aws.create_role(&new).await.unwrap();
    let new = NewKey {
        description: "",
        tags: &tags,
        multi_region: false,
    };
    let key = aws.create_key(&new).await.unwrap();
    aws.create_alias("alias/atlas-orders", key.id()).await.unwrap();
    aws.enable_rotation(key.id(), 365).await.unwrap();
    let permissions = policy::new_key_policy(key.arn.as_str()).unwrap();
    aws.put_role_policy(&role.name, "encryption", &permissions)
        .await
        .unwrap();
    atlas
        .authorize_access_role(project, &access_role.role_id, &role.arn)
        .await
        .unwrap();
    let update = AwsKmsUpdate {
        role_id: access_role.role_id,
        key: key.arn.to_string(),
        region,
        require_private_networking: None,
    };
    atlas.enable_encryption(project, &update).await.unwrap();
    for cluster in ["a", "b", "c", "d", "e"] {
        let mut state = atlas.encrypt_cluster(project, cluster).await.unwrap().state;
        while state != ClusterState::Idle {
            state = atlas.cluster(project, cluster).await.unwrap().state;
        }
    }
    let setting = atlas.encryption_setting(project).await.unwrap();
    assert_eq!(setting.aws.valid, Some(true));
    begun.elapsed()
}

/// Returns how long the run took, by its own events, and how long the whole command: observing, planning and verifying
/// included.
async fn apply(simulator: &Simulator) -> (Duration, Duration) {
    let program = Program::on(simulator);
    program.config(CONFIG);
    let begun = Instant::now();
    let ran = program.run(&["apply", "--yes", "--output", "json"]).await.exits(0);
    let whole = begun.elapsed();
    let last = ran.events().pop().unwrap();
    assert_eq!(last["event"], "run_completed");
    (Duration::from_millis(last["elapsed_ms"].as_u64().unwrap()), whole)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a figure: needs a quiet machine"]
async fn apply_takes_less_than_half_of_the_calls_one_after_another() {
    let sequential = one_after_another(&five_clusters().await).await;
    let (run, whole) = apply(&five_clusters().await).await;
    println!(
        "five clusters, {ANSWER:?} an answer: calls one after another {sequential:.2?}; apply {whole:.2?}, of it the run \
         {run:.2?}"
    );
    assert!(whole * 2 < sequential);
}

/// Returns the most memory that a process has had resident so far, in KiB; nothing once it has ended.
fn most_resident(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Runs a command to its end and returns the most memory that it had resident, in KiB.
async fn resident(program: &Program, arguments: &[&str]) -> u64 {
    let mut command = program.command(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::inherit());
    let (status, resident) = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        let mut resident = 0;
        loop {
            // It only grows: the last look before the end has the highest.
            resident = most_resident(child.id()).unwrap_or(resident);
            if let Some(status) = child.try_wait().unwrap() {
                return (status, resident);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    })
    .await
    .unwrap();
    assert!(status.success(), "{status}");
    resident
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a figure: needs Linux's /proc"]
async fn plan_of_a_thousand_clusters_stays_small() {
    let options = Options {
        latency: Some(Duration::ZERO),
        ..Options::default()
    };
    let scenario = Scenario::named("crowded").unwrap();
    let simulator = Simulator::start(scenario, options).await.unwrap();
    let program = Program::on(&simulator);
    program.config(CONFIG);
    for form in ["text", "json"] {
        let resident = resident(&program, &["plan", "--output", form]).await;
        println!("plan with 1,000 clusters as {form}: {resident} KiB resident at most");
        assert!((1..MOST_RESIDENT_KIB).contains(&resident));
    }
}
