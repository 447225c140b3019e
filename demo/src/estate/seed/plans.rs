//! The usage plans and keys that the estate starts with.

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::super::{
    Api, ApiKey, ApiKind, ApiStage, Customer, Estate, Quota, QuotaPeriod, RouteKey, Throttle, Tier,
    UsagePlan, id,
};

struct Offer {
    tier: Tier,
    description: &'static str,
    throttle: Option<Throttle>,
    quota: Option<Quota>,
    /// Whether the shared REST APIs are part of it.
    shared: bool,
}

const OFFERS: [Offer; 4] = [
    Offer {
        tier: Tier::Free,
        description: "To try the shop's API",
        throttle: Some(Throttle { rate: 5.0, burst: 10 }),
        quota: Some(Quota { limit: 10_000, offset: 0, period: QuotaPeriod::Day }),
        shared: false,
    },
    Offer {
        tier: Tier::Basic,
        description: "Small shops",
        throttle: Some(Throttle { rate: 25.0, burst: 50 }),
        quota: Some(Quota { limit: 2_000_000, offset: 0, period: QuotaPeriod::Month }),
        shared: false,
    },
    Offer {
        tier: Tier::Premium,
        description: "Large shops and marketplaces",
        throttle: Some(Throttle { rate: 200.0, burst: 400 }),
        quota: Some(Quota { limit: 20_000_000, offset: 0, period: QuotaPeriod::Week }),
        shared: false,
    },
    Offer {
        tier: Tier::Internal,
        description: "The shop's own applications",
        throttle: None,
        quota: None,
        shared: true,
    },
];

/// Who holds the keys of the shop's own applications.
pub const SHOP: &str = "shop";
/// The shop's own applications: customers without a key of their own use these.
const APPLICATIONS: [&str; 4] = ["web", "ios", "android", "kiosk"];
/// Keys that were switched off and never removed.
const DISABLED: [(Tier, &str); 5] = [
    (Tier::Free, "free-trial-ended"),
    (Tier::Free, "free-leaked"),
    (Tier::Basic, "basic-migrated"),
    (Tier::Premium, "premium-contract-ended"),
    (Tier::Internal, "internal-legacy-app"),
];

/// Four plans over the cells' REST APIs, with the keys of the shop's applications and some that nobody uses.
pub fn starting_plans(apis: &[Api], rng: &mut StdRng, now: Timestamp) -> (Vec<UsagePlan>, Vec<ApiKey>) {
    let mut keys = Vec::new();
    let plans = OFFERS
        .iter()
        .map(|offer| {
            let first = keys.len();
            if offer.tier == Tier::Internal {
                let applications = APPLICATIONS.iter();
                keys.extend(applications.map(|name| ApiKey {
                    description: format!("The shop's own application: {name}"),
                    ..key(format!("internal-{name}"), SHOP.to_owned(), rng, now)
                }));
            }
            let disabled = DISABLED.iter().filter(|(tier, _)| *tier == offer.tier);
            keys.extend(disabled.map(|(_, name)| ApiKey {
                enabled: false,
                description: "Switched off".to_owned(),
                ..key((*name).to_owned(), SHOP.to_owned(), rng, now)
            }));
            UsagePlan {
                id: id::random(rng, id::SHORT),
                name: offer.tier.plan().to_owned(),
                description: offer.description.to_owned(),
                api_stages: api_stages(apis, offer),
                throttle: offer.throttle,
                quota: offer.quota,
                key_ids: keys[first..].iter().map(|key| key.id.clone()).collect(),
                product_code: None,
                tags: BTreeMap::from([("team".to_owned(), "checkout".to_owned())]),
            }
        })
        .collect();
    (plans, keys)
}

/// Gives a key to each customer of the account's cells that is to hold one, on the plan of its tier.
pub fn issue_keys(estate: &mut Estate, customers: &[Customer], seed: u64, now: Timestamp) {
    let mut rng = StdRng::seed_from_u64(seed ^ 0x004B_4559);
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let cells: HashSet<&str> = estate.cells.iter().map(|cell| cell.id.as_str()).collect();
    let holders = customers.iter().filter(|customer| customer.own_key && cells.contains(&*customer.cell));
    let holders: Vec<&Customer> = holders.collect();
    for plan in &mut estate.usage_plans {
        let on_plan = holders.iter().filter(|customer| customer.tier.plan() == plan.name);
        for (place, customer) in on_plan.enumerate() {
            let name = format!("{}-{:02}", customer.tier.as_str(), place + 1);
            let key = key(name, customer.id(), &mut rng, now);
            plan.key_ids.push(key.id.clone());
            estate.api_keys.push(key);
        }
    }
}

fn key(name: String, customer_id: String, rng: &mut StdRng, now: Timestamp) -> ApiKey {
    let (id, value) = (id::random(rng, id::LONG), id::secret(rng));
    let created = now - SignedDuration::from_hours(24 * rng.random_range(5..300));
    ApiKey {
        id,
        description: format!("Key of {customer_id}"),
        name,
        value,
        customer_id,
        enabled: true,
        created,
        last_updated: created,
        tags: BTreeMap::new(),
    }
}

fn api_stages(apis: &[Api], offer: &Offer) -> Vec<ApiStage> {
    let writes = RouteKey::Http { verb: "POST".to_owned(), path: "/orders".to_owned() };
    apis.iter()
        .filter(|api| api.kind == ApiKind::Rest && (api.cell.is_some() || offer.shared))
        .flat_map(|api| api.stages.iter().map(move |stage| (api, stage)))
        // What is not released yet is for the shop's own applications.
        .filter(|(_, stage)| stage.name == "prod" || offer.tier == Tier::Internal)
        .map(|(api, stage)| ApiStage {
            api_id: api.id.clone(),
            stage: stage.name.clone(),
            throttle: if offer.tier == Tier::Free && api.methods.iter().any(|method| method.key == writes) {
                BTreeMap::from([(writes.clone(), Throttle { rate: 1.0, burst: 2 })])
            } else {
                BTreeMap::new()
            },
        })
        .collect()
}
