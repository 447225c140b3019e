//! A usage plan: what its API keys may use of which stages. REST APIs only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{ApiId, ApiKeyId, StageName, UsagePlanId};
use super::method::MethodKey;
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
    /// How many API keys are on the plan; none until it has been asked of each key ([`count_keys`]).
    #[serde(default)]
    pub key_count: Option<usize>,
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanStage {
    pub api: ApiId,
    pub stage: StageName,
    /// Throttles of single methods, per API key. AWS: they come before the plan's own, and 20 is the most.
    #[serde(default)]
    pub method_throttles: BTreeMap<MethodKey, Throttle>,
}

impl UsagePlan {
    /// The plan's part for one stage.
    pub fn stage(&self, api: &ApiId, stage: &StageName) -> Option<&PlanStage> {
        self.stages.iter().find(|open| open.api == *api && open.stage == *stage)
    }
}

/// On which plans each API key is.
pub type PlansOfKeys = BTreeMap<ApiKeyId, Vec<UsagePlanId>>;

/// Tells each plan how many keys are on it. AWS's own list of a plan's keys holds their values, so it is
/// asked the other way round: of each key, its plans.
pub fn count_keys(plans: &mut [UsagePlan], of_keys: &PlansOfKeys) {
    for plan in plans {
        plan.key_count = Some(of_keys.values().filter(|plans| plans.contains(&plan.id)).count());
    }
}
