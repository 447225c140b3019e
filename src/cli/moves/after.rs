//! What follows a move: the router's cache, a look at the cells' signals, and the words with which a command ends.

use futures_util::FutureExt as _;
use jiff::Timestamp;
use serde_json::json;

use crate::cli::change::flush::{self, Flush};
use crate::cli::change::plan_text;
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::output::{Format, print_text};
use crate::cli::reading::Reading;
use crate::cli::status::{Spinner, note};
use crate::domain::change::{Outcome, Risk};
use crate::domain::id::CellId;
use crate::domain::moves::aftermath::{Aftermath, keeps_connections, time_of_day};
use crate::domain::moves::run::Run;
use crate::domain::moves::{Gate, MoveHeader};
use crate::domain::placement::Placement;
use crate::ops::moves::{self, Answer, Ended, MoveGrounds};
use crate::ops::placement;

/// What is to follow.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct AfterArguments {
    /// Of moves: what to do about the router's cache afterwards
    #[arg(long, value_enum, value_name = "WHAT")]
    pub then: Option<Then>,
    /// Of moves: watch the signals of every cell concerned for so many minutes afterwards
    #[arg(long = "watch-cells", value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=240))]
    pub watch_cells: Option<u32>,
}

/// What becomes of answers that the router keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Then {
    /// Flush the cache of the router's stage, as a change of its own
    Flush,
    /// Wait until everything that the router keeps is outdated
    Wait,
}

/// All that is known before the move of what is to follow it.
#[derive(Clone, Debug, Default)]
pub struct Following {
    flush: Option<Flush>,
    wait: bool,
    watch: Option<Gate>,
}

impl Following {
    /// The plan of the flush, where there is to be one.
    pub fn flush(&self) -> Option<&Flush> {
        self.flush.as_ref()
    }

    /// Whether it asks for more care than a move does by itself.
    pub fn is_risky(&self) -> bool {
        self.flush
            .as_ref()
            .is_some_and(|flush| flush.plan.risk >= Risk::High || flush.plan.reaches_production())
    }

    /// The lines of a plan.
    pub fn text(&self, header: &MoveHeader) -> String {
        let mut lines = Vec::new();
        if self.flush.is_none() && !self.wait && header.router_cache_seconds > 0 {
            lines.push(
                "  then      nothing; --then flush or --then wait sees to the router's cache\n".to_owned(),
            );
        }
        if self.wait {
            lines.push("  then      waits until what the router keeps is outdated\n".to_owned());
        }
        if let Some(gate) = &self.watch {
            let (condition, minutes) = (&gate.condition, gate.minutes);
            lines.push(format!("  watches   {condition} on every cell for {minutes} min afterwards\n"));
        }
        let mut text = lines.concat();
        if let Some(flush) = &self.flush {
            text.push_str("Then, once the move has ended:\n");
            text.push_str(&plan_text::text(&flush.plan));
        }
        text
    }

    /// Adds the look at the signals.
    ///
    /// # Errors
    /// A configured condition that isn't one.
    pub fn watching(
        mut self,
        header: &MoveHeader,
        arguments: AfterArguments,
        grounds: &MoveGrounds<'_>,
    ) -> Result<Self, CliError> {
        self.watch =
            arguments.watch_cells.map(|minutes| moves::watch_of(header, minutes, grounds)).transpose()?;
        Ok(self)
    }
}

/// Finds out whether the router's cache can be treated as asked, before anybody is moved.
///
/// # Errors
/// Where the router's stage is not configured, or its cache can't be flushed.
pub async fn prepare(
    arguments: AfterArguments,
    reading: &mut Reading<'_>,
    context: &Context,
) -> Result<Following, CliError> {
    let wait = arguments.then == Some(Then::Wait);
    if arguments.then != Some(Then::Flush) {
        return Ok(Following { wait, ..Following::default() });
    }
    let Some(stage) = &context.settings.router_stage else {
        return Err(CliError::new(Ending::Usage, "--then flush: which stage the router is isn't configured")
            .hint("set router.api and router.stage, or give --then wait"));
    };
    let flush = Some(flush::plan(stage, reading, context).boxed_local().await?);
    Ok(Following { flush, wait, watch: None })
}

/// The same for a move that is taken up again, of which nothing but the journal's word is at hand.
///
/// # Errors
/// As [`prepare`].
pub async fn of_resumed(
    run: &Run,
    arguments: AfterArguments,
    reading: &mut Reading<'_>,
    context: &Context,
) -> Result<Following, CliError> {
    let following = prepare(arguments, reading, context).await?;
    following.text(&run.header).lines().for_each(note);
    if arguments.watch_cells.is_none() {
        return Ok(following);
    }
    let fleet = super::carry_out::read_fleet(reading, context).await?;
    following.watching(&run.header, arguments, &super::carry_out::grounds(&fleet, &[], reading, context))
}

/// Does what was to follow, and tells what there is to know.
///
/// # Errors
/// A flush that failed, a wait that was interrupted, cells that are not well.
pub async fn follow(
    run: &Run,
    ended: &Ended,
    following: &Following,
    reading: &Reading<'_>,
    context: &Context,
) -> Result<(), CliError> {
    if run.tally().moved == 0 {
        return Ok(());
    }
    let header = &run.header;
    let mut outdated = Some(moves::outdated_at(&reading.session, header, &context.clock))
        .filter(|_| header.router_cache_seconds > 0);
    if matches!(ended, Ended::Paused { .. }) {
        closing_words(run, outdated, reading, context);
        return Ok(());
    }
    let mut failed = None;
    if let Some(flush) = &following.flush {
        match flushed(flush, reading, context).await {
            Ok(()) => outdated = None,
            Err(error) => failed = Some(error),
        }
    }
    if let (true, Some(until)) = (following.wait, outdated) {
        outwait(until, reading, context).await?;
        outdated = None;
    }
    closing_words(run, outdated, reading, context);
    let watched = match &following.watch {
        Some(gate) => watch(run, gate, outdated.is_none(), reading, context).await,
        None => Ok(()),
    };
    match (failed, watched) {
        (Some(error), Err(also)) => {
            note(&format!("error: {}", error.message));
            Err(also)
        }
        (Some(error), Ok(())) => Err(error),
        (None, watched) => watched,
    }
}

async fn flushed(flush: &Flush, reading: &Reading<'_>, context: &Context) -> Result<(), CliError> {
    let target = flush.plan.target.to_string();
    let by_hand = || format!("the customers are moved; `cellgate flush {target}` flushes it");
    let applied = flush::make(flush, reading, context).boxed_local().await.map_err(|error| {
        CliError::new(Ending::Partly, format!("the cache of {target} is not flushed: {}", error.message))
            .hint(by_hand())
    })?;
    let (change, outcome) = (&applied.change, &applied.outcome);
    if context.format == Format::Json {
        let event =
            json!({ "event": "flushed", "change": change, "outcome": outcome.word(), "why": outcome.why() });
        print_text(&event.to_string())?;
    }
    if let Some(cause) = &applied.unrecorded {
        note(&format!("warning: the outcome of the change {change} is not recorded: {cause}"));
    }
    match outcome {
        Outcome::Applied => {
            note(&format!("flushed the cache of {target} (change {change})"));
            Ok(())
        }
        other => {
            let why = other.why().unwrap_or_default();
            let message = format!("the flush of {target} is {} (change {change}): {why}", other.word());
            Err(CliError::new(Ending::Partly, message).hint(by_hand()))
        }
    }
}

async fn outwait(until: Timestamp, reading: &Reading<'_>, context: &Context) -> Result<(), CliError> {
    let text = format!("waiting until {}: what the router keeps is outdated then", time_of_day(until));
    note(&text);
    let spinner = Spinner::start(text);
    let waited =
        moves::wait_until(&reading.session, until, &context.clock, &reading.interruption).boxed_local().await;
    drop(spinner);
    if !waited {
        let message =
            format!("interrupted; the router may answer with the old cell until {}", time_of_day(until));
        return Err(CliError::new(Ending::Interrupted, message).hint("the customers are moved"));
    }
    if context.format == Format::Json {
        print_text(&json!({ "event": "waited", "until": until }).to_string())?;
    }
    Ok(())
}

async fn watch(
    run: &Run,
    gate: &Gate,
    cache_is_empty: bool,
    reading: &Reading<'_>,
    context: &Context,
) -> Result<(), CliError> {
    let spinner = Spinner::start("watching");
    let say = |text: String| {
        note(&text);
        spinner.say(text);
    };
    let hands = (&reading.interruption, &say as &(dyn Fn(String) + Send + Sync));
    let watched = moves::watch(&reading.session, &run.header, gate, cache_is_empty, &context.clock, hands);
    let answer = watched.boxed_local().await;
    drop(spinner);
    let (verdict, why) = match &answer {
        Answer::Open => ("well", None),
        Answer::Shut(why) => ("unwell", Some(why.as_str())),
        Answer::BrokenOff => ("interrupted", None),
    };
    if context.format == Format::Json {
        print_text(&json!({ "event": "watched", "verdict": verdict, "why": why }).to_string())?;
    }
    let id = &run.id;
    let (condition, minutes) = (&gate.condition, gate.minutes);
    match &answer {
        Answer::Open => {
            note(&format!("well: {condition} held on every cell for {minutes} min"));
            Ok(())
        }
        Answer::Shut(why) => Err(CliError::new(Ending::Partly, format!("unwell after the move {id}: {why}"))
            .hint(format!("`cellgate undo {id}` moves the customers back"))),
        Answer::BrokenOff => {
            Err(CliError::new(Ending::Interrupted, format!("the watch over the move {id} was interrupted"))
                .hint("the customers are moved; `cellgate get cells` tells how the cells do"))
        }
    }
}

/// What a person needs to know now, a line each.
fn closing_words(run: &Run, outdated: Option<Timestamp>, reading: &Reading<'_>, context: &Context) {
    if context.format == Format::Json {
        return;
    }
    note(&format!("  moved     {} of {}", run.tally().moved, run.header.target()));
    let after = Aftermath {
        id: run.id.clone(),
        outdated,
        router_stage: context.settings.router_stage.clone(),
        keeps_connections: keeps_connections(&run.header, &reading.estate, &context.settings.cells),
        can_be_undone: run.header.undoes.is_none(),
    };
    for (topic, words) in after.words() {
        note(&format!("  {:<10}{words}", topic.word()));
    }
}

/// What to know of a cell that is to have no customers any more, where the placement table is configured.
pub async fn still_placed_on(cell: &CellId, reading: &Reading<'_>, context: &Context) -> Option<String> {
    let settings = context.settings.moves.placement.as_ref()?;
    match placement::read(&reading.session, settings).await {
        Ok(cells) if cells.get(cell) == Some(&Placement::Closed) => None,
        Ok(_) => Some(format!(
            "{cell} is open to new customers, who may come while it is drained: `cellgate placement close {cell}`"
        )),
        // That the table can't be read is a warning of the plan already.
        Err(_) => None,
    }
}
