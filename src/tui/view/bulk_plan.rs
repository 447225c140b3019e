//! The plan of a bulk, with the question that must be answered before anything is sent.

use ratatui::text::Line;

use super::overlay::Sheet;
use super::{asking, figures, fit, paint};
use crate::domain::bulk::{BulkPlan, LeftOut};
use crate::domain::change::{Risk, Undo};
use crate::tui::model::{BulkPlanState, Model};
use crate::tui::theme::Role;

pub fn sheet(model: &Model, state: &BulkPlanState, room: u16) -> Sheet {
    let plan = &state.plan;
    let width = room.min(asking::WIDEST);
    let production = model.region_state(state.slot).is_some_and(|region| region.production)
        || !plan.blast_radius.production.is_empty();
    let mut lines = head(model, plan, production);
    // What to know comes before the targets: there may be more of those than fit.
    lines.extend(warnings(model, plan, width));
    lines.extend(targets(model, plan, width));
    lines.extend(rest(model, plan, width));
    let undo = if plan.undoes.is_some() { "undo: " } else { "" };
    let title = format!("Plan: {undo}{} of {}", plan.lever.title(), plan.count());
    let phrase = plan.phrase();
    asking::sheet(model, title, lines, (width, state.scroll), (&state.confirmation, "Carry it out?", &phrase))
}

fn head(model: &Model, plan: &BulkPlan, production: bool) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut lines = vec![asking::head(model, "targets", &plan.count(), &plan.region.to_string(), production)];
    if let Some(bulk) = &plan.undoes {
        lines.push(paint::text_field(look, "takes back", bulk.to_string()));
    }
    let sizes: Vec<String> = plan.wave_sizes().iter().map(ToString::to_string).collect();
    let stops = if plan.undoes.is_some() { "" } else { "; the first failure stops it" };
    lines.push(paint::text_field(look, "waves", format!("{}{stops}", sizes.join(", then "))));
    let seconds = jiff::SignedDuration::from_secs(i64::try_from(plan.seconds()).unwrap_or(i64::MAX));
    let pace = format!("{} changes a minute: at least {}", plan.pace.per_minute(), figures::span(seconds));
    lines.push(paint::text_field(look, "pace", pace));
    let rate = plan.blast_radius.requests_per_second;
    let rate =
        rate.map_or_else(|| "unknown".to_owned(), |rate| format!("{}/s together", figures::rate(rate)));
    lines.push(paint::text_field(look, "traffic", rate));
    let role = if plan.risk == Risk::Low { Role::Text } else { Role::Warning };
    lines.push(paint::field(look, "risk", vec![paint::span(look, role, plan.risk.word())]));
    lines
}

/// A line for each field of each target.
fn targets(model: &Model, plan: &BulkPlan, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let longest = plan.parts.iter().map(|part| fit::width(&part.target.to_string())).max().unwrap_or(0);
    let room = longest.min(width / 2);
    let mut lines = vec![Line::default()];
    for part in &plan.parts {
        let name = fit::pad(&part.target.to_string(), room, look.symbols.ellipsis);
        for field in &part.fields {
            let spans = vec![
                paint::span(look, Role::Strong, name.clone()),
                paint::span(look, Role::Text, format!("  {}  ", field.field)),
                paint::span(look, Role::Dim, field.before.clone()),
                paint::span(look, Role::Accent, format!(" {} ", look.symbols.arrow)),
                paint::span(look, Role::Strong, field.after.clone()),
            ];
            lines.push(fit::line(spans, width, look.symbols.ellipsis));
        }
    }
    lines.push(Line::default());
    lines
}

fn warnings(model: &Model, plan: &BulkPlan, width: u16) -> Vec<Line<'static>> {
    let warnings = plan.warnings().into_iter().map(|(warning, count)| match count {
        count if count == plan.parts.len() => warning.to_owned(),
        count => format!("{warning} ({count} of {})", plan.count()),
    });
    let what_if = plan.refused_by_throttle().map(|refused| {
        format!(
            "of {} requests in the last hour, {} to {} would have been refused",
            refused.arrived, refused.least, refused.most
        )
    });
    let mut lines = list(model, "what if", Role::Text, &what_if.into_iter().collect::<Vec<_>>(), width);
    lines.extend(list(model, "warnings", Role::Warning, &warnings.collect::<Vec<_>>(), width));
    lines
}

fn rest(model: &Model, plan: &BulkPlan, width: u16) -> Vec<Line<'static>> {
    let told = |all: &[LeftOut]| -> Vec<String> {
        all.iter().map(|one| format!("{}: {}", one.target, one.why)).collect()
    };
    let mut lines = list(model, "left out", Role::Dim, &told(&plan.left_out), width);
    lines.extend(list(model, "stays", Role::Warning, &told(&plan.refused), width));
    let impossible = plan.parts.iter().filter(|part| matches!(part.undo, Undo::Impossible { .. })).count();
    let (role, undo) = match impossible {
        0 => (Role::Text, "all at once from the row of any, or each by itself".to_owned()),
        count => (Role::Warning, format!("impossible for {count} of {}", plan.count())),
    };
    lines.extend(list(model, "undo", role, &[undo], width));
    lines
}

/// Texts under one name, wrapped.
fn list(model: &Model, name: &str, role: Role, texts: &[String], width: u16) -> Vec<Line<'static>> {
    let wrapped = texts.iter().flat_map(|text| fit::wrap(text, width.saturating_sub(12))).enumerate();
    let line = |(place, text): (usize, String)| {
        let name = if place == 0 { name } else { "" };
        paint::field(&model.look, name, vec![paint::span(&model.look, role, text)])
    };
    wrapped.map(line).collect()
}
