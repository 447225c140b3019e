//! A usage plan: what its API keys may use of which stages. REST APIs only.

use serde::{Deserialize, Serialize};

use super::id::{ApiId, StageName, UsagePlanId};
use super::stage::Throttle;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UsagePlan {
    pub id: UsagePlanId,
    pub name: String,
    pub description: Option<String>,
    /// Per API key, added up over all stages of the plan.
    pub throttle: Throttle,
    pub quota: Option<Quota>,
    pub stages: Vec<PlanStage>,
}

/// How many requests an API key may make in a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    pub limit: i64,
    /// Requests taken off the first period.
    pub offset: i64,
    /// `DAY`, `WEEK` or `MONTH`.
    pub period: String,
}

/// A stage that the plan opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStage {
    pub api: ApiId,
    pub stage: StageName,
}
