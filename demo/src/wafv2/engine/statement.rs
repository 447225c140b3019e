//! The statements that rules are made of, and whether they match.

use std::net::IpAddr;

use ipnet::IpNet;
use regex::Regex;

use super::detect;
use super::field::{Field, Transformation};
use super::rate::{Load, RateRule};
use crate::traffic::waf::RequestFacts;

/// A compiled statement.
#[derive(Debug)]
pub enum Statement {
    IpSet(Vec<IpNet>),
    Geo(Vec<String>),
    Bytes {
        of: Inspected,
        position: Position,
        needle: Vec<u8>,
    },
    Pattern {
        of: Inspected,
        regexes: Vec<Regex>,
    },
    Size {
        field: Field,
        comparison: Comparison,
        size: u64,
    },
    Sqli(Inspected),
    Xss(Inspected),
    /// A label by its whole name or its end, or by a namespace.
    Label(String),
    Namespace(String),
    And(Vec<Statement>),
    Or(Vec<Statement>),
    Not(Box<Statement>),
    Rate(RateRule),
    /// What the region doesn't know.
    Never,
}

/// A part of the request, as it is looked at.
#[derive(Debug)]
pub struct Inspected {
    pub field: Field,
    pub transformations: Vec<Transformation>,
}

/// AWS's `PositionalConstraint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    Exactly,
    StartsWith,
    EndsWith,
    Contains,
    ContainsWord,
}

/// AWS's `ComparisonOperator`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    AtMost,
    LessThan,
    AtLeast,
    GreaterThan,
}

/// What a statement is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub facts: &'a RequestFacts,
    /// Those that rules before have added.
    pub labels: &'a [String],
    /// `None` where rate rules shall not take part.
    pub load: Option<&'a Load>,
}

impl Statement {
    /// Whether the request matches.
    pub fn matches(&self, context: &Context<'_>) -> bool {
        let facts = context.facts;
        match self {
            Self::IpSet(networks) => networks.iter().any(|network| network.contains(&facts.client)),
            Self::Geo(countries) => countries.iter().any(|country| country == facts.country),
            Self::Bytes { of, position, needle } => {
                of.values(facts).iter().any(|value| position.holds(value.as_bytes(), needle))
            }
            Self::Pattern { of, regexes } => {
                of.values(facts).iter().any(|value| regexes.iter().any(|regex| regex.is_match(value)))
            }
            Self::Size { field, comparison, size } => {
                field.sizes(facts).into_iter().any(|found| comparison.holds(found, *size))
            }
            Self::Sqli(of) => of.values(facts).iter().any(|value| detect::sql_injection(value)),
            Self::Xss(of) => of.values(facts).iter().any(|value| detect::cross_site_scripting(value)),
            Self::Label(key) => context.labels.iter().any(|label| {
                label == key || label.strip_suffix(key.as_str()).is_some_and(|before| before.ends_with(':'))
            }),
            Self::Namespace(key) => context.labels.iter().any(|label| label.starts_with(key.as_str())),
            Self::And(all) => all.iter().all(|statement| statement.matches(context)),
            Self::Or(any) => any.iter().any(|statement| statement.matches(context)),
            Self::Not(statement) => !statement.matches(context),
            Self::Rate(rule) => context.load.is_some() && rule.is_over(facts) && rule.is_meant(context),
            Self::Never => false,
        }
    }

    /// Lets a rate statement count the requests.
    pub fn count(&mut self, facts: &RequestFacts, load: &Load, rule: &str, labels: &[String]) {
        if let Self::Rate(rate) = self
            && rate.is_meant(&Context { facts, labels, load: Some(load) })
        {
            rate.count(facts, load, rule);
        }
    }
}

impl Inspected {
    fn values(&self, facts: &RequestFacts) -> Vec<String> {
        let apply = |value: String| {
            self.transformations.iter().fold(value, |value, transformation| transformation.apply(value))
        };
        self.field.values(facts).into_iter().map(apply).collect()
    }
}

impl Position {
    fn holds(self, value: &[u8], needle: &[u8]) -> bool {
        match self {
            Self::Exactly => value == needle,
            Self::StartsWith => value.starts_with(needle),
            Self::EndsWith => value.ends_with(needle),
            Self::Contains => found(value, needle).next().is_some(),
            Self::ContainsWord => {
                let is_word =
                    |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
                found(value, needle).any(|at| {
                    let before = at.checked_sub(1).and_then(|before| value.get(before));
                    !is_word(before) && !is_word(value.get(at + needle.len()))
                })
            }
        }
    }
}

/// Where the needle begins in the value. An empty needle is nowhere.
fn found<'a>(value: &'a [u8], needle: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let windows = if needle.is_empty() { [].windows(1) } else { value.windows(needle.len()) };
    windows.enumerate().filter(move |(_, window)| *window == needle).map(|(at, _)| at)
}

impl Comparison {
    fn holds(self, found: u64, size: u64) -> bool {
        match self {
            Self::Equal => found == size,
            Self::NotEqual => found != size,
            Self::AtMost => found <= size,
            Self::LessThan => found < size,
            Self::AtLeast => found >= size,
            Self::GreaterThan => found > size,
        }
    }
}

/// The network that an entry of an IP set means: CIDR, or a single address.
pub fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
