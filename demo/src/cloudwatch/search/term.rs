//! The terms of a search, and AND, OR and NOT between them.

use super::Candidate;
use super::words::contains;

/// How deep brackets may be nested, so that walking the tree needs little stack.
const DEEPEST: usize = 64;

/// A term, or several.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// Anywhere: in the namespace, the name, or a dimension's name or value.
    Anywhere(Wanted),
    /// In the property that is designated: `MetricName`, `Namespace`, or a dimension.
    Property(String, Box<Term>),
    Not(Box<Term>),
    And(Vec<Term>),
    Or(Vec<Term>),
}

/// A text that is looked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// In quotes: the whole.
    Exactly(String),
    Words(String),
}

impl Wanted {
    fn is(&self, text: &str) -> bool {
        match self {
            Self::Exactly(wanted) => wanted == text,
            Self::Words(wanted) => contains(text, wanted),
        }
    }
}

impl Term {
    /// Reads terms; `None` when there are none.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
        if parser.tokens.is_empty() {
            return Ok(None);
        }
        let term = parser.either()?;
        match parser.tokens.get(parser.at) {
            None => Ok(Some(term)),
            Some(token) => Err(format!("{token:?} is not expected in the search")),
        }
    }

    pub(super) fn matches(&self, candidate: Candidate<'_>) -> bool {
        match self {
            Self::Anywhere(wanted) => {
                wanted.is(candidate.namespace)
                    || wanted.is(candidate.name)
                    || candidate.dimensions.iter().any(|(name, value)| wanted.is(name) || wanted.is(value))
            }
            Self::Property(property, term) => {
                let value = match property.as_str() {
                    "MetricName" => Some(candidate.name),
                    "Namespace" => Some(candidate.namespace),
                    name => {
                        let own = candidate.dimensions.iter().find(|(own, _)| own == name);
                        own.map(|(_, value)| value.as_str())
                    }
                };
                value.is_some_and(|value| term.is_of(value))
            }
            Self::Not(term) => !term.matches(candidate),
            Self::And(terms) => terms.iter().all(|term| term.matches(candidate)),
            Self::Or(terms) => terms.iter().any(|term| term.matches(candidate)),
        }
    }

    /// Whether the value of a property is what the term asks for.
    fn is_of(&self, value: &str) -> bool {
        match self {
            Self::Anywhere(wanted) => wanted.is(value),
            Self::Property(..) => false,
            Self::Not(term) => !term.is_of(value),
            Self::And(terms) => terms.iter().all(|term| term.is_of(value)),
            Self::Or(terms) => terms.iter().any(|term| term.is_of(value)),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    Open,
    Close,
    Equals,
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        match first {
            c if c.is_whitespace() => {}
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            '=' => tokens.push(Token::Equals),
            '"' => {
                let mut quoted = String::new();
                loop {
                    match rest.next() {
                        Some('"') => break,
                        Some(c) => quoted.push(c),
                        None => return Err("a quote of the search is not closed".to_owned()),
                    }
                }
                tokens.push(Token::Quoted(quoted));
            }
            c => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| !c.is_whitespace() && !"()=\"".contains(*c)) {
                    word.push(c);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn either(&mut self) -> Result<Term, String> {
        let mut terms = vec![self.all()?];
        while self.take_word("OR") {
            terms.push(self.all()?);
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Term::Or(terms) })
    }

    fn all(&mut self) -> Result<Term, String> {
        let mut terms = vec![self.one()?];
        loop {
            let explicit = self.take_word("AND");
            let goes_on = match self.peek() {
                Some(Token::Word(word)) => word != "OR" && word != "AND",
                Some(Token::Quoted(_) | Token::Open) => true,
                _ => false,
            };
            if goes_on {
                terms.push(self.one()?);
            } else if explicit {
                return Err("the search ends after an AND".to_owned());
            } else {
                return Ok(if terms.len() == 1 { terms.remove(0) } else { Term::And(terms) });
            }
        }
    }

    fn one(&mut self) -> Result<Term, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("the search is nested too deep".to_owned());
        }
        let term = self.term();
        self.depth -= 1;
        term
    }

    fn term(&mut self) -> Result<Term, String> {
        match self.next() {
            Some(Token::Open) => {
                let inner = self.either()?;
                if self.next() != Some(Token::Close) {
                    return Err("a bracket of the search is not closed".to_owned());
                }
                Ok(inner)
            }
            Some(Token::Word(word)) if word == "NOT" => Ok(Term::Not(Box::new(self.one()?))),
            Some(Token::Word(word)) if word == "AND" || word == "OR" => {
                Err(format!("{word} is not expected in the search"))
            }
            Some(Token::Word(name) | Token::Quoted(name)) if self.peek() == Some(&Token::Equals) => {
                self.at += 1;
                // AWS: a dimension may be marked as one with a colon.
                let name = name.strip_prefix(':').map_or(name.clone(), str::to_owned);
                Ok(Term::Property(name, Box::new(self.one()?)))
            }
            Some(Token::Word(word)) => Ok(Term::Anywhere(Wanted::Words(word))),
            Some(Token::Quoted(text)) => Ok(Term::Anywhere(Wanted::Exactly(text))),
            Some(token) => Err(format!("{token:?} is not expected in the search")),
            None => Err("the search ends too early".to_owned()),
        }
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Word(word)) if word == wanted);
        self.at += usize::from(there);
        there
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }
}
