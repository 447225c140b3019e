//! Does what goes wrong: through the region's own API where AWS has one, else on the estate or as a disturbance.

use std::sync::PoisonError;

use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::World;
use super::action::{Action, Part};
use super::agent::Pipeline;
use super::cast::{Cast, CastApi};
use super::client::{CallError, ScenarioClient, ServiceCall, replacements};
use super::condition::{Scope, Signal};
use super::signal::Reading;
use crate::dynamodb::mapping::CELL_INDEX;
use crate::estate::{
    Api, Authorization, Canary, Customer, Deployment, MAPPING_TABLE, MethodSnapshot, Release, RouteKey,
    Stage, id,
};
use crate::traffic::disturbance::{Disturbance, Flood};

/// AWS: a BatchWriteItem takes so many items.
const BATCH: usize = 25;
/// AWS: an eventually consistent read of a small item takes half a unit.
const UNITS_PER_READ: f64 = 0.5;
/// The share of requests that the canary gets.
const CANARY_PERCENT: f64 = 5.0;

/// A step could not be done.
#[derive(Debug, thiserror::Error)]
pub enum PerformError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("the region has no {0} that it could hit")]
    Missing(&'static str),
}

/// What a step is done with.
#[derive(Debug)]
pub struct Performer<'a> {
    pub world: &'a World,
    pub client: &'a ScenarioClient,
    pub cast: &'a Cast,
    /// The traffic just before the onset.
    pub before: &'a Reading,
    pub now: Timestamp,
}

impl Performer<'_> {
    /// Does it. An agent that goes on by itself is returned.
    pub async fn perform(&self, action: &Action) -> Result<Option<Pipeline>, PerformError> {
        match action {
            Action::Release { slowness, server_errors, missing, authorizer_ttl } => {
                let release = Release { slowness: *slowness, server_errors: *server_errors };
                self.release(release, missing, *authorizer_ttl)?;
            }
            Action::Throttle { stage, rate, burst } => self.throttle(*stage, *rate, *burst).await?,
            Action::PlanThrottle { rate, burst } => {
                let plan = &self.customer()?.plan_id;
                let values = replacements([
                    ("/throttle/rateLimit", rate.to_string()),
                    ("/throttle/burstLimit", burst.to_string()),
                ]);
                self.call(self.cast.api.account, &ServiceCall::patch(format!("/usageplans/{plan}"), values))
                    .await?;
            }
            Action::CacheTtl { stage, seconds } => {
                let api = self.part(*stage)?;
                let values = replacements([
                    ("/cacheClusterEnabled", "true".to_owned()),
                    ("/*/*/caching/enabled", "true".to_owned()),
                    ("/*/*/caching/ttlInSeconds", seconds.to_string()),
                ]);
                self.call(api.account, &ServiceCall::patch(stage_path(api), values)).await?;
            }
            Action::MoveCustomers { share } => self.move_customers(*share).await?,
            Action::UseUpQuota {} => {
                let customer = self.customer()?;
                let path = format!("/usageplans/{}/keys/{}/usage", customer.plan_id, customer.key_id);
                let values = replacements([("/remaining", "0".to_owned())]);
                self.call(self.cast.api.account, &ServiceCall::patch(path, values)).await?;
            }
            Action::TableUnits { reads } => self.table_units(*reads).await?,
            Action::ManagedRules { group, version } => {
                let account =
                    self.world.accounts.get(self.cast.api.account).ok_or(PerformError::Missing("account"))?;
                let mut estate = account.estate.write().unwrap_or_else(PoisonError::into_inner);
                estate.waf.managed_versions.insert(group.clone(), version.clone());
            }
            Action::Pipeline { attempts_per_second } => return self.pipeline(*attempts_per_second).map(Some),
            Action::Customer { .. }
            | Action::Cell { .. }
            | Action::Flood { .. }
            | Action::Backend { .. }
            | Action::Authorizer { .. } => self.disturb(action)?,
        }
        Ok(None)
    }

    fn part(&self, part: Part) -> Result<&CastApi, PerformError> {
        self.cast.part(part).ok_or(PerformError::Missing(match part {
            Part::Api => "REST API of a cell",
            Part::Http => "HTTP API of the cell",
            Part::Router => "router",
        }))
    }

    fn customer(&self) -> Result<&super::cast::CastCustomer, PerformError> {
        self.cast.customer.as_ref().ok_or(PerformError::Missing("customer with a key"))
    }

    async fn call(&self, account: usize, call: &ServiceCall) -> Result<Value, PerformError> {
        let account = self.world.accounts.get(account).ok_or(PerformError::Missing("account"))?;
        Ok(self.client.send(call, &account.access_key_id, self.now).await?)
    }

    /// The same numbers for the same scenario in the same region.
    fn rng(&self) -> StdRng {
        StdRng::seed_from_u64(self.world.seed ^ 0x5CEA_A210)
    }

    /// Alters `prod` of the cell's REST API.
    fn alter_prod<T>(&self, alter: impl FnOnce(&mut Api) -> Option<T>) -> Result<T, PerformError> {
        let CastApi { account, id, .. } = &self.cast.api;
        let account = self.world.accounts.get(*account).ok_or(PerformError::Missing("account"))?;
        let mut estate = account.estate.write().unwrap_or_else(PoisonError::into_inner);
        estate.api_mut(id).and_then(alter).ok_or(PerformError::Missing("REST API with a stage prod"))
    }

    fn release(
        &self,
        release: Release,
        missing: &[String],
        authorizer_ttl: Option<u32>,
    ) -> Result<(), PerformError> {
        self.alter_prod(|api| {
            if let Some(seconds) = authorizer_ttl {
                api.authorizers.iter_mut().for_each(|authorizer| authorizer.result_ttl_seconds = seconds);
            }
            let mut deployment = deployment(api, self.now, &mut self.rng());
            deployment.release = release;
            deployment.methods.retain(|method| !missing.contains(&method.key.to_string()));
            let id = deployment.id.clone();
            api.deployments.insert(0, deployment);
            let prod = api.stage_mut("prod")?;
            prod.last_updated = self.now;
            id.clone_into(&mut prod.deployment_id);
            Some(())
        })
    }

    /// A canary of a new deployment, and the pipeline that wants it live.
    fn pipeline(&self, attempts_per_second: f64) -> Result<Pipeline, PerformError> {
        let wanted = self.alter_prod(|api| {
            let deployment = deployment(api, self.now, &mut self.rng());
            let id = deployment.id.clone();
            api.deployments.insert(0, deployment);
            let prod: &mut Stage = api.stage_mut("prod")?;
            prod.canary = Some(Canary {
                deployment_id: id.clone(),
                percent_traffic: CANARY_PERCENT,
                stage_variable_overrides: std::collections::BTreeMap::new(),
                use_stage_cache: true,
            });
            prod.last_updated = self.now;
            Some(id)
        })?;
        Ok(Pipeline::new(self.cast.api.clone(), wanted, attempts_per_second, self.now, self.rng()))
    }

    async fn throttle(&self, stage: Part, rate: f64, burst: i64) -> Result<(), PerformError> {
        let api = self.part(stage)?;
        let call = if stage == Part::Http {
            let settings = json!({ "throttlingRateLimit": rate, "throttlingBurstLimit": burst });
            let path = format!("/v2/apis/{}/stages/prod", api.id);
            ServiceCall::patch(path, json!({ "defaultRouteSettings": settings }))
        } else {
            let values = replacements([
                ("/*/*/throttling/rateLimit", rate.to_string()),
                ("/*/*/throttling/burstLimit", burst.to_string()),
            ]);
            ServiceCall::patch(stage_path(api), values)
        };
        self.call(api.account, &call).await.map(|_| ())
    }

    async fn move_customers(&self, share: f64) -> Result<(), PerformError> {
        if self.cast.other_cells.is_empty() {
            return Err(PerformError::Missing("second cell"));
        }
        let cell = self.cast.cell.as_str();
        let mut movers: Vec<&Customer> =
            self.world.customers.iter().filter(|customer| *customer.cell == *cell).collect();
        movers.shuffle(&mut self.rng());
        let count = u32::try_from(movers.len()).unwrap_or(u32::MAX);
        movers.truncate(whole(f64::from(count) * share));
        let puts: Vec<Value> = movers
            .iter()
            .zip(self.cast.other_cells.iter().cycle())
            .map(|(mover, cell)| put(mover, cell))
            .collect();
        for batch in puts.chunks(BATCH) {
            let body = json!({ "RequestItems": { MAPPING_TABLE: batch } });
            self.call(0, &ServiceCall::dynamodb("DynamoDB_20120810.BatchWriteItem", body)).await?;
        }
        Ok(())
    }

    async fn table_units(&self, reads: f64) -> Result<(), PerformError> {
        let lookups = self.before.value(Signal::RequestRate, Scope::Router);
        let units = whole(lookups * UNITS_PER_READ * reads).max(1);
        let capacity = json!({ "ReadCapacityUnits": units, "WriteCapacityUnits": units });
        let body = json!({
            "TableName": MAPPING_TABLE,
            "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": capacity,
            // AWS: an index of a table with a fixed capacity has its own.
            "GlobalSecondaryIndexUpdates": [
                { "Update": { "IndexName": CELL_INDEX, "ProvisionedThroughput": capacity } },
            ],
        });
        self.call(0, &ServiceCall::dynamodb("DynamoDB_20120810.UpdateTable", body)).await.map(|_| ())
    }

    fn disturb(&self, action: &Action) -> Result<(), PerformError> {
        let Cast { cell, capacity, api, .. } = self.cast;
        let disturbance = match action {
            Action::Customer { fills } => {
                let customer = self.customer()?;
                // What the cell's cache answers doesn't fill it.
                let asked = self.before.value(Signal::RequestRate, Scope::Cell).max(1.0);
                let passing = (self.before.value(Signal::BackendRate, Scope::Cell) / asked).clamp(0.05, 1.0);
                let factor = fills * capacity / passing / customer.demand.max(0.01);
                Disturbance::Customer { customer_id: customer.id.clone(), factor }
            }
            Action::Cell { fills } => {
                let load = self.before.value(Signal::BackendRate, Scope::Cell);
                Disturbance::Cell { cell: cell.clone(), factor: fills * capacity / load.max(1.0) }
            }
            Action::Flood { fills, network, addresses, country } => Disturbance::Flood(Flood {
                name: "flood".to_owned(),
                api_id: api.id.clone(),
                stage: "prod".to_owned(),
                route: self.open_route()?,
                rate: fills * capacity,
                network: network.clone(),
                addresses: *addresses,
                country: country.code(),
                user_agent: "python-requests/2.32.3",
            }),
            Action::Backend { bears, slowness, server_errors } => {
                let load = self.before.value(Signal::BackendRate, Scope::Cell);
                Disturbance::Backend {
                    cell: cell.clone(),
                    capacity: bears.map_or(1.0, |share| share * load / capacity.max(1.0)),
                    slowness: *slowness,
                    server_errors: *server_errors,
                }
            }
            Action::Authorizer { bears } => {
                let calls = bears * self.before.value(Signal::RequestRate, Scope::Api);
                Disturbance::Authorizer { api_id: api.id.clone(), calls_per_second: calls }
            }
            _ => return Ok(()),
        };
        self.world.disturbances.write().unwrap_or_else(PoisonError::into_inner).push(disturbance);
        Ok(())
    }

    /// A method of the cell's REST API that wants no authorisation.
    fn open_route(&self) -> Result<RouteKey, PerformError> {
        self.alter_prod(|api| {
            let prod = api.stage("prod")?;
            let open = api.deployed_methods(prod).find(|method| method.authorization == Authorization::None);
            open.map(|method| method.key.clone())
        })
    }
}

/// A sound deployment of what the API is now.
fn deployment(api: &Api, now: Timestamp, rng: &mut StdRng) -> Deployment {
    Deployment {
        id: id::random(rng, id::SHORT),
        description: format!(
            "Move the orders to the new function (build {})",
            rng.random_range(5_000..6_000)
        ),
        // API Gateway keeps whole seconds.
        created: Timestamp::from_second(now.as_second()).unwrap_or(now),
        auto_deployed: false,
        methods: api.methods.iter().map(MethodSnapshot::from).collect(),
        authorizers: api.authorizers.clone(),
        release: Release::SOUND,
    }
}

fn stage_path(api: &CastApi) -> String {
    format!("/restapis/{}/stages/prod", api.id)
}

/// The item of a customer that lives in this cell.
fn put(customer: &Customer, cell: &str) -> Value {
    let mut item = json!({ "CustomerId": { "S": customer.id() }, "CellId": { "S": cell } });
    if let Some(tier) = customer.listed_tier() {
        item["tier"] = json!({ "S": tier.as_str() });
    }
    json!({ "PutRequest": { "Item": item } })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, never negative")]
fn whole(count: f64) -> usize {
    count.round().max(0.0) as usize
}
