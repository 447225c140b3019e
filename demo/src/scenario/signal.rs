//! What the traffic does, read from the ledger.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::PoisonError;

use jiff::{SignedDuration, Timestamp};

use super::World;
use super::cast::{Cast, CastApi};
use super::condition::{Gauge, Scope, Signal};
use crate::ledger::{Caller, Group, Outcome, Slot, SourceId, StageName};

/// The time that a signal speaks of.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// What the ledger says of one scope in a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measurement {
    seconds: f64,
    requests: f64,
    served: f64,
    /// Neither served nor answered with 4xx by the backend.
    failed: f64,
    errors: f64,
    client_errors: f64,
    throttled: f64,
    over_quota: f64,
    blocked: f64,
    backend: f64,
    /// Milliseconds, summed over the requests that the backend answered.
    taken_ms: f64,
}

impl Measurement {
    fn add(&mut self, slot: &Slot, group: &Group, from_flood: bool) {
        let count = f64::from(group.count);
        let outcome = group.outcome;
        if outcome.reached_backend() {
            self.backend += count;
        }
        if from_flood {
            return;
        }
        self.requests += count;
        let part = |is: bool| if is { count } else { 0.0 };
        self.served += part(outcome.is_served());
        self.failed += part(!outcome.is_served() && outcome != Outcome::ClientError);
        self.errors += part(outcome.status() >= 500);
        self.client_errors += part(outcome == Outcome::ClientError);
        self.throttled += part(outcome.status() == 429);
        self.over_quota += part(outcome == Outcome::OverQuota);
        self.blocked += part(outcome == Outcome::WafBlocked);
        if outcome.reached_backend()
            && let Some(route) = slot.routes.get(usize::from(group.route))
        {
            let worked = route.median_ms * f64::from(slot.slowness) + f64::from(slot.wait_ms);
            self.taken_ms += count * worked.min(route.timeout_ms);
        }
    }

    fn value(&self, signal: Signal) -> f64 {
        let per_second = |requests: f64| requests / self.seconds.max(1.0);
        let share = |requests: f64| if self.requests > 0.0 { requests / self.requests } else { 0.0 };
        match signal {
            Signal::RequestRate => per_second(self.requests),
            Signal::ServedRate => per_second(self.served),
            Signal::BackendRate => per_second(self.backend),
            Signal::FailedShare => share(self.failed),
            Signal::ErrorShare => share(self.errors),
            Signal::ClientErrorShare => share(self.client_errors),
            Signal::ThrottledShare => share(self.throttled),
            Signal::OverQuotaShare => share(self.over_quota),
            Signal::BlockedShare => share(self.blocked),
            Signal::Latency if self.backend > 0.0 => self.taken_ms / self.backend,
            Signal::Latency | Signal::PipelineRate => 0.0,
        }
    }
}

/// What is known of all scopes at one time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    scopes: HashMap<Scope, Measurement>,
    /// Attempts a second.
    pub pipeline_rate: f64,
}

impl Reading {
    /// The value of a signal in a scope.
    pub fn value(&self, signal: Signal, scope: Scope) -> f64 {
        match signal {
            Signal::PipelineRate => self.pipeline_rate,
            _ => self.scopes.get(&scope).copied().unwrap_or_default().value(signal),
        }
    }
}

/// The readings of now and of the time before the onset.
#[derive(Debug)]
pub struct Readings<'a> {
    pub now: &'a Reading,
    pub before: &'a Reading,
}

impl Gauge for Readings<'_> {
    fn now(&self, signal: Signal, scope: Scope) -> f64 {
        self.now.value(signal, scope)
    }

    fn before(&self, signal: Signal, scope: Scope) -> f64 {
        self.before.value(signal, scope)
    }
}

/// Reads the scopes that a scenario's conditions speak of, over the window that ends at `now`.
pub fn read(world: &World, cast: &Cast, scopes: &[Scope], now: Timestamp) -> Reading {
    let window = now - WINDOW..now;
    let stages = stages(world);
    let mut people = People::default();
    let mut read = Reading::default();
    for scope in scopes {
        let mut measurement = Measurement { seconds: WINDOW.as_secs_f64(), ..Measurement::default() };
        let mut longest = 0.0_f64;
        for stage in stages.iter().filter(|stage| belongs(stage, *scope, cast)) {
            let mut covered = 0.0;
            visit(world, &stage.name, &window, |slot| {
                covered += f64::from(slot.seconds);
                for group in &slot.groups {
                    let person = people.who(world, group.source);
                    if person.is_meant(*scope, cast) {
                        measurement.add(slot, group, matches!(person, Person::Flood));
                    }
                }
            });
            longest = longest.max(covered);
        }
        if longest > 0.0 {
            measurement.seconds = longest;
        }
        read.scopes.insert(*scope, measurement);
    }
    read
}

/// The slots that reach into the window. A large region keeps whole minutes: one may begin before the window does.
pub fn visit(world: &World, stage: &StageName, window: &Range<Timestamp>, mut see: impl FnMut(&Slot)) {
    let wider = window.start - SignedDuration::from_secs(59)..window.end;
    world.ledger.slots(stage, &wider, |slot| {
        if slot.start + SignedDuration::from_secs(i64::from(slot.seconds)) > window.start {
            see(slot);
        }
    });
}

/// A stage and the cell that it serves.
#[derive(Debug)]
pub struct KnownStage {
    pub name: StageName,
    cell: Option<String>,
}

/// All stages of the region.
pub fn stages(world: &World) -> Vec<KnownStage> {
    let mut stages = Vec::new();
    for account in &world.accounts {
        let estate = account.estate.read().unwrap_or_else(PoisonError::into_inner);
        for api in &estate.apis {
            stages.extend(api.stages.iter().map(|stage| KnownStage {
                name: (api.id.clone(), stage.name.clone()),
                cell: api.cell.clone(),
            }));
        }
    }
    stages
}

fn belongs(stage: &KnownStage, scope: Scope, cast: &Cast) -> bool {
    let is = |api: &CastApi| stage.name.0 == api.id && stage.name.1 == "prod";
    match scope {
        Scope::Region => true,
        Scope::Cell | Scope::Neighbours => stage.cell.as_deref() == Some(cast.cell.as_str()),
        Scope::Api => is(&cast.api),
        Scope::Http => cast.http.as_ref().is_some_and(is),
        Scope::Router => cast.router.as_ref().is_some_and(is),
        Scope::Customer => stage.cell.is_some(),
        Scope::OtherCells => stage.cell.as_ref().is_some_and(|cell| *cell != cast.cell),
    }
}

/// Who is behind a source, as far as scopes ask.
#[derive(Clone, Debug)]
enum Person {
    Customer(String),
    Flood,
    Others,
}

impl Person {
    fn is_meant(&self, scope: Scope, cast: &Cast) -> bool {
        let is_customer = match self {
            Self::Customer(id) => cast.customer.as_ref().is_some_and(|customer| customer.id == *id),
            Self::Flood | Self::Others => false,
        };
        match scope {
            Scope::Customer => is_customer,
            Scope::Neighbours => !is_customer,
            _ => true,
        }
    }
}

/// Remembers who is behind a source: the ledger's table is behind a lock.
#[derive(Debug, Default)]
struct People {
    known: HashMap<SourceId, Person>,
}

impl People {
    fn who(&mut self, world: &World, source: SourceId) -> &Person {
        self.known.entry(source).or_insert_with(|| {
            match world.ledger.source(source).map(|source| source.caller.clone()) {
                Some(Caller::Customer(id)) => Person::Customer(id),
                Some(Caller::Flood(_)) => Person::Flood,
                Some(Caller::Crowd { .. } | Caller::Other(_)) | None => Person::Others,
            }
        })
    }
}
