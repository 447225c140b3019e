//! A throttle in detail: every layer that a request passes, which of them applies, and to whom.

use ratatui::text::{Line, Span};

use super::detail;
use super::throttles::BLOCKS_ALL;
use super::{figures, fit, overlay, paint};
use crate::domain::api::ApiKind;
use crate::domain::estate::ApiEntry;
use crate::domain::method::MethodKey;
use crate::domain::stage::Throttle;
use crate::domain::usage_plan::UsagePlan;
use crate::tui::model::Model;
use crate::tui::rows::{Layer, ThrottleRow};
use crate::tui::theme::Role;

/// The stage as `API/STAGE`, and the method where it has one of its own.
pub fn title(row: &ThrottleRow) -> String {
    match (&row.stage, &row.method) {
        (None, _) => row.api_name.clone(),
        (Some(stage), MethodKey::All) => format!("{}/{stage}", row.api_name),
        (Some(stage), method) => format!("{}/{stage} {method}", row.api_name),
    }
}

pub fn lines(model: &Model, row: &ThrottleRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut lines = Vec::new();
    if let Some(failure) = &row.failure {
        lines.extend(detail::failure_lines(model, failure, width));
    }
    if row.stage.is_none() {
        return lines;
    }
    lines.extend(applies(model, row, width));
    lines.push(paint::field(look, "account", layer(model, row, Layer::Account, width)));
    lines.push(paint::field(look, "default", layer(model, row, Layer::Default, width)));
    if row.method != MethodKey::All {
        lines.push(paint::field(look, "own", layer(model, row, Layer::Own, width)));
    }
    if let Some(region) = model.estate.region(row.slot) {
        lines.extend(detail::failure_of(model, &region.account_throttle, width));
    }
    lines.extend(above_the_account(model, row, width));
    lines.push(Line::default());
    if let Some(entry) = model.estate.api(row.slot, &row.api) {
        lines.extend(overrides(model, row, entry, width));
        lines.push(Line::default());
        lines.extend(plans(model, row, entry, width));
    }
    lines
}

/// What it comes to, in a word.
fn applies(model: &Model, row: &ThrottleRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    if row.blocks() {
        let who = if row.method == MethodKey::All {
            let one = if row.kind == ApiKind::Rest { "method" } else { "route" };
            format!("every {one} without a throttle of its own")
        } else {
            format!("every {}", row.method)
        };
        let text = format!("{} {BLOCKS_ALL}: {who} gets a 429", look.symbols.errors);
        return overlay::paragraph(model, Role::Errors, &text, width);
    }
    let text = match row.layer() {
        Layer::Account => "the account's limit alone",
        Layer::Default => "the stage's default, for each method by itself",
        Layer::Own => "its own",
    };
    paint::wrapped_field(look, "applies", Role::Text, text, width)
}

/// A layer's numbers, bright where they are the ones that apply.
fn layer(model: &Model, row: &ThrottleRow, own: Layer, width: u16) -> Vec<Span<'static>> {
    let look = &model.look;
    let throttle = match own {
        Layer::Account => row.account,
        Layer::Default => row.default,
        Layer::Own => row.own,
    };
    let Some(text) = figures::throttle(throttle) else {
        let text = if own == Layer::Account { "not read" } else { "not set" };
        return vec![paint::span(look, Role::Dim, text)];
    };
    let applies = row.layer() == own;
    let role = match (throttle.blocks_all(), applies) {
        (true, true) => Role::Errors,
        (_, false) => Role::Dim,
        (false, true) => Role::Strong,
    };
    let note = match own {
        Layer::Account => "all APIs together",
        Layer::Default => "per method",
        Layer::Own => "",
    };
    detail::noted(model, paint::span(look, role, text), note, width)
}

/// AWS: the account's limit stands above all others.
fn above_the_account(model: &Model, row: &ThrottleRow, width: u16) -> Vec<Line<'static>> {
    let (Some(rate), Some(account)) = (row.applying().rate, row.account.rate) else { return Vec::new() };
    if rate <= account {
        return Vec::new();
    }
    let text = format!("{} more than the account has: its limit is met first", model.look.symbols.warning);
    overlay::paragraph(model, Role::Warning, &text, width)
}

/// The methods or routes of the stage that have their own, the row's among them.
fn overrides(model: &Model, row: &ThrottleRow, entry: &ApiEntry, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let stage = row.stage.as_ref().and_then(|stage| entry.stage(stage));
    let own: Vec<_> = stage.into_iter().flat_map(crate::tui::rows::overrides).collect();
    let title = if row.kind == ApiKind::Rest { "methods" } else { "routes" };
    let mut lines = vec![detail::heading(model, &format!("{title} with their own"), &own.len().to_string())];
    for (method, throttle) in own {
        let sign = if *method == row.method { look.symbols.current } else { " " };
        lines.push(named(model, sign, &method.to_string(), throttle, width));
    }
    lines
}

fn named(model: &Model, sign: &str, name: &str, throttle: Throttle, width: u16) -> Line<'static> {
    let look = &model.look;
    let role = if throttle.blocks_all() { Role::Errors } else { Role::Text };
    let text = if throttle.blocks_all() {
        format!("{} {BLOCKS_ALL}", look.symbols.errors)
    } else {
        figures::throttle(throttle).unwrap_or_else(|| "no limit".to_owned())
    };
    let name_width = (width * 2 / 5).max(10);
    Line::from(vec![
        paint::span(look, Role::Accent, format!("{sign} ")),
        paint::span(look, role, fit::pad(name, name_width, look.symbols.ellipsis)),
        paint::span(look, role, format!("  {text}")),
    ])
}

/// What one API key may use of the stage, whatever the stage allows.
fn plans(model: &Model, row: &ThrottleRow, entry: &ApiEntry, width: u16) -> Vec<Line<'static>> {
    let Some(region) = model.estate.region(row.slot) else { return Vec::new() };
    let plans: Vec<&UsagePlan> = crate::tui::rows::plans_of(model, entry, row).collect();
    let note = match region.usage_plans.value() {
        Some(_) => format!("{}, for each API key", plans.len()),
        None => "not read".to_owned(),
    };
    let mut lines = vec![detail::heading(model, "usage plans", &note)];
    lines.extend(detail::failure_of(model, &region.usage_plans, width));
    for plan in plans {
        let of_stage = row.stage.as_ref().and_then(|stage| plan.stage(&row.api, stage));
        let of_method = of_stage.and_then(|stage| stage.method_throttles.get(&row.method).copied());
        let throttle = of_method.unwrap_or_default().or(plan.throttle);
        lines.push(named(model, " ", &plan.name, throttle, width));
    }
    lines
}
