//! `cellgate get stages`: what each stage points at, and its cache and throttle.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::OfApi;
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::{Column, Row, age, number};
use crate::cli::side_by_side;
use crate::domain::api::{Api, ApiKind};
use crate::domain::filter::{Filterable, Value};
use crate::domain::stage::{Cache, Canary, Stage, Throttle};
use crate::ops::inventory::Request;

/// One stage.
#[derive(Debug, Serialize)]
struct StageRow {
    api_id: String,
    api_name: String,
    kind: ApiKind,
    stage: String,
    deployment_id: Option<String>,
    description: Option<String>,
    created: Option<Timestamp>,
    last_updated: Option<Timestamp>,
    /// REST only.
    cache: Option<Cache>,
    canary: Option<Canary>,
    /// The default of each method, not a cap on their sum.
    throttle: Throttle,
    auto_deploy: bool,
    tracing: Option<bool>,
    web_acl_arn: Option<String>,
    access_log_destination: Option<String>,
    variables: BTreeMap<String, String>,
    #[serde(skip)]
    now: Timestamp,
}

impl StageRow {
    fn new(api: &Api, stage: &Stage, now: Timestamp) -> Self {
        Self {
            api_id: api.id.to_string(),
            api_name: api.name.clone(),
            kind: api.kind,
            stage: stage.name.to_string(),
            deployment_id: stage.deployment.as_ref().map(ToString::to_string),
            description: stage.description.clone(),
            created: stage.created,
            last_updated: stage.last_updated,
            cache: stage.cache.clone(),
            canary: stage.canary.clone(),
            throttle: stage.default_throttle(),
            auto_deploy: stage.auto_deploy,
            tracing: stage.tracing,
            web_acl_arn: stage.web_acl_arn.clone(),
            access_log_destination: stage.access_log_destination.clone(),
            variables: stage.variables.clone(),
            now,
        }
    }

    fn changed(&self) -> Option<Timestamp> {
        self.last_updated.or(self.created)
    }

    fn cache_word(&self) -> Option<String> {
        let cache = self.cache.as_ref()?;
        Some(if cache.enabled { cache.status.to_string() } else { "off".to_owned() })
    }

    fn cache_size(&self) -> Option<f64> {
        self.cache.as_ref().filter(|cache| cache.enabled)?.size.as_ref()?.parse().ok()
    }
}

impl Filterable for StageRow {
    fn text(&self) -> String {
        let description = self.description.as_deref().unwrap_or_default();
        format!("{}/{} {} {} {description}", self.api_name, self.stage, self.api_id, self.kind)
    }

    fn value(&self, column: &str) -> Value {
        let text = |text: Option<String>| text.map_or(Value::Absent, Value::Text);
        let figure = |figure: Option<f64>| figure.map_or(Value::Absent, Value::Number);
        match column {
            "api" => Value::Text(self.api_name.clone()),
            "stage" => Value::Text(self.stage.clone()),
            "kind" => Value::Text(self.kind.to_string()),
            "deployment" => text(self.deployment_id.clone()),
            "cache" => text(self.cache_word()),
            "cache-gb" => figure(self.cache_size()),
            "rate" => figure(self.throttle.rate),
            "burst" => figure(self.throttle.burst.map(super::figure)),
            "age" => super::age_value(self.changed(), self.now),
            _ => Value::Absent,
        }
    }
}

impl Row for StageRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("api"),
        Column::text("stage"),
        Column::text("kind"),
        Column::text("deployment"),
        Column::text("cache"),
        Column::figure("cache-gb"),
        Column::figure("rate"),
        Column::figure("burst"),
        Column::figure("age"),
    ];

    fn cells(&self) -> Vec<String> {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        vec![
            self.api_name.clone(),
            self.stage.clone(),
            self.kind.to_string(),
            or_none(self.deployment_id.clone()),
            or_none(self.cache_word()),
            number(self.cache_size(), 1),
            number(self.throttle.rate, 0),
            number(self.throttle.burst.map(super::figure), 0),
            age(self.changed(), self.now),
        ]
    }
}

pub async fn run(arguments: &OfApi, context: &Context) -> Result<(), CliError> {
    side_by_side::list(&arguments.listing, context, async |reading| {
        let families = arguments.families(reading).await?;
        reading.read("stages", families.into_iter().map(Request::Stages).collect()).await?;
        let now = reading.session.now(context.clock.now());
        let entries = reading.apis().into_iter();
        let rows = entries.flat_map(|entry| {
            let stages = entry.stages.value().into_iter().flatten();
            stages.map(|stage| StageRow::new(&entry.api, stage, now))
        });
        Ok((rows.collect(), reading.failures()))
    })
    .await
}
