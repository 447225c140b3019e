//! The two lines at the bottom: what is going on, and which keys do what.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::geometry::{self, Places};
use super::header::width_of;
use super::{figures, fit, paint};
use crate::domain::change::Outcome;
use crate::tui::action::Action;
use crate::tui::model::{ChangeRun, ChangeState, Model, MoveRun, NoticeKind, Overlay, Screen};
use crate::tui::theme::Role;

pub fn draw(frame: &mut Frame, model: &Model, places: &Places) {
    if let Some(Overlay::Filter { input }) = model.overlays.last() {
        filter_line(frame, model, places.status, input);
    } else {
        let line = fit::line(status(model), places.status.width, model.look.symbols.ellipsis);
        frame.render_widget(line, places.status);
    }
    let style = model.look.theme.style(Role::Header);
    frame.render_widget(Paragraph::new("").style(style), places.hints);
    frame.render_widget(Line::from(hints(model, places.hints.width)), places.hints);
}

/// The filter as it is typed, with its error beside it.
fn filter_line(frame: &mut Frame, model: &Model, area: Rect, input: &tui_input::Input) {
    let look = &model.look;
    let table = &model.page().table;
    let mut spans = vec![paint::span(look, Role::Key, " / "), paint::span(look, Role::Strong, input.value())];
    let (role, text) = match &table.error {
        Some(error) => (Role::Error, format!("   {error}")),
        None if input.value().is_empty() => {
            (Role::Dim, "   words match loosely, !word excludes, 5xx>1% age<2h compare".to_owned())
        }
        None => (Role::Dim, format!("   {} of {}", table.visible.len(), table.in_scope)),
    };
    spans.push(paint::span(look, role, text));
    let line = fit::line(spans, area.width, look.symbols.ellipsis);
    frame.render_widget(line.style(look.theme.style(Role::Input)), area);
    let column = area.x + 3 + fit::to_u16(input.visual_cursor());
    frame.set_cursor_position(Position { x: column.min(area.right().saturating_sub(1)), y: area.y });
}

/// What a key was answered, else a running change, else the newest word, else what fails.
fn status(model: &Model) -> Vec<Span<'static>> {
    let look = &model.look;
    let mut spans = vec![Span::raw(" ")];
    let running = model.change.as_ref().filter(|run| run.is_running());
    // What a key was just told stands in front for its few seconds; an error would stay.
    let answered = model.notice.as_ref().is_some_and(|notice| notice.kind != NoticeKind::Error);
    if let Some(run) = running.filter(|_| !answered) {
        spans.push(paint::spinner(model));
        spans.push(paint::span(
            look,
            Role::Strong,
            format!(" {} of {}  ", run.plan.lever.title(), run.plan.target),
        ));
        spans.push(paint::span(look, Role::Text, change_state(run)));
        let elapsed = figures::span(model.now.duration_since(run.started));
        spans.push(paint::span(look, Role::Dim, format!("  {elapsed}")));
        return spans;
    }
    if let Some(run) = model.bulk.as_ref().filter(|run| run.is_running() && !answered) {
        spans.push(paint::spinner(model));
        spans.push(paint::span(look, Role::Strong, format!(" {}  ", run.what())));
        spans.push(paint::span(look, Role::Text, run.counts().words()));
        let elapsed = figures::span(model.now.duration_since(run.started));
        spans.push(paint::span(look, Role::Dim, format!("  {elapsed}")));
        return spans;
    }
    if let Some(run) = model.moving.as_ref().filter(|run| run.is_running() && !answered) {
        spans.extend(moving(model, run));
        return spans;
    }
    if let Some(notice) = &model.notice {
        let (role, sign) = match notice.kind {
            NoticeKind::Done => (Role::Good, look.symbols.done),
            NoticeKind::Warning => (Role::Warning, look.symbols.warning),
            NoticeKind::Error => (Role::Error, look.symbols.failed),
        };
        spans.push(paint::span(look, role, format!("{sign} ")));
        spans.push(paint::span(
            look,
            if role == Role::Good { Role::Text } else { role },
            notice.text.clone(),
        ));
        if let Some(hint) = &notice.hint {
            spans.push(paint::span(look, Role::Dim, format!("  {hint}")));
        }
        return spans;
    }
    let failures = model.failures();
    // What the open list is missing matters more than what others are.
    let own = model.failure_of(model.page().listing);
    if let Some(first) = own.or_else(|| failures.first().copied()) {
        spans.push(paint::span(look, Role::Error, format!("{} {first}", look.symbols.failed)));
        if failures.len() > 1 {
            spans.push(paint::span(look, Role::Warning, format!("  +{} more", failures.len() - 1)));
        }
        if let Some(hint) = &first.hint {
            spans.push(paint::span(look, Role::Text, format!("  {hint}")));
        }
        if let Some(key) = model.keymap.first(Action::Failures) {
            spans.push(paint::span(look, Role::Key, format!("  {key}")));
            spans.push(paint::span(look, Role::Dim, " why"));
        }
    } else if model.tickets.is_loading() {
        spans.push(paint::spinner(model));
        spans.push(paint::span(look, Role::Dim, format!(" {}", loading(model))));
    }
    spans
}

/// The move that runs, in a line.
fn moving(model: &Model, run: &MoveRun) -> Vec<Span<'static>> {
    let look = &model.look;
    let mut words = vec![format!("{}/{}", run.tally.done(), run.header.customers)];
    words.extend(run.wave.map(|(number, of, _)| format!("wave {number} of {of}")));
    words.extend(run.wish.map(|_| "stopping".to_owned()));
    let mut spans = vec![
        paint::spinner(model),
        paint::span(look, Role::Strong, format!(" moving {}  ", run.what())),
        paint::span(look, Role::Text, words.join("  ")),
    ];
    // Where it is in front it needn't be looked for.
    let key = model.keymap.first(Action::ShowMove).filter(|_| model.overlays.is_empty());
    if let Some(key) = key {
        spans.push(paint::span(look, Role::Key, format!("  {key}")));
        spans.push(paint::span(look, Role::Dim, " shows it"));
        spans.extend(run.gate.as_ref().map(|gate| paint::span(look, Role::Dim, format!("  {gate}"))));
    }
    spans
}

/// What is being read, in words.
fn loading(model: &Model) -> String {
    let connected = model.estate.regions().any(|(_, region)| region.connection.value().is_some());
    if !connected {
        return "connecting".to_owned();
    }
    if let Some(list) = model.tickets.list_being_read() {
        return format!("reading {}", list.words());
    }
    let apis = model.estate.apis();
    let with_stages = apis.iter().filter(|(_, entry)| !entry.stages.is_pending()).count();
    if with_stages < apis.len() {
        format!("reading the stages of {} APIs, {with_stages} read", apis.len())
    } else {
        "reading the estate".to_owned()
    }
}

/// Where a change stands, in words.
pub(super) fn change_state(run: &ChangeRun) -> String {
    match &run.state {
        ChangeState::Checking => "checking account and target".to_owned(),
        ChangeState::Journaled => "journaled".to_owned(),
        ChangeState::Sending => "sending".to_owned(),
        ChangeState::Waiting => {
            let seen = run.seen.as_deref().unwrap_or("not seen yet");
            format!("sent, {seen}")
        }
        ChangeState::Ended { outcome, .. } => match outcome {
            Outcome::Applied => "done".to_owned(),
            Outcome::NotApplied { why } => format!("not carried out: {why}"),
            Outcome::Partly { why, .. } => format!("partly done: {why}"),
            Outcome::Unknown { why } => format!("fate unknown: {why}"),
        },
        ChangeState::Failed { trouble, .. } => trouble.why.clone(),
    }
}

/// The keys that matter now, as many as fit.
fn hints(model: &Model, width: u16) -> Vec<Span<'static>> {
    let wanted: &[(Action, &str)] = match model.overlays.last() {
        None if model.page().screen() == Screen::Customers => &[
            (Action::Open, "open"),
            (Action::Filter, "look up"),
            (Action::NextPart, "next"),
            (Action::Actions, "actions"),
            (Action::Help, "help"),
            (Action::Palette, "palette"),
            (Action::Back, "back"),
            (Action::Quit, "quit"),
            (Action::Sort, "sort"),
            (Action::Detail, "detail"),
            (Action::Mark, "mark"),
            (Action::Copy, "copy"),
            (Action::Refresh, "refresh"),
        ],
        None if has_parts(model) => &[
            (Action::Open, "open"),
            (Action::NextPart, "next"),
            (Action::Filter, "filter"),
            (Action::Actions, "actions"),
            (Action::Help, "help"),
            (Action::Palette, "palette"),
            (Action::Back, "back"),
            (Action::Quit, "quit"),
            (Action::Sort, "sort"),
            (Action::Detail, "detail"),
            (Action::Mark, "mark"),
            (Action::Copy, "copy"),
            (Action::Refresh, "refresh"),
            (Action::Pause, "pause"),
            (Action::Failures, "failures"),
        ],
        None => &[
            (Action::Open, "open"),
            (Action::Filter, "filter"),
            (Action::Sort, "sort"),
            (Action::Actions, "actions"),
            (Action::Help, "help"),
            (Action::Palette, "palette"),
            (Action::Back, "back"),
            (Action::Quit, "quit"),
            (Action::Mark, "mark"),
            (Action::Copy, "copy"),
            (Action::Detail, "detail"),
            (Action::Refresh, "refresh"),
            (Action::Pause, "pause"),
            (Action::Failures, "failures"),
        ],
        Some(Overlay::Filter { .. }) => &[(Action::Open, "keep"), (Action::Back, "clear")],
        Some(Overlay::Leaving) => &[(Action::Confirm, "pause and leave"), (Action::Back, "stay")],
        Some(Overlay::MoveProgress { .. }) if model.moving.as_ref().is_some_and(MoveRun::is_running) => &[
            (Action::PauseMove, "pause"),
            (Action::AbortMove, "give up"),
            (Action::Back, "close, it goes on"),
        ],
        Some(Overlay::Plan(_) | Overlay::BulkPlan(_) | Overlay::MovePlan(_)) => {
            &[(Action::Back, "drop the plan")]
        }
        Some(Overlay::LeftConnections(state)) if state.asks() => &[(Action::Back, "close")],
        Some(Overlay::Palette(_)) => {
            &[(Action::Open, "run"), (Action::NextScreen, "complete"), (Action::Back, "close")]
        }
        Some(Overlay::Sort(_) | Overlay::Actions { .. }) => {
            &[(Action::Open, "choose"), (Action::Back, "close")]
        }
        Some(Overlay::Arming(_)) => &[(Action::Open, "allow"), (Action::Back, "stay read-only")],
        Some(Overlay::Lookup(_)) => &[(Action::Open, "look up"), (Action::Back, "drop")],
        Some(Overlay::Form(_)) => {
            &[(Action::Open, "go on"), (Action::NextScreen, "next"), (Action::Back, "drop")]
        }
        Some(Overlay::Planning { .. }) => &[(Action::Back, "call it off")],
        Some(Overlay::Progress) if model.change.as_ref().is_some_and(ChangeRun::is_running) => {
            &[(Action::Back, "close, it goes on")]
        }
        Some(Overlay::BulkProgress { .. })
            if model.bulk.as_ref().is_some_and(|run| run.is_running() && !run.stopping) =>
        {
            &[(Action::Back, "stop before the next target"), (Action::Open, "close, it goes on")]
        }
        Some(_) if geometry::scroll_limit(model) > 0 => &[(Action::Down, "scroll"), (Action::Back, "close")],
        Some(_) => &[(Action::Back, "close")],
    };
    let mut spans = vec![Span::raw(" ")];
    for (action, what) in wanted {
        if *action == Action::Back && model.overlays.is_empty() && !has_way_back(model) {
            continue;
        }
        let Some(key) = model.keymap.first(*action) else { continue };
        let piece = paint::hint(&model.look, &key.to_string(), what);
        if width_of(&spans) + width_of(&piece) > width + 2 {
            break;
        }
        spans.extend(piece);
    }
    spans
}

/// The open screen has several lists.
fn has_parts(model: &Model) -> bool {
    model.page().screen().listings().len() > 1
}

fn has_way_back(model: &Model) -> bool {
    model.pages.can_go_back() || !model.page().table.filter.is_empty()
}
