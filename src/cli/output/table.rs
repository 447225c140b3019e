//! Rows as aligned columns without borders, so that they can be cut and searched.

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, Table};
use serde::Serialize;

use crate::domain::filter::Filterable;

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Also its name in a filter and in `--sort`.
    pub heading: &'static str,
    /// Figures stand right-aligned under each other.
    pub numeric: bool,
}

impl Column {
    pub const fn text(heading: &'static str) -> Self {
        Self { heading, numeric: false }
    }

    pub const fn figure(heading: &'static str) -> Self {
        Self { heading, numeric: true }
    }
}

/// Something that can be listed: in columns, as JSON, filtered and sorted.
pub trait Row: Serialize + Filterable {
    const COLUMNS: &'static [Column];

    /// All of them, where they aren't the same for every list.
    fn columns() -> Vec<Column> {
        Self::COLUMNS.to_vec()
    }

    /// One text for each column.
    fn cells(&self) -> Vec<String>;
}

/// The headings and the rows, one line each.
pub fn table<R: Row>(rows: &[R]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    let columns = R::columns();
    table.set_header(columns.iter().map(|column| Cell::new(column.heading.to_uppercase())));
    for row in rows {
        table.add_row(row.cells());
    }
    for (place, column) in columns.iter().enumerate() {
        if let Some(shown) = table.column_mut(place) {
            shown.set_padding((0, 2));
            if column.numeric {
                shown.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    table.trim_fmt()
}
