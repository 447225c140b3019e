//! What an operator asks of a usage plan: everything at once, since AWS takes one update in 20 seconds.

use serde::{Deserialize, Serialize};

use crate::domain::change::Lever;
use crate::domain::method::MethodKey;
use crate::domain::target::StageTarget;

/// A pull at the levers of one usage plan. What isn't given stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlanWanted {
    /// Of each key, over all stages of the plan.
    pub throttle: Option<LimitsWanted>,
    /// Of single methods.
    pub methods: Vec<MethodLimits>,
    pub quota: Option<QuotaWanted>,
    /// Stages that the plan is to open.
    pub add: Vec<StageTarget>,
    /// Stages that the plan is to open no longer.
    pub remove: Vec<StageTarget>,
}

/// A throttle.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitsWanted {
    /// What isn't given stays as it is.
    Set {
        /// Requests per second.
        rate: Option<f64>,
        burst: Option<i64>,
    },
    Clear,
}

/// A throttle of one method at one stage of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MethodLimits {
    pub stage: StageTarget,
    pub method: MethodKey,
    pub limits: LimitsWanted,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuotaWanted {
    /// What isn't given stays as it is.
    Set {
        /// Requests of a period.
        limit: Option<i64>,
        /// `DAY`, `WEEK` or `MONTH`.
        period: Option<String>,
        offset: Option<i64>,
    },
    Clear,
}

impl PlanWanted {
    /// The lever that is pulled.
    pub const fn lever(&self) -> Lever {
        if self.throttle.is_none() && self.quota.is_none() && self.methods.is_empty() {
            Lever::UsagePlanStages
        } else {
            Lever::UsagePlan
        }
    }
}
