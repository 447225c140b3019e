//! Lists that are read while they are on screen: API keys and their plans, web ACLs, IP sets.

use super::{REST, older_than};
use crate::domain::change::{Lever, Target};
use crate::domain::estate::RegionSlot;
use crate::domain::id::{ApiKeyId, UsagePlanId};
use crate::domain::usage_plan::UsagePlan;
use crate::tui::effect::Effect;
use crate::tui::event::{List, ReplySlot};
use crate::tui::model::{Listing, Model, Scope};
use crate::tui::rows::RowKey;

/// A key's plans are at most this old while someone looks: asking is a request a key.
const PLANS_OF_KEYS_SECONDS: i64 = 900;
/// What a key used is at most this old while the cursor rests on it.
const USAGE_OF_KEY_SECONDS: i64 = 60;
/// Usage plans whose keys' usage is asked for at once.
const PLANS_AT_ONCE: usize = 12;
/// Keys that are asked at once; where nobody looks any more, the others aren't.
const KEYS_AT_ONCE: usize = 24;
/// Keys that are asked for the sake of the plans' counts. AWS allows 10,000, and a request each.
pub const MOST_KEYS: usize = 500;

/// Starts what the open list is made of, where it is due.
pub(super) fn due(model: &mut Model, slot: RegionSlot, effects: &mut Vec<Effect>) {
    let of_listing: &[List] = match model.page().listing {
        Listing::Plans | Listing::Keys => &[List::ApiKeys],
        Listing::WebAcls | Listing::Rules => &[List::WebAcls],
        // Which rules use a set is told by the web ACLs.
        Listing::IpSets => &[List::IpSets, List::WebAcls],
        Listing::Domains => &[List::Domains],
        Listing::VpcLinks => &[List::VpcLinks],
        Listing::Cells
        | Listing::Apis
        | Listing::Stages
        | Listing::Throttles
        | Listing::Counts
        | Listing::Customers
        | Listing::Changes => &[],
    };
    for list in of_listing {
        list_if_due(model, slot, *list, effects);
    }
    plans_of_keys_if_due(model, slot, effects);
    usage_of_key_if_due(model, slot, effects);
    usage_of_plans_if_due(model, slot, effects);
}

/// Reads again what a change has altered, so that its row shows it.
pub fn after_change(model: &mut Model, slot: RegionSlot, lever: Lever, target: &Target) -> Vec<Effect> {
    let list = match target {
        Target::UsagePlan(_) => List::UsagePlans,
        Target::ApiKey(key) => {
            model.schedule.keys.remove(&(slot, key.id.clone()));
            model.schedule.usage_of_keys.remove(&(slot, key.id.clone()));
            List::ApiKeys
        }
        Target::WebAcl(_) => List::WebAcls,
        Target::IpSet(_) => List::IpSets,
        // What stands before which stage is told by the stages.
        Target::RestStage(stage) if lever == Lever::WebAclAssociation => {
            let api = stage.api.clone();
            model.schedule.apis.insert((slot, api.clone()), model.now);
            let ticket = model.tickets.start(ReplySlot::Api(slot, api.clone()));
            return vec![Effect::ReadApi { slot, api, ticket }];
        }
        Target::RestStage(_)
        | Target::HttpStage(_)
        | Target::WebSocketStage(_)
        | Target::Customers(_)
        | Target::Connections(_)
        | Target::Placement(_) => return Vec::new(),
    };
    model.schedule.lists.insert((slot, list), model.now);
    let ticket = model.tickets.start(ReplySlot::List(slot, list));
    vec![Effect::ReadList { slot, list, ticket }]
}

fn list_if_due(model: &mut Model, slot: RegionSlot, list: List, effects: &mut Vec<Effect>) {
    let task = ReplySlot::List(slot, list);
    let started = model.schedule.lists.get(&(slot, list)).copied();
    if !model.tickets.is_running(&task) && older_than(model, started, model.settings.inventory_seconds) {
        model.schedule.lists.insert((slot, list), model.now);
        effects.push(Effect::ReadList { slot, list, ticket: model.tickets.start(task) });
    }
}

fn plans_of_keys_if_due(model: &mut Model, slot: RegionSlot, effects: &mut Vec<Effect>) {
    let task = ReplySlot::PlansOfKeys(slot);
    if model.tickets.is_running(&task) {
        return;
    }
    let keys = keys_to_ask(model, slot);
    if !keys.is_empty() {
        for key in &keys {
            model.schedule.keys.insert((slot, key.clone()), model.now);
        }
        effects.push(Effect::ReadPlansOfKeys { slot, keys, ticket: model.tickets.start(task) });
    }
}

/// What the key under the cursor used, once it is known of which plans.
fn usage_of_key_if_due(model: &mut Model, slot: RegionSlot, effects: &mut Vec<Effect>) {
    let task = ReplySlot::UsageOfKey(slot);
    let page = model.page();
    let rests = model.now.duration_since(model.last_input) >= REST;
    let key = match &page.table.selected {
        Some(RowKey::Key(of, key)) if page.listing == Listing::Keys && rests && *of == slot => key.clone(),
        _ => return,
    };
    let read = model.schedule.usage_of_keys.get(&(slot, key.clone())).copied();
    if model.tickets.is_running(&task) || !older_than(model, read, USAGE_OF_KEY_SECONDS) {
        return;
    }
    let Some(region) = model.estate.region(slot) else { return };
    let on = region.plans_of_keys.value().and_then(|plans| plans.get(&key));
    let mut plans = region.usage_plans.value().into_iter().flatten();
    if !plans.any(|plan| plan.quota.is_some() && on.is_some_and(|on| on.contains(&plan.id))) {
        return;
    }
    model.schedule.usage_of_keys.insert((slot, key.clone()), model.now);
    effects.push(Effect::ReadUsageOfKey { slot, key, ticket: model.tickets.start(task) });
}

/// What all keys used of the plans with a quota, some plans at a time.
fn usage_of_plans_if_due(model: &mut Model, slot: RegionSlot, effects: &mut Vec<Effect>) {
    let task = ReplySlot::UsageOfPlans(slot);
    if model.page().listing != Listing::Plans || model.tickets.is_running(&task) {
        return;
    }
    let Some(region) = model.estate.region(slot) else { return };
    // Only keys whose ids are known are told apart.
    if region.api_keys.value().is_none() {
        return;
    }
    let limited = region.usage_plans.value().into_iter().flatten().filter(|plan| plan.quota.is_some());
    let is_due = |plan: &&UsagePlan| {
        let read = model.schedule.usage_of_plans.get(&(slot, plan.id.clone())).copied();
        older_than(model, read, model.settings.inventory_seconds)
    };
    let plans: Vec<UsagePlanId> =
        limited.filter(is_due).take(PLANS_AT_ONCE).map(|plan| plan.id.clone()).collect();
    if plans.is_empty() {
        return;
    }
    for plan in &plans {
        model.schedule.usage_of_plans.insert((slot, plan.clone()), model.now);
    }
    effects.push(Effect::ReadUsageOfPlans { slot, plans, ticket: model.tickets.start(task) });
}

/// Plans want to know of all keys, as far as that is polite; a key wants to know of itself.
fn keys_to_ask(model: &Model, slot: RegionSlot) -> Vec<ApiKeyId> {
    let Some(region) = model.estate.region(slot) else { return Vec::new() };
    let is_due = |key: &ApiKeyId| {
        older_than(model, model.schedule.keys.get(&(slot, key.clone())).copied(), PLANS_OF_KEYS_SECONDS)
    };
    let page = model.page();
    let wants_all = match page.listing {
        Listing::Plans => true,
        Listing::Keys => matches!(page.scope, Scope::Plan { .. }),
        _ => return Vec::new(),
    };
    if wants_all {
        // What one was denied, the others are: it is tried again when all of them are due.
        let denied = region.plans_of_keys.failure().is_some();
        let keys = region.api_keys.value().into_iter().flatten().take(MOST_KEYS).map(|key| &key.id);
        if denied && keys.clone().any(|key| !is_due(key)) {
            return Vec::new();
        }
        return keys.filter(|key| is_due(key)).take(KEYS_AT_ONCE).cloned().collect();
    }
    let rests = model.now.duration_since(model.last_input) >= REST;
    match &page.table.selected {
        Some(RowKey::Key(of, key)) if rests && *of == slot && is_due(key) => vec![key.clone()],
        _ => Vec::new(),
    }
}
