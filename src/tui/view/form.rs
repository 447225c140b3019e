//! A form: a line for each thing that a lever needs to be told.

use ratatui::text::{Line, Span};

use super::overlay::{self, Sheet};
use super::{fit, paint};
use crate::tui::model::{FormState, Model, MoveSubject};
use crate::tui::theme::Role;

/// Columns of the longest name of a line.
const NAMES: u16 = 12;
/// Choices that are in sight at once.
const SHOWN: usize = 5;
/// Lines that the line under the cursor takes at the most: itself, its hint, and its choices.
const LARGEST_BLOCK: usize = 1 + 2 + SHOWN + 1;

pub fn sheet(model: &Model, state: &FormState, room: u16) -> Sheet {
    let look = &model.look;
    let width = room.min(84);
    let mut lines = vec![about(model, state), Line::default()];
    let footer = vec![
        Line::default(),
        paint::line(look, Role::Dim, "enter goes on and makes the plan; nothing is sent before you say yes"),
    ];
    let in_sight = overlay::tallest(model).saturating_sub(footer.len());
    let fields = state.form.fields.len();
    // Below a line there is room for its hint, so that nothing jumps, unless the form wouldn't fit then.
    let airy = lines.len() + 2 * fields + LARGEST_BLOCK <= in_sight + 2;
    let (mut cursor, mut block) = (None, 0..0);
    for (place, (field, input)) in state.form.fields.iter().zip(&state.inputs).enumerate() {
        let here = place == state.cursor;
        let first = lines.len();
        let name = format!("{:<12}", field.name);
        // Of a long text that part is in sight in which the cursor is, with room for it behind the text.
        let hidden = if here { input.visual_scroll(usize::from(width - NAMES).saturating_sub(1)) } else { 0 };
        let value = fit::behind(input.value(), fit::to_u16(hidden));
        lines.push(if here && state.is_selected(place) {
            overlay::selected_line(model, &name, value, width)
        } else {
            overlay::input_line(model, &name, value, width)
        });
        let error = state.error.as_ref().filter(|(line, _)| *line == place);
        lines.extend(match error {
            Some((_, why)) => below(model, Role::Error, &format!("{} {why}", look.symbols.failed), width),
            None if here => below(model, Role::Dim, &hint(state, place), width),
            None if airy && place + 1 < fields => vec![Line::default()],
            None => Vec::new(),
        });
        if here {
            lines.extend(choices(model, state, width));
            cursor = Some((NAMES + fit::to_u16(input.visual_cursor().saturating_sub(hidden)), first));
            block = first..lines.len();
        }
    }
    let scroll = block.end.saturating_sub(in_sight).min(block.start);
    Sheet { cursor, footer, scroll, frame: Some(Role::Operate), ..Sheet::new(state.form.title, width, lines) }
}

/// What it is about.
fn about(model: &Model, state: &FormState) -> Line<'static> {
    let look = &model.look;
    let production = model.region_state(state.slot).is_some_and(|region| region.production);
    let about = state.subject.as_ref().map(MoveSubject::words);
    let named = about.clone().unwrap_or_else(|| state.target.to_string());
    let mut target = vec![paint::span(look, Role::Strong, named)];
    target.push(match state.also.len() {
        0 if about.is_some() => paint::span(look, Role::Dim, ""),
        0 => paint::span(look, Role::Dim, format!("  {}", state.target.kind())),
        also => paint::span(look, Role::Strong, format!(" and {also} more that are marked")),
    });
    if production {
        target.push(paint::span(look, Role::Production, " PRODUCTION "));
    }
    paint::field(look, "target", target)
}

/// Under a line, indented as its text is.
fn below(model: &Model, role: Role, text: &str, width: u16) -> Vec<Line<'static>> {
    let wrapped = fit::wrap(text, width.saturating_sub(NAMES)).into_iter();
    wrapped.map(|line| paint::line(&model.look, role, format!("{:<12}{line}", ""))).collect()
}

fn hint(state: &FormState, place: usize) -> String {
    let hint = state.form.fields[place].hint;
    match state.now.get(place).filter(|now| !now.is_empty()) {
        Some(now) => format!("{hint}; now {now}"),
        None => hint.to_owned(),
    }
}

/// Those of the line's choices that fit, around the one that is picked.
fn choices(model: &Model, state: &FormState, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let fitting = state.fitting();
    let picked = state.picked.unwrap_or_default();
    let first = picked.saturating_sub(SHOWN / 2).min(fitting.len().saturating_sub(SHOWN));
    let shown = fitting.iter().enumerate().skip(first).take(SHOWN);
    let widest = fitting.iter().skip(first).take(SHOWN).map(|choice| fit::width(&choice.text)).max();
    let widest = widest.unwrap_or_default().min(width / 2);
    let mut lines: Vec<Line<'static>> = shown
        .map(|(place, choice)| {
            let room = width.saturating_sub(NAMES + widest + 4);
            let spans = vec![
                paint::span(look, Role::Text, fit::pad(&choice.text, widest, look.symbols.ellipsis)),
                paint::span(
                    look,
                    Role::Dim,
                    format!("  {}", fit::cut(&choice.note, room, look.symbols.ellipsis)),
                ),
            ];
            let line = overlay::menu_line(model, state.picked == Some(place), spans, width - NAMES);
            let indent = Span::raw(" ".repeat(usize::from(NAMES)));
            let style = line.style;
            let spans = line.spans.into_iter().map(|span| span.patch_style(style));
            Line::from(std::iter::once(indent).chain(spans).collect::<Vec<_>>())
        })
        .collect();
    let more = fitting.len().saturating_sub(SHOWN);
    if more > 0 {
        let text = format!("{:<14}{} {more} more; type a part of a name", "", look.symbols.ellipsis);
        lines.push(paint::line(look, Role::Dim, text));
    }
    lines
}
