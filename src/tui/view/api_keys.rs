//! API keys: whether each is on, and what it opens through which plans. Values are never read.

use ratatui::text::Line;

use super::table::Sheet;
use super::{detail, figures, fit, paint, usage};
use crate::tui::model::Model;
use crate::tui::rows::{Column, KeyRow};
use crate::tui::theme::Role;

pub struct Keys;

impl Sheet for Keys {
    type Row = KeyRow;

    fn rows<'model>(&self, model: &'model Model) -> &'model [KeyRow] {
        &model.rows.listed.keys
    }

    fn cell(&self, model: &Model, row: &KeyRow, column: &Column, width: u16) -> Line<'static> {
        let look = &model.look;
        let key = &row.key;
        let cut = |text: &str| fit::cut(text, width, look.symbols.ellipsis);
        let (role, text) = match column.name {
            "key" => (Role::Strong, Some(cut(&key.name))),
            "id" => (Role::Dim, Some(cut(key.id.as_str()))),
            "state" => (state_role(row), Some(row.state().to_owned())),
            "plans" => (plans_role(row), row.plan_names().map(|names| cut(&names))),
            "used" => return usage::cell(model, row.used),
            "stages" => (Role::Text, Some(figures::count(key.stages.len() as u64))),
            "customer" => (Role::Text, key.customer_id.as_deref().map(cut)),
            _ => (Role::Dim, figures::age(key.created, model.region_now())),
        };
        text.map_or_else(|| paint::absent(look), |text| paint::line(look, role, text))
    }

    fn is_failing(&self, _row: &KeyRow) -> bool {
        false
    }
}

fn state_role(row: &KeyRow) -> Role {
    if row.key.enabled { Role::Dim } else { Role::Warning }
}

/// A key on no plan opens nothing that asks for one.
fn plans_role(row: &KeyRow) -> Role {
    if row.plans.as_ref().is_some_and(Vec::is_empty) { Role::Warning } else { Role::Text }
}

pub fn lines(model: &Model, row: &KeyRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let key = &row.key;
    let state = if key.enabled { "on" } else { "off: whoever sends it gets a 403" };
    let mut lines = vec![paint::text_field(look, "id", key.id.to_string())];
    lines.extend(paint::wrapped_field(look, "state", state_role(row), state, width));
    for (name, at) in [("created", key.created), ("updated", key.last_updated)] {
        if let Some(at) = at {
            let age = figures::span(model.region_now().duration_since(at));
            lines.push(paint::text_field(look, name, format!("{}, {age} ago", figures::date_and_time(at))));
        }
    }
    for (name, text) in [("customer", &key.customer_id), ("about", &key.description)] {
        if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
            lines.extend(paint::wrapped_field(look, name, Role::Text, text, width));
        }
    }
    for (name, value) in &key.tags {
        lines.extend(paint::wrapped_field(look, "tag", Role::Dim, &format!("{name}={value}"), width));
    }
    lines.push(Line::default());
    lines.extend(plans(model, row, width));
    lines.push(Line::default());
    lines.push(detail::heading(model, "stages", &figures::count(key.stages.len() as u64)));
    for open in &key.stages {
        let api = model.estate.api(row.slot, &open.api);
        let name = api.map_or_else(|| open.api.to_string(), |entry| entry.api.name.clone());
        lines.push(paint::line(look, Role::Text, format!("  {name}/{}", open.stage)));
    }
    lines
}

/// The plans that it is on, each with what it allows.
fn plans(model: &Model, row: &KeyRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let Some(region) = model.estate.region(row.slot) else { return Vec::new() };
    let note = match &row.plans {
        Some(plans) if plans.is_empty() => "none: it opens nothing that asks for a key".to_owned(),
        Some(plans) => plans.len().to_string(),
        None => "not asked yet".to_owned(),
    };
    let mut lines = vec![detail::heading(model, "usage plans", &note)];
    lines.extend(detail::failure_of(model, &region.plans_of_keys, width));
    for (id, name) in row.plans.iter().flatten() {
        let plan = region.usage_plans.value().into_iter().flatten().find(|plan| plan.id == *id);
        let throttle = plan.and_then(|plan| figures::throttle(plan.throttle));
        let quota = plan.and_then(|plan| plan.quota.as_ref()).map(figures::quota);
        let limits: Vec<String> = throttle.into_iter().chain(quota).collect();
        let role = match plan {
            Some(plan) if plan.throttle.blocks_all() => Role::Errors,
            _ => Role::Dim,
        };
        lines.push(paint::line(look, Role::Text, format!("  {name}")));
        let limits = fit::wrap(&limits.join(", "), width.saturating_sub(4));
        lines.extend(limits.into_iter().map(|line| paint::line(look, role, format!("    {line}"))));
        if let Some(plan) = plan {
            lines.extend(usage::lines(model, region, plan, &row.key.id, width));
        }
    }
    if let Some(usage) = region.usage_of_keys.get(&row.key.id) {
        lines.extend(detail::failure_of(model, usage, width));
    }
    lines
}
