//! Disagreements between sources, and cells that differ from their fleet.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::*;
use crate::domain::api::{Api, ApiFamily, EndpointType};
use crate::domain::cell::{self, CellSource};
use crate::domain::deployment::Deployment;
use crate::domain::estate::RegionSlot;
use crate::domain::id::ApiId;
use crate::domain::inventory::{Generation, News, Update};
use crate::domain::mapping::{CellCount, CustomerCount};
use crate::domain::method::MethodKey;
use crate::domain::stage::{Cache, CacheStatus, MethodSettings, Stage, Throttle};

fn settings() -> CellSettings {
    CellSettings {
        configured: vec![],
        tag: "CellId".into(),
        stage_variable: "cellId".into(),
        api_name: "{CellId}-api".into(),
        id_pattern: "cell-*".into(),
        web_acl: "{CellId}-waf".into(),
        of_regions: vec![],
    }
}

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + day * 86_400).unwrap()
}

fn api(id: &str, name: &str, tag: Option<&str>) -> Api {
    Api {
        id: id.into(),
        name: name.into(),
        kind: ApiKind::Rest,
        description: None,
        created: None,
        endpoint_type: EndpointType::Regional,
        default_endpoint_disabled: false,
        tags: tag.map(|cell| ("CellId".to_owned(), cell.to_owned())).into_iter().collect(),
    }
}

fn stage(api: &Api, cell: &str) -> Stage {
    let throttle = Throttle { rate: Some(100.0), burst: Some(200) };
    let default = MethodSettings { throttle, cache_ttl_seconds: Some(300), ..MethodSettings::default() };
    Stage {
        api: api.id.clone(),
        name: "prod".into(),
        deployment: Some("d1".into()),
        description: None,
        created: None,
        last_updated: None,
        variables: BTreeMap::from([
            ("cellId".to_owned(), cell.to_owned()),
            ("backend".to_owned(), format!("http://{cell}.internal")),
        ]),
        cache: Some(Cache { enabled: true, size: Some("0.5".into()), status: CacheStatus::Available }),
        canary: None,
        settings: BTreeMap::from([(MethodKey::All, default)]),
        auto_deploy: false,
        tracing: Some(true),
        access_log_destination: None,
        web_acl_arn: Some(format!("arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/{cell}-waf/1")),
    }
}

struct World(Estate);

impl World {
    /// Cells with an API each, all alike.
    fn of(cells: &[&str]) -> Self {
        let mut world = Self(Estate::new(1));
        for cell in cells {
            world.add(&api(&format!("id-{cell}"), &format!("{cell}-api"), Some(cell)), cell, |_| {});
        }
        for family in [ApiFamily::V1, ApiFamily::V2] {
            let generation = Generation::default();
            world.told(News::ApisListed { generation, family, outcome: Ok(()) });
        }
        world
    }

    fn told(&mut self, news: News) {
        self.0.apply(Update { slot: RegionSlot(0), at: at(0), news });
    }

    fn add(&mut self, api: &Api, cell: &str, change: impl FnOnce(&mut Stage)) {
        let mut stage = stage(api, cell);
        change(&mut stage);
        self.told(News::ApiPage { generation: Generation::default(), apis: vec![api.clone()] });
        self.told(News::Stages { api: api.id.clone(), outcome: Ok(vec![stage]) });
    }

    fn change(&mut self, cell: &str, change: impl FnOnce(&mut Stage)) {
        let known = self.0.api(RegionSlot(0), &ApiId::new(format!("id-{cell}"))).unwrap().api.clone();
        self.add(&known, cell, change);
    }

    fn mapped(&mut self, cells: &[(&str, u64)]) {
        let counts = cells.iter().map(|(cell, customers)| CellCount {
            cell: (*cell).into(),
            count: Some(CustomerCount { customers: *customers, complete: true }),
        });
        let counts = counts.collect();
        self.told(News::CellCounts(Ok(counts)));
    }

    /// Findings by cell, as text.
    fn found(&self) -> BTreeMap<String, Vec<String>> {
        let cells = cell::discover(&self.0, &settings());
        let found = findings(&self.0, &cells, &settings(), |_| Some(7.0));
        found
            .into_iter()
            .map(|(cell, findings)| (cell.to_string(), findings.iter().map(CellFinding::text).collect()))
            .collect()
    }
}

const FLEET: [&str; 4] = ["cell-01", "cell-02", "cell-03", "cell-04"];

#[test]
fn a_fleet_that_agrees_has_nothing_to_be_found() {
    let mut world = World::of(&FLEET);
    world.mapped(&FLEET.map(|cell| (cell, 10)));
    assert_eq!(world.found(), BTreeMap::new());
    let cells = cell::discover(&world.0, &settings());
    let sources: Vec<CellSource> = cells[&"cell-01".into()].sources.iter().copied().collect();
    let words: Vec<&str> = sources.into_iter().map(CellSource::words).collect();
    assert_eq!(words, ["tag", "API name", "stage variable", "web ACL", "mapping table"]);
}

#[test]
fn traffic_without_a_mapping_and_a_mapping_without_an_api() {
    let mut world = World::of(&FLEET);
    world.mapped(&[("cell-01", 10), ("cell-02", 10), ("cell-03", 10), ("cell-99", 3)]);
    let found = world.found();
    assert_eq!(found["cell-04"], ["7.0 requests/s, but no customer is mapped to it"]);
    assert_eq!(found["cell-99"], ["3 customers are mapped to it, but no API serves it"]);
    assert_eq!(found.len(), 2);

    // Of a large table only a sample tells which cells there are.
    let table = |approximate_items| MappingTable {
        name: "CellMappings".into(),
        status: "ACTIVE".into(),
        approximate_items,
        size_bytes: 0,
        partition_key: None,
        cell_index: None,
        deletion_protection: false,
    };
    world.told(News::MappingTable(Ok(table(1_000))));
    assert_eq!(world.found()["cell-04"], found["cell-04"]);
    world.told(News::MappingTable(Ok(table(100_000))));
    assert_eq!(world.found()["cell-04"], ["7.0 requests/s, but none of 1000 customers is mapped to it"]);

    let fresh = api("id-5", "five", None);
    world.told(News::ApiPage { generation: Generation::default(), apis: vec![fresh] });
    assert!(!world.found().contains_key("cell-99"), "a stage that was not read yet may name the cell");
}

#[test]
fn without_a_mapping_table_nothing_is_said_of_mappings() {
    assert_eq!(World::of(&FLEET).found(), BTreeMap::new());
}

#[test]
fn apis_of_one_name_fold_their_metrics() {
    let mut world = World::of(&FLEET);
    world.add(&api("twin", "cell-02-api", Some("cell-02")), "cell-02", |_| {});
    let found = world.found();
    assert_eq!(found["cell-02"], ["CloudWatch folds the metrics of 2 APIs called cell-02-api into one"]);
    assert_eq!(found.len(), 1);
}

#[test]
fn an_api_in_two_cells_is_told_of_both() {
    let mut world = World::of(&FLEET);
    world.change("cell-03", |stage| {
        stage.variables.insert("cellId".into(), "cell-04".into());
    });
    let found = world.found();
    let text = "cell-03-api is in two cells: cell-03 by its tag, cell-03 by its API name, cell-04 by its stage variable";
    for cell in ["cell-03", "cell-04"] {
        assert!(found[cell].iter().any(|said| said == text), "{found:#?}");
    }
}

#[test]
fn each_setting_that_differs_is_named_with_what_the_others_have() {
    let mut world = World::of(&FLEET);
    world.change("cell-02", |stage| {
        let all = stage.settings.get_mut(&MethodKey::All).unwrap();
        all.throttle.rate = Some(50.0);
        all.cache_ttl_seconds = None;
        all.logging_level = Some("INFO".into());
        stage.tracing = Some(false);
        stage.cache = Some(Cache { enabled: false, size: None, status: CacheStatus::NotAvailable });
        stage.variables.insert("backend".into(), "http://cell-01.internal".into());
        stage.web_acl_arn = None;
        let slow = Throttle { rate: Some(1.0), burst: None };
        let method = MethodKey::Method { path: "/orders".into(), verb: "POST".into() };
        stage.settings.insert(method, MethodSettings { throttle: slow, ..MethodSettings::default() });
    });
    let found = world.found();
    assert_eq!(found.len(), 1, "{found:#?}");
    let said = &found["cell-02"];
    for text in [
        "cell-02-api/prod: throttle rate is 50; 100 in 3 of 4 cells",
        "cell-02-api/prod: cache TTL is not set; 300 s in 3 of 4 cells",
        "cell-02-api/prod: logging level is INFO; not set in 3 of 4 cells",
        "cell-02-api/prod: tracing is off; on in 3 of 4 cells",
        "cell-02-api/prod: cache is off; 0.5 GB in 3 of 4 cells",
        "cell-02-api/prod: variable backend is \"http://cell-01.internal\"; \"http://{CellId}.internal\" in 3 of 4 cells",
        "cell-02-api/prod: web ACL is not set; {CellId}-waf in 3 of 4 cells",
        "cell-02-api/prod: throttle rate of POST /orders is 1; not set in 3 of 4 cells",
    ] {
        assert!(said.iter().any(|own| own == text), "{text} is not in {said:#?}");
    }
}

#[test]
fn without_a_majority_nobody_is_the_odd_one() {
    let mut world = World::of(&FLEET);
    for cell in ["cell-01", "cell-02"] {
        world.change(cell, |stage| stage.tracing = Some(false));
    }
    assert_eq!(world.found(), BTreeMap::new());
    let mut pair = World::of(&["cell-01", "cell-02"]);
    pair.change("cell-02", |stage| stage.tracing = Some(false));
    assert_eq!(pair.found(), BTreeMap::new(), "two are no fleet");
}

#[test]
fn a_deployment_that_is_older_than_the_others_is_told_where_it_was_read() {
    let mut world = World::of(&FLEET);
    for (cell, day) in FLEET.into_iter().zip([30, 30, 2, 30]) {
        let api = ApiId::new(format!("id-{cell}"));
        let deployment = Deployment {
            api: api.clone(),
            id: "d1".into(),
            created: Some(at(day)),
            description: Some(format!("release {day}")),
            status: None,
            auto_deployed: false,
        };
        world.told(News::Deployments { api, outcome: Ok(vec![deployment]) });
    }
    let found = world.found();
    assert_eq!(
        found["cell-03"],
        ["cell-03-api/prod: deployment is of 2027-01-17 (release 2); of about 2027-02-14 in 3 of 4 cells"]
    );
    assert_eq!(found.len(), 1);
}
