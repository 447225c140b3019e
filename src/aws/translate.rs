//! Small translations that every service needs: text, time and maps, sanitised on the way in.

use std::collections::{BTreeMap, HashMap};

use aws_smithy_types::DateTime;
use jiff::Timestamp;

use crate::domain::text::sanitise;

/// Text from AWS; empty where AWS gave none.
pub fn text(from: Option<&str>) -> String {
    from.map(|text| sanitise(text).into_owned()).unwrap_or_default()
}

/// Text from AWS, where an empty one means none.
pub fn optional(from: Option<&str>) -> Option<String> {
    from.filter(|text| !text.is_empty()).map(|text| sanitise(text).into_owned())
}

/// A time from AWS. None where it lies outside of the years that can be shown.
pub fn time(from: Option<&DateTime>) -> Option<Timestamp> {
    from.and_then(|time| Timestamp::from_nanosecond(time.as_nanos()).ok())
}

/// A time for AWS.
pub fn date_time(time: Timestamp) -> DateTime {
    DateTime::from_secs_and_nanos(time.as_second(), time.subsec_nanosecond().unsigned_abs())
}

/// Tags or variables.
pub fn map(from: Option<&HashMap<String, String>>) -> BTreeMap<String, String> {
    from.into_iter()
        .flatten()
        .map(|(key, value)| (sanitise(key).into_owned(), sanitise(value).into_owned()))
        .collect()
}

/// Seconds or another count that can't be negative.
pub fn count(from: Option<i32>) -> Option<u32> {
    from.and_then(|number| u32::try_from(number).ok())
}
