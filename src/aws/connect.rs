//! From options to a verified session: configuration, credentials, trust, and one question to STS.
//!
//! Making a [`Connector`] reads nothing and sends nothing: a console can show its first screen,
//! and log in behind it.

mod login;
mod profiles;
mod route;
mod settings;
mod trust;

use std::fmt;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::call::Caller;
use super::clients::Clients;
use super::limits::{LimitSettings, Limits, Priority};
use super::mode::{Mode as _, Read};
use super::region_clock::RegionClock;
use super::session::{Connection, Session};
use super::sts;
use crate::domain::failure::Failure;
use crate::domain::id::RegionName;
use crate::domain::identity::RegionKey;

/// What this step is called in failures that happen before any operation is sent.
const CONNECT: &str = "Connect";

/// How to connect. Everything that is left out is looked for where every AWS tool looks.
#[derive(Clone, Debug, Default)]
pub struct ConnectOptions {
    /// A profile that was asked for by name: its credentials win over the environment's, as with
    /// the AWS CLI's `--profile`. `AWS_PROFILE` is honoured without being repeated here.
    pub profile: Option<String>,
    pub region: Option<String>,
    /// One endpoint for all services, instead of AWS's own.
    pub endpoint_url: Option<String>,
    /// Fixed credentials, for endpoints that aren't AWS's. The operator's profiles play no part
    /// then: neither do their files have to be sound.
    pub access_key: Option<AccessKey>,
    /// A role to assume with the credentials that are found.
    pub role_arn: Option<String>,
    pub timeouts: Timeouts,
    pub limits: LimitSettings,
    /// The session can't be armed.
    pub read_only: bool,
}

/// An access key whose secret is never printed.
#[derive(Clone)]
pub struct AccessKey {
    pub id: String,
    pub secret: String,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AccessKey").field("id", &self.id).field("secret", &"(hidden)").finish()
    }
}

/// How long to wait for AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection to open.
    pub connect: Duration,
    /// For one attempt at an operation, from the first byte sent to the last one read.
    pub attempt: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), attempt: Duration::from_secs(20) }
    }
}

/// The way to a session; cheap to make.
#[derive(Clone, Debug)]
pub struct Connector {
    options: ConnectOptions,
}

impl Connector {
    pub fn new(options: ConnectOptions) -> Self {
        Self { options }
    }

    /// Tells mistakes in the settings early: reads local files, sends nothing, and asks for no
    /// credentials.
    ///
    /// # Errors
    /// `Configuration` for a profile that doesn't exist, or where nothing can name a region.
    pub async fn check(&self) -> Result<(), Failure> {
        settings::check(&self.options).await
    }

    /// Loads configuration and credentials, and asks STS whose they are.
    ///
    /// # Errors
    /// `Configuration` for a profile, region, endpoint or certificate file that can't be used,
    /// `Credentials` where there are none or they have expired; each says how to mend it.
    pub async fn connect(&self) -> Result<Session<Read>, Failure> {
        let login = login::load(&self.options).await?;
        let clock = RegionClock::new();
        let clients = Clients::new(&login.config, Read::guard(), &clock);
        let caller =
            Caller { limits: None, priority: Priority::Visible, cancellation: CancellationToken::new() };
        let identity = sts::identity(&clients.sts, &caller, &login.around).await?;
        let key =
            RegionKey { account: identity.account.clone(), region: RegionName::new(&login.around.region) };
        let limits = Limits::new(&self.options.limits, &key);
        tracing::info!(account = %key.account, region = %key.region, arn = identity.arn, "connected");
        Ok(Session::new(Connection {
            config: login.config,
            identity,
            key,
            limits,
            clock,
            around: login.around,
            locked: self.options.read_only,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let key = AccessKey {
            id: "AKIAIOSFODNN7EXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
        };
        let options = ConnectOptions { access_key: Some(key), ..ConnectOptions::default() };
        let shown = format!("{:?}", Connector::new(options));
        assert!(shown.contains("AKIAIOSFODNN7EXAMPLE"));
        assert!(!shown.contains("wJalrXUtnFEMI"));
    }
}
