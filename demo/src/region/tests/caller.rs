//! A client of the tests: plain HTTP with a SigV4 header, and no SDK.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;
use serde_json::Value;

use crate::clock::Clock;
use crate::estate::Stage;
use crate::{RegionOptions, RunningRegion};

/// A small region whose time stands still.
pub fn small() -> RegionOptions {
    RegionOptions {
        cells: 4,
        apis: 12,
        customers: 60,
        clock: Clock::manual("2026-11-20T12:00:00Z".parse::<Timestamp>().unwrap()),
        control_plane_limits: false,
        ..RegionOptions::default()
    }
}

/// A region and a connection to it.
pub struct Caller {
    pub region: RunningRegion,
    http: Client<HttpConnector, Body>,
}

/// What came back.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// The error code and message of a REST answer.
    pub fn rest_error(&self) -> (String, String) {
        let code = self.headers["x-amzn-errortype"].to_str().unwrap().to_owned();
        (code, self.json()["message"].as_str().unwrap().to_owned())
    }
}

/// The header of a request that is signed for this service.
pub fn authorization(region: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261120/{region}/{service}/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=0123456789abcdef"
    )
}

impl Caller {
    pub async fn start(options: RegionOptions) -> Self {
        let region = crate::start(options).await.unwrap();
        Self { region, http: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Reply {
        let (parts, body) = self.http.request(request).await.unwrap().into_parts();
        let body = axum::body::to_bytes(Body::new(body), usize::MAX).await.unwrap();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// Sends a request; `None` where no whole answer comes back.
    pub async fn try_send(&self, request: Request<Body>) -> Option<Reply> {
        let (parts, body) = self.http.request(request).await.ok()?.into_parts();
        let body = axum::body::to_bytes(Body::new(body), usize::MAX).await.ok()?;
        Some(Reply { status: parts.status, headers: parts.headers, body })
    }

    fn request(&self, verb: Method, path: &str, service: &str) -> axum::http::request::Builder {
        Request::builder()
            .method(verb)
            .uri(format!("{}{path}", self.region.endpoint_url()))
            .header("authorization", authorization("eu-west-1", service))
            .header("x-amz-date", "20261120T120000Z")
    }

    /// Calls API Gateway.
    pub async fn rest(&self, verb: Method, path: &str, body: &str) -> Reply {
        let request = self.request(verb, path, "apigateway").body(Body::from(body.to_owned())).unwrap();
        self.send(request).await
    }

    /// Calls an API's own endpoint.
    pub async fn execute(&self, verb: Method, path: &str, body: &str) -> Reply {
        let request = self.request(verb, path, "execute-api").body(Body::from(body.to_owned())).unwrap();
        self.send(request).await
    }

    /// Reads from API Gateway what must be there.
    pub async fn get(&self, path: &str) -> Value {
        let reply = self.rest(Method::GET, path, "").await;
        assert_eq!(reply.status, 200, "GET {path}: {:?}", reply.body);
        reply.json()
    }

    /// Calls a service that speaks awsJson1.0.
    pub async fn target(&self, service: &str, target: &str, body: &str) -> Reply {
        let request = self
            .request(Method::POST, "/", service)
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.0")
            .body(Body::from(body.to_owned()))
            .unwrap();
        self.send(request).await
    }

    /// The id of the API with this name.
    pub fn api_id(&self, name: &str) -> String {
        self.region.estate().read().unwrap().api_named(name).unwrap().id.clone()
    }

    /// A stage as the estate has it.
    pub fn stage(&self, api: &str, stage: &str) -> Stage {
        self.region.estate().read().unwrap().api_named(api).unwrap().stage(stage).unwrap().clone()
    }
}
