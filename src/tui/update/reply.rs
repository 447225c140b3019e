//! What tasks send back. Old replies are dropped here, and nowhere else.

use jiff::SignedDuration;

use super::{bulk, change, customers, journal, left_connections, moves, remedy};
use crate::domain::inventory::{News, Update};
use crate::tui::effect::Effect;
use crate::tui::event::{Reply, ReplyBody, ReplySlot};
use crate::tui::model::Model;

/// Stages whose traffic is kept in memory beyond the one that is looked at.
const TRAFFIC_KEPT: usize = 32;

pub(super) fn take(model: &mut Model, reply: Reply) -> Vec<Effect> {
    if !model.tickets.is_current(&reply.slot, reply.ticket) {
        return Vec::new();
    }
    let slot = reply.slot;
    let goes_on = matches!(
        reply.body,
        ReplyBody::News(_)
            | ReplyBody::Step(_)
            | ReplyBody::BulkStep(_)
            | ReplyBody::MoveStep(_)
            | ReplyBody::ConnectionsSeen(_)
    );
    if !goes_on {
        model.tickets.end(&slot);
    }
    match (reply.body, slot) {
        (ReplyBody::Connected(outcome), ReplySlot::Connection(region)) => {
            let connected = outcome.as_ref().ok().map(|connected| connected.key.account.to_string());
            model.estate.apply(Update { slot: region, at: model.now, news: News::Connected(outcome) });
            model.data_changed();
            // A team's journal can be read now.
            model.schedule.journal = None;
            return connected.map_or_else(Vec::new, |account| change::arm_at_start(model, region, account));
        }
        (ReplyBody::Armed(outcome), ReplySlot::Arming(region)) => {
            return change::armed(model, region, outcome);
        }
        (ReplyBody::News(update), _) => {
            model.estate.apply(update);
            model.data_changed();
        }
        (ReplyBody::Signals(outcome), ReplySlot::Signals(region)) => {
            if let Some(part) = model.signals.get_mut(region.0) {
                part.take(outcome.map(|signals| *signals), model.now);
            }
            model.data_changed();
        }
        (ReplyBody::Traffic(outcome), ReplySlot::Traffic(stage)) => {
            model.traffic.entry(stage.clone()).or_default().take(outcome, model.now);
            forget_old_traffic(model);
            model.data_changed();
        }
        (ReplyBody::Planned(outcome), _) => change::planned(model, outcome),
        (ReplyBody::Examined(outcome), _) => remedy::examined(model, outcome),
        (ReplyBody::Step(step), _) => {
            if let Some(run) = model.change.as_mut() {
                let was_sent = run.seen.is_some();
                run.take(step);
                if !was_sent
                    && run.seen.is_some()
                    && let Some(stage) = run.stage()
                {
                    // So that the table shows it, too.
                    model.schedule.apis.remove(&(stage.slot, stage.api));
                }
                // The change that runs is a row, too.
                model.data_changed();
            }
        }
        (ReplyBody::BulkPlanned(outcome), _) => bulk::planned(model, outcome),
        (ReplyBody::BulkStep(progress), _) => return bulk::step(model, progress),
        (ReplyBody::BulkEnded(outcome), _) => return bulk::ended(model, outcome),
        (ReplyBody::MovePlanned(outcome), _) => moves::planned(model, outcome),
        (ReplyBody::MoveStep(progress), _) => return moves::step(model, progress),
        (ReplyBody::MoveEnded(outcome), _) => return moves::ended(model, outcome),
        (ReplyBody::MoveWished(outcome), _) => return moves::wished(model, outcome),
        (ReplyBody::ConnectionsWeighed(outcome), _) => left_connections::weighed(model, outcome),
        (ReplyBody::ConnectionsSeen(count), _) => left_connections::seen(model, count),
        (ReplyBody::ConnectionsFound(outcome), _) => left_connections::found(model, outcome),
        (ReplyBody::Applied(outcome), _) => return change::applied(model, outcome),
        (ReplyBody::Journal(outcome), _) => journal::take(model, outcome),
        (ReplyBody::LookedUp(found), _) => customers::found(model, found),
        (ReplyBody::Customers(outcome), _) => customers::take_page(model, outcome),
        (ReplyBody::KeptCount(outcome), _) => {
            model.customers.kept.take(outcome, model.now);
            model.data_changed();
        }
        // The news has said it all; a body in another's slot says nothing.
        (
            ReplyBody::InventoryRead
            | ReplyBody::Connected(_)
            | ReplyBody::Armed(_)
            | ReplyBody::Signals(_)
            | ReplyBody::Traffic(_),
            _,
        ) => {}
    }
    Vec::new()
}

fn forget_old_traffic(model: &mut Model) {
    if model.traffic.len() <= TRAFFIC_KEPT {
        return;
    }
    let oldest = model.now - SignedDuration::from_mins(10);
    let times = &model.schedule.traffic;
    model.traffic.retain(|stage, _| times.get(stage).is_some_and(|read| *read >= oldest));
}
