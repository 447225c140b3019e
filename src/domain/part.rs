//! A part of the estate that is read on its own: its last good value, when that was read, and
//! the failure of the latest try.
//!
//! A failed refresh keeps the old value. The screen shows both: rows with their age, and the error.

use jiff::Timestamp;

use super::failure::Failure;

/// Old data and a new error can stand side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<T> {
    value: Option<(T, Timestamp)>,
    failure: Option<(Failure, Timestamp)>,
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self { value: None, failure: None }
    }
}

impl<T> Part<T> {
    pub fn read(value: T, at: Timestamp) -> Self {
        Self { value: Some((value, at)), failure: None }
    }

    /// The last good value, however old.
    pub fn value(&self) -> Option<&T> {
        self.value.as_ref().map(|(value, _)| value)
    }

    /// When the value was read.
    pub fn read_at(&self) -> Option<Timestamp> {
        self.value.as_ref().map(|(_, at)| *at)
    }

    /// The failure of the latest try; none once a later try has succeeded.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref().map(|(failure, _)| failure)
    }

    /// Neither a value nor a failure yet.
    pub fn is_pending(&self) -> bool {
        self.value.is_none() && self.failure.is_none()
    }

    /// Takes the outcome of a try: a success replaces value and failure, a failure keeps the value.
    pub fn take(&mut self, outcome: Result<T, Failure>, at: Timestamp) {
        match outcome {
            Ok(value) => *self = Self::read(value, at),
            Err(failure) => self.failure = Some((failure, at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::failure::FailureKind;

    #[test]
    fn a_failed_refresh_keeps_the_old_rows_and_their_age() {
        let first = Timestamp::from_second(60).unwrap();
        let later = Timestamp::from_second(120).unwrap();
        let mut part = Part::read(vec![1, 2], first);
        part.take(
            Err(Failure::new("GetStages", "orders-api", FailureKind::Service, "internal error")),
            later,
        );
        assert_eq!(part.value(), Some(&vec![1, 2]));
        assert_eq!(part.read_at(), Some(first));
        assert!(part.failure().is_some());
        part.take(Ok(vec![3]), later);
        assert_eq!((part.value(), part.failure()), (Some(&vec![3]), None));
    }
}
