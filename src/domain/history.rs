//! The changes that a journal tells of, each put together from its records.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::change::{Outcome, Plan};
use super::id::ChangeId;
use super::journal::{Entry, Record};

/// One change, as far as the journal knows.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeHistory {
    pub id: ChangeId,
    /// When the intent was recorded.
    pub at: Timestamp,
    /// Who announced it: their ARN.
    pub operator: String,
    pub plan: Plan,
    /// The fencing token of the lease under which it was announced.
    pub fence: Option<u64>,
    /// The last outcome recorded; none while the change runs, or where its process ended before.
    pub end: Option<End>,
}

/// How a change ended.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    pub at: Timestamp,
    pub outcome: Outcome,
    pub request_ids: Vec<String>,
}

impl ChangeHistory {
    /// One word for how it stands: that of its outcome, or `open`.
    pub fn state(&self) -> &'static str {
        self.end.as_ref().map_or("open", |end| end.outcome.word())
    }

    pub fn why(&self) -> Option<&str> {
        self.end.as_ref().and_then(|end| end.outcome.why())
    }

    /// The lever by the name that records and plans give it, such as `flush-stage-cache`.
    pub fn lever_name(&self) -> String {
        let name = serde_json::to_value(self.plan.lever);
        name.ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// Every change of these records, oldest first. Records of several changes may be interleaved.
pub fn changes(records: &[Record]) -> Vec<ChangeHistory> {
    let mut changes: Vec<ChangeHistory> = Vec::new();
    let mut places: BTreeMap<&ChangeId, usize> = BTreeMap::new();
    for record in records {
        let body = &record.body;
        match &body.entry {
            Entry::Intent { plan } => {
                places.insert(&body.change, changes.len());
                changes.push(ChangeHistory {
                    id: body.change.clone(),
                    at: body.at,
                    operator: body.operator.arn.clone(),
                    plan: Plan::clone(plan),
                    fence: body.fence,
                    end: None,
                });
            }
            Entry::Outcome { outcome, request_ids } => {
                let place = places.get(&body.change).copied();
                if let Some(change) = place.and_then(|place| changes.get_mut(place)) {
                    let (outcome, request_ids) = (outcome.clone(), request_ids.clone());
                    change.end = Some(End { at: body.at, outcome, request_ids });
                }
            }
        }
    }
    changes
}
