//! Each read of a session meets each fault: it must fail as what it is, in a bounded time, and leave
//! the other reads alone.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use cellgate::aws::{AccessKey, ConnectOptions, Connector, LimitSettings, Read, Session, Timeouts};
use cellgate::domain::failure::{Failure, FailureKind};
use cellgate::domain::id::{ApiId, CellId, StageName};
use cellgate::domain::mapping::MappingSettings;
use cellgate::domain::signal::{MetricIdentity, MetricQuery, Statistic, TimeWindow};
use cellgate_demo::region::RegionOptions;
use jiff::Timestamp;

use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::home::{ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY};
use crate::support::region::Region;

/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_millis(700);
/// How long a read may take with all its attempts and pauses, on a busy machine.
const BOUND: Duration = Duration::from_secs(20);

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
    ("GetResources", |session, place| Box::pin(async { session.rest_operations(&place.rest).await.map(drop) })),
    ("GetAuthorizers", |session, place| {
        Box::pin(async { session.rest_authorizers(&place.rest).await.map(drop) })
    }),
    ("GetUsagePlans", |session, _| Box::pin(session.usage_plans(drop))),
    ("GetApis", |session, _| Box::pin(session.v2_apis(drop))),
    ("v2 GetStages", |session, place| Box::pin(async { session.v2_stages(&place.http).await.map(drop) })),
    ("v2 GetStage", |session, place| {
        Box::pin(async { session.v2_stage(&place.http, &place.http_stage).await.map(drop) })
    }),
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
    ("Query", |session, place| {
        Box::pin(async {
            let cell = CellId::new("cell-01");
            session.count_customers(&place.mapping, &place.table, &cell).await.map(drop)
        })
    }),
];
