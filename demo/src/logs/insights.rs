//! The query language of CloudWatch Logs Insights. AWS: "CloudWatch Logs Insights query syntax".

mod aggregate;
mod command_parser;
mod expression;
mod expression_parser;
mod functions;
mod pipeline;
mod row;
mod source;
#[cfg(test)]
mod tests;
mod value;

pub use self::pipeline::{Answer, Pipeline};
pub use self::row::{RowEvent, flattened, pointed};

use self::expression::Command;

/// AWS: characters of a query.
pub const LONGEST_QUERY: usize = 10_000;
/// AWS: rows of a result, where the query does not limit them.
pub const DEFAULT_ROWS: usize = 10_000;
/// AWS: rows of a result.
pub const MOST_ROWS: usize = 100_000;

/// A query that has been read.
#[derive(Debug)]
pub struct Query {
    commands: Vec<Command>,
}

/// What is wrong with a query, and from where to where, in characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    pub message: String,
    pub start: usize,
    pub end: usize,
}

impl Query {
    /// Reads a query.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        command_parser::parse(text).map(|commands| Self { commands })
    }
}
