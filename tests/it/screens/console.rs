//! A console without a terminal: events in, effects and pictures of the screen out.

use cellgate::domain::change::{
    BlastRadius, FieldChange, Lever, Plan, PlannedCall, Precondition, Request, Risk, Step, Undo,
};
use cellgate::domain::estate::RegionSlot;
use cellgate::domain::inventory::{Generation, News, Update};
use cellgate::domain::moves::settings::MoveSettings;
use cellgate::tui::colour::ColourDepth;
use cellgate::tui::effect::Effect;
use cellgate::tui::event::{Budget, Event, JournalListing, Reply, ReplyBody, ReplySlot, Ticket};
use cellgate::tui::key::Key;
use cellgate::tui::keymap::{KeyOverrides, Keymap};
use cellgate::tui::model::{Look, Model, RegionState, Screen, Settings, Setup};
use cellgate::tui::symbols::Symbols;
use cellgate::tui::theme::Theme;
use cellgate::tui::update::update;
use cellgate::tui::view;
use crossterm::event::{KeyEvent, KeyEventKind, KeyEventState, MouseButton, MouseEvent, MouseEventKind};
use jiff::SignedDuration;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use ratatui::style::Modifier;

use super::{estate, history, protection};

pub struct Console {
    pub model: Model,
    /// Everything that was asked for so far.
    pub effects: Vec<Effect>,
}

/// What differs between tests.
pub struct Options {
    pub region: RegionState,
    pub ascii: bool,
    pub theme: &'static str,
    pub depth: ColourDepth,
    pub size: (u16, u16),
    /// No cell keeps data.
    pub stateless: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            region: RegionState { alias: Some("shop-test".into()), ..RegionState::default() },
            ascii: false,
            theme: "dark",
            depth: ColourDepth::Full,
            size: (120, 40),
            stateless: true,
        }
    }
}

impl Console {
    pub fn with(options: Options) -> Self {
        Self::with_regions(options, Vec::new())
    }

    /// With regions beside the one of the options.
    pub fn with_regions(options: Options, others: Vec<RegionState>) -> Self {
        let model = Model::new(Setup {
            now: estate::now(),
            size: Size { width: options.size.0, height: options.size.1 },
            look: Look {
                theme: Theme::built_in(options.theme, options.depth).expect("a theme"),
                symbols: Symbols::of(options.ascii),
            },
            keymap: Keymap::new(&KeyOverrides::new()).expect("the default keys"),
            settings: Settings {
                thresholds: estate::thresholds(),
                cells: estate::cell_settings(),
                inventory_seconds: 300,
                signals_seconds: 60,
                idle_seconds: 600,
                router_cache_seconds: Some(300),
                router_stage: "orders-api/prod".parse().ok(),
                moves: MoveSettings { stateless: options.stateless, ..MoveSettings::default() },
            },
            regions: std::iter::once(options.region).chain(others).collect(),
            screen: Screen::Fleet,
            filter: None,
            panic_allowed: false,
        });
        Self { model, effects: Vec::new() }
    }

    pub fn new() -> Self {
        Self::with(Options::default())
    }

    /// Connected, the inventory and the signals read, nothing running.
    pub fn loaded_with(options: Options) -> Self {
        let mut console = Self::with(options);
        console.tick(0);
        console.answer_connection();
        console.answer_journal(history::listing_of(vec![]));
        console.answer_inventory();
        // Once for the APIs, and once more for the cells that the inventory went on to find.
        console.answer_signals();
        console.answer_signals();
        console.send(Event::Budget(
            estate::SLOT,
            Budget { pace: 5.0, used: 3.1, metrics_requested: 168, ..Budget::default() },
        ));
        console.tick(12);
        console
    }

    pub fn loaded() -> Self {
        Self::loaded_with(Options::default())
    }

    pub fn send(&mut self, event: Event) -> Vec<Effect> {
        let effects = update(&mut self.model, event);
        self.effects.extend(effects.iter().cloned());
        effects
    }

    /// Time passes.
    pub fn tick(&mut self, seconds: i64) -> Vec<Effect> {
        let now = self.model.now + SignedDuration::from_secs(seconds);
        self.send(Event::Tick(now))
    }

    /// Presses keys, named and separated by spaces: `/ o r d enter`.
    pub fn keys(&mut self, keys: &str) -> Vec<Effect> {
        keys.split_whitespace().flat_map(|key| self.press(key.parse().expect("a key"))).collect()
    }

    /// Types each character of a text.
    pub fn type_text(&mut self, text: &str) {
        for character in text.chars() {
            let name = if character == ' ' { "space".to_owned() } else { character.to_string() };
            self.press(name.parse().expect("a character"));
        }
    }

    fn press(&mut self, key: Key) -> Vec<Effect> {
        self.send(Event::Key(KeyEvent {
            code: key.code,
            modifiers: key.modifiers,
            kind: KeyEventKind::Press,
            state: KeyEventState::NONE,
        }))
    }

    pub fn click(&mut self, column: u16, row: u16) -> Vec<Effect> {
        self.send(Event::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column,
            row,
            modifiers: crossterm::event::KeyModifiers::NONE,
        }))
    }

    /// Answers the newest task of a slot.
    pub fn answer(&mut self, slot: ReplySlot, body: ReplyBody) -> Vec<Effect> {
        let ticket = self.ticket(&slot);
        self.send(Event::Reply(Reply { slot, ticket, body }))
    }

    /// The ticket of the newest task that was started in a slot.
    pub fn ticket(&self, slot: &ReplySlot) -> Ticket {
        self.effects
            .iter()
            .rev()
            .find_map(|effect| started(effect).filter(|(started, _)| started == slot))
            .map_or_else(|| panic!("nothing was started for {slot:?}"), |(_, ticket)| ticket)
    }

    pub fn answer_connection(&mut self) -> Vec<Effect> {
        self.answer(ReplySlot::Connection(estate::SLOT), ReplyBody::Connected(Ok(estate::connected())))
    }

    pub fn answer_journal(&mut self, listing: JournalListing) -> Vec<Effect> {
        self.answer(ReplySlot::Journal, ReplyBody::Journal(Ok(listing)))
    }

    /// Answers the journal's next reading, which is due by then.
    pub fn answer_journal_anew(&mut self, listing: JournalListing) -> Vec<Effect> {
        self.tick(300);
        self.answer_journal(listing)
    }

    pub fn news(&mut self, news: News) {
        let at = self.model.now;
        let slot = ReplySlot::Inventory(estate::SLOT);
        self.answer(slot, ReplyBody::News(Update { slot: estate::SLOT, at, news }));
    }

    pub fn answer_inventory(&mut self) {
        let generation = Generation(self.ticket(&ReplySlot::Inventory(estate::SLOT)).0);
        for news in estate::inventory(generation) {
            self.news(news);
        }
        self.answer(ReplySlot::Inventory(estate::SLOT), ReplyBody::InventoryRead);
    }

    pub fn answer_signals(&mut self) -> Vec<Effect> {
        self.answer(ReplySlot::Signals(estate::SLOT), ReplyBody::Signals(Ok(Box::new(estate::signals()))))
    }

    /// Answers what was asked for because someone looks at an API or a stage.
    pub fn answer_looked_at(&mut self) {
        let asked: Vec<Effect> = self.effects.clone();
        for effect in asked {
            match effect {
                Effect::ReadApi { slot, api, ticket } => {
                    let all = estate::apis();
                    let Some(place) = all.iter().position(|known| known.id == api) else { continue };
                    for news in estate::parts(place, &all[place]) {
                        let update = Update { slot, at: self.model.now, news };
                        let body = ReplyBody::News(update);
                        self.send(Event::Reply(Reply {
                            slot: ReplySlot::Api(slot, api.clone()),
                            ticket,
                            body,
                        }));
                    }
                    let slot = ReplySlot::Api(slot, api);
                    self.send(Event::Reply(Reply { slot, ticket, body: ReplyBody::InventoryRead }));
                }
                Effect::ReadTraffic { stage, ticket } => {
                    let body = ReplyBody::Traffic(Ok(estate::stage_traffic()));
                    self.send(Event::Reply(Reply { slot: ReplySlot::Traffic(stage), ticket, body }));
                }
                Effect::ReadList { slot, list, ticket } => {
                    let news = protection::list(list);
                    self.send_news(&ReplySlot::List(slot, list), ticket, news);
                }
                Effect::ReadPlansOfKeys { slot, keys, ticket } => {
                    let news = protection::plans_of_keys(&keys);
                    self.send_news(&ReplySlot::PlansOfKeys(slot), ticket, news);
                }
                Effect::ReadUsageOfKey { slot, key, ticket } => {
                    self.send_news(&ReplySlot::UsageOfKey(slot), ticket, protection::usage_of_key(&key));
                }
                Effect::ReadUsageOfPlans { slot, plans, ticket } => {
                    let task = ReplySlot::UsageOfPlans(slot);
                    for news in plans.iter().map(protection::usage_of_plan) {
                        let update = Update { slot, at: self.model.now, news };
                        let body = ReplyBody::News(update);
                        self.send(Event::Reply(Reply { slot: task.clone(), ticket, body }));
                    }
                    self.send(Event::Reply(Reply { slot: task, ticket, body: ReplyBody::InventoryRead }));
                }
                _ => {}
            }
        }
    }

    /// One piece of news, and that there is no more.
    fn send_news(&mut self, slot: &ReplySlot, ticket: Ticket, news: News) {
        let update = Update { slot: estate::SLOT, at: self.model.now, news };
        for body in [ReplyBody::News(update), ReplyBody::InventoryRead] {
            self.send(Event::Reply(Reply { slot: slot.clone(), ticket, body }));
        }
    }

    /// A list of any screen, by its name in the palette, read and selected from its top.
    pub fn at_list(mut self, name: &str) -> Self {
        self.keys(":");
        self.type_text(name);
        self.keys("enter");
        for _ in 0..8 {
            self.tick(1);
            self.answer_looked_at();
        }
        self
    }

    /// On the stages, with the stage of this name selected and read.
    pub fn at_stage(mut self, name: &str) -> Self {
        self.keys("3 /");
        self.type_text(name);
        self.keys("enter");
        self.tick(1);
        self.answer_looked_at();
        self.keys("esc");
        self.tick(1);
        self
    }

    pub fn armed(mut self) -> Self {
        self.keys(":");
        self.type_text("arm");
        self.keys("enter");
        self.type_text("123456789012");
        self.keys("enter");
        self.answer(ReplySlot::Arming(estate::SLOT), ReplyBody::Armed(Ok(())));
        self
    }

    /// With the plan to flush the selected stage in front.
    pub fn with_plan(mut self) -> Self {
        self.keys(":");
        self.type_text("flush orders-api/prod");
        self.keys("enter");
        self.answer(ReplySlot::Plan, ReplyBody::Planned(Ok(Box::new(plan(&self.effects)))));
        self
    }

    /// The screen as text, without spaces at the ends of lines.
    pub fn screen(&mut self) -> String {
        let buffer = self.drawn();
        (0..buffer.area.height).map(|y| text_of(&buffer, y)).collect::<Vec<_>>().join("\n")
    }

    /// The screen, with a sign below whatever stands there reversed.
    pub fn screen_with_reversed(&mut self) -> String {
        let buffer = self.drawn();
        let is_reversed = |x, y| buffer[(x, y)].modifier.contains(Modifier::REVERSED);
        let (width, height) = (buffer.area.width, buffer.area.height);
        let lines = (0..height).flat_map(|y| {
            let signs: String = (0..width).map(|x| if is_reversed(x, y) { '^' } else { ' ' }).collect();
            let signs = signs.trim_end().to_owned();
            std::iter::once(text_of(&buffer, y)).chain(Some(signs).filter(|signs| !signs.is_empty()))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn drawn(&mut self) -> Buffer {
        let Size { width, height } = self.model.size;
        self.model.settle();
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a test backend");
        terminal.draw(|frame| view::draw(frame, &self.model)).expect("drawing never fails");
        terminal.backend().buffer().clone()
    }

    /// The screen at another size.
    pub fn screen_at(&mut self, width: u16, height: u16) -> String {
        self.send(Event::Resize(width, height));
        self.screen()
    }
}

/// A line of the screen.
fn text_of(buffer: &Buffer, y: u16) -> String {
    let line: String = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
    line.trim_end().to_owned()
}

/// Which task an effect starts.
fn started(effect: &Effect) -> Option<(ReplySlot, Ticket)> {
    Some(match effect {
        Effect::Connect { slot, ticket } => (ReplySlot::Connection(*slot), *ticket),
        Effect::ReadInventory { slot, ticket } => (ReplySlot::Inventory(*slot), *ticket),
        Effect::ReadApi { slot, api, ticket } => (ReplySlot::Api(*slot, api.clone()), *ticket),
        Effect::ReadList { slot, list, ticket } => (ReplySlot::List(*slot, *list), *ticket),
        Effect::ReadUsageOfKey { slot, ticket, .. } => (ReplySlot::UsageOfKey(*slot), *ticket),
        Effect::ReadUsageOfPlans { slot, ticket, .. } => (ReplySlot::UsageOfPlans(*slot), *ticket),
        Effect::ReadPlansOfKeys { slot, ticket, .. } => (ReplySlot::PlansOfKeys(*slot), *ticket),
        Effect::ReadSignals { slot, ticket } => (ReplySlot::Signals(*slot), *ticket),
        Effect::ReadTraffic { stage, ticket } => (ReplySlot::Traffic(stage.clone()), *ticket),
        Effect::Arm { slot, ticket, .. } => (ReplySlot::Arming(*slot), *ticket),
        Effect::Plan { ticket, .. }
        | Effect::PlanBulk { ticket, .. }
        | Effect::PlanBulkUndo { ticket, .. }
        | Effect::PlanUndo { ticket, .. }
        | Effect::PlanMove { ticket, .. }
        | Effect::PlanClosing { ticket, .. }
        | Effect::Examine { ticket, .. } => (ReplySlot::Plan, *ticket),
        Effect::StartMove { ticket, .. } | Effect::ContinueMove { ticket, .. } => (ReplySlot::Move, *ticket),
        Effect::WishMove { ticket, .. } => (ReplySlot::MoveWish, *ticket),
        Effect::WeighConnections { ticket, .. } | Effect::FindConnections { ticket, .. } => {
            (ReplySlot::LeftConnections, *ticket)
        }
        Effect::Apply { ticket, .. } | Effect::ApplyBulk { ticket, .. } | Effect::Finish { ticket, .. } => {
            (ReplySlot::Change, *ticket)
        }
        Effect::Lookup { ticket, .. } => (ReplySlot::Lookup, *ticket),
        Effect::ReadCustomers { ticket, .. } => (ReplySlot::Customers, *ticket),
        Effect::ReadKeptCount { ticket, .. } => (ReplySlot::KeptCount, *ticket),
        Effect::ReadJournal { ticket } => (ReplySlot::Journal, *ticket),
        Effect::Disarm { .. }
        | Effect::StopBulk
        | Effect::StopMove
        | Effect::Cancel(_)
        | Effect::Copy(_)
        | Effect::Panic
        | Effect::Quit => {
            return None;
        }
    })
}

/// The plan that was asked for last.
pub fn plan(effects: &[Effect]) -> Plan {
    let target = effects
        .iter()
        .rev()
        .find_map(|effect| match effect {
            Effect::Plan { target, .. } => Some(target.clone()),
            _ => None,
        })
        .expect("a plan was asked for");
    let stage = target.stage().expect("a stage is flushed");
    let request = Request::FlushStageCache { api: stage.api.clone(), stage: stage.stage.clone() };
    let path = request.path();
    let available =
        Precondition { setting: "status/cacheClusterStatus".into(), value: Some("AVAILABLE".into()) };
    Plan {
        lever: Lever::FlushStageCache,
        region: estate::connected().key,
        risk: Risk::Low,
        steps: vec![Step {
            call: PlannedCall {
                service: "apigateway".into(),
                operation: "FlushStageCache".into(),
                request: request.line(),
                body: request.body(),
            },
            request,
            changes: vec![],
            settled: vec![available.clone()],
        }],
        fields: vec![FieldChange {
            field: "cached responses".into(),
            before: "as they are".into(),
            after: "none".into(),
        }],
        iam: vec![format!("apigateway:DELETE on arn:aws:apigateway:eu-west-1::{path}")],
        blast_radius: BlastRadius {
            minutes: 5,
            until: Some(estate::figures_minute()),
            requests_per_second: Some(233.4),
            cache_hit_rate: Some(0.78),
            shifted_to_backend_per_second: Some(156.0),
            ..BlastRadius::default()
        },
        what_if: None,
        guard: None,
        quota: None,
        undo: Undo::Impossible {
            why: "what is flushed is gone; the cache fills again from the backend".into(),
        },
        preconditions: vec![
            Precondition { setting: "/cacheClusterEnabled".into(), value: Some("true".into()) },
            available,
        ],
        cost: None,
        undoes: None,
        bulk: None,
        warnings: vec!["78.0% of cacheable requests are answered from the cache now".into()],
        planned_at: estate::now(),
        target,
    }
}

pub fn slot() -> RegionSlot {
    estate::SLOT
}
