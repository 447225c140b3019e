//! The estate: all that a session knows of its regions.
//!
//! It holds several regions from the start, because cells often have an account each. It is
//! changed by [`Estate::apply`] alone, so every face sees the same thing happen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::api::{Api, ApiFamily, ApiOperation, Authorizer};
use super::api_key::{ApiKey, PeriodUsage};
use super::custom_domain::MappedDomain;
use super::deployment::Deployment;
use super::failure::{Failure, FailureKind};
use super::id::{ApiId, ApiKeyId, CellId, StageName, UsagePlanId};
use super::identity::RegionKey;
use super::inventory::{Connected, Generation, Listed, News, Update};
use super::ip_set::IpSetDocument;
use super::mapping::{CellCount, MappingTable};
use super::part::Part;
use super::stage::{Stage, Throttle};
use super::usage_plan::{PlansOfKeys, UsagePlan};
use super::vpc_link::VpcLink;
use super::web_acl::WebAclDocument;

/// Which of a session's regions; its place in the configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionSlot(pub usize);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estate {
    regions: Vec<RegionEstate>,
}

/// What is known of one region.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegionEstate {
    pub connection: Part<Connected>,
    pub apis: BTreeMap<ApiId, ApiEntry>,
    /// How each of the two lists of APIs went.
    pub listings: BTreeMap<ApiFamily, Part<()>>,
    pub usage_plans: Part<Vec<UsagePlan>>,
    pub api_keys: Part<Vec<Arc<ApiKey>>>,
    /// Of the keys that were asked for theirs so far.
    pub plans_of_keys: Part<PlansOfKeys>,
    /// Of the keys and of the plans that someone looked at, in the running periods of the quotas.
    pub usage_of_keys: BTreeMap<ApiKeyId, Part<Vec<PeriodUsage>>>,
    pub usage_of_plans: BTreeMap<UsagePlanId, Part<Vec<PeriodUsage>>>,
    pub web_acls: Part<Vec<Arc<WebAclDocument>>>,
    pub ip_sets: Part<Vec<Arc<IpSetDocument>>>,
    pub domains: Part<Vec<Arc<MappedDomain>>>,
    pub vpc_links: Part<Vec<Arc<VpcLink>>>,
    pub account_throttle: Part<Throttle>,
    pub mapping_table: Part<MappingTable>,
    pub cell_counts: Part<Vec<CellCount>>,
    /// Cells that publish metrics of their own.
    pub metric_cells: Part<BTreeSet<CellId>>,
    /// Cells whose web ACL has blocked something in the last two weeks.
    pub blocking_cells: Part<BTreeSet<CellId>>,
    /// Open WebSocket connections, where the table of connections has an index on the cell.
    pub connection_counts: Part<Vec<CellCount>>,
}

/// An API with the parts of it that are read one by one.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiEntry {
    pub api: Api,
    pub stages: Part<Vec<Stage>>,
    pub deployments: Part<Vec<Deployment>>,
    pub operations: Part<Vec<ApiOperation>>,
    pub authorizers: Part<Vec<Authorizer>>,
    seen_in: Generation,
}

impl ApiEntry {
    fn new(api: Api, seen_in: Generation) -> Self {
        Self {
            api,
            stages: Part::default(),
            deployments: Part::default(),
            operations: Part::default(),
            authorizers: Part::default(),
            seen_in,
        }
    }

    pub fn stage(&self, name: &StageName) -> Option<&Stage> {
        self.stages.value()?.iter().find(|stage| stage.name == *name)
    }
}

impl Estate {
    /// An empty estate of `regions` regions.
    pub fn new(regions: usize) -> Self {
        Self { regions: vec![RegionEstate::default(); regions] }
    }

    /// Regions that were read apart, side by side.
    pub fn of(regions: Vec<RegionEstate>) -> Self {
        Self { regions }
    }

    pub fn regions(&self) -> impl Iterator<Item = (RegionSlot, &RegionEstate)> {
        self.regions.iter().enumerate().map(|(place, region)| (RegionSlot(place), region))
    }

    /// The account and region of each session that has connected.
    pub fn keys(&self) -> BTreeSet<RegionKey> {
        self.regions.iter().filter_map(|region| Some(region.connection.value()?.key.clone())).collect()
    }

    pub fn region(&self, slot: RegionSlot) -> Option<&RegionEstate> {
        self.regions.get(slot.0)
    }

    /// Every API of every region, in the order of region, name and id.
    pub fn apis(&self) -> Vec<(RegionSlot, &ApiEntry)> {
        let mut all: Vec<_> = self
            .regions()
            .flat_map(|(slot, region)| region.apis.values().map(move |entry| (slot, entry)))
            .collect();
        all.sort_by(|(slot, one), (other_slot, other)| {
            (slot, &one.api.name, &one.api.id).cmp(&(other_slot, &other.api.name, &other.api.id))
        });
        all
    }

    pub fn api(&self, slot: RegionSlot, api: &ApiId) -> Option<&ApiEntry> {
        self.region(slot)?.apis.get(api)
    }

    /// Takes one piece of news. News of a region or an API that isn't there is dropped: it comes
    /// from a refresh that was overtaken.
    pub fn apply(&mut self, update: Update) {
        let Some(region) = self.regions.get_mut(update.slot.0) else { return };
        let at = update.at;
        match update.news {
            News::Connected(outcome) => region.connection.take(outcome, at),
            News::ApiPage { generation, apis } => region.take_page(generation, apis),
            News::ApisListed { generation, family, outcome } => {
                if outcome.is_ok() {
                    region.forget_unseen(family, generation);
                }
                region.listings.entry(family).or_default().take(outcome, at);
            }
            News::Stages { api, outcome } => region.with_api(&api, |entry| entry.stages.take(outcome, at)),
            News::Deployments { api, outcome } => {
                region.with_api(&api, |entry| entry.deployments.take(outcome, at));
            }
            News::Operations { api, outcome } => {
                region.with_api(&api, |entry| entry.operations.take(outcome, at));
            }
            News::Authorizers { api, outcome } => {
                region.with_api(&api, |entry| entry.authorizers.take(outcome, at));
            }
            News::UsagePlans(outcome) => region.usage_plans.take(outcome, at),
            News::ApiKeys(listed) => region.take_api_keys(listed, at),
            News::PlansOfKeys { plans, failure } => region.take_plans_of_keys(plans, failure, at),
            News::UsageOfKey { key, outcome } => {
                region.usage_of_keys.entry(key).or_default().take(outcome, at);
            }
            News::UsageOfPlan { plan, outcome } => {
                region.usage_of_plans.entry(plan).or_default().take(outcome, at);
            }
            News::WebAcl(item) => put(&mut region.web_acls, item, at, |item| &item.acl.name),
            News::IpSet(item) => put(&mut region.ip_sets, item, at, |item| &item.set.name),
            News::WebAcls(listed) => take_listed(&mut region.web_acls, listed, at, |item| &item.acl.name),
            News::IpSets(listed) => take_listed(&mut region.ip_sets, listed, at, |item| &item.set.name),
            News::Domains(listed) => take_listed(&mut region.domains, listed, at, |item| &item.domain.name),
            News::VpcLinks(listed) => take_listed(&mut region.vpc_links, listed, at, |item| &item.id),
            News::AccountThrottle(outcome) => region.account_throttle.take(outcome, at),
            News::MappingTable(outcome) => region.mapping_table.take(outcome, at),
            News::CellCounts(outcome) => region.cell_counts.take(outcome, at),
            News::MetricCells(outcome) => region.metric_cells.take(outcome, at),
            News::BlockingCells(outcome) => region.blocking_cells.take(outcome, at),
            News::ConnectionCounts(outcome) => region.connection_counts.take(outcome, at),
        }
    }
}

impl RegionEstate {
    fn take_page(&mut self, generation: Generation, apis: Vec<Api>) {
        for api in apis {
            match self.apis.get_mut(&api.id) {
                Some(entry) => {
                    entry.seen_in = entry.seen_in.max(generation);
                    entry.api = api;
                }
                None => {
                    self.apis.insert(api.id.clone(), ApiEntry::new(api, generation));
                }
            }
        }
    }

    fn forget_unseen(&mut self, family: ApiFamily, generation: Generation) {
        self.apis.retain(|_, entry| entry.api.kind.family() != family || entry.seen_in >= generation);
    }

    fn with_api(&mut self, api: &ApiId, change: impl FnOnce(&mut ApiEntry)) {
        if let Some(entry) = self.apis.get_mut(api) {
            change(entry);
        }
    }

    fn take_api_keys(&mut self, listed: Listed<ApiKey>, at: Timestamp) {
        let is_whole = listed.failures.is_empty();
        take_listed(&mut self.api_keys, listed, at, |key| key.id.as_str());
        if let (true, Some(keys), Some(plans)) = (is_whole, self.api_keys.value(), self.plans_of_keys.value())
        {
            let ids: BTreeSet<_> = keys.iter().map(|key| &key.id).collect();
            let known: PlansOfKeys = plans
                .iter()
                .filter(|(key, _)| ids.contains(key))
                .map(|(key, of)| (key.clone(), of.clone()))
                .collect();
            if known.len() < plans.len() {
                self.plans_of_keys.take(Ok(known), at);
            }
        }
    }

    /// How much of a plan's quota a key has used up, 0 to 1, by the later reading; none where it was not read.
    pub fn share_used(&self, plan: &UsagePlan, key: &ApiKeyId) -> Option<f64> {
        let limit = plan.quota.as_ref()?.limit;
        let of_key = self.usage_of_keys.get(key);
        let of_plan = self.usage_of_plans.get(&plan.id);
        let later = [of_key, of_plan].into_iter().flatten().filter(|part| part.value().is_some());
        let part = later.max_by_key(|part| part.read_at())?;
        let mut all = part.value()?.iter().filter(|period| period.plan == plan.id);
        // Of a key that used nothing AWS need not tell anything.
        Some(
            all.find(|period| period.usage.key.as_ref() == Some(key))
                .map_or(0.0, |period| period.share_used(limit)),
        )
    }

    fn take_plans_of_keys(&mut self, plans: PlansOfKeys, failure: Option<Failure>, at: Timestamp) {
        if !plans.is_empty() {
            let mut known = self.plans_of_keys.value().cloned().unwrap_or_default();
            known.extend(plans);
            self.plans_of_keys.take(Ok(known), at);
        }
        if let Some(failure) = failure {
            self.plans_of_keys.take(Err(failure), at);
        }
    }

    /// Why nothing of the region can be read, where nothing can: nobody could log in, or the network is gone.
    pub fn unreachable(&self) -> Option<&Failure> {
        if self.connection.value().is_none() {
            return self.connection.failure();
        }
        let gone = |failure: &&Failure| {
            matches!(failure.kind, FailureKind::Unreachable | FailureKind::Timeout | FailureKind::Credentials)
        };
        let mut listings = self.listings.values().map(|listing| listing.failure().filter(gone));
        let first = listings.next()??;
        listings.all(|failure| failure.is_some()).then_some(first)
    }

    /// Every failure of the latest tries, each with what it concerns; but for keys, web ACLs and IP sets,
    /// which are read only where someone asks for them, and which a role need not be allowed to read.
    pub fn failures(&self) -> Vec<&Failure> {
        let listings = self.listings.values().filter_map(Part::failure);
        let of_apis = self.apis.values().flat_map(|entry| {
            [
                entry.stages.failure(),
                entry.deployments.failure(),
                entry.operations.failure(),
                entry.authorizers.failure(),
            ]
            .into_iter()
            .flatten()
        });
        [
            self.connection.failure(),
            self.usage_plans.failure(),
            self.account_throttle.failure(),
            self.mapping_table.failure(),
            self.cell_counts.failure(),
            self.metric_cells.failure(),
            self.blocking_cells.failure(),
            self.connection_counts.failure(),
        ]
        .into_iter()
        .flatten()
        .chain(listings)
        .chain(of_apis)
        .collect()
    }
}

/// Takes one item of a list whose others are still being read.
fn put<T>(part: &mut Part<Vec<Arc<T>>>, item: Arc<T>, at: Timestamp, name: impl Fn(&T) -> &str) {
    let mut items = part.value().cloned().unwrap_or_default();
    match items.iter_mut().find(|known| name(known) == name(&item)) {
        Some(known) => *known = item,
        None => items.push(item),
    }
    part.take(Ok(items), at);
}

/// Takes a list that takes several calls. What could not be read this time stays as it was last read:
/// the item that a failure names, or any where the list itself broke off.
fn take_listed<T>(part: &mut Part<Vec<Arc<T>>>, listed: Listed<T>, at: Timestamp, name: impl Fn(&T) -> &str) {
    let Listed { mut items, failures } = listed;
    let unread =
        |item: &T| failures.iter().any(|failure| failure.target.is_empty() || failure.target == name(item));
    if !items.is_empty() || failures.is_empty() {
        let before = part.value().into_iter().flatten();
        let kept: Vec<Arc<T>> = before
            .filter(|old| unread(old) && !items.iter().any(|new| name(new) == name(old)))
            .cloned()
            .collect();
        items.extend(kept);
        part.take(Ok(items), at);
    }
    if let Some(first) = failures.into_iter().next() {
        part.take(Err(first), at);
    }
}

#[cfg(test)]
mod tests;
