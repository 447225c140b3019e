//! In which portions customers are moved: few at first, and the rest at a set rate.

use serde::{Deserialize, Serialize};

/// The waves of a move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waves {
    /// How many customers each of the first waves has. The rest is one wave.
    pub first: Vec<u32>,
    /// Customers a second in the last wave.
    pub rate: f64,
}

/// One wave: the places in the roster from `start` on, `end` not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wave {
    /// From 1.
    pub number: u32,
    pub start: u32,
    pub end: u32,
}

impl Waves {
    pub fn new(rate: f64) -> Self {
        Self { first: vec![1, 10, 100], rate }
    }

    /// Every wave of so many customers.
    pub fn all(&self, customers: u32) -> Vec<Wave> {
        let mut waves: Vec<Wave> = Vec::new();
        let mut start = 0;
        let sizes = self.first.iter().copied().map(|size| size.max(1)).chain(std::iter::once(u32::MAX));
        for (number, size) in (1..).zip(sizes) {
            if start >= customers {
                break;
            }
            let end = start.saturating_add(size).min(customers);
            waves.push(Wave { number, start, end });
            start = end;
        }
        waves
    }

    /// The wave that the customer at this place belongs to.
    pub fn of(&self, place: u32, customers: u32) -> Option<Wave> {
        self.all(customers).into_iter().find(|wave| (wave.start..wave.end).contains(&place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_waves_are_small_and_the_rest_is_one() {
        let sizes = |customers| {
            let waves = Waves::new(100.0).all(customers);
            waves.iter().map(|wave| wave.end - wave.start).collect::<Vec<_>>()
        };
        assert_eq!(sizes(0), [0_u32; 0]);
        assert_eq!(sizes(1), [1]);
        assert_eq!(sizes(11), [1, 10]);
        assert_eq!(sizes(12), [1, 10, 1]);
        assert_eq!(sizes(5_000), [1, 10, 100, 4_889]);
        assert_eq!(Waves::new(1.0).of(11, 5_000).map(|wave| wave.number), Some(3));
        assert_eq!(Waves::new(1.0).of(5_000, 5_000), None);
    }
}
