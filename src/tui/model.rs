//! The console's whole state. [`update`](super::update::update) changes it, the views read it.
//!
//! It never reads a clock: `now` is what the last tick said.

mod bulk;
mod change;
mod cost;
mod customers;
mod form;
mod left_connections;
mod listing;
mod moves;
mod overlay;
mod page;
mod reading;
mod region;
mod schedule;
mod table;
mod tickets;

use std::collections::BTreeMap;

use jiff::Timestamp;
use ratatui::layout::Size;

pub use self::bulk::{BulkPlanState, BulkRun, BulkRunEnd};
pub use self::change::{ChangeRun, ChangeState, Remedy, StageKey};
pub use self::cost::Cost;
pub use self::customers::{CustomerList, Customers, LookupState, MOST_CUSTOMERS};
pub use self::form::{Choice, Chosen, FieldInfo, Form, FormState, forms, moves as move_form};
pub use self::left_connections::{LeftConnections, Search};
pub use self::listing::{Listing, Screen};
pub use self::moves::{
    MovePlanState, MoveRun, MoveRunEnd, MoveStanding, MoveSubject, MoveWanted, MoveWork, Offered,
    phrase as move_phrase,
};
pub use self::overlay::{
    ActionItem, ArmingState, Confirmation, Intention, Overlay, PaletteItem, PaletteState, PlanState,
    STOP_TRAFFIC, SortState, Unfinished,
};
pub use self::page::{Page, Pages, Scope};
pub use self::region::{Mode, RegionState};
pub use self::schedule::Schedule;
pub use self::table::{Sort, TableState};
pub use self::tickets::Tickets;

use super::event::{Budget, JournalListing};
use super::keymap::Keymap;
use super::rows::{Listed, Rows};
use super::symbols::Symbols;
use super::theme::Theme;
use crate::domain::cell::CellSettings;
use crate::domain::estate::{Estate, RegionSlot};
use crate::domain::failure::Failure;
use crate::domain::fleet::{Signals, Thresholds};
use crate::domain::history::ChangeHistory;
use crate::domain::id::BulkId;
use crate::domain::moves::settings::MoveSettings;
use crate::domain::part::Part;
use crate::domain::signal::StageTraffic;
use crate::domain::target::StageReference;

/// What the console is told once, at its start.
#[derive(Clone, Debug)]
pub struct Settings {
    pub thresholds: Thresholds,
    pub cells: CellSettings,
    /// Seconds from one reading of the inventory to the next.
    pub inventory_seconds: i64,
    /// Seconds from one reading of the fleet's signals to the next; at least 60, since API Gateway
    /// publishes once a minute.
    pub signals_seconds: i64,
    /// Seconds without a key after which only the fleet's signals are read.
    pub idle_seconds: i64,
    /// For how long the router keeps an answer, as configured.
    pub router_cache_seconds: Option<u64>,
    /// The stage whose cache keeps the router's answers, where that is configured.
    pub router_stage: Option<StageReference>,
    /// How customers are moved, as configured.
    pub moves: MoveSettings,
}

/// How things look.
#[derive(Clone, Debug)]
pub struct Look {
    pub theme: Theme,
    pub symbols: &'static Symbols,
}

/// A line for the operator: what was tried, on what, why it failed, how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub hint: Option<String>,
    pub kind: NoticeKind,
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    Done,
    Warning,
    Error,
}

#[derive(Debug)]
pub struct Model {
    pub now: Timestamp,
    pub size: Size,
    pub focused: bool,
    /// When the operator last did something.
    pub last_input: Timestamp,
    /// Counts up while something is being waited for.
    pub frame: usize,
    pub look: Look,
    pub keymap: Keymap,
    pub settings: Settings,
    pub regions: Vec<RegionState>,
    pub estate: Estate,
    /// By region.
    pub signals: Vec<Part<Signals>>,
    pub traffic: BTreeMap<StageKey, Part<StageTraffic>>,
    /// The tables' rows, made from the estate and the signals; see [`Model::settle`].
    pub rows: Rows,
    pub pages: Pages,
    /// The last is in front.
    pub overlays: Vec<Overlay>,
    pub schedule: Schedule,
    pub tickets: Tickets,
    pub budgets: Vec<Option<Budget>>,
    pub cost: Cost,
    pub notice: Option<Notice>,
    pub change: Option<ChangeRun>,
    /// The change of several targets that runs or has run last.
    pub bulk: Option<BulkRun>,
    /// The move of customers that runs here or has run last.
    pub moving: Option<MoveRun>,
    /// What the journal tells, of all regions.
    pub journal: Part<JournalListing>,
    /// Screen 8.
    pub customers: Customers,
    /// The palette knows `panic`, for the test of the terminal's restoration.
    pub panic_allowed: bool,
    old: Old,
}

/// What is not up to date with what it is made from, until the model settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Old {
    Nothing,
    /// Filter, order and cursor.
    Table,
    /// The rows, and with them the table.
    Rows,
}

/// What a [`Model`] starts from.
#[derive(Debug)]
pub struct Setup {
    pub now: Timestamp,
    pub size: Size,
    pub look: Look,
    pub keymap: Keymap,
    pub settings: Settings,
    pub regions: Vec<RegionState>,
    pub screen: Screen,
    pub filter: Option<String>,
    pub panic_allowed: bool,
}

impl Model {
    pub fn new(setup: Setup) -> Self {
        let count = setup.regions.len();
        let mut model = Self {
            now: setup.now,
            size: setup.size,
            focused: true,
            last_input: setup.now,
            frame: 0,
            look: setup.look,
            keymap: setup.keymap,
            settings: setup.settings,
            regions: setup.regions,
            estate: Estate::new(count),
            signals: (0..count).map(|_| Part::default()).collect(),
            traffic: BTreeMap::new(),
            rows: Rows::default(),
            pages: Pages::new(setup.screen),
            overlays: Vec::new(),
            schedule: Schedule::new(count),
            tickets: Tickets::default(),
            budgets: vec![None; count],
            cost: Cost::default(),
            notice: None,
            change: None,
            bulk: None,
            moving: None,
            journal: Part::default(),
            customers: Customers::default(),
            panic_allowed: setup.panic_allowed,
            old: Old::Rows,
        };
        if let Some(filter) = setup.filter {
            model.pages.current_mut().table.filter = filter;
        }
        model
    }

    /// Brings rows, filter, sort order and cursor up to date with what they are made from.
    ///
    /// Called once before drawing and before a key that needs them, not for each piece of news.
    pub fn settle(&mut self) {
        if self.old == Old::Rows {
            self.rows = Rows::build(self);
        } else if self.rows.listed.listing != self.page().listing
            || self.rows.listed.scope != self.page().scope
        {
            self.rows.listed = Listed::build(self, &self.rows.cells);
        }
        if self.old >= Old::Table {
            table::refresh(self);
        }
        self.old = Old::Nothing;
        table::keep_in_view(self);
    }

    pub fn page(&self) -> &Page {
        self.pages.current()
    }

    pub fn region_state(&self, slot: RegionSlot) -> Option<&RegionState> {
        self.regions.get(slot.0)
    }

    /// Any region in which changes are allowed now.
    pub fn operates(&self) -> bool {
        self.regions.iter().any(|region| region.mode == Mode::Operate)
    }

    pub fn production(&self) -> bool {
        self.regions.iter().any(|region| region.production)
    }

    /// Every failure of the latest tries, across regions. What is read for one screen alone counts there
    /// alone: a role that may not read keys is no trouble elsewhere.
    pub fn failures(&self) -> Vec<&Failure> {
        let screen = self.page().screen();
        let of_lists = self.estate.regions().flat_map(move |(_, region)| match screen {
            Screen::Throttles => [region.api_keys.failure(), region.plans_of_keys.failure()],
            Screen::Waf => [region.web_acls.failure(), region.ip_sets.failure()],
            Screen::Apis => [region.domains.failure(), region.vpc_links.failure()],
            Screen::Fleet | Screen::Stages | Screen::Customers | Screen::Changes => [None, None],
        });
        let of_regions = self.estate.regions().flat_map(|(_, region)| region.failures());
        let of_signals = self.signals.iter().flat_map(|part| {
            let beside = part.value().into_iter().flat_map(|signals| &signals.shortfalls);
            part.failure().into_iter().chain(beside)
        });
        let of_traffic = self.traffic.values().filter_map(Part::failure);
        let of_journal = (screen == Screen::Changes).then(|| self.failure_of(Listing::Changes)).flatten();
        of_regions.chain(of_lists.flatten()).chain(of_journal).chain(of_signals).chain(of_traffic).collect()
    }

    /// The changes that the journal has without an outcome, beside the one that runs here; oldest first.
    pub fn open_changes(&self) -> impl Iterator<Item = &ChangeHistory> {
        let running = self.change.as_ref().filter(|run| run.is_running()).and_then(|run| run.change.as_ref());
        let all = self.journal.value().into_iter().flat_map(|listing| &listing.changes);
        let bulk = self.running_bulk();
        let moving = self.moving.as_ref().filter(|run| run.is_running()).and_then(|run| run.id.as_ref());
        all.map(AsRef::as_ref).filter(move |change| {
            let runs = bulk.is_some() && change.plan.bulk.as_ref() == bulk;
            change.end.is_none() && running != Some(&change.id) && moving != Some(&change.id) && !runs
        })
    }

    /// The bulk that runs here, once it has an id.
    pub fn running_bulk(&self) -> Option<&BulkId> {
        self.bulk.as_ref().filter(|run| run.is_running()).and_then(|run| run.bulk.as_ref())
    }

    /// Whether CloudWatch has answered at least once: before, a cell isn't silent but unread.
    pub fn has_figures(&self) -> bool {
        self.signals.iter().any(|part| part.value().is_some())
    }

    /// Why no region could be connected, where none could.
    pub fn login_failure(&self) -> Option<&Failure> {
        let connections = || self.estate.regions().map(|(_, region)| &region.connection);
        if connections().any(|connection| connection.value().is_some()) {
            return None;
        }
        connections().find_map(Part::failure)
    }

    /// The time of the first region, for the age of what is there.
    pub fn region_now(&self) -> Timestamp {
        let ahead = self.regions.first().map(|region| region.ahead).unwrap_or_default();
        self.now.checked_add(ahead).unwrap_or(self.now)
    }

    /// Whether anything is being waited for, so that the spinner turns.
    pub fn is_waiting(&self) -> bool {
        self.tickets.any_running()
            || self.change.as_ref().is_some_and(ChangeRun::is_running)
            || self.bulk.as_ref().is_some_and(BulkRun::is_running)
            || self.moving.as_ref().is_some_and(MoveRun::is_running)
    }

    /// Nobody has looked for a while: read what the fleet needs and no more.
    pub fn is_idle(&self) -> bool {
        !self.focused || self.now.duration_since(self.last_input).as_secs() > self.settings.idle_seconds
    }

    pub fn say(&mut self, kind: NoticeKind, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), hint: None, kind, at: self.now });
    }

    /// Rows must be made anew before they are next shown.
    pub(super) fn data_changed(&mut self) {
        self.old = Old::Rows;
    }

    /// Filter, order or page changed: the rows stay, what is shown of them doesn't.
    pub(super) fn table_changed(&mut self) {
        self.old = self.old.max(Old::Table);
    }
}
