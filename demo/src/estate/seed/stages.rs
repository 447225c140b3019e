//! The stages that an API starts with.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use rand::Rng;
use rand::rngs::StdRng;

use super::super::{
    AccessLog, ApiKind, Cache, CacheSize, Cell, Deployment, MethodSetting, MethodSettings, REGION, RouteKey,
    Stage, Throttle,
};
use super::roster::{Discovery, Entry};

/// A line of the access logs: JSON, with numbers where a filter shall compare them.
const ACCESS_LOG_FORMAT: &str = concat!(
    r#"{"requestId":"$context.requestId","ip":"$context.identity.sourceIp","#,
    r#""requestTimeEpoch":$context.requestTimeEpoch,"httpMethod":"$context.httpMethod","#,
    r#""resourcePath":"$context.resourcePath","path":"$context.path","routeKey":"$context.routeKey","#,
    r#""status":$context.status,"protocol":"$context.protocol","responseLength":$context.responseLength,"#,
    r#""responseLatency":$context.responseLatency,"integrationLatency":"$context.integration.latency","#,
    r#""apiKeyId":"$context.identity.apiKeyId","principalId":"$context.authorizer.principalId","#,
    r#""errorType":"$context.error.responseType","wafResponseCode":"$context.wafResponseCode"}"#,
);

/// `prod` for a REST API, on some `beta` too; `$default` for an HTTP API without a cell.
pub fn starting_stages(
    entry: &Entry,
    account_id: &str,
    deployments: &[Deployment],
    cell: Option<&Cell>,
    rng: &mut StdRng,
) -> Vec<Stage> {
    let Some(newest) = deployments.first() else { return Vec::new() };
    let name = if entry.auto_deploys() { "$default" } else { "prod" };
    let mut stages = vec![stage(
        entry,
        account_id,
        name,
        deployments.get(usize::from(!entry.auto_deploys() && rng.random_range(0..4) == 0)).unwrap_or(newest),
    )];
    stages[0].settings = settings(entry, cell, rng);
    if caches(entry) {
        stages[0].cache = Cache::on(CacheSize::SMALLEST);
    }
    if entry.kind == ApiKind::Rest && entry.cell.is_some() && entry.ordinal.is_multiple_of(3) {
        stages.push(stage(entry, account_id, "beta", newest));
    }
    stages
}

/// Most of the cells' REST APIs have a cache, every fourth has none; the router has one, since hardly anybody moves.
fn caches(entry: &Entry) -> bool {
    let of_cell = entry.discovery == Discovery::Name && entry.ordinal % 4 != 3;
    entry.kind == ApiKind::Rest && (of_cell || entry.name == "router")
}

fn stage(entry: &Entry, account_id: &str, name: &str, deployment: &Deployment) -> Stage {
    let mut variables = BTreeMap::new();
    match (entry.discovery, &entry.cell) {
        (Discovery::StageVariable, Some(cell)) => {
            variables.insert("cellId".to_owned(), cell.clone());
        }
        (Discovery::Name, _) => {
            variables
                .insert("functionAlias".to_owned(), if name == "beta" { "beta" } else { "live" }.to_owned());
            variables.insert("orderTable".to_owned(), format!("orders-{name}"));
        }
        _ => {}
    }
    Stage {
        name: name.to_owned(),
        deployment_id: deployment.id.clone(),
        description: format!(
            "{} {}",
            entry.service.purpose,
            if name == "beta" { "before release" } else { "in production" }
        ),
        created: deployment.created - SignedDuration::from_hours(24 * 60),
        last_updated: deployment.created,
        variables,
        tags: BTreeMap::from([("team".to_owned(), entry.service.team.to_owned())]),
        cache: Cache::off(),
        authorizers_emptied_at: None,
        settings: MethodSettings::default(),
        auto_deploy: entry.auto_deploys(),
        managed: entry.auto_deploys() && entry.name == "status",
        tracing_enabled: entry.kind == ApiKind::Rest && entry.ordinal.is_multiple_of(2),
        access_log: (entry.ordinal % 5 != 4).then(|| AccessLog {
            destination_arn: format!(
                "arn:aws:logs:{REGION}:{account_id}:log-group:/aws/apigateway/{}/{}",
                entry.name,
                // AWS: a dollar sign is not for the names of log groups.
                name.trim_start_matches('$')
            ),
            format: ACCESS_LOG_FORMAT.to_owned(),
        }),
        canary: None,
        client_certificate_id: None,
        documentation_version: None,
        web_acl_arn: None,
    }
}

/// A throttle well above what the cell bears, so that only a flood meets it, and on some APIs a tighter
/// one for the method that writes.
fn settings(entry: &Entry, cell: Option<&Cell>, rng: &mut StdRng) -> MethodSettings {
    let rate = cell.map_or(2_000.0, |cell| cell.capacity_rps * 1.5);
    let default = MethodSetting {
        logging_level: "ERROR".to_owned(),
        throttle: Throttle { rate, burst: 3_000 },
        caching_enabled: caches(entry),
        cache_ttl_seconds: [60, 300, 300, 600][rng.random_range(0..4)],
        ..MethodSetting::initial()
    };
    let mut overrides = BTreeMap::new();
    if entry.discovery == Discovery::Name && entry.ordinal % 2 == 1 {
        let key = RouteKey::Http { verb: "POST".to_owned(), path: "/orders".to_owned() };
        let throttle = Throttle { rate: rate / 2.0, burst: 1_000 };
        overrides.insert(key, MethodSetting { throttle, caching_enabled: false, ..default.clone() });
    }
    MethodSettings { default: Some(default), overrides }
}
