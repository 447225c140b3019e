//! The changes that a journal tells of, each put together from its records.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::change::{Outcome, Plan};
use super::id::ChangeId;
use super::journal::{Body, Entry, Record};

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
    /// The change that took this one back.
    pub undone_by: Option<ChangeId>,
    /// Since when its guard has watched, in the region's time.
    pub watching: Option<Timestamp>,
    /// What its guard came to.
    pub watched: Option<Watched>,
}

/// What the guard of a change came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// `passed`, `breached` or `unproven`.
    pub verdict: String,
    pub why: String,
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

    /// Whether its guard has begun and not come to an end: somebody watches still, or was cut off.
    pub fn is_unwatched(&self) -> bool {
        let applied = self.end.as_ref().is_some_and(|end| end.outcome == Outcome::Applied);
        applied && self.plan.guard.is_some() && self.watched.is_none() && self.undone_by.is_none()
    }

    pub fn why(&self) -> Option<&str> {
        self.end.as_ref().and_then(|end| end.outcome.why())
    }

    /// The lever by the name that records and plans give it, such as `flush-stage-cache`.
    pub fn lever_name(&self) -> String {
        self.plan.lever.name()
    }

    /// Whether anything of it may have been done.
    pub fn may_stand(&self) -> bool {
        !matches!(self.end.as_ref().map(|end| &end.outcome), Some(Outcome::NotApplied { .. }))
    }
}

/// Whether it stays undone: an undo may have been undone, too. No chain of those is longer than the journal.
pub fn is_undone(change: &ChangeHistory, by_id: &BTreeMap<&ChangeId, &ChangeHistory>) -> bool {
    let mut undone = false;
    let mut by = change.undone_by.as_ref();
    for _ in 0..by_id.len() {
        let Some(undoing) = by else { break };
        undone = !undone;
        by = by_id.get(undoing).and_then(|change| change.undone_by.as_ref());
    }
    undone
}

/// The changes that were taken back, and stay so.
pub fn undone(history: &[ChangeHistory]) -> BTreeSet<ChangeId> {
    let by_id = history.iter().map(|change| (&change.id, change)).collect();
    let undone = history.iter().filter(|change| is_undone(change, &by_id));
    undone.map(|change| change.id.clone()).collect()
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
                changes.push(announced(body, Plan::clone(plan)));
            }
            Entry::MoveIntent { plan } => {
                places.insert(&body.change, changes.len());
                changes.push(announced(body, plan.as_plan()));
            }
            Entry::Outcome { outcome, .. } | Entry::MoveEnd { outcome, .. } => {
                let place = places.get(&body.change).copied();
                if let Some(change) = place.and_then(|place| changes.get_mut(place)) {
                    let request_ids = match &body.entry {
                        Entry::Outcome { request_ids, .. } => request_ids.clone(),
                        _ => Vec::new(),
                    };
                    change.end = Some(End { at: body.at, outcome: outcome.clone(), request_ids });
                }
            }
            Entry::Watching { since } => {
                let place = places.get(&body.change).copied();
                if let Some(change) = place.and_then(|place| changes.get_mut(place)) {
                    change.watching = Some(*since);
                }
            }
            Entry::Watched { verdict, why } => {
                let place = places.get(&body.change).copied();
                if let Some(change) = place.and_then(|place| changes.get_mut(place)) {
                    change.watched = Some(Watched { verdict: verdict.clone(), why: why.clone() });
                }
            }
            Entry::MoveRoster { .. }
            | Entry::MoveRange { .. }
            | Entry::MoveDone { .. }
            | Entry::MoveHook { .. }
            | Entry::MovePause { .. } => {}
        }
    }
    let undone: Vec<_> = changes
        .iter()
        .filter(|change| change.end.as_ref().is_some_and(|end| end.outcome == Outcome::Applied))
        .filter_map(|change| Some((change.plan.undoes.clone()?, change.id.clone())))
        .collect();
    for (undone, by) in undone {
        if let Some(change) = places.get(&undone).and_then(|place| changes.get_mut(*place)) {
            change.undone_by = Some(by);
        }
    }
    changes
}

fn announced(body: &Body, plan: Plan) -> ChangeHistory {
    ChangeHistory {
        id: body.change.clone(),
        at: body.at,
        operator: body.operator.arn.clone(),
        plan,
        fence: body.fence,
        end: None,
        undone_by: None,
        watching: None,
        watched: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::AccountId;
    use crate::domain::identity::Identity;
    use crate::domain::journal::{ChainEnd, Draft};

    fn intent(lever: &str) -> Entry {
        let plan = serde_json::json!({
            "lever": lever,
            "region": { "account": "123456789012", "region": "eu-west-1" },
            "target": { "kind": "rest-stage", "api": "a1b2c3", "api_name": "orders-api", "stage": "prod" },
            "risk": "low",
            "steps": [],
            "fields": [],
            "iam": [],
            "blast_radius": {
                "minutes": 5,
                "until": null,
                "requests_per_second": null,
                "cache_hit_rate": null,
                "shifted_to_backend_per_second": null,
            },
            "cost": null,
            "undoes": null,
            "undo": { "impossible": { "why": "it is gone" } },
            "preconditions": [],
            "warnings": [],
            "planned_at": "2026-11-20T14:03:22Z",
        });
        Entry::Intent { plan: Box::new(serde_json::from_value(plan).unwrap()) }
    }

    fn outcome(outcome: Outcome) -> Entry {
        Entry::Outcome { outcome, request_ids: vec!["4711".into()] }
    }

    fn journal(entries: Vec<(&str, Entry)>) -> Vec<Record> {
        let mut end = ChainEnd::genesis();
        entries
            .into_iter()
            .map(|(change, entry)| {
                let record = end
                    .seal(&Draft {
                        change: ChangeId::new(change),
                        operator: Identity {
                            account: AccountId::new("123456789012"),
                            arn: "arn:aws:iam::123456789012:user/on-call".into(),
                        },
                        entry,
                        at: Timestamp::UNIX_EPOCH,
                        fence: Some(3),
                    })
                    .unwrap();
                end = record.end();
                record
            })
            .collect()
    }

    #[test]
    fn interleaved_records_are_put_together_by_change() {
        let unknown = Outcome::Unknown { why: "the answer was lost".into() };
        let records = journal(vec![
            ("one", intent("flush-stage-cache")),
            ("two", intent("flush-stage-cache")),
            ("three", intent("flush-stage-cache")),
            ("two", outcome(unknown)),
            ("one", outcome(Outcome::Applied)),
            ("unheard-of", outcome(Outcome::Applied)),
        ]);
        let changes = changes(&records);
        let seen: Vec<_> =
            changes.iter().map(|change| (change.id.as_str(), change.state(), change.why())).collect();
        assert_eq!(
            seen,
            [
                ("one", "applied", None),
                ("two", "unknown", Some("the answer was lost")),
                ("three", "open", None)
            ]
        );
        assert_eq!((changes[0].fence, changes[0].lever_name().as_str()), (Some(3), "flush-stage-cache"));
    }
}
