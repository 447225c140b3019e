//! Filter patterns: the syntax that FilterLogEvents and Live Tail share.
//!
//! AWS: "Filter pattern syntax for metric filters, subscription filters, filter log events, and Live Tail". A
//! pattern is terms, a JSON condition in braces, or the fields of a space-delimited line in brackets.

mod cursor;
mod delimited;
mod json;
mod operand;
mod terms;
#[cfg(test)]
mod tests;
mod tree;

use serde_json::Value;

use self::cursor::Cursor;
use self::delimited::Fields;
use self::json::Condition;
use self::terms::Terms;

/// AWS: characters of a pattern.
pub const LONGEST_PATTERN: usize = 1_024;

/// A pattern that has been read.
#[derive(Debug)]
pub struct Pattern(Kind);

#[derive(Debug)]
enum Kind {
    Everything,
    Terms(Terms),
    Json(Condition),
    Delimited(Fields),
}

/// What is wrong with a pattern, in AWS's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    #[error("Invalid filter pattern")]
    Syntax,
    #[error("Invalid character(s) in term '{0}'")]
    Term(String),
    #[error("Invalid regular expression in filter pattern: {0}")]
    Regex(String),
    #[error("Too many regular expressions in filter pattern, the limit is 2")]
    TooManyRegexes,
}

impl Pattern {
    /// Matches every event.
    pub fn everything() -> Self {
        Self(Kind::Everything)
    }

    /// Reads a pattern. An empty one matches everything.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let trimmed = text.trim();
        let mut cursor = Cursor::new(trimmed);
        let kind = match trimmed.chars().next() {
            None => Kind::Everything,
            Some('{') => Kind::Json(json::parse(&mut cursor)?),
            Some('[') => Kind::Delimited(delimited::parse(&mut cursor)?),
            Some(_) => Kind::Terms(terms::parse(trimmed)?),
        };
        // AWS: two regular expressions in a pattern of the structured kinds.
        if matches!(kind, Kind::Json(_) | Kind::Delimited(_)) && cursor.regexes() > 2 {
            return Err(PatternError::TooManyRegexes);
        }
        Ok(Self(kind))
    }

    /// Whether an event with this message is wanted.
    pub fn matches(&self, message: &str) -> bool {
        match &self.0 {
            Kind::Everything => true,
            Kind::Terms(terms) => terms.matches(message),
            Kind::Json(condition) => {
                serde_json::from_str(message).is_ok_and(|event: Value| json::matches(condition, &event))
            }
            Kind::Delimited(fields) => fields.matches(message),
        }
    }

    /// Whether no event can match in which the top-level member `name` has this value, whatever else it holds.
    pub fn rules_out(&self, name: &str, value: &Value) -> bool {
        match &self.0 {
            Kind::Json(condition) => json::rules_out(condition, name, value),
            Kind::Everything | Kind::Terms(_) | Kind::Delimited(_) => false,
        }
    }
}
