//! Properties of bulks: waves leave nobody out, what is refused stops all, risk never falls.

use proptest::prelude::*;

use super::*;
use crate::domain::target::StageTarget;

fn stage(name: &str) -> Target {
    let stage = StageTarget { api: name.into(), api_name: name.to_owned(), stage: "prod".into() };
    Target::RestStage(stage)
}

fn plan(name: &str, risk: Risk, requests: Option<f64>) -> Plan {
    let plan = serde_json::json!({
        "lever": "throttle",
        "region": { "account": "123456789012", "region": "eu-west-1" },
        "target": stage(name),
        "risk": risk,
        "steps": [],
        "fields": [],
        "iam": [],
        "blast_radius": {
            "minutes": 5,
            "until": null,
            "requests_per_second": requests,
            "cache_hit_rate": null,
            "shifted_to_backend_per_second": null,
        },
        "cost": null,
        "undoes": null,
        "undo": { "possible": { "how": "puts it back" } },
        "preconditions": [],
        "warnings": ["everyone", name],
        "planned_at": "2026-11-20T14:03:22Z",
    });
    serde_json::from_value(plan).unwrap()
}

fn bulk(planned: Vec<Result<Plan, NotPlanned>>, options: &BulkOptions) -> BulkPlan {
    let region = RegionKey { account: "123456789012".into(), region: "eu-west-1".into() };
    BulkPlan::of(Lever::Throttle, region, planned, options, Timestamp::UNIX_EPOCH)
}

fn plans(count: usize, risk: Risk) -> Vec<Result<Plan, NotPlanned>> {
    (0..count).map(|place| Ok(plan(&format!("api-{place}"), risk, Some(2.0)))).collect()
}

fn refused(name: &str) -> NotPlanned {
    NotPlanned::Refused(LeftOut { target: stage(name), why: "it is locked".to_owned() })
}

fn waves() -> impl Strategy<Value = Waves> {
    (proptest::collection::vec(1_usize..20, 0..5), any::<bool>()).prop_map(|(sizes, rest)| {
        let mut text: Vec<String> = sizes.iter().map(ToString::to_string).collect();
        if rest || sizes.is_empty() {
            text.push("rest".to_owned());
        }
        text.join(",").parse().unwrap()
    })
}

proptest! {
    #[test]
    fn waves_partition_the_targets_in_their_order(waves in waves(), count in 0_usize..200) {
        let split = waves.split(count);
        prop_assert!(split.iter().all(|wave| !wave.is_empty()));
        let places: Vec<usize> = split.into_iter().flatten().collect();
        prop_assert_eq!(places, (0..count).collect::<Vec<_>>());
    }

    #[test]
    fn waves_survive_being_written(waves in waves()) {
        prop_assert_eq!(waves.to_string().parse::<Waves>(), Ok(waves));
    }

    #[test]
    fn only_waves_are_read_as_such(text in "[0-9a-z, -]{0,8}") {
        if let Ok(waves) = text.parse::<Waves>() {
            prop_assert_eq!(waves.split(50).into_iter().flatten().count(), 50);
        }
    }

    #[test]
    fn the_pace_is_kept_from_first_to_last(pace in 0.1_f64..=Pace::FASTEST, count in 1_usize..500) {
        let pace = Pace::new(pace).unwrap();
        let whole = pace.interval() * u32::try_from(count - 1).unwrap();
        prop_assert_eq!(pace.seconds_for(count), whole.as_secs());
        prop_assert!((pace.interval().as_secs_f64() * pace.per_minute() - 60.0).abs() < 1e-3);
    }

    #[test]
    fn the_risk_is_no_lower_than_that_of_any_part(
        risks in proptest::collection::vec(prop_oneof![Just(Risk::Low), Just(Risk::High), Just(Risk::Severe)], 1..30),
        production in any::<bool>(),
    ) {
        let planned: Vec<_> = risks.iter().map(|risk| Ok(plan("orders", *risk, None))).collect();
        let whole = bulk(planned, &BulkOptions { production, ..BulkOptions::default() });
        prop_assert!(risks.iter().all(|risk| whole.risk >= *risk));
        if production && risks.len() > 1 || risks.len() >= MANY {
            prop_assert!(whole.risk >= Risk::High);
        }
    }
}

#[test]
fn waves_that_are_none_are_refused() {
    for wrong in ["", "0", "1,0,rest", "rest,1", "1,,2", "-1", "all", "1.5"] {
        assert!(wrong.parse::<Waves>().is_err(), "{wrong}");
    }
    let sizes = |text: &str, count| -> Vec<usize> {
        text.parse::<Waves>().unwrap().split(count).iter().map(ExactSizeIterator::len).collect()
    };
    assert_eq!(sizes("1,10,rest", 24), [1, 10, 13]);
    assert_eq!(sizes("1, 5", 13), [1, 5, 5, 2]);
    assert_eq!(sizes("rest", 3), [3]);
    assert_eq!(Waves::default().to_string(), "1,10,rest");
}

#[test]
fn a_pace_is_above_nothing_and_below_what_aws_takes() {
    for wrong in ["0", "-1", "151", "nan", "inf", "fast", ""] {
        assert_eq!(wrong.parse::<Pace>(), Err(PaceError), "{wrong}");
    }
    assert_eq!("150".parse::<Pace>().unwrap().interval().as_millis(), 400);
    assert!(Pace::of(Lever::WebAclAssociation) < Pace::of(Lever::Throttle));
}

#[test]
fn one_refused_target_stops_all_unless_it_is_left_out() {
    let mut planned = plans(2, Risk::Low);
    planned.insert(1, Err(refused("orders")));
    let whole = bulk(planned.clone(), &BulkOptions::default());
    let refusal = whole.refusal().expect("one is refused").to_string();
    assert_eq!(refusal, "1 of 3 targets are refused: orders/prod: it is locked");
    let others = bulk(planned, &BulkOptions { leave_out_refused: true, ..BulkOptions::default() });
    assert_eq!((others.refusal(), others.parts.len(), others.left_out.len()), (None, 2, 1));
}

#[test]
fn where_all_are_as_wanted_there_is_nothing_to_do() {
    let as_wanted =
        NotPlanned::AsWanted(LeftOut { target: stage("orders"), why: "it is so already".to_owned() });
    let whole = bulk(vec![Err(as_wanted)], &BulkOptions::default());
    let refusal = whole.refusal().expect("nothing is left").to_string();
    assert_eq!(refusal, "nothing to change: orders/prod: it is so already");
}

#[test]
fn the_parts_are_summed_and_each_warning_is_said_once() {
    let mut planned = plans(3, Risk::Low);
    planned.push(Ok(plan("quiet", Risk::Low, None)));
    let whole = bulk(planned, &BulkOptions::default());
    assert_eq!(whole.blast_radius.requests_per_second, Some(6.0));
    assert_eq!(whole.warnings()[..2], [("everyone", 4), ("api-0", 1)]);
    assert_eq!((whole.phrase().as_str(), whole.count().as_str()), ("throttle 4", "4 targets"));
    assert_eq!(whole.wave_sizes(), [1, 3]);
}

#[test]
fn a_plan_of_several_targets_survives_a_file() {
    let whole = bulk(plans(3, Risk::High), &BulkOptions::default()).taking_back(BulkId::new("bulk-1"));
    let text = serde_json::to_string(&whole).unwrap();
    assert_eq!(serde_json::from_str::<BulkPlan>(&text).unwrap(), whole);
    assert!(serde_json::from_str::<BulkPlan>(&text.replace("\"rest\"", "\"none\"")).is_err());
}

#[test]
fn a_target_that_is_named_twice_is_one() {
    let region = RegionKey { account: "123456789012".into(), region: "eu-west-1".into() };
    let named = vec![stage("b"), stage("a"), stage("b")];
    assert_eq!(distinct(named, &region, |target| target), [stage("b"), stage("a")]);
}
