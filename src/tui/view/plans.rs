//! Usage plans: what each allows an API key, of which stages, and who is on it.

use ratatui::text::{Line, Span};

use super::table::Sheet;
use super::throttles::BLOCKS_ALL;
use super::{detail, figures, fit, paint, usage};
use crate::domain::estate::RegionEstate;
use crate::domain::stage::Throttle;
use crate::tui::model::Model;
use crate::tui::rows::{Column, KeyCount, PlanRow};
use crate::tui::theme::Role;

pub struct Plans;

impl Sheet for Plans {
    type Row = PlanRow;

    fn rows<'model>(&self, model: &'model Model) -> &'model [PlanRow] {
        &model.rows.listed.plans
    }

    fn cell(&self, model: &Model, row: &PlanRow, column: &Column, width: u16) -> Line<'static> {
        let look = &model.look;
        let plan = &row.plan;
        let cut = |text: &str| fit::cut(text, width, look.symbols.ellipsis);
        let blocks = plan.throttle.blocks_all();
        let limit = plan.quota.as_ref().map(|quota| quota.limit);
        let quota_role = if limit.is_some_and(|limit| limit <= 0) { Role::Errors } else { Role::Text };
        let (role, text) = match column.name {
            "plan" => (Role::Strong, Some(cut(&plan.name))),
            "id" => (Role::Dim, Some(cut(plan.id.as_str()))),
            "rate" if blocks => (Role::Errors, Some(format!("{} blocks", look.symbols.errors))),
            "rate" => (Role::Text, plan.throttle.rate.map(figures::setting)),
            "burst" => {
                let role = if blocks { Role::Errors } else { Role::Text };
                (role, plan.throttle.burst.map(|burst| figures::count(burst.unsigned_abs())))
            }
            "methods" => (Role::Text, some(row.method_throttles())),
            "quota" => (quota_role, limit.map(|limit| figures::count(limit.unsigned_abs()))),
            "period" => (Role::Dim, plan.quota.as_ref().map(|quota| cut(&quota.period.to_lowercase()))),
            "used" => return usage::cell(model, row.used),
            "stages" => (Role::Text, some(plan.stages.len())),
            _ => (Role::Text, row.keys.map(|keys| count(model, keys))),
        };
        text.map_or_else(|| paint::absent(look), |text| paint::line(look, role, text))
    }

    fn is_failing(&self, _row: &PlanRow) -> bool {
        false
    }
}

/// A count, where it is one of anything.
fn some(count: usize) -> Option<String> {
    (count > 0).then(|| figures::count(count as u64))
}

fn count(model: &Model, keys: KeyCount) -> String {
    let number = figures::count(keys.keys as u64);
    if keys.is_whole { number } else { format!("{}{number}", model.look.symbols.at_least) }
}

pub fn lines(model: &Model, row: &PlanRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let plan = &row.plan;
    let mut lines = vec![
        paint::text_field(look, "id", plan.id.to_string()),
        paint::field(look, "throttle", throttle(model, plan.throttle, width)),
    ];
    let quota = match &plan.quota {
        Some(quota) if quota.limit <= 0 => {
            vec![paint::span(look, Role::Errors, format!("{} {BLOCKS_ALL}", look.symbols.errors))]
        }
        Some(quota) if quota.offset > 0 => vec![
            paint::span(look, Role::Text, figures::quota(quota)),
            paint::span(
                look,
                Role::Dim,
                format!("  less {} at first", figures::count(quota.offset.unsigned_abs())),
            ),
        ],
        Some(quota) => vec![paint::span(look, Role::Text, figures::quota(quota))],
        None => vec![paint::span(look, Role::Dim, "no limit")],
    };
    lines.push(paint::field(look, "quota", quota));
    if let Some(description) = plan.description.as_deref().filter(|text| !text.is_empty()) {
        lines.extend(paint::wrapped_field(look, "about", Role::Text, description, width));
    }
    lines.push(Line::default());
    lines.extend(stages(model, row, width));
    lines.push(Line::default());
    if let Some(region) = model.estate.region(row.slot) {
        lines.extend(keys(model, row, region, width));
    }
    lines
}

/// AWS: per API key, over all stages of the plan together.
fn throttle(model: &Model, throttle: Throttle, width: u16) -> Vec<Span<'static>> {
    let look = &model.look;
    match figures::throttle(throttle) {
        Some(text) if throttle.blocks_all() => {
            vec![paint::span(look, Role::Errors, format!("{text}  {} {BLOCKS_ALL}", look.symbols.errors))]
        }
        Some(text) => detail::noted(model, paint::span(look, Role::Text, text), "per key", width),
        None => vec![paint::span(look, Role::Dim, "none: what the stages allow")],
    }
}

fn stages(model: &Model, row: &PlanRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let stages = &row.plan.stages;
    let mut lines = vec![detail::heading(model, "stages", &stages.len().to_string())];
    for open in stages {
        let api = model.estate.api(row.slot, &open.api);
        let name = api.map_or_else(|| open.api.to_string(), |entry| entry.api.name.clone());
        let mut spans = vec![paint::span(look, Role::Text, format!("  {name}/{}", open.stage))];
        // AWS keeps the stage in the plan after it is deleted.
        if api.is_some_and(|entry| entry.stages.value().is_some() && entry.stage(&open.stage).is_none()) {
            spans.push(paint::span(look, Role::Warning, "  gone"));
        }
        lines.push(Line::from(spans));
        for (method, throttle) in &open.method_throttles {
            let role = if throttle.blocks_all() { Role::Errors } else { Role::Dim };
            let text = if throttle.blocks_all() {
                format!("{} {BLOCKS_ALL}", look.symbols.errors)
            } else {
                figures::throttle(*throttle).unwrap_or_default()
            };
            let method = fit::pad(&method.to_string(), (width / 3).max(12), look.symbols.ellipsis);
            lines.push(paint::line(look, role, format!("    {method}  {text}")));
        }
    }
    lines
}

/// Who is on it, by name and id: values of keys are never read.
fn keys(model: &Model, row: &PlanRow, region: &RegionEstate, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let known = region.plans_of_keys.value();
    let note = match (row.keys, region.api_keys.value()) {
        (Some(keys), _) if keys.is_whole => figures::count(keys.keys as u64),
        (_, Some(all)) => {
            let asked = figures::count(known.map_or(0, std::collections::BTreeMap::len) as u64);
            let found = row.keys.map_or_else(|| "0".to_owned(), |keys| figures::count(keys.keys as u64));
            format!("{found} so far, {asked} of {} asked", figures::count(all.len() as u64))
        }
        (_, None) if region.api_keys.failure().is_some() => "not read".to_owned(),
        (_, None) => "not read yet".to_owned(),
    };
    let mut lines = vec![detail::heading(model, "API keys", &note)];
    lines.extend(detail::failure_of(model, &region.api_keys, width));
    lines.extend(detail::failure_of(model, &region.plans_of_keys, width));
    if let Some(usage) = region.usage_of_plans.get(&row.plan.id) {
        lines.extend(detail::failure_of(model, usage, width));
    }
    let on_plan =
        |id| known.and_then(|known| known.get(id)).is_some_and(|plans| plans.contains(&row.plan.id));
    for key in region.api_keys.value().into_iter().flatten().filter(|key| on_plan(&key.id)) {
        let name = fit::pad(&key.name, width.saturating_sub(26).max(8), look.symbols.ellipsis);
        let (role, state) = if key.enabled { (Role::Dim, "on ") } else { (Role::Warning, "off") };
        let mut spans = vec![
            paint::span(look, Role::Text, format!("  {name} ")),
            paint::span(look, Role::Dim, fit::pad(key.id.as_str(), 10, look.symbols.ellipsis)),
            paint::span(look, role, format!("  {state} ")),
        ];
        if let Some(share) = region.share_used(&row.plan, &key.id) {
            spans.extend(usage::cell(model, Some(share)).spans);
        }
        lines.push(Line::from(spans));
    }
    lines
}
