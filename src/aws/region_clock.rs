//! The region's own time, read from the `Date` of everything that it answers.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use jiff::Timestamp;

use crate::domain::course::Course;

/// What is known of a region's clock; clones share it. An SDK interceptor keeps it up to date.
#[derive(Clone)]
pub struct RegionClock {
    /// From when the machine's time is measured, by a clock that nobody sets.
    origin: Instant,
    course: Arc<Mutex<Course>>,
}

impl RegionClock {
    /// A clock of which nothing is known yet.
    pub fn new() -> Self {
        Self { origin: Instant::now(), course: Arc::default() }
    }

    /// The region's time, where the machine's clock says `machine`.
    pub fn now(&self, machine: Timestamp) -> Timestamp {
        self.course.lock().unwrap_or_else(PoisonError::into_inner).now(self.origin.elapsed(), machine)
    }

    fn observe(&self, region: Timestamp) {
        self.course.lock().unwrap_or_else(PoisonError::into_inner).observe(self.origin.elapsed(), region);
    }
}

impl fmt::Debug for RegionClock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RegionClock").finish_non_exhaustive()
    }
}

impl Intercept for RegionClock {
    fn name(&self) -> &'static str {
        "CellgateRegionClock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        // An answer without a date, or with one that is none, says nothing.
        if let Some(at) = date.and_then(|date| Timestamp::from_second(date.secs()).ok()) {
            self.observe(at);
        }
        Ok(())
    }
}
