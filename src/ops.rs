//! What an operator does, as the faces call it: the console, the commands and the tests share these.
//!
//! A face never builds a request. It asks here, and gets domain values back: pieces of the estate
//! as they arrive, signals, plans, outcomes.

pub mod api_keys;
pub mod bulk;
pub mod change;
pub mod clock;
pub mod count;
pub mod customers;
pub mod fleet;
pub mod fleet_reading;
pub mod found;
pub mod guard;
pub mod inventory;
pub mod journal;
pub mod journal_reader;
pub mod lease;
pub mod lookup;
pub mod moves;
pub mod placement;
pub mod private_access;
pub mod recorder;
pub mod signals;
pub mod target_lock;
pub mod team_journal;
pub mod waf;
