//! A throttle as a row: the account's limit, the stage's default and a method's own, side by side.

use jiff::Timestamp;

use super::{RowKey, TableRow, number};
use crate::domain::api::ApiKind;
use crate::domain::estate::{ApiEntry, RegionSlot};
use crate::domain::failure::Failure;
use crate::domain::filter::Value;
use crate::domain::id::{ApiId, StageName};
use crate::domain::method::MethodKey;
use crate::domain::stage::{Stage, Throttle};
use crate::tui::model::{Model, Scope};

#[derive(Clone, Debug)]
pub struct ThrottleRow {
    pub slot: RegionSlot,
    pub api: ApiId,
    pub api_name: String,
    pub kind: ApiKind,
    /// None where the API's stages could not be read.
    pub stage: Option<StageName>,
    /// `MethodKey::All` is the row of the stage's default.
    pub method: MethodKey,
    pub account: Throttle,
    pub default: Throttle,
    /// Of the method or route; unset on the row of the default.
    pub own: Throttle,
    /// Why the latest try to read the API's stages failed.
    pub failure: Option<Failure>,
}

/// Where a throttle comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    Account,
    Default,
    Own,
}

impl ThrottleRow {
    /// The numbers that hold for each method of the row: its own, else the stage's, else the account's.
    pub fn applying(&self) -> Throttle {
        self.own.or(self.default).or(self.account)
    }

    /// The nearest layer that sets anything.
    pub fn layer(&self) -> Layer {
        if !self.own.is_unset() {
            Layer::Own
        } else if self.default.is_unset() {
            Layer::Account
        } else {
            Layer::Default
        }
    }

    /// Every request of it gets a 429.
    pub fn blocks(&self) -> bool {
        self.applying().blocks_all()
    }

    /// What the filter and the sort order call it.
    pub fn state(&self) -> &'static str {
        match self.layer() {
            _ if self.stage.is_none() => "not read",
            _ if self.blocks() => "blocks",
            Layer::Account => "account",
            Layer::Default => "default",
            Layer::Own => "own",
        }
    }
}

/// A row for each stage's default and one for each method or route with its own; what blocks comes first.
pub(super) fn rows(model: &Model) -> Vec<ThrottleRow> {
    let mut rows = Vec::new();
    for (slot, entry) in model.estate.apis() {
        let account = model.estate.region(slot).and_then(|region| region.account_throttle.value().copied());
        let stages = entry.stages.value().map_or(&[] as &[Stage], Vec::as_slice);
        let row = |stage: Option<&Stage>, method: MethodKey, own: Throttle| ThrottleRow {
            slot,
            api: entry.api.id.clone(),
            api_name: entry.api.name.clone(),
            kind: entry.api.kind,
            stage: stage.map(|stage| stage.name.clone()),
            method,
            account: account.unwrap_or_default(),
            default: stage.map(Stage::default_throttle).unwrap_or_default(),
            own,
            failure: entry.stages.failure().cloned(),
        };
        if stages.is_empty() && entry.stages.failure().is_some() {
            rows.push(row(None, MethodKey::All, Throttle::default()));
        }
        for stage in stages {
            rows.push(row(Some(stage), MethodKey::All, Throttle::default()));
            let own = overrides(stage).map(|(method, own)| row(Some(stage), method.clone(), own));
            rows.extend(own);
        }
    }
    rows.sort_by_key(|row| !row.blocks());
    rows
}

/// The methods or routes of a stage that have a throttle of their own.
pub fn overrides(stage: &Stage) -> impl Iterator<Item = (&MethodKey, Throttle)> {
    let own = stage.settings.iter().filter(|(method, _)| **method != MethodKey::All);
    own.map(|(method, settings)| (method, settings.throttle)).filter(|(_, throttle)| !throttle.is_unset())
}

/// The usage plans that open the row's stage.
pub fn plans_of<'model>(
    model: &'model Model,
    entry: &'model ApiEntry,
    row: &'model ThrottleRow,
) -> impl Iterator<Item = &'model crate::domain::usage_plan::UsagePlan> {
    let region = model.estate.region(row.slot);
    let plans = region.and_then(|region| region.usage_plans.value()).into_iter().flatten();
    plans.filter(move |plan| {
        row.stage.as_ref().is_some_and(|stage| plan.stage(&entry.api.id, stage).is_some())
    })
}

#[expect(clippy::cast_precision_loss, reason = "bursts are far below 2^52")]
fn burst(throttle: Throttle) -> Value {
    number(throttle.burst.map(|burst| burst as f64))
}

impl TableRow for ThrottleRow {
    fn key(&self) -> RowKey {
        let of_stage = self.stage.clone().map(|stage| (stage, self.method.clone()));
        RowKey::Throttle(self.slot, self.api.clone(), of_stage)
    }

    fn text(&self) -> String {
        let stage = self.stage.as_ref().map_or("", |stage| stage.as_str());
        format!("{}/{stage} {} {} {} {}", self.api_name, self.method, self.kind, self.api, self.state())
    }

    fn value(&self, column: &str, _now: Timestamp) -> Value {
        match column {
            "api" => Value::Text(self.api_name.clone()),
            "stage" => self.stage.as_ref().map_or(Value::Absent, |stage| Value::Text(stage.to_string())),
            _ if self.stage.is_none() => Value::Absent,
            "method" => Value::Text(self.method.to_string()),
            "account" => number(self.account.rate),
            "default" => number(self.default.rate),
            "own" => number(self.own.rate),
            "state" => Value::Text(self.state().to_owned()),
            "rate" => number(self.applying().rate),
            "burst" => burst(self.applying()),
            _ => Value::Absent,
        }
    }

    fn is_in(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Api { slot, api, .. } => self.slot == *slot && self.api == *api,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(default: Throttle, own: Throttle) -> ThrottleRow {
        ThrottleRow {
            slot: RegionSlot(0),
            api: "a1".into(),
            api_name: "orders".into(),
            kind: ApiKind::Rest,
            stage: Some("prod".into()),
            method: MethodKey::All,
            account: Throttle { rate: Some(10_000.0), burst: Some(5_000) },
            default,
            own,
            failure: None,
        }
    }

    fn throttle(rate: f64, burst: i64) -> Throttle {
        Throttle { rate: Some(rate), burst: Some(burst) }
    }

    #[test]
    fn the_nearest_numbers_apply() {
        let unset = Throttle::default();
        let applying = |default, own| {
            let row = row(default, own);
            (row.state(), row.applying().rate, row.applying().burst)
        };
        assert_eq!(applying(unset, unset), ("account", Some(10_000.0), Some(5_000)));
        assert_eq!(applying(throttle(50.0, 20), unset), ("default", Some(50.0), Some(20)));
        assert_eq!(applying(throttle(0.0, 0), throttle(50.0, 20)), ("own", Some(50.0), Some(20)));
        let rate_alone = Throttle { rate: Some(7.0), burst: None };
        assert_eq!(applying(throttle(50.0, 20), rate_alone), ("own", Some(7.0), Some(20)));
    }

    #[test]
    fn a_zero_blocks_whichever_number_it_is() {
        let unset = Throttle::default();
        for zero in [throttle(0.0, 100), throttle(100.0, 0), Throttle { rate: Some(0.0), burst: None }] {
            assert_eq!(row(zero, unset).state(), "blocks");
            assert_eq!(row(throttle(10.0, 10), zero).state(), "blocks");
        }
    }
}
