//! How a call to AWS failed, in words an operator can act on.
//!
//! The `aws` layer makes these; every other layer only reads them. A failure marks the row or
//! the change that it belongs to and never the whole screen.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One failed call: what was tried, on what, why it failed and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// AWS's name of the operation, such as `GetStages`; for failures before any call, what was tried.
    pub operation: String,
    /// What it was tried on, such as `orders-api/prod`; empty where the operation says it all.
    pub target: String,
    pub kind: FailureKind,
    /// Why, in AWS's words where it gave any.
    pub message: String,
    /// AWS's request id, for a support case.
    pub request_id: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// What kind of failure, as far as it decides what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The guard or a rule of ours refused before anything was sent.
    Refused,
    /// No credentials, or expired ones.
    Credentials,
    /// AWS knows the caller and denies the action.
    AccessDenied,
    NotFound,
    /// Something else changed the target, or the account isn't the one that was verified.
    Conflict,
    /// 429, with AWS's advice on when to come back.
    Throttled {
        retry_after: Option<Duration>,
    },
    Timeout,
    /// No connection, or one that was cut.
    Unreachable,
    /// An answer that can't be read.
    Malformed,
    /// AWS's fault (5xx).
    Service,
    /// AWS refused the request as it stands (400).
    Invalid,
    Cancelled,
    /// Profile, region, endpoint or certificate settings can't be used.
    Configuration,
}

impl FailureKind {
    /// Whether the same read may succeed when repeated. Says nothing about changes, which are
    /// never repeated blindly.
    pub fn may_pass(self) -> bool {
        matches!(
            self,
            Self::Throttled { .. } | Self::Timeout | Self::Unreachable | Self::Malformed | Self::Service
        )
    }
}

impl Failure {
    pub fn new(
        operation: impl Into<String>,
        target: impl Into<String>,
        kind: FailureKind,
        message: &str,
    ) -> Self {
        Self {
            operation: operation.into(),
            target: target.into(),
            kind,
            message: super::text::sanitise(message).into_owned(),
            request_id: None,
            hint: None,
        }
    }

    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn with_request_id(mut self, request_id: Option<String>) -> Self {
        self.request_id = request_id;
        self
    }
}

impl fmt::Display for Failure {
    /// One line: `GetStages of orders-api failed: rate exceeded`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.operation)?;
        if !self.target.is_empty() {
            write!(formatter, " of {}", self.target)?;
        }
        write!(formatter, " failed: {}", self.message)
    }
}

impl std::error::Error for Failure {}
