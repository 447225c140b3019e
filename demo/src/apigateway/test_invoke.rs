//! `TestInvokeMethod`: one request to the backend of a method, past everything that guards it.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::resources::{self, Found};
use crate::estate::Method;
use crate::ledger::Outcome;
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};
use crate::traffic::Trial;

/// AWS: neither authorizer nor key, throttle or cache are asked; the code is what would be deployed next.
pub fn test_invoke_method(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: TestInvokeMethod = call.body_or_default()?;
    // The traffic itself reads the estate: it must not be waited for while the estate is held.
    let (api, resource, method, region) = call.read(|estate| {
        let Found { api, resource, method, .. } = resources::find_method(estate, call)?;
        Ok((api.clone(), resource.clone(), method.clone(), estate.region.clone()))
    })?;
    let asked = request.path_with_query_string.as_deref().unwrap_or(&resource.path);
    let (path, query) = asked.split_once('?').unwrap_or((asked, ""));
    let parameters = path_parameters(&resource.path, path);
    let trial = call.course.try_method(&api, &method);
    let trial = trial.ok_or_else(|| Fault::bad_request("The REST API is not known to the data plane yet"))?;
    let body = body_of(trial.outcome, &method, &parameters);
    let invocation = Invocation {
        request: &request,
        verb: call.parameter("http_method"),
        path,
        query,
        parameters: &parameters,
        uri: resources::invocation_uri(&region, &method.integration.function_arn),
        timeout_ms: method.integration.timeout_ms,
    };
    let id = invocation_id();
    let headers = BTreeMap::from([
        ("Content-Type", "application/json".to_owned()),
        ("X-Amzn-Trace-Id", trace_id(call, &id)),
    ]);
    Answer::json(&TestInvocation {
        status: trial.outcome.status(),
        multi_value_headers: headers.iter().map(|(name, value)| (*name, [value.clone()])).collect(),
        headers,
        log: invocation.log(call, &id, trial, &body),
        latency: whole(trial.latency_ms),
        body,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TestInvokeMethod {
    path_with_query_string: Option<String>,
    body: String,
    headers: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TestInvocation {
    status: u16,
    body: String,
    headers: BTreeMap<&'static str, String>,
    multi_value_headers: BTreeMap<&'static str, [String; 1]>,
    log: String,
    latency: u64,
}

/// What stands for the braces of a resource's path.
fn path_parameters(template: &str, path: &str) -> BTreeMap<String, String> {
    let parts = template.split('/').zip(path.split('/'));
    let named = parts.filter_map(|(expected, part)| {
        let name = expected.strip_prefix('{')?.strip_suffix('}')?;
        (part != expected && !part.is_empty()).then(|| (name.to_owned(), part.to_owned()))
    });
    named.collect()
}

/// What the method's function answers, or the gateway in its place.
fn body_of(outcome: Outcome, method: &Method, parameters: &BTreeMap<String, String>) -> String {
    match outcome {
        Outcome::Succeeded => {
            json!({ "operation": method.operation_name, "parameters": parameters }).to_string()
        }
        Outcome::ClientError => json!({ "message": "Not Found" }).to_string(),
        Outcome::TimedOut => json!({ "message": "Endpoint request timed out" }).to_string(),
        _ => json!({ "message": "Internal server error" }).to_string(),
    }
}

/// A request as its log tells of it.
struct Invocation<'a> {
    request: &'a TestInvokeMethod,
    verb: &'a str,
    path: &'a str,
    query: &'a str,
    parameters: &'a BTreeMap<String, String>,
    uri: String,
    timeout_ms: u32,
}

impl Invocation<'_> {
    fn log(&self, call: &Call<'_>, id: &str, trial: Trial, body: &str) -> String {
        let answered =
            call.now + SignedDuration::from_millis(i64::try_from(whole(trial.latency_ms)).unwrap_or(0));
        let status = trial.outcome.status();
        let mut lines = vec![
            (call.now, format!("Starting execution for request: {id}")),
            (call.now, format!("HTTP Method: {}, Resource Path: {}", self.verb, self.path)),
            (call.now, format!("Method request path: {}", map(self.parameters))),
            (call.now, format!("Method request query string: {{{}}}", self.query.replace('&', ", "))),
            (call.now, format!("Method request headers: {}", map(&self.request.headers))),
            (call.now, format!("Method request body before transformations: {}", self.request.body)),
            (call.now, format!("Endpoint request URI: {}", self.uri)),
            (call.now, format!("Sending request to {}", self.uri)),
        ];
        match trial.outcome {
            Outcome::TimedOut => {
                let timeout = self.timeout_ms;
                lines.push((
                    answered,
                    format!("Execution failed due to a timeout error: no answer within {timeout} ms"),
                ));
            }
            Outcome::ServerError => lines.extend([
                (answered, received(200, trial)),
                (
                    answered,
                    "Lambda execution failed with status 200 due to customer function error: Unhandled. Lambda \
                     request failed"
                        .to_owned(),
                ),
            ]),
            _ => lines.extend([
                (answered, received(200, trial)),
                (answered, format!("Endpoint response body before transformations: {body}")),
            ]),
        }
        lines.push((answered, format!("Method completed with status: {status}")));
        let lines = lines
            .into_iter()
            .map(|(at, line)| format!("{} : {line}\n", at.strftime("%a %b %d %H:%M:%S UTC %Y")));
        format!("Execution log for request {id}\n{}", lines.collect::<String>())
    }
}

fn received(status: u16, trial: Trial) -> String {
    format!("Received response. Status: {status}, Integration latency: {} ms", whole(trial.integration_ms))
}

/// AWS: `{name=value, name=value}`.
fn map(texts: &BTreeMap<String, String>) -> String {
    let texts: Vec<String> = texts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{{{}}}", texts.join(", "))
}

fn invocation_id() -> String {
    let hex = format!("{:032x}", rand::random::<u128>());
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

fn trace_id(call: &Call<'_>, id: &str) -> String {
    let digits: String = id.chars().filter(|character| *character != '-').take(24).collect();
    format!("Root=1-{:08x}-{digits}", call.now.as_second())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a latency lies between 0 and 30 s"
)]
fn whole(milliseconds: f64) -> u64 {
    milliseconds.round().max(0.0) as u64
}
