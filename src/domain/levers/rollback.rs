//! Pointing a stage at another deployment: which one, and what is different in it.

use super::draft::{Draft, Facts};
use super::wanted::RollbackTo;
use crate::domain::change::{Refusal, Risk, Target};
use crate::domain::id::DeploymentId;

/// Methods that are named one by one in a plan.
const NAMED: usize = 8;

/// The deployment that is meant, and how it was found.
///
/// # Errors
/// Where there is none such, or it is the present one.
pub fn choose(
    target: &Target,
    to: &RollbackTo,
    present: Option<&str>,
    facts: &Facts,
) -> Result<(DeploymentId, Option<String>), Refusal> {
    let forbidden = |why: String| Err(Refusal::Forbidden { target: target.to_string(), why });
    let known = |wanted: &DeploymentId| facts.deployments.iter().any(|deployment| deployment.id == *wanted);
    match to {
        RollbackTo::Deployment(wanted) if present == Some(wanted.as_str()) => {
            Err(super::draft::unchanged(target, format!("it points at {wanted}")))
        }
        RollbackTo::Deployment(wanted) if !known(wanted) => {
            forbidden(format!("its API has no deployment {wanted}; `cellgate get deployments` lists them"))
        }
        RollbackTo::Deployment(wanted) => Ok((wanted.clone(), None)),
        RollbackTo::Previous => {
            let by_journal = facts
                .previous
                .as_ref()
                .filter(|previous| known(previous) && present != Some(previous.as_str()));
            if let Some(previous) = by_journal {
                return Ok((previous.clone(), Some("the journal says that it was there before".to_owned())));
            }
            // AWS keeps no history of a stage, so the next older deployment is the best guess.
            let place =
                facts.deployments.iter().position(|deployment| present == Some(deployment.id.as_str()));
            match place.and_then(|place| facts.deployments.get(place + 1)) {
                Some(older) => Ok((
                    older.id.clone(),
                    Some(
                        "AWS doesn't tell what the stage pointed at before, and the journal doesn't know: this is \
                         the next older deployment of its API"
                            .to_owned(),
                    ),
                )),
                None => forbidden("there is no older deployment to roll back to".to_owned()),
            }
        }
    }
}

/// Adds what is different between the two deployments.
pub fn weigh(mut draft: Draft, facts: &Facts, variables: &[&str]) -> Draft {
    match (&facts.present_methods, &facts.wanted_methods) {
        (Some(present), Some(wanted)) => {
            let gone: Vec<_> = present.difference(wanted).map(String::as_str).collect();
            let new: Vec<_> = wanted.difference(present).map(String::as_str).collect();
            if !gone.is_empty() {
                draft = draft.with_risk(Risk::High).warn(format!(
                    "{} missing in that deployment and will be refused: {}",
                    counted(gone.len(), "method is", "methods are"),
                    named(&gone)
                ));
            }
            if !new.is_empty() {
                draft = draft.warn(format!(
                    "{} only in that deployment: {}",
                    counted(new.len(), "method is", "methods are"),
                    named(&new)
                ));
            }
        }
        _ => draft = draft.warn("what is different in that deployment could not be read"),
    }
    if let Some(referred) = &facts.wanted_variables {
        let missing: Vec<_> =
            referred.iter().map(String::as_str).filter(|name| !variables.contains(name)).collect();
        if !missing.is_empty() {
            draft = draft
                .with_risk(Risk::High)
                .warn(format!("it refers to stage variables that aren't set: {}", named(&missing)));
        }
    }
    draft
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn named(names: &[&str]) -> String {
    let shown = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    if names.len() > NAMED { format!("{shown} and {} more", names.len() - NAMED) } else { shown }
}
