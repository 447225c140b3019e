//! All that is known of the selected row: in the pane beside or below its table, or in front of it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::geometry::Places;
use super::table::{self, Sheet as Table};
use super::{
    acl_rules, api_detail, api_keys, cell_detail, change_detail, customers, ip_sets, plans, stage_detail,
};
use super::{domains, fit, overlay, paint, panel, throttle_detail, vpc_links, web_acls};
use crate::domain::failure::Failure;
use crate::domain::part::Part;
use crate::tui::model::{Listing, Model};
use crate::tui::theme::Role;

/// Columns that a line is easily read in.
const WIDEST: u16 = 100;
/// Lines that a chart takes, where there is room for as many as it likes.
const CHART_ROWS: u16 = 3;
/// Columns between the two columns of a pane below the table.
const GAP: u16 = 3;

/// A title and the lines below it.
struct Detail {
    title: String,
    lines: Vec<Line<'static>>,
}

/// The selected row, in lines of at most `width` columns.
fn of_selected(model: &Model, width: u16) -> Option<Detail> {
    let rows = &model.rows;
    let listed = &rows.listed;
    // Tall enough for what draws more where there is more room.
    let area = Rect { x: 0, y: 0, width, height: 60 };
    let (title, lines) = match model.page().listing {
        Listing::Cells => {
            let row = table::selected(model, &rows.cells)?;
            (row.id.to_string(), cell_detail::lines(model, row, area))
        }
        Listing::Apis => {
            let row = table::selected(model, &rows.apis)?;
            (row.api.name.clone(), api_detail::lines(model, row, area))
        }
        Listing::Stages => {
            let row = table::selected(model, &rows.stages)?;
            (stage_detail::title(row), stage_detail::lines(model, row, width, CHART_ROWS))
        }
        Listing::Throttles => {
            let row = table::selected(model, &listed.throttles)?;
            (throttle_detail::title(row), throttle_detail::lines(model, row, width))
        }
        Listing::Plans => {
            let row = table::selected(model, &listed.plans)?;
            (row.plan.name.clone(), plans::lines(model, row, width))
        }
        Listing::Keys => {
            let row = table::selected(model, &listed.keys)?;
            (row.key.name.clone(), api_keys::lines(model, row, width))
        }
        Listing::WebAcls => {
            let row = table::selected(model, &listed.web_acls)?;
            (row.document.acl.name.clone(), web_acls::lines(model, row, width))
        }
        Listing::Rules => {
            let row = table::selected(model, &listed.rules)?;
            (row.rule.name.clone(), acl_rules::lines(model, row, width))
        }
        Listing::IpSets => {
            let row = table::selected(model, &listed.ip_sets)?;
            (row.document.set.name.clone(), ip_sets::lines(model, row, width))
        }
        Listing::Domains => {
            let row = table::selected(model, &listed.mappings)?;
            (row.mapped.domain.name.clone(), domains::lines(model, row, width))
        }
        Listing::VpcLinks => {
            let row = table::selected(model, &listed.vpc_links)?;
            (row.link.name.clone(), vpc_links::lines(model, row, width))
        }
        Listing::Counts => {
            let row = table::selected(model, &listed.counts)?;
            (row.cell.to_string(), customers::count_lines(model, row, width))
        }
        Listing::Customers => {
            let row = table::selected(model, &listed.customers)?;
            (row.shown.clone(), customers::customer_lines(model, row, width))
        }
        Listing::Changes => {
            let row = table::selected(model, &listed.changes)?;
            (change_detail::title(row), change_detail::lines(model, row, width))
        }
    };
    Some(Detail { title, lines })
}

/// The selected row in front of the screen.
pub fn sheet(model: &Model, scroll: usize, room: u16) -> Option<overlay::Sheet> {
    let width = room.min(WIDEST);
    let Detail { title, lines } = of_selected(model, width)?;
    let lines = fit::lines(lines, width, model.look.symbols.ellipsis);
    Some(overlay::Sheet { scroll, ..overlay::Sheet::new(title, width, lines) })
}

/// A table, and its selected row in the pane beside or below it.
pub fn draw_with_table<T: Table>(frame: &mut Frame, model: &Model, places: &Places, table: &T) {
    table::draw(frame, model, places, table);
    for (area, columns) in [(places.side, 1), (places.lower, 2)] {
        if let Some(area) = area {
            pane(frame, model, area, columns);
        }
    }
}

/// Lines that don't fit are counted: `enter` or `d` shows them.
fn pane(frame: &mut Frame, model: &Model, area: Rect, columns: u16) {
    let look = &model.look;
    let inner = panel::plain(look).inner(area);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let width = inner.width.saturating_sub(GAP * (columns - 1)) / columns;
    let Some(Detail { title, mut lines }) = of_selected(model, width) else {
        frame.render_widget(panel::plain(look), area);
        return;
    };
    frame.render_widget(panel::block(look, panel::fitting(look, &title, area)), area);
    if columns > 1 {
        lines.retain(|line| line.width() > 0);
    }
    let room = usize::from(inner.height) * usize::from(columns);
    if lines.len() > room && room > 0 {
        let more = lines.len() + 1 - room;
        lines.truncate(room - 1);
        lines.push(paint::line(look, Role::Dim, format!("{} {more} more lines", look.symbols.ellipsis)));
    }
    let lines = fit::lines(lines, width, look.symbols.ellipsis);
    for (column, lines) in (0..columns).zip(lines.chunks(usize::from(inner.height).max(1))) {
        let place = Rect { x: inner.x + column * (width + GAP), width, ..inner };
        frame.render_widget(Paragraph::new(lines.to_vec()), place);
    }
}

/// A heading with how many stand below it.
pub fn heading(model: &Model, title: &str, note: &str) -> Line<'static> {
    let look = &model.look;
    Line::from(vec![
        paint::span(look, Role::Column, title.to_owned()),
        paint::span(look, Role::Dim, format!("  {note}")),
    ])
}

/// A field's value, with a note behind it where there is room for both.
pub fn noted(model: &Model, value: Span<'static>, note: &str, width: u16) -> Vec<Span<'static>> {
    let fits = paint::FIELD_WIDTH + fit::width(&value.content) + 1 + fit::width(note) <= width;
    let note = fits.then(|| paint::span(&model.look, Role::Dim, format!(" {note}")));
    std::iter::once(value).chain(note).collect()
}

/// Why a part could not be read, where it couldn't; what is shown of it then is older.
pub fn failure_of<T>(model: &Model, part: &Part<T>, width: u16) -> Vec<Line<'static>> {
    part.failure().map(|failure| failure_lines(model, failure, width)).unwrap_or_default()
}

pub fn failure_lines(model: &Model, failure: &Failure, width: u16) -> Vec<Line<'static>> {
    let text = format!("{} {failure}", model.look.symbols.failed);
    let mut lines = overlay::paragraph(model, Role::Error, &text, width);
    if let Some(hint) = &failure.hint {
        lines.extend(overlay::paragraph(model, Role::Accent, hint, width));
    }
    lines
}
