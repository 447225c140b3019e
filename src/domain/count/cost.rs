//! What reading a whole table takes, told before it is read.

use std::fmt;
use std::time::Duration;

use crate::domain::figures;

/// AWS: bytes that one read unit reads.
const BYTES_PER_UNIT: f64 = 4_096.0;
/// AWS: an eventually consistent read takes half.
const EVENTUALLY: f64 = 0.5;

/// What a scan of a table would take, by the table's own figures, which AWS renews every six hours or so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScanCost {
    pub items: u64,
    pub size_bytes: u64,
    /// US dollars for a million read units, where that is configured.
    pub price: Option<f64>,
}

impl ScanCost {
    /// Read units, eventually consistent.
    #[expect(clippy::cast_precision_loss, reason = "a table's size needs no more than 52 bits")]
    pub fn read_units(&self) -> f64 {
        (self.size_bytes as f64 / BYTES_PER_UNIT * EVENTUALLY).ceil()
    }

    /// Of one item, on average.
    #[expect(clippy::cast_precision_loss, reason = "a table's items need no more than 52 bits")]
    pub fn units_of_item(&self) -> f64 {
        if self.items == 0 { EVENTUALLY } else { self.read_units() / self.items as f64 }
    }

    /// How long it takes at so many read units a second.
    pub fn at_rate(&self, rate: f64) -> Duration {
        Duration::try_from_secs_f64(self.read_units() / rate).unwrap_or(Duration::MAX)
    }

    pub fn dollars(&self) -> Option<f64> {
        Some(self.read_units() / 1e6 * self.price?)
    }
}

impl fmt::Display for ScanCost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = figures::grouped(&format!("{:.0}", self.read_units()));
        let items = figures::count(self.items);
        write!(formatter, "about {items} items, {}, {units} read units", bytes(self.size_bytes))?;
        match self.dollars() {
            Some(dollars) if dollars < 0.01 => formatter.write_str(" (below 1 cent on demand)"),
            Some(dollars) => write!(formatter, " (${dollars:.2} on demand)"),
            None => formatter.write_str(" (see your region's price, or set prices.million-read-units)"),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn bytes(size: u64) -> String {
    match size {
        0..1_000 => format!("{size} B"),
        1_000..1_000_000 => format!("{:.1} kB", size as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", size as f64 / 1e6),
        _ => format!("{:.1} GB", size as f64 / 1e9),
    }
}
