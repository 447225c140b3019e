//! Cells and how they are found: from configuration, or from what the estate says of itself.
//!
//! A cell can be known from several sources at once; each is kept, because a cell that only one
//! of them knows is worth a second look.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::estate::{ApiEntry, Estate, RegionSlot};
use super::id::{ApiId, CellId};

/// How to tell which cell an API belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellSettings {
    pub configured: Vec<ConfiguredCell>,
    /// A tag of the API whose value is the cell's id.
    pub tag: String,
    /// A stage variable whose value is the cell's id.
    pub stage_variable: String,
    /// An API's name with `{CellId}` in it.
    pub api_name: String,
    /// A glob with `*` that an id taken from an API's name must match, since `orders-api` would
    /// otherwise make a cell called `orders`.
    pub id_pattern: String,
}

/// A cell that the configuration names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfiguredCell {
    pub id: CellId,
    /// Requests per second that it is built for.
    pub capacity: Option<f64>,
    /// Names or ids of its APIs, where the estate doesn't tell.
    pub apis: Vec<String>,
}

/// What told us of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellSource {
    Configuration,
    Tag,
    ApiName,
    StageVariable,
    MappingTable,
    Metric,
}

/// A cell with the APIs that serve it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    pub sources: BTreeSet<CellSource>,
    pub apis: BTreeSet<(RegionSlot, ApiId)>,
    /// Requests per second, from the configuration.
    pub capacity: Option<f64>,
}

/// Every cell that the configuration or the estate knows of.
pub fn discover(estate: &Estate, settings: &CellSettings) -> BTreeMap<CellId, Cell> {
    let mut cells: BTreeMap<CellId, Cell> = BTreeMap::new();
    for configured in &settings.configured {
        let cell = cells.entry(configured.id.clone()).or_default();
        cell.sources.insert(CellSource::Configuration);
        cell.capacity = configured.capacity;
    }
    for (slot, entry) in estate.apis() {
        for (id, source) in cells_of_api(entry, settings) {
            let cell = cells.entry(id).or_default();
            cell.sources.insert(source);
            cell.apis.insert((slot, entry.api.id.clone()));
        }
    }
    for (_, region) in estate.regions() {
        for counted in region.cell_counts.value().into_iter().flatten() {
            cells.entry(counted.cell.clone()).or_default().sources.insert(CellSource::MappingTable);
        }
        for id in region.metric_cells.value().into_iter().flatten() {
            cells.entry(id.clone()).or_default().sources.insert(CellSource::Metric);
        }
    }
    cells
}

/// The cell that an API serves, where there is one and not several.
pub fn cell_of(entry: &ApiEntry, settings: &CellSettings) -> Option<CellId> {
    let mut cells: Vec<CellId> = cells_of_api(entry, settings).into_iter().map(|(id, _)| id).collect();
    cells.sort();
    cells.dedup();
    if cells.len() == 1 { cells.pop() } else { None }
}

fn cells_of_api(entry: &ApiEntry, settings: &CellSettings) -> Vec<(CellId, CellSource)> {
    let api = &entry.api;
    let configured = settings
        .configured
        .iter()
        .filter(|cell| cell.apis.iter().any(|name| *name == api.name || name == api.id.as_str()))
        .map(|cell| (cell.id.clone(), CellSource::Configuration));
    let tagged = api.tags.get(&settings.tag).map(|value| (CellId::new(value), CellSource::Tag));
    let named = cell_in_name(&api.name, settings).map(|id| (id, CellSource::ApiName));
    let variables = entry
        .stages
        .value()
        .into_iter()
        .flatten()
        .filter_map(|stage| stage.variables.get(&settings.stage_variable))
        .map(|value| (CellId::new(value), CellSource::StageVariable));
    configured.chain(tagged).chain(named).chain(variables).collect()
}

fn cell_in_name(name: &str, settings: &CellSettings) -> Option<CellId> {
    let (before, after) = settings.api_name.split_once("{CellId}")?;
    let id = name.strip_prefix(before)?.strip_suffix(after)?;
    (!id.is_empty() && matches_glob(&settings.id_pattern, id)).then(|| CellId::new(id))
}

/// Whether `text` matches a pattern in which `*` stands for any run of characters.
pub fn matches_glob(pattern: &str, text: &str) -> bool {
    let Some((before, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(remaining) = text.strip_prefix(before) else { return false };
    if !rest.contains('*') {
        return remaining.ends_with(rest);
    }
    let starts = remaining.char_indices().map(|(at, _)| at).chain([remaining.len()]);
    starts.into_iter().any(|at| matches_glob(rest, &remaining[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, text, expected) in [
            ("cell-*", "cell-01", true),
            ("cell-*", "orders", false),
            ("*", "", true),
            ("c*-0*", "cell-01", true),
            ("c*-0*", "cell-11", false),
            ("*a*b*", "xaxbx", true),
            ("exact", "exactly", false),
        ] {
            assert_eq!(matches_glob(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn an_id_is_taken_from_a_name_only_where_it_looks_like_one() {
        let settings = CellSettings {
            configured: vec![],
            tag: "CellId".into(),
            stage_variable: "cellId".into(),
            api_name: "{CellId}-api".into(),
            id_pattern: "cell-*".into(),
        };
        assert_eq!(cell_in_name("cell-07-api", &settings), Some("cell-07".into()));
        assert_eq!(cell_in_name("orders-api", &settings), None);
        assert_eq!(cell_in_name("cell-07", &settings), None);
    }
}
