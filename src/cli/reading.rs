//! Reads what a command needs through `ops`, and collects it into an estate.

use futures_util::stream::{self, StreamExt as _};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::exit::{CliError, Ending};
use super::interrupt::{self, unless_interrupted};
use super::status::{Spinner, warn};
use crate::aws::{Read, Session};
use crate::config::RegionSettings;
use crate::domain::api::Api;
use crate::domain::cell;
use crate::domain::estate::{ApiEntry, Estate, RegionEstate, RegionSlot};
use crate::domain::failure::Failure;
use crate::domain::fleet::Signals;
use crate::domain::inventory::{Connected, Generation, News, Update};
use crate::domain::target::resolve_api;
use crate::ops::inventory::{self, Family, InventorySettings, Place, Request};
use crate::ops::{fleet_reading, signals};

/// Requests under way at once; the limiter sets the pace.
const AT_ONCE: usize = 8;

/// A reading is of one region; [`super::side_by_side`] has several of them.
pub const SLOT: RegionSlot = RegionSlot(0);

/// A session with what has been read through it.
#[derive(Debug)]
pub struct Reading<'command> {
    context: &'command Context,
    pub session: Session<Read>,
    pub estate: Estate,
    pub interruption: CancellationToken,
    settings: InventorySettings,
}

impl<'command> Reading<'command> {
    /// Connects to the one region that a command works on.
    ///
    /// # Errors
    /// Where login fails, or ctrl-c comes first.
    pub async fn connect(context: &'command Context) -> Result<Self, CliError> {
        Self::connect_to(context, context.region(), interrupt::watch()).await
    }

    /// Connects to one of the regions.
    ///
    /// # Errors
    /// As [`Reading::connect`].
    pub async fn connect_to(
        context: &'command Context,
        region: &RegionSettings,
        interruption: CancellationToken,
    ) -> Result<Self, CliError> {
        let spinner = Spinner::start("connecting");
        let connector = context.connector(region, None);
        let session = unless_interrupted(&interruption, connector.connect()).await??;
        drop(spinner);
        let session = session.with_cancellation(interruption.clone());
        let settings = context.inventory();
        let mut estate = Estate::new(1);
        let connected = Connected { key: session.key().clone(), arn: session.identity().arn.clone() };
        let news = News::Connected(Ok(connected));
        estate.apply(Update { slot: SLOT, at: context.clock.now(), news });
        Ok(Self { context, session, estate, interruption, settings })
    }

    /// Connects to the region at this place of the configuration; cells that are configured for others are known to
    /// be theirs.
    ///
    /// # Errors
    /// As [`Reading::connect`].
    pub async fn connect_in(
        context: &'command Context,
        place: usize,
        interruption: CancellationToken,
    ) -> Result<Self, CliError> {
        let alone = context.in_region(place);
        let reading = Self::connect_to(context, alone.region(), interruption).await?;
        Ok(Self { settings: alone.inventory(), ..reading })
    }

    /// The same reading, where its region is the only one that a command works on from now on.
    #[must_use]
    pub fn within(self, context: &Context) -> Reading<'_> {
        let settings = context.inventory();
        let Self { session, estate, interruption, .. } = self;
        Reading { context, session, estate, interruption, settings }
    }

    /// Reads what is asked for into the estate. Failed calls are in the estate, too.
    ///
    /// # Errors
    /// Interrupted.
    pub async fn read(&mut self, what: &str, requests: Vec<Request>) -> Result<(), CliError> {
        let spinner = Spinner::start(format!("reading {what}"));
        let (sink, mut news) = mpsc::unbounded_channel();
        let place = Place { slot: SLOT, generation: Generation(1) };
        let (session, settings, clock) = (&self.session, &self.settings, &self.context.clock);
        let estate = &mut self.estate;
        let work = async move {
            stream::iter(requests)
                .for_each_concurrent(AT_ONCE, |request| {
                    inventory::read(session, request, place, settings, clock, &sink)
                })
                .await;
        };
        let collect = async {
            while let Some(update) = news.recv().await {
                estate.apply(update);
                spinner.say(format!("reading {what}: {} APIs", estate.apis().len()));
            }
        };
        unless_interrupted(&self.interruption, async { tokio::join!(work, collect) }).await?;
        Ok(())
    }

    /// Reads the figures of the estate's APIs, and of its cells where asked.
    ///
    /// # Errors
    /// Interrupted. That CloudWatch can't be read is the inner error.
    pub async fn signals(&self, of_cells: bool) -> Result<Result<Signals, Failure>, CliError> {
        let spinner = Spinner::start("reading metrics");
        let cells = if of_cells {
            cell::discover(&self.estate, &self.settings.cells)
        } else {
            std::collections::BTreeMap::new()
        };
        let read = signals::read_fleet(&self.session, &self.estate, SLOT, &cells, &self.context.clock);
        let outcome = unless_interrupted(&self.interruption, read).await;
        drop(spinner);
        outcome
    }

    /// Reads all that rows of the fleet show beside the inventory.
    ///
    /// # Errors
    /// Interrupted. That CloudWatch can't be read is the inner error.
    pub async fn fleet_signals(&self) -> Result<Result<Signals, Failure>, CliError> {
        let spinner = Spinner::start("reading metrics and alarms");
        let settings = &self.settings.cells;
        let cells = cell::discover(&self.estate, settings);
        let highest = self.context.highest();
        let read = fleet_reading::read(
            &self.session,
            (&self.estate, SLOT),
            (&cells, settings),
            &self.context.clock,
            &highest,
        );
        let outcome = unless_interrupted(&self.interruption, read).await;
        drop(spinner);
        outcome
    }

    /// The API of this name or id; the lists have to be read already.
    ///
    /// # Errors
    /// Unknown or ambiguous, or a name where a list could not be read to its end.
    pub fn api(&self, wanted: &str) -> Result<Api, CliError> {
        let (_, entry) = resolve_api(&self.estate, wanted)?;
        Ok(entry.api.clone())
    }

    pub fn entry(&self, api: &Api) -> Option<&ApiEntry> {
        self.estate.api(SLOT, &api.id)
    }

    /// Every API that was listed, by name.
    pub fn apis(&self) -> Vec<&ApiEntry> {
        self.estate.apis().into_iter().map(|(_, entry)| entry).collect()
    }

    /// Every API with the control plane that answers for it.
    pub fn families(&self) -> Vec<Family> {
        self.apis().into_iter().map(|entry| Family::of(&entry.api)).collect()
    }

    /// Every call that failed.
    pub fn failures(&self) -> Vec<Failure> {
        self.region().map(|region| region.failures().into_iter().cloned().collect()).unwrap_or_default()
    }

    pub fn region(&self) -> Option<&RegionEstate> {
        self.estate.region(SLOT)
    }
}

/// How a list ends: well, in part where some calls failed, not at all where nothing could be read.
///
/// # Errors
/// Where calls failed; each is named on stderr.
pub fn conclude(rows_read: usize, failures: Vec<Failure>) -> Result<(), CliError> {
    let mut failures = failures.into_iter();
    let error = match failures.next() {
        None => return Ok(()),
        Some(first) if rows_read == 0 => CliError::from(first),
        Some(first) => {
            warn(&first);
            CliError::told(Ending::Partly)
        }
    };
    for failure in failures {
        warn(&failure);
    }
    Err(error)
}
