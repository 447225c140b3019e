//! `cellgate journal export` and `tail`: the records themselves, one a line.

use std::io::{self, Write as _};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{StoreArguments, moves};
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::interrupt;
use crate::cli::output::{Format, print_text, timestamp};
use crate::cli::status::note;
use crate::domain::journal::{Entry, Record};
use crate::ops::journal_reader::JournalReader;

/// Between two looks at the file.
const FILE_AGAIN: Duration = Duration::from_millis(500);
/// Between two looks at the team's table: each costs a read.
const TEAM_AGAIN: Duration = Duration::from_secs(5);

/// Arguments of `journal export`.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct ExportArguments {
    /// Only records from this sequence on
    #[arg(long, value_name = "SEQUENCE")]
    from: Option<u64>,
    /// Only records up to this sequence
    #[arg(long, value_name = "SEQUENCE")]
    to: Option<u64>,
    #[command(flatten)]
    store: StoreArguments,
}

/// Arguments of `journal tail`.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct TailArguments {
    /// How many of the last records to begin with
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 10)]
    lines: u16,
    #[command(flatten)]
    store: StoreArguments,
}

/// Writes records as JSON lines, whatever the output format.
///
/// # Errors
/// Where the journal can't be read, or stdout can't be written.
pub async fn export(arguments: &ExportArguments, context: &Context) -> Result<(), CliError> {
    let (from, to) = (arguments.from.unwrap_or(1), arguments.to.unwrap_or(u64::MAX));
    if from > to {
        let message = format!("--from {from} comes after --to {to}");
        return Err(CliError::new(Ending::Usage, message));
    }
    let interruption = interrupt::watch();
    let journal = arguments.store.open(context, &interruption).await?;
    let mut records = journal.records_after(from.saturating_sub(1)).await?;
    records.retain(|record| record.body.sequence <= to);
    write_lines(&records, Format::Json)
}

/// Follows the records until ctrl-c, which is its regular end.
///
/// # Errors
/// Where the journal can't be read at first, or stdout can't be written.
pub async fn tail(arguments: &TailArguments, context: &Context) -> Result<(), CliError> {
    let interruption = CancellationToken::new();
    let stop = interruption.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.cancel();
        }
    });
    tokio::select! {
        () = interruption.cancelled() => Ok(()),
        ended = follow(arguments, context, &interruption) => match ended {
            Err(error) if error.ending == Ending::Interrupted => Ok(()),
            ended => ended,
        },
    }
}

async fn follow(
    arguments: &TailArguments,
    context: &Context,
    interruption: &CancellationToken,
) -> Result<(), CliError> {
    let journal = arguments.store.open(context, interruption).await?;
    let again = match &journal {
        JournalReader::File(_) => FILE_AGAIN,
        JournalReader::Team(_) => TEAM_AGAIN,
    };
    // With none to show, the last one still says where to go on.
    let mut records = journal.last_records(arguments.lines.max(1)).await?;
    let mut last = sequence_of(&records);
    if arguments.lines == 0 {
        records.clear();
    }
    write_lines(&records, context.format)?;
    let mut failing = false;
    loop {
        tokio::time::sleep(again).await;
        match journal.records_after(last).await {
            Ok(records) => {
                failing = false;
                last = last.max(sequence_of(&records));
                write_lines(&records, context.format)?;
            }
            Err(error) => {
                // Said once: it may pass.
                if !failing {
                    note(&format!("warning: {error}"));
                }
                failing = true;
            }
        }
    }
}

fn sequence_of(records: &[Record]) -> u64 {
    records.last().map_or(0, |record| record.body.sequence)
}

fn write_lines(records: &[Record], format: Format) -> Result<(), CliError> {
    if format == Format::Table {
        return records.iter().try_for_each(|record| print_text(&line(record)));
    }
    let mut stdout = io::stdout().lock();
    for record in records {
        serde_json::to_writer(&mut stdout, record).map_err(io::Error::from)?;
        stdout.write_all(b"\n")?;
    }
    Ok(stdout.flush()?)
}

/// One record for people.
fn line(record: &Record) -> String {
    let body = &record.body;
    let what = match &body.entry {
        Entry::Intent { plan } => format!("intent   {} of {}", plan.lever.title(), plan.target),
        Entry::Outcome { outcome, .. } => {
            let why = outcome.why().map(|why| format!(": {why}")).unwrap_or_default();
            format!("outcome  {}{why}", outcome.word())
        }
        Entry::Watching { .. } => "guard    begun".to_owned(),
        Entry::Watched { verdict, why } => format!("guard    {verdict}: {why}"),
        entry => moves::words(entry),
    };
    format!(
        "{:>6}  {}  {}  {what}  {}",
        body.sequence,
        timestamp(Some(body.at)),
        body.change,
        body.operator.arn
    )
}
