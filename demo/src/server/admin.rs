//! The region's own endpoint, beside those of AWS: `/_demo/...` on the same loopback port, for whoever runs the
//! region. It takes no credentials, so it answers only to clients that name the loopback address: a web page
//! can't reach it by another name.
//!
//! ```text
//! GET    /_demo            what runs here
//! GET    /_demo/faults     the mishaps that hold
//! POST   /_demo/faults     one more: a JSON object, or the text of --fault
//! DELETE /_demo/faults     none any more
//! GET    /_demo/scenario   how the scenario stands: a JSON object, or text for a client that accepts `text/plain`
//! GET    /_demo/scenario/cast   whom it hits, which spoils the search
//! POST   /_demo/scenario/hint   the next hint
//! ```

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::Services;
use super::mishap::Mishap;

/// What the paths begin with.
pub const PREFIX: &str = "/_demo";

/// Whether a request is for this endpoint.
pub fn is_meant(parts: &Parts) -> bool {
    parts.uri.path().strip_prefix(PREFIX).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Answers a request that is meant for it.
pub fn answer(services: &Services, parts: &Parts, body: &Bytes) -> Response {
    if !names_loopback(parts) {
        return refuse(StatusCode::FORBIDDEN, "only 127.0.0.1, [::1] and localhost are answered here");
    }
    match (parts.uri.path().strip_prefix(PREFIX).unwrap_or_default(), &parts.method) {
        ("" | "/", &Method::GET) => reply(StatusCode::OK, &overview(services)),
        ("/faults", &Method::GET) => reply(StatusCode::OK, &json!({ "faults": services.mishaps.list() })),
        ("/faults", &Method::POST) => match read(body) {
            Ok(mishap) => {
                services.mishaps.add(mishap);
                reply(StatusCode::OK, &json!({ "faults": services.mishaps.list() }))
            }
            Err(why) => refuse(StatusCode::BAD_REQUEST, &why),
        },
        ("/faults", &Method::DELETE) => {
            services.mishaps.clear();
            reply(StatusCode::OK, &json!({ "faults": [] }))
        }
        ("/scenario", &Method::GET) => scenario(services, parts),
        ("/scenario/cast", &Method::GET) => cast(services),
        ("/scenario/hint", &Method::POST) => hint(services),
        (path, method) => refuse(
            StatusCode::NOT_FOUND,
            &format!("{method} {PREFIX}{path} is not served; GET {PREFIX} says what is"),
        ),
    }
}

fn overview(services: &Services) -> Value {
    json!({
        "now": services.clock.now().to_string(),
        "requests": services.log.records().len(),
        "faults": services.mishaps.list(),
        "scenario": services.scenario.as_ref().map(|scenario| scenario.report().name),
        "paths": [
            "GET /_demo", "GET /_demo/faults", "POST /_demo/faults", "DELETE /_demo/faults",
            "GET /_demo/scenario", "GET /_demo/scenario/cast", "POST /_demo/scenario/hint",
        ],
    })
}

/// How the scenario stands.
fn scenario(services: &Services, parts: &Parts) -> Response {
    let Some(scenario) = &services.scenario else { return no_scenario() };
    let report = scenario.report();
    let accepts = parts.headers.get("accept").and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accepts.starts_with("text/plain") {
        let mut response = Response::new(Body::from(format!("{report}\n")));
        response.headers_mut().insert("content-type", HeaderValue::from_static("text/plain; charset=utf-8"));
        return response;
    }
    match serde_json::to_value(&report) {
        Ok(document) => reply(StatusCode::OK, &document),
        Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// Whom it hits: for scripts that play it, since it spoils the search.
fn cast(services: &Services) -> Response {
    let Some(scenario) = &services.scenario else { return no_scenario() };
    reply(StatusCode::OK, &json!(scenario.names()))
}

fn hint(services: &Services) -> Response {
    let Some(scenario) = &services.scenario else { return no_scenario() };
    let hint = scenario.hint();
    let report = scenario.report();
    reply(StatusCode::OK, &json!({ "hint": hint, "given": report.hints.len(), "left": report.hints_left }))
}

fn no_scenario() -> Response {
    refuse(StatusCode::NOT_FOUND, "no scenario is played here; start the region with --scenario NAME")
}

fn read(body: &Bytes) -> Result<Mishap, String> {
    let text = std::str::from_utf8(body).map_err(|_| "the body is no text".to_owned())?.trim();
    if text.starts_with('{') {
        let document = serde_json::from_str(text).map_err(|error| error.to_string())?;
        return Mishap::from_document(document);
    }
    Mishap::parse(text).map_err(|error| error.to_string())
}

/// The host that the client asked for, without its port.
fn names_loopback(parts: &Parts) -> bool {
    let host = parts.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "[::1]" | "localhost")
}

fn refuse(status: StatusCode, why: &str) -> Response {
    reply(status, &json!({ "message": why }))
}

fn reply(status: StatusCode, document: &Value) -> Response {
    let mut response = Response::new(Body::from(document.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}
