//! What the model wants done outside of it. The runtime does it and answers with a reply.

use super::event::{List, ReplySlot, Ticket};
use super::model::{MoveWanted, StageKey};
use crate::domain::bulk::BulkPlan;
use crate::domain::change::{Plan, Target};
use crate::domain::estate::RegionSlot;
use crate::domain::history::ChangeHistory;
use crate::domain::id::{ApiId, ApiKeyId, BulkId, CellId, ChangeId, UsagePlanId};
use crate::domain::levers::Wanted;
use crate::domain::moves::MovePlan;
use crate::domain::page_key::PageKey;
use crate::ops::moves::{LeftBehind, Wish};

#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Connect {
        slot: RegionSlot,
        ticket: Ticket,
    },
    ReadInventory {
        slot: RegionSlot,
        ticket: Ticket,
    },
    /// All that hangs on one API.
    ReadApi {
        slot: RegionSlot,
        api: ApiId,
        ticket: Ticket,
    },
    /// A list that is on screen.
    ReadList {
        slot: RegionSlot,
        list: List,
        ticket: Ticket,
    },
    /// On which usage plans these keys are: a request a key.
    ReadPlansOfKeys {
        slot: RegionSlot,
        keys: Vec<ApiKeyId>,
        ticket: Ticket,
    },
    /// What a key used of its plans: a request a plan.
    ReadUsageOfKey {
        slot: RegionSlot,
        key: ApiKeyId,
        ticket: Ticket,
    },
    /// What all keys used of these plans: a request a plan.
    ReadUsageOfPlans {
        slot: RegionSlot,
        plans: Vec<UsagePlanId>,
        ticket: Ticket,
    },
    ReadSignals {
        slot: RegionSlot,
        ticket: Ticket,
    },
    ReadTraffic {
        stage: StageKey,
        ticket: Ticket,
    },
    /// Allow changes, if what was typed names the account.
    Arm {
        slot: RegionSlot,
        typed: String,
        ticket: Ticket,
    },
    Disarm {
        slot: RegionSlot,
    },
    Plan {
        slot: RegionSlot,
        target: Target,
        wanted: Wanted,
        ticket: Ticket,
    },
    /// Carry a confirmed plan out. Made in one place: `update::change::confirm`.
    Apply {
        slot: RegionSlot,
        plan: Box<Plan>,
        ticket: Ticket,
    },
    /// One plan for several targets.
    PlanBulk {
        slot: RegionSlot,
        targets: Vec<(Target, Wanted)>,
        ticket: Ticket,
    },
    /// Plan the way back of all that a bulk did.
    PlanBulkUndo {
        slot: RegionSlot,
        bulk: BulkId,
        ticket: Ticket,
    },
    /// Carry a confirmed plan out. Made in one place: `update::bulk::confirm`.
    ApplyBulk {
        slot: RegionSlot,
        plan: Box<BulkPlan>,
        ticket: Ticket,
    },
    /// Begin no other target of the bulk that runs.
    StopBulk,
    /// Find out who is meant, and plan their move.
    PlanMove {
        slot: RegionSlot,
        wanted: Box<MoveWanted>,
        ticket: Ticket,
    },
    /// Carry a confirmed plan out. Made in one place: `update::moves::confirm`.
    StartMove {
        slot: RegionSlot,
        plan: Box<MovePlan>,
        ticket: Ticket,
    },
    /// Take a move up again, or give it up. Made in `update::moves` alone.
    ContinueMove {
        slot: RegionSlot,
        id: ChangeId,
        give_up: bool,
        ticket: Ticket,
    },
    /// Have the move that runs here pause between two ranges.
    StopMove,
    /// Find out what finding the connections that a move left behind takes.
    WeighConnections {
        slot: RegionSlot,
        ticket: Ticket,
    },
    /// Read the table of connections for those that a move left behind.
    FindConnections {
        slot: RegionSlot,
        id: ChangeId,
        ticket: Ticket,
    },
    /// Plan to close those that were found.
    PlanClosing {
        slot: RegionSlot,
        id: ChangeId,
        left: Box<LeftBehind>,
        ticket: Ticket,
    },
    /// Leave a wish for the process that carries a move out elsewhere.
    WishMove {
        slot: RegionSlot,
        id: ChangeId,
        wish: Wish,
        ticket: Ticket,
    },
    ReadJournal {
        ticket: Ticket,
    },
    /// Plan the way back of a change of the journal.
    PlanUndo {
        slot: RegionSlot,
        change: ChangeId,
        ticket: Ticket,
    },
    /// See how far a change without an outcome has come.
    Examine {
        slot: RegionSlot,
        change: ChangeId,
        ticket: Ticket,
    },
    /// Record what became of a change without an outcome, once the rest of it is sent where that is wanted.
    /// Made in one place: `update::remedy::carry_on`.
    Finish {
        slot: RegionSlot,
        change: Box<ChangeHistory>,
        send: bool,
        ticket: Ticket,
    },
    /// Look a customer up.
    Lookup {
        slot: RegionSlot,
        /// As typed or stored, not sanitised.
        customer: String,
        ticket: Ticket,
    },
    /// A page of a cell's customers.
    ReadCustomers {
        slot: RegionSlot,
        cell: CellId,
        from: Option<PageKey>,
        ticket: Ticket,
    },
    /// The count that the state directory has.
    ReadKeptCount {
        slot: RegionSlot,
        ticket: Ticket,
    },
    Cancel(ReplySlot),
    /// Put text on the clipboard of whoever sits at the terminal.
    Copy(String),
    /// Fail on purpose.
    Panic,
    Quit,
}
