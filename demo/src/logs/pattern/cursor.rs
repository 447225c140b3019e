//! A place in the text of a pattern.

/// Reads a text from left to right.
#[derive(Debug)]
pub struct Cursor<'a> {
    rest: &'a str,
    regexes: usize,
}

impl<'a> Cursor<'a> {
    /// At the beginning.
    pub fn new(text: &'a str) -> Self {
        Self { rest: text, regexes: 0 }
    }

    /// The next character, which stays.
    pub fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// Passes over white space.
    pub fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Passes over white space and this text, if it comes next.
    pub fn eat(&mut self, text: &str) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Passes over a word, whatever its case, that ends where a word may end.
    pub fn eat_word(&mut self, word: &str) -> bool {
        self.skip_space();
        let Some((head, rest)) = self.rest.split_at_checked(word.len()) else { return false };
        let ends = rest.chars().next().is_none_or(|next| !next.is_ascii_alphanumeric() && next != '_');
        let eaten = head.eq_ignore_ascii_case(word) && ends;
        if eaten {
            self.rest = rest;
        }
        eaten
    }

    /// Takes what comes before the first character that stops it.
    pub fn take_until(&mut self, stops: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(stops).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Takes the text between quotation marks, the first of which comes next. A backslash takes the next
    /// character as it is. `None`: the text does not end.
    pub fn take_quoted(&mut self, mark: char) -> Option<String> {
        let mut text = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            if character == mark {
                self.rest = &self.rest[at + mark.len_utf8()..];
                return Some(text);
            }
            match character {
                '\\' => text.push(characters.next()?.1),
                other => text.push(other),
            }
        }
        None
    }

    /// Takes the regular expression between percent signs, the first of which comes next.
    pub fn take_regex(&mut self) -> Option<&'a str> {
        let body = self.rest.get(1..)?;
        let end = body.find('%')?;
        self.rest = &body[end + 1..];
        self.regexes += 1;
        Some(&body[..end])
    }

    /// How many regular expressions were taken.
    pub fn regexes(&self) -> usize {
        self.regexes
    }

    /// Whether nothing but white space is left.
    pub fn is_done(&self) -> bool {
        self.rest.trim().is_empty()
    }
}
