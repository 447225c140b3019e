//! A move of customers in the console: what is asked for, its plan while it waits for a yes, and how far it has come.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::overlay::Confirmation;
use crate::domain::estate::RegionSlot;
use crate::domain::id::{CellId, ChangeId};
use crate::domain::moves::aftermath::Aftermath;
use crate::domain::moves::outcome::Tally;
use crate::domain::moves::run::{Run, Standing};
use crate::domain::moves::{MoveHeader, MovePlan, MoveTarget};
use crate::ops::moves::{Choice, Ended, Progress, Terms, Wish};
use crate::tui::event::{MoveEnd, Trouble};

/// Whom a form of moves is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MoveSubject {
    /// As stored, and the cell that they are listed under.
    Customers { customers: Vec<String>, from: Option<CellId> },
    /// Some customers of a cell.
    PartOf(CellId),
    /// All customers of a cell.
    AllOf(CellId),
    /// Those whose moves even cells out.
    Fleet,
    /// Those whom an earlier move has moved.
    Undo(ChangeId),
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum MoveWanted {
    Choice(Choice, Terms),
    /// The way back of a move.
    Undo(ChangeId, Terms),
}

/// A plan that waits for its yes.
#[derive(Clone, Debug)]
pub struct MovePlanState {
    pub slot: RegionSlot,
    pub offered: Offered,
    pub scroll: usize,
    pub confirmation: Confirmation,
}

/// What the yes is to.
#[derive(Clone, Debug)]
pub enum Offered {
    New(Box<MovePlan>),
    /// A move that nobody carries out, and whether it is given up.
    Unfinished {
        standing: Arc<MoveStanding>,
        give_up: bool,
    },
}

/// A move as the journal tells it, without its customers.
#[derive(Clone, Debug, PartialEq)]
pub struct MoveStanding {
    pub id: ChangeId,
    pub header: MoveHeader,
    pub standing: Standing,
    /// Why it was paused, where it was.
    pub paused: Option<String>,
    pub tally: Tally,
    /// When the last of its records was written.
    pub last: Timestamp,
    /// Some process on this machine holds its cells.
    pub held: bool,
    /// Customers who were not moved, and why; the first of them.
    pub exceptions: Vec<(String, String)>,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveWork {
    Starting,
    Resuming,
    GivingUp,
}

/// A move that runs or has run here.
#[derive(Clone, Debug)]
pub struct MoveRun {
    pub slot: RegionSlot,
    pub header: MoveHeader,
    pub work: MoveWork,
    pub id: Option<ChangeId>,
    pub started: Timestamp,
    pub tally: Tally,
    /// Customers a second, all waves together.
    pub per_second: Option<f64>,
    /// Its number, how many there are, and how many customers it has.
    pub wave: Option<(u32, u32, u32)>,
    /// What a command around a wave says, while one runs.
    pub hook: Option<String>,
    /// What the gate waits for, while one does.
    pub gate: Option<String>,
    /// The pace since DynamoDB throttled, where it did.
    pub slowed: Option<f64>,
    /// What the operator wants of it.
    pub wish: Option<Wish>,
    pub end: Option<MoveRunEnd>,
}

/// How it ended, for now or for good.
#[derive(Clone, Debug)]
pub struct MoveRunEnd {
    pub at: Timestamp,
    pub outcome: Result<MoveEnd, Trouble>,
    /// What is left to see to; none where nobody was moved.
    pub after: Option<Aftermath>,
}

/// Exceptions that are kept by name: more than anybody reads through.
const EXCEPTIONS: usize = 50;

impl MoveSubject {
    /// `3 customers`, `customers of cell-01`.
    pub fn words(&self) -> String {
        match self {
            Self::Customers { customers, .. } => match customers.as_slice() {
                [one] => format!("customer {}", crate::domain::text::sanitise(one)),
                several => format!("{} customers", several.len()),
            },
            Self::PartOf(cell) => format!("customers of {cell}"),
            Self::AllOf(cell) => format!("all customers of {cell}"),
            Self::Fleet => "customers of all cells".to_owned(),
            Self::Undo(id) => format!("the move {id}"),
        }
    }

    /// The cell that is left, where it is one.
    pub fn from(&self) -> Option<&CellId> {
        match self {
            Self::Customers { from, .. } => from.as_ref(),
            Self::PartOf(cell) | Self::AllOf(cell) => Some(cell),
            Self::Fleet | Self::Undo(_) => None,
        }
    }

    /// The same as a change's target, as far as it is known before the plan.
    pub fn target(&self) -> MoveTarget {
        let customers = match self {
            Self::Customers { customers, .. } => u32::try_from(customers.len()).unwrap_or(u32::MAX),
            _ => 0,
        };
        let from = self.from().cloned().into_iter().collect();
        MoveTarget { table: String::new(), customers, from, to: BTreeSet::new() }
    }
}

impl MoveWanted {
    /// What is being planned, in words.
    pub fn words(&self) -> String {
        match self {
            Self::Choice(Choice::Named { customers, to }, _) => {
                let customers = customers.clone();
                format!("{} to {}", MoveSubject::Customers { customers, from: None }.words(), listed(to))
            }
            Self::Choice(Choice::Part { from, to, .. }, _) => {
                format!("customers of {from} to {}", listed(to))
            }
            Self::Choice(Choice::Drain { cell, .. }, _) => format!("all customers of {cell}"),
            Self::Choice(Choice::Rebalance { .. }, _) => "customers of all cells".to_owned(),
            Self::Undo(id, _) => format!("the way back of {id}"),
        }
    }
}

/// The name of one cell, and the number of several.
fn listed(cells: &[CellId]) -> String {
    match cells {
        [one] => one.to_string(),
        several => format!("{} cells", several.len()),
    }
}

/// What must be typed where a move is confirmed by name: the cells that get customers, or how many move where those
/// are more than anybody wants to type.
pub fn phrase(header: &MoveHeader) -> String {
    const TYPED: usize = 3;
    let targets: Vec<String> = header.targets().iter().map(ToString::to_string).collect();
    match targets.len() {
        0 => header.table.name.clone(),
        1..=TYPED => targets.join(","),
        _ => format!("move {}", header.customers),
    }
}

impl MoveStanding {
    pub fn of(run: &Run, held: bool) -> Self {
        let exceptions = (0..run.header.customers).filter_map(|place| {
            let fate = run.fate(place);
            let why = fate.why().map(|why| format!(": {why}")).unwrap_or_default();
            let is_exception = matches!(fate, crate::domain::moves::outcome::Fate::Exception(_));
            let customer = run.passenger(place).filter(|_| is_exception)?.customer;
            Some((customer.to_owned(), format!("{}{why}", fate.word())))
        });
        Self {
            id: run.id.clone(),
            header: run.header.clone(),
            standing: run.standing(),
            paused: run.paused.clone(),
            tally: run.tally(),
            last: run.last,
            held,
            exceptions: exceptions.take(EXCEPTIONS).collect(),
        }
    }

    pub fn has_ended(&self) -> bool {
        self.standing == Standing::Ended
    }

    /// One word for how it stands, where it has not ended.
    pub fn state(&self) -> &'static str {
        match self.standing {
            Standing::Ended => "ended",
            _ if self.held => "moving",
            Standing::Paused => "paused",
            Standing::Unannounced | Standing::Open => "open",
        }
    }
}

impl MoveRun {
    pub fn new(slot: RegionSlot, header: MoveHeader, work: MoveWork, started: Timestamp) -> Self {
        let tally = Tally { waiting: header.customers, ..Tally::default() };
        Self {
            slot,
            header,
            work,
            id: None,
            started,
            tally,
            per_second: None,
            wave: None,
            hook: None,
            gate: None,
            slowed: None,
            wish: None,
            end: None,
        }
    }

    /// One that the journal knows already.
    pub fn again(slot: RegionSlot, standing: &MoveStanding, work: MoveWork, started: Timestamp) -> Self {
        let new = Self::new(slot, standing.header.clone(), work, started);
        Self { id: Some(standing.id.clone()), tally: standing.tally, ..new }
    }

    pub fn is_running(&self) -> bool {
        self.end.is_none()
    }

    /// Whether it has stopped and can be taken up again.
    pub fn is_paused(&self) -> bool {
        let ended = self.end.as_ref().and_then(|end| end.outcome.as_ref().ok()).map(|end| &end.ended);
        matches!(ended, Some(Ended::Paused { .. }))
    }

    /// What is left to see to now, once it has stopped.
    pub fn aftermath(&self, now: Timestamp) -> Option<Aftermath> {
        Some(self.end.as_ref()?.after.as_ref()?.at(now))
    }

    /// `120 customers of cell-01 to cell-02`.
    pub fn what(&self) -> String {
        self.header.target().to_string()
    }

    /// Of those whose turn has come and gone, 0 to 1.
    pub fn share(&self) -> f64 {
        f64::from(self.tally.done()) / f64::from(self.header.customers.max(1))
    }

    /// For how long the writes still go on at the present pace; gates come on top.
    pub fn left(&self) -> Option<SignedDuration> {
        let pace = self.per_second.filter(|pace| *pace > 0.0)?;
        let left = f64::from(self.header.customers.saturating_sub(self.tally.done())) / pace;
        SignedDuration::try_from_secs_f64(left.ceil()).ok()
    }

    pub fn take(&mut self, progress: Progress) {
        if !matches!(progress, Progress::Slowed { .. }) {
            (self.gate, self.hook) = (None, None);
        }
        match progress {
            Progress::Announced(id) => self.id = Some(id),
            Progress::Settling { .. } => {}
            Progress::Wave { number, waves, customers } => self.wave = Some((number, waves, customers)),
            Progress::Counted { tally, per_second, .. } => {
                self.tally = tally;
                self.per_second = Some(per_second);
            }
            Progress::Slowed { per_second } => self.slowed = Some(per_second),
            Progress::Hook { text } => self.hook = Some(text),
            Progress::Gate { text } => self.gate = Some(text),
        }
    }
}

#[cfg(test)]
mod tests;
