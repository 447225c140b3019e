//! The rows of screen 8: a cell with its customers, and a customer of a cell.

use jiff::Timestamp;

use super::{RowKey, TableRow, number, share};
use crate::domain::filter::Value;
use crate::domain::fleet::{CellRow, CellState};
use crate::domain::id::CellId;
use crate::domain::mapping::CustomerCount;
use crate::domain::text::sanitise;
use crate::tui::model::{Model, Scope};

/// A cell with its customers.
#[derive(Clone, Debug)]
pub struct CountRow {
    pub cell: CellId,
    pub state: CellState,
    pub requests_per_second: Option<f64>,
    /// As the index tells: whole, or at least so many.
    pub customers: Option<CustomerCount>,
    /// Of the last whole count.
    pub counted: Option<u64>,
    /// Of all customers, by the better of both.
    pub share: Option<f64>,
}

/// A customer of the open cell.
#[derive(Clone, Debug)]
pub struct CustomerRow {
    /// As stored.
    pub customer: String,
    pub shown: String,
    pub cell: CellId,
}

/// One row a cell, the most customers first.
#[expect(clippy::cast_precision_loss, reason = "customers are far fewer than 2^52")]
pub(super) fn count_rows(model: &Model, cells: &[CellRow]) -> Vec<CountRow> {
    let kept = model.customers.kept.value().and_then(Option::as_ref);
    let counted = |cell: &CellId| kept.and_then(|count| count.tally.cells.get(cell)).copied();
    let known = cells.iter().map(|row| CountRow {
        cell: row.id.clone(),
        state: row.state,
        requests_per_second: row.requests_per_second,
        customers: row.customers,
        counted: counted(&row.id),
        share: None,
    });
    let is_known = |cell: &CellId| cells.iter().any(|row| row.id == *cell);
    let others = kept.into_iter().flat_map(|count| &count.tally.cells).filter(|(cell, _)| !is_known(cell));
    let others = others.map(|(cell, customers)| CountRow {
        cell: cell.clone(),
        state: CellState::Silent,
        requests_per_second: None,
        customers: None,
        counted: Some(*customers),
        share: None,
    });
    let mut rows: Vec<CountRow> = known.chain(others).collect();
    let total: u64 = rows.iter().filter_map(CountRow::best).sum();
    for row in &mut rows {
        row.share = row.best().filter(|_| total > 0).map(|customers| customers as f64 / total as f64);
    }
    rows.sort_by(|one, other| other.best().cmp(&one.best()).then_with(|| one.cell.cmp(&other.cell)));
    rows
}

pub(super) fn customer_rows(model: &Model) -> Vec<CustomerRow> {
    let Some(list) = &model.customers.list else { return Vec::new() };
    let row = |customer: &String| CustomerRow {
        customer: customer.clone(),
        shown: sanitise(customer).into_owned(),
        cell: list.cell.clone(),
    };
    list.customers.iter().map(row).collect()
}

impl CountRow {
    /// What the index tells where that is whole, else the larger of both.
    pub fn best(&self) -> Option<u64> {
        match self.customers {
            Some(count) if count.complete => Some(count.customers),
            Some(count) => Some(count.customers.max(self.counted.unwrap_or_default())),
            None => self.counted,
        }
    }
}

impl TableRow for CountRow {
    fn key(&self) -> RowKey {
        RowKey::Cell(self.cell.clone())
    }

    fn text(&self) -> String {
        format!("{} {}", self.cell, self.state.word())
    }

    #[expect(clippy::cast_precision_loss, reason = "customers are far fewer than 2^52")]
    fn value(&self, column: &str, _now: Timestamp) -> Value {
        match column {
            "cell" => Value::Text(self.cell.to_string()),
            "state" => Value::Text(self.state.word().to_owned()),
            "req/s" => number(self.requests_per_second),
            "customers" => number(self.customers.map(|count| count.customers as f64)),
            "counted" => number(self.counted.map(|counted| counted as f64)),
            "share" => share(self.share),
            _ => Value::Absent,
        }
    }

    fn is_in(&self, _scope: &Scope) -> bool {
        true
    }
}

impl TableRow for CustomerRow {
    fn key(&self) -> RowKey {
        RowKey::Customer(self.customer.clone())
    }

    fn text(&self) -> String {
        self.shown.clone()
    }

    fn value(&self, column: &str, _now: Timestamp) -> Value {
        match column {
            "customer" => Value::Text(self.shown.clone()),
            "cell" => Value::Text(self.cell.to_string()),
            _ => Value::Absent,
        }
    }

    fn is_in(&self, scope: &Scope) -> bool {
        !matches!(scope, Scope::Cell(cell) if *cell != self.cell)
    }
}
