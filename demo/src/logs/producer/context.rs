//! The `$context` variables of access logs. AWS: "Variables for access logging", for each kind of API.

use std::fmt::Write;

use jiff::tz::TimeZone;

use super::gateway_words;
use crate::estate::{Api, ApiKind, Authorization, Method, Stage};
use crate::ledger::{Outcome, Request, WafAction};

/// A request and all that can be told around it.
#[derive(Debug)]
pub struct Scene<'a> {
    pub request: &'a Request,
    pub api: &'a Api,
    pub stage: &'a Stage,
    pub account_id: &'a str,
    pub region: &'a str,
    pub method: Option<&'a Method>,
}

impl<'a> Scene<'a> {
    /// The scene of a request at a stage.
    pub fn new(
        request: &'a Request,
        api: &'a Api,
        stage: &'a Stage,
        account_id: &'a str,
        region: &'a str,
    ) -> Self {
        let method = api.methods.iter().find(|method| method.key == request.route);
        Self { request, api, stage, account_id, region, method }
    }

    /// Whether the authorizer was asked, or its decision was at hand.
    pub fn met_authorizer(&self) -> bool {
        let is_guarded = self
            .method
            .is_some_and(|method| matches!(method.authorization, Authorization::Authorizer { .. }));
        is_guarded && !matches!(self.request.outcome, Outcome::WafBlocked | Outcome::MissingMethod)
    }

    /// The path with the stage, as the client sent it.
    pub fn full_path(&self) -> String {
        match (self.api.kind, self.stage.name.as_str()) {
            (ApiKind::Http, "$default") => self.request.path.clone(),
            (_, name) => format!("/{name}{}", self.request.path),
        }
    }

    /// The status of the code behind the integration; `None` where it gave none.
    pub fn code_status(&self) -> Option<u16> {
        match self.request.outcome {
            Outcome::Succeeded | Outcome::ClientError | Outcome::CellFull => Some(self.request.status),
            Outcome::ServerError if !gateway_words::is_malformed(self.request) => Some(self.request.status),
            _ => None,
        }
    }

    fn domain(&self) -> String {
        format!("{}.execute-api.{}.amazonaws.com", self.api.id, self.region)
    }
}

/// Writes a variable; false where the request doesn't have it.
pub type Variable = fn(&Scene<'_>, &mut String) -> bool;

/// The variable with this name, without `$context.`.
pub fn variable(name: &str) -> Option<Variable> {
    VARIABLES.iter().find(|(known, _)| *known == name).map(|(_, variable)| *variable)
}

fn put(line: &mut String, value: impl std::fmt::Display) -> bool {
    // Writing to a string cannot fail.
    write!(line, "{value}").is_ok()
}

fn maybe(line: &mut String, value: Option<impl std::fmt::Display>) -> bool {
    value.is_some_and(|value| put(line, value))
}

/// Milliseconds, whole, as AWS writes them.
fn millis(line: &mut String, value: Option<f64>) -> bool {
    maybe(line, value.map(|value| format!("{value:.0}")))
}

fn is_rest(scene: &Scene<'_>) -> bool {
    scene.api.kind == ApiKind::Rest
}

fn is_socket(scene: &Scene<'_>) -> bool {
    scene.api.kind == ApiKind::WebSocket
}

static VARIABLES: &[(&str, Variable)] = &[
    ("requestId", |scene, line| put(line, &scene.request.id)),
    ("extendedRequestId", |scene, line| put(line, &scene.request.extended_id)),
    ("apiId", |scene, line| put(line, &scene.api.id)),
    ("stage", |scene, line| put(line, &scene.stage.name)),
    ("accountId", |scene, line| put(line, scene.account_id)),
    ("deploymentId", |scene, line| put(line, &scene.request.deployment_id)),
    ("resourceId", |scene, line| {
        let path = scene.request.route.http().map(|(_, path)| path);
        let resource = scene.api.resources.iter().find(|resource| Some(resource.path.as_str()) == path);
        maybe(line, resource.map(|resource| &resource.id))
    }),
    ("resourcePath", |scene, line| {
        is_rest(scene) && maybe(line, scene.request.route.http().map(|(_, path)| path))
    }),
    ("routeKey", |scene, line| !is_rest(scene) && put(line, &scene.request.route)),
    ("path", |scene, line| !is_socket(scene) && put(line, scene.full_path())),
    ("httpMethod", |scene, line| maybe(line, scene.request.route.http().map(|(verb, _)| verb))),
    ("protocol", |scene, line| !is_socket(scene) && put(line, "HTTP/1.1")),
    ("domainName", |scene, line| put(line, scene.domain())),
    ("domainPrefix", |scene, line| put(line, &scene.api.id)),
    ("xrayTraceId", |scene, line| {
        let id = scene.request.id.replace('-', "");
        scene.stage.tracing_enabled
            && put(line, format!("1-{:08x}-{}", scene.request.time.as_second(), id.get(..24).unwrap_or(&id)))
    }),
    ("requestTime", |scene, line| {
        let time = scene.request.time.to_zoned(TimeZone::UTC);
        put(line, time.strftime("%d/%b/%Y:%H:%M:%S +0000"))
    }),
    ("requestTimeEpoch", |scene, line| put(line, scene.request.time.as_millisecond())),
    ("responseLatency", |scene, line| millis(line, Some(scene.request.latency_ms))),
    ("responseLength", |scene, line| put(line, scene.request.response_bytes)),
    ("status", |scene, line| put(line, scene.request.status)),
    ("identity.sourceIp", |scene, line| put(line, scene.request.client)),
    ("identity.userAgent", |scene, line| put(line, scene.request.user_agent)),
    ("identity.apiKeyId", |scene, line| is_rest(scene) && maybe(line, scene.request.api_key_id.as_ref())),
    ("authorizer.principalId", |scene, line| {
        let let_in = scene.met_authorizer()
            && !matches!(
                scene.request.outcome,
                Outcome::Unauthorized | Outcome::AuthorizerFailure | Outcome::AccessDenied
            );
        let_in && maybe(line, scene.request.customer_id.as_ref())
    }),
    ("authorizer.status", |scene, line| authorizer_status(scene, line)),
    ("authorize.status", |scene, line| authorizer_status(scene, line)),
    ("authorizer.integrationStatus", |scene, line| authorizer_status(scene, line)),
    ("authorizer.latency", |scene, line| authorizer_latency(scene, line)),
    ("authorizer.integrationLatency", |scene, line| authorizer_latency(scene, line)),
    ("authorize.latency", |scene, line| authorizer_latency(scene, line)),
    ("authorizer.requestId", |scene, line| scene.met_authorizer() && put(line, related_id(scene, 'a'))),
    ("authorizer.error", |scene, line| authorizer_error(scene, line)),
    ("authorize.error", |scene, line| authorizer_error(scene, line)),
    ("waf.status", |scene, line| {
        let blocks = scene.request.verdict.action == WafAction::Block;
        scene.request.verdict.web_acl_arn.is_some() && put(line, if blocks { 403 } else { 200 })
    }),
    ("waf.latency", |scene, line| scene.request.verdict.web_acl_arn.is_some() && put(line, 3)),
    ("wafResponseCode", |scene, line| {
        let word = match scene.request.verdict.action {
            WafAction::Block => "WAF_BLOCK",
            WafAction::Captcha => "WAF_CAPTCHA",
            WafAction::Challenge => "WAF_CHALLENGE",
            WafAction::Allow | WafAction::Count => "WAF_ALLOW",
        };
        scene.request.verdict.web_acl_arn.is_some() && put(line, word)
    }),
    ("webaclArn", |scene, line| maybe(line, scene.request.verdict.web_acl_arn.as_ref())),
    ("authenticate.status", |scene, line| {
        let is_signed = scene.method.is_some_and(|method| method.authorization == Authorization::Iam);
        let refused = scene.request.outcome == Outcome::Unauthorized;
        is_signed && put(line, if refused { 403 } else { 200 })
    }),
    ("integration.status", |scene, line| maybe(line, scene.code_status())),
    ("integrationStatus", |scene, line| maybe(line, integration_status(scene))),
    ("integration.integrationStatus", |scene, line| maybe(line, integration_status(scene))),
    ("integration.latency", |scene, line| millis(line, scene.request.integration_latency_ms)),
    ("integrationLatency", |scene, line| millis(line, scene.request.integration_latency_ms)),
    ("integration.requestId", |scene, line| {
        scene.request.integration_latency_ms.is_some() && put(line, related_id(scene, 'b'))
    }),
    ("integration.error", |scene, line| maybe(line, gateway_words::integration_error(scene.request))),
    ("integrationErrorMessage", |scene, line| maybe(line, gateway_words::integration_error(scene.request))),
    ("error.message", |scene, line| maybe(line, gateway_words::message(scene.request))),
    ("error.messageString", |scene, line| {
        maybe(line, gateway_words::message(scene.request).map(|message| format!("\"{message}\"")))
    }),
    ("error.responseType", |scene, line| {
        let kind = scene.request.outcome.response_type();
        maybe(line, kind.or_else(|| gateway_words::is_malformed(scene.request).then_some("DEFAULT_5XX")))
    }),
    ("error.validationErrorString", |scene, line| {
        is_rest(scene)
            && scene.request.outcome == Outcome::Invalid
            && put(line, "[object has missing required properties ([\\\"items\\\"])]")
    }),
    ("eventType", |scene, line| {
        is_socket(scene)
            && put(
                line,
                match scene.request.route.to_string().as_str() {
                    "$connect" => "CONNECT",
                    "$disconnect" => "DISCONNECT",
                    _ => "MESSAGE",
                },
            )
    }),
    ("connectionId", |scene, line| is_socket(scene) && maybe(line, scene.request.connection_id.as_ref())),
    ("messageId", |scene, line| is_socket(scene) && put(line, &scene.request.extended_id)),
    ("connectedAt", |scene, line| {
        is_socket(scene)
            && scene.request.route.to_string() == "$connect"
            && put(line, scene.request.time.as_millisecond())
    }),
];

fn integration_status(scene: &Scene<'_>) -> Option<u16> {
    // AWS: with a Lambda function behind it, this is what the Lambda service said.
    let answered = scene.request.outcome.reached_backend() && scene.request.outcome != Outcome::TimedOut;
    answered.then_some(200)
}

fn authorizer_status(scene: &Scene<'_>, line: &mut String) -> bool {
    scene.met_authorizer()
        && put(
            line,
            match scene.request.outcome {
                Outcome::Unauthorized => 401,
                Outcome::AccessDenied => 403,
                Outcome::AuthorizerFailure => 500,
                _ => 200,
            },
        )
}

fn authorizer_latency(scene: &Scene<'_>, line: &mut String) -> bool {
    let before = scene.request.latency_ms - scene.request.integration_latency_ms.unwrap_or(0.0);
    scene.met_authorizer() && put(line, format!("{:.0}", (before / 2.0).max(0.0)))
}

fn authorizer_error(scene: &Scene<'_>, line: &mut String) -> bool {
    maybe(
        line,
        match scene.request.outcome {
            Outcome::Unauthorized if scene.met_authorizer() => Some("Unauthorized"),
            Outcome::AccessDenied => Some("The client is not authorized to perform this operation."),
            Outcome::AuthorizerFailure => Some("Execution failed due to an authorizer error"),
            _ => None,
        },
    )
}

/// The id of a call that API Gateway made for the request: another UUID, and always the same.
pub fn related_id(scene: &Scene<'_>, salt: char) -> String {
    let digits: String = scene.request.id.chars().rev().filter(|character| *character != '-').collect();
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().to_owned();
    format!("{}-{}-4{}-{salt}{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}
