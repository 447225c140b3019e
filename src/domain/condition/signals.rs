//! The signals that a condition can name: one table, from which it is parsed, judged, completed
//! and documented.

use serde::{Serialize, Serializer};

use super::readings::Reading;
use crate::domain::suggest::nearest;

/// A figure that can be compared with a limit, minute by minute.
#[derive(Debug, PartialEq, Eq)]
pub struct Signal {
    /// As it is written in a condition.
    pub name: &'static str,
    pub dimension: Dimension,
    /// What it says, as the end of "it is ...".
    pub meaning: &'static str,
    pub formula: Formula,
    /// What else people call it. Not accepted, so that one thing has one name, but understood
    /// well enough to say which name is meant.
    also: &'static [&'static str],
}

/// What a signal measures; a limit must measure the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// 0 to 1, written as `1%` or `0.01`.
    Share,
    /// Milliseconds, written as `800ms` or `0.8s`.
    Latency,
    /// Per second, written as `200/s` or `12000/min`.
    Rate,
    /// How many in a minute, written as a plain number.
    Count,
}

/// How a signal comes of what CloudWatch holds. `among` are the readings whose sum is the number
/// of events that the figure rests on: too few of them, and the figure says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    /// A sum, per second.
    PerSecond(Reading),
    /// A sum, per minute.
    Count { of: Reading, among: &'static [Reading] },
    /// A sum over the sum of `among`.
    Share { of: Reading, among: &'static [Reading] },
    /// A statistic as it is.
    Percentile { of: Reading, among: &'static [Reading] },
}

const REQUESTS: &[Reading] = &[Reading::Requests];
const CACHEABLE: &[Reading] = &[Reading::CacheHits, Reading::CacheMisses];
const INSPECTED: &[Reading] = &[Reading::WafAllowed, Reading::WafBlocked];
const CELL_REQUESTS: &[Reading] = &[Reading::CellRequests];
const MAPPING_READS: &[Reading] = &[Reading::MappingReads];

/// Every signal, in the order of documentation.
pub static SIGNALS: [Signal; 18] = [
    Signal {
        name: "requests",
        dimension: Dimension::Rate,
        meaning: "requests of the API or stage; messages, on a WebSocket API",
        formula: Formula::PerSecond(Reading::Requests),
        also: &["count", "rps", "traffic", "req", "req/s", "messages"],
    },
    Signal {
        name: "5xx",
        dimension: Dimension::Share,
        meaning: "the share of requests answered 5xx; of messages that failed, on a WebSocket API",
        formula: Formula::Share { of: Reading::Errors5xx, among: REQUESTS },
        also: &["errors", "error-rate", "5xx-rate", "5xxerror", "5xx-errors", "500"],
    },
    Signal {
        name: "4xx",
        dimension: Dimension::Share,
        meaning: "the share of requests answered 4xx, throttled (429) and blocked (403) ones with them",
        formula: Formula::Share { of: Reading::Errors4xx, among: REQUESTS },
        also: &["4xx-rate", "4xxerror", "4xx-errors", "429", "throttled", "400"],
    },
    Signal {
        name: "5xx-count",
        dimension: Dimension::Count,
        meaning: "requests a minute answered 5xx",
        formula: Formula::Count { of: Reading::Errors5xx, among: REQUESTS },
        also: &["error-count", "errors-count"],
    },
    Signal {
        name: "4xx-count",
        dimension: Dimension::Count,
        meaning: "requests a minute answered 4xx",
        formula: Formula::Count { of: Reading::Errors4xx, among: REQUESTS },
        also: &["throttled-count"],
    },
    latency("p50", "the time that half of the requests stay below", Reading::LatencyP50, &["median"]),
    latency("p90", "the time that 90 in 100 requests stay below", Reading::LatencyP90, &["latency.p90"]),
    latency("p95", "the time that 95 in 100 requests stay below", Reading::LatencyP95, &["latency.p95"]),
    latency(
        "p99",
        "the time that 99 in 100 requests stay below",
        Reading::LatencyP99,
        &["latency", "latency.p99", "p99-latency", "duration"],
    ),
    latency(
        "integration.p99",
        "the time that 99 in 100 calls to the backend stay below",
        Reading::IntegrationP99,
        &["integration", "integration-latency", "integration.latency.p99", "backend", "backend.p99"],
    ),
    Signal {
        name: "cache-hit-rate",
        dimension: Dimension::Share,
        meaning: "the share of cacheable requests that the response cache answered; REST APIs only",
        formula: Formula::Share { of: Reading::CacheHits, among: CACHEABLE },
        also: &["hit-rate", "cache", "cache-hits", "hits"],
    },
    Signal {
        name: "waf.blocked",
        dimension: Dimension::Share,
        meaning: "the share of inspected requests that the web ACL blocked",
        formula: Formula::Share { of: Reading::WafBlocked, among: INSPECTED },
        also: &["blocked", "waf", "waf-blocked", "403"],
    },
    Signal {
        name: "waf.blocked-count",
        dimension: Dimension::Count,
        meaning: "requests a minute that the web ACL blocked",
        formula: Formula::Count { of: Reading::WafBlocked, among: INSPECTED },
        also: &["blocked-count"],
    },
    Signal {
        name: "cell.requests",
        dimension: Dimension::Rate,
        meaning: "requests that the cell reports of itself",
        formula: Formula::PerSecond(Reading::CellRequests),
        also: &["cell.count", "cell.rps", "cell.traffic"],
    },
    Signal {
        name: "cell.errors",
        dimension: Dimension::Share,
        meaning: "the share of requests that the cell reports as failed",
        formula: Formula::Share { of: Reading::CellErrors, among: CELL_REQUESTS },
        also: &["cell.5xx", "cell.error-rate", "cell"],
    },
    Signal {
        name: "cell.latency.p99",
        dimension: Dimension::Latency,
        meaning: "the time that 99 in 100 requests of the cell stay below, as the cell reports it",
        formula: Formula::Percentile { of: Reading::CellLatencyP99, among: CELL_REQUESTS },
        also: &["cell.p99", "cell.latency"],
    },
    Signal {
        name: "mapping.latency.p99",
        dimension: Dimension::Latency,
        meaning: "the time that 99 in 100 reads of the mapping table stay below",
        formula: Formula::Percentile { of: Reading::MappingLatencyP99, among: MAPPING_READS },
        also: &["mapping.p99", "mapping.latency", "router.p99", "router.latency.p99"],
    },
    Signal {
        name: "mapping.throttled-count",
        dimension: Dimension::Count,
        meaning: "reads a minute of the mapping table that DynamoDB throttled",
        formula: Formula::Count { of: Reading::MappingThrottled, among: MAPPING_READS },
        also: &["mapping.throttled", "router.throttled"],
    },
];

const fn latency(
    name: &'static str,
    meaning: &'static str,
    of: Reading,
    also: &'static [&'static str],
) -> Signal {
    let formula = Formula::Percentile { of, among: REQUESTS };
    Signal { name, dimension: Dimension::Latency, meaning, formula, also }
}

impl Signal {
    /// The signal of that name, whatever its case.
    pub fn named(name: &str) -> Option<&'static Self> {
        SIGNALS.iter().find(|signal| signal.name.eq_ignore_ascii_case(name))
    }

    /// The signal that a wrong name was probably meant to be.
    pub fn meant_by(wrong: &str) -> Option<&'static Self> {
        SIGNALS
            .iter()
            .find(|signal| signal.also.iter().any(|also| also.eq_ignore_ascii_case(wrong)))
            .or_else(|| nearest(wrong, SIGNALS.iter().map(|signal| signal.name)).and_then(Self::named))
    }
}

impl Dimension {
    /// One word for tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Latency => "time",
            Self::Rate => "rate",
            Self::Count => "count",
        }
    }

    /// What a limit of this dimension looks like.
    pub fn described(self) -> &'static str {
        match self {
            Self::Share => "a share such as `1%` or `0.01`",
            Self::Latency => "a time such as `800ms` or `1s`",
            Self::Rate => "a rate such as `200/s` or `12000/min`",
            Self::Count => "a count a minute such as `20`",
        }
    }

    /// A figure for reading, four digits at most: `1.25%`, `812ms`, `12.3/s`, `7`.
    pub fn show(self, figure: f64) -> String {
        match self {
            Self::Share => format!("{}%", short(figure * 100.0)),
            Self::Latency => format!("{}ms", short(figure)),
            Self::Rate => format!("{}/s", short(figure)),
            Self::Count => short(figure),
        }
    }
}

fn short(figure: f64) -> String {
    let digits = match figure.abs() {
        large if large >= 100.0 => 0,
        middling if middling >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{figure:.digits$}");
    if digits == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
}

impl Formula {
    /// All readings that it needs.
    pub fn readings(self) -> Vec<Reading> {
        match self {
            Self::PerSecond(reading) => vec![reading],
            Self::Count { of, among } | Self::Share { of, among } | Self::Percentile { of, among } => {
                std::iter::once(of).chain(among.iter().copied().filter(|one| *one != of)).collect()
            }
        }
    }
}

impl Serialize for Signal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stands_for_two_signals() {
        let mut names: Vec<_> = SIGNALS
            .iter()
            .flat_map(|signal| signal.also.iter().copied().chain([signal.name]))
            .map(str::to_lowercase)
            .collect();
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn a_wrong_name_leads_to_the_right_one() {
        let meant = |wrong| Signal::meant_by(wrong).map(|signal| signal.name);
        assert_eq!(meant("errors"), Some("5xx"));
        assert_eq!(meant("6xx"), Some("5xx"));
        assert_eq!(meant("cache-hitrate"), Some("cache-hit-rate"));
        assert_eq!(meant("cell.p99"), Some("cell.latency.p99"));
        assert_eq!(meant("zebra"), None);
    }

    #[test]
    fn figures_are_short() {
        assert_eq!(Dimension::Share.show(0.012_48), "1.25%");
        assert_eq!(Dimension::Share.show(1.0), "100%");
        assert_eq!(Dimension::Latency.show(2_840.4), "2840ms");
        assert_eq!(Dimension::Rate.show(12.34), "12.3/s");
        assert_eq!(Dimension::Count.show(7.0), "7");
    }
}
