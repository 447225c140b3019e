//! `cellgate journal`: what was changed, by whom, and the proof that the record is whole; from this machine's
//! file or the team's table.

mod list;
mod moves;
mod selection;
mod show;
mod store;
mod stream;
mod verify;

use clap::Subcommand;

use self::store::Store;
use super::context::Context;
use super::exit::CliError;

/// What to do with the journal.
#[derive(Clone, Debug, Subcommand)]
pub enum JournalCommand {
    /// Every change, newest first
    List(list::ListArguments),
    /// All that is recorded of one change, and how it stands
    Show(show::ShowArguments),
    /// Prove that no record was altered, removed or inserted, in both journals unless --store names one;
    /// exit code 6 where one was
    Verify(verify::VerifyArguments),
    /// Write records as JSON lines, oldest first, as they are hashed
    Export(stream::ExportArguments),
    /// Follow the records as they are written, until ctrl-c
    Tail(stream::TailArguments),
}

/// Where a command reads.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct StoreArguments {
    /// Which journal; the team's, where a table is configured
    #[arg(long, value_enum, value_name = "STORE")]
    store: Option<Store>,
}

/// Runs a `journal` command.
///
/// # Errors
/// Where the journal can't be read, or was tampered with.
pub async fn run(command: &JournalCommand, context: &Context) -> Result<(), CliError> {
    match command {
        JournalCommand::List(arguments) => list::run(arguments, context).await,
        JournalCommand::Show(arguments) => show::run(arguments, context).await,
        JournalCommand::Verify(arguments) => verify::run(arguments, context).await,
        JournalCommand::Export(arguments) => stream::export(arguments, context).await,
        JournalCommand::Tail(arguments) => stream::tail(arguments, context).await,
    }
}
