//! Who is hit: chosen by the seed among those that fit.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::PoisonError;

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde::Deserialize;

use super::World;
use super::action::Part;
use crate::estate::{Api, ApiKind, Authorization, Customer, Tier};

/// What a scenario wants of those that it hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CastWishes {
    /// `prod` of the cell's REST API has a cache, or has none.
    pub cached: Option<bool>,
    /// The cell has an HTTP API, or has none.
    pub http: Option<bool>,
    /// The authorizer of the cell's REST API keeps its decisions for a while.
    pub keeps_decisions: bool,
    /// `prod` of the cell's REST API has a method that wants no authorisation.
    pub open: bool,
    /// A web ACL guards `prod` of the cell's REST API.
    pub guarded: bool,
    /// The customer's tier. It holds a key of its own, and is the largest of its tier in the cell.
    pub customer: Option<CustomerTier>,
}

/// The tiers whose customers hold keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CustomerTier {
    Free,
    Basic,
    Premium,
}

impl CustomerTier {
    fn tier(self) -> Tier {
        match self {
            Self::Free => Tier::Free,
            Self::Basic => Tier::Basic,
            Self::Premium => Tier::Premium,
        }
    }
}

/// An API of the cast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CastApi {
    /// The index of its account.
    pub account: usize,
    pub id: String,
    pub name: String,
}

/// The customer of the cast.
#[derive(Clone, Debug, PartialEq)]
pub struct CastCustomer {
    pub id: String,
    pub key_id: String,
    pub plan_id: String,
    /// Requests a second at an average time of day.
    pub demand: f64,
}

/// Who is hit.
#[derive(Clone, Debug, PartialEq)]
pub struct Cast {
    pub cell: String,
    /// Requests a second that the cell bears.
    pub capacity: f64,
    /// The other cells of the region.
    pub other_cells: Vec<String>,
    /// The cell's REST API.
    pub api: CastApi,
    pub http: Option<CastApi>,
    pub router: Option<CastApi>,
    pub customer: Option<CastCustomer>,
    /// ARN of the web ACL of the REST API's `prod`.
    pub web_acl: Option<String>,
}

impl Cast {
    /// Chooses. `None` where nobody fits, as in a region without cells.
    pub fn choose(wishes: CastWishes, scenario: &str, world: &World) -> Option<Self> {
        let mut hasher = DefaultHasher::new();
        (world.seed, scenario).hash(&mut hasher);
        let mut rng = StdRng::seed_from_u64(hasher.finish());
        let region = Roll::call(world);
        let candidates: Vec<(&String, f64)> = region
            .cells
            .iter()
            .filter(|(cell, _)| region.fits(wishes, cell))
            .map(|(cell, capacity)| (cell, *capacity))
            .collect();
        let (cell, capacity) = candidates.choose(&mut rng)?;
        let (api, web_acl) = region.rest.get(*cell).map(|rest| (rest.api.clone(), rest.web_acl.clone()))?;
        Some(Self {
            cell: (*cell).clone(),
            capacity: *capacity,
            other_cells: region.cells.keys().filter(|other| other != cell).cloned().collect(),
            api,
            http: region.http.get(*cell).cloned(),
            customer: wishes.customer.and_then(|tier| region.customer(tier, cell)),
            router: region.router,
            web_acl,
        })
    }

    /// The API that a step or a condition speaks of.
    pub fn part(&self, part: Part) -> Option<&CastApi> {
        match part {
            Part::Api => Some(&self.api),
            Part::Http => self.http.as_ref(),
            Part::Router => self.router.as_ref(),
        }
    }

    /// The names that texts may hold in braces.
    pub fn names(&self) -> BTreeMap<String, String> {
        let api = |api: &Option<CastApi>| api.as_ref().map(|api| api.name.clone());
        let customer = self.customer.as_ref();
        let names = [
            ("cell", Some(self.cell.clone())),
            ("api", Some(self.api.name.clone())),
            ("api-id", Some(self.api.id.clone())),
            ("http", api(&self.http)),
            ("http-id", self.http.as_ref().map(|http| http.id.clone())),
            ("router", api(&self.router)),
            ("router-id", self.router.as_ref().map(|router| router.id.clone())),
            ("customer", customer.map(|customer| customer.id.clone())),
            ("key", customer.map(|customer| customer.key_id.clone())),
            ("plan", customer.map(|customer| customer.plan_id.clone())),
            ("acl", self.web_acl.as_ref().and_then(|arn| arn.rsplit('/').nth(1)).map(str::to_owned)),
        ];
        names.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// What a request calls a thing of the cast; a word that is none stands for itself.
    pub fn spellings(&self, thing: &str) -> Vec<String> {
        let of_api = |api: &CastApi| vec![api.id.clone(), api.name.clone()];
        match thing {
            "cell" => vec![self.cell.clone()],
            "api" => of_api(&self.api),
            "http" => self.http.as_ref().map(of_api).unwrap_or_default(),
            "router" => self.router.as_ref().map(of_api).unwrap_or_default(),
            "customer" => self.customer.iter().map(|customer| customer.id.clone()).collect(),
            "key" => self.customer.iter().map(|customer| customer.key_id.clone()).collect(),
            "plan" => self.customer.iter().map(|customer| customer.plan_id.clone()).collect(),
            // A request names an ACL by its name and id; both are in its ARN.
            "acl" => self.web_acl.iter().flat_map(|arn| arn.rsplit('/').take(2)).map(str::to_owned).collect(),
            word => vec![word.to_owned()],
        }
    }
}

/// All who could be hit.
#[derive(Debug, Default)]
struct Roll {
    /// Capacity by cell.
    cells: BTreeMap<String, f64>,
    rest: HashMap<String, RestApi>,
    http: HashMap<String, CastApi>,
    router: Option<CastApi>,
    /// The largest customer with a key of its own, by cell and tier.
    customers: HashMap<(String, Tier), CastCustomer>,
}

#[derive(Debug)]
struct RestApi {
    api: CastApi,
    cached: bool,
    keeps_decisions: bool,
    open: bool,
    web_acl: Option<String>,
}

impl Roll {
    fn call(world: &World) -> Self {
        let mut roll = Self::default();
        let mut keys = HashMap::new();
        for (index, account) in world.accounts.iter().enumerate() {
            let estate = account.estate.read().unwrap_or_else(PoisonError::into_inner);
            roll.cells.extend(estate.cells.iter().map(|cell| (cell.id.clone(), cell.capacity_rps)));
            for api in &estate.apis {
                roll.enter(api, index);
            }
            for plan in &estate.usage_plans {
                for key_id in &plan.key_ids {
                    if let Some(key) = estate.api_keys.iter().find(|key| key.id == *key_id && key.enabled) {
                        keys.insert(key.customer_id.clone(), (key.id.clone(), plan.id.clone()));
                    }
                }
            }
        }
        for customer in world.customers.iter().filter(|customer| customer.own_key) {
            if let Some((key_id, plan_id)) = keys.get(&customer.id()) {
                roll.enter_customer(customer, key_id, plan_id);
            }
        }
        roll
    }

    fn enter(&mut self, api: &Api, account: usize) {
        let cast = CastApi { account, id: api.id.clone(), name: api.name.clone() };
        match (&api.cell, api.kind, api.stage("prod")) {
            (Some(cell), ApiKind::Rest, Some(prod)) if api.name == format!("{cell}-api") => {
                let default = prod.settings.default.as_ref();
                let keeps = default.is_some_and(|all| all.caching_enabled && all.cache_ttl_seconds > 0);
                let cached = prod.cache.enabled && keeps;
                let frozen = api.deployments.iter().flat_map(|deployment| &deployment.authorizers);
                let keeps_decisions = frozen.clone().count() > 0
                    && frozen.clone().all(|authorizer| authorizer.result_ttl_seconds > 0);
                let open =
                    api.deployed_methods(prod).any(|method| method.authorization == Authorization::None);
                let web_acl = prod.web_acl_arn.clone();
                self.rest.insert(cell.clone(), RestApi { api: cast, cached, keeps_decisions, open, web_acl });
            }
            (Some(cell), ApiKind::Http, Some(_)) => {
                self.http.entry(cell.clone()).or_insert(cast);
            }
            (None, ApiKind::Rest, Some(_)) if api.name == "router" => self.router = Some(cast),
            _ => {}
        }
    }

    fn enter_customer(&mut self, customer: &Customer, key_id: &str, plan_id: &str) {
        let entry = CastCustomer {
            id: customer.id(),
            key_id: key_id.to_owned(),
            plan_id: plan_id.to_owned(),
            demand: f64::from(customer.demand),
        };
        let place = self.customers.entry((customer.cell.to_string(), customer.tier));
        let known = place.or_insert_with(|| entry.clone());
        if known.demand < entry.demand {
            *known = entry;
        }
    }

    fn customer(&self, tier: CustomerTier, cell: &str) -> Option<CastCustomer> {
        self.customers.get(&(cell.to_owned(), tier.tier())).cloned()
    }

    fn fits(&self, wishes: CastWishes, cell: &str) -> bool {
        let Some(rest) = self.rest.get(cell) else { return false };
        wishes.cached.is_none_or(|cached| cached == rest.cached)
            && wishes.http.is_none_or(|http| http == self.http.contains_key(cell))
            && (!wishes.keeps_decisions || rest.keeps_decisions)
            && (!wishes.open || rest.open)
            && (!wishes.guarded || rest.web_acl.is_some())
            && wishes.customer.is_none_or(|tier| self.customer(tier, cell).is_some())
    }
}
