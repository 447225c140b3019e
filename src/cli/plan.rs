//! A plan as text, for people who decide.

use std::fmt::Write as _;

use super::output::{number, percent};
use crate::domain::change::{BlastRadius, Plan, Risk, Undo};

/// The whole plan, a line for each thing there is to know.
pub fn text(plan: &Plan) -> String {
    let mut text = format!("Plan: {} of {} in {}\n", plan.lever.title(), plan.target, plan.region);
    let mut line = |label: &str, content: &str| {
        // Writing into a String does not fail.
        let _ = writeln!(text, "  {label:<10}{content}");
    };
    for call in &plan.calls {
        line("sends", &format!("{} ({} {})", call.request, call.service, call.operation));
    }
    for field in &plan.fields {
        line("changes", &format!("{}: {} -> {}", field.field, field.before, field.after));
    }
    line("traffic", &traffic(&plan.blast_radius));
    let Undo::Impossible { why } = &plan.undo;
    line("undo", &format!("none: {why}"));
    for grant in &plan.iam {
        line("needs", grant);
    }
    let risk = match plan.risk {
        Risk::Low => "low",
        Risk::High => "high",
    };
    line("risk", risk);
    for warning in &plan.warnings {
        line("warning", warning);
    }
    text
}

fn traffic(radius: &BlastRadius) -> String {
    if radius.requests_per_second.is_none() {
        return "unknown: CloudWatch has no data for the last minutes".to_owned();
    }
    format!(
        "{} requests/s, cache hit rate {}, {} requests/s move to the backend (mean of {} min)",
        number(radius.requests_per_second, 1),
        percent(radius.cache_hit_rate),
        number(radius.shifted_to_backend_per_second, 1),
        radius.minutes
    )
}
