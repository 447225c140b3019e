//! A stage as a row; or, for an API whose stages couldn't be read, the row that says so.

use jiff::Timestamp;

use super::{RowKey, TableRow, age, number, share};
use crate::domain::api::{Api, ApiKind};
use crate::domain::estate::RegionSlot;
use crate::domain::failure::Failure;
use crate::domain::filter::Value;
use crate::domain::stage::{CacheStatus, Stage};
use crate::domain::target::StageTarget;
use crate::tui::model::{Model, Scope, StageKey};

#[derive(Clone, Debug)]
pub struct StageRow {
    pub slot: RegionSlot,
    pub api: Api,
    pub stage: Option<Stage>,
    /// Why the latest try to read the API's stages failed.
    pub failure: Option<Failure>,
    /// Share of cacheable requests that the cache answered, 0 to 1, where it is known.
    pub hit_rate: Option<f64>,
}

/// One row a stage, and one for each API whose stages were never read but should have been.
pub(super) fn rows(model: &Model) -> Vec<StageRow> {
    let mut rows = Vec::new();
    for (slot, entry) in model.estate.apis() {
        let failure = entry.stages.failure().cloned();
        let stages = entry.stages.value().map_or(&[] as &[Stage], Vec::as_slice);
        if stages.is_empty() && failure.is_some() {
            rows.push(StageRow { slot, api: entry.api.clone(), stage: None, failure, hit_rate: None });
            continue;
        }
        rows.extend(stages.iter().map(|stage| {
            let key = StageKey { slot, api: stage.api.clone(), stage: stage.name.clone() };
            let traffic = model.traffic.get(&key).and_then(|part| part.value());
            StageRow {
                slot,
                api: entry.api.clone(),
                stage: Some(stage.clone()),
                failure: failure.clone(),
                hit_rate: traffic.and_then(|traffic| traffic.hit_rate(traffic.minute?)),
            }
        }));
    }
    rows
}

impl StageRow {
    pub fn stage_key(&self) -> Option<StageKey> {
        let stage = self.stage.as_ref()?;
        Some(StageKey { slot: self.slot, api: self.api.id.clone(), stage: stage.name.clone() })
    }

    pub fn target(&self) -> Option<StageTarget> {
        let stage = self.stage.as_ref()?;
        Some(StageTarget {
            api: self.api.id.clone(),
            api_name: self.api.name.clone(),
            stage: stage.name.clone(),
        })
    }

    /// Why its cache can't be flushed, as far as the estate tells.
    pub fn flush_blocked(&self) -> Option<String> {
        let Some(stage) = &self.stage else { return Some("its stages could not be read".to_owned()) };
        if self.api.kind != ApiKind::Rest {
            return Some(format!("{} APIs have no response cache", self.api.kind));
        }
        match &stage.cache {
            Some(cache) if cache.enabled && cache.status == CacheStatus::FlushInProgress => {
                Some("it is being flushed".to_owned())
            }
            Some(cache) if cache.enabled => None,
            _ => Some("its cache is off".to_owned()),
        }
    }

    /// The cache in a word or two.
    pub fn cache_text(&self) -> String {
        if self.api.kind != ApiKind::Rest {
            return String::new();
        }
        let Some(cache) = self.stage.as_ref().and_then(|stage| stage.cache.as_ref()) else {
            return "off".to_owned();
        };
        let size = cache.size.as_deref().unwrap_or("?");
        match cache.status {
            CacheStatus::FlushInProgress => "flushing".to_owned(),
            CacheStatus::CreateInProgress => "creating".to_owned(),
            CacheStatus::DeleteInProgress => "deleting".to_owned(),
            _ if !cache.enabled => "off".to_owned(),
            CacheStatus::Available => format!("{size} GB"),
            CacheStatus::NotAvailable => "down".to_owned(),
            CacheStatus::Unknown => format!("{size} GB ?"),
        }
    }
}

impl TableRow for StageRow {
    fn key(&self) -> RowKey {
        let stage = self.stage.as_ref().map(|stage| stage.name.clone());
        RowKey::Stage(self.slot, self.api.id.clone(), stage)
    }

    fn text(&self) -> String {
        let (stage, deployment) = self.stage.as_ref().map_or(("", ""), |stage| {
            (stage.name.as_str(), stage.deployment.as_ref().map_or("", |deployment| deployment.as_str()))
        });
        format!(
            "{}/{stage} {} {deployment} {} {}",
            self.api.name,
            self.api.kind,
            self.api.id,
            self.cache_text()
        )
    }

    #[expect(clippy::cast_precision_loss, reason = "bursts are far below 2^52")]
    fn value(&self, column: &str, now: Timestamp) -> Value {
        let Some(stage) = &self.stage else {
            return if column == "api" { Value::Text(self.api.name.clone()) } else { Value::Absent };
        };
        let throttle = stage.default_throttle();
        match column {
            "api" => Value::Text(self.api.name.clone()),
            "stage" => Value::Text(stage.name.to_string()),
            "kind" => Value::Text(self.api.kind.to_string()),
            "deployment" => stage
                .deployment
                .as_ref()
                .map_or(Value::Absent, |deployment| Value::Text(deployment.to_string())),
            "age" => age(stage.last_updated, now),
            "cache" if self.api.kind == ApiKind::Rest => Value::Text(self.cache_text()),
            "hits" => share(self.hit_rate),
            "rate" => number(throttle.rate),
            "burst" => number(throttle.burst.map(|burst| burst as f64)),
            _ => Value::Absent,
        }
    }

    fn is_in(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Api { slot, api, .. } => self.slot == *slot && self.api.id == *api,
            _ => true,
        }
    }
}
