//! `cellgate get plans`: usage plans.

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::{Column, Listing, Row, number};
use crate::cli::reading::{Reading, conclude};
use crate::domain::filter::{Filterable, Value};
use crate::domain::stage::Throttle;
use crate::domain::usage_plan::{PlanStage, Quota, UsagePlan};
use crate::ops::inventory::Request;

/// One usage plan.
#[derive(Debug, Serialize)]
struct PlanRow {
    id: String,
    name: String,
    description: Option<String>,
    /// Per API key, in requests per second.
    throttle: Throttle,
    quota: Option<Quota>,
    stages: Vec<PlanStage>,
}

impl PlanRow {
    fn new(plan: &UsagePlan) -> Self {
        Self {
            id: plan.id.to_string(),
            name: plan.name.clone(),
            description: plan.description.clone(),
            throttle: plan.throttle,
            quota: plan.quota.clone(),
            stages: plan.stages.clone(),
        }
    }

    fn burst(&self) -> Option<f64> {
        self.throttle.burst.map(super::figure)
    }

    fn limit(&self) -> Option<f64> {
        self.quota.as_ref().map(|quota| super::figure(quota.limit))
    }
}

impl Filterable for PlanRow {
    fn text(&self) -> String {
        format!("{} {} {}", self.name, self.id, self.description.as_deref().unwrap_or_default())
    }

    fn value(&self, column: &str) -> Value {
        let figure = |figure: Option<f64>| figure.map_or(Value::Absent, Value::Number);
        match column {
            "plan" => Value::Text(self.name.clone()),
            "id" => Value::Text(self.id.clone()),
            "rate" => figure(self.throttle.rate),
            "burst" => figure(self.burst()),
            "quota" => figure(self.limit()),
            "period" => self.quota.as_ref().map_or(Value::Absent, |quota| Value::Text(quota.period.clone())),
            "stages" => Value::Number(super::count(self.stages.len())),
            _ => Value::Absent,
        }
    }
}

impl Row for PlanRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("plan"),
        Column::text("id"),
        Column::figure("rate"),
        Column::figure("burst"),
        Column::figure("quota"),
        Column::text("period"),
        Column::figure("stages"),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.id.clone(),
            number(self.throttle.rate, 0),
            number(self.burst(), 0),
            number(self.limit(), 0),
            self.quota.as_ref().map_or_else(|| "-".to_owned(), |quota| quota.period.clone()),
            self.stages.len().to_string(),
        ]
    }
}

pub async fn run(listing: &Listing, context: &Context) -> Result<(), CliError> {
    let order = listing.order::<PlanRow>()?;
    let mut reading = Reading::connect(context).await?;
    reading.read("usage plans", vec![Request::UsagePlans]).await?;
    let plans = reading.region().and_then(|region| region.usage_plans.value());
    let rows: Vec<PlanRow> = plans.into_iter().flatten().map(PlanRow::new).collect();
    let read = rows.len();
    let failures = reading.failures();
    if read > 0 || failures.is_empty() {
        order.print(rows, context.format)?;
    }
    conclude(read, failures)
}
