//! A path of a custom domain as a row: which stage answers there.

use std::sync::Arc;

use jiff::Timestamp;

use super::{RowKey, TableRow};
use crate::domain::custom_domain::{MappedDomain, PathMapping};
use crate::domain::estate::RegionSlot;
use crate::domain::filter::Value;
use crate::tui::model::{Model, Scope};

#[derive(Clone, Debug)]
pub struct MappingRow {
    pub slot: RegionSlot,
    pub mapped: Arc<MappedDomain>,
    /// None where the domain has no path at all.
    pub mapping: Option<PathMapping>,
    /// The API's name where it is known, else its id.
    pub api_name: String,
}

/// One row a path, by domain; one for a domain without any.
pub(super) fn rows(model: &Model) -> Vec<MappingRow> {
    let mut rows = Vec::new();
    for (slot, region) in model.estate.regions() {
        for mapped in region.domains.value().into_iter().flatten() {
            let row = |mapping: Option<&PathMapping>| {
                let known = mapping.and_then(|mapping| region.apis.get(&mapping.api));
                let id = mapping.map(|mapping| mapping.api.to_string());
                let api_name = known.map(|entry| entry.api.name.clone()).or(id).unwrap_or_default();
                MappingRow { slot, mapped: Arc::clone(mapped), mapping: mapping.cloned(), api_name }
            };
            if mapped.mappings.is_empty() {
                rows.push(row(None));
            }
            rows.extend(mapped.mappings.iter().map(|mapping| row(Some(mapping))));
        }
    }
    rows
}

impl MappingRow {
    pub fn path(&self) -> Option<String> {
        self.mapping.as_ref().map(PathMapping::shown)
    }

    pub fn stage(&self) -> Option<&str> {
        self.mapping.as_ref()?.stage.as_ref().map(crate::domain::id::StageName::as_str)
    }
}

impl TableRow for MappingRow {
    fn key(&self) -> RowKey {
        let domain = &self.mapped.domain;
        let id = domain.id.clone().unwrap_or_else(|| domain.name.clone());
        RowKey::Mapping(self.slot, id, self.path())
    }

    fn text(&self) -> String {
        let domain = &self.mapped.domain;
        let api = self.mapping.as_ref().map(|mapping| mapping.api.to_string()).unwrap_or_default();
        let (path, stage) = (self.path().unwrap_or_default(), self.stage().unwrap_or_default());
        let status = domain.status.as_deref().unwrap_or_default();
        format!("{} {path} {} {api} {stage} {} {status}", domain.name, self.api_name, domain.endpoint_type)
    }

    fn value(&self, column: &str, _now: Timestamp) -> Value {
        let domain = &self.mapped.domain;
        let text = |text: Option<&str>| text.map_or(Value::Absent, |text| Value::Text(text.to_owned()));
        match column {
            "domain" => Value::Text(domain.name.clone()),
            "path" => text(self.path().as_deref()),
            "api" => text(Some(self.api_name.as_str()).filter(|name| !name.is_empty())),
            "stage" => text(self.stage()),
            "endpoint" => Value::Text(domain.endpoint_type.to_string()),
            "tls" => text(domain.security_policy.as_deref()),
            "status" => text(domain.status.as_deref()),
            _ => Value::Absent,
        }
    }

    fn is_in(&self, _scope: &Scope) -> bool {
        true
    }
}
