//! A move as a row of `moves list`, and as `moves show` has it.

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::output::{Column, Row, age};
use crate::domain::filter::{Filterable, Value};
use crate::domain::moves::outcome::Tally;
use crate::domain::moves::run::Run;
use crate::ops::target_lock::is_held;

/// Whether a process of this machine holds a cell of the move.
pub fn is_running(run: &Run, context: &Context) -> bool {
    run.header.lock_names().iter().any(|name| is_held(&context.settings.state.locks(), name))
}

/// One move.
#[derive(Debug, Serialize)]
pub struct MoveRow {
    #[serde(rename = "move")]
    id: String,
    at: Timestamp,
    last: Timestamp,
    /// `running`, `paused`, `interrupted` or that of its outcome.
    pub state: String,
    pub why: Option<String>,
    customers: u32,
    from: Vec<String>,
    to: Vec<String>,
    account: String,
    region: String,
    operator: String,
    pub tally: Tally,
    #[serde(skip)]
    now: Timestamp,
}

impl MoveRow {
    pub fn new(run: &Run, context: &Context) -> Self {
        let (state, why) = match (&run.end, &run.paused) {
            (Some(outcome), _) => (outcome.word(), outcome.why()),
            (None, Some(why)) => ("paused", Some(why.as_str())),
            (None, None) if is_running(run, context) => ("running", None),
            (None, None) => ("open", None),
        };
        Self {
            id: run.id.to_string(),
            at: run.at,
            last: run.last,
            state: state.to_owned(),
            why: why.map(str::to_owned),
            customers: run.header.customers,
            from: run.header.sources().iter().map(ToString::to_string).collect(),
            to: run.header.targets().iter().map(ToString::to_string).collect(),
            account: run.header.region.account.to_string(),
            region: run.header.region.region.to_string(),
            operator: run.operator.clone(),
            tally: run.tally(),
            now: context.clock.now(),
        }
    }
}

impl Filterable for MoveRow {
    fn text(&self) -> String {
        format!("{} {} {} {}", self.id, self.state, self.from.join(" "), self.to.join(" "))
    }

    fn value(&self, column: &str) -> Value {
        match column {
            "move" => Value::Text(self.id.clone()),
            "age" => Value::Age(self.now.duration_since(self.at).unsigned_abs()),
            "state" => Value::Text(self.state.clone()),
            "customers" => Value::Number(f64::from(self.customers)),
            "moved" => Value::Number(f64::from(self.tally.moved)),
            "in-doubt" => Value::Number(f64::from(self.tally.in_doubt)),
            "from" => Value::Text(self.from.join(",")),
            "to" => Value::Text(self.to.join(",")),
            "account" => Value::Text(self.account.clone()),
            "region" => Value::Text(self.region.clone()),
            "operator" => Value::Text(self.operator.clone()),
            _ => Value::Absent,
        }
    }
}

impl Row for MoveRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("move"),
        Column::figure("age"),
        Column::text("state"),
        Column::figure("customers"),
        Column::figure("moved"),
        Column::figure("in-doubt"),
        Column::text("from"),
        Column::text("to"),
        Column::text("account"),
        Column::text("region"),
        Column::text("operator"),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.clone(),
            age(Some(self.at), self.now),
            self.state.clone(),
            self.customers.to_string(),
            self.tally.moved.to_string(),
            self.tally.in_doubt.to_string(),
            self.from.join(","),
            self.to.join(","),
            self.account.clone(),
            self.region.clone(),
            self.operator.clone(),
        ]
    }
}
