//! The functions that need more than the value of one argument: `FILL`, `IF`, `METRICS`, `SEARCH`, `SLICE`, `SORT`,
//! `TIME_SERIES`.

use super::Evaluation;
use crate::cloudwatch::expression::Expression;
use crate::cloudwatch::expression::fill::{Filler, fill};
use crate::cloudwatch::expression::function::{Function, Reduction};
use crate::cloudwatch::expression::operand::{Operand, TimeSeries};
use crate::cloudwatch::metric_data::query::Source;
use crate::cloudwatch::search::Search;
use crate::cloudwatch::window::is_legal_period;
use crate::metrics::Bin;

impl Evaluation<'_> {
    pub(super) fn call(&self, function: Function, arguments: &[Expression]) -> Result<Operand, String> {
        match function {
            Function::Metrics => self.metrics(arguments),
            Function::Search => self.search(arguments),
            Function::Fill => self.fill(arguments),
            Function::If => self.choose(arguments),
            Function::Sort => self.sort(arguments),
            Function::Slice => self.slice(arguments),
            _ => {
                let [argument] = arguments else {
                    return Err(format!("a function takes one argument and got {}", arguments.len()));
                };
                let value = self.value(argument)?;
                if function == Function::TimeSeries {
                    let Operand::Scalar(number) = value else {
                        return Err("TIME_SERIES takes a number".to_owned());
                    };
                    return Ok(Operand::Series(self.constant(number)));
                }
                let result = function.of_one(value);
                result.ok_or_else(|| "a function does not take this argument".to_owned())
            }
        }
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
            Some(Operand::Series(series)) => {
                let label = query.label.clone().unwrap_or_else(|| series.label.clone());
                Some(TimeSeries { label, ..series.clone() })
            }
            _ => None,
        });
        Ok(Operand::List(series.collect()))
    }

    fn search(&self, arguments: &[Expression]) -> Result<Operand, String> {
        let (text, name, period) = match arguments {
            [Expression::Text(text), Expression::Text(name)] => (text, name, self.shortest_period()),
            [Expression::Text(text), Expression::Text(name), Expression::Number(period)] => {
                #[expect(clippy::cast_possible_truncation, reason = "checked to be a legal period")]
                let whole = *period as i64;
                if period.fract() != 0.0 || !is_legal_period(whole) {
                    return Err(format!("{period} is not a period"));
                }
                (text, name, whole)
            }
            _ => return Err("SEARCH takes a text, a statistic in quotes, and a period".to_owned()),
        };
        let statistic = name.parse().map_err(|_| format!("{name:?} is not a statistic"))?;
        let found = Search::parse(text)?.find(self.metrics, self.window.two_weeks_ago());
        let read = |key| self.read(key, None, (statistic, name, period));
        // AWS: a metric without data in the window has no series.
        let series = found.into_iter().map(read).filter(|series| !series.points.is_empty()).map(distinct);
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

    /// AWS: `IF(condition, then, else)`; without `else`, there is no point where the condition doesn't hold.
    fn choose(&self, arguments: &[Expression]) -> Result<Operand, String> {
        let (condition, then, otherwise) = match arguments {
            [condition, then] => (condition, then, None),
            [condition, then, otherwise] => (condition, then, Some(self.value(otherwise)?)),
            _ => return Err("IF takes a condition and one or two values".to_owned()),
        };
        let (condition, then) = (self.value(condition)?, self.value(then)?);
        if let Operand::Scalar(number) = condition {
            let empty =
                || Operand::Series(TimeSeries { period: self.shortest_period(), ..TimeSeries::default() });
            return Ok(if number == 0.0 { otherwise.unwrap_or_else(empty) } else { then });
        }
        if matches!(then, Operand::List(_)) || matches!(otherwise, Some(Operand::List(_))) {
            return Err("IF does not take a list as a value".to_owned());
        }
        let at = |operand: &Operand, start: i64| match operand {
            Operand::Scalar(number) => Some(*number),
            Operand::Series(series) => {
                let place = series.points.binary_search_by_key(&start, |point| point.start).ok()?;
                Some(series.points[place].value)
            }
            Operand::List(_) => None,
        };
        let chosen = |mut series: TimeSeries| {
            series.points = series
                .points
                .iter()
                .filter_map(|point| {
                    let side = if point.value == 0.0 { otherwise.as_ref() } else { Some(&then) };
                    Some(Bin { start: point.start, value: at(side?, point.start)? })
                })
                .collect();
            series
        };
        Ok(condition.each(chosen, |number| number))
    }

    /// `SORT(list, AVG | MIN | MAX | SUM, ASC | DESC, how many)`.
    fn sort(&self, arguments: &[Expression]) -> Result<Operand, String> {
        let wrong = || "SORT takes a list, AVG, MIN, MAX or SUM, ASC or DESC, and a number".to_owned();
        let (list, by, order, limit) = match arguments {
            [list, Expression::Name(by), Expression::Name(order)] => (list, by, order, usize::MAX),
            [list, Expression::Name(by), Expression::Name(order), limit] => {
                (list, by, order, place(&self.value(limit)?)?)
            }
            _ => return Err(wrong()),
        };
        let by: Reduction = by.parse().map_err(|_| wrong())?;
        let descending = match order.as_str() {
            "ASC" => false,
            "DESC" => true,
            _ => return Err(wrong()),
        };
        let Operand::List(mut list) = self.value(list)? else { return Err(wrong()) };
        let rank = |series: &TimeSeries| {
            let values: Vec<f64> = series.values().collect();
            // Series without data come last, in whichever order.
            let without = if descending { f64::NEG_INFINITY } else { f64::INFINITY };
            if values.is_empty() { without } else { by.of_values(&values) }
        };
        list.sort_by(|one, other| {
            let order = rank(one).total_cmp(&rank(other));
            if descending { order.reverse() } else { order }
        });
        list.truncate(limit);
        Ok(Operand::List(list))
    }

    /// `SLICE(list, from)` and `SLICE(list, from, to)`, counted from 0.
    fn slice(&self, arguments: &[Expression]) -> Result<Operand, String> {
        let (list, from, to) = match arguments {
            [list, from] => (list, from, None),
            [list, from, to] => (list, from, Some(place(&self.value(to)?)?)),
            _ => return Err("SLICE takes a list and one or two numbers".to_owned()),
        };
        let from = place(&self.value(from)?)?;
        let Operand::List(list) = self.value(list)? else {
            return Err("SLICE takes a list".to_owned());
        };
        let length = to.unwrap_or(usize::MAX).saturating_sub(from);
        Ok(Operand::List(list.into_iter().skip(from).take(length).collect()))
    }
}

/// What tells the series of a search apart: AWS's label of each is what differs, and the whole is always enough.
fn distinct(mut series: TimeSeries) -> TimeSeries {
    if let Some(origin) = &series.origin {
        let values = origin.key.dimensions().iter().map(|(_, value)| value.as_str());
        let values: Vec<&str> = values.chain([origin.key.name()]).collect();
        series.label = values.join(" ");
    }
    series
}

fn place(operand: &Operand) -> Result<usize, String> {
    match operand {
        Operand::Scalar(number) if number.fract() == 0.0 && (0.0..1e9).contains(number) => {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked to be small and whole"
            )]
            let place = *number as usize;
            Ok(place)
        }
        _ => Err("a place in a list is a whole number".to_owned()),
    }
}
