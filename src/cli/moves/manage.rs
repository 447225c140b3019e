//! `cellgate moves`: how moves stand, and pausing, resuming and aborting them.

use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::Timestamp;
use serde::Serialize;

use super::carry_out::{conclude, refused};
use super::progress::Teller;
use super::{MovesCommand, report};
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::output::{Column, Format, Listing, Row, age, print_json, print_text, timestamp};
use crate::cli::reading::Reading;
use crate::cli::status::{Spinner, note};
use crate::domain::filter::{Filterable, Value};
use crate::domain::moves::outcome::Tally;
use crate::domain::moves::run::{Run, Standing};
use crate::ops::moves::{self, Control, Progress, Wish};
use crate::ops::target_lock::is_held;

/// Arguments of `moves list`.
#[derive(Clone, Debug, clap::Args)]
pub struct ListArguments {
    #[command(flatten)]
    listing: Listing,
}

/// Which move is meant.
#[derive(Clone, Debug, clap::Args)]
pub struct OneArguments {
    /// The move, as `moves list` names it
    #[arg(value_name = "ID", required_unless_present = "last")]
    id: Option<String>,
    /// The newest
    #[arg(long, conflicts_with = "id")]
    last: bool,
}

/// Arguments of `moves show`.
#[derive(Clone, Debug, clap::Args)]
pub struct ShowArguments {
    #[command(flatten)]
    one: OneArguments,
    /// Account for every customer in this file, CSV or JSON by its ending
    #[arg(long, value_name = "FILE")]
    report: Option<std::path::PathBuf>,
}

/// Arguments of `moves resume`.
#[derive(Clone, Debug, clap::Args)]
pub struct ResumeArguments {
    #[command(flatten)]
    one: OneArguments,
    /// Account for every customer in this file, CSV or JSON by its ending
    #[arg(long, value_name = "FILE")]
    report: Option<std::path::PathBuf>,
}

/// Looks for an answer of the process that carries a move out.
const AGAIN: Duration = Duration::from_millis(300);
const PATIENCE: u32 = 200;

/// Runs a `moves` command.
///
/// # Errors
/// Where there is no such move, the journal can't be read, or the move doesn't come to its end.
pub async fn run(command: &MovesCommand, context: &Context) -> Result<(), CliError> {
    let reading = match command {
        MovesCommand::List(_) | MovesCommand::Show(_) => Reading::connect(context).await?,
        MovesCommand::Resume(arguments) => {
            report::judge(arguments.report.as_deref())?;
            context.allow_changes()?;
            Reading::connect(context).await?
        }
        MovesCommand::Pause(_) | MovesCommand::Abort(_) => {
            context.allow_changes()?;
            Reading::connect(context).await?
        }
    };
    let known = moves::known_moves(&reading.session, &context.changes()).await?;
    let one = |arguments: &OneArguments| {
        moves::named(&known, arguments.id.as_deref()).map_err(|message| {
            CliError::new(Ending::NotFound, message).hint("`cellgate moves list` lists them")
        })
    };
    match command {
        MovesCommand::List(arguments) => {
            let order = arguments.listing.order::<MoveRow>()?;
            let rows = known.iter().rev().map(|run| MoveRow::new(run, context)).collect();
            order.print(rows, context.format)
        }
        MovesCommand::Show(arguments) => {
            report::judge(arguments.report.as_deref())?;
            show(&one(&arguments.one)?, arguments, context)
        }
        MovesCommand::Resume(arguments) => {
            carry_on(&one(&arguments.one)?, arguments.report.as_deref(), &reading, context, false).await
        }
        MovesCommand::Pause(arguments) => stop(&one(arguments)?, Wish::Pause, &reading, context).await,
        MovesCommand::Abort(arguments) => stop(&one(arguments)?, Wish::Abort, &reading, context).await,
    }
}

fn is_running(run: &Run, context: &Context) -> bool {
    run.header.lock_names().iter().any(|name| is_held(&context.settings.state.locks(), name))
}

fn show(run: &Run, arguments: &ShowArguments, context: &Context) -> Result<(), CliError> {
    if let Some(path) = &arguments.report {
        report::write_of(path, moves::given(&context.changes(), &run.id), run)?;
    }
    let row = MoveRow::new(run, context);
    if context.format == Format::Json {
        return print_json(&row);
    }
    let tally = &row.tally;
    let mut lines = vec![
        format!("Move {}: {}", run.id, row.state),
        format!("  customers {}", run.header.target()),
        format!("  by        {} at {}", run.operator, timestamp(Some(run.at))),
        format!("  moved     {} of {}", tally.moved, run.header.customers),
    ];
    let others = [
        ("already there", tally.already_there),
        ("moved meanwhile", tally.moved_meanwhile),
        ("vanished", tally.vanished),
        ("failed", tally.failed),
        ("in doubt", tally.in_doubt),
        ("not sent", tally.waiting),
    ];
    lines.extend(
        others
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| format!("            {count} {what}")),
    );
    lines.extend(row.why.iter().map(|why| format!("  why       {why}")));
    print_text(&lines.join("\n"))
}

/// Leaves a wish for the process that carries the move out and waits until it is obeyed; where there is none, does it
/// here.
async fn stop(run: &Run, wish: Wish, reading: &Reading<'_>, context: &Context) -> Result<(), CliError> {
    if run.end.is_some() {
        return Err(CliError::new(Ending::Refused, format!("the move {} has ended", run.id)));
    }
    let here = is_running(run, context);
    if !here && context.settings.team.is_none() {
        return match wish {
            Wish::Pause => {
                note(&format!("the move {} isn't running: nothing is to be paused", run.id));
                Ok(())
            }
            Wish::Abort => carry_on(run, None, reading, context, true).await,
        };
    }
    let session = reading.session.arm(reading.session.account().as_str(), None)?;
    let store = context.changes();
    moves::wish(&session, &store, &run.id, wish).await?;
    let spinner = Spinner::start(format!("waiting for the move {} to {}", run.id, wish.word()));
    for _ in 0..PATIENCE {
        let known = moves::known_moves(&session, &store).await?;
        let now = moves::named(&known, Some(run.id.as_str()));
        if let Ok(now) = now
            && matches!(now.standing(), Standing::Paused | Standing::Ended)
            && !is_running(&now, context)
        {
            drop(spinner);
            if wish == Wish::Abort && now.end.is_none() {
                return carry_on(&now, None, reading, context, true).await;
            }
            return print_text(&format!("{}: {}", run.id, MoveRow::new(&now, context).state));
        }
        tokio::select! {
            () = reading.interruption.cancelled() => break,
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
    drop(spinner);
    Err(CliError::new(Ending::Partly, format!("the move {} has not obeyed yet", run.id))
        .hint("the wish stays; where its process has ended, `moves resume` or `moves abort` take it up"))
}

async fn carry_on(
    run: &Run,
    report: Option<&std::path::Path>,
    reading: &Reading<'_>,
    context: &Context,
    give_up: bool,
) -> Result<(), CliError> {
    let session = reading.session.arm(reading.session.account().as_str(), None)?;
    let (teller, control) = (Teller::new(context.format), Control::new(reading.interruption.clone()));
    let progress = |progress: Progress| teller.tell(&progress);
    let store = context.changes();
    let hands = (&store, &context.clock, &control, &progress as &(dyn Fn(Progress) + Send + Sync));
    let finished = if give_up {
        moves::abandon(&session, &run.id, hands).boxed_local().await
    } else {
        moves::resume(&session, &run.id, hands).boxed_local().await
    };
    drop(teller);
    if give_up {
        let finished = finished.map_err(refused)?;
        let tally = finished.run.tally();
        return print_text(&format!(
            "aborted: {} of {} moved (change {})",
            tally.moved,
            tally.total(),
            run.id
        ));
    }
    conclude(finished, report, reading, context)
}

/// One move.
#[derive(Debug, Serialize)]
struct MoveRow {
    #[serde(rename = "move")]
    id: String,
    at: Timestamp,
    last: Timestamp,
    /// `running`, `paused`, `interrupted` or that of its outcome.
    state: String,
    why: Option<String>,
    customers: u32,
    from: Vec<String>,
    to: Vec<String>,
    operator: String,
    tally: Tally,
    #[serde(skip)]
    now: Timestamp,
}

impl MoveRow {
    fn new(run: &Run, context: &Context) -> Self {
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
            self.operator.clone(),
        ]
    }
}
