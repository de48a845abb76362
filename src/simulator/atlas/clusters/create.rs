//! New clusters.

use serde_json::{Map, Value};

use super::super::super::clock::later;
use super::super::super::world::{AwsKms, Cluster, Place, Project, Work};
use super::super::Call;
use super::super::error::Refusal;
use super::super::key_check::check_present;
use super::super::projects::not_found;
use super::super::regions::check_node_region;
use super::{check_attributes, check_set_up, check_size, read_encryption, show};

/// What a caller may send.
const KNOWN: [&str; 18] = [
    "advancedConfiguration",
    "backupEnabled",
    "biConnector",
    "clusterType",
    "configServerManagementMode",
    "diskWarmingMode",
    "encryptionAtRestProvider",
    "globalClusterSelfManagedSharding",
    "labels",
    "mongoDBMajorVersion",
    "name",
    "pitEnabled",
    "redactClientLogData",
    "replicaSetScalingStrategy",
    "replicationSpecs",
    "tags",
    "terminationProtectionEnabled",
    "versionReleaseSystem",
];
const LONGEST_NAME: usize = 64;

/// Makes a cluster, which then is being made for a while.
pub(in super::super) async fn create(call: &Call<'_>, group: &str) -> Result<Value, Refusal> {
    let body = call.body()?;
    check_attributes(&body, &KNOWN)?;
    let wanted = Wanted::read(&body)?;
    if let Some(present) = present_setting(call, group, &wanted)? {
        check_present(call.shared, group, &present).await?;
    }

    let mut world = call.shared.world();
    let world = &mut *world;
    let (id, outbound) = (world.ids.object(), world.ids.nodes());
    let until = later(call.now, world.cluster_work(&wanted.size));
    let project = world.atlas.project_mut(group).ok_or_else(|| not_found(group))?;
    wanted.check(project)?;
    let place = Place {
        size: &wanted.size,
        provider: &wanted.provider,
        region: &wanted.region,
    };
    let cluster = Cluster {
        backup: body.get("backupEnabled") == Some(&Value::Bool(true)),
        encryption: wanted.encryption,
        work: Some(Work {
            state: "CREATING".to_owned(),
            until: Some(until),
        }),
        outbound,
        ..Cluster::idle(id, &wanted.name, place, call.now)
    };
    let shown = show(call, group, &cluster);
    project.clusters.push(cluster);
    Ok(shown)
}

/// Checks a new cluster against the project, and returns the project's setting if the cluster is to use it.
fn present_setting(call: &Call<'_>, group: &str, wanted: &Wanted) -> Result<Option<AwsKms>, Refusal> {
    let mut world = call.shared.world();
    let project = world.atlas.project_mut(group).ok_or_else(|| not_found(group))?;
    project.settle(call.now);
    wanted.check(project)?;
    Ok(project.aws_kms.clone().filter(|_| wanted.encryption == "AWS"))
}

/// The cluster that is asked for: a replica set in one region, the only kind that can be made here.
struct Wanted {
    name: String,
    size: String,
    provider: String,
    region: String,
    encryption: String,
}

impl Wanted {
    fn read(body: &Map<String, Value>) -> Result<Self, Refusal> {
        match body.get("clusterType").and_then(Value::as_str) {
            Some("REPLICASET") => {}
            Some(_) => return Err(Refusal::invalid_attribute("clusterType")),
            None => return Err(Refusal::missing_attribute("clusterType")),
        }
        let only = |list: &Value, name: &str| match list.as_array().map(Vec::as_slice) {
            Some([one]) => Ok(one.clone()),
            Some(_) => Err(Refusal::invalid_attribute(name)),
            None => Err(Refusal::missing_attribute(name)),
        };
        let specs = body.get("replicationSpecs").unwrap_or(&Value::Null);
        let config = only(&only(specs, "replicationSpecs")?["regionConfigs"], "regionConfigs")?;
        let nodes = &config["electableSpecs"];
        if !matches!(nodes["nodeCount"].as_u64(), Some(3 | 5 | 7)) {
            return Err(Refusal::invalid_attribute("nodeCount"));
        }
        if config["priority"].as_u64() != Some(7) {
            return Err(Refusal::invalid_attribute("priority"));
        }
        let text = |value: &Value, name: &str| {
            value
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| Refusal::missing_attribute(name))
        };
        let provider = text(&config["providerName"], "providerName")?;
        if !matches!(provider.as_str(), "AWS" | "AZURE" | "GCP") {
            return Err(Refusal::invalid_enum("providerName", &provider));
        }
        Ok(Self {
            name: text(body.get("name").unwrap_or(&Value::Null), "name")?,
            size: text(&nodes["instanceSize"], "instanceSize")?,
            region: text(&config["regionName"], "regionName")?,
            provider,
            encryption: read_encryption(body.get("encryptionAtRestProvider"))?.unwrap_or_else(|| "NONE".to_owned()),
        })
    }

    fn check(&self, project: &Project) -> Result<(), Refusal> {
        if !is_name(&self.name) {
            return Err(Refusal::invalid_attribute("name"));
        }
        let is_taken =
            project.cluster(&self.name).is_some() || project.flex_clusters.iter().any(|flex| flex.name == self.name);
        if is_taken {
            let detail = format!(
                "A cluster named {} is already present in group {}.",
                self.name, project.id
            );
            return Err(Refusal::bad_request("DUPLICATE_CLUSTER_NAME", detail)
                .about(self.name.as_str())
                .about(project.id.as_str()));
        }
        check_node_region(&self.provider, &self.region, project.region_restriction.as_deref())?;
        check_size(project, &self.size)?;
        if self.encryption == "NONE" {
            return Ok(());
        }
        check_set_up(project, &self.encryption)
    }
}

fn is_name(text: &str) -> bool {
    text.len() <= LONGEST_NAME
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
