//! What a change of a usage plan or an API key reaches: stages, keys and their traffic, and what a limit or a
//! quota of a plan would have meant for each key.
//!
//! CloudWatch has no metrics of keys. What each used AWS tells by the day (`GetUsage`), and from that follows
//! which part of the stages' traffic is likely to be its own. The cost: one `GetUsage` or more of the plan, the
//! names of the keys, and one metric of each stage.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Span;
use jiff::civil::Date;

use super::by_whom;
use super::keys_and_plans::today;
use super::planning::{Asked, Grounds};
use super::what_if::{MINUTES, last_hour, midnight, query, refuse_shared, requests};
use crate::aws::{Mode, Session};
use crate::domain::api::Api;
use crate::domain::api_key::KeyUsage;
use crate::domain::change::{BlastRadius, KeyTarget, KeysReached, Lever, Plan, PlanTarget, Settings};
use crate::domain::id::{ApiId, ApiKeyId, StageName};
use crate::domain::levers::usage_plan::{self, Part};
use crate::domain::method::MethodKey;
use crate::domain::signal::TimeWindow;
use crate::domain::stage::Throttle;
use crate::domain::usage_plan::Quota;
use crate::domain::what_if::bucket::Bucket;
use crate::domain::what_if::quota::{self, Period, QuotaWhatIf};
use crate::domain::what_if::traffic::Traffic;
use crate::domain::what_if::{Replay, Scope};

/// Minutes that tell the present traffic.
const RECENT: usize = 5;
/// In the first hours of a day what was used yesterday is counted in, so that there is something to go by.
const YOUNG_DAY_HOURS: i8 = 3;
/// Days of usage that tell a quota's rate.
const RATE_DAYS: i64 = 6;

type Stages = BTreeSet<(ApiId, StageName)>;

/// Tells a plan for a usage plan whom it reaches, and what its limits would have meant.
///
/// # Errors
/// Why it is unknown; what was found out until then is in the plan.
pub(super) async fn of_plan<M: Mode>(
    session: &Session<M>,
    plan: &mut Plan,
    target: &PlanTarget,
    settings: &Settings,
    asked: Asked,
    grounds: &Grounds<'_>,
) -> Result<(), String> {
    let changes = plan.changes();
    let after = settings.after(&changes);
    let mut reached = stages(settings);
    let opened = stages(&after);
    if plan.lever == Lever::UsagePlanStages {
        reached = reached.symmetric_difference(&opened).cloned().collect();
    } else {
        reached.extend(opened);
    }
    let apis = apis(session, grounds).await?;
    plan.blast_radius.stages = named(&reached, &apis);
    plan.blast_radius.production = production(&reached, &apis, grounds);

    let today = today(session);
    let names = key_names(session).await?;
    let since = since(today, &after, grounds, session);
    let known: BTreeSet<ApiKeyId> = names.keys().cloned().collect();
    let usage = session.usage_of_plan(&target.id, (since.quota, today), &known).await;
    let usage = usage.map_err(|failure| failure.to_string())?;
    let now = session.now(grounds.clock.now());
    plan.blast_radius.keys = Some(keys_reached(&usage, today, now));
    if changes.iter().any(|change| change.setting.starts_with(usage_plan::QUOTA)) {
        plan.quota = quota_of(&after).and_then(|quota| {
            let keys: Vec<_> =
                usage.iter().map(|used| forecast_usage(used, since.quota, today, &names)).collect();
            QuotaWhatIf::of(&quota, &keys, now).ok()
        });
    }

    let hour = last_hour(session, grounds.clock);
    let window = TimeWindow { start: hour.start.min(midnight(since.shares)), end: hour.end };
    let traffic = traffic(session, &reached, &apis, window, grounds).await?;
    recent(&mut plan.blast_radius, &traffic, window);
    let own = [usage_plan::RATE, usage_plan::BURST];
    if !changes.iter().any(|change| own.contains(&change.setting.as_str())) {
        return Ok(());
    }
    let around = session.account_throttle().await.unwrap_or_default();
    let bucket = |settings: &Settings| Bucket::of(limits(settings), around);
    let Some(proposed) = bucket(&after) else { return Ok(()) };
    let replayed = traffic.last(usize::try_from(MINUTES).unwrap_or(usize::MAX));
    let scope = Scope::Each { buckets: u32::try_from(usage.len()).unwrap_or(u32::MAX).max(1) };
    let replay = Replay { traffic: &replayed, until: window.end, scope, now: bucket(settings), proposed };
    let shares = shares(&usage, &traffic, window, since.shares, &names);
    let how = format!("estimated from what each key used since {} in UTC (GetUsage)", since.shares);
    plan.what_if =
        Some(if shares.is_empty() { replay.of_unknown() } else { replay.of_shares(&shares, &how) });
    if asked.by_whom {
        let named =
            |used: &KeyUsage| used.key.clone().and_then(|key| Some((key.clone(), names.get(&key)?.clone())));
        let of_plan: BTreeMap<ApiKeyId, String> = usage.iter().filter_map(named).collect();
        let told = by_whom::of_plan(session, replay, hour, reached.iter(), (&of_plan, &apis)).await;
        plan.what_if =
            Some(told.map_err(|why| format!("whose requests these are by the access logs: {why}"))?);
    }
    Ok(())
}

/// Tells a plan for an API key whom it reaches.
///
/// # Errors
/// As [`of_plan`].
pub(super) async fn of_key<M: Mode>(
    session: &Session<M>,
    plan: &mut Plan,
    target: &KeyTarget,
    grounds: &Grounds<'_>,
) -> Result<(), String> {
    let apis = apis(session, grounds).await?;
    let plans = session.usage_plans_of_key(&target.id).await.map_err(|failure| failure.to_string())?;
    let open = plans.iter().flat_map(|plan| &plan.stages);
    let reached: Stages = open.map(|open| (open.api.clone(), open.stage.clone())).collect();
    plan.blast_radius.stages = named(&reached, &apis);
    plan.blast_radius.production = production(&reached, &apis, grounds);
    let today = today(session);
    let mut usage = Vec::new();
    for known in &plans {
        let read = session.usage_of_key(&known.id, &target.id, (today, today)).await;
        usage.push(read.map_err(|failure| failure.to_string())?);
    }
    let keys = keys_reached(&usage, today, session.now(grounds.clock.now()));
    plan.blast_radius.keys = Some(KeysReached { count: 1, ..keys });
    let hour = last_hour(session, grounds.clock);
    let traffic = traffic(session, &reached, &apis, hour, grounds).await?;
    recent(&mut plan.blast_radius, &traffic, hour);
    Ok(())
}

/// The first days of what is read.
struct Since {
    /// Of the usage that tells each key's part of the traffic.
    shares: Date,
    /// Of all usage: a quota's period may have begun before.
    quota: Date,
}

fn since<M: Mode>(today: Date, after: &Settings, grounds: &Grounds<'_>, session: &Session<M>) -> Since {
    let hour = session.now(grounds.clock.now()).to_zoned(jiff::tz::TimeZone::UTC).hour();
    let days = |days: i64| today.saturating_sub(Span::new().days(days));
    let shares = if hour < YOUNG_DAY_HOURS { days(1) } else { today };
    let period = after.get(usage_plan::QUOTA_PERIOD).and_then(|period| Period::of(period).ok());
    let began = period.map_or(today, |period| period.around(today).0);
    Since { shares, quota: began.min(days(RATE_DAYS)) }
}

/// The stages that a plan opens.
fn stages(settings: &Settings) -> Stages {
    let open = settings.under(usage_plan::STAGES).filter_map(|(name, _)| match usage_plan::part(name) {
        Part::Stage(stage) => stage.split_once(':'),
        _ => None,
    });
    open.map(|(api, stage)| (api.into(), stage.into())).collect()
}

/// All REST APIs: as they are known, or read where nobody knows them.
async fn apis<M: Mode>(session: &Session<M>, grounds: &Grounds<'_>) -> Result<BTreeMap<ApiId, Api>, String> {
    let mut apis: Vec<Api> = grounds.region.apis.values().map(|entry| entry.api.clone()).collect();
    if apis.is_empty() {
        let read = session.rest_apis(|mut page| apis.append(&mut page)).await;
        read.map_err(|failure| failure.to_string())?;
    }
    Ok(apis.into_iter().map(|api| (api.id.clone(), api)).collect())
}

/// The keys' names by their ids. The console has them; a command asks.
pub(super) async fn key_names<M: Mode>(session: &Session<M>) -> Result<BTreeMap<ApiKeyId, String>, String> {
    let mut names = BTreeMap::new();
    let read = session.api_keys(|page| names.extend(page.into_iter().map(|key| (key.id, key.name)))).await;
    read.map_err(|failure| failure.to_string())?;
    Ok(names)
}

fn named(reached: &Stages, apis: &BTreeMap<ApiId, Api>) -> Vec<String> {
    let name = |api: &ApiId| apis.get(api).map_or_else(|| api.to_string(), |known| known.name.clone());
    reached.iter().map(|(api, stage)| format!("{}/{stage}", name(api))).collect()
}

fn production(reached: &Stages, apis: &BTreeMap<ApiId, Api>, grounds: &Grounds<'_>) -> BTreeSet<String> {
    let apis = reached.iter().filter_map(|(api, _)| apis.get(api));
    apis.filter(|api| grounds.is_production(api)).map(|api| api.name.clone()).collect()
}

async fn traffic<M: Mode>(
    session: &Session<M>,
    reached: &Stages,
    apis: &BTreeMap<ApiId, Api>,
    window: TimeWindow,
    grounds: &Grounds<'_>,
) -> Result<Traffic, String> {
    let mut queries = Vec::new();
    for (api, stage) in reached {
        let known = apis.get(api).ok_or_else(|| format!("the API {api} is not in the list of APIs"))?;
        refuse_shared(known, grounds)?;
        queries.push(query(known, stage.as_str(), &MethodKey::All));
    }
    requests(session, queries, window).await
}

fn recent(radius: &mut BlastRadius, traffic: &Traffic, window: TimeWindow) {
    radius.minutes = u32::try_from(RECENT).unwrap_or(u32::MAX);
    radius.until = Some(window.end);
    radius.requests_per_second = Some(traffic.recent_per_second(RECENT));
}

#[expect(clippy::cast_precision_loss, reason = "requests of a day are far below 2^52")]
fn keys_reached(usage: &[KeyUsage], today: Date, now: jiff::Timestamp) -> KeysReached {
    let used_today: u64 = usage.iter().map(|used| used_since(used, today)).sum();
    let seconds = now.duration_since(midnight(today)).as_secs_f64().max(1.0);
    KeysReached { count: usage.len(), used_today, per_second: used_today as f64 / seconds }
}

fn used_since(usage: &KeyUsage, first: Date) -> u64 {
    let days = usage.days.iter().filter(|day| day.date >= first);
    days.map(|day| u64::try_from(day.used).unwrap_or(0)).sum()
}

/// A key by its name and id. One that AWS names otherwise has neither: it may be the key's value.
fn who(usage: &KeyUsage, names: &BTreeMap<ApiKeyId, String>) -> String {
    let named = usage.key.as_ref().and_then(|key| Some(format!("{} ({key})", names.get(key)?)));
    named.unwrap_or_else(|| "a key that AWS doesn't name by its id".to_owned())
}

fn forecast_usage(
    usage: &KeyUsage,
    first: Date,
    today: Date,
    names: &BTreeMap<ApiKeyId, String>,
) -> quota::KeyUsage {
    let days = std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(|day| *day <= today);
    let used = |day: Date| {
        let found = usage.days.iter().find(|known| known.date == day);
        found.map_or(0, |known| u64::try_from(known.used).unwrap_or(0))
    };
    quota::KeyUsage { key: who(usage, names), first_day: first, used: days.map(used).collect() }
}

fn quota_of(settings: &Settings) -> Option<Quota> {
    Some(Quota {
        limit: settings.get(usage_plan::QUOTA_LIMIT)?.parse().ok()?,
        offset: settings.get(usage_plan::QUOTA_OFFSET).and_then(|offset| offset.parse().ok()).unwrap_or(0),
        period: settings.get(usage_plan::QUOTA_PERIOD)?.to_owned(),
    })
}

fn limits(settings: &Settings) -> Throttle {
    Throttle {
        rate: settings.get(usage_plan::RATE).and_then(|rate| rate.parse().ok()),
        burst: settings.get(usage_plan::BURST).and_then(|burst| burst.parse().ok()),
    }
}

/// Which part of all requests since a day each key had, 0 to 1; none where nothing was used.
#[expect(clippy::cast_precision_loss, reason = "requests of two days are far below 2^52")]
fn shares(
    usage: &[KeyUsage],
    traffic: &Traffic,
    window: TimeWindow,
    since: Date,
    names: &BTreeMap<ApiKeyId, String>,
) -> Vec<(String, f64)> {
    let minutes = window.end.duration_since(midnight(since)).as_mins();
    let of_all = traffic.last(usize::try_from(minutes).unwrap_or(0)).total();
    let used: Vec<(String, u64)> = usage
        .iter()
        .map(|used| (who(used, names), used_since(used, since)))
        .filter(|(_, used)| *used > 0)
        .collect();
    // CloudWatch is some minutes behind, so that keys may have used more than it has.
    let of_keys: u64 = used.iter().map(|(_, used)| used).sum();
    let all = of_all.max(of_keys) as f64;
    used.into_iter().map(|(who, used)| (who, used as f64 / all)).collect()
}
