//! A move on its way: how far it has come, how fast, what it waits for; and what comes next once it has ended.

use ratatui::text::{Line, Span};

use super::overlay::{self, Sheet};
use super::{figures, fit, move_detail, paint};
use crate::domain::change::Outcome;
use crate::ops::moves::{Ended, Wish};
use crate::tui::action::Action;
use crate::tui::event::MoveEnd;
use crate::tui::model::{Model, MoveRun, MoveWork};
use crate::tui::theme::Role;

pub fn sheet(model: &Model, scroll: usize, room: u16) -> Sheet {
    let look = &model.look;
    let width = room.min(84);
    let Some(run) = model.moving.as_ref() else {
        let text = "No move was begun from this console.";
        return Sheet::new("The move", width.min(40), vec![paint::line(look, Role::Text, text)]);
    };
    let mut target = vec![paint::span(look, Role::Strong, run.what())];
    target.push(paint::span(look, Role::Dim, format!("  {}", run.header.region)));
    let mut lines = vec![paint::field(look, "moves", target)];
    if let Some(id) = &run.id {
        lines.push(paint::text_field(look, "move", id.to_string()));
    }
    lines.push(Line::default());
    lines.extend(self::lines(model, run, width));
    lines.push(Line::default());
    lines.extend(result(model, run, width));
    let lines = fit::lines(lines, width, look.symbols.ellipsis);
    let title = match (&run.end, run.work) {
        (None, MoveWork::GivingUp) => "Giving up: move customers",
        (None, _) => "Running: move customers",
        (Some(_), _) if run.is_paused() => "Paused: move customers",
        (Some(_), _) => "Ended: move customers",
    };
    let mut footer = vec![Line::default()];
    footer.push(hints(model, run));
    Sheet { frame: Some(Role::Operate), scroll, footer, ..Sheet::new(title, width, lines) }
}

/// How far it is: bar, figures, wave, gate, throttling, exceptions.
pub fn lines(model: &Model, run: &MoveRun, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut lines = vec![bar(model, run, width)];
    let mut words = vec![format!(
        "{} of {} customers",
        figures::count(u64::from(run.tally.done())),
        figures::count(u64::from(run.header.customers))
    )];
    if run.is_running() {
        words.extend(run.per_second.map(|pace| format!("{}/s", figures::rate(pace))));
        let gates = if run.header.gate.is_some() { ", gates not counted" } else { "" };
        let left = run.left().filter(|left| !left.is_zero());
        words.extend(left.map(|left| format!("{} left{gates}", figures::span(left))));
    }
    lines.push(paint::text_field(look, "done", words.join(", ")));
    if let Some((number, of, customers)) = run.wave.filter(|_| run.is_running()) {
        let who = if customers == 1 { "customer" } else { "customers" };
        let text = format!("{number} of {of}: {} {who}", figures::count(u64::from(customers)));
        lines.push(paint::text_field(look, "wave", text));
    }
    if let Some(hook) = &run.hook {
        lines.extend(paint::wrapped_field(look, "command", Role::Text, hook, width));
    }
    if let Some(gate) = &run.gate {
        lines.extend(paint::wrapped_field(look, "gate", Role::Text, gate, width));
    }
    if let Some(pace) = run.slowed.filter(|_| run.is_running()) {
        let text = format!("DynamoDB throttles: down to {} customers a second", figures::rate(pace));
        lines.extend(paint::wrapped_field(look, "slowed", Role::Warning, &text, width));
    }
    let exceptions = crate::domain::moves::outcome::Tally { waiting: 0, ..run.tally };
    if let Some(missed) = move_detail::missed(&exceptions) {
        lines.extend(paint::wrapped_field(look, "not moved", Role::Warning, &missed, width));
    }
    lines
}

/// `████████░░░░░░░░  50%`.
fn bar(model: &Model, run: &MoveRun, width: u16) -> Line<'static> {
    let look = &model.look;
    let room = width.saturating_sub(paint::FIELD_WIDTH + 6).min(60);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the columns of a screen"
    )]
    let full = (f64::from(room) * run.share()).floor() as u16;
    let (done, rest) = look.symbols.progress;
    // A hundred means all of them.
    let percent = (run.share() * 100.0).floor();
    paint::field(
        look,
        "",
        vec![
            paint::span(look, Role::Accent, done.repeat(usize::from(full))),
            paint::span(look, Role::Dim, rest.repeat(usize::from(room - full))),
            paint::span(look, Role::Strong, format!(" {percent:>3}%")),
        ],
    )
}

fn result(model: &Model, run: &MoveRun, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let until = run.end.as_ref().map_or(model.now, |end| end.at);
    let took = figures::span(until.duration_since(run.started));
    let said = |role: Role, text: String| overlay::paragraph(model, role, &text, width);
    let Some(end) = &run.end else {
        let text = match run.wish {
            Some(Wish::Pause) => format!("{took} so far; pausing once what was sent is answered"),
            Some(Wish::Abort) => format!("{took} so far; giving up once what was sent is answered"),
            None if run.id.is_none() => format!("{took} so far; checking account and cells"),
            None => format!("{took} so far"),
        };
        return vec![Line::from(vec![
            paint::spinner(model),
            Span::raw(" "),
            paint::span(look, Role::Dim, text),
        ])];
    };
    match &end.outcome {
        Err(trouble) => {
            let mut lines = said(Role::Error, format!("{} not moved: {}", look.symbols.failed, trouble.why));
            lines.extend(trouble.hint.iter().flat_map(|hint| said(Role::Text, hint.clone())));
            lines
        }
        Ok(MoveEnd { ended: Ended::Paused { why }, .. }) => {
            let mut lines =
                said(Role::Warning, format!("{} paused after {took}: {why}", look.symbols.warning));
            lines.extend(aftermath(model, run, width));
            lines
        }
        Ok(end @ MoveEnd { ended: Ended::Ended(outcome), .. }) => {
            let mut lines = match outcome {
                _ if run.work == MoveWork::GivingUp => said(
                    Role::Warning,
                    format!("{} given up: {} were moved, and stay", look.symbols.warning, run.tally.moved),
                ),
                Outcome::Applied => said(Role::Good, format!("{} done in {took}", look.symbols.done)),
                other => {
                    let why = other.why().unwrap_or_default();
                    said(Role::Error, format!("{} {}: {why}", look.symbols.failed, other.word()))
                }
            };
            lines.extend(move_detail::exceptions(model, &end.exceptions, &end.tally, width));
            lines.extend(aftermath(model, run, width));
            lines
        }
    }
}

/// What is left to see to, in the words of every face.
fn aftermath(model: &Model, run: &MoveRun, width: u16) -> Vec<Line<'static>> {
    let words = run.aftermath(model.region_now()).map(|after| after.words()).unwrap_or_default();
    let lines = words
        .iter()
        .flat_map(|(topic, words)| paint::wrapped_field(&model.look, topic.word(), Role::Text, words, width));
    let lines: Vec<Line<'static>> = lines.collect();
    if lines.is_empty() { lines } else { std::iter::once(Line::default()).chain(lines).collect() }
}

/// What can be done now.
fn hints(model: &Model, run: &MoveRun) -> Line<'static> {
    let key = |action: Action| model.keymap.first(action).map(|key| key.to_string()).unwrap_or_default();
    let hint = |action: Action, what: &str| paint::hint(&model.look, &key(action), what);
    let mut spans = Vec::new();
    if run.is_running() {
        if run.wish.is_none() {
            spans.extend(hint(Action::PauseMove, "pause"));
            spans.extend(hint(Action::AbortMove, "give up"));
        }
        spans.extend(hint(Action::Back, "close, it goes on"));
    } else {
        if run.is_paused() {
            spans.extend(hint(Action::ResumeMove, "resume"));
            spans.extend(hint(Action::AbortMove, "give up"));
        }
        if run.tally.moved > 0 && !run.is_paused() {
            spans.extend(hint(Action::UndoMove, "undo"));
        }
        let after = run.aftermath(model.region_now());
        if after.as_ref().is_some_and(|after| after.keeps_connections) {
            spans.extend(hint(Action::LeftConnections, "connections"));
        }
        if after.is_some_and(|after| after.outdated.is_some() && after.router_stage.is_some()) {
            spans.extend(hint(Action::FlushRouter, "flush the router"));
        }
        spans.extend(hint(Action::Back, "close"));
    }
    Line::from(spans)
}

/// Whether to pause the move, and leave.
pub fn leaving(model: &Model) -> Sheet {
    let look = &model.look;
    let what = model.moving.as_ref().map(MoveRun::what).unwrap_or_default();
    let width = 64.min(model.size.width.saturating_sub(8));
    let text = format!(
        "A move of {what} is running. Leaving pauses it once what was sent is answered; its pause is in the journal, and it can be resumed from any console."
    );
    let mut lines = overlay::paragraph(model, Role::Text, &text, width);
    lines.push(Line::default());
    let key = |action: Action| model.keymap.first(action).map(|key| key.to_string()).unwrap_or_default();
    lines.push(Line::from(vec![
        paint::span(look, Role::Strong, "Pause it and leave?   "),
        paint::span(look, Role::Key, key(Action::Confirm)),
        paint::span(look, Role::Text, " yes   "),
        paint::span(look, Role::Key, key(Action::Decline)),
        paint::span(look, Role::Text, " no, stay"),
    ]));
    Sheet { frame: Some(Role::Operate), ..Sheet::new("Leave", width, lines) }
}
