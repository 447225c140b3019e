//! Cuts a metric math expression into tokens.

/// A piece of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Number(f64),
    /// An id or the name of a function.
    Name(String),
    /// Text between quotes.
    Text(String),
    /// One of `+ - * / ^ ( ) [ ] ,` and the comparisons.
    Symbol(&'static str),
}

/// The longer ones first.
const SYMBOLS: [&str; 17] =
    ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "^", "(", ")", "[", "]"];

/// The tokens of an expression, or what can't be one.
pub fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
        } else if first.is_ascii_digit() || first == '.' {
            let (digits, after) = split(rest, |c| c.is_ascii_digit() || c == '.');
            let number = digits.parse().map_err(|_| format!("{digits} is not a number"))?;
            tokens.push(Token::Number(number));
            rest = after;
        } else if first.is_ascii_alphabetic() {
            let (name, after) = split(rest, |c| c.is_ascii_alphanumeric() || c == '_');
            tokens.push(Token::Name(name.to_owned()));
            rest = after;
        } else if first == '"' || first == '\'' {
            let (quoted, after) =
                rest[1..].split_once(first).ok_or_else(|| "a quote is not closed".to_owned())?;
            tokens.push(Token::Text(quoted.to_owned()));
            rest = after;
        } else if let Some(after) = rest.strip_prefix(',') {
            tokens.push(Token::Symbol(","));
            rest = after;
        } else if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
            tokens.push(Token::Symbol(symbol));
            rest = &rest[symbol.len()..];
        } else {
            return Err(format!("{first:?} is not expected here"));
        }
    }
    Ok(tokens)
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}
