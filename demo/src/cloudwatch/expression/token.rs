//! Cuts a metric math expression into tokens.

/// A piece of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Number(f64),
    /// An id or the name of a function.
    Name(String),
    /// Text between quotes.
    Text(String),
    /// One of `+ - * / ^ ( ) [ ] ,`.
    Symbol(char),
}

/// The tokens of an expression, or what can't be one.
pub fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(&first) = rest.peek() {
        if first.is_whitespace() {
            rest.next();
        } else if first.is_ascii_digit() || first == '.' {
            let mut digits = String::new();
            while let Some(digit) = rest.next_if(|c| c.is_ascii_digit() || *c == '.') {
                digits.push(digit);
            }
            let number = digits.parse().map_err(|_| format!("{digits} is not a number"))?;
            tokens.push(Token::Number(number));
        } else if first.is_ascii_alphabetic() {
            let mut name = String::new();
            while let Some(letter) = rest.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
                name.push(letter);
            }
            tokens.push(Token::Name(name));
        } else if first == '"' || first == '\'' {
            rest.next();
            let mut quoted = String::new();
            loop {
                match rest.next() {
                    Some(c) if c == first => break,
                    Some(c) => quoted.push(c),
                    None => return Err("a quote is not closed".to_owned()),
                }
            }
            tokens.push(Token::Text(quoted));
        } else if "+-*/^()[],".contains(first) {
            rest.next();
            tokens.push(Token::Symbol(first));
        } else {
            return Err(format!("{first:?} is not expected here"));
        }
    }
    Ok(tokens)
}
