//! The move that runs: carried out to its end. When the console is left it pauses between two ranges, as ctrl-c does
//! to the command.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::carrying::{Brakes, Carrying, Kind};
use super::tasks::trouble;
use crate::aws::{Operate, Session};
use crate::domain::id::ChangeId;
use crate::domain::moves::MovePlan;
use crate::ops::change::{ChangeError, ChangeStore};
use crate::ops::clock::Clock;
use crate::ops::moves::{self, Control, Ended, Finished, Progress};
use crate::tui::event::{MoveEnd, ReplyBody};
use crate::tui::model::MoveStanding;

/// A range at a slow pace takes its time until it pauses, and the operator can leave before.
pub const MOVE: Kind = Kind {
    what: "the move of",
    longest_end: Duration::from_mins(3),
    cut_off: "within a range: `cellgate moves resume --last` goes on with it",
};

/// What is to be carried out.
#[derive(Debug)]
pub enum MoveOrder {
    Start(Box<MovePlan>),
    Resume(ChangeId),
    GiveUp(ChangeId),
}

/// Carries an order out and tells how far it is, and its end, through `tell`. To stop it and to leave it are the same:
/// it pauses between two ranges.
pub fn start(
    moving: &mut Carrying,
    session: Session<Operate>,
    order: MoveOrder,
    store: ChangeStore,
    clock: Clock,
    tell: impl Fn(ReplyBody) + Send + Sync + 'static,
) {
    let brakes = Brakes::default();
    let brakes = Brakes { leave: brakes.stop.clone(), ..brakes };
    let control = Control::new(brakes.stop.clone());
    let what = order.what();
    let named = what.clone();
    moving.begin(what, brakes, async move {
        let progress = |progress: Progress| tell(ReplyBody::MoveStep(progress));
        let outcome = carry_out(&session, order, (&store, &clock, &control, &progress)).await;
        let said = farewell(&named, &outcome);
        let ended = outcome.map(|finished| {
            let outdated = moves::outdated_at(&session, &finished.run.header, &clock);
            Box::new(end_of(&finished, outdated))
        });
        tell(ReplyBody::MoveEnded(ended.map_err(|error| trouble(&error))));
        said
    });
}

impl MoveOrder {
    fn what(&self) -> String {
        match self {
            Self::Start(plan) => plan.header.target().to_string(),
            Self::Resume(id) | Self::GiveUp(id) => id.to_string(),
        }
    }
}

type Hands<'run> = (&'run ChangeStore, &'run Clock, &'run Control, &'run (dyn Fn(Progress) + Send + Sync));

/// Boxed, since the SDK's futures nest deeply.
fn carry_out<'run>(
    session: &'run Session<Operate>,
    order: MoveOrder,
    hands: Hands<'run>,
) -> BoxFuture<'run, Result<Finished, ChangeError>> {
    async move {
        match order {
            MoveOrder::Start(plan) => Box::pin(moves::start(session, *plan, hands)).await,
            MoveOrder::Resume(id) => Box::pin(moves::resume(session, &id, hands)).await,
            MoveOrder::GiveUp(id) => Box::pin(moves::abandon(session, &id, hands)).await,
        }
    }
    .boxed()
}

/// `outdated` is when what the router keeps now is outdated.
fn end_of(finished: &Finished, outdated: Timestamp) -> MoveEnd {
    let standing = MoveStanding::of(&finished.run, false);
    let keeps = standing.tally.moved > 0 && standing.header.router_cache_seconds > 0;
    MoveEnd {
        id: standing.id,
        ended: finished.ended.clone(),
        tally: standing.tally,
        exceptions: standing.exceptions,
        outdated: keeps.then_some(outdated),
    }
}

/// What the journal says of a move that was left.
fn farewell(what: &str, ended: &Result<Finished, ChangeError>) -> String {
    match ended {
        Ok(Finished { run, ended, .. }) => {
            let (id, tally) = (&run.id, run.tally());
            let far = format!("{} of {} moved", tally.moved, run.header.customers);
            match ended {
                Ended::Paused { why } => format!(
                    "paused the move {id} of {what}: {far} ({why}); `cellgate moves resume {id}` goes on with it"
                ),
                Ended::Ended(outcome) => {
                    format!("the move {id} of {what} has ended as {}: {far}", outcome.word())
                }
            }
        }
        Err(error) => format!("the move of {what} was not carried out: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_that_was_refused_is_told_apart_from_one_that_paused() {
        let refused = ChangeError::Lock("cell-01 is being changed".to_owned());
        let said = farewell("3 customers of cell-01 to cell-02", &Err(refused));
        assert!(
            said.starts_with("the move of 3 customers of cell-01 to cell-02 was not carried out"),
            "{said}"
        );
    }
}
