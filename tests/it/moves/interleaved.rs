//! Two moves of the same customers at the same time, whose processes die anywhere and are resumed: whatever happens
//! in between, each customer is on exactly one cell, the one that the last record of having moved them says.
//!
//! A process is the future that carries a move out. It dies by being dropped at any of its waits, with requests under
//! way; its journal and the table are all that is left. The two know nothing of each other: each is on a machine of
//! its own, without a team's table. boto3 tells what became of the customers.

use std::collections::BTreeMap;
use std::future::Future;
use std::task::Poll;

use cellgate::domain::moves::MovePlan;
use cellgate::domain::moves::run::Standing;
use cellgate::domain::moves::settings::{Fence, MoveSettings};
use cellgate::ops::change::ChangeError;
use cellgate::ops::moves::{Control, Finished, Progress, named, resume, start};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::table::MappingTable;
use crate::support::emulator::Emulator;
use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::moving::{Ground, Machine};

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

/// Where the moves are made.
struct Table {
    ground: Ground,
    proxy: FaultProxy,
    endpoint_url: String,
}

impl Table {
    async fn before(endpoint_url: &str) -> Self {
        let proxy = FaultProxy::one_at_a_time_before(endpoint_url);
        let ground = Ground::with(proxy.endpoint_url(), &["a", "b", "c", "d"]).await;
        Self { ground, proxy, endpoint_url: endpoint_url.to_owned() }
    }

    fn boto3(&self, arguments: &[&str]) -> String {
        MappingTable::boto3_at(&self.endpoint_url, arguments)
    }
}

/// The future's outcome, unless it dies before it has waited so often. Its threads die with it: what they had begun is
/// over before anybody comes after it.
async fn unless_it_dies<T>(future: impl Future<Output = T>, waits: usize) -> Option<T> {
    let mut future = Box::pin(future);
    let mut waited = 0;
    let outcome = std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => {
            waited += 1;
            if waited >= waits { Poll::Ready(None) } else { Poll::Pending }
        }
    })
    .await;
    if outcome.is_none() {
        drop(future);
        // The runtime has one thread for what blocks, and this one waits in line for it.
        tokio::task::spawn_blocking(|| ()).await.unwrap();
    }
    outcome
}

/// Carries a plan out by one process after the other.
async fn carry_out(ground: &Ground, machine: &Machine, plan: Option<MovePlan>, deaths: &[usize]) {
    let Some(plan) = plan else { return };
    let mut known = machine.moves(&ground.session).await.len();
    let progress = |_: Progress| {};
    let tell: &(dyn Fn(Progress) + Send + Sync) = &progress;
    let control = Control::new(CancellationToken::new());
    let hands = (&machine.store, &ground.clock, &control, tell);
    for waits in deaths.iter().copied().chain([usize::MAX]) {
        let mut run = machine.moves(&ground.session).await.into_iter().nth(known);
        if let Some(half) = run.take_if(|run| run.standing() == Standing::Unannounced) {
            // Who was meant isn't known: nothing was sent nor is, and somebody asks for it again.
            ended(Some(Box::pin(resume(&ground.session, &half.id, hands)).await));
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
async fn judge(table: &Table, machines: &[Machine; 2], moves: [usize; 2], prefix: &str, writes: u64) {
    let items: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_str(&table.boto3(&["scan"])).unwrap();
    let one = claims(&machines[0], &table.ground, moves[0]).await;
    let other = claims(&machines[1], &table.ground, moves[1]).await;
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

async fn play(table: &Table, course: &Course, number: usize) {
    let ground = &table.ground;
    table.proxy.heal();
    let prefix = format!("case-{number:03}-");
    let customers: Vec<String> = (0..CUSTOMERS).map(|place| format!("{prefix}customer-{place}")).collect();
    table.boto3(&[&["seed", "a"], &customers.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat());
    // An epoch grows with each write, too, and no condition asks for it: it counts the writes of a plain table.
    let counter = Some("version".to_owned());
    let fence = if course.fenced {
        Fence { version: counter, epoch: None }
    } else {
        Fence { version: None, epoch: counter }
    };
    let settings = MoveSettings { range: 3, at_once: 2, stateless: true, fence, ..MoveSettings::default() };
    let machines = [Machine::new(), Machine::new()];
    if let Some(lost) = course.lost_answer {
        table.proxy.inject("UpdateItem", Occurrence::Nth(lost), Fault::CutBody);
    }
    let one = ground.plan(&customers, "b", &settings).await;
    let other = ground.plan(&customers, "c", &settings).await;
    tokio::join!(
        Box::pin(carry_out(ground, &machines[0], Some(one), &course.deaths[0])),
        Box::pin(carry_out(ground, &machines[1], Some(other), &course.deaths[1])),
    );
    judge(table, &machines, [0, 0], &prefix, 1).await;

    // The one takes back what it has moved, while the other moves everybody on.
    let first = machines[0].moves(&ground.session).await;
    let back = named(&first, None).unwrap();
    let undo = ground.plan_undo(&back, &settings).await;
    assert_eq!(undo.is_ok(), back.tally().moved > 0, "who was moved can be moved back: {undo:?}");
    let moves = [first.len(), machines[1].moves(&ground.session).await.len()];
    let on = ground.plan(&customers, "d", &settings).await;
    tokio::join!(
        Box::pin(carry_out(ground, &machines[0], undo.ok(), &course.deaths[1])),
        Box::pin(carry_out(ground, &machines[1], Some(on), &course.deaths[0])),
    );
    judge(table, &machines, moves, &prefix, 2).await;
}

fn any_course_ends_well(endpoint_url: &str, cases: u32) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).enable_all().build().unwrap();
    let table = runtime.block_on(Table::before(endpoint_url));
    // The same courses in each run, so that one that fails can be played again.
    let config = Config {
        cases,
        max_shrink_iters: 30,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(u64::from(cases)),
        ..Config::default()
    };
    let number = std::cell::Cell::new(0);
    TestRunner::new(config)
        .run(&courses(), |course| {
            number.set(number.get() + 1);
            runtime.block_on(Box::pin(play(&table, &course, number.get())));
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
