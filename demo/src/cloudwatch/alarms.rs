//! Alarms: the operations that make, alter, describe and delete them.

mod alarm;
mod book;
mod describe;
mod history;
mod put;
mod rule;
mod set;
mod starting;
mod tags;
mod verdict;

#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::error::Fault;
use super::value::Value;
use crate::estate::Estate;
use crate::metrics::MetricStore;
use book::Book;

/// The alarms of one account, shared by all requests.
#[derive(Debug, Default)]
pub struct Alarms {
    book: Mutex<Book>,
}

/// What an operation on alarms works with: all minutes that are over have been evaluated.
#[derive(Debug)]
pub struct Desk<'a> {
    book: MutexGuard<'a, Book>,
    estate: &'a Estate,
    metrics: &'a MetricStore,
    now: Timestamp,
}

/// An operation on alarms.
pub type Operation = fn(&mut Desk<'_>, &Value) -> Result<Value, Fault>;

impl Alarms {
    /// Performs an operation.
    pub fn perform(
        &self,
        operation: Operation,
        (estate, metrics): (&Estate, &MetricStore),
        now: Timestamp,
        request: &Value,
    ) -> Result<Value, Fault> {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let mut desk = Desk { book, estate, metrics, now };
        desk.book.catch_up(estate, metrics, now);
        operation(&mut desk, request)
    }
}

pub use describe::{describe_alarms, describe_alarms_for_metric};
pub use history::describe_alarm_history;
pub use put::{put_composite_alarm, put_metric_alarm};
pub use set::{delete_alarms, disable_alarm_actions, enable_alarm_actions, set_alarm_state};
pub use tags::{list_tags_for_resource, tag_resource, untag_resource};
