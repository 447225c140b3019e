//! Cells and how they are found: from configuration, or from what the estate says of itself.
//!
//! A cell can be known from several sources at once; each is kept, because a cell that only one
//! of them knows is worth a second look.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::estate::{ApiEntry, Estate, RegionSlot};
use super::id::{ApiId, CellId};
use super::web_acl::name_in_arn;

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
    /// A web ACL's name, and its metrics', with `{CellId}` in it.
    pub web_acl: String,
    /// For each region, in their order, globs of the cells that it is configured for.
    pub of_regions: Vec<Vec<String>>,
}

/// A cell that the configuration names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfiguredCell {
    pub id: CellId,
    /// Requests per second that it is built for.
    pub capacity: Option<f64>,
    /// Customers that it is built for.
    pub customers: Option<u64>,
    /// WebSocket connections that it is built for.
    pub connections: Option<u64>,
    /// Names or ids of its APIs, where the estate doesn't tell.
    pub apis: Vec<String>,
}

impl ConfiguredCell {
    /// A cell of which nothing but its id is configured.
    pub const fn named(id: CellId) -> Self {
        Self { id, capacity: None, customers: None, connections: None, apis: Vec::new() }
    }
}

/// What told us of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellSource {
    Configuration,
    Tag,
    ApiName,
    StageVariable,
    WebAcl,
    MappingTable,
    Metric,
}

impl CellSource {
    pub fn words(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Tag => "tag",
            Self::ApiName => "API name",
            Self::StageVariable => "stage variable",
            Self::WebAcl => "web ACL",
            Self::MappingTable => "mapping table",
            Self::Metric => "metric",
        }
    }
}

/// A cell with the APIs that serve it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    pub sources: BTreeSet<CellSource>,
    pub apis: BTreeSet<(RegionSlot, ApiId)>,
    /// Requests per second, from the configuration.
    pub capacity: Option<f64>,
    /// Customers and WebSocket connections, from the configuration.
    pub most_customers: Option<u64>,
    pub most_connections: Option<u64>,
    /// Where it is: where something of it was seen, or what it is configured for.
    pub regions: BTreeSet<RegionSlot>,
    /// A web ACL of its own stands before it, or has blocked something lately.
    pub has_web_acl: bool,
}

/// Every cell that the configuration or the estate knows of.
pub fn discover(estate: &Estate, settings: &CellSettings) -> BTreeMap<CellId, Cell> {
    let mut cells = configured(settings);
    for (slot, entry) in estate.apis() {
        for (id, source) in cells_of_api(entry, settings) {
            let cell = cells.entry(id).or_default();
            cell.sources.insert(source);
            cell.apis.insert((slot, entry.api.id.clone()));
            cell.regions.insert(slot);
        }
        // It stands before a cell, but whoever else stands behind it isn't in the cell for that.
        for id in cells_of_web_acls(entry, settings) {
            let cell = cells.entry(id).or_default();
            cell.sources.insert(CellSource::WebAcl);
            cell.has_web_acl = true;
            cell.regions.insert(slot);
        }
    }
    for (slot, region) in estate.regions() {
        // A mapping names cells of any account.
        for counted in region.cell_counts.value().into_iter().flatten() {
            cells.entry(counted.cell.clone()).or_default().sources.insert(CellSource::MappingTable);
        }
        let published = region.metric_cells.value().into_iter().flatten();
        let blocking = region.blocking_cells.value().into_iter().flatten();
        let seen = published.map(|id| (id, CellSource::Metric));
        for (id, source) in seen.chain(blocking.map(|id| (id, CellSource::WebAcl))) {
            let cell = cells.entry(id.clone()).or_default();
            cell.sources.insert(source);
            cell.has_web_acl |= source == CellSource::WebAcl;
            cell.regions.insert(slot);
        }
    }
    cells
}

/// The cells that the configuration names, each in the regions that are configured for it.
fn configured(settings: &CellSettings) -> BTreeMap<CellId, Cell> {
    let mut cells: BTreeMap<CellId, Cell> = BTreeMap::new();
    for configured in &settings.configured {
        let cell = cells.entry(configured.id.clone()).or_default();
        cell.sources.insert(CellSource::Configuration);
        cell.capacity = configured.capacity;
        cell.most_customers = configured.customers;
        cell.most_connections = configured.connections;
    }
    // A glob without `*` names a cell.
    for id in settings.of_regions.iter().flatten().filter(|glob| !glob.contains('*')) {
        cells.entry(CellId::new(id)).or_default().sources.insert(CellSource::Configuration);
    }
    for (place, globs) in settings.of_regions.iter().enumerate() {
        for (id, cell) in &mut cells {
            if globs.iter().any(|glob| matches_glob(glob, id.as_str())) {
                cell.regions.insert(RegionSlot(place));
            }
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

/// Each cell that something puts the API into, with what does.
pub(super) fn cells_of_api(entry: &ApiEntry, settings: &CellSettings) -> Vec<(CellId, CellSource)> {
    let api = &entry.api;
    let configured = settings
        .configured
        .iter()
        .filter(|cell| cell.apis.iter().any(|name| *name == api.name || name == api.id.as_str()))
        .map(|cell| (cell.id.clone(), CellSource::Configuration));
    let tagged = api.tags.get(&settings.tag).map(|value| (CellId::new(value), CellSource::Tag));
    let named = cell_in_name(&api.name, &settings.api_name, settings).map(|id| (id, CellSource::ApiName));
    let variables = entry
        .stages
        .value()
        .into_iter()
        .flatten()
        .filter_map(|stage| stage.variables.get(&settings.stage_variable))
        .map(|value| (CellId::new(value), CellSource::StageVariable));
    configured.chain(tagged).chain(named).chain(variables).collect()
}

/// The cells whose web ACLs stand before the stages of an API.
fn cells_of_web_acls(entry: &ApiEntry, settings: &CellSettings) -> Vec<CellId> {
    let stages = entry.stages.value().into_iter().flatten();
    let acls = stages.filter_map(|stage| stage.web_acl_arn.as_deref());
    acls.filter_map(|arn| cell_in_name(&name_in_arn(arn), &settings.web_acl, settings)).collect()
}

/// The cell of a web ACL with this name, or with this name for its metrics.
pub fn cell_of_web_acl(name: &str, settings: &CellSettings) -> Option<CellId> {
    cell_in_name(name, &settings.web_acl, settings)
}

/// The cell in a name that is made after this pattern.
fn cell_in_name(name: &str, pattern: &str, settings: &CellSettings) -> Option<CellId> {
    let (before, after) = pattern.split_once("{CellId}")?;
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
            web_acl: "{CellId}-waf".into(),
            of_regions: vec![],
        };
        let in_name = |name: &str| cell_in_name(name, &settings.api_name, &settings);
        assert_eq!(in_name("cell-07-api"), Some("cell-07".into()));
        assert_eq!(in_name("orders-api"), None);
        assert_eq!(in_name("cell-07"), None);
        assert_eq!(cell_of_web_acl("cell-07-waf", &settings), Some("cell-07".into()));
        assert_eq!(cell_of_web_acl("edge-waf", &settings), None);
    }
}
