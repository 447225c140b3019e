//! A desk: an operator connected to a demo region whose clock stands still, with a proxy between them.

use std::sync::Mutex;

use cellgate::aws::{AccessKey, ConnectOptions, Connector, LimitSettings, Operate, Session, Timeouts};
use cellgate::domain::api::Api;
use cellgate::domain::change::{Outcome, Plan, Settings, Target};
use cellgate::domain::estate::{Estate, RegionSlot};
use cellgate::domain::history::{self, ChangeHistory};
use cellgate::domain::id::ChangeId;
use cellgate::domain::journal::{Draft, Entry};
use cellgate::domain::levers::Wanted;
use cellgate::domain::moves::hook::HookSettings;
use cellgate::domain::target::{StageReference, StageTarget, resolve_api};
use cellgate::ops::change::{self, Applied, ChangeError, ChangeStore, Grounds, Progress};
use cellgate::ops::clock::Clock;
use cellgate::ops::inventory::{self, InventorySettings, Place, Request};
use cellgate::ops::journal::Journal;
use jiff::SignedDuration;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::fault_proxy::FaultProxy;
use super::home::{ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY};
use super::region::Region;
use super::settings::inventory_settings;

/// When the region's clock stands still.
pub const NOW: &str = "2026-11-20T14:03:30Z";
/// An operator connected to a demo region, with a proxy between them.
pub struct Desk {
    pub region: Region,
    pub proxy: FaultProxy,
    pub runtime: Runtime,
    pub session: Session<Operate>,
    pub settings: InventorySettings,
    pub clock: Clock,
    pub store: ChangeStore,
    _state: TempDir,
}

impl Desk {
    pub fn new() -> Self {
        Self::before(Region::at(NOW))
    }

    /// Before a region of the test's own.
    pub fn before(region: Region) -> Self {
        let proxy = FaultProxy::before(&region.endpoint_url());
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let state = TempDir::new().unwrap();
        let connector = Connector::new(ConnectOptions {
            region: Some(REGION.to_owned()),
            endpoint_url: Some(proxy.endpoint_url()),
            access_key: Some(AccessKey {
                id: ACCESS_KEY_ID.to_owned(),
                secret: SECRET_ACCESS_KEY.to_owned(),
            }),
            timeouts: Timeouts::default(),
            limits: LimitSettings { state_dir: None, ..LimitSettings::default() },
            ..ConnectOptions::default()
        });
        let session = runtime.block_on(async {
            let session = connector.connect().await.unwrap();
            let account = session.identity().account.to_string();
            session.arm(&account, None).unwrap()
        });
        Self {
            store: ChangeStore {
                journal: Journal::open(&state.path().join("journal")),
                locks: state.path().join("locks"),
                team: None,
                hooks: HookSettings::default(),
            },
            clock: Clock::manual(NOW.parse().unwrap()),
            settings: inventory_settings(),
            region,
            proxy,
            runtime,
            session,
            _state: state,
        }
    }

    pub fn stage(&self, text: &str) -> (Estate, Api, StageTarget) {
        let (sink, mut news) = tokio::sync::mpsc::unbounded_channel();
        let read = inventory::read(
            &self.session,
            Request::Apis,
            Place::default(),
            &self.settings,
            &self.clock,
            &sink,
        );
        self.runtime.block_on(read);
        let mut estate = Estate::new(1);
        while let Ok(update) = news.try_recv() {
            estate.apply(update);
        }
        let reference: StageReference = text.parse().unwrap();
        let (_, entry) = resolve_api(&estate, &reference.api).unwrap();
        let target = StageTarget {
            api: entry.api.id.clone(),
            api_name: entry.api.name.clone(),
            stage: reference.stage.as_str().into(),
        };
        let api = entry.api.clone();
        (estate, api, target)
    }

    /// The plan for a stage, which is named as an operator would.
    pub fn plan(&self, text: &str, wanted: &Wanted) -> Result<Plan, ChangeError> {
        let (estate, api, stage) = self.stage(text);
        let region = estate.region(RegionSlot(0)).unwrap();
        let history = self.history();
        let grounds =
            Grounds { region, api: Some(&api), history: &history, clock: &self.clock, production_tag: None };
        let target = Target::stage_of(api.kind, stage);
        self.runtime.block_on(change::plan(&self.session, &target, wanted, &grounds))
    }

    /// Plans and applies, and gives the change's id.
    pub fn change(&self, text: &str, wanted: &Wanted) -> (ChangeId, Plan) {
        let plan = self.plan(text, wanted).unwrap();
        (self.done(&plan), plan)
    }

    /// Applies a plan that must go well.
    pub fn done(&self, plan: &Plan) -> ChangeId {
        let (applied, _) = self.apply(plan);
        let applied = applied.unwrap();
        assert_eq!(applied.outcome, Outcome::Applied);
        assert_eq!(applied.unplanned, [], "nothing but what was planned is different");
        applied.change
    }

    /// Records the intent of a plan and nothing else, as a process does that dies right after.
    pub fn announce(&self, plan: &Plan) -> ChangeId {
        let change = ChangeId::new("20261120-140300-dead");
        let draft = Draft {
            change: change.clone(),
            operator: self.session.identity().clone(),
            entry: Entry::Intent { plan: Box::new(plan.clone()) },
            at: self.clock.now(),
            fence: None,
        };
        self.store.journal.append(&draft).unwrap();
        change
    }

    /// The plan that takes a change back.
    pub fn plan_undo(&self, change: &ChangeId) -> Result<Plan, ChangeError> {
        let history = self.history();
        let change = history.iter().find(|known| known.id == *change).expect("the change is in the journal");
        let estate = Estate::new(1);
        let region = estate.region(RegionSlot(0)).unwrap();
        let grounds =
            Grounds { region, api: None, history: &history, clock: &self.clock, production_tag: None };
        self.runtime.block_on(change::plan_undo(&self.session, change, &grounds))
    }

    /// Takes a change back.
    pub fn undo(&self, change: &ChangeId) -> ChangeId {
        self.done(&self.plan_undo(change).unwrap())
    }

    /// The target's settings as they are read now.
    pub fn settings_of(&self, target: &Target) -> Settings {
        self.runtime.block_on(change::settings_of(&self.session, target)).unwrap()
    }

    pub fn history(&self) -> Vec<ChangeHistory> {
        history::changes(&self.store.journal.records().unwrap())
    }

    /// Applies the plan while the region's time goes on, and gives what was reported meanwhile.
    pub fn apply(&self, plan: &Plan) -> (Result<Applied, ChangeError>, Vec<Progress>) {
        self.apply_while(plan, |_| {})
    }

    pub fn apply_while(
        &self,
        plan: &Plan,
        meanwhile: impl Fn(&Progress) + Send + Sync,
    ) -> (Result<Applied, ChangeError>, Vec<Progress>) {
        let seen = Mutex::new(Vec::new());
        let report = |progress: Progress| {
            meanwhile(&progress);
            if matches!(progress, Progress::Waiting { .. }) {
                // The region has a runtime of its own, which can't be driven from within this one.
                std::thread::scope(|scope| {
                    scope.spawn(|| self.region.advance(SignedDuration::from_secs(10)));
                });
            }
            seen.lock().unwrap().push(progress);
        };
        let applied =
            self.runtime.block_on(change::apply(&self.session, plan, &self.store, &self.clock, &report));
        (applied, seen.into_inner().unwrap())
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.store.journal.records().unwrap().into_iter().map(|record| record.body.entry).collect()
    }
}
