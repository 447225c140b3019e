//! Stages: what points at a deployment, and the throttles, cache and variables around it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::RouteKey;

/// How long a flush shows as `FLUSH_IN_PROGRESS`.
pub const FLUSH_DURATION: SignedDuration = SignedDuration::from_secs(8);
/// How long a cache takes to come or to go. AWS: up to about four minutes.
pub const CACHE_BUILD_DURATION: SignedDuration = SignedDuration::from_secs(90);

/// A stage of an API of any kind.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Stage {
    pub name: String,
    pub deployment_id: String,
    pub description: String,
    pub created: Timestamp,
    pub last_updated: Timestamp,
    pub variables: BTreeMap<String, String>,
    pub tags: BTreeMap<String, String>,
    /// REST only; off for the other kinds.
    pub cache: Cache,
    /// When the decisions of the authorizers were last forgotten; `None`: long ago.
    pub authorizers_emptied_at: Option<Timestamp>,
    pub settings: MethodSettings,
    /// v2 only: every change of the API is deployed here by itself.
    pub auto_deploy: bool,
    /// v2 only: made with the API by quick create. AWS: such a stage can't be modified.
    pub managed: bool,
    pub tracing_enabled: bool,
    pub access_log: Option<AccessLog>,
    /// REST only: a second deployment that gets a share of the requests.
    pub canary: Option<Canary>,
    pub client_certificate_id: Option<String>,
    pub documentation_version: Option<String>,
    /// REST only.
    pub web_acl_arn: Option<String>,
}

/// Where a stage's access log goes, and what a line of it looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessLog {
    /// The ARN of a log group, without a trailing `:*`, or of a Firehose stream.
    pub destination_arn: String,
    /// One line with `$context` variables.
    pub format: String,
}

/// AWS's `canarySettings`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Canary {
    pub deployment_id: String,
    /// 0 to 100.
    pub percent_traffic: f64,
    pub stage_variable_overrides: BTreeMap<String, String>,
    /// Whether the canary's requests use the stage's cache.
    pub use_stage_cache: bool,
}

/// A rate with a burst, as a token bucket has them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Throttle {
    /// Requests a second.
    pub rate: f64,
    /// Requests at once.
    pub burst: i64,
}

/// Settings of a stage's methods: a default, and what overrides it for one method.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct MethodSettings {
    /// `*/*` in v1, `defaultRouteSettings` in v2.
    pub default: Option<MethodSetting>,
    pub overrides: BTreeMap<RouteKey, MethodSetting>,
}

impl MethodSettings {
    /// The settings that hold for a method, if any were made.
    pub fn effective(&self, key: &RouteKey) -> Option<&MethodSetting> {
        self.overrides.get(key).or(self.default.as_ref())
    }
}

/// One entry of `methodSettings` (v1) or `routeSettings` (v2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the fields are those of AWS's MethodSetting")]
pub struct MethodSetting {
    /// Detailed metrics.
    pub metrics_enabled: bool,
    /// `OFF`, `ERROR` or `INFO`.
    pub logging_level: String,
    pub data_trace_enabled: bool,
    pub throttle: Throttle,
    pub caching_enabled: bool,
    /// Seconds. AWS: 0 to 3,600, where 0 keeps nothing.
    pub cache_ttl_seconds: i64,
    pub cache_data_encrypted: bool,
    pub require_authorization_for_cache_control: bool,
    /// What becomes of an unauthorised `Cache-Control: max-age=0`.
    pub unauthorized_cache_control_strategy: String,
}

impl MethodSetting {
    /// What an entry holds when one of its fields is set for the first time. AWS: burst 5,000,
    /// rate 10,000, TTL 300 s.
    pub fn initial() -> Self {
        Self {
            metrics_enabled: false,
            logging_level: "OFF".to_owned(),
            data_trace_enabled: false,
            throttle: Throttle { rate: 10_000.0, burst: 5_000 },
            caching_enabled: false,
            cache_ttl_seconds: 300,
            cache_data_encrypted: false,
            require_authorization_for_cache_control: true,
            unauthorized_cache_control_strategy: "SUCCEED_WITH_RESPONSE_HEADER".to_owned(),
        }
    }
}

/// The sizes that AWS offers, in gigabytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub struct CacheSize(SizeName);

/// One of AWS's sizes, as it writes them.
type SizeName = &'static str;

impl CacheSize {
    /// All of AWS's sizes, ascending.
    pub const ALL: [Self; 8] = [
        Self("0.5"),
        Self("1.6"),
        Self("6.1"),
        Self("13.5"),
        Self("28.4"),
        Self("58.2"),
        Self("118"),
        Self("237"),
    ];
    /// The size that a cache has when none was chosen.
    pub const SMALLEST: Self = Self::ALL[0];

    /// The size that AWS writes so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.0 == text)
    }

    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl From<CacheSize> for &'static str {
    fn from(size: CacheSize) -> Self {
        size.as_str()
    }
}

impl TryFrom<String> for CacheSize {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or_else(|| format!("{text} GB is no size of a cache"))
    }
}

/// AWS's `cacheClusterStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CacheStatus {
    CreateInProgress,
    Available,
    DeleteInProgress,
    NotAvailable,
    FlushInProgress,
}

impl CacheStatus {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateInProgress => "CREATE_IN_PROGRESS",
            Self::Available => "AVAILABLE",
            Self::DeleteInProgress => "DELETE_IN_PROGRESS",
            Self::NotAvailable => "NOT_AVAILABLE",
            Self::FlushInProgress => "FLUSH_IN_PROGRESS",
        }
    }
}

/// The cache cluster of a REST stage.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Cache {
    pub enabled: bool,
    pub size: CacheSize,
    /// An operation under way, and when it ends.
    pub transition: Option<(CacheStatus, Timestamp)>,
    /// When the cache was last emptied, by a flush or by being built anew; `None`: long ago.
    pub emptied_at: Option<Timestamp>,
}

impl Cache {
    /// No cache.
    pub fn off() -> Self {
        Self { enabled: false, size: CacheSize::SMALLEST, transition: None, emptied_at: None }
    }

    /// A cache that has been on for long.
    pub fn on(size: CacheSize) -> Self {
        Self { enabled: true, size, transition: None, emptied_at: None }
    }

    /// The status at this instant.
    pub fn status(&self, now: Timestamp) -> CacheStatus {
        match self.transition {
            Some((status, until)) if now < until => status,
            _ if self.enabled => CacheStatus::Available,
            _ => CacheStatus::NotAvailable,
        }
    }

    /// Whether requests are answered from the cache at this instant: it is there, being flushed or not.
    pub fn serves(&self, now: Timestamp) -> bool {
        matches!(self.status(now), CacheStatus::Available | CacheStatus::FlushInProgress)
    }

    /// Empties the cache. It shows `FLUSH_IN_PROGRESS` for [`FLUSH_DURATION`].
    pub fn flush(&mut self, now: Timestamp) {
        self.emptied_at = Some(now);
        self.transition = Some((CacheStatus::FlushInProgress, now + FLUSH_DURATION));
    }

    /// Turns the cache on or off, which takes [`CACHE_BUILD_DURATION`]. No change: nothing happens.
    pub fn set_enabled(&mut self, enabled: bool, now: Timestamp) {
        if enabled != self.enabled {
            self.enabled = enabled;
            self.rebuild(now);
        }
    }

    /// Resizes the cache. AWS: the old cache and all in it are lost.
    pub fn resize(&mut self, size: CacheSize, now: Timestamp) {
        if size != self.size {
            self.size = size;
            if self.enabled {
                self.rebuild(now);
            }
        }
    }

    fn rebuild(&mut self, now: Timestamp) {
        let status = if self.enabled { CacheStatus::CreateInProgress } else { CacheStatus::DeleteInProgress };
        self.emptied_at = Some(now);
        self.transition = Some((status, now + CACHE_BUILD_DURATION));
    }
}
