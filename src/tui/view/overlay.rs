//! What stands in front: one framed panel in the middle of the screen, whatever it holds.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

use super::{
    actions_menu, answer, arming, bulk_plan, bulk_progress, detail, failures, fit, form, help,
    left_connections, message, move_plan, move_progress, paint, palette, panel, plan_overlay, progress,
    sort_menu,
};
use crate::tui::model::{Model, Overlay};
use crate::tui::theme::Role;

/// An overlay's content, before it is placed.
pub struct Sheet {
    pub title: String,
    pub lines: Vec<Line<'static>>,
    /// Columns that it would like inside of its frame.
    pub width: u16,
    /// Lines that stay at the top while the rest scrolls.
    pub fixed: usize,
    /// Lines that stay at the bottom.
    pub footer: Vec<Line<'static>>,
    pub scroll: usize,
    /// Where the cursor is, as column and line of the content.
    pub cursor: Option<(u16, usize)>,
    /// The frame's own style, for what must be noticed.
    pub frame: Option<Role>,
}

impl Sheet {
    pub fn new(title: impl Into<String>, width: u16, lines: Vec<Line<'static>>) -> Self {
        Self {
            title: title.into(),
            lines,
            width,
            fixed: 0,
            footer: Vec::new(),
            scroll: 0,
            cursor: None,
            frame: None,
        }
    }
}

/// Columns inside of the widest overlay's frame.
fn room(model: &Model) -> u16 {
    model.size.width.saturating_sub(8)
}

fn sheet(model: &Model, front: &Overlay) -> Option<Sheet> {
    let room = room(model);
    Some(match front {
        Overlay::Filter { .. } => return None,
        Overlay::Help { scroll } => help::sheet(model, *scroll, room),
        Overlay::Palette(state) => palette::sheet(model, state, room),
        Overlay::Sort(state) => sort_menu::sheet(model, state),
        Overlay::Actions { items, cursor } => actions_menu::sheet(model, items, *cursor, room),
        Overlay::Failures { scroll } => failures::sheet(model, *scroll, room),
        Overlay::Detail { scroll } => detail::sheet(model, *scroll, room)?,
        Overlay::Arming(state) => arming::sheet(model, state, room),
        Overlay::Form(state) => form::sheet(model, state, room),
        Overlay::Lookup(state) => answer::input(model, state, room),
        Overlay::Answer { scroll } => answer::sheet(model, *scroll, room)?,
        Overlay::Planning { name, lever, remedy, .. } => {
            plan_overlay::being_made(model, name, *lever, *remedy)
        }
        Overlay::Plan(state) => plan_overlay::sheet(model, state, room),
        Overlay::BulkPlan(state) => bulk_plan::sheet(model, state, room),
        Overlay::Progress => progress::sheet(model, room)?,
        Overlay::BulkProgress { scroll } => bulk_progress::sheet(model, *scroll, room)?,
        Overlay::MovePlan(state) => move_plan::sheet(model, state, room),
        Overlay::MoveProgress { scroll } => move_progress::sheet(model, *scroll, room),
        Overlay::LeftConnections(state) => left_connections::sheet(model, state, room),
        Overlay::Leaving => move_progress::leaving(model),
        Overlay::Message { title, lines } => message::sheet(model, title, lines, room),
    })
}

/// The panel's place: as large as its content, between header and footer.
fn area(model: &Model, sheet: &Sheet) -> Rect {
    let width = (sheet.width + 4).min(model.size.width.saturating_sub(2));
    let wanted = fit::to_u16(sheet.lines.len() + sheet.footer.len()) + 2;
    let height = wanted.min(model.size.height.saturating_sub(4));
    Rect {
        x: (model.size.width - width) / 2,
        y: 2 + (model.size.height.saturating_sub(4) - height) / 3,
        width,
        height,
    }
}

/// Lines of a content and its footer that are in sight at once, where there are more than fit.
pub fn tallest(model: &Model) -> usize {
    usize::from(model.size.height.saturating_sub(6))
}

/// Lines of the content that are in sight at once.
fn visible(model: &Model, sheet: &Sheet) -> usize {
    usize::from(area(model, sheet).height.saturating_sub(2)).saturating_sub(sheet.footer.len())
}

/// How far an overlay can be scrolled.
pub fn scroll_limit(model: &Model, front: &Overlay) -> usize {
    if !super::geometry::is_large_enough(Rect::new(0, 0, model.size.width, model.size.height)) {
        return 0;
    }
    sheet(model, front).map_or(0, |sheet| sheet.lines.len().saturating_sub(visible(model, &sheet)))
}

pub fn draw(frame: &mut Frame, model: &Model, front: &Overlay) {
    let Some(sheet) = sheet(model, front) else { return };
    let look = &model.look;
    let area = area(model, &sheet);
    frame.render_widget(Clear, area);
    let mut block = panel::block(look, sheet.title.clone()).style(look.theme.style(Role::Base));
    let border = sheet.frame.map_or_else(|| look.theme.style(Role::Accent), |role| look.theme.style(role));
    // A frame takes a role's colour alone: its background belongs to text.
    block = block.border_style(border.bg.map_or(border, |colour| Style::new().fg(colour)));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let room = visible(model, &sheet);
    let scroll = sheet.scroll.min(sheet.lines.len().saturating_sub(room));
    let fixed = sheet.fixed.min(room);
    let mut shown: Vec<Line<'static>> = sheet.lines.iter().take(fixed).cloned().collect();
    shown.extend(sheet.lines.iter().skip(fixed + scroll).take(room - fixed).cloned());
    frame.render_widget(Paragraph::new(shown), inner);
    let footer_height = fit::to_u16(sheet.footer.len()).min(inner.height);
    let footer = Rect { y: inner.bottom() - footer_height, height: footer_height, ..inner };
    frame.render_widget(Paragraph::new(sheet.footer.clone()), footer);
    if sheet.lines.len() > room {
        let first = fixed + scroll + 1;
        let last = (fixed + scroll + room - fixed).min(sheet.lines.len());
        let text = format!(" {first}-{last} of {} ", sheet.lines.len());
        let width = fit::width(&text).min(area.width.saturating_sub(4));
        let place = Rect { x: area.right() - width - 2, y: area.bottom() - 1, width, height: 1 };
        frame.render_widget(paint::line(look, Role::Dim, text), place);
    }
    if let Some((column, line)) = sheet.cursor {
        let from_footer = line.checked_sub(sheet.lines.len());
        let y = from_footer.map_or_else(
            || inner.y + fit::to_u16(line.saturating_sub(scroll)),
            |line| footer.y + fit::to_u16(line),
        );
        if y < inner.bottom() {
            frame.set_cursor_position(Position { x: (inner.x + column).min(inner.right()), y });
        }
    }
}

/// A line of a menu, with the cursor's sign and style where it stands.
pub fn menu_line(model: &Model, under_cursor: bool, spans: Vec<Span<'static>>, width: u16) -> Line<'static> {
    let look = &model.look;
    let sign = if under_cursor { look.symbols.cursor } else { " " };
    let mut line = vec![paint::span(look, Role::Accent, sign), Span::raw(" ")];
    line.extend(spans);
    let used: u16 = line.iter().map(|span| fit::width(&span.content)).sum();
    line.push(Span::raw(" ".repeat(usize::from(width.saturating_sub(used)))));
    let line = Line::from(line);
    if under_cursor { line.style(look.theme.style(Role::Cursor)) } else { line }
}

/// A line that is typed into.
pub fn input_line(model: &Model, lead: &str, value: &str, width: u16) -> Line<'static> {
    let look = &model.look;
    let lead_width = fit::width(lead);
    let field = fit::pad(value, width.saturating_sub(lead_width), look.symbols.ellipsis);
    Line::from(vec![paint::span(look, Role::Key, lead.to_owned()), paint::span(look, Role::Input, field)])
}

/// The same where what stands there is selected: reversed, which is seen without colours, too.
pub fn selected_line(model: &Model, lead: &str, value: &str, width: u16) -> Line<'static> {
    let look = &model.look;
    let room = width.saturating_sub(fit::width(lead));
    let shown = fit::cut(value, room, look.symbols.ellipsis);
    let rest = " ".repeat(usize::from(room.saturating_sub(fit::width(&shown))));
    let value = Span::styled(shown, look.theme.style(Role::Input).add_modifier(Modifier::REVERSED));
    let lead = paint::span(look, Role::Key, lead.to_owned());
    Line::from(vec![lead, value, paint::span(look, Role::Input, rest)])
}

/// Text broken into lines of one role.
pub fn paragraph(model: &Model, role: Role, text: &str, width: u16) -> Vec<Line<'static>> {
    fit::wrap(text, width).into_iter().map(|line| paint::line(&model.look, role, line)).collect()
}
