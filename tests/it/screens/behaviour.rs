//! What keys, replies and time do to the console.

use cellgate::domain::api::{Api, ApiOperation, Authorizer};
use cellgate::domain::estate::RegionSlot;
use cellgate::domain::failure::{Failure, FailureKind};
use cellgate::domain::inventory::{Generation, News, Update};
use cellgate::tui::effect::Effect;
use cellgate::tui::event::{Event, Reply, ReplyBody, ReplySlot};
use cellgate::tui::model::{RegionState, Scope, Screen};
use cellgate::tui::rows::RowKey;

use super::console::{self, Console, Options};
use super::estate;

fn reads(effects: &[Effect]) -> Vec<&'static str> {
    effects
        .iter()
        .map(|effect| match effect {
            Effect::Connect { .. } => "connect",
            Effect::ReadInventory { .. } => "inventory",
            Effect::ReadApi { .. } => "api",
            Effect::ReadSignals { .. } => "signals",
            Effect::ReadTraffic { .. } => "traffic",
            Effect::ReadJournal { .. } => "journal",
            _ => "other",
        })
        .collect()
}

fn selected(console: &mut Console) -> String {
    console.model.settle();
    match console.model.page().table.selected.clone() {
        Some(RowKey::Cell(cell)) => cell.to_string(),
        Some(RowKey::Api(_, api)) => api.to_string(),
        Some(RowKey::Stage(_, api, stage)) => {
            format!("{api}/{}", stage.map_or_else(String::new, |name| name.to_string()))
        }
        Some(other) => format!("{other:?}"),
        None => String::new(),
    }
}

#[test]
fn the_screen_is_painted_before_anything_is_asked_of_aws() {
    let mut console = Console::new();
    assert!(console.screen().contains("not connected"));
    assert!(console.effects.is_empty());
    assert_eq!(reads(&console.tick(0)), ["connect"]);
}

#[test]
fn reading_starts_with_the_inventory_and_goes_on_to_the_signals() {
    let mut console = Console::new();
    console.tick(0);
    assert_eq!(reads(&console.answer_connection()), ["inventory", "journal"]);
    console.answer_inventory();
    assert!(reads(&console.effects).contains(&"signals"));
}

#[test]
fn the_worst_cells_come_first() {
    let mut console = Console::loaded();
    console.model.settle();
    let first: Vec<String> = console.model.rows.cells.iter().take(4).map(|row| row.id.to_string()).collect();
    assert_eq!(first, ["cell-07", "cell-03", "cell-12", "cell-06"]);
}

#[test]
fn the_cursor_stays_on_the_worst_cell_until_it_is_moved() {
    let mut console = Console::new();
    console.tick(0);
    console.answer_connection();
    console.answer_inventory();
    assert_eq!(selected(&mut console), "cell-01", "without figures the first is the first by name");
    console.answer_signals();
    console.answer_signals();
    assert_eq!(selected(&mut console), "cell-07");
    let side = console.screen_at(120, 40);
    assert!(side.contains("✗ cell-07"), "the pane beside the table shows the cell in errors:\n{side}");
    let well = |console: &mut Console| {
        console.tick(60);
        let slot = ReplySlot::Signals(console::slot());
        console.answer(slot, ReplyBody::Signals(Ok(Box::default())));
        selected(console)
    };
    assert_eq!(well(&mut console), "cell-01", "nothing is worse than anything now");
    console.keys("j");
    assert_eq!(selected(&mut console), "cell-02");
    console.tick(60);
    console.answer_signals();
    assert_eq!(selected(&mut console), "cell-02", "once moved it follows its row");
    assert!(console.model.page().table.cursor > 1);
}

#[test]
fn an_old_reply_is_dropped() {
    let mut console = Console::loaded();
    let old = console.ticket(&ReplySlot::Signals(console::slot()));
    console.tick(90);
    assert_ne!(console.ticket(&ReplySlot::Signals(console::slot())), old, "a newer one runs");
    let reply = Reply {
        slot: ReplySlot::Signals(console::slot()),
        ticket: old,
        body: ReplyBody::Signals(Ok(Box::default())),
    };
    console.send(Event::Reply(reply));
    assert!(console.screen().contains("cell-07"));
    assert!(console.model.signals[0].value().is_some_and(|signals| signals.minute.is_some()));
}

#[test]
fn a_refresh_never_overlaps_the_last_one() {
    let mut console = Console::loaded();
    let mut started = Vec::new();
    for _ in 0..20 {
        started.extend(reads(&console.tick(60)));
    }
    let count = |name| started.iter().filter(|read| **read == name).count();
    assert_eq!((count("signals"), count("inventory")), (1, 1), "neither was answered");
}

#[test]
fn signals_are_read_once_a_minute_a_little_after_it() {
    let mut console = Console::loaded();
    let mut at = Vec::new();
    for _ in 0..300 {
        if reads(&console.tick(1)).contains(&"signals") {
            at.push(console.model.now.as_second().rem_euclid(60));
            console.answer_signals();
        }
    }
    assert_eq!(at, [5, 5, 5, 5, 5]);
}

#[test]
fn nothing_is_read_while_paused() {
    let mut console = Console::loaded();
    console.keys("p 2");
    for _ in 0..20 {
        assert!(reads(&console.tick(60)).is_empty());
    }
    let once = console.keys("r");
    assert!(reads(&once).contains(&"signals"), "asked for by hand");
    console.keys("p");
    assert!(!reads(&console.tick(60)).is_empty());
}

#[test]
fn only_the_fleets_signals_are_read_while_nobody_looks() {
    let mut console = Console::loaded();
    console.keys("2");
    console.send(Event::FocusLost);
    let mut started = Vec::new();
    for _ in 0..10 {
        started.extend(reads(&console.tick(60)));
        if console.model.tickets.is_running(&ReplySlot::Signals(console::slot())) {
            console.answer_signals();
        }
    }
    assert!(started.iter().all(|read| *read == "signals") && started.len() >= 9, "{started:?}");
    assert!(reads(&console.send(Event::FocusGained)).contains(&"inventory"), "it is due by now");
}

#[test]
fn what_is_looked_at_is_read_once_the_cursor_rests() {
    let mut console = Console::loaded();
    console.keys("2 j j j");
    assert!(reads(&console.send(Event::Tick(console.model.now))).is_empty(), "the cursor moves");
    assert_eq!(reads(&console.tick(1)), ["api"]);
    console.answer_looked_at();
    assert!(reads(&console.tick(30)).iter().all(|read| *read != "api"));
    assert!(reads(&console.tick(30)).contains(&"api"), "older than a minute");
}

#[test]
fn a_login_that_failed_for_good_waits_for_the_operator() {
    let mut console = Console::new();
    console.tick(0);
    let failure = Failure::new("GetCallerIdentity", "", FailureKind::Credentials, "expired");
    console.answer(ReplySlot::Connection(console::slot()), ReplyBody::Connected(Err(failure)));
    for _ in 0..10 {
        assert!(console.tick(60).is_empty());
    }
    assert_eq!(reads(&console.keys("r")), ["connect"]);
}

#[test]
fn a_login_that_may_pass_is_tried_again() {
    let mut console = Console::new();
    console.tick(0);
    let failure = Failure::new("GetCallerIdentity", "", FailureKind::Unreachable, "connection refused");
    console.answer(ReplySlot::Connection(console::slot()), ReplyBody::Connected(Err(failure)));
    assert!(console.tick(5).is_empty());
    assert_eq!(reads(&console.tick(10)), ["connect"]);
}

#[test]
fn enter_goes_from_cell_to_api_to_stages_and_esc_back() {
    let mut console = Console::loaded();
    console.keys("enter");
    assert_eq!(console.model.page().scope, Scope::Cell("cell-07".into()));
    console.model.settle();
    assert_eq!(console.model.page().table.visible.len(), 4);
    console.keys("enter");
    assert_eq!(console.model.page().screen(), Screen::Stages);
    console.keys("esc esc");
    assert_eq!(console.model.page().screen(), Screen::Fleet);
    assert_eq!(selected(&mut console), "cell-07");
}

#[test]
fn the_filter_covers_the_whole_set_while_it_is_typed() {
    let mut console = Console::loaded();
    console.screen_at(80, 24);
    console.keys("2 /");
    console.type_text("kind=websocket");
    console.model.settle();
    assert_eq!(console.model.page().table.visible.len(), 2, "both are below the window");
    console.keys("enter");
    assert!(console.model.overlays.is_empty());
    console.keys("esc");
    console.model.settle();
    assert_eq!(console.model.page().table.visible.len(), 30);
}

#[test]
fn a_filter_that_cannot_be_read_stays_open() {
    let mut console = Console::loaded();
    console.keys("/");
    console.type_text("6xx>1%");
    console.keys("enter");
    assert_eq!(console.model.overlays.len(), 1);
    assert!(console.screen().contains("did you mean '5xx'"));
    console.keys("esc");
    assert!(console.model.page().table.filter.is_empty());
}

#[test]
fn sorting_puts_the_largest_first_and_again_reverses() {
    let mut console = Console::loaded();
    console.keys(":");
    console.type_text("sort p99");
    console.keys("enter g");
    assert_eq!(selected(&mut console), "cell-12");
    console.keys("S g");
    assert_ne!(selected(&mut console), "cell-12");
    console.keys("G");
    assert_eq!(selected(&mut console), "cell-06", "what has no figure stays last");
}

#[test]
fn the_cursor_stays_on_its_row_when_rows_move() {
    let mut console = Console::loaded();
    console.keys("j j");
    let before = selected(&mut console);
    console.keys("s j enter");
    assert_eq!(selected(&mut console), before);
}

#[test]
fn what_a_filter_found_stays_selected_when_it_is_cleared() {
    let mut console = Console::loaded();
    console.keys("/");
    console.type_text("cell-09");
    console.keys("enter esc");
    assert_eq!(selected(&mut console), "cell-09");
}

#[test]
fn marks_and_copy() {
    let mut console = Console::loaded();
    assert_eq!(console.keys("y"), [Effect::Copy("cell-07".into())]);
    console.keys("g space space");
    let effects = console.keys("y");
    assert_eq!(effects, [Effect::Copy("cell-03\ncell-07".into())]);
    console.keys("U");
    assert!(console.model.page().table.marks.is_empty());
}

#[test]
fn the_palette_offers_completes_and_explains() {
    let mut console = Console::loaded();
    console.keys(":");
    console.type_text("fl");
    console.keys("tab");
    assert!(console.screen().contains(": fl"));
    console.keys("ctrl-u");
    console.type_text("flush");
    console.keys("tab");
    console.type_text("orders");
    assert!(console.screen().contains("flush orders-api/prod"));
    console.keys("ctrl-u");
    console.type_text("flsh orders-api/prod");
    console.keys("enter");
    assert!(console.screen().contains("did you mean 'flush'?"), "{}", console.screen());
}

#[test]
fn panic_is_no_action_unless_it_is_allowed() {
    let mut console = Console::loaded();
    console.keys(":");
    console.type_text("panic");
    assert!(!console.keys("enter").contains(&Effect::Panic));
    let mut console = Console::loaded();
    console.model.panic_allowed = true;
    console.keys(":");
    console.type_text("panic");
    assert!(console.keys("enter").contains(&Effect::Panic));
}

#[test]
fn the_mouse_selects_opens_and_scrolls() {
    let mut console = Console::loaded();
    let screen = console.screen_at(80, 24);
    let row =
        screen.lines().position(|line| line.contains("cell-12 ") && line.contains("slow")).expect("a row");
    console.click(10, u16::try_from(row).expect("on screen"));
    assert_eq!(selected(&mut console), "cell-12");
    console.click(10, u16::try_from(row).expect("on screen"));
    assert_eq!(console.model.page().screen(), Screen::Apis);
    let tabs = screen.lines().nth(1).expect("the menu");
    let column = tabs.find("Stages").expect("an entry");
    console.click(u16::try_from(column).expect("on screen"), 1);
    assert_eq!(console.model.page().screen(), Screen::Stages);
}

/// Another REST API called orders-api, like the one of cell 7; neither has figures of its own.
fn with_twins(size: (u16, u16)) -> Console {
    let mut console = Console::loaded_with(Options { size, ..Options::default() });
    let orders = estate::apis().into_iter().find(|api| api.name == "orders-api").expect("an API");
    let twin = Api { id: "twin000000".into(), ..orders.clone() };
    let generation = Generation(console.ticket(&ReplySlot::Inventory(console::slot())).0);
    let update = Update {
        slot: console::slot(),
        at: console.model.now,
        news: News::ApiPage { generation, apis: vec![twin] },
    };
    console.model.estate.apply(update);
    console.tick(60);
    let mut signals = estate::signals();
    signals.apis.remove(&orders.id);
    console.answer(ReplySlot::Signals(console::slot()), ReplyBody::Signals(Ok(Box::new(signals))));
    console
}

#[test]
fn apis_of_one_name_say_why_they_have_no_figures() {
    let why = "CloudWatch folds the metrics of 2 APIs called orders-api into one";
    for size in [(120, 40), (200, 60)] {
        let mut console = with_twins(size);
        let spoken = |console: &mut Console| pane(&console.screen()).join(" ");
        assert!(spoken(&mut console).contains(why), "the cell's pane:\n{}", console.screen());
        console.keys("2 /");
        console.type_text("orders-api");
        console.keys("enter");
        assert!(spoken(&mut console).contains(why), "the API's pane:\n{}", console.screen());
        console.keys("/ ctrl-u");
        console.type_text("admin-api");
        console.keys("enter");
        assert!(!spoken(&mut console).contains("folds"), "{}", console.screen());
    }
}

/// The lines of the pane beside the table, without their frame.
fn pane(screen: &str) -> Vec<String> {
    screen.lines().filter_map(|line| line.rsplit('│').nth(1)).map(|line| line.trim().to_owned()).collect()
}

#[test]
fn nothing_beside_the_table_is_cut_without_an_ellipsis() {
    for (width, height) in [(110, 40), (120, 40), (140, 50), (200, 60)] {
        let mut console = Console::loaded_with(Options { size: (width, height), ..Options::default() });
        console.keys("2");
        console.tick(1);
        console.answer_looked_at();
        console.model.settle();
        let Some(RowKey::Api(_, api)) = console.model.page().table.selected.clone() else {
            panic!("an API is selected")
        };
        let about = "Back office for the support staff and for those who answer letters";
        console.model.estate.apply(Update {
            slot: console::slot(),
            at: console.model.now,
            news: News::Authorizers {
                api: api.clone(),
                outcome: Ok(vec![Authorizer {
                    id: "a".into(),
                    name: "staff-pool".into(),
                    kind: "COGNITO_USER_POOLS".into(),
                    result_ttl_seconds: Some(300),
                }]),
            },
        });
        console.model.estate.apply(Update {
            slot: console::slot(),
            at: console.model.now,
            news: News::Operations {
                api: api.clone(),
                outcome: Ok(vec![ApiOperation {
                    name: "GET /tenants".into(),
                    authorization: Some("COGNITO_USER_POOLS".into()),
                    api_key_required: true,
                }]),
            },
        });
        let row = console.model.rows.apis.iter_mut().find(|row| row.api.id == api).expect("a row");
        row.api.description = Some(about.into());
        let screen = console.screen();
        let lines = pane(&screen);
        let all = lines.join(" ");
        for whole in [about, "staff-pool", "COGNITO_USER_POOLS  cached 300 s", "COGNITO +key", " ago"] {
            assert!(all.contains(whole), "{whole} at {width}:\n{screen}");
        }
        assert!(lines.iter().all(|line| line.chars().count() != 1), "a stray letter at {width}:\n{screen}");
        console.keys("1 G k k");
        let all = pane(&console.screen()).join(" ");
        assert!(all.contains("all figures are below their thresholds"), "{}", console.screen());
    }
}

#[test]
fn the_help_is_whole_on_a_narrow_terminal() {
    let mut console = Console::with(Options { size: (80, 24), ..Options::default() });
    console.keys("?");
    assert!(console.screen().contains("down scroll"), "{}", console.screen());
    let mut seen = String::new();
    for _ in 0..60 {
        seen.push_str(&console.screen());
        console.keys("j");
    }
    assert!(!seen.contains('…'), "{seen}");
    for last in ["age<2h compare", "selected one", "mend it"] {
        assert!(seen.contains(last), "{last}");
    }
}

#[test]
fn of_several_regions_the_header_names_the_productive_one_and_counts_the_others() {
    let region = |alias: &str, production| RegionState {
        alias: Some(alias.into()),
        production,
        ..RegionState::default()
    };
    let others = vec![region("shop-prod", true), region("shop-beta", false)];
    let mut console = Console::with_regions(Options::default(), others);
    let header = console.screen_at(80, 24).lines().next().expect("a header").to_owned();
    assert!(header.contains("PRODUCTION shop-prod") && header.contains("+2"), "{header}");
}

#[test]
fn a_tile_can_be_clicked() {
    let mut console = Console::loaded();
    let screen = console.screen_at(80, 24);
    let (line, text) = screen.lines().enumerate().find(|(_, line)| line.contains(" 04 ")).expect("a tile");
    let column =
        text.chars().collect::<String>().find(" 04 ").map(|at| text[..at].chars().count()).expect("a tile");
    console.click(u16::try_from(column + 1).expect("on screen"), u16::try_from(line).expect("on screen"));
    assert_eq!(selected(&mut console), "cell-04");
}

#[test]
fn what_is_pasted_cannot_carry_control_characters() {
    let mut console = Console::loaded();
    console.keys("/");
    console.send(Event::Paste("cell\u{1b}[2J-07\n".into()));
    assert!(!console.model.page().table.filter.contains('\u{1b}'));
}

#[test]
fn stale_figures_stay_with_their_age_and_the_error() {
    let mut console = Console::loaded();
    console.tick(100);
    let failure = Failure::new("GetMetricData", "", FailureKind::Service, "internal error");
    console.answer(ReplySlot::Signals(RegionSlot(0)), ReplyBody::Signals(Err(failure)));
    let screen = console.screen();
    for text in ["stale 1 m", "GetMetricData failed: internal error", "cell-07"] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
}

#[test]
fn a_thousand_rows_draw_no_more_than_the_window() {
    let mut console = Console::with(Options { size: (80, 24), ..Options::default() });
    console.model.settings.cells.configured = (0..1_000)
        .map(|number| cellgate::domain::cell::ConfiguredCell {
            id: estate::cell_id(number),
            capacity: None,
            customers: None,
            connections: None,
            apis: vec![],
        })
        .collect();
    console.tick(0);
    console.model.settle();
    console.keys("G");
    let screen = console.screen();
    assert!(screen.contains("of 1,000"), "{screen}");
    assert!(screen.contains("cell-999"), "{screen}");
}
