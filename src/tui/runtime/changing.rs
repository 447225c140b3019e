//! The one change that may run: carried out beside the tasks that only read, since it is not to be
//! torn off when the console is left.

use std::time::Duration;

use tokio::task::{JoinError, JoinHandle};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::tasks::trouble;
use crate::aws::{Operate, Session};
use crate::domain::change::{Outcome, Plan};
use crate::domain::history::ChangeHistory;
use crate::ops::change::{self, Applied, ChangeError, ChangeStore, Progress};
use crate::ops::clock::Clock;
use crate::tui::event::{AppliedChange, ChangeStep, ReplyBody};

/// How long the console's end waits for a change's record. A wait that is broken off ends within two
/// seconds; the rest is for the disk.
const LONGEST_END: Duration = Duration::from_secs(5);

/// What is to be carried out.
#[derive(Debug)]
pub enum Work {
    Apply(Box<Plan>),
    /// The end of a change without an outcome.
    Finish {
        change: Box<ChangeHistory>,
        /// Send what its target doesn't show.
        send: bool,
    },
}

#[derive(Debug, Default)]
pub struct Changing {
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    target: String,
    cancellation: CancellationToken,
    task: JoinHandle<Result<Applied, ChangeError>>,
}

impl Changing {
    /// Carries work out and tells its steps and its end through `tell`. The model lets no second
    /// change start while one runs.
    pub fn start(
        &mut self,
        session: &Session<Operate>,
        work: Work,
        store: ChangeStore,
        clock: Clock,
        tell: impl Fn(ReplyBody) + Send + Sync + 'static,
    ) {
        let cancellation = CancellationToken::new();
        let session = session.with_cancellation(cancellation.clone());
        let target = work.plan().target.to_string();
        let task = tokio::spawn(async move {
            let progress = |progress| {
                if let Some(step) = step(progress) {
                    tell(ReplyBody::Step(step));
                }
            };
            let outcome = carry_out(&session, &work, &store, &clock, &progress).await;
            tell(ReplyBody::Applied(match &outcome {
                Ok(applied) => Ok(shown(applied)),
                Err(error) => Err(trouble(error)),
            }));
            outcome
        });
        self.running = Some(Running { target, cancellation, task });
    }

    /// Waits for the change to end; pending for ever while none runs.
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

    /// What the change that runs is made to, where one runs.
    pub fn target(&self) -> Option<&str> {
        let running = self.running.as_ref().filter(|running| !running.task.is_finished())?;
        Some(&running.target)
    }

    /// Breaks the change's waits off, and gives it the time to record its outcome. What was sent is
    /// not called back. Says what became of it, where it still ran.
    pub async fn leave(self) -> Option<String> {
        let Running { target, cancellation, task } = self.running?;
        cancellation.cancel();
        Some(match timeout(LONGEST_END, task).await {
            Ok(Ok(ended)) => farewell(&target, &ended),
            Ok(Err(failed)) => format!("the change to {target} failed inside: {failed}"),
            Err(_) => format!(
                "left the change to {target} before its outcome was known: `cellgate journal list` shows it \
                 without one"
            ),
        })
    }
}

impl Work {
    fn plan(&self) -> &Plan {
        match self {
            Self::Apply(plan) => plan,
            Self::Finish { change, .. } => &change.plan,
        }
    }
}

async fn carry_out(
    session: &Session<Operate>,
    work: &Work,
    store: &ChangeStore,
    clock: &Clock,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Applied, ChangeError> {
    match work {
        Work::Apply(plan) => {
            Box::pin(settle_undone(session, plan, store, clock, progress)).await?;
            change::apply(session, plan, store, clock, progress).await
        }
        Work::Finish { change, send } => {
            let recovered = Box::pin(change::recover(session, change, *send, store, clock, progress)).await?;
            Ok(Applied {
                change: change.id.clone(),
                outcome: recovered.outcome,
                request_ids: recovered.request_ids,
                unplanned: Vec::new(),
                unrecorded: recovered.unrecorded,
            })
        }
    }
}

/// What came of an open change is recorded before it is undone: a target with an open change takes no other.
async fn settle_undone(
    session: &Session<Operate>,
    plan: &Plan,
    store: &ChangeStore,
    clock: &Clock,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<(), ChangeError> {
    let Some(undone) = &plan.undoes else { return Ok(()) };
    let open = change::open_changes(session, store).await?;
    if let Some(open) = open.iter().find(|open| open.id == *undone) {
        change::recover(session, open, false, store, clock, progress).await?;
    }
    Ok(())
}

/// What the journal says of a change that was left.
fn farewell(target: &str, ended: &Result<Applied, ChangeError>) -> String {
    let applied = match ended {
        Ok(applied) => applied,
        Err(error) => return format!("the change to {target} was not carried out: {error}"),
    };
    let outcome = match &applied.outcome {
        Outcome::Applied => "applied".to_owned(),
        Outcome::NotApplied { why } => format!("not applied: {why}"),
        Outcome::Partly { why, .. } => format!("partly applied: {why}"),
        Outcome::Unknown { why } => format!("unknown: {why}"),
    };
    let change = &applied.change;
    match &applied.unrecorded {
        None => format!("left the change {change} to {target}; its outcome is recorded as {outcome}"),
        Some(why) => {
            format!("left the change {change} to {target}; its outcome is NOT recorded ({why}): {outcome}")
        }
    }
}

fn step(progress: Progress) -> Option<ChangeStep> {
    match progress {
        Progress::Checking => Some(ChangeStep::Checking),
        Progress::Journaled(change) => Some(ChangeStep::Journaled(change)),
        Progress::Sending(call) => Some(ChangeStep::Sending(call)),
        Progress::Waiting { seen } => Some(ChangeStep::Waiting(seen)),
        // The reply that ends the task says so.
        Progress::Done => None,
    }
}

fn shown(applied: &Applied) -> AppliedChange {
    AppliedChange {
        change: applied.change.clone(),
        outcome: applied.outcome.clone(),
        request_ids: applied.request_ids.clone(),
        unrecorded: applied.unrecorded.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(outcome: Outcome, unrecorded: Option<&str>) -> Applied {
        Applied {
            change: "20261120-140322-7f3a".into(),
            outcome,
            request_ids: vec![],
            unplanned: vec![],
            unrecorded: unrecorded.map(str::to_owned),
        }
    }

    #[test]
    fn a_farewell_names_the_change_and_what_its_record_says() {
        let unknown = Outcome::Unknown { why: "the wait was broken off".to_owned() };
        assert_eq!(
            farewell("orders-api/prod", &Ok(applied(unknown, None))),
            "left the change 20261120-140322-7f3a to orders-api/prod; its outcome is recorded as unknown: \
             the wait was broken off"
        );
    }

    #[test]
    fn a_farewell_says_what_is_not_recorded() {
        let said = farewell("orders-api/prod", &Ok(applied(Outcome::Applied, Some("the disk is full"))));
        assert!(said.ends_with("its outcome is NOT recorded (the disk is full): applied"), "{said}");
    }

    #[tokio::test]
    async fn nothing_is_said_where_nothing_ran() {
        assert_eq!(Changing::default().leave().await, None);
    }
}
