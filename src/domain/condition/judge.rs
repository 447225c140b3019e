//! Judging a condition in one minute, in three values: it holds, it is breached, or it can't be
//! told. What can't be told is never taken for well.
//!
//! `and` is breached by one breached part, whatever the others are; `or` holds by one part that
//! holds. `not` asks the opposite of each comparison in it, so that a breach always names the
//! comparison that should have held.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::observed::{Evidence, Figure, Gap, Observations, Why};
use super::quantity::Limit;
use super::{Comparison, Condition, Node, Operator};
use crate::domain::signal::TimeWindow;

/// How far apart two figures are still the same, relative to their size: 0.7% and 7 of 1,000 are
/// not the same binary number.
const SAME: f64 = 1e-9;

/// What became of a condition in a minute.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    Holds,
    /// Every comparison that should have held and didn't.
    Breached(Vec<Breach>),
    /// What is missing to tell.
    Unknown(Vec<Gap>),
}

/// A comparison that didn't hold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Breach {
    /// As it should have held: within a `not`, the opposite of what was written.
    pub comparison: Comparison,
    /// In the unit of the signal: a share of 0 to 1, milliseconds, per second, a count.
    pub observed: f64,
    /// In the same unit; worked out where it is relative.
    pub limit: f64,
    /// The start of the minute.
    pub minute: Timestamp,
}

/// All that a judgement rests on.
#[derive(Clone, Copy, Debug)]
pub struct Bench<'run> {
    pub observed: &'run Observations,
    pub evidence: Evidence,
    /// The minutes that `before` stands for; none where there was no change.
    pub baseline: Option<TimeWindow>,
}

impl Judgement {
    /// One word for it, for lists and scripts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Breached(_) => "breached",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl Condition {
    /// Judges the minute that starts at `minute`.
    pub fn judge(&self, bench: &Bench<'_>, minute: Timestamp) -> Judgement {
        self.root.judge(bench, minute, true)
    }

    /// What is missing of the time before the change, so that a guard that can't be proven is
    /// known before the change is made.
    pub fn baseline_gaps(&self, bench: &Bench<'_>, minute: Timestamp) -> Vec<Gap> {
        self.comparisons()
            .into_iter()
            .filter(|comparison| comparison.limit.is_relative())
            .filter_map(|comparison| bench.limit(comparison, minute).err())
            .collect()
    }
}

impl Node {
    fn judge(&self, bench: &Bench<'_>, minute: Timestamp, wanted: bool) -> Judgement {
        let parts = |parts: &[Self]| -> Vec<Judgement> {
            parts.iter().map(|part| part.judge(bench, minute, wanted)).collect()
        };
        match self {
            Self::Compare(comparison) => bench.compare(comparison, minute, wanted),
            Self::Not(inner) => inner.judge(bench, minute, !wanted),
            Self::All(all) if wanted => every(parts(all)),
            Self::Any(any) if !wanted => every(parts(any)),
            Self::All(all) => at_least_one(parts(all)),
            Self::Any(any) => at_least_one(parts(any)),
        }
    }
}

fn every(parts: Vec<Judgement>) -> Judgement {
    let (mut breaches, mut gaps) = (Vec::new(), Vec::new());
    for part in parts {
        match part {
            Judgement::Holds => {}
            Judgement::Breached(some) => breaches.extend(some),
            Judgement::Unknown(some) => gaps.extend(some),
        }
    }
    if !breaches.is_empty() {
        Judgement::Breached(breaches)
    } else if gaps.is_empty() {
        Judgement::Holds
    } else {
        Judgement::Unknown(gaps)
    }
}

fn at_least_one(parts: Vec<Judgement>) -> Judgement {
    let (mut breaches, mut gaps) = (Vec::new(), Vec::new());
    for part in parts {
        match part {
            Judgement::Holds => return Judgement::Holds,
            Judgement::Breached(some) => breaches.extend(some),
            Judgement::Unknown(some) => gaps.extend(some),
        }
    }
    if gaps.is_empty() { Judgement::Breached(breaches) } else { Judgement::Unknown(gaps) }
}

impl Bench<'_> {
    fn compare(&self, comparison: &Comparison, minute: Timestamp, wanted: bool) -> Judgement {
        let operator = if wanted { comparison.operator } else { comparison.operator.inverse() };
        let comparison = Comparison { operator, ..*comparison };
        let figure = self.evidence.figure(self.observed, comparison.signal, minute);
        let figure = figure.map_err(|why| Gap { signal: comparison.signal, minute, why });
        let (figure, limit) = match (figure, self.limit(&comparison, minute)) {
            (Ok(figure), Ok(limit)) => (figure, limit),
            (figure, limit) => {
                return Judgement::Unknown(figure.err().into_iter().chain(limit.err()).collect());
            }
        };
        let observed = match figure {
            Figure::Known(observed) => observed,
            Figure::AtLeast(observed, _) if exceeds(operator, observed, limit) => observed,
            Figure::AtLeast(_, why) => {
                return Judgement::Unknown(vec![Gap { signal: comparison.signal, minute, why }]);
            }
        };
        if holds(operator, observed, limit) {
            return Judgement::Holds;
        }
        Judgement::Breached(vec![Breach { comparison, observed, limit, minute }])
    }

    /// The figure that the signal is compared with.
    fn limit(&self, comparison: &Comparison, minute: Timestamp) -> Result<f64, Gap> {
        let signal = comparison.signal;
        let before = match (comparison.limit, self.baseline) {
            (Limit::Fixed(_), _) => Ok(0.0),
            (Limit::Relative { .. }, None) => Err(Why::NoChange),
            (Limit::Relative { .. }, Some(window)) => self.evidence.baseline(self.observed, signal, window),
        };
        before.map(|before| comparison.limit.figure(before)).map_err(|why| Gap { signal, minute, why })
    }
}

fn holds(operator: Operator, observed: f64, limit: f64) -> bool {
    let same = (observed - limit).abs() <= SAME * observed.abs().max(limit.abs());
    match operator {
        Operator::Less => observed < limit && !same,
        Operator::LessOrEqual => observed <= limit || same,
        Operator::Greater => observed > limit && !same,
        Operator::GreaterOrEqual => observed >= limit || same,
    }
}

/// Whether a figure that can only be higher decides the comparison, one way or the other.
fn exceeds(operator: Operator, at_least: f64, limit: f64) -> bool {
    match operator {
        Operator::Less | Operator::GreaterOrEqual => holds(Operator::GreaterOrEqual, at_least, limit),
        Operator::LessOrEqual | Operator::Greater => holds(Operator::Greater, at_least, limit),
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Comparison { signal, operator, limit } = self.comparison;
        let show = |figure| signal.dimension.show(figure);
        let minute = self.minute.strftime("%H:%MZ");
        write!(formatter, "{} was {} at {minute}", signal.name, show(self.observed))?;
        write!(formatter, ", and should have been {} {limit}", operator.as_str())?;
        if limit.is_relative() {
            write!(formatter, ", which is {}", show(self.limit))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
