//! `cellgate get api-keys`: keys by id and name, with plans and usage where asked. Never their values.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::interrupt::unless_interrupted;
use crate::cli::output::{Column, Listing, Row, age, number};
use crate::cli::reading::Reading;
use crate::cli::side_by_side;
use crate::cli::status::Spinner;
use crate::domain::api_key::{ApiKey, KeyStage};
use crate::domain::failure::Failure;
use crate::domain::filter::{Filterable, Value};
use crate::domain::id::ApiKeyId;
use crate::domain::usage_plan::{PlansOfKeys, UsagePlan};
use crate::ops::api_keys::{self, PlanUsage};
use crate::ops::inventory::Request;

/// What `-o json` carries, for the help.
pub const JSON: &str = "\
With -o json, each key is an object with these keys; its value is a secret and never read:
  id, name             as AWS names it
  enabled              false: its requests get a 403
  customer_id, description
                       null where there is none
  created, last_updated
                       in UTC
  stages               that it opens, each with api and stage
  tags                 by name
and with --plans:
  plans                that it is on, each with id, name, used_today and remaining (of the quota's
                       period; null where the plan has no quota, or nothing is told of the key)";

/// Arguments of `get api-keys`.
#[derive(Clone, Debug, clap::Args)]
pub struct KeyArguments {
    /// With the plans of each key and today's usage: a request for each key
    #[arg(long)]
    plans: bool,
    #[command(flatten)]
    listing: Listing,
}

/// One key.
#[derive(Debug, Serialize)]
struct KeyRow {
    id: ApiKeyId,
    name: String,
    enabled: bool,
    customer_id: Option<String>,
    description: Option<String>,
    created: Option<Timestamp>,
    last_updated: Option<Timestamp>,
    stages: Vec<KeyStage>,
    tags: std::collections::BTreeMap<String, String>,
    #[serde(skip)]
    now: Timestamp,
}

impl KeyRow {
    fn new(key: ApiKey, now: Timestamp) -> Self {
        Self {
            id: key.id,
            name: key.name,
            enabled: key.enabled,
            customer_id: key.customer_id,
            description: key.description,
            created: key.created,
            last_updated: key.last_updated,
            stages: key.stages,
            tags: key.tags,
            now,
        }
    }

    fn state(&self) -> &'static str {
        if self.enabled { "on" } else { "off" }
    }
}

impl Filterable for KeyRow {
    fn text(&self) -> String {
        let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
        format!("{} {} {} {}", self.name, self.id, or_empty(&self.customer_id), or_empty(&self.description))
    }

    fn value(&self, column: &str) -> Value {
        match column {
            "key" => Value::Text(self.name.clone()),
            "id" => Value::Text(self.id.to_string()),
            "state" => Value::Text(self.state().to_owned()),
            "customer" => self.customer_id.clone().map_or(Value::Absent, Value::Text),
            "stages" => Value::Number(super::count(self.stages.len())),
            "age" => super::age_value(self.created, self.now),
            _ => Value::Absent,
        }
    }
}

impl Row for KeyRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("key"),
        Column::text("id"),
        Column::text("state"),
        Column::text("customer"),
        Column::figure("stages"),
        Column::figure("age"),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.id.to_string(),
            self.state().to_owned(),
            self.customer_id.clone().unwrap_or_else(|| "-".to_owned()),
            self.stages.len().to_string(),
            age(self.created, self.now),
        ]
    }
}

/// One key with its plans.
#[derive(Debug, Serialize)]
struct KeyPlansRow {
    #[serde(flatten)]
    key: KeyRow,
    /// None where it could not be read.
    plans: Option<Vec<PlanOfKey>>,
}

/// A plan that a key is on.
#[derive(Debug, Serialize)]
struct PlanOfKey {
    id: String,
    name: String,
    used_today: Option<i64>,
    remaining: Option<i64>,
}

impl KeyPlansRow {
    fn new(key: KeyRow, of_keys: &PlansOfKeys, plans: &[UsagePlan], usage: &[PlanUsage]) -> Self {
        let of_key = of_keys.get(&key.id).map(|ids| {
            ids.iter()
                .map(|id| {
                    let plan = plans.iter().find(|plan| plan.id == *id);
                    let used =
                        usage.iter().find(|of| of.plan == *id && of.usage.key.as_ref() == Some(&key.id));
                    PlanOfKey {
                        id: id.to_string(),
                        name: plan.map_or_else(String::new, |plan| plan.name.clone()),
                        used_today: used.map(|of| of.usage.used()),
                        // Without a quota, what AWS tells as remaining means nothing.
                        remaining: used
                            .filter(|_| plan.is_some_and(|plan| plan.quota.is_some()))
                            .and_then(|of| of.usage.remaining()),
                    }
                })
                .collect()
        });
        Self { key, plans: of_key }
    }

    fn plans_shown(&self) -> String {
        let names: Vec<&str> = self.plans.iter().flatten().map(|plan| plan.name.as_str()).collect();
        if names.is_empty() { "-".to_owned() } else { names.join(",") }
    }

    fn used(&self) -> Option<f64> {
        let used = self.plans.iter().flatten().filter_map(|plan| plan.used_today);
        used.reduce(i64::saturating_add).map(super::figure)
    }

    /// Of the plan that has the least left.
    fn remaining(&self) -> Option<f64> {
        self.plans.iter().flatten().filter_map(|plan| plan.remaining).min().map(super::figure)
    }
}

impl Filterable for KeyPlansRow {
    fn text(&self) -> String {
        format!("{} {}", self.key.text(), self.plans_shown())
    }

    fn value(&self, column: &str) -> Value {
        match column {
            "plans" => Value::Text(self.plans_shown()),
            "used-today" => self.used().map_or(Value::Absent, Value::Number),
            "remaining" => self.remaining().map_or(Value::Absent, Value::Number),
            other => self.key.value(other),
        }
    }
}

impl Row for KeyPlansRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("key"),
        Column::text("id"),
        Column::text("state"),
        Column::text("customer"),
        Column::figure("stages"),
        Column::figure("age"),
        Column::text("plans"),
        Column::figure("used-today"),
        Column::figure("remaining"),
    ];

    fn cells(&self) -> Vec<String> {
        let mut cells = self.key.cells();
        cells.extend([self.plans_shown(), number(self.used(), 0), number(self.remaining(), 0)]);
        cells
    }
}

pub async fn run(arguments: &KeyArguments, context: &Context) -> Result<(), CliError> {
    if arguments.plans {
        return side_by_side::list(&arguments.listing, context, async |reading| {
            let (rows, now, mut failures) = read(reading, context).await?;
            if rows.is_empty() && !failures.is_empty() {
                return Ok((Vec::new(), failures));
            }
            let (rows, more) = with_their_plans(reading, rows, now).await?;
            failures.extend(more);
            Ok((rows, failures))
        })
        .await;
    }
    side_by_side::list(&arguments.listing, context, async |reading| {
        let (rows, _, failures) = read(reading, context).await?;
        Ok((rows, failures))
    })
    .await
}

async fn read(
    reading: &Reading<'_>,
    context: &Context,
) -> Result<(Vec<KeyRow>, Timestamp, Vec<Failure>), CliError> {
    let spinner = Spinner::start("reading API keys");
    let found = unless_interrupted(&reading.interruption, api_keys::read_api_keys(&reading.session)).await?;
    drop(spinner);
    let now = reading.session.now(context.clock.now());
    Ok((found.rows.into_iter().map(|key| KeyRow::new(key, now)).collect(), now, found.failures))
}

async fn with_their_plans(
    reading: &mut Reading<'_>,
    rows: Vec<KeyRow>,
    now: Timestamp,
) -> Result<(Vec<KeyPlansRow>, Vec<Failure>), CliError> {
    reading.read("usage plans", vec![Request::UsagePlans]).await?;
    let spinner = Spinner::start("reading the plans of each key");
    let known: BTreeSet<ApiKeyId> = rows.iter().map(|row| row.id.clone()).collect();
    let plans = reading.region().and_then(|region| region.usage_plans.value()).cloned().unwrap_or_default();
    let today = now.to_zoned(TimeZone::UTC).date();
    let work = async {
        tokio::join!(
            api_keys::plans_of_keys(&reading.session, &known),
            api_keys::read_usage(&reading.session, &plans, &known, today),
        )
    };
    let ((of_keys, mut failures), usage) = unless_interrupted(&reading.interruption, work).await?;
    drop(spinner);
    failures.extend(usage.failures);
    failures.extend(reading.failures());
    let rows = rows.into_iter().map(|row| KeyPlansRow::new(row, &of_keys, &plans, &usage.rows)).collect();
    Ok((rows, failures))
}
