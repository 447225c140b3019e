//! Everything that can be read from log groups, in the order of time: the lines that the services wrote, made out
//! from the ledger, and the events that clients put.

use std::collections::{BTreeMap, HashSet};
use std::ops::{ControlFlow, Range};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::event::{Event, EventKey, LEAST_LAG_MILLIS};
use super::fault;
use super::groups::{self, Deletions};
use super::journal::Journal;
use super::pattern::Pattern;
use super::producer::Producer;
use super::stored::Stored;
use crate::clock::Clock;
use crate::estate::{Estate, LogGroup, SharedEstate};
use crate::ledger::Ledger;
use crate::server::fault::Fault;

/// How far back the region tells of requests.
const HISTORY: SignedDuration = SignedDuration::from_hours(15 * 24);
/// The stretch that is read at once, in milliseconds; longer where little happens.
const WINDOW_MILLIS: i64 = 60_000;
const LONGEST_WINDOW_MILLIS: i64 = 30 * 60_000;
/// Below so many events, the next window is twice as long.
const QUIET_EVENTS: usize = 500;

/// What is read from. Clones share it.
#[derive(Clone, Debug)]
pub struct Archive {
    pub estate: SharedEstate,
    pub ledger: Arc<Ledger>,
    pub clock: Clock,
    kept: Arc<Mutex<Kept>>,
}

/// What the service itself keeps.
#[derive(Debug, Default)]
pub struct Kept {
    pub journal: Journal,
    pub deletions: Deletions,
    pub stored: Stored,
}

/// A group that is about to be read.
#[derive(Debug)]
pub struct Source {
    pub group: LogGroup,
    producers: Vec<Producer>,
}

impl Source {
    /// The names of the streams that services write to, as far as they are always the same.
    pub fn stream_names(&self) -> impl Iterator<Item = &str> {
        self.producers.iter().flat_map(Producer::stream_names)
    }
}

/// Which events are wanted.
#[derive(Debug)]
pub struct Wish<'a> {
    /// Milliseconds since the epoch.
    pub range: Range<i64>,
    pub pattern: &'a Pattern,
    pub streams: &'a Streams,
    pub newest_first: bool,
}

/// Which streams are read.
#[derive(Clone, Debug, Default)]
pub enum Streams {
    #[default]
    All,
    Named(HashSet<String>),
    Prefixed(Vec<String>),
}

impl Streams {
    /// Whether this stream is read.
    pub fn include(&self, stream: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.contains(stream),
            Self::Prefixed(prefixes) => prefixes.iter().any(|prefix| stream.starts_with(prefix)),
        }
    }
}

/// What one window cost.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// The end of what has been read: the first millisecond that hasn't, in the direction of reading.
    pub reached: i64,
    /// Events that were looked at.
    pub scanned: usize,
    /// Their bytes.
    pub bytes: usize,
}

impl Archive {
    /// Over this account's estate and the region's traffic.
    pub fn new(estate: SharedEstate, ledger: Arc<Ledger>, clock: Clock) -> Self {
        let archive = Self { estate, ledger, clock, kept: Arc::default() };
        // The settings that hold now are what the past is told by.
        archive.look(|_, _| ());
        archive
    }

    /// Looks at the estate and at what the service keeps, after taking note of what has changed. The estate is
    /// always locked first: a thread that waits for it holds nothing that another needs.
    pub fn look<T>(&self, look: impl FnOnce(&Estate, &mut Kept) -> T) -> T {
        let estate = self.estate.read().unwrap_or_else(PoisonError::into_inner);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.journal.observe(&estate, self.clock.now());
        look(&estate, &mut kept)
    }

    /// Alters the estate and what the service keeps.
    pub fn alter<T>(&self, alter: impl FnOnce(&mut Estate, &mut Kept) -> T) -> T {
        let mut estate = self.estate.write().unwrap_or_else(PoisonError::into_inner);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.journal.observe(&estate, self.clock.now());
        alter(&mut estate, &mut kept)
    }

    /// The region's time in milliseconds since the epoch.
    pub fn now_millis(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    /// Every group, by name.
    pub fn groups(&self) -> BTreeMap<String, LogGroup> {
        self.look(|estate, kept| groups::all(estate, &kept.journal, &kept.deletions))
    }

    /// The group of this name.
    pub fn group(&self, name: &str) -> Result<LogGroup, Fault> {
        self.look(|estate, kept| groups::find(estate, &kept.journal, &kept.deletions, name))
            .ok_or_else(fault::no_such_group)
    }

    /// The group of this name, to be read.
    pub fn source(&self, name: &str) -> Result<Source, Fault> {
        self.look(|estate, kept| {
            let group = groups::find(estate, &kept.journal, &kept.deletions, name)?;
            Some(Source { producers: groups::producers(estate, &kept.journal, name), group })
        })
        .ok_or_else(fault::no_such_group)
    }

    /// Alters a group. One that a service made by itself becomes one that is kept.
    pub fn alter_group(&self, name: &str, alter: impl FnOnce(&mut LogGroup)) -> Result<(), Fault> {
        self.alter(|estate, kept| {
            let group = groups::find(estate, &kept.journal, &kept.deletions, name)?;
            if let Some(group) = estate.log_groups.iter_mut().find(|group| group.name == name) {
                alter(group);
            } else {
                let mut group = group;
                alter(&mut group);
                estate.log_groups.push(group);
            }
            Some(())
        })
        .ok_or_else(fault::no_such_group)
    }

    /// Shows the wanted events of a group in their order, window by window, until `visit` has seen enough; after
    /// each window `after` is told of it and may end the reading.
    pub fn read(
        &self,
        source: &Source,
        wish: &Wish<'_>,
        mut visit: impl FnMut(Event) -> ControlFlow<()>,
        mut after: impl FnMut(Window) -> ControlFlow<()>,
    ) {
        let now = self.now_millis();
        let floor = self.floor(&source.group);
        let start = wish.range.start.max(floor.as_millisecond());
        // Stored events may lie in the future, by up to two hours.
        let end = wish.range.end.min(now + 2 * 3_600_000 + 1);
        let (mut from, mut to) = (start, end);
        let mut length = WINDOW_MILLIS;
        while from < to {
            let window = if wish.newest_first {
                (to - 1).div_euclid(WINDOW_MILLIS) * WINDOW_MILLIS - (length - WINDOW_MILLIS)
            } else {
                from.div_euclid(WINDOW_MILLIS) * WINDOW_MILLIS + length
            };
            let range = if wish.newest_first { window.max(from)..to } else { from..window.min(to) };
            let (mut events, read) = self.window(source, wish, &range, now);
            events.sort_unstable_by_key(|event| event.key);
            if wish.newest_first {
                events.reverse();
            }
            for event in events {
                if visit(event).is_break() {
                    return;
                }
            }
            if wish.newest_first {
                to = range.start;
            } else {
                from = range.end;
            }
            let reached = if wish.newest_first { to } else { from };
            if after(Window { reached, ..read }).is_break() {
                return;
            }
            length = if read.scanned < QUIET_EVENTS {
                (length * 2).min(LONGEST_WINDOW_MILLIS)
            } else {
                WINDOW_MILLIS
            };
        }
    }

    /// The earliest time of which a group still tells.
    fn floor(&self, group: &LogGroup) -> Timestamp {
        let now = self.clock.now();
        let retention = group
            .retention_days
            .map_or(HISTORY, |days| SignedDuration::from_hours(24 * i64::from(days)).min(HISTORY));
        now - retention
    }

    fn window(&self, source: &Source, wish: &Wish<'_>, range: &Range<i64>, now: i64) -> (Vec<Event>, Window) {
        let mut events = Vec::new();
        let mut read = Window { reached: 0, scanned: 0, bytes: 0 };
        let mut take = |event: Event| {
            if event.ingested <= now && wish.streams.include(&event.stream) {
                read.scanned += 1;
                read.bytes += event.bytes();
                if wish.pattern.matches(&event.message) {
                    events.push(event);
                }
            }
            ControlFlow::Continue(())
        };
        // What a client puts may be older than its group; AWS takes up to 14 days.
        let created = source.group.created.as_millisecond();
        let readable = range.start.max(created)..range.end.min(now - LEAST_LAG_MILLIS + 1);
        for producer in &source.producers {
            producer.events(&self.ledger, &readable, wish.pattern, &mut take);
        }
        let stored: Vec<Event> = {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.stored.events(&source.group.name, range).cloned().collect()
        };
        for event in stored {
            // There is no more to come that could make this one break.
            let _ = take(event);
        }
        (events, read)
    }

    /// The event with this key, in a group.
    pub fn event(&self, source: &Source, key: EventKey) -> Option<Event> {
        let range = key.millis..key.millis.saturating_add(1);
        let wish =
            Wish { range, pattern: &Pattern::everything(), streams: &Streams::All, newest_first: false };
        let mut found = None;
        self.read(
            source,
            &wish,
            |event| {
                if event.key == key {
                    found = Some(event);
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            },
            |_| ControlFlow::Continue(()),
        );
        found
    }
}
