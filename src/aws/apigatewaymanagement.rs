//! The management API of WebSocket APIs (`@connections`): whether a connection is open, and closing one.
//!
//! AWS gives each stage an endpoint of its own, so that each call names it.

use aws_sdk_apigatewaymanagement::config::Builder;
use aws_sdk_apigatewaymanagement::error::SdkError;
use aws_sdk_apigatewaymanagement::operation::RequestId as _;
use aws_sdk_apigatewaymanagement::operation::delete_connection::DeleteConnectionError;
use aws_sdk_apigatewaymanagement::operation::get_connection::GetConnectionError;

use super::mode::{Mode, Operate};
use super::operations::{DELETE_CONNECTION, GET_CONNECTION, partition};
use super::session::Session;
use super::translate::optional;
use crate::domain::connection::ConnectionStage;
use crate::domain::failure::{Failure, FailureKind};

impl<M: Mode> Session<M> {
    /// Where the connections of a stage are managed: by `template` with `{api}`, `{stage}` and `{region}` in it, or
    /// where AWS has it.
    ///
    /// # Errors
    /// `Configuration` where the session's endpoint isn't AWS's and no template says where else: credentials of
    /// one must not go to the other.
    pub fn connections_endpoint(
        &self,
        template: Option<&str>,
        at: &ConnectionStage,
    ) -> Result<String, Failure> {
        let region = self.region().as_str();
        let (api, stage) = (at.api.as_str(), at.stage.as_str());
        if let Some(template) = template {
            let filled = template.replace("{api}", api).replace("{stage}", stage);
            return Ok(filled.replace("{region}", region));
        }
        if let Some(endpoint) = self.endpoint_url() {
            let message =
                format!("where connections are managed isn't known: the session's endpoint is {endpoint}");
            return Err(Failure::new(
                GET_CONNECTION.name,
                at.to_string(),
                FailureKind::Configuration,
                &message,
            )
            .with_hint("set connections.endpoint, with {api} and {stage} in it"));
        }
        // AWS: "Use @connections commands in your backend service".
        let domain = if partition(region) == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        Ok(format!("https://{api}.execute-api.{region}.{domain}/{stage}"))
    }

    /// Whether a connection is open (`GetConnection`). AWS: one that was closed, and one that never was, is gone.
    ///
    /// # Errors
    /// Where it can't be told.
    pub async fn is_connected(&self, endpoint: &str, id: &str) -> Result<bool, Failure> {
        self.send(&GET_CONNECTION, id, || async {
            let request = self.clients.management.get_connection().connection_id(id).customize();
            match request.config_override(Builder::new().endpoint_url(endpoint)).send().await {
                Ok(_) => Ok(true),
                Err(SdkError::ServiceError(refused)) if is_gone_for_reader(refused.err()) => Ok(false),
                Err(error) => Err(error),
            }
        })
        .await
    }
}

impl Session<Operate> {
    /// Closes a connection (`DeleteConnection`), and returns AWS's request id; none where it was gone already.
    ///
    /// # Errors
    /// As every change; sent once.
    pub async fn close_connection(&self, endpoint: &str, id: &str) -> Result<Option<String>, Failure> {
        self.change(&DELETE_CONNECTION, id, || async {
            let request = self.clients.management.delete_connection().connection_id(id).customize();
            match request.config_override(Builder::new().endpoint_url(endpoint)).send().await {
                Ok(answer) => Ok(optional(answer.request_id())),
                Err(SdkError::ServiceError(refused)) if is_gone_for_closer(refused.err()) => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await
    }
}

fn is_gone_for_reader(error: &GetConnectionError) -> bool {
    matches!(error, GetConnectionError::GoneException(_))
}

fn is_gone_for_closer(error: &DeleteConnectionError) -> bool {
    matches!(error, DeleteConnectionError::GoneException(_))
}
