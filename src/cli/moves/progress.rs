//! How far a move has come: a bar on a terminal, JSON lines where JSON is asked for, notes otherwise.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::cli::output::Format;
use crate::cli::status::{Spinner, note};
use crate::domain::moves::outcome::Tally;
use crate::ops::moves::Progress;

/// Cells of the bar.
const WIDTH: u32 = 24;

/// Tells an operator or a script.
pub struct Teller {
    spinner: Spinner,
    format: Format,
}

impl Teller {
    pub fn new(format: Format) -> Self {
        Self { spinner: Spinner::start("checking"), format }
    }

    pub fn tell(&self, progress: &Progress) {
        if self.format == Format::Json {
            // A reader who has gone is no reason to stop in the middle of a move.
            let _ = writeln!(std::io::stdout().lock(), "{}", event(progress));
            return;
        }
        match progress {
            Progress::Announced(id) => note(&format!("the move {id} is in the journal")),
            Progress::Settling { customers } => {
                note(&format!("looking at {customers} customers in doubt"));
            }
            Progress::Wave { number, waves, customers } => {
                note(&format!("wave {number} of {waves}: {customers} customers"));
            }
            Progress::Slowed { per_second } => {
                note(&format!("DynamoDB throttles: down to {per_second:.1} customers a second"));
            }
            Progress::Gate { text } | Progress::Hook { text } => {
                note(text);
                self.spinner.say(text);
            }
            Progress::Counted { tally, customers, per_second } => {
                self.spinner.say(bar(tally, *customers, *per_second));
            }
        }
    }
}

/// `[######------] 42/100 31/s, 2 s left`.
fn bar(tally: &Tally, customers: u32, per_second: f64) -> String {
    let done = tally.done();
    let full = u64::from(WIDTH) * u64::from(done) / u64::from(customers.max(1));
    let full = usize::try_from(full).unwrap_or(0);
    let rest = usize::try_from(WIDTH).unwrap_or(0).saturating_sub(full);
    let left = f64::from(customers.saturating_sub(done)) / per_second.max(0.001);
    let missed = done - tally.moved;
    let missed = if missed > 0 { format!(", {missed} not moved") } else { String::new() };
    format!(
        "[{}{}] {done}/{customers}  {per_second:.0}/s, {left:.0} s left{missed}",
        "#".repeat(full),
        "-".repeat(rest)
    )
}

fn event(progress: &Progress) -> Value {
    match progress {
        Progress::Announced(id) => json!({ "event": "announced", "move": id }),
        Progress::Settling { customers } => json!({ "event": "settling", "customers": customers }),
        Progress::Wave { number, waves, customers } => {
            json!({ "event": "wave", "number": number, "waves": waves, "customers": customers })
        }
        Progress::Counted { tally, customers, per_second } => {
            json!({ "event": "progress", "tally": tally, "customers": customers, "per_second": per_second })
        }
        Progress::Slowed { per_second } => json!({ "event": "slowed", "per_second": per_second }),
        Progress::Hook { text } => json!({ "event": "hook", "text": text }),
        Progress::Gate { text } => json!({ "event": "gate", "text": text }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_says_how_far_how_fast_and_how_long() {
        let tally = Tally { moved: 49, failed: 1, waiting: 50, ..Tally::default() };
        let text = bar(&tally, 100, 25.0);
        assert_eq!(text, "[############------------] 50/100  25/s, 2 s left, 1 not moved");
    }
}
