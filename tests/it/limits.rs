//! The limiter, measured where AWS measures: at the server that the requests reach.

use std::time::Duration;

use cellgate::aws::{AccessKey, ConnectOptions, Connector, LimitSettings, Read, Session};
use cellgate::domain::id::ApiId;
use jiff::SignedDuration;
use tokio::task::JoinSet;

use crate::support::home::{ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY};
use crate::support::region::Region;

/// Half of AWS's 10 a second and of its burst of 40.
const PACE: i128 = 5;
const BURST: i128 = 20;

/// Between the limiter's grant and the server's record lie a connection and a busy machine: two
/// requests may arrive closer together than they were let go.
const JITTER: SignedDuration = SignedDuration::from_millis(1_500);

async fn connect(region: &Region, state_dir: Option<&std::path::Path>) -> Session<Read> {
    let access_key = AccessKey { id: ACCESS_KEY_ID.into(), secret: SECRET_ACCESS_KEY.into() };
    let options = ConnectOptions {
        region: Some(REGION.into()),
        endpoint_url: Some(region.endpoint_url()),
        access_key: Some(access_key),
        limits: LimitSettings { state_dir: state_dir.map(Into::into), ..LimitSettings::default() },
        ..ConnectOptions::default()
    };
    Connector::new(options).connect().await.expect("the demo region lets the example key in")
}

async fn first_api(session: &Session<Read>) -> ApiId {
    let mut first = None;
    session
        .rest_apis(|page| first = first.take().or_else(|| page.first().map(|api| api.id.clone())))
        .await
        .expect("the region lists its APIs");
    first.expect("the region has REST APIs")
}

/// Asks for an API's stages as often and as fast as the sessions allow.
async fn ask(sessions: &[&Session<Read>], times: usize) {
    let api = first_api(sessions[0]).await;
    let mut tasks = JoinSet::new();
    for number in 0..times {
        let (session, api) = (sessions[number % sessions.len()].clone(), api.clone());
        tasks.spawn(async move { session.rest_stages(&api).await });
    }
    while let Some(outcome) = tasks.join_next().await {
        outcome.expect("no task panics").expect("the region answers, since nobody asks too fast");
    }
}

/// Fails where any stretch of time saw more control-plane requests than pace and burst allow.
fn assert_within_budget(region: &Region, expected: usize) {
    let mut times: Vec<_> = region
        .requests()
        .into_iter()
        .filter(|request| request.service.starts_with("apigateway"))
        .inspect(|request| assert_eq!(request.status, 200, "{request:?}"))
        .map(|request| request.at)
        .collect();
    times.sort();
    assert_eq!(times.len(), expected);
    let milliseconds = |from: usize, to: usize| times[to].duration_since(times[from]).as_millis();
    let counted = |number: usize| i128::try_from(number).expect("a small number");
    for first in 0..times.len() {
        for last in first..times.len() {
            let (count, time) = (counted(last - first + 1), milliseconds(first, last));
            let allowed = PACE * (time + JITTER.as_millis()) / 1_000 + BURST;
            assert!(count <= allowed, "{count} requests within {time} ms, from the {first}th on");
        }
    }
    let whole = milliseconds(0, times.len() - 1);
    let least = (counted(expected) - BURST) * 1_000 / PACE - JITTER.as_millis();
    assert!(whole >= least, "{expected} requests took only {whole} ms");
}

#[test]
fn the_server_never_sees_more_than_pace_and_burst() {
    let region = Region::on_the_wall_clock();
    block_on(async {
        let session = connect(&region, None).await;
        ask(&[&session], 44).await;
        let budget = session.limits().watch().borrow().clone();
        assert_eq!(budget.sent["GetStages"], 44);
    });
    assert_within_budget(&region, 45);
}

#[test]
fn two_processes_together_stay_within_one_budget() {
    let region = Region::on_the_wall_clock();
    let state = tempfile::tempdir().expect("a temporary directory");
    block_on(async {
        // Two connections share nothing but the file, as two processes do.
        let one = connect(&region, Some(state.path())).await;
        let other = connect(&region, Some(state.path())).await;
        ask(&[&one, &other], 34).await;
    });
    let files: Vec<_> = std::fs::read_dir(state.path())
        .expect("the directory is there")
        .map(|file| file.expect("a readable directory").file_name())
        .collect();
    assert_eq!(files, ["123456789012-eu-west-1.json"], "the directory itself holds the shared state");
    assert_within_budget(&region, 35);
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime for the test");
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_mins(5), future).await.expect("the test ends in five minutes")
    })
}
