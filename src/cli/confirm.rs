//! Asks the operator before a change is made.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use tokio_util::sync::CancellationToken;

use super::exit::CliError;
use super::interrupt::unless_interrupted;
use crate::domain::change::{Plan, Refusal, Risk};

/// Asks on the terminal. A change of high risk asks for the target's name, since y is typed too easily.
///
/// # Errors
/// Refused where the answer isn't yes, or nobody can be asked.
pub async fn confirm(plan: &Plan, interruption: &CancellationToken) -> Result<(), CliError> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(CliError::from(Refusal::NotConfirmed)
            .hint("there is no terminal to ask on: give --yes, and look at --dry-run first"));
    }
    let (question, expected) = match plan.risk {
        Risk::Low => ("Carry it out? [y/N] ".to_owned(), None),
        Risk::High => {
            let target = plan.target.to_string();
            (format!("Type {target} to carry it out: "), Some(target))
        }
    };
    let answer = unless_interrupted(interruption, ask(question)).await??;
    let yes = match expected {
        Some(target) => answer == target,
        None => matches!(answer.to_lowercase().as_str(), "y" | "yes"),
    };
    if yes { Ok(()) } else { Err(Refusal::NotConfirmed.into()) }
}

async fn ask(question: String) -> Result<String, CliError> {
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
