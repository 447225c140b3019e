//! A move as the journal tells it: which customers were announced, what became of them, and who is next.
//!
//! Records may come from this machine's file and from the team's table, each with some that the other lacks:
//! taking one in twice changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use jiff::Timestamp;

use super::MoveHeader;
use super::hook::HookKind;
use super::outcome::{Exception, Fate, Tally};
use super::roster::{Passenger, Roster, RosterPart};
use super::waves::Wave;
use crate::domain::change::Outcome;
use crate::domain::id::ChangeId;
use crate::domain::journal::{Entry, Record};

/// One move.
#[derive(Clone, Debug)]
pub struct Run {
    pub id: ChangeId,
    /// Who announced it: their ARN.
    pub operator: String,
    pub at: Timestamp,
    /// When the last of its records was written.
    pub last: Timestamp,
    pub header: MoveHeader,
    pub end: Option<Outcome>,
    /// Why it was paused, where that is the last that was heard of it.
    pub paused: Option<String>,
    parts: BTreeMap<u32, RosterPart>,
    roster: Roster,
    states: Vec<State>,
    /// Kept beside the states: a move of a million customers asks for it after each range.
    tally: Tally,
    /// Nobody before this place waits.
    waiting_from: usize,
    exceptions: BTreeMap<u32, Exception>,
    /// The version of items before their write, of customers in doubt in a fenced table.
    versions: BTreeMap<u32, u64>,
    /// The waves around which a command has succeeded.
    hooked: BTreeSet<(u32, HookKind)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Announced,
    Done,
}

/// Where a move stands, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its customers are not all in the journal: nothing was sent.
    Unannounced,
    /// It runs, or its process ended.
    Open,
    Paused,
    Ended,
}

/// Every move of these records, oldest first.
pub fn runs<'record>(records: impl IntoIterator<Item = &'record Record>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut orphans: Vec<&Record> = Vec::new();
    let mut places: BTreeMap<ChangeId, usize> = BTreeMap::new();
    for record in records {
        let change = &record.body.change;
        if let Some(run) = places.get(change).and_then(|place| runs.get_mut(*place)) {
            run.take_in(record);
        } else if let Some(run) = Run::announced(record) {
            places.insert(change.clone(), runs.len());
            runs.push(run);
        } else {
            orphans.push(record);
        }
    }
    // Of another store, whose records come first.
    for record in orphans {
        if let Some(run) = places.get(&record.body.change).and_then(|place| runs.get_mut(*place)) {
            run.take_in(record);
        }
    }
    for run in &mut runs {
        run.assemble();
    }
    runs
}

impl Run {
    /// A move that begins now.
    pub fn new(id: ChangeId, operator: String, at: Timestamp, header: MoveHeader, roster: Roster) -> Self {
        let states = vec![State::Waiting; usize::try_from(roster.len()).unwrap_or(0)];
        let tally = Tally { waiting: roster.len(), ..Tally::default() };
        Self {
            id,
            operator,
            at,
            last: at,
            header,
            end: None,
            paused: None,
            parts: BTreeMap::new(),
            roster,
            states,
            tally,
            waiting_from: 0,
            exceptions: BTreeMap::new(),
            versions: BTreeMap::new(),
            hooked: BTreeSet::new(),
        }
    }

    fn announced(record: &Record) -> Option<Self> {
        let body = &record.body;
        let Entry::MoveIntent { plan } = &body.entry else { return None };
        let header = MoveHeader::clone(plan);
        let mut run =
            Self::new(body.change.clone(), body.operator.arn.clone(), body.at, header, Roster::default());
        run.states = vec![State::Waiting; usize::try_from(run.header.customers).unwrap_or(0)];
        run.tally.waiting = run.header.customers;
        Some(run)
    }

    fn take_in(&mut self, record: &Record) {
        self.last = self.last.max(record.body.at);
        match &record.body.entry {
            Entry::MoveRoster { part } => {
                self.parts.insert(part.first, part.clone());
            }
            Entry::MoveRange { first, last, versions } => self.announce(*first..=*last, versions),
            Entry::MoveDone { first, last, exceptions } => self.settle(*first..=*last, exceptions.clone()),
            Entry::MoveHook { wave, which, .. } => self.hooked(*wave, *which),
            Entry::MovePause { why } => self.paused = Some(why.clone()),
            Entry::MoveEnd { outcome, .. } | Entry::Outcome { outcome, .. } => {
                self.end = Some(outcome.clone());
            }
            Entry::Intent { .. }
            | Entry::MoveIntent { .. }
            | Entry::Watching { .. }
            | Entry::Watched { .. } => {}
        }
    }

    fn assemble(&mut self) {
        let parts = std::mem::take(&mut self.parts);
        self.roster = Roster::from_parts(self.header.customers, parts.values()).unwrap_or_default();
    }

    /// These customers are written next.
    pub fn announce(&mut self, places: RangeInclusive<u32>, versions: &[Option<u64>]) {
        self.paused = None;
        for (number, place) in places.enumerate() {
            if let Some(state) = self.state_mut(place)
                && *state == State::Waiting
            {
                *state = State::Announced;
                self.tally.waiting -= 1;
                self.tally.in_doubt += 1;
                if let Some(version) = versions.get(number).copied().flatten() {
                    self.versions.insert(place, version);
                }
            }
        }
        self.pass_those_who_do_not_wait();
    }

    /// It is known what became of these customers.
    pub fn settle(
        &mut self,
        places: RangeInclusive<u32>,
        exceptions: impl IntoIterator<Item = (u32, Exception)>,
    ) {
        let mut exceptions: BTreeMap<u32, Exception> = exceptions.into_iter().collect();
        for place in places {
            if self.state(place).is_none() {
                continue;
            }
            let mut tally = self.tally;
            tally.remove(&self.fate(place));
            if let Some(state) = self.state_mut(place) {
                *state = State::Done;
            }
            self.versions.remove(&place);
            if let Some(exception) = exceptions.remove(&place) {
                self.exceptions.insert(place, exception);
            }
            tally.add(&self.fate(place));
            self.tally = tally;
        }
        self.pass_those_who_do_not_wait();
    }

    fn pass_those_who_do_not_wait(&mut self) {
        let waiting = self.states.iter().skip(self.waiting_from).position(|state| *state == State::Waiting);
        self.waiting_from = waiting.map_or(self.states.len(), |further| self.waiting_from + further);
    }

    /// A command has succeeded around this wave.
    pub fn hooked(&mut self, wave: u32, kind: HookKind) {
        self.hooked.insert((wave, kind));
    }

    pub fn is_hooked(&self, wave: u32, kind: HookKind) -> bool {
        self.hooked.contains(&(wave, kind))
    }

    /// Whether it is known of every customer of the wave what became of them.
    pub fn is_settled(&self, wave: Wave) -> bool {
        (wave.start..wave.end).all(|place| self.state(place) == Some(State::Done))
    }

    /// The customers of a wave whose turn has not come.
    pub fn waiting_in(&self, wave: Wave) -> Vec<u32> {
        (wave.start..wave.end).filter(|place| self.state(*place) == Some(State::Waiting)).collect()
    }

    /// The customers of a wave whom this move has moved.
    pub fn moved_in(&self, wave: Wave) -> Vec<u32> {
        (wave.start..wave.end).filter(|place| self.fate(*place).is_moved()).collect()
    }

    fn state_mut(&mut self, place: u32) -> Option<&mut State> {
        self.states.get_mut(usize::try_from(place).ok()?)
    }

    fn state(&self, place: u32) -> Option<State> {
        self.states.get(usize::try_from(place).ok()?).copied()
    }

    pub fn standing(&self) -> Standing {
        match (&self.end, &self.paused) {
            (Some(_), _) => Standing::Ended,
            _ if self.roster.len() < self.header.customers => Standing::Unannounced,
            (None, Some(_)) => Standing::Paused,
            (None, None) => Standing::Open,
        }
    }

    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    pub fn passenger(&self, place: u32) -> Option<Passenger<'_>> {
        self.roster.get(place)
    }

    /// The version of an item before its write, where it was noted.
    pub fn version(&self, place: u32) -> Option<u64> {
        self.versions.get(&place).copied()
    }

    /// The ranges that were announced and of which nothing more is known.
    pub fn in_doubt(&self) -> Vec<RangeInclusive<u32>> {
        let mut ranges: Vec<RangeInclusive<u32>> = Vec::new();
        for (place, state) in (0..).zip(&self.states) {
            if *state != State::Announced {
                continue;
            }
            match ranges.last_mut() {
                Some(range) if *range.end() + 1 == place => *range = *range.start()..=place,
                _ => ranges.push(place..=place),
            }
        }
        ranges
    }

    /// The next customers to announce: not more than the plan has at once, and all of one wave.
    pub fn next_range(&self) -> Option<(RangeInclusive<u32>, Wave)> {
        let first = u32::try_from(self.waiting_from).ok().filter(|first| *first < self.header.customers)?;
        let wave = self.header.waves.of(first, self.header.customers)?;
        let longest = first.saturating_add(self.header.range.max(1)).min(wave.end);
        let waiting = (first..longest).take_while(|place| self.state(*place) == Some(State::Waiting));
        let last = waiting.last()?;
        Some((first..=last, wave))
    }

    pub fn fate(&self, place: u32) -> Fate<'_> {
        match self.state(place) {
            Some(State::Announced) => Fate::InDoubt,
            Some(State::Done) => match (self.exceptions.get(&place), self.roster.get(place)) {
                (Some(exception), _) => Fate::Exception(exception),
                (None, Some(Passenger { from: None, .. })) => Fate::Created,
                (None, Some(Passenger { to: None, .. })) => Fate::Removed,
                (None, _) => Fate::Moved,
            },
            Some(State::Waiting) | None => Fate::Waiting,
        }
    }

    pub const fn tally(&self) -> Tally {
        self.tally
    }

    /// Those whom this move has moved.
    pub fn moved(&self) -> impl Iterator<Item = (u32, Passenger<'_>)> {
        self.roster.iter().filter(|(place, _)| self.fate(*place).is_moved())
    }

    /// Whether another move would meet writes of this one that are still in doubt.
    pub fn blocks(&self, other: &MoveHeader) -> bool {
        self.end.is_none()
            && self.header.table.name == other.table.name
            && self.header.region == other.region
            && self.states.contains(&State::Announced)
            && !self.header.cells().is_disjoint(&other.cells())
    }
}
