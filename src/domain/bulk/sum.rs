//! What the parts of a bulk come to together.

use serde::Serialize;

use super::BulkPlan;
use crate::domain::change::{BlastRadius, Plan};

/// Requests of the last hour that the proposed throttles together would have refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    pub arrived: u64,
    pub least: u64,
    pub most: u64,
    /// Of how many targets that is known.
    pub targets: usize,
}

/// A stage without figures has had no request; none where no part has any.
pub fn blast_radius(parts: &[Plan]) -> BlastRadius {
    let all = || parts.iter().map(|plan| &plan.blast_radius);
    let sum = |figure: fn(&BlastRadius) -> Option<f64>| {
        all().any(|radius| figure(radius).is_some()).then(|| all().filter_map(figure).sum())
    };
    BlastRadius {
        minutes: all().map(|radius| radius.minutes).max().unwrap_or_default(),
        until: all().filter_map(|radius| radius.until).max(),
        requests_per_second: sum(|radius| radius.requests_per_second),
        // A share of each stage's own requests.
        cache_hit_rate: None,
        shifted_to_backend_per_second: sum(|radius| radius.shifted_to_backend_per_second),
        production: all().flat_map(|radius| radius.production.iter().cloned()).collect(),
        ..BlastRadius::default()
    }
}

impl BulkPlan {
    /// Every warning of the parts once, with the number of targets that it is for, in the order of their first.
    pub fn warnings(&self) -> Vec<(&str, usize)> {
        let mut counted: Vec<(&str, usize)> = Vec::new();
        for warning in self.parts.iter().flat_map(|plan| &plan.warnings) {
            match counted.iter_mut().find(|(known, _)| known == warning) {
                Some((_, count)) => *count += 1,
                None => counted.push((warning, 1)),
            }
        }
        counted
    }

    /// What the throttles would have refused; none where no part tells.
    pub fn refused_by_throttle(&self) -> Option<Refused> {
        let known: Vec<_> = self.parts.iter().filter_map(|plan| plan.what_if.as_ref()).collect();
        (!known.is_empty()).then(|| Refused {
            arrived: known.iter().map(|what_if| what_if.arrived).sum(),
            least: known.iter().map(|what_if| what_if.proposed.least).sum(),
            most: known.iter().map(|what_if| what_if.proposed.most).sum(),
            targets: known.len(),
        })
    }
}
