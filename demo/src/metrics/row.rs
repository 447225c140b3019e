//! All that is measured of one thing in one minute, in one record: a few counters, and the spread of two quantities.
//!
//! A region with thousands of stages has hundreds of thousands of these, so a row whose minute is over is packed, and
//! the series that AWS has of it (a rate, an average, a sum) are made out when they are read, see [`super::layout`].

use std::borrow::Cow;

use super::packed::{Reader, Writer};
use super::summary::Summary;
use super::timeline::Shrink;

/// How many counters a row has.
pub const COUNTERS: usize = 6;
/// How many quantities with a distribution it has.
pub const SPREADS: usize = 2;

/// The measurements of one minute.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// To be added to; `None` while all is packed.
    open: Option<Box<Measured>>,
    /// Counters, bytes, which quantities have values, and those. Empty for nothing, and while the row is open.
    packed: Box<[u8]>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Measured {
    counters: [u32; COUNTERS],
    bytes: f32,
    spreads: [Option<Summary>; SPREADS],
}

impl Measured {
    fn pack(&self) -> Box<[u8]> {
        let mut writer = Writer::default();
        self.counters.iter().for_each(|counter| writer.whole((*counter).into()));
        writer.single(self.bytes);
        let present =
            self.spreads.iter().zip(0..).map(|(values, place)| u64::from(values.is_some()) << place);
        writer.whole(present.sum());
        self.spreads.iter().flatten().for_each(|values| values.pack(&mut writer));
        writer.into_bytes()
    }

    fn unpack(packed: &[u8]) -> Self {
        let mut reader = Reader::new(packed);
        let counters = std::array::from_fn(|_| counter(&mut reader));
        let bytes = reader.single();
        let present = reader.whole();
        let spreads =
            std::array::from_fn(|place| (present >> place & 1 == 1).then(|| Summary::unpack(&mut reader)));
        Self { counters, bytes, spreads }
    }
}

fn counter(reader: &mut Reader<'_>) -> u32 {
    u32::try_from(reader.whole()).unwrap_or(u32::MAX)
}

/// A reader behind the counters.
fn behind_counters(packed: &[u8]) -> Reader<'_> {
    let mut reader = Reader::new(packed);
    (0..COUNTERS).for_each(|_| {
        reader.whole();
    });
    reader
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.measured() == other.measured()
    }
}

impl Row {
    /// Adds to a counter; one that a row doesn't have counts nothing.
    pub fn count(&mut self, counter: usize, events: u64) {
        if let Some(counter) = self.opened().counters.get_mut(counter) {
            *counter = counter.saturating_add(u32::try_from(events).unwrap_or(u32::MAX));
        }
    }

    /// The state of a counter.
    pub fn counter(&self, counter: usize) -> u32 {
        match &self.open {
            Some(measured) => measured.counters.get(counter).copied().unwrap_or_default(),
            None if counter >= COUNTERS => 0,
            None => {
                let mut reader = Reader::new(&self.packed);
                (0..counter).for_each(|_| {
                    reader.whole();
                });
                self::counter(&mut reader)
            }
        }
    }

    /// Adds bytes.
    pub fn add_bytes(&mut self, bytes: u64) {
        #[expect(clippy::cast_precision_loss, reason = "the bytes of a minute need seven digits, not twenty")]
        let bytes = bytes as f32;
        self.opened().bytes += bytes;
    }

    /// The bytes of the minute.
    pub fn bytes(&self) -> f64 {
        f64::from(match &self.open {
            Some(measured) => measured.bytes,
            None => behind_counters(&self.packed).single(),
        })
    }

    /// Adds values of a quantity.
    pub fn spread(&mut self, quantity: usize, values: &Summary) {
        if values.count() <= 0.0 {
            return;
        }
        if let Some(place) = self.opened().spreads.get_mut(quantity) {
            place.get_or_insert_default().merge(values);
        }
    }

    /// The values of a quantity; `None` where there were none.
    pub fn values(&self, quantity: usize) -> Option<Cow<'_, Summary>> {
        if let Some(measured) = &self.open {
            measured.spreads.get(quantity)?.as_ref().map(Cow::Borrowed)
        } else {
            let values = Measured::unpack(&self.packed).spreads.into_iter().nth(quantity)?;
            values.map(Cow::Owned)
        }
    }

    /// Whether a quantity has values.
    pub fn has_values(&self, quantity: usize) -> bool {
        match &self.open {
            Some(measured) => measured.spreads.get(quantity).is_some_and(Option::is_some),
            None if quantity >= SPREADS => false,
            None => {
                let mut reader = behind_counters(&self.packed);
                reader.single();
                reader.whole() >> quantity & 1 == 1
            }
        }
    }

    /// Adds another row of the same kind.
    pub fn merge(&mut self, other: &Self) {
        let other = other.measured();
        let own = self.opened();
        for (own, more) in own.counters.iter_mut().zip(other.counters) {
            *own = own.saturating_add(more);
        }
        own.bytes += other.bytes;
        for (quantity, values) in other.spreads.iter().enumerate() {
            if let Some(values) = values {
                self.spread(quantity, values);
            }
        }
    }

    /// Whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        let measured = self.measured();
        measured.counters.iter().all(|counter| *counter == 0) && measured.spreads.iter().all(Option::is_none)
    }

    /// How much memory the row takes, in bytes, about.
    pub fn size(&self) -> usize {
        let open = self.open.as_ref().map_or(0, |measured| {
            size_of::<Measured>() + measured.spreads.iter().flatten().map(Summary::size).sum::<usize>()
        });
        size_of::<Self>() + open + self.packed.len()
    }

    fn measured(&self) -> Cow<'_, Measured> {
        match &self.open {
            Some(measured) => Cow::Borrowed(measured),
            None => Cow::Owned(Measured::unpack(&self.packed)),
        }
    }

    fn opened(&mut self) -> &mut Measured {
        self.open.get_or_insert_with(|| Box::new(Measured::unpack(&std::mem::take(&mut self.packed))))
    }
}

impl Shrink for Row {
    fn coarsen(&mut self) {
        let packed = self.open.is_none();
        self.opened().spreads.iter_mut().flatten().for_each(Summary::coarsen);
        if packed {
            self.compact();
        }
    }

    fn compact(&mut self) {
        if let Some(measured) = self.open.take() {
            self.packed = measured.pack();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_that_is_not_there_counts_nothing() {
        let mut row = Row::default();
        row.count(COUNTERS, 5);
        row.spread(SPREADS, &Summary::from_totals(1.0, 2.0, 2.0, 2.0));
        assert!(row.is_empty());
        row.count(0, u64::MAX);
        row.count(0, 1);
        assert_eq!(row.counter(0), u32::MAX);
        assert!(!row.is_empty() && row.size() >= size_of::<Row>());
    }

    #[test]
    fn a_row_that_is_packed_reads_the_same_and_can_be_added_to() {
        let mut row = Row::default();
        row.count(1, 300);
        row.add_bytes(123_457);
        row.spread(1, &Summary::from_totals(4.0, 10.0, 1.0, 4.0));
        let mut packed = row.clone();
        packed.compact();
        assert!(packed.size() < row.size() / 3, "{} of {}", packed.size(), row.size());
        for row in [&row, &packed] {
            assert_eq!((row.counter(0), row.counter(1), row.counter(COUNTERS)), (0, 300, 0));
            assert!((row.bytes() - 123_457.0).abs() < 1e-9);
            assert_eq!([0, 1, SPREADS].map(|quantity| row.has_values(quantity)), [false, true, false]);
            assert!(row.values(0).is_none() && row.values(SPREADS).is_none());
        }
        assert_eq!(packed.values(1), row.values(1));
        packed.count(1, 1);
        row.count(1, 1);
        assert_eq!(packed, row);
        packed.compact();
        packed.coarsen();
        row.coarsen();
        assert_eq!(packed, row);
        let mut twice = row.clone();
        twice.merge(&packed);
        assert_eq!((twice.counter(1), twice.values(1).unwrap().count()), (602, 8.0));
    }
}
