//! `--filter` and `--sort`, the same for every list.

use std::cmp::Ordering;

use super::table::{Column, Row};
use super::{Format, print_rows};
use crate::cli::exit::{CliError, Ending};
use crate::domain::filter::{Filter, Value};
use crate::domain::suggest::nearest;

/// Which rows to show, and in which order.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Listing {
    /// Only rows that fit, such as 'kind=REST age<2h' or 'orders !beta 5xx>1%'
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    filter: Option<String>,
    /// Sort by a column; with a minus before it, the largest first
    #[arg(long, value_name = "[-]COLUMN", allow_hyphen_values = true)]
    sort: Option<String>,
}

/// A listing that fits the columns of a table.
#[derive(Debug)]
pub struct Order {
    filter: Filter,
    sort: Option<(&'static str, bool)>,
}

impl Listing {
    /// Judges filter and sort before anything is read.
    ///
    /// # Errors
    /// A column that the table doesn't have.
    pub fn order<R: Row>(&self) -> Result<Order, CliError> {
        let columns: Vec<&'static str> = R::columns().iter().map(|column: &Column| column.heading).collect();
        let filter = Filter::parse(self.filter.as_deref().unwrap_or_default(), &columns)?;
        let sort = self.sort.as_deref().map(|wanted| sort_by(wanted, &columns)).transpose()?;
        Ok(Order { filter, sort })
    }
}

fn sort_by(wanted: &str, columns: &[&'static str]) -> Result<(&'static str, bool), CliError> {
    let (name, descending) = wanted.strip_prefix('-').map_or((wanted, false), |name| (name, true));
    if let Some(column) = columns.iter().find(|column| column.eq_ignore_ascii_case(name)) {
        return Ok((column, descending));
    }
    let suggestion = nearest(name, columns.iter().copied());
    let meant = suggestion.map(|column| format!(", did you mean '{column}'?")).unwrap_or_default();
    let message = format!("--sort: no column '{name}'{meant}; columns: {}", columns.join(", "));
    Err(CliError::new(Ending::Usage, message))
}

impl Order {
    /// Filters, sorts and writes the rows.
    ///
    /// # Errors
    /// Where stdout can't be written.
    pub fn print<R: Row>(&self, rows: Vec<R>, format: Format) -> Result<(), CliError> {
        print_rows(&self.arrange(rows), format)
    }

    fn arrange<R: Row>(&self, rows: Vec<R>) -> Vec<R> {
        let mut rows = self.filter.apply(rows);
        if let Some((column, descending)) = self.sort {
            rows.sort_by(|one, other| compare(&one.value(column), &other.value(column), descending));
        }
        rows
    }
}

/// Rows without a value come last in either direction.
fn compare(one: &Value, other: &Value, descending: bool) -> Ordering {
    let ordering = match (one, other) {
        (Value::Absent, Value::Absent) => return Ordering::Equal,
        (Value::Absent, _) => return Ordering::Greater,
        (_, Value::Absent) => return Ordering::Less,
        (Value::Text(one), Value::Text(other)) => one.cmp(other),
        (Value::Number(one), Value::Number(other)) | (Value::Share(one), Value::Share(other)) => {
            one.total_cmp(other)
        }
        (Value::Age(one), Value::Age(other)) => one.cmp(other),
        // A column has values of one kind.
        _ => Ordering::Equal,
    };
    if descending { ordering.reverse() } else { ordering }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::filter::Filterable;

    #[derive(Debug, PartialEq, serde::Serialize)]
    struct Line(&'static str, Option<f64>);

    impl Filterable for Line {
        fn text(&self) -> String {
            self.0.to_owned()
        }

        fn value(&self, column: &str) -> Value {
            match column {
                "name" => Value::Text(self.0.to_owned()),
                _ => self.1.map_or(Value::Absent, Value::Number),
            }
        }
    }

    impl Row for Line {
        const COLUMNS: &'static [Column] = &[Column::text("name"), Column::figure("req/s")];

        fn cells(&self) -> Vec<String> {
            vec![self.0.to_owned(), crate::cli::output::number(self.1, 1)]
        }
    }

    fn listed(filter: &str, sort: Option<&str>) -> Vec<&'static str> {
        let listing = Listing { filter: Some(filter.to_owned()), sort: sort.map(str::to_owned) };
        let rows = vec![Line("beta", Some(2.0)), Line("alpha", None), Line("gamma", Some(10.0))];
        listing.order::<Line>().unwrap().arrange(rows).iter().map(|line| line.0).collect()
    }

    #[test]
    fn rows_without_a_figure_come_last_either_way() {
        assert_eq!(listed("", None), ["beta", "alpha", "gamma"]);
        assert_eq!(listed("", Some("name")), ["alpha", "beta", "gamma"]);
        assert_eq!(listed("", Some("REQ/S")), ["beta", "gamma", "alpha"]);
        assert_eq!(listed("", Some("-req/s")), ["gamma", "beta", "alpha"]);
        assert_eq!(listed("req/s>1", Some("-name")), ["gamma", "beta"]);
    }

    #[test]
    fn an_unknown_column_is_a_usage_error() {
        let wrong = Listing { filter: None, sort: Some("-nam".to_owned()) };
        let error = wrong.order::<Line>().unwrap_err();
        assert_eq!(error.ending, Ending::Usage);
        assert_eq!(error.message, "--sort: no column 'nam', did you mean 'name'?; columns: name, req/s");
        let wrong = Listing { filter: Some("5xx>1%".to_owned()), sort: None };
        assert_eq!(wrong.order::<Line>().unwrap_err().ending, Ending::Usage);
    }

    #[test]
    fn a_table_has_aligned_columns_and_no_borders() {
        let rows = [Line("beta", Some(2.0)), Line("gamma", Some(10.0))];
        assert_eq!(super::super::table(&rows), "NAME   REQ/S\nbeta     2.0\ngamma   10.0");
    }
}
