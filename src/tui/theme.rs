//! Themes: which style each role of the screen has, read from TOML.
//!
//! Views name roles and never colours. A theme gives each role a colour for terminals that know
//! many and the name of one for those that know sixteen; [`ColourDepth`] decides which is used.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use super::colour::{self, ColourDepth};
use crate::domain::suggest::nearest;

macro_rules! roles {
    ($($role:ident = $name:literal,)+) => {
        /// What a piece of the screen means, as far as its style goes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Role { $($role,)+ }

        impl Role {
            pub const ALL: &'static [Self] = &[$(Self::$role,)+];

            /// Its name in a theme file.
            pub fn name(self) -> &'static str {
                match self { $(Self::$role => $name,)+ }
            }
        }
    };
}

roles! {
    Base = "base",
    Text = "text",
    Strong = "strong",
    Dim = "dim",
    Border = "border",
    Title = "title",
    Header = "header",
    Column = "column",
    Sorted = "sorted",
    Tab = "tab",
    TabOpen = "tab-open",
    Key = "key",
    Accent = "accent",
    Cursor = "cursor",
    Mark = "mark",
    Input = "input",
    Spark = "spark",
    SparkFill = "spark-fill",
    SparkSecondFill = "spark-second-fill",
    GoodFill = "good-fill",
    ErrorsFill = "errors-fill",
    SparkSecond = "spark-second",
    Well = "well",
    Slow = "slow",
    Full = "full",
    Errors = "errors",
    Silent = "silent",
    TileWell = "tile-well",
    TileSlow = "tile-slow",
    TileFull = "tile-full",
    TileErrors = "tile-errors",
    TileSilent = "tile-silent",
    ReadOnly = "read-only",
    Operate = "operate",
    Production = "production",
    Warning = "warning",
    Error = "error",
    Good = "good",
}

/// The themes that are built in, by name.
const BUILT_IN: [(&str, &str); 3] = [
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("mono", include_str!("../../assets/themes/mono.toml")),
];

/// The theme that is used where none is asked for.
pub const DEFAULT: &str = "dark";

/// A style for each [`Role`], ready for the terminal's colour depth.
#[derive(Clone, Debug)]
pub struct Theme {
    name: String,
    styles: BTreeMap<Role, Style>,
}

#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    #[error("there is no theme '{wanted}'{}; themes: {}", suggestion(.nearest.as_deref()), .known.join(", "))]
    Unknown { wanted: String, nearest: Option<String>, known: Vec<String> },
    #[error("the theme '{theme}' can't be read: {why}")]
    Syntax { theme: String, why: String },
    #[error("the theme '{theme}' gives no style for '{role}'")]
    MissingRole { theme: String, role: &'static str },
    #[error("the theme '{theme}' has a role '{role}' that nothing uses{}", suggestion(.nearest.as_deref()))]
    UnknownRole { theme: String, role: String, nearest: Option<String> },
    #[error("the theme '{theme}' gives '{role}' the colour '{colour}': write #rrggbb, or for `ansi` one of {}", colour::ANSI_NAMES.join(", "))]
    Colour { theme: String, role: String, colour: String },
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(", did you mean '{name}'?")).unwrap_or_default()
}

/// A role's entry in a theme file.
#[expect(clippy::struct_excessive_bools, reason = "a key for each modifier, as the file has them")]
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Entry {
    fg: Option<String>,
    bg: Option<String>,
    ansi: Option<String>,
    ansi_bg: Option<String>,
    bold: bool,
    faint: bool,
    underlined: bool,
    reversed: bool,
}

impl Theme {
    /// The names of the built-in themes.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A built-in theme by name. Without colours every name gives `mono`, once it is known to be right.
    ///
    /// # Errors
    /// `Unknown`, which lists the names that would have been right.
    pub fn built_in(wanted: &str, depth: ColourDepth) -> Result<Self, ThemeError> {
        if !Self::names().any(|name| name == wanted) {
            return Err(ThemeError::Unknown {
                wanted: wanted.to_owned(),
                nearest: nearest(wanted, Self::names()).map(str::to_owned),
                known: Self::names().map(str::to_owned).collect(),
            });
        }
        let used = if depth == ColourDepth::None { "mono" } else { wanted };
        let text = BUILT_IN.iter().find(|(name, _)| *name == used).map_or("", |(_, text)| *text);
        Self::parse(used, text, depth)
    }

    /// Reads a theme file.
    ///
    /// # Errors
    /// Where it isn't TOML, misses a role, has one that nothing uses, or a colour can't be read.
    pub fn parse(name: &str, text: &str, depth: ColourDepth) -> Result<Self, ThemeError> {
        let entries: BTreeMap<String, Entry> = toml::from_str(text).map_err(|error| ThemeError::Syntax {
            theme: name.to_owned(),
            why: error.message().to_owned(),
        })?;
        if let Some(role) = entries.keys().find(|key| Role::ALL.iter().all(|role| role.name() != *key)) {
            return Err(ThemeError::UnknownRole {
                theme: name.to_owned(),
                role: role.clone(),
                nearest: nearest(role, Role::ALL.iter().map(|role| role.name())).map(str::to_owned),
            });
        }
        let style_of = |role: Role| {
            let entry = entries
                .get(role.name())
                .ok_or(ThemeError::MissingRole { theme: name.to_owned(), role: role.name() })?;
            let style = entry.style(depth).map_err(|colour| ThemeError::Colour {
                theme: name.to_owned(),
                role: role.name().to_owned(),
                colour,
            })?;
            Ok((role, style))
        };
        let styles = Role::ALL.iter().map(|role| style_of(*role)).collect::<Result<_, ThemeError>>()?;
        Ok(Self { name: name.to_owned(), styles })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }
}

impl Entry {
    /// The style at `depth`, or the colour that can't be read.
    fn style(&self, depth: ColourDepth) -> Result<Style, String> {
        let mut style = Style::new();
        if let Some(colour) = pick(self.fg.as_deref(), self.ansi.as_deref(), depth)? {
            style = style.fg(colour);
        }
        if let Some(colour) = pick(self.bg.as_deref(), self.ansi_bg.as_deref(), depth)? {
            style = style.bg(colour);
        }
        for (wanted, modifier) in [
            (self.bold, Modifier::BOLD),
            (self.faint, Modifier::DIM),
            (self.underlined, Modifier::UNDERLINED),
            (self.reversed, Modifier::REVERSED),
        ] {
            if wanted {
                style = style.add_modifier(modifier);
            }
        }
        Ok(style)
    }
}

/// Both colours are read even where one is used, so that a typing error shows on every terminal.
fn pick(full: Option<&str>, ansi: Option<&str>, depth: ColourDepth) -> Result<Option<Color>, String> {
    let full = full.map(|text| colour::parse_rgb(text).ok_or_else(|| text.to_owned())).transpose()?;
    let ansi = ansi.map(|text| colour::parse_ansi(text).ok_or_else(|| text.to_owned())).transpose()?;
    Ok(match depth {
        ColourDepth::None => None,
        ColourDepth::Sixteen => ansi,
        ColourDepth::TwoHundredFiftySix => full.map(colour::to_indexed),
        ColourDepth::Full => full.map(|(red, green, blue)| Color::Rgb(red, green, blue)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_theme_reads_at_every_depth() {
        for name in Theme::names() {
            for depth in ColourDepth::ALL {
                let theme = Theme::built_in(name, depth).unwrap();
                assert_eq!(theme.styles.len(), Role::ALL.len(), "{name}");
            }
        }
    }

    #[test]
    fn what_must_be_seen_stands_out_at_every_depth_and_in_every_theme() {
        for name in Theme::names() {
            for depth in ColourDepth::ALL {
                let theme = Theme::built_in(name, depth).unwrap();
                for role in [Role::Operate, Role::Production, Role::TileErrors, Role::Cursor] {
                    let style = theme.style(role);
                    let seen = style.bg.is_some() || style.add_modifier.contains(Modifier::REVERSED);
                    assert!(seen, "{name} {depth:?} {role:?}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_theme_lists_the_known() {
        let error = Theme::built_in("drak", ColourDepth::Full).unwrap_err().to_string();
        assert_eq!(error, "there is no theme 'drak', did you mean 'dark'?; themes: dark, light, mono");
    }

    #[test]
    fn mistakes_in_a_theme_file_are_named() {
        let dark = BUILT_IN[0].1;
        let parse = |text: &str| Theme::parse("own", text, ColourDepth::None).unwrap_err().to_string();
        assert_eq!(
            parse(&dark.replace("[well]", "[wel]")),
            "the theme 'own' has a role 'wel' that nothing uses, did you mean 'well'?"
        );
        assert!(parse(&dark.replace("#3fb950", "green")).contains("the colour 'green'"));
        assert!(parse(&dark.replace("[base]", "")).contains("no style for 'base'"));
        assert!(parse("[text]\nblink = true").contains("can't be read"));
    }
}
