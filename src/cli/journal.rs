//! `cellgate journal`: what was changed, by whom, and the proof that the record is whole.

use std::collections::BTreeMap;

use clap::Subcommand;
use jiff::Timestamp;
use serde::Serialize;

use super::context::Context;
use super::exit::CliError;
use super::output::{Column, Format, Listing, Row, age, print_json, print_text, timestamp};
use crate::domain::change::{Lever, Outcome, Plan};
use crate::domain::filter::{Filterable, Value};
use crate::domain::id::ChangeId;
use crate::domain::journal::{Entry, Record};
use crate::domain::target::StageTarget;
use crate::ops::journal::Journal;

/// What to do with the journal.
#[derive(Clone, Debug, Subcommand)]
pub enum JournalCommand {
    /// Every change, oldest first
    List(Listing),
    /// Prove that no record was altered, removed or inserted; exit code 6 where one was
    Verify,
}

/// Runs a `journal` command.
///
/// # Errors
/// Where the journal can't be read, or was tampered with.
pub fn run(command: &JournalCommand, context: &Context) -> Result<(), CliError> {
    let journal = context.changes().journal;
    match command {
        JournalCommand::List(listing) => list(listing, &journal, context),
        JournalCommand::Verify => verify(&journal, context.format),
    }
}

/// One change, put together from its records.
#[derive(Debug, Serialize)]
struct ChangeRow {
    change: ChangeId,
    at: Timestamp,
    lever: Lever,
    account: String,
    region: String,
    target: StageTarget,
    operator: String,
    /// `applied`, `not-applied` or `unknown`; `open` where the journal has no outcome.
    outcome: &'static str,
    outcome_at: Option<Timestamp>,
    why: Option<String>,
    request_ids: Vec<String>,
    #[serde(skip)]
    now: Timestamp,
}

impl ChangeRow {
    fn begun(record: &Record, plan: &Plan, now: Timestamp) -> Self {
        Self {
            change: record.body.change.clone(),
            at: record.body.at,
            lever: plan.lever,
            account: plan.region.account.to_string(),
            region: plan.region.region.to_string(),
            target: plan.target.clone(),
            operator: record.body.operator.arn.clone(),
            outcome: "open",
            outcome_at: None,
            why: None,
            request_ids: Vec::new(),
            now,
        }
    }

    fn end(&mut self, at: Timestamp, outcome: &Outcome, request_ids: &[String]) {
        self.outcome = outcome.word();
        self.outcome_at = Some(at);
        self.why = outcome.why().map(str::to_owned);
        self.request_ids = request_ids.to_vec();
    }
}

/// Puts intents and outcomes together. Outcomes of several changes may be interleaved.
fn changes(records: &[Record], now: Timestamp) -> Vec<ChangeRow> {
    let mut rows: Vec<ChangeRow> = Vec::new();
    let mut places: BTreeMap<&ChangeId, usize> = BTreeMap::new();
    for record in records {
        match &record.body.entry {
            Entry::Intent { plan } => {
                places.insert(&record.body.change, rows.len());
                rows.push(ChangeRow::begun(record, plan, now));
            }
            Entry::Outcome { outcome, request_ids } => {
                let place = places.get(&record.body.change).copied();
                if let Some(row) = place.and_then(|place| rows.get_mut(place)) {
                    row.end(record.body.at, outcome, request_ids);
                }
            }
        }
    }
    rows
}

impl Filterable for ChangeRow {
    fn text(&self) -> String {
        format!("{} {} {} {}", self.change, self.target, self.operator, self.outcome)
    }

    fn value(&self, column: &str) -> Value {
        match column {
            "change" => Value::Text(self.change.to_string()),
            "at" => Value::Text(timestamp(Some(self.at))),
            "age" => Value::Age(self.now.duration_since(self.at).unsigned_abs()),
            "what" => Value::Text(self.lever.title().to_owned()),
            "target" => Value::Text(self.target.to_string()),
            "account" => Value::Text(self.account.clone()),
            "region" => Value::Text(self.region.clone()),
            "operator" => Value::Text(self.operator.clone()),
            "outcome" => Value::Text(self.outcome.to_owned()),
            _ => Value::Absent,
        }
    }
}

impl Row for ChangeRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("change"),
        Column::text("at"),
        Column::figure("age"),
        Column::text("what"),
        Column::text("target"),
        Column::text("account"),
        Column::text("region"),
        Column::text("outcome"),
        Column::text("operator"),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.change.to_string(),
            timestamp(Some(self.at)),
            age(Some(self.at), self.now),
            self.lever.title().to_owned(),
            self.target.to_string(),
            self.account.clone(),
            self.region.clone(),
            self.outcome.to_owned(),
            self.operator.clone(),
        ]
    }
}

fn list(listing: &Listing, journal: &Journal, context: &Context) -> Result<(), CliError> {
    let order = listing.order::<ChangeRow>()?;
    let records = journal.records()?;
    order.print(changes(&records, context.clock.now()), context.format)
}

/// What a journal that is whole says of itself.
#[derive(Debug, Serialize)]
struct Verified {
    path: String,
    records: u64,
    intact: bool,
}

fn verify(journal: &Journal, format: Format) -> Result<(), CliError> {
    let records = journal.verify()?;
    let path = journal.path().display().to_string();
    match format {
        Format::Table => print_text(&format!("{path}: {records} records, the chain holds")),
        Format::Json => print_json(&Verified { path, records, intact: true }),
    }
}
