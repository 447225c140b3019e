//! Reads a condition by the grammar that [`super`] gives, units and all.

use winnow::ascii::{alpha0, digit1, multispace0};
use winnow::combinator::{alt, delimited, opt, preceded, separated, terminated};
use winnow::error::{ErrMode, ParserError};
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location, Stateful};
use winnow::token::{literal, take_while};

use super::error::ConditionError;
use super::fit::{Misfit, check};
use super::quantity::{Limit, Quantity, Scale, Unit};
use super::signals::{SIGNALS, Signal};
use super::{Comparison, Node, Operator};
use crate::domain::suggest::nearest;

/// How deep brackets and `not` may nest, so that no text can exhaust the stack.
const DEEPEST: usize = 32;

/// The text, and how deep in brackets the parser is.
type Input<'text> = Stateful<LocatingSlice<&'text str>, usize>;
type Parsed<Output> = Result<Output, ErrMode<Fault>>;

/// What was expected at which byte.
#[derive(Debug)]
struct Fault {
    at: usize,
    expected: String,
    hint: Option<String>,
}

impl ParserError<Input<'_>> for Fault {
    type Inner = Self;

    fn from_input(input: &Input<'_>) -> Self {
        Self { at: input.current_token_start(), expected: "something else".to_owned(), hint: None }
    }

    fn into_inner(self) -> Result<Self::Inner, Self> {
        Ok(self)
    }
}

pub(super) fn parse(text: &str) -> Result<Node, ConditionError> {
    let input = Input { input: LocatingSlice::new(text), state: 0 };
    delimited(multispace0, either, end).parse(input).map_err(|error| {
        let Fault { at, expected, hint } = error.into_inner();
        ConditionError::new(text, at, expected, hint)
    })
}

fn either(input: &mut Input<'_>) -> Parsed<Node> {
    let parts: Vec<Node> = separated(1.., both, keyword("or")).parse_next(input)?;
    Ok(joined(parts, Node::Any))
}

fn both(input: &mut Input<'_>) -> Parsed<Node> {
    let parts: Vec<Node> = separated(1.., term, keyword("and")).parse_next(input)?;
    Ok(joined(parts, Node::All))
}

fn joined(mut parts: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Node {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

fn term(input: &mut Input<'_>) -> Parsed<Node> {
    if input.state >= DEEPEST {
        return Err(fault(here(input), format!("at most {DEEPEST} brackets within each other"), None));
    }
    input.state += 1;
    let inverse = preceded(keyword("not"), term).map(|inner| Node::Not(Box::new(inner)));
    let group = delimited(sign("("), either, close);
    let node = alt((inverse, group, comparison.map(Node::Compare))).parse_next(input)?;
    input.state -= 1;
    Ok(node)
}

fn close(input: &mut Input<'_>) -> Parsed<()> {
    match opt(sign(")")).parse_next(input)? {
        Some(()) => Ok(()),
        None => Err(fault(here(input), "`and`, `or` or `)`", joint_hint(input))),
    }
}

fn end(input: &mut Input<'_>) -> Parsed<()> {
    if input.is_empty() {
        return Ok(());
    }
    Err(fault(here(input), "`and`, `or` or the end", joint_hint(input)))
}

/// What a programmer writes instead of a word.
fn joint_hint(input: &Input<'_>) -> Option<String> {
    match input.chars().next()? {
        '&' | ',' => Some("write `and`".to_owned()),
        '|' => Some("write `or`".to_owned()),
        _ => None,
    }
}

fn comparison(input: &mut Input<'_>) -> Parsed<Comparison> {
    let signal = signal(input)?;
    let operator = operator(input)?;
    let limit = limit(input, signal, operator)?;
    Ok(Comparison { signal, operator, limit })
}

fn signal(input: &mut Input<'_>) -> Parsed<&'static Signal> {
    let at = here(input);
    let inverted = input.starts_with('!');
    let name = opt(word).parse_next(input)?;
    if let Some(found) = name.and_then(Signal::named) {
        return Ok(found);
    }
    let hint = match name.and_then(Signal::meant_by) {
        Some(meant) => Some(format!("did you mean `{}`?", meant.name)),
        None => inverted.then(|| "write `not`".to_owned()),
    };
    let names: Vec<_> = SIGNALS.iter().map(|signal| signal.name).collect();
    Err(fault(at, format!("`not`, `(` or a signal: {}", names.join(", ")), hint))
}

fn operator(input: &mut Input<'_>) -> Parsed<Operator> {
    let at = here(input);
    let written = take_while(0.., |one| matches!(one, '<' | '>' | '=' | '!' | '≤' | '≥'));
    let hint = match terminated(written, multispace0).parse_next(input)? {
        "<" => return Ok(Operator::Less),
        "<=" => return Ok(Operator::LessOrEqual),
        ">" => return Ok(Operator::Greater),
        ">=" => return Ok(Operator::GreaterOrEqual),
        "=<" | "≤" => Some("write `<=`".to_owned()),
        "=>" | "≥" => Some("write `>=`".to_owned()),
        "=" | "==" | "!=" => {
            Some("a measured figure is never exactly anything: write `<=` or `>=`".to_owned())
        }
        _ => None,
    };
    Err(fault(at, "`<`, `<=`, `>` or `>=`", hint))
}

fn limit(input: &mut Input<'_>, signal: &'static Signal, operator: Operator) -> Parsed<Limit> {
    let at = here(input);
    let scale = if opt(keyword("before")).parse_next(input)?.is_some() {
        match opt(sign("*")).parse_next(input)? {
            Some(()) => Scale::Times(terminated(number, multispace0).parse_next(input)?),
            None => Scale::Same,
        }
    } else {
        let quantity = quantity(input, signal)?;
        match quantity.unit {
            Unit::Plain if opt(sign("*")).parse_next(input)?.is_some() => {
                before(input)?;
                Scale::Times(quantity.number)
            }
            Unit::Percent if opt(keyword("of")).parse_next(input)?.is_some() => {
                before(input)?;
                Scale::Percent(quantity.number)
            }
            _ => {
                check(signal, Some(operator), quantity).map_err(|misfit| misfit.at(at))?;
                return Ok(Limit::Fixed(quantity));
            }
        }
    };
    let margin = opt(preceded(sign("+"), |input: &mut Input<'_>| margin(input, signal))).parse_next(input)?;
    Ok(Limit::Relative { scale, margin })
}

fn margin(input: &mut Input<'_>, signal: &'static Signal) -> Parsed<Quantity> {
    let at = here(input);
    let margin = quantity(input, signal)?;
    check(signal, None, margin).map_err(|misfit| misfit.at(at))?;
    Ok(margin)
}

fn before(input: &mut Input<'_>) -> Parsed<()> {
    if opt(keyword("before")).parse_next(input)?.is_some() {
        return Ok(());
    }
    let hint = "a signal is compared with a limit, or with itself before the change".to_owned();
    Err(fault(here(input), "`before`", Some(hint)))
}

/// A number and its unit, which need not be the unit of the signal: `2 * before` starts with one.
fn quantity(input: &mut Input<'_>, signal: &'static Signal) -> Parsed<Quantity> {
    let at = here(input);
    if !input.starts_with(|first: char| first.is_ascii_digit()) {
        let hint = opt(word).parse_next(input)?.and_then(|word| match Signal::named(word) {
            Some(_) => Some("a signal is compared with a limit, or with itself `before`".to_owned()),
            None => nearest(word, ["before"]).map(|meant| format!("did you mean `{meant}`?")),
        });
        return Err(fault(at, format!("{} or `before`", signal.dimension.described()), hint));
    }
    let number = number(input)?;
    let at = here(input);
    let written = suffix(input)?;
    let Some(unit) = Unit::of_suffix(written) else {
        let hint = Unit::meant_by(written).map(|unit| format!("did you mean `{}`?", unit.suffix()));
        return Err(fault(at, "a unit: `%`, `ms`, `s`, `/s` or `/min`", hint));
    };
    multispace0.parse_next(input)?;
    // `800 ms`, with a space. Words that are no unit, such as `and`, are the caller's.
    let apart = terminated(suffix.verify_map(Unit::of_suffix), multispace0)
        .verify(|apart| unit == Unit::Plain && *apart != Unit::Plain);
    Ok(Quantity { number, unit: opt(apart).parse_next(input)?.unwrap_or(unit) })
}

fn number(input: &mut Input<'_>) -> Parsed<f64> {
    let at = here(input);
    let digits = opt((digit1, opt(('.', digit1))).take()).parse_next(input)?;
    let read = digits.and_then(|digits: &str| digits.parse::<f64>().ok()).filter(|number| number.is_finite());
    read.ok_or_else(|| fault(at, "a number such as `2` or `0.5`", None))
}

fn suffix<'text>(input: &mut Input<'text>) -> Parsed<&'text str> {
    alt(("%", ('/', alpha0).take(), alpha0)).parse_next(input)
}

/// A whole word, whatever its case.
fn keyword<'text>(wanted: &'static str) -> impl Parser<Input<'text>, (), ErrMode<Fault>> {
    word.verify(move |found: &str| found.eq_ignore_ascii_case(wanted)).void()
}

fn word<'text>(input: &mut Input<'text>) -> Parsed<&'text str> {
    let letter = |one: char| one.is_alphanumeric() || matches!(one, '.' | '-' | '_');
    terminated(take_while(1.., letter), multispace0).parse_next(input)
}

fn sign<'text>(wanted: &'static str) -> impl Parser<Input<'text>, (), ErrMode<Fault>> {
    terminated(literal(wanted), multispace0).void()
}

/// The byte that is read next.
fn here(input: &Input<'_>) -> usize {
    input.current_token_start()
}

/// Ends the parse: there is one way to read any text, so that no other branch could do better.
fn fault(at: usize, expected: impl Into<String>, hint: Option<String>) -> ErrMode<Fault> {
    ErrMode::Cut(Fault { at, expected: expected.into(), hint })
}

impl Misfit {
    fn at(self, at: usize) -> ErrMode<Fault> {
        fault(at, self.expected, Some(self.hint))
    }
}
