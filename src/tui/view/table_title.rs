//! The title of the table's frame: the lists of the screen, what the rows are, and how many pass the filter.

use ratatui::layout::Position;
use ratatui::text::Span;

use super::geometry::Places;
use super::header::width_of;
use super::{figures, fit, paint};
use crate::tui::model::{Listing, Model, Scope};
use crate::tui::rows;
use crate::tui::theme::Role;

/// The lists of the open screen, each with what is drawn for it; none where there is but one.
fn parts(model: &Model) -> Vec<(Listing, Vec<Span<'static>>)> {
    let look = &model.look;
    let page = model.page();
    let all = page.screen().listings();
    if all.len() == 1 {
        return Vec::new();
    }
    all.iter()
        .map(|listing| {
            let role = if *listing == page.listing { Role::TabOpen } else { Role::Tab };
            let mut spans = Vec::new();
            if model.failure_of(*listing).is_some() {
                spans.push(paint::span(look, Role::Error, look.symbols.failed));
            }
            spans.push(paint::span(look, role, listing.title()));
            spans.push(Span::raw("  "));
            (*listing, spans)
        })
        .collect()
}

/// The list whose name is at a point of the table's frame.
pub fn part_at(model: &Model, places: &Places, at: Position) -> Option<Listing> {
    if at.y != places.table.y {
        return None;
    }
    // Behind the corner and a space.
    let mut from = places.table.x + 2;
    for (listing, spans) in parts(model) {
        let to = from + width_of(&spans);
        if (from..to).contains(&at.x) {
            return Some(listing);
        }
        from = to;
    }
    None
}

/// What the rows are, and how many pass the filter.
pub fn spans(model: &Model) -> Vec<Span<'static>> {
    let look = &model.look;
    let page = model.page();
    let mut spans: Vec<Span<'static>> = parts(model).into_iter().flat_map(|(_, spans)| spans).collect();
    spans.push(paint::span(look, Role::Title, page.listing.counted(page.table.in_scope)));
    let of = match &page.scope {
        Scope::All => None,
        Scope::Cell(cell) => Some(cell.to_string()),
        Scope::Api { name, .. } | Scope::Plan { name, .. } | Scope::WebAcl { name, .. } => Some(name.clone()),
    };
    if let Some(of) = of {
        spans.push(paint::span(look, Role::Dim, " of "));
        spans.push(paint::span(look, Role::Accent, of));
    }
    let order = match page.table.sort.column.and_then(|place| rows::columns(page.listing).get(place)) {
        Some(column) => format!(", by {}", column.name),
        None => format!(", {}", page.listing.own_order()),
    };
    spans.push(paint::span(look, Role::Dim, order));
    if !page.table.filter.is_empty() {
        let filter = fit::cut(&page.table.filter, 30, look.symbols.ellipsis);
        spans.push(paint::span(look, Role::Dim, "  filter "));
        spans.push(paint::span(look, Role::Mark, filter));
        if page.table.error.is_some() {
            spans.push(paint::span(look, Role::Error, " can't be read"));
        } else {
            spans.push(paint::span(look, Role::Dim, format!(": {}", page.table.visible.len())));
        }
    }
    if !page.table.marks.is_empty() {
        let text = format!("  {} {} marked", look.symbols.mark, page.table.marks.len());
        spans.push(paint::span(look, Role::Mark, text));
    }
    spans
}

/// The minute that the figures are of.
pub fn minute(model: &Model) -> Vec<Span<'static>> {
    match model.rows.minute {
        Some(minute) => {
            vec![paint::span(&model.look, Role::Dim, format!(" figures of {} UTC ", figures::minute(minute)))]
        }
        None => Vec::new(),
    }
}
