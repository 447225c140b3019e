//! A line of small bars: a figure over the last minutes.

use ratatui::text::Line;

use super::{figures, paint};
use crate::tui::model::Look;
use crate::tui::symbols::Symbols;
use crate::tui::theme::Role;

/// The bars of a series in exactly `columns` columns, or fewer where there are fewer minutes.
///
/// Minutes share a column where there are too many; the height of a column is the highest of its
/// minutes, so that a peak stays visible. A minute without data is a gap. No bar is a full cell, so
/// that the lines of two rows don't touch.
pub fn bars(minutes: &[Option<f64>], columns: u16, symbols: &Symbols) -> String {
    bars_on(Scale::of(minutes), minutes, columns, symbols)
}

/// The same on a scale of one's own.
pub fn bars_on(scale: Scale, minutes: &[Option<f64>], columns: u16, symbols: &Symbols) -> String {
    resample(minutes, columns)
        .into_iter()
        .map(|value| value.map_or(" ", |value| symbols.bars[scale.step(value, 6)]))
        .collect()
}

/// The range that a series is drawn on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
}

impl Scale {
    /// From zero to the highest where a series swings by more than half of that. What is steadier is
    /// drawn at middle height on half of that range: its shape can be seen, and noise stays small.
    pub fn of(minutes: &[Option<f64>]) -> Self {
        let high = highest(minutes);
        let low = lowest(minutes);
        if high - low > high / 2.0 {
            return Self { low: 0.0, high };
        }
        let middle = f64::midpoint(low, high);
        Self { low: middle - high / 4.0, high: middle + high / 4.0 }
    }

    /// From zero to the highest, and at least to `high`: what stays far below it looks calm.
    pub fn up_to(high: f64, minutes: &[Option<f64>]) -> Self {
        Self { low: 0.0, high: highest(minutes).max(high) }
    }

    /// The height of a value in one of `steps` equal steps.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "eighths of a few rows"
    )]
    fn step(self, value: f64, steps: usize) -> usize {
        if self.high <= self.low {
            return 0;
        }
        let steps = steps as f64;
        ((value - self.low) / (self.high - self.low) * steps).round().clamp(0.0, steps) as usize
    }
}

/// The lowest of those that are there; minutes without data don't count.
pub fn lowest(minutes: &[Option<f64>]) -> f64 {
    minutes.iter().flatten().copied().reduce(f64::min).unwrap_or(0.0)
}

pub fn highest(minutes: &[Option<f64>]) -> f64 {
    minutes.iter().flatten().fold(0.0, |highest, value| value.max(highest))
}

fn resample(minutes: &[Option<f64>], columns: u16) -> Vec<Option<f64>> {
    let columns = usize::from(columns);
    if minutes.len() <= columns {
        return minutes.to_vec();
    }
    (0..columns)
        .map(|column| {
            let from = column * minutes.len() / columns;
            let to = ((column + 1) * minutes.len() / columns).max(from + 1);
            minutes[from..to].iter().flatten().copied().reduce(f64::max)
        })
        .collect()
}

/// The bars of a series as `rows` lines, the upper first, for where there is room. The area is in
/// the role's quiet fill; a theme without colours shows its upper edge alone.
pub fn tall(
    look: &Look,
    role: Role,
    minutes: &[Option<f64>],
    scale: Scale,
    columns: u16,
    rows: u16,
) -> Vec<Line<'static>> {
    let fill = match role {
        Role::Errors => Role::ErrorsFill,
        Role::SparkSecond => Role::SparkSecondFill,
        Role::Good => Role::GoodFill,
        _ => Role::SparkFill,
    };
    let (edge, full) =
        if look.theme.style(fill).fg.is_some() { (fill, look.symbols.bars[7]) } else { (role, " ") };
    let rows = usize::from(rows);
    let eighths = |value: f64| scale.step(value, rows * 8).max(1);
    let filled: Vec<usize> =
        resample(minutes, columns).into_iter().map(|value| value.map_or(0, eighths)).collect();
    (0..rows)
        .map(|row| {
            let below = (rows - 1 - row) * 8;
            let cells = filled.iter().map(|filled| match filled.saturating_sub(below) {
                0 => (edge, " "),
                part @ 1..=8 => (edge, look.symbols.bars[part - 1]),
                _ => (fill, full),
            });
            runs(look, cells)
        })
        .collect()
}

/// What a chart of an hour of requests shows, in words.
pub fn caption(minutes: &[Option<f64>]) -> String {
    let (low, high) = (figures::rate(lowest(minutes) / 60.0), figures::rate(highest(minutes) / 60.0));
    format!("last hour, {low} to {high} req/s")
}

/// Neighbours of one role as one span.
fn runs<'sign>(look: &Look, cells: impl Iterator<Item = (Role, &'sign str)>) -> Line<'static> {
    let mut spans: Vec<(Role, String)> = Vec::new();
    for (role, sign) in cells {
        match spans.last_mut() {
            Some((last, text)) if *last == role => text.push_str(sign),
            _ => spans.push((role, sign.to_owned())),
        }
    }
    Line::from(spans.into_iter().map(|(role, text)| paint::span(look, role, text)).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::colour::ColourDepth;
    use crate::tui::symbols::{ASCII, UNICODE};
    use crate::tui::theme::Theme;

    #[test]
    fn what_swings_is_drawn_from_zero_and_what_is_steady_at_middle_height() {
        let minutes = [Some(0.0), Some(50.0), None, Some(100.0)];
        assert_eq!(bars(&minutes, 10, &UNICODE), "▁▄ ▇");
        assert_eq!(bars(&minutes, 10, &ASCII), "_- *");
        assert_eq!(bars(&[Some(0.0); 3], 10, &UNICODE), "▁▁▁");
        assert_eq!(bars(&[Some(100.0), Some(104.0), Some(99.0)], 10, &UNICODE), "▄▄▄");
        assert_eq!(bars(&[Some(100.0), Some(80.0), Some(60.0)], 10, &UNICODE), "▆▄▂");
    }

    #[test]
    fn a_peak_survives_when_minutes_share_a_column() {
        let mut minutes = vec![Some(1.0); 60];
        minutes[31] = Some(80.0);
        let drawn = bars(&minutes, 12, &UNICODE);
        assert_eq!(drawn.chars().count(), 12);
        assert_eq!(drawn.chars().filter(|bar| *bar == '▇').count(), 1);
    }

    #[test]
    fn tall_bars_stack() {
        let minutes = [Some(8.0), Some(16.0), None];
        let text = |theme: &Theme| {
            let look = Look { theme: theme.clone(), symbols: &UNICODE };
            let drawn = tall(&look, Role::Spark, &minutes, Scale::up_to(16.0, &minutes), 3, 2);
            drawn.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(text(&Theme::built_in("dark", ColourDepth::Full).unwrap()), [" █ ", "██ "]);
        assert_eq!(text(&Theme::built_in("mono", ColourDepth::None).unwrap()), [" █ ", "█  "]);
    }
}
