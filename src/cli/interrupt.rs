//! Ctrl-C during a command: the first cancels and lets what was sent come to its end, the second
//! leaves at once.

use tokio_util::sync::CancellationToken;

use super::exit::{CliError, Ending};
use super::status::note;

/// Watches for ctrl-c from now on. The token is cancelled by the first one.
pub fn watch() -> CancellationToken {
    let token = CancellationToken::new();
    let cancelled = token.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_err() {
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
pub async fn unless_interrupted<T>(
    token: &CancellationToken,
    work: impl Future<Output = T>,
) -> Result<T, CliError> {
    tokio::select! {
        biased;
        () = token.cancelled() => Err(CliError::new(Ending::Interrupted, "interrupted: nothing was changed")),
        done = work => Ok(done),
    }
}
