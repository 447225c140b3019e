//! What a terminal shows, as an SVG picture.
//!
//! Bars are drawn as rectangles and not as characters, since fonts disagree on where they begin.

use std::fmt::Write as _;

use vt100::{Cell, Color, Screen};

const CELL_WIDTH: u16 = 9;
const CELL_HEIGHT: u16 = 19;
/// From a cell's top to the line that letters stand on.
const BASELINE: u16 = 14;
const FOREGROUND: &str = "#d4d7dc";
const BACKGROUND: &str = "#101114";
/// The sixteen colours as xterm has them.
const SIXTEEN: [&str; 16] = [
    "#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5", "#7f7f7f",
    "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff",
];

/// How a run of cells looks.
#[derive(Clone, PartialEq, Eq)]
struct Look {
    foreground: String,
    background: String,
    bold: bool,
    underlined: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let (front, back) = (colour(cell.fgcolor(), FOREGROUND), colour(cell.bgcolor(), BACKGROUND));
        let (foreground, background) = if cell.inverse() { (back, front) } else { (front, back) };
        Self { foreground, background, bold: cell.bold(), underlined: cell.underline() }
    }
}

/// The screen as a standalone SVG document.
pub fn svg(screen: &Screen) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let (width, height) = (columns * CELL_WIDTH, rows * CELL_HEIGHT);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"15\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"{BACKGROUND}\"/>\n"
    );
    for row in 0..rows {
        let cells: Vec<&Cell> = (0..columns).filter_map(|column| screen.cell(row, column)).collect();
        let mut column = 0;
        while column < cells.len() {
            let look = Look::of(cells[column]);
            let run = cells[column..].iter().take_while(|cell| Look::of(cell) == look).count();
            draw_run(&mut svg, row, column, &cells[column..column + run], &look);
            column += run;
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw_run(svg: &mut String, row: u16, column: usize, cells: &[&Cell], look: &Look) {
    let (x, y) = (column * usize::from(CELL_WIDTH), row * CELL_HEIGHT);
    let width = cells.len() * usize::from(CELL_WIDTH);
    if look.background != BACKGROUND {
        let fill = &look.background;
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{CELL_HEIGHT}\" fill=\"{fill}\"/>"
        );
    }
    let mut text = String::new();
    for (place, cell) in cells.iter().enumerate() {
        match eighths(cell.contents()) {
            Some((left, top, wide, high)) => {
                let cell_x = x + place * usize::from(CELL_WIDTH);
                draw_bar(svg, cell_x, y, (left, top, wide, high), &look.foreground);
                text.push(' ');
            }
            None if cell.contents().is_empty() => text.push(' '),
            None => text.push_str(cell.contents()),
        }
    }
    if text.trim().is_empty() {
        return;
    }
    let baseline = y + BASELINE;
    let weight = if look.bold { " font-weight=\"bold\"" } else { "" };
    let line = if look.underlined { " text-decoration=\"underline\"" } else { "" };
    let _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{baseline}\" textLength=\"{width}\" xml:space=\"preserve\" fill=\"{}\"{weight}{line}>{}</text>",
        look.foreground,
        escaped(&text)
    );
}

fn draw_bar(svg: &mut String, x: usize, y: u16, part: (u16, u16, u16, u16), fill: &str) {
    let eighth = |of: u16, eighths: u16| f64::from(of) * f64::from(eighths) / 8.0;
    let (left, top, wide, high) = part;
    let shift = u16::try_from(x).unwrap_or(u16::MAX);
    let _ = writeln!(
        svg,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\"/>",
        f64::from(shift) + eighth(CELL_WIDTH, left),
        f64::from(y) + eighth(CELL_HEIGHT, top),
        eighth(CELL_WIDTH, wide),
        eighth(CELL_HEIGHT, high),
    );
}

/// Left, top, width and height of a block element, in eighths of a cell.
fn eighths(text: &str) -> Option<(u16, u16, u16, u16)> {
    let mut characters = text.chars();
    let (Some(character), None) = (characters.next(), characters.next()) else { return None };
    let code = u32::from(character);
    match code {
        // ▁ to █, from below.
        0x2581..=0x2588 => u16::try_from(code - 0x2580).ok().map(|high| (0, 8 - high, 8, high)),
        // ▉ to ▏, from the left.
        0x2589..=0x258f => u16::try_from(0x2590 - code).ok().map(|wide| (0, 0, wide, 8)),
        0x2580 => Some((0, 0, 8, 4)),
        _ => None,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// One of xterm's 256 colours, or the colour itself.
fn colour(colour: Color, default: &str) -> String {
    match colour {
        Color::Default => default.to_owned(),
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        Color::Idx(index @ 0..=15) => SIXTEEN[usize::from(index)].to_owned(),
        Color::Idx(index @ 16..=231) => {
            let step = |place: u8| if place == 0 { 0 } else { 55 + 40 * u16::from(place) };
            let cube = index - 16;
            format!("#{:02x}{:02x}{:02x}", step(cube / 36), step(cube / 6 % 6), step(cube % 6))
        }
        Color::Idx(grey) => {
            let level = 8 + 10 * (u16::from(grey) - 232);
            format!("#{level:02x}{level:02x}{level:02x}")
        }
    }
}
