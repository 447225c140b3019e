//! What a plan means for the traffic that it meets, and how much care that asks for: the one place where
//! figures raise a risk.
//!
//! A lever's own rules say what a change does by itself; these say what it does today, from the plan, the
//! traffic of the last five minutes and the replay of the last hour. What they raise they raise to
//! [`Risk::High`], which asks for the target's name, and no further: half of the requests refused may be what
//! sheds the load, and a script's `--yes` must not come to fail by the minute's traffic. [`Risk::Severe`] is
//! left to limits of 0, under which nothing passes whatever arrives. A limit that loosens raises nothing,
//! however much it goes on refusing, so that a way back is never the harder way. What isn't known counts as
//! much traffic.

use super::{api_key, http_stage, rest_stage, usage_plan, web_acl};
use crate::domain::change::{Lever, Plan, Risk, SettingChange, Target};
use crate::domain::figures::{count, percent, rate};
use crate::domain::what_if::attribution::CallerForecast;
use crate::domain::what_if::quota::KeyForecast;
use crate::domain::what_if::{Scope, WhatIf};

/// From this many requests per second that go elsewhere than now, the target's name must be typed.
const MANY_PER_SECOND: f64 = 500.0;
/// Keys that a warning names.
const NAMED: usize = 3;

/// One thing that the traffic makes of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consequence {
    pub risk: Risk,
    /// None where the figures by themselves say it.
    pub warning: Option<String>,
}

/// The plan with the risk that its figures ask for, and with warnings that name them, before all others.
#[must_use]
pub fn weighed(mut plan: Plan) -> Plan {
    let consequences = of(&plan);
    plan.risk = consequences.iter().map(|one| one.risk).fold(plan.risk, Risk::max);
    let mut warnings: Vec<String> = consequences.into_iter().filter_map(|one| one.warning).collect();
    let production: Vec<&str> = plan.blast_radius.production.iter().map(String::as_str).collect();
    if !production.is_empty() {
        warnings.insert(0, format!("in production by tag: {}", production.join(", ")));
    }
    plan.warnings.splice(0..0, warnings);
    plan
}

/// What the traffic makes of a plan; none where it makes no difference.
pub fn of(plan: &Plan) -> Vec<Consequence> {
    match plan.lever {
        Lever::Throttle => throttle(plan).into_iter().collect(),
        Lever::UsagePlan => plan_throttle(plan).into_iter().chain(quota(plan)).collect(),
        Lever::FlushStageCache | Lever::Cache => less_cached(plan).into_iter().collect(),
        Lever::Canary => canary(plan).into_iter().collect(),
        Lever::ApiKey => disabled_key(plan).into_iter().collect(),
        Lever::WebAclRule => rule(plan).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether the cache answers less after these changes than before, so that the backend gets more.
pub fn caches_less<'change>(lever: Lever, mut changes: impl Iterator<Item = &'change SettingChange>) -> bool {
    let loses = |change: &SettingChange| {
        let after = change.after.as_deref();
        match change.setting.as_str() {
            rest_stage::CACHE_ENABLED => after == Some("false"),
            rest_stage::CACHE_SIZE => change.before.is_some(),
            name if name.ends_with(rest_stage::CACHING) => after == Some("false"),
            name if name.ends_with(rest_stage::TIME_TO_LIVE) => after == Some("0"),
            _ => false,
        }
    };
    lever == Lever::FlushStageCache || (lever == Lever::Cache && changes.any(loses))
}

fn high(warning: impl Into<String>) -> Consequence {
    Consequence { risk: Risk::High, warning: Some(warning.into()) }
}

fn note(warning: impl Into<String>) -> Consequence {
    Consequence { risk: Risk::Low, warning: Some(warning.into()) }
}

/// A share of 0 to 1 that is refused, of `now` requests per second under a limit.
fn refused(now: f64, limit: f64) -> f64 {
    if now > 0.0 { (1.0 - limit / now).max(0.0) } else { 0.0 }
}

#[expect(clippy::cast_precision_loss, reason = "shares and rates for people")]
fn float(count: u64) -> f64 {
    count as f64
}

/// A stage's or a method's limit.
fn throttle(plan: &Plan) -> Option<Consequence> {
    let Some(what_if) = &plan.what_if else { return unreplayed(plan) };
    if !what_if.tighter {
        return None;
    }
    let (now, wanted) = (what_if.recent_per_second, what_if.rate);
    if now > wanted {
        return Some(high(above(what_if)));
    }
    let more = what_if.proposed.least > what_if.now.map_or(0, |now| now.least);
    if more {
        let (least, arrived) = (what_if.proposed.least, what_if.arrived);
        return Some(high(format!(
            "of {} requests of the last hour at least {} ({}) would have been refused",
            count(arrived),
            count(least),
            percent(float(least) / float(arrived.max(1)))
        )));
    }
    let burst = float(what_if.burst);
    (burst < now).then(|| {
        high(format!(
            "a burst of {} is less than the {} requests that arrive in a second now: of those that come together \
             some would be refused",
            count(what_if.burst),
            rate(now)
        ))
    })
}

/// More arrives now than the limit lets through.
fn above(what_if: &WhatIf) -> String {
    let (now, wanted) = (what_if.recent_per_second, what_if.rate);
    let share = percent(refused(now, wanted));
    let figures = format!("{} requests/s now, {}/s wanted", rate(now), rate(wanted));
    match what_if.scope {
        Scope::Shared | Scope::Each { buckets: 1 } => {
            format!("{figures}: about {share} would be refused")
        }
        Scope::Each { buckets } if now > wanted * f64::from(buckets) => format!(
            "{figures} for each of {buckets}: at least {} would be refused, and {share} if one gets them all",
            percent(refused(now, wanted * f64::from(buckets)))
        ),
        Scope::Each { buckets } => format!(
            "{figures} for each of {buckets}: about {share} would be refused if one gets them all, none if they are \
             spread over {} or more",
            (now / wanted.max(f64::MIN_POSITIVE)).ceil()
        ),
    }
}

/// A limit whose own traffic isn't known: that of all around it is the most that it can be.
fn unreplayed(plan: &Plan) -> Option<Consequence> {
    let wanted = tightened(plan)?;
    let Some(now) = plan.blast_radius.requests_per_second else {
        return Some(high(
            "how much traffic meets this limit is unknown, so it is taken for more than it allows",
        ));
    };
    (now > wanted).then(|| {
        high(format!(
            "{} requests/s now at all of it, {}/s wanted: which part of them meets this limit is unknown, and if it is \
             all, about {} would be refused",
            rate(now),
            rate(wanted),
            percent(refused(now, wanted))
        ))
    })
}

/// The lowest rate that a plan sets where there was a higher one or none.
fn tightened(plan: &Plan) -> Option<f64> {
    let changes = plan.changes();
    let lowered = changes.iter().filter(|change| is_rate(&change.setting)).filter_map(|change| {
        let number = |text: &Option<String>| {
            text.as_deref().and_then(|text| text.parse::<f64>().ok()).filter(|number| *number >= 0.0)
        };
        let after = number(&change.after)?;
        number(&change.before).is_none_or(|before| after < before).then_some(after)
    });
    lowered.min_by(f64::total_cmp)
}

fn is_rate(setting: &str) -> bool {
    let names = [rest_stage::RATE, http_stage::RATE, usage_plan::METHOD_RATE];
    names.iter().any(|name| setting.ends_with(name))
}

/// A usage plan's limit, which holds for each key by itself.
fn plan_throttle(plan: &Plan) -> Option<Consequence> {
    let Some(what_if) = &plan.what_if else { return unreplayed(plan) };
    // A method's limit is of the same plan, and isn't replayed.
    if !what_if.tighter {
        return None;
    }
    if !what_if.callers.is_empty() {
        return Some(high(told(&what_if.callers, |caller| key_above(caller, what_if), "keys")));
    }
    (what_if.by_whom == "unknown" && what_if.recent_per_second > what_if.rate).then(|| high(above(what_if)))
}

fn key_above(caller: &CallerForecast, what_if: &WhatIf) -> String {
    let now = float(caller.arrived) / (f64::from(what_if.minutes) * 60.0);
    let refused = caller.refused.likely.unwrap_or(caller.refused.least);
    format!(
        "{}: {} requests/s in the last hour, {}/s wanted: about {} would be refused",
        caller.who,
        rate(now),
        rate(what_if.rate),
        percent(float(refused) / float(caller.arrived.max(1)))
    )
}

/// The first few in words, and how many more there are.
fn told<T>(all: &[T], words: impl Fn(&T) -> String, many: &str) -> String {
    let named: Vec<String> = all.iter().take(NAMED).map(words).collect();
    match all.len().saturating_sub(NAMED) {
        0 => named.join("; "),
        more => format!("{}; and {more} more {many}", named.join("; ")),
    }
}

/// Keys that a quota refuses from the moment that it holds.
fn quota(plan: &Plan) -> Option<Consequence> {
    let forecast = plan.quota.as_ref()?;
    let changes = plan.changes();
    let limit = changes.iter().find(|change| change.setting == usage_plan::QUOTA_LIMIT);
    let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<i64>().ok());
    let raised = limit
        .is_some_and(|change| number(&change.before).is_some_and(|before| before < forecast.limit))
        && changes.iter().all(|change| change.setting != usage_plan::QUOTA_PERIOD);
    let over: Vec<(&KeyForecast, u64)> = forecast.over().collect();
    if raised || over.is_empty() {
        return None;
    }
    let words = |(key, by): &(&KeyForecast, u64)| {
        format!("{} ({} used, {} over)", key.key, count(key.used), count(*by))
    };
    let who = if over.len() == 1 { "1 key is".to_owned() } else { format!("{} keys are", over.len()) };
    Some(high(format!("{who} over it already and would get 429 at once: {}", told(&over, words, "keys"))))
}

/// A flush, or a cache that keeps less: the backend gets what it answered. An unknown load is taken for a
/// large one.
fn less_cached(plan: &Plan) -> Option<Consequence> {
    let changes = plan.changes();
    if !caches_less(plan.lever, changes.iter()) {
        return None;
    }
    let shifted = plan.blast_radius.shifted_to_backend_per_second;
    let risk = if shifted.is_some_and(|shifted| shifted < MANY_PER_SECOND) { Risk::Low } else { Risk::High };
    let warning = shifted.filter(|_| plan.lever == Lever::Cache).map(|shifted| {
        format!("the cache answers {} requests/s now: up to as many more reach the backend", rate(shifted))
    });
    Some(Consequence { risk, warning })
}

/// What goes to another deployment than now.
fn canary(plan: &Plan) -> Option<Consequence> {
    let now = plan.blast_radius.requests_per_second?;
    let changes = plan.changes();
    let share = changes.iter().find(|change| change.setting == rest_stage::CANARY_PERCENT)?;
    let promoted = changes.iter().any(|change| change.setting == rest_stage::DEPLOYMENT);
    let number =
        |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    let before = number(&share.before);
    let after = if promoted { 100.0 } else { number(&share.after) };
    let moved = now * (after - before).abs() / 100.0;
    let where_to = if after > before { "canary's" } else { "stage's own" };
    let text = format!(
        "about {} of {} requests/s go to the {where_to} deployment beside those that do now",
        rate(moved),
        rate(now)
    );
    Some(if moved >= MANY_PER_SECOND { high(text) } else { note(text) })
}

fn disabled_key(plan: &Plan) -> Option<Consequence> {
    let off = |change: &SettingChange| {
        change.setting == api_key::ENABLED && change.after.as_deref() == Some("false")
    };
    if !plan.changes().iter().any(off) {
        return None;
    }
    let keys = plan.blast_radius.keys?;
    Some(high(match keys.used_today {
        0 => "it made no request that counts today, in UTC".to_owned(),
        used => format!(
            "it made {} requests today, in UTC, {}/s on average: such requests would get 403",
            count(used),
            rate(keys.per_second)
        ),
    }))
}

fn rule(plan: &Plan) -> Option<Consequence> {
    let matched = plan.blast_radius.matched_last_hour?;
    Some(match (matched, blocks(plan)?) {
        (0, true) => note("the rule counted no request in the last hour"),
        (0, false) => note("the rule blocked no request in the last hour"),
        (matched, true) => high(format!(
            "the rule counted {} requests in the last hour: such requests would get 403",
            count(matched)
        )),
        (matched, false) => high(format!(
            "the rule blocked {} requests in the last hour: such requests would be let through",
            count(matched)
        )),
    })
}

/// Whether a rule of a web ACL blocks after the change what it counted before; none for other changes.
pub fn blocks(plan: &Plan) -> Option<bool> {
    if !matches!(plan.target, Target::WebAcl(_)) {
        return None;
    }
    let changes = plan.changes();
    let change = changes.iter().find(|change| change.setting.starts_with(web_acl::RULES))?;
    match (
        web_acl::action_of(change.before.as_deref()?)?.as_str(),
        web_acl::action_of(change.after.as_deref()?)?.as_str(),
    ) {
        ("Count", "Block") => Some(true),
        ("Block", "Count") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
