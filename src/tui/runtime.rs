//! The loop: inputs, replies and ticks become events, the model answers with effects, the effects
//! become tasks. Nothing in here waits for a task.

mod carrying;
mod changing;
mod moving;
mod sessions;
mod stops;
mod tasks;

use std::io::{IsTerminal as _, Write as _};
use std::task::Poll;
use std::time::Duration;

use crossterm::event::{Event as Input, EventStream};
use futures_util::StreamExt as _;
use jiff::Timestamp;
use ratatui::layout::Size;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use self::stops::Stops;
use self::tasks::{Message, Tasks};
use super::effect::Effect;
use super::event::Event;
use super::model::{Look, Model, RegionState, Setup};
use super::options::{ConsoleError, ConsoleOptions};
use super::symbols::Symbols;
use super::terminal::{self, Screen};
use super::update::update;
use super::view;
use crate::domain::text::sanitise;
use crate::ops::clock::Clock;

/// Eight times a second: a spinner turns, and a second is never skipped.
const TICK: Duration = Duration::from_millis(125);
/// Events taken in before the next frame, so that a flood of news can't keep a key from being drawn.
const AT_ONCE: usize = 256;
/// Where it is set, the palette knows an action that fails on purpose.
const FORCE_PANIC: &str = "CELLGATE_FORCE_PANIC";

/// Opens the console and returns when it is left. The first screen is drawn before anything is
/// read or sent.
///
/// # Errors
/// Where there is no terminal, or it can't be read or written; the terminal is restored then, too.
pub async fn run(options: ConsoleOptions) -> Result<(), ConsoleError> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(ConsoleError::NotATerminal);
    }
    let mut screen = Screen::take(options.mouse)?;
    let size =
        screen.terminal.size().map_err(|source| ConsoleError::Terminal { tried: "measured", source })?;
    let clock = options.clock.clone();
    let (mut model, tasks, messages) = assemble(options, size);
    draw(&mut screen, &mut model)?;
    let mut console = Console { screen, model, tasks, clock, leaving: false };
    // On the heap, since it would make every future that awaits the console as large.
    Box::pin(async {
        let mut stops = Stops::listen()?;
        let outcome = console.serve(messages, &mut stops).await;
        console.leave(&mut stops).await;
        outcome
    })
    .await
}

/// A line for whoever left the console. That stderr is gone is no reason to stop.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", sanitise(text));
}

fn assemble(options: ConsoleOptions, size: Size) -> (Model, Tasks, mpsc::UnboundedReceiver<Message>) {
    let regions = options
        .regions
        .iter()
        .map(|region| RegionState {
            alias: region.alias.clone(),
            production: region.production,
            profile_label: region.profile_label.clone(),
            locked: region.read_only_locked.clone(),
            arm_at_start: options.start_armed && region.read_only_locked.is_none(),
            ..RegionState::default()
        })
        .collect();
    let inventory = crate::ops::inventory::InventorySettings {
        mapping: options.customers.lookup.mapping.clone(),
        cells: options.settings.cells.clone(),
        connections: options.customers.lookup.connections.clone(),
    };
    let model = Model::new(Setup {
        now: options.clock.now(),
        size,
        look: Look { theme: options.theme, symbols: Symbols::of(options.ascii) },
        keymap: options.keymap,
        settings: options.settings,
        regions,
        screen: options.screen,
        filter: options.filter,
        panic_allowed: std::env::var_os(FORCE_PANIC).is_some_and(|value| !value.is_empty()),
    });
    let (sender, messages) = mpsc::unbounded_channel();
    let (regions, production_tag) = (options.regions, options.production_tag);
    let settings = (inventory, options.customers);
    let tasks = Tasks::new(regions, settings, options.changes, options.clock, production_tag, sender);
    (model, tasks, messages)
}

fn draw(screen: &mut Screen, model: &mut Model) -> Result<(), ConsoleError> {
    if !terminal::is_taken() {
        return Ok(());
    }
    model.settle();
    screen.draw(|frame| view::draw(frame, model))
}

/// The input that has come already, without waiting for more.
///
/// Polled with the loop's own waker: crossterm wakes the one it was first polled with, and that of
/// `now_or_never` wakes nobody, so that the next key would lie there until the next tick.
async fn already_read(input: &mut EventStream) -> Option<Option<std::io::Result<Input>>> {
    std::future::poll_fn(|context| match input.poll_next_unpin(context) {
        Poll::Ready(read) => Poll::Ready(Some(read)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

struct Console {
    screen: Screen,
    model: Model,
    tasks: Tasks,
    clock: Clock,
    leaving: bool,
}

impl Console {
    async fn serve(
        &mut self,
        mut messages: mpsc::UnboundedReceiver<Message>,
        stops: &mut Stops,
    ) -> Result<(), ConsoleError> {
        let mut input = EventStream::new();
        let mut ticker = tokio::time::interval(TICK);
        ticker.set_missed_tick_behavior(MissedTickBehavior::Skip);
        while !self.leaving {
            tokio::select! {
                biased;
                () = stops.any() => self.take(Event::Terminate)?,
                read = input.next() => self.take_input(read)?,
                Some(message) = messages.recv() => self.take_message(message)?,
                ended = self.tasks.ended() => ended?,
                _ = ticker.tick() => {
                    let before = self.model.now;
                    self.take(Event::Tick(self.clock.now()))?;
                    if !self.model.is_waiting() && is_same_second(before, self.model.now) {
                        continue;
                    }
                }
            }
            for _ in 0..AT_ONCE {
                if let Some(read) = already_read(&mut input).await {
                    self.take_input(read)?;
                } else if let Ok(message) = messages.try_recv() {
                    self.take_message(message)?;
                } else {
                    break;
                }
                if self.leaving {
                    break;
                }
            }
            if !self.leaving {
                draw(&mut self.screen, &mut self.model)?;
            }
        }
        Ok(())
    }

    /// Gives the terminal back, then sees to it that a change which runs leaves a record. Another
    /// ctrl-c ends that wait.
    async fn leave(self, stops: &mut Stops) {
        let Self { screen, tasks, .. } = self;
        drop(screen);
        let (changing, moving) = tasks.leave();
        if let Some(change) = changing.running() {
            say(&format!("waiting for the record of {change}; ctrl-c leaves at once"));
        }
        if let Some(of_customers) = moving.running() {
            say(&format!("pausing {of_customers}: waiting for what was sent; ctrl-c leaves at once"));
        }
        tokio::select! {
            (of_change, of_move) = async { tokio::join!(changing.leave(), moving.leave()) } => {
                for said in of_change.into_iter().chain(of_move) {
                    say(&said);
                }
            }
            () = stops.interrupt() => say("left at once: `cellgate journal list` shows the change without an outcome"),
        }
    }

    fn take_input(&mut self, read: Option<std::io::Result<Input>>) -> Result<(), ConsoleError> {
        let event = match read {
            Some(Ok(Input::Key(key))) => Event::Key(key),
            Some(Ok(Input::Mouse(mouse))) => Event::Mouse(mouse),
            Some(Ok(Input::Paste(text))) => Event::Paste(text),
            Some(Ok(Input::Resize(width, height))) => Event::Resize(width, height),
            Some(Ok(Input::FocusGained)) => Event::FocusGained,
            Some(Ok(Input::FocusLost)) => Event::FocusLost,
            Some(Err(source)) => return Err(ConsoleError::Terminal { tried: "read", source }),
            // The terminal is gone.
            None => Event::Terminate,
        };
        self.take(event)
    }

    fn take_message(&mut self, message: Message) -> Result<(), ConsoleError> {
        match message {
            Message::Session(slot, session) => {
                self.tasks.connected(slot, session);
                Ok(())
            }
            Message::Event(event) => self.take(*event),
        }
    }

    fn take(&mut self, event: Event) -> Result<(), ConsoleError> {
        for effect in update(&mut self.model, event) {
            match effect {
                Effect::Quit => self.leaving = true,
                Effect::Copy(text) => terminal::copy(&text)?,
                Effect::Panic => force_panic(),
                effect => self.tasks.start(effect, &self.model),
            }
        }
        Ok(())
    }
}

/// The one panic that is wanted: a test looks at what it leaves behind.
fn force_panic() {
    panic!("forced by the action 'panic'");
}

fn is_same_second(one: Timestamp, other: Timestamp) -> bool {
    one.as_second() == other.as_second()
}
