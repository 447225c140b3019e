//! How long a frame and a keystroke take.
//!
//! ```text
//! cargo bench --bench draw
//! ```
//! measures, and ends with a table. A frame is the whole screen (header, table, details, footer), from
//! the model's settling to ratatui's `TestBackend`. It is measured beside ratatui's own `Table` on a screen
//! of the same size, in the same run. The widget has all the rows, in the same columns, with the same
//! texts ready made, and draws nothing else. "Built" is the widget made anew for each frame, as a program
//! does that leaves the choice of rows to the widget; "kept" is the widget made once, the least that it can
//! take.
//!
//! A keystroke is a key in the filter's line, taken by the model and drawn.

mod all_rows_table;
#[expect(dead_code, reason = "the tests of the screens do more with it")]
#[path = "../it/screens/console.rs"]
mod console;
#[path = "../it/support/estate.rs"]
mod estate;
#[expect(dead_code, reason = "the tests of the screens do more with it")]
#[path = "../it/support/history.rs"]
mod history;
mod large_estate;
#[path = "../it/support/private_access.rs"]
mod private_access;
#[path = "../it/support/protection.rs"]
mod protection;

use std::time::{Duration, Instant};

use cellgate::tui::event::Event;
use cellgate::tui::model::{Model, Screen, Sort};
use cellgate::tui::rows::columns;
use cellgate::tui::update::update;
use cellgate::tui::view;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::widgets::Table;

use all_rows_table::AllRowsTable;

const SAMPLES: usize = 50;
/// Of one frame, at 60 a second.
const FRAME_BUDGET: Duration = Duration::from_millis(16);
/// What is typed into the filter and erased again: a word, and a comparison that can't be read at first.
const TYPED: &str = "orders age>150d";
const FILTERED_ROWS: usize = 5_000;
/// Rounds of typing and erasing, for the slowest key.
const ROUNDS: usize = 30;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(SAMPLES)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let mut summary = vec![format!(
        "{:<27} {:>12} {:>12} {:>7} {:>12}",
        "frame", "cellgate", "table built", "ratio", "table kept"
    )];
    for (screen, rows, size) in [
        (Screen::Apis, 500, (80, 24)),
        (Screen::Apis, 2_000, (160, 48)),
        (Screen::Stages, 500, (80, 24)),
        (Screen::Stages, 2_000, (160, 48)),
    ] {
        summary.extend(frames(&mut criterion, screen, rows, size));
    }
    let name = format!("keystroke, {FILTERED_ROWS} rows");
    summary.push(format!("{name:<27} {:>12} {:>12} {:>7}", "mean", "slowest key", "of 16 ms"));
    for screen in [Screen::Apis, Screen::Stages] {
        for sorted_by in [None, Some("api")] {
            summary.extend(keystrokes(&mut criterion, screen, sorted_by));
        }
    }
    criterion.final_summary();
    // Without `--bench`, criterion runs everything once to see that it runs: those are no figures.
    if std::env::args().any(|argument| argument == "--bench") {
        print(&summary);
    }
}

#[expect(clippy::print_stdout, reason = "for whoever runs it")]
fn print(summary: &[String]) {
    println!("\n{}", summary.join("\n"));
}

/// Measures the console's frame and the widget's, and gives the line that compares them.
fn frames(criterion: &mut Criterion, screen: Screen, rows: usize, size: (u16, u16)) -> Option<String> {
    let mut model = large_estate::console(screen, rows, size).model;
    let mut terminal = blank(size);
    let mut widget_terminal = blank(size);
    let reference = AllRowsTable::read(&mut model, &mut terminal);
    let kept = reference.table();
    let mut draw_widget = |table: &Table| {
        widget_terminal.draw(|frame| reference.draw(frame, table)).expect("a test backend takes every frame");
    };

    let name = format!("{} {}x{}, {rows} rows", screen.title(), size.0, size.1);
    let mut group = criterion.benchmark_group(format!("frame of {name}"));
    let ours = measure(&mut group, "cellgate", || draw(&mut model, &mut terminal));
    let built = measure(&mut group, "table built", || draw_widget(&reference.table()));
    let kept = measure(&mut group, "table kept", || draw_widget(&kept));
    group.finish();
    reference.assert_same_text(terminal.backend().buffer(), widget_terminal.backend().buffer());
    let (ours, built, kept) = (ours?, built?, kept?);
    let ratio = ours.as_secs_f64() / built.as_secs_f64();
    let [ours, built, kept] = [ours, built, kept].map(microseconds);
    Some(format!("{name:<27} {ours:>12} {built:>12} {ratio:>7.2} {kept:>12}"))
}

/// Measures a filter being typed and erased, and gives the line with its mean and its slowest key.
fn keystrokes(criterion: &mut Criterion, screen: Screen, sorted_by: Option<&str>) -> Option<String> {
    let size = (160, 48);
    let mut console = large_estate::console(screen, FILTERED_ROWS, size);
    let column = sorted_by
        .and_then(|name| columns(screen.listings()[0]).iter().position(|column| column.name == name));
    console.model.pages.current_mut().table.sort = Sort { column, reversed: false };
    console.keys("/");
    let mut terminal = blank(size);
    let mut typist = Typist::new(TYPED);

    let name = format!("{}, by {}", screen.title(), sorted_by.unwrap_or("their own order"));
    let mut group = criterion.benchmark_group(format!("keystroke over {FILTERED_ROWS} rows"));
    let mean = measure(&mut group, &name, || {
        typist.press(&mut console.model, &mut terminal);
    });
    group.finish();
    let mean = mean?;
    let mut of_keys = vec![Vec::new(); typist.keys.len()];
    for _ in 0..ROUNDS * of_keys.len() {
        let start = Instant::now();
        let place = typist.press(&mut console.model, &mut terminal);
        of_keys[place].push(start.elapsed());
    }
    let slowest = of_keys.into_iter().map(median).max()?;
    let share = slowest.as_secs_f64() / FRAME_BUDGET.as_secs_f64() * 100.0;
    let [mean, slowest] = [mean, slowest].map(microseconds);
    Some(format!("{name:<27} {mean:>12} {slowest:>12} {share:>6.0}%"))
}

/// Types a text and erases it, over and over.
struct Typist {
    keys: Vec<KeyCode>,
    next: usize,
}

impl Typist {
    fn new(text: &str) -> Self {
        let erased = text.chars().map(|_| KeyCode::Backspace);
        Self { keys: text.chars().map(KeyCode::Char).chain(erased).collect(), next: 0 }
    }

    /// Presses the next key, draws what it changed, and says which of the keys it was.
    fn press(&mut self, model: &mut Model, terminal: &mut Terminal<TestBackend>) -> usize {
        let place = self.next;
        self.next = (place + 1) % self.keys.len();
        update(model, Event::Key(KeyEvent::new(self.keys[place], KeyModifiers::NONE)));
        draw(model, terminal);
        place
    }
}

/// As the console's loop draws.
fn draw(model: &mut Model, terminal: &mut Terminal<TestBackend>) {
    model.settle();
    terminal.draw(|frame| view::draw(frame, model)).expect("a test backend takes every frame");
}

fn blank((width, height): (u16, u16)) -> Terminal<TestBackend> {
    Terminal::new(TestBackend::new(width, height)).expect("a test backend has a size")
}

/// Has criterion measure it, and gives the median of criterion's samples; none where it was told to leave
/// this one out.
fn measure(group: &mut BenchmarkGroup<WallTime>, name: &str, mut routine: impl FnMut()) -> Option<Duration> {
    let mut samples = Vec::new();
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|iterations| {
            let start = Instant::now();
            for _ in 0..iterations {
                routine();
            }
            let elapsed = start.elapsed();
            samples.push(elapsed / u32::try_from(iterations).expect("few enough for a few seconds"));
            elapsed
        });
    });
    // What comes before is warming up.
    samples.drain(..samples.len().saturating_sub(SAMPLES));
    (!samples.is_empty()).then(|| median(samples))
}

fn median(mut samples: Vec<Duration>) -> Duration {
    samples.sort();
    samples[samples.len() / 2]
}

fn microseconds(time: Duration) -> String {
    format!("{:.0} µs", time.as_secs_f64() * 1e6)
}
