//! Metric math: the syntax of expressions. What they come to is in [`operand`] and [`function`].

pub mod fill;
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
    /// An arithmetic, comparing or logical operator.
    Arithmetic(Operator, Box<Expression>, Box<Expression>),
    List(Vec<Expression>),
    Call(Function, Vec<Expression>),
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
}

impl Operator {
    /// The result for two numbers. AWS: 1 and 0 for true and false, and any number but 0 is true.
    #[expect(clippy::float_cmp, reason = "an operator that compares exactly, as AWS's does")]
    pub fn apply(self, left: f64, right: f64) -> f64 {
        let truth = |truth: bool| f64::from(u8::from(truth));
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Power => left.powf(right),
            Self::Equal => truth(left == right),
            Self::NotEqual => truth(left != right),
            Self::Less => truth(left < right),
            Self::LessOrEqual => truth(left <= right),
            Self::Greater => truth(left > right),
            Self::GreaterOrEqual => truth(left >= right),
            Self::And => truth(left != 0.0 && right != 0.0),
            Self::Or => truth(left != 0.0 || right != 0.0),
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
        let expression = parser.either()?;
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

/// The levels of operators, the loosest first; those of one level go from left to right.
const LEVELS: [&[(&str, Operator)]; 5] = [
    &[("||", Operator::Or), ("OR", Operator::Or)],
    &[("&&", Operator::And), ("AND", Operator::And)],
    &[
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[("*", Operator::Multiply), ("/", Operator::Divide)],
];

/// Recursive descent.
struct Parser {
    tokens: Vec<Token>,
    at: usize,
    nodes: usize,
}

impl Parser {
    fn either(&mut self) -> Result<Expression, String> {
        self.level(0)
    }

    fn level(&mut self, level: usize) -> Result<Expression, String> {
        let Some(operators) = LEVELS.get(level) else { return self.negation() };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.operator(operators) {
            self.count()?;
            let right = self.level(level + 1)?;
            left = Expression::Arithmetic(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Expression, String> {
        if self.take("-") {
            self.count()?;
            return Ok(Expression::Negated(Box::new(self.negation()?)));
        }
        let base = self.term()?;
        if self.take("^") {
            self.count()?;
            let power = self.negation()?;
            return Ok(Expression::Arithmetic(Operator::Power, Box::new(base), Box::new(power)));
        }
        Ok(base)
    }

    fn term(&mut self) -> Result<Expression, String> {
        self.count()?;
        match self.next() {
            Some(Token::Number(number)) => Ok(Expression::Number(number)),
            Some(Token::Text(text)) => Ok(Expression::Text(text)),
            Some(Token::Name(name)) if self.take("(") => {
                let function = name.parse()?;
                Ok(Expression::Call(function, self.items(")")?))
            }
            Some(Token::Name(name)) => Ok(Expression::Name(name)),
            Some(Token::Symbol("[")) => Ok(Expression::List(self.items("]")?)),
            Some(Token::Symbol("(")) => {
                let inner = self.either()?;
                self.expect(")")?;
                Ok(inner)
            }
            Some(Token::Symbol(symbol)) => Err(format!("{symbol:?} is not expected here")),
            None => Err("it ends too early".to_owned()),
        }
    }

    /// What follows an opening bracket, separated by commas, up to the closing one.
    fn items(&mut self, close: &'static str) -> Result<Vec<Expression>, String> {
        let mut items = Vec::new();
        if self.take(close) {
            return Ok(items);
        }
        loop {
            items.push(self.either()?);
            if !self.take(",") {
                self.expect(close)?;
                return Ok(items);
            }
        }
    }

    fn count(&mut self) -> Result<(), String> {
        self.nodes += 1;
        if self.nodes > MOST_NODES { Err("it is too complex".to_owned()) } else { Ok(()) }
    }

    fn operator(&mut self, choices: &[(&'static str, Operator)]) -> Option<Operator> {
        let found = choices.iter().find(|(symbol, _)| match self.peek() {
            Some(Token::Symbol(there)) => there == symbol,
            Some(Token::Name(name)) => name == symbol,
            _ => false,
        });
        let (_, operator) = found?;
        self.at += 1;
        Some(*operator)
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), String> {
        if self.take(symbol) { Ok(()) } else { Err(format!("{symbol:?} is missing")) }
    }

    fn take(&mut self, symbol: &'static str) -> bool {
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
    fn comparisons_bind_looser_than_sums_and_tighter_than_and_and_or() {
        let read = Expression::parse("a + 1 > b AND c == 2 || d").unwrap();
        let Expression::Arithmetic(Operator::Or, left, _) = read else { panic!("{read:?}") };
        let Expression::Arithmetic(Operator::And, left, right) = *left else { panic!("{left:?}") };
        assert!(matches!(*left, Expression::Arithmetic(Operator::Greater, ..)));
        assert!(matches!(*right, Expression::Arithmetic(Operator::Equal, ..)));
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
        fn no_text_makes_it_panic(text in "[-a-z0-9A-Z+*/^()<>=!&|\\[\\],.'\" ]{0,80}") {
            let _ = Expression::parse(&text);
        }
    }
}
