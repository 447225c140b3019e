//! What a sample of the access logs tells of traffic that is too much to be read whole: where to look, whose part of
//! the requests is how large, and how sure that is.
//!
//! CloudWatch has the requests of every minute. They are cut into parts of equal size, and a window of some seconds is
//! read at some place of each, so that neither what began in between nor what comes every minute is missed or counted
//! for all. Who sent a minute's requests is taken from the windows within it, or else from the one nearest to it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::attribution::Callers;
use super::traffic::Traffic;
use crate::domain::access_log::LoggedRequest;
use crate::domain::signal::TimeWindow;

/// How long a window is; on a busy stage a page of its logs holds less.
pub const SECONDS: i64 = 5;
/// Of the normal distribution: 19 times of 20 within so many standard deviations.
const DEVIATIONS: f64 = 1.96;

/// One window, as far as it was read.
#[derive(Clone, Debug)]
pub struct Glance {
    pub window: TimeWindow,
    pub requests: Vec<LoggedRequest>,
}

/// All windows of a sample.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Those in which something was found, the oldest first.
    glances: Vec<Glance>,
    sampling: Sampling,
}

/// How much was read of how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// Lines of the access logs.
    pub events: u64,
    /// The windows, and how long they are together.
    pub windows: usize,
    pub seconds: f64,
    /// What they stand for.
    pub of_seconds: f64,
}

/// A part of all requests, 0 to 1, and the range that holds it 19 times of 20.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    pub least: f64,
    pub likely: f64,
    pub most: f64,
}

/// The same by what is least, likely and most.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels<T> {
    pub least: T,
    pub likely: T,
    pub most: T,
}

impl<T> Levels<T> {
    pub fn map<U>(&self, with: impl Fn(&T) -> U) -> Levels<U> {
        Levels { least: with(&self.least), likely: with(&self.likely), most: with(&self.most) }
    }
}

/// Where to look: so many windows, each for as many of the requests as any other, the oldest first: busy minutes have
/// several, so that what began a short while ago and floods the logs since isn't missed. The places are the same every
/// time; those that would overlap follow each other.
pub fn places(traffic: &Traffic, window: TimeWindow, count: usize) -> Vec<TimeWindow> {
    let minutes: Vec<Timestamp> = window.minutes().collect();
    let known = traffic.total() > 0;
    let weight = |minute: usize| match traffic.counts().get(minute) {
        Some(count) if known => exact(*count),
        _ if known => 0.0,
        // Nothing is known of the minutes: they are alike.
        _ => 1.0,
    };
    let all: f64 = (0..minutes.len()).map(weight).sum();
    let length = SignedDuration::from_secs(SECONDS);
    let free = (SignedDuration::from_mins(1) - length).as_secs_f64();
    let mut places: Vec<TimeWindow> = Vec::with_capacity(count);
    let (mut minute, mut before) = (0, 0.0);
    for part in 0..count {
        let wanted = (exact_of(part) + scattered(part)) / exact_of(count) * all;
        while minute + 1 < minutes.len() && before + weight(minute) <= wanted {
            before += weight(minute);
            minute += 1;
        }
        let Some(start) = minutes.get(minute) else { break };
        let within = ((wanted - before) / weight(minute).max(f64::MIN_POSITIVE)).clamp(0.0, 1.0) * free;
        let start = *start + SignedDuration::try_from_secs_f64(within).unwrap_or_default();
        let start = places.last().map_or(start, |last| start.max(last.end));
        let end = (start + length).min(window.end);
        if start < end {
            places.push(TimeWindow { start, end });
        }
    }
    places
}

/// A number from 0 to 1 without a pattern, the same for the same `number` (SplitMix64).
fn scattered(number: usize) -> f64 {
    let number = u64::try_from(number).unwrap_or(u64::MAX);
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    exact(mixed >> 12) / exact(u64::MAX >> 12)
}

impl Sample {
    /// What was read at the [`places`] of `window`.
    pub fn new(glances: Vec<Glance>, window: TimeWindow) -> Self {
        let seconds = |window: TimeWindow| window.end.duration_since(window.start).as_secs_f64();
        let sampling = Sampling {
            events: glances.iter().map(|glance| count_of(&glance.requests)).sum(),
            windows: glances.len(),
            seconds: glances.iter().map(|glance| seconds(glance.window)).sum(),
            of_seconds: seconds(window),
        };
        let mut glances: Vec<Glance> =
            glances.into_iter().filter(|glance| !glance.requests.is_empty()).collect();
        glances.sort_by_key(|glance| glance.window.start);
        Self { glances, sampling }
    }

    pub fn sampling(&self) -> Sampling {
        self.sampling
    }

    /// Those requests alone.
    #[must_use]
    pub fn only(&self, wanted: impl Fn(&LoggedRequest) -> bool) -> Self {
        let mut glances = self.glances.clone();
        for glance in &mut glances {
            glance.requests.retain(&wanted);
        }
        glances.retain(|glance| !glance.requests.is_empty());
        Self { glances, sampling: self.sampling }
    }

    /// Calls each caller by what `name` has for it, or by nobody's name.
    pub fn name(&mut self, name: impl Fn(&str) -> Option<String>) {
        for request in self.glances.iter_mut().flat_map(|glance| &mut glance.requests) {
            request.caller = request.caller.take().and_then(|caller| name(&caller));
        }
    }

    /// The part of `traffic`, minute by minute of `window`, that each caller has.
    pub fn callers(&self, traffic: &Traffic, window: TimeWindow) -> BTreeMap<String, Levels<Traffic>> {
        self.estimates(traffic, window, |request| request.caller.as_deref())
    }

    /// The part that each method has, with that of its callers; only of methods that `wanted` takes.
    pub fn methods(
        &self,
        traffic: &Traffic,
        window: TimeWindow,
        wanted: impl Fn(&str) -> bool,
    ) -> Levels<Vec<(Traffic, Callers)>> {
        let methods = self.estimates(traffic, window, |request| request.method.as_deref());
        let mut all = Levels { least: Vec::new(), likely: Vec::new(), most: Vec::new() };
        for (method, own) in methods.into_iter().filter(|(method, _)| wanted(method)) {
            let sample = self.only(|request| request.method.as_deref() == Some(&method));
            let callers = levels(&sample.callers(&own.likely, window));
            all.least.push((own.least, callers.least));
            all.likely.push((own.likely, callers.likely));
            all.most.push((own.most, callers.most));
        }
        all
    }

    fn estimates<'sample>(
        &'sample self,
        traffic: &Traffic,
        window: TimeWindow,
        name: impl Fn(&'sample LoggedRequest) -> Option<&'sample str>,
    ) -> BTreeMap<String, Levels<Traffic>> {
        let mut found: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for (place, glance) in self.glances.iter().enumerate() {
            for name in glance.requests.iter().filter_map(&name) {
                let counts = found.entry(name).or_insert_with(|| vec![0; self.glances.len()]);
                counts[place] += 1;
            }
        }
        let ground = Ground::of(&self.glances, traffic, window);
        found.into_iter().map(|(name, counts)| (name.to_owned(), ground.estimate(&counts))).collect()
    }
}

/// The callers by each level, as a replay takes them.
pub fn levels(callers: &BTreeMap<String, Levels<Traffic>>) -> Levels<Callers> {
    let of = |level: fn(&Levels<Traffic>) -> &Traffic| {
        Callers::new(callers.iter().map(|(who, own)| (who.clone(), level(own).clone())))
    };
    Levels { least: of(|own| &own.least), likely: of(|own| &own.likely), most: of(|own| &own.most) }
}

/// The share of `all` requests that each caller has.
pub fn shares(callers: &BTreeMap<String, Levels<Traffic>>, all: u64) -> BTreeMap<String, Share> {
    let share = |own: &Traffic| (exact(own.total()) / exact(all.max(1))).min(1.0);
    let of = |own: &Levels<Traffic>| {
        let Levels { least, likely, most } = own.map(share);
        Share { least, likely, most }
    };
    callers.iter().map(|(who, own)| (who.clone(), of(own))).collect()
}

/// What the windows stand for.
struct Ground<'traffic> {
    traffic: &'traffic Traffic,
    /// Minute by minute: the windows that tell of it.
    of_minute: Vec<Vec<usize>>,
    /// Window by window: how many requests it has, and the part of all that it stands for.
    sizes: Vec<u64>,
    weights: Vec<f64>,
}

impl<'traffic> Ground<'traffic> {
    fn of(glances: &[Glance], traffic: &'traffic Traffic, window: TimeWindow) -> Self {
        let all = exact(traffic.total().max(1));
        let mut weights = vec![0.0; glances.len()];
        let mut of_minute = Vec::with_capacity(traffic.counts().len());
        for (minute, count) in window.minutes().zip(traffic.counts()) {
            let own = telling(glances, minute);
            for place in &own {
                weights[*place] += exact(*count) / all / exact_of(own.len());
            }
            of_minute.push(own);
        }
        let sizes = glances.iter().map(|glance| count_of(&glance.requests)).collect();
        Self { traffic, of_minute, sizes, weights }
    }

    fn estimate(&self, counts: &[u64]) -> Levels<Traffic> {
        let share = |minute: usize| {
            let own = self.of_minute.get(minute).map(Vec::as_slice).unwrap_or_default();
            let (counted, of) = own
                .iter()
                .fold((0, 0), |(counted, of), place| (counted + counts[*place], of + self.sizes[*place]));
            exact(counted) / exact(of.max(1))
        };
        let all = exact(self.traffic.total().max(1));
        let minutes = self.traffic.counts().iter().enumerate();
        let likely = minutes.map(|(minute, count)| exact(*count) * share(minute)).sum::<f64>() / all;
        let range = self.range(likely, counts);
        let part =
            |wanted: f64| self.traffic.parts(|minute| share(minute) * wanted / likely.max(f64::MIN_POSITIVE));
        Levels { least: part(range.least), likely: part(likely), most: part(range.most) }
    }

    /// Wilson's interval of a share. What it is reckoned with is the smaller of two sizes: the one of a sample of
    /// single requests, window by window, and the one that the differences from each window to the next allow for,
    /// since requests of a few seconds resemble each other.
    fn range(&self, share: f64, counts: &[u64]) -> Share {
        let squares: f64 = self.weights.iter().map(|weight| weight * weight).sum();
        let drawn: f64 = self
            .weights
            .iter()
            .zip(&self.sizes)
            .map(|(weight, size)| weight * weight / exact((*size).max(1)))
            .sum();
        let of_window: Vec<f64> = counts
            .iter()
            .zip(&self.sizes)
            .map(|(count, size)| exact(*count) / exact((*size).max(1)))
            .collect();
        let differences = of_window.windows(2).map(|pair| (pair[1] - pair[0]).powi(2));
        let pairs = exact_of(of_window.len().saturating_sub(1).max(1));
        let spread = differences.sum::<f64>() / (2.0 * pairs) * squares;
        let variance = (share * (1.0 - share) * drawn).max(spread);
        let size = if variance > 0.0 {
            share * (1.0 - share) / variance
        } else {
            1.0 / drawn.max(f64::MIN_POSITIVE)
        };
        wilson(share, size.max(1.0))
    }
}

/// The windows within a minute, or else the one nearest to its middle.
fn telling(glances: &[Glance], minute: Timestamp) -> Vec<usize> {
    let end = minute + SignedDuration::from_mins(1);
    let middle = |glance: &Glance| {
        let half = glance.window.end.duration_since(glance.window.start) / 2;
        glance.window.start + half
    };
    let within: Vec<usize> =
        (0..glances.len()).filter(|place| (minute..end).contains(&middle(&glances[*place]))).collect();
    if !within.is_empty() {
        return within;
    }
    let centre = minute + SignedDuration::from_secs(30);
    let distance = |place: &usize| middle(&glances[*place]).duration_since(centre).abs();
    (0..glances.len()).min_by_key(distance).into_iter().collect()
}

/// The range of a share that was found among so many, by E. B. Wilson (1927): it stays within 0 and 1.
fn wilson(share: f64, size: f64) -> Share {
    let square = DEVIATIONS * DEVIATIONS / size;
    let centre = (share + square / 2.0) / (1.0 + square);
    let around = (share * (1.0 - share) / size + square / (4.0 * size)).sqrt() * DEVIATIONS / (1.0 + square);
    Share {
        least: (centre - around).clamp(0.0, share),
        likely: share,
        most: (centre + around).clamp(share, 1.0),
    }
}

fn count_of(requests: &[LoggedRequest]) -> u64 {
    u64::try_from(requests.len()).unwrap_or(u64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "requests are far below 2^52")]
fn exact(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "a number of windows")]
fn exact_of(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
