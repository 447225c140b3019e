//! What a range came to, cut into what one record of the journal holds.

use std::ops::RangeInclusive;

use super::outcome::Exception;
use super::roster::{LARGEST_PART, json_size};

/// Customers of whom it is known what became, with those who were not moved.
pub type Settled = (RangeInclusive<u32>, Vec<(u32, Exception)>);

/// The range in pieces, each with the exceptions of its own customers, sorted by their places. A range in which many
/// were changed meanwhile by somebody with much to say has several.
pub fn pieces(range: RangeInclusive<u32>, exceptions: Vec<(u32, Exception)>) -> Vec<Settled> {
    let (mut first, last) = range.into_inner();
    let mut pieces = Vec::new();
    let (mut piece, mut size) = (Vec::new(), 0);
    for (place, exception) in exceptions {
        // With the brackets, the number of the place, and commas.
        let own = json_size(&exception) + 15;
        if size + own > LARGEST_PART && place > first {
            pieces.push((first..=place - 1, std::mem::take(&mut piece)));
            (first, size) = (place, 0);
        }
        size += own;
        piece.push((place, exception));
    }
    pieces.push((first..=last, piece));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wordy(place: u32) -> (u32, Exception) {
        let text = Some("x".repeat(200));
        (place, Exception::MovedMeanwhile { cell: text.clone(), by: text.clone(), at: text })
    }

    #[test]
    fn a_range_of_few_exceptions_is_one_piece() {
        let exceptions = vec![(11, Exception::Vanished), (12, Exception::AlreadyThere)];
        assert_eq!(pieces(10..=19, exceptions.clone()), [(10..=19, exceptions)]);
        assert_eq!(pieces(3..=3, Vec::new()), [(3..=3, Vec::new())]);
    }

    #[test]
    fn many_wordy_exceptions_are_cut_and_everybody_is_in_one_piece() {
        let exceptions: Vec<_> = (100..1_100).filter(|place| place % 7 != 0).map(wordy).collect();
        let pieces = pieces(100..=1_100, exceptions.clone());
        assert!(pieces.len() > 1);
        let mut next = 100;
        for (range, own) in &pieces {
            assert_eq!(*range.start(), next, "no gap and no overlap");
            next = range.end() + 1;
            assert!(own.iter().all(|(place, _)| range.contains(place)));
            assert!(serde_json::to_string(own).unwrap().len() <= LARGEST_PART);
        }
        assert_eq!(next, 1_101);
        let all: Vec<_> = pieces.into_iter().flat_map(|(_, own)| own).collect();
        assert_eq!(all, exceptions);
    }
}
