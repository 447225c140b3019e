//! How the clock of a region runs beside the machine's, learnt from the times that its answers carry.
//!
//! A machine's clock may be wrong, and a region's may run at another pace. "Now" in a question to a
//! region is therefore the region's.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How many observations are kept to learn the pace from.
const KEPT: usize = 8;
/// The least time between two observations that are kept.
const SPACING: Duration = Duration::from_millis(900);
/// Differences up to this are the grain of the `Date` header, whole seconds, and the way of an answer.
const GRAIN: SignedDuration = SignedDuration::from_secs(2);

/// The course of a region's clock. Empty until the first answer.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// Since when the machine runs, by a clock that nobody sets, and what the region said then; oldest first.
    observations: VecDeque<(Duration, Timestamp)>,
}

impl Course {
    /// Takes the time that an answer carried. `elapsed` is the machine's, by a clock that nobody sets.
    pub fn observe(&mut self, elapsed: Duration, region: Timestamp) {
        if let [.., before, _] = self.observations.make_contiguous()
            && elapsed.saturating_sub(before.0) < SPACING
        {
            // Too close to the one before the last: the last is replaced, so that the newest always counts.
            self.observations.pop_back();
        }
        if self.observations.len() == KEPT {
            self.observations.pop_front();
        }
        self.observations.push_back((elapsed, region));
    }

    /// The region's time, where the machine's clock says `machine`. As long as both agree within the grain
    /// of the observations, it is the machine's, which is the finer one.
    pub fn now(&self, elapsed: Duration, machine: Timestamp) -> Timestamp {
        let Some((last, region)) = self.observations.back() else { return machine };
        let passed = elapsed.saturating_sub(*last).mul_f64(self.pace());
        let region = SignedDuration::try_from(passed)
            .ok()
            .and_then(|passed| region.checked_add(passed).ok())
            .unwrap_or(*region);
        if region.duration_since(machine).abs() <= GRAIN { machine } else { region }
    }

    /// Seconds of the region in a second of the machine. A clock that runs backwards counts as one that
    /// stands still.
    fn pace(&self) -> f64 {
        let (Some(first), Some(last)) = (self.observations.front(), self.observations.back()) else {
            return 1.0;
        };
        let machine = last.0.saturating_sub(first.0);
        let region = last.1.duration_since(first.1);
        let agree = SignedDuration::try_from(machine).is_ok_and(|machine| (region - machine).abs() <= GRAIN);
        if agree || machine.is_zero() { 1.0 } else { (region.as_secs_f64() / machine.as_secs_f64()).max(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + second).unwrap()
    }

    fn after(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn a_machine_that_is_right_is_believed() {
        let mut course = Course::default();
        assert_eq!(course.now(after(5.0), at(5)), at(5));
        for second in 0..20_i32 {
            course.observe(after(f64::from(second) + 0.9), at(i64::from(second)));
        }
        assert_eq!(course.now(after(80.0), at(80)), at(80));
    }

    #[test]
    fn a_machine_that_is_hours_off_asks_for_the_regions_now() {
        let mut course = Course::default();
        course.observe(after(1.0), at(7_200));
        assert_eq!(course.now(after(11.0), at(11)), at(7_210));
    }

    #[test]
    fn the_pace_of_a_faster_region_is_learnt_from_two_answers() {
        let mut course = Course::default();
        course.observe(after(1.0), at(60));
        course.observe(after(1.2), at(72));
        course.observe(after(3.0), at(180));
        let now = course.now(after(63.0), at(63));
        assert!((now - at(3_780)).total(jiff::Unit::Second).unwrap().abs() < 60.0, "{now}");
    }

    #[test]
    fn a_clock_that_stands_still_stands_still() {
        let mut course = Course::default();
        for second in [0.0, 5.0, 10.0] {
            course.observe(after(second), at(0));
        }
        assert_eq!(course.now(after(70.0), at(70)), at(0));
    }

    proptest! {
        #[test]
        fn any_observations_give_some_time(
            observed in prop::collection::vec((0.0_f64..1e6, -1_000_000_000_i64..1_000_000_000), 0..20),
            elapsed in 0.0_f64..1e9,
        ) {
            let mut course = Course::default();
            for (second, region) in observed {
                course.observe(after(second), at(region));
            }
            let _ = course.now(after(elapsed), at(0));
        }
    }
}
