//! What clients put into log streams.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use super::event::{Event, EventKey};

/// The most bytes that the region keeps of what clients put; the oldest go first, stream by stream.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// A stream that a client made.
#[derive(Debug)]
pub struct StoredStream {
    pub created: Timestamp,
    /// In the order of their keys.
    pub events: Vec<Event>,
}

/// The streams that clients made, by group.
#[derive(Debug, Default)]
pub struct Stored {
    groups: HashMap<String, BTreeMap<String, StoredStream>>,
    next_id: u128,
    bytes: usize,
}

impl Stored {
    /// Makes a stream; false if there is one of this name.
    pub fn create(&mut self, group: &str, stream: &str, now: Timestamp) -> bool {
        let streams = self.groups.entry(group.to_owned()).or_default();
        if streams.contains_key(stream) {
            return false;
        }
        streams.insert(stream.to_owned(), StoredStream { created: now, events: Vec::new() });
        true
    }

    /// Deletes a stream; false if there is none.
    pub fn delete_stream(&mut self, group: &str, stream: &str) -> bool {
        let gone = self.groups.get_mut(group).and_then(|streams| streams.remove(stream));
        self.bytes -= gone.as_ref().map_or(0, StoredStream::bytes);
        gone.is_some()
    }

    /// Deletes all streams of a group.
    pub fn delete_group(&mut self, group: &str) {
        let gone = self.groups.remove(group).unwrap_or_default();
        self.bytes -= gone.values().map(StoredStream::bytes).sum::<usize>();
    }

    /// The streams of a group, by name.
    pub fn streams(&self, group: &str) -> impl Iterator<Item = (&String, &StoredStream)> {
        self.groups.get(group).into_iter().flatten()
    }

    /// Adds events, given as their time in milliseconds and their message; false if there is no such stream.
    pub fn put(&mut self, group: &str, stream: &str, events: Vec<(i64, String)>, now: Timestamp) -> bool {
        let Some(streams) = self.groups.get_mut(group) else { return false };
        let Some(place) = streams.get_mut(stream) else { return false };
        let name: Arc<str> = Arc::from(stream);
        for (millis, message) in events {
            self.next_id += 1;
            let key = EventKey { millis, id: self.next_id };
            let event = Event { key, ingested: now.as_millisecond(), stream: Arc::clone(&name), message };
            self.bytes += event.bytes();
            place.events.push(event);
        }
        place.events.sort_by_key(|event| event.key);
        while self.bytes > MOST_BYTES && !place.events.is_empty() {
            self.bytes -= place.events.remove(0).bytes();
        }
        true
    }

    /// The events of a group whose time lies in the range.
    pub fn events(&self, group: &str, range: &Range<i64>) -> impl Iterator<Item = &Event> {
        self.groups
            .get(group)
            .into_iter()
            .flat_map(BTreeMap::values)
            .flat_map(|stream| &stream.events)
            .filter(move |event| range.contains(&event.key.millis))
    }
}

impl StoredStream {
    /// What AWS counts as stored.
    pub fn bytes(&self) -> usize {
        self.events.iter().map(Event::bytes).sum()
    }
}
