//! The levers against what they are for: a firewall that blocks customers, and a flood. Each shows in the
//! metrics, and so does its undo.

use cellgate::domain::change::Risk;
use cellgate::domain::signal::{MetricIdentity, MetricQuery, Statistic, TimeWindow};
use cellgate::domain::web_acl::SwitchedAction;
use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use cellgate_demo::scenario::{self, Phase};
use jiff::SignedDuration;

use super::{acl, ip_set, networks, plan, rate, switch};
use crate::support::desk::{Desk, NOW};
use crate::support::region::Region;

/// Seconds in which what goes wrong shows.
const ONSET_WITHIN: i64 = 400;
/// Seconds in which a right lever does its work.
const CURED_WITHIN: i64 = 900;

/// A desk before a region in which the scenario rages, and the web ACL that it is about.
fn raging(name: &str) -> (Desk, String) {
    let desk = Desk::before(Region::start(RegionOptions {
        seed: 5,
        cells: 8,
        apis: 21,
        customers: 600,
        control_plane_limits: false,
        clock: Clock::manual(NOW.parse().unwrap()),
        scenario: Some(scenario::load(name).unwrap()),
        ..RegionOptions::default()
    }));
    desk.region.advance(SignedDuration::from_secs(ONSET_WITHIN));
    let report = desk.region.scenario();
    assert_eq!(report.phase, Phase::Raging);
    let story = report.story.unwrap();
    let acls = desk.region.estate().waf.web_acls;
    let acl = acls.into_iter().find(|acl| story.contains(acl.name.trim_end_matches("-waf")));
    (desk, acl.unwrap().name)
}

fn is_cured(desk: &Desk) -> bool {
    (0..CURED_WITHIN / 5).any(|_| {
        desk.region.advance(SignedDuration::from_secs(5));
        desk.region.scenario().phase == Phase::Cured
    })
}

/// Requests that the web ACL blocked in two whole minutes from now on.
fn blocked(desk: &Desk, acl: &str) -> f64 {
    // The minute that is running is partly of before.
    let start = TimeWindow::until(region_now(desk), 0).end;
    let window = TimeWindow { start, end: start + SignedDuration::from_mins(2) };
    // Points come late, up to three minutes.
    desk.region.advance(SignedDuration::from_mins(7));
    let dimensions = [("Region", "eu-west-1"), ("Rule", "ALL"), ("WebACL", acl)];
    let dimensions = dimensions.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let metric =
        MetricIdentity { namespace: "AWS/WAFV2".to_owned(), name: "BlockedRequests".to_owned(), dimensions };
    let query = MetricQuery { metric, statistic: Statistic::Sum };
    let answers = desk.runtime.block_on(desk.session.metric_data(&[query], window)).unwrap();
    answers[0].series.points().iter().map(|(_, value)| value).sum()
}

fn region_now(desk: &Desk) -> jiff::Timestamp {
    desk.region.scenario().now
}

#[test]
fn a_rule_of_a_group_that_blocks_customers_counts_instead() {
    let (desk, name) = raging("waf-false-positive");
    let before = blocked(&desk, &name);
    assert!(before > 10.0, "{before}");
    let wanted = switch("common-rules", Some("SizeRestrictions_BODY"), SwitchedAction::Count);
    let change = desk.done(&plan(&desk, &acl(&desk, &name), &wanted).unwrap());
    assert!(is_cured(&desk), "{:?}", desk.region.scenario().conditions);
    let counted = blocked(&desk, &name);
    assert!(counted < before / 4.0, "{counted} of {before}");
    desk.undo(&change);
    let again = blocked(&desk, &name);
    assert!(again > before / 2.0, "{again} of {before}");
}

#[test]
fn a_flood_is_stopped_by_its_network() {
    let (desk, name) = raging("waf-flood");
    let before = blocked(&desk, &name);
    let change = desk.done(&plan(&desk, &ip_set(&desk), &networks(&["198.51.100.0/24"], &[])).unwrap());
    assert!(is_cured(&desk), "{:?}", desk.region.scenario().conditions);
    let stopped = blocked(&desk, &name);
    assert!(stopped > 1_000.0 && stopped > 10.0 * before, "{stopped} and {before} before");
    desk.undo(&change);
    let again = blocked(&desk, &name);
    assert!(again < stopped / 10.0, "{again} of {stopped}");
}

#[test]
fn a_flood_is_stopped_by_a_rate_limit_that_blocks() {
    let (desk, name) = raging("waf-flood");
    let target = acl(&desk, &name);
    let before = blocked(&desk, &name);
    let limited = desk.done(&plan(&desk, &target, &rate("rate-limit", Some(9_000), None)).unwrap());
    // By itself the limit counts and refuses nobody.
    let counted = blocked(&desk, &name);
    assert!(counted < 100.0 + 2.0 * before, "{counted} and {before} before");
    let blocking = plan(&desk, &target, &switch("rate-limit", None, SwitchedAction::Block)).unwrap();
    let would_be = blocking.blast_radius.matched_last_hour.expect("CloudWatch counts the rule");
    assert!(would_be > 1_000 && blocking.risk == Risk::High, "{would_be} {:?}", blocking.warnings);
    assert!(blocking.warnings[0].starts_with("the rule counted "), "{:?}", blocking.warnings);
    let switched = desk.done(&blocking);
    assert!(is_cured(&desk), "{:?}", desk.region.scenario().conditions);
    let stopped = blocked(&desk, &name);
    assert!(stopped > 1_000.0, "{stopped}");
    // The later change is taken back first: the earlier one finds the rule as it left it.
    assert!(desk.plan_undo(&limited).is_err());
    desk.undo(&switched);
    desk.undo(&limited);
    let again = blocked(&desk, &name);
    assert!(again < stopped / 10.0, "{again} of {stopped}");
}
