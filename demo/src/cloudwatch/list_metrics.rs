//! ListMetrics: which metrics there are.

use jiff::{SignedDuration, Timestamp};

use super::error::Fault;
use super::input::Input;
use super::metric;
use super::page::Page;
use super::value::Value;
use crate::metrics::{MetricStore, minute_of};

/// AWS: 500 metrics in one answer.
const PAGE: usize = 500;
/// AWS: a metric without data for two weeks is not listed.
const LISTED: SignedDuration = SignedDuration::from_hours(14 * 24);
/// What `RecentlyActive` narrows the list to.
const RECENT: SignedDuration = SignedDuration::from_hours(3);
/// AWS: up to ten dimension filters.
const MOST_FILTERS: usize = 10;

/// Answers a ListMetrics.
pub fn list_metrics(metrics: &MetricStore, now: Timestamp, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    let namespace = input.text("Namespace")?;
    let name = input.text("MetricName")?;
    let dimensions = input.structures("Dimensions")?;
    if dimensions.len() > MOST_FILTERS {
        let message = format!("The collection Dimensions must not have a size greater than {MOST_FILTERS}.");
        return Err(Fault::invalid_value(message));
    }
    let dimensions = dimensions
        .iter()
        .map(|dimension| Ok((dimension.required_text("Name")?, dimension.text("Value")?)))
        .collect::<Result<Vec<_>, Fault>>()?;
    let recent = input.choice("RecentlyActive", &["PT3H"])?.is_some();
    // AWS: the model of ListMetrics has no InvalidNextToken, unlike that of the other paged operations.
    let page = Page::of(&input, (namespace, name, &dimensions, recent))
        .map_err(|_| Fault::invalid_value("Invalid nextToken"))?;

    // AWS: a metric may have more dimensions than the filters name.
    let has = |own: &[(String, String)], (name, value): &(&str, Option<&str>)| {
        own.iter().any(|(own, its)| own == name && value.is_none_or(|value| value == its))
    };
    let since = now - if recent { RECENT } else { LISTED };
    let found = metrics.find(minute_of(since), |its_namespace, its_name, its_dimensions| {
        namespace.is_none_or(|namespace| namespace == its_namespace)
            && name.is_none_or(|name| name == its_name)
            && dimensions.iter().all(|filter| has(its_dimensions, filter))
    });
    let (found, token) = page.cut(found, PAGE);
    Ok(Value::structure([("Metrics", Value::list(found.iter().map(metric::value)))])
        .with_optional("NextToken", token))
}
