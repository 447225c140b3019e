//! What the customers of a cell send, by what their API keys used of usage plans: a list of keys and of plans, and a
//! request or more for each plan. Access logs would tell of all customers, at the price of reading all of them.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::aws::{Mode, Session};
use crate::domain::failure::Failure;
use crate::domain::id::ApiKeyId;
use crate::domain::moves::load::UsedByCustomer;

/// What was read.
#[derive(Clone, Debug)]
pub struct Load {
    pub used: UsedByCustomer,
    /// The first day of it, in UTC.
    pub since: Date,
    seconds: f64,
}

impl Load {
    /// Requests a second of these customers on average, of those who are known.
    pub fn per_second<'customer>(
        &self,
        customers: impl IntoIterator<Item = &'customer String>,
    ) -> HashMap<String, f64> {
        #[expect(clippy::cast_precision_loss, reason = "requests of two days are far below 2^52")]
        let known =
            |customer: &String| Some((customer.clone(), self.used.get(customer)? as f64 / self.seconds));
        customers.into_iter().filter_map(known).collect()
    }
}

/// Reads what each key used yesterday and today, in UTC by the region's clock. `now` is this machine's time.
///
/// # Errors
/// Where keys, plans or the usage of one of them can't be read: a part would choose the wrong customers.
pub async fn read<M: Mode>(
    session: &Session<M>,
    key_name: Option<&str>,
    now: Timestamp,
) -> Result<Load, Failure> {
    let now = session.now(now).to_zoned(TimeZone::UTC);
    let today = now.date();
    let since = today.saturating_sub(Span::new().days(1));
    let (mut keys, mut plans) = (Vec::new(), Vec::new());
    session.api_keys(|mut page| keys.append(&mut page)).await?;
    session.usage_plans(|mut page| plans.append(&mut page)).await?;
    let known: BTreeSet<ApiKeyId> = keys.iter().map(|key| key.id.clone()).collect();
    let mut usage = Vec::new();
    for plan in plans {
        usage.extend(session.usage_of_plan(&plan.id, (since, today), &known).await?);
    }
    let began = since.to_zoned(TimeZone::UTC).map_or(now.timestamp(), |began| began.timestamp());
    let seconds = now.timestamp().duration_since(began).as_secs_f64().max(1.0);
    Ok(Load { used: UsedByCustomer::of(&keys, key_name, &usage), since, seconds })
}
