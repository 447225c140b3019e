//! A bulk on its way: every target with where it stands.

use ratatui::text::{Line, Span};

use super::overlay::{self, Sheet};
use super::{figures, fit, paint};
use crate::domain::bulk::{PartState, Stop};
use crate::domain::change::Outcome;
use crate::tui::model::{BulkRun, Model};
use crate::tui::theme::Role;

pub fn sheet(model: &Model, scroll: usize, room: u16) -> Option<Sheet> {
    let run = model.bulk.as_ref()?;
    let look = &model.look;
    let width = room.min(96);
    let bulk = run.bulk.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut head = vec![paint::span(look, Role::Strong, run.counts().words())];
    if let Some((wave, of)) = run.wave.filter(|_| run.is_running()) {
        head.push(paint::span(look, Role::Text, format!("  wave {wave} of {of}")));
    }
    head.push(paint::span(look, Role::Dim, format!("  {bulk}")));
    let mut lines = vec![fit::line(head, width, look.symbols.ellipsis), Line::default()];
    let longest = run.plan.parts.iter().map(|part| fit::width(&part.target.to_string())).max().unwrap_or(0);
    let names = longest.min(width / 2);
    for (part, state) in run.plan.parts.iter().zip(&run.parts) {
        lines.push(target(model, run, &part.target.to_string(), state, (names, width)));
    }
    let mut footer = vec![Line::default()];
    footer.extend(result(model, run, width));
    let title = if run.is_running() { "Running: " } else { "Ended: " };
    let title = format!("{title}{}", run.what());
    Some(Sheet { frame: Some(Role::Operate), fixed: 2, footer, scroll, ..Sheet::new(title, width, lines) })
}

fn target(
    model: &Model,
    run: &BulkRun,
    name: &str,
    state: &PartState,
    (names, width): (u16, u16),
) -> Line<'static> {
    let look = &model.look;
    let (sign, role) = match state {
        PartState::NotBegun => (paint::span(look, Role::Dim, look.symbols.pending), Role::Dim),
        PartState::Running { .. } => (paint::spinner(model), Role::Strong),
        state if state.is_done() => (paint::span(look, Role::Good, look.symbols.done), Role::Text),
        PartState::Ended { outcome: Outcome::Unknown { .. }, .. } => {
            (paint::span(look, Role::Warning, look.symbols.warning), Role::Warning)
        }
        PartState::Ended { .. } | PartState::Refused { .. } => {
            (paint::span(look, Role::Error, look.symbols.failed), Role::Error)
        }
    };
    let word = match state {
        PartState::NotBegun => "not begun".to_owned(),
        PartState::Running { .. } => run.step.clone().unwrap_or_else(|| "running".to_owned()),
        state => state.word().to_owned(),
    };
    let why = state.why().map(|why| format!(": {why}")).unwrap_or_default();
    let spans = vec![
        sign,
        Span::raw(" "),
        paint::span(look, role, fit::pad(name, names, look.symbols.ellipsis)),
        paint::span(look, role, format!("  {word}{why}")),
    ];
    fit::line(spans, width, look.symbols.ellipsis)
}

fn result(model: &Model, run: &BulkRun, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let until = run.end.as_ref().map_or(model.now, |end| end.at);
    let took = figures::span(until.duration_since(run.started));
    let Some(end) = &run.end else {
        let text = if run.stopping {
            format!("{took} so far; the target that runs is the last")
        } else {
            format!("{took} so far; esc stops before the next target, enter closes this")
        };
        return vec![paint::line(look, Role::Dim, text)];
    };
    let failed = |text: String| {
        overlay::paragraph(model, Role::Error, &format!("{} {text}", look.symbols.failed), width)
    };
    match (&end.trouble, &end.stop) {
        (Some(trouble), _) => failed(trouble.why.clone()),
        (None, Some(Stop::Part { .. })) => failed("stopped: the rest was not begun".to_owned()),
        (None, Some(Stop::Operator)) => failed("stopped as you said: the rest was not begun".to_owned()),
        (None, Some(Stop::Guard { why })) => failed(format!("stopped by the guard: {why}")),
        (None, None) if run.counts().failed > 0 => failed("not all of it was done".to_owned()),
        (None, None) => vec![paint::line(look, Role::Good, format!("{} done in {took}", look.symbols.done))],
    }
}
