//! When the journal is read, and what is said of it first.

use jiff::SignedDuration;

use super::refresh::{is_connected, older_than};
use crate::domain::change::Target;
use crate::domain::estate::RegionSlot;
use crate::domain::failure::Failure;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::event::{JournalListing, ReplySlot};
use crate::tui::model::{Listing, Model, NoticeKind};

/// The journal is at most this old while it is on screen: others write to it, too.
const ON_SCREEN: SignedDuration = SignedDuration::from_secs(15);

/// Reads the journal where it is due: once connected, often while it is on screen, else as seldom as the
/// inventory.
pub(super) fn due(model: &mut Model) -> Option<Effect> {
    let on_screen = model.page().listing == Listing::Changes;
    let connected = (0..model.regions.len()).any(|slot| is_connected(model, RegionSlot(slot)));
    let seconds = if on_screen { ON_SCREEN.as_secs() } else { model.settings.inventory_seconds };
    let due = !model.tickets.is_running(&ReplySlot::Journal)
        && (on_screen || connected)
        && older_than(model, model.schedule.journal, seconds);
    due.then(|| read(model))
}

/// Reads the journal now; a reading that runs is overtaken.
pub(super) fn read(model: &mut Model) -> Effect {
    model.schedule.journal = Some(model.now);
    Effect::ReadJournal { ticket: model.tickets.start(ReplySlot::Journal) }
}

/// Keeps what the journal tells. The first time, what is open or wrong in it is said.
pub(super) fn take(model: &mut Model, outcome: Result<JournalListing, Failure>) {
    let first = model.journal.value().is_none();
    model.journal.take(outcome, model.now);
    model.data_changed();
    if first {
        say_what_is_wrong(model);
    }
}

fn say_what_is_wrong(model: &mut Model) {
    let Some(listing) = model.journal.value() else { return };
    if let Err(broken) = &listing.verified {
        let text = broken.to_string();
        return model.say(NoticeKind::Error, text);
    }
    let is_error = model.notice.as_ref().is_some_and(|notice| notice.kind == NoticeKind::Error);
    let text = match model.open_changes().collect::<Vec<_>>().as_slice() {
        [] => return,
        [one] if matches!(one.plan.target, Target::Customers(_)) => {
            format!("the move {} of {} has not ended", one.id, one.plan.target)
        }
        [one] => format!("the change {} to {} was never finished", one.id, one.plan.target),
        several => format!("{} changes were never finished", several.len()),
    };
    if !is_error {
        let way = format!(":{} shows what can be done", Action::Journal.info().id);
        model.say(NoticeKind::Warning, format!("{text}; {way}"));
    }
}
