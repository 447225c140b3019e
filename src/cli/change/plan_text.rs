//! A plan as text, for people who decide.

use std::fmt::Write as _;

use crate::domain::change::{Plan, Undo, words};
use crate::ops::change::Verdict;

/// The whole plan, a line for each thing there is to know.
pub fn text(plan: &Plan) -> String {
    let undoing = plan.undoes.as_ref().map(|id| format!(" (takes {id} back)")).unwrap_or_default();
    let mut text = format!("Plan: {} of {} in {}{undoing}\n", plan.lever.title(), plan.target, plan.region);
    let mut line = |label: &str, content: &str| {
        // Writing into a String does not fail.
        let _ = writeln!(text, "  {label:<10}{content}");
    };
    for call in plan.steps.iter().map(|step| &step.call) {
        line("sends", &format!("{} ({} {})", call.request, call.service, call.operation));
        for part in &call.body {
            line("", &format!("  {part}"));
        }
    }
    for field in &plan.fields {
        line("changes", &format!("{}: {} -> {}", field.field, field.before, field.after));
    }
    for said in words::reach(plan).into_iter().chain(words::forecast(plan)) {
        line(said.label, &said.text);
    }
    if let Some(cost) = &plan.cost {
        line("cost", cost);
    }
    match &plan.undo {
        Undo::Possible { how } => line("undo", how),
        Undo::Impossible { why } => line("undo", &format!("none: {why}")),
    }
    for grant in &plan.iam {
        line("needs", grant);
    }
    line("risk", plan.risk.word());
    for warning in &plan.warnings {
        line("warning", warning);
    }
    text
}

/// How far an unfinished change has come.
pub fn standing(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Applied => "done: the target says so".to_owned(),
        Verdict::NotApplied => "not done: the target is as it was".to_owned(),
        Verdict::Partly { done } => format!("partly done: {done} of its requests"),
        Verdict::CannotBeTold { why } => format!("can't be told: {why}"),
    }
}
