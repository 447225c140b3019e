//! `cellgate get plans`: usage plans.

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::interrupt::unless_interrupted;
use crate::cli::output::{Column, Listing, Row, number};
use crate::cli::reading::Reading;
use crate::cli::side_by_side;
use crate::cli::status::Spinner;
use crate::domain::failure::Failure;
use crate::domain::filter::{Filterable, Value};
use crate::domain::stage::Throttle;
use crate::domain::usage_plan::{PlanStage, Quota, UsagePlan, count_keys};
use crate::ops::api_keys;
use crate::ops::inventory::Request;

/// Arguments of `get plans`.
#[derive(Clone, Debug, clap::Args)]
pub struct PlanArguments {
    /// With the number of keys on each plan: a request for each key
    #[arg(long)]
    keys: bool,
    #[command(flatten)]
    listing: Listing,
}

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
    /// None unless asked for.
    key_count: Option<usize>,
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
            key_count: plan.key_count,
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
            "keys" => figure(self.key_count.map(super::count)),
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
        Column::figure("keys"),
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
            number(self.key_count.map(super::count), 0),
        ]
    }
}

pub async fn run(arguments: &PlanArguments, context: &Context) -> Result<(), CliError> {
    side_by_side::list(&arguments.listing, context, async |reading| {
        reading.read("usage plans", vec![Request::UsagePlans]).await?;
        let mut plans =
            reading.region().and_then(|region| region.usage_plans.value()).cloned().unwrap_or_default();
        let mut failures = reading.failures();
        if arguments.keys && !plans.is_empty() {
            failures.extend(count(reading, &mut plans).await?);
        }
        Ok((plans.iter().map(PlanRow::new).collect(), failures))
    })
    .await
}

/// Counts the keys of each plan; where one of the calls fails, no count is told, since it would be short.
async fn count(reading: &Reading<'_>, plans: &mut [UsagePlan]) -> Result<Vec<Failure>, CliError> {
    let spinner = Spinner::start("reading the plans of each key");
    let work = async {
        let keys = api_keys::read_api_keys(&reading.session).await;
        if !keys.failures.is_empty() {
            return Err(keys.failures);
        }
        let ids = keys.rows.iter().map(|key| &key.id);
        match api_keys::plans_of_keys(&reading.session, ids).await {
            (of_keys, failures) if failures.is_empty() => Ok(of_keys),
            (_, failures) => Err(failures),
        }
    };
    let counted = unless_interrupted(&reading.interruption, work).await?;
    drop(spinner);
    Ok(match counted {
        Ok(of_keys) => {
            count_keys(plans, &of_keys);
            Vec::new()
        }
        Err(failures) => failures,
    })
}
