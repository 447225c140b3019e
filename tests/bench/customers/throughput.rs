//! Customers a second, beside a bare loop of the same writes.

use std::collections::HashMap;
use std::time::Instant;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region as AwsRegion};
use aws_sdk_dynamodb::types::AttributeValue;
use cellgate::domain::moves::settings::MoveSettings;
use cellgate::ops::moves::{Control, Ended, Progress, start};
use cellgate_demo::RegionOptions;
use futures_util::stream::{self, StreamExt as _};
use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;

use crate::say;
use crate::support::home::{ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY};
use crate::support::moving::{Ground, Machine};
use crate::support::region::Region;

const CUSTOMERS: usize = 20_000;
/// Of each kind, in turns.
const ROUNDS: usize = 5;
/// What a move is to reach at least of the bare loop's throughput.
const LEAST: f64 = 0.8;
const CELLS: [&str; 2] = ["cell-01", "cell-02"];

pub fn measure() {
    let region = Region::start(RegionOptions {
        cells: 2,
        apis: 4,
        customers: CUSTOMERS,
        clock: cellgate_demo::clock::Clock::manual("2026-11-20T12:00:00Z".parse().expect("a timestamp")),
        ..RegionOptions::default()
    });
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let ratio = runtime.block_on(rounds(&region.endpoint_url()));
    assert!(ratio >= LEAST, "a move has {ratio:.2} of the bare loop's throughput, and should have {LEAST}");
}

/// The median of the rounds' ratios.
async fn rounds(endpoint_url: &str) -> f64 {
    let bare = Client::from_conf(
        aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(AwsRegion::new(REGION))
            .endpoint_url(endpoint_url)
            .credentials_provider(Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, None, None, "example"))
            .build(),
    );
    let customers = customers(&bare).await;
    let mut ratios = Vec::new();
    say(&format!("{:>6} {:>16} {:>16} {:>7}", "round", "move /s", "bare loop /s", "ratio"));
    // All on one cell first.
    bare_loop(&bare, &customers, CELLS[0], None).await;
    for round in 1..=ROUNDS {
        let moved = moved(endpoint_url, &customers, CELLS[1]).await;
        let looped = bare_loop(&bare, &customers, CELLS[0], Some(CELLS[1])).await;
        say(&format!("{round:>6} {moved:>16.0} {looped:>16.0} {:>7.2}", moved / looped));
        ratios.push(moved / looped);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    say(&format!(
        "{CUSTOMERS} customers, {} at once: a move has {median:.2} of a bare loop",
        MoveSettings::default().at_once
    ));
    median
}

async fn customers(client: &Client) -> Vec<String> {
    let pages = client.scan().table_name("CellMappings").into_paginator().items().send();
    let items = pages.collect::<Result<Vec<_>, _>>().await.expect("the table is scanned");
    items.iter().filter_map(|item| item.get("CustomerId")?.as_s().ok().cloned()).collect()
}

/// Customers a second, of conditional writes and nothing else.
async fn bare_loop(client: &Client, customers: &[String], to: &str, from: Option<&str>) -> f64 {
    let begun = Instant::now();
    let write = |customer: &String| {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let request = client
            .update_item()
            .table_name("CellMappings")
            .set_key(Some(HashMap::from([("CustomerId".to_owned(), text(customer))])))
            .update_expression("SET #cell = :to")
            .expression_attribute_names("#cell", "CellId")
            .expression_attribute_values(":to", text(to));
        match from {
            None => request,
            Some(from) => {
                request.condition_expression("#cell = :from").expression_attribute_values(":from", text(from))
            }
        }
    };
    let at_once = usize::try_from(MoveSettings::default().at_once).expect("a small number");
    let mut writes = stream::iter(customers).map(|customer| write(customer).send()).buffer_unordered(at_once);
    while let Some(written) = writes.next().await {
        written.expect("the customer is where the condition says");
    }
    per_second(customers.len(), begun)
}

/// Customers a second of a whole move: intent, roster, ranges, writes and end.
async fn moved(endpoint_url: &str, customers: &[String], to: &str) -> f64 {
    let ground = Ground::with(endpoint_url.to_owned(), &CELLS).await;
    let machine = Machine::new();
    let settings = MoveSettings { stateless: true, ..MoveSettings::default() };
    let plan = ground.plan(customers, to, &settings).await;
    let control = Control::new(CancellationToken::new());
    let progress = |_: Progress| {};
    let begun = Instant::now();
    let hands = (&machine.store, &ground.clock, &control, &progress as &(dyn Fn(Progress) + Send + Sync));
    let finished = start(&ground.session, plan, hands).await.expect("a move");
    let per_second = per_second(customers.len(), begun);
    assert!(matches!(finished.ended, Ended::Ended(_)), "{:?}", finished.ended);
    assert_eq!(usize::try_from(finished.run.tally().moved).ok(), Some(customers.len()));
    per_second
}

#[expect(clippy::cast_precision_loss, reason = "a number of customers")]
fn per_second(customers: usize, begun: Instant) -> f64 {
    customers as f64 / begun.elapsed().as_secs_f64()
}
