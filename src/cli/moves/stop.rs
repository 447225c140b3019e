//! `cellgate moves pause` and `abort`: asking the process that carries a move out, or doing it where there is none.

use std::time::Duration;

use futures_util::FutureExt as _;

use super::carry_out::refused;
use super::progress::Teller;
use super::row::{MoveRow, is_running};
use crate::aws::{Operate, Session};
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::output::print_text;
use crate::cli::reading::Reading;
use crate::cli::status::{Spinner, note};
use crate::domain::change::Refusal;
use crate::domain::moves::run::{Run, Standing};
use crate::ops::change::ChangeError;
use crate::ops::moves::{self, Control, Ended, Finished, Progress, Wish};

/// Looks for an answer of the process that carries a move out.
const AGAIN: Duration = Duration::from_millis(300);
const PATIENCE: u32 = 200;

/// Leaves a wish for the process that carries the move out and waits until it is obeyed; where there is none, does it
/// here.
///
/// # Errors
/// Where it has ended, or has not obeyed yet.
pub async fn stop(run: &Run, wish: Wish, reading: &Reading<'_>, context: &Context) -> Result<(), CliError> {
    if run.end.is_some() {
        return Err(CliError::new(Ending::Refused, format!("the move {} has ended", run.id)));
    }
    let here = is_running(run, context);
    let session = reading.session.arm(reading.session.account().as_str(), None)?;
    let mut leased_until = None;
    match wish {
        Wish::Pause if !here && context.settings.team.is_none() => {
            note(&format!("the move {} isn't running: nothing is to be paused", run.id));
            return Ok(());
        }
        // A process that has ended obeys nobody. One on a colleague's machine holds the cells, and is asked.
        Wish::Abort if !here => match give_up(run, &session, reading, context).await {
            Err(ChangeError::Refused(Refusal::Leased { until, .. })) => leased_until = Some(until),
            given_up => return aborted(given_up),
        },
        _ => {}
    }
    let store = context.changes();
    moves::wish(&session, &store, &run.id, wish).await?;
    let spinner = Spinner::start(format!("waiting for the move {} to {}", run.id, wish.word()));
    for _ in 0..PATIENCE {
        let known = moves::known_moves(&session, &store).await?;
        let now = moves::named(&known, Some(run.id.as_str()));
        if let Ok(now) = now
            && matches!(now.standing(), Standing::Paused | Standing::Ended)
            && !is_running(&now, context)
        {
            drop(spinner);
            if wish == Wish::Abort && now.end.is_none() {
                return aborted(give_up(&now, &session, reading, context).await);
            }
            return print_text(&format!("{}: {}", run.id, MoveRow::new(&now, context).state));
        }
        // The lease of a process that has ended comes to its end; that of one that lives is renewed.
        if leased_until.is_some_and(|until| session.now(context.clock.now()) > until) {
            match give_up(run, &session, reading, context).await {
                Err(ChangeError::Refused(Refusal::Leased { until, .. })) => leased_until = Some(until),
                // It has obeyed just now, or what it is can be seen the next time.
                Err(ChangeError::Refused(_)) => leased_until = None,
                given_up => {
                    drop(spinner);
                    return aborted(given_up);
                }
            }
        }
        tokio::select! {
            () = reading.interruption.cancelled() => break,
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
    drop(spinner);
    Err(CliError::new(Ending::Partly, format!("the move {} has not obeyed yet", run.id))
        .hint("the wish stays; where its process has ended, `moves resume` or `moves abort` take it up"))
}

/// Ends a move that no process carries out.
async fn give_up(
    run: &Run,
    session: &Session<Operate>,
    reading: &Reading<'_>,
    context: &Context,
) -> Result<Finished, ChangeError> {
    let (teller, control) = (Teller::new(context.format), Control::new(reading.interruption.clone()));
    let progress = |progress: Progress| teller.tell(&progress);
    let store = context.changes();
    let hands = (&store, &context.clock, &control, &progress as &(dyn Fn(Progress) + Send + Sync));
    moves::abandon(session, &run.id, hands).boxed_local().await
}

fn aborted(finished: Result<Finished, ChangeError>) -> Result<(), CliError> {
    let Finished { run, ended, .. } = finished.map_err(refused)?;
    let (id, tally) = (&run.id, run.tally());
    if let Ended::Paused { why } = ended {
        let message =
            format!("the move {id} is not aborted: {} customers are in doubt: {why}", tally.in_doubt);
        return Err(CliError::new(Ending::Partly, message)
            .hint(format!("`cellgate moves abort {id}` looks at them again")));
    }
    print_text(&format!("aborted: {} of {} moved (change {id})", tally.moved, tally.total()))
}
