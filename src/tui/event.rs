//! Everything that can happen to the console, as values.

use std::collections::BTreeMap;
use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};
use jiff::{SignedDuration, Timestamp};

use super::model::{MoveStanding, StageKey};
use crate::domain::bulk::BulkPlan;
use crate::domain::change::{Outcome, Plan, PlannedCall};
use crate::domain::count::{Count, ScanCost};
use crate::domain::estate::RegionSlot;
use crate::domain::failure::Failure;
use crate::domain::fleet::Signals;
use crate::domain::history::ChangeHistory;
use crate::domain::id::{ApiId, ChangeId};
use crate::domain::inventory::{Connected, Update};
use crate::domain::moves::MovePlan;
use crate::domain::moves::outcome::Tally;
use crate::domain::page_key::PageKey;
use crate::domain::signal::StageTraffic;
use crate::ops::bulk::{BulkEnd, BulkProgress};
use crate::ops::change::Verdict;
use crate::ops::lookup::Lookup;
use crate::ops::moves::{self, Ended, LeftBehind, Wish};

#[derive(Debug)]
pub enum Event {
    Key(KeyEvent),
    Mouse(MouseEvent),
    Paste(String),
    /// Columns and rows.
    Resize(u16, u16),
    FocusGained,
    FocusLost,
    /// Time passed. The model learns the time from here alone.
    Tick(Timestamp),
    Budget(RegionSlot, Budget),
    /// How far a region's clock is ahead of the machine's.
    Ahead(RegionSlot, SignedDuration),
    Reply(Reply),
    /// SIGTERM or SIGHUP.
    Terminate,
}

/// What a task sends back.
#[derive(Debug)]
pub struct Reply {
    pub slot: ReplySlot,
    /// The ticket that the task was started with. Where the slot has a newer one, the reply is old.
    pub ticket: Ticket,
    pub body: ReplyBody,
}

/// Counts the tasks that were started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What a task is for. Each slot has at most one task; starting another cancels the one before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReplySlot {
    Connection(RegionSlot),
    Arming(RegionSlot),
    Inventory(RegionSlot),
    /// The parts of one API, read because someone looks at it.
    Api(RegionSlot, ApiId),
    /// A list, read because it is on screen.
    List(RegionSlot, List),
    /// The usage plans of some API keys.
    PlansOfKeys(RegionSlot),
    /// What the key under the cursor used.
    UsageOfKey(RegionSlot),
    /// What the keys of some usage plans used.
    UsageOfPlans(RegionSlot),
    Signals(RegionSlot),
    Traffic(StageKey),
    Plan,
    Change,
    /// The move of customers that runs.
    Move,
    /// What another process is asked to do with its move.
    MoveWish,
    /// Connections that a move left behind.
    LeftConnections,
    Journal,
    Lookup,
    /// A page of a cell's customers.
    Customers,
    /// The count that the state directory has.
    KeptCount,
}

/// A list that is read only while it is on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum List {
    /// With the overview, too; alone after a change of one of them.
    UsagePlans,
    ApiKeys,
    WebAcls,
    IpSets,
    Domains,
    VpcLinks,
}

impl List {
    /// What is being read, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::UsagePlans => "usage plans",
            Self::ApiKeys => "API keys",
            Self::WebAcls => "web ACLs",
            Self::IpSets => "IP sets",
            Self::Domains => "custom domain names",
            Self::VpcLinks => "VPC links",
        }
    }
}

#[derive(Debug)]
pub enum ReplyBody {
    Connected(Result<Connected, Failure>),
    /// Whether changes are allowed now; the error says why not.
    Armed(Result<(), String>),
    News(Update),
    /// An inventory task has ended; what failed in it is in the news.
    InventoryRead,
    Signals(Result<Box<Signals>, Failure>),
    Traffic(Result<StageTraffic, Failure>),
    Planned(Result<Box<Plan>, Trouble>),
    Examined(Result<Box<Examined>, Trouble>),
    Step(ChangeStep),
    Applied(Result<AppliedChange, Trouble>),
    BulkPlanned(Result<Box<BulkPlan>, Trouble>),
    BulkStep(BulkProgress),
    BulkEnded(Result<Box<BulkEnd>, Trouble>),
    MovePlanned(Result<Box<MovePlan>, Trouble>),
    MoveStep(moves::Progress),
    MoveEnded(Result<Box<MoveEnd>, Trouble>),
    MoveWished(Result<Wish, Trouble>),
    /// What finding the connections that a move left behind takes.
    ConnectionsWeighed(Result<ScanCost, Trouble>),
    /// So many are found so far.
    ConnectionsSeen(usize),
    ConnectionsFound(Result<Box<LeftBehind>, Trouble>),
    Journal(Result<JournalListing, Failure>),
    LookedUp(Box<Lookup>),
    Customers(Result<CustomerPage, Failure>),
    /// None where nothing was counted yet.
    KeptCount(Result<Option<Count>, Failure>),
}

/// Customers of a cell, as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerPage {
    pub customers: Vec<String>,
    /// Where the next page begins; none after the last.
    pub next: Option<PageKey>,
}

/// What became of a move that ran here.
#[derive(Clone, Debug, PartialEq)]
pub struct MoveEnd {
    pub id: ChangeId,
    pub ended: Ended,
    pub tally: Tally,
    /// Customers who were not moved, and why; the first of them.
    pub exceptions: Vec<(String, String)>,
    /// Until when the router may answer from its cache with the cell that customers left; none where nobody was
    /// moved, or it keeps nothing.
    pub outdated: Option<Timestamp>,
}

/// Why something was not done, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub why: String,
    pub hint: Option<String>,
    /// A rule refused it: nothing is broken.
    pub refused: bool,
}

/// Where a running change stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeStep {
    Checking,
    /// The intent is on the disk.
    Journaled(ChangeId),
    Sending(PlannedCall),
    /// What the target says instead of what it should.
    Waiting(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedChange {
    pub change: ChangeId,
    pub outcome: Outcome,
    pub request_ids: Vec<String>,
    /// Why the outcome isn't in the journal, where it isn't.
    pub unrecorded: Option<String>,
}

/// What the journal tells; where each region has one of its team, what all of them tell.
#[derive(Clone, Debug, PartialEq)]
pub struct JournalListing {
    /// Oldest first.
    pub changes: Vec<Arc<ChangeHistory>>,
    /// How those of them stand that are moves of customers.
    pub moves: BTreeMap<ChangeId, Arc<MoveStanding>>,
    /// The number of records that the chain proves, or where it breaks.
    pub verified: Result<u64, Failure>,
    /// Where the records are, such as a file's path or `table cellgate-team`.
    pub place: String,
}

impl JournalListing {
    pub fn change(&self, id: &ChangeId) -> Option<&ChangeHistory> {
        self.changes.iter().map(AsRef::as_ref).find(|change| change.id == *id)
    }
}

/// A change without an outcome, and what its target says of it.
#[derive(Clone, Debug)]
pub struct Examined {
    pub change: ChangeHistory,
    pub verdict: Verdict,
}

impl Examined {
    /// How many of its requests have taken effect; none where nothing can be sent any more, since all of them
    /// have or since that can't be told.
    pub fn resumes_after(&self) -> Option<usize> {
        match self.verdict {
            Verdict::NotApplied => Some(0),
            Verdict::Partly { done } => Some(done),
            Verdict::Applied | Verdict::CannotBeTold { .. } => None,
        }
    }
}

/// What the limiter says of the control plane's budget.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Budget {
    /// Requests per second that are allowed now.
    pub pace: f64,
    /// Requests per second that were sent lately.
    pub used: f64,
    pub waiting: usize,
    /// How long the last of those that wait still takes, in seconds.
    pub longest_wait_seconds: u64,
    /// Until when the pace is halved after a 429.
    pub penalty_until: Option<Timestamp>,
    /// CloudWatch series asked for since the start.
    pub metrics_requested: u64,
}
