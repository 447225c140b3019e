//! The alarms that the region has: two for each cell, on the metrics of its first API.

use jiff::Timestamp;

use crate::estate::{Api, ApiKind, Estate};
use crate::metrics::{MetricKey, Statistic};

/// A metric alarm that fires when enough of the last minutes lie above a threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    pub name: String,
    pub arn: String,
    pub description: String,
    /// When it was made.
    pub created: Timestamp,
    pub key: MetricKey,
    pub statistic: Statistic,
    pub threshold: f64,
}

impl Alarm {
    /// How many of the last minutes are looked at.
    pub const EVALUATION_PERIODS: usize = 5;
    /// How many of them must lie above the threshold.
    pub const DATAPOINTS_TO_ALARM: usize = 3;
    /// Seconds in a period.
    pub const PERIOD: i64 = 60;

    /// Whether a value counts towards the alarm.
    pub fn is_breached_by(&self, value: f64) -> bool {
        value > self.threshold
    }
}

/// The share of failed requests above which a cell's alarm fires.
const ERROR_RATE: f64 = 0.01;
/// The 99th percentile of the latency above which it does, in milliseconds.
const LATENCY: f64 = 800.0;

/// All alarms, by name.
pub fn alarms(estate: &Estate) -> Vec<Alarm> {
    let mut alarms: Vec<Alarm> = estate
        .cells
        .iter()
        .filter_map(|cell| {
            let of_cell =
                |api: &&Api| api.cell.as_deref() == Some(&cell.id) && api.kind != ApiKind::WebSocket;
            estate.apis.iter().map(AsRef::as_ref).find(of_cell).map(|api| (cell.id.as_str(), api))
        })
        .flat_map(|(cell, api)| of_cell(estate, cell, api))
        .collect();
    alarms.sort_by(|one, other| one.name.cmp(&other.name));
    alarms
}

fn of_cell(estate: &Estate, cell: &str, api: &Api) -> [Alarm; 2] {
    let (errors, dimension) = match api.kind {
        ApiKind::Rest => ("5XXError", ("ApiName", api.name.as_str())),
        _ => ("5xx", ("ApiId", api.id.as_str())),
    };
    let alarm = |what: &str, description: String, metric: &str, statistic, threshold| {
        let name = format!("{cell}-{what}");
        Alarm {
            arn: format!("arn:aws:cloudwatch:{}:{}:alarm:{name}", estate.region, estate.account_id),
            name,
            description,
            created: api.created,
            key: MetricKey::new("AWS/ApiGateway", metric, [dimension]),
            statistic,
            threshold,
        }
    };
    let name = &api.name;
    [
        alarm(
            "5xx",
            format!("More than 1 % of the requests to {name} fail"),
            errors,
            Statistic::Average,
            ERROR_RATE,
        ),
        alarm(
            "latency",
            format!("The 99th percentile of the latency of {name} is above 800 ms"),
            "Latency",
            Statistic::Percentile(99.0),
            LATENCY,
        ),
    ]
}
