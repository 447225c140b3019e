//! Between two waves, and now and then within one: the gate, a look at the router's table, and what somebody wants
//! meanwhile.

use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::control::Wish;
use super::mover::Mover;
use super::{Progress, gate};
use crate::domain::moves::waves::Wave;

/// Between two looks at the router's table while the last wave runs, in the region's time.
const TABLE_AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// CloudWatch publishes a minute one to three minutes after it has ended: each look takes in what was late for the
/// last ones.
const LATEST: SignedDuration = SignedDuration::from_mins(5);
/// Between two looks at what somebody wants while the move waits at a gate.
const WISHES_AGAIN: Duration = Duration::from_millis(500);

/// Why a move doesn't go on now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    Pause(String),
    /// By whom, in words.
    Abort(&'static str),
}

impl From<(Wish, &'static str)> for Halt {
    fn from((wish, who): (Wish, &'static str)) -> Self {
        match wish {
            Wish::Pause => Self::Pause(format!("a pause was {who}")),
            Wish::Abort => Self::Abort(who),
        }
    }
}

/// The looks at the router's table while a wave runs.
#[derive(Clone, Copy, Debug)]
pub struct Glances {
    /// What was throttled before is known to whoever began or resumed the move.
    from: Timestamp,
    last: Timestamp,
}

impl From<Timestamp> for Glances {
    fn from(from: Timestamp) -> Self {
        Self { from, last: from }
    }
}

impl Glances {
    /// Since when to look now; none where it isn't time.
    fn due(&mut self, now: Timestamp) -> Option<Timestamp> {
        if now.duration_since(self.last) < TABLE_AGAIN {
            return None;
        }
        self.last = now;
        Some(now.saturating_sub(LATEST).map_or(self.from, |late| late.max(self.from)))
    }
}

/// How the reason of a pause begins whose gate was seen shut.
fn shut_after(wave: u32) -> String {
    format!("the gate after wave {wave} stays shut")
}

impl Mover<'_> {
    /// The gate after a wave that isn't the last; within one, a look at the router's table now and then.
    pub(super) async fn between(
        &self,
        range: &RangeInclusive<u32>,
        wave: Wave,
        glances: &mut Glances,
    ) -> Option<Halt> {
        let header = &self.run.header;
        if range.end() + 1 == wave.end && wave.end < header.customers {
            return self.gate_after(wave.number).await;
        }
        header.gate.as_ref()?;
        let now = self.session.now(self.clock.now());
        let since = glances.due(now)?;
        let throttled = gate::throttled_reads(self.session, header, (since, now)).await;
        let throttled = throttled.unwrap_or_else(|failure| {
            tracing::warn!(%failure, "whether the router's table is throttled could not be read");
            None
        });
        throttled.map(Halt::Pause)
    }

    /// The gate before a wave that nobody has begun: an earlier process may not have lived to see it open. One that it
    /// saw shut is passed by whoever resumes the move nevertheless.
    pub(super) async fn gate_of_before(&self) -> Option<Halt> {
        let (range, wave) = self.run.next_range()?;
        if wave.number == 1 || *range.start() != wave.start {
            return None;
        }
        let before = wave.number - 1;
        if self.run.paused.as_ref().is_some_and(|why| why.starts_with(&shut_after(before))) {
            return None;
        }
        self.gate_after(before).await
    }

    /// Waits at the gate after this wave, unless somebody wants something else.
    async fn gate_after(&self, wave: u32) -> Option<Halt> {
        let header = &self.run.header;
        let gate = header.gate.as_ref()?;
        let say = |text| (self.progress)(Progress::Gate { text });
        let interruption = &self.control.interruption;
        let answer = tokio::select! {
            answer = gate::pass(self.session, header, gate, self.clock, interruption, &say) => answer,
            halt = self.wished() => return Some(halt),
        };
        match answer {
            gate::Answer::Open => None,
            gate::Answer::Shut(why) => Some(Halt::Pause(format!("{}: {why}", shut_after(wave)))),
            gate::Answer::BrokenOff => Some(Halt::Pause("interrupted at the gate".to_owned())),
        }
    }

    /// Comes back once somebody wants the move to stop.
    async fn wished(&self) -> Halt {
        loop {
            tokio::time::sleep(WISHES_AGAIN).await;
            if let Some(wished) = self.control.look(self.session, self.store, &self.run.id).await {
                return wished.into();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_takes_in_minutes_that_were_published_late_and_none_of_before() {
        let start: Timestamp = "2026-11-20T14:00:30Z".parse().unwrap();
        let after = |minutes| start + SignedDuration::from_mins(minutes);
        let mut glances = Glances::from(start);
        assert_eq!(glances.due(start + SignedDuration::from_secs(59)), None, "not yet");
        assert_eq!(glances.due(after(1)), Some(start));
        assert_eq!(glances.due(after(1)), None, "once a minute");
        assert_eq!(glances.due(after(3)), Some(start), "what was late the last time is seen now");
        assert_eq!(glances.due(after(30)), Some(after(25)));
    }
}
