//! The help: every key and every action, from the action table.

use ratatui::text::{Line, Span};

use super::overlay::Sheet;
use super::{fit, paint};
use crate::tui::action::{ACTIONS, Scope};
use crate::tui::model::Model;
use crate::tui::theme::Role;

/// Wide enough for three keys.
const KEYS_WIDTH: u16 = 14;
const NAME_WIDTH: u16 = 15;

pub fn sheet(model: &Model, scroll: usize, room: u16) -> Sheet {
    let look = &model.look;
    let width = room.min(110);
    let mut lines = Vec::new();
    for scope in [Scope::Table, Scope::Everywhere, Scope::Confirmation, Scope::Move] {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(paint::line(look, Role::Title, scope.title()));
        for info in ACTIONS.iter().filter(|info| info.scope == scope) {
            let keys: Vec<String> = model.keymap.keys(info.action).iter().map(ToString::to_string).collect();
            let name = if info.in_palette { format!(":{}", info.id) } else { String::new() };
            let role = if info.dangerous { Role::Warning } else { Role::Text };
            let doc = fit::wrap(info.doc, width.saturating_sub(KEYS_WIDTH + NAME_WIDTH));
            for (place, doc) in doc.into_iter().enumerate() {
                let (keys, name) = if place == 0 { (keys.join(" "), name.as_str()) } else { <_>::default() };
                lines.push(Line::from(vec![
                    paint::span(look, Role::Key, fit::pad(&keys, KEYS_WIDTH, look.symbols.ellipsis)),
                    paint::span(look, Role::Dim, fit::pad(name, NAME_WIDTH, look.symbols.ellipsis)),
                    paint::span(look, role, doc),
                ]));
            }
        }
    }
    lines.push(Line::default());
    lines.push(paint::line(look, Role::Title, "signs"));
    lines.push(signs(model));
    Sheet { scroll, ..Sheet::new("Help", width, lines) }
}

fn signs(model: &Model) -> Line<'static> {
    use crate::domain::fleet::CellState::{Alarm, Errors, Full, Silent, Slow, Unseen, Well};
    let look = &model.look;
    let spans = [Errors, Full, Slow, Alarm, Unseen, Silent, Well].into_iter().flat_map(|state| {
        let text = format!("{} {}", look.symbols.state(state), state.word());
        [paint::span(look, paint::state_role(state), text), Span::raw("   ")]
    });
    Line::from(spans.collect::<Vec<_>>())
}
