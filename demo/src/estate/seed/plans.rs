//! The usage plans and keys that the estate starts with.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rand::Rng;
use rand::rngs::StdRng;

use super::super::{Api, ApiKey, ApiKind, ApiStage, Quota, QuotaPeriod, RouteKey, Throttle, UsagePlan, id};

struct Offer {
    name: &'static str,
    description: &'static str,
    throttle: Option<Throttle>,
    quota: Option<Quota>,
    keys: usize,
    /// Whether the shared REST APIs are part of it.
    shared: bool,
}

const OFFERS: [Offer; 4] = [
    Offer {
        name: "Free",
        description: "To try the shop's API",
        throttle: Some(Throttle { rate: 5.0, burst: 10 }),
        quota: Some(Quota { limit: 10_000, offset: 0, period: QuotaPeriod::Day }),
        keys: 16,
        shared: false,
    },
    Offer {
        name: "Basic",
        description: "Small shops",
        throttle: Some(Throttle { rate: 25.0, burst: 50 }),
        quota: Some(Quota { limit: 2_000_000, offset: 0, period: QuotaPeriod::Month }),
        keys: 12,
        shared: false,
    },
    Offer {
        name: "Premium",
        description: "Large shops and marketplaces",
        throttle: Some(Throttle { rate: 200.0, burst: 400 }),
        quota: Some(Quota { limit: 20_000_000, offset: 0, period: QuotaPeriod::Week }),
        keys: 8,
        shared: false,
    },
    Offer {
        name: "Internal",
        description: "The shop's own applications",
        throttle: None,
        quota: None,
        keys: 4,
        shared: true,
    },
];

/// Four plans over the cells' REST APIs, with forty keys among them.
pub fn starting_plans(apis: &[Api], rng: &mut StdRng, now: Timestamp) -> (Vec<UsagePlan>, Vec<ApiKey>) {
    let mut keys = Vec::new();
    let plans = OFFERS
        .iter()
        .map(|offer| {
            let first = keys.len();
            for number in 1..=offer.keys {
                keys.push(key(offer, number, rng, now));
            }
            UsagePlan {
                id: id::random(rng, id::SHORT),
                name: offer.name.to_owned(),
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

fn key(offer: &Offer, number: usize, rng: &mut StdRng, now: Timestamp) -> ApiKey {
    let customer = rng.random_range(1..=5_000);
    let id = id::random(rng, id::LONG);
    let value = id::secret(rng);
    let enabled = rng.random_range(0..12) != 0;
    let created = now - SignedDuration::from_hours(24 * rng.random_range(5..300));
    ApiKey {
        id,
        name: format!("{}-{number:02}", offer.name.to_lowercase()),
        value,
        customer_id: format!("customer-{customer:05}"),
        description: format!("Key {number} of plan {}", offer.name),
        enabled,
        created,
        last_updated: created,
        tags: BTreeMap::new(),
    }
}

fn api_stages(apis: &[Api], offer: &Offer) -> Vec<ApiStage> {
    let writes = RouteKey::Http { verb: "POST".to_owned(), path: "/orders".to_owned() };
    apis.iter()
        .filter(|api| api.kind == ApiKind::Rest && (api.cell.is_some() || offer.shared))
        .filter(|api| api.stage("prod").is_some())
        .map(|api| ApiStage {
            api_id: api.id.clone(),
            stage: "prod".to_owned(),
            throttle: if offer.name == "Free" && api.methods.iter().any(|method| method.key == writes) {
                BTreeMap::from([(writes.clone(), Throttle { rate: 1.0, burst: 2 })])
            } else {
                BTreeMap::new()
            },
        })
        .collect()
}
