//! Forms of moves: who goes where, how fast, and what must hold between waves.

use super::{FieldInfo, Form, FormState, chosen, field};
use crate::domain::id::CellId;
use crate::ops::moves::{Among, By, Choice, GateChoice, Part, Terms};
use crate::tui::action::Action;
use crate::tui::model::{MoveSubject, MoveWanted};

/// What stands on a line that is a yes or a no.
pub const YES: &str = "yes";
pub const NO: &str = "no";
/// The configured gate, and none.
pub const SIGNALS: &str = "signals";
pub const NONE: &str = "none";

const TO: FieldInfo =
    field("to", "the cell that they go to, or several with commas between them; empty: all well ones");
const HOW_MANY: FieldInfo =
    field("how many", "a number of customers such as 50, or a share of all such as 10%");
const EVENED: FieldInfo =
    field("cells", "the cells to even out, with commas between them; empty: all that have customers");
const RATE: FieldInfo = field("rate", "customers a second, once the first waves have gone well");
const GATE: FieldInfo =
    field("gate", "what must hold between waves: signals, none, or a condition such as cell.errors < 1%");
const FORCE: FieldInfo = chosen("force", "yes goes to cells that are not well or have no room");
const DATA: FieldInfo = chosen(
    "data stays",
    "these cells keep data, and a move doesn't take it along: yes says that it may stay",
);

/// Each as it is where cells keep data, and where they don't.
pub const FORMS: &[Form] = &[
    Form { action: Action::Move, title: "Move customers", fields: &[TO, RATE, GATE, FORCE] },
    Form { action: Action::Move, title: "Move customers", fields: &[TO, RATE, GATE, FORCE, DATA] },
    Form { action: Action::Move, title: "Move customers", fields: &[HOW_MANY, TO, RATE, GATE, FORCE] },
    Form { action: Action::Move, title: "Move customers", fields: &[HOW_MANY, TO, RATE, GATE, FORCE, DATA] },
    Form { action: Action::Drain, title: "Drain a cell", fields: &[TO, RATE, GATE, FORCE] },
    Form { action: Action::Drain, title: "Drain a cell", fields: &[TO, RATE, GATE, FORCE, DATA] },
    Form { action: Action::Rebalance, title: "Even cells out", fields: &[EVENED, RATE, GATE, FORCE] },
    Form { action: Action::Rebalance, title: "Even cells out", fields: &[EVENED, RATE, GATE, FORCE, DATA] },
    Form { action: Action::Undo, title: "Undo a move", fields: &[RATE, GATE, FORCE] },
    Form { action: Action::Undo, title: "Undo a move", fields: &[RATE, GATE, FORCE, DATA] },
];

/// The form for a subject.
pub fn of(subject: &MoveSubject, keeps_data: bool) -> &'static Form {
    let place = match subject {
        MoveSubject::Customers { .. } => 0,
        MoveSubject::PartOf(_) => 2,
        MoveSubject::AllOf(_) => 4,
        MoveSubject::Fleet => 6,
        MoveSubject::Undo(_) => 8,
    };
    &FORMS[place + usize::from(keeps_data)]
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
    if let MoveSubject::Undo(id) = subject {
        return Ok(MoveWanted::Undo(id.clone(), terms));
    }
    let part = match place(form, "how many") {
        Some(place) => Some(part(form.line(place)).map_err(|why| (place, why))?),
        None => None,
    };
    let line = place(form, "to").or_else(|| place(form, "cells")).unwrap_or_default();
    let named = cells(form, line, subject.from())?;
    if *subject == MoveSubject::Fleet && named.len() == 1 {
        return Err((line, "one cell can't be evened out with itself".to_owned()));
    }
    let to = if named.is_empty() && *subject != MoveSubject::Fleet { well } else { named };
    if to.is_empty() && *subject != MoveSubject::Fleet {
        return Err((line, "no other cell is well: name the cells that they may go to".to_owned()));
    }
    Ok(MoveWanted::Choice(choice(subject, to, part), terms))
}

/// Who goes where.
fn choice(subject: &MoveSubject, to: Vec<CellId>, part: Option<Part>) -> Choice {
    match subject {
        MoveSubject::Customers { customers, .. } => Choice::Named { customers: customers.clone(), to },
        MoveSubject::PartOf(from) => Choice::Part {
            from: from.clone(),
            to,
            among: Among::default(),
            by: By::Random,
            part: part.unwrap_or(Part::Share(1.0)),
            seed: 0,
        },
        MoveSubject::AllOf(cell) => Choice::Drain { cell: cell.clone(), to },
        MoveSubject::Fleet | MoveSubject::Undo(_) => Choice::Rebalance { cells: to },
    }
}

/// The place of the line with this name.
fn place(form: &FormState, name: &str) -> Option<usize> {
    form.form.fields.iter().position(|field| field.name == name)
}

fn terms(form: &FormState) -> Result<Terms, (usize, String)> {
    let line = |name: &str| place(form, name).map_or("", |place| form.line(place));
    let says_yes = |name: &str| match (place(form, name), line(name)) {
        (Some(_), YES) => Ok(true),
        (None, _) | (Some(_), "" | NO) => Ok(false),
        (Some(place), _) => Err((place, "write yes or no".to_owned())),
    };
    let rate = match line("rate") {
        "" => None,
        text => match text.parse::<f64>() {
            Ok(rate) if rate.is_finite() && rate > 0.0 => Some(rate),
            _ => return Err((place(form, "rate").unwrap_or(0), "a rate is a number above 0".to_owned())),
        },
    };
    let gate = match line("gate") {
        "" | SIGNALS => GateChoice::Signals,
        NONE => GateChoice::Nothing,
        condition => GateChoice::Condition(condition.to_owned()),
    };
    let data_stays = says_yes("data stays")?;
    if let (Some(place), false) = (place(form, "data stays"), data_stays) {
        let why = "without that nobody is moved: the data would be left unsaid; write yes, or drop this";
        return Err((place, why.to_owned()));
    }
    Ok(Terms { rate, gate, data_stays, force: says_yes("force")?, ..Terms::default() })
}

/// How many of a cell's customers.
fn part(text: &str) -> Result<Part, String> {
    let wrong = || "write a number of customers such as 50, or a share such as 10%".to_owned();
    if let Some(percent) = text.strip_suffix('%') {
        let share = percent.trim().parse::<f64>().map_err(|_| wrong())? / 100.0;
        return if share > 0.0 && share <= 1.0 { Ok(Part::Share(share)) } else { Err(wrong()) };
    }
    text.parse().ok().filter(|count| *count > 0).map(Part::Customers).ok_or_else(wrong)
}

/// The known cells on a line, with commas between them.
fn cells(form: &FormState, place: usize, left: Option<&CellId>) -> Result<Vec<CellId>, (usize, String)> {
    let known = form.cells.as_slice();
    let mut cells = Vec::new();
    for name in form.line(place).split(',').map(str::trim).filter(|name| !name.is_empty()) {
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
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::api::ApiKind;
    use crate::domain::change::Target;
    use crate::domain::estate::RegionSlot;
    use crate::tui::model::Choice as Offer;

    fn read(subject: &MoveSubject, keeps_data: bool, lines: &[&str]) -> Result<MoveWanted, (usize, String)> {
        let form = of(subject, keeps_data);
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        let target = Target::Customers(subject.target());
        let mut state = FormState::new(form, RegionSlot(0), target, ApiKind::Rest, lines);
        state.cells = ["cell-01", "cell-02", "cell-03"].map(CellId::from).to_vec();
        let offers: Vec<Offer> = state.cells.iter().map(|cell| Offer::text(cell.to_string(), "")).collect();
        let choices =
            form.fields.iter().map(|field| if field.name == "to" { offers.clone() } else { vec![] });
        wanted(&state.with_choices(choices.collect()), subject, vec!["cell-03".into()])
    }

    fn part_of() -> MoveSubject {
        MoveSubject::PartOf("cell-01".into())
    }

    #[test]
    fn a_part_of_a_cell_is_a_number_or_a_share() {
        let to = CellId::from("cell-02");
        for (text, part) in
            [("50", Part::Customers(50)), ("10%", Part::Share(0.1)), ("100 %", Part::Share(1.0))]
        {
            let wanted = read(&part_of(), false, &[text, "cell-02", "20", "none", "no"]).unwrap();
            let choice = choice(&part_of(), vec![to.clone()], Some(part));
            let terms = Terms { rate: Some(20.0), gate: GateChoice::Nothing, ..Terms::default() };
            assert_eq!(wanted, MoveWanted::Choice(choice, terms));
        }
    }

    #[test]
    fn what_can_not_be_read_names_its_line() {
        let customers = MoveSubject::Customers { customers: vec!["c".into()], from: Some("cell-01".into()) };
        let drained = MoveSubject::AllOf("cell-01".into());
        for (subject, keeps_data, lines, place) in [
            (part_of(), false, &["", "cell-02", "", "", ""][..], 0),
            (part_of(), false, &["0", "cell-02", "", "", ""], 0),
            (part_of(), false, &["101%", "cell-02", "", "", ""], 0),
            (part_of(), false, &["5", "cell-09", "", "", ""], 1),
            (part_of(), false, &["5", "cell-01", "", "", ""], 1),
            (part_of(), false, &["5", "cell-02", "-1", "", ""], 2),
            (part_of(), false, &["5", "cell-02", "", "", "perhaps"], 4),
            (part_of(), true, &["5", "cell-02", "", "", "", ""], 5),
            (part_of(), true, &["5", "cell-02", "", "", "", "no"], 5),
            (customers, false, &["cell-01", "", "", ""], 0),
            (drained.clone(), false, &["cell-02,cell-01", "", "", ""], 0),
            (drained, false, &["cell-02,cell-9", "", "", ""], 0),
            (MoveSubject::Fleet, false, &["cell-02", "", "", ""], 0),
        ] {
            assert_eq!(read(&subject, keeps_data, lines).unwrap_err().0, place, "{subject:?} {lines:?}");
        }
    }

    #[test]
    fn a_drained_cell_goes_to_the_well_ones_unless_others_are_named() {
        let to = |lines: &[&str]| match read(&MoveSubject::AllOf("cell-01".into()), true, lines).unwrap() {
            MoveWanted::Choice(Choice::Drain { to, .. }, terms) => {
                assert!(terms.data_stays && terms.force);
                to
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(to(&["", "", "", "yes", "yes"]), ["cell-03".into()]);
        assert_eq!(
            to(&["cell-02, cell-03,cell-02", "", "", "yes", "yes"]),
            ["cell-02".into(), "cell-03".into()]
        );
    }

    #[test]
    fn an_undo_and_a_rebalance_take_terms() {
        let undo = read(&MoveSubject::Undo("m1".into()), false, &["5", "cell.errors < 1%", "yes"]).unwrap();
        let gate = GateChoice::Condition("cell.errors < 1%".to_owned());
        let terms = Terms { rate: Some(5.0), gate, force: true, ..Terms::default() };
        assert_eq!(undo, MoveWanted::Undo("m1".into(), terms));
        let evened = read(&MoveSubject::Fleet, false, &["", "", "", ""]).unwrap();
        assert_eq!(evened, MoveWanted::Choice(Choice::Rebalance { cells: vec![] }, Terms::default()));
    }
}
