//! One account of the region: what is its own, and nobody else's.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::OnceCell;

use super::fault::Fault;
use super::quota::ControlPlaneQuotas;
use super::service_quota::ServiceQuotas;
use crate::cloudwatch::CloudWatch;
use crate::dynamodb::DynamoDb;
use crate::estate::SharedEstate;
use crate::logs::Logs;
use crate::metrics::MetricStore;
use crate::region::account_names::AccessKey;
use crate::wafv2::WafV2;

/// An account, with the services that act on it.
#[derive(Debug)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// Of its operator.
    pub access_key: AccessKey,
    pub estate: SharedEstate,
    pub metrics: Arc<MetricStore>,
    pub cloudwatch: CloudWatch,
    pub logs: Logs,
    pub wafv2: WafV2,
    pub dynamodb: Tables,
    /// `None`: the control plane answers as fast as it can.
    pub quotas: Option<Arc<ControlPlaneQuotas>>,
    /// Those of the other services; `None`: they answer as fast as they can.
    pub service_quotas: Option<ServiceQuotas>,
}

/// DynamoDB in an account. An engine takes a thread and a port: one without tables starts when it is first asked.
#[derive(Debug)]
pub struct Tables {
    account_id: String,
    region: String,
    /// What the engine starts with, if it is there.
    file: Option<PathBuf>,
    engine: OnceCell<DynamoDb>,
}

impl Tables {
    /// An account whose tables, if it has any, are in this file.
    pub fn at_rest(account_id: &str, region: &str, file: Option<PathBuf>) -> Self {
        Self { account_id: account_id.to_owned(), region: region.to_owned(), file, engine: OnceCell::new() }
    }

    /// An account whose engine runs.
    pub fn running(account_id: &str, region: &str, engine: DynamoDb) -> Self {
        let engine = OnceCell::new_with(Some(engine));
        Self { engine, ..Self::at_rest(account_id, region, None) }
    }

    /// The engine, started if need be.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn engine(&self) -> Result<&DynamoDb, Fault> {
        let start = || async {
            let (account_id, region) = (self.account_id.clone(), self.region.clone());
            let file = self.file.clone().filter(|file| file.exists());
            let start = move || match file {
                Some(file) => DynamoDb::restored(&account_id, &region, &file),
                None => DynamoDb::empty(&account_id, &region),
            };
            let started = tokio::task::spawn_blocking(start).await;
            started
                .map_err(|error| Fault::internal(error.to_string()))?
                .map_err(|error| Fault::internal(error.to_string()))
        };
        self.engine.get_or_try_init(start).await
    }

    /// The engine, if it runs.
    pub fn started(&self) -> Option<&DynamoDb> {
        self.engine.get()
    }
}
