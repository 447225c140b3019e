//! Which APIs the estate starts with, and how each shows the cell that it belongs to.

use super::super::{ApiKind, Cell};
use super::catalogue::{self, Service};

/// One API to be made.
#[derive(Debug)]
pub struct Entry {
    pub name: String,
    pub kind: ApiKind,
    pub cell: Option<String>,
    pub discovery: Discovery,
    pub service: &'static Service,
    /// The how-manieth of its service this is, from 0.
    pub ordinal: usize,
}

/// What tells an operator which cell an API belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discovery {
    /// The name `{CellId}-api`.
    Name,
    /// The tag `CellId`.
    Tag,
    /// The stage variable `cellId`.
    StageVariable,
    /// It belongs to no cell.
    Shared,
}

impl Entry {
    /// Whether the API has the one stage `$default`, to which every change is deployed by itself.
    pub fn auto_deploys(&self) -> bool {
        self.kind == ApiKind::Http && self.cell.is_none()
    }

    /// What the API's description says.
    pub fn description(&self) -> String {
        match &self.cell {
            Some(cell) => format!("{}, {cell}", self.service.purpose),
            None => self.service.purpose.to_owned(),
        }
    }
}

/// So many APIs: first a REST API for each cell, then the shared ones, then HTTP APIs for three
/// quarters of the cells and WebSocket APIs for a third, then further REST APIs until there are enough.
pub fn entries(cells: &[Cell], count: usize) -> Vec<Entry> {
    let shared = [
        (&catalogue::ROUTER, ApiKind::Rest),
        (&catalogue::ADMIN, ApiKind::Rest),
        (&catalogue::PARTNER, ApiKind::Http),
        (&catalogue::STATUS, ApiKind::Http),
        (&catalogue::WEBHOOKS, ApiKind::Http),
    ];
    let of_cells = cells.iter().enumerate().map(|(ordinal, cell)| Entry {
        name: format!("{}-api", cell.id),
        ..cell_entry(cell, ordinal, &catalogue::CELL, ApiKind::Rest, Discovery::Name)
    });
    let shared = shared.into_iter().map(|(service, kind)| Entry {
        name: service.word.to_owned(),
        kind,
        cell: None,
        discovery: Discovery::Shared,
        service,
        ordinal: 0,
    });
    let http =
        cells.iter().take(cells.len() * 3 / 4).enumerate().map(|(ordinal, cell)| {
            cell_entry(cell, ordinal, &catalogue::ORDERS, ApiKind::Http, Discovery::Tag)
        });
    let live = cells.iter().take(cells.len() / 3).enumerate().map(|(ordinal, cell)| {
        cell_entry(cell, ordinal, &catalogue::LIVE, ApiKind::WebSocket, Discovery::StageVariable)
    });
    of_cells.chain(shared).chain(http).chain(live).chain(further(cells)).take(count).collect()
}

/// Without end as long as there is a cell: service by service, then the same again with a number.
fn further(cells: &[Cell]) -> impl Iterator<Item = Entry> {
    let rounds = if cells.is_empty() { 0..0 } else { 1..usize::MAX };
    rounds.flat_map(|round| catalogue::FURTHER.iter().map(move |service| (round, service))).flat_map(
        move |(round, service)| {
            cells.iter().enumerate().map(move |(ordinal, cell)| {
                let entry = cell_entry(cell, ordinal, service, ApiKind::Rest, Discovery::Tag);
                let name = if round == 1 { entry.name } else { format!("{}-v{round}", entry.name) };
                Entry { name, ..entry }
            })
        },
    )
}

fn cell_entry(
    cell: &Cell,
    ordinal: usize,
    service: &'static Service,
    kind: ApiKind,
    discovery: Discovery,
) -> Entry {
    let number = cell.id.strip_prefix("cell-").unwrap_or(&cell.id);
    Entry {
        name: format!("{}-{number}", service.word),
        kind,
        cell: Some(cell.id.clone()),
        discovery,
        service,
        ordinal,
    }
}
