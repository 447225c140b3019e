//! The pace of a move: evenly so many writes a second, fewer while DynamoDB throttles.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Shared by all writes of a move.
#[derive(Debug)]
pub struct Pace {
    most: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    per_second: f64,
    next: Instant,
    slowed: Option<Instant>,
}

/// Below this it is not halved any more.
const SLOWEST: f64 = 1.0;
/// Writes that were under way together are throttled together: that counts once.
const ONE_THROTTLING: Duration = Duration::from_secs(1);
/// What a late timer may catch up on.
const LAG: Duration = Duration::from_millis(50);

impl Pace {
    pub fn new(per_second: f64) -> Self {
        let most = if per_second.is_finite() { per_second.max(0.1) } else { f64::from(u32::MAX) };
        Self { most, state: Mutex::new(State { per_second: most, next: Instant::now(), slowed: None }) }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the turn of one write.
    pub async fn turn(&self) {
        let wait = {
            let mut state = self.state();
            let now = Instant::now();
            let earliest = now.checked_sub(LAG).unwrap_or(now);
            let turn = state.next.max(earliest);
            state.next = turn + Duration::from_secs_f64(1.0 / state.per_second);
            turn.saturating_duration_since(now)
        };
        // A timer counts milliseconds.
        if wait >= Duration::from_millis(1) {
            tokio::time::sleep(wait).await;
        }
    }

    /// DynamoDB throttled a write. The new pace, where it was slowed down for it.
    pub fn slow_down(&self) -> Option<f64> {
        let mut state = self.state();
        let now = Instant::now();
        if state.slowed.is_some_and(|at| now.duration_since(at) < ONE_THROTTLING) {
            return None;
        }
        state.slowed = Some(now);
        state.per_second = (state.per_second / 2.0).max(SLOWEST.min(self.most));
        Some(state.per_second)
    }

    /// A range went well.
    pub fn recover(&self) {
        let mut state = self.state();
        if state.slowed.is_none_or(|at| at.elapsed() >= ONE_THROTTLING * 5) {
            state.per_second = (state.per_second * 1.25).min(self.most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throttled_table_halves_the_pace_once() {
        let pace = Pace::new(100.0);
        assert_eq!(pace.slow_down(), Some(50.0));
        assert_eq!(pace.slow_down(), None, "the same throttling");
        pace.recover();
        assert!((pace.state().per_second - 50.0).abs() < 1e-9, "not at once");
        pace.state().slowed = Instant::now().checked_sub(ONE_THROTTLING * 6);
        for _ in 0..10 {
            pace.recover();
        }
        assert!((pace.state().per_second - 100.0).abs() < 1e-9, "never above what was asked");
    }
}
