//! An unfinished change in the place of a plan: how far it came, and what is done about it after the yes.

use ratatui::text::Line;

use super::{figures, paint};
use crate::ops::change::Verdict;
use crate::tui::model::{Model, Unfinished};
use crate::tui::theme::Role;

/// What the operator says yes or no to.
pub fn question(unfinished: &Unfinished) -> &'static str {
    match (unfinished.send, &unfinished.examined.verdict) {
        (true, _) => "Send what is missing?",
        (false, Verdict::Applied) => "Record it as applied?",
        (false, Verdict::NotApplied) => "Record it as not applied?",
        (false, Verdict::Partly { .. }) => "Record it as partly applied?",
        (false, Verdict::CannotBeTold { .. }) => "Record its outcome as unknown?",
    }
}

pub fn lines(model: &Model, unfinished: &Unfinished, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let examined = &unfinished.examined;
    let change = &examined.change;
    let mut lines = vec![paint::text_field(look, "change", change.id.to_string())];
    let age = figures::span(model.region_now().duration_since(change.at));
    let announced = format!("{} UTC, {age} ago", figures::date_and_time(change.at));
    lines.push(paint::text_field(look, "announced", announced));
    lines.extend(paint::wrapped_field(look, "operator", Role::Text, &change.operator, width));
    let (role, stands) = standing(&examined.verdict, change.plan.steps.len());
    lines.extend(paint::wrapped_field(look, "target says", role, &stands, width));
    let missing = examined.resumes_after().filter(|_| unfinished.send);
    let steps = missing.map_or(&[][..], |done| change.plan.steps.get(done..).unwrap_or_default());
    if steps.is_empty() {
        lines.push(paint::text_field(look, "sends", "nothing"));
    }
    for (place, call) in steps.iter().map(|step| &step.call).enumerate() {
        let name = if place == 0 { "sends" } else { "" };
        let text = format!("{} {}: {}", call.service, call.operation, call.request);
        lines.extend(paint::wrapped_field(look, name, Role::Text, &text, width));
        for part in &call.body {
            lines.extend(paint::wrapped_field(look, "", Role::Text, part, width));
        }
    }
    lines
}

/// How far it has come, in words.
fn standing(verdict: &Verdict, steps: usize) -> (Role, String) {
    match verdict {
        Verdict::Applied => (Role::Good, "done: its settings are as the change made them".to_owned()),
        Verdict::NotApplied => (Role::Text, "not done: its settings are as they were before".to_owned()),
        Verdict::Partly { done } => (Role::Warning, format!("partly done: {done} of {steps} requests")),
        Verdict::CannotBeTold { why } => (Role::Warning, format!("that can't be told: {why}")),
    }
}
