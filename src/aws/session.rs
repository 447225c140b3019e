//! A connection to one account and region, in a mode.

use std::marker::PhantomData;
use std::sync::Arc;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::call::Caller;
use super::clients::Clients;
use super::errors::Surroundings;
use super::limits::{Limits, Priority};
use super::mode::{ArmRefused, Mode, Operate, Read, names_account};
use super::operations::{GET_CALLER_IDENTITY, Operation};
use super::region_clock::RegionClock;
use super::sts;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::id::{AccountId, RegionName};
use crate::domain::identity::{Identity, RegionKey};

/// What all sessions of one connection have in common.
#[derive(Debug)]
pub(super) struct Connection {
    pub config: SdkConfig,
    pub identity: Identity,
    pub key: RegionKey,
    pub limits: Limits,
    pub clock: RegionClock,
    pub around: Surroundings,
    /// Can't be armed.
    pub locked: bool,
}

/// A verified connection to one account and region.
///
/// Reads are there for every mode; changes for `Session<Operate>` alone. A clone is cheap and
/// shares the connection and its budget.
#[derive(Debug)]
pub struct Session<M: Mode> {
    pub(super) clients: Arc<Clients>,
    connection: Arc<Connection>,
    caller: Caller,
    mode: PhantomData<M>,
}

impl<M: Mode> Clone for Session<M> {
    fn clone(&self) -> Self {
        Self {
            clients: Arc::clone(&self.clients),
            connection: Arc::clone(&self.connection),
            caller: self.caller.clone(),
            mode: PhantomData,
        }
    }
}

impl<M: Mode> Session<M> {
    /// Clients of the mode's own guard on an existing connection.
    fn on(connection: Arc<Connection>, priority: Priority, cancellation: CancellationToken) -> Self {
        let clients = Arc::new(Clients::new(&connection.config, M::guard(), &connection.clock));
        let caller = Caller { limits: Some(connection.limits.clone()), priority, cancellation };
        Self { clients, connection, caller, mode: PhantomData }
    }

    /// Who AWS said that the caller is, when the session was connected.
    pub fn identity(&self) -> &Identity {
        &self.connection.identity
    }

    pub fn account(&self) -> &AccountId {
        &self.connection.identity.account
    }

    pub fn region(&self) -> &RegionName {
        &self.connection.key.region
    }

    /// Account and region: the scope of quotas, names and metrics.
    pub fn key(&self) -> &RegionKey {
        &self.connection.key
    }

    /// The region's time, where the machine's clock says `machine`. Questions about times take it from here: the
    /// machine's clock may be wrong.
    pub fn now(&self, machine: Timestamp) -> Timestamp {
        self.connection.clock.now(machine)
    }

    /// The endpoint in place of AWS's own, where there is one.
    pub(super) fn endpoint_url(&self) -> Option<&str> {
        self.connection.around.endpoint.as_deref()
    }

    /// The request budget that this session draws on.
    pub fn limits(&self) -> &Limits {
        &self.connection.limits
    }

    /// The same session, with another place in the queue.
    #[must_use]
    pub fn with_priority(&self, priority: Priority) -> Self {
        let mut session = self.clone();
        session.caller.priority = priority;
        session
    }

    /// The same session, whose calls end with `FailureKind::Cancelled` when the token is
    /// cancelled. A change that has been sent runs to its end.
    #[must_use]
    pub fn with_cancellation(&self, cancellation: CancellationToken) -> Self {
        let mut session = self.clone();
        session.caller.cancellation = cancellation;
        session
    }

    /// Asks STS anew who the caller is.
    ///
    /// # Errors
    /// `Conflict` where it is another account than at connect: every change is pinned to that one.
    pub async fn verify_identity(&self) -> Result<Identity, Failure> {
        let identity = sts::identity(&self.clients.sts, &self.caller, &self.connection.around).await?;
        let expected = self.account();
        if identity.account != *expected {
            let message = format!(
                "the credentials now belong to account {}, but this session was connected to {expected}",
                identity.account
            );
            return Err(Failure::new(GET_CALLER_IDENTITY.name, "", FailureKind::Conflict, &message)
                .with_hint("connect anew"));
        }
        Ok(identity)
    }

    /// Sends one request through limiter, guard, error triage and retry.
    pub(super) async fn send<T, E, F>(
        &self,
        operation: &'static Operation,
        target: &str,
        request: impl Fn() -> F,
    ) -> Result<T, Failure>
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        self.caller.send(operation, target, &self.connection.around, request).await
    }
}

impl Session<Read> {
    pub(super) fn new(connection: Connection) -> Self {
        Self::on(Arc::new(connection), Priority::default(), CancellationToken::new())
    }

    /// The same connection with changes allowed, for an operator who types the account's id or
    /// its alias.
    ///
    /// # Errors
    /// Where another account was typed, or the session is locked read-only.
    pub fn arm(&self, typed: &str, alias: Option<&str>) -> Result<Session<Operate>, ArmRefused> {
        if self.connection.locked {
            return Err(ArmRefused::Locked);
        }
        names_account(self.account().as_str(), alias, typed)?;
        tracing::info!(account = %self.account(), region = %self.region(), "session armed");
        Ok(Session::on(Arc::clone(&self.connection), self.caller.priority, self.caller.cancellation.clone()))
    }
}

impl Session<Operate> {
    /// The same connection with changes refused again.
    pub fn disarm(&self) -> Session<Read> {
        tracing::info!(account = %self.account(), region = %self.region(), "session disarmed");
        Session::on(Arc::clone(&self.connection), self.caller.priority, self.caller.cancellation.clone())
    }

    /// Sends a change: ahead of all reads, and once.
    pub(super) async fn change<T, E, F>(
        &self,
        operation: &'static Operation,
        target: &str,
        request: impl Fn() -> F,
    ) -> Result<T, Failure>
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        self.with_priority(Priority::Change).send(operation, target, request).await
    }
}
