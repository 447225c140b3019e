//! The region's front door: one listener for all services.
//!
//! A request is recognised, its credentials say which account it acts on, the account's quotas are asked, and its
//! service answers. Each request is counted here, whatever becomes of it.

pub mod account;
pub mod accounts;
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
pub mod service_quota;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::estate::REGION;
use crate::ledger::Ledger;
use crate::region::course::Course;
use crate::scenario::{Engine, Seen};
use crate::{apigatewaymanagementapi, sts};

use self::accounts::{Accounts, Caller};
use self::connection::{Hangup, SeverableListener};
use self::fault::{Fault, Protocol};
use self::log::RequestLog;
use self::mishaps::Mishaps;
use self::routing::{Recognised, Target};

/// AWS: the largest body that any of the services takes, DynamoDB's, is 16 MB.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// What the front door hands requests to.
#[derive(Debug)]
pub struct Services {
    pub accounts: Accounts,
    pub clock: Clock,
    /// The traffic, which has to have happened before anyone is told of it.
    pub course: Arc<Course>,
    /// What became of every request.
    pub ledger: Arc<Ledger>,
    pub log: RequestLog,
    /// What goes wrong on demand.
    pub mishaps: Mishaps,
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
            Ok(caller) => run(services, &caller, &recognised, parts, body, request_id).await,
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

/// Who asks. Refuses what has no credentials, what is meant for another region, and what exceeds a quota.
fn admit(services: &Services, parts: &Parts, recognised: &Recognised) -> Result<Caller, Fault> {
    let (protocol, now) = (recognised.protocol, services.clock.now());
    let whose = |key: &str, token: Option<&str>| services.accounts.caller(key, token, now);
    let caller = credentials::check(&parts.headers, REGION, recognised.signing_name(), protocol, whose)?;
    credentials::check_time(&parts.headers, services.mishaps.skew_seconds(), now, protocol)?;
    match &recognised.target {
        Target::Rest { operation, .. } => {
            if let Some(quotas) = &caller.account.quotas {
                quotas.take(operation.name, now)?;
            }
        }
        _ => {
            if let Some(quotas) = &caller.account.service_quotas {
                quotas.take(recognised.service_name(), &recognised.operation_name(), protocol, now)?;
            }
        }
    }
    Ok(caller)
}

async fn run(
    services: &Arc<Services>,
    caller: &Caller,
    recognised: &Recognised,
    parts: Parts,
    body: Bytes,
    request_id: &str,
) -> Result<Response, Fault> {
    let account = Arc::clone(&caller.account);
    let now = services.clock.now();
    match &recognised.target {
        Target::Rest { operation, parameters, .. } => {
            let (operation, parameters, course) =
                (*operation, parameters.clone(), Arc::clone(&services.course));
            let answer = move || {
                let call = rest::Call::new((&account.estate, &course), now, &parameters, &parts, &body);
                (operation.handle)(&call).map(rest::Answer::into_response)
            };
            if operation.meets_traffic { after_traffic(services, answer).await } else { answer() }
        }
        Target::Connections { address } => {
            let (address, caller, of_region) = (address.clone(), caller.clone(), Arc::clone(services));
            let answer = move || {
                let tables = of_region.accounts.first().dynamodb.started();
                let course = &of_region.course;
                let (address, caller) = (&address, &caller);
                apigatewaymanagementapi::Call { address, body: &body, now, caller, tables, course }.answer()
            };
            after_traffic(services, answer).await
        }
        Target::CloudWatch { .. } => {
            let request_id = request_id.to_owned();
            let answer = move || Ok(account.cloudwatch.handle(&parts, &body, &request_id));
            after_traffic(services, answer).await
        }
        Target::Logs { operation } => {
            let operation = operation.clone();
            after_traffic(services, move || account.logs.handle(&operation, &body)).await
        }
        Target::WafV2 { operation } => {
            let operation = operation.clone();
            after_traffic(services, move || account.wafv2.handle(&operation, &body)).await
        }
        Target::DynamoDb { operation } => {
            account.dynamodb.engine().await?.answer(operation, &parts, body, now).await
        }
        Target::Sts { operation } => {
            let call = sts::Call { accounts: &services.accounts, caller, now, request_id };
            call.answer(operation, &parts, &body)
        }
        Target::Unknown { description } => Err(Fault::new(
            404,
            "UnknownOperationException",
            format!("The demo region does not serve {description}"),
        )),
    }
}

/// Has a service answer that tells of the traffic, once all traffic until now has happened.
///
/// Percentiles over hours of metrics take a while: the tasks of this thread shall not wait.
async fn after_traffic(
    services: &Arc<Services>,
    answer: impl FnOnce() -> Result<Response, Fault> + Send + 'static,
) -> Result<Response, Fault> {
    let course = Arc::clone(&services.course);
    let work = move || {
        course.catch_up();
        answer()
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Fault::internal("The service did not finish the request"))?
}

/// A request id as AWS writes it: a random UUID.
fn request_id() -> String {
    let bits: u128 = rand::random();
    let hex = format!("{bits:032x}");
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}
