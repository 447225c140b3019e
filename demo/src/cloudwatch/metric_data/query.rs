//! The structure `MetricDataQuery`: one metric or one expression of a GetMetricData.

use std::collections::BTreeSet;

use crate::cloudwatch::error::Fault;
use crate::cloudwatch::expression::Expression;
use crate::cloudwatch::input::Input;
use crate::cloudwatch::metric;
use crate::cloudwatch::value::Value;
use crate::cloudwatch::window::is_legal_period;
use crate::metrics::{MetricKey, Statistic};

/// AWS: a GetMetricData has at most 500 queries.
pub const MOST_QUERIES: usize = 500;

/// One query.
#[derive(Clone, Debug)]
pub struct Query {
    pub id: String,
    pub label: Option<String>,
    /// Whether the result is in the answer, or only there for expressions.
    pub return_data: bool,
    pub source: Source,
}

/// Where the data comes from.
#[derive(Clone, Debug)]
pub enum Source {
    Metric {
        key: MetricKey,
        unit: Option<String>,
        statistic: Statistic,
        /// As the request wrote it.
        statistic_name: String,
        /// Seconds.
        period: i64,
    },
    Expression {
        expression: Expression,
        /// As the request wrote it.
        text: String,
        /// Seconds.
        period: Option<i64>,
    },
}

impl Query {
    /// The seconds of a period, where the query says so.
    pub fn period(&self) -> Option<i64> {
        match &self.source {
            Source::Metric { period, .. } => Some(*period),
            Source::Expression { period, .. } => *period,
        }
    }

    /// Whether the query is a search.
    pub fn searches(&self) -> bool {
        matches!(&self.source, Source::Expression { text, .. } if text.contains("SEARCH"))
    }

    /// The query as an answer has it.
    pub fn value(&self) -> Value {
        let value =
            Value::structure([("Id", self.id.as_str().into()), ("ReturnData", self.return_data.into())])
                .with_optional("Label", self.label.as_deref());
        match &self.source {
            Source::Metric { key, unit, statistic_name, period, .. } => {
                let stat = Value::structure([
                    ("Metric", metric::value(key)),
                    ("Period", (*period).into()),
                    ("Stat", statistic_name.as_str().into()),
                ]);
                value.with("MetricStat", stat.with_optional("Unit", unit.as_deref()))
            }
            Source::Expression { text, period, .. } => {
                value.with("Expression", text.as_str()).with_optional("Period", *period)
            }
        }
    }
}

/// Reads all queries of a request.
pub fn read_all(input: &Input<'_>) -> Result<Vec<Query>, Fault> {
    read_list(input, "MetricDataQueries")
}

/// Reads the queries of a list. AWS names every illegal id in one message.
pub fn read_list(input: &Input<'_>, list: &str) -> Result<Vec<Query>, Fault> {
    let members = input.structures(list)?;
    if members.is_empty() {
        return Err(Fault::missing(list));
    }
    if members.len() > MOST_QUERIES {
        let message = format!("The collection {list} must not have a size greater than {MOST_QUERIES}.");
        return Err(Fault::validation(message));
    }
    let mut illegal = Vec::new();
    let mut seen = BTreeSet::new();
    let mut unique = true;
    for member in &members {
        let id = member.required_text("Id")?;
        unique &= seen.insert(id);
        if !is_legal_id(id) {
            let path = member.path("Id");
            illegal.push(format!(
                "The value {id} for parameter {path} is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."
            ));
        }
    }
    if !illegal.is_empty() {
        return Err(Fault::validation(illegal.join("\n")));
    }
    if !unique {
        let message = format!("The values for parameter id in {list} are not unique.");
        return Err(Fault::validation(message));
    }
    members.iter().map(read).collect()
}

fn read(input: &Input<'_>) -> Result<Query, Fault> {
    let id = input.required_text("Id")?.to_owned();
    let source = match (input.structure("MetricStat")?, input.text("Expression")?) {
        (Some(stat), None) => read_stat(&stat)?,
        (None, Some(text)) => {
            let expression = Expression::parse(text).map_err(|reason| in_expression(&id, &reason))?;
            let period = input.integer("Period")?;
            if let Some(period) = period.filter(|period| !is_legal_period(*period)) {
                return Err(illegal_period(input, period));
            }
            Source::Expression { expression, text: text.to_owned(), period }
        }
        _ => {
            let message = format!(
                "The parameters MetricStat and Expression of the query {id} are mutually exclusive and one of them \
                 is required."
            );
            return Err(Fault::validation(message));
        }
    };
    let label = input.text("Label")?.map(str::to_owned);
    let return_data = input.boolean("ReturnData")?.unwrap_or(true);
    Ok(Query { id, label, return_data, source })
}

fn read_stat(input: &Input<'_>) -> Result<Source, Fault> {
    let metric = input.required("Metric", input.structure("Metric")?)?;
    let namespace = metric.required_text("Namespace")?;
    let key = metric::read_key(&metric, namespace)?;
    let period = input.required("Period", input.integer("Period")?)?;
    if !is_legal_period(period) {
        return Err(illegal_period(input, period));
    }
    let statistic_name = input.required_text("Stat")?.to_owned();
    let statistic = statistic_name.parse().map_err(|_| {
        let path = input.path("Stat");
        Fault::validation(format!(
            "The value {statistic_name} for parameter {path} is not a valid statistic."
        ))
    })?;
    let unit = metric::read_unit(input)?.map(str::to_owned);
    Ok(Source::Metric { key, unit, statistic, statistic_name, period })
}

fn illegal_period(input: &Input<'_>, period: i64) -> Fault {
    let path = input.path("Period");
    let message =
        format!("The value {period} for parameter {path} is not 1, 5, 10, 20, 30 or a multiple of 60.");
    Fault::validation(message)
}

/// An error in the syntax or the evaluation of an expression.
pub fn in_expression(id: &str, reason: &str) -> Fault {
    Fault::validation(format!("Error in expression '{id}': {reason}"))
}

/// AWS: a lower-case letter, then letters, digits and underscores, 255 at most.
fn is_legal_id(id: &str) -> bool {
    id.len() <= 255
        && id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
