//! `cellgate lease`: who may change what at present, and freeing a target whose holder is gone.
//!
//! A lease ends by itself soon after its holder does. Taking it over is for the time until then, and for a
//! holder who hangs: the overtaken sends nothing more, since each of its requests asks for the lease first.

use clap::Subcommand;
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::change::ask;
use super::context::Context;
use super::exit::{CliError, Ending};
use super::interrupt::{self, unless_interrupted};
use super::output::{Column, Format, Listing, Row, print_json, print_text};
use super::reading::Reading;
use super::resolve::{Resolved, resolve};
use super::side_by_side;
use super::status::note;
use crate::domain::change::Refusal;
use crate::domain::filter::{Filterable, Value};
use crate::domain::team::{Lease, TeamSettings};
use crate::ops::lease::Leases;
use crate::ops::target_lock::TargetLock;

/// What to do with the team's leases.
#[derive(Clone, Debug, Subcommand)]
pub enum LeaseCommand {
    /// Every target that is being changed, and by whom
    List(ListArguments),
    /// Take a target from its holder, and free it; asks for the holder's name
    TakeOver(TakeOverArguments),
}

/// Arguments of `lease list`.
#[derive(Clone, Debug, clap::Args)]
pub struct ListArguments {
    #[command(flatten)]
    listing: Listing,
}

/// Arguments of `lease take-over`.
#[derive(Clone, Debug, clap::Args)]
pub struct TakeOverArguments {
    /// The target as `lease list` shows it, or the end of it
    target: String,
    /// The holder's name, in place of being asked for it
    #[arg(long, value_name = "HOLDER")]
    from: Option<String>,
}

/// Runs a `lease` command.
///
/// # Errors
/// Where no team is configured, its table can't be read, or the holder isn't the one who was named.
pub async fn run(command: &LeaseCommand, context: &Context) -> Result<(), CliError> {
    let Some(team) = &context.settings.team else {
        return Err(CliError::new(Ending::Usage, "leases are a team's, and no table is configured for one")
            .hint("set team.table; on one machine a lock ends with its process"));
    };
    match command {
        LeaseCommand::List(arguments) => list(arguments, team, context).await,
        LeaseCommand::TakeOver(arguments) => take_over(arguments, team, context).await,
    }
}

async fn list(arguments: &ListArguments, team: &TeamSettings, context: &Context) -> Result<(), CliError> {
    side_by_side::list(&arguments.listing, context, async |reading| {
        let leases = Leases::open(&reading.session, team, &context.clock);
        let held = unless_interrupted(&reading.interruption, leases.held()).await??;
        let now = leases.now();
        Ok((held.into_iter().map(|lease| LeaseRow::new(lease, now)).collect(), Vec::new()))
    })
    .await
}

async fn take_over(
    arguments: &TakeOverArguments,
    team: &TeamSettings,
    context: &Context,
) -> Result<(), CliError> {
    context.allow_changes_somewhere()?;
    let find = async |reading: &mut Reading<'_>| {
        let leases = Leases::open(&reading.session, team, &context.clock);
        let held = unless_interrupted(&reading.interruption, leases.held()).await??;
        meant(&held, &arguments.target).cloned()
    };
    let what = format!("the lease on {}", arguments.target);
    let Resolved { place, reading, found: lease } =
        resolve(context, &what, &interrupt::watch(), find).boxed_local().await?;
    let context = &context.in_region(place);
    context.allow_changes()?;
    let Lease { target, holder, .. } = &lease;
    let typed = if let Some(holder) = &arguments.from {
        holder.clone()
    } else {
        note(&format!("{target} is being changed by {holder}, who may be at work still."));
        ask::typed("Type the holder's name to take it over: ", "give --from HOLDER", &reading.interruption)
            .await?
    };
    if typed != *holder {
        return Err(CliError::from(Refusal::NotConfirmed)
            .hint(format!("it is held by {holder}: that name has to be given")));
    }
    let session = reading.session.arm(reading.session.account().as_str(), None)?;
    let locks = context.changes().locks;
    let taken = TargetLock::take_over(&locks, team, &session, target, &typed, &context.clock).await;
    let taken = taken.map_err(|error| CliError::new(Ending::Refused, error.to_string()))?;
    let fence = taken.fence();
    taken.release().await;
    match context.format {
        Format::Json => print_json(&serde_json::json!({ "target": target, "from": holder, "fence": fence })),
        Format::Table => print_text(&format!("{target} is free: it was taken from {holder}")),
    }
}

/// The one lease that is meant by a target or the end of one.
fn meant<'held>(held: &'held [Lease], typed: &str) -> Result<&'held Lease, CliError> {
    let fits = |lease: &&Lease| lease.target == typed || lease.target.ends_with(&format!("/{typed}"));
    let mut found = held.iter().filter(fits);
    match (found.next(), found.next()) {
        (Some(lease), None) => Ok(lease),
        (None, _) => Err(CliError::new(Ending::NotFound, format!("nobody holds a lease on {typed}"))
            .hint("`cellgate lease list` lists them")),
        (Some(one), Some(other)) => {
            let message = format!("{typed} may be {} or {}", one.target, other.target);
            Err(CliError::new(Ending::Usage, message).hint("give more of the target"))
        }
    }
}

/// One lease.
#[derive(Debug, Serialize)]
struct LeaseRow {
    target: String,
    holder: String,
    until: Timestamp,
    fence: u64,
    #[serde(skip)]
    left: SignedDuration,
}

impl LeaseRow {
    fn new(lease: Lease, now: Timestamp) -> Self {
        let Lease { target, holder, fence, until } = lease;
        Self { target, holder, until, fence, left: until.duration_since(now) }
    }
}

impl Filterable for LeaseRow {
    fn text(&self) -> String {
        format!("{} {}", self.target, self.holder)
    }

    fn value(&self, column: &str) -> Value {
        match column {
            "target" => Value::Text(self.target.clone()),
            "holder" => Value::Text(self.holder.clone()),
            "ends in" => Value::Age(self.left.unsigned_abs()),
            _ => Value::Absent,
        }
    }
}

impl Row for LeaseRow {
    const COLUMNS: &'static [Column] =
        &[Column::text("target"), Column::text("holder"), Column::figure("ends in"), Column::figure("fence")];

    fn cells(&self) -> Vec<String> {
        let left = format!("{:#}", SignedDuration::from_secs(self.left.as_secs()));
        vec![self.target.clone(), self.holder.clone(), left, self.fence.to_string()]
    }
}
