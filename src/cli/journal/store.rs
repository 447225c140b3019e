//! Which of the two journals a command reads, and the way there.

use clap::ValueEnum;
use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::StoreArguments;
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::interrupt::unless_interrupted;
use crate::cli::status::Spinner;
use crate::domain::team::TeamSettings;
use crate::ops::journal_reader::JournalReader;
use crate::ops::team_journal::TeamJournal;

/// A journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Store {
    /// This machine's file
    File,
    /// The team's table
    Team,
}

impl StoreArguments {
    /// The store that was asked for; else the team's where one is configured.
    pub fn choose(self, context: &Context) -> Store {
        let usual = if context.settings.team.is_some() { Store::Team } else { Store::File };
        self.store.unwrap_or(usual)
    }

    /// What was asked for by name.
    pub fn asked(self) -> Option<Store> {
        self.store
    }

    /// The way to the journal that is meant. Connects for the team's.
    ///
    /// # Errors
    /// No team table is configured, login fails, or ctrl-c comes first.
    pub async fn open(
        self,
        context: &Context,
        interruption: &CancellationToken,
    ) -> Result<JournalReader, CliError> {
        open(self.choose(context), context, interruption).await
    }
}

/// The way to one journal.
///
/// # Errors
/// As [`StoreArguments::open`].
pub async fn open(
    store: Store,
    context: &Context,
    interruption: &CancellationToken,
) -> Result<JournalReader, CliError> {
    match store {
        Store::File => Ok(JournalReader::File(context.changes().journal)),
        Store::Team => {
            let settings = team(context)?;
            context.note_region();
            let spinner = Spinner::start("connecting");
            let connector = context.connector(context.region(), None);
            let session = unless_interrupted(interruption, connector.connect().boxed_local()).await??;
            drop(spinner);
            let session = session.with_cancellation(interruption.clone());
            Ok(JournalReader::Team(TeamJournal::open(&session, settings)))
        }
    }
}

fn team(context: &Context) -> Result<&TeamSettings, CliError> {
    context.settings.team.as_ref().ok_or_else(|| {
        CliError::new(Ending::Usage, "--store team: no team's table is configured").hint(
            "name one as `table` in the section `[team]` of the configuration, or in CELLGATE_TEAM_TABLE",
        )
    })
}
