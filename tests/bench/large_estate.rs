//! A console on an estate of any size: the fixture's thirty APIs, over and over, each copy under an id and
//! a name of its own.

use cellgate::domain::api::Api;
use cellgate::domain::fleet::Signals;
use cellgate::domain::id::ApiId;
use cellgate::domain::inventory::{Generation, News};
use cellgate::domain::stage::Stage;
use cellgate::tui::event::{Budget, Event, ReplyBody, ReplySlot};
use cellgate::tui::model::Screen;

use crate::console::{Console, Options};
use crate::estate;

/// All was read and nothing is being waited for; `screen` is open and has `rows` rows.
pub fn console(screen: Screen, rows: usize, size: (u16, u16)) -> Console {
    let (apis, stages) = match screen {
        Screen::Apis => of_apis(rows),
        Screen::Stages => of_stages(rows),
        Screen::Fleet | Screen::Throttles | Screen::Waf | Screen::Customers | Screen::Changes => {
            panic!("measured are the two lists that grow largest")
        }
    };
    let mut console = Console::with(Options { size, ..Options::default() });
    console.tick(0);
    console.answer_connection();
    let generation = Generation(console.ticket(&ReplySlot::Inventory(estate::SLOT)).0);
    console.news(News::ApiPage { generation, apis: apis.clone() });
    for news in estate::inventory(generation) {
        if !matches!(news, News::ApiPage { .. } | News::Stages { .. }) {
            console.news(news);
        }
    }
    for (api, stages) in apis.iter().zip(stages) {
        console.news(News::Stages { api: api.id.clone(), outcome: Ok(stages) });
    }
    console.answer(ReplySlot::Inventory(estate::SLOT), ReplyBody::InventoryRead);
    // Once for the APIs, and once more for the cells that the inventory went on to find.
    for _ in 0..2 {
        let signals = ReplyBody::Signals(Ok(Box::new(signals(&apis))));
        console.answer(ReplySlot::Signals(estate::SLOT), signals);
    }
    console.send(Event::Budget(
        estate::SLOT,
        Budget { pace: 5.0, used: 3.1, metrics_requested: 168, ..Budget::default() },
    ));
    console.keys(&(screen.place() + 1).to_string());
    console.model.settle();
    console.tick(1);
    console.answer_looked_at();
    console.model.settle();
    assert!(!console.model.is_waiting(), "a spinner turns, so the figures would be of a screen that loads");
    assert_eq!(console.model.page().table.visible.len(), rows);
    console
}

/// The `number`th API. The first thirty are the fixture's own, which therefore knows their parts.
fn api(number: usize) -> Api {
    let mut templates = estate::apis();
    let (copy, place) = (number / templates.len(), number % templates.len());
    let mut api = templates.swap_remove(place);
    if copy > 0 {
        api.id = ApiId::new(format!("{}{copy:04}", &api.id.as_str()[..6]));
        api.name = format!("{}-{copy:03}", api.name);
    }
    api
}

/// So many APIs, with all their stages.
fn of_apis(count: usize) -> (Vec<Api>, Vec<Vec<Stage>>) {
    let apis: Vec<Api> = (0..count).map(api).collect();
    let stages = apis.iter().enumerate().map(|(number, api)| estate::stages(number, api)).collect();
    (apis, stages)
}

/// As many APIs as it takes for so many stages.
fn of_stages(count: usize) -> (Vec<Api>, Vec<Vec<Stage>>) {
    let (mut apis, mut stages) = (Vec::new(), Vec::new());
    let mut missing = count;
    while missing > 0 {
        let api = api(apis.len());
        let mut of_api = estate::stages(apis.len(), &api);
        of_api.truncate(missing);
        missing -= of_api.len();
        apis.push(api);
        stages.push(of_api);
    }
    (apis, stages)
}

/// Each copy has the traffic of what it is a copy of.
fn signals(apis: &[Api]) -> Signals {
    let mut signals = estate::signals();
    let templates = estate::apis();
    for (number, api) in apis.iter().enumerate() {
        let template = &templates[number % templates.len()];
        if let Some(series) = signals.apis.get(&template.id).cloned() {
            signals.apis.insert(api.id.clone(), series);
        }
    }
    signals
}
