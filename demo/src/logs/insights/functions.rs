//! The functions that work on one row.

use jiff::Timestamp;

use super::value::Value;

/// A function.
#[derive(Debug)]
pub struct Function {
    pub name: &'static str,
    /// The fewest and the most arguments.
    pub arguments: (usize, usize),
    pub call: fn(&[Value]) -> Value,
}

/// The function of this name, whatever its case.
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name.eq_ignore_ascii_case(name))
}

const fn define(name: &'static str, fewest: usize, most: usize, call: fn(&[Value]) -> Value) -> Function {
    Function { name, arguments: (fewest, most), call }
}

static FUNCTIONS: &[Function] = &[
    define("abs", 1, 1, |arguments| number(arguments, f64::abs)),
    define("ceil", 1, 1, |arguments| number(arguments, f64::ceil)),
    define("floor", 1, 1, |arguments| number(arguments, f64::floor)),
    define("log", 1, 1, |arguments| number(arguments, f64::ln)),
    define("sqrt", 1, 1, |arguments| number(arguments, f64::sqrt)),
    define("greatest", 1, 16, |arguments| fold(arguments, f64::max)),
    define("least", 1, 16, |arguments| fold(arguments, f64::min)),
    define("datefloor", 2, 2, |arguments| period(arguments, 0)),
    define("dateceil", 2, 2, |arguments| period(arguments, 1)),
    define("fromMillis", 1, 1, |arguments| {
        arguments.first().and_then(Value::millis).map_or(Value::Missing, Value::Time)
    }),
    define("toMillis", 1, 1, |arguments| number(arguments, |millis| millis)),
    define("ispresent", 1, 1, |arguments| Value::Bool(arguments.iter().any(|value| !value.is_missing()))),
    define("coalesce", 1, 16, |arguments| {
        arguments.iter().find(|value| !value.is_missing()).cloned().unwrap_or_default()
    }),
    define("if", 3, 3, |arguments| match arguments {
        [condition, yes, no] => if condition.is_true() { yes } else { no }.clone(),
        _ => Value::Missing,
    }),
    define("isempty", 1, 1, |arguments| Value::Bool(text(arguments, 0).is_empty())),
    define("isblank", 1, 1, |arguments| Value::Bool(text(arguments, 0).trim().is_empty())),
    define("concat", 1, 16, |arguments| {
        Value::Text(arguments.iter().map(ToString::to_string).collect::<String>())
    }),
    define("trim", 1, 2, |arguments| trimmed(arguments, true, true)),
    define("ltrim", 1, 2, |arguments| trimmed(arguments, true, false)),
    define("rtrim", 1, 2, |arguments| trimmed(arguments, false, true)),
    define("strlen", 1, 1, |arguments| count(text(arguments, 0).chars().count())),
    define("toupper", 1, 1, |arguments| map_text(arguments, str::to_uppercase)),
    define("tolower", 1, 1, |arguments| map_text(arguments, str::to_lowercase)),
    define("substr", 2, 3, |arguments| {
        let place = |index: usize| {
            arguments.get(index).and_then(Value::millis).map(|at| usize::try_from(at).unwrap_or(0))
        };
        let (start, length) = (place(1).unwrap_or(0), place(2).unwrap_or(usize::MAX));
        map_text(arguments, |text| text.chars().skip(start).take(length).collect())
    }),
    define("replace", 3, 3, |arguments| {
        let (from, to) = (text(arguments, 1), text(arguments, 2));
        map_text(arguments, |text| if from.is_empty() { text.to_owned() } else { text.replace(&from, &to) })
    }),
    define("strcontains", 2, 2, |arguments| {
        Value::Number(f64::from(u8::from(text(arguments, 0).contains(&text(arguments, 1)))))
    }),
];

fn text(arguments: &[Value], index: usize) -> String {
    arguments.get(index).map(ToString::to_string).unwrap_or_default()
}

fn map_text(arguments: &[Value], map: impl Fn(&str) -> String) -> Value {
    match arguments.first() {
        None | Some(Value::Missing) => Value::Missing,
        Some(value) => Value::Text(map(&value.to_string())),
    }
}

fn number(arguments: &[Value], map: fn(f64) -> f64) -> Value {
    let result = arguments.first().and_then(Value::number).map(map).filter(|number| number.is_finite());
    result.map_or(Value::Missing, Value::Number)
}

fn fold(arguments: &[Value], fold: fn(f64, f64) -> f64) -> Value {
    arguments.iter().filter_map(Value::number).reduce(fold).map_or(Value::Missing, Value::Number)
}

fn count(count: usize) -> Value {
    Value::Number(u32::try_from(count).map_or(f64::MAX, f64::from))
}

/// The beginning of the period that a time lies in, or of one of the next.
fn period(arguments: &[Value], later: i64) -> Value {
    let millis = |index: usize| arguments.get(index).and_then(Value::millis);
    let (Some(time), Some(length)) = (millis(0), millis(1).filter(|length| *length > 0)) else {
        return Value::Missing;
    };
    let floor = time.div_euclid(length).saturating_mul(length);
    let is_exact = floor == time;
    let shift = if is_exact { 0 } else { later.saturating_mul(length) };
    let latest = Timestamp::MAX.as_millisecond();
    Value::Time(floor.saturating_add(shift).clamp(0, latest))
}

fn trimmed(arguments: &[Value], start: bool, end: bool) -> Value {
    let set = arguments.get(1).map(ToString::to_string);
    let is_cut = |character: char| match &set {
        Some(set) => set.contains(character),
        None => character.is_whitespace(),
    };
    map_text(arguments, |text| {
        let text = if start { text.trim_start_matches(is_cut) } else { text };
        if end { text.trim_end_matches(is_cut) } else { text }.to_owned()
    })
}
