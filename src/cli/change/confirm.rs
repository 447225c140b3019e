//! Asks the operator before a change is made.

use tokio_util::sync::CancellationToken;

use super::ask;
use crate::cli::exit::CliError;
use crate::domain::change::{Plan, Refusal, Risk};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    pub risk: Risk,
    pub production: bool,
    /// What must be typed where y is too little.
    pub name: String,
}

/// Asks on the terminal, unless enough was said beforehand. A change of high risk, and any in production, asks
/// for the target's name, since y is typed too easily; one that may stop all traffic asks once more.
///
/// # Errors
/// Refused where the answer isn't yes, or nobody can be asked.
pub async fn confirm(
    plan: &Plan,
    production: bool,
    said: u8,
    interruption: &CancellationToken,
) -> Result<(), CliError> {
    let asked = Asked { risk: plan.risk, production, name: plan.target.to_string() };
    confirm_named(&asked, said, interruption).await
}

/// The same, with what is typed in place of a target's name.
///
/// # Errors
/// As [`confirm`].
pub async fn confirm_named(
    asked: &Asked,
    said: u8,
    interruption: &CancellationToken,
) -> Result<(), CliError> {
    let Asked { risk, production, name } = asked;
    let needed = if *risk == Risk::Severe { 2 } else { 1 };
    if said >= needed {
        return Ok(());
    }
    if said > 0 {
        return Err(CliError::from(Refusal::NotConfirmed)
            .hint("this may stop all traffic, so --yes must be given twice: -yy"));
    }
    let mut questions = match risk {
        Risk::Low if !production => vec![("Carry it out? [y/N] ".to_owned(), None)],
        _ => vec![(format!("Type {name} to carry it out: "), Some(name.clone()))],
    };
    if *risk == Risk::Severe {
        let stop = "stop traffic".to_owned();
        questions.push((format!("This may stop all traffic. Type '{stop}' to do it: "), Some(stop)));
    }
    for (question, expected) in questions {
        let answer = ask::typed(&question, "give --yes, and look at --dry-run first", interruption).await?;
        let yes = match expected {
            Some(expected) => answer == expected,
            None => matches!(answer.to_lowercase().as_str(), "y" | "yes"),
        };
        if !yes {
            return Err(Refusal::NotConfirmed.into());
        }
    }
    Ok(())
}
