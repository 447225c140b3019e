//! The APIs of all kinds, and the selected one in detail.

use ratatui::Frame;
use ratatui::text::Line;

use super::geometry::Places;
use super::table::{self, Sheet};
use super::{api_detail, figures, fit, paint, panel, sparkline};
use crate::tui::model::Model;
use crate::tui::rows::{ApiRow, Column};
use crate::tui::theme::Role;

struct Apis;

impl Sheet for Apis {
    type Row = ApiRow;

    fn rows<'model>(&self, model: &'model Model) -> &'model [ApiRow] {
        &model.rows.apis
    }

    fn cell(&self, model: &Model, row: &ApiRow, column: &Column, width: u16) -> Line<'static> {
        let look = &model.look;
        let symbols = look.symbols;
        let thresholds = &model.settings.thresholds;
        let cut = |text: &str| fit::cut(text, width, symbols.ellipsis);
        let (role, text) = match column.name {
            "api" => (Role::Strong, Some(cut(&row.api.name))),
            "kind" => (Role::Dim, Some(row.api.kind.to_string())),
            "cell" => (Role::Text, (!row.cells.is_empty()).then(|| cut(&row.cell_text()))),
            "id" => (Role::Dim, Some(cut(row.api.id.as_str()))),
            "endpoint" => (Role::Dim, Some(row.api.endpoint_type.to_string())),
            "stages" => (Role::Text, row.stages.map(|count| count.to_string())),
            "age" => (Role::Dim, figures::age(row.api.created, model.region_now())),
            "authorizers" => (Role::Text, row.authorizers.map(|count| count.to_string())),
            "req/s" => (Role::Text, row.requests_per_second.map(figures::rate)),
            "5xx" => (
                row.rate_5xx.map_or(Role::Dim, |rate| paint::errors_role(rate, thresholds)),
                row.rate_5xx.map(figures::share),
            ),
            "p99" => (
                row.p99_ms.map_or(Role::Dim, |p99| paint::latency_role(p99, thresholds)),
                row.p99_ms.map(figures::milliseconds),
            ),
            _ => (
                Role::Spark,
                Some(format!(" {}", sparkline::bars(&row.history, width.saturating_sub(1), symbols))),
            ),
        };
        text.map_or_else(|| paint::absent(look), |text| paint::line(look, role, text))
    }

    fn is_failing(&self, row: &ApiRow) -> bool {
        row.failing
    }

    fn shows_minute(&self) -> bool {
        true
    }
}

pub fn draw(frame: &mut Frame, model: &Model, places: &Places) {
    table::draw(frame, model, places, &Apis);
    if let Some(side) = places.side {
        match table::selected(model, &model.rows.apis) {
            Some(row) => api_detail::draw(frame, model, side, row),
            None => frame.render_widget(panel::plain(&model.look), side),
        }
    }
}
