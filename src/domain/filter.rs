//! The filter that `/` opens: fuzzy words, `!not`, and comparisons on columns.
//!
//! ```text
//! orders !beta 5xx>1% age<2h
//! ```
//! Each term must hold. A word without an operator is matched fuzzily against each word of the row,
//! not across them: letters picked from three columns would let every row pass. A comparison reads a
//! column by its heading, whatever its case.

use std::time::Duration;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::suggest::nearest;

/// What a row has in a column, as far as comparing goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    /// A plain number: requests per second, milliseconds, a count.
    Number(f64),
    /// A share, 0 to 1; a bare number in a filter means percent.
    Share(f64),
    Age(Duration),
    /// Nothing there: no comparison holds.
    Absent,
}

/// A row that can be filtered: all of its text, and its columns by heading.
pub trait Filterable {
    fn text(&self) -> String;
    fn value(&self, column: &str) -> Value;
}

/// A filter, read.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    terms: Vec<Term>,
}

#[derive(Clone, Debug)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Fuzzy(Pattern),
    Compare { column: String, comparison: Comparison, operand: Operand },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

#[derive(Clone, Debug, PartialEq)]
struct Operand {
    text: String,
    /// In the unit that was written: percent as a share, time in milliseconds.
    number: Option<f64>,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    None,
    Percent,
    Time,
}

/// A filter that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error("no column '{wanted}'{}; columns: {}", .nearest.as_deref().map(|name| format!(", did you mean '{name}'?")).unwrap_or_default(), .columns.join(", "))]
    UnknownColumn { wanted: String, nearest: Option<String>, columns: Vec<String> },
    #[error("'{0}' has nothing to compare with")]
    NoOperand(String),
}

/// Longer operators first, so that `>=` isn't read as `>` and `=`.
const OPERATORS: [(&str, Comparison); 6] = [
    (">=", Comparison::GreaterOrEqual),
    ("<=", Comparison::LessOrEqual),
    ("!=", Comparison::NotEqual),
    (">", Comparison::Greater),
    ("<", Comparison::Less),
    ("=", Comparison::Equal),
];

impl Filter {
    /// Reads a filter for a table with these columns.
    ///
    /// # Errors
    /// A comparison with a column that the table doesn't have, or with nothing.
    pub fn parse(text: &str, columns: &[&str]) -> Result<Self, FilterError> {
        let terms =
            text.split_whitespace().map(|word| Term::parse(word, columns)).collect::<Result<_, _>>()?;
        Ok(Self { terms })
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether each of its terms compares a column: words match loosely, which is not enough to act on.
    pub fn compares_alone(&self) -> bool {
        self.terms.iter().all(|term| matches!(term.test, Test::Compare { .. }))
    }

    /// The rows that pass, in their order.
    pub fn apply<Row: Filterable>(&self, rows: Vec<Row>) -> Vec<Row> {
        if self.terms.is_empty() {
            return rows;
        }
        let mut matcher = Matcher::new(Config::DEFAULT);
        rows.into_iter().filter(|row| self.terms.iter().all(|term| term.holds(row, &mut matcher))).collect()
    }
}

impl Term {
    fn parse(word: &str, columns: &[&str]) -> Result<Self, FilterError> {
        let (negated, rest) = match word.strip_prefix('!') {
            Some(rest) if !rest.is_empty() && !rest.starts_with('=') => (true, rest),
            _ => (false, word),
        };
        let test = match split_comparison(rest) {
            Some((column, comparison, operand)) => comparison_test(column, comparison, operand, columns)?,
            None => Test::Fuzzy(Pattern::parse(rest, CaseMatching::Smart, Normalization::Smart)),
        };
        Ok(Self { negated, test })
    }

    fn holds(&self, row: &impl Filterable, matcher: &mut Matcher) -> bool {
        let found = match &self.test {
            Test::Fuzzy(pattern) => {
                let mut buffer = Vec::new();
                row.text()
                    .split_whitespace()
                    .any(|word| pattern.score(Utf32Str::new(word, &mut buffer), matcher).is_some())
            }
            Test::Compare { column, comparison, operand } => {
                compare(&row.value(column), *comparison, operand)
            }
        };
        found != self.negated
    }
}

fn split_comparison(word: &str) -> Option<(&str, Comparison, &str)> {
    let first = OPERATORS.iter().filter_map(|(sign, _)| word.find(sign)).min()?;
    let (sign, comparison) = OPERATORS.iter().find(|(sign, _)| word[first..].starts_with(sign))?;
    (first > 0).then(|| (&word[..first], *comparison, &word[first + sign.len()..]))
}

fn comparison_test(
    column: &str,
    comparison: Comparison,
    operand: &str,
    columns: &[&str],
) -> Result<Test, FilterError> {
    let known = columns.iter().find(|name| name.eq_ignore_ascii_case(column));
    let Some(known) = known else {
        return Err(FilterError::UnknownColumn {
            wanted: column.to_owned(),
            nearest: nearest(column, columns.iter().copied()).map(str::to_owned),
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        });
    };
    if operand.is_empty() {
        return Err(FilterError::NoOperand(column.to_owned()));
    }
    Ok(Test::Compare { column: (*known).to_owned(), comparison, operand: Operand::parse(operand) })
}

impl Operand {
    fn parse(text: &str) -> Self {
        let digits_end =
            text.find(|character: char| !character.is_ascii_digit() && !matches!(character, '.' | ',' | '-'));
        let (digits, suffix) = text.split_at(digits_end.unwrap_or(text.len()));
        let plain = digits.replace(',', "").parse::<f64>().ok();
        let (factor, unit) = match suffix {
            "" => (1.0, Unit::None),
            "k" => (1e3, Unit::None),
            "M" => (1e6, Unit::None),
            "%" => (0.01, Unit::Percent),
            "ms" => (1.0, Unit::Time),
            "s" => (1e3, Unit::Time),
            "m" | "min" => (60e3, Unit::Time),
            "h" => (3_600e3, Unit::Time),
            "d" => (86_400e3, Unit::Time),
            "w" => (604_800e3, Unit::Time),
            _ => return Self { text: text.to_owned(), number: None, unit: Unit::None },
        };
        Self { text: text.to_owned(), number: plain.map(|number| number * factor), unit }
    }
}

fn compare(value: &Value, comparison: Comparison, operand: &Operand) -> bool {
    let ordering = match (value, operand.number) {
        (Value::Text(text), _) => return compare_text(text, comparison, &operand.text),
        (Value::Absent, _) | (_, None) => return false,
        (Value::Number(number), Some(wanted)) => number.total_cmp(&wanted),
        (Value::Share(share), Some(wanted)) => {
            let wanted = if operand.unit == Unit::Percent { wanted } else { wanted / 100.0 };
            share.total_cmp(&wanted)
        }
        (Value::Age(age), Some(wanted)) => {
            let milliseconds = if operand.unit == Unit::Time { wanted } else { wanted * 1e3 };
            (age.as_secs_f64() * 1e3).total_cmp(&milliseconds)
        }
    };
    comparison.allows(ordering)
}

/// Text is equal without regard to case, and larger or smaller as in a dictionary.
fn compare_text(text: &str, comparison: Comparison, wanted: &str) -> bool {
    comparison.allows(text.to_lowercase().cmp(&wanted.to_lowercase()))
}

impl Comparison {
    fn allows(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::Greater => ordering.is_gt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Row(&'static str, f64, u64);

    impl Filterable for Row {
        fn text(&self) -> String {
            self.0.to_owned()
        }

        fn value(&self, column: &str) -> Value {
            match column {
                "name" => Value::Text(self.0.to_owned()),
                "5xx" => Value::Share(self.1),
                "age" => Value::Age(Duration::from_secs(self.2)),
                "p99" => Value::Number(self.1 * 10_000.0),
                _ => Value::Absent,
            }
        }
    }

    fn passing(filter: &str) -> Vec<&'static str> {
        let rows =
            vec![Row("orders-api", 0.042, 60), Row("router", 0.001, 7_300), Row("orders-beta", 0.0, 90_000)];
        let filter = Filter::parse(filter, &["name", "5xx", "age", "p99"]).unwrap();
        filter.apply(rows).into_iter().map(|row| row.0).collect()
    }

    #[test]
    fn words_comparisons_and_negation() {
        assert_eq!(passing(""), ["orders-api", "router", "orders-beta"]);
        assert_eq!(passing("ordr"), ["orders-api", "orders-beta"]);
        assert_eq!(passing("ordersrouter"), [""; 0], "no match across words");
        assert_eq!(passing("orders !beta"), ["orders-api"]);
        assert_eq!(passing("5xx>1%"), ["orders-api"]);
        assert_eq!(passing("5XX>=0.1"), ["orders-api", "router"]);
        assert_eq!(passing("!5xx>1%"), ["router", "orders-beta"]);
        assert_eq!(passing("age<2h"), ["orders-api"]);
        assert_eq!(passing("age>2h age<1d"), ["router"]);
        assert_eq!(passing("name=ROUTER"), ["router"]);
        assert_eq!(passing("name!=router 5xx=0"), ["orders-beta"]);
        assert_eq!(passing("p99>=400ms"), ["orders-api"]);
    }

    #[test]
    fn an_unknown_column_is_an_error_with_a_suggestion() {
        let error = Filter::parse("4xx>1%", &["name", "5xx"]).unwrap_err();
        assert_eq!(error.to_string(), "no column '4xx', did you mean '5xx'?; columns: name, 5xx");
        assert!(Filter::parse("5xx>", &["5xx"]).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_a_filter_or_an_error(text in any::<String>()) {
            if let Ok(filter) = Filter::parse(&text, &["name", "5xx"]) {
                let _ = filter.apply(vec![Row("orders-api", 0.5, 1)]);
            }
        }
    }
}
