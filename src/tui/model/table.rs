//! A table's cursor, order, filter and marks, and which rows they leave to be seen.

use std::collections::BTreeSet;

use super::listing::Listing;
use super::{Model, Scope};
use crate::domain::filter::{Filter, Filterable, Value};
use crate::tui::rows::{self, Column, RowKey, TableRow};
use crate::tui::view::geometry;

/// What a table is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// A place in the screen's columns; none is the table's own order.
    pub column: Option<usize>,
    pub reversed: bool,
}

#[derive(Clone, Debug, Default)]
pub struct TableState {
    pub sort: Sort,
    /// As typed. A text that can't be read leaves all rows to be seen and its error in `error`.
    pub filter: String,
    pub error: Option<String>,
    pub marks: BTreeSet<RowKey>,
    /// Places in the screen's rows, filtered and in order.
    pub visible: Vec<usize>,
    /// Rows of the page's scope, before the filter.
    pub in_scope: usize,
    /// A place in `visible`.
    pub cursor: usize,
    /// The cursor was moved. Until then it stays at the top, whatever comes to stand there.
    pub moved: bool,
    /// The row that the cursor stands on, so that it stays there when rows move.
    pub selected: Option<RowKey>,
    /// The first of `visible` that is on screen.
    pub offset: usize,
}

/// Applies scope, filter and order to the open page's rows, and finds the cursor's row again.
pub(super) fn refresh(model: &mut Model) {
    let page = model.pages.current();
    let columns = rows::columns(page.listing);
    let now = model.region_now();
    let names: Vec<&str> =
        columns.iter().filter(|column| column.compares).map(|column| column.name).collect();
    let (filter, error) = match Filter::parse(&page.table.filter, &names) {
        Ok(filter) => (filter, None),
        Err(error) => (Filter::default(), Some(error.to_string())),
    };
    let table = &page.table;
    let choice = Choice { scope: &page.scope, filter: &filter, sort: table.sort, columns, now };
    let rows = &model.rows;
    let Selection { visible, keys, in_scope } = match page.listing {
        Listing::Cells => choice.of(&rows.cells),
        Listing::Apis => choice.of(&rows.apis),
        Listing::Stages => choice.of(&rows.stages),
        Listing::Throttles => choice.of(&rows.listed.throttles),
        Listing::Plans => choice.of(&rows.listed.plans),
        Listing::Keys => choice.of(&rows.listed.keys),
        Listing::WebAcls => choice.of(&rows.listed.web_acls),
        Listing::Rules => choice.of(&rows.listed.rules),
        Listing::IpSets => choice.of(&rows.listed.ip_sets),
        Listing::Domains => choice.of(&rows.listed.mappings),
        Listing::VpcLinks => choice.of(&rows.listed.vpc_links),
        Listing::Counts => choice.of(&rows.listed.counts),
        Listing::Customers => choice.of(&rows.listed.customers),
        Listing::Changes => choice.of(&rows.listed.changes),
    };
    let table = &mut model.pages.current_mut().table;
    table.error = error;
    table.in_scope = in_scope;
    let found = table
        .selected
        .as_ref()
        .filter(|_| table.moved)
        .and_then(|key| keys.iter().position(|row| row == key));
    table.cursor = found.unwrap_or_else(|| table.cursor.min(visible.len().saturating_sub(1)));
    table.selected = keys.get(table.cursor).cloned();
    table.visible = visible;
}

/// A row with its place, as the filter wants it.
struct Placed<'row, Row> {
    place: usize,
    row: &'row Row,
    now: jiff::Timestamp,
}

impl<Row: TableRow> Filterable for Placed<'_, Row> {
    fn text(&self) -> String {
        self.row.text()
    }

    fn value(&self, column: &str) -> Value {
        self.row.value(column, self.now)
    }
}

/// Which rows are wanted, and in which order.
struct Choice<'page> {
    scope: &'page Scope,
    filter: &'page Filter,
    sort: Sort,
    columns: &'page [Column],
    now: jiff::Timestamp,
}

/// Places of the chosen rows, what each of them is, and how many there were before the filter.
struct Selection {
    visible: Vec<usize>,
    keys: Vec<RowKey>,
    in_scope: usize,
}

impl Choice<'_> {
    fn of<Row: TableRow>(&self, all: &[Row]) -> Selection {
        let now = self.now;
        let placed: Vec<_> = all
            .iter()
            .enumerate()
            .filter(|(_, row)| row.is_in(self.scope))
            .map(|(place, row)| Placed { place, row, now })
            .collect();
        let in_scope = placed.len();
        let mut passing = self.filter.apply(placed);
        if let Some(column) = self.sort.column.and_then(|place| self.columns.get(place)) {
            // Figures are wanted largest first, names from a to z.
            let descending = column.descending != self.sort.reversed;
            passing.sort_by(|one, other| {
                rows::compare(&one.value(column.name), &other.value(column.name), descending)
            });
        } else if self.sort.reversed {
            passing.reverse();
        }
        let keys = passing.iter().map(|row| row.row.key()).collect();
        Selection { visible: passing.into_iter().map(|row| row.place).collect(), keys, in_scope }
    }
}

/// Moves the window of rows so that the cursor is in it.
pub(super) fn keep_in_view(model: &mut Model) {
    let height = geometry::table_height(model).max(1);
    let table = &mut model.pages.current_mut().table;
    let last_offset = table.visible.len().saturating_sub(height);
    table.offset = table.offset.min(last_offset).min(table.cursor);
    if table.cursor >= table.offset + height {
        table.offset = table.cursor + 1 - height;
    }
}
