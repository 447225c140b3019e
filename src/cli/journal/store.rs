//! Which of the two journals a command reads, and the way there.

use std::collections::BTreeSet;

use clap::ValueEnum;
use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::StoreArguments;
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::interrupt::{self, unless_interrupted};
use crate::cli::reading::Reading;
use crate::cli::resolve::resolve;
use crate::cli::side_by_side;
use crate::cli::status::Spinner;
use crate::config::RegionSettings;
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

/// The way to one journal; of several regions, to that of the one with the team's table.
///
/// # Errors
/// As [`StoreArguments::open`]; also where several regions have such a table, or one that can't be read may.
pub async fn open(
    store: Store,
    context: &Context,
    interruption: &CancellationToken,
) -> Result<JournalReader, CliError> {
    match store {
        Store::File => Ok(JournalReader::File(context.changes().journal)),
        Store::Team if context.settings.regions.len() > 1 => {
            let settings = team(context)?;
            let look = async |reading: &mut Reading<'_>| {
                // One item, and the region that has it answers.
                Ok(TeamJournal::open(&reading.session, settings).last_records(1).await.map(drop)?)
            };
            let what = format!("the team's table {}", settings.table);
            let resolved = resolve(context, &what, interruption, look).boxed_local().await?;
            Ok(JournalReader::Team(TeamJournal::open(&resolved.reading.session, settings)))
        }
        Store::Team => {
            let settings = team(context)?;
            let spinner = Spinner::start("connecting");
            let connector = context.connector(context.region(), None);
            let session = unless_interrupted(interruption, connector.connect().boxed_local()).await??;
            drop(spinner);
            let session = session.with_cancellation(interruption.clone());
            Ok(JournalReader::Team(TeamJournal::open(&session, settings)))
        }
    }
}

/// What was read in one journal.
#[derive(Debug)]
pub struct Gathered<'context, T> {
    /// Of the team's table, where several are configured.
    pub region: Option<&'context RegionSettings>,
    pub read: Result<T, CliError>,
}

/// Reads the same in the journal that is meant; for a team with several regions, in the table of each. A region
/// without one is passed over, unless all are.
///
/// # Errors
/// No team table is configured, or ctrl-c comes first.
pub async fn gather<'context, T>(
    store: Store,
    context: &'context Context,
    read: impl AsyncFn(&JournalReader) -> Result<T, CliError>,
) -> Result<Vec<Gathered<'context, T>>, CliError> {
    let interruption = interrupt::watch();
    if store == Store::File || context.settings.regions.len() < 2 {
        let read = match open(store, context, &interruption).await {
            Ok(journal) => read(&journal).await,
            Err(error) => Err(error),
        };
        return Ok(vec![Gathered { region: None, read }]);
    }
    let settings = team(context)?;
    let question = async |reading: &mut Reading<'_>| {
        read(&JournalReader::Team(TeamJournal::open(&reading.session, settings))).await
    };
    let mut answers = side_by_side::ask(context, &interruption, question).boxed_local().await?;
    // Two entries of one account and region have one table.
    let mut known = BTreeSet::new();
    answers.retain(|answer| {
        let key = answer.key().map(|(key, endpoint)| (key.clone(), endpoint.map(str::to_owned)));
        answer.said.is_err() || key.is_none_or(|key| known.insert(key))
    });
    let is_absent = |read: &Result<T, CliError>| {
        read.as_ref().err().is_some_and(|error| error.ending == Ending::NotFound)
    };
    let all_absent = answers.iter().all(|answer| is_absent(&answer.said));
    let gathered =
        answers.into_iter().map(|answer| Gathered { region: Some(answer.region), read: answer.said });
    Ok(gathered.filter(|one| all_absent || !is_absent(&one.read)).collect())
}

fn team(context: &Context) -> Result<&TeamSettings, CliError> {
    context.settings.team.as_ref().ok_or_else(|| {
        CliError::new(Ending::Usage, "--store team: no team's table is configured").hint(
            "name one as `table` in the section `[team]` of the configuration, or in CELLGATE_TEAM_TABLE",
        )
    })
}
