//! The heat map: a tile for each cell, always in the same place, coloured by how the cell does.
//!
//! A sign stands beside the colour. Tiles hold as much as fits: figures where there is room, the
//! sign alone where there are hundreds.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{figures, fit, paint, panel};
use crate::domain::fleet::{CellRow, CellState};
use crate::domain::id::CellId;
use crate::tui::model::Model;
use crate::tui::rows::RowKey;
use crate::tui::theme::Role;

/// Wider tiles say no more.
const WIDEST: u16 = 20;
/// The least that shows figures below the name.
const WITH_FIGURES: u16 = 12;
/// Sign and name with a space before, between and after.
const SIGN_AND_SPACE: u16 = 4;

/// How the tiles stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Grid {
    columns: u16,
    /// Without the gap that follows.
    tile_width: u16,
    tile_height: u16,
    gap: u16,
}

/// The cells in the order of their names, so that each keeps its place whatever happens.
fn cells(model: &Model) -> Vec<&CellRow> {
    let mut cells: Vec<&CellRow> = model.rows.cells.iter().collect();
    cells.sort_by(|one, other| one.id.cmp(&other.id));
    cells
}

/// Rows that the tiles take inside of the frame; 0 where there is nothing to show.
pub fn height(model: &Model, width: u16, body_height: u16) -> u16 {
    let cells = cells(model);
    if cells.is_empty() || body_height < 12 {
        return 0;
    }
    let grid = grid(&cells, width, body_height);
    let lines = fit::to_u16(cells.len()).div_ceil(grid.columns);
    (lines * grid.tile_height).min(body_height / 3)
}

fn grid(cells: &[&CellRow], width: u16, body_height: u16) -> Grid {
    let count = fit::to_u16(cells.len()).max(1);
    let label = labels(cells).iter().map(|label| fit::width(label)).max().unwrap_or(0);
    let named = label + SIGN_AND_SPACE;
    let figures = named.max(WITH_FIGURES);
    // From the richest to the barest: least width, height, gap, and the share of the body that it may take.
    let ways = [
        (figures, 3, 1, 5),
        (figures, 2, 1, 5),
        (named, 1, 1, 4),
        (label + 2, 1, 1, 4),
        (label + 1, 1, 0, 3),
        (1, 1, 1, 3),
    ];
    for (least, tile_height, gap, share) in ways {
        let columns = ((width + gap) / (least + gap)).max(1);
        let lines = count.div_ceil(columns);
        if lines * tile_height <= (body_height / share).max(1) {
            // Even lines, and tiles as wide as that allows.
            let columns = count.div_ceil(lines);
            let widest = ((width + gap) / columns).saturating_sub(gap).clamp(1, WIDEST.max(least));
            return Grid {
                columns,
                tile_width: if least >= named { widest } else { least },
                tile_height,
                gap,
            };
        }
    }
    Grid { columns: width.max(1), tile_width: 1, tile_height: 1, gap: 0 }
}

/// The cells' names without what they all begin with: `cell-01` and `cell-02` are `01` and `02`.
fn labels(cells: &[&CellRow]) -> Vec<String> {
    let names: Vec<&str> = cells.iter().map(|cell| cell.id.as_str()).collect();
    let shared = match names.as_slice() {
        [first, rest @ ..] if !rest.is_empty() => {
            let common = |other: &str| {
                first.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
            };
            let length = rest.iter().map(|name| common(name)).min().unwrap_or(0);
            // Cut behind a separator alone, so that 10 doesn't become 0 beside 11.
            first.get(..length).and_then(|head| head.rfind(['-', '_', '.', '/'])).map_or(0, |at| at + 1)
        }
        _ => 0,
    };
    names.iter().map(|name| name.get(shared..).unwrap_or(name).to_owned()).collect()
}

pub fn draw(frame: &mut Frame, model: &Model, area: Rect) {
    let cells = cells(model);
    let look = &model.look;
    let mut title = vec![paint::span(look, Role::Title, format!("{} cells", cells.len()))];
    let unwell = [
        CellState::Errors,
        CellState::Full,
        CellState::Slow,
        CellState::Alarm,
        CellState::Unseen,
        CellState::Silent,
    ];
    for state in unwell {
        let count = cells.iter().filter(|cell| cell.state == state).count();
        if count > 0 {
            title.push(Span::raw("  "));
            let text = format!("{} {} {count}", look.symbols.state(state), state.word());
            title.push(paint::span(look, paint::state_role(state), text));
        }
    }
    if !model.has_figures() {
        title.truncate(1);
        title.push(paint::span(look, Role::Dim, "  figures not read yet"));
    } else if cells.iter().all(|cell| cell.state == CellState::Well) {
        title.push(paint::span(look, Role::Well, "  all well"));
    }
    let block = panel::titled(look, title);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let selected = match &model.page().table.selected {
        Some(RowKey::Cell(cell)) => Some(cell),
        _ => None,
    };
    let grid = grid(&cells, inner.width, body_height(model));
    let labels = labels(&cells);
    for ((place, cell), label) in (0..).zip(&cells).zip(&labels) {
        if let Some(tile) = tile(grid, inner, place) {
            draw_tile(frame, model, tile, cell, label, selected == Some(&cell.id));
        }
    }
}

fn body_height(model: &Model) -> u16 {
    model.size.height.saturating_sub(4)
}

fn tile(grid: Grid, inner: Rect, place: u16) -> Option<Rect> {
    let (line, column) = (place / grid.columns, place % grid.columns);
    let tile = Rect {
        x: inner.x + column * (grid.tile_width + grid.gap),
        y: inner.y + line * grid.tile_height,
        width: grid.tile_width,
        height: grid.tile_height,
    };
    (tile.bottom() <= inner.bottom() && tile.right() <= inner.right()).then_some(tile)
}

fn draw_tile(frame: &mut Frame, model: &Model, area: Rect, cell: &CellRow, label: &str, selected: bool) {
    let look = &model.look;
    let style = look.theme.style(paint::tile_role(cell.state));
    let sign = if model.has_figures() { look.symbols.state(cell.state) } else { look.symbols.ellipsis };
    let rate = cell
        .requests_per_second
        .map_or_else(|| look.symbols.absent.to_owned(), |rate| format!("{}/s", figures::rate(rate)));
    let head = if area.width > fit::width(label) + 1 {
        let lead = if selected { look.symbols.cursor } else { " " };
        format!("{lead}{sign} {label}")
    } else if area.width > 1 {
        format!("{sign}{label}")
    } else {
        sign.to_owned()
    };
    let mut lines = Vec::new();
    let room = area.width.saturating_sub(fit::width(&head) + 2);
    if area.height == 1 && fit::width(&rate) <= room {
        lines.push(Line::from(format!("{head} {rate:>width$} ", width = usize::from(room))));
    } else {
        lines.push(Line::from(head));
    }
    if area.height > 1 {
        lines.push(Line::from(fit::cut(&format!("   {rate}"), area.width, look.symbols.ellipsis)));
    }
    if area.height > 2 {
        let p99 = cell.p99.as_ref().map(|p99| format!("{} ms", figures::milliseconds(p99.milliseconds)));
        let said = match cell.state {
            CellState::Errors => cell.rate_5xx.map(|rate| format!("5xx {}", figures::share(rate))),
            CellState::Alarm => cell.alarms.as_ref().map(|alarms| match alarms.len() {
                1 => "1 alarm".to_owned(),
                count => format!("{count} alarms"),
            }),
            CellState::Full => cell.load.map(|load| format!("load {}", figures::percent(load))),
            _ => p99,
        };
        let text = format!("   {}", said.unwrap_or_default());
        lines.push(Line::from(fit::cut(&text, area.width, look.symbols.ellipsis)));
    }
    frame.render_widget(Paragraph::new(lines).style(style), area);
}

/// The cell whose tile is at a point.
pub fn cell_at(model: &Model, area: Rect, at: Position) -> Option<CellId> {
    let inner = panel::plain(&model.look).inner(area);
    let cells = cells(model);
    let grid = grid(&cells, inner.width, body_height(model));
    (0..)
        .zip(&cells)
        .find(|(place, _)| tile(grid, inner, *place).is_some_and(|tile| tile.contains(at)))
        .map(|(_, cell)| cell.id.clone())
}
