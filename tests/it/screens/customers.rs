//! Screen 8: counts, a cell's customers page by page, and lookups, driven by keys and drawn as text.

use cellgate::domain::api_key::ApiKey;
use cellgate::domain::count::{Count, Method, Tally};
use cellgate::domain::failure::{Failure, FailureKind};
use cellgate::domain::lookup::{Answer, HashFunction, Mapped, Mapping, PastMove};
use cellgate::domain::page_key::{KeyPart, PageKey};
use cellgate::domain::stage::Throttle;
use cellgate::domain::usage_plan::Quota;
use cellgate::ops::found::Found;
use cellgate::ops::lookup::{KeyOfCustomer, Lookup, PlanOfKey};
use cellgate::tui::effect::Effect;
use cellgate::tui::event::{CustomerPage, ReplyBody, ReplySlot};
use jiff::SignedDuration;

use super::console::Console;
use super::{estate, picture, pictures};

fn kept() -> Count {
    let mut tally = Tally::default();
    for cell in 1..=estate::CELLS {
        tally.add_many(&estate::cell_id(cell), 3_650 + (cell as u64 * 397) % 900);
    }
    tally.add_many(&"cell-old".into(), 17);
    Count {
        table: "CellMappings".into(),
        method: Method::Scan,
        at: estate::now() - SignedDuration::from_hours(3),
        tally,
        read_units: 612.5,
        seconds: 12.3,
    }
}

/// On the counts, with the last count read.
fn counts() -> Console {
    let mut console = Console::loaded();
    console.keys("8");
    console.tick(1);
    console.answer(ReplySlot::KeptCount, ReplyBody::KeptCount(Ok(Some(kept()))));
    console
}

fn page(first: usize, count: usize, more: bool) -> CustomerPage {
    let customers: Vec<String> =
        (first..first + count).map(|number| format!("customer-{number:05}")).collect();
    let last = customers.last().cloned().unwrap_or_default();
    let next = PageKey([("CustomerId".to_owned(), KeyPart::Text(last))].into());
    CustomerPage { customers, next: more.then_some(next) }
}

/// Everything that can be found of a customer.
pub fn found(customer: &str) -> Lookup {
    let stamps = [("tier", "premium"), ("updatedAt", "2026-11-20T12:00:00Z"), ("prevCellId", "cell-03")];
    let attributes = stamps.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let plan = PlanOfKey {
        id: "pl4n1d".into(),
        name: "Premium".into(),
        throttle: Throttle { rate: Some(500.0), burst: Some(1_000) },
        quota: Some(Quota { limit: 2_000_000, offset: 0, period: "DAY".into() }),
        used_today: Some(1_204_411),
        remaining: Some(795_589),
    };
    let key = ApiKey {
        id: "k3y1d".into(),
        name: "premium-01".into(),
        description: None,
        customer_id: Some(customer.to_owned()),
        enabled: true,
        created: None,
        last_updated: None,
        stages: vec![],
        tags: [].into(),
    };
    let past = PastMove {
        from: Some("cell-03".into()),
        to: Some("cell-07".into()),
        at: Some("2026-11-20T12:00:00Z".into()),
        by: None,
        reason: None,
        source: "mapping",
    };
    Lookup {
        customer: customer.to_owned(),
        at: estate::now(),
        mapping: Ok(Mapping::To(Mapped { cell: "cell-07".into(), attributes })),
        answer: Some(Answer::Mapped { cell: "cell-07".into() }),
        keys: Found { rows: vec![KeyOfCustomer { key, plans: vec![plan] }], failures: vec![] },
        moves: vec![past],
        connections: None,
    }
}

#[test]
fn customers_by_cell() {
    pictures("customers", &mut counts());
}

#[test]
fn customers_of_a_cell_are_read_page_by_page_as_one_goes_down() {
    let mut console = counts();
    console.keys("enter");
    console.tick(1);
    console.answer(ReplySlot::Customers, ReplyBody::Customers(Ok(page(1, 250, true))));
    pictures("customers-of-cell", &mut console);
    console.tick(1);
    let asked = |console: &Console| {
        console.effects.iter().filter(|effect| matches!(effect, Effect::ReadCustomers { .. })).count()
    };
    assert_eq!(asked(&console), 1, "the cursor is far from the end");
    console.keys("G");
    console.tick(1);
    assert_eq!(asked(&console), 2);
    let Some(Effect::ReadCustomers { from: Some(from), .. }) =
        console.effects.iter().rev().find(|effect| matches!(effect, Effect::ReadCustomers { .. }))
    else {
        panic!("the second page goes on behind the first");
    };
    assert_eq!(from.0["CustomerId"], KeyPart::Text("customer-00250".into()));
    console.answer(ReplySlot::Customers, ReplyBody::Customers(Ok(page(251, 30, false))));
    console.keys("G");
    assert!(console.screen().contains("customer-00280"));
    console.tick(1);
    assert_eq!(asked(&console), 2, "all are read");
}

#[test]
fn nothing_of_customers_is_read_before_someone_looks() {
    let mut console = Console::loaded();
    console.keys("2 3 5 6 9 1");
    console.tick(400);
    let read = |effect: &Effect| {
        matches!(effect, Effect::ReadCustomers { .. } | Effect::ReadKeptCount { .. } | Effect::Lookup { .. })
    };
    assert!(!console.effects.iter().any(read));
}

#[test]
fn a_customer_is_looked_up_by_its_id() {
    let mut console = counts();
    console.keys("/");
    console.type_text("customer-00042");
    pictures("lookup-asked", &mut console);
    console.keys("enter");
    picture("lookup-waiting-80x24", &console.screen_at(80, 24));
    let effect = console.effects.last().expect("an effect").clone();
    assert!(matches!(effect, Effect::Lookup { customer, .. } if customer == "customer-00042"));
    console.answer(ReplySlot::Lookup, ReplyBody::LookedUp(Box::new(found("customer-00042"))));
    pictures("lookup", &mut console);
    console.keys("esc");
    assert!(!console.screen().contains("premium-01"));
}

#[test]
fn a_customer_without_a_mapping_and_keys_that_may_not_be_listed() {
    let mut console = Console::loaded();
    console.keys(":");
    console.type_text("lookup it's 🚀");
    console.keys("enter");
    let cell = estate::cell_id(12);
    let denied = Failure::new(
        "GetApiKeys",
        "",
        FailureKind::AccessDenied,
        "not authorized to perform: apigateway:GET",
    )
    .with_hint("attach assets/iam/read-only-with-keys.json to the role");
    let lookup = Lookup {
        mapping: Ok(Mapping::Absent),
        answer: Some(Answer::Hashed { cell, function: HashFunction::Md5Modulo, cells: 12 }),
        keys: Found { rows: vec![], failures: vec![denied] },
        moves: vec![],
        ..found("it's 🚀")
    };
    console.answer(ReplySlot::Lookup, ReplyBody::LookedUp(Box::new(lookup)));
    picture("lookup-hashed-120x40", &console.screen_at(120, 40));
}

#[test]
fn the_fleet_leads_to_the_customers_of_a_cell() {
    let mut console = Console::loaded();
    console.keys("c");
    console.tick(1);
    let effect = console.effects.last().expect("an effect").clone();
    assert!(matches!(effect, Effect::ReadCustomers { cell, from: None, .. } if cell == "cell-07".into()));
    let why = "the table has no index on CellId";
    let failure = Failure::new("Query", "CellMappings", FailureKind::Refused, why);
    console.answer(ReplySlot::Customers, ReplyBody::Customers(Err(failure)));
    assert!(console.screen().contains(why), "{}", console.screen());
    console.keys("esc esc");
    console.tick(1);
    assert!(console.screen().contains("cells, worst first"), "{}", console.screen());
}
