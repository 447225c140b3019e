//! Reads a condition.

use super::token::{Token, tokens};
use super::{Comparison, Operator, Relation, Scope, Signal, Sum};

/// How deep brackets may be nested: a file is no reason to run out of stack.
const DEEPEST: usize = 32;

/// The comparisons of a condition, which must all hold.
pub fn comparisons(text: &str) -> Result<Vec<Comparison>, String> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, depth: 0 };
    let mut comparisons = vec![parser.comparison()?];
    loop {
        match parser.next() {
            None => return Ok(comparisons),
            Some(Token::Word("and")) => comparisons.push(parser.comparison()?),
            other => return Err(format!("expected \"and\" or the end instead of {}", name(other))),
        }
    }
}

struct Parser<'t, 'a> {
    tokens: &'t [Token<'a>],
    depth: usize,
}

impl<'a> Parser<'_, 'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(*first)
    }

    /// Takes the next token if it is one of these signs.
    fn sign(&mut self, wanted: &[&str]) -> Option<&'a str> {
        match self.tokens.first() {
            Some(Token::Sign(sign)) if wanted.contains(sign) => {
                self.tokens = &self.tokens[1..];
                Some(sign)
            }
            _ => None,
        }
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        match self.sign(&[sign]) {
            Some(_) => Ok(()),
            None => Err(format!("expected \"{sign}\" instead of {}", name(self.tokens.first().copied()))),
        }
    }

    fn comparison(&mut self) -> Result<Comparison, String> {
        let left = self.sum()?;
        let relation = match self.sign(&["<", "<=", ">", ">="]) {
            Some("<") => Relation::Less,
            Some("<=") => Relation::LessOrEqual,
            Some(">") => Relation::Greater,
            Some(_) => Relation::GreaterOrEqual,
            None => {
                let found = name(self.tokens.first().copied());
                return Err(format!("expected a comparison such as \"< 1 %\" instead of {found}"));
            }
        };
        Ok(Comparison { left, relation, right: self.sum()? })
    }

    fn sum(&mut self) -> Result<Sum, String> {
        let mut sum = self.product()?;
        while let Some(sign) = self.sign(&["+", "-"]) {
            let operator = if sign == "+" { Operator::Add } else { Operator::Subtract };
            sum = Sum::Operation(Box::new(sum), operator, Box::new(self.product()?));
        }
        Ok(sum)
    }

    fn product(&mut self) -> Result<Sum, String> {
        let mut product = self.factor()?;
        while let Some(sign) = self.sign(&["*", "/"]) {
            let operator = if sign == "*" { Operator::Multiply } else { Operator::Divide };
            product = Sum::Operation(Box::new(product), operator, Box::new(self.factor()?));
        }
        Ok(product)
    }

    fn factor(&mut self) -> Result<Sum, String> {
        match self.next() {
            Some(Token::Number(number)) if self.sign(&["%"]).is_some() => Ok(Sum::Number(number / 100.0)),
            Some(Token::Number(number)) => Ok(Sum::Number(number)),
            Some(Token::Sign("(")) => self.bracketed(),
            Some(Token::Word("before")) => {
                self.expect("(")?;
                Ok(Sum::Before(Box::new(self.bracketed()?)))
            }
            Some(Token::Word(word)) => {
                let signal = find("signal", word, Signal::ALL)?;
                self.expect("(")?;
                let scope = match self.next() {
                    Some(Token::Word(word)) => find("scope", word, Scope::ALL)?,
                    other => return Err(format!("expected whose {word} instead of {}", name(other))),
                };
                self.expect(")")?;
                Ok(Sum::Signal(signal, scope))
            }
            other => Err(format!("expected a number or a signal instead of {}", name(other))),
        }
    }

    /// What stands in brackets whose opening one has been read.
    fn bracketed(&mut self) -> Result<Sum, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("brackets are nested more than {DEEPEST} deep"));
        }
        let sum = self.sum()?;
        self.expect(")")?;
        self.depth -= 1;
        Ok(sum)
    }
}

fn find<T: Copy>(kind: &str, word: &str, all: &[(&'static str, T)]) -> Result<T, String> {
    let found = all.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        format!("{word:?} is no {kind}: there are {}", names.join(", "))
    })
}

fn name(token: Option<Token<'_>>) -> String {
    match token {
        None => "the end".to_owned(),
        Some(Token::Number(number)) => format!("\"{number}\""),
        Some(Token::Word(text) | Token::Sign(text)) => format!("\"{text}\""),
    }
}
