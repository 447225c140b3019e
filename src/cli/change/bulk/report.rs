//! What a bulk came to: a line or JSON on stdout, and the exit code that it means.

use serde::Serialize;

use crate::cli::exit::{CliError, Ending};
use crate::cli::output::{Format, print_json, print_text};
use crate::domain::bulk::{BulkPlan, Counts, LeftOut, PartState, Stop};
use crate::domain::change::{Lever, SettingChange, Target};
use crate::domain::id::{BulkId, ChangeId};
use crate::ops::bulk::{BulkEnd, GuardEnd};

/// What was done, as JSON.
#[derive(Debug, Serialize)]
struct Report<'end> {
    bulk: &'end BulkId,
    lever: Lever,
    /// `applied`, `partly-applied` or `not-applied`: of all targets together.
    outcome: &'static str,
    #[serde(flatten)]
    counts: Counts,
    targets: Vec<TargetReport<'end>>,
    left_out: &'end [LeftOut],
    refused: &'end [LeftOut],
    /// Why it ended before its last target.
    stopped: Option<&'end Stop>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guard: Option<GuardReport<'end>>,
}

#[derive(Debug, Serialize)]
struct TargetReport<'end> {
    target: &'end Target,
    /// `applied`, `not-applied`, `partly-applied`, `unknown`, `refused` or `not-begun`.
    state: &'static str,
    change: Option<&'end ChangeId>,
    why: Option<&'end str>,
    request_ids: &'end [String],
    /// What else is different in the target now.
    unplanned: &'end [SettingChange],
}

#[derive(Debug, Serialize)]
struct GuardReport<'end> {
    condition: &'end str,
    wave: usize,
    verdict: &'static str,
    why: &'end str,
    /// The bulk that took this one back.
    undone_by: Option<&'end BulkId>,
    undone: Option<Counts>,
    not_undone: &'end [String],
}

/// Prints what became of each target.
///
/// # Errors
/// Whatever isn't done whole, with the exit code.
pub fn report(end: &BulkEnd, plan: &BulkPlan, format: Format, interrupted: bool) -> Result<(), CliError> {
    let counts = Counts::of(&end.parts);
    let ended = ending(end, plan, counts, interrupted);
    match format {
        Format::Json => print_json(&Report {
            bulk: &end.bulk,
            lever: plan.lever,
            outcome: outcome(end, counts),
            counts,
            targets: plan
                .parts
                .iter()
                .zip(&end.parts)
                .map(|(part, state)| row(&part.target, state))
                .collect(),
            left_out: &plan.left_out,
            refused: &plan.refused,
            stopped: end.stop.as_ref(),
            guard: end.guard.as_ref().map(guard),
        })?,
        Format::Table if ended.is_ok() => {
            print_text(&format!("done: {} of {} ({})", plan.lever.title(), plan.count(), end.bulk))?;
        }
        Format::Table => {}
    }
    ended
}

fn outcome(end: &BulkEnd, counts: Counts) -> &'static str {
    if counts.done == end.parts.len() {
        "applied"
    } else if end.parts.iter().any(PartState::may_have_changed) {
        "partly-applied"
    } else {
        "not-applied"
    }
}

fn row<'end>(target: &'end Target, state: &'end PartState) -> TargetReport<'end> {
    let (request_ids, unplanned): (&[String], &[SettingChange]) = match state {
        PartState::Ended { request_ids, unplanned, .. } => (request_ids, unplanned),
        _ => (&[], &[]),
    };
    let (state, change, why) = (state.word(), state.change(), state.why());
    TargetReport { target, state, change, why, request_ids, unplanned }
}

fn guard(guard: &GuardEnd) -> GuardReport<'_> {
    let undone = guard.undone.as_ref().and_then(|undone| undone.as_ref().ok());
    GuardReport {
        condition: &guard.condition,
        wave: guard.wave,
        verdict: guard.verdict,
        why: &guard.why,
        undone_by: undone.map(|end| &end.bulk),
        undone: undone.map(|end| Counts::of(&end.parts)),
        not_undone: &guard.not_undone,
    }
}

/// The exit that it means.
fn ending(end: &BulkEnd, plan: &BulkPlan, counts: Counts, interrupted: bool) -> Result<(), CliError> {
    let bulk = &end.bulk;
    let told = format!("{} ({bulk}): {}", plan.count(), counts.words());
    let takes_back = format!("`cellgate undo {bulk}` takes back what was done");
    let changed = end.parts.iter().any(PartState::may_have_changed);
    let hinted = |error: CliError| if changed { error.hint(takes_back.clone()) } else { error };
    if let (Some(Stop::Guard { why }), Some(guard)) = (&end.stop, &end.guard) {
        return Err(of_guard(guard, why, bulk, takes_back));
    }
    if matches!(end.stop, Some(Stop::Operator)) || interrupted && counts.done < end.parts.len() {
        return Err(hinted(CliError::new(Ending::Interrupted, format!("interrupted: {told}"))));
    }
    let failed = plan.parts.iter().zip(&end.parts).find(|(_, state)| !state.is_done());
    let Some((part, state)) = failed else {
        if plan.refused.is_empty() {
            return Ok(());
        }
        let count = plan.refused.len();
        return Err(CliError::new(Ending::Partly, format!("{told}; {count} can't be undone, see the plan")));
    };
    let why = state.why().unwrap_or_default();
    let message = format!("{} {}: {why}; {told}", part.target, state.word());
    if changed {
        let error = CliError::new(Ending::Partly, message).hint(takes_back);
        return Err(match plan.undoes {
            None => error.hint("the same command goes on with the rest"),
            Some(_) => error,
        });
    }
    let ending = match state {
        PartState::Refused { by_rule: true, .. } => Ending::Refused,
        _ => Ending::Failed,
    };
    Err(CliError::new(ending, message))
}

fn of_guard(guard: &GuardEnd, why: &str, bulk: &BulkId, takes_back: String) -> CliError {
    let wave = guard.wave;
    let said = format!("the guard after wave {wave}: {why}");
    match &guard.undone {
        None => CliError::new(Ending::Findings, format!("{said}; what {bulk} did stays")).hint(takes_back),
        Some(Err(cause)) => {
            CliError::new(Ending::Partly, format!("{said}; what {bulk} did stays: {cause}")).hint(takes_back)
        }
        Some(Ok(back)) => {
            let whole = guard.not_undone.is_empty() && back.parts.iter().all(PartState::is_done);
            let counts = Counts::of(&back.parts).words();
            let message = format!("{said}; what {bulk} did was taken back by {}: {counts}", back.bulk);
            if whole {
                return CliError::new(Ending::Findings, message);
            }
            let stays = guard.not_undone.join("; ");
            CliError::new(Ending::Partly, format!("{message}; not taken back: {stays}")).hint(takes_back)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::Outcome;

    fn end(parts: Vec<PartState>) -> BulkEnd {
        BulkEnd { bulk: "bulk-1".into(), parts, stop: None, guard: None }
    }

    fn applied() -> PartState {
        PartState::Ended {
            change: "one".into(),
            outcome: Outcome::Applied,
            request_ids: vec![],
            unplanned: vec![],
            unrecorded: None,
        }
    }

    #[test]
    fn the_outcome_of_all_is_that_of_what_may_have_changed() {
        let refused = || PartState::Refused { why: "locked".to_owned(), by_rule: true };
        let of = |parts: Vec<PartState>| {
            let end = end(parts);
            outcome(&end, Counts::of(&end.parts))
        };
        assert_eq!(of(vec![applied(), applied()]), "applied");
        assert_eq!(of(vec![applied(), refused(), PartState::NotBegun]), "partly-applied");
        assert_eq!(of(vec![refused(), PartState::NotBegun]), "not-applied");
    }
}
