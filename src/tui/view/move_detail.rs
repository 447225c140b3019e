//! How a move stands, as the journal tells it: how many were moved, who wasn't, and why it paused.

use ratatui::text::Line;

use super::{detail, figures, move_plan, move_progress, paint};
use crate::domain::moves::outcome::Tally;
use crate::tui::model::{Model, MoveStanding};
use crate::tui::rows::ChangeRow;
use crate::tui::theme::Role;

/// Customers who were not moved that are named; the rest is counted.
const NAMED: usize = 10;

/// All that is known of the move behind a row; nothing where the row is none.
pub fn lines(model: &Model, row: &ChangeRow, width: u16) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if let Some(run) =
        model.moving.as_ref().filter(|run| row.running && run.id.as_ref() == Some(&row.change.id))
    {
        lines.extend(move_progress::lines(model, run, width));
        return lines;
    }
    let Some(standing) = &row.standing else { return lines };
    lines.extend(stands(model, standing, width));
    lines.extend(move_plan::how(model, &standing.header, width));
    lines
}

/// Who was moved, and who wasn't.
pub fn stands(model: &Model, standing: &MoveStanding, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let moved = format!(
        "{} of {}",
        figures::count(u64::from(standing.tally.moved)),
        figures::count(u64::from(standing.header.customers))
    );
    let mut lines = vec![paint::text_field(look, "moved", moved)];
    if let Some(missed) = missed(&standing.tally) {
        lines.extend(paint::wrapped_field(look, "others", Role::Warning, &missed, width));
    }
    if let Some(why) = standing.paused.as_ref().filter(|_| !standing.has_ended()) {
        lines.extend(paint::wrapped_field(look, "paused", Role::Warning, why, width));
    }
    lines.extend(exceptions(model, &standing.exceptions, &standing.tally, width));
    lines
}

/// Those who were not moved, in words; none where there are none.
pub fn missed(tally: &Tally) -> Option<String> {
    let counts = [
        (tally.already_there, "there already"),
        (tally.moved_meanwhile, "moved meanwhile by others"),
        (tally.vanished, "without a mapping any more"),
        (tally.failed, "refused by DynamoDB"),
        (tally.in_doubt, "in doubt"),
        (tally.waiting, "not sent"),
    ];
    let words = counts.iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> =
        words.map(|(count, what)| format!("{} {what}", figures::count(u64::from(*count)))).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// The customers who were not moved, by name.
pub fn exceptions(
    model: &Model,
    exceptions: &[(String, String)],
    tally: &Tally,
    width: u16,
) -> Vec<Line<'static>> {
    let look = &model.look;
    let all = tally.already_there + tally.moved_meanwhile + tally.vanished + tally.failed;
    let mut lines = Vec::new();
    if exceptions.is_empty() {
        return lines;
    }
    lines.push(detail::heading(model, "not moved", &figures::count(u64::from(all))));
    for (customer, why) in exceptions.iter().take(NAMED) {
        let customer = crate::domain::text::sanitise(customer);
        lines.push(paint::line(look, Role::Text, format!("  {customer}: {why}")));
    }
    let more = usize::try_from(all).unwrap_or(usize::MAX).saturating_sub(exceptions.len().min(NAMED));
    if more > 0 {
        let text = format!("  and {more} more: `cellgate moves show --report FILE` has all of them");
        lines.push(paint::line(look, Role::Dim, text));
    }
    super::fit::lines(lines, width, look.symbols.ellipsis)
}
