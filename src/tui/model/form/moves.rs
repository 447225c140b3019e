//! Forms of moves: who goes where, how fast, and what must hold between waves.

use super::{Choice as Offer, FieldInfo, Form, FormState, chosen, field};
use crate::domain::change::number;
use crate::domain::id::CellId;
use crate::ops::moves::{Among, By, Choice, GateChoice, Part, Terms};
use crate::tui::action::Action;
use crate::tui::model::{MoveSubject, MoveWanted};

/// What stands on a line that is a yes or a no.
pub const YES: &str = "yes";
pub const NO: &str = "no";
/// What stands on the line of customers who were changed meanwhile.
pub const GO_ON: &str = "go on";
pub const STOP: &str = "stop";

/// A line of cells, with commas between them.
const fn several(name: &'static str, hint: &'static str) -> FieldInfo {
    FieldInfo { several: true, ..field(name, hint) }
}

const TO: FieldInfo =
    several("to", "the cell that they go to, or several with commas between them; empty: all well ones");
const HOW_MANY: FieldInfo = field(
    "how many",
    "a number of customers such as 50, or a share such as 10%; empty: all whom match and where leave",
);
const BY: FieldInfo = chosen("by", "who goes first");
const MATCH: FieldInfo =
    field("match", "choose among those whose id matches; * is any run of characters; empty: any id");
const WHERE: FieldInfo = field(
    "where",
    "choose among those whose item passes comparisons with its attributes, such as tier=gold epoch<3; empty: any",
);
const CREATE: FieldInfo = chosen("create", "yes gives customers without a mapping one");
const EVENED: FieldInfo =
    several("cells", "the cells to even out, with commas between them; empty: all that have customers");
const RATE: FieldInfo = field("rate", "customers a second, once the first waves have gone well");
const GATE: FieldInfo =
    field("gate", "what must hold between waves: signals, none, or a condition such as cell.errors < 1%");
const CONFLICT: FieldInfo =
    chosen("conflict", "what becomes of the move where a customer was changed meanwhile");
const FORCE: FieldInfo = chosen("force", "yes goes to cells that are not well or have no room");
const DATA: FieldInfo = chosen(
    "data stays",
    "these cells keep data, and a move doesn't take it along: yes says that it may stay",
);

/// As it is where cells keep no data and where they do; the last line is about that.
const fn both(action: Action, title: &'static str, fields: &'static [FieldInfo]) -> [Form; 2] {
    let without = match fields {
        [others @ .., _] => others,
        [] => fields,
    };
    [Form { action, title, fields: without }, Form { action, title, fields }]
}

static NAMED: [Form; 2] =
    both(Action::Move, "Move customers", &[TO, CREATE, RATE, GATE, CONFLICT, FORCE, DATA]);
static PART: [Form; 2] = both(
    Action::Move,
    "Move customers",
    &[HOW_MANY, BY, MATCH, WHERE, TO, RATE, GATE, CONFLICT, FORCE, DATA],
);
static DRAIN: [Form; 2] = both(Action::Drain, "Drain a cell", &[TO, RATE, GATE, CONFLICT, FORCE, DATA]);
static EVEN_OUT: [Form; 2] =
    both(Action::Rebalance, "Even cells out", &[EVENED, RATE, GATE, CONFLICT, FORCE, DATA]);
static UNDO: [Form; 2] = both(Action::Undo, "Undo a move", &[RATE, GATE, CONFLICT, FORCE, DATA]);

/// The form for a subject.
pub fn of(subject: &MoveSubject, keeps_data: bool) -> &'static Form {
    let forms = match subject {
        MoveSubject::Customers { .. } => &NAMED,
        MoveSubject::PartOf(_) => &PART,
        MoveSubject::AllOf(_) => &DRAIN,
        MoveSubject::Fleet => &EVEN_OUT,
        MoveSubject::Undo(_) => &UNDO,
    };
    &forms[usize::from(keeps_data)]
}

/// What a line begins with: what holds unless the operator wants something else.
pub fn first(field: &FieldInfo, rate: f64) -> String {
    match field.name {
        "by" => By::default().word().to_owned(),
        "rate" => number(rate),
        "gate" => GateChoice::SIGNALS.to_owned(),
        "conflict" => GO_ON.to_owned(),
        "create" | "force" => NO.to_owned(),
        _ => String::new(),
    }
}

/// What a line that isn't about cells may be chosen from; `gate` is the configured one.
pub fn choices(field: &FieldInfo, gate: &str) -> Vec<Offer> {
    match field.name {
        "by" => By::ALL.into_iter().map(|by| Offer::text(by.word(), by.meaning())).collect(),
        "gate" => vec![
            Offer::text(GateChoice::SIGNALS, format!("as configured: {gate}")),
            Offer::text(GateChoice::NONE, "go on at once"),
        ],
        "conflict" => vec![
            Offer::text(GO_ON, "that customer is left where they are, and listed"),
            Offer::text(STOP, "the move is paused there"),
        ],
        "create" | "force" | "data stays" => vec![Offer::text(NO, ""), Offer::text(YES, "")],
        _ => Vec::new(),
    }
}

/// What is asked for by what stands on the lines. `well` are the cells that a drained one goes to unless others are
/// named.
///
/// # Errors
/// The place of the line that can't be read, and why.
pub fn wanted(
    form: &FormState,
    subject: &MoveSubject,
    well: Vec<CellId>,
) -> Result<MoveWanted, (usize, String)> {
    let terms = terms(form)?;
    let choice = match subject {
        MoveSubject::Undo(id) => return Ok(MoveWanted::Undo(id.clone(), terms)),
        MoveSubject::Fleet => {
            let (place, cells) = cells(form, "cells", None)?;
            if cells.len() == 1 {
                return Err((place, "one cell can't be evened out with itself".to_owned()));
            }
            Choice::Rebalance { cells }
        }
        MoveSubject::Customers { customers, .. } => {
            Choice::Named { customers: customers.clone(), to: targets(form, subject, well)? }
        }
        MoveSubject::PartOf(from) => {
            let (among, by, part) = part(form)?;
            Choice::Part { from: from.clone(), to: targets(form, subject, well)?, among, by, part, seed: 0 }
        }
        MoveSubject::AllOf(cell) => Choice::Drain { cell: cell.clone(), to: targets(form, subject, well)? },
    };
    Ok(MoveWanted::Choice(choice, terms))
}

/// Whom of a cell, who first, and how many.
fn part(form: &FormState) -> Result<(Among, By, Part), (usize, String)> {
    let (how_many, asked) = line(form, "how many");
    let asked = Part::asked(asked).map_err(|why| (how_many, why))?;
    let said = |name: &str| Some(line(form, name).1.to_owned()).filter(|text| !text.is_empty());
    let among = Among { glob: said("match"), filter: said("where") };
    let part = among.part(asked).ok_or_else(|| {
        (how_many, "say how many, or whom by match or where; draining empties a cell".to_owned())
    })?;
    let by = match line(form, "by") {
        (_, "") => By::default(),
        (place, word) => {
            By::named(word).ok_or_else(|| (place, format!("write {}", By::ALL.map(By::word).join(" or "))))?
        }
    };
    Ok((among, by, part))
}

/// The cells to go to: those that are named, else the well ones.
fn targets(
    form: &FormState,
    subject: &MoveSubject,
    well: Vec<CellId>,
) -> Result<Vec<CellId>, (usize, String)> {
    let (place, named) = cells(form, "to", subject.from())?;
    let to = if named.is_empty() { well } else { named };
    if to.is_empty() {
        return Err((place, "no other cell is well: name the cells that they may go to".to_owned()));
    }
    Ok(to)
}

/// The line with this name: its place, and what stands there. A form without it has nothing there.
fn line<'form>(form: &'form FormState, name: &str) -> (usize, &'form str) {
    form.form.place(name).map_or((0, ""), |place| (place, form.line(place)))
}

fn terms(form: &FormState) -> Result<Terms, (usize, String)> {
    let says = |name: &str, one: &str, other: &str| match line(form, name) {
        (_, text) if text.eq_ignore_ascii_case(one) => Ok(true),
        (_, text) if text.is_empty() || text.eq_ignore_ascii_case(other) => Ok(false),
        (place, _) => Err((place, format!("write {one} or {other}"))),
    };
    let rate = match line(form, "rate") {
        (_, "") => None,
        (place, text) => match text.parse::<f64>() {
            Ok(rate) if rate.is_finite() && rate > 0.0 => Some(rate),
            _ => return Err((place, "a rate is a number above 0".to_owned())),
        },
    };
    let gate = match line(form, "gate").1 {
        "" => GateChoice::Signals,
        text => GateChoice::asked(text),
    };
    let data_stays = says("data stays", YES, NO)?;
    if let (Some(place), false) = (form.form.place("data stays"), data_stays) {
        let why = "without that nobody is moved: the data would be left unsaid; write yes, or drop this";
        return Err((place, why.to_owned()));
    }
    let (create, force) = (says("create", YES, NO)?, says("force", YES, NO)?);
    let stop_on_conflict = says("conflict", STOP, GO_ON)?;
    Ok(Terms { rate, gate, data_stays, create, force, stop_on_conflict })
}

/// The known cells on a line, with commas between them, and its place.
fn cells(
    form: &FormState,
    name: &str,
    left: Option<&CellId>,
) -> Result<(usize, Vec<CellId>), (usize, String)> {
    let known = form.cells.as_slice();
    let (place, text) = line(form, name);
    let mut cells = Vec::new();
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let cell = CellId::new(name);
        if !known.contains(&cell) {
            let meant = crate::domain::suggest::nearest(name, known.iter().map(CellId::as_str));
            let meant = meant.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
            return Err((place, format!("no cell is called {name}{meant}")));
        }
        if left == Some(&cell) {
            return Err((place, format!("they are in {cell} now")));
        }
        if !cells.contains(&cell) {
            cells.push(cell);
        }
    }
    Ok((place, cells))
}

#[cfg(test)]
mod tests;
