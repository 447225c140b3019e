//! The journal as a DynamoDB table that a team shares: the same records, in one chain for everybody.
//!
//! A record is an item of the partition `journal`, its sort key the record's sequence in twenty digits, so
//! that a query reads the chain in order. The text of the record is kept as it was hashed. A record is
//! put on the condition that its place is free: of two writers one wins, and the other reads the end
//! anew and tries the next place. The item `end`/`journal` keeps how far the chain reached, which
//! shows that records were taken off its end.
//!
//! An answer may be lost. Each append marks its item, so a look at the place tells whether the record
//! is there; only where it isn't, the same record is put on the same place again. A request that
//! was delayed then finds its place taken, so no record comes twice.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::journal::{JournalError, Proven};
use crate::aws::{
    Attribute, Condition, Item, ItemKey, ItemTable, KeyRange, LARGEST_ITEM, Mode, Operate, Priority, Session,
    Written, item_size,
};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::journal::{ChainEnd, ChainError, Draft, Record};
use crate::domain::team::TeamSettings;

const RECORDS: &str = "journal";
/// How many times an append reads the end anew after somebody else was faster. Each time one of the
/// others has got on, so that many writers at once are served one after the other.
const MOST_TURNS: usize = 50;
/// How many times a put whose answer was lost, or that AWS throttled, is made again.
const MOST_REPEATS: u32 = 2;
/// Between two of those; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The team's journal in one account and region, through a session.
#[derive(Clone, Debug)]
pub struct TeamJournal<M: Mode> {
    session: Session<M>,
    table: ItemTable,
}

impl<M: Mode> TeamJournal<M> {
    /// Reads and sends nothing.
    pub fn open(session: &Session<M>, settings: &TeamSettings) -> Self {
        Self { session: session.clone(), table: ItemTable::team(&settings.table) }
    }

    /// What holds the records, for messages: `table cellgate-team`.
    pub fn place(&self) -> String {
        format!("table {}", self.table.name())
    }

    /// Every record, oldest first.
    ///
    /// # Errors
    /// Where the table can't be read, or an item in it isn't a record.
    pub async fn records(&self) -> Result<Vec<Record>, JournalError> {
        self.records_after(0).await
    }

    /// The records that follow the one with this sequence, oldest first.
    ///
    /// # Errors
    /// As [`TeamJournal::records`].
    pub async fn records_after(&self, sequence: u64) -> Result<Vec<Record>, JournalError> {
        self.range(sequence.saturating_add(1), false, None).await
    }

    /// The last records, oldest first, at most so many.
    ///
    /// # Errors
    /// As [`TeamJournal::records`].
    pub async fn last_records(&self, count: u16) -> Result<Vec<Record>, JournalError> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let mut records = self.range(1, true, Some(i32::from(count))).await?;
        records.reverse();
        Ok(records)
    }

    /// Proves that no record was altered, removed or inserted; gives their number.
    ///
    /// # Errors
    /// The first place where the chain doesn't hold, or the records that are missing from its end.
    pub async fn verify(&self) -> Result<u64, JournalError> {
        self.proven().await?.1
    }

    /// Every record, oldest first, and whether the chain holds, in one reading.
    ///
    /// # Errors
    /// As [`TeamJournal::records`]; what is wrong with the chain stands beside the records.
    pub async fn proven(&self) -> Result<Proven, JournalError> {
        // The kept end first: a record that is added meanwhile makes the chain longer than it says,
        // and that is no fault.
        let kept = self.kept_end().await;
        let records = self.records().await?;
        let proof = kept.and_then(|kept| self.proof(&kept, &records));
        Ok((records, proof))
    }

    fn proof(&self, kept: &ChainEnd, records: &[Record]) -> Result<u64, JournalError> {
        let mut end = ChainEnd::genesis();
        for record in records {
            end.advance(record).map_err(|source| self.tampered(source))?;
        }
        let place = usize::try_from(kept.sequence.saturating_sub(1)).unwrap_or(usize::MAX);
        kept.is_kept_by(records.get(place), end.sequence).map_err(|source| self.tampered(source))?;
        Ok(end.sequence)
    }

    /// Where the chain ends now. Walks the records from the kept end on, of which there are few.
    ///
    /// # Errors
    /// As [`TeamJournal::records`]; also where those records were tampered with: nothing is to be added then.
    pub async fn end(&self) -> Result<ChainEnd, JournalError> {
        let kept = self.kept_end().await?;
        let records = self.range(kept.sequence.max(1), false, None).await?;
        let first = records.first().filter(|record| record.body.sequence == kept.sequence);
        if kept.sequence > 0 && first.is_none() {
            let last = self.last_records(1).await?.last().map_or(0, |record| record.body.sequence);
            return Err(self.tampered(ChainError::Truncated { expected: kept.sequence, found: last }));
        }
        kept.is_kept_by(first, kept.sequence).map_err(|source| self.tampered(source))?;
        let mut end = first.map_or_else(ChainEnd::genesis, Record::start);
        for record in &records {
            end.advance(record).map_err(|source| self.tampered(source))?;
        }
        Ok(end)
    }

    async fn range(
        &self,
        from: u64,
        descending: bool,
        limit: Option<i32>,
    ) -> Result<Vec<Record>, JournalError> {
        let range = KeyRange {
            partition: RECORDS.to_owned(),
            from: sort_key(from),
            to: sort_key(u64::MAX),
            descending,
            limit,
        };
        let items = self
            .session
            .query_items(&self.table, &range)
            .await
            .map_err(|source| self.failed("read", source))?;
        items.iter().map(|item| self.record(item)).collect()
    }

    /// The end that is kept beside the records; genesis where none is.
    async fn kept_end(&self) -> Result<ChainEnd, JournalError> {
        let key = end_key();
        let item = self.session.get_item(&self.table, &key).await;
        let Some(item) = item.map_err(|source| self.failed("read", source))? else {
            return Ok(ChainEnd::genesis());
        };
        let sequence = item.get("sequence").and_then(Attribute::number);
        let hash = item.get("hash").and_then(Attribute::text);
        match (sequence, hash) {
            (Some(sequence), Some(hash)) => Ok(ChainEnd { sequence, hash: hash.to_owned() }),
            _ => Err(self.foreign(&key.sort, "it has no sequence or no hash".to_owned())),
        }
    }

    fn record(&self, item: &Item) -> Result<Record, JournalError> {
        let sort = item.get("sk").and_then(Attribute::text).unwrap_or_default();
        let text = item.get("record").and_then(Attribute::text);
        let text = text.ok_or_else(|| self.foreign(sort, "it has no text `record`".to_owned()))?;
        let record: Record =
            serde_json::from_str(text).map_err(|error| self.foreign(sort, error.to_string()))?;
        if sort_key(record.body.sequence) != sort {
            let why = format!("it holds record {}, which belongs elsewhere", record.body.sequence);
            return Err(self.foreign(sort, why));
        }
        Ok(record)
    }

    fn failed(&self, tried: &'static str, source: Failure) -> JournalError {
        let table = self.table.name().to_owned();
        JournalError::Team { tried, table, source: Box::new(explained(source)) }
    }

    fn foreign(&self, key: &str, why: String) -> JournalError {
        let key = crate::domain::text::sanitise(key.trim_start_matches('0')).into_owned();
        JournalError::Item { key, table: self.table.name().to_owned(), why }
    }

    fn tampered(&self, source: ChainError) -> JournalError {
        JournalError::Chain { place: self.place(), source }
    }
}

impl TeamJournal<Operate> {
    /// Makes sure that the draft could be added: it is not too large, and the journal can be read and wasn't
    /// visibly tampered with. Gives the end to [append](TeamJournal::append) to.
    ///
    /// # Errors
    /// Why it could not.
    pub async fn prepare(&self, draft: &Draft) -> Result<ChainEnd, JournalError> {
        // The longest sequence there could be: what is let through here fits at any place.
        let end = ChainEnd { sequence: u64::MAX - 1, ..ChainEnd::genesis() };
        let record = end.seal(draft).map_err(JournalError::Record)?;
        let mut item = record_key(&record).item();
        item.extend(record_item(&record, &mark())?);
        let bytes = item_size(&item);
        if bytes > LARGEST_ITEM {
            let table = self.table.name().to_owned();
            return Err(JournalError::TooLarge { bytes, limit: LARGEST_ITEM, table });
        }
        self.end().await
    }

    /// Adds a record after `end`, or after what others have added meanwhile, and returns once
    /// DynamoDB has it. An operator's ctrl-c doesn't stop it: what was sent must not go unrecorded.
    ///
    /// # Errors
    /// Where the table can't be written, or it can't be told whether it was.
    pub async fn append(&self, mut end: ChainEnd, draft: &Draft) -> Result<Record, JournalError> {
        let own = self.undisturbed();
        let mark = mark();
        for _ in 0..MOST_TURNS {
            let record = end.seal(draft).map_err(JournalError::Record)?;
            if own.put(&record, &mark).await? {
                own.keep_end(&record.end()).await;
                return Ok(record);
            }
            end = own.end().await?;
        }
        Err(JournalError::Crowded { table: self.table.name().to_owned() })
    }

    /// The same journal, ahead of reads and deaf to ctrl-c.
    pub(super) fn undisturbed(&self) -> Self {
        let session =
            self.session.with_cancellation(CancellationToken::new()).with_priority(Priority::Change);
        Self { session, table: self.table.clone() }
    }

    /// Puts the record on its place. False where the place is somebody else's.
    async fn put(&self, record: &Record, mark: &str) -> Result<bool, JournalError> {
        let key = record_key(record);
        let item = record_item(record, mark)?;
        let free = Condition { expression: "attribute_not_exists(#pk)", values: Vec::new() };
        let is_ours = |found: &Item| found.get("mark").and_then(Attribute::text) == Some(mark);
        let mut pause = FIRST_PAUSE;
        let mut repeats = 0;
        loop {
            let failure = match self.session.put_item(&self.table, &key, &item, &free).await {
                Ok(Written::Done(_)) => return Ok(true),
                // Ours, where an earlier request arrived after all.
                Ok(Written::Refused(Some(found))) => return Ok(is_ours(&found)),
                Ok(Written::Refused(None)) => {
                    return Ok(self.look(&key).await?.is_some_and(|item| is_ours(&item)));
                }
                Err(failure) => failure,
            };
            if !failure.kind.may_pass() || repeats == MOST_REPEATS {
                return Err(self.failed("written", failure));
            }
            tracing::info!(
                repeats,
                record = record.body.sequence,
                "looking for a record whose fate is unknown"
            );
            tokio::time::sleep(pause).await;
            match self.look(&key).await {
                Ok(Some(found)) => return Ok(is_ours(&found)),
                // It hasn't arrived. If it still does, the next put finds it there.
                Ok(None) => {}
                Err(_) => return Err(self.failed("written", failure)),
            }
            repeats += 1;
            pause *= 2;
        }
    }

    async fn look(&self, key: &ItemKey) -> Result<Option<Item>, JournalError> {
        self.session.get_item(&self.table, key).await.map_err(|source| self.failed("read", source))
    }

    /// Notes how far the chain reaches. The record is there already: where this fails, the next append makes
    /// up for it.
    async fn keep_end(&self, end: &ChainEnd) {
        let farther = Condition {
            expression: "attribute_not_exists(#sequence) OR #sequence < :sequence",
            values: vec![
                (":sequence", Attribute::Number(end.sequence)),
                (":hash", Attribute::from(end.hash.as_str())),
            ],
        };
        let update = "SET #sequence = :sequence, #hash = :hash";
        if let Err(failure) = self.session.update_item(&self.table, &end_key(), update, &farther).await {
            tracing::warn!(%failure, "the end of the team's journal could not be kept");
        }
    }
}

/// A table that isn't there has to be made by someone.
pub(super) fn explained(failure: Failure) -> Failure {
    match failure.kind {
        FailureKind::NotFound => failure.with_hint(
            "make the team's table in this account and region, as the README tells, or mend `table` in `[team]`",
        ),
        _ => failure,
    }
}

/// Tells one append from every other.
fn mark() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// As long as the largest number, so that the order of texts is that of numbers.
fn sort_key(sequence: u64) -> String {
    format!("{sequence:020}")
}

fn record_key(record: &Record) -> ItemKey {
    ItemKey::new(RECORDS, sort_key(record.body.sequence))
}

fn end_key() -> ItemKey {
    ItemKey::new("end", RECORDS)
}

/// The record's text, and beside it what makes the table readable in AWS's own console.
fn record_item(record: &Record, mark: &str) -> Result<Item, JournalError> {
    let text = serde_json::to_string(record).map_err(JournalError::Record)?;
    let attributes = [
        ("record", text),
        ("mark", mark.to_owned()),
        ("change", record.body.change.to_string()),
        ("operator", record.body.operator.arn.clone()),
        ("at", record.body.at.to_string()),
    ];
    Ok(attributes.into_iter().map(|(name, text)| (name.to_owned(), Attribute::Text(text))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sort_keys_stand_in_the_order_of_their_sequences() {
        let sequences = [1, 2, 9, 10, 99, 100, u64::from(u32::MAX), u64::MAX];
        let keys: Vec<String> = sequences.iter().map(|sequence| sort_key(*sequence)).collect();
        assert!(keys.is_sorted(), "{keys:?}");
        assert!(keys.iter().all(|key| key.len() == 20));
    }
}
