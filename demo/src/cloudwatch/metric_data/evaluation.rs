//! Works out the queries of a GetMetricData: metrics from the store, then expressions in the order in which
//! they need each other.

use std::collections::{BTreeMap, BTreeSet};

use super::query::{Query, Source, in_expression};
use crate::cloudwatch::error::Fault;
use crate::cloudwatch::expression::Expression;
use crate::cloudwatch::expression::function::{Filler, Function, fill};
use crate::cloudwatch::expression::operand::{Operand, TimeSeries};
use crate::cloudwatch::window::Window;
use crate::metrics::{Bin, MINUTE, MetricStore};

/// The results of all queries by their ids.
#[derive(Debug)]
pub struct Evaluation<'a> {
    queries: &'a [Query],
    window: Window,
    results: BTreeMap<&'a str, Operand>,
}

impl<'a> Evaluation<'a> {
    /// Works out all queries.
    pub fn of(queries: &'a [Query], metrics: &MetricStore, window: Window) -> Result<Self, Fault> {
        let mut evaluation = Self { queries, window, results: BTreeMap::new() };
        let mut waiting = Vec::new();
        for query in queries {
            match &query.source {
                Source::Metric { key, unit, statistic, period } => {
                    let points = metrics.read(key, unit.as_deref(), *statistic, window.bins(*period));
                    let label = query.label.clone().unwrap_or_else(|| key.name().to_owned());
                    let series = TimeSeries { label, period: *period, points };
                    evaluation.results.insert(&query.id, Operand::Series(series));
                }
                Source::Expression(expression) => waiting.push((query, expression, expression.names())),
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

    /// The time series that a query comes to, one for a metric, any number for an expression.
    pub fn series(&self, query: &Query) -> Vec<TimeSeries> {
        let label = |own: &str| query.label.clone().unwrap_or_else(|| own.to_owned());
        match (&query.source, self.results.get(query.id.as_str())) {
            (_, None) => Vec::new(),
            (Source::Metric { .. }, Some(Operand::Series(series))) => vec![series.clone()],
            (_, Some(Operand::Series(series))) => {
                vec![TimeSeries { label: label(&query.id), ..series.clone() }]
            }
            (_, Some(Operand::Scalar(number))) => {
                vec![TimeSeries { label: label(&query.id), ..self.constant(*number) }]
            }
            (_, Some(Operand::List(list))) => list
                .iter()
                .map(|series| TimeSeries {
                    label: format!("{} {}", label(&query.id), series.label),
                    ..series.clone()
                })
                .collect(),
        }
    }

    /// A number as a series over the whole window.
    fn constant(&self, value: f64) -> TimeSeries {
        let periods = self.queries.iter().filter_map(|query| match query.source {
            Source::Metric { period, .. } => Some(period),
            Source::Expression(_) => None,
        });
        let period = periods.min().unwrap_or(MINUTE);
        let starts = self.window.bins(period).starts();
        let points =
            starts.map(|start| Bin { start, value }).filter(|point| point.value.is_finite()).collect();
        TimeSeries { label: String::new(), period, points }
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
            Expression::Call(Function::Metrics, arguments) => self.metrics(arguments),
            Expression::Call(Function::Fill, arguments) => self.fill(arguments),
            Expression::Call(function, arguments) => {
                let [argument] = arguments.as_slice() else {
                    return Err(format!("{function:?} takes one argument"));
                };
                let result = function.of_one(self.value(argument)?);
                result.ok_or_else(|| format!("{function:?} does not take this argument"))
            }
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

    /// All metrics of the request whose id contains the text, if one is given.
    fn metrics(&self, arguments: &[Expression]) -> Result<Operand, String> {
        let part = match arguments {
            [] => "",
            [Expression::Text(part)] => part,
            _ => return Err("METRICS takes nothing or one text".to_owned()),
        };
        let metrics = self.queries.iter().filter(|query| matches!(query.source, Source::Metric { .. }));
        let named = metrics.filter(|query| query.id.contains(part));
        let series = named.filter_map(|query| match self.results.get(query.id.as_str()) {
            Some(Operand::Series(series)) => Some(series.clone()),
            _ => None,
        });
        Ok(Operand::List(series.collect()))
    }

    fn fill(&self, arguments: &[Expression]) -> Result<Operand, String> {
        let [operand, filler] = arguments else {
            return Err("FILL takes two arguments".to_owned());
        };
        let filler = match filler {
            Expression::Name(name) if name == "REPEAT" => Filler::Repeat,
            Expression::Name(name) if name == "LINEAR" => Filler::Linear,
            other => match self.value(other)? {
                Operand::Scalar(number) => Filler::Number(number),
                Operand::Series(series) => Filler::Series(series),
                Operand::List(_) => return Err("FILL does not take a list as its filler".to_owned()),
            },
        };
        let filled = |series: TimeSeries| {
            let starts = self.window.bins(series.period).starts();
            fill(series, &filler, starts)
        };
        match self.value(operand)? {
            Operand::Scalar(_) => Err("FILL takes a time series".to_owned()),
            other => Ok(other.each(filled, |number| number)),
        }
    }
}
