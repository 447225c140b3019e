//! The client with which a scenario changes things, as anybody with credentials could.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;
use serde_json::Value;

use crate::estate::REGION;

/// By this the front door knows the calls that are none of the player's.
pub const USER_AGENT: &str = "cellgate-demo-scenario";
/// The most that an answer may hold.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

/// A call was not answered with success.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("the region did not answer: {0}")]
    Connection(String),
    #[error("the region answered {status}: {answer}")]
    Refused { status: u16, answer: String },
}

/// A call of API Gateway (by its path) or of a service with targets.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceCall {
    pub method: Method,
    pub path: String,
    /// The service's name in a credential scope.
    pub service: &'static str,
    /// `X-Amz-Target`, for a service that has it.
    pub target: Option<&'static str>,
    pub body: Value,
}

impl ServiceCall {
    /// `PATCH` of something of API Gateway.
    pub fn patch(path: String, body: Value) -> Self {
        Self { method: Method::PATCH, path, service: "apigateway", target: None, body }
    }

    /// A call of DynamoDB.
    pub fn dynamodb(target: &'static str, body: Value) -> Self {
        Self { method: Method::POST, path: "/".to_owned(), service: "dynamodb", target: Some(target), body }
    }
}

/// Patch operations of API Gateway v1 that replace values.
pub fn replacements<const N: usize>(values: [(&str, String); N]) -> Value {
    let replace =
        |(path, value): (&str, String)| serde_json::json!({ "op": "replace", "path": path, "value": value });
    serde_json::json!({ "patchOperations": Vec::from(values.map(replace)) })
}

/// Calls the region over its own port.
#[derive(Clone, Debug)]
pub struct ScenarioClient {
    address: SocketAddr,
    user_agent: &'static str,
    http: Client<HttpConnector, Body>,
}

impl ScenarioClient {
    /// A client of the region at this address, which goes by this name.
    pub fn new(address: SocketAddr, user_agent: &'static str) -> Self {
        Self { address, user_agent, http: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// Sends a call as this access key, at the region's time.
    pub async fn send(
        &self,
        call: &ServiceCall,
        access_key_id: &str,
        now: Timestamp,
    ) -> Result<Value, CallError> {
        let lost = |error: &dyn std::fmt::Display| CallError::Connection(error.to_string());
        let credential =
            format!("{access_key_id}/{}/{REGION}/{}/aws4_request", now.strftime("%Y%m%d"), call.service);
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(format!("http://{}{}", self.address, call.path))
            .header("user-agent", self.user_agent)
            .header("x-amz-date", now.strftime("%Y%m%dT%H%M%SZ").to_string())
            .header(
                "authorization",
                // The region looks at the scope and doesn't recompute the signature.
                format!(
                    "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;x-amz-date, Signature=scenario"
                ),
            )
            .header("content-type", "application/json");
        if let Some(target) = call.target {
            request =
                request.header("x-amz-target", target).header("content-type", "application/x-amz-json-1.0");
        }
        let request = request.body(Body::from(call.body.to_string())).map_err(|error| lost(&error))?;
        let (parts, body) = self.http.request(request).await.map_err(|error| lost(&error))?.into_parts();
        let body =
            axum::body::to_bytes(Body::new(body), LARGEST_ANSWER).await.map_err(|error| lost(&error))?;
        if parts.status.is_success() {
            return Ok(serde_json::from_slice(&body).unwrap_or_default());
        }
        let answer = String::from_utf8_lossy(&body).into_owned();
        Err(CallError::Refused { status: parts.status.as_u16(), answer })
    }
}
