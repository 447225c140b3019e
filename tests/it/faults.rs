//! Each read of a session meets each fault: it must fail as what it is, in a bounded time, and leave
//! the other reads alone.

mod rows;

use std::pin::Pin;
use std::time::{Duration, Instant};

use cellgate::aws::{AccessKey, ConnectOptions, Connector, LimitSettings, Read, Session, Timeouts};
use cellgate::domain::failure::{Failure, FailureKind};
use cellgate::domain::id::{ApiId, CellId, StageName};
use cellgate::domain::mapping::{MappingSettings, MappingTable};
use cellgate::domain::signal::{MetricIdentity, MetricQuery, Statistic, TimeWindow};
use cellgate_demo::{RegionOptions, estate};
use futures_util::stream::{self, StreamExt};
use jiff::Timestamp;

use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::home::{ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY};
use crate::support::region::Region;
use crate::support::settings::inventory_settings;

/// How long one attempt may take where answers are late.
const ATTEMPT: Duration = Duration::from_secs(2);
/// How long a read may take with all its attempts and pauses, on a busy machine.
const BOUND: Duration = Duration::from_mins(2);

type Outcome<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;
type Call = for<'a> fn(&'a Session<Read>, &'a Place) -> Outcome<'a>;

/// Every read of a session, by the name under which the proxy counts it.
const READS: &[(&str, Call)] = &[
    ("GetCallerIdentity", |session, _| Box::pin(async { session.verify_identity().await.map(drop) })),
    ("GetAccount", |session, _| Box::pin(async { session.account_throttle().await.map(drop) })),
    ("GetRestApis", |session, _| Box::pin(session.rest_apis(drop))),
    ("GetStages", |session, place| Box::pin(async { session.rest_stages(&place.rest).await.map(drop) })),
    ("GetStage", |session, place| {
        Box::pin(async { session.rest_stage(&place.rest, &place.rest_stage).await.map(drop) })
    }),
    ("GetDeployments", |session, place| {
        Box::pin(async { session.rest_deployments(&place.rest).await.map(drop) })
    }),
    ("GetResources", |session, place| {
        Box::pin(async { session.rest_operations(&place.rest).await.map(drop) })
    }),
    ("GetAuthorizers", |session, place| {
        Box::pin(async { session.rest_authorizers(&place.rest).await.map(drop) })
    }),
    ("GetUsagePlans", |session, _| Box::pin(session.usage_plans(drop))),
    ("GetApis", |session, _| Box::pin(session.v2_apis(drop))),
    ("v2 GetStages", |session, place| Box::pin(async { session.v2_stages(&place.http).await.map(drop) })),
    ("v2 GetDeployments", |session, place| {
        Box::pin(async { session.v2_deployments(&place.http).await.map(drop) })
    }),
    ("GetRoutes", |session, place| Box::pin(async { session.v2_operations(&place.http).await.map(drop) })),
    ("v2 GetAuthorizers", |session, place| {
        Box::pin(async { session.v2_authorizers(&place.http).await.map(drop) })
    }),
    ("GetMetricData", |session, _| {
        Box::pin(async {
            let window = TimeWindow::until(Timestamp::now(), 5);
            session.metric_data(&[requests_of("cell-01-api")], window).await.map(drop)
        })
    }),
    ("ListMetrics", |session, _| {
        Box::pin(async { session.list_metrics("AWS/ApiGateway", "Count").await.map(drop) })
    }),
    ("DescribeTable", |session, place| {
        Box::pin(async { session.describe_table(&place.mapping).await.map(drop) })
    }),
    ("Scan", |session, place| Box::pin(async { session.mapped_cells(&place.mapping).await.map(drop) })),
    ("Query", |session, place| {
        Box::pin(async {
            let cell = CellId::new("cell-01");
            session.count_customers(&place.mapping, &place.table, &cell).await.map(drop)
        })
    }),
];

/// What the reads are about, found before anything goes wrong.
struct Place {
    rest: ApiId,
    rest_stage: StageName,
    http: ApiId,
    mapping: MappingSettings,
    table: MappingTable,
}

impl Place {
    fn of(region: &Region) -> Self {
        let estate = region.estate();
        let first = |kind| {
            let api = estate.apis_of(kind).next().expect("an API of each kind");
            (ApiId::new(&api.id), StageName::new(&api.stages.first().expect("a stage").name))
        };
        let (rest, rest_stage) = first(estate::ApiKind::Rest);
        let (http, _) = first(estate::ApiKind::Http);
        let mapping = inventory_settings().mapping;
        let table = MappingTable {
            name: estate::MAPPING_TABLE.to_owned(),
            status: "ACTIVE".to_owned(),
            approximate_items: 0,
            size_bytes: 0,
            partition_key: Some("CustomerId".to_owned()),
            cell_index: Some("CellId-index".to_owned()),
            deletion_protection: false,
        };
        Self { rest, rest_stage, http, mapping, table }
    }
}

/// A small region without request quotas: each fault meets twenty reads at about the same time.
fn region() -> Region {
    Region::start(RegionOptions {
        cells: 2,
        apis: 6,
        customers: 40,
        control_plane_limits: false,
        ..RegionOptions::default()
    })
}

fn connector(endpoint_url: String) -> Connector {
    connector_with(endpoint_url, Timeouts::default())
}

/// One that gives up soon where the fault is an answer that comes late. Elsewhere a busy machine may take its time:
/// an attempt too many would be counted.
fn connector_for(fault: Fault, endpoint_url: String) -> Connector {
    match fault {
        Fault::Delay(_) => connector_with(endpoint_url, Timeouts { connect: ATTEMPT, attempt: ATTEMPT }),
        _ => connector(endpoint_url),
    }
}

fn connector_with(endpoint_url: String, timeouts: Timeouts) -> Connector {
    Connector::new(ConnectOptions {
        region: Some(REGION.to_owned()),
        endpoint_url: Some(endpoint_url),
        access_key: Some(AccessKey { id: ACCESS_KEY_ID.to_owned(), secret: SECRET_ACCESS_KEY.to_owned() }),
        timeouts,
        limits: LimitSettings { control_plane_share: 1.0, state_dir: None },
        ..ConnectOptions::default()
    })
}

fn requests_of(api_name: &str) -> MetricQuery {
    MetricQuery {
        metric: MetricIdentity {
            namespace: "AWS/ApiGateway".to_owned(),
            name: "Count".to_owned(),
            dimensions: vec![("ApiName".to_owned(), api_name.to_owned())],
        },
        statistic: Statistic::Sum,
    }
}

/// Lets every read meet a fault, and returns those that did not end as `fits` says.
async fn reads_that_misbehave(
    proxy: &FaultProxy,
    place: &Place,
    fault: Fault,
    fits: fn(FailureKind) -> bool,
) -> Vec<String> {
    // Each read has a session of its own: a refusal for too many requests slows a session down, as it should.
    let connecting = READS.iter().map(|_| async {
        connector_for(fault, proxy.endpoint_url()).connect().await.expect("nothing is wrong yet")
    });
    let sessions: Vec<Session<Read>> = stream::iter(connecting).buffered(4).collect().await;
    for (operation, _) in READS {
        proxy.inject(operation, Occurrence::Every, fault);
    }
    let meeting = READS.iter().zip(&sessions).map(|((operation, call), session)| async move {
        let started = Instant::now();
        let outcome = tokio::time::timeout(BOUND, call(session, place)).await;
        match outcome {
            Err(_) => Some(format!("{operation}: no end within {BOUND:?}")),
            Ok(Ok(())) => Some(format!("{operation}: succeeded")),
            Ok(Err(failure)) => verdict(operation, &failure, fits, started.elapsed()),
        }
    });
    stream::iter(meeting).buffer_unordered(READS.len()).filter_map(std::future::ready).collect().await
}

/// What is wrong with the failure that a fault became.
fn verdict(
    operation: &str,
    failure: &Failure,
    fits: fn(FailureKind) -> bool,
    took: Duration,
) -> Option<String> {
    let name = operation.trim_start_matches("v2 ");
    let wrong = if !fits(failure.kind) {
        "is of the wrong kind"
    } else if failure.operation != name {
        "names another operation"
    } else if failure.message.is_empty() || failure.message.contains('\n') {
        "does not say why in one line"
    } else {
        return None;
    };
    Some(format!("{operation} {wrong} after {took:?}: {failure:?}"))
}

fn every_read_fails_as(fault: Fault, fits: fn(FailureKind) -> bool) {
    let region = region();
    let place = Place::of(&region);
    let proxy = FaultProxy::before(&region.endpoint_url());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime for the sessions");
    let found = runtime.block_on(reads_that_misbehave(&proxy, &place, fault, fits));
    assert!(found.is_empty(), "{fault:?}:\n{}", found.join("\n"));
    for (operation, _) in READS {
        assert!(proxy.count(operation) > 0, "{operation} was never sent");
    }
}

#[test]
fn without_a_fault_every_read_succeeds() {
    let region = region();
    let place = Place::of(&region);
    let proxy = FaultProxy::before(&region.endpoint_url());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime for the session");
    runtime.block_on(async {
        let session = connector(proxy.endpoint_url()).connect().await.expect("nothing is wrong");
        for (operation, call) in READS {
            if let Err(failure) = call(&session, &place).await {
                panic!("{operation}: {failure:?}");
            }
        }
    });
}

#[test]
fn a_late_answer_is_a_timeout() {
    every_read_fails_as(Fault::Delay(Duration::from_secs(30)), |kind| kind == FailureKind::Timeout);
}

#[test]
fn a_429_is_throttling() {
    every_read_fails_as(Fault::Throttle, |kind| matches!(kind, FailureKind::Throttled { .. }));
}

#[test]
fn a_500_is_the_services_fault() {
    every_read_fails_as(Fault::InternalFailure, |kind| kind == FailureKind::Service);
}

#[test]
fn a_503_is_the_services_fault() {
    every_read_fails_as(Fault::ServiceUnavailable, |kind| kind == FailureKind::Service);
}

#[test]
fn an_expired_token_is_about_credentials() {
    every_read_fails_as(Fault::ExpiredToken, |kind| kind == FailureKind::Credentials);
}

#[test]
fn a_denial_is_a_denial() {
    every_read_fails_as(Fault::AccessDenied, |kind| kind == FailureKind::AccessDenied);
}

#[test]
fn a_dropped_connection_is_unreachable() {
    every_read_fails_as(Fault::DropConnection, |kind| kind == FailureKind::Unreachable);
}

#[test]
fn an_answer_cut_in_the_middle_is_unreachable() {
    every_read_fails_as(Fault::CutBody, |kind| kind == FailureKind::Unreachable);
}

#[test]
fn a_broken_document_is_malformed() {
    every_read_fails_as(Fault::MalformedBody, |kind| kind == FailureKind::Malformed);
}

#[test]
fn a_login_page_in_place_of_an_answer_is_malformed() {
    every_read_fails_as(Fault::ForeignContent, |kind| kind == FailureKind::Malformed);
}

#[test]
fn a_change_is_sent_once_whatever_becomes_of_it() {
    let region = region();
    let place = Place::of(&region);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime for the session");
    for fault in [
        Fault::Delay(Duration::from_secs(30)),
        Fault::Throttle,
        Fault::InternalFailure,
        Fault::DropConnection,
        Fault::CutBody,
    ] {
        let proxy = FaultProxy::before(&region.endpoint_url());
        proxy.inject("FlushStageCache", Occurrence::Every, fault);
        let outcome = runtime.block_on(async {
            let connector = connector_for(fault, proxy.endpoint_url());
            let session = connector.connect().await.expect("nothing is wrong yet");
            let session = session.arm(estate::ACCOUNT_ID, None).expect("the account was named");
            session.flush_stage_cache(&place.rest, &place.rest_stage).await
        });
        assert!(outcome.is_err(), "{fault:?}: {outcome:?}");
        assert_eq!(proxy.count("FlushStageCache"), 1, "{fault:?}");
    }
}
