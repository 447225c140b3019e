//! `cellgate journal list`: a row for each change.

use jiff::Timestamp;
use serde::Serialize;

use super::StoreArguments;
use super::selection::SelectionArguments;
use super::store::{Gathered, gather};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::{Column, Listing, Row, age, timestamp};
use crate::cli::side_by_side;
use crate::domain::change::{Lever, Target};
use crate::domain::filter::{Filterable, Value};
use crate::domain::history::{ChangeHistory, changes};
use crate::domain::id::{BulkId, ChangeId};
use crate::ops::journal_reader::JournalReader;

/// Arguments of `journal list`.
#[derive(Clone, Debug, clap::Args)]
pub struct ListArguments {
    #[command(flatten)]
    selection: SelectionArguments,
    #[command(flatten)]
    listing: Listing,
    #[command(flatten)]
    store: StoreArguments,
}

/// Lists the changes that are meant.
///
/// # Errors
/// Where the journal can't be read.
pub async fn run(arguments: &ListArguments, context: &Context) -> Result<(), CliError> {
    let order = arguments.listing.order::<ChangeRow>()?;
    let now = context.clock.now();
    let selection = arguments.selection.judge(now)?;
    let read = async |journal: &JournalReader| Ok(changes(&journal.records().await?));
    let (mut known, mut troubles) = (Vec::new(), Vec::new());
    for Gathered { region, read } in gather(arguments.store.choose(context), context, read).await? {
        match (read, region) {
            (Ok(changes), _) => known.extend(changes),
            (Err(error), Some(region)) => troubles.push((region, error)),
            (Err(error), None) => return Err(error),
        }
    }
    let found = known.len();
    known.retain(|change| selection.includes(change));
    known.sort_by_key(|change| change.at);
    let rows = known.into_iter().rev().map(|change| ChangeRow::new(change, now)).collect();
    if found > 0 || troubles.is_empty() {
        order.print(rows, context.format)?;
    }
    side_by_side::told(found, troubles)
}

/// One change.
#[derive(Debug, Serialize)]
pub struct ChangeRow {
    id: ChangeId,
    /// The same, under the name that a change's own report gives it.
    change: ChangeId,
    at: Timestamp,
    lever: Lever,
    account: String,
    region: String,
    target: Target,
    operator: String,
    /// That of [`crate::domain::change::Outcome::word`]; `open` where the journal has no outcome.
    outcome: &'static str,
    outcome_at: Option<Timestamp>,
    why: Option<String>,
    /// The change that took this one back.
    undone_by: Option<ChangeId>,
    request_ids: Vec<String>,
    /// The change of several targets that it is a part of; `cellgate undo` takes its id, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    bulk: Option<BulkId>,
    /// The fencing token of the lease under which it was made; none without a team.
    fence: Option<u64>,
    #[serde(skip)]
    now: Timestamp,
}

impl ChangeRow {
    pub fn new(change: ChangeHistory, now: Timestamp) -> Self {
        let outcome = change.state();
        let why = change.why().map(str::to_owned);
        let (outcome_at, request_ids) = match change.end {
            Some(end) => (Some(end.at), end.request_ids),
            None => (None, Vec::new()),
        };
        Self {
            id: change.id.clone(),
            change: change.id,
            at: change.at,
            lever: change.plan.lever,
            account: change.plan.region.account.to_string(),
            region: change.plan.region.region.to_string(),
            target: change.plan.target,
            operator: change.operator,
            outcome,
            outcome_at,
            why,
            undone_by: change.undone_by,
            request_ids,
            bulk: change.plan.bulk,
            fence: change.fence,
            now,
        }
    }
}

impl Filterable for ChangeRow {
    fn text(&self) -> String {
        let bulk = self.bulk.as_ref().map(BulkId::as_str).unwrap_or_default();
        format!("{} {} {} {} {bulk}", self.change, self.target, self.operator, self.outcome)
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
