//! The stages of all APIs, and of the selected one its deployments and its cache at work.

use ratatui::Frame;
use ratatui::text::Line;

use super::geometry::Places;
use super::table::{self, Sheet};
use super::{figures, fit, paint, panel, stage_detail};
use crate::domain::api::ApiKind;
use crate::tui::model::Model;
use crate::tui::rows::{Column, StageRow};
use crate::tui::theme::Role;

struct Stages;

impl Sheet for Stages {
    type Row = StageRow;

    fn rows<'model>(&self, model: &'model Model) -> &'model [StageRow] {
        &model.rows.stages
    }

    fn cell(&self, model: &Model, row: &StageRow, column: &Column, width: u16) -> Line<'static> {
        let look = &model.look;
        let cut = |text: &str| fit::cut(text, width, look.symbols.ellipsis);
        let Some(stage) = &row.stage else {
            return match column.name {
                "api" => paint::line(look, Role::Strong, cut(&row.api.name)),
                "stage" => paint::line(look, Role::Error, cut("not read")),
                _ => Line::default(),
            };
        };
        let throttle = stage.default_throttle();
        let (role, text) = match column.name {
            "api" => (Role::Strong, Some(cut(&row.api.name))),
            "stage" => (Role::Text, Some(cut(stage.name.as_str()))),
            "kind" => (Role::Dim, Some(row.api.kind.to_string())),
            "deployment" => (
                Role::Text,
                stage.deployment.as_ref().map(|deployment| {
                    let canary = if stage.canary.is_some() { "+" } else { "" };
                    cut(&format!("{deployment}{canary}"))
                }),
            ),
            "age" => (Role::Dim, figures::age(stage.last_updated, model.region_now())),
            "cache" => {
                let text = row.cache_text();
                let role = match text.as_str() {
                    "off" => Role::Dim,
                    "flushing" => Role::Warning,
                    _ => Role::Text,
                };
                (role, (row.api.kind == ApiKind::Rest).then_some(text))
            }
            "hits" => (Role::Text, row.hit_rate.map(figures::share)),
            "rate" => (Role::Text, throttle.rate.map(figures::setting)),
            _ => (Role::Text, throttle.burst.map(|burst| figures::count(burst.unsigned_abs()))),
        };
        text.map_or_else(|| paint::absent(look), |text| paint::line(look, role, text))
    }

    fn is_failing(&self, row: &StageRow) -> bool {
        row.failure.is_some()
    }
}

pub fn draw(frame: &mut Frame, model: &Model, places: &Places) {
    table::draw(frame, model, places, &Stages);
    let selected = table::selected(model, &model.rows.stages);
    for (area, beside) in [(places.side, true), (places.lower, false)] {
        let Some(area) = area else { continue };
        match selected {
            Some(row) => stage_detail::draw(frame, model, area, row, beside),
            None => frame.render_widget(panel::plain(&model.look), area),
        }
    }
}
