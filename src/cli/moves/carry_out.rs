//! The way of every move from a command: who is meant, the plan, its confirmation, and what became of it.

use std::path::Path;

use futures_util::FutureExt as _;
use serde_json::json;

use super::after::{self, Following};
use super::progress::Teller;
use super::{
    ConfirmArguments, DrainArguments, MoveArguments, RebalanceArguments, TermArguments, report, select,
};
use crate::cli::change::ask;
use crate::cli::change::plan_text;
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::mapping_region;
use crate::cli::output::{Format, print_json, print_text};
use crate::cli::reading::Reading;
use crate::cli::status::{Spinner, note, warn};
use crate::domain::change::{Outcome, Refusal, Risk};
use crate::domain::fleet::{CellRow, Signals};
use crate::domain::id::{CellId, ChangeId};
use crate::domain::moves::intake::Intake;
use crate::domain::moves::report::of_lines;
use crate::domain::moves::run::Run;
use crate::domain::moves::{DataRule, MovePlan};
use crate::ops::change::ChangeError;
use crate::ops::fleet;
use crate::ops::inventory::Request;
use crate::ops::moves::{self, Choice, Control, Ended, Finished, GateChoice, MoveGrounds, Progress, Terms};

/// Customers who are left out, named in a plan.
const SHOWN: usize = 5;

/// Moves customers to a cell.
///
/// # Errors
/// As [`super::run`].
pub async fn run(arguments: &MoveArguments, context: &Context) -> Result<(), CliError> {
    let context = &mapping_region::chosen(context).await?;
    prepare(&arguments.terms, arguments.confirm, context)?;
    let (choice, intake) = select::choice(arguments)?;
    let terms = Terms { create: arguments.create, ..terms(&arguments.terms) };
    carry_out((choice, intake), &terms, (&arguments.terms, arguments.confirm), context).await
}

/// Empties a cell.
///
/// # Errors
/// As [`super::run`].
pub async fn drain(arguments: &DrainArguments, context: &Context) -> Result<(), CliError> {
    let context = &mapping_region::chosen(context).await?;
    prepare(&arguments.terms, arguments.confirm, context)?;
    let cell = super::cell(&arguments.cell);
    let to: Vec<CellId> = arguments.to.iter().map(|to| super::cell(to)).collect();
    if to.contains(&cell) {
        return Err(CliError::new(Ending::Usage, format!("{cell} can't be drained to itself")));
    }
    let (choice, said) = (Choice::Drain { cell, to }, (&arguments.terms, arguments.confirm));
    carry_out((choice, None), &terms(&arguments.terms), said, context).await
}

/// Evens cells out.
///
/// # Errors
/// As [`super::run`].
pub async fn rebalance(arguments: &RebalanceArguments, context: &Context) -> Result<(), CliError> {
    let context = &mapping_region::chosen(context).await?;
    prepare(&arguments.terms, arguments.confirm, context)?;
    let cells = arguments.cells.iter().map(|cell| super::cell(cell)).collect();
    let (choice, said) = (Choice::Rebalance { cells }, (&arguments.terms, arguments.confirm));
    carry_out((choice, None), &terms(&arguments.terms), said, context).await
}

/// From what is asked for to what became of it.
async fn carry_out(
    (choice, intake): (Choice, Option<Intake>),
    terms: &Terms,
    (arguments, confirm): (&TermArguments, ConfirmArguments),
    context: &Context,
) -> Result<(), CliError> {
    let drained = match &choice {
        Choice::Drain { cell, .. } => Some(cell.clone()),
        _ => None,
    };
    let mut reading = Reading::connect(context).await?;
    let fleet = read_fleet(&mut reading, context).await?;
    let following = after::prepare(arguments.after, &mut reading, context).await?;
    let known = moves::known_moves(&reading.session, &context.changes()).await?;
    let grounds = grounds(&fleet, &known, &reading, context);
    let spinner = Spinner::start("listing customers");
    let listing =
        |cell: &CellId, count: usize| spinner.say(format!("listing the customers of {cell}: {count}"));
    let wanted = moves::choose(&reading.session, choice, &grounds, &listing).boxed_local().await?;
    spinner.say(format!("reading {} mappings", wanted.len()));
    let plan = moves::plan(&reading.session, &wanted, terms, &grounds).boxed_local().await;
    drop(spinner);
    let mut plan = plan.inspect_err(|_| {
        // Nobody can be moved: what each line came to is told all the same, as far as it is known.
        if let (Some(path), Some(intake)) = (&arguments.report, &intake) {
            drop(report::write(path, &of_lines(intake, &[], None)));
        }
    })?;
    let following = following.watching(&plan.header, arguments.after, &grounds)?;
    plan.header.warnings.extend(match &drained {
        Some(cell) => after::still_placed_on(cell, &reading, context).await,
        None => None,
    });
    let plan = MovePlan { intake, ..plan };
    show_and_start((plan, &following), confirm, arguments, &reading, context).await
}

/// Takes a move back.
///
/// # Errors
/// As [`super::run`].
pub async fn undo(
    id: &ChangeId,
    confirm: ConfirmArguments,
    arguments: &TermArguments,
    mut reading: Reading<'_>,
    context: &Context,
) -> Result<(), CliError> {
    prepare(arguments, confirm, context)?;
    let fleet = read_fleet(&mut reading, context).await?;
    let following = after::prepare(arguments.after, &mut reading, context).await?;
    let known = moves::known_moves(&reading.session, &context.changes()).await?;
    let grounds = grounds(&fleet, &known, &reading, context);
    let run = moves::named(&known, Some(id.as_str()))
        .map_err(|message| CliError::new(Ending::NotFound, message))?;
    let spinner = Spinner::start("reading the mappings");
    let planned = moves::plan_undo(&reading.session, &run, &terms(arguments), &grounds).boxed_local().await;
    drop(spinner);
    let plan = planned?;
    let following = following.watching(&plan.header, arguments.after, &grounds)?;
    show_and_start((plan, &following), confirm, arguments, &reading, context).await
}

fn prepare(terms: &TermArguments, confirm: ConfirmArguments, context: &Context) -> Result<(), CliError> {
    report::judge(terms.report.as_deref())?;
    if confirm.dry_run { Ok(()) } else { context.allow_changes() }
}

/// Cells with their state: where customers may go.
pub async fn read_fleet(reading: &mut Reading<'_>, context: &Context) -> Result<Vec<CellRow>, CliError> {
    reading.read("cells", vec![Request::Fleet]).await?;
    let signals = reading.signals(true).await?.unwrap_or_else(|failure| {
        warn(&failure);
        Signals::default()
    });
    let settings = &context.settings;
    Ok(fleet::rows(&reading.estate, &signals, &settings.cells, &settings.thresholds))
}

pub(super) fn grounds<'plan>(
    fleet: &'plan [CellRow],
    known: &'plan [Run],
    reading: &'plan Reading<'_>,
    context: &'plan Context,
) -> MoveGrounds<'plan> {
    let settings = &context.settings;
    MoveGrounds {
        moves: &settings.moves,
        mapping: &settings.mapping,
        fleet,
        estate: &reading.estate,
        thresholds: &settings.thresholds,
        known,
        clock: &context.clock,
    }
}

fn terms(arguments: &TermArguments) -> Terms {
    Terms {
        rate: arguments.rate,
        gate: GateChoice::asked(&arguments.gate),
        data_stays: arguments.data_stays,
        create: false,
        force: arguments.force,
        stop_on_conflict: arguments.stop_on_conflict,
    }
}

async fn show_and_start(
    (plan, following): (MovePlan, &Following),
    confirm: ConfirmArguments,
    terms: &TermArguments,
    reading: &Reading<'_>,
    context: &Context,
) -> Result<(), CliError> {
    let text = text(&plan) + &following.text(&plan.header);
    if confirm.dry_run {
        return match context.format {
            Format::Table => print_text(&text),
            Format::Json => print_json(&json!({
                "plan": plan.header,
                "skipped": plan.skipped,
                "flush": following.flush().map(|flush| &flush.plan),
            })),
        };
    }
    text.lines().for_each(note);
    if !confirm.yes {
        let target = plan.header.targets().iter().map(CellId::as_str).collect::<Vec<_>>().join(",");
        let high = plan.header.risk() >= Risk::High || following.is_risky() || context.region().production;
        let question = if high && !target.is_empty() {
            format!("Type {target} to carry it out: ")
        } else {
            "Carry it out? [y/N] ".to_owned()
        };
        let answer =
            ask::typed(&question, "give --yes, and look at --dry-run first", &reading.interruption).await?;
        let yes = if high && !target.is_empty() {
            answer == target
        } else {
            matches!(answer.to_lowercase().as_str(), "y" | "yes")
        };
        if !yes {
            return Err(Refusal::NotConfirmed.into());
        }
    }
    let session = reading.session.arm(reading.session.account().as_str(), None)?;
    let (teller, control) = (Teller::new(context.format), Control::new(reading.interruption.clone()));
    let progress = |progress: Progress| teller.tell(&progress);
    let store = context.changes();
    let hands = (&store, &context.clock, &control, &progress as &(dyn Fn(Progress) + Send + Sync));
    let finished = moves::start(&session, plan, hands).boxed_local().await;
    drop(teller);
    let finished = finished.map_err(refused)?;
    let told = conclude(Ok(finished.clone()), terms.report.as_deref(), reading, context);
    follow(told, &finished, following, reading, context).await
}

/// What follows a move, once its end is told.
///
/// # Errors
/// What the end came to; where that is well, what followed.
pub async fn follow(
    told: Result<(), CliError>,
    finished: &Finished,
    following: &Following,
    reading: &Reading<'_>,
    context: &Context,
) -> Result<(), CliError> {
    let followed = after::follow(&finished.run, &finished.ended, following, reading, context);
    match (told, followed.boxed_local().await) {
        (Err(error), Err(also)) => {
            note(&format!("error: {}", also.message));
            Err(error)
        }
        (told, followed) => told.and(followed),
    }
}

/// The plan for people.
fn text(plan: &MovePlan) -> String {
    use std::fmt::Write as _;
    let header = &plan.header;
    let mut text = plan_text::text(&header.as_plan());
    let mut line = |label: &str, content: &str| {
        // Writing into a String does not fail.
        let _ = writeln!(text, "  {label:<10}{content}");
    };
    let sizes: Vec<String> =
        header.waves.all(header.customers).iter().map(|wave| (wave.end - wave.start).to_string()).collect();
    line("waves", &format!("{} customers, at most {} a second", sizes.join(", "), header.waves.rate));
    match &header.gate {
        Some(gate) => line("gate", &format!("{} for {} min on every cell", gate.condition, gate.minutes)),
        None => line("gate", "none"),
    }
    let data = match header.data {
        DataRule::Stateless => "the cells keep none",
        DataRule::StaysBehind => "stays behind in the cells that are left",
        DataRule::Copied => "is copied before each wave by the command that is configured",
    };
    line("data", data);
    if let Some(how) = &header.chosen {
        line("chosen", how);
    }
    if !header.hooks.is_empty() {
        let kinds: Vec<&str> = header.hooks.iter().map(|kind| kind.word()).collect();
        line("commands", &format!("one {} each wave", kinds.join(" and one ")));
    }
    for skip in plan.skipped.iter().take(SHOWN) {
        line("left out", &format!("{}: {} {}", skip.customer, skip.reason.word(), skip.why));
    }
    if plan.skipped.len() > SHOWN {
        line("", &format!("and {} more", plan.skipped.len() - SHOWN));
    }
    text
}

/// Says what became of it, writes the report, and gives the exit.
///
/// # Errors
/// Whatever isn't done whole.
pub fn conclude(
    finished: Result<Finished, ChangeError>,
    report: Option<&Path>,
    reading: &Reading<'_>,
    context: &Context,
) -> Result<(), CliError> {
    let Finished { run, given, ended } = finished.map_err(refused)?;
    let left_out = given.as_ref().map_or(0, |given| given.skipped.len());
    let (id, tally) = (&run.id, run.tally());
    let (word, why) = match &ended {
        Ended::Ended(outcome) => (outcome.word(), outcome.why()),
        Ended::Paused { why } => ("paused", Some(why.as_str())),
    };
    if context.format == Format::Json {
        let end = json!({
            "event": "ended", "move": id, "outcome": word, "why": why, "tally": tally, "left_out": left_out,
        });
        print_text(&end.to_string())?;
    } else {
        print_text(&format!("{word}: {} of {} moved (change {id})", tally.moved, run.header.customers))?;
    }
    if let Some(path) = report {
        super::report::write_of(path, given, &run)?;
    }
    match &ended {
        Ended::Paused { why } => {
            let ending =
                if reading.interruption.is_cancelled() { Ending::Interrupted } else { Ending::Partly };
            Err(CliError::new(ending, format!("paused (change {id}): {why}")).hint(format!(
                "`cellgate moves resume {id}` goes on, `cellgate moves abort {id}` gives it up"
            )))
        }
        Ended::Ended(Outcome::Applied) if left_out == 0 => Ok(()),
        Ended::Ended(Outcome::Applied) => {
            Err(CliError::new(Ending::Partly, format!("{left_out} customers were left out (change {id})"))
                .hint("--report accounts for each"))
        }
        Ended::Ended(outcome) => {
            let why = outcome.why().unwrap_or_default();
            let ending = if tally.moved == 0 { Ending::Failed } else { Ending::Partly };
            Err(CliError::new(ending, format!("{word} (change {id}): {why}"))
                .hint("--report accounts for each customer"))
        }
    }
}

/// An open move is finished by other commands than another change.
pub fn refused(error: ChangeError) -> CliError {
    match error {
        ChangeError::Refused(Refusal::Open { target, change }) => {
            let message = format!("the move {change} left customers in doubt: {target} waits for it");
            CliError::new(Ending::Refused, message)
                .hint(format!("`cellgate moves resume {change}` goes on with it, `moves abort` gives it up"))
        }
        other => other.into(),
    }
}
