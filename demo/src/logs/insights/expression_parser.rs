//! Reads expressions.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use super::QueryError;
use super::aggregate::{Aggregate, Kind};
use super::expression::{Comparison, Expression, Like};
use super::functions;
use super::source::{Source, Token};
use super::value::Value;

/// How deep expressions may nest.
const DEEPEST: usize = 48;
/// Bytes that a compiled regular expression may take.
const REGEX_SIZE: usize = 1 << 20;

/// Reads expressions of one command.
#[derive(Debug)]
pub struct Reader<'s, 'a> {
    pub source: &'s mut Source<'a>,
    /// Where the functions of stats are put; `None` in the other commands.
    pub aggregates: Option<Vec<Aggregate>>,
    depth: usize,
}

impl<'s, 'a> Reader<'s, 'a> {
    pub fn new(source: &'s mut Source<'a>) -> Self {
        Self { source, aggregates: None, depth: 0 }
    }

    /// Reads an expression.
    pub fn expression(&mut self) -> Result<Expression, QueryError> {
        if self.depth == DEEPEST {
            return Err(self.source.error("the expression is nested too deeply", self.source.position()));
        }
        self.depth += 1;
        let result = self.any();
        self.depth -= 1;
        result
    }

    fn any(&mut self) -> Result<Expression, QueryError> {
        let mut parts = vec![self.all()?];
        while self.source.eat_word("or")? {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) })
    }

    fn all(&mut self) -> Result<Expression, QueryError> {
        let mut parts = vec![self.not()?];
        while self.source.eat_word("and")? {
            parts.push(self.not()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn not(&mut self) -> Result<Expression, QueryError> {
        let mut negations = 0;
        while self.source.eat_word("not")? {
            negations += 1;
        }
        let inner = self.comparison()?;
        Ok(if negations % 2 == 1 { Expression::Not(Box::new(inner)) } else { inner })
    }

    fn comparison(&mut self) -> Result<Expression, QueryError> {
        let left = self.sum()?;
        let comparison = match self.source.peek() {
            Token::Sign("=" | "==") => Comparison::Equal,
            Token::Sign("!=") => Comparison::NotEqual,
            Token::Sign("<") => Comparison::Less,
            Token::Sign("<=") => Comparison::LessOrEqual,
            Token::Sign(">") => Comparison::Greater,
            Token::Sign(">=") => Comparison::GreaterOrEqual,
            Token::Sign("=~") => {
                self.source.take()?;
                return self.like(left, false);
            }
            _ => return self.word_operator(left),
        };
        self.source.take()?;
        let right = self.sum()?;
        Ok(Expression::Compare(comparison, Box::new(left), Box::new(right)))
    }

    fn word_operator(&mut self, left: Expression) -> Result<Expression, QueryError> {
        let negated = self.source.eat_word("not")?;
        if self.source.eat_word("like")? {
            return self.like(left, negated);
        }
        if self.source.eat_word("in")? {
            self.source.expect("[")?;
            let mut list = Vec::new();
            while !self.source.eat("]")? {
                if !list.is_empty() {
                    self.source.expect(",")?;
                }
                list.push(self.expression()?);
            }
            return Ok(Expression::In { value: Box::new(left), list, negated });
        }
        if negated { Err(self.source.unexpected()) } else { Ok(left) }
    }

    fn like(&mut self, value: Expression, negated: bool) -> Result<Expression, QueryError> {
        let like = match self.regex()? {
            Some(regex) => Like::Regex(regex),
            None => match self.source.take()? {
                Token::Text(text) => Like::Text(text),
                _ => return Err(self.source.unexpected()),
            },
        };
        Ok(Expression::Like { value: Box::new(value), like, negated })
    }

    /// Reads a regular expression between slashes, if one comes next.
    pub fn regex(&mut self) -> Result<Option<Regex>, QueryError> {
        let start = self.source.position();
        let Some(text) = self.source.regex()? else { return Ok(None) };
        let built = RegexBuilder::new(&text).size_limit(REGEX_SIZE).build();
        built.map(Some).map_err(|_| self.source.error(&format!("invalid regular expression /{text}/"), start))
    }

    fn sum(&mut self) -> Result<Expression, QueryError> {
        let mut left = self.product()?;
        loop {
            let sign = match self.source.peek() {
                Token::Sign("+") => '+',
                Token::Sign("-") => '-',
                _ => return Ok(left),
            };
            self.source.take()?;
            left = Expression::Calculate(sign, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Expression, QueryError> {
        let mut left = self.primary()?;
        loop {
            let sign = match self.source.peek() {
                Token::Sign("*") => '*',
                Token::Sign("/") => '/',
                Token::Sign("%") => '%',
                _ => return Ok(left),
            };
            self.source.take()?;
            left = Expression::Calculate(sign, Box::new(left), Box::new(self.primary()?));
        }
    }

    fn primary(&mut self) -> Result<Expression, QueryError> {
        let start = self.source.position();
        match self.source.peek() {
            Token::Number(_) | Token::Span(_) | Token::Text(_) | Token::Field(_) => {}
            Token::Word(_) => return self.word(start),
            Token::Sign("(") => {
                self.source.take()?;
                let inner = self.expression()?;
                self.source.expect(")")?;
                return Ok(inner);
            }
            Token::Sign("-") => {
                self.source.take()?;
                if self.depth == DEEPEST {
                    return Err(self.source.error("the expression is nested too deeply", start));
                }
                self.depth += 1;
                let inner = self.primary();
                self.depth -= 1;
                return Ok(Expression::Negative(Box::new(inner?)));
            }
            _ => return Err(self.source.unexpected()),
        }
        Ok(match self.source.take()? {
            Token::Number(number) | Token::Span(number) => Expression::Constant(Value::Number(number)),
            Token::Text(text) => Expression::Constant(Value::Text(text)),
            Token::Field(name) => Expression::Field(Arc::from(name)),
            _ => return Err(self.source.unexpected()),
        })
    }

    fn word(&mut self, start: usize) -> Result<Expression, QueryError> {
        let Token::Word(word) = self.source.take()? else { return Err(self.source.unexpected()) };
        if *self.source.peek() != Token::Sign("(") {
            return Ok(match word.as_str() {
                "true" => Expression::Constant(Value::Bool(true)),
                "false" => Expression::Constant(Value::Bool(false)),
                _ => Expression::Field(Arc::from(word)),
            });
        }
        if let Some(kind) = Kind::named(&word) {
            return self.aggregate(kind, &word, start);
        }
        self.source.take()?;
        let mut arguments = Vec::new();
        while !self.source.eat(")")? {
            if !arguments.is_empty() {
                self.source.expect(",")?;
            }
            arguments.push(self.expression()?);
        }
        let name = if word.eq_ignore_ascii_case("bin") {
            arguments.insert(0, Expression::Field(Arc::from("@timestamp")));
            "datefloor"
        } else {
            &word
        };
        let function = functions::function(name)
            .ok_or_else(|| self.source.error(&format!("unknown function {word}"), start))?;
        let (fewest, most) = function.arguments;
        if !(fewest..=most).contains(&arguments.len()) {
            return Err(self
                .source
                .error(&format!("wrong number of arguments for the function {word}"), start));
        }
        Ok(Expression::Call(function, arguments))
    }

    /// A function of stats. In the commands that follow it, it names the column.
    fn aggregate(&mut self, kind: Kind, word: &str, start: usize) -> Result<Expression, QueryError> {
        self.source.expect("(")?;
        let outer = self.aggregates.take();
        let of = if self.source.eat("*")? || *self.source.peek() == Token::Sign(")") {
            None
        } else {
            Some(self.expression()?)
        };
        self.aggregates = outer;
        let mut kind = kind;
        if self.source.eat(",")? {
            match (kind, self.source.take()?) {
                (Kind::Percentile(_), Token::Number(level)) if level <= 100.0 && word != "median" => {
                    kind = Kind::Percentile(level);
                }
                _ => {
                    return Err(self
                        .source
                        .error(&format!("invalid argument of the function {word}"), start));
                }
            }
        }
        self.source.expect(")")?;
        if of.is_none() && kind != Kind::Count {
            return Err(self.source.error(&format!("the function {word} needs a field"), start));
        }
        match &mut self.aggregates {
            None => Ok(Expression::Field(Arc::from(self.source.since(start)))),
            Some(aggregates) => {
                aggregates.push(Aggregate { kind, of });
                Ok(Expression::Aggregate(aggregates.len() - 1))
            }
        }
    }
}
