//! Records of minutes that are over, in as few bytes as hold them exactly.
//!
//! A large region has a million of these records. Most of their numbers are small counts, or halves of them where one
//! drawn value stands for half of a second's requests: those take a byte or two. Any other number takes all it has.

/// Numbers beyond this many halves are written in full.
const LARGEST_HALVES: f64 = 1e12;

/// Writes numbers one after the other.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// All that was written.
    pub fn into_bytes(self) -> Box<[u8]> {
        self.bytes.into_boxed_slice()
    }

    /// A number of things: seven bits a byte, the lowest first (LEB128).
    pub fn whole(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(low_byte(number) | 0x80);
            number >>= 7;
        }
        self.bytes.push(low_byte(number));
    }

    /// Any number.
    pub fn number(&mut self, number: f64) {
        if let Some(halves) = halves(number) {
            self.whole(halves << 1);
        } else {
            self.whole(1);
            self.bytes.extend_from_slice(&number.to_le_bytes());
        }
    }

    /// Any number of half the precision.
    pub fn single(&mut self, number: f32) {
        if let Some(halves) = halves(f64::from(number)) {
            self.whole(halves << 1);
        } else {
            self.whole(1);
            self.bytes.extend_from_slice(&number.to_le_bytes());
        }
    }
}

/// Reads what a [`Writer`] wrote, in the same order. Beyond the end all is zero.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader from the beginning.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// See [`Writer::whole`].
    pub fn whole(&mut self) -> u64 {
        let mut number = 0;
        for place in 0..10 {
            let [byte] = self.take();
            number |= u64::from(byte & 0x7F) << (7 * place);
            if byte < 0x80 {
                break;
            }
        }
        number
    }

    /// See [`Writer::number`].
    pub fn number(&mut self) -> f64 {
        match self.whole() {
            1 => f64::from_le_bytes(self.take()),
            halves => of_halves(halves >> 1),
        }
    }

    /// See [`Writer::single`].
    pub fn single(&mut self) -> f32 {
        match self.whole() {
            1 => f32::from_le_bytes(self.take()),
            #[expect(clippy::cast_possible_truncation, reason = "it was one before it was written")]
            halves => of_halves(halves >> 1) as f32,
        }
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        match self.bytes.split_first_chunk() {
            Some((taken, rest)) => {
                self.bytes = rest;
                *taken
            }
            None => [0; N],
        }
    }
}

fn low_byte(number: u64) -> u8 {
    number.to_le_bytes()[0] & 0x7F
}

/// How many halves a number is, if it is a whole number of them. A zero below zero is none.
fn halves(number: f64) -> Option<u64> {
    let halves = number * 2.0;
    let fits = number.is_sign_positive() && halves < LARGEST_HALVES && halves.fract() == 0.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, positive and small")]
    fits.then_some(halves as u64)
}

#[expect(clippy::cast_precision_loss, reason = "no more than were written")]
fn of_halves(halves: u64) -> f64 {
    halves as f64 / 2.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(
            wholes in prop::collection::vec(any::<u64>(), 0..8),
            numbers in prop::collection::vec(prop_oneof![any::<f64>(), (0_u32..9_000).prop_map(|n| f64::from(n) / 2.0)], 0..8),
            singles in prop::collection::vec(any::<f32>(), 0..8),
        ) {
            let mut writer = Writer::default();
            for number in &wholes {
                writer.whole(*number);
            }
            for number in &numbers {
                writer.number(*number);
            }
            for number in &singles {
                writer.single(*number);
            }
            let bytes = writer.into_bytes();
            let mut reader = Reader::new(&bytes);
            for number in wholes {
                prop_assert_eq!(reader.whole(), number);
            }
            for number in numbers {
                prop_assert_eq!(reader.number().to_bits(), number.to_bits());
            }
            for number in singles {
                prop_assert_eq!(reader.single().to_bits(), number.to_bits());
            }
            prop_assert_eq!(reader.whole(), 0);
        }
    }

    #[test]
    fn small_counts_and_their_halves_take_a_byte() {
        let mut writer = Writer::default();
        (0..31).for_each(|count| writer.number(f64::from(count) / 2.0));
        (0..31_u8).for_each(|count| writer.single(f32::from(count)));
        assert_eq!(writer.into_bytes().len(), 62);
    }
}
