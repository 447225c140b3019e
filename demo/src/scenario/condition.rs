//! Conditions on what the traffic does: `failed_share(cell) < 3 % and served_rate(cell) > 80 % * before(served_rate(cell))`.
//!
//! ```text
//! condition := comparison { "and" comparison }
//! comparison := sum ( "<" | "<=" | ">" | ">=" ) sum
//! sum := product { ( "+" | "-" ) product }
//! product := factor { ( "*" | "/" ) factor }
//! factor := number [ "%" ] | signal "(" scope ")" | "before" "(" sum ")" | "(" sum ")"
//! ```

mod parser;
mod token;

use std::fmt;

use serde::Deserialize;

/// A condition, and the text that it was read from.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Condition {
    text: String,
    comparisons: Vec<Comparison>,
}

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
struct Comparison {
    left: Sum,
    relation: Relation,
    right: Sum,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Something that has a value.
#[derive(Clone, Debug, PartialEq)]
enum Sum {
    Number(f64),
    Signal(Signal, Scope),
    /// The value just before the onset.
    Before(Box<Sum>),
    Operation(Box<Sum>, Operator, Box<Sum>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
}

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// Every one, by the word that stands for it.
            pub const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$variant),)*];
        }
    };
}

words! {
    /// What is measured, over the last minute.
    Signal {
        /// Requests a second, those of a flood aside.
        RequestRate = "request_rate",
        /// Requests a second that were answered as they should.
        ServedRate = "served_rate",
        /// Requests a second that went on to the integration, whoever sent them.
        BackendRate = "backend_rate",
        /// The share of requests that got neither an answer nor a 4xx from the backend.
        FailedShare = "failed_share",
        /// The share of 5xx.
        ErrorShare = "error_share",
        /// The share of 4xx from the backend.
        ClientErrorShare = "client_error_share",
        /// The share of 429, whoever throttled.
        ThrottledShare = "throttled_share",
        /// The share of 429 for want of quota.
        OverQuotaShare = "over_quota_share",
        /// The share that WAF blocked.
        BlockedShare = "blocked_share",
        /// The average time that the backend took, with the wait before it, in milliseconds.
        Latency = "latency",
        /// Attempts a second of the pipeline.
        PipelineRate = "pipeline_rate",
    }
}

words! {
    /// Whose traffic is measured.
    Scope {
        /// All of it.
        Region = "region",
        /// All stages of the cell's APIs.
        Cell = "cell",
        /// `prod` of the cell's REST API.
        Api = "api",
        /// `prod` of the cell's HTTP API.
        Http = "http",
        /// `prod` of the router's API.
        Router = "router",
        /// The customer, wherever it is served.
        Customer = "customer",
        /// The cell's traffic but the customer's.
        Neighbours = "neighbours",
        /// All cells but the cell.
        OtherCells = "other_cells",
    }
}

/// Knows the values of signals.
pub trait Gauge {
    /// The value over the last minute. A share of no requests is 0.
    fn now(&self, signal: Signal, scope: Scope) -> f64;

    /// The value over the minute before the onset.
    fn before(&self, signal: Signal, scope: Scope) -> f64;
}

impl Condition {
    /// Whether it holds now.
    pub fn holds(&self, gauge: &impl Gauge) -> bool {
        self.comparisons.iter().all(|comparison| comparison.holds(gauge))
    }

    /// What is compared, with its value now: `failed_share(cell) < 3 %` and 0.41.
    pub fn values(&self, gauge: &impl Gauge) -> Vec<f64> {
        self.comparisons.iter().map(|comparison| comparison.left.value(gauge, false)).collect()
    }

    /// Whether the condition speaks of this scope.
    pub fn speaks_of(&self, wanted: Scope) -> bool {
        self.comparisons
            .iter()
            .any(|comparison| comparison.left.speaks_of(wanted) || comparison.right.speaks_of(wanted))
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl TryFrom<String> for Condition {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let comparisons = parser::comparisons(&text)?;
        Ok(Self { text, comparisons })
    }
}

impl Comparison {
    fn holds(&self, gauge: &impl Gauge) -> bool {
        let (left, right) = (self.left.value(gauge, false), self.right.value(gauge, false));
        match self.relation {
            Relation::Less => left < right,
            Relation::LessOrEqual => left <= right,
            Relation::Greater => left > right,
            Relation::GreaterOrEqual => left >= right,
        }
    }
}

impl Sum {
    fn value(&self, gauge: &impl Gauge, before: bool) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Signal(signal, scope) if before => gauge.before(*signal, *scope),
            Self::Signal(signal, scope) => gauge.now(*signal, *scope),
            Self::Before(sum) => sum.value(gauge, true),
            Self::Operation(left, operator, right) => {
                let (left, right) = (left.value(gauge, before), right.value(gauge, before));
                match operator {
                    Operator::Add => left + right,
                    Operator::Subtract => left - right,
                    Operator::Multiply => left * right,
                    // Without requests nothing is divided, and no comparison with it holds.
                    Operator::Divide => left / right,
                }
            }
        }
    }

    fn speaks_of(&self, wanted: Scope) -> bool {
        match self {
            Self::Number(_) => false,
            Self::Signal(_, scope) => *scope == wanted,
            Self::Before(sum) => sum.speaks_of(wanted),
            Self::Operation(left, _, right) => left.speaks_of(wanted) || right.speaks_of(wanted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half of the requests fail now, and none did before.
    struct Half;

    impl Gauge for Half {
        fn now(&self, signal: Signal, _: Scope) -> f64 {
            if signal == Signal::RequestRate { 100.0 } else { 0.5 }
        }

        fn before(&self, signal: Signal, _: Scope) -> f64 {
            if signal == Signal::RequestRate { 80.0 } else { 0.0 }
        }
    }

    fn holds(text: &str) -> bool {
        Condition::try_from(text.to_owned()).unwrap().holds(&Half)
    }

    #[test]
    fn shares_rates_and_the_time_before_are_compared() {
        assert!(holds("failed_share(cell) < 51 %"));
        assert!(!holds("failed_share(cell) < 50 %"));
        assert!(holds("failed_share(cell) <= 50%"));
        assert!(holds("request_rate(cell) > 120 % * before(request_rate(cell))"));
        assert!(!holds("request_rate(cell) >= 1.3 * before(request_rate(cell))"));
        assert!(holds("request_rate(api) - before(request_rate(api)) <= 10 + 2 * 5"));
        assert!(holds("(1 + 2) * 3 >= 9 and failed_share(region) > 49 %"));
        assert!(!holds("1 < 2 and failed_share(region) > 51 %"));
    }

    #[test]
    fn a_mistake_is_named_with_what_would_be_right() {
        for (text, part) in [
            ("failed_share(cell)", "a comparison"),
            ("failed_shore(cell) < 1", "failed_share"),
            ("failed_share(shell) < 1", "cell"),
            ("failed_share cell < 1", "("),
            ("1 < ", "the end"),
            ("1 < 2 or 3 < 4", "or"),
            ("1 < 2 § 3", "§"),
            ("", "the end"),
        ] {
            let error = Condition::try_from(text.to_owned()).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
