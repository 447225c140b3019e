//! What the console's frame is measured against: ratatui's own `Table`, given all the rows.
//!
//! Columns, texts and colours are read off the console's own screen, page by page, so that both draw the
//! same thing. That they do is asserted after each measurement.

use std::ops::Range;

use cellgate::tui::model::Model;
use cellgate::tui::rows::{self, Column};
use cellgate::tui::theme::Role;
use cellgate::tui::view::{self, geometry};
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Constraint, Rect};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Cell, Row, Table, TableState};
use ratatui::{Frame, Terminal};

/// The columns for cursor and mark, in front of the first column of text.
const LEAD: u16 = 2;

/// The texts of a whole table, ready to be drawn.
pub struct AllRowsTable {
    /// Headings and rows.
    area: Rect,
    columns: Vec<(&'static Column, Range<u16>)>,
    gap: u16,
    rows: Vec<Vec<(String, Color)>>,
    cursor_sign: String,
    cursor_style: Style,
}

impl AllRowsTable {
    /// Reads the open table off the screen, from the first row to the last, and goes back to the first.
    pub fn read(model: &mut Model, terminal: &mut Terminal<TestBackend>) -> Self {
        let places = geometry::of(model);
        let area = Rect { y: places.rows.y - 1, height: places.rows.height + 1, ..places.rows };
        let gap = if area.width < 90 { 1 } else { 2 };
        let columns = columns(screen_at(model, terminal, 0), area, gap, rows::columns(model.page().listing));
        let count = model.page().table.visible.len();
        let height = usize::from(places.rows.height);
        let mut texts = Vec::with_capacity(count);
        for place in (0..count).step_by(height) {
            let buffer = screen_at(model, terminal, place);
            // The last page is scrolled to no further than it is full.
            let first = model.page().table.offset;
            for row in texts.len()..count.min(first + height) {
                let y = places.rows.y + u16::try_from(row - first).expect("a row on screen");
                texts.push(columns.iter().map(|(column, xs)| cell(buffer, column, xs, y)).collect());
            }
        }
        screen_at(model, terminal, 0);
        let space = " ".repeat(usize::from(LEAD + gap - 1));
        Self {
            area,
            columns,
            gap,
            rows: texts,
            cursor_sign: format!("{}{space}", model.look.symbols.cursor),
            cursor_style: model.look.theme.style(Role::Cursor),
        }
    }

    /// The widget with all its rows, as a program builds it that leaves the choice of rows to the widget.
    pub fn table(&self) -> Table<'_> {
        let headings = self.columns.iter().map(|(column, _)| aligned(column, Span::raw(column.name)));
        let rows = self.rows.iter().map(|texts| {
            let cells = self.columns.iter().zip(texts);
            Row::new(cells.map(|((column, _), (text, colour))| {
                aligned(column, Span::styled(text.as_str(), Style::new().fg(*colour)))
            }))
        });
        let widths = self.columns.iter().map(|(_, xs)| Constraint::Length(xs.end - xs.start));
        Table::new(rows, widths)
            .header(Row::new(headings))
            .column_spacing(self.gap)
            .highlight_symbol(self.cursor_sign.as_str())
            .row_highlight_style(self.cursor_style)
    }

    pub fn draw(&self, frame: &mut Frame, table: &Table) {
        let mut state = TableState::new().with_selected(0);
        frame.render_stateful_widget(table, self.area, &mut state);
    }

    /// Fails where the widget doesn't show what the console shows.
    pub fn assert_same_text(&self, console: &Buffer, widget: &Buffer) {
        let xs = || self.area.left()..self.area.right();
        for y in self.area.top()..self.area.bottom() {
            assert_eq!(text(console, xs(), y), text(widget, xs(), y));
        }
    }
}

/// The screen with the row at `place` under the cursor, and on top unless the last page begins before it.
fn screen_at<'terminal>(
    model: &mut Model,
    terminal: &'terminal mut Terminal<TestBackend>,
    place: usize,
) -> &'terminal Buffer {
    let table = &mut model.pages.current_mut().table;
    (table.cursor, table.offset) = (place, place);
    model.settle();
    terminal.draw(|frame| view::draw(frame, model)).expect("a test backend takes every frame");
    terminal.backend().buffer()
}

/// Which columns are on screen, and where: a column that is aligned to the right ends with its heading and
/// has its own width, any other begins with its heading and goes on until the next.
fn columns(
    buffer: &Buffer,
    area: Rect,
    gap: u16,
    all: &'static [Column],
) -> Vec<(&'static Column, Range<u16>)> {
    let headings = format!("{} ", text(buffer, area.left()..area.right(), area.y));
    let mut found: Vec<(&'static Column, Range<u16>)> = Vec::new();
    let mut from = 0;
    for column in all {
        let Some(place) = headings[from..].find(&format!(" {} ", column.name)) else { continue };
        let start = from + place + 1;
        from = start + column.name.len();
        let on_screen = |place: usize| area.x + u16::try_from(place).expect("a place on screen");
        let start = if column.right { on_screen(from) - column.width } else { on_screen(start) };
        if let Some((_, xs)) = found.last_mut() {
            xs.end = start - gap;
        }
        found.push((column, start..area.right()));
    }
    found
}

fn aligned<'text>(column: &Column, span: Span<'text>) -> Cell<'text> {
    let line = Line::from(span);
    Cell::from(if column.right { line.alignment(Alignment::Right) } else { line })
}

/// A cell's text, and the colour of its first sign.
fn cell(buffer: &Buffer, column: &Column, xs: &Range<u16>, y: u16) -> (String, Color) {
    let text = text(buffer, xs.clone(), y);
    let inked = xs.clone().find(|x| buffer[(*x, y)].symbol() != " ").unwrap_or(xs.start);
    let text = if column.right { text.trim_start() } else { text.trim_end() };
    (text.to_owned(), buffer[(inked, y)].fg)
}

fn text(buffer: &Buffer, xs: Range<u16>, y: u16) -> String {
    xs.map(|x| buffer[(x, y)].symbol()).collect()
}
