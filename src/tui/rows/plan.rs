//! A usage plan as a row: what its keys may use, and how many there are.

use jiff::Timestamp;

use super::{RowKey, TableRow, count, number, share};
use crate::domain::estate::{RegionEstate, RegionSlot};
use crate::domain::filter::Value;
use crate::domain::usage_plan::UsagePlan;
use crate::tui::model::{Model, Scope};

#[derive(Clone, Debug)]
pub struct PlanRow {
    pub slot: RegionSlot,
    pub plan: UsagePlan,
    /// None until some keys were asked.
    pub keys: Option<KeyCount>,
    /// How much of its quota the key has used up that used the most, 0 to 1; none until that was asked.
    pub used: Option<f64>,
}

/// How many keys are on a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyCount {
    pub keys: usize,
    /// All keys were asked; otherwise there may be more.
    pub is_whole: bool,
}

/// One row a plan, by name.
pub(super) fn rows(model: &Model) -> Vec<PlanRow> {
    let mut rows: Vec<PlanRow> = model
        .estate
        .regions()
        .flat_map(|(slot, region)| {
            let plans = region.usage_plans.value().into_iter().flatten();
            plans.map(move |plan| {
                let (keys, used) = (key_count(region, plan), used(region, plan));
                PlanRow { slot, plan: plan.clone(), keys, used }
            })
        })
        .collect();
    rows.sort_by(|one, other| {
        (one.slot, &one.plan.name, &one.plan.id).cmp(&(other.slot, &other.plan.name, &other.plan.id))
    });
    rows
}

fn key_count(region: &RegionEstate, plan: &UsagePlan) -> Option<KeyCount> {
    let keys = region.api_keys.value()?;
    let known = region.plans_of_keys.value();
    let is_whole = keys.iter().all(|key| known.is_some_and(|known| known.contains_key(&key.id)));
    let of_plan = known?.values().filter(|plans| plans.contains(&plan.id)).count();
    Some(KeyCount { keys: of_plan, is_whole })
}

fn used(region: &RegionEstate, plan: &UsagePlan) -> Option<f64> {
    let limit = plan.quota.as_ref()?.limit;
    let all = region.usage_of_plans.get(&plan.id)?.value()?;
    let shares = all.iter().filter(|period| period.plan == plan.id).map(|period| period.share_used(limit));
    Some(shares.max_by(f64::total_cmp).unwrap_or_default())
}

impl PlanRow {
    /// Every request with one of its keys gets a 429.
    pub fn blocks(&self) -> bool {
        self.plan.throttle.blocks_all() || self.plan.quota.as_ref().is_some_and(|quota| quota.limit <= 0)
    }

    /// Methods with a throttle of their own, over all stages.
    pub fn method_throttles(&self) -> usize {
        self.plan.stages.iter().map(|stage| stage.method_throttles.len()).sum()
    }
}

impl TableRow for PlanRow {
    fn key(&self) -> RowKey {
        RowKey::Plan(self.slot, self.plan.id.clone())
    }

    fn text(&self) -> String {
        let description = self.plan.description.as_deref().unwrap_or_default();
        format!("{} {} {description}", self.plan.name, self.plan.id)
    }

    #[expect(clippy::cast_precision_loss, reason = "limits are far below 2^52")]
    fn value(&self, column: &str, _now: Timestamp) -> Value {
        let plan = &self.plan;
        match column {
            "plan" => Value::Text(plan.name.clone()),
            "id" => Value::Text(plan.id.to_string()),
            "rate" => number(plan.throttle.rate),
            "burst" => number(plan.throttle.burst.map(|burst| burst as f64)),
            "methods" => count(self.method_throttles()),
            "quota" => number(plan.quota.as_ref().map(|quota| quota.limit as f64)),
            "period" => {
                plan.quota.as_ref().map_or(Value::Absent, |quota| Value::Text(quota.period.to_lowercase()))
            }
            "used" => share(self.used),
            "stages" => count(plan.stages.len()),
            "keys" => self.keys.map_or(Value::Absent, |keys| count(keys.keys)),
            _ => Value::Absent,
        }
    }

    fn is_in(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Plan { slot, plan, .. } => self.slot == *slot && self.plan.id == *plan,
            _ => true,
        }
    }
}
