//! The starting estate: the same for the same seed, its dates in the weeks before the region starts.

mod accounts;
mod catalogue;
mod contracts;
mod dashboards;
mod domain_names;
mod log_groups;
mod plans;
mod private_access;
mod releases;
mod roster;
mod stages;
mod waf;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

pub use self::accounts::{APIS_PER_ACCOUNT, accounts_needed};
pub use self::plans::issue_keys;

use self::accounts::Homes;
use self::catalogue::{Access, Operation};
use self::roster::{Discovery, Entry};
use super::{
    ACCOUNT_ID, Api, ApiKind, ApiSettings, Authorization, Authorizer, AuthorizerKind, Cell, EndpointType,
    Estate, Integration, Method, REGION, Release, Resource, RouteKey, Throttle, Waf, id,
};

/// Builds the starting estate of a region with one account: so many cells, and so many APIs of all three kinds.
pub fn starting_estate(seed: u64, cells: usize, apis: usize, now: Timestamp) -> Estate {
    starting_estates(seed, cells, apis, &[ACCOUNT_ID.to_owned()], now).swap_remove(0)
}

/// Builds the starting estates of these accounts, in their order: so many cells and APIs in all of them together.
pub fn starting_estates(
    seed: u64,
    cells: usize,
    apis: usize,
    accounts: &[String],
    now: Timestamp,
) -> Vec<Estate> {
    let mut rng = StdRng::seed_from_u64(seed);
    // API Gateway keeps whole seconds.
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let cells = starting_cells(cells, &mut rng);
    let homes = Homes::new(&cells, accounts.len());
    let mut apis_of: Vec<Vec<Api>> = vec![Vec::new(); accounts.len()];
    for entry in roster::entries(&cells, apis) {
        let home = homes.of(&entry);
        apis_of[home].push(starting_api(entry, &accounts[home], &cells, &mut rng, now));
    }
    let mut estates = Vec::with_capacity(accounts.len());
    for (home, (account, apis)) in accounts.iter().zip(apis_of).enumerate() {
        let (usage_plans, api_keys) = plans::starting_plans(&apis, &mut rng, now);
        let log_groups = log_groups::starting_groups(&apis);
        let own_cells: Vec<Cell> =
            cells.iter().filter(|cell| homes.of_cell(&cell.id) == home).cloned().collect();
        // The router of all cells lives in the first account.
        let account_throttle = account_throttle(if home == 0 { &cells } else { &own_cells });
        let dashboards = dashboards::dashboards(&apis, now);
        let mut estate = Estate {
            account_id: account.clone(),
            region: REGION.to_owned(),
            account_throttle,
            cloudwatch_role_arn: Some(format!("arn:aws:iam::{account}:role/apigateway-logs")),
            cells: own_cells,
            apis: apis.into_iter().map(Arc::new).collect(),
            usage_plans,
            api_keys,
            zeroes_partial_route_settings: true,
            usage: Arc::default(),
            waf: Waf::default(),
            log_groups,
            domain_names: Vec::new(),
            vpc_links: private_access::vpc_links(account, now),
            client_certificates: private_access::client_certificates(),
            dashboards,
        };
        domain_names::name_apis(&mut estate, seed, now);
        waf::guard_stages(&mut estate, &mut rng);
        estates.push(estate);
    }
    estates
}

/// AWS: 10,000 requests a second and a burst of half as many, more on request: an account whose cells bear more has
/// asked for it.
fn account_throttle(cells: &[Cell]) -> Throttle {
    const STEP: i64 = 10_000;
    // Of what the cells bear, at the busiest time of day.
    const BUSY_HOUR: f64 = 0.75;
    let capacity: f64 = cells.iter().map(|cell| cell.capacity_rps).sum();
    #[expect(clippy::cast_possible_truncation, reason = "at most a thousand cells of a thousand requests")]
    let steps = (capacity * BUSY_HOUR) as i64 / STEP + 1;
    #[expect(clippy::cast_precision_loss, reason = "a few millions at most")]
    let rate = (steps * STEP) as f64;
    Throttle { rate, burst: steps * STEP / 2 }
}

fn starting_cells(count: usize, rng: &mut StdRng) -> Vec<Cell> {
    (1..=count)
        .map(|number| Cell { id: cell_id(number), capacity_rps: f64::from(rng.random_range(8..=24)) * 50.0 })
        .collect()
}

/// `cell-01`, `cell-02`, ...
fn cell_id(number: usize) -> String {
    format!("cell-{number:02}")
}

fn starting_api(entry: Entry, account_id: &str, cells: &[Cell], rng: &mut StdRng, now: Timestamp) -> Api {
    let api_id = id::random(rng, id::LONG);
    let created = now
        - SignedDuration::from_hours(24 * rng.random_range(90..400))
        - SignedDuration::from_secs(rng.random_range(0..86_400));
    let authorizers = starting_authorizers(&entry, account_id, rng);
    let operations = chosen_operations(&entry, rng);
    let mut methods: Vec<Method> =
        operations.iter().map(|operation| method(operation, &entry, account_id, &authorizers, rng)).collect();
    let contract = contracts::agree(entry.kind, &api_id, &mut methods);
    let resources = if entry.kind == ApiKind::Rest { resource_tree(&methods, rng) } else { Vec::new() };
    let deployments = releases::history(&methods, &authorizers, entry.auto_deploys(), rng, now);
    let capacity = entry.cell.as_ref().and_then(|cell| cells.iter().find(|known| known.id == *cell));
    let stages = stages::starting_stages(&entry, account_id, &deployments, capacity, rng);
    let endpoint = endpoint(&entry, rng);
    Api {
        id: api_id,
        kind: entry.kind,
        description: entry.description(),
        created,
        endpoint,
        settings: ApiSettings::initial(entry.kind, endpoint),
        tags: tags(&entry),
        resources,
        methods,
        authorizers,
        models: contract.models,
        request_validators: contract.request_validators,
        gateway_responses: BTreeMap::new(),
        code: Release::SOUND,
        deployments,
        stages,
        name: entry.name,
        cell: entry.cell,
    }
}

fn endpoint(entry: &Entry, rng: &mut StdRng) -> EndpointType {
    match (entry.kind, entry.name.as_str()) {
        (ApiKind::Rest, "admin") => EndpointType::Private,
        (ApiKind::Rest, _) if rng.random_range(0..4) == 0 => EndpointType::Edge,
        _ => EndpointType::Regional,
    }
}

fn tags(entry: &Entry) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::from([
        ("team".to_owned(), entry.service.team.to_owned()),
        ("environment".to_owned(), "production".to_owned()),
    ]);
    if let (Discovery::Tag, Some(cell)) = (entry.discovery, &entry.cell) {
        tags.insert("CellId".to_owned(), cell.clone());
    }
    tags
}

fn starting_authorizers(entry: &Entry, account_id: &str, rng: &mut StdRng) -> Vec<Authorizer> {
    let service = entry.service;
    let Some(kind) = service.authorizer else { return Vec::new() };
    let (name, provider) = match kind {
        AuthorizerKind::Token | AuthorizerKind::Request => {
            ("session-authorizer", function_arn(account_id, &format!("{}-authorizer", entry.name)))
        }
        AuthorizerKind::Cognito => {
            ("staff-pool", format!("arn:aws:cognito-idp:{REGION}:{account_id}:userpool/{REGION}_Stf4pEXAM"))
        }
        AuthorizerKind::Jwt => {
            ("customer-tokens", format!("https://cognito-idp.{REGION}.amazonaws.com/{REGION}_Cst4pEXAM"))
        }
    };
    vec![Authorizer {
        id: id::random(rng, id::SHORT),
        name: name.to_owned(),
        kind,
        provider,
        result_ttl_seconds: [0, 60, 300][rng.random_range(0..3)],
    }]
}

fn function_arn(account_id: &str, name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{account_id}:function:{name}")
}

/// The first operations of the service; how many of the optional ones varies from API to API.
fn chosen_operations(entry: &Entry, rng: &mut StdRng) -> Vec<Operation> {
    let all = entry.service.operations;
    let fewest = all.len().saturating_sub(3).max(3).min(all.len());
    all[..rng.random_range(fewest..=all.len())].to_vec()
}

fn method(
    operation: &Operation,
    entry: &Entry,
    account_id: &str,
    authorizers: &[Authorizer],
    rng: &mut StdRng,
) -> Method {
    let key = match operation.verb {
        "" => RouteKey::Named(operation.path.to_owned()),
        verb => RouteKey::Http { verb: verb.to_owned(), path: operation.path.to_owned() },
    };
    let authorization = match (operation.access, authorizers.first()) {
        (Access::Iam, _) => Authorization::Iam,
        (Access::Authorizer, Some(authorizer)) => {
            Authorization::Authorizer { id: authorizer.id.clone(), kind: authorizer.kind }
        }
        (Access::Open | Access::Authorizer, _) => Authorization::None,
    };
    let id = id::random(rng, 7);
    Method {
        key,
        api_key_required: entry.service.api_keys && operation.access == Access::Authorizer,
        authorization,
        operation_name: operation.name.to_owned(),
        request_model: None,
        request_validator_id: None,
        integration: Integration {
            id: if entry.kind == ApiKind::Rest { String::new() } else { id.clone() },
            function_arn: function_arn(account_id, &format!("{}-{}", entry.name, operation.name)),
            timeout_ms: [29_000, 29_000, 10_000, 5_000][rng.random_range(0..4)],
        },
        id,
    }
}

/// The resources that the methods' paths need, each once, a parent before its children.
fn resource_tree(methods: &[Method], rng: &mut StdRng) -> Vec<Resource> {
    let mut tree = vec![Resource { id: id::random(rng, id::LONG), parent_id: None, path: "/".to_owned() }];
    for (_, path) in methods.iter().filter_map(|method| method.key.http()) {
        let mut parent = 0;
        let mut reached = String::new();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            reached = format!("{reached}/{part}");
            parent = tree.iter().position(|resource| resource.path == reached).unwrap_or_else(|| {
                let parent_id = Some(tree[parent].id.clone());
                tree.push(Resource { id: id::random(rng, id::SHORT), parent_id, path: reached.clone() });
                tree.len() - 1
            });
        }
    }
    tree
}
