//! One account of the region: what is its own, and nobody else's.

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
    engine: OnceCell<DynamoDb>,
}

impl Tables {
    /// An account that has no table yet.
    pub fn none(account_id: &str, region: &str) -> Self {
        Self { account_id: account_id.to_owned(), region: region.to_owned(), engine: OnceCell::new() }
    }

    /// An account whose engine runs.
    pub fn running(account_id: &str, region: &str, engine: DynamoDb) -> Self {
        let engine = OnceCell::new_with(Some(engine));
        Self { engine, ..Self::none(account_id, region) }
    }

    /// The engine, started if need be.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn engine(&self) -> Result<&DynamoDb, Fault> {
        let start = || async {
            let (account_id, region) = (self.account_id.clone(), self.region.clone());
            let started = tokio::task::spawn_blocking(move || DynamoDb::empty(&account_id, &region)).await;
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
