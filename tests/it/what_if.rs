//! What a plan says a throttle would have done to the traffic of the last hour.

mod sampled;

use cellgate::domain::change::{Plan, Risk, Target};
use cellgate::domain::estate::RegionSlot;
use cellgate::domain::figures::{count, rate};
use cellgate::domain::levers::{CacheWanted, Wanted};
use cellgate::domain::method::MethodKey;
use cellgate::domain::signal::{MetricIdentity, MetricQuery, Statistic, TimeWindow};
use cellgate::domain::what_if::WhatIf;
use cellgate::ops::change::{self, Asked, Grounds};
use jiff::SignedDuration;

use crate::support::binary::cellgate;
use crate::support::desk::Desk;
use crate::support::fault_proxy::{Fault, Occurrence};
use crate::support::home::Home;
use crate::support::region::Region;

const STAGE: &str = "cell-01-api/prod";

fn plan(desk: &Desk, rate: f64, burst: i64) -> Plan {
    let wanted = Wanted::SetThrottle { method: MethodKey::All, rate: Some(rate), burst: Some(burst) };
    desk.plan(STAGE, &wanted).unwrap()
}

fn forecast(desk: &Desk, rate: f64, burst: i64) -> WhatIf {
    plan(desk, rate, burst).what_if.expect("a forecast")
}

#[test]
fn the_hour_before_is_replayed() {
    let desk = Desk::new();
    let closed = forecast(&desk, 0.0, 0);
    assert_eq!(closed.minutes, 60);
    assert!(closed.arrived > 1_000, "{closed:?}");
    assert_eq!((closed.proposed.least, closed.proposed.most), (closed.arrived, closed.arrived));
    assert_eq!(closed.by_whom, "unknown");
    assert!(closed.method.contains("token bucket") && closed.limits.contains("bursts"), "{closed:?}");

    // The requests are those that CloudWatch counted, asked for in another way.
    let start = closed.until - SignedDuration::from_mins(60);
    let dimensions =
        vec![("ApiName".to_owned(), "cell-01-api".to_owned()), ("Stage".to_owned(), "prod".to_owned())];
    let metric = MetricIdentity { namespace: "AWS/ApiGateway".into(), name: "Count".into(), dimensions };
    let query = MetricQuery { metric, statistic: Statistic::Sum };
    let window = TimeWindow { start, end: closed.until };
    let answers = desk.runtime.block_on(desk.session.metric_data(&[query], window)).unwrap();
    let counted: f64 = answers[0].series.points().iter().map(|(_, value)| value).sum();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let arrived = closed.arrived as f64;
    assert!((counted - arrived).abs() < 0.5, "{counted} {closed:?}");

    let wide = forecast(&desk, 9_000.0, 4_999);
    assert_eq!((wide.arrived, wide.proposed.least), (closed.arrived, 0));
    let narrow = forecast(&desk, 2.0, 10);
    assert!(narrow.proposed.least <= narrow.proposed.most);
    assert!(narrow.proposed.most > wide.proposed.most && narrow.proposed.most < narrow.arrived, "{narrow:?}");
    assert_eq!(narrow.now, wide.now, "the throttle as it is doesn't depend on the one proposed");
}

#[test]
fn a_throttle_below_the_traffic_is_high_and_says_so_in_figures() {
    let desk = Desk::new();
    let wide = plan(&desk, 9_000.0, 4_999);
    assert_eq!(wide.risk, Risk::Low, "{:?}", wide.warnings);
    let now = wide.what_if.as_ref().unwrap().recent_per_second;
    let of_stage = wide.blast_radius.requests_per_second.unwrap();
    assert!(now > 1.0 && (now - of_stage).abs() < of_stage, "{now} {of_stage}");

    let below = plan(&desk, 0.5, 10);
    assert_eq!(below.risk, Risk::High);
    let figures = format!("{} requests/s now, 0.5/s wanted for each of", rate(now));
    assert!(below.warnings[0].starts_with(&figures), "{figures}: {:?}", below.warnings);
    assert!(below.warnings[0].contains("would be refused"), "{:?}", below.warnings);

    // The way back lets more through, whatever it goes on refusing.
    let change = desk.done(&below);
    let looser = plan(&desk, 0.6, 10);
    assert_eq!(looser.risk, Risk::Low, "{:?}", looser.warnings);
    assert!(looser.what_if.unwrap().proposed.most > 0);
    let undo = desk.plan_undo(&change).unwrap();
    assert!(!undo.warnings.iter().any(|said| said.contains("wanted")), "{:?}", undo.warnings);
}

#[test]
fn a_cache_that_is_turned_off_says_how_much_reaches_the_backend() {
    let desk = Desk::new();
    let off = desk.plan(STAGE, &Wanted::Cache(CacheWanted::Off)).unwrap();
    let shifted = off.blast_radius.shifted_to_backend_per_second.unwrap();
    assert!(shifted > 0.1, "{:?}", off.blast_radius);
    let said = format!("the cache answers {} requests/s now", rate(shifted));
    assert!(off.warnings[0].starts_with(&said), "{said}: {:?}", off.warnings);
}

#[test]
fn the_access_logs_tell_whose_requests_would_be_refused() {
    let desk = Desk::new();
    let (estate, api, stage) = desk.stage(STAGE);
    let region = estate.region(RegionSlot(0)).unwrap();
    let grounds = Grounds { region, api: Some(&api), history: &[], clock: &desk.clock, production_tag: None };
    let target = Target::stage_of(api.kind, stage);
    let asked = Asked { by_whom: true };
    let tell = |wanted: &Wanted| {
        desk.runtime.block_on(change::plan_with(&desk.session, &target, wanted, asked, &grounds)).unwrap()
    };
    let set = |rate| Wanted::SetThrottle { method: MethodKey::All, rate: Some(rate), burst: Some(5) };
    let plan = tell(&set(0.1));
    let told = plan.what_if.unwrap_or_else(|| panic!("{:?}", plan.warnings));
    assert!(told.by_whom.starts_with("by API key in "), "{:?} {:?}", told.by_whom, plan.warnings);
    assert!((1..=24).contains(&desk.region.count("FilterLogEvents")), "it is bounded");
    let names: Vec<String> =
        desk.region.estate().api_keys.iter().map(|key| format!("{} ({})", key.name, key.id)).collect();
    assert!(!told.callers.is_empty(), "{told:?}");
    for caller in &told.callers {
        assert!(names.contains(&caller.who), "{} is no key of the region", caller.who);
        assert!(caller.refused.least <= caller.refused.most && caller.refused.most <= caller.arrived);
    }
    // What the logs tell lies within what the minutes alone tell.
    let unknown = forecast(&desk, 0.1, 5);
    assert!(told.minutes <= unknown.minutes && told.proposed.least <= told.proposed.most, "{told:?}");
    if told.minutes == unknown.minutes {
        assert!(told.proposed.least >= unknown.proposed.least, "{told:?} {unknown:?}");
    }

    desk.proxy.inject("FilterLogEvents", Occurrence::Every, Fault::AccessDenied);
    let denied = tell(&set(0.2));
    assert_eq!(denied.what_if.unwrap().by_whom, "unknown");
    let says = "whose requests these are is unknown: ";
    assert!(denied.warnings.iter().any(|said| said.starts_with(says)), "{:?}", denied.warnings);
}

#[test]
fn a_method_without_metrics_of_its_own_is_unknown() {
    let desk = Desk::new();
    let method = MethodKey::Method { path: "/nowhere".to_owned(), verb: "GET".to_owned() };
    let plan = desk.plan(STAGE, &Wanted::SetThrottle { method, rate: Some(5.0), burst: None }).unwrap();
    assert_eq!(plan.what_if, None);
    let says = "unknown: CloudWatch has no requests of GET /nowhere";
    assert!(plan.warnings.iter().any(|warning| warning.contains(says)), "{:?}", plan.warnings);
}

#[test]
fn a_dry_run_shows_it() {
    // Standing time: both runs replay the same hour.
    let region = Region::at("2026-11-20T14:03:30Z");
    let mut home = Home::new();
    home.set("AWS_ENDPOINT_URL", &region.endpoint_url());
    let command = ["throttle", "set", STAGE, "--rate", "3", "--burst", "5", "--dry-run"];
    let text = cellgate(&home, command).stdout;
    let shown: Vec<&str> = text.lines().filter(|line| line.starts_with("  what if")).collect();
    assert!(shown[0].contains("would have been refused (by the present throttle "), "{text}");
    assert_eq!(shown[1], "  what if   whose: unknown");
    assert!(shown[2].contains("replayed through a token bucket"), "{text}");
    assert!(shown[3].contains("the truth lies between the bounds"), "{text}");
    let json = cellgate(&home, command.into_iter().chain(["-o", "json"])).json();
    let what_if: WhatIf = serde_json::from_value(json["what_if"].clone()).unwrap();
    let most = count(what_if.proposed.most);
    let says = match what_if.proposed.least {
        0 => format!("if they came evenly, and at most {most} if"),
        least => format!("{} to {most} would have been", count(least)),
    };
    assert!(shown[0].contains(&says), "{says}: {text}");
}
