//! Cells judged by their figures, limits, alarms and regions.

use super::*;
use crate::domain::alarm::Alarm;
use crate::domain::api::{Api, ApiFamily, ApiKind, EndpointType};
use crate::domain::cell::ConfiguredCell;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::RegionKey;
use crate::domain::inventory::{Generation, News, Update};

const THRESHOLDS: Thresholds = Thresholds { errors_5xx: 0.01, p99_ms: 1_000.0, load: 0.9 };

fn minute() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn series(value: f64) -> Series {
    Series::new(vec![(minute(), value)])
}

fn traffic(requests: f64, errors_5xx: f64, p99: f64) -> TrafficSeries {
    TrafficSeries {
        requests: series(requests),
        errors_4xx: series(0.0),
        errors_5xx: series(errors_5xx),
        p99_ms: series(p99),
    }
}

fn settings(configured: ConfiguredCell) -> CellSettings {
    CellSettings {
        configured: vec![configured],
        tag: "CellId".into(),
        stage_variable: "cellId".into(),
        api_name: "{CellId}-api".into(),
        id_pattern: "cell-*".into(),
        web_acl: "{CellId}-waf".into(),
        of_regions: vec![],
    }
}

fn cell_of(apis: &[&str], capacity: Option<f64>) -> ConfiguredCell {
    ConfiguredCell {
        id: "cell-01".into(),
        capacity,
        customers: None,
        connections: None,
        apis: apis.iter().map(|id| (*id).to_owned()).collect(),
    }
}

fn api(id: &str) -> Api {
    Api {
        id: id.into(),
        name: format!("{id}-name"),
        kind: ApiKind::Http,
        description: None,
        created: None,
        endpoint_type: EndpointType::Regional,
        default_endpoint_disabled: false,
        tags: BTreeMap::new(),
    }
}

fn told(estate: &mut Estate, news: News) {
    estate.apply(Update { slot: RegionSlot(0), at: minute(), news });
}

fn estate(apis: &[&str]) -> Estate {
    let mut estate = Estate::new(1);
    let apis = apis.iter().map(|id| api(id)).collect();
    told(&mut estate, News::ApiPage { generation: Generation(1), apis });
    estate
}

fn one_cell(apis: &[(&str, TrafficSeries)], own: Option<TrafficSeries>, capacity: Option<f64>) -> CellRow {
    let ids: Vec<&str> = apis.iter().map(|(id, _)| *id).collect();
    let signals = Signals {
        minute: Some(minute()),
        apis: apis.iter().map(|(id, series)| (ApiId::new(id), series.clone())).collect(),
        cells: own.into_iter().map(|series| (CellId::new("cell-01"), series)).collect(),
        ..Signals::default()
    };
    let settings = settings(cell_of(&ids, capacity));
    rows(&estate(&ids), &signals, &settings, &THRESHOLDS).remove(0)
}

#[test]
fn a_cell_without_a_metric_of_its_own_shows_its_worst_api_and_says_so() {
    let row = one_cell(&[("a", traffic(600.0, 0.0, 80.0)), ("b", traffic(60.0, 0.0, 300.0))], None, None);
    assert_eq!(row.requests_per_second, Some(11.0));
    assert_eq!(
        row.p99,
        Some(Latency { milliseconds: 300.0, source: LatencySource::WorstApi("b-name".into()) })
    );
    assert_eq!(row.state, CellState::Well);
}

#[test]
fn its_own_metric_wins() {
    let row = one_cell(&[("a", traffic(600.0, 0.0, 80.0))], Some(traffic(1.0, 0.0, 95.0)), None);
    assert_eq!(row.p99, Some(Latency { milliseconds: 95.0, source: LatencySource::CellMetric }));
    assert_eq!(row.requests_per_second, Some(10.0), "counts still come from the APIs");
}

#[test]
fn states() {
    assert_eq!(one_cell(&[("a", traffic(600.0, 6.0, 80.0))], None, None).state, CellState::Errors);
    assert_eq!(one_cell(&[("a", traffic(600.0, 5.9, 80.0))], None, None).state, CellState::Well);
    assert_eq!(one_cell(&[("a", traffic(600.0, 0.0, 1_000.0))], None, None).state, CellState::Slow);
    assert_eq!(one_cell(&[("a", traffic(600.0, 0.0, 80.0))], None, Some(11.0)).state, CellState::Full);
    assert_eq!(one_cell(&[], None, None).state, CellState::Silent);
}

#[test]
fn a_cell_is_full_of_whatever_it_has_least_of() {
    let mut estate = estate(&["a"]);
    let count = |customers| Some(CustomerCount { customers, complete: true });
    let counted = |count| vec![CellCount { cell: "cell-01".into(), count }];
    told(&mut estate, News::CellCounts(Ok(counted(count(930)))));
    told(&mut estate, News::ConnectionCounts(Ok(counted(count(10)))));
    let configured =
        ConfiguredCell { customers: Some(1_000), connections: Some(100), ..cell_of(&["a"], Some(100.0)) };
    let signals = Signals {
        minute: Some(minute()),
        apis: [("a".into(), traffic(600.0, 0.0, 80.0))].into(),
        ..Signals::default()
    };
    let row = rows(&estate, &signals, &settings(configured), &THRESHOLDS).remove(0);
    assert_eq!((row.state, row.load), (CellState::Full, Some(0.93)));
    assert_eq!(row.saturation.worst().map(|(resource, _)| resource), Some(Resource::Customers));
    assert_eq!(row.saturation.of_resource(Resource::Requests), Some(0.1));
    assert_eq!(row.saturation.of_resource(Resource::Connections), Some(0.1));
}

#[test]
fn an_alarm_marks_a_cell_whose_figures_are_well() {
    let alarm = |name: &str, dimension: (&str, &str)| Alarm {
        name: name.into(),
        dimensions: vec![(dimension.0.into(), dimension.1.into())],
        since: None,
    };
    let signals = Signals {
        minute: Some(minute()),
        apis: [("a".into(), traffic(600.0, 0.0, 80.0))].into(),
        alarms: [(
            RegionSlot(0),
            vec![
                alarm("too-slow", ("ApiId", "a")),
                alarm("blocks", ("WebACL", "cell-01-waf")),
                alarm("another's", ("ApiId", "b")),
                alarm("cell-011-5xx", ("ApiName", "cell-011-api")),
            ],
        )]
        .into(),
        ..Signals::default()
    };
    let row = rows(&estate(&["a"]), &signals, &settings(cell_of(&["a"], None)), &THRESHOLDS).remove(0);
    assert_eq!(row.alarms, Some(vec!["blocks".to_owned(), "too-slow".to_owned()]));
    assert_eq!(row.state, CellState::Alarm);
    // Not read here, whatever was read elsewhere.
    for alarms in [BTreeMap::new(), [(RegionSlot(1), vec![])].into()] {
        let unread = Signals { alarms, ..signals.clone() };
        let row = rows(&estate(&["a"]), &unread, &settings(cell_of(&["a"], None)), &THRESHOLDS).remove(0);
        assert_eq!((row.alarms, row.state), (None, CellState::Well), "not read is not none");
    }
}

#[test]
fn a_region_that_cannot_be_reached_greys_its_cells_and_no_others() {
    let gone = || Failure::new("GetCallerIdentity", "", FailureKind::Unreachable, "no connection");
    let mut estate = Estate::new(2);
    let page = News::ApiPage { generation: Generation(1), apis: vec![api("a")] };
    told(&mut estate, page);
    estate.apply(Update { slot: RegionSlot(1), at: minute(), news: News::Connected(Err(gone())) });
    let mut settings = settings(cell_of(&["a"], None));
    settings.of_regions = vec![vec![], vec!["cell-07".into()]];
    let signals = Signals {
        minute: Some(minute()),
        apis: [("a".into(), traffic(600.0, 0.0, 80.0))].into(),
        ..Signals::default()
    };
    let states = |estate: &Estate, signals: &Signals| -> BTreeMap<String, CellState> {
        let rows = rows(estate, signals, &settings, &THRESHOLDS);
        rows.into_iter().map(|row| (row.id.to_string(), row.state)).collect()
    };
    let expected = |one, seven| BTreeMap::from([("cell-01".to_owned(), one), ("cell-07".to_owned(), seven)]);
    assert_eq!(states(&estate, &signals), expected(CellState::Well, CellState::Unseen));

    for family in [ApiFamily::V1, ApiFamily::V2] {
        told(&mut estate, News::Connected(Ok(connected())));
        let listed = News::ApisListed { generation: Generation(2), family, outcome: Err(gone()) };
        told(&mut estate, listed);
    }
    assert_eq!(states(&estate, &signals), expected(CellState::Unseen, CellState::Unseen), "last known");
}

fn connected() -> crate::domain::inventory::Connected {
    crate::domain::inventory::Connected {
        key: crate::domain::identity::RegionKey {
            account: "123456789012".into(),
            region: "eu-west-1".into(),
        },
        arn: "arn:aws:iam::123456789012:user/operator".into(),
    }
}

#[test]
fn blocked_requests_are_none_without_a_web_acl_and_zero_with_one_that_blocks_nothing() {
    let mut estate = estate(&["a"]);
    let signals = |blocked: Option<f64>| Signals {
        minute: Some(minute()),
        apis: [("a".into(), traffic(600.0, 0.0, 80.0))].into(),
        blocked: blocked.into_iter().map(|value| ("cell-01".into(), series(value))).collect(),
        ..Signals::default()
    };
    let settings = settings(cell_of(&["a"], None));
    let row = |estate: &Estate, signals: &Signals| rows(estate, signals, &settings, &THRESHOLDS).remove(0);
    assert_eq!(row(&estate, &signals(None)).blocked_per_minute, None);
    told(&mut estate, News::BlockingCells(Ok([CellId::new("cell-01")].into())));
    assert_eq!(row(&estate, &signals(None)).blocked_per_minute, Some(0.0));
    assert_eq!(row(&estate, &signals(Some(42.0))).blocked_per_minute, Some(42.0));
}

#[test]
fn figures_of_two_regions_are_added_up_and_those_of_one_told_twice_are_not() {
    let of = |region: &str, requests: f64, p99: f64| {
        let highest = Highest {
            requests_per_second: requests / 60.0,
            hour: minute(),
            since: minute(),
            read_at: minute(),
        };
        Signals {
            regions: [RegionKey { account: "123456789012".into(), region: region.into() }].into(),
            minute: Some(minute()),
            cells: [("cell-01".into(), traffic(requests, 0.0, p99))].into(),
            blocked: [("cell-01".into(), series(requests))].into(),
            highest: [("cell-01".into(), highest)].into(),
            ..Signals::default()
        }
    };
    let row = |second: &str| {
        let mut signals = of("eu-west-1", 600.0, 900.0);
        signals.merge(RegionSlot(1), of(second, 60.0, 80.0));
        rows(&estate(&[]), &signals, &settings(cell_of(&[], None)), &THRESHOLDS).remove(0)
    };
    let both = row("us-east-1");
    assert_eq!(both.requests_per_second, Some(11.0));
    assert_eq!(both.p99.as_ref().map(|p99| p99.milliseconds), Some(900.0), "the slower region");
    assert_eq!((both.blocked_per_minute, both.load_of_highest()), (Some(660.0), Some(1.0)));
    let once = row("eu-west-1");
    assert_eq!(once.requests_per_second, Some(10.0), "two sessions of one region");
    assert_eq!(once.blocked_per_minute, Some(600.0));
}

#[test]
fn an_api_that_two_sessions_list_counts_once() {
    let mut estate = Estate::new(2);
    for slot in [RegionSlot(0), RegionSlot(1)] {
        let news = News::ApiPage { generation: Generation(1), apis: vec![api("a")] };
        estate.apply(Update { slot, at: minute(), news });
    }
    let signals = Signals {
        minute: Some(minute()),
        apis: [("a".into(), traffic(600.0, 0.0, 80.0))].into(),
        ..Signals::default()
    };
    let row = rows(&estate, &signals, &settings(cell_of(&["a"], None)), &THRESHOLDS).remove(0);
    assert_eq!((row.cell.apis.len(), row.requests_per_second), (2, Some(10.0)));
}
