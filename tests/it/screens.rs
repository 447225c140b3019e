//! The console's screens, driven by keys and drawn as text: what they show, and what keys can do.

mod any_input;
mod behaviour;
mod bulk;
mod cells;
mod changes;
mod console;
mod customers;
#[path = "support/estate.rs"]
mod estate;
mod forecasts;
mod forms;
#[path = "support/history.rs"]
mod history;
mod journal;
mod left_connections;
#[path = "support/moves.rs"]
mod moves;
#[path = "screens/moves.rs"]
mod moves_on_screen;
mod moves_under_way;
#[path = "support/private_access.rs"]
mod private_access;
mod private_access_lists;
mod protected;
#[path = "support/protection.rs"]
mod protection;
mod row_forms;

use cellgate::domain::change::Outcome;
use cellgate::domain::failure::{Failure, FailureKind};
use cellgate::domain::id::ChangeId;
use cellgate::domain::inventory::{Generation, News};
use cellgate::tui::colour::ColourDepth;
use cellgate::tui::event::{AppliedChange, Budget, ChangeStep, Event, ReplyBody, ReplySlot, Trouble};
use cellgate::tui::model::RegionState;

use console::{Console, Options};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// The screen at each of the three sizes, as snapshots.
fn pictures(name: &str, console: &mut Console) {
    for (width, height) in SIZES {
        picture(&format!("{name}-{width}x{height}"), &console.screen_at(width, height));
    }
}

fn picture(name: &str, screen: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, screen);
    });
}

#[test]
fn fleet() {
    pictures("fleet", &mut Console::loaded());
}

#[test]
fn fleet_with_a_well_cell_selected() {
    let mut console = Console::loaded();
    console.keys("G k k");
    picture("fleet-well-120x40", &console.screen_at(120, 40));
}

#[test]
fn apis() {
    let mut console = Console::loaded();
    console.keys("2");
    console.tick(1);
    console.answer_looked_at();
    pictures("apis", &mut console);
}

#[test]
fn apis_of_a_cell() {
    let mut console = Console::loaded();
    console.keys("enter j");
    console.tick(1);
    console.answer_looked_at();
    picture("apis-of-cell-120x40", &console.screen_at(120, 40));
}

#[test]
fn stages() {
    pictures("stages", &mut Console::loaded().at_stage("orders-api/prod"));
}

#[test]
fn help() {
    let mut console = Console::loaded();
    console.keys("?");
    pictures("help", &mut console);
}

#[test]
fn palette() {
    let mut console = Console::loaded();
    console.keys(":");
    pictures("palette", &mut console);
    console.type_text("flush ord");
    picture("palette-argument-120x40", &console.screen_at(120, 40));
    console.keys("ctrl-u");
    console.type_text("zzz");
    console.keys("enter");
    picture("palette-error-120x40", &console.screen_at(120, 40));
}

#[test]
fn sort_menu() {
    let mut console = Console::loaded();
    console.keys("s j j j j enter s");
    pictures("sort", &mut console);
}

#[test]
fn actions_menu() {
    let mut console = Console::loaded().at_stage("orders-api/prod");
    console.keys("a");
    pictures("actions", &mut console);
    console.keys("esc j a");
    picture("actions-blocked-120x40", &console.screen_at(120, 40));
}

#[test]
fn filter() {
    let mut console = Console::loaded();
    console.keys("/");
    console.type_text("5xx>1%");
    pictures("filter", &mut console);
    console.keys("ctrl-u");
    console.type_text("6xx>1%");
    pictures("filter-error", &mut console);
    console.keys("ctrl-u");
    console.type_text("nothing-is-called-this");
    console.keys("enter");
    picture("filter-none-80x24", &console.screen_at(80, 24));
}

#[test]
fn marks() {
    let mut console = Console::loaded();
    console.keys("space space");
    picture("marks-80x24", &console.screen_at(80, 24));
}

#[test]
fn arming() {
    let mut console = Console::loaded();
    console.keys(":");
    console.type_text("arm");
    console.keys("enter");
    console.type_text("999999999999");
    pictures("arming", &mut console);
    console.keys("enter");
    let why = "`999999999999` is neither the id nor the alias of the connected account; type 123456789012 or shop-test";
    console.answer(ReplySlot::Arming(console::slot()), ReplyBody::Armed(Err(why.into())));
    picture("arming-wrong-80x24", &console.screen_at(80, 24));
}

#[test]
fn locked() {
    let region = RegionState {
        alias: Some("shop-test".into()),
        locked: Some("the profile audit is marked read-only".into()),
        ..RegionState::default()
    };
    let mut console =
        Console::loaded_with(Options { region, ..Options::default() }).at_stage("orders-api/prod");
    console.keys("a enter");
    picture("locked-80x24", &console.screen_at(80, 24));
}

#[test]
fn plan() {
    pictures("plan", &mut Console::loaded().at_stage("orders-api/prod").armed().with_plan());
}

#[test]
fn plan_in_production() {
    let region = RegionState { alias: Some("shop-prod".into()), production: true, ..RegionState::default() };
    let mut console = Console::loaded_with(Options { region, ..Options::default() })
        .at_stage("orders-api/prod")
        .armed()
        .with_plan();
    console.type_text("orders-api/staging");
    console.keys("enter");
    pictures("plan-production", &mut console);
}

#[test]
fn progress() {
    let mut console = Console::loaded().at_stage("orders-api/prod").armed().with_plan();
    console.keys("y");
    let step = |console: &mut Console, step| {
        console.answer(ReplySlot::Change, ReplyBody::Step(step));
    };
    step(&mut console, ChangeStep::Checking);
    step(&mut console, ChangeStep::Journaled(ChangeId::new("20261120-140322-7f3a")));
    let call = console::plan(&console.effects).steps.remove(0).call;
    step(&mut console, ChangeStep::Sending(call));
    step(&mut console, ChangeStep::Waiting("cache status is FLUSH_IN_PROGRESS".to_owned()));
    console.tick(9);
    pictures("progress", &mut console);
    console.keys("esc");
    picture("progress-footer-80x24", &console.screen_at(80, 24));
    let applied = AppliedChange {
        change: ChangeId::new("20261120-140322-7f3a"),
        outcome: Outcome::Applied,
        request_ids: vec!["6f8f2c1e-0d3b-4c0a-9f55-2f2f3f1f9a11".into()],
        unrecorded: None,
    };
    console.answer(ReplySlot::Change, ReplyBody::Applied(Ok(applied)));
    picture("flushed-80x24", &console.screen_at(80, 24));
}

#[test]
fn a_change_that_failed() {
    let mut console = Console::loaded().at_stage("orders-api/prod").armed().with_plan();
    console.keys("y");
    let trouble = Trouble {
        why: "FlushStageCache of orders-api/prod failed: User: on-call is not authorized to perform: apigateway:DELETE".into(),
        hint: Some("attach assets/iam/flush-cache.json to the role".into()),
        refused: false,
    };
    console.answer(ReplySlot::Change, ReplyBody::Applied(Err(trouble)));
    picture("change-failed-80x24", &console.screen_at(80, 24));
}

#[test]
fn loading() {
    let mut console = Console::new();
    picture("first-80x24", &console.screen_at(80, 24));
    console.tick(0);
    pictures("connecting", &mut console);
    console.answer_connection();
    for news in estate::inventory(Generation::default()).into_iter().take(9) {
        console.news(news);
    }
    picture("loading-120x40", &console.screen_at(120, 40));
}

#[test]
fn login_fails() {
    let mut console = Console::new();
    console.tick(0);
    let failure = Failure::new(
        "GetCallerIdentity",
        "",
        FailureKind::Credentials,
        "the SSO session of the profile shop-test has expired",
    )
    .with_hint("run: aws sso login --profile shop-test");
    console.answer(ReplySlot::Connection(console::slot()), ReplyBody::Connected(Err(failure)));
    pictures("login-failed", &mut console);
}

#[test]
fn empty_account() {
    let mut console = Console::new();
    console.model.settings.cells.configured.clear();
    console.tick(0);
    console.answer_connection();
    for family in [cellgate::domain::api::ApiFamily::V1, cellgate::domain::api::ApiFamily::V2] {
        console.news(News::ApisListed { generation: Generation::default(), family, outcome: Ok(()) });
    }
    console.answer(ReplySlot::Inventory(console::slot()), ReplyBody::InventoryRead);
    picture("empty-80x24", &console.screen_at(80, 24));
}

#[test]
fn stale_and_failing() {
    let mut console = Console::loaded();
    console.tick(100);
    let failure = Failure::new("GetMetricData", "", FailureKind::Timeout, "no answer within 20 s")
        .with_hint("it is tried again every minute");
    console.answer(ReplySlot::Signals(console::slot()), ReplyBody::Signals(Err(failure)));
    pictures("stale", &mut console);
}

#[test]
fn one_failing_row() {
    let mut console = Console::loaded();
    console.tick(300);
    let api = estate::apis()[12].id.clone();
    let failure = Failure::new(
        "GetStages",
        "orders-api",
        FailureKind::Throttled { retry_after: None },
        "rate exceeded",
    )
    .with_hint("the pace is halved for a minute");
    console.news(News::Stages { api, outcome: Err(failure) });
    console.answer(ReplySlot::Inventory(console::slot()), ReplyBody::InventoryRead);
    console.keys("2 /");
    console.type_text("orders");
    console.keys("enter");
    picture("failing-row-80x24", &console.screen_at(80, 24));
    console.keys("e");
    pictures("failures", &mut console);
}

#[test]
fn throttled_by_aws() {
    let mut console = Console::loaded();
    let until = console.model.now + jiff::SignedDuration::from_secs(48);
    console.send(Event::Budget(
        console::slot(),
        Budget {
            pace: 2.5,
            used: 2.5,
            waiting: 14,
            longest_wait_seconds: 6,
            penalty_until: Some(until),
            metrics_requested: 168,
        },
    ));
    picture("throttled-120x40", &console.screen_at(120, 40).lines().take(3).collect::<Vec<_>>().join("\n"));
}

#[test]
fn paused_and_operating() {
    let mut console = Console::loaded().armed();
    console.keys("p");
    picture("paused-operate-80x24", &console.screen_at(80, 24));
}

#[test]
fn ascii_alone() {
    let mut console = Console::loaded_with(Options {
        ascii: true,
        theme: "mono",
        depth: ColourDepth::None,
        ..Options::default()
    });
    let screen = console.screen_at(80, 24);
    assert!(screen.is_ascii(), "{screen}");
    picture("ascii-80x24", &screen);
    let mut stages = console.at_stage("orders-api/prod");
    let screen = stages.screen_at(120, 40);
    assert!(screen.is_ascii(), "{screen}");
    picture("ascii-stages-120x40", &screen);
}

#[test]
fn too_small() {
    picture("too-small", &Console::loaded().screen_at(50, 10));
}
