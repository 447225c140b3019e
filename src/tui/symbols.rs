//! The signs that the screen is drawn with, in Unicode or in plain ASCII.

use ratatui::symbols::border;

use crate::domain::fleet::CellState;

/// One set of signs. Every sign is one column wide.
#[derive(Debug)]
pub struct Symbols {
    /// Eight steps of a sparkline, lowest first.
    pub bars: [&'static str; 8],
    pub well: &'static str,
    pub silent: &'static str,
    pub unseen: &'static str,
    pub alarm: &'static str,
    pub slow: &'static str,
    pub full: &'static str,
    pub errors: &'static str,
    pub cursor: &'static str,
    pub mark: &'static str,
    pub ascending: &'static str,
    pub descending: &'static str,
    pub at_least: &'static str,
    pub ellipsis: &'static str,
    pub done: &'static str,
    pub failed: &'static str,
    pub warning: &'static str,
    pub pending: &'static str,
    pub current: &'static str,
    pub separator: &'static str,
    pub absent: &'static str,
    pub arrow: &'static str,
    /// A bar, as far as it is done, and the rest.
    pub progress: (&'static str, &'static str),
    pub spinner: &'static [&'static str],
    pub border: border::Set<'static>,
}

pub static UNICODE: Symbols = Symbols {
    bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    well: "·",
    silent: "○",
    unseen: "◌",
    alarm: "!",
    slow: "▲",
    full: "●",
    errors: "✗",
    cursor: "▌",
    mark: "◆",
    ascending: "↑",
    descending: "↓",
    at_least: "≥",
    ellipsis: "…",
    done: "✓",
    failed: "✗",
    warning: "▲",
    pending: "○",
    current: "●",
    separator: "·",
    absent: "–",
    arrow: "→",
    progress: ("█", "░"),
    spinner: &["◐", "◓", "◑", "◒"],
    border: border::ROUNDED,
};

pub static ASCII: Symbols = Symbols {
    bars: ["_", ".", ":", "-", "=", "+", "*", "#"],
    well: ".",
    silent: "?",
    unseen: "/",
    alarm: "!",
    slow: "^",
    full: "@",
    errors: "x",
    cursor: ">",
    mark: "*",
    ascending: "^",
    descending: "v",
    at_least: ">",
    ellipsis: "~",
    done: "+",
    failed: "x",
    warning: "!",
    pending: "o",
    current: "*",
    separator: "-",
    absent: "-",
    arrow: ">",
    progress: ("#", "-"),
    spinner: &["|", "/", "-", "\\"],
    border: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
};

impl Symbols {
    pub fn of(ascii: bool) -> &'static Self {
        if ascii { &ASCII } else { &UNICODE }
    }

    /// The sign that stands beside a state's colour.
    pub fn state(&self, state: CellState) -> &'static str {
        match state {
            CellState::Well => self.well,
            CellState::Silent => self.silent,
            CellState::Unseen => self.unseen,
            CellState::Alarm => self.alarm,
            CellState::Slow => self.slow,
            CellState::Full => self.full,
            CellState::Errors => self.errors,
        }
    }

    pub fn spinner(&self, frame: usize) -> &'static str {
        self.spinner[frame % self.spinner.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn every_sign_is_one_column_wide() {
        for set in [&UNICODE, &ASCII] {
            let signs = [
                set.well,
                set.silent,
                set.unseen,
                set.alarm,
                set.slow,
                set.full,
                set.errors,
                set.cursor,
                set.mark,
                set.ascending,
                set.descending,
                set.at_least,
                set.ellipsis,
                set.done,
                set.failed,
                set.warning,
                set.pending,
                set.current,
                set.separator,
                set.absent,
                set.arrow,
            ];
            for sign in signs.iter().chain(&set.bars).chain(set.spinner) {
                assert_eq!(sign.width(), 1, "{sign}");
            }
        }
    }

    #[test]
    fn the_ascii_set_is_ascii() {
        let set = &ASCII;
        let border = set.border;
        let signs = [set.well, set.absent, set.ellipsis, border.top_left, border.horizontal_top];
        assert!(signs.iter().chain(&set.bars).chain(set.spinner).all(|sign| sign.is_ascii()));
    }

    #[test]
    fn states_differ_without_their_colour() {
        use CellState::{Alarm, Errors, Full, Silent, Slow, Unseen, Well};
        for set in [&UNICODE, &ASCII] {
            let signs: std::collections::BTreeSet<_> =
                [Well, Silent, Unseen, Alarm, Slow, Full, Errors].map(|state| set.state(state)).into();
            assert_eq!(signs.len(), 7);
        }
    }
}
