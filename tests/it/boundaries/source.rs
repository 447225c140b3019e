//! Reads Rust source as far as the boundaries need it: which paths it names on which line, with
//! comments and literals left out and `use` trees spread.

/// A path such as `std::fs::read`, where it is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPath {
    /// Counted from 1.
    pub line: usize,
    pub segments: Vec<String>,
    /// Whether it stands after a dot: a method or a field.
    pub member: bool,
    /// Whether an opening parenthesis follows.
    pub called: bool,
}

impl NamedPath {
    /// Whether `wanted`, such as `std::fs`, is how the path begins.
    pub fn begins_with(&self, wanted: &str) -> bool {
        let mut segments = self.segments.iter();
        !self.member
            && wanted.split("::").all(|segment| segments.next().is_some_and(|found| found == segment))
    }

    /// Whether `wanted`, such as `Timestamp::now`, stands anywhere in the path.
    pub fn contains(&self, wanted: &str) -> bool {
        let wanted: Vec<&str> = wanted.split("::").collect();
        self.segments.windows(wanted.len()).any(|window| window == wanted)
    }

    pub fn first(&self) -> &str {
        self.segments.first().map_or("", String::as_str)
    }
}

/// Every path that `source` names.
pub fn paths(source: &str) -> Vec<NamedPath> {
    let tokens = tokens(&code_only(source));
    let mut found = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let token = &tokens[index];
        // `use<'a>` says what a type captures, and imports nothing.
        let imports = token.text == "use" && tokens.get(index + 1).is_none_or(|next| next.text != "<");
        if imports {
            index = spread(&tokens, index + 1, &[], &mut found);
        } else if token.is_name() {
            let member = index > 0 && tokens[index - 1].text == ".";
            let line = token.line;
            let mut segments = vec![token.text.clone()];
            while tokens.get(index + 1).is_some_and(|next| next.text == "::")
                && tokens.get(index + 2).is_some_and(Token::is_name)
            {
                segments.push(tokens[index + 2].text.clone());
                index += 2;
            }
            index += 1;
            let called = tokens.get(index).is_some_and(|next| next.text == "(");
            found.push(NamedPath { line, segments, member, called });
        } else {
            index += 1;
        }
    }
    found
}

/// Reads one `use` tree from `index` on, and returns the index behind it.
fn spread(tokens: &[Token], mut index: usize, prefix: &[String], found: &mut Vec<NamedPath>) -> usize {
    let mut segments = prefix.to_vec();
    let mut line = 0;
    while let Some(token) = tokens.get(index) {
        match token.text.as_str() {
            "{" => {
                index += 1;
                while tokens.get(index).is_some_and(|token| token.text != "}") {
                    index = spread(tokens, index, &segments, found);
                    // A comma as a rule; whatever else it is, it must not be read for ever.
                    if tokens.get(index).is_some_and(|token| token.text != "}") {
                        index += 1;
                    }
                }
                return index + 1;
            }
            ";" | "," | "}" => break,
            // A new name is no path: what it stands for has been read.
            "as" => index += 1,
            text if token.is_name() => {
                line = token.line;
                segments.push(text.to_owned());
            }
            _ => {}
        }
        index += 1;
    }
    if segments.len() > prefix.len() {
        found.push(NamedPath { line, segments, member: false, called: false });
    }
    index
}

#[derive(Debug)]
struct Token {
    line: usize,
    text: String,
}

impl Token {
    fn is_name(&self) -> bool {
        self.text.starts_with(|first: char| first.is_alphabetic() || first == '_')
    }
}

fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if first.is_alphanumeric() || first == '_' {
                rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            tokens.push(Token { line: index + 1, text: rest[..length].to_owned() });
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

/// `source` with comments and the insides of literals made blank, line for line.
pub fn code_only(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (skipped, kept) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), "")
        } else if rest.starts_with("/*") {
            (block_comment(rest), " ")
        } else if let Some(length) = raw_string(rest).filter(|_| !code.ends_with(is_word)) {
            (length, "\"\"")
        } else if first == '"' {
            (quoted(rest, '"'), "\"\"")
        } else if first == '\'' && is_character(rest) {
            (quoted(rest, '\''), "''")
        } else {
            (0, "")
        };
        if skipped == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.push_str(kept);
            code.extend(rest[..skipped].chars().filter(|character| *character == '\n'));
            rest = &rest[skipped..];
        }
    }
    code
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut index = 0;
    while index < text.len() {
        if text[index..].starts_with("/*") {
            depth += 1;
            index += 2;
        } else if text[index..].starts_with("*/") {
            depth -= 1;
            index += 2;
            if depth == 0 {
                return index;
            }
        } else {
            index += text[index..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

fn raw_string(text: &str) -> Option<usize> {
    let text_after = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = text_after.chars().take_while(|character| *character == '#').count();
    let body = text_after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = text.len() - body.len();
    Some(body.find(&end).map_or(text.len(), |position| start + position + end.len()))
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (index, character) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == quote {
            return index + 1;
        }
    }
    text.len()
}

/// Whether a quote begins a character, and not a lifetime.
fn is_character(text: &str) -> bool {
    let mut characters = text.chars().skip(1);
    match (characters.next(), characters.next()) {
        (Some('\\'), _) => true,
        (Some(_), Some(next)) => next == '\'',
        _ => false,
    }
}
