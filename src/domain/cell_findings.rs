//! Where what is known of a cell doesn't agree: sources with each other, and a cell with the others of its fleet.

mod settings;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::api::ApiKind;
use super::cell::{Cell, CellSettings, CellSource, cells_of_api};
use super::estate::{Estate, RegionEstate};
use super::id::CellId;
use super::mapping::{MappingTable, SAMPLED_CUSTOMERS};

/// One thing about a cell that is worth a second look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum CellFinding {
    /// Requests arrive, but the mapping table sends nobody there: none of those who were looked at, where the table has
    /// more than a sample of them.
    TrafficWithoutMapping { requests_per_second: f64, sampled: Option<u32> },
    /// The mapping table sends customers to a cell that no API serves.
    MappingWithoutApi { customers: Option<u64> },
    /// CloudWatch keys REST APIs by name, so that the figures of these are one.
    FoldedMetrics { name: String, apis: Vec<String> },
    /// Sources put one API into two cells.
    ApiInTwoCells { api: String, cells: Vec<(CellId, CellSource)> },
    /// A stage is set otherwise than most of those that do the same in other cells.
    SettingDiffers {
        api: String,
        stage: String,
        field: String,
        own: String,
        others: String,
        /// How many of `of` stages have what the others have.
        agree: usize,
        of: usize,
    },
}

impl CellFinding {
    /// The finding in one sentence, without the cell.
    pub fn text(&self) -> String {
        match self {
            Self::TrafficWithoutMapping { requests_per_second, sampled: None } => {
                format!("{requests_per_second:.1} requests/s, but no customer is mapped to it")
            }
            Self::TrafficWithoutMapping { requests_per_second, sampled: Some(sampled) } => {
                format!(
                    "{requests_per_second:.1} requests/s, but none of {sampled} customers is mapped to it"
                )
            }
            Self::MappingWithoutApi { customers: Some(customers) } => {
                format!("{customers} customers are mapped to it, but no API serves it")
            }
            Self::MappingWithoutApi { customers: None } => {
                "customers are mapped to it, but no API serves it".to_owned()
            }
            Self::FoldedMetrics { name, apis } => {
                format!("CloudWatch folds the metrics of {} APIs called {name} into one", apis.len())
            }
            Self::ApiInTwoCells { api, cells } => {
                let said: Vec<String> =
                    cells.iter().map(|(cell, source)| format!("{cell} by its {}", source.words())).collect();
                format!("{api} is in two cells: {}", said.join(", "))
            }
            Self::SettingDiffers { api, stage, field, own, others, agree, of } => {
                format!("{api}/{stage}: {field} is {own}; {others} in {agree} of {of} cells")
            }
        }
    }
}

/// What is to be found about each cell. `requests_per_second` tells a cell's traffic, where it is known.
pub fn findings(
    estate: &Estate,
    cells: &BTreeMap<CellId, Cell>,
    settings: &CellSettings,
    requests_per_second: impl Fn(&CellId) -> Option<f64>,
) -> BTreeMap<CellId, Vec<CellFinding>> {
    let mut found: BTreeMap<CellId, Vec<CellFinding>> = BTreeMap::new();
    mappings(estate, cells, requests_per_second, &mut found);
    folded(estate, cells, &mut found);
    in_two_cells(estate, settings, &mut found);
    settings::differences(estate, cells, settings, &mut found);
    found
}

fn mappings(
    estate: &Estate,
    cells: &BTreeMap<CellId, Cell>,
    requests_per_second: impl Fn(&CellId) -> Option<f64>,
    found: &mut BTreeMap<CellId, Vec<CellFinding>>,
) {
    let counts = || estate.regions().filter_map(|(_, region)| region.cell_counts.value());
    // A cell of a region that was not read to its end may have an API all the same.
    let all_listed = estate.regions().all(|(_, region)| is_whole(region));
    let is_large = |table: &MappingTable| table.approximate_items > u64::from(SAMPLED_CUSTOMERS);
    let tables = estate.regions().filter_map(|(_, region)| region.mapping_table.value());
    let sampled = tables.into_iter().any(is_large).then_some(SAMPLED_CUSTOMERS);
    let is_mapped = counts().any(|counted| !counted.is_empty());
    for (id, cell) in cells {
        let mapping = counts().flatten().find(|counted| counted.cell == *id);
        if mapping.is_none() && is_mapped {
            let traffic = requests_per_second(id).filter(|rate| *rate > 0.0);
            if let Some(requests_per_second) = traffic {
                let finding = CellFinding::TrafficWithoutMapping { requests_per_second, sampled };
                found.entry(id.clone()).or_default().push(finding);
            }
        }
        if let Some(mapping) = mapping.filter(|_| cell.apis.is_empty() && all_listed) {
            let customers = mapping.count.map(|count| count.customers);
            found.entry(id.clone()).or_default().push(CellFinding::MappingWithoutApi { customers });
        }
    }
}

/// All APIs are known, and the stages of each: a variable may name the cell.
fn is_whole(region: &RegionEstate) -> bool {
    let listed = region.listings.len() == 2
        && region.listings.values().all(|listing| listing.value().is_some() && listing.failure().is_none());
    listed && region.apis.values().all(|entry| entry.stages.value().is_some())
}

fn folded(estate: &Estate, cells: &BTreeMap<CellId, Cell>, found: &mut BTreeMap<CellId, Vec<CellFinding>>) {
    for (slot, region) in estate.regions() {
        let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in region.apis.values().filter(|entry| entry.api.kind == ApiKind::Rest) {
            by_name.entry(entry.api.metric_name()).or_default().push(entry.api.id.to_string());
        }
        by_name.retain(|_, apis| apis.len() > 1);
        for (name, apis) in by_name {
            let touched = cells.iter().filter(|(_, cell)| {
                cell.apis.iter().any(|(own, id)| *own == slot && apis.iter().any(|api| api == id.as_str()))
            });
            for (id, _) in touched {
                let finding = CellFinding::FoldedMetrics { name: name.clone(), apis: apis.clone() };
                found.entry(id.clone()).or_default().push(finding);
            }
        }
    }
}

fn in_two_cells(estate: &Estate, settings: &CellSettings, found: &mut BTreeMap<CellId, Vec<CellFinding>>) {
    for (_, entry) in estate.apis() {
        let mut said = cells_of_api(entry, settings);
        said.sort();
        said.dedup();
        let mut ids: Vec<&CellId> = said.iter().map(|(id, _)| id).collect();
        ids.dedup();
        if ids.len() < 2 {
            continue;
        }
        for id in ids {
            let finding = CellFinding::ApiInTwoCells { api: entry.api.name.clone(), cells: said.clone() };
            found.entry(id.clone()).or_default().push(finding);
        }
    }
}

#[cfg(test)]
mod tests;
