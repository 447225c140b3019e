//! Folding seconds into minutes: the same requests, less exact in time.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Group, Slot};

/// Appends a slot, or adds it to the last one if that is of the same minute and deployment.
pub fn append(slots: &mut VecDeque<Slot>, slot: Slot) {
    match slots.back_mut() {
        Some(last) if belong_together(last, &slot) => merge(last, &slot),
        last => {
            if let Some(last) = last {
                last.groups.shrink_to_fit();
            }
            slots.push_back(slot);
        }
    }
}

/// Folds every minute that is over before `before`.
pub fn fold_before(slots: &mut VecDeque<Slot>, before: Timestamp) {
    let before = before.as_second().div_euclid(60);
    let old = slots.partition_point(|slot| minute(slot) < before);
    // Whole minutes were folded the last time: what is left to fold begins behind them.
    let folded = slots.range(..old).take_while(|slot| slot.seconds == 60).count();
    if folded + 1 >= old {
        return;
    }
    let rest = slots.split_off(old);
    let seconds = slots.split_off(folded);
    for slot in seconds {
        append(slots, slot);
    }
    if let Some(last) = slots.back_mut() {
        last.groups.shrink_to_fit();
    }
    slots.extend(rest);
}

fn minute(slot: &Slot) -> i64 {
    slot.start.as_second().div_euclid(60)
}

fn belong_together(one: &Slot, other: &Slot) -> bool {
    minute(one) == minute(other)
        && one.deployment_id == other.deployment_id
        && (Arc::ptr_eq(&one.routes, &other.routes) || one.routes == other.routes)
}

/// Adds the requests of `other`, which comes later in the same minute.
fn merge(slot: &mut Slot, other: &Slot) {
    let (ours, theirs) = (weight(slot), weight(other));
    if ours + theirs > 0.0 {
        let mean = |one: f32, two: f32| (one * ours + two * theirs) / (ours + theirs);
        slot.slowness = mean(slot.slowness, other.slowness);
        slot.wait_ms = mean(slot.wait_ms, other.wait_ms);
    }
    let end = other.start + SignedDuration::from_secs(i64::from(other.seconds));
    slot.seconds = u32::try_from(end.duration_since(slot.start).as_secs()).unwrap_or(slot.seconds).min(60);
    slot.groups.extend_from_slice(&other.groups);
    merge_groups(&mut slot.groups);
}

/// Merges groups that have everything in common.
pub fn merge_groups(groups: &mut Vec<Group>) {
    let key = |group: &Group| (group.source, group.route, group.outcome, group.verdict, group.canary);
    groups.sort_unstable_by_key(key);
    groups.dedup_by(|later, kept| {
        let Some(sum) = kept.count.checked_add(later.count).filter(|_| key(later) == key(kept)) else {
            return false;
        };
        kept.count = sum;
        true
    });
}

#[expect(clippy::cast_precision_loss, reason = "a weight in an average")]
fn weight(slot: &Slot) -> f32 {
    slot.groups.iter().map(|group| u64::from(group.count)).sum::<u64>() as f32
}
