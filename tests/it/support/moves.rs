//! Moves of customers as an operator may find them: a plan, one that was paused, one that another process carries out,
//! and one that has ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cellgate::domain::change::Outcome;
use cellgate::domain::id::{CellId, ChangeId};
use cellgate::domain::moves::outcome::Tally;
use cellgate::domain::moves::roster::Roster;
use cellgate::domain::moves::run::Standing;
use cellgate::domain::moves::settings::{MoveSettings, MoveTable};
use cellgate::domain::moves::waves::Waves;
use cellgate::domain::moves::{DataRule, Gate, MoveHeader, MovePlan, SkipReason, Skipped};
use cellgate::tui::event::JournalListing;
use cellgate::tui::model::MoveStanding;
use jiff::SignedDuration;

use super::{estate, history};

pub const PAUSED: &str = "20261120-135900-77aa";
pub const ELSEWHERE: &str = "20261120-140000-88bb";
pub const ENDED: &str = "20261120-120000-66cc";

/// So many customers of one cell to another.
pub fn plan(customers: u32, from: &str, to: &str) -> MovePlan {
    let mut roster = Roster::default();
    for number in 1..=customers {
        let customer = format!("customer-{number:05}");
        assert!(roster.push(customer, Some(CellId::new(from)), Some(CellId::new(to))));
    }
    let header = MoveHeader {
        region: estate::connected().key,
        table: table(),
        customers,
        pairs: roster.pairs().to_vec(),
        waves: Waves::new(100.0),
        range: 100,
        at_once: 16,
        gate: Some(Gate { condition: "cell.errors < 2%".into(), minutes: 2, apis: BTreeMap::new() }),
        data: DataRule::Stateless,
        hooks: BTreeSet::new(),
        chosen: None,
        stop_on_conflict: false,
        router_cache_seconds: 300,
        undoes: None,
        warnings: vec![
            "the router may answer with the old cell for 300 s after each flip, unless its cache is flushed; \
             connections that are open stay where they are"
                .into(),
        ],
        planned_at: estate::now(),
    };
    let skipped = Skipped {
        customer: "customer-09999".into(),
        cell: None,
        reason: SkipReason::Unknown,
        why: "the table has no mapping; --create makes one".into(),
    };
    MovePlan { header, roster, skipped: vec![skipped], intake: None }
}

fn table() -> MoveTable {
    let settings = MoveSettings::default();
    MoveTable {
        name: "CellMappings".into(),
        customer_attribute: "CustomerId".into(),
        cell_attribute: "CellId".into(),
        fence: settings.fence,
        stamp: settings.stamp,
    }
}

pub fn standing(id: &str, standing: Standing, held: bool, tally: Tally) -> MoveStanding {
    MoveStanding {
        id: ChangeId::new(id),
        header: plan(tally.total(), "cell-03", "cell-01").header,
        standing,
        paused: (standing == Standing::Paused).then(|| "a pause was asked for on this machine".into()),
        tally,
        last: estate::now() - SignedDuration::from_mins(2),
        held,
        exceptions: vec![],
    }
}

/// One that was paused, one that another process carries out, and one that has ended with exceptions.
pub fn listing() -> JournalListing {
    let tally = Tally { moved: 111, waiting: 89, ..Tally::default() };
    let paused = standing(PAUSED, Standing::Paused, false, tally);
    let elsewhere =
        standing(ELSEWHERE, Standing::Open, true, Tally { moved: 42, waiting: 78, ..Tally::default() });
    let tally = Tally { moved: 37, moved_meanwhile: 2, failed: 1, ..Tally::default() };
    let mut ended = standing(ENDED, Standing::Ended, false, tally);
    ended.exceptions = vec![
        (
            "customer-00017".into(),
            "moved-meanwhile: now cell-05, by arn:aws:iam::123456789012:user/kim".into(),
        ),
        ("customer-00021".into(), "moved-meanwhile: now cell-02".into()),
        ("customer-00030".into(), "failed: AccessDeniedException".into()),
    ];
    let outcome = Outcome::Partly {
        done: vec!["37 moved".into()],
        not_done: vec!["2 moved meanwhile by somebody else".into(), "1 refused by DynamoDB".into()],
        why: "2 moved meanwhile by somebody else, 1 refused by DynamoDB".into(),
    };
    let row = |of: &MoveStanding, minutes, outcome| {
        history::change(of.id.as_str(), minutes, of.header.as_plan(), outcome)
    };
    let changes = vec![row(&ended, 123, Some(outcome)), row(&paused, 4, None), row(&elsewhere, 3, None)];
    let moves = [paused, elsewhere, ended].map(|one| (one.id.clone(), Arc::new(one)));
    JournalListing { moves: moves.into(), ..history::listing_of(changes) }
}
