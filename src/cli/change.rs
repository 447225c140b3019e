//! Commands that change something: from a lever to a plan, its confirmation, and what became of it.

mod apply;
pub mod ask;
mod bulk;
mod carry_out;
mod confirm;
pub mod flush;
mod guard;
mod key;
mod levers;
mod named;
pub mod plan_text;
mod save;
mod targets;
mod undo;
mod usage_plan;
mod waf;

pub use apply::ApplyArguments;
pub use carry_out::history;
pub use carry_out::{plan_of, show_and_apply};
pub use levers::LeverCommand;
pub use save::PlanArguments;
pub use undo::{FinishArguments, UndoArguments};

use super::context::Context;
use super::exit::CliError;

/// How a change is to be carried out.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ChangeArguments {
    /// Carry the plan out without asking; twice (-yy) where it may stop all traffic
    #[arg(short, long, action = clap::ArgAction::Count, conflicts_with = "dry_run")]
    pub yes: u8,
    /// Print the plan, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Say whose requests a throttle would refuse, from the access logs of the last hour; takes seconds
    #[arg(long)]
    pub by_whom: bool,
    #[command(flatten)]
    pub guard: guard::GuardArguments,
}

impl ChangeArguments {
    /// Refuses what changes something where nothing may be changed.
    ///
    /// # Errors
    /// Where flag or configuration forbid changes in the region.
    pub fn allow(&self, context: &Context) -> Result<(), CliError> {
        if self.dry_run { Ok(()) } else { context.allow_changes() }
    }

    /// Refuses to look for callers where no throttle of one stage or plan is planned anew.
    ///
    /// # Errors
    /// Usage.
    pub fn refuse_by_whom(&self) -> Result<(), CliError> {
        if self.by_whom {
            return Err(levers::usage(
                "--by-whom is for the throttle of one stage or of a usage plan as a whole: \
                 `cellgate throttle set|clear API/STAGE`, `cellgate usage-plan throttle set|clear PLAN`",
            ));
        }
        Ok(())
    }
}

/// Pulls a lever.
///
/// # Errors
/// Refused, not found, failed, or of unknown outcome.
pub async fn run(lever: &LeverCommand, context: &Context) -> Result<(), CliError> {
    carry_out::run(lever, context).await
}

/// Makes a plan and saves it.
///
/// # Errors
/// As [`run`]; also where the file can't be written.
pub async fn plan(arguments: &PlanArguments, context: &Context) -> Result<(), CliError> {
    save::run(arguments, context).await
}

/// Carries out a plan that was saved.
///
/// # Errors
/// As [`run`]; also where the file holds no plan.
pub async fn apply(arguments: &ApplyArguments, context: &Context) -> Result<(), CliError> {
    apply::run(arguments, context).await
}

/// Takes a change back.
///
/// # Errors
/// As [`run`].
pub async fn undo(arguments: &UndoArguments, context: &Context) -> Result<(), CliError> {
    Box::pin(undo::run(arguments, context)).await
}

/// Finds out what became of a change whose process ended in the middle.
///
/// # Errors
/// As [`run`].
pub async fn finish(arguments: &FinishArguments, context: &Context) -> Result<(), CliError> {
    undo::finish(arguments, context).await
}
