//! The addresses from which Atlas reaches AWS KMS: what an IP restriction has to let in.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// The outbound addresses of one cluster's nodes (API operation `getGroupIpAddresses`): `outbound` and `futureOutbound`.
///
/// They change with region changes, new shards, and when encryption is enabled on a cluster younger than 12 hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeAddresses {
    /// The cluster's name.
    pub cluster: String,
    /// Single addresses are networks of full length.
    pub addresses: Vec<IpNet>,
}
