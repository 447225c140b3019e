//! A stage: the deployment it points at, its cache, its throttles and other stage state.
//!
//! What a deployment freezes (resources, integrations) isn't here; what stays on the stage
//! when a deployment is rolled back is (variables, method settings, cache, logs, canary).

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::{ApiId, DeploymentId, StageName};
use super::method::MethodKey;

/// A stage of one API, in a form that both control planes fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    pub api: ApiId,
    pub name: StageName,
    /// None on a v2 stage that has never been deployed.
    pub deployment: Option<DeploymentId>,
    pub description: Option<String>,
    pub created: Option<Timestamp>,
    pub last_updated: Option<Timestamp>,
    pub variables: BTreeMap<String, String>,
    /// REST only: HTTP and WebSocket APIs have no response cache.
    pub cache: Option<Cache>,
    pub canary: Option<Canary>,
    /// `MethodKey::All` is the default of each method, not a cap on their sum.
    pub settings: BTreeMap<MethodKey, MethodSettings>,
    /// v2 only: a change of the API is deployed at once.
    pub auto_deploy: bool,
    /// REST only.
    pub tracing: Option<bool>,
    pub access_log_destination: Option<String>,
    /// REST only: the web ACL in front of the stage.
    pub web_acl_arn: Option<String>,
}

/// A stage's response cache.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cache {
    pub enabled: bool,
    /// GB, one of AWS's sizes: 0.5, 1.6, 6.1, 13.5, 28.4, 58.2, 118, 237.
    pub size: Option<String>,
    pub status: CacheStatus,
}

/// AWS: `CacheClusterStatus`. After a deletion the guide says that the value is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CacheStatus {
    CreateInProgress,
    Available,
    DeleteInProgress,
    NotAvailable,
    FlushInProgress,
    /// A value that this version doesn't know, or none.
    Unknown,
}

impl CacheStatus {
    pub fn from_aws(text: &str) -> Self {
        match text {
            "CREATE_IN_PROGRESS" => Self::CreateInProgress,
            "AVAILABLE" => Self::Available,
            "DELETE_IN_PROGRESS" => Self::DeleteInProgress,
            "NOT_AVAILABLE" => Self::NotAvailable,
            "FLUSH_IN_PROGRESS" => Self::FlushInProgress,
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for CacheStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::CreateInProgress => "CREATE_IN_PROGRESS",
            Self::Available => "AVAILABLE",
            Self::DeleteInProgress => "DELETE_IN_PROGRESS",
            Self::NotAvailable => "NOT_AVAILABLE",
            Self::FlushInProgress => "FLUSH_IN_PROGRESS",
            Self::Unknown => "UNKNOWN",
        })
    }
}

/// A canary release on a REST stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Canary {
    pub deployment: Option<DeploymentId>,
    /// 0 to 100.
    pub percent_traffic: f64,
    pub use_stage_cache: bool,
}

/// Settings of one method or route, or of all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MethodSettings {
    pub throttle: Throttle,
    pub detailed_metrics: bool,
    /// `OFF`, `ERROR` or `INFO`.
    pub logging_level: Option<String>,
    /// Whole request and response bodies are logged.
    pub data_trace: bool,
    /// REST only.
    pub caching: bool,
    /// Seconds, 0 to 3,600; 0 is off.
    pub cache_ttl_seconds: Option<u32>,
}

/// A token bucket's two numbers. Absent means that the account's limit applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Throttle {
    /// Requests per second.
    pub rate: Option<f64>,
    /// The bucket's size, in requests.
    pub burst: Option<i64>,
}

impl Throttle {
    /// Neither number is set: what stands above it applies.
    pub fn is_unset(self) -> bool {
        self.rate.is_none() && self.burst.is_none()
    }

    /// A bucket that never fills, or holds nothing, lets nothing through. AWS: every request gets a 429.
    pub fn blocks_all(self) -> bool {
        self.rate.is_some_and(|rate| rate <= 0.0) || self.burst.is_some_and(|burst| burst <= 0)
    }

    /// Its own numbers, and those of `above` where it has none.
    #[must_use]
    pub fn or(self, above: Self) -> Self {
        Self { rate: self.rate.or(above.rate), burst: self.burst.or(above.burst) }
    }
}

impl Stage {
    /// Whether the response cache is on for the stage as a whole.
    pub fn cache_enabled(&self) -> bool {
        self.cache.as_ref().is_some_and(|cache| cache.enabled)
    }

    /// The stage's default throttle, for each method that has none of its own.
    pub fn default_throttle(&self) -> Throttle {
        self.settings.get(&MethodKey::All).map_or_else(Throttle::default, |settings| settings.throttle)
    }
}
