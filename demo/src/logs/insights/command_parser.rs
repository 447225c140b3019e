//! Reads commands.

use std::sync::Arc;

use regex::Regex;

use super::expression::{Column, Command, Expression};
use super::expression_parser::Reader;
use super::source::{Source, Token};
use super::{LONGEST_QUERY, MOST_ROWS, QueryError};

/// Reads a query: commands between pipes.
pub fn parse(text: &str) -> Result<Vec<Command>, QueryError> {
    let length = text.chars().count();
    if length > LONGEST_QUERY {
        let message = format!("The query has {length} characters; the limit is {LONGEST_QUERY}");
        return Err(QueryError { message, start: 0, end: length });
    }
    let mut source = Source::new(text)?;
    let mut commands = Vec::new();
    while *source.peek() != Token::End {
        if !commands.is_empty() {
            source.expect("|")?;
        }
        commands.push(command(&mut source)?);
    }
    Ok(commands)
}

fn command(source: &mut Source<'_>) -> Result<Command, QueryError> {
    let start = source.position();
    let Token::Word(word) = source.peek().clone() else { return Err(source.unexpected()) };
    let unexpected = source.unexpected();
    source.take()?;
    match word.to_ascii_lowercase().as_str() {
        "fields" => columns(&mut Reader::new(source)).map(Command::Fields),
        "display" => columns(&mut Reader::new(source)).map(Command::Display),
        "filter" | "where" => Reader::new(source).expression().map(Command::Filter),
        "parse" => parse_command(source),
        "stats" => stats(source),
        "sort" | "order" => sort(source),
        "limit" | "head" => limit(source, start),
        "dedup" => {
            let mut reader = Reader::new(source);
            let mut fields = vec![reader.expression()?];
            while reader.source.eat(",")? {
                fields.push(reader.expression()?);
            }
            Ok(Command::Dedup(fields))
        }
        _ => Err(unexpected),
    }
}

/// Expressions with their names: as they are given, or as they are written.
fn columns(reader: &mut Reader<'_, '_>) -> Result<Vec<Column>, QueryError> {
    let mut columns = Vec::new();
    loop {
        let start = reader.source.position();
        let expression = reader.expression()?;
        let written = reader.source.since(start);
        let name = if reader.source.eat_word("as")? {
            name(reader.source)?
        } else {
            match &expression {
                Expression::Field(name) => Arc::clone(name),
                _ => Arc::from(written),
            }
        };
        columns.push(Column { name, expression });
        // Older queries separate fields by blanks, too.
        if !reader.source.eat(",")? && !matches!(reader.source.peek(), Token::Field(_)) {
            return Ok(columns);
        }
    }
}

fn name(source: &mut Source<'_>) -> Result<Arc<str>, QueryError> {
    match source.peek() {
        Token::Word(_) | Token::Field(_) => {}
        _ => return Err(source.unexpected()),
    }
    match source.take()? {
        Token::Word(name) | Token::Field(name) => Ok(Arc::from(name)),
        _ => Err(source.unexpected()),
    }
}

fn stats(source: &mut Source<'_>) -> Result<Command, QueryError> {
    let start = source.position();
    let mut reader = Reader::new(source);
    reader.aggregates = Some(Vec::new());
    let shown = columns(&mut reader)?;
    let aggregates = reader.aggregates.take().unwrap_or_default();
    if aggregates.is_empty() {
        return Err(reader.source.error("stats needs at least one aggregation function", start));
    }
    let by = if reader.source.eat_word("by")? { columns(&mut reader)? } else { Vec::new() };
    Ok(Command::Stats { aggregates, columns: shown, by })
}

fn sort(source: &mut Source<'_>) -> Result<Command, QueryError> {
    source.eat_word("by")?;
    let mut reader = Reader::new(source);
    let mut keys = Vec::new();
    loop {
        let key = reader.expression()?;
        let descending = reader.source.eat_word("desc")?;
        if !descending {
            reader.source.eat_word("asc")?;
        }
        keys.push((key, descending));
        if !reader.source.eat(",")? {
            return Ok(Command::Sort(keys));
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range has been checked")]
fn limit(source: &mut Source<'_>, start: usize) -> Result<Command, QueryError> {
    let most = u32::try_from(MOST_ROWS).map_or(f64::MAX, f64::from);
    match source.peek() {
        Token::Number(rows) if rows.fract() == 0.0 && (1.0..=most).contains(rows) => {
            let rows = *rows as usize;
            source.take()?;
            Ok(Command::Limit(rows))
        }
        Token::Number(_) => {
            Err(source.error(&format!("limit must be a number from 1 to {MOST_ROWS}"), start))
        }
        _ => Err(source.unexpected()),
    }
}

/// `parse @message "user=*, ip=*" as user, ip`, or with a regular expression whose groups have names.
fn parse_command(source: &mut Source<'_>) -> Result<Command, QueryError> {
    let start = source.position();
    let field = match source.peek() {
        Token::Text(_) | Token::Sign("/") => Expression::Field(Arc::from("@message")),
        _ => Expression::Field(name(source)?),
    };
    if let Some(regex) = Reader::new(source).regex()? {
        let names: Vec<Arc<str>> = regex.capture_names().flatten().map(Arc::from).collect();
        if names.is_empty() {
            return Err(source.error("the regular expression of parse has no named groups", start));
        }
        return Ok(Command::Parse { field, regex, names });
    }
    let glob = match source.peek() {
        Token::Text(_) => source.take()?,
        _ => return Err(source.unexpected()),
    };
    let Token::Text(glob) = glob else { return Err(source.unexpected()) };
    if !source.eat_word("as")? {
        return Err(source.unexpected());
    }
    let mut names = vec![name(source)?];
    while source.eat(",")? {
        names.push(name(source)?);
    }
    let stars = glob.matches('*').count();
    if stars != names.len() {
        let message = format!("parse has {stars} wildcards and {} names", names.len());
        return Err(source.error(&message, start));
    }
    let regex = glob_regex(&glob).ok_or_else(|| source.error("the pattern of parse is too long", start))?;
    Ok(Command::Parse { field, regex, names })
}

/// A star takes as little as it can, one at the end all that is left.
fn glob_regex(glob: &str) -> Option<Regex> {
    let mut text = String::from("(?s)");
    let parts: Vec<&str> = glob.split('*').collect();
    for (number, part) in parts.iter().enumerate() {
        text.push_str(&regex::escape(part));
        match parts.get(number + 1..) {
            Some([]) | None => {}
            Some([""]) => text.push_str("(.*)"),
            Some(_) => text.push_str("(.*?)"),
        }
    }
    Regex::new(&text).ok()
}
