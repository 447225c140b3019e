//! The one table widget: columns that fit the width, and the rows that are in the window.

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Cell, Paragraph, Row, Table, Wrap};

use super::geometry::Places;
use super::{changes, figures, fit, paint, panel, table_title};
use crate::domain::filter::Value;
use crate::domain::part::Part;
use crate::tui::model::{Listing, Look, Model, Scope};
use crate::tui::rows::{self, Column, TableRow};
use crate::tui::theme::Role;

/// Columns between two columns, and in front of the first for cursor and mark.
const GUTTER: u16 = 2;

/// What a screen adds to the table: its rows, and how a cell of them looks.
pub trait Sheet {
    type Row: TableRow;
    fn rows<'model>(&self, model: &'model Model) -> &'model [Self::Row];
    /// The cell's text and style; `width` is for what is drawn to measure.
    fn cell(&self, model: &Model, row: &Self::Row, column: &Column, width: u16) -> Line<'static>;
    /// A part of the row couldn't be read at the latest try.
    fn is_failing(&self, row: &Self::Row) -> bool;
    /// The figures are of the fleet's minute, which the frame then names.
    fn shows_minute(&self) -> bool {
        false
    }
    /// What stands at the right of the frame's title.
    fn note(&self, _model: &Model) -> Vec<Span<'static>> {
        Vec::new()
    }
    /// The rows are not of the account: they say something while the login fails, too.
    fn needs_login(&self) -> bool {
        true
    }
}

pub fn draw<S: Sheet>(frame: &mut Frame, model: &Model, places: &Places, sheet: &S) {
    let look = &model.look;
    let page = model.page();
    let mut block = panel::titled(look, table_title::spans(model));
    if sheet.shows_minute() {
        block = block.title_top(Line::from(table_title::minute(model)).alignment(Alignment::Right));
    }
    let note = sheet.note(model);
    if !note.is_empty() {
        block = block.title_top(Line::from(note).alignment(Alignment::Right));
    }
    frame.render_widget(block, places.table);
    let all = sheet.rows(model);
    let inner = Rect { y: places.rows.y.saturating_sub(1), height: places.rows.height + 1, ..places.rows };
    // Rows that only the configuration knows say nothing while the login fails.
    if page.table.visible.is_empty() || (sheet.needs_login() && model.login_failure().is_some()) {
        empty(frame, model, inner);
        return;
    }
    let columns = rows::columns(page.listing);
    let shown = columns.iter().filter(|column| !is_told_by_scope(&page.scope, column)).collect();
    let chosen = choose(shown, inner.width, |column| longest(model, all, column));
    let gap = if inner.width < 90 { 1 } else { 2 };
    let window =
        page.table.visible.iter().enumerate().skip(page.table.offset).take(usize::from(places.rows.height));
    let lines = window.filter_map(|(place, row)| {
        let row = all.get(*row)?;
        Some(draw_row(model, sheet, row, &chosen, place == page.table.cursor))
    });
    let widths =
        std::iter::once(GUTTER).chain(chosen.iter().map(|(_, width)| *width)).map(Constraint::Length);
    let table = Table::new(lines, widths).header(headings(model, columns, &chosen)).column_spacing(gap);
    frame.render_widget(table, inner);
    scroll_mark(frame, model, places);
}

fn draw_row<S: Sheet>(
    model: &Model,
    sheet: &S,
    row: &S::Row,
    chosen: &[(&'static Column, u16)],
    under_cursor: bool,
) -> Row<'static> {
    let look = &model.look;
    let marked = model.page().table.marks.contains(&row.key());
    let lead =
        if under_cursor { paint::span(look, Role::Accent, look.symbols.cursor) } else { Span::raw(" ") };
    let sign = if marked {
        paint::span(look, Role::Mark, look.symbols.mark)
    } else if sheet.is_failing(row) {
        paint::span(look, Role::Error, look.symbols.failed)
    } else {
        Span::raw(" ")
    };
    let first = Cell::from(Line::from(vec![lead, sign]));
    let cells = chosen.iter().map(|(column, width)| {
        let mut line = sheet.cell(model, row, column, *width);
        if under_cursor {
            brighten(look, &mut line);
        }
        Cell::from(if column.right { line.alignment(Alignment::Right) } else { line })
    });
    let drawn = Row::new(std::iter::once(first).chain(cells));
    if under_cursor { drawn.style(look.theme.style(Role::Cursor)) } else { drawn }
}

/// What is dim elsewhere would be hard to read on the cursor's ground.
fn brighten(look: &Look, line: &mut Line<'static>) {
    let dim = look.theme.style(Role::Dim);
    for span in line.spans.iter_mut().filter(|span| span.style == dim) {
        span.style = Style::new();
    }
}

fn headings(model: &Model, columns: &'static [Column], chosen: &[(&'static Column, u16)]) -> Row<'static> {
    let look = &model.look;
    let sort = model.page().table.sort;
    let sorted = sort.column.and_then(|place| columns.get(place));
    let cells = chosen.iter().map(|(column, width)| {
        let line = if sorted.is_some_and(|sorted| sorted.name == column.name) {
            let descending = column.descending != sort.reversed;
            let sign = if descending { look.symbols.descending } else { look.symbols.ascending };
            let name = fit::cut(column.name, width.saturating_sub(1), "");
            paint::line(look, Role::Sorted, format!("{name}{sign}"))
        } else {
            paint::line(look, Role::Column, column.name)
        };
        Cell::from(if column.right { line.alignment(Alignment::Right) } else { line })
    });
    Row::new(std::iter::once(Cell::from("")).chain(cells))
}

/// The widest text of a column over all rows, so that columns don't move while scrolling.
fn longest<R: TableRow>(model: &Model, all: &[R], column: &Column) -> u16 {
    all.iter()
        .map(|row| match row.value(column.name, model.region_now()) {
            Value::Text(text) => fit::width(&text),
            _ => 0,
        })
        .max()
        .unwrap_or(0)
}

/// A column that would say in each row what the frame's title says.
fn is_told_by_scope(scope: &Scope, column: &Column) -> bool {
    matches!(scope, Scope::WebAcl { .. }) && column.name == "web-acl"
}

/// The columns that fit, with their widths: the least important go first, what is left over goes
/// to names that need it, then to what grows without end.
fn choose(
    mut kept: Vec<&'static Column>,
    width: u16,
    longest: impl Fn(&Column) -> u16,
) -> Vec<(&'static Column, u16)> {
    let gap = if width < 90 { 1 } else { 2 };
    let room = width.saturating_sub(GUTTER);
    let taken = |kept: &[&Column]| kept.iter().map(|column| column.width + gap).sum::<u16>();
    while taken(&kept) > room && kept.len() > 1 {
        let least = kept.iter().map(|column| column.rank).max().unwrap_or(0);
        if least == 0 {
            break;
        }
        kept.retain(|column| column.rank != least);
    }
    let mut spare = room.saturating_sub(taken(&kept));
    let mut chosen: Vec<(&'static Column, u16)> =
        kept.into_iter().map(|column| (column, column.width)).collect();
    for (column, width) in chosen.iter_mut().filter(|(column, _)| column.grows > 0 && column.compares) {
        let wanted = longest(column).saturating_sub(*width).min(spare);
        *width += wanted;
        spare -= wanted;
    }
    if let Some((_, width)) = chosen.iter_mut().find(|(column, _)| column.grows > 0 && !column.compares) {
        *width += spare.min(LONGEST_SPARKLINE.saturating_sub(*width));
    }
    chosen
}

/// An hour of minutes.
const LONGEST_SPARKLINE: u16 = 60;

/// How far down the window is, where there is more than fits.
fn scroll_mark(frame: &mut Frame, model: &Model, places: &Places) {
    let table = &model.page().table;
    let height = usize::from(places.rows.height);
    if table.visible.len() <= height {
        return;
    }
    let text = format!(
        " {}-{} of {} ",
        figures::count(table.offset as u64 + 1),
        figures::count((table.offset + height).min(table.visible.len()) as u64),
        figures::count(table.visible.len() as u64)
    );
    let width = fit::width(&text).min(places.table.width.saturating_sub(4));
    let area = Rect {
        x: places.table.right().saturating_sub(width + 2),
        y: places.table.bottom().saturating_sub(1),
        width,
        height: 1,
    };
    frame.render_widget(paint::line(&model.look, Role::Dim, text), area);
}

/// Says why there are no rows, and what to do about it.
fn empty(frame: &mut Frame, model: &Model, area: Rect) {
    let look = &model.look;
    let table = &model.page().table;
    let connection = model.estate.regions().next().map(|(_, region)| &region.connection);
    let mut lines = Vec::new();
    let listing = model.page().listing;
    if let Some(failure) = model.login_failure().filter(|_| listing != Listing::Changes) {
        lines.push(paint::line(look, Role::Error, format!("{} {failure}", look.symbols.failed)));
        lines.extend(failure.hint.iter().map(|hint| paint::line(look, Role::Text, hint.clone())));
        lines.push(paint::line(look, Role::Dim, "r tries again"));
    } else if table.in_scope > 0 {
        lines.push(paint::line(look, Role::Text, "No row passes the filter."));
        lines.push(paint::line(look, Role::Dim, "esc clears it"));
    } else if let Some(failure) = model.failure_of(model.page().listing) {
        lines.push(paint::line(look, Role::Error, format!("{} {failure}", look.symbols.failed)));
        lines.extend(failure.hint.iter().map(|hint| paint::line(look, Role::Text, hint.clone())));
    } else if listing == Listing::Changes {
        lines.extend(changes::empty(model));
    } else if listing == Listing::Customers && model.customers.list.is_none() {
        lines.push(paint::line(look, Role::Text, "No cell is open."));
        lines.push(paint::line(look, Role::Dim, "enter on a cell lists its customers"));
    } else if model.tickets.is_loading() || connection.is_some_and(Part::is_pending) {
        let connected = connection.is_some_and(|connection| connection.value().is_some());
        let text = match model.tickets.list_being_read() {
            _ if !connected => "connecting",
            Some(list) => &format!("reading {}", list.words()),
            None => "reading the estate",
        };
        lines
            .push(Line::from(vec![paint::spinner(model), paint::span(look, Role::Text, format!(" {text}"))]));
    } else if model.is_unread(model.page().listing) {
        lines.push(paint::line(look, Role::Dim, "not read yet"));
    } else if let Some(first) = model.failures().first() {
        lines.push(paint::line(look, Role::Error, format!("{} {first}", look.symbols.failed)));
        lines.extend(first.hint.iter().map(|hint| paint::line(look, Role::Text, hint.clone())));
    } else {
        lines.push(paint::line(look, Role::Text, "Nothing here."));
        lines.push(paint::line(look, Role::Dim, "this account has none in this region"));
    }
    let height = fit::to_u16(lines.len()).min(area.height);
    let text_area = Rect {
        y: area.y + (area.height - height) / 3,
        height: area.height - (area.height - height) / 3,
        ..area
    };
    let text = Paragraph::new(lines).alignment(Alignment::Center).wrap(Wrap { trim: true });
    frame.render_widget(text, text_area);
}

/// The row under the cursor.
pub fn selected<'rows, R: TableRow>(model: &Model, all: &'rows [R]) -> Option<&'rows R> {
    let table = &model.page().table;
    all.get(*table.visible.get(table.cursor)?)
}
