//! How the gateway reaches backends that are not public, and shows them who it is.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A VPC link of v1, to Network Load Balancers, or of v2, to subnets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcLink {
    pub id: String,
    pub name: String,
    pub description: String,
    pub created: Timestamp,
    pub reaches: Reaches,
    pub tags: BTreeMap<String, String>,
}

/// What a VPC link leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reaches {
    /// v1.
    LoadBalancers { arns: Vec<String> },
    /// v2.
    Subnets { subnet_ids: Vec<String>, security_group_ids: Vec<String> },
}

/// A certificate that the gateway shows to HTTP backends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCertificate {
    pub id: String,
    pub description: String,
    pub pem: String,
    pub created: Timestamp,
    pub expires: Timestamp,
    pub tags: BTreeMap<String, String>,
}
