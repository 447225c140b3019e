//! Domain names of the account's own, and which API and stage answers on which of their paths.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::EndpointType;

/// A custom domain name. v1 and v2 show the same one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainName {
    pub name: String,
    /// Regional or edge-optimised.
    pub endpoint: EndpointType,
    pub certificate_arn: String,
    pub certificate_uploaded: Timestamp,
    /// `TLS_1_0` or `TLS_1_2`.
    pub security_policy: String,
    /// The name behind it that DNS leads to.
    pub target: String,
    pub tags: BTreeMap<String, String>,
    pub mappings: Vec<ApiMapping>,
}

/// What answers on a path of a domain name: AWS's base path mapping (v1) or API mapping (v2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiMapping {
    pub id: String,
    /// The path without slashes around it; empty for all that no other mapping takes.
    pub key: String,
    pub api_id: String,
    pub stage: String,
}

impl DomainName {
    /// AWS: the hosted zone that DNS aliases name, API Gateway's in eu-west-1 or CloudFront's.
    pub fn hosted_zone_id(&self) -> &'static str {
        if self.endpoint == EndpointType::Edge { "Z2FDTNDATAQYW2" } else { "ZLY8HYME6SFDD" }
    }
}

/// A name for DNS to lead to, made of an id.
pub fn target(endpoint: EndpointType, id: &str, region: &str) -> String {
    match endpoint {
        EndpointType::Edge => format!("d{id}.cloudfront.net"),
        EndpointType::Regional | EndpointType::Private => {
            format!("d-{id}.execute-api.{region}.amazonaws.com")
        }
    }
}
