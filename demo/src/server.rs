//! The region's front door: one listener for all services.
//!
//! A request is recognised, its credentials are looked at, the account's control-plane quota is asked, and
//! the service answers. Each request is counted here, whatever becomes of it.

pub mod admin;
pub mod connection;
pub mod credentials;
pub mod fault;
pub mod log;
pub mod mishap;
pub mod mishaps;
pub mod quota;
pub mod rest;
pub mod routing;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::cloudwatch::CloudWatch;
use crate::dynamodb::DynamoDb;
use crate::estate::SharedEstate;
use crate::logs::Logs;
use crate::scenario::{Engine, Seen};
use crate::sts;
use crate::wafv2::WafV2;

use self::connection::{Hangup, SeverableListener};
use self::fault::{Fault, Protocol};
use self::log::RequestLog;
use self::mishaps::Mishaps;
use self::quota::ControlPlaneQuotas;
use self::routing::{Recognised, Target};

/// AWS: the largest body that any of the services takes, DynamoDB's, is 16 MB.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// What the front door hands requests to.
#[derive(Debug)]
pub struct Services {
    pub estate: SharedEstate,
    pub clock: Clock,
    pub cloudwatch: CloudWatch,
    pub dynamodb: DynamoDb,
    pub logs: Logs,
    pub wafv2: WafV2,
    pub log: RequestLog,
    /// What goes wrong on demand.
    pub mishaps: Mishaps,
    /// `None`: the control plane answers as fast as it can.
    pub quotas: Option<Arc<ControlPlaneQuotas>>,
    /// What is played here.
    pub scenario: Option<Arc<Engine>>,
}

/// Serves until the token is cancelled; requests under way are answered first.
pub async fn serve(listener: TcpListener, services: Arc<Services>, shutdown: CancellationToken) {
    let router =
        Router::new().fallback(answer).with_state(services).into_make_service_with_connect_info::<Hangup>();
    let served = axum::serve(SeverableListener(listener), router)
        .with_graceful_shutdown(shutdown.cancelled_owned())
        .await;
    if let Err(error) = served {
        tracing::error!(%error, "the demo region stopped listening");
    }
}

async fn answer(
    State(services): State<Arc<Services>>,
    ConnectInfo(hangup): ConnectInfo<Hangup>,
    request: Request,
) -> Response {
    let request_id = request_id();
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, MAX_BODY_BYTES).await;
    let mut response = match body {
        Ok(body) if admin::is_meant(&parts) => return admin::answer(&services, &parts, &body),
        Ok(body) => dispatch(&services, &hangup, parts, body, &request_id).await,
        Err(_) => {
            Fault::new(413, "RequestEntityTooLargeException", "The request is cut off or larger than 16 MB")
                .response(Protocol::RestJson, &request_id)
        }
    };
    // The region's time, which need not be the machine's.
    let skew = SignedDuration::from_secs(services.mishaps.skew_seconds());
    let now = services.clock.now().saturating_add(skew).unwrap_or(Timestamp::MAX);
    let now = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(value) = HeaderValue::from_str(&now) {
        response.headers_mut().insert("date", value);
    }
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().entry(HeaderName::from_static("x-amzn-requestid")).or_insert(value);
    }
    response
}

async fn dispatch(
    services: &Arc<Services>,
    hangup: &Hangup,
    parts: Parts,
    body: Bytes,
    request_id: &str,
) -> Response {
    let recognised = routing::recognise(&parts, &body);
    let protocol = recognised.protocol;
    let watched = services.scenario.as_ref().map(|scenario| {
        scenario.before_call(services.clock.now());
        (scenario, parts.clone(), body.clone())
    });
    let fate = services.mishaps.fate(recognised.service_name(), &recognised.operation_name());
    tokio::time::sleep(fate.delay()).await;
    let outcome = match fate.refusal(protocol) {
        _ if fate.is_dropped() => Err(Fault::internal("dropped on demand")),
        Some(fault) => Err(fault),
        None => match admit(services, &parts, &recognised) {
            Ok(()) => run(services, &recognised, parts, body, request_id).await,
            Err(fault) => Err(fault),
        },
    };
    let response = outcome.unwrap_or_else(|fault| fault.response(protocol, request_id));
    services.log.push(
        services.clock.now(),
        recognised.service_name(),
        recognised.operation_name().into_owned(),
        response.status().as_u16(),
    );
    if let Some((scenario, parts, body)) = watched {
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        scenario.saw(&Seen {
            at: services.clock.now(),
            service: recognised.service_name(),
            operation: &recognised.operation_name(),
            method: &parts.method,
            path: parts.uri.path_and_query().map_or("", |path| path.as_str()),
            body: &body,
            compressed: header("content-encoding") == "gzip",
            user_agent: header("user-agent"),
            status: response.status().as_u16(),
        });
    }
    fate.spoil(response, hangup).await
}

/// Refuses what has no credentials, what is meant for another region, and what exceeds a quota.
fn admit(services: &Services, parts: &Parts, recognised: &Recognised) -> Result<(), Fault> {
    let region = credentials::region(services);
    credentials::check(&parts.headers, &region, recognised.signing_name(), recognised.protocol)?;
    let skew = services.mishaps.skew_seconds();
    credentials::check_time(&parts.headers, skew, services.clock.now(), recognised.protocol)?;
    match (&services.quotas, &recognised.target) {
        (Some(quotas), Target::Rest { operation, .. }) => quotas.take(operation.name, services.clock.now()),
        _ => Ok(()),
    }
}

async fn run(
    services: &Arc<Services>,
    recognised: &Recognised,
    parts: Parts,
    body: Bytes,
    request_id: &str,
) -> Result<Response, Fault> {
    match &recognised.target {
        Target::Rest { operation, parameters, .. } => {
            let call = rest::Call::new(&services.estate, services.clock.now(), parameters, &parts.uri, &body);
            (operation.handle)(&call).map(rest::Answer::into_response)
        }
        Target::CloudWatch { .. } => {
            // Percentiles over hours of metrics take a while: the tasks of this thread shall not wait.
            let services = Arc::clone(services);
            let request_id = request_id.to_owned();
            tokio::task::spawn_blocking(move || services.cloudwatch.handle(&parts, &body, &request_id))
                .await
                .map_err(|_| Fault::internal("CloudWatch did not finish the request"))
        }
        Target::Logs { operation } => {
            let (services, operation) = (Arc::clone(services), operation.clone());
            tokio::task::spawn_blocking(move || services.logs.handle(&operation, &body))
                .await
                .map_err(|_| Fault::internal("CloudWatch Logs did not finish the request"))?
        }
        Target::WafV2 { operation } => {
            let (services, operation) = (Arc::clone(services), operation.clone());
            tokio::task::spawn_blocking(move || services.wafv2.handle(&operation, &body))
                .await
                .map_err(|_| Fault::internal("WAF did not finish the request"))?
        }
        Target::DynamoDb { operation } => services.dynamodb.forward(operation, &parts, body).await,
        Target::Sts { operation } => {
            let estate = services.estate.read().map_err(|_| Fault::internal("the estate is unreadable"))?;
            sts::answer(operation, &estate.account_id, request_id).map(|xml| sts_response(&xml))
        }
        Target::Unknown { description } => Err(Fault::new(
            404,
            "UnknownOperationException",
            format!("The demo region does not serve {description}"),
        )),
    }
}

fn sts_response(xml: &str) -> Response {
    let mut response = Response::new(Body::from(xml.to_owned()));
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/xml"));
    response
}

/// A request id as AWS writes it: a random UUID.
fn request_id() -> String {
    let bits: u128 = rand::random();
    let hex = format!("{bits:032x}");
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}
