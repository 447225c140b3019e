//! The journal in DynamoDB: one chain whoever writes, no record twice, and nothing altered unseen.

use std::collections::BTreeSet;

use cellgate::aws::{Operate, Session};
use cellgate::domain::change::Outcome;
use cellgate::domain::failure::FailureKind;
use cellgate::domain::journal::{ChainError, Entry, Record};
use cellgate::ops::journal::JournalError;
use cellgate::ops::team_journal::TeamJournal;

use super::{draft, operator, runtime, settings};
use crate::support::emulator::Emulator;
use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::region::Region;
use crate::support::table::TeamTable;

async fn append(session: &Session<Operate>, change: &str) -> Result<Record, JournalError> {
    let journal = TeamJournal::open(session, &settings());
    let draft = draft(session, change);
    let end = journal.prepare(&draft).await?;
    journal.append(end, &draft).await
}

async fn verify(session: &Session<Operate>) -> Result<u64, JournalError> {
    TeamJournal::open(session, &settings()).verify().await
}

/// Eight operators who all write at once, each many times.
async fn crowd(endpoint_url: &str) -> (u64, Vec<Record>) {
    const OPERATORS: usize = 8;
    const EACH: usize = 5;
    let writers: Vec<_> = (0..OPERATORS)
        .map(|number| {
            let endpoint_url = endpoint_url.to_owned();
            tokio::spawn(async move {
                let session = operator(&endpoint_url).await;
                for turn in 0..EACH {
                    append(&session, &format!("change-{number}-{turn}")).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let session = operator(endpoint_url).await;
    let records = TeamJournal::open(&session, &settings()).records().await.unwrap();
    let changes: BTreeSet<_> = records.iter().map(|record| record.body.change.clone()).collect();
    assert_eq!((records.len(), changes.len()), (OPERATORS * EACH, OPERATORS * EACH), "each once");
    for number in 0..OPERATORS {
        let own = |record: &&Record| record.body.change.as_str().starts_with(&format!("change-{number}-"));
        let own: Vec<_> = records.iter().filter(own).map(|record| record.body.change.to_string()).collect();
        assert!(own.is_sorted(), "an operator's records keep their order: {own:?}");
    }
    (verify(&session).await.unwrap(), records)
}

#[test]
fn eight_appenders_at_once_end_in_one_chain_that_verifies() {
    let region = Region::on_the_wall_clock();
    let table = TeamTable::create(&region.endpoint_url());
    let (verified, records) = runtime().block_on(crowd(&region.endpoint_url()));
    assert_eq!(verified, 40);
    assert_eq!(records[0].body.fence, Some(1));
    assert_eq!(serde_json::from_str::<Record>(&table.record(1)).unwrap(), records[0]);
    assert_eq!(table.count("end"), 1);
}

#[test]
fn moto_agrees_on_the_chain() {
    let moto = Emulator::moto();
    TeamTable::create(moto.endpoint_url());
    assert_eq!(runtime().block_on(crowd(moto.endpoint_url())).0, 40);
}

#[test]
fn one_reading_gives_the_records_and_their_proof() {
    let region = Region::on_the_wall_clock();
    let table = TeamTable::create(&region.endpoint_url());
    runtime().block_on(async {
        let session = operator(&region.endpoint_url()).await;
        for change in ["one", "two", "three"] {
            append(&session, change).await.unwrap();
        }
        let before = region.count("Query");
        let (records, proof) = TeamJournal::open(&session, &settings()).proven().await.unwrap();
        assert_eq!((records.len(), proof.unwrap()), (3, 3));
        assert_eq!(region.count("Query") - before, 1, "the records are read once");
    });
    assert_eq!(table.count("journal"), 3);
}

#[test]
fn an_append_whose_answer_is_lost_is_looked_up_and_recorded_once() {
    for fault in [Fault::CutBody, Fault::DropConnection, Fault::InternalFailure, Fault::Throttle] {
        let region = Region::on_the_wall_clock();
        TeamTable::create(&region.endpoint_url());
        let proxy = FaultProxy::before(&region.endpoint_url());
        runtime().block_on(async {
            let session = operator(&proxy.endpoint_url()).await;
            append(&session, "before").await.unwrap();
            proxy.inject("PutItem", Occurrence::First(1), fault);
            let record = append(&session, "lost").await.unwrap();
            assert_eq!(record.body.sequence, 2, "{fault:?}");
            append(&session, "after").await.unwrap();
            assert_eq!(verify(&session).await.unwrap(), 3, "{fault:?}");
        });
        // The proxy cuts the answer of a request that arrived, and lets the others not arrive.
        let arrived_at_first = fault == Fault::CutBody;
        assert_eq!(region.count("PutItem"), 3, "{fault:?}");
        assert_eq!(proxy.count("PutItem"), if arrived_at_first { 3 } else { 4 }, "{fault:?}");
    }
}

#[test]
fn an_append_that_never_arrives_is_an_error_that_names_the_table() {
    let region = Region::on_the_wall_clock();
    let table = TeamTable::create(&region.endpoint_url());
    let proxy = FaultProxy::before(&region.endpoint_url());
    runtime().block_on(async {
        let session = operator(&proxy.endpoint_url()).await;
        proxy.inject("PutItem", Occurrence::Every, Fault::AccessDenied);
        let error = append(&session, "denied").await.unwrap_err();
        assert!(
            matches!(&error, JournalError::Team { source, .. } if source.kind == FailureKind::AccessDenied),
            "{error}"
        );
        assert!(error.to_string().contains("table cellgate-team can't be written"), "{error}");
        assert_eq!(proxy.count("PutItem"), 1, "what AWS denied is not repeated");
    });
    assert_eq!(table.count("journal"), 0);
}

#[test]
fn a_table_that_is_not_there_is_told() {
    let region = Region::on_the_wall_clock();
    runtime().block_on(async {
        let session = operator(&region.endpoint_url()).await;
        let error = append(&session, "nowhere").await.unwrap_err();
        assert!(
            matches!(&error, JournalError::Team { source, .. } if source.kind == FailureKind::NotFound),
            "{error}"
        );
    });
    assert_eq!(region.count("PutItem"), 0);
}

#[test]
fn a_record_too_large_for_an_item_is_refused_before_anything_is_sent() {
    let region = Region::on_the_wall_clock();
    TeamTable::create(&region.endpoint_url());
    runtime().block_on(async {
        let session = operator(&region.endpoint_url()).await;
        let mut large = draft(&session, "large");
        let why = "x".repeat(400 * 1024);
        large.entry = Entry::Outcome { outcome: Outcome::Unknown { why }, request_ids: vec![] };
        let before = region.requests().len();
        let error = TeamJournal::open(&session, &settings()).prepare(&large).await.unwrap_err();
        assert!(matches!(error, JournalError::TooLarge { limit: 409_600, .. }), "{error}");
        assert!(error.to_string().contains("DynamoDB takes 409600"), "{error}");
        assert_eq!(region.requests().len(), before);

        // One that just fits is taken.
        let why = "x".repeat(400 * 1024 - 1_000);
        large.entry = Entry::Outcome { outcome: Outcome::Unknown { why }, request_ids: vec![] };
        let journal = TeamJournal::open(&session, &settings());
        let end = journal.prepare(&large).await.unwrap();
        journal.append(end, &large).await.unwrap();
    });
}

#[test]
fn many_large_records_are_read_page_by_page() {
    let region = Region::on_the_wall_clock();
    TeamTable::create(&region.endpoint_url());
    runtime().block_on(async {
        let session = operator(&region.endpoint_url()).await;
        let journal = TeamJournal::open(&session, &settings());
        // AWS: a page of a query is 1 MB at the most, so that four of these need two.
        for number in 0..4 {
            let mut large = draft(&session, &format!("large-{number}"));
            let why = "x".repeat(300 * 1024);
            large.entry = Entry::Outcome { outcome: Outcome::Unknown { why }, request_ids: vec![] };
            let end = journal.prepare(&large).await.unwrap();
            journal.append(end, &large).await.unwrap();
        }
        let before = region.count("Query");
        assert_eq!(journal.verify().await.unwrap(), 4);
        assert!(region.count("Query") - before >= 2, "the records came in one page");
        let sequences = |records: Vec<Record>| -> Vec<u64> {
            records.iter().map(|record| record.body.sequence).collect()
        };
        assert_eq!(sequences(journal.last_records(2).await.unwrap()), [3, 4]);
        assert_eq!(sequences(journal.last_records(9).await.unwrap()), [1, 2, 3, 4]);
        assert_eq!(sequences(journal.records_after(1).await.unwrap()), [2, 3, 4]);
    });
}

#[test]
fn what_was_tampered_with_is_found_and_named() {
    type Tamper = fn(&TeamTable);
    let altered: Tamper = |table| {
        let text = table.record(2).replace("4711", "4712");
        table.forge(2, &text);
    };
    let removed: Tamper = |table| table.remove(2);
    let swapped: Tamper = |table| {
        let text = table.record(3);
        table.forge(2, &text);
    };
    let broken: Tamper = |table| table.forge(2, "{}");
    let cut: Tamper = |table| table.remove(4);
    let altered_last: Tamper = |table| {
        let text = table.record(4).replace("4711", "4712");
        table.forge(4, &text);
    };
    let resealed: Tamper = |table| {
        let mut body = serde_json::from_str::<Record>(&table.record(4)).unwrap().body;
        body.operator.arn.push_str("-else");
        table.forge(4, &serde_json::to_string(&body.seal().unwrap()).unwrap());
    };
    for (tamper, says, stops_appends) in [
        (altered, "record 2 was altered", false),
        (removed, "record 2 does not follow", false),
        (swapped, "item 2 of the team's journal in table cellgate-team is not a record", false),
        (broken, "item 2 of the team's journal in table cellgate-team is not a record", false),
        (cut, "the last should be 4, the journal ends with 3", true),
        (altered_last, "record 4 was altered", true),
        (resealed, "record 4 was altered", true),
    ] {
        let region = Region::on_the_wall_clock();
        let table = TeamTable::create(&region.endpoint_url());
        runtime().block_on(async {
            let session = operator(&region.endpoint_url()).await;
            for number in 1..=4 {
                append(&session, &format!("change-{number}")).await.unwrap();
            }
            assert_eq!(verify(&session).await.unwrap(), 4);
            tamper(&table);
            let error = verify(&session).await.unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
            let appended = append(&session, "change-5").await;
            assert_eq!(appended.is_err(), stops_appends, "{says}: {appended:?}");
            if let Err(error) = appended {
                let is_chain = matches!(
                    error,
                    JournalError::Chain {
                        source: ChainError::Truncated { .. } | ChainError::Altered { .. },
                        ..
                    }
                );
                assert!(is_chain, "{error}");
            }
        });
    }
}
