//! What a team shares: the journal in DynamoDB and the leases beside it, with several operators at once.

mod changes;
mod commands;
mod journal;
mod lease_commands;
mod leases;

use std::time::Duration;

use cellgate::aws::{AccessKey, ConnectOptions, Connector, LimitSettings, Operate, Session};
use cellgate::domain::change::Outcome;
use cellgate::domain::journal::{Draft, Entry};
use cellgate::domain::team::TeamSettings;
use cellgate::ops::clock::Clock;
use tokio::runtime::{Builder, Runtime};

use crate::support::home::{ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY};
use crate::support::table::TeamTable;

/// When the region's clock stands still.
const NOW: &str = "2026-11-20T14:03:30Z";

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn settings() -> TeamSettings {
    TeamSettings { table: TeamTable::NAME.to_owned(), lease: Duration::from_mins(1) }
}

fn clock() -> Clock {
    Clock::manual(NOW.parse().unwrap())
}

/// An operator at a machine of their own: nothing is shared but the region.
async fn operator(endpoint_url: &str) -> Session<Operate> {
    let connector = Connector::new(ConnectOptions {
        region: Some(REGION.to_owned()),
        endpoint_url: Some(endpoint_url.to_owned()),
        access_key: Some(AccessKey { id: ACCESS_KEY_ID.to_owned(), secret: SECRET_ACCESS_KEY.to_owned() }),
        limits: LimitSettings { state_dir: None, ..LimitSettings::default() },
        ..ConnectOptions::default()
    });
    let session = connector.connect().await.unwrap();
    let account = session.identity().account.to_string();
    session.arm(&account, None).unwrap()
}

/// Something to record.
fn draft(session: &Session<Operate>, change: &str) -> Draft {
    Draft {
        change: change.into(),
        operator: session.identity().clone(),
        entry: Entry::Outcome { outcome: Outcome::Applied, request_ids: vec!["4711".to_owned()] },
        at: NOW.parse().unwrap(),
        fence: Some(1),
    }
}
