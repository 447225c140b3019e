//! Which series stand for what: CloudWatch's names, statistics and dimensions of each figure.

use std::collections::BTreeMap;

use crate::domain::api::{Api, ApiKind};
use crate::domain::cell::{Cell, CellSettings};
use crate::domain::estate::{Estate, RegionSlot};
use crate::domain::id::{ApiId, CellId, StageName};
use crate::domain::signal::{MetricIdentity, MetricQuery, Statistic};

/// The namespace of the metrics that cells publish of themselves.
pub const CELL_NAMESPACE: &str = "CellBasedArchitecture/ApiGateway";
/// AWS: "API Gateway dimensions and metrics".
const API_NAMESPACE: &str = "AWS/ApiGateway";

/// AWS: "AWS WAF metrics and dimensions".
pub(in crate::ops) const WAF_NAMESPACE: &str = "AWS/WAFV2";
pub(in crate::ops) const BLOCKED_METRIC: &str = "BlockedRequests";

/// What a series means on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    Requests,
    Errors4xx,
    Errors5xx,
    P99,
    CacheHits,
    CacheMisses,
    Blocked,
}

/// CloudWatch's name and the statistic of each figure, by kind of API. Names differ in case and
/// in word between the kinds; WebSocket APIs count messages, and no 4xx.
fn metric_of(kind: ApiKind, figure: Figure) -> Option<(&'static str, Statistic)> {
    let metric = match (kind, figure) {
        (ApiKind::Rest | ApiKind::Http, Figure::Requests) => ("Count", Statistic::Sum),
        (ApiKind::Rest, Figure::Errors4xx) => ("4XXError", Statistic::Sum),
        (ApiKind::Rest, Figure::Errors5xx) => ("5XXError", Statistic::Sum),
        (ApiKind::Http, Figure::Errors4xx) => ("4xx", Statistic::Sum),
        (ApiKind::Http, Figure::Errors5xx) => ("5xx", Statistic::Sum),
        (ApiKind::Rest | ApiKind::Http, Figure::P99) => ("Latency", Statistic::P99),
        (ApiKind::Rest, Figure::CacheHits) => ("CacheHitCount", Statistic::Sum),
        (ApiKind::Rest, Figure::CacheMisses) => ("CacheMissCount", Statistic::Sum),
        (ApiKind::WebSocket, Figure::Requests) => ("MessageCount", Statistic::Sum),
        (ApiKind::WebSocket, Figure::Errors4xx) => ("ClientError", Statistic::Sum),
        (ApiKind::WebSocket, Figure::Errors5xx) => ("ExecutionError", Statistic::Sum),
        (ApiKind::WebSocket, Figure::P99) => ("IntegrationLatency", Statistic::P99),
        (ApiKind::Http | ApiKind::WebSocket, Figure::CacheHits | Figure::CacheMisses)
        | (_, Figure::Blocked) => {
            return None;
        }
    };
    Some(metric)
}

/// The dimension that an API's metrics are keyed by: REST APIs by name, so that two of one name
/// fold into one series; the others by id.
pub(in crate::ops) fn api_dimension(api: &Api) -> (String, String) {
    match api.kind {
        ApiKind::Rest => ("ApiName".to_owned(), api.metric_name()),
        ApiKind::Http | ApiKind::WebSocket => ("ApiId".to_owned(), api.id.to_string()),
    }
}

/// Whether another API of the region publishes into the same series, so that neither has figures of
/// its own.
pub fn shares_metrics<'estate>(api: &Api, mut all: impl Iterator<Item = &'estate Api>) -> bool {
    api.kind == ApiKind::Rest
        && all.any(|other| {
            other.kind == ApiKind::Rest && other.id != api.id && other.metric_name() == api.metric_name()
        })
}

pub(super) fn api_query(api: &Api, stage: Option<&StageName>, figure: Figure) -> Option<MetricQuery> {
    let (name, statistic) = metric_of(api.kind, figure)?;
    let mut dimensions = vec![api_dimension(api)];
    dimensions.extend(stage.map(|stage| ("Stage".to_owned(), stage.to_string())));
    let metric = MetricIdentity { namespace: API_NAMESPACE.to_owned(), name: name.to_owned(), dimensions };
    Some(MetricQuery { metric, statistic })
}

/// The custom metrics of a cell. They count errors of all kinds in one, shown as 5xx.
fn cell_query(cell: &CellId, figure: Figure) -> Option<MetricQuery> {
    let (name, statistic) = match figure {
        Figure::Requests => ("RequestCount", Statistic::Sum),
        Figure::Errors5xx => ("ErrorCount", Statistic::Sum),
        Figure::P99 => ("Latency", Statistic::P99),
        Figure::Errors4xx | Figure::CacheHits | Figure::CacheMisses | Figure::Blocked => return None,
    };
    let metric = MetricIdentity {
        namespace: CELL_NAMESPACE.to_owned(),
        name: name.to_owned(),
        dimensions: vec![("CellId".to_owned(), cell.to_string())],
    };
    Some(MetricQuery { metric, statistic })
}

/// What the web ACL of a cell blocks, by all of its rules. AWS: a regional ACL's metrics have its region, too.
pub(super) fn blocked_query(cell: &CellId, settings: &CellSettings, region: &str) -> MetricQuery {
    let acl = settings.web_acl.replace("{CellId}", cell.as_str());
    let dimensions = [("Region", region), ("Rule", "ALL"), ("WebACL", acl.as_str())];
    let metric = MetricIdentity {
        namespace: WAF_NAMESPACE.to_owned(),
        name: BLOCKED_METRIC.to_owned(),
        dimensions: dimensions.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
    };
    MetricQuery { metric, statistic: Statistic::Sum }
}

/// Whose series an answer is.
#[derive(Clone, Debug)]
pub(super) enum Owner {
    Api(ApiId),
    Cell(CellId),
}

const TRAFFIC: [Figure; 4] = [Figure::Requests, Figure::Errors4xx, Figure::Errors5xx, Figure::P99];

/// Every series that the fleet shows, and whose it is.
pub(super) fn fleet_queries(
    estate: &Estate,
    slot: RegionSlot,
    cells: &BTreeMap<CellId, Cell>,
) -> Vec<(Owner, Figure, MetricQuery)> {
    let Some(region) = estate.region(slot) else { return Vec::new() };
    // CloudWatch folds REST APIs of one name into one series: whose traffic it is can't be told, and
    // counting it for each would show it as many times.
    let own = region
        .apis
        .values()
        .filter(|entry| !shares_metrics(&entry.api, region.apis.values().map(|other| &other.api)));
    let of_apis = own.flat_map(|entry| {
        TRAFFIC.into_iter().filter_map(|figure| {
            let query = api_query(&entry.api, None, figure)?;
            Some((Owner::Api(entry.api.id.clone()), figure, query))
        })
    });
    // Cells without a metric of their own are not asked for: the question is billed all the same.
    let publishing = region.metric_cells.value();
    let of_cells =
        cells.keys().filter(|cell| publishing.is_some_and(|known| known.contains(cell))).flat_map(|cell| {
            TRAFFIC.into_iter().filter_map(move |figure| {
                Some((Owner::Cell(cell.clone()), figure, cell_query(cell, figure)?))
            })
        });
    of_apis.chain(of_cells).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::api::EndpointType;

    fn api(kind: ApiKind) -> Api {
        Api {
            id: "a1b2c3".into(),
            name: "cell-01-api".into(),
            kind,
            description: None,
            created: None,
            endpoint_type: EndpointType::Regional,
            default_endpoint_disabled: false,
            tags: BTreeMap::new(),
        }
    }

    #[test]
    fn rest_metrics_are_keyed_by_name_and_the_others_by_id() {
        let rest = api_query(&api(ApiKind::Rest), Some(&"prod".into()), Figure::Errors5xx).unwrap();
        assert_eq!(rest.metric.name, "5XXError");
        let expected = [("ApiName", "cell-01-api"), ("Stage", "prod")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(rest.metric.dimensions, expected);
        let http = api_query(&api(ApiKind::Http), None, Figure::Errors5xx).unwrap();
        assert_eq!((http.metric.name.as_str(), http.metric.dimensions[0].0.as_str()), ("5xx", "ApiId"));
    }

    #[test]
    fn names_lose_what_cloudwatch_leaves_out() {
        let named = |name: &str| api_dimension(&Api { name: name.to_owned(), ..api(ApiKind::Rest) }).1;
        assert_eq!(named("größe-api"), "gre-api");
        assert_eq!(named("東京"), "a1b2c3");
    }

    #[test]
    fn rest_apis_of_one_name_have_no_figures_of_their_own() {
        let twin = Api { id: "d4e5f6".into(), ..api(ApiKind::Rest) };
        let http = Api { id: "g7h8i9".into(), ..api(ApiKind::Http) };
        let all = [api(ApiKind::Rest), twin, http];
        assert_eq!(all.each_ref().map(|api| shares_metrics(api, all.iter())), [true, true, false]);
        assert!(!shares_metrics(&all[0], all[2..].iter()));
    }

    #[test]
    fn only_rest_apis_are_asked_for_cache_figures() {
        assert!(api_query(&api(ApiKind::Rest), None, Figure::CacheHits).is_some());
        assert!(api_query(&api(ApiKind::Http), None, Figure::CacheHits).is_none());
        assert!(api_query(&api(ApiKind::WebSocket), None, Figure::CacheMisses).is_none());
    }
}
