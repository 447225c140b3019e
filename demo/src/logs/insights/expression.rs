//! Commands and expressions of a query, and what an expression comes to for a row.

use std::cmp::Ordering;
use std::sync::Arc;

use regex::Regex;

use super::aggregate::Aggregate;
use super::functions::Function;
use super::row::Row;
use super::value::Value;

/// A command between pipes.
#[derive(Debug)]
pub enum Command {
    Fields(Vec<Column>),
    Display(Vec<Column>),
    Filter(Expression),
    Parse {
        field: Expression,
        regex: Regex,
        names: Vec<Arc<str>>,
    },
    Stats {
        aggregates: Vec<Aggregate>,
        columns: Vec<Column>,
        by: Vec<Column>,
    },
    /// With whether it is descending.
    Sort(Vec<(Expression, bool)>),
    Limit(usize),
    Dedup(Vec<Expression>),
}

/// An expression with the name under which it is shown.
#[derive(Debug)]
pub struct Column {
    pub name: Arc<str>,
    pub expression: Expression,
}

/// Something that has a value for each row.
#[derive(Debug)]
pub enum Expression {
    Field(Arc<str>),
    Constant(Value),
    /// The result of the command's aggregate at this place.
    Aggregate(usize),
    Call(&'static Function, Vec<Self>),
    Not(Box<Self>),
    Negative(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
    Compare(Comparison, Box<Self>, Box<Self>),
    Calculate(char, Box<Self>, Box<Self>),
    Like {
        value: Box<Self>,
        like: Like,
        negated: bool,
    },
    In {
        value: Box<Self>,
        list: Vec<Self>,
        negated: bool,
    },
}

/// What a text is like.
#[derive(Debug)]
pub enum Like {
    /// It contains this.
    Text(String),
    Regex(Regex),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Expression {
    /// The value for a row; `aggregates` are the results of the stats command that it stands in, if any.
    pub fn value(&self, row: &Row, aggregates: &[Value]) -> Value {
        let of = |expression: &Self| expression.value(row, aggregates);
        match self {
            Self::Field(name) => row.value(name),
            Self::Constant(value) => value.clone(),
            Self::Aggregate(index) => aggregates.get(*index).cloned().unwrap_or_default(),
            Self::Call(function, arguments) => (function.call)(&arguments.iter().map(of).collect::<Vec<_>>()),
            Self::Not(inner) => Value::Bool(!of(inner).is_true()),
            Self::Negative(inner) => {
                of(inner).number().map_or(Value::Missing, |number| Value::Number(-number))
            }
            Self::All(parts) => Value::Bool(parts.iter().all(|part| of(part).is_true())),
            Self::Any(parts) => Value::Bool(parts.iter().any(|part| of(part).is_true())),
            Self::Compare(comparison, left, right) => {
                Value::Bool(of(left).compare(&of(right)).is_some_and(|order| comparison.holds(order)))
            }
            Self::Calculate(sign, left, right) => calculate(*sign, &of(left), &of(right)),
            Self::Like { value, like, negated } => {
                let text = of(value).to_string();
                let is_like = match like {
                    Like::Text(part) => text.contains(part),
                    Like::Regex(regex) => regex.is_match(&text),
                };
                Value::Bool(is_like != *negated)
            }
            Self::In { value, list, negated } => {
                let value = of(value);
                let is_in = list.iter().any(|one| value.compare(&of(one)).is_some_and(Ordering::is_eq));
                Value::Bool(is_in != *negated)
            }
        }
    }
}

fn calculate(sign: char, left: &Value, right: &Value) -> Value {
    let (Some(left), Some(right)) = (left.number(), right.number()) else { return Value::Missing };
    let result = match sign {
        '+' => left + right,
        '-' => left - right,
        '*' => left * right,
        '/' => left / right,
        _ => left % right,
    };
    if result.is_finite() { Value::Number(result) } else { Value::Missing }
}
