//! Where everything is: shared by the views, which draw there, and by the mouse, which points there.

use ratatui::layout::{Constraint, Layout, Position, Rect, Spacing};

use super::{heat_map, overlay};
use crate::domain::id::CellId;
use crate::tui::model::{Listing, Model, Screen};

/// Below this the screen says that it is too small.
pub const LEAST_WIDTH: u16 = 60;
pub const LEAST_HEIGHT: u16 = 15;
/// From this width on there is a pane beside the table.
const SIDE_FROM_WIDTH: u16 = 110;
/// From this height of the body on stages, throttles, WAF and changes have a pane below, where there is none beside.
const LOWER_FROM_HEIGHT: u16 = 16;

/// The fleet's chart with its frame.
const LEAST_CHART: u16 = 8;
const TALLEST_CHART: u16 = 28;

/// The parts of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places {
    pub header: Rect,
    pub tabs: Rect,
    /// Fleet only.
    pub heat_map: Option<Rect>,
    /// The table with its frame.
    pub table: Rect,
    /// The table's rows, without frame and headings.
    pub rows: Rect,
    /// Beside the table.
    pub side: Option<Rect>,
    /// Below the table.
    pub lower: Option<Rect>,
    pub status: Rect,
    pub hints: Rect,
}

pub fn is_large_enough(area: Rect) -> bool {
    area.width >= LEAST_WIDTH && area.height >= LEAST_HEIGHT
}

/// The places at the model's size.
pub fn of(model: &Model) -> Places {
    let area = Rect { x: 0, y: 0, width: model.size.width, height: model.size.height };
    if !is_large_enough(area) {
        return Places::default();
    }
    let [header, tabs, body, status, hints] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    let (main, side) = beside(model, body);
    let (heat_map, table, lower) = match model.page().screen() {
        Screen::Fleet => above(model, main),
        Screen::Stages | Screen::Throttles | Screen::Waf | Screen::Customers | Screen::Changes
            if side.is_none() && body.height >= LOWER_FROM_HEIGHT =>
        {
            below(main)
        }
        Screen::Apis
        | Screen::Stages
        | Screen::Throttles
        | Screen::Waf
        | Screen::Customers
        | Screen::Changes => (None, main, None),
    };
    let rows = Rect {
        x: table.x + 1,
        y: table.y + 2,
        width: table.width.saturating_sub(3),
        height: table.height.saturating_sub(3),
    };
    Places { header, tabs, heat_map, table, rows, side, lower, status, hints }
}

fn beside(model: &Model, body: Rect) -> (Rect, Option<Rect>) {
    if body.width < SIDE_FROM_WIDTH {
        return (body, None);
    }
    let share = match model.page().screen() {
        Screen::Fleet | Screen::Apis | Screen::Throttles => 34,
        Screen::Stages | Screen::Waf | Screen::Customers | Screen::Changes => 38,
    };
    let wanted = (u32::from(body.width) * share / 100).clamp(38, 72);
    let wanted = u16::try_from(wanted).unwrap_or(38);
    let [main, side] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(wanted)])
        .spacing(Spacing::Overlap(1))
        .areas(body);
    (main, Some(side))
}

fn above(model: &Model, main: Rect) -> (Option<Rect>, Rect, Option<Rect>) {
    let height = heat_map::height(model, main.width.saturating_sub(2), main.height);
    if height == 0 {
        return (None, main, None);
    }
    let [map, rest] = Layout::vertical([Constraint::Length(height + 2), Constraint::Fill(1)])
        .spacing(Spacing::Overlap(1))
        .areas(main);
    // What the rows leave over shows the whole fleet's last hour.
    let rows = super::fit::to_u16(model.page().table.in_scope.max(1)) + 3;
    let spare = (rest.height + 1).saturating_sub(rows);
    if spare < LEAST_CHART {
        return (Some(map), rest, None);
    }
    let [table, chart] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(spare.min(TALLEST_CHART))])
            .spacing(Spacing::Overlap(1))
            .areas(rest);
    (Some(map), table, Some(chart))
}

fn below(main: Rect) -> (Option<Rect>, Rect, Option<Rect>) {
    let height = (main.height * 2 / 5).clamp(8, 16);
    let [table, lower] = Layout::vertical([Constraint::Fill(1), Constraint::Length(height)])
        .spacing(Spacing::Overlap(1))
        .areas(main);
    (None, table, Some(lower))
}

/// Rows of the table that fit.
pub fn table_height(model: &Model) -> usize {
    usize::from(of(model).rows.height)
}

/// Rows that a page key moves by, in what is in front.
pub fn page_height(model: &Model) -> usize {
    match model.overlays.last() {
        None => table_height(model),
        Some(_) => usize::from(model.size.height) / 2,
    }
}

/// How far what is in front can be scrolled.
pub fn scroll_limit(model: &Model) -> usize {
    model.overlays.last().map_or(0, |front| overlay::scroll_limit(model, front))
}

/// Something that can be clicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hit {
    Tab(Screen),
    /// A list of the open screen.
    Part(Listing),
    /// A place in the visible rows.
    Row(usize),
    Tile(CellId),
}

pub fn hit(model: &Model, at: Position) -> Option<Hit> {
    let places = of(model);
    if places.tabs.contains(at) {
        return super::header::tab_at(model, &places, at).map(Hit::Tab);
    }
    if let Some(listing) = super::table_title::part_at(model, &places, at) {
        return Some(Hit::Part(listing));
    }
    if places.rows.contains(at) {
        let table = &model.page().table;
        let place = table.offset + usize::from(at.y - places.rows.y);
        return (place < table.visible.len()).then_some(Hit::Row(place));
    }
    let map = places.heat_map.filter(|map| map.contains(at))?;
    heat_map::cell_at(model, map, at).map(Hit::Tile)
}
