//! Effects as tasks: each calls `ops`, sends its reply, and can be called off.

mod bulk;
mod customers;
mod journal;
mod left_connections;
mod moves;
mod remedies;

use std::collections::BTreeMap;

use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::journal::journal_of;
use super::carrying::Carrying;
use super::changing::{self, CHANGE, Work};
use super::moving::{MOVE, MoveOrder};
use super::sessions::RegionSessions;
use crate::aws::{Priority, Read, Session};
use crate::domain::api::Api;
use crate::domain::cell;
use crate::domain::change::Target;
use crate::domain::estate::{RegionEstate, RegionSlot};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::history;
use crate::domain::id::{ApiId, UsagePlanId};
use crate::domain::inventory::{Connected, Generation};
use crate::domain::levers::Wanted;
use crate::domain::production::ProductionTag;
use crate::domain::usage_plan::UsagePlan;
use crate::ops::change::{self, ChangeError, ChangeStore, Grounds};
use crate::ops::clock::Clock;
use crate::ops::inventory::{self, Family, InventorySettings, Place, Request};
use crate::ops::{fleet_reading, signals};
use crate::tui::effect::Effect;
use crate::tui::event::{Budget, Event, List, Reply, ReplyBody, ReplySlot, Ticket, Trouble};
use crate::tui::model::{Model, StageKey};
use crate::tui::options::{ConsoleError, CustomerOptions, RegionOptions};
use crate::tui::view::TRAFFIC_MINUTES;

/// What tasks tell the loop.
pub enum Message {
    /// Comes before the reply that announces it.
    Session(RegionSlot, Session<Read>),
    Event(Box<Event>),
}

pub struct Tasks {
    regions: Vec<RegionSessions>,
    settings: InventorySettings,
    customers: CustomerOptions,
    changes: ChangeStore,
    clock: Clock,
    production_tag: Option<ProductionTag>,
    sender: UnboundedSender<Message>,
    running: JoinSet<()>,
    changing: Carrying,
    moving: Carrying,
    cancellations: BTreeMap<ReplySlot, CancellationToken>,
}

/// The way back for one task's replies.
#[derive(Clone)]
struct Line {
    slot: ReplySlot,
    ticket: Ticket,
    sender: UnboundedSender<Message>,
}

impl Line {
    /// The loop is gone only when the console is left; then nobody wants the reply.
    fn send(&self, body: ReplyBody) {
        let reply = Reply { slot: self.slot.clone(), ticket: self.ticket, body };
        let _ = self.sender.send(Message::Event(Box::new(Event::Reply(reply))));
    }
}

impl Tasks {
    pub fn new(
        regions: Vec<RegionOptions>,
        (settings, customers): (InventorySettings, CustomerOptions),
        changes: ChangeStore,
        clock: Clock,
        production_tag: Option<ProductionTag>,
        sender: UnboundedSender<Message>,
    ) -> Self {
        let regions = regions.into_iter().map(RegionSessions::from).collect();
        let (running, cancellations) = (JoinSet::new(), BTreeMap::new());
        Self {
            regions,
            settings,
            customers,
            changes,
            clock,
            production_tag,
            sender,
            running,
            changing: Carrying::new(CHANGE),
            moving: Carrying::new(MOVE),
            cancellations,
        }
    }

    /// Waits for a task to end; pending for ever while none runs.
    ///
    /// # Errors
    /// A task that panicked: the state can't be trusted any more.
    pub async fn ended(&mut self) -> Result<(), ConsoleError> {
        let ended = tokio::select! {
            Some(ended) = self.running.join_next() => ended,
            ended = self.changing.ended() => ended,
            ended = self.moving.ended() => ended,
        };
        match ended {
            Err(error) if error.is_panic() => Err(ConsoleError::Task(error.to_string())),
            _ => Ok(()),
        }
    }

    /// Keeps a region's session, and passes on what its limiter says.
    pub fn connected(&mut self, slot: RegionSlot, session: Session<Read>) {
        let mut budget = session.limits().watch();
        let (sender, clock, asked) = (self.sender.clone(), self.clock.clone(), session.clone());
        self.running.spawn(async move {
            loop {
                let seen = shown(&budget.borrow_and_update());
                let machine = clock.now();
                let ahead = asked.now(machine).duration_since(machine);
                let gone = [Event::Budget(slot, seen), Event::Ahead(slot, ahead)]
                    .into_iter()
                    .any(|event| sender.send(Message::Event(Box::new(event))).is_err());
                if gone || budget.changed().await.is_err() {
                    return;
                }
            }
        });
        if let Some(region) = self.regions.get_mut(slot.0) {
            region.connected(session);
        }
    }

    /// Ends whatever only reads, and hands out the change and the move, which have records to finish.
    pub fn leave(mut self) -> (Carrying, Carrying) {
        for cancellation in self.cancellations.values() {
            cancellation.cancel();
        }
        self.running.abort_all();
        (self.changing, self.moving)
    }

    /// Starts what an effect asks for; what ran in its slot is called off.
    pub fn start(&mut self, effect: Effect, model: &Model) {
        match effect {
            Effect::Connect { slot, ticket } => self.connect(slot, ticket),
            Effect::ReadInventory { slot, ticket } => {
                self.inventory(slot, ReplySlot::Inventory(slot), ticket, Request::Overview);
            }
            Effect::ReadApi { slot, api, ticket } => {
                let task = ReplySlot::Api(slot, api.clone());
                match api_of(model, slot, &api) {
                    Some(api) => self.inventory(slot, task, ticket, Request::Api(Family::of(&api))),
                    None => self.line(task, ticket).send(ReplyBody::InventoryRead),
                }
            }
            Effect::ReadList { slot, list, ticket } => {
                let request = match list {
                    List::UsagePlans => Request::UsagePlans,
                    List::ApiKeys => Request::ApiKeys,
                    List::WebAcls => Request::WebAcls,
                    List::IpSets => Request::IpSets,
                    List::Domains => Request::Domains,
                    List::VpcLinks => Request::VpcLinks,
                };
                self.inventory(slot, ReplySlot::List(slot, list), ticket, request);
            }
            Effect::ReadPlansOfKeys { slot, keys, ticket } => {
                self.inventory(slot, ReplySlot::PlansOfKeys(slot), ticket, Request::PlansOfKeys(keys));
            }
            Effect::ReadUsageOfKey { slot, key, ticket } => {
                let region = known_region(model, slot);
                let on = region.plans_of_keys.value().and_then(|plans| plans.get(&key)).cloned();
                let plans = plans_named(&region, &on.unwrap_or_default());
                let task = ReplySlot::UsageOfKey(slot);
                self.inventory(slot, task, ticket, Request::UsageOfKey(key, plans));
            }
            Effect::ReadUsageOfPlans { slot, plans, ticket } => {
                let region = known_region(model, slot);
                let keys = region.api_keys.value().into_iter().flatten().map(|key| key.id.clone()).collect();
                let request = Request::UsageOfPlans(plans_named(&region, &plans), keys);
                self.inventory(slot, ReplySlot::UsageOfPlans(slot), ticket, request);
            }
            Effect::ReadSignals { slot, ticket } => self.signals(slot, ticket, model),
            Effect::ReadTraffic { stage, ticket } => self.traffic(stage, ticket, model),
            Effect::Arm { slot, typed, ticket } => {
                let outcome = match self.regions.get_mut(slot.0) {
                    Some(region) => region.arm(&typed),
                    None => Err("there is no such region".to_owned()),
                };
                self.line(ReplySlot::Arming(slot), ticket).send(ReplyBody::Armed(outcome));
            }
            Effect::Disarm { slot } => {
                if let Some(region) = self.regions.get_mut(slot.0) {
                    region.disarm();
                }
            }
            Effect::Plan { slot, target, wanted, ticket } => self.plan(slot, target, wanted, ticket, model),
            Effect::Apply { slot, plan, ticket } => self.change(slot, Work::Apply(plan), ticket),
            Effect::PlanBulk { slot, targets, ticket } => self.plan_bulk(slot, targets, ticket, model),
            Effect::PlanBulkUndo { slot, bulk, ticket } => self.plan_bulk_undo(slot, bulk, ticket, model),
            Effect::ApplyBulk { slot, plan, ticket } => {
                let region = Box::new(known_region(model, slot));
                self.change(slot, Work::Bulk { plan, region }, ticket);
            }
            Effect::StopBulk => self.changing.stop(),
            Effect::PlanMove { slot, wanted, ticket } => self.plan_move(slot, *wanted, ticket, model),
            Effect::StartMove { slot, plan, ticket } => {
                self.carry_on_move(slot, MoveOrder::Start(plan), ticket);
            }
            Effect::ContinueMove { slot, id, give_up, ticket } => {
                let order = if give_up { MoveOrder::GiveUp(id) } else { MoveOrder::Resume(id) };
                self.carry_on_move(slot, order, ticket);
            }
            Effect::StopMove => self.moving.stop(),
            Effect::WishMove { slot, id, wish, ticket } => self.wish_move(slot, id, wish, ticket),
            Effect::WeighConnections { slot, ticket } => self.weigh_connections(slot, ticket),
            Effect::FindConnections { slot, id, ticket } => self.find_connections(slot, id, ticket),
            Effect::PlanClosing { slot, id, left, ticket } => {
                self.plan_closing(slot, id, left, ticket, model);
            }
            Effect::ReadJournal { ticket } => self.journal(ticket),
            Effect::PlanUndo { slot, change, ticket } => self.plan_undo(slot, change, ticket, model),
            Effect::Examine { slot, change, ticket } => self.examine(slot, change, ticket),
            Effect::Finish { slot, change, send, ticket } => {
                self.change(slot, Work::Finish { change, send }, ticket);
            }
            Effect::Lookup { slot, customer, ticket } => self.look_up(slot, customer, ticket),
            Effect::ReadCustomers { slot, cell, from, ticket } => self.customers(slot, cell, from, ticket),
            Effect::ReadKeptCount { slot, ticket } => self.kept_count(slot, ticket),
            Effect::Cancel(slot) => {
                if let Some(cancellation) = self.cancellations.remove(&slot) {
                    cancellation.cancel();
                }
            }
            // The loop's own.
            Effect::Copy(_) | Effect::Panic | Effect::Quit => {}
        }
    }

    fn line(&self, slot: ReplySlot, ticket: Ticket) -> Line {
        Line { slot, ticket, sender: self.sender.clone() }
    }

    /// The slot's new cancellation; the one before is cancelled.
    fn restart(&mut self, slot: &ReplySlot) -> CancellationToken {
        let cancellation = CancellationToken::new();
        if let Some(before) = self.cancellations.insert(slot.clone(), cancellation.clone()) {
            before.cancel();
        }
        cancellation
    }

    /// The region's reading session, to be cancelled with the slot's next task.
    fn session(&mut self, region: RegionSlot, slot: &ReplySlot) -> Option<Session<Read>> {
        let cancellation = self.restart(slot);
        let session = self.regions.get(region.0)?.read()?;
        Some(session.with_cancellation(cancellation))
    }

    fn connect(&mut self, slot: RegionSlot, ticket: Ticket) {
        let task = ReplySlot::Connection(slot);
        let cancellation = self.restart(&task);
        let line = self.line(task, ticket);
        let Some(region) = self.regions.get(slot.0) else { return };
        let connector = region.connector.clone();
        self.running.spawn(async move {
            let connecting = cancellation.run_until_cancelled(Box::pin(connector.connect()));
            let outcome = match connecting.await {
                Some(Ok(session)) => {
                    let connected =
                        Connected { key: session.key().clone(), arn: session.identity().arn.clone() };
                    let _ = line.sender.send(Message::Session(slot, session));
                    Ok(connected)
                }
                Some(Err(failure)) => Err(failure),
                None => return,
            };
            line.send(ReplyBody::Connected(outcome));
        });
    }

    fn inventory(&mut self, slot: RegionSlot, task: ReplySlot, ticket: Ticket, request: Request) {
        let session = self.session(slot, &task);
        let line = self.line(task, ticket);
        let Some(session) = session else { return line.send(ReplyBody::InventoryRead) };
        let (settings, clock) = (self.settings.clone(), self.clock.clone());
        self.running.spawn(async move {
            let (sink, mut news) = mpsc::unbounded_channel();
            let place = Place { slot, generation: Generation(line.ticket.0) };
            let reading = async {
                Box::pin(inventory::read(&session, request, place, &settings, &clock, &sink)).await;
                drop(sink);
            };
            let telling = async {
                while let Some(update) = news.recv().await {
                    line.send(ReplyBody::News(update));
                }
            };
            tokio::join!(reading, telling);
            line.send(ReplyBody::InventoryRead);
        });
    }

    fn signals(&mut self, slot: RegionSlot, ticket: Ticket, model: &Model) {
        let task = ReplySlot::Signals(slot);
        let session = self.session(slot, &task);
        let line = self.line(task, ticket);
        let Some(session) = session else {
            return line.send(ReplyBody::Signals(Err(not_connected("GetMetricData"))));
        };
        let (estate, clock) = (model.estate.clone(), self.clock.clone());
        let (settings, highest) = (self.settings.cells.clone(), self.customers.highest.clone());
        let cells = cell::discover(&estate, &settings);
        self.running.spawn(async move {
            let of = (&cells, &settings);
            let read = fleet_reading::read(&session, (&estate, slot), of, &clock, &highest);
            let outcome = Box::pin(read).await;
            line.send(ReplyBody::Signals(outcome.map(Box::new)));
        });
    }

    fn traffic(&mut self, stage: StageKey, ticket: Ticket, model: &Model) {
        let task = ReplySlot::Traffic(stage.clone());
        let session = self.session(stage.slot, &task);
        let line = self.line(task, ticket);
        let (Some(session), Some(api)) = (session, api_of(model, stage.slot, &stage.api)) else {
            return line.send(ReplyBody::Traffic(Err(not_connected("GetMetricData"))));
        };
        let (region, clock) = (known_region(model, stage.slot), self.clock.clone());
        self.running.spawn(async move {
            let outcome =
                signals::read_stage(&session, &region, &api, &stage.stage, &clock, TRAFFIC_MINUTES).await;
            line.send(ReplyBody::Traffic(outcome));
        });
    }

    fn plan(&mut self, slot: RegionSlot, target: Target, wanted: Wanted, ticket: Ticket, model: &Model) {
        let session = self.session(slot, &ReplySlot::Plan);
        let line = self.line(ReplySlot::Plan, ticket);
        let api = target.stage().and_then(|stage| api_of(model, slot, &stage.api));
        let Some(session) = session else {
            let trouble = Trouble { why: "not connected".to_owned(), hint: None, refused: true };
            return line.send(ReplyBody::Planned(Err(trouble)));
        };
        let (region, clock) = (known_region(model, slot), self.clock.clone());
        let production_tag = self.production_tag.clone();
        let journal = journal_of(&self.changes, &session);
        self.running.spawn(async move {
            let session = session.with_priority(Priority::Change);
            // Without a journal a plan knows less, and says so where it matters.
            let records = journal.records().await.unwrap_or_default();
            let history = history::changes(&records);
            let grounds = Grounds {
                region: &region,
                api: api.as_ref(),
                history: &history,
                clock: &clock,
                production_tag: production_tag.as_ref(),
            };
            let outcome = change::plan(&session, &target, &wanted, &grounds).await;
            line.send(ReplyBody::Planned(outcome.map(Box::new).map_err(|error| trouble(&error))));
        });
    }

    /// Only a session that may operate can get here.
    fn change(&mut self, slot: RegionSlot, work: Work, ticket: Ticket) {
        let line = self.line(ReplySlot::Change, ticket);
        let Some(session) = self.regions.get(slot.0).and_then(RegionSessions::operate).cloned() else {
            let why = "the session is read-only".to_owned();
            return line.send(work.not_begun(Trouble { why, hint: None, refused: true }));
        };
        let (store, clock) = (self.changes.clone(), self.clock.clone());
        changing::start(&mut self.changing, &session, work, store, clock, move |body| line.send(body));
    }
}

/// What is known of a region now, for a task that outlives the model's turn.
fn known_region(model: &Model, slot: RegionSlot) -> RegionEstate {
    model.estate.region(slot).cloned().unwrap_or_default()
}

fn api_of(model: &Model, slot: RegionSlot, api: &ApiId) -> Option<Api> {
    model.estate.api(slot, api).map(|entry| entry.api.clone())
}

fn plans_named(region: &RegionEstate, ids: &[UsagePlanId]) -> Vec<UsagePlan> {
    let all = region.usage_plans.value().into_iter().flatten();
    all.filter(|plan| ids.contains(&plan.id)).cloned().collect()
}

fn not_connected(operation: &str) -> Failure {
    Failure::new(operation, "", FailureKind::Unreachable, "not connected")
}

pub(super) fn trouble(error: &ChangeError) -> Trouble {
    let hint = match error {
        ChangeError::Failed(failure) => failure.hint.clone(),
        _ => None,
    };
    Trouble { why: error.to_string(), hint, refused: matches!(error, ChangeError::Refused(_)) }
}

fn shown(budget: &crate::aws::Budget) -> Budget {
    Budget {
        pace: budget.pace,
        used: budget.used,
        waiting: budget.waiting.len(),
        longest_wait_seconds: budget.waiting.iter().map(|waiting| waiting.eta.as_secs()).max().unwrap_or(0),
        penalty_until: budget.penalty_until,
        metrics_requested: budget.metrics_requested,
    }
}
