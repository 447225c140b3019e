//! `cellgate get deployments`: each with the stages that point at it.

use jiff::Timestamp;
use serde::Serialize;

use super::OfApi;
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::{Column, Row, age, timestamp};
use crate::cli::side_by_side;
use crate::domain::api::ApiKind;
use crate::domain::deployment::Deployment;
use crate::domain::estate::ApiEntry;
use crate::domain::filter::{Filterable, Value};
use crate::ops::inventory::Request;

/// One deployment.
#[derive(Debug, Serialize)]
struct DeploymentRow {
    api_id: String,
    api_name: String,
    kind: ApiKind,
    id: String,
    created: Option<Timestamp>,
    description: Option<String>,
    /// HTTP and WebSocket APIs only.
    status: Option<String>,
    auto_deployed: bool,
    /// Stages that point at it now.
    stages: Vec<String>,
    #[serde(skip)]
    now: Timestamp,
}

impl DeploymentRow {
    fn new(entry: &ApiEntry, deployment: &Deployment, now: Timestamp) -> Self {
        let stages = entry.stages.value().into_iter().flatten();
        Self {
            api_id: entry.api.id.to_string(),
            api_name: entry.api.name.clone(),
            kind: entry.api.kind,
            id: deployment.id.to_string(),
            created: deployment.created,
            description: deployment.description.clone(),
            status: deployment.status.clone(),
            auto_deployed: deployment.auto_deployed,
            stages: stages
                .filter(|stage| stage.deployment.as_ref() == Some(&deployment.id))
                .map(|stage| stage.name.to_string())
                .collect(),
            now,
        }
    }
}

impl Filterable for DeploymentRow {
    fn text(&self) -> String {
        let description = self.description.as_deref().unwrap_or_default();
        format!("{} {} {} {description}", self.api_name, self.id, self.stages.join(" "))
    }

    fn value(&self, column: &str) -> Value {
        let text = |text: Option<String>| text.map_or(Value::Absent, Value::Text);
        match column {
            "api" => Value::Text(self.api_name.clone()),
            "id" => Value::Text(self.id.clone()),
            "kind" => Value::Text(self.kind.to_string()),
            "stages" => Value::Text(self.stages.join(",")),
            "created" => text(self.created.map(|at| timestamp(Some(at)))),
            "age" => super::age_value(self.created, self.now),
            "status" => text(self.status.clone()),
            "description" => text(self.description.clone()),
            _ => Value::Absent,
        }
    }
}

impl Row for DeploymentRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("api"),
        Column::text("id"),
        Column::text("kind"),
        Column::text("stages"),
        Column::text("created"),
        Column::figure("age"),
        Column::text("status"),
        Column::text("description"),
    ];

    fn cells(&self) -> Vec<String> {
        let or_none = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
        vec![
            self.api_name.clone(),
            self.id.clone(),
            self.kind.to_string(),
            or_none(&self.stages.join(",")),
            timestamp(self.created),
            age(self.created, self.now),
            or_none(self.status.as_deref().unwrap_or_default()),
            or_none(self.description.as_deref().unwrap_or_default()),
        ]
    }
}

pub async fn run(arguments: &OfApi, context: &Context) -> Result<(), CliError> {
    side_by_side::list(&arguments.listing, context, async |reading| {
        let families = arguments.families(reading).await?.into_iter();
        let requests =
            families.flat_map(|family| [Request::Deployments(family.clone()), Request::Stages(family)]);
        reading.read("deployments", requests.collect()).await?;
        let now = reading.session.now(context.clock.now());
        let entries = reading.apis().into_iter();
        let rows = entries.flat_map(|entry| {
            let deployments = entry.deployments.value().into_iter().flatten();
            deployments.map(|deployment| DeploymentRow::new(entry, deployment, now))
        });
        Ok((rows.collect(), reading.failures()))
    })
    .await
}
