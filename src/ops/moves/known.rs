//! The moves that the journals tell of.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::aws::{Mode, Session};
use crate::domain::change::Refusal;
use crate::domain::id::ChangeId;
use crate::domain::identity::RegionKey;
use crate::domain::journal::{Entry, Record};
use crate::domain::moves::MoveHeader;
use crate::domain::moves::run::{Run, runs};
use crate::domain::suggest::nearest;
use crate::ops::change::{ChangeError, ChangeStore};
use crate::ops::journal::JournalError;
use crate::ops::journal_reader::JournalReader;
use crate::ops::team_journal::TeamJournal;

/// Every move, oldest first: what this machine's file and the team's table know of it together, since a process may
/// have ended after the one was written and before the other was.
///
/// # Errors
/// Where a journal can't be read, or was altered.
pub async fn known_moves<M: Mode>(
    session: &Session<M>,
    store: &ChangeStore,
) -> Result<Vec<Run>, JournalError> {
    let file = JournalReader::File(store.journal.clone());
    file.verify().await?;
    let of_team = match &store.team {
        Some(team) => TeamJournal::open(session, team).records().await?,
        None => Vec::new(),
    };
    let mut known = runs(&together(of_team, file.records().await?));
    known.sort_by_key(|run| run.at);
    Ok(known)
}

/// Every move that this machine's file alone tells of, oldest first.
///
/// # Errors
/// As [`known_moves`].
pub async fn moves_of_this_machine(store: &ChangeStore) -> Result<Vec<Run>, JournalError> {
    let file = JournalReader::File(store.journal.clone());
    file.verify().await?;
    let mut known = runs(&file.records().await?);
    known.sort_by_key(|run| run.at);
    Ok(known)
}

/// The records of both stores in the order in which they were written, each once: the last that was heard of a move
/// is not what this machine wrote of it long before a colleague's went on with it.
fn together(team: Vec<Record>, mut file: Vec<Record>) -> Vec<Record> {
    let mut in_team: HashMap<(&ChangeId, Timestamp), Vec<&Entry>> = HashMap::new();
    for Record { body, .. } in &team {
        in_team.entry((&body.change, body.at)).or_default().push(&body.entry);
    }
    file.retain(|Record { body, .. }| {
        let same = in_team.get(&(&body.change, body.at));
        !same.is_some_and(|entries| entries.contains(&&body.entry))
    });
    let mut together = Vec::with_capacity(team.len() + file.len());
    let mut file = file.into_iter().peekable();
    for record in team {
        while let Some(earlier) = file.next_if(|own| own.body.at < record.body.at) {
            together.push(earlier);
        }
        together.push(record);
    }
    together.extend(file);
    together
}

/// Another account's table, and another region's, may have the same name and the same customers.
///
/// # Errors
/// Where the move was made elsewhere than where the session is.
pub fn refuse_elsewhere<M: Mode>(session: &Session<M>, run: &Run) -> Result<(), Refusal> {
    let here = RegionKey { account: session.account().clone(), region: session.region().clone() };
    if here == run.header.region {
        return Ok(());
    }
    let why = format!(
        "it was made in {}, and this session is in {here}: choose that account and region",
        run.header.region
    );
    Err(Refusal::Forbidden { target: format!("the move {}", run.id), why })
}

/// The move of this id, or the last one.
///
/// # Errors
/// Where there is none; the nearest id is named.
pub fn named(known: &[Run], id: Option<&str>) -> Result<Run, String> {
    match id {
        None => known.last().cloned().ok_or_else(|| "the journal has no move".to_owned()),
        Some(id) => known.iter().find(|run| run.id.as_str() == id).cloned().ok_or_else(|| {
            let meant = nearest(id, known.iter().map(|run| run.id.as_str()));
            let meant = meant.map(|id| format!("; did you mean {id}?")).unwrap_or_default();
            format!("the journal has no move {id}{meant}")
        }),
    }
}

/// Cells with customers in doubt take no other move: what it would rest on isn't known.
pub(super) fn refuse_over_doubt(known: &[Run], header: &MoveHeader) -> Result<(), ChangeError> {
    match known.iter().find(|run| run.blocks(header)) {
        Some(run) => {
            let (target, change) = (run.header.target().to_string(), run.id.clone());
            Err(Refusal::Open { target, change }.into())
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::AccountId;
    use crate::domain::identity::Identity;
    use crate::domain::journal::{ChainEnd, Draft};

    /// A chain of entries of one move, each at its second.
    fn chain(entries: &[(i64, Entry)]) -> Vec<Record> {
        let mut records: Vec<Record> = Vec::new();
        for (second, entry) in entries {
            let end = records.last().map_or_else(ChainEnd::genesis, Record::end);
            let draft = Draft {
                change: ChangeId::new("move"),
                operator: Identity { account: AccountId::new("123456789012"), arn: "arn".into() },
                entry: entry.clone(),
                at: Timestamp::from_second(*second).unwrap(),
                fence: None,
            };
            records.push(end.seal(&draft).unwrap());
        }
        records
    }

    #[test]
    fn records_of_two_stores_come_in_the_order_of_time_and_each_once() {
        let range = |first| Entry::MoveRange { first, last: first, versions: Vec::new() };
        let pause = |why: &str| Entry::MovePause { why: why.to_owned() };
        // Paused at this machine, then gone on with by a colleague's, who was killed.
        let team = chain(&[(1, range(0)), (2, pause("lunch")), (4, range(1))]);
        // The team was not told of one pause.
        let file = chain(&[(1, range(0)), (2, pause("lunch")), (3, pause("again"))]);
        let together: Vec<Entry> = together(team, file).into_iter().map(|record| record.body.entry).collect();
        assert_eq!(together, [range(0), pause("lunch"), pause("again"), range(1)]);
    }
}
