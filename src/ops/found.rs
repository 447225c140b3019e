//! What a list came to where each row may take a call of its own: a failing call costs its row and is told.

use std::sync::Arc;

use crate::domain::failure::Failure;
use crate::domain::inventory::Listed;

/// Rows, as far as they could be read, and each call that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<T> {
    pub rows: Vec<T>,
    pub failures: Vec<Failure>,
}

impl<T> From<Found<T>> for Listed<T> {
    fn from(found: Found<T>) -> Self {
        Self { items: found.rows.into_iter().map(Arc::new).collect(), failures: found.failures }
    }
}

impl<T> Found<T> {
    /// Nothing but a failure: the list itself could not be read.
    pub(super) fn failed(failure: Failure) -> Self {
        Self { rows: Vec::new(), failures: vec![failure] }
    }

    /// Parts the answers into rows and failures.
    pub(super) fn of(answers: impl IntoIterator<Item = Result<T, Failure>>) -> Self {
        let mut found = Self { rows: Vec::new(), failures: Vec::new() };
        for answer in answers {
            match answer {
                Ok(row) => found.rows.push(row),
                Err(failure) => found.failures.push(failure),
            }
        }
        found
    }
}
