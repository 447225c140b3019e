//! A cell as a row.

use jiff::Timestamp;

use super::{RowKey, TableRow, age, count, number, share};
use crate::domain::cell_findings::CellFinding;
use crate::domain::filter::Value;
use crate::domain::fleet::CellRow;
use crate::tui::model::Scope;

impl TableRow for CellRow {
    fn key(&self) -> RowKey {
        RowKey::Cell(self.id.clone())
    }

    fn text(&self) -> String {
        let findings: Vec<String> = self.findings.iter().map(CellFinding::text).collect();
        format!("{} {} {}", self.id, self.state.word(), findings.join(" "))
    }

    #[expect(clippy::cast_precision_loss, reason = "customers are far fewer than 2^52")]
    fn value(&self, column: &str, now: Timestamp) -> Value {
        match column {
            "cell" => Value::Text(self.id.to_string()),
            "state" => Value::Text(self.state.word().to_owned()),
            "req/s" => number(self.requests_per_second),
            "5xx" => share(self.rate_5xx),
            "4xx" => share(self.rate_4xx),
            "p99" => number(self.p99.as_ref().map(|p99| p99.milliseconds)),
            "load" => share(self.load),
            "customers" => number(self.customers.map(|count| count.customers as f64)),
            "connections" => number(self.connections.map(|count| count.customers as f64)),
            "blocked" => number(self.blocked_per_minute),
            "alarms" => self.alarms.as_ref().map_or(Value::Absent, |alarms| count(alarms.len())),
            "changed" => age(self.last_change.as_ref().map(|change| change.at), now),
            "findings" => count(self.findings.len()),
            "highest" => share(self.load_of_highest()),
            _ => Value::Absent,
        }
    }

    fn is_in(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Cell(cell) => self.id == *cell,
            _ => true,
        }
    }
}
