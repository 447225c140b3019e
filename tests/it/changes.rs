//! The flush from plan to outcome, against the demo region: what is sent, what is recorded, and
//! what is refused before anything leaves.

use std::sync::Mutex;

use cellgate::aws::{AccessKey, ConnectOptions, Connector, LimitSettings, Operate, Session, Timeouts};
use cellgate::domain::api::Api;
use cellgate::domain::change::{Outcome, Plan, Refusal, Undo};
use cellgate::domain::estate::{Estate, RegionSlot};
use cellgate::domain::journal::Entry;
use cellgate::domain::target::{StageReference, StageTarget, resolve_api};
use cellgate::ops::change::{self, Applied, ChangeError, ChangeStore, Progress};
use cellgate::ops::clock::Clock;
use cellgate::ops::inventory::{self, InventorySettings, Place, Request};
use cellgate::ops::journal::Journal;
use jiff::SignedDuration;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::home::{ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY};
use crate::support::region::Region;
use crate::support::settings::inventory_settings;

/// When the region's clock stands still.
const NOW: &str = "2026-11-20T14:03:30Z";
/// A stage whose cache is on, and one whose cache is off, in the region's starting estate.
const CACHED: &str = "cell-01-api/prod";

/// An operator connected to a demo region, with a proxy between them.
struct Desk {
    region: Region,
    proxy: FaultProxy,
    runtime: Runtime,
    session: Session<Operate>,
    settings: InventorySettings,
    clock: Clock,
    store: ChangeStore,
    _state: TempDir,
}

impl Desk {
    fn new() -> Self {
        let region = Region::at(NOW);
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

    fn target(&self, text: &str) -> (Estate, Api, StageTarget) {
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

    fn plan(&self, text: &str) -> Result<Plan, ChangeError> {
        let (estate, api, target) = self.target(text);
        let region = estate.region(RegionSlot(0)).unwrap();
        self.runtime.block_on(change::plan_flush(&self.session, region, &api, &target, &self.clock))
    }

    /// Applies the plan while the region's time goes on, and gives what was reported meanwhile.
    fn apply(&self, plan: &Plan) -> (Result<Applied, ChangeError>, Vec<Progress>) {
        self.apply_while(plan, |_| {})
    }

    fn apply_while(
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

    fn entries(&self) -> Vec<Entry> {
        self.store.journal.records().unwrap().into_iter().map(|record| record.body.entry).collect()
    }
}

#[test]
fn a_flush_is_recorded_before_it_is_sent_and_waited_for() {
    let desk = Desk::new();
    let plan = desk.plan(CACHED).unwrap();
    assert_eq!(plan.region.account.as_str(), "123456789012");
    assert!(plan.blast_radius.cache_hit_rate.unwrap() > 0.2, "{:?}", plan.blast_radius);
    assert!(plan.blast_radius.requests_per_second.unwrap() > 1.0, "{:?}", plan.blast_radius);
    assert!(
        plan.iam[0].starts_with("apigateway:DELETE on arn:aws:apigateway:eu-west-1::/restapis/"),
        "{:?}",
        plan.iam
    );
    assert!(matches!(plan.undo, Undo::Impossible { .. }));
    assert_eq!(desk.region.count("FlushStageCache"), 0, "a plan sends no change");

    let (applied, progress) = desk.apply(&plan);
    let applied = applied.unwrap();
    assert_eq!(applied.outcome, Outcome::Applied);
    assert_eq!(applied.request_ids.len(), 1);
    assert_eq!(desk.region.count("FlushStageCache"), 1);

    let place = |wanted: fn(&Progress) -> bool| progress.iter().position(wanted).unwrap();
    let journaled = place(|step| matches!(step, Progress::Journaled(_)));
    let sent = place(|step| matches!(step, Progress::Sending(_)));
    let waited = place(|step| matches!(step, Progress::Waiting { .. }));
    assert!(journaled < sent && sent < waited, "{progress:?}");

    assert_eq!(desk.store.journal.verify().unwrap(), 2);
    let entries = desk.entries();
    assert!(matches!(&entries[0], Entry::Intent { plan: recorded } if **recorded == plan));
    assert!(matches!(&entries[1], Entry::Outcome { outcome: Outcome::Applied, .. }));
}

#[test]
fn a_cache_that_is_off_or_absent_is_refused() {
    let desk = Desk::new();
    let off = desk.plan("cell-04-api/prod").unwrap_err();
    assert!(matches!(off, ChangeError::Refused(Refusal::CacheOff { .. })), "{off}");
    let http = desk.plan("orders-01/$default").unwrap_err();
    assert!(matches!(http, ChangeError::Refused(Refusal::NoCacheOnThisKind { .. })), "{http}");
    assert_eq!(desk.region.count("FlushStageCache"), 0);
}

#[test]
fn a_flush_is_refused_while_another_runs() {
    let desk = Desk::new();
    let plan = desk.plan(CACHED).unwrap();
    // Somebody else's flush, which the region's standing clock keeps running.
    desk.runtime.block_on(desk.session.flush_stage_cache(&plan.target.api, &plan.target.stage)).unwrap();
    let (applied, _) = desk.apply(&plan);
    let error = applied.unwrap_err();
    assert!(matches!(error, ChangeError::Refused(Refusal::CacheBusy { .. })), "{error}");
    assert_eq!(desk.region.count("FlushStageCache"), 1);
    assert!(desk.entries().is_empty(), "nothing was announced");
}

#[test]
fn a_flush_whose_answer_is_lost_is_looked_up_and_not_sent_again() {
    for fault in [Fault::DropConnection, Fault::InternalFailure, Fault::CutBody] {
        let desk = Desk::new();
        let plan = desk.plan(CACHED).unwrap();
        desk.proxy.inject("FlushStageCache", Occurrence::Every, fault);
        let (applied, _) = desk.apply(&plan);
        let outcome = applied.unwrap().outcome;
        assert_eq!(desk.proxy.count("FlushStageCache"), 1, "{fault:?}");
        // The proxy answers in the region's place where it makes errors of its own; where it cuts the
        // answer, the region has flushed and its status says so.
        match desk.region.count("FlushStageCache") {
            0 => assert!(matches!(outcome, Outcome::Unknown { .. }), "{fault:?} {outcome:?}"),
            _ => assert_eq!(outcome, Outcome::Applied, "{fault:?}"),
        }
        assert_eq!(desk.store.journal.verify().unwrap(), 2);
    }
}

#[test]
fn a_flush_that_aws_throttles_was_not_applied() {
    let desk = Desk::new();
    let plan = desk.plan(CACHED).unwrap();
    desk.proxy.inject("FlushStageCache", Occurrence::Every, Fault::Throttle);
    let (applied, _) = desk.apply(&plan);
    assert!(matches!(applied.unwrap().outcome, Outcome::NotApplied { .. }));
    assert_eq!(desk.proxy.count("FlushStageCache"), 1, "a change is never repeated by itself");
}

#[test]
fn an_outcome_that_cannot_be_recorded_is_still_told() {
    let desk = Desk::new();
    let plan = desk.plan(CACHED).unwrap();
    let journal = desk.store.journal.path();
    // The intent is on the disk; then a directory takes the place of the file.
    let block = |progress: &Progress| {
        if matches!(progress, Progress::Sending(_)) {
            std::fs::rename(&journal, journal.with_extension("moved")).unwrap();
            std::fs::create_dir(&journal).unwrap();
        }
    };
    let (applied, _) = desk.apply_while(&plan, block);
    let applied = applied.unwrap();
    assert_eq!(applied.outcome, Outcome::Applied);
    assert!(applied.unrecorded.is_some_and(|why| why.contains("journal")));
}

#[test]
fn nothing_is_sent_where_the_journal_cannot_be_written() {
    let desk = Desk::new();
    let plan = desk.plan(CACHED).unwrap();
    // A file where the journal's directory should be.
    std::fs::write(desk.store.journal.path().parent().unwrap(), "in the way").unwrap();
    let (applied, _) = desk.apply(&plan);
    assert!(matches!(applied.unwrap_err(), ChangeError::Journal(_)));
    assert_eq!(desk.region.count("FlushStageCache"), 0);
}
