//! Two moves of the same customers at the same time, whose processes die anywhere and are resumed: whatever happens
//! in between, each customer is on exactly one cell, the one that the last record of having moved them says.
//!
//! A process is the future that carries a move out. It dies by being dropped at any of its waits, with requests under
//! way; its journal and the table are all that is left. The two know nothing of each other: each is on a machine of
//! its own, without a team's table. boto3 tells what became of the customers.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use cellgate::aws::{Operate, Session};
use cellgate::domain::cell::{CellSettings, ConfiguredCell};
use cellgate::domain::estate::Estate;
use cellgate::domain::fleet::{CellRow, Signals, Thresholds};
use cellgate::domain::id::CellId;
use cellgate::domain::mapping::MappingSettings;
use cellgate::domain::moves::MovePlan;
use cellgate::domain::moves::run::{Run, Standing};
use cellgate::domain::moves::settings::{Fence, MoveSettings};
use cellgate::ops::change::{ChangeError, ChangeStore};
use cellgate::ops::clock::Clock;
use cellgate::ops::fleet;
use cellgate::ops::journal::Journal;
use cellgate::ops::moves::{
    Control, Finished, GateChoice, MoveGrounds, Progress, Terms, known_moves, named, plan, plan_undo, resume,
    start,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::table::MappingTable;
use crate::support::emulator::Emulator;
use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::session::operate;
use crate::support::settings::inventory_settings;

const CUSTOMERS: usize = 7;

/// What happens while the two are under way.
#[derive(Clone, Debug)]
struct Course {
    fenced: bool,
    /// After how many waits each process of a move dies; the last one comes to the end.
    deaths: [Vec<usize>; 2],
    /// The write of both moves together whose answer is lost.
    lost_answer: Option<usize>,
}

fn courses() -> impl Strategy<Value = Course> {
    let deaths = || prop::collection::vec(1_usize..60, 0..4);
    (any::<bool>(), deaths(), deaths(), prop::option::of(1_usize..10))
        .prop_map(|(fenced, one, other, lost_answer)| Course { fenced, deaths: [one, other], lost_answer })
}

/// An operator's machine.
struct Machine {
    store: ChangeStore,
    _state: TempDir,
}

impl Machine {
    fn new() -> Self {
        let state = TempDir::new().unwrap();
        let journal = Journal::open(&state.path().join("journal"));
        let locks = state.path().join("locks");
        Self { store: ChangeStore { journal, locks, team: None }, _state: state }
    }

    async fn moves(&self, session: &Session<Operate>) -> Vec<Run> {
        known_moves(session, &self.store).await.unwrap()
    }
}

/// Where the moves are made.
struct Ground {
    session: Session<Operate>,
    proxy: FaultProxy,
    endpoint_url: String,
    fleet: Vec<CellRow>,
    estate: Estate,
    mapping: MappingSettings,
    clock: Clock,
}

impl Ground {
    async fn before(endpoint_url: &str, mapping: MappingSettings) -> Self {
        let proxy = FaultProxy::one_at_a_time_before(endpoint_url);
        let cells = ["a", "b", "c", "d"].map(|id| ConfiguredCell {
            id: CellId::new(id),
            capacity: None,
            apis: Vec::new(),
        });
        let settings = CellSettings { configured: cells.to_vec(), ..inventory_settings().cells };
        let estate = Estate::new(1);
        let fleet = fleet::rows(&estate, &Signals::default(), &settings, &thresholds());
        let session = operate(proxy.endpoint_url()).await;
        let (endpoint_url, clock) = (endpoint_url.to_owned(), Clock::System);
        Self { session, proxy, endpoint_url, fleet, estate, mapping, clock }
    }

    fn boto3(&self, arguments: &[&str]) -> String {
        MappingTable::boto3_at(&self.endpoint_url, arguments)
    }
}

const fn thresholds() -> Thresholds {
    Thresholds { errors_5xx: 0.01, p99_ms: 1_000.0, load: 0.9 }
}

/// The future's outcome, unless it dies before it has waited so often.
async fn unless_it_dies<T>(future: impl Future<Output = T>, waits: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut waited = 0;
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => {
            waited += 1;
            if waited >= waits { Poll::Ready(None) } else { Poll::Pending }
        }
    })
    .await
}

/// One round on the same customers.
struct Round<'ground> {
    ground: &'ground Ground,
    settings: MoveSettings,
}

impl Round<'_> {
    fn grounds(&self) -> MoveGrounds<'_> {
        MoveGrounds {
            moves: &self.settings,
            mapping: &self.ground.mapping,
            fleet: &self.ground.fleet,
            estate: &self.ground.estate,
            thresholds: &THRESHOLDS,
            clock: &self.ground.clock,
        }
    }

    async fn plan(&self, customers: &[String], to: &str) -> MovePlan {
        let wanted: Vec<(String, CellId)> =
            customers.iter().map(|customer| (customer.clone(), CellId::new(to))).collect();
        plan(&self.ground.session, &wanted, &terms(), &self.grounds()).await.unwrap()
    }

    /// Carries a plan out by one process after the other.
    async fn carry_out(&self, machine: &Machine, plan: Option<MovePlan>, deaths: &[usize]) {
        let Some(plan) = plan else { return };
        let ground = self.ground;
        let mut known = machine.moves(&ground.session).await.len();
        let progress = |_: Progress| {};
        let tell: &(dyn Fn(Progress) + Send + Sync) = &progress;
        let control = Control::new(CancellationToken::new());
        let hands = (&machine.store, &ground.clock, &control, tell);
        for waits in deaths.iter().copied().chain([usize::MAX]) {
            let mut run = machine.moves(&ground.session).await.into_iter().nth(known);
            if let Some(half) = run.take_if(|run| run.standing() == Standing::Unannounced) {
                // Who was meant isn't known: nothing was sent nor is, and somebody asks for it again.
                ended(Some(resume(&ground.session, &half.id, hands).await));
                known += 1;
            }
            let outcome = match run {
                None => unless_it_dies(start(&ground.session, plan.clone(), hands), waits).await,
                Some(run) if run.standing() == Standing::Ended => return,
                Some(run) => unless_it_dies(resume(&ground.session, &run.id, hands), waits).await,
            };
            if ended(outcome) {
                return;
            }
        }
        panic!("the last process came to no end");
    }
}

static THRESHOLDS: Thresholds = thresholds();

fn terms() -> Terms {
    Terms { gate: GateChoice::Nothing, rate: Some(100_000.0), ..Terms::default() }
}

fn ended(outcome: Option<Result<Finished, ChangeError>>) -> bool {
    outcome.is_some_and(|outcome| {
        let finished = outcome.unwrap();
        assert_eq!(finished.run.standing(), Standing::Ended, "{:?}", finished.ended);
        true
    })
}

/// Whom the newest move of a machine's journal says to have moved, and where to.
async fn claims(machine: &Machine, ground: &Ground, moves: usize) -> BTreeMap<String, String> {
    let mut known = machine.moves(&ground.session).await.split_off(moves);
    let Some(run) = known.pop() else { return BTreeMap::new() };
    assert!(known.iter().all(|run| run.tally().moved == 0), "one that wasn't announced whole moves nobody");
    assert!(run.in_doubt().is_empty());
    run.moved()
        .map(|(_, passenger)| (passenger.customer.to_owned(), passenger.to.unwrap().to_string()))
        .collect()
}

/// Each customer was moved by exactly one of the two, and is where that one says.
async fn judge(ground: &Ground, machines: &[Machine; 2], moves: [usize; 2], prefix: &str, writes: u64) {
    let items: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_str(&ground.boto3(&["scan"])).unwrap();
    let one = claims(&machines[0], ground, moves[0]).await;
    let other = claims(&machines[1], ground, moves[1]).await;
    let mut seen = 0;
    for (customer, item) in items.iter().filter(|(customer, _)| customer.starts_with(prefix)) {
        seen += 1;
        let said: Vec<&String> = [one.get(customer), other.get(customer)].into_iter().flatten().collect();
        assert_eq!(said.len(), 1, "{customer} by {one:?} and {other:?}");
        assert_eq!(item["CellId"], said[0].as_str(), "{customer}");
        assert_eq!(item["version"], (1 + writes).to_string(), "{customer} is written once in each round");
    }
    assert_eq!(seen, CUSTOMERS, "nobody is lost");
}

async fn play(ground: &Ground, course: &Course, number: usize) {
    ground.proxy.heal();
    let prefix = format!("case-{number:03}-");
    let customers: Vec<String> = (0..CUSTOMERS).map(|place| format!("{prefix}customer-{place}")).collect();
    ground.boto3(&[&["seed", "a"], &customers.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat());
    // An epoch grows with each write, too, and no condition asks for it: it counts the writes of a plain table.
    let counter = Some("version".to_owned());
    let fence = match course.fenced {
        true => Fence { version: counter, epoch: None },
        false => Fence { version: None, epoch: counter },
    };
    let settings = MoveSettings { range: 3, at_once: 2, stateless: true, fence, ..MoveSettings::default() };
    let round = Round { ground, settings };
    let machines = [Machine::new(), Machine::new()];
    if let Some(lost) = course.lost_answer {
        ground.proxy.inject("UpdateItem", Occurrence::Nth(lost), Fault::CutBody);
    }
    let plans = [round.plan(&customers, "b").await, round.plan(&customers, "c").await];
    let [one, other] = plans;
    tokio::join!(
        round.carry_out(&machines[0], Some(one), &course.deaths[0]),
        round.carry_out(&machines[1], Some(other), &course.deaths[1]),
    );
    judge(ground, &machines, [0, 0], &prefix, 1).await;

    // The one takes back what it has moved, while the other moves everybody on.
    let first = machines[0].moves(&ground.session).await;
    let undo = plan_undo(&ground.session, &named(&first, None).unwrap(), &terms(), &round.grounds()).await;
    let moves = [first.len(), machines[1].moves(&ground.session).await.len()];
    let on = round.plan(&customers, "d").await;
    tokio::join!(
        round.carry_out(&machines[0], undo.ok(), &course.deaths[1]),
        round.carry_out(&machines[1], Some(on), &course.deaths[0]),
    );
    judge(ground, &machines, moves, &prefix, 2).await;
}

fn any_course_ends_well(endpoint_url: &str, cases: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ground = runtime.block_on(Ground::before(endpoint_url, inventory_settings().mapping));
    let config = Config { cases, max_shrink_iters: 30, failure_persistence: None, ..Config::default() };
    let number = std::cell::Cell::new(0);
    TestRunner::new(config)
        .run(&courses(), |course| {
            number.set(number.get() + 1);
            runtime.block_on(play(&ground, &course, number.get()));
            Ok(())
        })
        .unwrap();
}

#[test]
fn on_the_demo_regions_engine() {
    let table = MappingTable::new();
    any_course_ends_well(&table.region.endpoint_url(), 16);
}

#[test]
fn on_moto() {
    let moto = Emulator::moto();
    MappingTable::boto3_at(moto.endpoint_url(), &["make", "2"]);
    any_course_ends_well(moto.endpoint_url(), 8);
}
