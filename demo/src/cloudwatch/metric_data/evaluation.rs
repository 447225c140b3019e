//! Works out the queries of a GetMetricData: metrics from the store, then expressions in the order in which
//! they need each other.

mod call;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::label::LabelStyle;
use super::query::{Query, Source, in_expression};
use crate::cloudwatch::error::Fault;
use crate::cloudwatch::expression::Expression;
use crate::cloudwatch::expression::operand::{Operand, Origin, TimeSeries};
use crate::cloudwatch::window::Window;
use crate::metrics::{Bin, MINUTE, MetricKey, MetricStore, Statistic};

/// AWS: 100 searches in one request at most.
const MOST_SEARCHES: usize = 100;

/// The results of all queries by their ids.
#[derive(Debug)]
pub struct Evaluation<'a> {
    queries: &'a [Query],
    metrics: &'a MetricStore,
    window: Window,
    results: BTreeMap<&'a str, Operand>,
}

impl<'a> Evaluation<'a> {
    /// Works out all queries.
    pub fn of(queries: &'a [Query], metrics: &'a MetricStore, window: Window) -> Result<Self, Fault> {
        if queries.iter().filter(|query| query.searches()).count() > MOST_SEARCHES {
            return Err(Fault::validation(format!(
                "A request has at most {MOST_SEARCHES} SEARCH expressions."
            )));
        }
        let mut evaluation = Self { queries, metrics, window, results: BTreeMap::new() };
        let mut waiting = Vec::new();
        for query in queries {
            match &query.source {
                Source::Metric { key, unit, statistic, statistic_name, period } => {
                    let read = (*statistic, statistic_name.as_str(), *period);
                    let series = evaluation.read(key.clone(), unit.as_deref(), read);
                    evaluation.results.insert(&query.id, Operand::Series(series));
                }
                Source::Expression { expression, .. } => {
                    waiting.push((query, expression, expression.names()));
                }
            }
        }
        let ids: BTreeSet<&str> = queries.iter().map(|query| query.id.as_str()).collect();
        for (query, _, names) in &waiting {
            if let Some(unknown) = names.iter().find(|name| !ids.contains(**name)) {
                return Err(in_expression(&query.id, &format!("the id {unknown} is not in the request")));
            }
        }
        // Each round works out what needs nothing that is still waiting; recursion could run out of stack.
        while !waiting.is_empty() {
            let before = waiting.len();
            let mut still = Vec::new();
            for (query, expression, names) in waiting {
                if names.iter().all(|name| evaluation.results.contains_key(name)) {
                    let result = evaluation.value(expression);
                    let result = result.map_err(|reason| in_expression(&query.id, &reason))?;
                    evaluation.results.insert(&query.id, result);
                } else {
                    still.push((query, expression, names));
                }
            }
            if still.len() == before {
                return Err(in_expression(&still[0].0.id, "it refers to itself through other expressions"));
            }
            waiting = still;
        }
        Ok(evaluation)
    }

    /// The time series that a query comes to, one for a metric, any number for an expression; without labels.
    pub fn series(&self, query: &Query) -> Vec<TimeSeries> {
        match self.results.get(query.id.as_str()) {
            None => Vec::new(),
            Some(Operand::Series(series)) => vec![series.clone()],
            Some(Operand::Scalar(number)) => vec![self.constant(*number)],
            Some(Operand::List(list)) => list.clone(),
        }
    }

    /// The same with the labels that they have in an answer.
    pub fn labelled(&self, query: &Query, style: LabelStyle) -> Vec<TimeSeries> {
        let many = matches!(self.results.get(query.id.as_str()), Some(Operand::List(_)));
        let mut all = self.series(query);
        for series in &mut all {
            let own = match &query.source {
                // AWS: an expression goes by its id, the series of a list by theirs.
                Source::Expression { .. } if !many => query.id.clone(),
                _ => series.label.clone(),
            };
            series.label = match &query.label {
                None => own,
                // AWS: one label for many series stands before each of theirs, unless it says what is to be there.
                Some(label) if many && !label.contains("${") => format!("{label} {own}"),
                Some(label) => style.write(label, &own, series),
            };
        }
        all
    }

    fn read(
        &self,
        key: MetricKey,
        unit: Option<&str>,
        (statistic, statistic_name, period): (Statistic, &str, i64),
    ) -> TimeSeries {
        let points = self.metrics.read(&key, unit, statistic, self.window.bins(period));
        let label = key.name().to_owned();
        let origin = Some(Arc::new(Origin { key, statistic: statistic_name.to_owned() }));
        TimeSeries { label, origin, period, points }
    }

    /// A number as a series over the whole window.
    fn constant(&self, value: f64) -> TimeSeries {
        let period = self.shortest_period();
        let starts = self.window.bins(period).starts();
        let points =
            starts.map(|start| Bin { start, value }).filter(|point| point.value.is_finite()).collect();
        TimeSeries { period, points, ..TimeSeries::default() }
    }

    fn shortest_period(&self) -> i64 {
        self.queries.iter().filter_map(Query::period).min().unwrap_or(MINUTE)
    }

    fn value(&self, expression: &Expression) -> Result<Operand, String> {
        match expression {
            Expression::Number(number) => Ok(Operand::Scalar(*number)),
            Expression::Text(text) => Err(format!("the text {text:?} is not expected here")),
            Expression::Name(name) => {
                self.results.get(name.as_str()).cloned().ok_or_else(|| format!("{name} is not an id"))
            }
            Expression::Negated(inner) => Ok(self.value(inner)?.map(|number| -number)),
            Expression::Arithmetic(operator, left, right) => {
                self.value(left)?.arithmetic(*operator, self.value(right)?)
            }
            Expression::List(items) => self.list(items),
            Expression::Call(function, arguments) => self.call(*function, arguments),
        }
    }

    fn list(&self, items: &[Expression]) -> Result<Operand, String> {
        let mut list = Vec::new();
        for item in items {
            match self.value(item)? {
                Operand::Series(series) => list.push(series),
                Operand::List(inner) => list.extend(inner),
                Operand::Scalar(number) => list.push(self.constant(number)),
            }
        }
        Ok(Operand::List(list))
    }
}
