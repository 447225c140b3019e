//! Which tasks run, and which of their replies still count.

use std::collections::BTreeMap;

use crate::tui::event::{List, ReplySlot, Ticket};

#[derive(Debug, Default)]
pub struct Tickets {
    last: u64,
    running: BTreeMap<ReplySlot, Ticket>,
}

impl Tickets {
    /// Notes that a task starts; a reply to the slot's earlier one is old from now on.
    pub fn start(&mut self, slot: ReplySlot) -> Ticket {
        self.last += 1;
        let ticket = Ticket(self.last);
        self.running.insert(slot, ticket);
        ticket
    }

    /// Whether a reply with this ticket is from the slot's newest task.
    pub fn is_current(&self, slot: &ReplySlot, ticket: Ticket) -> bool {
        self.running.get(slot) == Some(&ticket)
    }

    /// The slot's task is over, or nobody waits for it any more.
    pub fn end(&mut self, slot: &ReplySlot) {
        self.running.remove(slot);
    }

    pub fn is_running(&self, slot: &ReplySlot) -> bool {
        self.running.contains_key(slot)
    }

    pub fn any_running(&self) -> bool {
        !self.running.is_empty()
    }

    /// A list that is being read because it is on screen.
    pub fn list_being_read(&self) -> Option<List> {
        self.running.keys().find_map(|slot| match slot {
            ReplySlot::List(_, list) => Some(*list),
            _ => None,
        })
    }

    /// Whether a task of the inventory, of one API or list or of the connection runs.
    pub fn is_loading(&self) -> bool {
        self.running.keys().any(|slot| {
            matches!(
                slot,
                ReplySlot::Connection(_) | ReplySlot::Inventory(_) | ReplySlot::Api(..) | ReplySlot::List(..)
            )
        })
    }
}
