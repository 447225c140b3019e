//! The domain names that the estate starts with, and what answers on them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::super::domain_name::target;
use super::super::{Api, ApiKind, ApiMapping, DomainName, EndpointType, Estate, id};

/// AWS: mappings of one domain name.
const MOST_MAPPINGS: usize = 200;
/// Keeps these draws apart from those of the rest of the estate.
const STREAM: u64 = 0x646f_6d61_696e;

/// Puts the cells' REST and WebSocket APIs on a path each, and some shared APIs on a name of their own.
pub fn name_apis(estate: &mut Estate, seed: u64, now: Timestamp) {
    type Key<'k> = Box<dyn Fn(&Api) -> Option<String> + 'k>;
    let mut rng = StdRng::seed_from_u64(seed ^ STREAM);
    let of_cell = |kind: ApiKind, suffix: &'static str| {
        move |api: &Api| {
            let named = api.cell.as_ref().filter(|cell| api.name == format!("{cell}{suffix}"));
            (api.kind == kind && (named.is_some() || suffix.is_empty())).then(|| api.cell.clone()).flatten()
        }
    };
    let shared = |kind: ApiKind, name: &'static str| {
        move |api: &Api| (api.kind == kind && api.cell.is_none() && api.name == name).then(String::new)
    };
    let wanted: [(&str, EndpointType, Key<'_>); 5] = [
        ("api.shop.example.com", EndpointType::Regional, Box::new(of_cell(ApiKind::Rest, "-api"))),
        ("live.shop.example.com", EndpointType::Regional, Box::new(of_cell(ApiKind::WebSocket, ""))),
        ("router.shop.example.com", EndpointType::Edge, Box::new(shared(ApiKind::Rest, "router"))),
        ("partner.shop.example.com", EndpointType::Regional, Box::new(shared(ApiKind::Http, "partner"))),
        ("status.shop.example.com", EndpointType::Regional, Box::new(shared(ApiKind::Http, "status"))),
    ];
    for (name, endpoint, key) in wanted {
        let mut mappings = Vec::new();
        for api in &estate.apis {
            let (Some(key), Some(stage)) = (key(api), api.stages.first()) else { continue };
            let taken = mappings.iter().any(|mapping: &ApiMapping| mapping.key == key);
            if !taken && mappings.len() < MOST_MAPPINGS {
                let (api_id, stage) = (api.id.clone(), stage.name.clone());
                mappings.push(ApiMapping { id: id::random(&mut rng, id::SHORT), key, api_id, stage });
            }
        }
        if mappings.is_empty() {
            continue;
        }
        let certificate = uuid(&mut rng);
        // AWS: an edge-optimised name takes its certificate from us-east-1.
        let region = if endpoint == EndpointType::Edge { "us-east-1" } else { estate.region.as_str() };
        estate.domain_names.push(DomainName {
            name: name.to_owned(),
            endpoint,
            certificate_arn: format!("arn:aws:acm:{region}:{}:certificate/{certificate}", estate.account_id),
            certificate_uploaded: now - SignedDuration::from_hours(24 * rng.random_range(30..300)),
            security_policy: "TLS_1_2".to_owned(),
            target: target(endpoint, &id::random(&mut rng, id::LONG), &estate.region),
            tags: BTreeMap::from([("team".to_owned(), "platform".to_owned())]),
            mappings,
        });
    }
}

fn uuid(rng: &mut StdRng) -> String {
    let hex = format!("{:032x}", rng.random::<u128>());
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}
