//! Drawing: from the model to a frame. Nothing here changes anything or waits for anything.

mod actions_menu;
mod api_detail;
mod apis;
mod arming;
mod cell_detail;
mod failures;
pub mod figures;
mod fit;
mod fleet;
mod fleet_chart;
mod footer;
pub mod geometry;
mod header;
mod heat_map;
mod help;
mod journal;
mod message;
mod overlay;
mod paint;
mod palette;
mod panel;
mod plan_overlay;
mod progress;
mod sort_menu;
mod sparkline;
mod stage_detail;
mod stages;
mod table;

use ratatui::Frame;
use ratatui::layout::Alignment;
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, Paragraph, Wrap};

pub use stage_detail::TRAFFIC_MINUTES;

use super::model::{Model, Screen};
use super::theme::Role;

/// Draws the whole screen.
pub fn draw(frame: &mut Frame, model: &Model) {
    let area = frame.area();
    frame.render_widget(Block::new().style(model.look.theme.style(Role::Base)), area);
    if !geometry::is_large_enough(area) {
        let text = Text::from(vec![
            Line::from("cellgate"),
            Line::from(format!("needs {} x {}", geometry::LEAST_WIDTH, geometry::LEAST_HEIGHT)),
            Line::from(format!("this is {} x {}", area.width, area.height)),
        ]);
        frame
            .render_widget(Paragraph::new(text).alignment(Alignment::Center).wrap(Wrap { trim: true }), area);
        return;
    }
    let places = geometry::of(model);
    header::draw(frame, model, &places);
    match model.page().screen {
        Screen::Fleet => fleet::draw(frame, model, &places),
        Screen::Apis => apis::draw(frame, model, &places),
        Screen::Stages => stages::draw(frame, model, &places),
    }
    footer::draw(frame, model, &places);
    for front in &model.overlays {
        overlay::draw(frame, model, front);
    }
}
