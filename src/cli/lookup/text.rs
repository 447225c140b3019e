//! What was found of a customer as text for people: a field a line.

use std::fmt::Write as _;

use super::CellFound;
use crate::domain::api_key::ApiKey;
use crate::domain::figures;
use crate::domain::lookup::{Answer, Mapping, PastMove};
use crate::domain::text::sanitise;
use crate::ops::lookup::{KeyOfCustomer, Lookup, OpenConnections, PlanOfKey};

/// Connections that are listed; the rest is counted.
const LISTED: usize = 20;

/// The whole answer, each line ended.
pub(super) fn of(found: &Lookup, cell: Option<&CellFound>, cache_seconds: Option<u64>) -> String {
    let mut page = Page::default();
    page.field("customer", &found.customer);
    if let Some(answer) = &found.answer {
        let served_by = answer.cell().map_or_else(|| "none".to_owned(), |cell| format!("{cell}"));
        page.field("cell", &format!("{served_by}  ({})", answer.words()));
    }
    if let Some(cell) = cell {
        page.field("state", &state(cell));
    }
    match cache_seconds {
        Some(seconds) if found.answer.as_ref().is_some_and(|answer| answer.cell().is_some()) => {
            page.field("router", &format!("may give an answer that is up to {seconds} s old"));
        }
        _ => {}
    }
    match &found.mapping {
        Ok(Mapping::To(mapped)) => {
            for (name, value) in &mapped.attributes {
                page.field("attribute", &format!("{name} = {value}"));
            }
        }
        Ok(Mapping::Unusable { why }) => page.field("mapping", why),
        Ok(Mapping::Absent) | Err(_) => {}
    }
    if found.keys.rows.is_empty() && found.keys.failures.is_empty() {
        page.field("API keys", "none of its own");
    }
    for key in &found.keys.rows {
        page.field("API key", &heading(&key.key));
        for plan in &key.plans {
            page.field("", &plan_words(plan));
        }
        no_plans(key, &mut page);
    }
    for past in &found.moves {
        page.field("moved", &past_words(past));
    }
    if let Some(Ok(connections)) = &found.connections {
        of_connections(connections, found.answer.as_ref(), &mut page);
    }
    page.0
}

/// Lines of a name and a value each.
#[derive(Debug, Default)]
struct Page(String);

impl Page {
    fn field(&mut self, name: &str, value: &str) {
        // Writing into a String does not fail.
        let _ = writeln!(self.0, "{name:<12} {}", sanitise(value));
    }
}

fn state(cell: &CellFound) -> String {
    let Some(state) = cell.state else { return "no API here serves it".to_owned() };
    let figures = [
        cell.requests_per_second.map(|rate| format!("{} req/s", figures::rate(rate))),
        cell.rate_5xx.map(|rate| format!("{} 5xx", figures::share(rate))),
        cell.p99_ms.map(|p99| format!("p99 {p99:.0} ms")),
        cell.load.map(|load| format!("load {}", figures::percent(load))),
        cell.minute.map(|minute| format!("at {} UTC", minute.strftime("%H:%M"))),
    ];
    let figures: Vec<String> = figures.into_iter().flatten().collect();
    if figures.is_empty() {
        state.word().to_owned()
    } else {
        format!("{}: {}", state.word(), figures.join(", "))
    }
}

fn heading(key: &ApiKey) -> String {
    let state = if key.enabled { "on" } else { "off: its requests get a 403" };
    format!("{} ({}), {state}", key.name, key.id)
}

fn no_plans(key: &KeyOfCustomer, page: &mut Page) {
    if key.plans.is_empty() {
        page.field("", "on no plan");
    }
}

fn plan_words(plan: &PlanOfKey) -> String {
    let mut words = vec![format!("plan {}", plan.name)];
    words.extend(plan.throttle.rate.map(|rate| format!("{}/s", figures::setting(rate))));
    words.extend(plan.throttle.burst.map(|burst| format!("burst {}", figures::count(burst.unsigned_abs()))));
    words.extend(plan.quota.as_ref().map(|quota| {
        format!("{} a {}", figures::count(quota.limit.unsigned_abs()), quota.period.to_lowercase())
    }));
    words.extend(plan.used_today.map(|used| format!("{} used today", figures::count(used.unsigned_abs()))));
    words.extend(plan.remaining.map(|left| format!("{} left", figures::grouped(&left.to_string()))));
    words.join(", ")
}

fn past_words(past: &PastMove) -> String {
    let cell = |cell: &Option<crate::domain::id::CellId>| {
        cell.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string)
    };
    let mut words = format!("{} to {}", cell(&past.from), cell(&past.to));
    for (lead, text) in [("at", &past.at), ("by", &past.by)] {
        if let Some(text) = text {
            let _ = write!(words, " {lead} {text}");
        }
    }
    if let Some(reason) = &past.reason {
        let _ = write!(words, ": {reason}");
    }
    words
}

fn of_connections(found: &OpenConnections, answer: Option<&Answer>, page: &mut Page) {
    let serving = answer.and_then(Answer::cell);
    let units = figures::rate(found.read_units);
    page.field("connections", &format!("{} open; {units} read units taken", found.open.len()));
    for open in found.open.iter().take(LISTED) {
        let cell = open.cell.as_deref().unwrap_or("?");
        let elsewhere = match serving {
            Some(serving) if serving.as_str() != sanitise(cell) => "  (not the cell that serves it)",
            _ => "",
        };
        page.field("", &format!("{} on {cell}{elsewhere}", open.id));
    }
    if found.open.len() > LISTED {
        page.field(
            "",
            &format!("and {} more; `cellgate get connections` has all", found.open.len() - LISTED),
        );
    }
}
