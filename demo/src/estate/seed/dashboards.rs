//! The dashboard that the estate starts with: the fleet at a glance.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::{Api, ApiKind, Dashboard, REGION};

/// AWS: metrics of one widget.
const MOST_METRICS: usize = 500;

/// Requests, errors and latency of the cells' REST APIs; none without any.
pub fn dashboards(apis: &[Api], now: Timestamp) -> Vec<Dashboard> {
    let of_cells: Vec<&Api> = apis
        .iter()
        .filter(|api| api.kind == ApiKind::Rest && api.cell.is_some())
        .take(MOST_METRICS)
        .collect();
    if of_cells.is_empty() {
        return Vec::new();
    }
    let row = |metric: &str, api: &Api| json!(["AWS/ApiGateway", metric, "ApiName", api.name]);
    let widget = |place: usize, title: &str, metric: &str, statistic: &str| {
        let metrics: Vec<Value> = of_cells.iter().map(|api| row(metric, api)).collect();
        json!({
            "type": "metric",
            "x": (place % 2) * 12, "y": 2 + (place / 2) * 8, "width": 12, "height": 8,
            "properties": {
                "title": title, "region": REGION, "view": "timeSeries", "period": 60, "stat": statistic,
                "metrics": metrics,
            },
        })
    };
    let heading = json!({
        "type": "text", "x": 0, "y": 0, "width": 24, "height": 2,
        "properties": { "markdown": "# The fleet, cell by cell" },
    });
    let widgets = [
        heading,
        widget(0, "Requests", "Count", "Sum"),
        widget(1, "Latency", "Latency", "p99"),
        widget(2, "Client errors", "4XXError", "Average"),
        widget(3, "Server errors", "5XXError", "Average"),
    ];
    vec![Dashboard {
        name: "fleet".to_owned(),
        body: json!({ "widgets": widgets }).to_string(),
        last_modified: now - SignedDuration::from_hours(24 * 40),
    }]
}
