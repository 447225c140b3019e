//! The two lines on top: which account, may it be changed, how fresh; and the menu.

use jiff::SignedDuration;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::geometry::Places;
use super::{figures, fit, paint};
use crate::domain::estate::RegionSlot;
use crate::tui::model::{Mode, Model, Screen};
use crate::tui::theme::Role;

pub fn draw(frame: &mut Frame, model: &Model, places: &Places) {
    let style = model.look.theme.style(Role::Header);
    frame.render_widget(Paragraph::new("").style(style), places.header);
    frame.render_widget(Paragraph::new("").style(style), places.tabs);
    two_sides(frame, places.header, identity(model), state(model, places.header.width));
    let menu = tabs(model).into_iter().flat_map(|(_, spans)| spans).collect();
    let room = places.tabs.width.saturating_sub(width_of(&menu));
    two_sides(frame, places.tabs, menu, budget(model, room));
}

/// Draws spans at both ends of a line; the right ones win where they meet.
fn two_sides(frame: &mut Frame, area: Rect, left: Vec<Span<'static>>, right: Vec<Span<'static>>) {
    let right_width = width_of(&right).min(area.width);
    let left_area = Rect { width: area.width - right_width, ..area };
    frame.render_widget(Line::from(left), left_area);
    let right_area = Rect { x: area.x + area.width - right_width, width: right_width, ..area };
    frame.render_widget(Line::from(right), right_area);
}

pub(super) fn width_of(spans: &Vec<Span<'static>>) -> u16 {
    spans.iter().fold(0, |sum, span| sum + fit::width(&span.content))
}

/// Name, mode, account: the mode first, since it decides what a key may do.
fn identity(model: &Model) -> Vec<Span<'static>> {
    let look = &model.look;
    let mut spans = Vec::new();
    if model.size.width >= 100 {
        spans.push(paint::span(look, Role::Strong, " cellgate "));
    }
    spans.push(Span::raw(" "));
    spans.extend(mode(model));
    spans.push(Span::raw(" "));
    // Where there is room for one, it is one that must not be mistaken.
    let slot = RegionSlot(model.regions.iter().position(|region| region.production).unwrap_or(0));
    let Some(region) = model.region_state(slot) else { return spans };
    let key = model.estate.region(slot).and_then(|estate| estate.connection.value()).map(|known| &known.key);
    let label = region.alias.clone().or_else(|| region.profile_label.clone());
    if region.production {
        let text = label.map_or_else(|| " PRODUCTION ".to_owned(), |label| format!(" PRODUCTION {label} "));
        spans.push(paint::span(look, Role::Production, text));
        spans.push(Span::raw(" "));
    } else if let Some(label) = label {
        spans.push(paint::span(look, Role::Strong, format!("{label} ")));
    }
    match key {
        Some(key) => spans.push(paint::span(look, Role::Text, format!("{} {}", key.account, key.region))),
        None => spans.push(paint::span(look, Role::Dim, "not connected")),
    }
    if model.regions.len() > 1 {
        spans.push(paint::span(look, Role::Dim, format!(" +{}", model.regions.len() - 1)));
    }
    spans
}

fn mode(model: &Model) -> Vec<Span<'static>> {
    let look = &model.look;
    if model.operates() {
        let everywhere = model.regions.iter().all(|region| region.mode == Mode::Operate);
        let text = if everywhere { " OPERATE " } else { " OPERATE in part " };
        vec![paint::span(look, Role::Operate, text)]
    } else {
        vec![paint::span(look, Role::ReadOnly, "READ-ONLY")]
    }
}

/// Freshness and the clock.
fn state(model: &Model, width: u16) -> Vec<Span<'static>> {
    let look = &model.look;
    let mut spans = Vec::new();
    if model.tickets.is_loading() {
        spans.push(paint::spinner(model));
        spans.push(Span::raw(" "));
    }
    if model.schedule.paused {
        spans.push(paint::span(look, Role::Warning, "PAUSED"));
        spans.push(Span::raw("  "));
    }
    match model.freshness() {
        Some((age, true)) => {
            spans.push(paint::span(look, Role::Warning, format!("stale {}", figures::span(age))));
        }
        Some((age, false)) => {
            spans.push(paint::span(look, Role::Dim, "fresh "));
            spans.push(paint::span(look, Role::Good, figures::span(age)));
        }
        None => spans.push(paint::span(look, Role::Dim, "no data yet")),
    }
    let clock = figures::time(model.region_now());
    let clock = if width >= 100 { format!("   {clock} UTC ") } else { format!("  {clock} ") };
    spans.push(paint::span(look, Role::Text, clock));
    spans
}

/// How much there is for the menu: the budget beside it must stay in sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    Ample,
    /// Nothing between the entries.
    Scant,
    /// The open screen alone has its name.
    Least,
}

impl Room {
    const fn of(width: u16) -> Self {
        match width {
            0..80 => Self::Least,
            80..100 => Self::Scant,
            _ => Self::Ample,
        }
    }
}

/// The menu's entries, each with what is drawn for it.
fn tabs(model: &Model) -> Vec<(Screen, Vec<Span<'static>>)> {
    let look = &model.look;
    let room = Room::of(model.size.width);
    Screen::ALL
        .into_iter()
        .map(|screen| {
            let role = if screen == model.page().screen() { Role::TabOpen } else { Role::Tab };
            let is_named = room != Room::Least || screen == model.page().screen();
            let number = paint::span(look, Role::Key, format!(" {} ", screen.number()));
            let mut spans = vec![number];
            if is_named {
                spans.push(paint::span(look, role, screen.title()));
            } else {
                spans[0] = paint::span(look, Role::Key, format!(" {}", screen.number()));
            }
            if room == Room::Ample {
                spans.push(Span::raw(" "));
            }
            let open = if screen == Screen::Changes { model.open_changes().count() } else { 0 };
            if open > 0 {
                let sign = look.symbols.warning;
                let text = match room {
                    Room::Ample => format!("{sign} {open} open "),
                    Room::Scant | Room::Least => format!(" {sign}{open}"),
                };
                spans.push(paint::span(look, Role::Warning, text));
            }
            (screen, spans)
        })
        .collect()
}

/// The screen whose entry is at a point.
pub fn tab_at(model: &Model, places: &Places, at: Position) -> Option<Screen> {
    let mut from = places.tabs.x;
    for (screen, spans) in tabs(model) {
        let to = from + width_of(&spans);
        if (from..to).contains(&at.x) {
            return Some(screen);
        }
        from = to;
    }
    None
}

/// What the control plane and CloudWatch are asked for, as much as there is room for.
fn budget(model: &Model, room: u16) -> Vec<Span<'static>> {
    let look = &model.look;
    let mut pieces: Vec<Vec<Span<'static>>> = Vec::new();
    let Some(budget) = model.budgets.iter().flatten().next() else { return Vec::new() };
    let penalty = budget.penalty_until.filter(|until| *until > model.now);
    let pace = figures::setting((budget.pace * 10.0).round() / 10.0);
    let role = if budget.used >= budget.pace || penalty.is_some() { Role::Warning } else { Role::Text };
    let is_ample = Room::of(model.size.width) == Room::Ample;
    let of = if is_ample { " of " } else { "/" };
    let api = vec![
        paint::span(look, Role::Dim, "api "),
        paint::span(look, role, format!("{:.1}{of}{pace}/s", budget.used)),
    ];
    if let Some(until) = penalty {
        let left = figures::span(until.duration_since(model.now) + SignedDuration::from_secs(1));
        let texts = [format!("throttled by AWS, half pace for {left}"), format!("throttled, {left}")];
        let fitting = texts.into_iter().find(|text| fit::width(text) + width_of(&api) + 6 <= room);
        pieces.extend(fitting.map(|text| vec![paint::span(look, Role::Warning, text)]));
    }
    let needed = pieces.len();
    pieces.push(api);
    if budget.waiting > 0 {
        let eta = SignedDuration::from_secs(i64::try_from(budget.longest_wait_seconds).unwrap_or(i64::MAX));
        let text = format!("{} waiting, {}", budget.waiting, figures::span(eta));
        pieces.push(vec![paint::span(look, Role::Dim, text)]);
    }
    if let Some(dollars) = model.cost.dollars_per_hour(model.now) {
        pieces.push(vec![
            paint::span(look, Role::Dim, "CloudWatch "),
            paint::span(look, Role::Text, figures::dollars_per_hour(dollars)),
        ]);
    }
    let mut spans = Vec::new();
    for (place, piece) in pieces.into_iter().enumerate() {
        // What is left of the requests is in sight whatever else isn't.
        let is_needed = place == needed;
        if !is_needed && width_of(&spans) + width_of(&piece) + 3 > room {
            break;
        }
        if !spans.is_empty() {
            spans.push(Span::raw("   "));
        }
        spans.extend(piece);
    }
    spans.push(Span::raw(" "));
    spans
}
