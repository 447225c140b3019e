//! A plan, whole, with the question that must be answered before anything is sent.

use ratatui::text::Line;

use super::overlay::Sheet;
use super::{asking, figures, fit, paint, unfinished};
use crate::domain::change::words::{self, Said, Tone};
use crate::domain::change::{Lever, Plan, Precondition, Risk, Undo};
use crate::tui::model::{Model, PlanState, Remedy};
use crate::tui::theme::Role;

/// While the target is being read.
pub fn being_made(model: &Model, name: &str, lever: Lever, remedy: Option<Remedy>) -> Sheet {
    let look = &model.look;
    let purpose = match remedy {
        None => "to plan",
        Some(Remedy::Undo) => "to undo",
        Some(Remedy::Finish | Remedy::Settle) => "to see how far it came",
    };
    let text = format!(" reading {name} {purpose}: {}", lever.title());
    let width = fit::width(&text).saturating_add(1).min(model.size.width.saturating_sub(8));
    let line = Line::from(vec![paint::spinner(model), paint::span(look, Role::Text, text)]);
    Sheet::new("Plan", width, vec![line])
}

pub fn sheet(model: &Model, state: &PlanState, room: u16) -> Sheet {
    let plan = &state.plan;
    let width = room.min(asking::WIDEST);
    let production =
        model.region_state(state.slot).is_some_and(|region| region.production) || plan.reaches_production();
    let mut lines = what(model, plan, production);
    if let Some(unfinished) = &state.unfinished {
        lines.extend(unfinished::lines(model, unfinished, width));
    } else {
        // The answer stands before all else, and how it is known after all else.
        let forecast = words::forecast(plan);
        let is_aside = |said: &&Said| said.tone == Tone::Aside;
        lines.extend(told(model, forecast.iter().filter(|said| !is_aside(said)), width));
        lines.extend(told(model, words::reach(plan).iter(), width));
        lines.extend(rest(model, plan, width));
        lines.extend(told(model, forecast.iter().filter(is_aside), width));
    }
    let title = match (&state.unfinished, &plan.undoes) {
        (Some(_), _) => format!("Unfinished: {}", plan.lever.title()),
        (None, Some(_)) => format!("Plan: undo: {}", plan.lever.title()),
        (None, None) => format!("Plan: {}", plan.lever.title()),
    };
    let asked = state.unfinished.as_ref().map_or("Carry it out?", unfinished::question);
    let phrase = plan.target.to_string();
    asking::sheet(model, title, lines, (width, state.scroll), (&state.confirmation, asked, &phrase))
}

fn what(model: &Model, plan: &Plan, production: bool) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut lines =
        vec![asking::head(model, "target", &plan.target.to_string(), &plan.region.to_string(), production)];
    if let Some(undone) = &plan.undoes {
        let mut spans = vec![paint::span(look, Role::Text, undone.to_string())];
        if model.open_changes().any(|open| open.id == *undone) {
            spans.push(paint::span(look, Role::Warning, ", which is open: its outcome is recorded first"));
        }
        lines.push(paint::field(look, "takes back", spans));
    }
    for change in &plan.fields {
        lines.push(paint::field(
            look,
            "changes",
            vec![
                paint::span(look, Role::Text, format!("{}  ", change.field)),
                paint::span(look, Role::Dim, change.before.clone()),
                paint::span(look, Role::Accent, format!(" {} ", look.symbols.arrow)),
                paint::span(look, Role::Strong, change.after.clone()),
            ],
        ));
    }
    lines
}

/// What is said of the traffic. In alarm it has a sign of its own, since a colour may not be seen.
fn told<'said>(model: &Model, said: impl Iterator<Item = &'said Said>, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut lines = Vec::new();
    let mut before = "";
    for one in said {
        let (role, sign) = match one.tone {
            Tone::Plain => (Role::Text, String::new()),
            Tone::Caution => (Role::Warning, String::new()),
            Tone::Alarm => (Role::Error, format!("{} ", look.symbols.failed)),
            Tone::Aside => (Role::Dim, String::new()),
        };
        for text in fit::wrap(&format!("{sign}{}", one.text), width.saturating_sub(12)) {
            let label = if one.label == before { "" } else { one.label };
            before = one.label;
            lines.push(paint::field(look, label, vec![paint::span(look, role, text)]));
        }
    }
    lines
}

fn rest(model: &Model, plan: &Plan, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let room = width.saturating_sub(12);
    let mut lines = Vec::new();
    let mut list = |name: &str, role: Role, texts: Vec<String>| {
        let wrapped = texts.iter().flat_map(|text| fit::wrap(text, room));
        for (place, text) in wrapped.enumerate() {
            let name = if place == 0 { name } else { "" };
            lines.push(paint::field(look, name, vec![paint::span(look, role, text)]));
        }
    };
    list("warnings", Role::Warning, plan.warnings.clone());
    list("costs", Role::Warning, plan.cost.iter().cloned().collect());
    match &plan.undo {
        Undo::Possible { how } => list("undo", Role::Text, vec![how.clone()]),
        Undo::Impossible { why } => list("undo", Role::Warning, vec![format!("impossible: {why}")]),
    }
    let role = if plan.risk == Risk::Low { Role::Text } else { Role::Warning };
    list("risk", role, vec![plan.risk.word().to_owned()]);
    let calls = plan.steps.iter().map(|step| &step.call).flat_map(|call| {
        let line = format!("{} {}: {}", call.service, call.operation, call.request);
        std::iter::once(line).chain(call.body.iter().map(|part| format!("  {part}")))
    });
    list("sends", Role::Text, calls.collect());
    list("needs IAM", Role::Text, plan.iam.clone());
    list("only if", Role::Text, plan.preconditions.iter().map(|one| precondition(plan, one)).collect());
    let age = figures::span(model.now.duration_since(plan.planned_at));
    list("planned", Role::Dim, vec![format!("{} UTC, {age} ago", figures::time(plan.planned_at))]);
    lines
}

fn precondition(plan: &Plan, condition: &Precondition) -> String {
    let value = condition.value.as_deref().unwrap_or("not set");
    format!("{} is {value}", plan.label(&condition.setting))
}
