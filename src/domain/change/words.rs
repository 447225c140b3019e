//! What a plan says of the traffic that it meets, in words: the same for commands and console, each of which
//! gives them its own look.

use super::{BlastRadius, Lever, Plan};
use crate::domain::figures::{count, rate, share};
use crate::domain::levers::consequences::caches_less;
use crate::domain::what_if::attribution::CallerForecast;
use crate::domain::what_if::bounds::Bounds;
use crate::domain::what_if::quota::{KeyForecast, Outlook, QuotaWhatIf};
use crate::domain::what_if::{Scope, WhatIf};

/// Stages and callers that are named one by one.
const NAMED: usize = 8;

/// How something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    /// A backend gets more than now, or nobody knows how much.
    Caution,
    /// Somebody would be refused who isn't now.
    Alarm,
    /// How figures came about, and what they can't say.
    Aside,
}

/// One thing to know, with what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub label: &'static str,
    pub text: String,
    pub tone: Tone,
}

fn plain(label: &'static str, text: impl Into<String>) -> Said {
    Said { label, text: text.into(), tone: Tone::Plain }
}

/// What the plan reaches: stages, keys, the traffic of the last minutes, and what of it goes to the backend.
pub fn reach(plan: &Plan) -> Vec<Said> {
    let radius = &plan.blast_radius;
    let mut said = Vec::new();
    let stages = &radius.stages;
    if stages.len() > NAMED {
        let (named, more) = (stages[..NAMED].join(", "), stages.len() - NAMED);
        said.push(plain("reaches", format!("{} stages: {named} and {more} more", stages.len())));
    } else {
        said.extend(stages.iter().map(|stage| plain("reaches", stage.as_str())));
    }
    if let Some(keys) = radius.keys {
        said.push(plain(
            "keys",
            format!(
                "{}, {} requests today in UTC, {}/s on average (GetUsage; CloudWatch has no metrics of keys)",
                counted(keys.count, "API key", "API keys"),
                count(keys.used_today),
                rate(keys.per_second)
            ),
        ));
    }
    if plan.target.stage().is_none() && stages.is_empty() {
        return said;
    }
    let whose = if radius.keys.is_some() { " at these stages, whoever sends them" } else { "" };
    said.push(plain("traffic", traffic(radius, whose)));
    if let Some(hits) = radius.cache_hit_rate {
        said.push(plain("hit rate", share(hits)));
    }
    said.extend(backend(plan));
    said
}

/// The mean of the last minutes; `whose` stands behind the figure.
pub fn traffic(radius: &BlastRadius, whose: &str) -> String {
    radius.requests_per_second.map_or_else(
        || "unknown: CloudWatch has no data for the last minutes".to_owned(),
        |now| format!("{} requests/s{whose}, mean of {} min", rate(now), radius.minutes),
    )
}

fn backend(plan: &Plan) -> Option<Said> {
    let changes = plan.changes();
    if !caches_less(plan.lever, changes.iter()) {
        return None;
    }
    let until = if plan.lever == Lever::FlushStageCache { " until the cache is warm again" } else { "" };
    Some(match plan.blast_radius.shifted_to_backend_per_second {
        None => {
            Said { label: "backend", text: "what shifts to it is unknown".to_owned(), tone: Tone::Caution }
        }
        Some(more) => Said {
            label: "backend",
            text: format!("gets up to {} requests/s more{until}", rate(more)),
            tone: if more > 0.0 { Tone::Caution } else { Tone::Plain },
        },
    })
}

/// What a limit or a quota would have done, the answer first and how it is known last.
pub fn forecast(plan: &Plan) -> Vec<Said> {
    let mut said = Vec::new();
    if let Some(what_if) = &plan.what_if {
        of_throttle(what_if, &mut said);
    }
    if let Some(quota) = &plan.quota {
        of_quota(quota, &mut said);
    }
    said
}

fn of_throttle(what_if: &WhatIf, said: &mut Vec<Said>) {
    let (now, proposed) = (what_if.now.unwrap_or_default(), what_if.proposed);
    let more = proposed.least > now.least || proposed.likely.unwrap_or(0) > now.likely.unwrap_or(0);
    let above = what_if.tighter && what_if.scope == Scope::Shared && what_if.recent_per_second > what_if.rate;
    let window = format!("{} min until {}", what_if.minutes, what_if.until.strftime("%H:%MZ"));
    let present = what_if.now.map_or_else(|| "none".to_owned(), bounds);
    let arrived = count(what_if.arrived);
    let refused = match proposed {
        Bounds { most: 0, .. } => format!("none of {arrived} requests in {window} would have been refused"),
        Bounds { least: 0, likely: None | Some(0), most } => format!(
            "none of {arrived} requests in {window} would have been refused if they came evenly, and at most {} if \
             each minute's came at once",
            count(most)
        ),
        proposed => {
            format!("of {arrived} requests in {window}, {} would have been refused", bounds(proposed))
        }
    };
    said.push(Said {
        label: "what if",
        text: format!("{refused} (by the present throttle {present})"),
        tone: if more || above { Tone::Alarm } else { Tone::Plain },
    });
    said.push(plain("what if", format!("whose: {}", what_if.by_whom)));
    said.extend(what_if.callers.iter().take(NAMED).map(|caller| plain("what if", of_caller(caller))));
    for text in [&what_if.method, &what_if.limits] {
        said.push(Said { label: "what if", text: text.clone(), tone: Tone::Aside });
    }
}

fn of_caller(caller: &CallerForecast) -> String {
    if let (Some(part), Some(likely)) = (caller.share, caller.refused.likely) {
        return format!(
            "  {}: {} of the requests ({} to {}); likely {} of about {} refused ({} to {})",
            caller.who,
            share(part.likely),
            share(part.least),
            share(part.most),
            count(likely),
            count(caller.arrived),
            count(caller.refused.least),
            count(caller.refused.most)
        );
    }
    let refused = caller
        .refused
        .likely
        .map_or_else(|| bounds(caller.refused), |likely| format!("likely {}", count(likely)));
    format!("  {}: {refused} of {} refused", caller.who, count(caller.arrived))
}

fn bounds(bounds: Bounds) -> String {
    let likely = bounds.likely.map(|likely| format!(", likely {},", count(likely))).unwrap_or_default();
    format!("{} to {}{likely}", count(bounds.least), count(bounds.most))
}

fn of_quota(quota: &QuotaWhatIf, said: &mut Vec<Said>) {
    let over = quota.over().count();
    let later = quota.keys.len() - over;
    let limit = count(quota.limit.unsigned_abs());
    let text = format!(
        "{limit} a {} for each key: {} over it already, {} up before the period ends, it lasts for {}",
        quota.period.to_lowercase(),
        counted(over, "is", "are"),
        counted(later, "uses it", "use it"),
        quota.lasting,
    );
    let tone = if over > 0 { Tone::Alarm } else { Tone::Plain };
    said.push(Said { label: "what if", text, tone });
    said.extend(quota.keys.iter().take(NAMED).map(|key| plain("what if", of_key(key))));
    for text in [&quota.method, &quota.limits] {
        said.push(Said { label: "what if", text: text.clone(), tone: Tone::Aside });
    }
}

fn of_key(key: &KeyForecast) -> String {
    let (who, used) = (&key.key, count(key.used));
    match key.outlook {
        Outlook::Over { by } => format!("  {who}: {used} used, {} over", count(by)),
        Outlook::UsedUp { at } => {
            format!("  {who}: {used} used, used up by {}", at.strftime("%Y-%m-%d %H:%MZ"))
        }
        Outlook::Lasts { .. } => format!("  {who}: {used} used, enough for the rest"),
    }
}

fn counted(many: usize, one: &str, more: &str) -> String {
    format!("{} {}", count(u64::try_from(many).unwrap_or(u64::MAX)), if many == 1 { one } else { more })
}
