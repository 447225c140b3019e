//! `FILL`: values for the points that a series lacks.

use super::operand::TimeSeries;
use crate::metrics::Bin;

/// What `FILL` puts where a point is missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Filler {
    Number(f64),
    /// The point before.
    Repeat,
    /// A straight line between the neighbours.
    Linear,
    /// The point of another series.
    Series(TimeSeries),
}

/// The series with a point at each of `starts` that the filler has a value for.
pub fn fill(mut series: TimeSeries, filler: &Filler, starts: impl Iterator<Item = i64>) -> TimeSeries {
    let known = &series.points;
    let mut next = 0;
    let mut points = Vec::new();
    for start in starts {
        while known.get(next).is_some_and(|point| point.start < start) {
            next += 1;
        }
        let before = next.checked_sub(1).and_then(|at| known.get(at));
        let value = match known.get(next) {
            Some(point) if point.start == start => Some(point.value),
            after => match filler {
                Filler::Number(number) => Some(*number),
                Filler::Repeat => before.map(|point| point.value),
                Filler::Linear => before.zip(after).map(|(before, after)| between(before, after, start)),
                Filler::Series(other) => {
                    let at = other.points.binary_search_by_key(&start, |point| point.start).ok();
                    at.map(|at| other.points[at].value)
                }
            },
        };
        points.extend(value.map(|value| Bin { start, value }));
    }
    series.points = points;
    series
}

fn between(before: &Bin, after: &Bin, start: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "windows are far below 2^53 seconds")]
    let seconds = |seconds: i64| seconds as f64;
    let share = seconds(start - before.start) / seconds(after.start - before.start);
    before.value + (after.value - before.value) * share
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(points: &[(i64, f64)]) -> TimeSeries {
        let points = points.iter().map(|(start, value)| Bin { start: *start, value: *value }).collect();
        TimeSeries { label: "m".to_owned(), period: 60, points, ..TimeSeries::default() }
    }

    fn filled(filler: &Filler) -> Vec<(i64, f64)> {
        let gappy = series(&[(60, 1.0), (240, 4.0)]);
        let starts = [0, 60, 120, 180, 240, 300].into_iter();
        fill(gappy, filler, starts).points.iter().map(|point| (point.start, point.value)).collect()
    }

    #[test]
    fn missing_points_are_filled_in_each_of_the_ways() {
        let number = [(0, 0.0), (60, 1.0), (120, 0.0), (180, 0.0), (240, 4.0), (300, 0.0)];
        assert_eq!(filled(&Filler::Number(0.0)), number);
        assert_eq!(filled(&Filler::Repeat), [(60, 1.0), (120, 1.0), (180, 1.0), (240, 4.0), (300, 4.0)]);
        assert_eq!(filled(&Filler::Linear), [(60, 1.0), (120, 2.0), (180, 3.0), (240, 4.0)]);
        let other = series(&[(0, 9.0), (60, 9.0)]);
        assert_eq!(filled(&Filler::Series(other)), [(0, 9.0), (60, 1.0), (240, 4.0)]);
    }
}
