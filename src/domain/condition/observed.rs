//! What was observed, and what a signal was in a minute or before a change.
//!
//! A figure that rests on too few requests is no figure: one failure among three requests is 33%,
//! and says nothing. What is missing is said, never assumed.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::readings::Reading;
use super::signals::{Formula, Signal};
use crate::domain::signal::{PERIOD_SECONDS, Series, TimeWindow};

/// The series that were read. A reading without a series was not read, or CloudWatch withheld it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observations {
    series: BTreeMap<Reading, Series>,
}

/// When a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Evidence {
    /// How many requests a minute must have for a share or a percentile of them to be judged.
    pub minimum_requests: f64,
    /// Of how many minutes `before` is the figure, before the change.
    pub baseline_minutes: u32,
    /// How many of them must have a figure.
    pub baseline_needed: u32,
}

/// Why a signal has no figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// No traffic, or not published yet: CloudWatch doesn't tell these apart.
    NoPoint { reading: Reading },
    /// Fewer requests than it takes to judge.
    Scant { requests: f64, needed: f64 },
    /// Too few minutes of the time before the change have a figure.
    NoBaseline { usable: u32, needed: u32, minutes: u32 },
    /// The condition compares with `before`, and there is no change to be before of.
    NoChange,
}

/// A figure that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Gap {
    pub signal: &'static Signal,
    /// The start of the minute.
    pub minute: Timestamp,
    pub why: Why,
}

/// A signal in a minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Figure {
    Known(f64),
    /// A count of little traffic: it can exceed a limit, and never proves to stay below one.
    AtLeast(f64, Why),
}

impl Default for Evidence {
    fn default() -> Self {
        Self { minimum_requests: 20.0, baseline_minutes: 5, baseline_needed: 3 }
    }
}

impl Observations {
    pub fn insert(&mut self, reading: Reading, series: Series) {
        self.series.insert(reading, series);
    }

    pub fn series(&self, reading: Reading) -> Option<&Series> {
        self.series.get(&reading)
    }

    /// A point, or the zero that AWS leaves out; none where the series was not read at all.
    fn point(&self, reading: Reading, minute: Timestamp) -> Option<f64> {
        let point = self.series.get(&reading)?.at(minute).filter(|value| value.is_finite() && *value >= 0.0);
        point.or(reading.left_out_if_zero().then_some(0.0))
    }

    fn known(&self, reading: Reading, minute: Timestamp) -> Result<f64, Why> {
        self.point(reading, minute).ok_or(Why::NoPoint { reading })
    }

    /// How many events a figure rests on.
    fn volume(&self, among: &[Reading], minute: Timestamp) -> Result<f64, Why> {
        among.iter().map(|reading| self.known(*reading, minute)).sum()
    }
}

impl Evidence {
    /// The signal in the minute that starts at `minute`.
    ///
    /// # Errors
    /// Where a point is missing or the minute had too little traffic.
    pub fn figure(&self, observed: &Observations, signal: &Signal, minute: Timestamp) -> Result<Figure, Why> {
        match signal.formula {
            Formula::PerSecond(reading) => {
                observed.known(reading, minute).map(|sum| Figure::Known(sum / seconds()))
            }
            Formula::Count { of, among } => {
                let enough = self.enough(observed.volume(among, minute)?);
                let count = observed.known(of, minute)?;
                Ok(enough.map_or_else(|scant| Figure::AtLeast(count, scant), |_| Figure::Known(count)))
            }
            Formula::Share { of, among } => {
                let volume = self.enough(observed.volume(among, minute)?)?;
                observed.known(of, minute).map(|part| Figure::Known(part / volume))
            }
            Formula::Percentile { of, among } => {
                self.enough(observed.volume(among, minute)?)?;
                observed.known(of, minute).map(Figure::Known)
            }
        }
    }

    /// What the signal was over the minutes of `window`: a share of all their requests together; of
    /// rates and counts the mean; of percentiles, which can't be merged, the median, so that one
    /// bad minute before a change doesn't excuse what comes after it.
    ///
    /// # Errors
    /// Where too few of the minutes have a figure.
    pub fn baseline(&self, observed: &Observations, signal: &Signal, window: TimeWindow) -> Result<f64, Why> {
        let usable: Vec<(Timestamp, f64)> = window
            .minutes()
            .filter_map(|minute| match self.figure(observed, signal, minute) {
                Ok(Figure::Known(figure)) => Some((minute, figure)),
                Ok(Figure::AtLeast(..)) | Err(_) => None,
            })
            .collect();
        let count = u32::try_from(usable.len()).unwrap_or(u32::MAX);
        if count < self.baseline_needed.max(1) {
            let (needed, minutes) = (self.baseline_needed.max(1), self.baseline_minutes);
            return Err(Why::NoBaseline { usable: count, needed, minutes });
        }
        match signal.formula {
            Formula::PerSecond(_) | Formula::Count { .. } => {
                Ok(usable.iter().map(|(_, figure)| figure).sum::<f64>() / f64::from(count))
            }
            Formula::Percentile { .. } => Ok(median(usable.into_iter().map(|(_, figure)| figure).collect())),
            Formula::Share { of, among } => {
                let sum = |reading: &Reading| {
                    usable.iter().filter_map(|(minute, _)| observed.point(*reading, *minute)).sum::<f64>()
                };
                Ok(sum(&of) / among.iter().map(sum).sum::<f64>())
            }
        }
    }

    fn enough(&self, requests: f64) -> Result<f64, Why> {
        // Of no requests at all, nothing can be a share, whatever the minimum.
        if requests > 0.0 && requests >= self.minimum_requests {
            return Ok(requests);
        }
        Err(Why::Scant { requests, needed: self.minimum_requests.max(1.0) })
    }
}

#[expect(clippy::cast_precision_loss, reason = "sixty")]
fn seconds() -> f64 {
    PERIOD_SECONDS as f64
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    if figures.len().is_multiple_of(2) {
        f64::midpoint(figures[middle - 1], figures[middle])
    } else {
        figures[middle]
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (signal, minute) = (self.signal.name, self.minute.strftime("%H:%MZ"));
        match self.why {
            Why::NoPoint { reading } => {
                write!(formatter, "{signal} at {minute}: no data point for {}", reading.title())
            }
            Why::Scant { requests, needed } => {
                write!(formatter, "{signal} at {minute}: {requests} requests, and it takes {needed} to judge")
            }
            Why::NoBaseline { usable, needed, minutes } => write!(
                formatter,
                "{signal} before the change: {usable} of {minutes} minutes have a figure, and it takes {needed}"
            ),
            Why::NoChange => write!(formatter, "{signal}: there was no change to compare with"),
        }
    }
}

#[cfg(test)]
mod tests;
