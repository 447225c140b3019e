//! Metric math: the syntax of expressions. What they come to is in [`operand`] and [`function`].

pub mod function;
pub mod operand;
mod token;

use std::collections::BTreeSet;

use function::Function;
use token::{Token, tokens};

/// AWS: an expression has at most 2,048 characters.
pub const LONGEST: usize = 2_048;

/// How many operators, calls and brackets one expression may have, so that walking its tree needs little stack.
const MOST_NODES: usize = 250;

/// An expression read.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    Number(f64),
    Text(String),
    /// The result of another query, by its id; also the words `REPEAT` and `LINEAR`.
    Name(String),
    Negated(Box<Expression>),
    Arithmetic(Operator, Box<Expression>, Box<Expression>),
    List(Vec<Expression>),
    Call(Function, Vec<Expression>),
}

/// An arithmetic operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

impl Operator {
    /// The result for two numbers.
    pub fn apply(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Power => left.powf(right),
        }
    }
}

impl Expression {
    /// Reads an expression; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} characters"));
        }
        let mut parser = Parser { tokens: tokens(text)?, at: 0, nodes: 0 };
        let expression = parser.sum()?;
        match parser.peek() {
            None => Ok(expression),
            Some(token) => Err(format!("{token:?} is not expected after the end")),
        }
    }

    /// The ids that the expression refers to.
    pub fn names(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        self.collect_names(&mut names);
        names
    }

    fn collect_names<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        match self {
            Self::Number(_) | Self::Text(_) => {}
            Self::Name(name) => {
                // `REPEAT` and `LINEAR` are no ids: those start with a lower-case letter.
                if name.starts_with(|first: char| first.is_ascii_lowercase()) {
                    names.insert(name);
                }
            }
            Self::Negated(inner) => inner.collect_names(names),
            Self::Arithmetic(_, left, right) => {
                left.collect_names(names);
                right.collect_names(names);
            }
            Self::List(items) | Self::Call(_, items) => {
                for item in items {
                    item.collect_names(names);
                }
            }
        }
    }
}

/// Recursive descent: sums of products of powers.
struct Parser {
    tokens: Vec<Token>,
    at: usize,
    nodes: usize,
}

impl Parser {
    fn sum(&mut self) -> Result<Expression, String> {
        let mut left = self.product()?;
        while let Some(operator) = self.operator(&[('+', Operator::Add), ('-', Operator::Subtract)]) {
            left = self.combine(operator, left, Self::product)?;
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expression, String> {
        let mut left = self.negation()?;
        while let Some(operator) = self.operator(&[('*', Operator::Multiply), ('/', Operator::Divide)]) {
            left = self.combine(operator, left, Self::negation)?;
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Expression, String> {
        if self.take('-') {
            self.count()?;
            return Ok(Expression::Negated(Box::new(self.negation()?)));
        }
        let base = self.term()?;
        if self.take('^') {
            return self.combine(Operator::Power, base, Self::negation);
        }
        Ok(base)
    }

    fn term(&mut self) -> Result<Expression, String> {
        self.count()?;
        match self.next() {
            Some(Token::Number(number)) => Ok(Expression::Number(number)),
            Some(Token::Text(text)) => Ok(Expression::Text(text)),
            Some(Token::Name(name)) if self.take('(') => {
                let function = name.parse()?;
                Ok(Expression::Call(function, self.items(')')?))
            }
            Some(Token::Name(name)) => Ok(Expression::Name(name)),
            Some(Token::Symbol('[')) => Ok(Expression::List(self.items(']')?)),
            Some(Token::Symbol('(')) => {
                let inner = self.sum()?;
                self.expect(')')?;
                Ok(inner)
            }
            Some(Token::Symbol(symbol)) => Err(format!("{symbol:?} is not expected here")),
            None => Err("it ends too early".to_owned()),
        }
    }

    /// What follows an opening bracket, separated by commas, up to the closing one.
    fn items(&mut self, close: char) -> Result<Vec<Expression>, String> {
        let mut items = Vec::new();
        if self.take(close) {
            return Ok(items);
        }
        loop {
            items.push(self.sum()?);
            if !self.take(',') {
                self.expect(close)?;
                return Ok(items);
            }
        }
    }

    fn combine(
        &mut self,
        operator: Operator,
        left: Expression,
        right: fn(&mut Self) -> Result<Expression, String>,
    ) -> Result<Expression, String> {
        self.count()?;
        Ok(Expression::Arithmetic(operator, Box::new(left), Box::new(right(self)?)))
    }

    fn count(&mut self) -> Result<(), String> {
        self.nodes += 1;
        if self.nodes > MOST_NODES { Err("it is too complex".to_owned()) } else { Ok(()) }
    }

    fn operator(&mut self, choices: &[(char, Operator)]) -> Option<Operator> {
        choices.iter().find(|(symbol, _)| self.take(*symbol)).map(|(_, operator)| *operator)
    }

    fn expect(&mut self, symbol: char) -> Result<(), String> {
        if self.take(symbol) { Ok(()) } else { Err(format!("{symbol:?} is missing")) }
    }

    fn take(&mut self, symbol: char) -> bool {
        let there = self.peek() == Some(&Token::Symbol(symbol));
        if there {
            self.at += 1;
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn operators_bind_as_in_arithmetic() {
        let read = Expression::parse("-a + b * 2 ^ 3 ^ 1").unwrap();
        let Expression::Arithmetic(Operator::Add, left, right) = read else { panic!("{read:?}") };
        assert_eq!(*left, Expression::Negated(Box::new(Expression::Name("a".to_owned()))));
        let Expression::Arithmetic(Operator::Multiply, _, power) = *right else { panic!("{right:?}") };
        assert!(matches!(*power, Expression::Arithmetic(Operator::Power, ..)));
    }

    #[test]
    fn names_are_ids_only() {
        let read = Expression::parse("FILL(m1, REPEAT) / SUM([m2, e_3]) + AVG(METRICS('x'))").unwrap();
        assert_eq!(read.names().into_iter().collect::<Vec<_>>(), ["e_3", "m1", "m2"]);
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        for text in ["", "1 +", "(1", "f(1)", "1 2", "'a", "1..2", "a # b", "[1", "SUM(1,)", ")"] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
        assert!(Expression::parse(&"(".repeat(2_000)).is_err());
        assert!(Expression::parse(&"-".repeat(2_000)).is_err());
        assert!(Expression::parse(&"1+".repeat(900)).is_err());
        assert!(Expression::parse(&"1".repeat(3_000)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[-a-z0-9A-Z+*/^()\\[\\],.'\" ]{0,80}") {
            let _ = Expression::parse(&text);
        }
    }
}
