//! API keys by id, the plans that they are on, and what they used. Their values are secrets: they are
//! never asked for, and the guard refuses a request that does.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;

use super::{PAGE, translation};
use crate::aws::mode::Mode;
use crate::aws::operations::{GET_API_KEYS, GET_USAGE, GET_USAGE_PLANS};
use crate::aws::paging::Pages;
use crate::aws::session::Session;
use crate::domain::api_key::{ApiKey, KeyUsage};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::id::{ApiKeyId, UsagePlanId};
use crate::domain::text::sanitise;
use crate::domain::usage_plan::UsagePlan;

impl<M: Mode> Session<M> {
    /// Reads all API keys without their values, a page at a time (`GetApiKeys`).
    pub async fn api_keys(&self, mut on_page: impl FnMut(Vec<ApiKey>) + Send) -> Result<(), Failure> {
        let mut pages = Pages::default();
        loop {
            let answer = self
                .send(&GET_API_KEYS, "", || {
                    let request = self.clients.v1.get_api_keys().include_values(false).limit(PAGE);
                    request.set_position(pages.token()).send()
                })
                .await?;
            on_page(answer.items().iter().map(translation::api_key).collect());
            if !pages.advance(answer.position, &GET_API_KEYS, "")? {
                return Ok(());
            }
        }
    }

    /// Reads the API keys that are a customer's, without their values (`GetApiKeys`): those that bear its id, and
    /// those of this name. Servers that know neither filter list all keys, so the answers are looked through.
    pub async fn keys_of_customer(&self, customer: &str, name: Option<&str>) -> Result<Vec<ApiKey>, Failure> {
        let (id, wanted) = (sanitise(customer), name.map(sanitise));
        let mut found: Vec<ApiKey> = Vec::new();
        for name in std::iter::once(None).chain(name.map(Some)) {
            let mut pages = Pages::default();
            loop {
                let answer = self
                    .send(&GET_API_KEYS, "", || {
                        let request = self.clients.v1.get_api_keys().include_values(false).limit(PAGE);
                        let request = match name {
                            Some(name) => request.name_query(name),
                            None => request.customer_id(customer),
                        };
                        request.set_position(pages.token()).send()
                    })
                    .await?;
                let keys = answer.items().iter().map(translation::api_key).filter(|key| {
                    key.customer_id.as_deref() == Some(&*id) || wanted.as_deref() == Some(key.name.as_str())
                });
                for key in keys {
                    if !found.iter().any(|known| known.id == key.id) {
                        found.push(key);
                    }
                }
                if !pages.advance(answer.position, &GET_API_KEYS, "")? {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// Reads one API key without its value (`GetApiKeys`, as far as it takes: `GetApiKey` is not sent).
    pub async fn api_key(&self, key: &ApiKeyId) -> Result<ApiKey, Failure> {
        let mut pages = Pages::default();
        loop {
            let answer = self
                .send(&GET_API_KEYS, key.as_str(), || {
                    let request = self.clients.v1.get_api_keys().include_values(false).limit(PAGE);
                    request.set_position(pages.token()).send()
                })
                .await?;
            let mut keys = answer.items().iter().map(translation::api_key);
            if let Some(found) = keys.find(|known| known.id == *key) {
                return Ok(found);
            }
            if !pages.advance(answer.position, &GET_API_KEYS, key.as_str())? {
                let message = "there is no API key with this id";
                return Err(Failure::new(GET_API_KEYS.name, key.as_str(), FailureKind::NotFound, message));
            }
        }
    }

    /// Reads the ids of the plans that a key is on.
    pub async fn plans_of_key(&self, key: &ApiKeyId) -> Result<Vec<UsagePlanId>, Failure> {
        Ok(self.usage_plans_of_key(key).await?.into_iter().map(|plan| plan.id).collect())
    }

    /// Reads the plans that a key is on (`GetUsagePlans` with the key's id). The other way round, AWS tells a
    /// plan's keys together with their values.
    pub async fn usage_plans_of_key(&self, key: &ApiKeyId) -> Result<Vec<UsagePlan>, Failure> {
        let mut pages = Pages::default();
        let mut plans = Vec::new();
        loop {
            let answer = self
                .send(&GET_USAGE_PLANS, key.as_str(), || {
                    let request = self.clients.v1.get_usage_plans().key_id(key.as_str()).limit(PAGE);
                    request.set_position(pages.token()).send()
                })
                .await?;
            plans.extend(answer.items().iter().map(translation::usage_plan));
            if !pages.advance(answer.position, &GET_USAGE_PLANS, key.as_str())? {
                return Ok(plans);
            }
        }
    }

    /// Reads what the keys of a plan used, day by day in UTC, both ends included (`GetUsage`). AWS keeps
    /// about 90 days.
    ///
    /// `known` are ids of keys. AWS's reference has it that keys are named by their values here, and in
    /// practice they are named by their ids: what is no id that is known is taken for a secret.
    pub async fn usage_of_plan(
        &self,
        plan: &UsagePlanId,
        (start, end): (Date, Date),
        known: &BTreeSet<ApiKeyId>,
    ) -> Result<Vec<KeyUsage>, Failure> {
        let mut pages = Pages::default();
        let mut usage = Vec::new();
        loop {
            let answer = self
                .send(&GET_USAGE, plan.as_str(), || {
                    let request = self.clients.v1.get_usage().usage_plan_id(plan.as_str());
                    let request = request.start_date(start.to_string()).end_date(end.to_string());
                    request.limit(PAGE).set_position(pages.token()).send()
                })
                .await?;
            usage.extend(answer.items().into_iter().flatten().map(|(name, days)| {
                let key = ApiKeyId::new(name);
                KeyUsage::from_days(known.contains(&key).then_some(key), start, days)
            }));
            if !pages.advance(answer.position, &GET_USAGE, plan.as_str())? {
                usage.sort_by(|one, other| one.key.cmp(&other.key));
                return Ok(usage);
            }
        }
    }

    /// Reads what one key used of a plan (`GetUsage` with the key's id).
    pub async fn usage_of_key(
        &self,
        plan: &UsagePlanId,
        key: &ApiKeyId,
        (start, end): (Date, Date),
    ) -> Result<KeyUsage, Failure> {
        let target = format!("{plan}/{key}");
        let answer = self
            .send(&GET_USAGE, &target, || {
                let request = self.clients.v1.get_usage().usage_plan_id(plan.as_str()).key_id(key.as_str());
                request.start_date(start.to_string()).end_date(end.to_string()).send()
            })
            .await?;
        // It is the one key that was asked for, however AWS names it.
        let days = answer.items().and_then(|items: &HashMap<_, _>| items.values().next());
        Ok(KeyUsage::from_days(Some(key.clone()), start, days.map(Vec::as_slice).unwrap_or_default()))
    }
}
