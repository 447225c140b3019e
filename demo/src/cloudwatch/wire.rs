//! The wire protocols in front of the operations: which one a request speaks, its body, and the answer in kind.
//!
//! AWS: CloudWatch speaks rpcv2Cbor, awsJson1.0 and awsQuery. The Rust SDK and boto3 choose the first, older
//! clients one of the others.

use std::io::Read;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use flate2::read::GzDecoder;

use super::error::Fault;
use super::value::Value;
use super::{cbor, json, query};

/// CloudWatch's name in paths and targets.
const SERVICE: &str = "GraniteServiceVersion20100801";

/// The largest body after decompression. AWS: 1 MB for a PutMetricData; room is left for CBOR's bulk.
const LARGEST_BODY: u64 = 4 * 1024 * 1024;

/// A wire protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    RpcV2Cbor,
    AwsJson,
    AwsQuery,
}

/// The protocol that a request speaks. What is neither CBOR nor JSON is taken for a query.
pub fn protocol(parts: &Parts) -> Protocol {
    if parts.headers.contains_key("smithy-protocol") || parts.uri.path().starts_with("/service/") {
        Protocol::RpcV2Cbor
    } else if parts.headers.contains_key("x-amz-target") {
        Protocol::AwsJson
    } else {
        Protocol::AwsQuery
    }
}

/// The operation that the head of a request names. A query names it in its body.
pub fn operation_in_head(parts: &Parts) -> Option<&str> {
    match protocol(parts) {
        Protocol::RpcV2Cbor => {
            parts.uri.path().strip_prefix("/service/")?.strip_prefix(SERVICE)?.strip_prefix("/operation/")
        }
        Protocol::AwsJson => {
            parts.headers.get("x-amz-target")?.to_str().ok()?.strip_prefix(SERVICE)?.strip_prefix('.')
        }
        Protocol::AwsQuery => None,
    }
}

/// A request read: its operation and input.
#[derive(Debug)]
pub struct Call {
    pub operation: String,
    pub input: Value,
}

/// Reads a request.
pub fn read(parts: &Parts, body: &Bytes) -> Result<Call, Fault> {
    let protocol = protocol(parts);
    let unpacked = unpack(&parts.headers, body)?;
    let body = unpacked.as_deref().unwrap_or(body);
    if protocol == Protocol::AwsQuery {
        return query::read(body);
    }
    let operation =
        operation_in_head(parts).ok_or_else(|| Fault::unknown_operation(parts.uri.path()))?.to_owned();
    let input = if protocol == Protocol::RpcV2Cbor { cbor::read(body)? } else { json::read(body)? };
    Ok(Call { operation, input })
}

/// The body without its compression; `None` when it has none.
fn unpack(headers: &HeaderMap, body: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
    let encoding = headers.get(header::CONTENT_ENCODING).map_or("", |value| value.to_str().unwrap_or("?"));
    // AWS: PutMetricData takes gzip (Smithy's requestCompression), which its clients use for larger bodies.
    match encoding {
        "" | "identity" => Ok(None),
        "gzip" => {
            let mut unpacked = Vec::new();
            GzDecoder::new(body)
                .take(LARGEST_BODY + 1)
                .read_to_end(&mut unpacked)
                .map_err(|error| Fault::serialization(format!("The body is not gzip: {error}")))?;
            if unpacked.len() as u64 > LARGEST_BODY {
                return Err(Fault::serialization("The body is larger than CloudWatch takes."));
            }
            Ok(Some(unpacked))
        }
        other => Err(Fault::serialization(format!("The content encoding {other:?} is not supported."))),
    }
}

/// Writes the answer in the protocol of the request. `operation` names the answer's element in a query.
pub fn answer(
    protocol: Protocol,
    operation: &str,
    outcome: Result<Value, Fault>,
    request_id: &str,
) -> Response {
    let status = outcome.as_ref().map_or_else(|fault| fault.status, |_| StatusCode::OK);
    let fault_code = outcome.as_ref().err().map(|fault| format!("{};Sender", fault.code));
    let (content_type, body) = match protocol {
        Protocol::RpcV2Cbor => ("application/cbor", cbor::write(typed(outcome))),
        Protocol::AwsJson => ("application/x-amz-json-1.0", json::write(typed(outcome))),
        Protocol::AwsQuery => ("text/xml", query::write(operation, outcome, request_id)),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if protocol == Protocol::RpcV2Cbor {
        headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    }
    insert(headers, HeaderName::from_static("x-amzn-requestid"), request_id);
    if protocol != Protocol::AwsQuery
        && let Some(code) = fault_code
    {
        insert(headers, HeaderName::from_static("x-amzn-query-error"), &code);
    }
    response
}

fn typed(outcome: Result<Value, Fault>) -> Value {
    outcome.unwrap_or_else(|fault| {
        Value::structure([("__type", fault.shape.into()), ("message", fault.message.into())])
    })
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
