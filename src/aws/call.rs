//! The one funnel to AWS: a token from the limiter, the request, its failure in our words, and
//! another attempt where that is right.

use std::error::Error;
use std::time::Instant;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::errors::{self, Surroundings};
use super::limits::{Limits, Priority};
use super::operations::{Access, Operation};
use super::retry;
use crate::domain::failure::{Failure, FailureKind};

/// How a call is made: whose turn it takes and what can stop it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// None while connecting: whose budget it is isn't known before STS has answered.
    pub limits: Option<Limits>,
    pub priority: Priority,
    pub cancellation: CancellationToken,
}

impl Caller {
    /// Sends the request that `request` builds, as often as [`retry`] allows. Every attempt
    /// waits for a token of its own.
    pub(super) async fn send<T, E, F>(
        &self,
        operation: &'static Operation,
        target: &str,
        around: &Surroundings,
        request: impl Fn() -> F,
    ) -> Result<T, Failure>
    where
        E: Error + ProvideErrorMetadata + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let span =
            tracing::debug_span!("aws", operation = operation.name, service = %operation.service, target);
        async {
            let mut attempts = 0;
            loop {
                attempts += 1;
                let failure = match self.attempt(operation, target, around, &request).await {
                    Ok(answer) => return Ok(answer),
                    Err(failure) => failure,
                };
                let Some(pause) = retry::pause(operation, &failure, attempts) else { return Err(failure) };
                tokio::select! {
                    () = self.cancellation.cancelled() => return Err(cancelled(operation, target)),
                    () = tokio::time::sleep(pause) => {}
                }
            }
        }
        .instrument(span)
        .await
    }

    async fn attempt<T, E, F>(
        &self,
        operation: &'static Operation,
        target: &str,
        around: &Surroundings,
        request: &impl Fn() -> F,
    ) -> Result<T, Failure>
    where
        E: Error + ProvideErrorMetadata + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        if let Some(limits) = &self.limits {
            limits
                .acquire(operation, self.priority, &self.cancellation)
                .await
                .map_err(|_| cancelled(operation, target))?;
        }
        let started = Instant::now();
        let outcome = if operation.access == Access::Read {
            tokio::select! {
                () = self.cancellation.cancelled() => return Err(cancelled(operation, target)),
                outcome = request() => outcome,
            }
        } else {
            // A change that is on its way can't be called back: its outcome must be known.
            request().await
        };
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match outcome {
            Ok(answer) => {
                tracing::debug!(milliseconds, "answered");
                Ok(answer)
            }
            Err(error) => {
                let failure = errors::failure(operation, target, &error, around);
                tracing::info!(milliseconds, kind = ?failure.kind, message = failure.message, "failed");
                if let (FailureKind::Throttled { .. }, Some(limits)) = (failure.kind, &self.limits) {
                    limits.penalise(operation);
                }
                Err(failure)
            }
        }
    }
}

fn cancelled(operation: &Operation, target: &str) -> Failure {
    Failure::new(operation.name, target, FailureKind::Cancelled, "cancelled before an answer came")
}
