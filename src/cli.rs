//! The command line: parsing, commands, output, exit codes.
//!
//! stdout is data; progress, notes and errors go to stderr. A command never sends anything by
//! itself: it calls `ops`, like the console.

mod change;
mod config;
mod console;
mod context;
mod count;
#[cfg(feature = "demo")]
mod demo;
mod exit;
mod get;
mod global;
mod iam;
mod interrupt;
mod journal;
mod lease;
mod lookup;
mod made_in;
mod mapping_region;
mod moves;
mod output;
mod placement;
mod reading;
mod resolve;
mod shell;
mod side_by_side;
mod status;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

pub use exit::{CliError, EXIT_CODES, Ending};
pub use global::GlobalArguments;

use self::context::Context;
use crate::log;

/// The command line.
#[derive(Clone, Debug, Parser)]
#[command(name = "cellgate", version, about, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Arguments {
    #[command(flatten)]
    global: GlobalArguments,
    /// Without one, the console opens
    #[command(subcommand)]
    command: Option<Command>,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
enum Command {
    /// Open the console, as without a command
    Console(console::ConsoleArguments),
    /// List cells, APIs, customers and whatever else the estate has
    #[command(subcommand)]
    Get(get::Get),
    /// Tell which cell serves a customer, what the router would answer, and what else there is of it
    #[command(after_long_help = lookup::JSON)]
    Lookup(lookup::LookupArguments),
    /// Count the customers of each cell, without harm to the router's table
    #[command(after_long_help = count::JSON)]
    Count(count::CountArguments),
    #[command(flatten)]
    Lever(change::LeverCommand),
    /// Make a plan, and save it for later
    Plan(change::PlanArguments),
    /// Carry out a plan that was saved
    Apply(change::ApplyArguments),
    /// Take a change back
    Undo(change::UndoArguments),
    /// Find out what became of a change that was cut off, and finish it where asked
    Finish(change::FinishArguments),
    /// Move customers to another cell
    Move(moves::MoveArguments),
    /// Move every customer out of a cell
    Drain(moves::DrainArguments),
    /// Even out the customers of cells with the fewest moves
    Rebalance(moves::RebalanceArguments),
    /// Show moves of customers, pause them, go on with them or give them up
    #[command(subcommand)]
    Moves(moves::MovesCommand),
    /// Show where new customers are placed, and close cells to them
    #[command(subcommand)]
    Placement(placement::PlacementCommand),
    /// Show, follow, export or verify the record of changes
    #[command(subcommand)]
    Journal(journal::JournalCommand),
    /// Show who in the team changes what at present, or take a target from its holder
    #[command(subcommand)]
    Lease(lease::LeaseCommand),
    /// Show the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Open the console on an embedded AWS region, or serve that region to other AWS clients
    #[cfg(feature = "demo")]
    Demo(demo::DemoArguments),
    /// Print a minimal IAM policy
    Iam {
        #[arg(value_enum)]
        policy: iam::Policy,
    },
    /// Print the completion script for a shell
    Completions {
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

/// Runs what the command line asks for.
///
/// # Errors
/// Why it did not end well, with the exit code.
pub async fn run(arguments: Arguments) -> Result<(), CliError> {
    let global = &arguments.global;
    let Some(command) = &arguments.command else {
        return Box::pin(open_console(&console::ConsoleArguments::default(), global)).await;
    };
    match command {
        Command::Console(console) => Box::pin(open_console(console, global)).await,
        #[cfg(feature = "demo")]
        Command::Demo(demo) => Box::pin(demo::run(demo, global)).await,
        Command::Config(command) => config::run(*command, global),
        Command::Iam { policy } => iam::run(*policy),
        Command::Completions { shell } => shell::completions(*shell),
        Command::Man => shell::manual(),
        Command::Get(get) => {
            let context = Context::load(global)?;
            let _log = start_log(&context, global);
            Box::pin(get::run(get, &context)).await
        }
        Command::Lookup(arguments) => {
            let context = Context::load(global)?;
            let _log = start_log(&context, global);
            Box::pin(lookup::run(arguments, &context)).await
        }
        Command::Count(arguments) => {
            let context = Context::load(global)?;
            let _log = start_log(&context, global);
            Box::pin(count::run(arguments, &context)).await
        }
        Command::Move(_) | Command::Drain(_) | Command::Rebalance(_) | Command::Moves(_) => {
            let context = Context::load(global)?;
            let _log = start_log(&context, global);
            Box::pin(run_move(command, &context)).await
        }
        Command::Lever(_) | Command::Plan(_) | Command::Apply(_) | Command::Undo(_) | Command::Finish(_) => {
            let context = Context::load(global)?;
            let _log = start_log(&context, global);
            Box::pin(run_change(command, &context)).await
        }
        Command::Placement(command) => {
            let context = Context::load(global)?;
            let _log = start_log(&context, global);
            Box::pin(placement::run(command, &context)).await
        }
        Command::Journal(command) => {
            let context = Context::load(global)?;
            let _log = start_log(&context, global);
            Box::pin(journal::run(command, &context)).await
        }
        Command::Lease(command) => {
            let context = Context::load(global)?;
            let _log = start_log(&context, global);
            Box::pin(lease::run(command, &context)).await
        }
    }
}

async fn run_change(command: &Command, context: &Context) -> Result<(), CliError> {
    match command {
        Command::Lever(lever) => change::run(lever, context).await,
        Command::Plan(arguments) => change::plan(arguments, context).await,
        Command::Apply(arguments) => change::apply(arguments, context).await,
        Command::Undo(arguments) => change::undo(arguments, context).await,
        Command::Finish(arguments) => change::finish(arguments, context).await,
        _ => Ok(()),
    }
}

async fn run_move(command: &Command, context: &Context) -> Result<(), CliError> {
    match command {
        Command::Move(arguments) => moves::run(arguments, context).await,
        Command::Drain(arguments) => moves::drain(arguments, context).await,
        Command::Rebalance(arguments) => moves::rebalance(arguments, context).await,
        Command::Moves(command) => moves::manage(command, context).await,
        _ => Ok(()),
    }
}

async fn open_console(
    arguments: &console::ConsoleArguments,
    global: &GlobalArguments,
) -> Result<(), CliError> {
    let context = Context::load(global)?;
    let _log = start_log(&context, global);
    console::run(arguments, context, None).await
}

/// A log that can't be written is no reason not to work.
fn start_log(context: &Context, global: &GlobalArguments) -> Option<log::Guard> {
    let directory = context.settings.state.log();
    match log::start(&directory, global.verbose) {
        Ok(guard) => Some(guard),
        Err(error) => {
            status::note(&format!("warning: no log in {}: {error}", directory.display()));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_and_option_says_what_it_does() {
        let mut commands = vec![Arguments::command()];
        while let Some(command) = commands.pop() {
            let name = command.get_name().to_owned();
            assert!(command.get_about().is_some(), "{name}");
            for argument in command.get_arguments().filter(|argument| !argument.is_positional()) {
                assert!(argument.get_help().is_some(), "{name} {}", argument.get_id());
            }
            commands.extend(command.get_subcommands().cloned());
        }
    }
}
