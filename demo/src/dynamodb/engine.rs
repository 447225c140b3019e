//! The engine: dynoxide on a SQLite database.
//!
//! Requests go to dynoxide's own HTTP server, on a loopback port of its own and on a thread of its own,
//! and come back through the region's port. Calling its database type directly would skip what its server
//! checks before (field types, number spellings, depth, the wording of validation errors), and its calls
//! block: a scan must not hold up the tasks of whoever runs the region.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Request};
use axum::response::Response;
use dynoxide::Database;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::arn;
use super::storage::Storage;
use crate::server::fault::Fault;

/// How long a stop waits for requests under way.
const STOP_PATIENCE: Duration = Duration::from_secs(3);

/// A client of the engine's server.
#[derive(Debug)]
pub struct Engine {
    storage: Storage,
    address: SocketAddr,
    client: Client<HttpConnector, Body>,
    arns: arn::Translation,
    shutdown: CancellationToken,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// The engine would not start.
#[derive(Debug, thiserror::Error)]
pub enum DynamoDbError {
    #[error("the demo region's DynamoDB engine failed: {0}")]
    Engine(#[from] dynoxide::DynoxideError),
    #[error("the demo region's DynamoDB engine got no loopback port: {0}")]
    Listen(#[from] std::io::Error),
    #[error("the demo region's DynamoDB engine got no directory for its file: {0}")]
    Directory(#[source] std::io::Error),
    #[error("the demo region's mapping table could not be described to the engine: {0}")]
    Table(#[from] serde_json::Error),
    #[error("the demo region's DynamoDB engine failed while it loaded the mapping table")]
    Panicked,
}

impl Engine {
    /// Serves these tables.
    ///
    /// # Errors
    /// Where there is no port or no thread to be had.
    pub fn start(storage: Storage, account_id: &str, region: &str) -> Result<Self, DynamoDbError> {
        let database = storage.database.clone();
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let shutdown = CancellationToken::new();
        let stopped = shutdown.clone();
        let thread = std::thread::Builder::new().name("demo-dynamodb".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = TcpListener::from_std(listener) else { return };
                let served =
                    dynoxide::server::serve_with_shutdown(listener, database, stopped.cancelled_owned())
                        .await;
                if let Err(error) = served {
                    tracing::error!(%error, "the DynamoDB engine stopped");
                }
            });
        })?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let arns = arn::Translation::new(account_id, region);
        Ok(Self { storage, address, client, arns, shutdown, thread: Mutex::new(Some(thread)) })
    }

    /// The tables, past the server.
    pub fn database(&self) -> &Database {
        &self.storage.database
    }

    /// Has the engine answer a request.
    ///
    /// # Errors
    /// Where it does not answer.
    pub async fn forward(&self, operation: &str, parts: &Parts, body: Bytes) -> Result<Response, Fault> {
        let failed = |error: &dyn std::fmt::Display| {
            Fault::internal(format!("the DynamoDB engine did not answer: {error}"))
        };
        let translated = arn::BEARING.contains(&operation);
        let body = if translated { self.arns.inward(&body) } else { body };
        let mut request =
            Request::builder().method(parts.method.clone()).uri(format!("http://{}/", self.address));
        if let Some(headers) = request.headers_mut() {
            copy_headers(&parts.headers, headers);
        }
        let request = request.body(Body::from(body)).map_err(|error| failed(&error))?;
        let response = self.client.request(request).await.map_err(|error| failed(&error))?;
        let (mut parts, body) = response.into_parts();
        let mut body =
            axum::body::to_bytes(Body::new(body), usize::MAX).await.map_err(|error| failed(&error))?;
        if translated {
            body = self.arns.outward(&body);
            parts.headers.insert("x-amz-crc32", HeaderValue::from(crc32fast::hash(&body)));
        }
        for ours in ["content-length", "date", "x-dynoxide-version"] {
            parts.headers.remove(ours);
        }
        parts.headers.insert("server", HeaderValue::from_static("Server"));
        Ok(Response::from_parts(parts, Body::from(body)))
    }

    /// Stops the engine, and waits a little for the requests under way.
    pub async fn stop(&self) {
        self.shutdown.cancel();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return };
        let ended = tokio::task::spawn_blocking(move || thread.join());
        if !matches!(tokio::time::timeout(STOP_PATIENCE, ended).await, Ok(Ok(Ok(())))) {
            tracing::error!("the DynamoDB engine did not end as it should");
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// All headers but those that speak of the connection to the client.
fn copy_headers(from: &HeaderMap, to: &mut HeaderMap) {
    for (name, value) in from {
        if !matches!(
            name.as_str(),
            "host" | "content-length" | "connection" | "transfer-encoding" | "expect" | "te"
        ) {
            to.append(name.clone(), value.clone());
        }
    }
}
