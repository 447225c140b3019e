//! What is asked before a move: whether the table can be written as the move would, and whether the cells can take
//! the customers.

use std::collections::HashMap;

use super::plan::{MoveGrounds, Terms};
use super::room::{self, Room};
use crate::aws::MoveTableFacts;
use crate::domain::change::Refusal;
use crate::domain::fleet::CellState;
use crate::domain::id::CellId;
use crate::domain::moves::MovePlan;
use crate::domain::moves::run::{Run, Standing};
use crate::domain::moves::settings::MoveTable;
use crate::domain::suggest::nearest;

/// # Errors
/// Where the table is not as a move needs it.
pub fn judge_table(table: &MoveTable, facts: &MoveTableFacts) -> Result<(), Refusal> {
    let refuse = |why: String| Err(Refusal::Forbidden { target: format!("table {}", table.name), why });
    if facts.partition_key.as_deref() != Some(table.customer_attribute.as_str()) {
        let key = facts.partition_key.as_deref().unwrap_or("nothing");
        return refuse(format!(
            "its partition key is {key}, not {}: set mapping.customer-attribute to the table's key",
            table.customer_attribute
        ));
    }
    if !facts.plain_text_key {
        return refuse(
            "its key is not one text: only tables with the customer's id alone as key can be moved in"
                .to_owned(),
        );
    }
    // AWS: an index being made, or a capacity being changed, makes it UPDATING; items are written all the same.
    if !matches!(facts.status.as_str(), "ACTIVE" | "UPDATING") {
        return refuse(format!("it is {}: it can't be written", facts.status));
    }
    Ok(())
}

/// What to know before saying yes.
///
/// # Errors
/// Where a target isn't known, or is not well and the operator has not said that it may be so.
pub fn judge_cells(
    plan: &MovePlan,
    (facts, per_second): (&MoveTableFacts, &HashMap<String, f64>),
    terms: &Terms,
    grounds: &MoveGrounds<'_>,
) -> Result<Vec<String>, Refusal> {
    let mut warnings = Vec::new();
    let rooms = room::judge(&plan.roster, per_second, grounds.fleet, grounds.thresholds.load);
    for to in plan.header.targets() {
        if let Some(run) = emptying(&to, plan, grounds) {
            let why = format!("the move {} has not ended, and takes customers away from it", run.id);
            if !terms.force {
                let why = format!("{why}; --force moves customers there all the same");
                return Err(Refusal::Forbidden { target: to.to_string(), why });
            }
            warnings.push(format!("{to}: {why}"));
        }
        let Some(row) = grounds.fleet.iter().find(|row| row.id == to) else {
            if plan.header.undoes.is_some() {
                // A cell that nothing but its customers made known is unknown once they have left.
                warnings.push(format!("nothing tells of {to} any more but the move that is taken back"));
                continue;
            }
            let known = grounds.fleet.iter().map(|row| row.id.as_str());
            let meant =
                nearest(to.as_str(), known).map(|id| format!("; did you mean {id}?")).unwrap_or_default();
            let why = format!("no such cell is known{meant}");
            return Err(Refusal::Forbidden { target: to.to_string(), why });
        };
        match row.state {
            CellState::Errors | CellState::Full if !terms.force => {
                let why = format!(
                    "it is in state `{}`; --force moves customers there all the same",
                    row.state.word()
                );
                return Err(Refusal::Forbidden { target: to.to_string(), why });
            }
            CellState::Well => {}
            state => warnings.push(format!("{to} is in state `{}`", state.word())),
        }
        for room in rooms.get(&to).into_iter().flatten() {
            match room {
                Room::Lacking(why) if !terms.force => {
                    let why = format!("{why}; --force moves customers there all the same");
                    return Err(Refusal::Forbidden { target: to.to_string(), why });
                }
                Room::Lacking(why) => warnings.push(format!("{to}: {why}")),
                Room::Unknown(why) => warnings.push(format!("whether {to} has room is unknown: {why}")),
            }
        }
    }
    let rate = plan.header.waves.rate;
    // Evacuating a cell writes each item once to the table and twice to the index on the cell.
    for (units, needed, what) in
        [(facts.write_units, rate, "table"), (facts.index_write_units, rate * 2.0, "index on the cell")]
    {
        #[expect(clippy::cast_precision_loss, reason = "write units are far below 2^52")]
        if let Some(units) = units.map(|units| units as f64).filter(|units| needed > *units) {
            warnings.push(format!(
                "{rate} customers a second take {needed} write units of the {what}, which has {units}: it will throttle"
            ));
        }
    }
    let seconds = plan.header.router_cache_seconds;
    if seconds > 0 {
        warnings.push(format!(
            "the router may answer with the old cell for {seconds} s after each flip, unless its cache is flushed; \
             connections that are open stay where they are"
        ));
    }
    if !plan.skipped.is_empty() {
        warnings.push(format!("{} customers are left out", plan.skipped.len()));
    }
    Ok(warnings)
}

/// An unfinished move that empties a cell, unless it is the one that is taken back.
fn emptying<'known>(to: &CellId, plan: &MovePlan, grounds: &MoveGrounds<'known>) -> Option<&'known Run> {
    let header = &plan.header;
    grounds.known.iter().find(|run| {
        matches!(run.standing(), Standing::Open | Standing::Paused)
            && header.undoes.as_ref() != Some(&run.id)
            && run.header.region == header.region
            && run.header.table.name == header.table.name
            && run.header.sources().contains(to)
    })
}
