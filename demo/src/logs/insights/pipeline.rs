//! Runs a query: rows go in, newest first, and the answer comes out.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::aggregate::Tally;
use super::expression::{Column, Command};
use super::row::{Row, RowEvent};
use super::value::Value;
use super::{DEFAULT_ROWS, Query};

/// A query on its way.
#[derive(Debug)]
pub struct Pipeline<'a> {
    /// Commands that work on one row at a time.
    each: &'a [Command],
    /// The others, which need all rows, and what follows them.
    rest: &'a [Command],
    rows: Vec<Row>,
    grouping: Option<Grouping<'a>>,
    seen: Vec<HashSet<Vec<String>>>,
    columns: Vec<Arc<str>>,
    /// How many rows are enough, where their order is known.
    enough: usize,
    matched: u64,
    limit: usize,
}

/// The outcome of a query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Names and values of each row.
    pub rows: Vec<Vec<(String, String)>>,
    pub matched: u64,
}

impl<'a> Pipeline<'a> {
    /// Begins a query. `is_ordered`: whether rows come in newest first; they do not where several groups are read.
    pub fn new(query: &'a Query, is_ordered: bool, limit: Option<usize>) -> Self {
        let is_whole = |command: &Command| {
            matches!(command, Command::Stats { .. } | Command::Sort(_) | Command::Limit(_))
        };
        let split = query.commands.iter().position(is_whole).unwrap_or(query.commands.len());
        let (each, rest) = query.commands.split_at(split);
        let (grouping, rest) = match rest.split_first() {
            Some((stats @ Command::Stats { .. }, rest)) => (Grouping::new(stats), rest),
            _ => (None, rest),
        };
        let limit = limit.unwrap_or(DEFAULT_ROWS);
        let enough = match rest.first() {
            Some(Command::Limit(rows)) if is_ordered => *rows,
            None if is_ordered => limit,
            _ => usize::MAX,
        };
        Self {
            seen: vec![HashSet::new(); each.len()],
            each,
            rest,
            rows: Vec::new(),
            grouping,
            columns: columns(&query.commands),
            enough,
            matched: 0,
            limit,
        }
    }

    /// Takes in an event.
    pub fn add(&mut self, event: RowEvent) {
        let mut row = Row::of(event);
        for (command, seen) in self.each.iter().zip(&mut self.seen) {
            if !pass(command, &mut row, seen) {
                return;
            }
        }
        self.matched += 1;
        if let Some(grouping) = &mut self.grouping {
            grouping.add(&row);
            return;
        }
        if self.rows.len() < self.enough {
            self.rows.push(row);
        }
        self.compact();
    }

    /// Drops rows that a sort with a limit would drop in the end.
    fn compact(&mut self) {
        let keep = match self.rest {
            [Command::Sort(_), Command::Limit(rows), ..] | [Command::Limit(rows), ..] => *rows,
            [Command::Sort(_)] | [] => self.limit,
            _ => return,
        };
        if self.rows.len() > 2 * keep.max(1_000) {
            self.order();
            self.rows.truncate(keep);
        }
    }

    fn order(&mut self) {
        match self.rest.first() {
            Some(Command::Sort(keys)) => sort(&mut self.rows, keys),
            // AWS: without a sort, newest first.
            _ => self.rows.sort_by_cached_key(|row| std::cmp::Reverse(row.value("@timestamp").millis())),
        }
    }

    /// The answer as far as it is known, or in the end.
    pub fn finish(mut self) -> Answer {
        if let Some(grouping) = self.grouping.take() {
            self.rows = grouping.finish();
        } else if self.enough == usize::MAX {
            self.order();
        }
        let mut rows = self.rows;
        for command in self.rest {
            rows = whole(command, rows);
        }
        rows.truncate(self.limit);
        let cells = |row: &Row| {
            let value = |name: &Arc<str>| (name.to_string(), row.value(name));
            let shown = self.columns.iter().map(value).filter(|(_, value)| !value.is_missing());
            let mut cells: Vec<(String, String)> =
                shown.map(|(name, value)| (name, value.to_string())).collect();
            cells.extend(row.pointer().map(|pointer| ("@ptr".to_owned(), pointer)));
            cells
        };
        Answer { rows: rows.iter().map(cells).collect(), matched: self.matched }
    }
}

/// What a row shows: what the last of the commands that choose columns say.
fn columns(commands: &[Command]) -> Vec<Arc<str>> {
    let mut columns: Vec<Arc<str>> = Vec::new();
    let mut is_display = false;
    let default = || vec![Arc::from("@timestamp"), Arc::from("@message")];
    for command in commands {
        let more: Vec<Arc<str>> = match command {
            Command::Fields(shown) if !is_display => names(shown),
            Command::Display(shown) => {
                is_display = true;
                columns.clear();
                names(shown)
            }
            Command::Stats { columns: shown, by, .. } => {
                is_display = true;
                columns.clear();
                names(by).into_iter().chain(names(shown)).collect()
            }
            Command::Parse { names, .. } if !is_display => {
                if columns.is_empty() {
                    columns = default();
                }
                names.clone()
            }
            _ => Vec::new(),
        };
        for name in more {
            if !columns.contains(&name) {
                columns.push(name);
            }
        }
    }
    if columns.is_empty() { default() } else { columns }
}

fn names(columns: &[Column]) -> Vec<Arc<str>> {
    columns.iter().map(|column| Arc::clone(&column.name)).collect()
}

/// Applies a command to one row; false: the row is dropped.
fn pass(command: &Command, row: &mut Row, seen: &mut HashSet<Vec<String>>) -> bool {
    match command {
        Command::Filter(condition) => condition.value(row, &[]).is_true(),
        Command::Fields(columns) | Command::Display(columns) => {
            for Column { name, expression } in columns {
                // A field under its own name is there already.
                if !matches!(expression, super::expression::Expression::Field(field) if field == name) {
                    let value = expression.value(row, &[]);
                    row.add(name, value);
                }
            }
            true
        }
        Command::Parse { field, regex, names } => {
            let text = field.value(row, &[]).to_string();
            if let Some(found) = regex.captures(&text) {
                for (number, name) in names.iter().enumerate() {
                    let part = found.name(name).or_else(|| found.get(number + 1));
                    row.add(name, part.map_or(Value::Missing, |part| Value::Text(part.as_str().to_owned())));
                }
            }
            true
        }
        Command::Dedup(fields) => {
            let key: Vec<Value> = fields.iter().map(|field| field.value(row, &[])).collect();
            // AWS: rows without the field are kept.
            key.iter().any(Value::is_missing) || seen.insert(key.iter().map(ToString::to_string).collect())
        }
        Command::Stats { .. } | Command::Sort(_) | Command::Limit(_) => true,
    }
}

/// Applies a command to all rows.
fn whole(command: &Command, mut rows: Vec<Row>) -> Vec<Row> {
    match command {
        Command::Stats { .. } => match Grouping::new(command) {
            Some(mut grouping) => {
                for row in &rows {
                    grouping.add(row);
                }
                grouping.finish()
            }
            None => rows,
        },
        Command::Sort(keys) => {
            sort(&mut rows, keys);
            rows
        }
        Command::Limit(most) => {
            rows.truncate(*most);
            rows
        }
        _ => {
            let mut seen = HashSet::new();
            rows.retain_mut(|row| pass(command, row, &mut seen));
            rows
        }
    }
}

/// Sorts rows. Those without a value come last.
fn sort(rows: &mut Vec<Row>, keys: &[(super::expression::Expression, bool)]) {
    let mut keyed: Vec<(Vec<Value>, Row)> = std::mem::take(rows)
        .into_iter()
        .map(|row| (keys.iter().map(|(key, _)| key.value(&row, &[])).collect(), row))
        .collect();
    keyed.sort_by(|(left, _), (right, _)| {
        left.iter()
            .zip(right)
            .zip(keys)
            .map(|((left, right), (_, descending))| match left.compare(right) {
                Some(order) if *descending => order.reverse(),
                Some(order) => order,
                None => left.is_missing().cmp(&right.is_missing()),
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    rows.extend(keyed.into_iter().map(|(_, row)| row));
}

/// The groups of a stats command, in the order in which they were first seen.
#[derive(Debug)]
struct Grouping<'a> {
    aggregates: &'a [super::aggregate::Aggregate],
    columns: &'a [Column],
    by: &'a [Column],
    places: HashMap<Vec<String>, usize>,
    groups: Vec<(Vec<Value>, Vec<Tally>)>,
}

impl<'a> Grouping<'a> {
    fn new(command: &'a Command) -> Option<Self> {
        let Command::Stats { aggregates, columns, by } = command else { return None };
        Some(Self { aggregates, columns, by, places: HashMap::new(), groups: Vec::new() })
    }

    fn add(&mut self, row: &Row) {
        let values: Vec<Value> = self.by.iter().map(|column| column.expression.value(row, &[])).collect();
        let key: Vec<String> = values.iter().map(ToString::to_string).collect();
        let place = *self.places.entry(key).or_insert_with(|| {
            self.groups
                .push((values, self.aggregates.iter().map(super::aggregate::Aggregate::start).collect()));
            self.groups.len() - 1
        });
        if let Some((_, tallies)) = self.groups.get_mut(place) {
            for (aggregate, tally) in self.aggregates.iter().zip(tallies) {
                aggregate.add(tally, row);
            }
        }
    }

    fn finish(self) -> Vec<Row> {
        let Self { aggregates, columns, by, groups, .. } = self;
        let finish = |(values, tallies): (Vec<Value>, Vec<Tally>)| {
            let results: Vec<Value> =
                aggregates.iter().zip(tallies).map(|(aggregate, tally)| aggregate.finish(tally)).collect();
            let mut row = Row::default();
            for (column, value) in by.iter().zip(values) {
                row.add(&column.name, value);
            }
            for column in columns {
                let value = column.expression.value(&row, &results);
                row.add(&column.name, value);
            }
            row
        };
        groups.into_iter().map(finish).collect()
    }
}
