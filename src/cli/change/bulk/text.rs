//! The plan of a bulk as text: a table of what changes where, then what holds for all.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::domain::bulk::{BulkPlan, LeftOut};
use crate::domain::change::Undo;
use crate::domain::change::words::traffic;

/// The whole plan.
pub fn text(plan: &BulkPlan) -> String {
    let undoing = plan.undoes.as_ref().map(|bulk| format!(" (takes {bulk} back)")).unwrap_or_default();
    let mut text = format!("Plan: {} of {} in {}{undoing}\n", plan.lever.title(), plan.count(), plan.region);
    text.push_str(&table(plan));
    let mut line = |label: &str, content: &str| {
        // Writing into a String does not fail.
        let _ = writeln!(text, "  {label:<10}{content}");
    };
    let mut listed = |label: &str, all: &[LeftOut]| {
        for one in all {
            line(label, &format!("{}: {}", one.target, one.why));
        }
    };
    listed("left out", &plan.left_out);
    listed("refused", &plan.refused);
    if plan.parts.is_empty() {
        return text;
    }
    line("waves", &waves(plan));
    line("pace", &format!("{} changes a minute, {}", plan.pace.per_minute(), duration(plan.seconds())));
    line("traffic", &traffic(&plan.blast_radius, " together"));
    if let Some(refused) = plan.refused_by_throttle() {
        line(
            "what if",
            &format!(
                "of {} requests in the last hour, {} to {} would have been refused (known of {} of {})",
                refused.arrived,
                refused.least,
                refused.most,
                refused.targets,
                plan.count()
            ),
        );
    }
    for (cost, count) in counted(plan.parts.iter().filter_map(|part| part.cost.clone())) {
        line("cost", &of(&cost, count, plan));
    }
    let ways = plan.parts.iter().map(|part| match &part.undo {
        Undo::Possible { how } => how.clone(),
        Undo::Impossible { why } => format!("none: {why}"),
    });
    for (way, count) in counted(ways) {
        line("undo", &of(&way, count, plan));
    }
    let actions = plan.parts.iter().flat_map(|part| &part.iam);
    let actions = actions.map(|grant| grant.split(" on ").next().unwrap_or(grant).to_owned());
    for (action, count) in counted(actions) {
        line("needs", &format!("{action} on {count} resources"));
    }
    line("risk", plan.risk.word());
    for (warning, count) in plan.warnings() {
        line("warning", &of(warning, count, plan));
    }
    text
}

/// A line for each field of each target, aligned.
fn table(plan: &BulkPlan) -> String {
    let fields = plan.parts.iter().flat_map(|part| {
        let target = part.target.to_string();
        part.fields.iter().map(move |field| (target.clone(), field))
    });
    let rows: Vec<[String; 3]> = fields
        .map(|(target, field)| [target, field.field.clone(), format!("{} -> {}", field.before, field.after)])
        .collect();
    let width = |place: usize| rows.iter().map(|row| row[place].chars().count()).max().unwrap_or_default();
    let (first, second) = (width(0), width(1));
    let mut text = String::new();
    for [target, field, change] in rows {
        // Writing into a String does not fail.
        let _ = writeln!(text, "  {target:<first$}  {field:<second$}  {change}");
    }
    text
}

/// `1, then 4`.
pub fn waves(plan: &BulkPlan) -> String {
    let sizes: Vec<String> = plan.wave_sizes().iter().map(ToString::to_string).collect();
    let after = if plan.undoes.is_some() {
        "; what can't be undone keeps no other from it"
    } else {
        "; the first failure stops it"
    };
    format!("{}{after}", sizes.join(", then "))
}

/// `about 2 min`.
pub fn duration(seconds: u64) -> String {
    match seconds {
        0 => "at once".to_owned(),
        1..=90 => format!("about {seconds} s"),
        _ => format!("about {} min", seconds.div_ceil(60)),
    }
}

/// Says of how many targets something holds, where not of all.
fn of(text: &str, count: usize, plan: &BulkPlan) -> String {
    match count {
        count if count == plan.parts.len() => text.to_owned(),
        count => format!("{text} ({count} of {})", plan.count()),
    }
}

/// Each text once, with how often it occurs.
fn counted(texts: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for text in texts {
        *counted.entry(text).or_insert(0) += 1;
    }
    counted
}
