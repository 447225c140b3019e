//! `UpdateUsagePlan`: which paths of a usage plan may be patched, and what each does.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::patch::{self, Patch, PatchDocument, Patchable};
use super::plans;
use super::update_stage::key_of;
use crate::estate::{ApiStage, Quota, QuotaPeriod, RouteKey, Throttle, UsagePlan};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

/// AWS: throttles of single methods in one stage of a plan.
const MOST_METHODS: usize = 20;

/// All patches of a call or none.
pub fn update_usage_plan(call: &Call<'_>) -> Result<Answer, Fault> {
    let document: PatchDocument = call.body()?;
    call.write(|estate| {
        let plan = plans::find(estate, call)?;
        let stages = estate
            .apis_of(crate::estate::ApiKind::Rest)
            .flat_map(|api| api.stages.iter().map(|stage| (api.id.clone(), stage.name.clone())));
        let mut draft = Draft { plan: plan.clone(), stages: stages.collect() };
        patch::apply(PATCHABLE, &mut draft, &document.patch_operations)?;
        let Draft { plan, stages } = draft;
        plans::check(&plan, &stages)?;
        plans::check_keys(estate, &plan)?;
        let place = estate.usage_plans.iter_mut().find(|known| known.id == plan.id);
        let place = place.ok_or_else(plans::unknown)?;
        *place = plan;
        Answer::json(&plans::document(place))
    })
}

/// A plan while it is being altered, and the REST stages that there are.
struct Draft {
    plan: UsagePlan,
    stages: Vec<(String, String)>,
}

const ADD_REMOVE: &[&str] = &["add", "remove"];
const ALL: &[&str] = &["add", "replace", "remove"];
const REMOVE: &[&str] = &["remove"];
const SET: &[&str] = &["add", "replace"];
const REPLACE: &[&str] = &["replace"];

/// AWS: the patch table of `UpdateUsagePlan`.
static PATCHABLE: &[Patchable<Draft>] = &[
    Patchable { path: "/apiStages", ops: ADD_REMOVE, apply: set_stage },
    Patchable { path: "/apiStages/{apiId:stage}/throttle", ops: ALL, apply: set_throttles },
    Patchable {
        path: "/apiStages/{apiId:stage}/throttle/{resource_path}/{http_method}",
        ops: REMOVE,
        apply: remove_throttle,
    },
    Patchable {
        path: "/apiStages/{apiId:stage}/throttle/{resource_path}/{http_method}/rateLimit",
        ops: SET,
        apply: |draft, patch| {
            let rate = patch.number()?;
            method_throttle(draft, patch)?.rate = rate;
            Ok(())
        },
    },
    Patchable {
        path: "/apiStages/{apiId:stage}/throttle/{resource_path}/{http_method}/burstLimit",
        ops: SET,
        apply: |draft, patch| {
            let burst = patch.integer()?;
            method_throttle(draft, patch)?.burst = burst;
            Ok(())
        },
    },
    Patchable {
        path: "/throttle",
        ops: REMOVE,
        apply: |draft, _| {
            draft.plan.throttle = None;
            Ok(())
        },
    },
    Patchable {
        path: "/throttle/rateLimit",
        ops: SET,
        apply: |draft, patch| {
            draft.plan.throttle.get_or_insert(NONE).rate = patch.number()?;
            Ok(())
        },
    },
    Patchable {
        path: "/throttle/burstLimit",
        ops: SET,
        apply: |draft, patch| {
            draft.plan.throttle.get_or_insert(NONE).burst = patch.integer()?;
            Ok(())
        },
    },
    Patchable {
        path: "/quota",
        ops: REMOVE,
        apply: |draft, _| {
            draft.plan.quota = None;
            Ok(())
        },
    },
    Patchable {
        path: "/quota/limit",
        ops: SET,
        apply: |draft, patch| {
            quota(draft).limit = patch.integer()?;
            Ok(())
        },
    },
    Patchable {
        path: "/quota/offset",
        ops: SET,
        apply: |draft, patch| {
            quota(draft).offset = patch.integer()?;
            Ok(())
        },
    },
    Patchable {
        path: "/quota/period",
        ops: SET,
        apply: |draft, patch| {
            let period = QuotaPeriod::parse(patch.text()?);
            quota(draft).period = period.ok_or_else(|| patch.invalid("one of DAY, WEEK, MONTH"))?;
            Ok(())
        },
    },
    Patchable {
        path: "/name",
        ops: REPLACE,
        apply: |draft, patch| {
            patch.text()?.clone_into(&mut draft.plan.name);
            Ok(())
        },
    },
    Patchable {
        path: "/description",
        ops: REPLACE,
        apply: |draft, patch| {
            patch.text()?.clone_into(&mut draft.plan.description);
            Ok(())
        },
    },
    Patchable {
        path: "/productCode",
        ops: ALL,
        apply: |draft, patch| {
            let code = if patch.op == "remove" { None } else { Some(patch.text()?.to_owned()) };
            draft.plan.product_code = code;
            Ok(())
        },
    },
];

/// What a throttle holds before one of its fields is set.
const NONE: Throttle = Throttle { rate: 0.0, burst: 0 };

fn quota(draft: &mut Draft) -> &mut Quota {
    // AWS wants limit and period together; a missing limit is refused when all patches are done.
    draft.plan.quota.get_or_insert(Quota { limit: 0, offset: 0, period: QuotaPeriod::Day })
}

fn set_stage(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let text = patch.text()?.to_owned();
    let (api_id, stage) = split(&text)?;
    if patch.op == "remove" {
        let before = draft.plan.api_stages.len();
        draft.plan.api_stages.retain(|open| (open.api_id.as_str(), open.stage.as_str()) != (api_id, stage));
        if draft.plan.api_stages.len() == before {
            return Err(Fault::not_found(format!("API Stage not found: {text}")));
        }
        return Ok(());
    }
    if !draft.stages.iter().any(|(known_api, known)| known_api == api_id && known == stage) {
        return Err(Fault::not_found(format!("API Stage not found: {text}")));
    }
    if draft.plan.opens(api_id, stage) {
        return Err(Fault::new(409, "ConflictException", format!("{text} is already in the usage plan")));
    }
    draft.plan.api_stages.push(ApiStage {
        api_id: api_id.to_owned(),
        stage: stage.to_owned(),
        throttle: BTreeMap::new(),
    });
    Ok(())
}

/// AWS: `apiId:stage`, not JSON.
fn split(text: &str) -> Result<(&str, &str), Fault> {
    text.split_once(':').filter(|(api_id, stage)| !api_id.is_empty() && !stage.is_empty()).ok_or_else(|| {
        Fault::bad_request(format!(
            "Invalid API Stage {{api: null, stage: null}} specified for usageplan: {text}"
        ))
    })
}

fn stage<'d>(draft: &'d mut Draft, patch: &Patch<'_>) -> Result<&'d mut ApiStage, Fault> {
    let (api_id, name) = split(patch.name(0))?;
    let found = draft.plan.api_stages.iter_mut().find(|open| open.api_id == api_id && open.stage == name);
    found.ok_or_else(|| Fault::not_found(format!("API Stage not found: {}", patch.name(0))))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ThrottleDocument {
    #[serde(default)]
    rate_limit: f64,
    #[serde(default)]
    burst_limit: i64,
}

fn set_throttles(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let mut throttles = BTreeMap::new();
    if patch.op != "remove" {
        let expected = "a JSON object of throttles by /path/VERB";
        let documents: BTreeMap<String, ThrottleDocument> = patch.json(expected)?;
        for (name, document) in documents {
            let (resource, verb) = name.rsplit_once('/').ok_or_else(|| patch.invalid(expected))?;
            let key = key_of(&patch::unescape(resource), verb)?.ok_or_else(|| patch.invalid(expected))?;
            throttles.insert(key, Throttle { rate: document.rate_limit, burst: document.burst_limit });
        }
    }
    stage(draft, patch)?.throttle = throttles;
    Ok(())
}

fn method(patch: &Patch<'_>) -> Result<RouteKey, Fault> {
    key_of(patch.name(1), patch.name(2))?
        .ok_or_else(|| Fault::bad_request("A usage plan throttles single methods, not */*"))
}

fn remove_throttle(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let key = method(patch)?;
    let removed = stage(draft, patch)?.throttle.remove(&key);
    removed.map(|_| ()).ok_or_else(|| Fault::not_found(format!("No throttle for the method {key}")))
}

fn method_throttle<'d>(draft: &'d mut Draft, patch: &Patch<'_>) -> Result<&'d mut Throttle, Fault> {
    let key = method(patch)?;
    let stage = stage(draft, patch)?;
    if stage.throttle.len() == MOST_METHODS && !stage.throttle.contains_key(&key) {
        return Err(Fault::new(
            429,
            "LimitExceededException",
            format!("A usage plan has at most {MOST_METHODS} method throttles for one stage"),
        ));
    }
    Ok(stage.throttle.entry(key).or_insert(NONE))
}
