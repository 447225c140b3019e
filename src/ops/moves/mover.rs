//! Carrying a move out, range by range: announced, written, recorded; paused, aborted or ended in between.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::between_waves::{Glances, Halt};
use super::control::{self, Control};
use super::one::{Settled, Writer};
use super::pace::Pace;
use super::{Ended, Progress, plan};
use crate::aws::{Operate, Session};
use crate::domain::change::Outcome;
use crate::domain::failure::Failure;
use crate::domain::identity::Identity;
use crate::domain::journal::{Draft, Entry};
use crate::domain::moves::outcome::Exception;
use crate::domain::moves::run::Run;
use crate::domain::moves::settled;
use crate::ops::change::{ChangeError, ChangeStore, fault_point};
use crate::ops::clock::Clock;
use crate::ops::recorder::Recorder;
use crate::ops::target_lock::TargetLock;
use futures_util::stream::{self, StreamExt as _};

/// A move under way in this process, which holds its cells.
pub struct Mover<'run> {
    pub session: &'run Session<Operate>,
    pub store: &'run ChangeStore,
    pub clock: &'run Clock,
    pub identity: Identity,
    pub locks: Vec<TargetLock>,
    pub run: Run,
    /// The wave before which this process has run the command, where one is needed.
    pub prepared: Option<u32>,
    pub control: &'run Control,
    pub progress: &'run (dyn Fn(Progress) + Send + Sync),
}

const STOPPED_ON_CONFLICT: &str = "a customer was changed meanwhile, and it was to stop at that";

impl Mover<'_> {
    /// Goes on from where the run stands until it ends or is paused.
    ///
    /// # Errors
    /// Where the journal can't be written: nothing is sent that isn't announced.
    pub async fn go(&mut self) -> Result<Ended, ChangeError> {
        let pace = Pace::new(self.run.header.waves.rate);
        if let Some(why) = self.before_doubt().await? {
            return self.pause(why).await;
        }
        if let Some(why) = self.settle_doubt(&pace, true).await? {
            return self.pause(why).await;
        }
        if let Some(why) = self.after_waves().await? {
            return self.pause(why).await;
        }
        if let Some(halt) = self.gate_of_before().await {
            return self.halt(halt).await;
        }
        let waves = self.run.header.waves.all(self.run.header.customers).len();
        let waves = u32::try_from(waves).unwrap_or(u32::MAX);
        let begun = Instant::now();
        let mut moved = 0;
        let mut told = None;
        let mut glances = Glances::from(self.session.now(self.clock.now()));
        let mut number = 0;
        while let Some((range, wave)) = self.run.next_range() {
            if let Some(wished) = self.control.look(self.session, self.store, &self.run.id).await {
                return self.halt(wished.into()).await;
            }
            if told != Some(wave.number) {
                told = Some(wave.number);
                let customers = wave.end - wave.start;
                (self.progress)(Progress::Wave { number: wave.number, waves, customers });
            }
            if let Some(why) = self.before_wave(wave).await? {
                return self.pause(why).await;
            }
            if let Some(lost) = self.locks.iter().find_map(|lock| lock.check().err()) {
                return self.pause(lost.to_string()).await;
            }
            number += 1;
            if let Some(why) = self.announce(&range, number).await? {
                return self.pause(why).await;
            }
            let (exceptions, failure) = self.write(&range, &pace, (false, true), number).await;
            if let Some(failure) = failure {
                return self.pause(failure.to_string()).await;
            }
            moved += range.end() - range.start() + 1;
            let conflict = exceptions.iter().any(|(_, exception)| exception.is_conflict());
            self.done(range.clone(), exceptions, number).await?;
            pace.recover();
            let per_second = f64::from(moved) / begun.elapsed().as_secs_f64().max(0.001);
            let (tally, customers) = (self.run.tally(), self.run.header.customers);
            (self.progress)(Progress::Counted { tally, customers, per_second });
            if conflict && self.run.header.stop_on_conflict {
                return self.pause(STOPPED_ON_CONFLICT.to_owned()).await;
            }
            if range.end() + 1 == wave.end
                && let Some(why) = self.after_waves().await?
            {
                return self.pause(why).await;
            }
            if let Some(halt) = self.between(&range, wave, &mut glances).await {
                return self.halt(halt).await;
            }
        }
        self.end(None).await
    }

    /// Looks at customers whom an earlier process left in doubt; `send` those who are still as before. Says why where
    /// that can't be done now.
    pub async fn settle_doubt(&mut self, pace: &Pace, send: bool) -> Result<Option<String>, ChangeError> {
        for range in self.run.in_doubt() {
            let customers = range.end() - range.start() + 1;
            (self.progress)(Progress::Settling { customers });
            let (exceptions, failure) = self.write(&range, pace, (true, send), 0).await;
            if let Some(failure) = failure {
                return Ok(Some(failure.to_string()));
            }
            let conflict = exceptions.iter().any(|(_, exception)| exception.is_conflict());
            self.done(range, exceptions, 0).await?;
            if send && conflict && self.run.header.stop_on_conflict {
                return Ok(Some(STOPPED_ON_CONFLICT.to_owned()));
            }
        }
        Ok(None)
    }

    /// Records which customers come next. In a fenced table their versions are read before. Says why where that
    /// can't be done.
    async fn announce(
        &mut self,
        range: &RangeInclusive<u32>,
        number: usize,
    ) -> Result<Option<String>, ChangeError> {
        let mut versions = Vec::new();
        if self.run.header.table.fence.version.is_some() {
            let customers: Vec<&str> =
                range.clone().filter_map(|place| Some(self.run.passenger(place)?.customer)).collect();
            match plan::read_all(self.session, &self.run.header.table, &customers).await {
                Ok(found) => versions = found.into_iter().map(|found| found?.version).collect(),
                Err(failure) => return Ok(Some(failure.to_string())),
            }
        }
        fault_point::pass("before-range", number);
        let (first, last) = (*range.start(), *range.end());
        self.append(Entry::MoveRange { first, last, versions: versions.clone() }).await?;
        fault_point::pass("after-range", number);
        self.run.announce(range.clone(), &versions);
        Ok(None)
    }

    /// Writes the customers of a range, several at a time. The exceptions, and the first failure that leaves somebody
    /// in doubt.
    async fn write(
        &self,
        range: &RangeInclusive<u32>,
        pace: &Pace,
        (in_doubt, send): (bool, bool),
        number: usize,
    ) -> (Vec<(u32, Exception)>, Option<Failure>) {
        let writer = Writer {
            session: self.session,
            run: &self.run,
            by: &self.identity.arn,
            at: self.session.now(self.clock.now()).to_string(),
            pace,
            progress: self.progress,
            send,
        };
        let middle = range.start() + (range.end() - range.start()) / 2;
        let at_once = usize::try_from(self.run.header.at_once.max(1)).unwrap_or(1);
        let mut exceptions = Vec::new();
        let mut first_failure = None;
        // Once somebody can't be settled nobody else is begun; those under way come to their end.
        let stopped = AtomicBool::new(false);
        let mut settled = stream::iter(range.clone())
            .map(|place| {
                let (writer, stopped) = (&writer, &stopped);
                async move {
                    if stopped.load(Ordering::Relaxed) {
                        return None;
                    }
                    Some((place, writer.settle(place, in_doubt).await))
                }
            })
            .buffer_unordered(at_once);
        while let Some(settled) = settled.next().await {
            let Some((place, outcome)) = settled else { continue };
            match outcome {
                Settled::Moved => {}
                Settled::Not(exception) => exceptions.push((place, exception)),
                Settled::Unsettled(failure) => {
                    first_failure.get_or_insert(failure);
                    stopped.store(true, Ordering::Relaxed);
                }
            }
            if place == middle && !in_doubt {
                fault_point::pass("between-writes", number);
            }
        }
        exceptions.sort_by_key(|(place, _)| *place);
        (exceptions, first_failure)
    }

    async fn done(
        &mut self,
        range: RangeInclusive<u32>,
        exceptions: Vec<(u32, Exception)>,
        number: usize,
    ) -> Result<(), ChangeError> {
        for (range, exceptions) in settled::pieces(range, exceptions) {
            fault_point::pass("before-done", number);
            let (first, last) = (*range.start(), *range.end());
            self.append(Entry::MoveDone { first, last, exceptions: exceptions.clone() }).await?;
            fault_point::pass("after-done", number);
            self.run.settle(range, exceptions);
        }
        Ok(())
    }

    /// Pauses or ends it, as somebody or something wants.
    async fn halt(&mut self, halt: Halt) -> Result<Ended, ChangeError> {
        match halt {
            Halt::Pause(why) => self.pause(why).await,
            Halt::Abort(who) => {
                let left = self.left_without_hook();
                self.end(Some(&format!("an abort was {who}{left}"))).await
            }
        }
    }

    async fn pause(&mut self, why: String) -> Result<Ended, ChangeError> {
        fault_point::pass("before-pause", 1);
        self.append(Entry::MovePause { why: why.clone() }).await?;
        self.run.paused = Some(why.clone());
        control::clear(self.session, self.store, &self.run.id).await;
        Ok(Ended::Paused { why })
    }

    /// Records the end, for good.
    pub async fn end(&mut self, why: Option<&str>) -> Result<Ended, ChangeError> {
        let tally = self.run.tally();
        let outcome: Outcome = tally.outcome(why);
        fault_point::pass("before-end", 1);
        self.append(Entry::MoveEnd { outcome: outcome.clone(), tally }).await?;
        fault_point::pass("after-end", 1);
        self.run.end = Some(outcome.clone());
        control::clear(self.session, self.store, &self.run.id).await;
        Ok(Ended::Ended(outcome))
    }

    pub async fn append(&self, entry: Entry) -> Result<(), ChangeError> {
        let recorder = Recorder::new(&self.store.journal, self.session, self.store.team.as_ref());
        let draft = Draft {
            change: self.run.id.clone(),
            operator: self.identity.clone(),
            entry,
            at: self.clock.now(),
            fence: self.locks.first().and_then(TargetLock::fence),
        };
        Ok(recorder.append(draft).await?)
    }

    /// Gives the cells back.
    pub async fn release(self) -> Run {
        for lock in self.locks {
            lock.release().await;
        }
        self.run
    }
}
