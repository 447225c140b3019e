//! Moves of customers: planned from what the table says now, announced in the journal, carried out range by range,
//! taken up again after a crash, and taken back.
//!
//! What was sent is never sent again blindly: where an answer is lost, the item is read, and only one that is as it
//! was before is written again.

mod after;
mod among;
mod around_wave;
mod asked;
mod between_waves;
mod choose;
mod connections;
mod control;
mod gate;
mod given;
mod hook;
mod known;
mod load;
mod mover;
mod one;
mod pace;
mod placement;
mod plan;
mod preflight;
mod room;
mod start;
mod undo;

use crate::domain::change::Outcome;
use crate::domain::id::ChangeId;
use crate::domain::moves::outcome::Tally;
use crate::domain::moves::run::Run;

pub use after::{outdated_at, wait_until, watch, watch_of};
pub use among::Among;
pub use asked::SHARE_HINT;
pub use choose::{By, Choice, Chosen, Part, choose};
pub use connections::{CLOSED_PER_SECOND, LeftBehind, LeftConnection, Surroundings, closing_of, left_behind};
pub use control::{Control, Wish, wish};
pub use gate::Answer;
pub use given::{Given, given};
pub use known::{known_moves, moves_of_this_machine, named, refuse_elsewhere};
pub use plan::{GateChoice, MoveGrounds, Terms, plan};
pub use start::{abandon, resume, start};
pub use undo::plan_undo;

/// What a move is doing, for whoever waits.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    Announced(ChangeId),
    /// Customers that a process left in doubt are looked at.
    Settling {
        customers: u32,
    },
    Wave {
        number: u32,
        waves: u32,
        customers: u32,
    },
    /// A range is done.
    Counted {
        tally: Tally,
        customers: u32,
        per_second: f64,
    },
    /// DynamoDB throttled; the pace from now on.
    Slowed {
        per_second: f64,
    },
    /// A command around a wave: that it runs, and what it says.
    Hook {
        text: String,
    },
    /// Between two waves: what is being waited for.
    Gate {
        text: String,
    },
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Finished {
    pub run: Run,
    /// None where the move was begun on another machine.
    pub given: Option<Given>,
    pub ended: Ended,
}

/// How it ended, for now or for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The end is in the journal.
    Ended(Outcome),
    /// It can be taken up again.
    Paused { why: String },
}
