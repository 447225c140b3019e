//! How full a cell is: each configured limit, and the highest load that was ever seen.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::cell::Cell;
use crate::domain::mapping::CustomerCount;

/// What a cell can run out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resource {
    Requests,
    Customers,
    Connections,
}

impl Resource {
    pub fn word(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Customers => "customers",
            Self::Connections => "connections",
        }
    }
}

/// The highest load that was ever seen, by whole hours: CloudWatch sums the requests of each hour, so a peak within
/// an hour was higher.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Highest {
    /// Requests per second, the mean of that hour.
    pub requests_per_second: f64,
    /// The start of that hour.
    pub hour: Timestamp,
    /// Since when hours were looked at.
    pub since: Timestamp,
    /// When CloudWatch was asked.
    pub read_at: Timestamp,
}

impl Highest {
    /// With the highest load elsewhere of a cell that is in two regions: at most this much was seen at once.
    pub(super) fn add(&mut self, other: &Self) {
        let busier = if other.requests_per_second > self.requests_per_second { *other } else { *self };
        *self = Self {
            requests_per_second: self.requests_per_second + other.requests_per_second,
            hour: busier.hour,
            since: self.since.max(other.since),
            read_at: self.read_at.min(other.read_at),
        };
    }
}

/// How full a cell is of each thing that a limit is configured for, 0 to 1 and beyond.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Saturation {
    pub loads: Vec<(Resource, f64)>,
}

impl Saturation {
    pub fn of(
        cell: &Cell,
        requests_per_second: Option<f64>,
        customers: Option<CustomerCount>,
        connections: Option<CustomerCount>,
    ) -> Self {
        let limits = [
            (Resource::Requests, requests_per_second, cell.capacity),
            (
                Resource::Customers,
                customers.map(|count| exact(count.customers)),
                cell.most_customers.map(exact),
            ),
            (
                Resource::Connections,
                connections.map(|count| exact(count.customers)),
                cell.most_connections.map(exact),
            ),
        ];
        let loads = limits.into_iter().filter_map(|(resource, used, most)| {
            let (used, most) = used.zip(most.filter(|most| *most > 0.0))?;
            Some((resource, used / most))
        });
        Self { loads: loads.collect() }
    }

    /// The fullest: what the cell will run out of first.
    pub fn worst(&self) -> Option<(Resource, f64)> {
        self.loads.iter().copied().max_by(|(_, one), (_, other)| one.total_cmp(other))
    }

    pub fn of_resource(&self, wanted: Resource) -> Option<f64> {
        self.loads.iter().find(|(resource, _)| *resource == wanted).map(|(_, load)| *load)
    }
}

#[expect(clippy::cast_precision_loss, reason = "customers and connections are far below 2^52")]
fn exact(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fullest_resource_counts() {
        let cell = Cell {
            capacity: Some(100.0),
            most_customers: Some(1_000),
            most_connections: Some(50),
            ..Cell::default()
        };
        let count = |customers| Some(CustomerCount { customers, complete: true });
        let saturation = Saturation::of(&cell, Some(40.0), count(950), None);
        assert_eq!(saturation.worst(), Some((Resource::Customers, 0.95)));
        assert_eq!(saturation.of_resource(Resource::Requests), Some(0.4));
        assert_eq!(saturation.of_resource(Resource::Connections), None, "nobody has counted them");
        let saturation = Saturation::of(&cell, None, None, count(60));
        assert_eq!(saturation.worst(), Some((Resource::Connections, 1.2)));
        assert_eq!(Saturation::of(&Cell::default(), Some(40.0), count(1), count(1)).worst(), None);
    }
}
