//! The words and signs of a condition.

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token<'a> {
    Number(f64),
    Word(&'a str),
    Sign(&'a str),
}

/// Cuts a text into tokens.
pub fn tokens(text: &str) -> Result<Vec<Token<'_>>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            length_while(rest, |character| character.is_ascii_digit() || character == '.')
        } else if first.is_ascii_alphabetic() {
            length_while(rest, |character| character.is_ascii_alphanumeric() || character == '_')
        } else if rest.starts_with("<=") || rest.starts_with(">=") {
            2
        } else {
            first.len_utf8()
        };
        let (token, tail) = rest.split_at(length);
        tokens.push(match first {
            '0'..='9' => Token::Number(token.parse().map_err(|_| format!("{token:?} is no number"))?),
            'a'..='z' | 'A'..='Z' => Token::Word(token),
            '<' | '>' | '+' | '-' | '*' | '/' | '(' | ')' | '%' => Token::Sign(token),
            _ => return Err(format!("{token:?} has no meaning in a condition")),
        });
        rest = tail.trim_start();
    }
    Ok(tokens)
}

fn length_while(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|character| !belongs(character)).unwrap_or(text.len())
}
