//! `SEARCH`: finds metrics by a schema of dimensions and by terms.
//!
//! ```text
//! {AWS/ApiGateway,ApiName,Stage} MetricName="Count" (cell OR router) NOT Stage=beta
//! ```
//!
//! AWS: terms stand next to each other for AND; a term without quotes matches any run of whole words, whatever their
//! case, where `CPUUtilization` is two words and one; a term in quotes matches the whole of a name or value.

mod term;
mod words;

use std::collections::BTreeSet;

use crate::metrics::{MetricKey, MetricStore, Minute};
use term::Term;

/// AWS: a search has at most 1,024 characters.
const LONGEST: usize = 1_024;
/// AWS: a search finds 500 time series at most.
pub const MOST_FOUND: usize = 500;

/// A search read.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// The namespace and the exact set of dimensions.
    schema: Option<(String, BTreeSet<String>)>,
    term: Option<Term>,
}

/// What is looked at of a metric.
#[derive(Clone, Copy, Debug)]
struct Candidate<'a> {
    namespace: &'a str,
    name: &'a str,
    dimensions: &'a [(String, String)],
}

impl Search {
    /// Reads a search; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.chars().count() > LONGEST {
            return Err(format!("the search is longer than {LONGEST} characters"));
        }
        let trimmed = text.trim();
        let (schema, rest) = match trimmed.strip_prefix('{') {
            None => (None, trimmed),
            Some(rest) => {
                let (schema, rest) =
                    rest.split_once('}').ok_or_else(|| "the search's schema is not closed".to_owned())?;
                (Some(read_schema(schema)?), rest)
            }
        };
        let term = Term::parse(rest)?;
        if schema.is_none() && term.is_none() {
            return Err("the search is empty".to_owned());
        }
        Ok(Self { schema, term })
    }

    /// The metrics with data since a minute that are found, in the order of their keys, [`MOST_FOUND`] at most.
    pub fn find(&self, metrics: &MetricStore, since: Minute) -> Vec<MetricKey> {
        let mut found = metrics.find(since, |namespace, name, dimensions| {
            self.matches(Candidate { namespace, name, dimensions })
        });
        found.truncate(MOST_FOUND);
        found
    }

    fn matches(&self, candidate: Candidate<'_>) -> bool {
        let in_schema = self.schema.as_ref().is_none_or(|(namespace, names)| {
            namespace == candidate.namespace
                && names.len() == candidate.dimensions.len()
                && candidate.dimensions.iter().all(|(name, _)| names.contains(name))
        });
        in_schema && self.term.as_ref().is_none_or(|term| term.matches(candidate))
    }
}

fn read_schema(text: &str) -> Result<(String, BTreeSet<String>), String> {
    // AWS: names with other characters than letters, digits, dots and the like stand in quotes.
    let mut parts = text.split(',').map(|part| part.trim().trim_matches('"').to_owned());
    let namespace = parts.next().filter(|namespace| !namespace.is_empty());
    let namespace = namespace.ok_or_else(|| "the search's schema lacks a namespace".to_owned())?;
    let names: Vec<String> = parts.collect();
    if names.iter().any(String::is_empty) {
        return Err("the search's schema has a dimension without a name".to_owned());
    }
    Ok((namespace, names.into_iter().collect()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(text: &str, name: &str, dimensions: &[(&str, &str)]) -> bool {
        let owned: Vec<_> =
            dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let candidate = Candidate { namespace: "AWS/ApiGateway", name, dimensions: &owned };
        Search::parse(text).unwrap().matches(candidate)
    }

    #[test]
    fn a_schema_asks_for_exactly_its_dimensions() {
        let api = [("ApiName", "cell-01-api")];
        let stage = [("ApiName", "cell-01-api"), ("Stage", "prod")];
        assert!(finds("{AWS/ApiGateway,ApiName} MetricName=\"Count\"", "Count", &api));
        assert!(!finds("{AWS/ApiGateway,ApiName} MetricName=\"Count\"", "Count", &stage));
        assert!(finds("{\"AWS/ApiGateway\", \"Stage\", ApiName}", "Count", &stage));
        assert!(!finds("{AWS/Lambda,ApiName}", "Count", &api));
    }

    #[test]
    fn terms_match_words_and_quotes_the_whole() {
        let api = [("ApiName", "cell-01-api")];
        for text in [
            "cell",
            "CELL-01",
            "latency",
            "integration cell",
            "IntegrationLatency",
            "ApiName=cell",
            "\"cell-01-api\"",
            "ApiName=\"cell-01-api\"",
            "MetricName=(Count OR IntegrationLatency)",
            "nothing OR latency",
            "NOT count",
            "(cell OR router) AND NOT Stage=prod",
            "Namespace=\"AWS/ApiGateway\" latency",
        ] {
            assert!(finds(text, "IntegrationLatency", &api), "{text}");
        }
        for text in [
            "cel",
            "\"cell-01\"",
            "ApiName=router",
            "MetricName=\"Latency\"",
            "latency NOT cell",
            "Stage=prod",
        ] {
            assert!(!finds(text, "IntegrationLatency", &api), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in
            ["", "{", "{}", "{,A}", "{A,}", "(", "a OR", "a AND OR b", "=b", "a=", "\"a", "NOT", "a)", "a=(b"]
        {
            assert!(Search::parse(text).is_err(), "{text}");
        }
        assert!(Search::parse(&"(".repeat(1_000)).is_err());
        assert!(Search::parse(&"a".repeat(1_025)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[{}(),=\"a-cA-C /:é-]{0,40}|(AND|OR|NOT|[ a()=\"]){0,20}") {
            if let Ok(search) = Search::parse(&text) {
                let dimensions = [("é".to_owned(), "a-b".to_owned())];
                search.matches(Candidate { namespace: "a", name: "aB", dimensions: &dimensions });
            }
        }
    }
}
