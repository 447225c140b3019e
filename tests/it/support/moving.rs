//! What moves are planned and carried out with, where a test calls the use cases directly.

use cellgate::aws::{Operate, Session};
use cellgate::domain::cell::{CellSettings, ConfiguredCell};
use cellgate::domain::estate::Estate;
use cellgate::domain::fleet::{CellRow, Signals, Thresholds};
use cellgate::domain::id::CellId;
use cellgate::domain::mapping::MappingSettings;
use cellgate::domain::moves::MovePlan;
use cellgate::domain::moves::hook::HookSettings;
use cellgate::domain::moves::run::Run;
use cellgate::domain::moves::settings::MoveSettings;
use cellgate::ops::change::{ChangeError, ChangeStore};
use cellgate::ops::clock::Clock;
use cellgate::ops::fleet;
use cellgate::ops::journal::Journal;
use cellgate::ops::moves::{Chosen, GateChoice, MoveGrounds, Terms, known_moves, plan, plan_undo};
use tempfile::TempDir;

use super::session::operate;
use super::settings::inventory_settings;

/// An operator's machine, alone with its journal.
pub struct Machine {
    pub store: ChangeStore,
    _state: TempDir,
}

impl Machine {
    pub fn new() -> Self {
        let state = TempDir::new().expect("a directory");
        let store = ChangeStore {
            journal: Journal::open(&state.path().join("journal")),
            locks: state.path().join("locks"),
            team: None,
            hooks: HookSettings::default(),
        };
        Self { store, _state: state }
    }

    /// Every move that its journal tells of, oldest first.
    pub async fn moves(&self, session: &Session<Operate>) -> Vec<Run> {
        known_moves(session, &self.store).await.expect("the journal is whole")
    }
}

/// Cells of which nothing but their ids is known, and a session that may move customers between them.
pub struct Ground {
    pub session: Session<Operate>,
    pub clock: Clock,
    fleet: Vec<CellRow>,
    estate: Estate,
    mapping: MappingSettings,
    thresholds: Thresholds,
}

impl Ground {
    pub async fn with(endpoint_url: String, cells: &[&str]) -> Self {
        let configured = cells.iter().map(|id| ConfiguredCell::named(CellId::new(*id))).collect();
        let settings = inventory_settings();
        let cells = CellSettings { configured, ..settings.cells };
        let thresholds = Thresholds { errors_5xx: 0.01, p99_ms: 1_000.0, load: 0.9 };
        let estate = Estate::new(1);
        let fleet = fleet::rows(&estate, &Signals::default(), &cells, &thresholds);
        let session = operate(endpoint_url).await;
        Self { session, clock: Clock::System, fleet, estate, mapping: settings.mapping, thresholds }
    }

    /// Without a gate, and as fast as it goes.
    fn terms() -> Terms {
        Terms { gate: GateChoice::Nothing, rate: Some(1e9), ..Terms::default() }
    }

    fn grounds<'plan>(&'plan self, moves: &'plan MoveSettings) -> MoveGrounds<'plan> {
        MoveGrounds {
            moves,
            mapping: &self.mapping,
            fleet: &self.fleet,
            estate: &self.estate,
            thresholds: &self.thresholds,
            clock: &self.clock,
            known: &[],
        }
    }

    /// The plan that brings each customer to this cell.
    pub async fn plan(&self, customers: &[String], to: &str, moves: &MoveSettings) -> MovePlan {
        let to = CellId::new(to);
        let wanted: Vec<(String, CellId)> =
            customers.iter().map(|customer| (customer.clone(), to.clone())).collect();
        let chosen = Chosen::from(wanted);
        plan(&self.session, &chosen, &Self::terms(), &self.grounds(moves)).await.expect("a plan")
    }

    /// The plan that takes a move back.
    pub async fn plan_undo(&self, run: &Run, moves: &MoveSettings) -> Result<MovePlan, ChangeError> {
        plan_undo(&self.session, run, &Self::terms(), &self.grounds(moves)).await
    }
}
