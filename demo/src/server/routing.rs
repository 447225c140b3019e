//! Which service and operation a request is for.

use std::borrow::Cow;

use axum::body::Bytes;
use axum::http::request::Parts;

use super::credentials;
use super::fault::Protocol;
use super::rest::{Operation, Parameters};
use crate::apigatewaymanagementapi::Address;
use crate::cloudwatch::CloudWatch;
use crate::{apigateway, apigatewayv2, logs, wafv2};

/// A request whose service and protocol are known.
#[derive(Debug)]
pub struct Recognised {
    pub target: Target,
    pub protocol: Protocol,
}

/// Where a request goes.
#[derive(Debug)]
pub enum Target {
    /// API Gateway, v1 or v2.
    Rest {
        service: &'static str,
        operation: &'static Operation,
        parameters: Parameters,
    },
    /// Connections of WebSocket APIs.
    Connections {
        address: Address,
    },
    CloudWatch {
        operation: String,
    },
    DynamoDb {
        operation: String,
    },
    Logs {
        operation: String,
    },
    WafV2 {
        operation: String,
    },
    Sts {
        operation: String,
    },
    /// Nothing that the region serves.
    Unknown {
        description: String,
    },
}

impl Recognised {
    /// The client's name of the service, for records.
    pub fn service_name(&self) -> &'static str {
        match self.target {
            Target::Rest { service, .. } => service,
            Target::Connections { .. } => "apigatewaymanagementapi",
            Target::CloudWatch { .. } => "cloudwatch",
            Target::DynamoDb { .. } => "dynamodb",
            Target::Logs { .. } => "logs",
            Target::WafV2 { .. } => "wafv2",
            Target::Sts { .. } => "sts",
            Target::Unknown { .. } => "unknown",
        }
    }

    /// The operation, for records.
    pub fn operation_name(&self) -> Cow<'_, str> {
        match &self.target {
            Target::Rest { operation, .. } => operation.name.into(),
            Target::Connections { address } => address.operation.into(),
            Target::CloudWatch { operation }
            | Target::DynamoDb { operation }
            | Target::Logs { operation }
            | Target::WafV2 { operation }
            | Target::Sts { operation } => operation.into(),
            Target::Unknown { description } => description.into(),
        }
    }

    /// The service's name in a credential scope.
    pub fn signing_name(&self) -> Option<&'static str> {
        match self.target {
            Target::Rest { .. } => Some("apigateway"),
            Target::Connections { .. } => Some("execute-api"),
            Target::CloudWatch { .. } => Some("monitoring"),
            Target::DynamoDb { .. } => Some("dynamodb"),
            Target::Logs { .. } => Some("logs"),
            Target::WafV2 { .. } => Some("wafv2"),
            Target::Sts { .. } => Some("sts"),
            Target::Unknown { .. } => None,
        }
    }
}

const DYNAMODB_TARGETS: [&str; 2] = ["DynamoDB_20120810.", "DynamoDBStreams_20120810."];
const CLOUDWATCH_TARGET: &str = "GraniteServiceVersion20100801.";
const CLOUDWATCH_PATH: &str = "/service/GraniteServiceVersion20100801/";

/// Finds out what a request is for.
pub fn recognise(parts: &Parts, body: &Bytes) -> Recognised {
    if let Some(target) = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok()) {
        if let Some(operation) = DYNAMODB_TARGETS.iter().find_map(|prefix| target.strip_prefix(prefix)) {
            return json(Target::DynamoDb { operation: operation.to_owned() });
        }
        if let Some(operation) = target.strip_prefix(logs::TARGET) {
            return json(Target::Logs { operation: operation.to_owned() });
        }
        if let Some(operation) = target.strip_prefix(wafv2::TARGET) {
            return json(Target::WafV2 { operation: operation.to_owned() });
        }
        if target.starts_with(CLOUDWATCH_TARGET) {
            return json(cloudwatch(parts, body));
        }
        return json(Target::Unknown { description: format!("the target {target}") });
    }
    let path = parts.uri.path();
    if path.starts_with(CLOUDWATCH_PATH) {
        return Recognised { target: cloudwatch(parts, body), protocol: Protocol::Cbor };
    }
    if path == "/" && is_signed_for(parts, "monitoring") {
        // CloudWatch reads the form itself: a client may have compressed it.
        return Recognised { target: cloudwatch(parts, body), protocol: Protocol::Query };
    }
    if let Some(operation) = action(parts, body) {
        return Recognised { target: Target::Sts { operation }, protocol: Protocol::Query };
    }
    let target = match Address::of(parts) {
        Some(address) => Target::Connections { address },
        None => rest(parts),
    };
    Recognised { target, protocol: Protocol::RestJson }
}

fn json(target: Target) -> Recognised {
    Recognised { target, protocol: Protocol::AwsJson }
}

fn cloudwatch(parts: &Parts, body: &Bytes) -> Target {
    Target::CloudWatch { operation: CloudWatch::operation(parts, body).unwrap_or_default() }
}

fn rest(parts: &Parts) -> Target {
    let tables = [("apigateway", apigateway::OPERATIONS), ("apigatewayv2", apigatewayv2::OPERATIONS)];
    for (service, operations) in tables {
        for operation in operations {
            if let Some(parameters) = operation.matches(&parts.method, parts.uri.path()) {
                return Target::Rest { service, operation, parameters };
            }
        }
    }
    Target::Unknown { description: format!("{} {}", parts.method, parts.uri.path()) }
}

/// The `Action` of the query protocol, in the form that was posted to the root.
fn action(parts: &Parts, body: &[u8]) -> Option<String> {
    if parts.uri.path() != "/" {
        return None;
    }
    let from_query = parts.uri.query().unwrap_or_default().as_bytes();
    [body, from_query].into_iter().find_map(|form| {
        form_urlencoded::parse(form).find(|(name, _)| name == "Action").map(|(_, value)| value.into_owned())
    })
}

/// STS and CloudWatch both have a query protocol; the credential scope tells them apart.
fn is_signed_for(parts: &Parts, service: &str) -> bool {
    credentials::scope(&parts.headers).is_some_and(|scope| scope.service == service)
}
