//! The addresses that Atlas calls from.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};

use crate::domain::atlas_addresses::NodeAddresses;

/// A network, or a single address as a network of full length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Network(IpNet);

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let text = text.trim();
        let network = text
            .parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network
            .map(Self)
            .map_err(|_| de::Error::custom(format!("neither an address nor a network: {text}")))
    }
}

/// Addresses by region.
type ByRegion = BTreeMap<String, Option<Vec<Network>>>;

/// `GET /unauth/controlPlaneIPAddresses`: from where the control plane calls.
#[derive(Debug, Deserialize)]
pub struct ControlPlaneAddresses {
    outbound: Outbound,
}

#[derive(Debug, Deserialize)]
struct Outbound {
    aws: Option<ByRegion>,
    azure: Option<ByRegion>,
    gcp: Option<ByRegion>,
}

impl From<ControlPlaneAddresses> for Vec<IpNet> {
    fn from(addresses: ControlPlaneAddresses) -> Self {
        let Outbound { aws, azure, gcp } = addresses.outbound;
        let by_region = [aws, azure, gcp].into_iter().flatten().flat_map(BTreeMap::into_values);
        networks(by_region.flatten().flatten())
    }
}

/// `GET /groups/{id}/ipAddresses`: from where a project's nodes call.
#[derive(Debug, Deserialize)]
pub struct ProjectAddresses {
    services: Option<Services>,
}

#[derive(Debug, Deserialize)]
struct Services {
    clusters: Option<Vec<ClusterAddresses>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClusterAddresses {
    cluster_name: Option<String>,
    outbound: Option<Vec<Network>>,
    future_outbound: Option<Vec<Network>>,
}

impl From<ProjectAddresses> for Vec<NodeAddresses> {
    fn from(addresses: ProjectAddresses) -> Self {
        let clusters = addresses.services.and_then(|services| services.clusters);
        clusters
            .into_iter()
            .flatten()
            .map(|cluster| NodeAddresses {
                cluster: cluster.cluster_name.unwrap_or_default(),
                addresses: networks(cluster.outbound.into_iter().chain(cluster.future_outbound).flatten()),
            })
            .collect()
    }
}

/// Returns the networks in order, each once.
fn networks(all: impl Iterator<Item = Network>) -> Vec<IpNet> {
    let mut all: Vec<IpNet> = all.map(|Network(network)| network).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    fn nets(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn all_outbound_addresses_of_the_control_plane_are_taken_and_no_inbound_one() {
        let answer = br#"{"inbound":{"aws":{"us-east-1":["9.9.9.9/32"]}},"outbound":{
            "aws":{"us-east-1":["198.51.100.7/32","203.0.113.0/24"],"eu-west-1":["198.51.100.7/32"],"x":null},
            "azure":{"westeurope":["192.0.2.10"]},"gcp":{"us-central1":["2001:db8::/48"]}}}"#;
        let all: Vec<IpNet> = read::<ControlPlaneAddresses>(answer).unwrap().into();
        assert_eq!(
            all,
            nets(&["192.0.2.10/32", "198.51.100.7/32", "203.0.113.0/24", "2001:db8::/48"])
        );
    }

    #[test]
    fn an_address_that_can_not_be_read_is_not_left_out() {
        let answer = br#"{"outbound":{"aws":{"us-east-1":["198.51.100.7/99"]}}}"#;
        assert!(
            read::<ControlPlaneAddresses>(answer)
                .unwrap_err()
                .contains("198.51.100.7/99")
        );
        assert!(read::<ControlPlaneAddresses>(b"{}").is_err());
    }

    #[test]
    fn nodes_have_present_and_future_addresses() {
        let answer = br#"{"services":{"clusters":[
            {"clusterName":"orders","inbound":["9.9.9.9"],"outbound":["192.0.2.10"],"futureOutbound":["192.0.2.9","192.0.2.10"]},
            {"clusterName":"new","outbound":null}]}}"#;
        let all: Vec<NodeAddresses> = read::<ProjectAddresses>(answer).unwrap().into();
        assert_eq!(all[0].addresses, nets(&["192.0.2.9/32", "192.0.2.10/32"]));
        assert_eq!((all[1].cluster.as_str(), all[1].addresses.len()), ("new", 0));
        let none: Vec<NodeAddresses> = read::<ProjectAddresses>(b"{}").unwrap().into();
        assert_eq!(none, []);
    }
}
