//! A form: a line for each thing that a lever needs to be told.

use ratatui::text::Line;

use super::overlay::{self, Sheet};
use super::{fit, paint};
use crate::tui::model::{FormState, Model};
use crate::tui::theme::Role;

/// Columns of the longest name of a line.
const NAMES: u16 = 12;

pub fn sheet(model: &Model, state: &FormState, room: u16) -> Sheet {
    let look = &model.look;
    let width = room.min(84);
    let production = model.region_state(state.slot).is_some_and(|region| region.production);
    let mut target = vec![paint::span(look, Role::Strong, state.target.to_string())];
    target.push(match state.also.len() {
        0 => paint::span(look, Role::Dim, format!("  {}", state.target.kind())),
        also => paint::span(look, Role::Strong, format!(" and {also} more that are marked")),
    });
    if production {
        target.push(paint::span(look, Role::Production, " PRODUCTION "));
    }
    let mut lines = vec![paint::field(look, "target", target), Line::default()];
    let mut cursor = None;
    for (place, (field, input)) in state.form.fields.iter().zip(&state.inputs).enumerate() {
        let here = place == state.cursor;
        if here {
            cursor = Some((NAMES + fit::to_u16(input.visual_cursor()), lines.len()));
        }
        lines.push(overlay::input_line(model, &format!("{:<12}", field.name), input.value(), width));
        let error = state.error.as_ref().filter(|(line, _)| *line == place);
        lines.push(match error {
            Some((_, why)) => {
                paint::line(look, Role::Error, format!("{:<12}{} {why}", "", look.symbols.failed))
            }
            None if here => paint::line(look, Role::Dim, format!("{:<12}{}", "", field.hint)),
            None => Line::default(),
        });
    }
    lines.push(Line::default());
    lines.push(paint::line(
        look,
        Role::Dim,
        "enter goes on and makes the plan; nothing is sent before you say yes",
    ));
    Sheet { cursor, frame: Some(Role::Operate), ..Sheet::new(state.form.title, width, lines) }
}
