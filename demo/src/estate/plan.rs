//! Usage plans and API keys.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{RouteKey, Throttle};

/// A usage plan: what the holders of its keys may use, and how much of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UsagePlan {
    pub id: String,
    pub name: String,
    pub description: String,
    pub api_stages: Vec<ApiStage>,
    /// For each key, over all the plan's stages together.
    pub throttle: Option<Throttle>,
    pub quota: Option<Quota>,
    /// The ids of the keys on this plan.
    pub key_ids: Vec<String>,
    pub product_code: Option<String>,
    pub tags: BTreeMap<String, String>,
}

impl UsagePlan {
    /// Whether the plan opens a stage.
    pub fn opens(&self, api_id: &str, stage: &str) -> bool {
        self.api_stages.iter().any(|open| open.api_id == api_id && open.stage == stage)
    }
}

/// A REST stage that a plan opens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApiStage {
    pub api_id: String,
    pub stage: String,
    /// Throttles of single methods.
    pub throttle: BTreeMap<RouteKey, Throttle>,
}

/// Requests that a key may send in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    pub limit: i64,
    /// Requests taken off the first period.
    pub offset: i64,
    pub period: QuotaPeriod,
}

/// AWS's quota periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum QuotaPeriod {
    Day,
    Week,
    Month,
}

impl QuotaPeriod {
    /// The period that AWS writes so.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Day, Self::Week, Self::Month].into_iter().find(|period| period.as_str() == text)
    }

    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "DAY",
            Self::Week => "WEEK",
            Self::Month => "MONTH",
        }
    }
}

/// An API key. Its value is a secret.
#[derive(Clone, Serialize, Deserialize)]
pub struct ApiKey {
    pub id: String,
    pub name: String,
    /// The secret that callers send as `x-api-key`.
    pub value: String,
    /// The customer that holds it.
    pub customer_id: String,
    pub description: String,
    pub enabled: bool,
    pub created: Timestamp,
    pub last_updated: Timestamp,
    pub tags: BTreeMap<String, String>,
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ApiKey")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
