//! What the keys of a plan used, day by day, and the extension of what remains.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::patch::{self, Patch, PatchDocument, Patchable};
use super::{keys, plans};
use crate::estate::{ApiKey, Quota, Usage, UsagePlan};
use crate::page::{Page, Words, page};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

/// AWS keeps usage for about 90 days.
const LONGEST_DAYS: i32 = 90;

pub fn get_usage(call: &Call<'_>) -> Result<Answer, Fault> {
    let (start, end) = (date(call, "startDate")?, date(call, "endDate")?);
    let days = start.until(end).map_or(i32::MAX, |span| span.get_days());
    if !(0..LONGEST_DAYS).contains(&days) {
        return Err(Fault::bad_request(format!(
            "Usage can be read for up to {LONGEST_DAYS} days, from a start date to an end date that is not before it"
        )));
    }
    call.read(|estate| {
        let plan = plans::find(estate, call)?;
        let wanted = call.query("keyId");
        if let Some(id) = wanted.filter(|id| !plan.key_ids.iter().any(|key| key == id)) {
            return Err(keys::not_on_plan(id, &plan.id));
        }
        let usage = estate.usage.lock().unwrap_or_else(PoisonError::into_inner);
        let of_plan = estate
            .api_keys
            .iter()
            .filter(|key| plan.key_ids.contains(&key.id) && wanted.is_none_or(|wanted| key.id == wanted));
        let words = Words { token: "position", size: "limit" };
        let Page { rows, next } =
            page(of_plan, |key: &ApiKey| &key.id, call.query("position"), call.query("limit"), words)?;
        let items = rows.into_iter().map(|key| (key.id.as_str(), history(&usage, plan, &key.id, start, end)));
        Answer::json(&UsageDocument {
            usage_plan_id: &plan.id,
            start_date: start.to_string(),
            end_date: end.to_string(),
            position: next,
            values: items.collect(),
        })
    })
}

/// AWS: what `UpdateUsage` may patch.
static PATCHABLE: &[Patchable<Remaining>] =
    &[Patchable { path: "/remaining", ops: &["replace"], apply: set_remaining }];

struct Remaining(Option<i64>);

fn set_remaining(remaining: &mut Remaining, patch: &Patch<'_>) -> Result<(), Fault> {
    let requests = patch.integer()?;
    if requests < 0 {
        return Err(patch.invalid("a whole number of requests, 0 or more"));
    }
    remaining.0 = Some(requests);
    Ok(())
}

pub fn update_usage(call: &Call<'_>) -> Result<Answer, Fault> {
    let document: PatchDocument = call.body()?;
    let mut remaining = Remaining(None);
    patch::apply(PATCHABLE, &mut remaining, &document.patch_operations)?;
    call.read(|estate| {
        let plan = plans::find(estate, call)?;
        let key_id = call.parameter("keyId");
        if !plan.key_ids.iter().any(|key| key == key_id) {
            return Err(keys::not_on_plan(key_id, &plan.id));
        }
        let quota = plan.quota.ok_or_else(|| {
            Fault::bad_request(format!("Usage plan {} has no quota that could be extended", plan.id))
        })?;
        let today = call.now.to_zoned(TimeZone::UTC).date();
        let mut usage = estate.usage.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(remaining) = remaining.0 {
            usage.set_remaining(&plan.id, key_id, quota, today, remaining);
        }
        Answer::json(&UsageDocument {
            usage_plan_id: &plan.id,
            start_date: today.to_string(),
            end_date: today.to_string(),
            position: None,
            values: BTreeMap::from([(key_id, history(&usage, plan, key_id, today, today))]),
        })
    })
}

/// AWS: of each day, what was used and what remained.
fn history(usage: &Usage, plan: &UsagePlan, key_id: &str, start: Date, end: Date) -> Vec<[i64; 2]> {
    let no_quota = Quota { limit: i64::MAX, offset: 0, period: crate::estate::QuotaPeriod::Day };
    let days = std::iter::successors(Some(start), |day| day.tomorrow().ok()).take_while(|day| *day <= end);
    days.map(|day| {
        let remaining = match plan.quota {
            Some(quota) => usage.remaining(&plan.id, key_id, quota, day).max(0),
            None => no_quota.limit,
        };
        [usage.used(&plan.id, key_id, day), remaining]
    })
    .collect()
}

fn date(call: &Call<'_>, name: &str) -> Result<Date, Fault> {
    let text = call.query(name).unwrap_or_default();
    let legal = text.len() == "2026-11-20".len();
    text.parse().ok().filter(|_| legal).ok_or_else(|| {
        Fault::bad_request(format!("Invalid {name}: '{text}' is no date in the form yyyy-MM-dd"))
    })
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct UsageDocument<'a> {
    usage_plan_id: &'a str,
    start_date: String,
    end_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<String>,
    /// By key; AWS's wire name of the model's `items`.
    values: BTreeMap<&'a str, Vec<[i64; 2]>>,
}
