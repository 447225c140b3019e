//! Terms: words that an event must hold, any of which it must hold, or must not hold.

use regex::Regex;

use super::PatternError;
use super::cursor::Cursor;
use super::operand::regex;

/// The terms of a pattern.
#[derive(Debug, Default)]
pub struct Terms {
    required: Vec<Term>,
    any: Vec<Term>,
    excluded: Vec<Term>,
}

#[derive(Debug)]
enum Term {
    Text(String),
    Regex(Regex),
}

/// Reads terms that stand between white space.
pub fn parse(text: &str) -> Result<Terms, PatternError> {
    let mut terms = Terms::default();
    let mut cursor = Cursor::new(text);
    while !cursor.is_done() {
        cursor.skip_space();
        let kind = match cursor.peek() {
            Some('?') if cursor.eat("?") => &mut terms.any,
            Some('-') if cursor.eat("-") => &mut terms.excluded,
            _ => &mut terms.required,
        };
        kind.push(term(&mut cursor)?);
    }
    Ok(terms)
}

fn term(cursor: &mut Cursor<'_>) -> Result<Term, PatternError> {
    match cursor.peek() {
        Some('"') => cursor.take_quoted('"').map(Term::Text).ok_or(PatternError::Syntax),
        Some('%') => regex(cursor.take_regex().ok_or(PatternError::Syntax)?).map(Term::Regex),
        _ => {
            let word = cursor.take_until(char::is_whitespace);
            // AWS: what holds anything but letters, digits and underscores must be quoted.
            let is_plain = |character: char| character.is_alphanumeric() || character == '_';
            if word.is_empty() {
                Err(PatternError::Syntax)
            } else if word.chars().all(is_plain) {
                Ok(Term::Text(word.to_owned()))
            } else {
                Err(PatternError::Term(word.to_owned()))
            }
        }
    }
}

impl Terms {
    /// Whether an event is wanted. AWS: beside other terms, those with a question mark are ignored.
    pub fn matches(&self, message: &str) -> bool {
        let holds = |term: &Term| match term {
            Term::Text(text) => message.contains(text.as_str()),
            Term::Regex(regex) => regex.is_match(message),
        };
        if self.required.is_empty() && self.excluded.is_empty() {
            return self.any.iter().any(holds);
        }
        self.required.iter().all(holds) && !self.excluded.iter().any(holds)
    }
}
