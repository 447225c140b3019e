//! `cellgate get alarms`: the alarms of CloudWatch that fire, with the cells that each is about.

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::interrupt::unless_interrupted;
use crate::cli::output::{Column, Listing, Row, age};
use crate::cli::side_by_side;
use crate::domain::alarm::Alarm;
use crate::domain::cell;
use crate::domain::filter::{Filterable, Value};
use crate::ops::fleet_reading;
use crate::ops::inventory::Request;

/// One alarm.
#[derive(Debug, Serialize)]
struct AlarmRow {
    name: String,
    /// Those that its name or one of its dimensions is about.
    cells: Vec<String>,
    /// Since when it fires.
    since: Option<Timestamp>,
    dimensions: Vec<(String, String)>,
    #[serde(skip)]
    now: Timestamp,
}

impl Filterable for AlarmRow {
    fn text(&self) -> String {
        let dimensions: Vec<&str> = self.dimensions.iter().map(|(_, value)| value.as_str()).collect();
        format!("{} {} {}", self.name, self.cells.join(" "), dimensions.join(" "))
    }

    fn value(&self, column: &str) -> Value {
        match column {
            "alarm" => Value::Text(self.name.clone()),
            "cell" => match self.cells.as_slice() {
                [] => Value::Absent,
                cells => Value::Text(cells.join(",")),
            },
            "age" => super::age_value(self.since, self.now),
            _ => Value::Absent,
        }
    }
}

impl Row for AlarmRow {
    const COLUMNS: &'static [Column] = &[Column::text("alarm"), Column::text("cell"), Column::figure("age")];

    fn cells(&self) -> Vec<String> {
        let cells = if self.cells.is_empty() { "-".to_owned() } else { self.cells.join(",") };
        vec![self.name.clone(), cells, age(self.since, self.now)]
    }
}

pub async fn run(listing: &Listing, context: &Context) -> Result<(), CliError> {
    let settings = &context.settings.cells;
    side_by_side::list(listing, context, async |reading| {
        let alarms =
            unless_interrupted(&reading.interruption, fleet_reading::alarms(&reading.session)).await??;
        // Without an alarm nothing needs to be known of cells.
        if !alarms.is_empty() {
            reading.read("cells", vec![Request::ApisAndStages]).await?;
        }
        let cells = cell::discover(&reading.estate, settings);
        let now = reading.session.now(context.clock.now());
        let row = |alarm: Alarm| {
            let own = cells.iter().filter(|(id, cell)| alarm.is_of(id, cell, &reading.estate, settings));
            let cells = own.map(|(id, _)| id.to_string()).collect();
            AlarmRow { name: alarm.name, cells, since: alarm.since, dimensions: alarm.dimensions, now }
        };
        Ok((alarms.into_iter().map(row).collect(), reading.failures()))
    })
    .await
}
