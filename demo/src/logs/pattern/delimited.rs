//! Patterns for space-delimited lines: `[ip, user, ..., status = 5*, bytes > 1000]`.

use super::PatternError;
use super::cursor::Cursor;
use super::operand::Test;
use super::tree::Tree;

/// The fields of a line, in order.
#[derive(Debug)]
pub struct Fields {
    before: Vec<Field>,
    /// Whether `...` stands between `before` and `after`.
    is_open: bool,
    after: Vec<Field>,
}

/// `None`: a field that may be anything.
type Field = Option<Tree<Test>>;

/// Reads the fields between brackets.
pub fn parse(cursor: &mut Cursor<'_>) -> Result<Fields, PatternError> {
    let mut fields = Fields { before: Vec::new(), is_open: false, after: Vec::new() };
    cursor.eat("[");
    loop {
        if cursor.eat("...") {
            if fields.is_open {
                return Err(PatternError::Syntax);
            }
            fields.is_open = true;
        } else {
            let field = field(cursor)?;
            let place = if fields.is_open { &mut fields.after } else { &mut fields.before };
            place.push(field);
        }
        if cursor.eat("]") {
            break;
        }
        if !cursor.eat(",") {
            return Err(PatternError::Syntax);
        }
    }
    if cursor.is_done() { Ok(fields) } else { Err(PatternError::Syntax) }
}

const STOPS: [char; 8] = ['(', ')', '[', ']', ',', '&', '|', '"'];

/// A name alone, or conditions on it. The name means nothing beyond this field.
fn field(cursor: &mut Cursor<'_>) -> Result<Field, PatternError> {
    cursor.skip_space();
    if cursor.peek() != Some('(') {
        name(cursor);
        cursor.skip_space();
        if matches!(cursor.peek(), Some(',' | ']')) {
            return Ok(None);
        }
    }
    let mut is_named = cursor.peek() != Some('(');
    Tree::parse(cursor, &mut |cursor| {
        // The first name has been read already, unless a parenthesis came before it.
        if !std::mem::take(&mut is_named) {
            name(cursor);
        }
        Test::parse(cursor, &STOPS)
    })
    .map(Some)
}

fn name<'a>(cursor: &mut Cursor<'a>) -> &'a str {
    cursor.skip_space();
    cursor.take_until(|character| {
        character.is_whitespace() || "=!<>".contains(character) || STOPS.contains(&character)
    })
}

impl Fields {
    /// Whether a line has these fields.
    pub fn matches(&self, line: &str) -> bool {
        let words = words(line);
        if words.len() < self.before.len() + self.after.len() {
            return false;
        }
        let passes = |(field, word): (&Field, &&str)| {
            field.as_ref().is_none_or(|tree| tree.holds(&|test| test.passes_text(word)))
        };
        self.before.iter().zip(&words).all(passes)
            && self.after.iter().rev().zip(words.iter().rev()).all(passes)
    }
}

/// The words of a line. AWS: what stands in brackets or quotation marks is one word.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '[' => Some(']'),
            '"' => Some('"'),
            _ => None,
        };
        let closed = close.and_then(|close| rest[1..].find(close));
        let end = if let Some(end) = closed {
            words.push(&rest[1..=end]);
            end + 2
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            words.push(&rest[..end]);
            end
        };
        rest = rest[end..].trim_start();
    }
    words
}
