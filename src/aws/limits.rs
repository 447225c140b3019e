//! Keeps cellgate within its part of AWS's request quotas.
//!
//! One bucket per quota, account and region. Every request waits here first:
//! changes ahead of refreshes, what is on screen ahead of what isn't, and in
//! order of arrival within each. Processes on one host share the buckets
//! through a file. A 429 from AWS empties the buckets of that operation and
//! halves their pace for a while.

mod budget;
mod clock;
mod dispatcher;
mod settlement;
mod store;

pub use budget::{Budget, Waiting};

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use self::clock::{Clock, WallClock};
use self::dispatcher::{Dispatcher, Message, Question, Request};
use self::store::Store;
use super::operations::Operation;
use crate::domain::identity::RegionKey;

/// How much of AWS's quotas to use, and where processes share it.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitSettings {
    /// The share of API Gateway's control-plane quotas to use, v1 and v2, the common pool and
    /// those of single operations: 0.01 to 1. Of the other services' quotas it is always half.
    pub control_plane_share: f64,
    /// The directory that holds the shared state, one file for each account and region, and
    /// nothing else; none keeps it in this process.
    pub state_dir: Option<PathBuf>,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self { control_plane_share: 0.5, state_dir: None }
    }
}

/// Whose request goes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// A refresh of what is not on screen.
    Hidden,
    /// A refresh of what is on screen, or a command's read.
    #[default]
    Visible,
    /// A change, and the reads that a change waits for.
    Change,
}

/// The wait was cancelled before the request could go. It used nothing up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cancelled while waiting for its turn")]
pub struct CancelledWhileWaiting;

/// The way to the buckets of one account and region; clones share them.
#[derive(Clone, Debug)]
pub struct Limits {
    messages: mpsc::UnboundedSender<Message>,
    budget: watch::Receiver<Budget>,
    metrics_requested: Arc<AtomicU64>,
}

impl Limits {
    /// Opens the buckets of one account and region, and starts the task that
    /// hands out their tokens; it ends with the last clone.
    pub fn new(settings: &LimitSettings, key: &RegionKey) -> Self {
        let store = Store::new(settings.state_dir.as_deref(), key);
        Self::start(settings.control_plane_share, store, WallClock)
    }

    fn start(share: f64, store: Store, clock: impl Clock) -> Self {
        let (messages, inbox) = mpsc::unbounded_channel();
        let metrics_requested = Arc::new(AtomicU64::new(0));
        let (dispatcher, budget) = Dispatcher::new(share, store, clock, Arc::clone(&metrics_requested));
        tokio::spawn(dispatcher.run(inbox));
        Self { messages, budget, metrics_requested }
    }

    /// Waits until the operation may be sent, and counts it as sent.
    pub async fn acquire(
        &self,
        operation: &'static Operation,
        priority: Priority,
        cancellation: &CancellationToken,
    ) -> Result<(), CancelledWhileWaiting> {
        if cancellation.is_cancelled() {
            return Err(CancelledWhileWaiting);
        }
        let (grant, granted) = oneshot::channel();
        let request = Request { operation, priority, grant };
        if self.messages.send(Message::Acquire(request)).is_err() {
            return Err(CancelledWhileWaiting);
        }
        // Declared before the receiver moves on, so that it is dropped after it: the
        // dispatcher then sees that nobody waits any more.
        let mut withdraw = Withdraw(Some(&self.messages));
        let outcome = tokio::select! {
            biased;
            () = cancellation.cancelled() => Err(CancelledWhileWaiting),
            outcome = granted => outcome.map_err(|_| CancelledWhileWaiting),
        };
        if outcome.is_ok() {
            withdraw.0 = None;
        }
        outcome
    }

    /// How long the operation would wait if it were wanted now, with nothing more urgent to come. Takes no token.
    /// None where nobody can tell.
    pub async fn turn(&self, operation: &'static Operation) -> Option<Duration> {
        let (answer, answered) = oneshot::channel();
        self.messages.send(Message::Ask(Question { operation, answer })).ok()?;
        answered.await.ok()
    }

    /// AWS answered 429: empties the operation's buckets and halves their pace
    /// for 60 seconds, for all processes that share them.
    pub fn penalise(&self, operation: &'static Operation) {
        // The dispatcher lives as long as any clone of `self`.
        let _ = self.messages.send(Message::Penalise(operation));
    }

    /// Counts metrics asked for, which AWS bills by the thousand.
    pub fn count_metrics(&self, metrics: usize) {
        self.metrics_requested.fetch_add(u64::try_from(metrics).unwrap_or(u64::MAX), Ordering::Relaxed);
        let _ = self.messages.send(Message::Wake);
    }

    /// What is used, left and waited for. Changes while requests come and go,
    /// and once a second until the buckets are full again.
    pub fn watch(&self) -> watch::Receiver<Budget> {
        self.budget.clone()
    }
}

/// Tells the dispatcher to look for waiters that have gone.
struct Withdraw<'a>(Option<&'a mpsc::UnboundedSender<Message>>);

impl Drop for Withdraw<'_> {
    fn drop(&mut self) {
        if let Some(messages) = self.0 {
            let _ = messages.send(Message::Wake);
        }
    }
}

#[cfg(test)]
mod tests;
