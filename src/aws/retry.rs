//! Which failed reads are tried again, how often, and after how long. Changes never are: nobody
//! knows whether the first attempt arrived.
//!
//! The SDK's own retries are off: they would bypass the limiter and fight over a shared pool.

use std::time::Duration;

use super::operations::{Access, Operation};
use crate::domain::failure::{Failure, FailureKind};

/// Attempts at one read, the first included.
const ATTEMPTS: u32 = 3;
/// A read that timed out took long enough already.
const ATTEMPTS_AFTER_TIMEOUT: u32 = 2;
/// The pause after the first attempt; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The pause after a 429 that gives no advice.
const THROTTLED_PAUSE: Duration = Duration::from_secs(1);
/// An operator would rather see the error than wait longer than this for a row.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// How long to pause before the next attempt, or none if there is to be no other.
pub fn pause(operation: &Operation, failure: &Failure, attempts_made: u32) -> Option<Duration> {
    if operation.access != Access::Read {
        return None;
    }
    let attempts = match failure.kind {
        FailureKind::Timeout => ATTEMPTS_AFTER_TIMEOUT,
        kind if kind.may_pass() => ATTEMPTS,
        _ => return None,
    };
    if attempts_made >= attempts {
        return None;
    }
    let doubled = 2_u32.saturating_pow(attempts_made.saturating_sub(1));
    let pause = match failure.kind {
        FailureKind::Throttled { retry_after } => retry_after.unwrap_or(THROTTLED_PAUSE * doubled),
        _ => FIRST_PAUSE * doubled,
    };
    (pause <= LONGEST_PAUSE).then_some(pause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::operations::{FLUSH_STAGE_CACHE, GET_STAGES};

    fn failed(kind: FailureKind) -> Failure {
        Failure::new("GetStages", "", kind, "")
    }

    #[test]
    fn a_change_is_never_sent_twice() {
        for kind in [FailureKind::Timeout, FailureKind::Service, FailureKind::Throttled { retry_after: None }]
        {
            assert_eq!(pause(&FLUSH_STAGE_CACHE, &failed(kind), 1), None);
        }
    }

    #[test]
    fn a_read_is_tried_three_times_at_growing_distance() {
        let failure = failed(FailureKind::Service);
        assert_eq!(pause(&GET_STAGES, &failure, 1), Some(Duration::from_millis(200)));
        assert_eq!(pause(&GET_STAGES, &failure, 2), Some(Duration::from_millis(400)));
        assert_eq!(pause(&GET_STAGES, &failure, 3), None);
        assert_eq!(pause(&GET_STAGES, &failed(FailureKind::Timeout), 2), None);
    }

    #[test]
    fn what_cannot_pass_is_not_repeated() {
        for kind in
            [FailureKind::AccessDenied, FailureKind::NotFound, FailureKind::Refused, FailureKind::Credentials]
        {
            assert_eq!(pause(&GET_STAGES, &failed(kind), 1), None);
        }
    }

    #[test]
    fn the_advice_of_a_429_is_followed_within_reason() {
        let advised = |seconds| {
            let retry_after = Some(Duration::from_secs(seconds));
            pause(&GET_STAGES, &failed(FailureKind::Throttled { retry_after }), 1)
        };
        assert_eq!(advised(7), Some(Duration::from_secs(7)));
        assert_eq!(advised(60), None);
    }
}
