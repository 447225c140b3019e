//! Plans of moves: what each mapping says now, who can be moved, and who is left out.

use std::collections::{BTreeMap, HashMap};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::choose::Chosen;
use super::{placement, preflight};
use crate::aws::{LARGEST_BATCH, Mode, Session};
use crate::domain::cell::CellSource;
use crate::domain::change::Refusal;
use crate::domain::estate::Estate;
use crate::domain::failure::Failure;
use crate::domain::fleet::{CellRow, Thresholds};
use crate::domain::id::{CellId, ChangeId};
use crate::domain::identity::RegionKey;
use crate::domain::mapping::MappingSettings;
use crate::domain::moves::hook::HookKind;
use crate::domain::moves::roster::Roster;
use crate::domain::moves::run::Run;
use crate::domain::moves::settings::{MoveSettings, MoveTable};
use crate::domain::moves::verdict::{FoundCell, FoundMapping};
use crate::domain::moves::waves::Waves;
use crate::domain::moves::{DataRule, Gate, GaugedApi, MoveHeader, MovePlan, SkipReason, Skipped};
use crate::ops::change::ChangeError;
use crate::ops::clock::Clock;
use crate::ops::signals::{api_dimension, shares_metrics};

/// BatchGetItem calls under way at once.
pub(super) const READS_AT_ONCE: usize = 4;

/// How the operator wants it done.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is something else that the operator says")]
pub struct Terms {
    /// Customers a second, in place of the configured rate.
    pub rate: Option<f64>,
    pub gate: GateChoice,
    /// The operator has said that data stays behind.
    pub data_stays: bool,
    /// Customers without a mapping get one.
    pub create: bool,
    /// Go on to a cell that is not well.
    pub force: bool,
    pub stop_on_conflict: bool,
}

/// What is watched between waves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GateChoice {
    /// The configured condition.
    #[default]
    Signals,
    Nothing,
    Condition(String),
}

/// What is known where a move is planned.
#[derive(Clone, Copy, Debug)]
pub struct MoveGrounds<'plan> {
    pub moves: &'plan MoveSettings,
    pub mapping: &'plan MappingSettings,
    pub fleet: &'plan [CellRow],
    /// The APIs of the cells.
    pub estate: &'plan Estate,
    pub thresholds: &'plan Thresholds,
    /// The moves of the journals: nobody is moved to a cell that an unfinished one empties.
    pub known: &'plan [Run],
    pub clock: &'plan Clock,
}

/// The customers of a cell by the table's index.
///
/// # Errors
/// Where the table has no such index, or can't be read.
pub async fn customers_of<M: Mode>(
    session: &Session<M>,
    cell: &CellId,
    grounds: &MoveGrounds<'_>,
    seen: &(dyn Fn(usize) + Send + Sync),
) -> Result<Vec<String>, ChangeError> {
    let table = MoveTable::new(grounds.mapping, grounds.moves);
    let facts = session.describe_move_table(&table).await?;
    let Some(index) = facts.cell_index else {
        let why = format!(
            "it has no index on {}, so the customers of a cell can't be listed without reading it whole; \
             give them with --file",
            table.cell_attribute
        );
        return Err(Refusal::Forbidden { target: format!("table {}", table.name), why }.into());
    };
    Ok(session.customers_of_cell(&table, &index, cell, seen).await?)
}

/// Reads each mapping and plans the moves. `chosen` has each customer once.
///
/// # Errors
/// `Refused` where a cell or the table can't be moved to, where data would be lost unsaid, or where nobody is left
/// to be moved; `Failed` where the table can't be read.
pub async fn plan<M: Mode>(
    session: &Session<M>,
    chosen: &Chosen,
    terms: &Terms,
    grounds: &MoveGrounds<'_>,
) -> Result<MovePlan, ChangeError> {
    let table = MoveTable::new(grounds.mapping, grounds.moves);
    let facts = session.describe_move_table(&table).await?;
    preflight::judge_table(&table, &facts)?;
    let wanted = &chosen.customers;
    let customers: Vec<&str> = wanted.iter().map(|(customer, _)| customer.as_str()).collect();
    let found = read_all(session, &table, &customers).await?;
    let mut roster = Roster::default();
    let mut skipped = Vec::new();
    for ((customer, to), found) in wanted.iter().zip(&found) {
        match judge(customer, (to, &chosen.shared), found.as_ref(), terms) {
            Ok(from) => add(&mut roster, customer, from, Some(to.clone()), &table)?,
            Err(skip) => skipped.push(skip),
        }
    }
    if roster.is_empty() {
        return Err(nobody(&skipped, &table));
    }
    let mut plan = assemble(session, table, roster, skipped, terms, grounds)?;
    plan.header.chosen.clone_from(&chosen.how);
    let warnings = preflight::judge_cells(&plan, (&facts, &chosen.per_second), terms, grounds)?;
    plan.header.warnings.extend(warnings);
    plan.header.warnings.extend(placement::judge(session, &plan, terms, grounds).await?);
    refuse_too_large(&plan)?;
    Ok(plan)
}

/// A move that can't be announced is refused before anybody says yes to it.
pub(super) fn refuse_too_large(plan: &MovePlan) -> Result<(), Refusal> {
    if plan.header.fits_a_record() {
        return Ok(());
    }
    let why = format!(
        "{} ways from cell to cell, with what is to be known of them, don't fit into a record of the journal: move \
         fewer customers at once, or between fewer cells",
        plan.header.pairs.len()
    );
    Err(Refusal::Forbidden { target: format!("table {}", plan.header.table.name), why })
}

/// Every item, in the order asked for.
pub(super) async fn read_all<M: Mode>(
    session: &Session<M>,
    table: &MoveTable,
    customers: &[&str],
) -> Result<Vec<Option<FoundMapping>>, Failure> {
    // Boxed and listed, so that whoever awaits this may do so on any thread.
    let reads: Vec<BoxFuture<'_, _>> =
        customers.chunks(LARGEST_BATCH).map(|batch| session.mappings(table, batch).boxed()).collect();
    let batches: Vec<Vec<Option<FoundMapping>>> =
        stream::iter(reads).buffered(READS_AT_ONCE).try_collect().await?;
    Ok(batches.into_iter().flatten().collect())
}

/// The cell that the customer leaves; none where they have no mapping and get one.
fn judge(
    customer: &str,
    (to, shared): (&CellId, &[CellId]),
    found: Option<&FoundMapping>,
    terms: &Terms,
) -> Result<Option<CellId>, Skipped> {
    let skip = |reason, cell: Option<&str>, why: &str| Skipped {
        customer: customer.to_owned(),
        cell: cell.map(|cell| crate::domain::text::sanitise(cell).into_owned()),
        reason,
        why: why.to_owned(),
    };
    match found.map(|found| &found.cell) {
        None if terms.create => Ok(None),
        None => Err(skip(SkipReason::Unknown, None, "the table has no mapping; --create makes one")),
        Some(FoundCell::Missing) => Err(skip(SkipReason::Unusable, None, "the item names no cell")),
        Some(FoundCell::OtherType(kind)) => {
            Err(skip(SkipReason::Unusable, None, &format!("its cell is of type {kind}, not S")))
        }
        Some(FoundCell::Cell(cell))
            if cell == to.as_str() || shared.iter().any(|other| cell == other.as_str()) =>
        {
            Err(skip(SkipReason::AlreadyThere, Some(cell), ""))
        }
        Some(FoundCell::Cell(cell)) => {
            let from = CellId::new(cell);
            if from.as_str() == cell {
                Ok(Some(from))
            } else {
                Err(skip(SkipReason::Unusable, Some(cell), "its cell has characters that no cell's id has"))
            }
        }
    }
}

pub(super) fn add(
    roster: &mut Roster,
    customer: &str,
    from: Option<CellId>,
    to: Option<CellId>,
    table: &MoveTable,
) -> Result<(), ChangeError> {
    if roster.push(customer.to_owned(), from, to) {
        return Ok(());
    }
    let why = "more than 65,536 ways from cell to cell in one move: move fewer customers at once".to_owned();
    Err(Refusal::Forbidden { target: format!("table {}", table.name), why }.into())
}

pub(super) fn nobody(skipped: &[Skipped], table: &MoveTable) -> ChangeError {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for skip in skipped {
        *counts.entry(skip.reason.word()).or_default() += 1;
    }
    let mut counts: Vec<String> =
        counts.into_iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    counts.sort();
    let how = if counts.is_empty() { "no customer was given".to_owned() } else { counts.join(", ") };
    Refusal::Unchanged { target: format!("table {}", table.name), how }.into()
}

/// The APIs that stand for a cell without a metric of its own. Those that share a series with another are no witness.
pub(super) fn gauged(cell: &CellId, grounds: &MoveGrounds<'_>) -> Option<Vec<GaugedApi>> {
    let row = grounds.fleet.iter().find(|row| row.id == *cell)?;
    if row.cell.sources.contains(&CellSource::Metric) {
        return None;
    }
    let all = || grounds.estate.apis().into_iter().map(|(_, entry)| &entry.api);
    let own = row.cell.apis.iter().filter_map(|(slot, id)| Some(&grounds.estate.api(*slot, id)?.api));
    let gauged = own
        .filter(|api| !shares_metrics(api, all()))
        .map(|api| GaugedApi { kind: api.kind, dimension: api_dimension(api) });
    Some(gauged.collect())
}

/// The plan of a roster; what becomes of the data is judged here.
pub(super) fn assemble<M: Mode>(
    session: &Session<M>,
    table: MoveTable,
    roster: Roster,
    skipped: Vec<Skipped>,
    terms: &Terms,
    grounds: &MoveGrounds<'_>,
) -> Result<MovePlan, ChangeError> {
    let moves = grounds.moves;
    let minutes = moves.gate_minutes;
    let gate = match &terms.gate {
        GateChoice::Nothing => None,
        GateChoice::Signals => Some(moves.gate.clone()),
        GateChoice::Condition(condition) => Some(condition.clone()),
    };
    let cells = roster.pairs().iter().flat_map(|pair| pair.from.iter().chain(&pair.to));
    let apis: BTreeMap<CellId, Vec<GaugedApi>> =
        cells.filter_map(|cell| Some((cell.clone(), gauged(cell, grounds)?))).collect();
    let gate = gate.map(|condition| Gate { condition, minutes, apis });
    if let Some(gate) = &gate {
        super::gate::judge(gate)?;
    }
    let keeps_data = |cell: &Option<CellId>| match cell {
        Some(cell) => !moves.is_stateless(cell),
        None => !moves.stateless,
    };
    let stateful = roster.pairs().iter().any(|pair| keeps_data(&pair.from));
    let hooks = moves.hooks.kinds();
    let copied = hooks.contains(&HookKind::Before);
    if stateful && !copied && !terms.data_stays {
        let why = "the customers' data stays behind in the cell that they leave; say that it may with --data-stays, \
                   configure a command that copies it, `moves.before-wave`, or `cells.stateless`"
            .to_owned();
        return Err(Refusal::Forbidden { target: format!("{} customers", roster.len()), why }.into());
    }
    let rate = terms.rate.unwrap_or(moves.rate);
    let header = MoveHeader {
        region: RegionKey { account: session.account().clone(), region: session.region().clone() },
        table,
        customers: roster.len(),
        pairs: roster.pairs().to_vec(),
        waves: Waves::new(rate),
        range: moves.range_at(rate),
        at_once: moves.at_once,
        gate,
        data: match (stateful, copied) {
            (true, true) => DataRule::Copied,
            (true, false) => DataRule::StaysBehind,
            (false, _) => DataRule::Stateless,
        },
        hooks,
        chosen: None,
        stop_on_conflict: terms.stop_on_conflict,
        router_cache_seconds: moves.router_cache_seconds,
        undoes: None::<ChangeId>,
        warnings: Vec::new(),
        planned_at: grounds.clock.now(),
    };
    Ok(MovePlan { header, roster, skipped, intake: None })
}
