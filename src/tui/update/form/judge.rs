//! What is wrong with a form by AWS's own rules, as far as that can be told before its target is read anew.

use crate::domain::change::{Refusal, Settings, Target};
use crate::domain::estate::RegionEstate;
use crate::domain::levers::{self, Facts, Wanted, ip_set, quota_extension, usage_plan, web_acl};
use crate::tui::model::{FormState, Model};

/// The line with a value that AWS wouldn't take, and what it would. What only the target's present state
/// forbids is left to the plan, which reads it anew.
pub(super) fn illegal(
    model: &Model,
    form: &FormState,
    target: &Target,
    wanted: &Wanted,
) -> Option<(usize, String)> {
    let region = model.estate.region(form.slot)?;
    let refusal = match wanted {
        Wanted::ExtendQuota { by, .. } => quota_extension::judge(*by).err()?,
        _ => levers::draft(target, wanted, &known(region, target)?, &Facts::default()).err()?,
    };
    let Refusal::Illegal { what, value, legal } = refusal else { return None };
    Some((line(form, &what, &value, &legal), legal))
}

/// The target's settings as they were last read.
fn known(region: &RegionEstate, target: &Target) -> Option<Settings> {
    match target {
        Target::UsagePlan(plan) => {
            let known = region.usage_plans.value()?.iter().find(|known| known.id == plan.id)?;
            Some(usage_plan::settings(known))
        }
        Target::WebAcl(acl) => {
            let known = region.web_acls.value()?.iter().find(|known| known.acl.id == acl.id)?;
            Some(web_acl::settings(known))
        }
        Target::IpSet(set) => {
            let known = region.ip_sets.value()?.iter().find(|known| known.set.id == set.id)?;
            Some(ip_set::settings(known))
        }
        Target::RestStage(_)
        | Target::HttpStage(_)
        | Target::WebSocketStage(_)
        | Target::ApiKey(_)
        | Target::Customers(_)
        | Target::Connections(_)
        | Target::Placement(_) => None,
    }
}

/// The line that a refusal is about: the one with the value, else the one that is named, an empty one first where
/// something is missing.
fn line(form: &FormState, what: &str, value: &str, legal: &str) -> usize {
    let lines = 0..form.form.fields.len();
    let says = |text: &str, place: usize| text.to_lowercase().contains(form.form.fields[place].name);
    let empty = |place: usize| form.line(place).is_empty();
    let told = format!("{value} {legal}");
    lines
        .clone()
        .find(|place| form.line(*place).eq_ignore_ascii_case(value))
        .or_else(|| lines.clone().rev().find(|place| says(what, *place)))
        .or_else(|| lines.clone().find(|place| empty(*place) && says(&told, *place)))
        .or_else(|| lines.clone().rev().find(|place| says(&told, *place)))
        .unwrap_or_default()
}
