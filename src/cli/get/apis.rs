//! `cellgate get apis`: REST, HTTP and WebSocket APIs, with figures where asked.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::{Column, Listing, Row, age, number, percent};
use crate::cli::reading::Reading;
use crate::cli::side_by_side;
use crate::domain::api::{Api, ApiKind, EndpointType};
use crate::domain::filter::{Filterable, Value};
use crate::domain::fleet::Signals;
use crate::domain::signal::{PERIOD_SECONDS, Series};
use crate::ops::inventory::Request;

/// Arguments of `get apis`.
#[derive(Clone, Debug, clap::Args)]
pub struct ApiArguments {
    /// With requests, errors and p99 of the last whole minute, from CloudWatch
    #[arg(long)]
    signals: bool,
    #[command(flatten)]
    listing: Listing,
}

/// One API.
#[derive(Clone, Debug, Serialize)]
struct ApiRow {
    id: String,
    name: String,
    kind: ApiKind,
    endpoint_type: EndpointType,
    default_endpoint_disabled: bool,
    description: Option<String>,
    created: Option<Timestamp>,
    tags: BTreeMap<String, String>,
    #[serde(skip)]
    now: Timestamp,
}

impl ApiRow {
    fn new(api: &Api, now: Timestamp) -> Self {
        Self {
            id: api.id.to_string(),
            name: api.name.clone(),
            kind: api.kind,
            endpoint_type: api.endpoint_type,
            default_endpoint_disabled: api.default_endpoint_disabled,
            description: api.description.clone(),
            created: api.created,
            tags: api.tags.clone(),
            now,
        }
    }
}

impl Filterable for ApiRow {
    fn text(&self) -> String {
        let description = self.description.as_deref().unwrap_or_default();
        format!("{} {} {} {} {description}", self.name, self.id, self.kind, self.endpoint_type)
    }

    fn value(&self, column: &str) -> Value {
        match column {
            "api" => Value::Text(self.name.clone()),
            "id" => Value::Text(self.id.clone()),
            "kind" => Value::Text(self.kind.to_string()),
            "endpoint" => Value::Text(self.endpoint_type.to_string()),
            "age" => super::age_value(self.created, self.now),
            _ => Value::Absent,
        }
    }
}

impl Row for ApiRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("api"),
        Column::text("id"),
        Column::text("kind"),
        Column::text("endpoint"),
        Column::figure("age"),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.id.clone(),
            self.kind.to_string(),
            self.endpoint_type.to_string(),
            age(self.created, self.now),
        ]
    }
}

/// One API with its figures of one minute.
#[derive(Debug, Serialize)]
struct ApiSignalsRow {
    #[serde(flatten)]
    api: ApiRow,
    minute: Option<Timestamp>,
    requests_per_second: Option<f64>,
    rate_4xx: Option<f64>,
    rate_5xx: Option<f64>,
    p99_ms: Option<f64>,
}

impl ApiSignalsRow {
    fn new(api: ApiRow, signals: &Signals) -> Self {
        let traffic = signals.apis.iter().find(|(id, _)| id.as_str() == api.id).map(|(_, traffic)| traffic);
        let at = |series: fn(&crate::domain::fleet::TrafficSeries) -> &Series| {
            series(traffic?).at(signals.minute?)
        };
        let requests = at(|traffic| &traffic.requests);
        let share =
            |errors: Option<f64>| requests.filter(|all| *all > 0.0).map(|all| errors.unwrap_or(0.0) / all);
        Self {
            minute: signals.minute,
            requests_per_second: requests.map(|all| all / super::figure(PERIOD_SECONDS)),
            rate_4xx: share(at(|traffic| &traffic.errors_4xx)),
            rate_5xx: share(at(|traffic| &traffic.errors_5xx)),
            p99_ms: at(|traffic| &traffic.p99_ms),
            api,
        }
    }
}

impl Filterable for ApiSignalsRow {
    fn text(&self) -> String {
        self.api.text()
    }

    fn value(&self, column: &str) -> Value {
        match column {
            "req/s" => self.requests_per_second.map_or(Value::Absent, Value::Number),
            "4xx" => self.rate_4xx.map_or(Value::Absent, Value::Share),
            "5xx" => self.rate_5xx.map_or(Value::Absent, Value::Share),
            "p99" => self.p99_ms.map_or(Value::Absent, Value::Number),
            other => self.api.value(other),
        }
    }
}

impl Row for ApiSignalsRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("api"),
        Column::text("id"),
        Column::text("kind"),
        Column::text("endpoint"),
        Column::figure("age"),
        Column::figure("req/s"),
        Column::figure("4xx"),
        Column::figure("5xx"),
        Column::figure("p99"),
    ];

    fn cells(&self) -> Vec<String> {
        let mut cells = self.api.cells();
        cells.extend([
            number(self.requests_per_second, 1),
            percent(self.rate_4xx),
            percent(self.rate_5xx),
            number(self.p99_ms, 0),
        ]);
        cells
    }
}

pub async fn run(arguments: &ApiArguments, context: &Context) -> Result<(), CliError> {
    let listing = &arguments.listing;
    if !arguments.signals {
        return side_by_side::list(listing, context, async |reading| {
            let rows = read(reading, context).await?;
            Ok((rows, reading.failures()))
        })
        .await;
    }
    side_by_side::list(listing, context, async |reading| {
        let rows = read(reading, context).await?;
        let mut failures = reading.failures();
        if rows.is_empty() {
            return Ok((Vec::new(), failures));
        }
        let signals = reading.signals(false).await?.unwrap_or_else(|failure| {
            failures.push(failure);
            Signals::default()
        });
        let rows = rows.into_iter().map(|row| ApiSignalsRow::new(row, &signals)).collect();
        Ok((rows, failures))
    })
    .await
}

async fn read(reading: &mut Reading<'_>, context: &Context) -> Result<Vec<ApiRow>, CliError> {
    reading.read("APIs", vec![Request::Apis]).await?;
    let now = reading.session.now(context.clock.now());
    Ok(reading.apis().into_iter().map(|entry| ApiRow::new(&entry.api, now)).collect())
}
