//! Two moves over a model of the mapping table, in any interleaving, with lost answers, crashes and resumes: each
//! customer ends where the last applied record says, and nobody is written twice by one move.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use proptest::prelude::*;

use super::outcome::{Exception, Fate};
use super::roster::{LARGEST_PART, Roster, RosterPart};
use super::run::{Run, Standing, runs};
use super::settings::{Fence, MoveTable, Stamp};
use super::verdict::{FoundCell, FoundMapping, Trace, Verdict, after_doubt, after_refusal};
use super::waves::Waves;
use super::{DataRule, MoveHeader};
use crate::domain::change::Outcome;
use crate::domain::id::{AccountId, CellId, ChangeId};
use crate::domain::identity::{Identity, RegionKey};
use crate::domain::journal::{ChainEnd, Draft, Entry, Record, verify};

const CUSTOMERS: u32 = 7;

fn header(fenced: bool, roster: &Roster) -> MoveHeader {
    let fence = Fence { version: fenced.then(|| "version".to_owned()), epoch: None };
    MoveHeader {
        region: RegionKey { account: AccountId::new("123456789012"), region: "eu-west-1".into() },
        table: MoveTable {
            name: "CellMappings".into(),
            customer_attribute: "CustomerId".into(),
            cell_attribute: "CellId".into(),
            fence,
            stamp: Stamp::default(),
        },
        customers: roster.len(),
        pairs: roster.pairs().to_vec(),
        waves: Waves { first: vec![1, 2], rate: 1.0 },
        range: 3,
        at_once: 1,
        gate: None,
        data: DataRule::Stateless,
        hooks: BTreeSet::new(),
        chosen: None,
        stop_on_conflict: false,
        router_cache_seconds: 0,
        undoes: None,
        warnings: Vec::new(),
        planned_at: Timestamp::UNIX_EPOCH,
    }
}

/// A journal with the entries of one move.
#[derive(Default)]
struct Journal(Vec<Record>);

impl Journal {
    fn append(&mut self, entry: Entry) {
        let end = self.0.last().map_or_else(ChainEnd::genesis, Record::end);
        let draft = Draft {
            change: ChangeId::new("move"),
            operator: Identity { account: AccountId::new("123456789012"), arn: "arn".into() },
            entry,
            at: Timestamp::UNIX_EPOCH,
            fence: None,
        };
        self.0.push(end.seal(&draft).unwrap());
    }

    fn run(&self) -> Run {
        runs(&self.0).remove(0)
    }
}

/// The mapping table: each customer's cell and version.
type Table = BTreeMap<String, (String, u64)>;

/// A process that carries a move out; all but the journal is lost when it is killed.
struct Mover {
    journal: Journal,
    fenced: bool,
    process: Option<Process>,
    /// How often the table took a write of this move, by customer.
    writes: BTreeMap<String, u32>,
}

struct Process {
    run: Run,
    /// Customers of the open ranges whose turn comes, with what is known of their write.
    todo: Vec<(u32, bool)>,
    exceptions: Vec<(u32, Exception)>,
}

impl Mover {
    fn new(fenced: bool, roster: &Roster) -> Self {
        let mut journal = Journal::default();
        journal.append(Entry::MoveIntent { plan: Box::new(header(fenced, roster)) });
        for part in roster.parts() {
            journal.append(Entry::MoveRoster { part });
        }
        Self { journal, fenced, process: None, writes: BTreeMap::new() }
    }

    /// Does the next thing there is to do. False where nothing is.
    fn step(&mut self, table: &mut Table, answer_lost: bool) -> bool {
        let Some(process) = &mut self.process else {
            let run = self.journal.run();
            let in_doubt: Vec<u32> = run.in_doubt().into_iter().flatten().collect();
            let todo = in_doubt.into_iter().map(|place| (place, true)).collect();
            self.process = Some(Process { run, todo, exceptions: Vec::new() });
            return true;
        };
        if let Some((place, in_doubt)) = process.todo.pop() {
            let passenger = process.run.passenger(place).unwrap();
            let key = passenger.customer.to_owned();
            let version = process.run.version(place);
            let found = table.get(&key).map(|(cell, version)| FoundMapping {
                cell: FoundCell::Cell(cell.clone()),
                version: self.fenced.then_some(*version),
                ..FoundMapping::default()
            });
            if in_doubt {
                let trace = Trace { version, stamp: None };
                match after_doubt(passenger, trace, found.as_ref()) {
                    Verdict::Moved => {}
                    Verdict::Untouched => process.todo.push((place, false)),
                    Verdict::Not(exception) => process.exceptions.push((place, exception)),
                }
                return true;
            }
            let (from, to) = (passenger.from.unwrap().as_str(), passenger.to.unwrap().as_str());
            let item = table.get_mut(&key).unwrap();
            let holds = item.0 == from && (!self.fenced || Some(item.1) == version);
            if holds {
                *item = (to.to_owned(), item.1 + 1);
                *self.writes.entry(key).or_default() += 1;
            }
            match (answer_lost, holds) {
                (true, _) => process.todo.push((place, true)),
                (false, true) => {}
                (false, false) => {
                    process.exceptions.push((place, after_refusal(passenger, found.as_ref())));
                }
            }
            return true;
        }
        if let Some(range) = process.run.in_doubt().into_iter().next() {
            let exceptions: Vec<_> = std::mem::take(&mut process.exceptions);
            let (own, others): (Vec<_>, Vec<_>) =
                exceptions.into_iter().partition(|(place, _)| range.contains(place));
            process.exceptions = others;
            process.run.settle(range.clone(), own.clone());
            let (first, last) = range.into_inner();
            self.journal.append(Entry::MoveDone { first, last, exceptions: own });
            return true;
        }
        let Some((range, _)) = process.run.next_range() else { return false };
        let versions: Vec<Option<u64>> = if self.fenced {
            let version = |place| {
                let passenger = process.run.passenger(place).unwrap();
                table.get(passenger.customer).map(|(_, version)| *version)
            };
            range.clone().map(version).collect()
        } else {
            Vec::new()
        };
        process.run.announce(range.clone(), &versions);
        process.todo = range.clone().rev().map(|place| (place, false)).collect();
        let (first, last) = range.into_inner();
        self.journal.append(Entry::MoveRange { first, last, versions });
        true
    }

    fn fates(&self) -> BTreeMap<String, &'static str> {
        let run = self.journal.run();
        let fate = |place| (run.passenger(place).unwrap().customer.to_owned(), run.fate(place).word());
        (0..CUSTOMERS).map(fate).collect()
    }
}

fn roster(from: &str, to: &[&str]) -> Roster {
    let mut roster = Roster::default();
    for number in 0..CUSTOMERS {
        let to = to[number as usize % to.len()];
        assert!(roster.push(format!("customer-{number}"), Some(CellId::new(from)), Some(CellId::new(to))));
    }
    roster
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Step { mover: usize, answer_lost: bool },
    Kill { mover: usize },
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        8 => (0_usize..2, prop::bool::weighted(0.2)).prop_map(|(mover, answer_lost)| Event::Step { mover, answer_lost }),
        1 => (0_usize..2).prop_map(|mover| Event::Kill { mover }),
    ];
    prop::collection::vec(event, 0..120)
}

/// Plays the events, and then lets both come to their end. Gives the order in which they moved each customer.
fn play(movers: &mut [Mover; 2], table: &mut Table, events: &[Event]) {
    for event in events {
        match *event {
            Event::Step { mover, answer_lost } => {
                movers[mover].step(table, answer_lost);
            }
            Event::Kill { mover } => movers[mover].process = None,
        }
    }
    for mover in movers {
        while mover.step(table, false) {}
    }
}

fn start() -> Table {
    (0..CUSTOMERS).map(|number| (format!("customer-{number}"), ("a".to_owned(), 1))).collect()
}

proptest! {
    /// Plain table: both move the same customers away from one cell, to other ones.
    #[test]
    fn any_interleaving_leaves_each_customer_where_the_last_record_says(events in events()) {
        let mut table = start();
        let mut movers = [Mover::new(false, &roster("a", &["b", "c"])), Mover::new(false, &roster("a", &["d"]))];
        play(&mut movers, &mut table, &events);
        let fates = [movers[0].fates(), movers[1].fates()];
        for (customer, (cell, version)) in &table {
            let place: usize = customer.trim_start_matches("customer-").parse().unwrap();
            let to = [["b", "c"][place % 2], "d"];
            let moved: Vec<usize> = (0..2).filter(|mover| fates[*mover][customer] == "moved").collect();
            prop_assert_eq!(moved.len(), 1, "{}: {:?}", customer, fates);
            prop_assert_eq!(cell, to[moved[0]]);
            prop_assert_eq!(*version, 2, "written once");
        }
    }

    /// Fenced table: the one brings back what the other took away, and neither writes anybody twice.
    #[test]
    fn versions_tell_own_writes_from_those_of_others(events in events()) {
        let mut table = start();
        let mut movers = [Mover::new(true, &roster("a", &["b"])), Mover::new(true, &roster("b", &["a"]))];
        play(&mut movers, &mut table, &events);
        let fates = [movers[0].fates(), movers[1].fates()];
        for (customer, (cell, version)) in &table {
            let writes = [0, 1].map(|mover| movers[mover].writes.get(customer).copied().unwrap_or(0));
            prop_assert!(writes.iter().all(|count| *count <= 1), "{}: {:?}", customer, writes);
            prop_assert_eq!(*version, 1 + u64::from(writes[0] + writes[1]));
            let expected = if writes[0] == 1 && writes[1] == 0 { "b" } else { "a" };
            prop_assert_eq!(cell, expected);
            for mover in 0..2 {
                // A write that somebody has followed up is not claimed; one that stands is.
                let claimed = fates[mover][customer] == "moved";
                prop_assert!(!claimed || writes[mover] == 1, "{}: {:?} {:?}", customer, fates, writes);
                let stands = writes[mover] == 1 && (mover == 1 || writes[1] == 0);
                prop_assert!(!stands || claimed, "{}: {:?} {:?}", customer, fates, writes);
            }
        }
        for mover in &movers {
            prop_assert_eq!(verify(&mover.journal.0), Ok(()));
            prop_assert!(mover.journal.run().in_doubt().is_empty());
        }
    }

    #[test]
    fn a_roster_survives_its_parts(customers in prop::collection::hash_set(".{1,40}", 1..50), ways in 1_usize..4) {
        let mut roster = Roster::default();
        for (number, customer) in customers.into_iter().enumerate() {
            let to = CellId::new(format!("cell-{}", number % ways));
            roster.push(customer, (number % 5 != 0).then(|| CellId::new("cell-9")), Some(to));
        }
        let parts: Vec<RosterPart> = roster
            .parts()
            .iter()
            .map(|part| serde_json::from_str(&serde_json::to_string(part).unwrap()).unwrap())
            .collect();
        prop_assert_eq!(Roster::from_parts(roster.len(), &parts), Some(roster));
    }
}

#[test]
fn a_large_roster_is_cut_into_parts_that_fit() {
    let mut roster = Roster::default();
    for number in 0..30_000 {
        let customer =
            if number % 100 == 0 { "\u{1}".repeat(2_000) } else { format!("customer-{number:05}") };
        roster.push(format!("{customer}{number}"), Some("a".into()), Some(["b", "c"][number % 2].into()));
    }
    let parts = roster.parts();
    assert!(parts.len() > 1);
    for part in &parts {
        let size = serde_json::to_string(part).unwrap().len();
        assert!(size <= LARGEST_PART, "{size}");
    }
    assert_eq!(Roster::from_parts(30_000, &parts), Some(roster.clone()));
    assert_eq!(Roster::from_parts(30_000, &parts[1..]), None, "a part is missing");
    let doubled: Vec<RosterPart> = parts.iter().flat_map(|part| [part.clone(), part.clone()]).collect();
    assert_eq!(Roster::from_parts(30_000, &doubled), Some(roster), "the same part from two stores");
}

#[test]
fn a_run_is_put_together_from_what_two_stores_have() {
    let mut mover = Mover::new(false, &roster("a", &["b"]));
    let mut table = start();
    for _ in 0..6 {
        mover.step(&mut table, false);
    }
    let records = &mover.journal.0;
    let expected = mover.journal.run();
    // The team's table lacks the roster, the file lacks what came after it; both begin with the intent.
    let team = records.iter().filter(|record| !matches!(record.body.entry, Entry::MoveRoster { .. }));
    let file = records.iter().take(2);
    let merged = runs(team.chain(file)).remove(0);
    assert_eq!((merged.tally(), merged.standing()), (expected.tally(), Standing::Open));
    assert_eq!(merged.roster(), expected.roster());
    let without =
        runs(records.iter().filter(|record| !matches!(record.body.entry, Entry::MoveRoster { .. })));
    assert_eq!(without[0].standing(), Standing::Unannounced);
}

#[test]
fn a_tally_says_how_the_move_ended() {
    let mut run = Mover::new(false, &roster("a", &["b"])).journal.run();
    assert!(matches!(run.tally().outcome(None), Outcome::NotApplied { why } if why == "7 not sent"));
    run.announce(0..=3, &[]);
    run.settle(0..=3, [(2, Exception::Vanished)]);
    assert_eq!(run.fate(2), Fate::Exception(&Exception::Vanished));
    let Outcome::Partly { done, not_done, why } = run.tally().outcome(Some("aborted")) else { panic!() };
    assert_eq!((done, why.as_str()), (vec!["3 moved".to_owned()], "aborted"));
    assert_eq!(not_done, ["1 without a mapping any more", "3 not sent"]);
    run.settle(0..=6, []);
    assert!(matches!(run.tally().outcome(None), Outcome::Partly { .. }));
    let customers: BTreeSet<&str> = run.moved().map(|(_, passenger)| passenger.customer).collect();
    assert_eq!(customers.len(), 6);
}

#[test]
fn a_stamp_tells_who_wrote_where_a_plain_table_could_not() {
    let roster = roster("a", &["b"]);
    let passenger = roster.get(0).unwrap();
    let found = |cell: &str, change: Option<&str>| FoundMapping {
        cell: FoundCell::Cell(cell.to_owned()),
        change: change.map(str::to_owned),
        ..FoundMapping::default()
    };
    let judge =
        |stamp, found: &FoundMapping| after_doubt(passenger, Trace { version: None, stamp }, Some(found));
    assert_eq!(judge(None, &found("b", None)), Verdict::Moved);
    assert_eq!(judge(Some("own"), &found("b", Some("own"))), Verdict::Moved);
    assert_eq!(judge(Some("own"), &found("b", Some("other"))), Verdict::Not(Exception::AlreadyThere));
    assert_eq!(judge(None, &found("a", None)), Verdict::Untouched);
    assert!(matches!(
        judge(Some("own"), &found("a", Some("own"))),
        Verdict::Not(Exception::MovedMeanwhile { .. })
    ));
}

#[test]
fn a_roster_of_many_ways_keeps_each_way_where_it_is_gone() {
    let mut roster = Roster::default();
    for number in 0..65_536_u32 {
        let to = CellId::new(format!("cell-{number:05}"));
        assert!(roster.push(format!("customer-{number}"), Some("a".into()), Some(to)));
    }
    assert!(!roster.push("one more".into(), Some("b".into()), Some("a".into())), "a way too many");
    assert!(roster.push("one more".into(), Some("a".into()), Some("cell-00007".into())), "a known way");
    let parts = roster.parts();
    let sizes: Vec<usize> = parts.iter().map(|part| serde_json::to_string(part).unwrap().len()).collect();
    assert!(sizes.iter().all(|size| *size <= LARGEST_PART), "{sizes:?}");
    assert!(sizes.iter().sum::<usize>() < 65_537 * 80, "a way is told about once: {sizes:?}");
    assert_eq!(Roster::from_parts(65_537, &parts), Some(roster.clone()));
    assert!(!header(false, &roster).fits_a_record(), "nor can it be announced");
    assert!(header(false, &super::tests::roster("a", &["b", "c"])).fits_a_record());
}

#[test]
fn what_others_wrote_into_an_item_does_not_fill_the_journal() {
    let roster = roster("a", &["b"]);
    let long = "é".repeat(200_000);
    let found = FoundMapping {
        cell: FoundCell::Cell(long.clone()),
        by: Some(long.clone()),
        at: Some(long),
        ..FoundMapping::default()
    };
    let exception = after_refusal(roster.get(0).unwrap(), Some(&found));
    let Exception::MovedMeanwhile { cell: Some(cell), .. } = &exception else { panic!("{exception:?}") };
    assert!(cell.starts_with("éé") && cell.ends_with('…'), "{cell}");
    assert!(serde_json::to_string(&exception).unwrap().len() < 2_000);
}

proptest! {
    /// The tally that is kept is the one that counting would give.
    #[test]
    fn a_tally_is_kept_up_to_date(
        steps in prop::collection::vec((any::<bool>(), 0..CUSTOMERS, 0..CUSTOMERS, prop::option::of(0..CUSTOMERS)), 0..20),
    ) {
        let mut run = Mover::new(false, &roster("a", &["b"])).journal.run();
        for (announces, first, last, exception) in steps {
            if announces {
                run.announce(first..=last, &[]);
            } else {
                run.settle(first..=last, exception.map(|place| (place, Exception::Vanished)));
            }
            let mut counted = super::outcome::Tally::default();
            (0..CUSTOMERS).for_each(|place| counted.add(&run.fate(place)));
            prop_assert_eq!(run.tally(), counted);
            let waiting = (0..CUSTOMERS).find(|place| run.fate(*place) == Fate::Waiting);
            prop_assert_eq!(run.next_range().map(|(range, _)| *range.start()), waiting);
        }
    }
}
