//! The text of a query, word by word.

use super::QueryError;

/// A word of a query.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A keyword, a function or a field.
    Word(String),
    /// A field in backticks.
    Field(String),
    Number(f64),
    /// A stretch of time, in milliseconds: `5m`.
    Span(f64),
    Text(String),
    Sign(&'static str),
    End,
}

/// Longer ones first.
const SIGNS: [&str; 19] =
    ["!=", "<=", ">=", "=~", "==", "(", ")", "[", "]", ",", "|", "=", "<", ">", "+", "-", "*", "/", "%"];

/// AWS's units of time, in milliseconds.
const UNITS: [(&[&str], f64); 8] = [
    (&["ms", "msec", "millisecond", "milliseconds"], 1.0),
    (&["s", "sec", "second", "seconds"], 1_000.0),
    (&["m", "min", "minute", "minutes"], 60_000.0),
    (&["h", "hr", "hour", "hours"], 3_600_000.0),
    (&["d", "day", "days"], 86_400_000.0),
    (&["w", "week", "weeks"], 604_800_000.0),
    (&["mo", "mon", "month", "months"], 2_592_000_000.0),
    (&["y", "yr", "year", "years"], 31_536_000_000.0),
];

/// Reads a query from left to right.
#[derive(Debug)]
pub struct Source<'a> {
    text: &'a str,
    at: usize,
    token: Token,
    /// Where the token begins.
    start: usize,
}

impl<'a> Source<'a> {
    /// At the first word.
    pub fn new(text: &'a str) -> Result<Self, QueryError> {
        let mut source = Self { text, at: 0, token: Token::End, start: 0 };
        source.advance()?;
        Ok(source)
    }

    /// The word that comes next.
    pub fn peek(&self) -> &Token {
        &self.token
    }

    /// Where it begins, in bytes.
    pub fn position(&self) -> usize {
        self.start
    }

    /// The text from a position to the word that comes next.
    pub fn since(&self, position: usize) -> &'a str {
        self.text.get(position..self.start).unwrap_or_default().trim()
    }

    /// Takes the word that comes next.
    pub fn take(&mut self) -> Result<Token, QueryError> {
        let token = std::mem::replace(&mut self.token, Token::End);
        self.advance()?;
        Ok(token)
    }

    /// Takes a sign, if it comes next.
    pub fn eat(&mut self, sign: &str) -> Result<bool, QueryError> {
        let is_next =
            self.token == Token::Sign(SIGNS.into_iter().find(|known| *known == sign).unwrap_or_default());
        if is_next {
            self.advance()?;
        }
        Ok(is_next)
    }

    /// Takes a keyword, whatever its case, if it comes next.
    pub fn eat_word(&mut self, word: &str) -> Result<bool, QueryError> {
        let is_next = matches!(&self.token, Token::Word(next) if next.eq_ignore_ascii_case(word));
        if is_next {
            self.advance()?;
        }
        Ok(is_next)
    }

    /// Takes a sign that must come next.
    pub fn expect(&mut self, sign: &str) -> Result<(), QueryError> {
        if self.eat(sign)? { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Takes a regular expression between slashes, if one comes next.
    pub fn regex(&mut self) -> Result<Option<String>, QueryError> {
        if self.token != Token::Sign("/") {
            return Ok(None);
        }
        let body = &self.text[self.start + 1..];
        let mut escaped = false;
        for (at, character) in body.char_indices() {
            match character {
                '/' if !escaped => {
                    self.at = self.start + 1 + at + 1;
                    self.advance()?;
                    return Ok(Some(body[..at].replace("\\/", "/")));
                }
                '\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
        Err(self.error("unterminated regular expression", self.start))
    }

    /// The error that what comes next should not be there.
    pub fn unexpected(&self) -> QueryError {
        let shown = match &self.token {
            Token::End => "end of query".to_owned(),
            _ => self.text.get(self.start..self.at).unwrap_or_default().trim().to_owned(),
        };
        let before = &self.text[..self.start.min(self.text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let message = format!("unexpected symbol found {shown} at line {line} and position {column}");
        self.error(&message, self.start)
    }

    /// An error about the text from a position to the word that comes next.
    pub fn error(&self, message: &str, start: usize) -> QueryError {
        let characters =
            |bytes: usize| self.text.get(..bytes.min(self.text.len())).map_or(0, |text| text.chars().count());
        let end = characters(self.at.max(start));
        QueryError { message: message.to_owned(), start: characters(start), end }
    }

    fn advance(&mut self) -> Result<(), QueryError> {
        self.skip();
        self.start = self.at;
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else {
            self.token = Token::End;
            return Ok(());
        };
        self.token = match first {
            '"' | '\'' => Token::Text(self.quoted(first)?),
            '`' => Token::Field(self.quoted(first)?),
            '0'..='9' => self.number()?,
            _ if first.is_alphabetic() || matches!(first, '@' | '_' | '$') => {
                let is_part = |c: char| c.is_alphanumeric() || matches!(c, '@' | '_' | '$' | '.');
                let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                self.at += end;
                Token::Word(rest[..end].to_owned())
            }
            _ => {
                let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) else {
                    self.at += first.len_utf8();
                    return Err(self.error(&format!("unexpected symbol found {first}"), self.start));
                };
                self.at += sign.len();
                Token::Sign(sign)
            }
        };
        Ok(())
    }

    /// Passes over white space and comments.
    fn skip(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            self.at += rest.len() - rest.trim_start().len();
            let rest = &self.text[self.at..];
            if !rest.starts_with('#') {
                return;
            }
            self.at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    fn quoted(&mut self, mark: char) -> Result<String, QueryError> {
        let mut text = String::new();
        let mut characters = self.text[self.at..].char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                _ if character == mark => {
                    self.at += at + 1;
                    return Ok(text);
                }
                '\\' => match characters.next() {
                    Some((_, next)) if next == mark || next == '\\' => text.push(next),
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, next)) => text.extend(['\\', next]),
                    None => break,
                },
                other => text.push(other),
            }
        }
        self.at = self.text.len();
        Err(self.error("unterminated text", self.start))
    }

    fn number(&mut self) -> Result<Token, QueryError> {
        let rest = &self.text[self.at..];
        let mut end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if rest[end..].starts_with('.') && rest[end + 1..].starts_with(|c: char| c.is_ascii_digit()) {
            let decimals = &rest[end + 1..];
            end += 1 + decimals.find(|c: char| !c.is_ascii_digit()).unwrap_or(decimals.len());
        }
        let letters = &rest[end..];
        let unit = &letters[..letters.find(|c: char| !c.is_alphanumeric()).unwrap_or(letters.len())];
        self.at += end + unit.len();
        let number: f64 = rest[..end].parse().map_err(|_| self.error("malformed number", self.start))?;
        if unit.is_empty() {
            return Ok(Token::Number(number));
        }
        let known = UNITS.iter().find(|(words, _)| words.contains(&unit));
        known
            .map(|(_, millis)| Token::Span(number * millis))
            .ok_or_else(|| self.error(&format!("unknown unit of time {unit}"), self.start))
    }
}
