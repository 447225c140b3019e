//! Ctrl-C during a command: the first cancels and lets what was sent come to its end, the second
//! leaves at once.

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use tokio_util::sync::CancellationToken;

use super::exit::{CliError, Ending};
use super::status::note;

/// Watches for ctrl-c from now on. The token is cancelled by the first one.
pub fn watch() -> CancellationToken {
    let token = CancellationToken::new();
    let cancelled = token.clone();
    let mut first = Box::pin(tokio::signal::ctrl_c());
    // Polled once, it listens: a task may begin late on a busy machine, and until then ctrl-c would end the process.
    let came_already = first.as_mut().now_or_never();
    tokio::spawn(async move {
        let came = match came_already {
            Some(came) => came,
            None => first.await,
        };
        if came.is_err() {
            return;
        }
        cancelled.cancel();
        note("interrupted: waiting for what was sent; ctrl-c again leaves at once");
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(i32::from(Ending::Interrupted.code()));
        }
    });
    token
}

/// Awaits something that only reads, unless ctrl-c comes first.
///
/// # Errors
/// Interrupted.
pub fn unless_interrupted<'work, T: 'work>(
    token: &'work CancellationToken,
    work: impl Future<Output = T> + 'work,
) -> LocalBoxFuture<'work, Result<T, CliError>> {
    // Boxed: the SDK's futures are many kilobytes large.
    let work = work.boxed_local();
    async move {
        tokio::select! {
            biased;
            () = token.cancelled() => {
                Err(CliError::new(Ending::Interrupted, "interrupted: nothing was changed"))
            }
            done = work => Ok(done),
        }
    }
    .boxed_local()
}
