//! The way back of a move: a new move of exactly those whom it moved and who still sit where it put them.

use std::collections::HashMap;

use super::known::refuse_elsewhere;
use super::plan::{MoveGrounds, Terms, add, assemble, nobody, read_all, refuse_too_large};
use super::{placement, preflight};
use crate::aws::{Mode, Session};
use crate::domain::change::Refusal;
use crate::domain::moves::roster::Roster;
use crate::domain::moves::run::Run;
use crate::domain::moves::{MovePlan, SkipReason, Skipped};
use crate::ops::change::ChangeError;

/// Plans the way back. Those whom somebody has moved since are left out, and named.
///
/// # Errors
/// `Refused` where customers are in doubt or nobody is left to be moved back; else as [`super::plan`].
pub async fn plan_undo<M: Mode>(
    session: &Session<M>,
    run: &Run,
    terms: &Terms,
    grounds: &MoveGrounds<'_>,
) -> Result<MovePlan, ChangeError> {
    refuse_elsewhere(session, run)?;
    if !run.in_doubt().is_empty() {
        let why = "customers are in doubt: `cellgate moves resume` or `moves abort` finds out about them"
            .to_owned();
        return Err(Refusal::NoUndo { change: run.id.clone(), why }.into());
    }
    let table = run.header.table.clone();
    let facts = session.describe_move_table(&table).await?;
    preflight::judge_table(&table, &facts)?;
    let moved: Vec<_> = run.moved().map(|(_, passenger)| passenger).collect();
    let customers: Vec<&str> = moved.iter().map(|passenger| passenger.customer).collect();
    let found = read_all(session, &table, &customers).await?;
    let (mut roster, mut skipped) = (Roster::default(), Vec::new());
    for (passenger, found) in moved.into_iter().zip(found) {
        let cell = found.as_ref().and_then(|found| found.cell());
        if cell == passenger.to.map(crate::domain::id::CellId::as_str)
            && (found.is_none() == passenger.to.is_none())
        {
            add(&mut roster, passenger.customer, passenger.to.cloned(), passenger.from.cloned(), &table)?;
            continue;
        }
        let by = found.as_ref().and_then(|found| found.by.as_deref());
        let by = by.map(|by| format!(" by {by}")).unwrap_or_default();
        skipped.push(Skipped {
            customer: passenger.customer.to_owned(),
            cell: cell.map(|cell| crate::domain::text::sanitise(cell).into_owned()),
            reason: SkipReason::MovedSince,
            why: format!("now {}{by}", cell.unwrap_or("without a mapping")),
        });
    }
    if roster.is_empty() {
        return Err(nobody(&skipped, &table));
    }
    let mut plan = assemble(session, table, roster, skipped, terms, grounds)?;
    plan.header.undoes = Some(run.id.clone());
    let unknown = HashMap::new();
    let warnings = preflight::judge_cells(&plan, (&facts, &unknown), terms, grounds)?;
    plan.header.warnings.extend(warnings);
    plan.header.warnings.extend(placement::judge(session, &plan, terms, grounds).await?);
    refuse_too_large(&plan)?;
    Ok(plan)
}
