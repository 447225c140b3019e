//! The management API of WebSocket APIs: `@connections`, by which a backend speaks to those who are connected.
//!
//! AWS gives each stage an endpoint of its own, `https://{apiId}.execute-api.{region}.amazonaws.com/{stage}`. On a
//! single loopback address the path tells them apart: `http://127.0.0.1:PORT/_execute-api/{apiId}/{stage}`. A client
//! that sends AWS's own host name is understood as well.

mod address;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

pub use self::address::Address;
use crate::dynamodb::DynamoDb;
use crate::region::course::Course;
use crate::server::accounts::Caller;
use crate::server::fault::Fault;
use crate::traffic::OpenConnection;

/// The operations that the region serves.
pub const OPERATIONS: &[&str] = &["DeleteConnection", "GetConnection", "PostToConnection"];

/// AWS: the largest message, in bytes.
const LARGEST_MESSAGE: usize = 128 * 1024;
/// Seconds between the signs of life that the shop's clients send over a connection, at the least, and how many more
/// some leave between them.
const SIGN_OF_LIFE_SECONDS: (i64, i64) = (20, 40);

/// A request, and all that it is answered from.
#[derive(Debug)]
pub struct Call<'a> {
    pub address: &'a Address,
    pub body: &'a Bytes,
    pub now: Timestamp,
    pub caller: &'a Caller,
    /// The account with the open connections; `None` before its tables run.
    pub tables: Option<&'a DynamoDb>,
    pub course: &'a Course,
}

impl Call<'_> {
    /// Answers the request. Blocks.
    ///
    /// # Errors
    /// AWS: 403 for a stage that is not the caller's, 410 for a connection that is gone or never was.
    pub fn answer(&self) -> Result<Response, Fault> {
        let found = self.connection()?;
        match self.address.operation {
            "GetConnection" => Ok(self.describe(&found)),
            "PostToConnection" => self.post(&found),
            _ => self.close(&found),
        }
    }

    fn connection(&self) -> Result<OpenConnection, Fault> {
        let Address { api_id, stage, connection_id, .. } = self.address;
        let Some((api_id, stage)) = api_id.as_deref().zip(stage.as_deref()) else {
            return Err(forbidden(
                "Forbidden: the endpoint names no API and stage; in the demo region it ends with \
                 /_execute-api/{apiId}/{stage}",
            ));
        };
        let estate = self.caller.account.estate.read();
        let estate = estate.map_err(|_| Fault::internal("the estate is unreadable"))?;
        if estate.api(api_id).and_then(|api| api.stage(stage)).is_none() {
            return Err(forbidden("Forbidden"));
        }
        drop(estate);
        if !connection_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_+/=".contains(&byte)) {
            return Err(Fault::bad_request(format!("Invalid connectionId: {connection_id}")));
        }
        let connections = self.tables.and_then(DynamoDb::connections);
        let open = connections.and_then(|connections| connections.get(connection_id));
        open.filter(|open| open.at.api_id == api_id && open.at.stage == stage).ok_or_else(gone)
    }

    fn describe(&self, open: &OpenConnection) -> Response {
        let connections = self.tables.and_then(DynamoDb::connections);
        let posted = connections.and_then(|connections| connections.posted(&open.id));
        let active = last_sign_of_life(open, self.now).max(posted.unwrap_or(open.connected_at));
        let document = json!({
            "connectedAt": format!("{:.3}", open.connected_at),
            "identity": { "sourceIp": open.client.to_string(), "userAgent": open.user_agent },
            "lastActiveAt": format!("{active:.3}"),
        });
        let mut response = Response::new(Body::from(document.to_string()));
        response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
        response
    }

    fn post(&self, open: &OpenConnection) -> Result<Response, Fault> {
        if self.body.len() > LARGEST_MESSAGE {
            return Err(Fault::new(413, "PayloadTooLargeException", "Message too long"));
        }
        if let Some(connections) = self.tables.and_then(DynamoDb::connections) {
            connections.note_post(&open.id, self.now);
        }
        Ok(Response::new(Body::empty()))
    }

    /// AWS: the client is cut off, and the API's `$disconnect` runs, which here deletes the connection's row.
    fn close(&self, open: &OpenConnection) -> Result<Response, Fault> {
        self.course.close_connection(open);
        let tables = self.tables.ok_or_else(gone)?;
        let connections = tables.connections().ok_or_else(gone)?;
        if let Err(error) = connections.close(tables.database(), &open.id) {
            // The connection is closed, whatever the function behind `$disconnect` made of it.
            tracing::debug!(%error, "the row of a closed connection is still there");
        }
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        Ok(response)
    }
}

/// When the client of a connection was last heard of. AWS closes a connection that was idle for ten minutes: clients
/// send something now and then, each in its own rhythm.
fn last_sign_of_life(open: &OpenConnection, now: Timestamp) -> Timestamp {
    let (least, spread) = SIGN_OF_LIFE_SECONDS;
    let period = least + i64::try_from(open.serial).unwrap_or(0) % spread;
    let age = now.duration_since(open.connected_at).as_secs().max(0);
    open.connected_at + SignedDuration::from_secs(age - age % period)
}

fn gone() -> Fault {
    Fault::new(410, "GoneException", "The connection with the provided id no longer exists.")
}

fn forbidden(message: &str) -> Fault {
    Fault::new(403, "ForbiddenException", message)
}
