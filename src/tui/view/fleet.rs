//! The Fleet: a tile and a row for each cell, the worst first, and the selected one in detail.

use ratatui::Frame;
use ratatui::text::Line;

use super::geometry::Places;
use super::table::{self, Sheet};
use super::{cell_detail, figures, fit, fleet_chart, heat_map, paint, panel, sparkline};
use crate::domain::fleet::CellRow;
use crate::tui::model::Model;
use crate::tui::rows::Column;
use crate::tui::theme::Role;

struct Cells;

impl Sheet for Cells {
    type Row = CellRow;

    fn rows<'model>(&self, model: &'model Model) -> &'model [CellRow] {
        &model.rows.cells
    }

    fn cell(&self, model: &Model, row: &CellRow, column: &Column, width: u16) -> Line<'static> {
        let look = &model.look;
        let symbols = look.symbols;
        let thresholds = &model.settings.thresholds;
        let (role, text) = match column.name {
            "cell" => (Role::Strong, Some(fit::cut(row.id.as_str(), width, symbols.ellipsis))),
            "state" if !model.has_figures() => (Role::Dim, Some(format!("{} unread", symbols.ellipsis))),
            "state" => {
                let text = format!("{} {}", symbols.state(row.state), row.state.word());
                (paint::state_role(row.state), Some(text))
            }
            "req/s" => (Role::Text, row.requests_per_second.map(figures::rate)),
            "5xx" => (
                row.rate_5xx.map_or(Role::Dim, |rate| paint::errors_role(rate, thresholds)),
                row.rate_5xx.map(figures::share),
            ),
            "4xx" => (Role::Dim, row.rate_4xx.map(figures::share)),
            "p99" => {
                let p99 = row.p99.as_ref().map(|p99| p99.milliseconds);
                let role = p99.map_or(Role::Dim, |p99| paint::latency_role(p99, thresholds));
                (role, p99.map(figures::milliseconds))
            }
            "load" => {
                let role = row.load.map_or(Role::Dim, |load| paint::load_role(load, thresholds));
                (role, row.load.map(figures::percent))
            }
            "customers" => (Role::Text, row.customers.map(|count| customers(model, count))),
            "connections" => (Role::Text, row.connections.map(|count| customers(model, count))),
            "blocked" => (Role::Dim, row.blocked_per_minute.map(|blocked| figures::setting(blocked.round()))),
            "alarms" => {
                let firing = row.alarms.as_ref().map(Vec::len);
                let role = if firing.unwrap_or(0) > 0 { Role::Warning } else { Role::Dim };
                (role, firing.map(|count| count.to_string()))
            }
            "changed" => {
                let at = row.last_change.as_ref().map(|change| change.at);
                (Role::Dim, figures::age(at, model.region_now()))
            }
            "findings" => {
                let role = if row.findings.is_empty() { Role::Dim } else { Role::Warning };
                (role, Some(row.findings.len().to_string()))
            }
            "highest" => (Role::Dim, row.load_of_highest().map(figures::percent)),
            _ => (
                Role::Spark,
                Some(format!(" {}", sparkline::bars(&row.history, width.saturating_sub(1), symbols))),
            ),
        };
        text.map_or_else(|| paint::absent(look), |text| paint::line(look, role, text))
    }

    fn is_failing(&self, _row: &CellRow) -> bool {
        false
    }

    fn shows_minute(&self) -> bool {
        true
    }
}

/// A count of customers, and whether there may be more.
pub fn customers(model: &Model, count: crate::domain::mapping::CustomerCount) -> String {
    let number = figures::count(count.customers);
    if count.complete { number } else { format!("{}{number}", model.look.symbols.at_least) }
}

pub fn draw(frame: &mut Frame, model: &Model, places: &Places) {
    if let Some(map) = places.heat_map {
        heat_map::draw(frame, model, map);
    }
    table::draw(frame, model, places, &Cells);
    if let Some(lower) = places.lower {
        fleet_chart::draw(frame, model, lower);
    }
    if let Some(side) = places.side {
        match table::selected(model, &model.rows.cells) {
            Some(row) => cell_detail::draw(frame, model, side, row),
            None => frame.render_widget(panel::plain(&model.look), side),
        }
    }
}
