//! An API key as a row: whether it opens anything, and through which plans. Never its value.

use std::sync::Arc;

use jiff::Timestamp;

use super::{RowKey, TableRow, age, count, share};
use crate::domain::api_key::ApiKey;
use crate::domain::estate::{RegionEstate, RegionSlot};
use crate::domain::filter::Value;
use crate::domain::id::UsagePlanId;
use crate::tui::model::{Model, Scope};

#[derive(Clone, Debug)]
pub struct KeyRow {
    pub slot: RegionSlot,
    pub key: Arc<ApiKey>,
    /// The plans that it is on, with their names; none until it was asked.
    pub plans: Option<Vec<(UsagePlanId, String)>>,
    /// How much of its quota is used up, 0 to 1: the most over its plans; none where it was not read.
    pub used: Option<f64>,
}

/// One row a key, by name.
pub(super) fn rows(model: &Model) -> Vec<KeyRow> {
    let mut rows: Vec<KeyRow> = model
        .estate
        .regions()
        .flat_map(|(slot, region)| {
            let keys = region.api_keys.value().into_iter().flatten();
            keys.map(move |key| {
                let (plans, used) = (plans_of(region, key), used(region, key));
                KeyRow { slot, key: Arc::clone(key), plans, used }
            })
        })
        .collect();
    rows.sort_by(|one, other| {
        (one.slot, &one.key.name, &one.key.id).cmp(&(other.slot, &other.key.name, &other.key.id))
    });
    rows
}

fn plans_of(region: &RegionEstate, key: &ApiKey) -> Option<Vec<(UsagePlanId, String)>> {
    let ids = region.plans_of_keys.value()?.get(&key.id)?;
    let named = |id: &UsagePlanId| {
        let mut plans = region.usage_plans.value().into_iter().flatten();
        plans.find(|plan| plan.id == *id).map_or_else(|| id.to_string(), |plan| plan.name.clone())
    };
    Some(ids.iter().map(|id| (id.clone(), named(id))).collect())
}

fn used(region: &RegionEstate, key: &ApiKey) -> Option<f64> {
    let on = region.plans_of_keys.value()?.get(&key.id)?;
    let plans = region.usage_plans.value()?.iter().filter(|plan| on.contains(&plan.id));
    plans.filter_map(|plan| region.share_used(plan, &key.id)).max_by(f64::total_cmp)
}

impl KeyRow {
    pub fn state(&self) -> &'static str {
        if self.key.enabled { "on" } else { "off" }
    }

    /// The names of its plans; `none` where it has none, nothing where it was not asked.
    pub fn plan_names(&self) -> Option<String> {
        let plans = self.plans.as_ref()?;
        let names: Vec<&str> = plans.iter().map(|(_, name)| name.as_str()).collect();
        Some(if names.is_empty() { "none".to_owned() } else { names.join(", ") })
    }
}

impl TableRow for KeyRow {
    fn key(&self) -> RowKey {
        RowKey::Key(self.slot, self.key.id.clone())
    }

    fn text(&self) -> String {
        let key = &self.key;
        let texts = [&key.customer_id, &key.description].map(|text| text.as_deref().unwrap_or_default());
        let plans = self.plan_names().unwrap_or_default();
        format!("{} {} {} {plans} {}", key.name, key.id, self.state(), texts.join(" "))
    }

    fn value(&self, column: &str, now: Timestamp) -> Value {
        let key = &self.key;
        match column {
            "key" => Value::Text(key.name.clone()),
            "id" => Value::Text(key.id.to_string()),
            "state" => Value::Text(self.state().to_owned()),
            "plans" => self.plan_names().map_or(Value::Absent, Value::Text),
            "used" => share(self.used),
            "stages" => count(key.stages.len()),
            "customer" => key.customer_id.clone().map_or(Value::Absent, Value::Text),
            "age" => age(key.created, now),
            _ => Value::Absent,
        }
    }

    fn is_in(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Plan { slot, plan, .. } => {
                self.slot == *slot && self.plans.iter().flatten().any(|(id, _)| id == plan)
            }
            _ => true,
        }
    }
}
