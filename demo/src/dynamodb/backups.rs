//! Continuous backups, which the engine does not know: whether a table can be restored to a point in time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use dynoxide::Database;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::server::fault::Fault;

/// AWS: days for which a table can be restored, unless told otherwise; at least one.
const LONGEST_DAYS: u8 = 35;
/// AWS: the latest time to restore to is usually five minutes ago.
const LATEST: SignedDuration = SignedDuration::from_mins(5);

/// The tables of an account that have point-in-time recovery.
#[derive(Debug, Default)]
pub struct Backups {
    enabled: Mutex<HashMap<String, Recovery>>,
}

#[derive(Clone, Copy, Debug)]
struct Recovery {
    since: Timestamp,
    days: u8,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    table_name: String,
    point_in_time_recovery_specification: Option<Specification>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Specification {
    point_in_time_recovery_enabled: bool,
    recovery_period_in_days: Option<u8>,
}

impl Backups {
    /// `DescribeContinuousBackups`.
    ///
    /// # Errors
    /// An unknown table.
    pub fn describe(&self, database: &Database, body: &[u8], now: Timestamp) -> Result<Value, Fault> {
        let request = read(body)?;
        let table = existing(database, &request.table_name)?;
        let recovery = self.enabled.lock().unwrap_or_else(PoisonError::into_inner).get(table).copied();
        Ok(description(recovery, now))
    }

    /// `UpdateContinuousBackups`.
    ///
    /// # Errors
    /// An unknown table, or a period that AWS does not offer.
    pub fn update(&self, database: &Database, body: &[u8], now: Timestamp) -> Result<Value, Fault> {
        let request = read(body)?;
        let table = existing(database, &request.table_name)?;
        let specification = request.point_in_time_recovery_specification.ok_or_else(|| {
            invalid("1 validation error detected: Value null at 'pointInTimeRecoverySpecification' failed to satisfy \
                     constraint: Member must not be null")
        })?;
        let days = specification.recovery_period_in_days.unwrap_or(LONGEST_DAYS);
        if !(1..=LONGEST_DAYS).contains(&days) {
            return Err(invalid("RecoveryPeriodInDays must be between 1 and 35"));
        }
        let mut enabled = self.enabled.lock().unwrap_or_else(PoisonError::into_inner);
        if specification.point_in_time_recovery_enabled {
            let recovery = enabled.entry(table.to_owned()).or_insert(Recovery { since: now, days });
            recovery.days = days;
        } else {
            enabled.remove(table);
        }
        Ok(description(enabled.get(table).copied(), now))
    }
}

fn description(recovery: Option<Recovery>, now: Timestamp) -> Value {
    let point_in_time = match recovery {
        None => json!({ "PointInTimeRecoveryStatus": "DISABLED" }),
        Some(Recovery { since, days }) => {
            let oldest = now.saturating_sub(SignedDuration::from_hours(24 * i64::from(days)));
            let earliest = oldest.unwrap_or(Timestamp::MIN).max(since);
            let latest = now.saturating_sub(LATEST).unwrap_or(Timestamp::MIN).max(earliest);
            json!({
                "PointInTimeRecoveryStatus": "ENABLED",
                "RecoveryPeriodInDays": days,
                "EarliestRestorableDateTime": earliest.as_second(),
                "LatestRestorableDateTime": latest.as_second(),
            })
        }
    };
    json!({
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": point_in_time,
        }
    })
}

fn read(body: &[u8]) -> Result<Request, Fault> {
    serde_json::from_slice(body).map_err(|error| {
        Fault::new(
            400,
            "SerializationException",
            format!("The request is not as the operation takes it: {error}"),
        )
    })
}

/// The table's name, without the ARN that may stand before it.
fn existing<'a>(database: &Database, name: &'a str) -> Result<&'a str, Fault> {
    let table = name.rsplit(":table/").next().unwrap_or(name);
    match database.get_table_metadata(table) {
        Ok(Some(_)) => Ok(table),
        Ok(None) => Err(Fault::new(400, "TableNotFoundException", format!("Table not found: {table}"))),
        Err(error) => Err(Fault::internal(error.to_string())),
    }
}

fn invalid(message: &str) -> Fault {
    Fault::new(400, "ValidationException", message)
}
