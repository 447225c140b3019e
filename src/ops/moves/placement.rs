//! Whether the cells that a move goes to take new customers: who closed one did not mean to fill it.

use super::plan::{MoveGrounds, Terms};
use crate::aws::{Mode, Session};
use crate::domain::change::Refusal;
use crate::domain::moves::MovePlan;
use crate::domain::placement::Placement;
use crate::ops::placement;

/// What to know before saying yes. A table that can't be read is told, and keeps nobody from moving.
///
/// # Errors
/// Where a target is closed and the operator has not said that it may be so. An undo goes back in any case.
pub async fn judge<M: Mode>(
    session: &Session<M>,
    plan: &MovePlan,
    terms: &Terms,
    grounds: &MoveGrounds<'_>,
) -> Result<Vec<String>, Refusal> {
    let Some(settings) = &grounds.moves.placement else { return Ok(Vec::new()) };
    let cells = match placement::read(session, settings).await {
        Ok(cells) => cells,
        Err(failure) => {
            return Ok(vec![format!("whether the cells are closed to placement is unknown: {failure}")]);
        }
    };
    let mut warnings = Vec::new();
    for to in plan.header.targets() {
        match cells.get(&to) {
            Some(Placement::Closed) if !terms.force && plan.header.undoes.is_none() => {
                let why = format!(
                    "it is closed to new customers by {}; `cellgate placement open {to}` opens it, and --force moves \
                     customers there all the same",
                    settings.table
                );
                return Err(Refusal::Forbidden { target: to.to_string(), why });
            }
            Some(Placement::Closed) => warnings.push(format!("{to} is closed to new customers")),
            Some(Placement::Unusable(what)) => warnings
                .push(format!("whether {to} is closed to new customers is unknown: the attribute is {what}")),
            Some(Placement::Open) | None => {}
        }
    }
    Ok(warnings)
}
