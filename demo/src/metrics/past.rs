//! The past of the region: nothing of it is stored. Who asks for a series of the time before the region's start gets
//! rows that are made when they are first read, the same each time.
//!
//! The last three hours before the start have a row for each minute. Of what came before, one minute in five is made
//! and stands for all five, so that counts, rates and percentiles agree whatever the period is.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use super::panel::{GroupId, PanelId};
use super::row::Row;
use super::timeline::{FINE_MINUTES, Minute, Shrink};

/// How far the past reaches back from the start, in minutes: 15 days.
pub const PAST_MINUTES: Minute = 15 * 24 * 60;
/// Of the past beyond [`FINE_MINUTES`], one minute in so many is made.
const SAMPLED: Minute = 5;
/// How much memory rows of the past may take, in bytes.
const ROOM: usize = 32 * 1024 * 1024;

/// Who knows what happened before the region's start.
pub trait Past: Send + Sync + Debug {
    /// The rows of all panels of a group in one minute (since 1970-01-01): the same each time, whatever was asked
    /// before.
    fn rows(&self, group: GroupId, minute: Minute) -> Vec<(PanelId, Row)>;
}

/// The past, and the rows of it that were read last.
#[derive(Debug)]
pub(super) struct Remembered {
    /// The first minute that is no longer past.
    pub start: Minute,
    past: Arc<dyn Past>,
    cache: Mutex<Cache>,
}

type Rows = Arc<Vec<(PanelId, Row)>>;

/// Two generations: what is read from the elder moves to the younger, and when that is full, it becomes the elder and
/// the elder is forgotten. So what was not read for long goes first.
#[derive(Debug, Default)]
struct Cache {
    young: HashMap<(GroupId, Minute), Rows>,
    old: HashMap<(GroupId, Minute), Rows>,
    size: usize,
}

impl Cache {
    fn get(&mut self, key: (GroupId, Minute)) -> Option<Rows> {
        if let Some(rows) = self.young.get(&key) {
            return Some(Arc::clone(rows));
        }
        let rows = self.old.remove(&key)?;
        self.put(key, Arc::clone(&rows));
        Some(rows)
    }

    fn put(&mut self, key: (GroupId, Minute), rows: Rows) {
        let size = rows.iter().map(|(_, row)| row.size() + 16).sum::<usize>() + 64;
        if self.size + size > ROOM / 2 {
            self.old = std::mem::take(&mut self.young);
            self.size = 0;
        }
        if self.young.insert(key, rows).is_none() {
            self.size += size;
        }
    }
}

impl Remembered {
    pub fn new(start: Minute, past: Arc<dyn Past>) -> Self {
        Self { start, past, cache: Mutex::default() }
    }

    /// Shows the row of each minute of the range that lies in the past, ascending, with the number of minutes from
    /// there on that it stands for.
    pub fn visit(
        &self,
        (group, panel): (GroupId, PanelId),
        (from, to): (Minute, Minute),
        mut visit: impl FnMut(Minute, Minute, &Row),
    ) {
        let fine = self.start - FINE_MINUTES;
        let mut minute = from.max(self.start - PAST_MINUTES);
        let to = to.min(self.start);
        while minute < to {
            let (made, end) = if minute < fine {
                let made = minute - minute.rem_euclid(SAMPLED);
                (made, (made + SAMPLED).min(fine))
            } else {
                (minute, minute + 1)
            };
            let end = end.min(to);
            let rows = self.rows(group, made);
            if let Ok(place) = rows.binary_search_by_key(&panel, |(panel, _)| *panel) {
                visit(minute, end - minute, &rows[place].1);
            }
            minute = end;
        }
    }

    fn rows(&self, group: GroupId, minute: Minute) -> Rows {
        if let Some(rows) = self.cache().get((group, minute)) {
            return rows;
        }
        // Not under the lock: two readers may both make the rows, which are the same.
        let mut rows = self.past.rows(group, minute);
        rows.retain(|(_, row)| !row.is_empty());
        rows.sort_by_key(|(panel, _)| *panel);
        for (_, row) in &mut rows {
            if minute < self.start - FINE_MINUTES {
                row.coarsen();
            }
            row.compact();
        }
        let rows = Arc::new(rows);
        self.cache().put((group, minute), Arc::clone(&rows));
        rows
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Summary;

    /// In each minute as many events as the minute's last digit says.
    #[derive(Debug)]
    struct Digits;

    impl Past for Digits {
        fn rows(&self, group: GroupId, minute: Minute) -> Vec<(PanelId, Row)> {
            let mut row = Row::default();
            row.count(0, minute.rem_euclid(10).unsigned_abs());
            row.spread(0, &Summary::from_totals(1.0, 3.0, 3.0, 3.0));
            vec![(PanelId(group.0 as usize), row)]
        }
    }

    fn read(past: &Remembered, group: u32, from: Minute, to: Minute) -> Vec<(Minute, Minute, u32)> {
        let mut seen = Vec::new();
        past.visit((GroupId(group), PanelId(group as usize)), (from, to), |minute, length, row| {
            seen.push((minute, length, row.counter(0)));
        });
        seen
    }

    #[test]
    fn old_minutes_stand_for_their_neighbours_and_fine_ones_for_themselves() {
        let past = Remembered::new(100_000, Arc::new(Digits));
        let border = 100_000 - FINE_MINUTES;
        assert_eq!(
            read(&past, 1, border - 7, border + 2),
            [(border - 7, 2, 0), (border - 5, 5, 5), (border, 1, 0), (border + 1, 1, 1)]
        );
        assert!(read(&past, 1, 100_000, 100_010).is_empty());
        assert!(read(&past, 1, 0, 100_000 - PAST_MINUTES).is_empty());
    }

    #[test]
    fn the_order_of_reading_makes_no_difference_and_memory_is_bounded() {
        let past = Remembered::new(100_000, Arc::new(Digits));
        let first = read(&past, 3, 99_000, 100_000);
        for group in 0..100 {
            read(&past, group, 95_000, 100_000);
        }
        assert_eq!(read(&past, 3, 99_000, 100_000), first);
        let backwards: Vec<_> = (0..100)
            .rev()
            .flat_map(|block| read(&past, 3, 99_000 + block * 10, 99_010 + block * 10))
            .collect();
        let mut sorted = backwards.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, first);
        assert!(past.cache().size <= ROOM / 2);
    }
}
