//! Forms of usage plans and API keys.

use super::{FieldInfo, Form, FormState, chosen, field, method, number};
use crate::domain::api::ApiKind;
use crate::domain::levers::{LimitsWanted, MethodLimits, PlanWanted, QuotaWanted, Wanted};
use crate::domain::method::MethodKey;
use crate::tui::action::Action;

/// Typed where a limit is to be removed.
const NONE: &str = "none";
const RATE: FieldInfo = field("rate", "requests per second of each key; empty: as it is; none: no throttle");
const BURST: FieldInfo = field("burst", "requests at once of each key; empty: as it is");
const STAGE: FieldInfo = chosen("stage", "a stage of a REST API; type a part of its name, or go down");

pub const FORMS: &[Form] = &[
    Form { action: Action::PlanThrottle, title: "Throttle of a usage plan", fields: &[RATE, BURST] },
    Form {
        action: Action::PlanMethodThrottle,
        title: "Throttle of a usage plan's method",
        fields: &[STAGE, field("method", "a method such as GET /users; type it, or go down"), RATE, BURST],
    },
    Form {
        action: Action::PlanQuota,
        title: "Quota of a usage plan",
        fields: &[
            field("limit", "requests of each key in a period; empty: as it is; none: no quota"),
            chosen("period", "DAY, WEEK or MONTH; empty: as it is"),
            field("offset", "off the first period: 0 for DAY, up to 6 for WEEK, 27 for MONTH"),
        ],
    },
    Form { action: Action::PlanAddStage, title: "Add a stage to a usage plan", fields: &[STAGE] },
    Form { action: Action::PlanRemoveStage, title: "Remove a stage of a usage plan", fields: &[STAGE] },
    Form {
        action: Action::KeyMove,
        title: "Move an API key",
        fields: &[
            chosen("to", "the usage plan that it joins"),
            chosen("from", "the usage plan that it leaves; empty: the only one that it is on"),
        ],
    },
    Form {
        action: Action::KeyExtend,
        title: "Extend what remains of a key's quota",
        fields: &[
            field("requests", "on top of what remains until the period ends"),
            chosen("plan", "the usage plan with the quota; empty: the only one that has one"),
        ],
    },
];

/// What is wanted of the plan or the key.
///
/// # Errors
/// The place of the line that can't be read, and why.
pub fn wanted(form: &FormState) -> Result<Wanted, (usize, String)> {
    let mut plan = PlanWanted::default();
    match form.form.action {
        Action::KeyMove => {
            let Some(to) = form.plan(0)? else {
                return Err((0, "choose the usage plan that it joins".to_owned()));
            };
            return Ok(Wanted::MoveApiKey { from: form.plan(1)?, to });
        }
        Action::KeyExtend => {
            let by = form.line(0).parse().map_err(|_| (0, "write a whole number of requests".to_owned()))?;
            return Ok(Wanted::ExtendQuota { plan: form.plan(1)?, by });
        }
        Action::PlanThrottle => plan.throttle = Some(limits(form, 0)?),
        Action::PlanMethodThrottle => {
            let stage = form.stage(0)?;
            let method = match method(form.line(1), ApiKind::Rest).map_err(|why| (1, why))? {
                MethodKey::All => return Err((1, "write a method like GET /users".to_owned())),
                method => method,
            };
            plan.methods = vec![MethodLimits { stage, method, limits: limits(form, 2)? }];
        }
        Action::PlanQuota => plan.quota = Some(quota(form)?),
        Action::PlanAddStage => plan.add = vec![form.stage(0)?],
        _ => plan.remove = vec![form.stage(0)?],
    }
    Ok(Wanted::UsagePlan(plan))
}

/// Rate and burst, from the line `place` on.
fn limits(form: &FormState, place: usize) -> Result<LimitsWanted, (usize, String)> {
    let (rate, burst) = (form.line(place), form.line(place + 1));
    if rate == NONE {
        return match burst {
            "" | NONE => Ok(LimitsWanted::Clear),
            _ => Err((place + 1, "without a rate there is no burst: leave it empty".to_owned())),
        };
    }
    if rate.is_empty() && burst.is_empty() {
        return Err((place, "write a rate, a burst or both; none removes the throttle".to_owned()));
    }
    Ok(LimitsWanted::Set {
        rate: number(rate, "a rate is a number, such as 50, or none").map_err(|why| (place, why))?,
        burst: number(burst, "a burst is a whole number").map_err(|why| (place + 1, why))?,
    })
}

fn quota(form: &FormState) -> Result<QuotaWanted, (usize, String)> {
    let [limit, period, offset] = [0, 1, 2].map(|place| form.line(place));
    if limit == NONE {
        return match [period, offset].iter().position(|line| !line.is_empty()) {
            None => Ok(QuotaWanted::Clear),
            Some(place) => Err((place + 1, "without a limit there is no quota: leave it empty".to_owned())),
        };
    }
    if [limit, period, offset].iter().all(|line| line.is_empty()) {
        return Err((0, "write what is to be different; none removes the quota".to_owned()));
    }
    let whole = "write a whole number";
    Ok(QuotaWanted::Set {
        limit: number(limit, whole).map_err(|why| (0, why))?,
        period: (!period.is_empty()).then(|| period.to_uppercase()),
        offset: number(offset, whole).map_err(|why| (2, why))?,
    })
}

#[cfg(test)]
mod tests;
