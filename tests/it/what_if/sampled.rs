//! Whose requests a throttle would refuse on the cell of a noisy customer, where the access logs hold too much to be read:
//! the sample names the customer, and the region's own ledger says whether the share is right.

use cellgate::domain::change::words::forecast;
use cellgate::domain::change::{Plan, PlanTarget, Target};
use cellgate::domain::estate::RegionSlot;
use cellgate::domain::levers::{LimitsWanted, PlanWanted, Wanted};
use cellgate::domain::method::MethodKey;
use cellgate::domain::what_if::WhatIf;
use cellgate::domain::what_if::attribution::CallerForecast;
use cellgate::ops::change::{self, Asked, Grounds};
use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use cellgate_demo::scenario::{self, Phase};
use jiff::{SignedDuration, Timestamp};

use crate::support::binary::cellgate;
use crate::support::desk::{Desk, NOW};
use crate::support::home::Home;
use crate::support::region::Region;

const ASKED: Asked = Asked { by_whom: true };

/// A region in which a customer has been noisy for ten minutes.
fn noisy() -> Desk {
    let now: Timestamp = NOW.parse().unwrap();
    let start = now - SignedDuration::from_mins(14);
    let region = Region::start(RegionOptions {
        seed: 5,
        cells: 8,
        apis: 21,
        customers: 600,
        clock: Clock::manual(start),
        scenario: Some(scenario::load("noisy-customer").unwrap()),
        control_plane_limits: false,
        ..RegionOptions::default()
    });
    region.advance(now.duration_since(start));
    assert_eq!(region.scenario().phase, Phase::Raging);
    Desk::before(region)
}

fn told(plan: &Plan) -> &WhatIf {
    plan.what_if.as_ref().unwrap_or_else(|| panic!("{:?}", plan.warnings))
}

/// The caller with the largest share.
fn loudest(told: &WhatIf) -> &CallerForecast {
    let share = |caller: &&CallerForecast| caller.share.expect("a share").likely;
    told.callers.iter().max_by(|one, other| share(one).total_cmp(&share(other))).expect("callers")
}

#[test]
fn the_noisiest_customer_is_named_with_a_share_that_the_ledger_bears_out() {
    let desk = noisy();
    let names = desk.region.scenario_names();
    let (cell, customer) = (names["cell"].as_str(), names["customer"].as_str());
    let estate = desk.region.estate();
    let key = estate.api_keys.iter().find(|key| key.customer_id == customer).expect("the customer's key");
    let named = format!("{} ({})", key.name, key.id);

    let (known, api, stage) = desk.stage(&format!("{cell}-api/prod"));
    let region = known.region(RegionSlot(0)).unwrap();
    let grounds = Grounds { region, api: Some(&api), history: &[], clock: &desk.clock, production_tag: None };
    let wanted = Wanted::SetThrottle { method: MethodKey::All, rate: Some(20.0), burst: Some(20) };
    let target = Target::stage_of(api.kind, stage);
    let planned = change::plan_with(&desk.session, &target, &wanted, ASKED, &grounds);
    let plan = desk.runtime.block_on(planned).unwrap();
    let of_stage = told(&plan);
    assert!(desk.region.count("FilterLogEvents") <= 24 + 40, "it is bounded");
    let sample = of_stage.sample.unwrap_or_else(|| panic!("{of_stage:?}"));
    assert!(sample.windows == 20 && sample.seconds < 101.0 && sample.events > 1_000, "{sample:?}");
    assert!((sample.of_seconds - 3_600.0).abs() < 1e-6 && of_stage.minutes == 60, "{sample:?}");

    let range = of_stage.until - SignedDuration::from_hours(1)..of_stage.until;
    let truth = desk.region.requests_by_key(api.id.as_str(), "prod", &range);
    let all: u64 = truth.values().sum();
    #[expect(clippy::cast_precision_loss, reason = "requests of an hour")]
    let share = truth[&key.id] as f64 / all as f64;
    let loud = loudest(of_stage);
    let found = loud.share.unwrap();
    assert_eq!(loud.who, named, "{:?}", of_stage.callers);
    assert!(found.least <= share && share <= found.most, "{share}: {found:?}");
    assert!(found.most - found.least < 0.5 && found.least > 0.1, "a range that says something: {found:?}");
    let refused = loud.refused;
    assert!(refused.least <= refused.likely.unwrap() && refused.likely.unwrap() <= refused.most, "{loud:?}");
    assert!(refused.least > 0, "{loud:?}");
    // Every other key has a share that the ledger knows, too: at most one of twenty may lie outside its range.
    let others: Vec<bool> = of_stage
        .callers
        .iter()
        .filter_map(|caller| {
            let id = caller.who.split_once('(')?.1.strip_suffix(')')?;
            #[expect(clippy::cast_precision_loss, reason = "requests of an hour")]
            let share = *truth.get(id)? as f64 / all as f64;
            let found = caller.share?;
            Some(found.least <= share && share <= found.most)
        })
        .collect();
    let outside = others.iter().filter(|inside| !**inside).count();
    assert!(outside <= 1 + others.len() / 10, "{outside} of {}: {:?}", others.len(), of_stage.callers);

    let said: Vec<String> = forecast(&plan).into_iter().map(|said| said.text).collect();
    let how = "whose: by API key in a sample of the access logs of 1 busy stage: ";
    assert!(
        said.iter()
            .any(|text| text.starts_with(how)
                && text.contains("in 20 windows spread over the requests of 60 min")),
        "{said:?}"
    );
    assert!(
        said.iter().any(|text| text.contains(&named) && text.contains("% of the requests (")),
        "{said:?}"
    );
    assert!(said.iter().any(|text| text.contains("19 times of 20")), "{said:?}");

    // By the customer's plan, whose other stages are read whole: the same key is the loudest.
    let plan_id = &names["plan"];
    let usage_plan =
        estate.usage_plans.iter().find(|plan| plan.id == *plan_id || plan.name == *plan_id).unwrap();
    let target =
        Target::UsagePlan(PlanTarget { id: usage_plan.id.as_str().into(), name: usage_plan.name.clone() });
    let limits = LimitsWanted::Set { rate: Some(20.0), burst: Some(20) };
    let wanted = Wanted::UsagePlan(PlanWanted { throttle: Some(limits), ..PlanWanted::default() });
    let grounds = Grounds { api: None, ..grounds };
    let planned = change::plan_with(&desk.session, &target, &wanted, ASKED, &grounds);
    let plan = desk.runtime.block_on(planned).unwrap();
    let of_plan = told(&plan);
    assert!(of_plan.sample.is_some(), "{:?} {:?}", of_plan.by_whom, plan.warnings);
    let first = of_plan.callers.first().expect("callers");
    assert_eq!(first.who, named, "{:?}", of_plan.callers);
    assert!(first.refused.least > 0 && plan.warnings[0].contains(&named), "{first:?} {:?}", plan.warnings);
    let (found, sent) = (first.share.expect("a share"), truth[&key.id]);
    #[expect(clippy::cast_precision_loss, reason = "requests of an hour")]
    let of_estimate = sent as f64 / first.arrived as f64;
    let (least, most) = (found.least / found.likely, found.most / found.likely);
    assert!(least <= of_estimate && of_estimate <= most, "{sent}: {first:?}");
}

#[test]
fn levers_that_cannot_tell_refuse_to_be_asked() {
    let home = Home::new();
    for lever in [
        &["flush", "a/prod"][..],
        &["rollback", "a/prod", "--to", "previous"],
        &["variables", "a/prod", "x=y"],
        &["key", "disable", "k"],
        &["waf", "rule", "acl", "rule", "block"],
        &["usage-plan", "quota", "clear", "p"],
        &["throttle", "set", "a/prod", "b/prod", "--rate", "5"],
    ] {
        let refused = cellgate(&home, lever.iter().chain(&["--by-whom", "--dry-run"]));
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{lever:?}: {refused:?}");
        assert!(
            refused.stderr.contains("--by-whom is for the throttle of one stage"),
            "{lever:?}: {refused:?}"
        );
    }
}
