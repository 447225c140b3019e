//! The words in which a move is asked for: the same on the lines of a form as behind the options of a command.

use super::{Among, By, GateChoice, Part};

/// What a share may be written as.
pub const SHARE_HINT: &str = "write 10% or 0.1";

impl By {
    /// Each order that there is.
    pub const ALL: [Self; 2] = [Self::Random, Self::Load];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Load => "load",
        }
    }

    /// Who goes first.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Random => "anybody, the same ones whenever it is asked for",
            Self::Load => "those that send most, by the usage of their API keys",
        }
    }

    /// The order that a word stands for.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.word().eq_ignore_ascii_case(word))
    }
}

impl Part {
    /// A share, above 0 and at most all.
    ///
    /// # Errors
    /// That the text is none.
    pub fn share(text: &str) -> Result<Self, String> {
        let share = match text.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
            None => text.parse::<f64>(),
        };
        let share = share.ok().filter(|share| *share > 0.0 && *share <= 1.0);
        share.map(Self::Share).ok_or_else(|| format!("'{text}' is no share"))
    }

    /// A number of customers, or a share; nothing where nothing is said.
    ///
    /// # Errors
    /// That the text is neither.
    pub fn asked(text: &str) -> Result<Option<Self>, String> {
        match text.parse::<usize>() {
            _ if text.is_empty() => Ok(None),
            Ok(0) => Err("0 customers are nobody".to_owned()),
            Ok(count) => Ok(Some(Self::Customers(count))),
            Err(_) => Self::share(text)
                .map(Some)
                .map_err(|why| format!("{why} and no number: {SHARE_HINT}, or how many such as 50")),
        }
    }
}

impl Among {
    /// How many are meant: all of them where it is said who they are and not how many; nothing where neither is said.
    pub fn part(&self, asked: Option<Part>) -> Option<Part> {
        asked.or_else(|| (*self != Self::default()).then_some(Part::Share(1.0)))
    }
}

impl GateChoice {
    /// The configured gate, and none.
    pub const SIGNALS: &str = "signals";
    pub const NONE: &str = "none";

    /// The gate that is asked for; a condition is judged when the move is planned.
    pub fn asked(text: &str) -> Self {
        match text {
            Self::SIGNALS => Self::Signals,
            Self::NONE => Self::Nothing,
            condition => Self::Condition(condition.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_a_number_or_a_share() {
        for (text, part) in [
            ("50", Part::Customers(50)),
            ("1", Part::Customers(1)),
            ("10%", Part::Share(0.1)),
            ("100 %", Part::Share(1.0)),
            ("0.25", Part::Share(0.25)),
        ] {
            assert_eq!(Part::asked(text), Ok(Some(part)), "{text}");
        }
        assert_eq!(Part::asked(""), Ok(None));
        for text in ["0", "-1", "101%", "0%", "1.5", "half", "%", "NaN"] {
            assert!(Part::asked(text).is_err(), "{text}");
        }
        assert_eq!(
            Part::asked("half"),
            Err("'half' is no share and no number: write 10% or 0.1, or how many such as 50".into())
        );
    }

    #[test]
    fn who_is_named_by_a_pattern_is_meant_unless_fewer_are() {
        let gold = Among { filter: Some("tier=gold".into()), ..Among::default() };
        assert_eq!(gold.part(None), Some(Part::Share(1.0)));
        assert_eq!(gold.part(Some(Part::Customers(2))), Some(Part::Customers(2)));
        assert_eq!(Among::default().part(None), None);
    }

    #[test]
    fn every_order_is_known_by_its_word() {
        for by in By::ALL {
            assert_eq!(By::named(by.word()), Some(by));
        }
        assert_eq!(By::named("weight"), None);
    }
}
