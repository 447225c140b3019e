//! The last gate before AWS: an SDK interceptor that lets through only what the
//! session's mode may send, by service and operation.
//!
//! It refuses in `modify_before_serialization`, before a byte of the request is
//! built (earlier hooks don't know the operation's name yet). What the table of
//! [`operations`](super::operations) doesn't list, or what comes without a name,
//! is refused: an allow-list can't leak what it never heard of. Where one operation both lists and reveals
//! (`GetApiKeys` with the keys' values), the request itself is looked at, too.

use std::fmt;

use aws_sdk_apigateway::operation::get_api_keys::GetApiKeysInput;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextMut, Input,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::operations::{self, Access, Reason};

/// Lets through what one mode of session may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    changes: bool,
}

impl Guard {
    /// Reads alone.
    pub const fn read() -> Self {
        Self { changes: false }
    }

    /// Reads, and the changes that cellgate makes plans for.
    pub const fn operate() -> Self {
        Self { changes: true }
    }

    /// Whether the operation may be sent, by the names that the SDK gives it.
    pub fn judge(self, service_id: &str, operation: &str) -> Result<(), Refusal> {
        let refuse =
            |cause| Err(Refusal { service: service_id.to_owned(), operation: operation.to_owned(), cause });
        match operations::judge(service_id, operation) {
            Some(Access::Read) => Ok(()),
            Some(Access::Change) if self.changes => Ok(()),
            Some(Access::Change) => refuse(Cause::ReadSession),
            Some(Access::Never(reason)) => refuse(Cause::Never(reason)),
            None => refuse(Cause::Unknown),
        }
    }
}

/// An operation that the guard did not let through. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The SDK's service id; empty where the SDK gave none.
    pub service: String,
    /// The operation's name; empty where the SDK gave none.
    pub operation: String,
    /// Why.
    pub cause: Cause,
}

/// Why the guard refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It changes something, and the session only reads.
    ReadSession,
    /// No session sends it.
    Never(Reason),
    /// The table has never heard of it, or it came without a name.
    Unknown,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.operation.is_empty() { "an operation without a name" } else { &self.operation };
        write!(formatter, "refused {name}, nothing was sent: ")?;
        match self.cause {
            Cause::ReadSession => write!(formatter, "this session only reads"),
            Cause::Never(reason) => write!(formatter, "{reason}"),
            Cause::Unknown => write!(formatter, "it is not on the list of allowed operations"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Whether a read that is allowed by name asks for secrets by one of its members.
fn asks_for_secrets(input: &Input) -> bool {
    input.downcast_ref::<GetApiKeysInput>().is_some_and(|keys| keys.include_values == Some(true))
}

fn never(service: &str, operation: &str) -> Result<(), Refusal> {
    Err(Refusal {
        service: service.to_owned(),
        operation: operation.to_owned(),
        cause: Cause::Never(Reason::RevealsSecrets),
    })
}

// No `dyn_dispatch_hint` here: without it the SDK calls every hook, and a guard
// must not depend on a mask that says which.
impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "CellgateGuard"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (service, operation) =
            config.load::<Metadata>().map_or(("", ""), |metadata| (metadata.service(), metadata.name()));
        let judgement = self.judge(service, operation).and_then(|()| {
            if asks_for_secrets(context.input()) { never(service, operation) } else { Ok(()) }
        });
        judgement.map_err(|refusal| {
            tracing::warn!(service, operation, cause = ?refusal.cause, "guard refused an operation");
            refusal.into()
        })
    }
}

#[cfg(test)]
mod tests;
