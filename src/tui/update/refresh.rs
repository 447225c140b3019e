//! When what is read: what is on screen first, once a minute at most, and little while nobody looks.

mod lists;

pub(super) use self::lists::after_change;

use jiff::SignedDuration;

use super::{customers, journal, selection};
use crate::domain::api::ApiFamily;
use crate::domain::estate::{RegionEstate, RegionSlot};
use crate::domain::id::ApiId;
use crate::domain::signal::floor_to_minute;
use crate::tui::effect::Effect;
use crate::tui::event::ReplySlot;
use crate::tui::model::{Listing, Model, NoticeKind, StageKey};
use crate::tui::rows::RowKey;

/// Between two attempts to log in, where the last failed of something that may pass.
const RECONNECT_SECONDS: i64 = 15;
/// The parts of an API that someone looks at are at most this old.
const LOOKED_AT_SECONDS: i64 = 60;
/// A stage's traffic while its flush is followed.
const FOLLOWED_SECONDS: i64 = 15;
/// CloudWatch has most of a minute's points a few seconds after it ended at the earliest.
const AFTER_THE_MINUTE_SECONDS: i64 = 5;
/// The cursor must have rested this long before what it stands on is read.
const REST: SignedDuration = SignedDuration::from_millis(300);

/// Starts whatever is due.
pub(super) fn due(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    for slot in (0..model.regions.len()).map(RegionSlot) {
        connect_if_due(model, slot, &mut effects);
        if model.schedule.paused || !is_connected(model, slot) {
            continue;
        }
        if !model.is_idle() {
            inventory_if_due(model, slot, &mut effects);
            lists::due(model, slot, &mut effects);
            customers::due(model, slot, &mut effects);
        }
        signals_if_due(model, slot, &mut effects);
    }
    if !model.schedule.paused {
        if !model.is_idle() {
            effects.extend(journal::due(model));
        }
        if !model.is_idle() && model.now.duration_since(model.last_input) >= REST {
            looked_at_if_due(model, &mut effects);
        }
        followed_if_due(model, &mut effects);
    }
    effects
}

/// Starts all that isn't running already, due or not.
pub(super) fn now(model: &mut Model) -> Vec<Effect> {
    model.schedule.everything_is_due();
    if model.page().listing == Listing::Customers {
        customers::forget(model);
    }
    for slot in (0..model.regions.len()).map(RegionSlot) {
        if !is_connected(model, slot) {
            model.schedule.connected[slot.0] = None;
        }
    }
    model.say(NoticeKind::Done, "reading again");
    let paused = std::mem::replace(&mut model.schedule.paused, false);
    let effects = due(model);
    model.schedule.paused = paused;
    effects
}

pub(super) fn is_connected(model: &Model, slot: RegionSlot) -> bool {
    model.estate.region(slot).is_some_and(|region| region.connection.value().is_some())
}

pub(super) fn older_than(model: &Model, started: Option<jiff::Timestamp>, seconds: i64) -> bool {
    started.is_none_or(|started| model.now.duration_since(started).as_secs() >= seconds)
}

fn connect_if_due(model: &mut Model, slot: RegionSlot, effects: &mut Vec<Effect>) {
    let task = ReplySlot::Connection(slot);
    if is_connected(model, slot) || model.tickets.is_running(&task) {
        return;
    }
    let failure = model.estate.region(slot).and_then(|region| region.connection.failure());
    let again = failure.is_none_or(|failure| failure.kind.may_pass());
    let started = model.schedule.connected[slot.0];
    if started.is_none() || (again && !model.schedule.paused && older_than(model, started, RECONNECT_SECONDS))
    {
        model.schedule.connected[slot.0] = Some(model.now);
        effects.push(Effect::Connect { slot, ticket: model.tickets.start(task) });
    }
}

fn inventory_if_due(model: &mut Model, slot: RegionSlot, effects: &mut Vec<Effect>) {
    let task = ReplySlot::Inventory(slot);
    let started = model.schedule.inventory[slot.0];
    if !model.tickets.is_running(&task) && older_than(model, started, model.settings.inventory_seconds) {
        model.schedule.inventory[slot.0] = Some(model.now);
        effects.push(Effect::ReadInventory { slot, ticket: model.tickets.start(task) });
    }
}

fn signals_if_due(model: &mut Model, slot: RegionSlot, effects: &mut Vec<Effect>) {
    let task = ReplySlot::Signals(slot);
    let Some(region) = model.estate.region(slot) else { return };
    let known = known_sources(region);
    if model.tickets.is_running(&task) || !is_listed(region) || known == 0 {
        return;
    }
    let new_sources = known != model.schedule.signals_covered[slot.0]
        && !model.tickets.is_running(&ReplySlot::Inventory(slot));
    let due = match model.schedule.signals[slot.0] {
        None => true,
        Some(_) if new_sources => true,
        Some(started) => {
            let seconds = model.settings.signals_seconds + AFTER_THE_MINUTE_SECONDS;
            model.now >= floor_to_minute(started) + SignedDuration::from_secs(seconds)
        }
    };
    if due {
        model.schedule.signals[slot.0] = Some(model.now);
        model.schedule.signals_covered[slot.0] = known;
        effects.push(Effect::ReadSignals { slot, ticket: model.tickets.start(task) });
    }
}

/// APIs and cells that have series to ask for.
fn known_sources(region: &RegionEstate) -> usize {
    region.apis.len() + region.metric_cells.value().map_or(0, std::collections::BTreeSet::len)
}

/// Both lists of APIs have been tried.
fn is_listed(region: &RegionEstate) -> bool {
    [ApiFamily::V1, ApiFamily::V2]
        .iter()
        .all(|family| region.listings.get(family).is_some_and(|part| !part.is_pending()))
}

fn looked_at_if_due(model: &mut Model, effects: &mut Vec<Effect>) {
    let (slot, api) = match &model.page().table.selected {
        Some(RowKey::Api(slot, api) | RowKey::Stage(slot, api, _) | RowKey::Throttle(slot, api, _)) => {
            (*slot, api.clone())
        }
        _ => return,
    };
    api_if_due(model, slot, &api, effects);
    if let Some(stage) = selection::stage(model) {
        traffic_if_due(model, &stage, LOOKED_AT_SECONDS, effects);
    }
}

fn api_if_due(model: &mut Model, slot: RegionSlot, api: &ApiId, effects: &mut Vec<Effect>) {
    let key = (slot, api.clone());
    let task = ReplySlot::Api(slot, api.clone());
    if model.tickets.is_running(&task)
        || !older_than(model, model.schedule.apis.get(&key).copied(), LOOKED_AT_SECONDS)
    {
        return;
    }
    model.schedule.apis.insert(key, model.now);
    effects.push(Effect::ReadApi { slot, api: api.clone(), ticket: model.tickets.start(task) });
}

fn traffic_if_due(model: &mut Model, stage: &StageKey, seconds: i64, effects: &mut Vec<Effect>) {
    let task = ReplySlot::Traffic(stage.clone());
    if model.tickets.is_running(&task)
        || !older_than(model, model.schedule.traffic.get(stage).copied(), seconds)
        || !is_connected(model, stage.slot)
    {
        return;
    }
    model.schedule.traffic.insert(stage.clone(), model.now);
    effects.push(Effect::ReadTraffic { stage: stage.clone(), ticket: model.tickets.start(task) });
}

fn followed_if_due(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((stage, until)) = model.schedule.followed.clone() else { return };
    if model.now > until {
        model.schedule.followed = None;
        return;
    }
    traffic_if_due(model, &stage, FOLLOWED_SECONDS, effects);
}
