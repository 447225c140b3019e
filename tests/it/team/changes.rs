//! A change under a team's eyes: recorded in both journals, under a lease, and not sent where the team's
//! table can't have it.

use std::sync::Mutex;

use cellgate::aws::{Operate, Session};
use cellgate::domain::change::{Outcome, Plan, Refusal, Target};
use cellgate::domain::estate::{Estate, RegionSlot};
use cellgate::domain::journal::{Draft, Entry, Record};
use cellgate::domain::levers::Wanted;
use cellgate::domain::moves::hook::HookSettings;
use cellgate::domain::target::{StageTarget, resolve_api};
use cellgate::ops::change::{self, Applied, ChangeError, ChangeStore, Grounds, Progress};
use cellgate::ops::inventory::{self, Place, Request};
use cellgate::ops::journal::{Journal, JournalError};
use cellgate::ops::lease::Leases;
use cellgate::ops::recorder::Recorder;
use cellgate::ops::team_journal::TeamJournal;
use jiff::SignedDuration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{NOW, clock, draft, operator, runtime, settings};
use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::region::Region;
use crate::support::settings::inventory_settings;
use crate::support::table::TeamTable;

/// One operator with a team's table, if it was made.
struct Desk {
    region: Region,
    proxy: FaultProxy,
    runtime: Runtime,
    session: Session<Operate>,
    store: ChangeStore,
    _state: TempDir,
}

impl Desk {
    fn new() -> Self {
        let region = Region::at(NOW);
        let proxy = FaultProxy::before(&region.endpoint_url());
        let runtime = runtime();
        let session = runtime.block_on(operator(&proxy.endpoint_url()));
        let state = TempDir::new().unwrap();
        let store = ChangeStore {
            journal: Journal::open(&state.path().join("journal")),
            locks: state.path().join("locks"),
            team: Some(settings()),
            hooks: HookSettings::default(),
        };
        Self { region, proxy, runtime, session, store, _state: state }
    }

    fn with_table() -> Self {
        let desk = Self::new();
        TeamTable::create(&desk.region.endpoint_url());
        desk
    }

    fn plan(&self) -> Plan {
        let (sink, mut news) = tokio::sync::mpsc::unbounded_channel();
        let settings = inventory_settings();
        let (place, clock) = (Place::default(), clock());
        self.runtime.block_on(inventory::read(&self.session, Request::Apis, place, &settings, &clock, &sink));
        let mut estate = Estate::new(1);
        while let Ok(update) = news.try_recv() {
            estate.apply(update);
        }
        let (_, entry) = resolve_api(&estate, "cell-01-api").unwrap();
        let api = &entry.api;
        let target = StageTarget { api: api.id.clone(), api_name: api.name.clone(), stage: "prod".into() };
        let region = estate.region(RegionSlot(0)).unwrap();
        let grounds = Grounds { region, api: Some(api), history: &[], clock: &clock, production_tag: None };
        let target = Target::RestStage(target);
        let planned = change::plan(&self.session, &target, &Wanted::FlushStageCache, &grounds);
        self.runtime.block_on(planned).unwrap()
    }

    fn apply(&self, plan: &Plan) -> (Result<Applied, ChangeError>, Vec<Progress>) {
        let seen = Mutex::new(Vec::new());
        let report = |progress: Progress| {
            if matches!(progress, Progress::Waiting { .. }) {
                // The region has a runtime of its own, which can't be driven from within this one.
                std::thread::scope(|scope| {
                    scope.spawn(|| self.region.advance(SignedDuration::from_secs(10)));
                });
            }
            seen.lock().unwrap().push(progress);
        };
        let applied =
            self.runtime.block_on(change::apply(&self.session, plan, &self.store, &clock(), &report));
        (applied, seen.into_inner().unwrap())
    }

    fn of_file(&self) -> Vec<Record> {
        self.store.journal.verify().unwrap();
        self.store.journal.records().unwrap()
    }

    fn of_team(&self) -> Vec<Record> {
        let journal = TeamJournal::open(&self.session, &settings());
        self.runtime.block_on(journal.verify()).unwrap();
        self.runtime.block_on(journal.records()).unwrap()
    }
}

/// What a record says, apart from its place in a chain.
fn said(records: &[Record]) -> Vec<(String, Entry, Option<u64>)> {
    records
        .iter()
        .map(|record| (record.body.change.to_string(), record.body.entry.clone(), record.body.fence))
        .collect()
}

#[test]
fn a_change_is_in_both_journals_before_it_is_sent() {
    let desk = Desk::with_table();
    let (applied, _) = desk.apply(&desk.plan());
    let applied = applied.unwrap();
    assert_eq!((applied.outcome, applied.unrecorded), (Outcome::Applied, None));
    let (file, team) = (desk.of_file(), desk.of_team());
    assert_eq!(file.len(), 2);
    assert_eq!(said(&file), said(&team));
    assert_eq!(file[0].body.fence, Some(1), "the lease's token is recorded");

    let operations: Vec<String> =
        desk.region.requests().into_iter().map(|request| request.operation).collect();
    let place = |wanted: &str| operations.iter().position(|operation| operation == wanted).unwrap();
    assert!(place("PutItem") < place("FlushStageCache"), "{operations:?}");
    let leases = Leases::open(&desk.session, &settings(), &clock());
    assert_eq!(desk.runtime.block_on(leases.held()).unwrap(), [], "the lease was given back");

    let (again, _) = desk.apply(&desk.plan());
    again.unwrap();
    assert_eq!(desk.of_team()[2].body.fence, Some(2));
}

#[test]
fn nothing_is_sent_where_the_team_cannot_be_told() {
    // The table isn't there: the lease can't be taken.
    let desk = Desk::new();
    let (applied, _) = desk.apply(&desk.plan());
    let error = applied.unwrap_err();
    let ChangeError::Failed(failure) = &error else { panic!("{error}") };
    assert!(failure.target.starts_with("cellgate-team lease "), "{failure}");
    assert!(failure.hint.as_ref().is_some_and(|hint| hint.contains("README")), "{failure:?}");
    assert!(desk.of_file().is_empty());
    assert_eq!(desk.region.count("FlushStageCache"), 0);

    // The journal can't be read: no store has a trace of the intent.
    let desk = Desk::with_table();
    let plan = desk.plan();
    desk.proxy.inject("Query", Occurrence::Every, Fault::AccessDenied);
    let error = desk.apply(&plan).0.unwrap_err();
    assert!(matches!(&error, ChangeError::Journal(JournalError::Team { .. })), "{error}");
    assert!(desk.of_file().is_empty());
    assert_eq!(desk.region.count("FlushStageCache"), 0);

    // It can be read and not be written: the file says that nothing was sent.
    desk.proxy.heal().inject("PutItem", Occurrence::Every, Fault::AccessDenied);
    let error = desk.apply(&plan).0.unwrap_err();
    assert!(
        error.to_string().contains("the team's journal in table cellgate-team can't be written"),
        "{error}"
    );
    let file = desk.of_file();
    assert!(matches!(&file[0].body.entry, Entry::Intent { .. }));
    let Entry::Outcome { outcome: Outcome::NotApplied { why }, .. } = &file[1].body.entry else {
        panic!("{file:?}")
    };
    assert!(why.contains("nothing was sent"), "{why}");
    assert_eq!(desk.region.count("FlushStageCache"), 0);
    desk.proxy.heal();
    assert!(desk.of_team().is_empty());
    let leases = Leases::open(&desk.session, &settings(), &clock());
    assert_eq!(desk.runtime.block_on(leases.held()).unwrap(), [], "a refused change holds no lease");
}

#[test]
fn a_target_that_another_machine_changes_is_refused() {
    let desk = Desk::with_table();
    let plan = desk.plan();
    let target = format!("123456789012/eu-west-1/restapis/{}/stages/prod", plan.target.stage().unwrap().api);
    let leases = Leases::open(&desk.session, &settings(), &clock());
    desk.runtime.block_on(leases.acquire(&target, "alice@desk", settings().lease)).unwrap();
    let error = desk.apply(&plan).0.unwrap_err();
    assert!(
        matches!(&error, ChangeError::Refused(Refusal::Leased { holder, .. }) if holder == "alice@desk"),
        "{error}"
    );
    assert!(error.to_string().starts_with("cell-01-api/prod is being changed by alice@desk"), "{error}");
    assert!(desk.of_file().is_empty());
    assert_eq!(desk.region.count("FlushStageCache"), 0);
}

#[test]
fn an_outcome_that_the_team_cannot_be_told_is_in_the_file() {
    let desk = Desk::with_table();
    let plan = desk.plan();
    desk.proxy.inject("PutItem", Occurrence::Nth(2), Fault::AccessDenied);
    let applied = desk.apply(&plan).0.unwrap();
    assert_eq!(applied.outcome, Outcome::Applied);
    assert!(applied.unrecorded.unwrap().contains("table cellgate-team"));
    assert_eq!(desk.of_file().len(), 2);
    assert_eq!(desk.of_team().len(), 1, "the team sees it as open");
}

#[test]
fn an_outcome_is_recorded_whatever_was_interrupted() {
    let desk = Desk::with_table();
    let interrupted = tokio_util::sync::CancellationToken::new();
    interrupted.cancel();
    let session = desk.session.with_cancellation(interrupted);
    let recorder = Recorder::new(&desk.store.journal, &session, desk.store.team.as_ref());
    desk.runtime.block_on(recorder.append(draft(&session, "20261120-140330-7f3a"))).unwrap();
    assert_eq!(said(&desk.of_file()), said(&desk.of_team()));
    // An intent is another matter: nothing is to begin any more.
    let plan = Box::new(desk.plan());
    let intent = Draft { entry: Entry::Intent { plan }, ..draft(&session, "20261120-140331-7f3b") };
    assert!(desk.runtime.block_on(recorder.append(intent)).is_err());
    assert_eq!(desk.of_file().len(), 1);
}
