//! Who the operator is to AWS, and which region of which account a session sees.

use serde::{Deserialize, Serialize};

use super::id::{AccountId, RegionName};

/// What STS GetCallerIdentity answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub account: AccountId,
    /// The caller's ARN: the name the journal keeps.
    #[serde(deserialize_with = "super::text::deserialise")]
    pub arn: String,
}

/// One AWS account in one AWS region: the scope of every quota, name and metric.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RegionKey {
    pub account: AccountId,
    pub region: RegionName,
}

impl std::fmt::Display for RegionKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.account, self.region)
    }
}
