//! Screen 8: how many customers each cell has and when they were counted, and the customers of a cell.

use ratatui::text::{Line, Span};

use super::table::Sheet;
use super::{answer, detail, figures, fit, fleet, overlay, paint};
use crate::tui::action::Action;
use crate::tui::model::{Listing, MOST_CUSTOMERS, Model};
use crate::tui::rows::{Column, CountRow, CustomerRow};
use crate::tui::theme::Role;

pub struct Counts;

impl Sheet for Counts {
    type Row = CountRow;

    fn rows<'model>(&self, model: &'model Model) -> &'model [CountRow] {
        &model.rows.listed.counts
    }

    fn cell(&self, model: &Model, row: &CountRow, column: &Column, width: u16) -> Line<'static> {
        let look = &model.look;
        let (role, text) = match column.name {
            "cell" => (Role::Strong, Some(fit::cut(row.cell.as_str(), width, look.symbols.ellipsis))),
            "customers" => (Role::Text, row.customers.map(|count| fleet::customers(model, count))),
            "counted" => (Role::Dim, row.counted.map(figures::count)),
            "share" => (Role::Text, row.share.map(figures::share)),
            "state" if !model.has_figures() => (Role::Dim, Some(format!("{} unread", look.symbols.ellipsis))),
            "state" => {
                let text = format!("{} {}", look.symbols.state(row.state), row.state.word());
                (paint::state_role(row.state), Some(text))
            }
            _ => (Role::Text, row.requests_per_second.map(figures::rate)),
        };
        text.map_or_else(|| paint::absent(look), |text| paint::line(look, role, text))
    }

    fn is_failing(&self, _row: &CountRow) -> bool {
        false
    }

    fn note(&self, model: &Model) -> Vec<Span<'static>> {
        let text = match model.customers.kept.value() {
            Some(Some(count)) => {
                let age = figures::span(model.region_now().duration_since(count.at));
                format!(" {} counted {age} ago ", figures::count(count.tally.total()))
            }
            Some(None) => " never counted as a whole ".to_owned(),
            None => return Vec::new(),
        };
        vec![paint::span(&model.look, Role::Dim, text)]
    }
}

pub struct Customers;

impl Sheet for Customers {
    type Row = CustomerRow;

    fn rows<'model>(&self, model: &'model Model) -> &'model [CustomerRow] {
        &model.rows.listed.customers
    }

    fn cell(&self, model: &Model, row: &CustomerRow, column: &Column, width: u16) -> Line<'static> {
        let look = &model.look;
        match column.name {
            "customer" => paint::line(look, Role::Strong, fit::cut(&row.shown, width, look.symbols.ellipsis)),
            _ => paint::line(look, Role::Dim, fit::cut(row.cell.as_str(), width, look.symbols.ellipsis)),
        }
    }

    fn is_failing(&self, _row: &CustomerRow) -> bool {
        false
    }

    fn note(&self, model: &Model) -> Vec<Span<'static>> {
        let Some(list) = &model.customers.list else { return Vec::new() };
        let read = figures::count(list.customers.len() as u64);
        let text = if list.customers.len() >= MOST_CUSTOMERS {
            format!(" {read} read, not all ")
        } else if list.tried && list.has_more() {
            " more below ".to_owned()
        } else {
            return Vec::new();
        };
        vec![paint::span(&model.look, Role::Dim, text)]
    }
}

/// What is known of a cell's customers.
pub fn count_lines(model: &Model, row: &CountRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let absent = || look.symbols.absent.to_owned();
    let mut lines = Vec::new();
    if let Some(failure) = model.failure_of(Listing::Counts) {
        lines.extend(detail::failure_lines(model, failure, width));
        lines.push(Line::default());
    }
    let now = row.customers.map_or_else(absent, |count| {
        let note = if count.complete { "" } else { ", counted in part" };
        format!("{}{note}", fleet::customers(model, count))
    });
    lines.push(paint::text_field(look, "customers", now));
    let kept = model.customers.kept.value().and_then(Option::as_ref);
    if let Some(count) = kept {
        let age = figures::span(model.region_now().duration_since(count.at));
        let counted = row.counted.map_or_else(absent, figures::count);
        lines.push(paint::text_field(look, "counted", format!("{counted}, {age} ago")));
    }
    lines.push(paint::text_field(look, "share", row.share.map_or_else(absent, figures::share)));
    lines.push(Line::default());
    let table = model.estate.regions().find_map(|(_, region)| region.mapping_table.value());
    if let Some(table) = table {
        lines.push(detail::heading(model, "mapping table", &table.name));
        lines.push(paint::text_field(
            look,
            "items",
            format!("about {}", figures::count(table.approximate_items)),
        ));
        let index = table.cell_index.clone().unwrap_or_else(|| "none: counting takes a scan".to_owned());
        lines.extend(paint::wrapped_field(look, "index", Role::Text, &index, width));
    }
    lines.push(Line::default());
    let key = |action: Action| model.keymap.first(action).map(|key| key.to_string()).unwrap_or_default();
    let hint = format!(
        "{} lists its customers, {} looks one up; `cellgate count` counts all of them",
        key(Action::Open),
        key(Action::Filter)
    );
    lines.extend(overlay::paragraph(model, Role::Dim, &hint, width));
    lines
}

/// The customer under the cursor: what was found of it, where it was looked up.
pub fn customer_lines(model: &Model, row: &CustomerRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    match &model.customers.lookup {
        Some((customer, Some(found))) if *customer == row.shown => answer::lines(model, found, width),
        _ => {
            let mut lines = vec![paint::text_field(look, "cell", row.cell.to_string())];
            lines.push(Line::default());
            let text = "enter looks it up: the router's answer, keys, moves";
            lines.extend(overlay::paragraph(model, Role::Dim, text, width));
            lines
        }
    }
}
