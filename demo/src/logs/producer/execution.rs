//! Execution logs: what API Gateway wrote of each step of a request, at the level that the method has set.

use std::collections::HashMap;

use super::context::{Scene, related_id};
use super::gateway_words;
use crate::estate::{ApiKind, Authorization, Estate};
use crate::ledger::Outcome;

/// AWS: a line of an execution log is cut here.
const LONGEST_LINE: usize = 1_024;
/// How many characters of an API key's value are shown.
const KEY_TAIL: usize = 6;

/// The keys that a stage's plans know.
#[derive(Debug, Default)]
pub struct Keys(HashMap<String, Key>);

#[derive(Debug)]
struct Key {
    masked: String,
    plan_id: String,
}

/// The keys of the plans that open this stage.
pub fn keys(estate: &Estate, api_id: &str, stage: &str) -> Keys {
    let values: HashMap<&str, &str> =
        estate.api_keys.iter().map(|key| (key.id.as_str(), key.value.as_str())).collect();
    let opens = |plan: &&crate::estate::UsagePlan| {
        plan.api_stages.iter().any(|open| open.api_id == api_id && open.stage == stage)
    };
    let mut keys = HashMap::new();
    for plan in estate.usage_plans.iter().filter(opens) {
        for id in &plan.key_ids {
            let masked = values.get(id.as_str()).map_or_else(String::new, |value| mask(value));
            keys.insert(id.clone(), Key { masked, plan_id: plan.id.clone() });
        }
    }
    Keys(keys)
}

/// AWS shows the end of a key's value only.
fn mask(value: &str) -> String {
    let length = value.chars().count();
    let hidden = length.saturating_sub(KEY_TAIL);
    value.chars().enumerate().map(|(at, character)| if at < hidden { '*' } else { character }).collect()
}

/// From which level on a line is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Error,
    Info,
    /// With data tracing only.
    Trace,
}

struct Lines<'a> {
    id: &'a str,
    is_info: bool,
    traces: bool,
    out: &'a mut Vec<String>,
}

impl Lines<'_> {
    fn add(&mut self, kind: Kind, text: &str) {
        let is_written = match kind {
            Kind::Error => true,
            Kind::Info => self.is_info,
            Kind::Trace => self.traces,
        };
        if is_written {
            let mut line = format!("({}) {text}", self.id);
            if line.len() > LONGEST_LINE {
                let end = line.floor_char_boundary(LONGEST_LINE);
                line.truncate(end);
            }
            self.out.push(line);
        }
    }
}

/// Writes the lines of a request.
pub fn write(scene: &Scene<'_>, keys: &Keys, out: &mut Vec<String>) {
    let Some(setting) = scene.stage.settings.effective(&scene.request.route) else { return };
    let is_info = setting.logging_level == "INFO";
    // AWS: an error that the backend itself answered with is none of the gateway's.
    let failed =
        scene.request.outcome.response_type().is_some() || scene.request.outcome == Outcome::ServerError;
    if !(is_info || (setting.logging_level == "ERROR" && failed)) {
        return;
    }
    let traces = setting.data_trace_enabled;
    let mut lines = Lines { id: &scene.request.id, is_info, traces, out };
    lines.add(Kind::Error, &format!("Extended Request Id: {}", scene.request.extended_id));
    if refused_early(scene, &mut lines) || refused_by_authorizer(scene, &mut lines) {
        return finish(scene, &mut lines);
    }
    if scene.api.kind == ApiKind::Rest && refused_by_plan(scene, keys, &mut lines) {
        return finish(scene, &mut lines);
    }
    execute(scene, &mut lines);
    finish(scene, &mut lines);
}

/// WAF, and paths that no method has: the gateway executes nothing.
fn refused_early(scene: &Scene<'_>, lines: &mut Lines<'_>) -> bool {
    match scene.request.outcome {
        Outcome::WafBlocked => {
            let acl = scene.request.verdict.web_acl_arn.as_deref().unwrap_or_default();
            lines.add(Kind::Error, &format!("Request blocked by AWS WAF web ACL: {acl}"));
            true
        }
        Outcome::MissingMethod => {
            lines.add(Kind::Error, "No method found matching route for the request");
            true
        }
        _ => false,
    }
}

fn refused_by_authorizer(scene: &Scene<'_>, lines: &mut Lines<'_>) -> bool {
    let id = &scene.request.id;
    if scene.request.outcome == Outcome::Unauthorized && !scene.met_authorizer() {
        lines.add(Kind::Error, &format!("Unauthorized request: {id}"));
        return true;
    }
    let Some(Authorization::Authorizer { id: authorizer, .. }) =
        scene.method.map(|method| &method.authorization)
    else {
        return false;
    };
    lines.add(Kind::Info, &format!("Starting authorizer: {authorizer} for request: {id}"));
    match scene.request.outcome {
        Outcome::Unauthorized => lines.add(Kind::Error, &format!("Unauthorized request: {id}")),
        Outcome::AccessDenied => {
            let customer = scene.request.customer_id.as_deref().unwrap_or("anonymous");
            lines.add(Kind::Info, &format!("Using valid authorizer policy for principal: {customer}"));
            lines.add(
                Kind::Error,
                &format!("The client is not authorized to perform this operation. Principal: {customer}"),
            );
        }
        Outcome::AuthorizerFailure => {
            let provider = scene.api.authorizers.iter().find(|known| known.id == *authorizer);
            let provider = provider.map_or("", |known| known.provider.as_str());
            lines.add(Kind::Error, "Execution failed due to configuration error: Authorizer error");
            lines.add(
                Kind::Error,
                &format!("Execution failed due to an internal error: the authorizer function {provider} did not answer"),
            );
        }
        _ => {
            lines.add(Kind::Info, "Successfully completed authorizer execution");
            return false;
        }
    }
    true
}

fn refused_by_plan(scene: &Scene<'_>, keys: &Keys, lines: &mut Lines<'_>) -> bool {
    let place = format!("{}/{}", scene.api.id, scene.stage.name);
    let key = scene.request.api_key_id.as_ref().and_then(|id| keys.0.get(id));
    let masked = key.map_or("", |key| key.masked.as_str());
    let plan = key.map_or("", |key| key.plan_id.as_str());
    let (id, route) = (&scene.request.id, &scene.request.route);
    lines.add(
        Kind::Info,
        &format!("Verifying Usage Plan for request: {id}. API Key: {masked} API Stage: {place}"),
    );
    match scene.request.outcome {
        Outcome::InvalidApiKey => lines.add(
            Kind::Error,
            &format!(
                "API Key {masked} not authorized because method '{route}' requires API Key and API Key is not \
                 associated with a Usage Plan for API Stage {place}: No Usage Plan found for API Key and API Stage"
            ),
        ),
        Outcome::PlanThrottled => lines.add(
            Kind::Error,
            &format!(
                "API Key {masked} has exceeded throttle limit for API Stage {place}: Key throttle limit exceeded \
                 for Usage Plan ID {plan} / API Stage {place}"
            ),
        ),
        Outcome::OverQuota => lines.add(
            Kind::Error,
            &format!(
                "API Key {masked} has exceeded quota limit for API Stage {place}: Key quota limit exceeded for \
                 Usage Plan ID {plan} / API Stage {place}"
            ),
        ),
        Outcome::StageThrottled => lines.add(
            Kind::Error,
            &format!("Method throttle limit exceeded for API Stage {place}, method '{route}'"),
        ),
        Outcome::AccountThrottled => {
            lines.add(Kind::Error, &format!("Account throttle limit exceeded for request: {id}"));
        }
        _ => {
            if !scene.method.is_some_and(|method| method.api_key_required) {
                lines.add(
                    Kind::Info,
                    &format!(
                        "API Key {masked} authorized because method '{route}' does not require API Key. Request \
                         will not contribute to throttle or quota limits"
                    ),
                );
            }
            lines.add(Kind::Info, &format!("Usage Plan check succeeded for API Key {masked} and API Stage {place}"));
            return false;
        }
    }
    true
}

fn execute(scene: &Scene<'_>, lines: &mut Lines<'_>) {
    let request = scene.request;
    lines.add(Kind::Info, &format!("Starting execution for request: {}", request.id));
    match request.route.http() {
        Some((verb, path)) => lines.add(Kind::Info, &format!("HTTP Method: {verb}, Resource Path: {path}")),
        None => lines.add(Kind::Info, &format!("Route Key: {}", request.route)),
    }
    lines.add(Kind::Trace, &format!("Method request path: {{{}}}", path_parameters(scene)));
    lines.add(Kind::Trace, "Method request query string: {}");
    lines.add(
        Kind::Trace,
        &format!(
            "Method request headers: {{User-Agent={}, X-Forwarded-For={}, X-Forwarded-Proto=https, CloudFront-Viewer-Country={}}}",
            request.user_agent, request.client, request.country
        ),
    );
    lines.add(Kind::Trace, "Method request body before transformations: ");
    match request.outcome {
        Outcome::Invalid => {
            let model = "Request body does not match model schema for content type application/json";
            lines.add(
                Kind::Error,
                &format!("{model}: [object has missing required properties ([\"items\"])]"),
            );
        }
        // AWS: throttles of WebSocket routes have no plan above them.
        Outcome::StageThrottled | Outcome::AccountThrottled => {
            lines.add(Kind::Error, "Execution failed due to throttling: Rate exceeded");
        }
        Outcome::CacheHit => lines.add(Kind::Info, "Cache hit: the response is returned from the cache"),
        _ => call_backend(scene, lines),
    }
}

fn call_backend(scene: &Scene<'_>, lines: &mut Lines<'_>) {
    let request = scene.request;
    let function = scene.method.map_or("", |method| method.integration.function_arn.as_str());
    let uri =
        format!("https://lambda.{}.amazonaws.com/2015-03-31/functions/{function}/invocations", scene.region);
    lines.add(Kind::Trace, &format!("Endpoint request URI: {uri}"));
    lines.add(
        Kind::Trace,
        &format!("Endpoint request body after transformations: {{\"resource\":\"{}\"}}", request.route),
    );
    lines.add(Kind::Info, &format!("Sending request to {uri}"));
    if request.outcome == Outcome::TimedOut {
        lines.add(Kind::Error, "Execution failed due to a timeout error");
        return;
    }
    let latency = request.integration_latency_ms.unwrap_or(0.0);
    lines.add(Kind::Info, &format!("Received response. Status: 200, Integration latency: {latency:.0} ms"));
    lines.add(
        Kind::Trace,
        &format!(
            "Endpoint response headers: {{x-amzn-RequestId={}, Content-Type=application/json}}",
            related_id(scene, 'b')
        ),
    );
    if gateway_words::is_malformed(request) {
        lines.add(
            Kind::Trace,
            "Endpoint response body before transformations: {\"errorMessage\":\"Unhandled\"}",
        );
        lines
            .add(Kind::Error, "Execution failed due to configuration error: Malformed Lambda proxy response");
        return;
    }
    lines.add(
        Kind::Trace,
        &format!("Method response body after transformations: <{} bytes>", request.response_bytes),
    );
    lines.add(Kind::Info, "Successfully completed execution");
}

/// The values of the path's parameters: `orderId=1234`.
fn path_parameters(scene: &Scene<'_>) -> String {
    let template = scene.request.route.http().map_or("", |(_, path)| path);
    let pairs = template.split('/').zip(scene.request.path.split('/')).filter_map(|(name, value)| {
        let name = name.strip_prefix('{')?.strip_suffix('}')?;
        Some(format!("{name}={value}"))
    });
    pairs.collect::<Vec<_>>().join(", ")
}

fn finish(scene: &Scene<'_>, lines: &mut Lines<'_>) {
    let request = scene.request;
    if let Some(kind) = request.outcome.response_type() {
        lines
            .add(Kind::Error, &format!("Gateway response type: {kind} with status code: {}", request.status));
    }
    let is_error = request.status >= 400;
    lines.add(
        if is_error { Kind::Error } else { Kind::Info },
        &format!("Method completed with status: {}", request.status),
    );
}
