//! `cellgate journal show CHANGE`: its plan, its records, and how it stands.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

use super::list::ChangeRow;
use super::store::{Gathered, gather};
use super::{StoreArguments, moves};
use crate::cli::change::plan_text;
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::output::{Format, print_json, print_text, timestamp};
use crate::domain::history::{ChangeHistory, changes};
use crate::domain::id::ChangeId;
use crate::domain::journal::{Entry, Record};
use crate::domain::suggest::nearest;
use crate::ops::journal_reader::JournalReader;

/// Arguments of `journal show`.
#[derive(Clone, Debug, clap::Args)]
pub struct ShowArguments {
    /// The change's id, as `journal list` has it
    change: String,
    #[command(flatten)]
    store: StoreArguments,
}

/// A change with its records, as JSON.
#[derive(Debug, Serialize)]
struct Shown<'change> {
    #[serde(flatten)]
    row: ChangeRow,
    /// How it stands, in a sentence.
    state: String,
    records: Vec<&'change Record>,
}

/// Shows one change.
///
/// # Errors
/// Not found, or the journal can't be read.
pub async fn run(arguments: &ShowArguments, context: &Context) -> Result<(), CliError> {
    let wanted = ChangeId::new(&arguments.change);
    let read = async |journal: &JournalReader| Ok((journal.records().await?, journal.place()));
    let (mut records, mut places, mut unread) = (Vec::new(), BTreeSet::new(), None);
    for Gathered { read, .. } in gather(arguments.store.choose(context), context, read).await? {
        match read {
            Ok((of_journal, place)) => {
                records.extend(of_journal);
                places.insert(place);
            }
            Err(error) => unread = Some(error),
        }
    }
    let own: Vec<&Record> = records.iter().filter(|record| record.body.change == wanted).collect();
    let Some(change) = changes(&records).into_iter().find(|change| change.id == wanted) else {
        let places: Vec<String> = places.into_iter().collect();
        // It may be in a journal that can't be read.
        return Err(unread.unwrap_or_else(|| not_found(&wanted, &records, &places.join(" and "))));
    };
    match context.format {
        Format::Table => print_text(&text(&change, &own)),
        Format::Json => {
            let state = state(&change);
            print_json(&Shown { row: ChangeRow::new(change, context.clock.now()), state, records: own })
        }
    }
}

fn not_found(wanted: &ChangeId, records: &[Record], place: &str) -> CliError {
    let known = records.iter().map(|record| record.body.change.as_str());
    let meant = nearest(wanted.as_str(), known).map(|id| format!("; did you mean {id}?")).unwrap_or_default();
    CliError::new(Ending::NotFound, format!("no change {wanted} is in {place}{meant}"))
        .hint("`cellgate journal list` lists the changes")
}

fn text(change: &ChangeHistory, records: &[&Record]) -> String {
    let mut text = format!("Change {}: {}\n", change.id, state(change));
    text.push_str(&plan_text::text(&change.plan));
    text.push_str("Records\n");
    for record in records {
        let body = &record.body;
        let what = match &body.entry {
            Entry::Intent { .. } => "intent".to_owned(),
            entry @ (Entry::MoveIntent { .. }
            | Entry::MoveRoster { .. }
            | Entry::MoveRange { .. }
            | Entry::MoveDone { .. }
            | Entry::MoveHook { .. }
            | Entry::MovePause { .. }
            | Entry::MoveEnd { .. }) => moves::words(entry),
            Entry::Outcome { outcome, request_ids } => {
                let why = outcome.why().map(|why| format!(": {why}")).unwrap_or_default();
                let ids = if request_ids.is_empty() {
                    String::new()
                } else {
                    format!(" (request id {})", request_ids.join(", "))
                };
                format!("outcome {}{why}{ids}", outcome.word())
            }
            Entry::Watching { since } => format!("guard begun {}", timestamp(Some(*since))),
            Entry::Watched { verdict, why } => format!("guard {verdict}: {why}"),
        };
        let fence = body.fence.map(|fence| format!(", lease {fence}")).unwrap_or_default();
        // Writing into a String does not fail.
        let _ = writeln!(
            text,
            "  {:<6}{}  {what}, by {}{fence}",
            body.sequence,
            timestamp(Some(body.at)),
            body.operator.arn
        );
    }
    text
}

/// How the change stands, for people.
fn state(change: &ChangeHistory) -> String {
    match &change.end {
        None => "open: announced, and no outcome is recorded. It runs still, or its process ended before it could \
                 tell"
            .to_owned(),
        Some(end) => {
            let why = end.outcome.why().map(|why| format!(": {why}")).unwrap_or_default();
            let unwatched = if change.is_unwatched() {
                ". Its guard has no end: it is watched still, or `cellgate finish` goes on with it"
            } else {
                ""
            };
            format!("{} at {}{why}{unwatched}", end.outcome.word(), timestamp(Some(end.at)))
        }
    }
}
