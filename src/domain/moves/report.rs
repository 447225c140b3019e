//! The account of a move: every line that was given, or every customer, exactly once.

use std::collections::HashMap;

use serde::Serialize;

use super::Skipped;
use super::intake::{Content, Intake};
use super::run::Run;

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportLine {
    /// The line of the list, from 1; none where customers were not given by a list.
    pub line: Option<usize>,
    pub customer: String,
    pub from: Option<String>,
    pub to: Option<String>,
    /// One word, such as `moved` or `moved-meanwhile`.
    pub outcome: &'static str,
    pub why: Option<String>,
}

/// Of every line of the list.
pub fn of_lines(intake: &Intake, skipped: &[Skipped], run: Option<&Run>) -> Vec<ReportLine> {
    let skips: HashMap<&str, &Skipped> = skipped.iter().map(|skip| (skip.customer.as_str(), skip)).collect();
    let places: HashMap<&str, u32> = run
        .iter()
        .flat_map(|run| run.roster().iter())
        .map(|(place, passenger)| (passenger.customer, place))
        .collect();
    let line = |number: usize, content: &Content| {
        let (customer, outcome, why) = match content {
            Content::Blank => (String::new(), "blank", None),
            Content::Duplicate { of_line, customer } => {
                (customer.clone(), "duplicate", Some(format!("of line {of_line}")))
            }
            Content::Illegal { text, why } => (text.clone(), "illegal", Some(why.clone())),
            Content::Customer(place) => {
                let customer = intake.customers.get(*place).map(String::as_str).unwrap_or_default();
                let travelling = run.zip(places.get(customer).copied());
                return match (travelling, skips.get(customer)) {
                    (Some((run, place)), _) => of_passenger(run, place, Some(number)),
                    (None, Some(skip)) => of_skipped(skip, Some(number)),
                    (None, None) => plain(Some(number), customer.to_owned(), "not-sent", None),
                };
            }
        };
        plain(Some(number), customer, outcome, why)
    };
    intake.lines.iter().map(|given| line(given.number, &given.content)).collect()
}

/// Of every customer, where they were chosen and not listed.
pub fn of_customers(skipped: &[Skipped], run: &Run) -> Vec<ReportLine> {
    let travelling = (0..run.roster().len()).map(|place| of_passenger(run, place, None));
    travelling.chain(skipped.iter().map(|skip| of_skipped(skip, None))).collect()
}

fn plain(line: Option<usize>, customer: String, outcome: &'static str, why: Option<String>) -> ReportLine {
    ReportLine { line, customer, from: None, to: None, outcome, why }
}

fn of_skipped(skip: &Skipped, line: Option<usize>) -> ReportLine {
    let why = (!skip.why.is_empty()).then(|| skip.why.clone());
    ReportLine { from: skip.cell.clone(), ..plain(line, skip.customer.clone(), skip.reason.word(), why) }
}

fn of_passenger(run: &Run, place: u32, line: Option<usize>) -> ReportLine {
    let fate = run.fate(place);
    let passenger = run.passenger(place);
    let name = |cell: Option<&crate::domain::id::CellId>| cell.map(ToString::to_string);
    ReportLine {
        line,
        customer: passenger.map(|one| one.customer.to_owned()).unwrap_or_default(),
        from: passenger.and_then(|one| name(one.from)),
        to: passenger.and_then(|one| name(one.to)),
        outcome: fate.word(),
        why: fate.why(),
    }
}

/// As CSV (RFC 4180), with a heading.
pub fn csv(lines: &[ReportLine]) -> String {
    let mut text = "line,customer,from,to,outcome,why\r\n".to_owned();
    for line in lines {
        let number = line.line.map(|number| number.to_string()).unwrap_or_default();
        let fields = [
            number.as_str(),
            &line.customer,
            line.from.as_deref().unwrap_or_default(),
            line.to.as_deref().unwrap_or_default(),
            line.outcome,
            line.why.as_deref().unwrap_or_default(),
        ];
        text.push_str(&fields.map(quoted).join(","));
        text.push_str("\r\n");
    }
    text
}

fn quoted(field: &str) -> String {
    if field.contains(['"', ',', '\n', '\r'])
        || field.starts_with([' ', '\t'])
        || field.ends_with([' ', '\t'])
    {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field.to_owned()
}
