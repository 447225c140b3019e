//! What a lever needs to be told before it can be planned: a few lines to fill in.
//!
//! The forms of stages stand here, those of other targets in files of their own.

mod choice;
pub mod moves;
mod plans_and_keys;
mod selected;
mod waf;

use tui_input::Input;

pub use self::choice::{Choice, Chosen};

use crate::domain::api::ApiKind;
use crate::domain::change::Target;
use crate::domain::estate::RegionSlot;
use crate::domain::id::{CellId, DeploymentId};
use crate::domain::levers::{CacheWanted, CanaryWanted, LoggingWanted, RollbackTo, Wanted};
use crate::domain::method::MethodKey;
use crate::tui::action::Action;
use crate::tui::model::MoveSubject;

/// A lever that asks for something first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    pub action: Action,
    pub title: &'static str,
    pub fields: &'static [FieldInfo],
}

/// One line of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    pub name: &'static str,
    /// What may stand there.
    pub hint: &'static str,
    /// Where there is something to choose from, something else may be typed all the same.
    pub free: bool,
    /// Several may stand there, with commas between them.
    pub several: bool,
}

const fn field(name: &'static str, hint: &'static str) -> FieldInfo {
    FieldInfo { name, hint, free: true, several: false }
}

/// A line on which one of a list stands, or nothing.
const fn chosen(name: &'static str, hint: &'static str) -> FieldInfo {
    FieldInfo { name, hint, free: false, several: false }
}

const METHOD: FieldInfo = field("method", "a method or route such as GET /users; */* for the default of all");

/// Every form, by the action that opens it.
pub fn forms() -> impl Iterator<Item = &'static Form> {
    STAGE_FORMS.iter().chain(plans_and_keys::FORMS).chain(waf::FORMS)
}

const STAGE_FORMS: &[Form] = &[
    Form {
        action: Action::Throttle,
        title: "Throttle",
        fields: &[
            METHOD,
            field("rate", "requests per second; empty: as it is; 0 blocks everything"),
            field("burst", "requests at once; empty: as it is; 0 blocks everything"),
        ],
    },
    Form { action: Action::ClearThrottle, title: "Clear a throttle", fields: &[METHOD] },
    Form {
        action: Action::Rollback,
        title: "Roll back",
        fields: &[field("deployment", "a deployment's id, or previous")],
    },
    Form {
        action: Action::Canary,
        title: "Canary",
        fields: &[field("canary", "its share of the traffic in %, or promote, or abort")],
    },
    Form {
        action: Action::Cache,
        title: "Cache",
        fields: &[field("cache", "on, off, or a size in GB: 0.5 1.6 6.1 13.5 28.4 58.2 118 237")],
    },
    Form {
        action: Action::CacheTtl,
        title: "Cache TTL",
        fields: &[METHOD, field("seconds", "0 to 3600; 0 keeps nothing")],
    },
    Form {
        action: Action::Variable,
        title: "Stage variable",
        fields: &[field("name", "letters, digits and underscores"), field("value", "empty: remove it")],
    },
    Form {
        action: Action::Logging,
        title: "Logging level",
        fields: &[METHOD, field("level", "OFF, ERROR or INFO")],
    },
];

impl Form {
    pub fn of(action: Action) -> Option<&'static Self> {
        forms().find(|form| form.action == action)
    }

    /// The place of the line with this name.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// What is wanted of a stage, by what was typed into each line.
    ///
    /// # Errors
    /// The place of the line that can't be read, and why.
    fn wanted(&self, typed: &[String], kind: ApiKind) -> Result<Wanted, (usize, String)> {
        let line = |place: usize| typed.get(place).map_or("", |line| line.trim());
        let method = || method(line(0), kind).map_err(|why| (0, why));
        Ok(match self.action {
            Action::Throttle => {
                let rate = number(line(1), "a rate is a number, such as 50").map_err(|why| (1, why))?;
                let burst = number(line(2), "a burst is a whole number").map_err(|why| (2, why))?;
                Wanted::SetThrottle { method: method()?, rate, burst }
            }
            Action::ClearThrottle => Wanted::ClearThrottle { method: method()? },
            Action::Rollback => Wanted::Rollback {
                to: match line(0) {
                    "" => return Err((0, "name a deployment, or write previous".to_owned())),
                    "previous" => RollbackTo::Previous,
                    deployment => RollbackTo::Deployment(DeploymentId::new(deployment)),
                },
            },
            Action::Canary => Wanted::Canary(match line(0) {
                "promote" => CanaryWanted::Promote,
                "abort" => CanaryWanted::Abort,
                percent => {
                    let percent = percent.trim_end_matches('%').trim().parse();
                    CanaryWanted::Percent(
                        percent.map_err(|_| (0, "write a number, promote or abort".to_owned()))?,
                    )
                }
            }),
            Action::Cache => Wanted::Cache(match line(0) {
                "on" => CacheWanted::On { size: None },
                "off" => CacheWanted::Off,
                "" => return Err((0, "write on, off or a size".to_owned())),
                size => CacheWanted::Size(size.to_owned()),
            }),
            Action::CacheTtl => {
                let seconds = line(1).parse().map_err(|_| (1, "write whole seconds".to_owned()))?;
                Wanted::Cache(CacheWanted::TimeToLive { method: method()?, seconds })
            }
            Action::Variable => {
                let (name, value) = (line(0).to_owned(), line(1).to_owned());
                let (set, unset) =
                    if value.is_empty() { (None, Some(name)) } else { (Some((name, value)), None) };
                Wanted::StageVariables { set: set.into_iter().collect(), unset: unset.into_iter().collect() }
            }
            _ => Wanted::Logging(LoggingWanted {
                method: method()?,
                level: Some(line(1).to_uppercase()),
                data_trace: None,
                detailed_metrics: None,
                tracing: None,
            }),
        })
    }
}

fn number<T: std::str::FromStr>(typed: &str, wrong: &str) -> Result<Option<T>, String> {
    if typed.is_empty() {
        return Ok(None);
    }
    typed.parse().map(Some).map_err(|_| wrong.to_owned())
}

fn method(typed: &str, kind: ApiKind) -> Result<MethodKey, String> {
    match typed.split_once(' ') {
        _ if typed.is_empty() || typed == "*/*" => Ok(MethodKey::All),
        _ if kind != ApiKind::Rest => Ok(MethodKey::Route(typed.to_owned())),
        Some((verb, path)) if path.starts_with('/') => {
            Ok(MethodKey::Method { path: path.to_owned(), verb: verb.to_uppercase() })
        }
        _ => Err("write a method like GET /users".to_owned()),
    }
}

/// A form that is being filled in.
#[derive(Clone, Debug)]
pub struct FormState {
    pub form: &'static Form,
    pub slot: RegionSlot,
    /// What the form is about. The change is made to it, unless a line names its target.
    pub target: Target,
    pub kind: ApiKind,
    /// What else it is for, where several stages are marked.
    pub also: Vec<(Target, ApiKind)>,
    /// Of a move: whom it is about.
    pub subject: Option<MoveSubject>,
    /// Of a move: every cell that is known.
    pub cells: Vec<CellId>,
    /// What stands on each line.
    pub inputs: Vec<Input>,
    /// Lines that nobody has edited.
    untouched: Vec<bool>,
    /// What each line may be chosen from; empty where anything may be typed.
    pub choices: Vec<Vec<Choice>>,
    /// What holds now, by line; empty where that isn't told.
    pub now: Vec<String>,
    /// The line that is typed into.
    pub cursor: usize,
    /// Of the choices that fit what is typed, the one that enter takes.
    pub picked: Option<usize>,
    /// The line that can't be read, and why.
    pub error: Option<(usize, String)>,
}

impl FormState {
    /// With `first` on its lines, as far as that goes.
    pub fn new(
        form: &'static Form,
        slot: RegionSlot,
        target: Target,
        kind: ApiKind,
        mut first: Vec<String>,
    ) -> Self {
        first.resize(form.fields.len(), String::new());
        // What is known already needn't be gone through.
        let cursor = first.iter().position(String::is_empty).unwrap_or_default();
        let inputs = first.into_iter().map(Input::from).collect();
        let (choices, now) = (vec![Vec::new(); form.fields.len()], vec![String::new(); form.fields.len()]);
        Self {
            form,
            slot,
            target,
            kind,
            also: Vec::new(),
            subject: None,
            cells: Vec::new(),
            inputs,
            untouched: vec![true; form.fields.len()],
            choices,
            now,
            cursor,
            picked: None,
            error: None,
        }
    }

    pub fn typed(&self) -> Vec<String> {
        self.inputs.iter().map(|input| input.value().to_owned()).collect()
    }

    /// What stands on a line.
    pub fn line(&self, place: usize) -> &str {
        self.inputs.get(place).map_or("", |input| input.value().trim())
    }

    /// The change that is asked for, and what it is made to.
    ///
    /// # Errors
    /// The place of the line that can't be read, and why.
    pub fn asked(&self) -> Result<(Target, Wanted), (usize, String)> {
        if plans_and_keys::FORMS.iter().any(|form| form.action == self.form.action) {
            return Ok((self.target.clone(), plans_and_keys::wanted(self)?));
        }
        if waf::FORMS.iter().any(|form| form.action == self.form.action) {
            return waf::asked(self);
        }
        Ok((self.target.clone(), self.form.wanted(&self.typed(), self.kind)?))
    }

    /// The same of everything that the form is for: several stages may be marked.
    ///
    /// # Errors
    /// As [`FormState::asked`].
    pub fn asked_of_all(&self) -> Result<Vec<(Target, Wanted)>, (usize, String)> {
        let typed = self.typed();
        let others =
            self.also.iter().map(|(target, kind)| Ok((target.clone(), self.form.wanted(&typed, *kind)?)));
        std::iter::once(self.asked()).chain(others).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(action: Action, typed: &[&str]) -> Result<Wanted, (usize, String)> {
        let typed: Vec<String> = typed.iter().map(|line| (*line).to_owned()).collect();
        Form::of(action).unwrap().wanted(&typed, ApiKind::Rest)
    }

    #[test]
    fn every_form_reads_what_it_asks_for() {
        let method = MethodKey::Method { path: "/users".into(), verb: "GET".into() };
        assert_eq!(
            wanted(Action::Throttle, &["get /users", "12.5", ""]),
            Ok(Wanted::SetThrottle { method, rate: Some(12.5), burst: None })
        );
        assert_eq!(
            wanted(Action::Rollback, &["previous"]),
            Ok(Wanted::Rollback { to: RollbackTo::Previous })
        );
        assert_eq!(wanted(Action::Canary, &["25 %"]), Ok(Wanted::Canary(CanaryWanted::Percent(25.0))));
        assert_eq!(wanted(Action::Cache, &["off"]), Ok(Wanted::Cache(CacheWanted::Off)));
        assert_eq!(
            wanted(Action::CacheTtl, &["", "60"]),
            Ok(Wanted::Cache(CacheWanted::TimeToLive { method: MethodKey::All, seconds: 60 }))
        );
        assert_eq!(
            wanted(Action::Variable, &["cellId", ""]),
            Ok(Wanted::StageVariables {
                set: std::collections::BTreeMap::new(),
                unset: vec!["cellId".into()]
            })
        );
        assert!(matches!(wanted(Action::Logging, &["", "info"]), Ok(Wanted::Logging(_))));
        assert_eq!(
            wanted(Action::ClearThrottle, &["*/*"]),
            Ok(Wanted::ClearThrottle { method: MethodKey::All })
        );
    }

    #[test]
    fn what_can_not_be_read_names_its_line() {
        for (action, typed, line) in [
            (Action::Throttle, &["users", "1", "1"][..], 0),
            (Action::Throttle, &["", "ten", "1"], 1),
            (Action::Throttle, &["", "1", "1.5"], 2),
            (Action::Rollback, &[""], 0),
            (Action::Canary, &["half"], 0),
            (Action::Cache, &[""], 0),
            (Action::CacheTtl, &["", "5m"], 1),
        ] {
            assert_eq!(wanted(action, typed).unwrap_err().0, line, "{action:?} {typed:?}");
        }
    }
}
