//! Questions on the terminal.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use tokio_util::sync::CancellationToken;

use crate::cli::exit::CliError;
use crate::cli::interrupt::unless_interrupted;
use crate::domain::change::Refusal;

/// Whether there is somebody who can read a question and answer it.
pub fn can_be_asked() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// What is typed in answer to a question, without the spaces around it.
///
/// # Errors
/// Refused where nobody can be asked; the hint says what to give instead. Also where ctrl-c comes first.
pub async fn typed(
    question: &str,
    instead: &str,
    interruption: &CancellationToken,
) -> Result<String, CliError> {
    if !can_be_asked() {
        return Err(
            CliError::from(Refusal::NotConfirmed).hint(format!("there is no terminal to ask on: {instead}"))
        );
    }
    unless_interrupted(interruption, line(question.to_owned())).await?
}

async fn line(question: String) -> Result<String, CliError> {
    let read = tokio::task::spawn_blocking(move || {
        let mut stderr = io::stderr().lock();
        write!(stderr, "{question}")?;
        stderr.flush()?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        Ok::<_, io::Error>(line.trim().to_owned())
    });
    Ok(read.await.map_err(io::Error::other)??)
}
