//! The task that hands out tokens: it owns the queue and the buckets, so that
//! order and priority hold without a lock.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};

use super::clock::Clock;
use super::settlement::{Demand, Grant, Settlement, Turn, settle};
use super::store::Store;
use super::{Budget, Priority, Waiting};
use crate::aws::operations::Operation;
use crate::aws::operations::quotas::{self, API_GATEWAY};
use crate::domain::token_bucket::Nanoseconds;

/// The stretch of time that `Budget::used` is the mean of.
const USED_OVER: Duration = Duration::from_secs(10);
/// How often the budget is shown anew while it changes by itself.
const TICK: Duration = Duration::from_secs(1);

/// What callers tell the dispatcher.
#[derive(Debug)]
pub enum Message {
    Acquire(Request),
    /// Someone wants to know how long it would take.
    Ask(Question),
    Penalise(&'static Operation),
    /// Someone stopped waiting, or a counter changed.
    Wake,
}

/// Someone who waits for a token of each of an operation's buckets.
#[derive(Debug)]
pub struct Request {
    pub operation: &'static Operation,
    pub priority: Priority,
    pub grant: oneshot::Sender<()>,
}

/// Someone who asks how long an operation would wait, and takes no token.
#[derive(Debug)]
pub struct Question {
    pub operation: &'static Operation,
    pub answer: oneshot::Sender<Duration>,
}

/// Owner of the queue.
pub struct Dispatcher<C> {
    share: f64,
    clock: C,
    store: Store,
    /// Most urgent first, in order of arrival within a priority.
    queue: Vec<Request>,
    questions: Vec<Question>,
    returned: Vec<Grant>,
    penalised: Vec<&'static Operation>,
    /// When control-plane requests were sent, of late.
    recent: VecDeque<Nanoseconds>,
    sent: BTreeMap<&'static str, u64>,
    metrics_requested: Arc<AtomicU64>,
    budget: watch::Sender<Budget>,
}

impl<C: Clock> Dispatcher<C> {
    pub fn new(
        share: f64,
        store: Store,
        clock: C,
        metrics_requested: Arc<AtomicU64>,
    ) -> (Self, watch::Receiver<Budget>) {
        let pool = API_GATEWAY.bucket(share);
        let (budget, receiver) = watch::channel(Budget {
            pace: pool.pace(),
            left: pool.burst(),
            burst: pool.burst(),
            shared: store.is_shared(),
            ..Budget::default()
        });
        let dispatcher = Self {
            share,
            clock,
            store,
            queue: Vec::new(),
            questions: Vec::new(),
            returned: Vec::new(),
            penalised: Vec::new(),
            recent: VecDeque::new(),
            sent: BTreeMap::new(),
            metrics_requested,
            budget,
        };
        (dispatcher, receiver)
    }

    /// Runs until the last [`Limits`](super::Limits) is dropped.
    pub(super) async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Message>) {
        let mut look_again = None;
        loop {
            let message = match look_again {
                Some(delay) => tokio::select! {
                    message = inbox.recv() => Some(message),
                    () = self.clock.sleep(delay) => None,
                },
                None => Some(inbox.recv().await),
            };
            match message {
                Some(Some(message)) => self.take_in(message),
                Some(None) => return,
                None => {}
            }
            // All that has come by now is ordered before anyone is let through.
            while let Ok(message) = inbox.try_recv() {
                self.take_in(message);
            }
            look_again = self.serve().await;
        }
    }

    fn take_in(&mut self, message: Message) {
        match message {
            Message::Acquire(request) => {
                let place = self.queue.partition_point(|before| before.priority >= request.priority);
                self.queue.insert(place, request);
            }
            Message::Ask(question) => self.questions.push(question),
            Message::Penalise(operation) => self.penalised.push(operation),
            Message::Wake => {}
        }
    }

    /// Lets through whoever may go, shows the budget, and says when to look
    /// again.
    async fn serve(&mut self) -> Option<Duration> {
        self.queue.retain(|request| !request.grant.is_closed());
        let settlement = self.settle().await;
        for (question, wait) in self.questions.drain(..).zip(&settlement.answers) {
            // Who has gone needs no answer.
            let _ = question.answer.send(*wait);
        }
        let mut waiting = Vec::new();
        let mut kept = Vec::new();
        for (request, turn) in self.queue.drain(..).zip(&settlement.turns) {
            match turn {
                Turn::Now => {
                    let grant = Grant { operation: request.operation, at: settlement.at };
                    if request.grant.send(()).is_ok() {
                        *self.sent.entry(grant.operation.name).or_default() += 1;
                        if quotas::pool(grant.operation.service) == &API_GATEWAY {
                            self.recent.push_back(settlement.at);
                        }
                    } else {
                        self.returned.push(grant);
                    }
                }
                Turn::In(eta) => {
                    waiting.push(Waiting {
                        operation: request.operation.name,
                        priority: request.priority,
                        eta: *eta,
                    });
                    kept.push(request);
                }
            }
        }
        self.queue = kept;
        self.show(&settlement, waiting);
        self.look_again(&settlement)
    }

    /// One step on the buckets. The shared file is touched off the async
    /// threads: a slow disk must not hold up a key press.
    async fn settle(&mut self) -> Settlement {
        let demand = Demand {
            waiting: self.queue.iter().map(|request| request.operation).collect(),
            asked: self.questions.iter().map(|question| question.operation).collect(),
            returned: std::mem::take(&mut self.returned),
            penalised: std::mem::take(&mut self.penalised),
        };
        let (share, clock) = (self.share, self.clock.clone());
        if !self.store.is_shared() {
            let now = clock.now();
            return self.store.transact(|entries| settle(entries, &demand, share, now));
        }
        let mut store = std::mem::replace(&mut self.store, Store::in_memory());
        let step = tokio::task::spawn_blocking(move || {
            let settlement = store.transact(|entries| settle(entries, &demand, share, clock.now()));
            (store, settlement)
        });
        match step.await {
            Ok((store, settlement)) => {
                self.store = store;
                settlement
            }
            // The runtime is shutting down: nobody will wait for the answer.
            Err(_) => self.store.transact(|entries| settle(entries, &Demand::default(), share, 0)),
        }
    }

    fn show(&mut self, settlement: &Settlement, waiting: Vec<Waiting>) {
        let since = settlement.at.saturating_sub(u64::try_from(USED_OVER.as_nanos()).unwrap_or(u64::MAX));
        while self.recent.front().is_some_and(|sent| *sent <= since) {
            self.recent.pop_front();
        }
        let used = u32::try_from(self.recent.len()).unwrap_or(u32::MAX);
        let budget = Budget {
            pace: settlement.pace,
            used: f64::from(used) / USED_OVER.as_secs_f64(),
            left: settlement.left,
            burst: API_GATEWAY.bucket(self.share).burst(),
            waiting,
            penalty_until: settlement
                .penalty_until
                .and_then(|until| Timestamp::from_nanosecond(i128::from(until)).ok()),
            sent: self.sent.clone(),
            metrics_requested: self.metrics_requested.load(Ordering::Relaxed),
            shared: self.store.is_shared(),
        };
        self.budget.send_if_modified(|shown| {
            let changed = *shown != budget;
            *shown = budget;
            changed
        });
    }

    fn look_again(&self, settlement: &Settlement) -> Option<Duration> {
        if !self.returned.is_empty() {
            return Some(Duration::ZERO);
        }
        let budget = self.budget.borrow();
        let at_rest = self.recent.is_empty() && budget.left == budget.burst && budget.penalty_until.is_none();
        match settlement.next {
            Some(next) => Some(next.min(TICK)),
            None if at_rest => None,
            None => Some(TICK),
        }
    }
}
