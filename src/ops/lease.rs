//! Leases in the team's table: of all cellgates on all machines, one at a time may change a target.
//!
//! A lease is an item of the partition `lease`, its sort key the target. It is taken on the condition
//! that the target is free or the lease on it has ended, by the region's time and not by this
//! machine's. The item stays when a lease is given back, because it keeps the counter that fences.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::clock::Clock;
use super::team_journal::explained;
use crate::aws::{
    Attribute, Condition, Item, ItemKey, ItemTable, KeyRange, Mode, Operate, Priority, Session, Written,
};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::team::{Lease, TeamSettings};

const LEASES: &str = "lease";
/// How often a lease is asked for: where the answer is lost, or where the answer tells that the
/// lease in the way had ended by the region's time.
const MOST_ATTEMPTS: usize = 3;

/// Why a lease can't be had, or was lost.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeaseError {
    #[error("{} is being changed by {}, whose lease lasts until {}", .0.target, .0.holder, shown(.0.until))]
    Held(Lease),
    /// The lease was to be taken from someone who doesn't hold it.
    #[error("the lease on {target} is not {expected}'s: {}", holder_or_none(.found.as_ref()))]
    NotHeldBy { target: String, expected: String, found: Option<Lease> },
    #[error("the lease on {target} was lost: {}", holder_or_none(.to.as_ref()))]
    Lost { target: String, to: Option<Lease> },
    #[error("the lease on {target} ended at {}, and could not be renewed", shown(*.until))]
    Ended { target: String, until: Timestamp },
    #[error("the lease on {target} in the team's table {table} can't be {tried}: {source}")]
    Failed { tried: &'static str, target: String, table: String, source: Box<Failure> },
}

fn shown(at: Timestamp) -> String {
    at.strftime("%H:%M:%S UTC").to_string()
}

fn holder_or_none(lease: Option<&Lease>) -> String {
    lease.map_or_else(|| "nobody holds it".to_owned(), |lease| format!("{} holds it", lease.holder))
}

/// The leases in one account and region, through a session.
#[derive(Clone, Debug)]
pub struct Leases<M: Mode> {
    session: Session<M>,
    table: ItemTable,
    clock: Clock,
}

impl<M: Mode> Leases<M> {
    /// Reads and sends nothing.
    pub fn open(session: &Session<M>, settings: &TeamSettings, clock: &Clock) -> Self {
        Self { session: session.clone(), table: ItemTable::team(&settings.table), clock: clock.clone() }
    }

    /// The region's time, as far as its answers have told it.
    pub fn now(&self) -> Timestamp {
        self.session.now(self.clock.now())
    }

    /// Every lease that keeps others away at present, by target.
    ///
    /// # Errors
    /// Where the table can't be read.
    pub async fn held(&self) -> Result<Vec<Lease>, Failure> {
        let (from, to) = (String::from("\0"), char::MAX.to_string());
        let range = KeyRange { partition: LEASES.to_owned(), from, to, descending: false, limit: None };
        let items = self.session.query_items(&self.table, &range).await?;
        let now = self.now();
        Ok(items.iter().filter_map(lease).filter(|lease| lease.holds(now)).collect())
    }

    /// The lease on a target, ended or not, with the mark of who took it.
    async fn look(&self, target: &str) -> Result<Option<(Lease, String)>, Failure> {
        let item = self.session.get_item(&self.table, &key(target)).await?;
        Ok(item.as_ref().and_then(|item| Some((lease(item)?, mark_of(item)))))
    }

    fn failed(&self, tried: &'static str, target: &str, source: Failure) -> LeaseError {
        let (target, table) = (target.to_owned(), self.table.name().to_owned());
        LeaseError::Failed { tried, target, table, source: Box::new(explained(source)) }
    }
}

impl Leases<Operate> {
    /// Takes the lease on a target that nobody holds.
    ///
    /// # Errors
    /// `Held` with who holds it and until when.
    pub async fn acquire(&self, target: &str, holder: &str, length: Duration) -> Result<Lease, LeaseError> {
        let free = "attribute_not_exists(#until) OR #until <= :now";
        match self.take(target, holder, length, free, None).await? {
            Ok(lease) => Ok(lease),
            Err(Some(held)) => Err(LeaseError::Held(held)),
            // Given back or tampered with between the refusal and the look.
            Err(None) => Err(LeaseError::Lost { target: target.to_owned(), to: None }),
        }
    }

    /// Takes the lease from its holder, whose name the operator typed. The overtaken finds out at its next
    /// renewal; its fencing token is the lower one.
    ///
    /// # Errors
    /// `NotHeldBy` where somebody else holds it, or nobody.
    pub async fn take_over(
        &self,
        target: &str,
        holder: &str,
        length: Duration,
        expected_holder: &str,
    ) -> Result<Lease, LeaseError> {
        let held = "#holder = :expected AND #until > :now";
        self.take(target, holder, length, held, Some(expected_holder)).await?.map_err(|found| {
            LeaseError::NotHeldBy { target: target.to_owned(), expected: expected_holder.to_owned(), found }
        })
    }

    /// Takes the lease where the condition allows it; else the inner error has the lease in the way.
    async fn take(
        &self,
        target: &str,
        holder: &str,
        length: Duration,
        expression: &'static str,
        expected: Option<&str>,
    ) -> Result<Result<Lease, Option<Lease>>, LeaseError> {
        let own = self.ahead();
        let mark = uuid::Uuid::new_v4().to_string();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let now = own.now();
            let mut values = vec![
                (":mark", Attribute::from(mark.as_str())),
                (":holder", Attribute::from(holder)),
                (":now", milliseconds(now)),
                (":until", milliseconds(after(now, length))),
                (":one", Attribute::Number(1)),
            ];
            values.extend(expected.map(|expected| (":expected", Attribute::from(expected))));
            let update = "SET #holder = :holder, #mark = :mark, #until = :until ADD #fence :one";
            let condition = Condition { expression, values };
            let found = match own.session.update_item(&own.table, &key(target), update, &condition).await {
                Ok(Written::Done(item)) => return own.taken(target, &item).map(Ok),
                Ok(Written::Refused(found)) => {
                    found.as_ref().and_then(|item| Some((lease(item)?, mark_of(item))))
                }
                Err(failure) if failure.kind.may_pass() && attempts < MOST_ATTEMPTS => {
                    // The answer was lost. The item tells, and so does the condition of the next attempt.
                    match own.look(target).await {
                        Ok(Some((lease, marked))) if marked == mark => return Ok(Ok(lease)),
                        Ok(_) => continue,
                        Err(_) => return Err(own.failed("taken", target, failure)),
                    }
                }
                Err(failure) => return Err(own.failed("taken", target, failure)),
            };
            match found {
                // An earlier request arrived after all.
                Some((lease, marked)) if marked == mark => return Ok(Ok(lease)),
                Some((lease, _)) if lease.holds(own.now()) => return Ok(Err(Some(lease))),
                // It has ended: the refusal's answer has set the clock right.
                Some(_) if expected.is_none() && attempts < MOST_ATTEMPTS => {}
                found if expected.is_none() => return Ok(Err(found.map(|(lease, _)| lease))),
                _ => return Ok(Err(None)),
            }
        }
    }

    fn taken(&self, target: &str, item: &Item) -> Result<Lease, LeaseError> {
        lease(item).ok_or_else(|| {
            let message = "the answer doesn't hold the lease";
            self.failed("taken", target, Failure::new("UpdateItem", target, FailureKind::Malformed, message))
        })
    }

    /// Makes the lease last for another length from now.
    ///
    /// # Errors
    /// `Lost` where somebody else has it now; anything else may pass.
    pub async fn renew(&self, held: &Lease, length: Duration) -> Result<Lease, LeaseError> {
        let own = self.ahead();
        let until = after(own.now(), length);
        let values = vec![(":fence", Attribute::Number(held.fence)), (":until", milliseconds(until))];
        own.alter("renewed", held, "SET #until = :until", values).await?;
        Ok(Lease { until, ..held.clone() })
    }

    /// Gives the lease back, so that the next one need not wait for its end.
    ///
    /// # Errors
    /// `Lost` where somebody else has it already; where it can't be given back it ends by itself.
    pub async fn release(&self, held: &Lease) -> Result<(), LeaseError> {
        let own = self.ahead();
        let values = vec![(":fence", Attribute::Number(held.fence)), (":none", Attribute::Number(0))];
        own.alter("given back", held, "SET #until = :none", values).await
    }

    /// The fence is never the same twice, so that it says whose lease it is.
    async fn alter(
        &self,
        tried: &'static str,
        held: &Lease,
        update: &'static str,
        values: Vec<(&'static str, Attribute)>,
    ) -> Result<(), LeaseError> {
        let condition = Condition { expression: "#fence = :fence", values };
        match self.session.update_item(&self.table, &key(&held.target), update, &condition).await {
            Ok(Written::Done(_)) => Ok(()),
            Ok(Written::Refused(found)) => {
                Err(LeaseError::Lost { target: held.target.clone(), to: found.as_ref().and_then(lease) })
            }
            Err(failure) => Err(self.failed(tried, &held.target, failure)),
        }
    }

    /// Ahead of reads, and not to be called back: a lease whose fate is unknown is in everybody's way.
    fn ahead(&self) -> Self {
        let session =
            self.session.with_cancellation(CancellationToken::new()).with_priority(Priority::Change);
        Self { session, table: self.table.clone(), clock: self.clock.clone() }
    }
}

fn key(target: &str) -> ItemKey {
    ItemKey::new(LEASES, target)
}

/// What an item says of a lease. None where it isn't one.
fn lease(item: &Item) -> Option<Lease> {
    let text = |name: &str| item.get(name).and_then(Attribute::text);
    let number = |name: &str| item.get(name).and_then(Attribute::number);
    let until = i64::try_from(number("until")?).ok()?;
    Some(Lease {
        target: crate::domain::text::sanitise(text("sk")?).into_owned(),
        holder: crate::domain::text::sanitise(text("holder")?).into_owned(),
        fence: number("fence")?,
        until: Timestamp::from_millisecond(until).ok()?,
    })
}

fn mark_of(item: &Item) -> String {
    item.get("mark").and_then(Attribute::text).unwrap_or_default().to_owned()
}

fn milliseconds(at: Timestamp) -> Attribute {
    Attribute::Number(u64::try_from(at.as_millisecond()).unwrap_or_default())
}

fn after(now: Timestamp, length: Duration) -> Timestamp {
    let length = SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX);
    now.checked_add(length).unwrap_or(Timestamp::MAX)
}
