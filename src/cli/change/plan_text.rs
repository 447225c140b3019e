//! A plan as text, for people who decide.

use std::fmt::Write as _;

use crate::cli::output::{number, percent};
use crate::domain::change::{BlastRadius, Plan, Undo};
use crate::domain::what_if::WhatIf;
use crate::domain::what_if::bounds::Bounds;
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
    for stage in &plan.blast_radius.stages {
        line("reaches", stage);
    }
    if plan.target.stage().is_some() || !plan.blast_radius.stages.is_empty() {
        line("traffic", &traffic(&plan.blast_radius));
    }
    if let Some(what_if) = &plan.what_if {
        for part in forecast(what_if) {
            line("what if", &part);
        }
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

/// What a throttle would have done, with how that is known.
fn forecast(what_if: &WhatIf) -> Vec<String> {
    let bounds = |bounds: Bounds| format!("{} to {}", bounds.least, bounds.most);
    let now = what_if.now.map_or_else(|| "none".to_owned(), bounds);
    vec![
        format!(
            "of {} requests in {} min until {}, {} would have been refused (by the present throttle {now})",
            what_if.arrived,
            what_if.minutes,
            what_if.until.strftime("%H:%MZ"),
            bounds(what_if.proposed)
        ),
        format!("whose: {}", what_if.by_whom),
        what_if.method.clone(),
        what_if.limits.clone(),
    ]
}

/// What passes through the targets, in words.
pub fn traffic(radius: &BlastRadius) -> String {
    if radius.requests_per_second.is_none() {
        return "unknown: CloudWatch has no data for the last minutes".to_owned();
    }
    let mut text = format!("{} requests/s", number(radius.requests_per_second, 1));
    if radius.cache_hit_rate.is_some() {
        let _ = write!(text, ", cache hit rate {}", percent(radius.cache_hit_rate));
    }
    if let Some(shifted) = radius.shifted_to_backend_per_second {
        let _ = write!(text, ", {} requests/s move to the backend", number(Some(shifted), 1));
    }
    let _ = write!(text, " (mean of {} min)", radius.minutes);
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
