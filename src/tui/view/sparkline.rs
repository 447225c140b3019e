//! A line of small bars: a figure over the last minutes.

use ratatui::text::Line;

use super::paint;
use crate::tui::model::Look;
use crate::tui::symbols::Symbols;
use crate::tui::theme::Role;

/// The bars of a series in exactly `columns` columns, or fewer where there are fewer minutes.
///
/// Minutes share a column where there are too many; the height of a column is the highest of its
/// minutes, so that a peak stays visible. A minute without data is a gap. The scale starts at zero
/// and ends one step below a full cell, so that the lines of two rows don't touch.
pub fn bars(minutes: &[Option<f64>], columns: u16, symbols: &Symbols) -> String {
    let highest = highest(minutes);
    resample(minutes, columns)
        .into_iter()
        .map(|value| value.map_or(" ", |value| symbols.bars[step(value, highest)]))
        .collect()
}

pub fn highest(minutes: &[Option<f64>]) -> f64 {
    minutes.iter().flatten().fold(0.0, |highest, value| value.max(highest))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 6")]
fn step(value: f64, highest: f64) -> usize {
    if highest <= 0.0 { 0 } else { (value / highest * 6.0).round().clamp(0.0, 6.0) as usize }
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

/// The bars of a series as `rows` lines, the upper first, for where there is room. The top of each
/// column has the role; what is below it is a quiet fill, so that the line is seen and not the area.
pub fn tall(look: &Look, role: Role, minutes: &[Option<f64>], columns: u16, rows: u16) -> Vec<Line<'static>> {
    let highest = highest(minutes);
    let rows = usize::from(rows);
    let filled: Vec<usize> =
        resample(minutes, columns).iter().map(|value| eighths(*value, highest, rows * 8)).collect();
    (0..rows)
        .map(|row| {
            let below = (rows - 1 - row) * 8;
            let cells = filled.iter().map(|filled| match filled.saturating_sub(below) {
                0 => (role, " "),
                part @ 1..=8 => (role, look.symbols.bars[part - 1]),
                _ => (Role::SparkFill, look.symbols.bars[7]),
            });
            runs(look, cells)
        })
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "eighths of a few rows"
)]
fn eighths(value: Option<f64>, highest: f64, all: usize) -> usize {
    match value {
        Some(value) if highest > 0.0 => ((value / highest * all as f64).round() as usize).clamp(1, all),
        Some(_) => 1,
        None => 0,
    }
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
    fn bars_scale_from_zero_to_the_highest_and_leave_gaps() {
        let minutes = [Some(0.0), Some(50.0), None, Some(100.0)];
        assert_eq!(bars(&minutes, 10, &UNICODE), "▁▄ ▇");
        assert_eq!(bars(&minutes, 10, &ASCII), "_- *");
        assert_eq!(bars(&[Some(0.0); 3], 10, &UNICODE), "▁▁▁");
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
        let theme = Theme::built_in("mono", ColourDepth::None).unwrap();
        let look = Look { theme, symbols: &UNICODE };
        let drawn = tall(&look, Role::Spark, &[Some(8.0), Some(16.0), None], 3, 2);
        assert_eq!(drawn.iter().map(ToString::to_string).collect::<Vec<_>>(), [" █ ", "██ "]);
    }
}
