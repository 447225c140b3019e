//! What follows a move: waiting until the router's cache is outdated, and a look at the cells' signals from then on.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::gate::{self, Answer};
use super::plan::{MoveGrounds, gauged};
use crate::aws::{Mode, Session};
use crate::domain::change::Refusal;
use crate::domain::id::CellId;
use crate::domain::moves::{Gate, GaugedApi, MoveHeader};
use crate::ops::clock::Clock;

/// The shortest and the longest pause between two looks at the region's clock.
const SHORTEST_PAUSE: f64 = 0.1;
const LONGEST_PAUSE: f64 = 15.0;

/// Until when the router may answer from its cache with the cell that a customer has left.
pub fn outdated_at<M: Mode>(session: &Session<M>, header: &MoveHeader, clock: &Clock) -> Timestamp {
    let now = session.now(clock.now());
    now.saturating_add(SignedDuration::from_secs(i64::from(header.router_cache_seconds))).unwrap_or(now)
}

/// Waits until the region's clock says `until`. False where it was interrupted.
pub async fn wait_until<M: Mode>(
    session: &Session<M>,
    until: Timestamp,
    clock: &Clock,
    interruption: &CancellationToken,
) -> bool {
    // The region's clock may go faster than the machine's: how fast is learnt on the way.
    let mut pace = 1.0_f64;
    loop {
        let (begun, now) = (Instant::now(), session.now(clock.now()));
        let left = until.duration_since(now).as_secs_f64();
        if left <= 0.0 {
            return true;
        }
        // As long as the pace is not known, a short look is enough.
        let first = if (pace - 1.0).abs() < f64::EPSILON { 1.0 } else { LONGEST_PAUSE };
        let pause = (left / pace).clamp(SHORTEST_PAUSE, first);
        tokio::select! {
            () = interruption.cancelled() => return false,
            () = tokio::time::sleep(Duration::from_secs_f64(pause)) => {}
        }
        // Any answer tells the region's time; one that doesn't come leaves the time to the machine's clock.
        if let Err(failure) = session.verify_identity().await {
            tracing::debug!(%failure, "the region's time could not be read");
        }
        let passed = session.now(clock.now()).duration_since(now).as_secs_f64();
        pace = (passed / begun.elapsed().as_secs_f64().max(0.001)).max(0.1);
    }
}

/// What is to hold of the cells of a move for so many minutes after it: the condition of its gate, or the
/// configured one where it had none.
///
/// # Errors
/// Where the configured condition isn't one.
pub fn watch_of(header: &MoveHeader, minutes: u32, grounds: &MoveGrounds<'_>) -> Result<Gate, Refusal> {
    let condition = header.gate.as_ref().map_or(&grounds.moves.gate, |gate| &gate.condition).clone();
    let cells = header.cells().into_iter();
    let apis: BTreeMap<CellId, Vec<GaugedApi>> =
        cells.filter_map(|cell| Some((cell.clone(), gauged(&cell, grounds)?))).collect();
    let gate = Gate { condition, minutes, apis };
    gate::judge(&gate)?;
    Ok(gate)
}

/// Watches every cell of a move that is done: from now on where the router's cache is empty, else from when what it
/// keeps is outdated.
pub async fn watch<M: Mode>(
    session: &Session<M>,
    header: &MoveHeader,
    gate: &Gate,
    cache_is_empty: bool,
    clock: &Clock,
    (interruption, say): (&CancellationToken, &(dyn Fn(String) + Send + Sync)),
) -> Answer {
    let mut header = header.clone();
    header.gate = Some(gate.clone());
    if cache_is_empty {
        header.router_cache_seconds = 0;
    }
    gate::pass(session, &header, gate, clock, interruption, say).await
}
