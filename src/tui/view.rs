//! Drawing: from the model to a frame. Nothing here changes anything or waits for anything.

mod acl_rules;
mod actions_menu;
mod answer;
mod api_detail;
mod api_keys;
mod apis;
mod arming;
mod asking;
mod bulk_plan;
mod bulk_progress;
mod cell_detail;
mod change_detail;
mod changes;
mod customers;
mod detail;
mod domains;
mod failures;
pub mod figures;
mod fit;
mod fleet;
mod fleet_chart;
mod footer;
mod form;
pub mod geometry;
mod header;
mod heat_map;
mod help;
mod ip_sets;
mod left_connections;
mod message;
mod move_detail;
mod move_plan;
mod move_progress;
mod overlay;
mod paint;
mod palette;
mod panel;
mod plan_overlay;
mod plans;
mod progress;
mod sort_menu;
mod sparkline;
mod stage_detail;
mod stage_settings;
mod stages;
mod table;
mod table_title;
mod throttle_detail;
mod throttles;
mod unfinished;
mod usage;
mod vpc_links;
mod web_acls;

use ratatui::Frame;
use ratatui::layout::Alignment;
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, Paragraph, Wrap};

pub use stage_detail::TRAFFIC_MINUTES;

use super::model::{Listing, Model};
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
    match model.page().listing {
        Listing::Cells => fleet::draw(frame, model, &places),
        Listing::Apis => apis::draw(frame, model, &places),
        Listing::Stages => stages::draw(frame, model, &places),
        Listing::Throttles => detail::draw_with_table(frame, model, &places, &throttles::Throttles),
        Listing::Plans => detail::draw_with_table(frame, model, &places, &plans::Plans),
        Listing::Keys => detail::draw_with_table(frame, model, &places, &api_keys::Keys),
        Listing::WebAcls => detail::draw_with_table(frame, model, &places, &web_acls::WebAcls),
        Listing::Rules => detail::draw_with_table(frame, model, &places, &acl_rules::Rules),
        Listing::IpSets => detail::draw_with_table(frame, model, &places, &ip_sets::IpSets),
        Listing::Domains => detail::draw_with_table(frame, model, &places, &domains::Domains),
        Listing::VpcLinks => detail::draw_with_table(frame, model, &places, &vpc_links::VpcLinks),
        Listing::Counts => detail::draw_with_table(frame, model, &places, &customers::Counts),
        Listing::Customers => detail::draw_with_table(frame, model, &places, &customers::Customers),
        Listing::Changes => detail::draw_with_table(frame, model, &places, &changes::Changes),
    }
    footer::draw(frame, model, &places);
    for front in &model.overlays {
        overlay::draw(frame, model, front);
    }
}
