//! Records of moves in words: a line each, whatever the number of customers.

use crate::domain::journal::Entry;

/// What the record says; empty for those of other changes.
pub fn words(entry: &Entry) -> String {
    // The journal counts from 0, people from 1.
    let places = |first: &u32, last: &u32| format!("customers {} to {}", first + 1, last + 1);
    match entry {
        Entry::MoveIntent { plan } => format!("intent   move {}", plan.target()),
        Entry::MoveRoster { part } => {
            format!("roster   {} customers from {} on", part.customers.len(), part.first + 1)
        }
        Entry::MoveRange { first, last, .. } => format!("range    {}", places(first, last)),
        Entry::MoveDone { first, last, exceptions } if exceptions.is_empty() => {
            format!("done     {}", places(first, last))
        }
        Entry::MoveDone { first, last, exceptions } => {
            format!("done     {}, {} of them not moved", places(first, last), exceptions.len())
        }
        Entry::MoveHook { wave, which, customers } => {
            format!("hook     {} wave {wave}, {customers} customers", which.word())
        }
        Entry::MovePause { why } => format!("paused   {why}"),
        Entry::MoveEnd { outcome, tally } => {
            let why = outcome.why().map(|why| format!(": {why}")).unwrap_or_default();
            format!("end      {}, {} moved{why}", outcome.word(), tally.moved)
        }
        Entry::Intent { .. } | Entry::Outcome { .. } | Entry::Watching { .. } | Entry::Watched { .. } => {
            String::new()
        }
    }
}
