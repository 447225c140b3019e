//! An estate for screens: twelve cells of which some are not well, thirty APIs of all kinds, and an
//! hour of traffic. The same each time.

#![expect(clippy::cast_precision_loss, clippy::cast_possible_wrap, reason = "small numbers of a fixture")]

use std::collections::{BTreeMap, BTreeSet};

use cellgate::domain::api::{Api, ApiFamily, ApiKind, ApiOperation, Authorizer, EndpointType};
use cellgate::domain::cell::{CellSettings, ConfiguredCell};
use cellgate::domain::deployment::Deployment;
use cellgate::domain::estate::RegionSlot;
use cellgate::domain::fleet::{Signals, Thresholds, TrafficSeries};
use cellgate::domain::id::{ApiId, CellId};
use cellgate::domain::identity::RegionKey;
use cellgate::domain::inventory::{Connected, Generation, News};
use cellgate::domain::mapping::{CellCount, CustomerCount, MappingTable};
use cellgate::domain::method::MethodKey;
use cellgate::domain::signal::{Series, StageTraffic, floor_to_minute};
use cellgate::domain::stage::{Cache, CacheStatus, Canary, MethodSettings, Stage, Throttle};
use jiff::{SignedDuration, Timestamp};

use super::protection;

pub const SLOT: RegionSlot = RegionSlot(0);
pub const CELLS: usize = 12;

/// 2026-11-20 14:03:22 UTC, a Friday afternoon.
pub fn now() -> Timestamp {
    "2026-11-20T14:03:22Z".parse().expect("a time")
}

pub fn thresholds() -> Thresholds {
    Thresholds { errors_5xx: 0.01, p99_ms: 1_000.0, load: 0.9 }
}

/// Every cell has a capacity of 2,000 requests per second.
pub fn cell_settings() -> CellSettings {
    let configured = (1..=CELLS)
        .map(|number| ConfiguredCell {
            id: cell_id(number),
            capacity: Some(2_000.0),
            customers: None,
            connections: None,
            apis: vec![],
        })
        .collect();
    CellSettings {
        configured,
        tag: "CellId".into(),
        stage_variable: "cellId".into(),
        api_name: "{CellId}-api".into(),
        id_pattern: "cell-*".into(),
        web_acl: "{CellId}-waf".into(),
        of_regions: Vec::new(),
    }
}

pub fn cell_id(number: usize) -> CellId {
    CellId::new(format!("cell-{number:02}"))
}

fn api_id(number: usize) -> ApiId {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut state = number as u64 * 7_919 + 13;
    let text: String = (0..10)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(LETTERS[(state >> 33) as usize % LETTERS.len()])
        })
        .collect();
    ApiId::new(text)
}

fn api(number: usize, name: &str, kind: ApiKind, cell: Option<usize>) -> Api {
    let tags = cell.map(|cell| ("CellId".to_owned(), cell_id(cell).to_string())).into_iter().collect();
    Api {
        id: api_id(number),
        name: name.to_owned(),
        kind,
        description: (number.is_multiple_of(3)).then(|| format!("{name} for customers")),
        created: Some(now() - SignedDuration::from_hours(24 * (20 + number as i64 * 11))),
        endpoint_type: if number % 7 == 3 { EndpointType::Edge } else { EndpointType::Regional },
        default_endpoint_disabled: number.is_multiple_of(5),
        tags,
    }
}

/// Twelve APIs named after their cells, and eighteen others.
pub fn apis() -> Vec<Api> {
    let mut apis: Vec<Api> = (1..=CELLS)
        .map(|cell| api(cell, &format!("cell-{cell:02}-api"), ApiKind::Rest, Some(cell)))
        .collect();
    let others = [
        ("orders-api", ApiKind::Rest, Some(7)),
        ("orders-api-beta", ApiKind::Rest, Some(7)),
        ("payments-api", ApiKind::Rest, Some(1)),
        ("catalogue-api", ApiKind::Http, Some(2)),
        ("search-api", ApiKind::Http, Some(3)),
        ("profile-api", ApiKind::Http, Some(4)),
        ("notify-sockets", ApiKind::WebSocket, Some(7)),
        ("live-prices-sockets", ApiKind::WebSocket, Some(5)),
        ("router-api", ApiKind::Http, None),
        ("admin-api", ApiKind::Rest, None),
        ("billing-api", ApiKind::Rest, Some(8)),
        ("shipping-api", ApiKind::Rest, Some(9)),
        ("returns-api", ApiKind::Http, Some(10)),
        ("stock-api", ApiKind::Http, Some(11)),
        ("reviews-api", ApiKind::Http, Some(12)),
        ("partners-api-with-a-rather-long-name", ApiKind::Rest, Some(6)),
        ("webhooks-api", ApiKind::Http, None),
        ("health-api", ApiKind::Http, None),
    ];
    for (place, (name, kind, cell)) in others.into_iter().enumerate() {
        apis.push(api(CELLS + 1 + place, name, kind, cell));
    }
    apis
}

pub fn stages(number: usize, api: &Api) -> Vec<Stage> {
    let names: &[&str] = if api.kind == ApiKind::Rest { &["prod", "staging"] } else { &["$default"] };
    let stage = |(place, name): (usize, &&str)| {
        let rest = api.kind == ApiKind::Rest;
        let cached = rest && *name == "prod";
        let busy = api.name == "orders-api" && cached;
        let throttle = Throttle { rate: rest.then_some(2_000.0), burst: rest.then_some(4_000) };
        Stage {
            api: api.id.clone(),
            name: (*name).into(),
            deployment: Some(deployments(number, api)[place].id.clone()),
            description: None,
            created: api.created,
            last_updated: Some(now() - SignedDuration::from_mins(23 + number as i64 * 97)),
            variables: if busy {
                BTreeMap::from([("cellId".into(), "cell-07".into()), ("backend".into(), "orders-v4".into())])
            } else {
                BTreeMap::new()
            },
            cache: rest.then(|| Cache {
                enabled: cached,
                size: cached.then(|| "0.5".to_owned()),
                status: if cached { CacheStatus::Available } else { CacheStatus::NotAvailable },
            }),
            canary: busy.then(|| Canary {
                deployment: Some(deployments(number, api)[1].id.clone()),
                percent_traffic: 10.0,
                use_stage_cache: true,
            }),
            settings: settings(throttle, busy),
            auto_deploy: !rest,
            tracing: rest.then_some(true),
            access_log_destination: busy
                .then(|| "arn:aws:logs:eu-west-1:123456789012:log-group:/cells/07/orders:*".to_owned()),
            web_acl_arn: cached.then(|| protection::ORDERS_ACL.to_owned()),
        }
    };
    names.iter().enumerate().map(stage).collect()
}

/// A stage's default, and where it is busy two methods with their own: one is slow, one is closed.
fn settings(throttle: Throttle, busy: bool) -> BTreeMap<MethodKey, MethodSettings> {
    let default = MethodSettings {
        throttle,
        caching: busy,
        cache_ttl_seconds: Some(300),
        logging_level: busy.then(|| "ERROR".to_owned()),
        detailed_metrics: busy,
        ..MethodSettings::default()
    };
    let mut settings = BTreeMap::from([(MethodKey::All, default.clone())]);
    if busy {
        let method = |verb: &str, path: &str| MethodKey::Method { path: path.into(), verb: verb.into() };
        let slow = MethodSettings { throttle: protection::throttle(50.0, 100), ..default.clone() };
        let closed = MethodSettings { throttle: protection::throttle(0.0, 0), caching: false, ..default };
        settings.insert(method("GET", "/orders/search"), slow);
        settings.insert(method("POST", "/orders"), closed);
    }
    settings
}

/// Newest first.
pub fn deployments(number: usize, api: &Api) -> Vec<Deployment> {
    (0..4)
        .map(|back| Deployment {
            api: api.id.clone(),
            id: api_id(1_000 + number * 10 + back).as_str()[..6].into(),
            created: Some(now() - SignedDuration::from_mins(23 + (back * back * 1_900) as i64)),
            description: Some(
                ["release 4.18 by ci", "release 4.17 by ci", "hotfix for the cart", "first"][back].into(),
            ),
            status: (api.kind != ApiKind::Rest).then(|| "DEPLOYED".to_owned()),
            auto_deployed: api.kind != ApiKind::Rest,
        })
        .collect()
}

pub fn authorizers() -> Vec<Authorizer> {
    vec![Authorizer {
        id: "au1th2".into(),
        name: "customer-token".into(),
        kind: "TOKEN".into(),
        result_ttl_seconds: Some(300),
    }]
}

pub fn operations() -> Vec<ApiOperation> {
    [("GET /orders", "CUSTOM", false), ("POST /orders", "CUSTOM", true), ("GET /health", "NONE", false)]
        .map(|(name, authorization, api_key_required)| ApiOperation {
            name: name.into(),
            authorization: Some(authorization.into()),
            api_key_required,
        })
        .into()
}

pub fn connected() -> Connected {
    Connected {
        key: RegionKey { account: "123456789012".into(), region: "eu-west-1".into() },
        arn: "arn:aws:sts::123456789012:assumed-role/on-call/mira".into(),
    }
}

/// What a whole reading of the inventory reports, in the order in which it arrives.
pub fn inventory(generation: Generation) -> Vec<News> {
    let all = apis();
    let (v1, v2): (Vec<Api>, Vec<Api>) = all.iter().cloned().partition(|api| api.kind == ApiKind::Rest);
    let mut news = vec![
        News::ApiPage { generation, apis: v1 },
        News::ApisListed { generation, family: ApiFamily::V1, outcome: Ok(()) },
        News::ApiPage { generation, apis: v2 },
        News::ApisListed { generation, family: ApiFamily::V2, outcome: Ok(()) },
    ];
    news.extend(
        all.iter()
            .enumerate()
            .map(|(number, api)| News::Stages { api: api.id.clone(), outcome: Ok(stages(number, api)) }),
    );
    news.push(News::MappingTable(Ok(MappingTable {
        name: "CellMappings".into(),
        status: "ACTIVE".into(),
        approximate_items: 5_000,
        size_bytes: 400_000,
        partition_key: Some("CustomerId".into()),
        cell_index: Some("CellIndex".into()),
        deletion_protection: true,
    })));
    news.push(News::CellCounts(Ok((1..=CELLS)
        .map(|cell| CellCount {
            cell: cell_id(cell),
            count: Some(CustomerCount { customers: 3_700 + (cell as u64 * 397) % 900, complete: cell != 3 }),
        })
        .collect())));
    news.push(News::AccountThrottle(Ok(protection::throttle(10_000.0, 5_000))));
    news.push(News::UsagePlans(Ok(protection::plans())));
    news.push(News::MetricCells(Ok(BTreeSet::from([cell_id(1), cell_id(2)]))));
    news
}

/// The parts of one API that are read when someone looks at it.
pub fn parts(number: usize, api: &Api) -> Vec<News> {
    vec![
        News::Stages { api: api.id.clone(), outcome: Ok(stages(number, api)) },
        News::Deployments { api: api.id.clone(), outcome: Ok(deployments(number, api)) },
        News::Operations { api: api.id.clone(), outcome: Ok(operations()) },
        News::Authorizers { api: api.id.clone(), outcome: Ok(authorizers()) },
    ]
}

/// A figure of the last hour that swings and drifts a little, minute by minute up to `until`.
fn hour(until: Timestamp, seed: usize, figure: impl Fn(i64, f64) -> f64) -> Series {
    let points = (0..60_i64).map(|minute| {
        let swing = ((minute as f64 / 9.0 + seed as f64).sin() + (minute as f64 / 3.1).cos() * 0.3) * 0.08;
        (until - SignedDuration::from_mins(59 - minute), figure(minute, 1.0 + swing))
    });
    Series::new(points.collect())
}

/// The newest minute of the figures.
pub fn figures_minute() -> Timestamp {
    floor_to_minute(now()) - SignedDuration::from_mins(1)
}

/// Cell 7 answers 5xx for twenty minutes, cell 12 is slow, cell 3 is full; cell 6 had no traffic.
pub fn signals() -> Signals {
    let until = figures_minute();
    let mut signals = Signals { minute: Some(until), ..Signals::default() };
    for (place, api) in apis().iter().enumerate() {
        let number = place + 1;
        if number == 6 || api.name.starts_with("partners") {
            continue;
        }
        let per_second = match number {
            3 => 1_700.0,
            1..=CELLS => 500.0 + ((number * 137) % 700) as f64,
            _ => 20.0 + ((number * 61) % 190) as f64,
        };
        let requests = hour(until, number, |_, swing| (per_second * 60.0 * swing).round());
        let errors_5xx = hour(until, number, |minute, swing| {
            let share = if number == 7 && minute > 38 { 0.052 } else { 0.0003 };
            (per_second * 60.0 * swing * share).round()
        });
        let errors_4xx = hour(until, number, |_, swing| (per_second * 0.5 * swing).round());
        let p99_ms = hour(until, number, |minute, swing| match number {
            12 => 900.0 + minute as f64 * 37.0 * swing,
            7 => 1_240.0 * swing,
            3 => 410.0 * swing,
            _ => (140.0 + number as f64 * 9.0) * swing,
        });
        signals.apis.insert(api.id.clone(), TrafficSeries { requests, errors_4xx, errors_5xx, p99_ms });
    }
    for cell in [1, 2] {
        let p99_ms = hour(until, cell, |_, swing| 220.0 * swing);
        signals.cells.insert(cell_id(cell), TrafficSeries { p99_ms, ..TrafficSeries::default() });
    }
    signals
}

/// A stage whose cache was flushed six minutes ago: hits fell, misses rose, and come back.
pub fn stage_traffic() -> StageTraffic {
    let until = figures_minute();
    let share = |minute: i64| match 59 - minute {
        6 => 0.05,
        back @ 1..6 => 0.75 - back as f64 * 0.12,
        _ => 0.78,
    };
    StageTraffic {
        minute: Some(until),
        requests: hour(until, 7, |_, swing| (14_000.0 * swing).round()),
        errors_5xx: hour(until, 7, |_, _| 0.0),
        cache_hits: hour(until, 7, |minute, swing| (12_000.0 * swing * share(minute)).round()),
        cache_misses: hour(until, 7, |minute, swing| (12_000.0 * swing * (1.0 - share(minute))).round()),
        p99_ms: hour(until, 7, |_, swing| 180.0 * swing),
    }
}
