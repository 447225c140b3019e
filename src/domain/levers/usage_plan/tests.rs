//! Patches of usage plans, there and back, by what AWS makes of them.

use proptest::prelude::*;

use super::*;
use crate::domain::usage_plan::{PlanStage, Quota};

fn target() -> PlanTarget {
    PlanTarget { id: "p1a2b3".into(), name: "Basic".to_owned() }
}

fn throttle(rate: f64, burst: i64) -> Throttle {
    Throttle { rate: Some(rate), burst: Some(burst) }
}

fn orders() -> MethodKey {
    MethodKey::Method { path: "/orders/{id}".to_owned(), verb: "POST".to_owned() }
}

fn plan() -> UsagePlan {
    UsagePlan {
        id: "p1a2b3".into(),
        name: "Basic".to_owned(),
        description: None,
        throttle: throttle(25.0, 50),
        quota: Some(Quota { limit: 1_000, offset: 0, period: "MONTH".to_owned() }),
        stages: vec![
            PlanStage {
                api: "a1".into(),
                stage: "prod".into(),
                method_throttles: [(orders(), throttle(0.5, 2))].into(),
            },
            PlanStage { api: "b2".into(), stage: "prod".into(), method_throttles: [].into() },
        ],
        key_count: None,
    }
}

fn patch_of(from: &UsagePlan, to: &UsagePlan) -> Vec<String> {
    let (from, to) = (settings(from), settings(to));
    let steps = steps(&target(), &from.difference(&to), &from).unwrap();
    match steps.as_slice() {
        [] => Vec::new(),
        [DraftStep { request: Request::UpdateUsagePlan { patch, .. }, .. }] => {
            patch.iter().map(PatchOperation::to_string).collect()
        }
        several => panic!("{several:?}"),
    }
}

#[test]
fn settings_have_the_names_of_awss_paths() {
    let read: Vec<(String, String)> =
        settings(&plan()).iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let expected = [
        ("/apiStages/a1:prod", "present"),
        ("/apiStages/a1:prod/throttle/~1orders~1{id}/POST/burstLimit", "2"),
        ("/apiStages/a1:prod/throttle/~1orders~1{id}/POST/rateLimit", "0.5"),
        ("/apiStages/b2:prod", "present"),
        ("/name", "Basic"),
        ("/quota/limit", "1000"),
        ("/quota/offset", "0"),
        ("/quota/period", "MONTH"),
        ("/throttle/burstLimit", "50"),
        ("/throttle/rateLimit", "25"),
    ];
    assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn everything_of_one_plan_goes_in_one_call() {
    let mut after = plan();
    after.throttle = throttle(12.5, 20);
    after.quota = None;
    after.stages.remove(1);
    after.stages.push(PlanStage { api: "c3".into(), stage: "v1".into(), method_throttles: [].into() });
    after.stages[0].method_throttles = [].into();
    assert_eq!(
        patch_of(&plan(), &after),
        [
            "remove /apiStages/a1:prod/throttle/~1orders~1{id}/POST",
            "remove /quota",
            "remove /apiStages = b2:prod",
            "add /apiStages = c3:v1",
            "replace /throttle/burstLimit = 20",
            "replace /throttle/rateLimit = 12.5",
        ]
    );
    assert_eq!(
        patch_of(&after, &plan()),
        [
            "add /apiStages = b2:prod",
            "remove /apiStages = c3:v1",
            "add /apiStages/a1:prod/throttle/~1orders~1{id}/POST/burstLimit = 2",
            "add /apiStages/a1:prod/throttle/~1orders~1{id}/POST/rateLimit = 0.5",
            "add /quota/limit = 1000",
            "add /quota/offset = 0",
            "add /quota/period = MONTH",
            "replace /throttle/burstLimit = 50",
            "replace /throttle/rateLimit = 25",
        ]
    );
}

#[test]
fn a_stage_takes_its_throttles_along_and_brings_them_back() {
    let mut after = plan();
    after.stages.remove(0);
    assert_eq!(patch_of(&plan(), &after), ["remove /apiStages = a1:prod"]);
    assert_eq!(
        patch_of(&after, &plan()),
        [
            "add /apiStages = a1:prod",
            "add /apiStages/a1:prod/throttle/~1orders~1{id}/POST/burstLimit = 2",
            "add /apiStages/a1:prod/throttle/~1orders~1{id}/POST/rateLimit = 0.5",
        ]
    );
}

#[test]
fn settings_are_told_in_words() {
    for (setting, words) in [
        ("/throttle/rateLimit", "rate of each key (requests/s)"),
        ("/quota/limit", "quota of each key (requests)"),
        ("/apiStages/a1:prod", "stage a1:prod"),
        (
            "/apiStages/a1:prod/throttle/~1orders~1{id}/POST/rateLimit",
            "rate (requests/s) of POST /orders/{id} at a1:prod",
        ),
        ("/name", "name"),
    ] {
        assert_eq!(label(setting), words);
    }
}

#[test]
fn a_wait_is_told_in_whole_seconds() {
    for (wait, says) in [
        (None, "not known"),
        (Some(Duration::ZERO), "at once"),
        (Some(Duration::from_millis(38_200)), "about 39 s"),
    ] {
        let said = turn(wait);
        assert!(said.contains("one UpdateUsagePlan in 20 s") && said.contains(says), "{said}");
    }
}

fn any_plan() -> impl Strategy<Value = UsagePlan> {
    let limits = || (0.0_f64..100.0, 0_i64..100).prop_map(|(rate, burst)| throttle(rate, burst));
    let methods = proptest::collection::btree_map("/[a-z~]{1,4}", limits(), 0..3);
    let stages = proptest::collection::btree_map("[a-c]1", methods, 0..4);
    let quota = (1_i64..1_000).prop_map(|limit| Quota { limit, offset: 0, period: "WEEK".to_owned() });
    (proptest::option::of(limits()), proptest::option::of(quota), stages).prop_map(
        |(throttle, quota, stages)| UsagePlan {
            throttle: throttle.unwrap_or_default(),
            quota,
            stages: stages
                .into_iter()
                .map(|(api, methods)| PlanStage {
                    api: api.into(),
                    stage: "prod".into(),
                    method_throttles: methods
                        .into_iter()
                        .map(|(path, limits)| (MethodKey::Method { path, verb: "GET".to_owned() }, limits))
                        .collect(),
                })
                .collect(),
            ..plan()
        },
    )
}

/// What AWS makes of a patch, by its documentation.
fn patched(mut plan: Settings, patch: &[PatchOperation]) -> Settings {
    for operation in patch {
        let value = operation.value.clone().unwrap_or_default();
        let under = |prefix: &str| -> Vec<SettingChange> {
            plan.under(prefix).filter_map(|(name, _)| plan.change_to(name, None)).collect()
        };
        let changes: Vec<SettingChange> = match (operation.path.as_str(), operation.op) {
            ("/apiStages", PatchVerb::Add) => {
                assert!(!is_open(&plan, &value), "AWS refuses to open a stage twice");
                plan.change_to(format!("{STAGES}{value}"), Some(PRESENT.to_owned())).into_iter().collect()
            }
            ("/apiStages", _) => {
                let mut gone = under(&format!("{STAGES}{value}/"));
                gone.extend(plan.change_to(format!("{STAGES}{value}"), None));
                assert!(!gone.is_empty(), "AWS refuses to remove what isn't there");
                gone
            }
            (path, PatchVerb::Remove) => {
                let gone = under(&format!("{path}/"));
                assert!(!gone.is_empty(), "AWS refuses to remove what isn't there");
                gone
            }
            (path, _) => {
                if let Part::Method { stage, .. } = part(path) {
                    assert!(is_open(&plan, stage), "AWS knows no such stage of the plan");
                }
                plan.change_to(path, Some(value)).into_iter().collect()
            }
        };
        plan = plan.after(&changes);
    }
    plan
}

proptest! {
    #[test]
    fn a_patch_leads_there_and_back(from in any_plan(), to in any_plan()) {
        for (from, to) in [(settings(&from), settings(&to)), (settings(&to), settings(&from))] {
            let steps = steps(&target(), &from.difference(&to), &from).unwrap();
            let reached = steps.iter().fold(from, |plan, step| match &step.request {
                Request::UpdateUsagePlan { patch, .. } => patched(plan, patch),
                other => panic!("{other:?}"),
            });
            prop_assert_eq!(reached, to);
        }
    }
}
