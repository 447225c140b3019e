//! The journal's records and the chain that makes tampering visible.
//!
//! Each record holds the SHA-256 of the one before it and of itself, so a line that was altered,
//! dropped or inserted breaks the chain at a place that can be named. Cutting lines off the end
//! leaves a whole chain; each store keeps the chain's end beside the records to see that, too.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::change::{Outcome, Plan};
use super::id::ChangeId;
use super::identity::Identity;
use super::moves::MoveHeader;
use super::moves::hook::HookKind;
use super::moves::outcome::{Exception, Tally};
use super::moves::roster::RosterPart;

/// The hash that the first record points back to.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    #[serde(flatten)]
    pub body: Body,
    /// Hex SHA-256 of the body's JSON.
    pub hash: String,
}

/// What a record says, without its own hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// 1 for the first record.
    pub sequence: u64,
    /// The hash of the record before, or [`GENESIS`].
    pub previous: String,
    pub at: Timestamp,
    pub change: ChangeId,
    /// Who made the change, as STS names them.
    pub operator: Identity,
    pub entry: Entry,
    /// The fencing token of the lease under which it was written: it grows with each lease on the
    /// target. None where no team table is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fence: Option<u64>,
}

/// What is to be recorded, before it has a place in a chain. The same draft goes into every store.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub change: ChangeId,
    pub operator: Identity,
    pub entry: Entry,
    pub at: Timestamp,
    pub fence: Option<u64>,
}

/// Where a chain ends: the record that the next one follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainEnd {
    /// 0 for an empty chain.
    pub sequence: u64,
    pub hash: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// Written and flushed to disk before the first request.
    Intent {
        plan: Box<Plan>,
    },
    /// Written after the last.
    Outcome {
        outcome: Outcome,
        request_ids: Vec<String>,
    },
    /// The change is made, and its guard begins with this time of the region's.
    Watching {
        since: Timestamp,
    },
    /// What the guard came to: `passed`, `breached` or `unproven`, and why.
    Watched {
        verdict: String,
        why: String,
    },
    /// A move of customers, who follow in parts. Nothing is sent before the last part is written.
    MoveIntent {
        plan: Box<MoveHeader>,
    },
    /// A stretch of a move's customers, in the order in which they are moved.
    MoveRoster {
        part: RosterPart,
    },
    /// Written before the first write to any of these customers, by their places in the roster from 0.
    MoveRange {
        first: u32,
        last: u32,
        /// The versions of their items before the write, in a fenced table.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        versions: Vec<Option<u64>>,
    },
    /// Written after the last: all of them were moved but those that are named.
    MoveDone {
        first: u32,
        last: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        exceptions: Vec<(u32, Exception)>,
    },
    /// A command that is run around a wave has succeeded for so many of its customers.
    MoveHook {
        wave: u32,
        which: HookKind,
        customers: u32,
    },
    /// It was stopped between two ranges and can be taken up again.
    MovePause {
        why: String,
    },
    MoveEnd {
        outcome: Outcome,
        tally: Tally,
    },
}

/// Where a journal was found to have been altered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    #[error("record {sequence} was altered: its hash does not match its content")]
    Altered { sequence: u64 },
    #[error(
        "record {sequence} does not follow the one before it: a record was altered, removed or inserted there"
    )]
    Broken { sequence: u64 },
    #[error("records are missing from the end: the last should be {expected}, the journal ends with {found}")]
    Truncated { expected: u64, found: u64 },
}

impl Body {
    /// Seals the body with its hash.
    ///
    /// # Errors
    /// Where the body can't be written as JSON (a number that is not finite).
    pub fn seal(self) -> Result<Record, serde_json::Error> {
        let hash = self.hash()?;
        Ok(Record { body: self, hash })
    }

    fn hash(&self) -> Result<String, serde_json::Error> {
        let json = serde_json::to_vec(self)?;
        Ok(format!("{:x}", Sha256::digest(&json)))
    }
}

impl Record {
    /// Where the chain ended before this record, by its own account.
    pub fn start(&self) -> ChainEnd {
        ChainEnd { sequence: self.body.sequence.saturating_sub(1), hash: self.body.previous.clone() }
    }

    /// The place after which the next record comes.
    pub fn end(&self) -> ChainEnd {
        ChainEnd { sequence: self.body.sequence, hash: self.hash.clone() }
    }
}

impl ChainEnd {
    /// Of a chain without records.
    pub fn genesis() -> Self {
        Self { sequence: 0, hash: GENESIS.to_owned() }
    }

    /// The draft as the record that follows.
    ///
    /// # Errors
    /// As [`Body::seal`].
    pub fn seal(&self, draft: &Draft) -> Result<Record, serde_json::Error> {
        let draft = draft.clone();
        Body {
            sequence: self.sequence.saturating_add(1),
            previous: self.hash.clone(),
            at: draft.at,
            change: draft.change,
            operator: draft.operator,
            entry: draft.entry,
            fence: draft.fence,
        }
        .seal()
    }

    /// Goes on to `record`, which must be the next of an unaltered chain.
    ///
    /// # Errors
    /// Where it doesn't follow, or its content isn't what its hash says.
    pub fn advance(&mut self, record: &Record) -> Result<(), ChainError> {
        let sequence = self.sequence.saturating_add(1);
        if record.body.previous != self.hash || record.body.sequence != sequence {
            return Err(ChainError::Broken { sequence });
        }
        if record.body.hash().ok().as_deref() != Some(record.hash.as_str()) {
            return Err(ChainError::Altered { sequence });
        }
        *self = record.end();
        Ok(())
    }

    /// Compares what was kept of a chain's end with where the chain ends now. The chain may have
    /// grown since; `found` is its record at the place that was kept, where it has one.
    ///
    /// # Errors
    /// Records are missing from the end, or the last one was altered and sealed anew.
    pub fn is_kept_by(&self, found: Option<&Record>, last: u64) -> Result<(), ChainError> {
        match found {
            _ if self.sequence == 0 => Ok(()),
            None => Err(ChainError::Truncated { expected: self.sequence, found: last }),
            Some(record) if record.hash != self.hash => Err(ChainError::Altered { sequence: self.sequence }),
            Some(_) => Ok(()),
        }
    }
}

/// Walks the chain from its first record to its last.
///
/// # Errors
/// The first place at which it doesn't hold.
pub fn verify(records: &[Record]) -> Result<(), ChainError> {
    let mut end = ChainEnd::genesis();
    records.iter().try_for_each(|record| end.advance(record))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::AccountId;
    use proptest::prelude::*;

    fn chain(length: u64) -> Vec<Record> {
        let mut previous = GENESIS.to_owned();
        (1..=length)
            .map(|sequence| {
                let body = Body {
                    sequence,
                    previous: previous.clone(),
                    at: Timestamp::from_second(i64::try_from(sequence).unwrap()).unwrap(),
                    change: ChangeId::new(format!("change-{sequence}")),
                    operator: Identity {
                        account: AccountId::new("123456789012"),
                        arn: "arn:aws:iam::123456789012:user/on-call".into(),
                    },
                    entry: Entry::Outcome { outcome: Outcome::Applied, request_ids: vec![] },
                    fence: None,
                };
                let record = body.seal().unwrap();
                previous.clone_from(&record.hash);
                record
            })
            .collect()
    }

    #[test]
    fn a_whole_chain_verifies_and_survives_json() {
        let records = chain(5);
        let lines: Vec<String> =
            records.iter().map(|record| serde_json::to_string(record).unwrap()).collect();
        let back: Vec<Record> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(verify(&back), Ok(()));
    }

    fn intent(figure: f64) -> Entry {
        let plan = serde_json::json!({
            "lever": "flush-stage-cache",
            "region": { "account": "123456789012", "region": "eu-west-1" },
            "target": { "kind": "rest-stage", "api": "a1b2c3", "api_name": "orders-api", "stage": "prod" },
            "risk": "low",
            "steps": [],
            "fields": [],
            "iam": [],
            "blast_radius": {
                "minutes": 5,
                "until": null,
                "requests_per_second": figure,
                "cache_hit_rate": figure,
                "shifted_to_backend_per_second": figure,
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

    #[test]
    fn a_record_without_a_fence_keeps_the_hash_that_it_always_had() {
        let record = chain(1).remove(0);
        assert!(!serde_json::to_string(&record).unwrap().contains("fence"));
        let mut fenced = record.body.clone();
        fenced.fence = Some(7);
        let fenced = fenced.seal().unwrap();
        assert_ne!(fenced.hash, record.hash, "the token is part of what is sealed");
        assert_eq!(verify(&[fenced]), Ok(()));
    }

    #[test]
    fn a_plan_without_a_bulk_keeps_the_hash_that_it_always_had() {
        let mut body = chain(1).remove(0).body;
        body.entry = intent(1.0);
        let alone = body.clone().seal().unwrap();
        assert!(!serde_json::to_string(&alone).unwrap().contains("bulk"));
        if let Entry::Intent { plan } = &mut body.entry {
            plan.bulk = Some("bulk-20261120-140322-7f3a".into());
        }
        let part = body.seal().unwrap();
        assert_ne!(part.hash, alone.hash, "what it is a part of is sealed, too");
        let line = serde_json::to_string(&part).unwrap();
        assert_eq!(verify(&[serde_json::from_str(&line).unwrap()]), Ok(()));
    }

    #[test]
    fn what_was_kept_of_the_end_is_compared_with_the_chain() {
        let records = chain(3);
        let kept = records[1].end();
        assert_eq!(kept.is_kept_by(records.get(1), 3), Ok(()));
        assert_eq!(kept.is_kept_by(None, 1), Err(ChainError::Truncated { expected: 2, found: 1 }));
        assert_eq!(kept.is_kept_by(records.get(2), 3), Err(ChainError::Altered { sequence: 2 }));
        assert_eq!(ChainEnd::genesis().is_kept_by(None, 0), Ok(()));
    }

    proptest! {
        /// A figure that came back another would look like tampering.
        #[test]
        fn any_figure_survives_the_file(figure in 0.0_f64..1e6) {
            let mut body = chain(1).remove(0).body;
            body.entry = intent(figure);
            let line = serde_json::to_string(&body.seal().unwrap()).unwrap();
            prop_assert_eq!(verify(&[serde_json::from_str(&line).unwrap()]), Ok(()));
        }

        #[test]
        fn any_altered_removed_or_swapped_record_is_named(length in 2_u64..12, place in any::<prop::sample::Index>(), way in 0..3) {
            let mut records = chain(length);
            let at = place.index(records.len() - 1);
            match way {
                0 => records[at].body.operator.arn.push('x'),
                1 => { records.remove(at); }
                _ => records.swap(at, at + 1),
            }
            let (ChainError::Altered { sequence } | ChainError::Broken { sequence } | ChainError::Truncated { found: sequence, .. }) =
                verify(&records).unwrap_err();
            prop_assert_eq!(sequence, at as u64 + 1);
        }
    }
}
