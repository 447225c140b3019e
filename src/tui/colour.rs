//! Colours: how many the terminal knows, and how one is written and brought down to what it knows.

use ratatui::style::Color;

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColourDepth {
    /// `NO_COLOR`, or a terminal that is known to be dumb.
    None,
    Sixteen,
    TwoHundredFiftySix,
    Full,
}

impl ColourDepth {
    pub const ALL: [Self; 4] = [Self::None, Self::Sixteen, Self::TwoHundredFiftySix, Self::Full];

    /// Reads the environment: `NO_COLOR` (no-color.org: any value that isn't empty), then what the
    /// terminal says of itself in `COLORTERM` and `TERM`.
    pub fn detect(environment: impl Fn(&str) -> Option<String>) -> Self {
        if environment("NO_COLOR").is_some_and(|value| !value.is_empty()) {
            return Self::None;
        }
        if environment("COLORTERM").is_some_and(|value| matches!(value.as_str(), "truecolor" | "24bit")) {
            return Self::Full;
        }
        match environment("TERM").as_deref() {
            None | Some("" | "dumb") => Self::None,
            Some(term) if term.contains("direct") => Self::Full,
            Some(term) if term.contains("256color") => Self::TwoHundredFiftySix,
            Some(_) => Self::Sixteen,
        }
    }
}

/// Reads `#rrggbb`.
pub fn parse_rgb(text: &str) -> Option<(u8, u8, u8)> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let channel = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some((channel(0)?, channel(2)?, channel(4)?))
}

/// The names of the sixteen colours, in their order.
pub const ANSI_NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

const ANSI: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

/// Reads one of [`ANSI_NAMES`].
pub fn parse_ansi(text: &str) -> Option<Color> {
    ANSI_NAMES.iter().position(|name| *name == text).map(|place| ANSI[place])
}

/// The nearest of xterm's 256 colours: its cube of 6 by 6 by 6, or its ramp of 24 greys.
pub fn to_indexed((red, green, blue): (u8, u8, u8)) -> Color {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let nearest_step = |value: u8| -> u8 {
        (0..6_u8).min_by_key(|place| STEPS[usize::from(*place)].abs_diff(value)).unwrap_or(0)
    };
    let (r, g, b) = (nearest_step(red), nearest_step(green), nearest_step(blue));
    let of_cube = [STEPS[usize::from(r)], STEPS[usize::from(g)], STEPS[usize::from(b)]];
    let grey_place =
        (0..24_u8).min_by_key(|place| distance([8 + 10 * place; 3], [red, green, blue])).unwrap_or(0);
    let of_ramp = [8 + 10 * grey_place; 3];
    let wanted = [red, green, blue];
    if distance(of_ramp, wanted) < distance(of_cube, wanted) {
        Color::Indexed(232 + grey_place)
    } else {
        Color::Indexed(16 + 36 * r + 6 * g + b)
    }
}

fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    one.iter().zip(other).map(|(left, right)| u32::from(left.abs_diff(right)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(variables: &[(&str, &str)]) -> ColourDepth {
        ColourDepth::detect(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_decides() {
        assert_eq!(detect(&[("TERM", "xterm-256color")]), ColourDepth::TwoHundredFiftySix);
        assert_eq!(detect(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), ColourDepth::Full);
        assert_eq!(detect(&[("TERM", "linux")]), ColourDepth::Sixteen);
        assert_eq!(detect(&[("TERM", "xterm"), ("NO_COLOR", "1")]), ColourDepth::None);
        assert_eq!(detect(&[("TERM", "xterm"), ("NO_COLOR", "")]), ColourDepth::Sixteen);
        assert_eq!(detect(&[]), ColourDepth::None);
    }

    #[test]
    fn colours_are_read_and_brought_down() {
        assert_eq!(parse_rgb("#ff8000"), Some((255, 128, 0)));
        for wrong in ["ff8000", "#ff80", "#gg8000", "#ff80é"] {
            assert_eq!(parse_rgb(wrong), None, "{wrong}");
        }
        assert_eq!(to_indexed((255, 0, 0)), Color::Indexed(196));
        assert_eq!(to_indexed((128, 128, 128)), Color::Indexed(244));
        assert_eq!(parse_ansi("bright-black"), Some(Color::DarkGray));
    }
}
