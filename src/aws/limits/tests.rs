//! The limiter against a clock that tests set: order, pace, cancellation, sharing and penalties.

use std::sync::atomic::AtomicUsize;

use super::*;
use crate::aws::operations::{
    FLUSH_STAGE_CACHE, GET_METRIC_DATA, GET_RESOURCES, GET_STAGES, GET_USAGE_PLANS, UPDATE_USAGE_PLAN,
};
use crate::domain::token_bucket::Nanoseconds;

/// A clock that stands still until it is told to move.
#[derive(Clone, Debug)]
struct ManualClock(Arc<watch::Sender<Nanoseconds>>);

impl ManualClock {
    fn new() -> Self {
        Self(Arc::new(watch::Sender::new(1_000_000_000_000)))
    }

    fn advance(&self, time: Duration) {
        self.0.send_modify(|now| *now += u64::try_from(time.as_nanos()).unwrap());
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Nanoseconds {
        *self.0.borrow()
    }

    async fn sleep(&self, time: Duration) {
        let mut moved = self.0.subscribe();
        let deadline = *moved.borrow() + u64::try_from(time.as_nanos()).unwrap();
        moved.wait_for(|now| *now >= deadline).await.unwrap();
    }
}

struct Bench {
    clock: ManualClock,
    limits: Limits,
}

impl Bench {
    fn new() -> Self {
        let clock = ManualClock::new();
        let limits = Limits::start(0.5, Store::in_memory(), clock.clone());
        Self { clock, limits }
    }

    /// Starts `count` waiters and returns how many of them have been let through.
    fn ask(&self, operation: &'static Operation, count: usize) -> Arc<AtomicUsize> {
        let granted = Arc::new(AtomicUsize::new(0));
        for _ in 0..count {
            let (limits, granted) = (self.limits.clone(), Arc::clone(&granted));
            tokio::spawn(async move {
                limits.acquire(operation, Priority::Visible, &CancellationToken::new()).await.unwrap();
                granted.fetch_add(1, Ordering::SeqCst);
            });
        }
        granted
    }

    /// Waits until the budget shows what is looked for.
    async fn until(&self, shown: impl FnMut(&Budget) -> bool) -> Budget {
        let mut budget = self.limits.watch();
        tokio::time::timeout(Duration::from_secs(20), budget.wait_for(shown))
            .await
            .expect("the budget never showed it")
            .unwrap()
            .clone()
    }

    /// Lets every task run until none has anything left to do at this time.
    async fn settle(&self) {
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn the_burst_goes_at_once_and_the_rest_at_the_pace() {
    let bench = Bench::new();
    let granted = bench.ask(&GET_STAGES, 60);
    bench.until(|budget| budget.waiting.len() == 40).await;
    bench.settle().await;
    assert_eq!(granted.load(Ordering::SeqCst), 20);
    for second in 1..=8_usize {
        bench.clock.advance(Duration::from_secs(1));
        bench.until(|budget| budget.waiting.len() == 40 - 5 * second).await;
        bench.settle().await;
        assert_eq!(granted.load(Ordering::SeqCst), 20 + 5 * second);
    }
    let budget = bench.until(|budget| budget.waiting.is_empty()).await;
    assert_eq!(budget.sent["GetStages"], 60);
    assert_eq!(budget.requests_sent(), 60);
}

#[tokio::test]
async fn a_quota_of_its_own_holds_back_its_operation_and_no_other() {
    let bench = Bench::new();
    let resources = bench.ask(&GET_RESOURCES, 8);
    bench.until(|budget| budget.waiting.len() == 6).await;
    let stages = bench.ask(&GET_STAGES, 10);
    let budget = bench.until(|budget| budget.sent.get("GetStages") == Some(&10)).await;
    bench.settle().await;
    assert_eq!(resources.load(Ordering::SeqCst), 2, "half of 5 in 2 seconds");
    assert_eq!(stages.load(Ordering::SeqCst), 10);
    // Those that wait took nothing from the pool: 20 - 2 - 10.
    assert_eq!(budget.left, 8);
}

#[tokio::test]
async fn changes_go_first_then_what_is_on_screen_each_in_order_of_arrival() {
    let bench = Bench::new();
    bench.ask(&GET_STAGES, 20);
    bench.until(|budget| budget.left == 0).await;
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let arrivals = [
        ("hidden 1", &GET_STAGES, Priority::Hidden),
        ("visible 1", &GET_STAGES, Priority::Visible),
        ("hidden 2", &GET_USAGE_PLANS, Priority::Hidden),
        ("visible 2", &GET_STAGES, Priority::Visible),
        ("change", &FLUSH_STAGE_CACHE, Priority::Change),
    ];
    for (place, (name, operation, priority)) in arrivals.into_iter().enumerate() {
        let (limits, order) = (bench.limits.clone(), Arc::clone(&order));
        tokio::spawn(async move {
            limits.acquire(operation, priority, &CancellationToken::new()).await.unwrap();
            order.lock().unwrap().push(name);
        });
        bench.until(|budget| budget.waiting.len() == place + 1).await;
    }
    let budget = bench.until(|budget| budget.waiting.len() == 5).await;
    let etas: Vec<_> = budget.waiting.iter().map(|waiting| waiting.eta.as_millis()).collect();
    assert_eq!(etas, [200, 400, 600, 800, 1000]);
    assert_eq!(budget.waiting[0].operation, "FlushStageCache");
    for left in (0..5).rev() {
        bench.clock.advance(Duration::from_millis(200));
        bench.until(|budget| budget.waiting.len() == left).await;
        bench.settle().await;
    }
    assert_eq!(*order.lock().unwrap(), ["change", "visible 1", "visible 2", "hidden 1", "hidden 2"]);
}

#[tokio::test]
async fn whoever_is_cancelled_while_waiting_uses_nothing_up() {
    let bench = Bench::new();
    bench.ask(&GET_STAGES, 20);
    bench.until(|budget| budget.left == 0).await;
    let cancellation = CancellationToken::new();
    let waiting = {
        let (limits, cancellation) = (bench.limits.clone(), cancellation.clone());
        tokio::spawn(async move { limits.acquire(&GET_STAGES, Priority::Change, &cancellation).await })
    };
    bench.until(|budget| budget.waiting.len() == 1).await;
    cancellation.cancel();
    assert_eq!(waiting.await.unwrap(), Err(CancelledWhileWaiting));
    bench.until(|budget| budget.waiting.is_empty()).await;
    bench.clock.advance(Duration::from_secs(4));
    let budget = bench.until(|budget| budget.left == 20).await;
    assert_eq!(budget.sent["GetStages"], 20);
    // A future that is dropped counts as cancelled, too.
    bench.ask(&GET_STAGES, 20);
    bench.until(|budget| budget.left == 0).await;
    let dropped = tokio::spawn({
        let limits = bench.limits.clone();
        async move { limits.acquire(&GET_STAGES, Priority::Visible, &CancellationToken::new()).await }
    });
    bench.until(|budget| budget.waiting.len() == 1).await;
    dropped.abort();
    bench.until(|budget| budget.waiting.is_empty()).await;
}

#[tokio::test]
async fn a_429_empties_the_pool_and_halves_the_pace_for_a_minute() {
    let bench = Bench::new();
    bench.ask(&GET_STAGES, 1);
    bench.until(|budget| budget.left == 19).await;
    bench.limits.penalise(&GET_STAGES);
    let budget = bench.until(|budget| budget.penalty_until.is_some()).await;
    assert_eq!((budget.left, budget.pace), (0, 2.5));
    let granted = bench.ask(&GET_STAGES, 30);
    bench.until(|budget| budget.waiting.len() == 30).await;
    for _ in 0..40 {
        bench.clock.advance(Duration::from_millis(100));
        bench.settle().await;
    }
    // 4 seconds at 2.5 a second, the first after one interval.
    assert_eq!(granted.load(Ordering::SeqCst), 10);
    bench.clock.advance(Duration::from_mins(1));
    let budget = bench.until(|budget| budget.penalty_until.is_none()).await;
    assert!((budget.pace - 5.0).abs() < 1e-6);
}

#[tokio::test]
async fn other_services_have_buckets_of_their_own() {
    let bench = Bench::new();
    bench.ask(&GET_STAGES, 20);
    bench.until(|budget| budget.left == 0).await;
    let metrics = bench.ask(&GET_METRIC_DATA, 10);
    bench.limits.count_metrics(500);
    let budget = bench
        .until(|budget| budget.sent.get("GetMetricData") == Some(&10) && budget.metrics_requested > 0)
        .await;
    bench.settle().await;
    assert_eq!(metrics.load(Ordering::SeqCst), 10);
    assert!((budget.cloudwatch_dollars() - 0.005).abs() < 1e-9);
    assert!((budget.used - 2.0).abs() < 1e-9, "20 control-plane requests in ten seconds");
}

#[tokio::test]
async fn two_processes_share_one_budget_and_its_penalty() {
    let directory = tempfile::tempdir().unwrap();
    let key = RegionKey { account: "123456789012".into(), region: "eu-west-1".into() };
    let clock = ManualClock::new();
    let bench = || Bench {
        clock: clock.clone(),
        limits: Limits::start(0.5, Store::new(Some(directory.path()), &key), clock.clone()),
    };
    let (one, other) = (bench(), bench());
    one.ask(&GET_STAGES, 15);
    one.until(|budget| budget.left == 5).await;
    other.ask(&GET_STAGES, 15);
    let budget = other.until(|budget| budget.waiting.len() == 10).await;
    assert!(budget.shared);
    assert_eq!(budget.sent["GetStages"], 5);
    one.limits.penalise(&GET_STAGES);
    one.until(|budget| budget.penalty_until.is_some()).await;
    clock.advance(Duration::from_secs(1));
    let budget = other.until(|budget| budget.penalty_until.is_some()).await;
    assert!((budget.pace - 2.5).abs() < 1e-6);
}

#[tokio::test]
async fn a_limiter_at_rest_shows_nothing_new() {
    let bench = Bench::new();
    bench.ask(&GET_STAGES, 1);
    bench.until(|budget| budget.left == 19).await;
    for _ in 0..12 {
        bench.clock.advance(Duration::from_secs(1));
        bench.settle().await;
    }
    let budget = bench.until(|budget| budget.left == 20 && budget.used == 0.0).await;
    assert!(budget.waiting.is_empty());
    let mut receiver = bench.limits.watch();
    receiver.mark_unchanged();
    bench.clock.advance(Duration::from_mins(10));
    bench.settle().await;
    assert!(!receiver.has_changed().unwrap());
}

#[tokio::test]
async fn a_question_tells_the_wait_and_takes_no_token() {
    let bench = Bench::new();
    for _ in 0..3 {
        assert_eq!(bench.limits.turn(&UPDATE_USAGE_PLAN).await, Some(Duration::ZERO));
    }
    let cancellation = CancellationToken::new();
    bench.limits.acquire(&UPDATE_USAGE_PLAN, Priority::Change, &cancellation).await.unwrap();
    // Half of AWS's one in 20 s.
    assert_eq!(bench.limits.turn(&UPDATE_USAGE_PLAN).await, Some(Duration::from_secs(40)));
    bench.clock.advance(Duration::from_secs(15));
    assert_eq!(bench.limits.turn(&UPDATE_USAGE_PLAN).await, Some(Duration::from_secs(25)));
    let behind = bench.ask(&UPDATE_USAGE_PLAN, 1);
    bench.until(|budget| !budget.waiting.is_empty()).await;
    assert_eq!(bench.limits.turn(&UPDATE_USAGE_PLAN).await, Some(Duration::from_secs(65)));
    assert_eq!(behind.load(Ordering::SeqCst), 0);
    assert_eq!(bench.limits.turn(&GET_STAGES).await, Some(Duration::ZERO));
}
