//! How far a move has come: bars on a terminal, JSON lines where JSON is asked for, notes otherwise.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use crate::cli::output::Format;
use crate::cli::status::note;
use crate::domain::moves::outcome::Tally;
use crate::domain::moves::waves::Waves;
use crate::ops::moves::Progress;

const TICK: Duration = Duration::from_millis(120);

/// Tells an operator or a script.
pub struct Teller {
    /// None where stderr is no terminal: a log would fill with frames.
    bars: Option<Bars>,
    format: Format,
}

/// One bar for each wave that has begun, and one for all of them.
struct Bars {
    all: MultiProgress,
    total: ProgressBar,
    /// The wave that runs: its number and its bar.
    wave: Mutex<Option<(u32, ProgressBar)>>,
}

impl Teller {
    pub fn new(format: Format) -> Self {
        let bars = (format != Format::Json && std::io::stderr().is_terminal()).then(Bars::new);
        Self { bars, format }
    }

    pub fn tell(&self, progress: &Progress) {
        if self.format == Format::Json {
            // A reader who has gone is no reason to stop in the middle of a move.
            let _ = writeln!(std::io::stdout().lock(), "{}", event(progress));
            return;
        }
        match progress {
            Progress::Announced(id) => self.note(&format!("the move {id} is in the journal")),
            Progress::Settling { customers } => {
                self.note(&format!("looking at {customers} customers in doubt"));
            }
            Progress::Wave { number, waves, customers } => match &self.bars {
                Some(bars) => bars.begin(*number, *waves, *customers),
                None => note(&format!("wave {number} of {waves}: {customers} customers")),
            },
            Progress::Slowed { per_second } => {
                self.note(&format!("DynamoDB throttles: down to {per_second:.1} customers a second"));
            }
            Progress::Hook { text } | Progress::Gate { text } => match &self.bars {
                Some(bars) => bars.total.set_message(crate::domain::text::sanitise(text).into_owned()),
                None => note(text),
            },
            Progress::Counted { tally, customers, per_second } => {
                if let Some(bars) = &self.bars {
                    bars.count(tally, *customers, *per_second);
                }
            }
        }
    }

    /// A line that stays, above the bars.
    fn note(&self, text: &str) {
        match &self.bars {
            Some(bars) => bars.all.suspend(|| note(text)),
            None => note(text),
        }
    }
}

impl Drop for Teller {
    /// What comes next stands where the bars were.
    fn drop(&mut self) {
        if let Some(bars) = &self.bars {
            // That the terminal has gone changes nothing.
            let _ = bars.all.clear();
        }
    }
}

impl Bars {
    fn new() -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let total = all.add(ProgressBar::no_length().with_style(style("{spinner} {msg}")));
        total.set_message("checking");
        total.enable_steady_tick(TICK);
        Self { all, total, wave: Mutex::new(None) }
    }

    fn begin(&self, number: u32, waves: u32, customers: u32) {
        let bar = ProgressBar::new(u64::from(customers)).with_style(style(WAVE));
        let bar = self.all.insert_before(&self.total, bar);
        bar.set_message(format!("wave {number} of {waves}"));
        bar.tick();
        let mut wave = self.wave.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, before)) = wave.replace((number, bar)) {
            before.finish();
        }
    }

    fn count(&self, tally: &Tally, customers: u32, per_second: f64) {
        if self.total.length().is_none() {
            self.total.set_style(style(TOTAL));
            self.total.set_length(u64::from(customers));
        }
        self.total.set_position(u64::from(tally.done()));
        self.total.set_message(figures(tally, customers, per_second));
        if let Some((number, bar)) = &*self.wave.lock().unwrap_or_else(PoisonError::into_inner) {
            bar.set_position(u64::from(tally.done().saturating_sub(start(*number, customers))));
        }
    }
}

const WAVE: &str = "  [{bar:24}] {pos}/{len}  {msg}";
const TOTAL: &str = "{spinner} [{bar:24}] {pos}/{len}  {wide_msg}";

/// A template that can't be read would be a fault of this file: then it is indicatif's own.
fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("##-").tick_chars("|/-\\ ")
}

/// How many customers come before a wave.
fn start(number: u32, customers: u32) -> u32 {
    let waves = Waves::new(1.0).all(customers);
    waves.iter().find(|wave| wave.number == number).map_or(0, |wave| wave.start)
}

/// `31/s, 2 s left, 1 not moved`.
fn figures(tally: &Tally, customers: u32, per_second: f64) -> String {
    let left = f64::from(customers.saturating_sub(tally.done())) / per_second.max(0.001);
    let missed = tally.done() - tally.moved;
    let missed = if missed > 0 { format!(", {missed} not moved") } else { String::new() };
    format!("{per_second:.0}/s, {left:.0} s left{missed}")
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
    fn figures_say_how_fast_how_long_and_who_was_not_moved() {
        let tally = Tally { moved: 49, failed: 1, waiting: 50, ..Tally::default() };
        assert_eq!(figures(&tally, 100, 25.0), "25/s, 2 s left, 1 not moved");
    }

    #[test]
    fn a_bar_for_each_wave_and_one_for_all_count_on() {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        let total = all.add(ProgressBar::no_length());
        let bars = Bars { all, total, wave: Mutex::new(None) };
        bars.begin(2, 3, 10);
        bars.count(&Tally { moved: 7, waiting: 193, ..Tally::default() }, 200, 3.0);
        let position = |bars: &Bars| bars.wave.lock().unwrap().as_ref().map(|(_, bar)| bar.position());
        assert_eq!((bars.total.position(), bars.total.length(), position(&bars)), (7, Some(200), Some(6)));
        bars.begin(3, 3, 189);
        bars.count(&Tally { moved: 12, waiting: 188, ..Tally::default() }, 200, 3.0);
        assert_eq!((bars.total.position(), position(&bars)), (12, Some(1)));
    }

    #[test]
    fn the_templates_can_be_read() {
        for template in [WAVE, TOTAL, "{spinner} {msg}"] {
            ProgressStyle::with_template(template).unwrap();
        }
    }
}
