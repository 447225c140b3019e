//! VPC links: ways from an API into a private network.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A VPC link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcLink {
    pub id: String,
    pub name: String,
    pub version: VpcLinkVersion,
    pub description: Option<String>,
    /// AWS: such as `AVAILABLE`; v2 knows `INACTIVE`, too, where no traffic went for 60 days.
    pub status: Option<String>,
    pub status_message: Option<String>,
    pub created: Option<Timestamp>,
    /// ARNs of network load balancers; V1 alone.
    pub load_balancers: Vec<String>,
    /// V2 alone.
    pub subnets: Vec<String>,
    pub security_groups: Vec<String>,
    pub tags: BTreeMap<String, String>,
}

/// Which control plane made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum VpcLinkVersion {
    /// To network load balancers, for REST APIs.
    V1,
    /// Into subnets, for HTTP APIs.
    V2,
}

impl fmt::Display for VpcLinkVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::V1 => "V1",
            Self::V2 => "V2",
        })
    }
}

impl VpcLink {
    /// Whether requests get through it.
    pub fn is_available(&self) -> bool {
        self.status.as_deref() == Some("AVAILABLE")
    }

    /// What it leads to: load balancers by their names, or subnets.
    pub fn targets(&self) -> Vec<String> {
        let balancers = self.load_balancers.iter().map(|arn| {
            // AWS: `...:loadbalancer/net/NAME/ID`.
            arn.rsplit('/').nth(1).unwrap_or(arn).to_owned()
        });
        balancers.chain(self.subnets.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_leads_to_load_balancers_by_name_or_to_subnets() {
        let link = |load_balancers: &[&str], subnets: &[&str]| VpcLink {
            id: "l1".into(),
            name: "stock".into(),
            version: VpcLinkVersion::V1,
            description: None,
            status: Some("FAILED".into()),
            status_message: None,
            created: None,
            load_balancers: load_balancers.iter().map(|arn| (*arn).to_owned()).collect(),
            subnets: subnets.iter().map(|id| (*id).to_owned()).collect(),
            security_groups: vec![],
            tags: BTreeMap::new(),
        };
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/warehouse/50dc";
        assert_eq!(link(&[arn], &[]).targets(), ["warehouse"]);
        assert_eq!(link(&[], &["subnet-1", "subnet-2"]).targets(), ["subnet-1", "subnet-2"]);
        assert!(!link(&[], &[]).is_available());
    }
}
