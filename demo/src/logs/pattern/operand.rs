//! What a field is compared with: a number, a text with wildcards, or a regular expression.

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::PatternError;
use super::cursor::Cursor;

/// Bytes that a compiled expression may take: enough for any that AWS admits.
const REGEX_SIZE: usize = 1 << 20;

/// How it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What a field is compared with.
#[derive(Debug)]
pub enum Operand {
    /// With its text, for a wildcard-free comparison with a field that is no number.
    Number(f64, String),
    Text {
        text: String,
        quoted: bool,
    },
    Regex(Regex),
}

/// A comparison and its right side.
#[derive(Debug)]
pub struct Test {
    comparison: Comparison,
    operand: Operand,
}

impl Test {
    /// Reads an operator and an operand; white space and the characters of `stops` end an unquoted one.
    pub fn parse(cursor: &mut Cursor<'_>, stops: &[char]) -> Result<Self, PatternError> {
        let comparison = comparison(cursor).ok_or(PatternError::Syntax)?;
        let operand = operand(cursor, stops)?;
        let is_order = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if is_order && !matches!(operand, Operand::Number(..)) {
            return Err(PatternError::Syntax);
        }
        Ok(Self { comparison, operand })
    }

    /// Whether a field of a space-delimited line passes.
    pub fn passes_text(&self, field: &str) -> bool {
        match &self.operand {
            Operand::Number(number, text) => match field.parse::<f64>() {
                Ok(value) => self.compare(value, *number),
                Err(_) => self.equality(field == text),
            },
            Operand::Text { text, .. } => self.equality(like(text, field)),
            Operand::Regex(regex) => self.equality(regex.is_match(field)),
        }
    }

    /// Whether a member of a JSON event passes. AWS: a number compares with JSON numbers only, a quoted text with
    /// JSON strings only.
    pub fn passes_json(&self, value: &Value) -> bool {
        match (&self.operand, value) {
            (Operand::Number(number, _), Value::Number(value)) => {
                value.as_f64().is_some_and(|value| self.compare(value, *number))
            }
            (Operand::Text { text, .. }, Value::String(value)) => self.equality(like(text, value)),
            (Operand::Text { text, quoted: false }, Value::Number(value)) => {
                self.equality(like(text, &value.to_string()))
            }
            (Operand::Regex(regex), Value::String(value)) => self.equality(regex.is_match(value)),
            (Operand::Regex(regex), Value::Number(value)) => {
                self.equality(regex.is_match(&value.to_string()))
            }
            // Of another type: not equal, and in no order.
            _ => self.comparison == Comparison::NotEqual,
        }
    }

    fn equality(&self, equal: bool) -> bool {
        match self.comparison {
            Comparison::Equal => equal,
            Comparison::NotEqual => !equal,
            _ => false,
        }
    }

    #[expect(clippy::float_cmp, reason = "a pattern asks for the very number")]
    fn compare(&self, left: f64, right: f64) -> bool {
        match self.comparison {
            Comparison::Equal => left == right,
            Comparison::NotEqual => left != right,
            Comparison::Less => left < right,
            Comparison::LessOrEqual => left <= right,
            Comparison::Greater => left > right,
            Comparison::GreaterOrEqual => left >= right,
        }
    }
}

fn comparison(cursor: &mut Cursor<'_>) -> Option<Comparison> {
    // The longer ones first.
    [
        ("!=", Comparison::NotEqual),
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("=", Comparison::Equal),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
    ]
    .into_iter()
    .find_map(|(sign, comparison)| cursor.eat(sign).then_some(comparison))
}

fn operand(cursor: &mut Cursor<'_>, stops: &[char]) -> Result<Operand, PatternError> {
    cursor.skip_space();
    match cursor.peek() {
        Some('"') => {
            let text = cursor.take_quoted('"').ok_or(PatternError::Syntax)?;
            Ok(Operand::Text { text, quoted: true })
        }
        Some('%') => Ok(Operand::Regex(regex(cursor.take_regex().ok_or(PatternError::Syntax)?)?)),
        _ => {
            let text = cursor.take_until(|character| character.is_whitespace() || stops.contains(&character));
            match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Operand::Number(number, text.to_owned())),
                _ if text.is_empty() => Err(PatternError::Syntax),
                _ => Ok(Operand::Text { text: text.to_owned(), quoted: false }),
            }
        }
    }
}

/// Compiles a regular expression of AWS's restricted kind: no groups, ASCII only.
pub fn regex(text: &str) -> Result<Regex, PatternError> {
    let admitted =
        |character: char| character.is_ascii_alphanumeric() || " :_#=@/;,-^$?[]{}|\\*+.".contains(character);
    if text.is_empty() || !text.chars().all(admitted) {
        return Err(PatternError::Regex(text.to_owned()));
    }
    RegexBuilder::new(text).size_limit(REGEX_SIZE).build().map_err(|_| PatternError::Regex(text.to_owned()))
}

/// Whether a text is like a pattern in which `*` stands for any text.
pub fn like(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut rest) = text.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = tail.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
