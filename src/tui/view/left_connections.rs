//! Connections that a move left on the old cell: what finding them costs, and those that were found.

use ratatui::text::{Line, Span};

use super::asking::question;
use super::overlay::{self, Sheet};
use super::{figures, fit, paint};
use crate::domain::text::sanitise;
use crate::ops::customers::CONNECTIONS_RATE;
use crate::ops::moves::LeftBehind;
use crate::tui::model::{LeftConnections, Model, Search};
use crate::tui::theme::Role;

/// Connections that are listed; the rest is counted.
const LISTED: usize = 500;

pub fn sheet(model: &Model, state: &LeftConnections, room: u16) -> Sheet {
    let look = &model.look;
    let width = room.min(84);
    let mut lines = vec![paint::text_field(look, "left by", state.id.to_string())];
    if let Some(cost) = &state.cost {
        let takes = figures::span(cost.at_rate(CONNECTIONS_RATE).try_into().unwrap_or_default());
        let text = format!("{cost}; {takes} at {CONNECTIONS_RATE} read units a second");
        lines.extend(paint::wrapped_field(look, "search", Role::Text, &text, width));
    }
    lines.push(Line::default());
    let mut footer = vec![Line::default()];
    match &state.search {
        Search::Weighing => lines.push(waiting(model, "asking the table of connections how large it is")),
        Search::Weighed => {
            let text = "The table has no index on customers: all of it is read to find those that the move left \
                        on the old cell.";
            lines.extend(overlay::paragraph(model, Role::Text, text, width));
            footer.push(question(model, "Read it?"));
        }
        Search::Reading(count) => {
            lines.push(waiting(model, &format!("reading: {} found", figures::count(*count as u64))));
        }
        Search::Found(left) => {
            lines.extend(found(model, left, width));
            if state.asks() {
                footer.push(question(model, "Plan to close them?"));
            }
        }
        Search::Failed(trouble) => {
            let text = format!("{} {}", look.symbols.failed, trouble.why);
            lines.extend(overlay::paragraph(model, Role::Error, &text, width));
            if let Some(hint) = &trouble.hint {
                lines.extend(overlay::paragraph(model, Role::Text, hint, width));
            }
        }
    }
    let lines = fit::lines(lines, width, look.symbols.ellipsis);
    Sheet { footer, scroll: state.scroll, ..Sheet::new("Connections left behind", width, lines) }
}

fn waiting(model: &Model, text: &str) -> Line<'static> {
    Line::from(vec![paint::spinner(model), Span::raw(" "), paint::span(&model.look, Role::Dim, text)])
}

fn found(model: &Model, left: &LeftBehind, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let count = left.connections.len();
    if count == 0 {
        return overlay::paragraph(
            model,
            Role::Good,
            "None is left: who was connected has come along.",
            width,
        );
    }
    let text = format!("{} are open on cells that their customers have left", figures::count(count as u64));
    let mut lines = overlay::paragraph(model, Role::Text, &text, width);
    let row = |cells: [&str; 4]| {
        let [cell, customer, now, id] = cells;
        let pad = |text: &str, width| fit::pad(text, width, look.symbols.ellipsis);
        format!("{} {} {} {id}", pad(cell, 12), pad(customer, 20), pad(now, 12))
    };
    lines.push(paint::line(look, Role::Dim, row(["cell", "customer", "now", "connection"])));
    for one in left.connections.iter().take(LISTED) {
        let shown = |text: &Option<String>| sanitise(text.as_deref().unwrap_or("-")).into_owned();
        let connection = &one.connection;
        let (cell, customer) = (shown(&connection.cell), shown(&connection.customer));
        let (now, id) = (shown(&one.customer_cell), sanitise(&connection.id));
        lines.push(paint::line(look, Role::Text, row([&cell, &customer, &now, &id])));
    }
    if count > LISTED {
        let text = format!("and {} more", figures::count((count - LISTED) as u64));
        lines.push(paint::line(look, Role::Dim, text));
    }
    lines
}
