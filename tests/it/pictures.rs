//! The README's pictures: the console on the demo region, as the terminal shows it.
//!
//! `UPDATE_ASSETS=1 cargo test --test it pictures` takes them anew.

use std::path::Path;

use crate::support::home::Home;
use crate::support::picture;
use crate::support::terminal::{Terminal, keys};

const COLUMNS: u16 = 120;
const ROWS: u16 = 36;

fn console() -> (Home, Terminal) {
    let mut home = Home::without_credentials();
    home.set("COLORTERM", "truecolor");
    let terminal = Terminal::cellgate(&home, &["demo"], COLUMNS, ROWS);
    terminal.wait_until("the fleet with figures", |screen| {
        screen.contains("12 cells, worst first")
            && screen.contains("figures of")
            && !screen.contains("changes are allowed")
    });
    (home, terminal)
}

/// Draws what the terminal shows; keeps it as an asset where that is asked for.
fn picture(terminal: &Terminal, name: &str, shown: &[&str]) {
    let svg = picture::svg(&terminal.screen());
    let (width, height) = (COLUMNS * 9, ROWS * 19);
    assert!(svg.contains(&format!("viewBox=\"0 0 {width} {height}\"")), "{name}");
    for text in shown {
        assert!(svg.contains(text), "the picture {name} does not show {text:?}");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(name);
    if std::env::var_os("UPDATE_ASSETS").is_some() {
        std::fs::write(path, svg).expect("the assets are writable");
    } else {
        let kept = std::fs::read_to_string(path).expect("the picture is kept");
        for text in shown {
            assert!(kept.contains(text), "the kept picture {name} is of another screen: no {text:?}");
        }
    }
}

#[test]
fn the_fleet_and_the_plan_of_a_flush() {
    let (_home, mut terminal) = console();
    picture(&terminal, "fleet.svg", &["worst first", "cell-12", "OPERATE"]);
    terminal.send("3").wait_for("stages, by name");
    terminal.send("/").send("cell-01-api prod").wait_for("/ cell-01-api prod");
    terminal.send(keys::ENTER).wait_for("AVAILABLE");
    terminal.send("a").wait_for("flush");
    terminal.send(keys::ENTER).wait_for("Carry it out?");
    picture(&terminal, "plan.svg", &["FlushStageCache", "Carry it out?"]);
}
