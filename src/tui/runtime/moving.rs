//! The one move that may run: carried out beside the tasks that only read. When the console is left it pauses between
//! two ranges, as ctrl-c does to the command.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::tasks::trouble;
use crate::aws::{Operate, Session};
use crate::domain::id::ChangeId;
use crate::domain::moves::MovePlan;
use crate::ops::change::{ChangeError, ChangeStore};
use crate::ops::clock::Clock;
use crate::ops::moves::{self, Control, Ended, Finished, Progress};
use crate::tui::event::{MoveEnd, ReplyBody};
use crate::tui::model::MoveStanding;

/// How long the console's end waits for a move's pause: a range at a slow pace takes its time, and the operator can
/// leave before.
const LONGEST_END: Duration = Duration::from_mins(3);

/// What is to be carried out.
#[derive(Debug)]
pub enum MoveOrder {
    Start(Box<MovePlan>),
    Resume(ChangeId),
    GiveUp(ChangeId),
}

#[derive(Debug, Default)]
pub struct Moving {
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    what: String,
    /// Pauses it.
    interruption: CancellationToken,
    /// What there is to say of its end to whoever left before.
    task: JoinHandle<String>,
}

impl Moving {
    /// Carries an order out and tells how far it is, and its end, through `tell`. The model lets no second move start
    /// while one runs.
    pub fn start(
        &mut self,
        session: Session<Operate>,
        order: MoveOrder,
        store: ChangeStore,
        clock: Clock,
        tell: impl Fn(ReplyBody) + Send + Sync + 'static,
    ) {
        let interruption = CancellationToken::new();
        let control = Control::new(interruption.clone());
        let what = order.what();
        let named = what.clone();
        let task = tokio::spawn(async move {
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
        self.running = Some(Running { what, interruption, task });
    }

    /// Has it pause between two ranges.
    pub fn stop(&self) {
        if let Some(running) = &self.running {
            running.interruption.cancel();
        }
    }

    /// Waits for the move to end; pending for ever while none runs.
    pub async fn ended(&mut self) -> Result<(), JoinError> {
        match &mut self.running {
            Some(running) => {
                let ended = (&mut running.task).await;
                self.running = None;
                ended.map(drop)
            }
            None => std::future::pending().await,
        }
    }

    /// Who is moved, where a move runs.
    pub fn what(&self) -> Option<&str> {
        let running = self.running.as_ref().filter(|running| !running.task.is_finished())?;
        Some(&running.what)
    }

    /// Pauses the move, and says what became of it, where it still ran.
    pub async fn leave(self) -> Option<String> {
        let Running { what, interruption, task } = self.running?;
        interruption.cancel();
        Some(match timeout(LONGEST_END, task).await {
            Ok(Ok(said)) => said,
            Ok(Err(failed)) => format!("the move of {what} failed inside: {failed}"),
            Err(_) => format!(
                "left the move of {what} within a range: `cellgate moves resume --last` goes on with it"
            ),
        })
    }
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

    #[tokio::test]
    async fn nothing_is_said_where_nothing_ran() {
        assert_eq!(Moving::default().leave().await, None);
    }

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
