//! What every plan has around its own lines: what it is made to at the head, and at the foot the question that must be
//! answered before anything is sent.

use ratatui::text::{Line, Span};

use super::overlay::{self, Sheet};
use super::{fit, paint};
use crate::tui::action::Action;
use crate::tui::model::{Confirmation, Model, STOP_TRAFFIC};
use crate::tui::theme::Role;

/// Columns of the widest plan.
pub const WIDEST: u16 = 96;

/// What a plan is made to, where that is, and that it is production where it is.
pub fn head(model: &Model, label: &str, target: &str, region: &str, production: bool) -> Line<'static> {
    let look = &model.look;
    let mut spans = vec![paint::span(look, Role::Strong, target.to_owned())];
    spans.push(paint::span(look, Role::Dim, format!("  {region}")));
    if production {
        spans.push(Span::raw("  "));
        spans.push(paint::span(look, Role::Production, " PRODUCTION "));
    }
    paint::field(look, label, spans)
}

/// A plan with its question: `asked` where a yes is enough, and what must be typed where it is not.
pub fn sheet(
    model: &Model,
    title: String,
    lines: Vec<Line<'static>>,
    (width, scroll): (u16, usize),
    (confirmation, asked, phrase): (&Confirmation, &str, &str),
) -> Sheet {
    let look = &model.look;
    let mut footer = vec![Line::default()];
    let mut cursor = None;
    match confirmation {
        Confirmation::YesOrNo => footer.push(question(model, asked)),
        Confirmation::TypeName { input, error, again } => {
            let asked = if *again {
                format!("This may stop all traffic. Type {STOP_TRAFFIC} to do it; esc drops it.")
            } else {
                format!("Type {phrase} to carry it out; esc drops it.")
            };
            footer.push(paint::line(look, Role::Strong, asked));
            footer.push(overlay::input_line(model, "> ", input.value(), width));
            footer.push(match error {
                Some(error) => paint::line(look, Role::Error, format!("{} {error}", look.symbols.failed)),
                None => Line::default(),
            });
            cursor = Some((2 + fit::to_u16(input.visual_cursor()), lines.len() + 2));
        }
    }
    Sheet { footer, cursor, scroll, frame: Some(Role::Operate), ..Sheet::new(title, width, lines) }
}

/// A question that a yes or a no answers.
pub fn question(model: &Model, asked: &str) -> Line<'static> {
    let look = &model.look;
    let key = |action: Action| model.keymap.first(action).map(|key| key.to_string()).unwrap_or_default();
    Line::from(vec![
        paint::span(look, Role::Strong, format!("{asked}   ")),
        paint::span(look, Role::Key, key(Action::Confirm)),
        paint::span(look, Role::Text, " yes   "),
        paint::span(look, Role::Key, key(Action::Decline)),
        paint::span(look, Role::Text, " no, nothing was sent yet"),
    ])
}
