//! A condition that can't be read: where, what stood there, what should have, and what was meant.

use crate::domain::text::sanitise;

/// The longest piece of the text that a message repeats, in characters.
const LONGEST_FOUND: usize = 30;

/// Why a condition can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "condition, column {column}: found {found}, expected {expected}{}",
    .hint.as_deref().map(|hint| format!(" ({hint})")).unwrap_or_default()
)]
pub struct ConditionError {
    /// Counted in characters from 1.
    pub column: usize,
    /// What stands there, in backticks; or `the end`.
    pub found: String,
    pub expected: String,
    /// What was probably meant, or why it isn't allowed.
    pub hint: Option<String>,
}

impl ConditionError {
    /// An error at the byte `at` of `text`.
    pub(super) fn new(text: &str, at: usize, expected: String, hint: Option<String>) -> Self {
        let (before, rest) = text.split_at_checked(at).unwrap_or((text, ""));
        let rest = rest.trim_start();
        Self { column: before.chars().count() + 1, found: found(rest), expected, hint }
    }
}

/// The token that `rest` begins with, as far as a reader would see one.
fn found(rest: &str) -> String {
    let Some(first) = rest.chars().next() else { return "the end".to_owned() };
    let token: String = if is_operator(first) {
        rest.chars().take_while(|character| is_operator(*character)).take(LONGEST_FOUND).collect()
    } else if is_lone(first) {
        first.to_string()
    } else {
        rest.chars()
            .take_while(|one| !one.is_whitespace() && !is_operator(*one) && !is_lone(*one))
            .take(LONGEST_FOUND)
            .collect()
    };
    format!("`{}`", sanitise(&token))
}

fn is_operator(character: char) -> bool {
    matches!(character, '<' | '>' | '=' | '!' | '&' | '|' | '≤' | '≥')
}

fn is_lone(character: char) -> bool {
    matches!(character, '(' | ')' | '*' | '+' | ',' | ';')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_shows_one_token_and_counts_characters() {
        let error = ConditionError::new("é && 5xx", 3, "`and`".to_owned(), Some("write `and`".to_owned()));
        assert_eq!(error.to_string(), "condition, column 3: found `&&`, expected `and` (write `and`)");
        assert_eq!(ConditionError::new("a", 1, String::new(), None).found, "the end");
        assert_eq!(ConditionError::new("a (b", 2, String::new(), None).found, "`(`");
        assert_eq!(ConditionError::new("1ms\u{1b}[2J and", 0, String::new(), None).found, "`1ms\u{fffd}[2J`");
    }
}
