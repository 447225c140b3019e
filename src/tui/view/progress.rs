//! A change on its way: the steps behind it, the one it is at, and what became of it.

use ratatui::text::{Line, Span};

use super::overlay::{self, Sheet};
use super::{figures, footer, paint};
use crate::domain::change::Outcome;
use crate::tui::model::{ChangeRun, ChangeState, Model};
use crate::tui::theme::Role;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Ahead,
    Now,
    Behind,
    Failed,
}

pub fn sheet(model: &Model, room: u16) -> Option<Sheet> {
    let run = model.change.as_ref()?;
    let width = room.min(84);
    let look = &model.look;
    let mut lines = vec![paint::field(
        look,
        "target",
        vec![
            paint::span(look, Role::Strong, run.plan.target.to_string()),
            paint::span(look, Role::Dim, format!("  {}", run.plan.region)),
        ],
    )];
    lines.push(Line::default());
    lines.extend(steps(model, run));
    lines.push(Line::default());
    lines.extend(result(model, run, width));
    let title = if run.is_running() { "Running: " } else { "Ended: " };
    let title = format!("{title}{}", run.plan.lever.title());
    Some(Sheet { frame: Some(Role::Operate), ..Sheet::new(title, width, lines) })
}

/// How many steps are behind.
fn place(run: &ChangeRun) -> usize {
    match &run.state {
        ChangeState::Checking => 0,
        ChangeState::Journaled | ChangeState::Sending => 2,
        ChangeState::Waiting => 3,
        ChangeState::Ended { .. } => 4,
        ChangeState::Failed { .. } => match (&run.change, &run.sent) {
            (None, _) => 0,
            (Some(_), None) => 2,
            (Some(_), Some(_)) => 3,
        },
    }
}

pub(super) fn steps(model: &Model, run: &ChangeRun) -> Vec<Line<'static>> {
    let here = place(run);
    let failed = matches!(run.state, ChangeState::Failed { .. });
    let journaled = run.change.as_ref().map_or_else(String::new, |change| format!("  {change}"));
    let sent = run.sent.as_ref().map_or_else(String::new, |request| format!("  {request}"));
    let applied = matches!(run.state, ChangeState::Ended { outcome: Outcome::Applied, .. });
    let seen = run.seen.as_ref().filter(|_| !applied).map_or_else(String::new, |seen| format!("  {seen}"));
    let unsure = matches!(&run.state, ChangeState::Ended { outcome, .. } if *outcome != Outcome::Applied);
    [
        ("check account and target", String::new()),
        ("write the intent to the journal", journaled),
        ("send", sent),
        ("see it take effect", seen),
    ]
    .into_iter()
    .enumerate()
    .map(|(place, (name, more))| {
        let state = if place < here && !(unsure && place == 3) {
            Step::Behind
        } else if place == here && failed || unsure && place == 3 {
            Step::Failed
        } else if place == here {
            Step::Now
        } else {
            Step::Ahead
        };
        step(model, state, name, more)
    })
    .collect()
}

fn step(model: &Model, state: Step, name: &str, more: String) -> Line<'static> {
    let look = &model.look;
    let (sign, role) = match state {
        Step::Ahead => (paint::span(look, Role::Dim, look.symbols.pending), Role::Dim),
        Step::Now => (paint::spinner(model), Role::Strong),
        Step::Behind => (paint::span(look, Role::Good, look.symbols.done), Role::Text),
        Step::Failed => (paint::span(look, Role::Error, look.symbols.failed), Role::Error),
    };
    Line::from(vec![
        sign,
        Span::raw(" "),
        paint::span(look, role, name.to_owned()),
        paint::span(look, Role::Dim, more),
    ])
}

fn result(model: &Model, run: &ChangeRun, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let elapsed = run.ended().unwrap_or(model.now).duration_since(run.started);
    let took = figures::span(elapsed);
    match &run.state {
        ChangeState::Ended { unrecorded: Some(why), outcome, request_ids, .. } => {
            let became = match outcome {
                Outcome::Applied => "sent and done".to_owned(),
                Outcome::NotApplied { .. } | Outcome::Partly { .. } => footer::change_state(run),
                Outcome::Unknown { why } => format!("sent, fate unknown: {why}"),
            };
            let text = format!("{} {became}", look.symbols.failed);
            let mut lines = overlay::paragraph(model, Role::Error, &text, width);
            let text = format!("{} BUT NOT RECORDED: {why}", look.symbols.failed);
            lines.extend(overlay::paragraph(model, Role::Error, &text, width));
            lines.extend(requests(model, request_ids));
            lines
        }
        ChangeState::Ended { outcome: Outcome::Applied, request_ids, .. } => {
            let mut lines = vec![paint::line(
                look,
                Role::Good,
                format!("{} done in {took}; figures follow in a minute or two", look.symbols.done),
            )];
            lines.extend(requests(model, request_ids));
            lines
        }
        ChangeState::Ended { .. } | ChangeState::Failed { .. } => {
            let text = format!("{} {}", look.symbols.failed, footer::change_state(run));
            let mut lines = overlay::paragraph(model, Role::Error, &text, width);
            if let ChangeState::Failed { trouble, .. } = &run.state
                && let Some(hint) = &trouble.hint
            {
                lines.extend(overlay::paragraph(model, Role::Text, hint, width));
            }
            lines
        }
        _ => {
            vec![paint::line(look, Role::Dim, format!("{took} so far; esc closes this, the change goes on"))]
        }
    }
}

fn requests<'text>(
    model: &'text Model,
    request_ids: &'text [String],
) -> impl Iterator<Item = Line<'static>> + 'text {
    request_ids.iter().map(|request| paint::line(&model.look, Role::Dim, format!("request {request}")))
}
