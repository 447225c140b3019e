//! A scan of the whole mapping table in parallel segments, which share one pace and one set of counters.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::try_join_all;
use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{CountError, CountStore, Progress};
use crate::aws::{Mode, Page, ScanPart, Session};
use crate::domain::count::{Count, Method, Pace, Scan, ScanCost, Tally};
use crate::domain::mapping::MappingSettings;
use crate::ops::customers::items_for;

/// Read units a second that one segment manages with ease, even where a page takes its time: at four pages a second a
/// segment has no more than one under way.
const UNITS_OF_SEGMENT: f64 = 50.0;
const MOST_SEGMENTS: usize = 16;
/// Pages of a second, of all segments together, where the rate bears so many.
const PAGES_PER_SECOND: f64 = 4.0;
/// AWS: a page ends at 1 MB, half a read unit for each 4 KB.
const UNITS_OF_FULL_PAGE: f64 = 128.0;
/// Between two times at which it is written down how far it has come.
const KEPT_EVERY: Duration = Duration::from_secs(1);

/// How a table is scanned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScanOptions {
    /// Read units a second.
    pub rate: f64,
    /// Go on where the last one was called off, if one was.
    pub resume: bool,
    /// What the table says of itself.
    pub cost: ScanCost,
}

/// Counts every item of the table. Where it is called off or fails, the store has how far it came.
///
/// # Errors
/// Where the table or the store can't be read or written, or the scan is called off.
pub async fn by_scan<M: Mode>(
    session: &Session<M>,
    settings: &MappingSettings,
    store: &CountStore,
    options: ScanOptions,
    (cancellation, now): (&CancellationToken, &(dyn Fn() -> Timestamp + Sync)),
    tell: impl Fn(Progress) + Sync,
) -> Result<Count, CountError> {
    let before = if options.resume { store.unfinished()? } else { None };
    let scan = before
        .filter(|scan| scan.table == settings.table)
        .unwrap_or_else(|| Scan::new(&settings.table, segments(options.rate), now()));
    let work = Work {
        session,
        settings,
        store,
        options,
        cancellation,
        tell,
        start: Instant::now(),
        seconds_before: scan.seconds,
        state: Mutex::new(State {
            scan,
            pace: Pace::new(options.rate),
            here: 0.0,
            items: 0,
            kept: Instant::now(),
        }),
    };
    let count = work.state().scan.segments.len();
    let outcome = try_join_all((0..count).map(|segment| work.read(segment))).await;
    let scan = work.finish();
    match outcome {
        Ok(_) => {
            let Scan { table, tally, read_units, seconds, .. } = scan;
            let count = Count { table, method: Method::Scan, at: now(), tally, read_units, seconds };
            store.keep(&count)?;
            store.forget_unfinished();
            Ok(count)
        }
        Err(error) => {
            store.keep_unfinished(&scan)?;
            Err(error)
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small number, clamped to what is sensible"
)]
fn segments(rate: f64) -> usize {
    ((rate / UNITS_OF_SEGMENT).ceil() as usize).clamp(1, MOST_SEGMENTS)
}

/// What the segments share.
struct Work<'scan, M: Mode, Tell> {
    session: &'scan Session<M>,
    settings: &'scan MappingSettings,
    store: &'scan CountStore,
    options: ScanOptions,
    cancellation: &'scan CancellationToken,
    tell: Tell,
    start: Instant,
    /// Of the runs before this one.
    seconds_before: f64,
    state: Mutex<State>,
}

struct State {
    scan: Scan,
    pace: Pace,
    /// Read units and items of this run.
    here: f64,
    items: u64,
    kept: Instant,
}

impl<M: Mode, Tell: Fn(Progress) + Sync> Work<'_, M, Tell> {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads one segment to its end.
    async fn read(&self, segment: usize) -> Result<(), CountError> {
        loop {
            let (from, done) = {
                let state = self.state();
                let segment = state.scan.segments.get(segment);
                (segment.and_then(|segment| segment.next.clone()), segment.is_none_or(|segment| segment.done))
            };
            if done {
                return Ok(());
            }
            let Turn { limit, reserved } = self.turn().await;
            let page = self.session.scan_cells_page(self.settings, self.part(segment, limit), from.as_ref());
            let page = page.await?;
            let units = page.read_units.unwrap_or_else(|| self.estimate(page.read));
            self.state().pace.spend(-reserved);
            self.take(segment, page, units)?;
        }
    }

    /// Waits until there are read units, takes what a page is expected to cost, and says how many items that is.
    /// Called off, it waits no longer: the request that follows is not sent then.
    async fn turn(&self) -> Turn {
        let units = self.options.rate / PAGES_PER_SECOND;
        loop {
            let wait = {
                let mut state = self.state();
                let wait = state.pace.wait(self.start.elapsed());
                if wait == Duration::ZERO || self.cancellation.is_cancelled() {
                    // By what the table says of its items, until some have been read.
                    let of_item = match state.items {
                        0 => self.options.cost.units_of_item(),
                        items => state.here / as_figure(items),
                    };
                    let limit = items_for(units, of_item * 1e3, 1_000);
                    let reserved = (of_item * f64::from(limit)).min(UNITS_OF_FULL_PAGE);
                    state.pace.spend(reserved);
                    return Turn { limit, reserved };
                }
                wait
            };
            tokio::select! {
                () = self.cancellation.cancelled() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    fn part(&self, segment: usize, limit: i32) -> ScanPart {
        let number = |of: usize| i32::try_from(of).unwrap_or(i32::MAX);
        ScanPart { segment: number(segment), of: number(self.state().scan.segments.len()), limit }
    }

    fn estimate(&self, items: u64) -> f64 {
        self.options.cost.units_of_item() * as_figure(items)
    }

    fn take(&self, segment: usize, page: Page<Tally>, units: f64) -> Result<(), CountError> {
        let mut state = self.state();
        state.scan.take(segment, &page.items, page.next, units);
        state.pace.spend(units);
        state.here += units;
        state.items += page.read;
        let elapsed = self.start.elapsed().as_secs_f64();
        state.scan.seconds = self.seconds_before + elapsed;
        let progress = Progress {
            counted: state.scan.tally.total(),
            read_units: state.scan.read_units,
            pace: state.here / elapsed.max(1e-3),
        };
        if state.kept.elapsed() >= KEPT_EVERY {
            state.kept = Instant::now();
            self.store.keep_unfinished(&state.scan)?;
        }
        drop(state);
        (self.tell)(progress);
        Ok(())
    }

    fn finish(self) -> Scan {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).scan
    }
}

/// What a page may read, and what was set aside for it.
struct Turn {
    limit: i32,
    reserved: f64,
}

#[expect(clippy::cast_precision_loss, reason = "items of a scan need no more than 52 bits")]
fn as_figure(items: u64) -> f64 {
    items as f64
}
