//! One customer: the conditional write, and finding out what became of it where the answer is lost.

use std::time::{Duration, Instant};

use super::Progress;
use super::pace::Pace;
use crate::aws::{MappingWrite, MappingWritten, Operate, Session};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::moves::outcome::Exception;
use crate::domain::moves::run::Run;
use crate::domain::moves::verdict::{Trace, Verdict, after_doubt, after_refusal};

/// How long one customer is tried while DynamoDB throttles or can't be reached.
const PATIENCE: Duration = Duration::from_mins(2);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What became of a customer.
#[derive(Debug)]
pub enum Settled {
    Moved,
    Not(Exception),
    /// It can't be told now: the move can't go on.
    Unsettled(Failure),
}

/// What all writes of a move share.
pub struct Writer<'run> {
    pub session: &'run Session<Operate>,
    pub run: &'run Run,
    pub by: &'run str,
    pub at: String,
    pub pace: &'run Pace,
    pub progress: &'run (dyn Fn(Progress) + Send + Sync),
    /// Whether customers who are still as before are written, or left.
    pub send: bool,
}

impl Writer<'_> {
    /// Moves the customer at this place. One in doubt is looked at first.
    pub async fn settle(&self, place: u32, mut in_doubt: bool) -> Settled {
        let Some(passenger) = self.run.passenger(place) else {
            return Settled::Not(Exception::Failed { why: "not in the roster".to_owned() });
        };
        let table = &self.run.header.table;
        let version = self.run.version(place);
        let stamp = table.stamp.change.as_ref().map(|_| self.run.id.as_str());
        let trace = Trace { version, stamp };
        // Once a write was sent whose answer was lost, a refused condition may be its own doing.
        let mut ambiguous = in_doubt;
        let deadline = Instant::now() + PATIENCE;
        let mut pause = FIRST_PAUSE;
        loop {
            let failure = if in_doubt {
                match self.session.mapping(table, passenger.customer).await {
                    Ok(found) => match after_doubt(passenger, trace, found.as_ref()) {
                        Verdict::Moved => return Settled::Moved,
                        Verdict::Not(exception) => return Settled::Not(exception),
                        Verdict::Untouched if !self.send => {
                            return Settled::Not(Exception::Failed {
                                why: "aborted before it was sent".into(),
                            });
                        }
                        Verdict::Untouched => {
                            in_doubt = false;
                            continue;
                        }
                    },
                    Err(failure) => failure,
                }
            } else {
                self.pace.turn().await;
                let write = MappingWrite {
                    passenger,
                    version,
                    change: self.run.id.as_str(),
                    at: &self.at,
                    by: self.by,
                };
                match self.session.write_mapping(table, &write).await {
                    Ok(MappingWritten::Done) => return Settled::Moved,
                    Ok(MappingWritten::Refused(found)) if ambiguous => {
                        match after_doubt(passenger, trace, found.as_ref()) {
                            Verdict::Moved => return Settled::Moved,
                            Verdict::Not(exception) => return Settled::Not(exception),
                            // It came back between the two: the condition will hold now.
                            Verdict::Untouched => continue,
                        }
                    }
                    Ok(MappingWritten::Refused(found)) => {
                        return Settled::Not(after_refusal(passenger, found.as_ref()));
                    }
                    Err(failure) => match failure.kind {
                        // Refused before it was looked at: nothing was written.
                        FailureKind::Throttled { .. } => {
                            if let Some(per_second) = self.pace.slow_down() {
                                (self.progress)(Progress::Slowed { per_second });
                            }
                            failure
                        }
                        kind if kind.may_pass() => {
                            (in_doubt, ambiguous) = (true, true);
                            failure
                        }
                        FailureKind::Invalid => {
                            return Settled::Not(Exception::Failed { why: failure.message });
                        }
                        _ => return Settled::Unsettled(failure),
                    },
                }
            };
            if !failure.kind.may_pass() || Instant::now() >= deadline {
                return Settled::Unsettled(failure);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
