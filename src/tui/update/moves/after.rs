//! What is left to see to after a move that ran here: the flush of the router's cache.

use crate::domain::estate::Estate;
use crate::domain::moves::aftermath::{Aftermath, keeps_connections};
use crate::ops::moves::Ended;
use crate::tui::effect::Effect;
use crate::tui::event::MoveEnd;
use crate::tui::model::{Model, MoveRun, NoticeKind, Settings, StageKey};
use crate::tui::update::{change, palette};

/// What there is to see to after `run`; nothing where nobody was moved.
pub(super) fn of(run: &MoveRun, end: &MoveEnd, estate: &Estate, settings: &Settings) -> Option<Aftermath> {
    (end.tally.moved > 0).then(|| Aftermath {
        id: end.id.clone(),
        outdated: end.outdated,
        router_stage: settings.router_stage.clone(),
        keeps_connections: keeps_connections(&run.header, estate, &settings.cells),
        can_be_undone: run.header.undoes.is_none() && matches!(end.ended, Ended::Ended(_)),
    })
}

/// Plans to flush the cache of the router's stage.
pub(in crate::tui::update) fn flush_router(model: &mut Model) -> Vec<Effect> {
    match router(model) {
        Ok(stage) => change::flush(model, &stage),
        Err(why) => {
            model.say(NoticeKind::Warning, why);
            Vec::new()
        }
    }
}

/// A stage's cache is empty now: where it is the router's, nothing of before the move is kept any more.
pub(in crate::tui::update) fn note_flush(model: &mut Model, flushed: &StageKey) {
    if router(model).is_ok_and(|stage| stage == *flushed)
        && let Some(run) = model.moving.as_mut()
        && let Some(after) = run.end.as_mut().and_then(|end| end.after.as_mut())
    {
        after.outdated = None;
    }
}

fn router(model: &Model) -> Result<StageKey, String> {
    let Some(stage) = &model.settings.router_stage else {
        return Err("which stage the router is isn't configured: set router.api and router.stage".to_owned());
    };
    palette::stage_of(model, stage)
}
