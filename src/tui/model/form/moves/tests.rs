//! What the lines of a move's form come to, and which line is named where they come to nothing.

use super::*;
use crate::domain::api::ApiKind;
use crate::domain::change::Target;
use crate::domain::estate::RegionSlot;

/// What is asked for with these texts on the lines of these names, and else as the form begins; cell-03 is well.
fn read(
    subject: &MoveSubject,
    keeps_data: bool,
    lines: &[(&str, &str)],
) -> Result<MoveWanted, (&'static str, String)> {
    let form = of(subject, keeps_data);
    assert!(lines.iter().all(|(name, _)| form.place(name).is_some()), "{subject:?} has not all of {lines:?}");
    let begun = form.fields.iter().map(|field| {
        let said = lines.iter().find(|(name, _)| *name == field.name);
        said.map_or_else(|| first(field, 100.0), |(_, text)| (*text).to_owned())
    });
    let target = Target::Customers(subject.target());
    let mut state = FormState::new(form, RegionSlot(0), target, ApiKind::Rest, begun.collect());
    state.cells = ["cell-01", "cell-02", "cell-03"].map(CellId::from).to_vec();
    let offers = form.fields.iter().map(|field| choices(field, "cell.errors < 2%"));
    let state = state.with_choices(offers.collect());
    wanted(&state, subject, vec!["cell-03".into()]).map_err(|(place, why)| (form.fields[place].name, why))
}

fn part_of() -> MoveSubject {
    MoveSubject::PartOf("cell-01".into())
}

fn customers() -> MoveSubject {
    MoveSubject::Customers { customers: vec!["c".into()], from: Some("cell-01".into()) }
}

/// The terms that a form begins with.
fn terms() -> Terms {
    Terms { rate: Some(100.0), ..Terms::default() }
}

#[test]
fn a_part_of_a_cell_is_chosen_as_the_command_chooses_it() {
    let wanted = read(
        &part_of(),
        false,
        &[
            ("how many", "10%"),
            ("by", "load"),
            ("match", "gold-*"),
            ("where", "tier=gold epoch<3"),
            ("to", "cell-02, cell-03"),
            ("rate", "20"),
            ("gate", "none"),
            ("conflict", "stop"),
        ],
    );
    let choice = Choice::Part {
        from: "cell-01".into(),
        to: vec!["cell-02".into(), "cell-03".into()],
        among: Among { glob: Some("gold-*".into()), filter: Some("tier=gold epoch<3".into()) },
        by: By::Load,
        part: Part::Share(0.1),
        seed: 0,
    };
    let terms =
        Terms { rate: Some(20.0), gate: GateChoice::Nothing, stop_on_conflict: true, ..Terms::default() };
    assert_eq!(wanted, Ok(MoveWanted::Choice(choice, terms)));
}

#[test]
fn all_whom_a_pattern_or_a_filter_leaves_are_meant_and_nobody_is_where_nothing_is_said() {
    for (name, text) in [("match", "gold-*"), ("where", "tier=gold")] {
        match read(&part_of(), false, &[(name, text), ("to", "cell-02")]) {
            Ok(MoveWanted::Choice(Choice::Part { part, by, .. }, found)) => {
                assert_eq!((part, by, found), (Part::Share(1.0), By::Random, terms()), "{name}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    let (line, why) = read(&part_of(), false, &[("to", "cell-02")]).unwrap_err();
    assert_eq!((line, why.contains("match or where")), ("how many", true), "{why}");
}

#[test]
fn customers_without_a_mapping_get_one_where_that_is_asked_for() {
    for (create, expected) in [("no", false), ("yes", true), ("", false)] {
        let wanted = read(&customers(), false, &[("to", "cell-02,cell-03"), ("create", create)]);
        let to = vec!["cell-02".into(), "cell-03".into()];
        let choice = Choice::Named { customers: vec!["c".into()], to };
        assert_eq!(wanted, Ok(MoveWanted::Choice(choice, Terms { create: expected, ..terms() })));
    }
}

#[test]
fn what_can_not_be_read_names_its_line() {
    let drained = MoveSubject::AllOf("cell-01".into());
    let some = ("how many", "5");
    for (subject, keeps_data, lines, line) in [
        (part_of(), false, &[("how many", "0")][..], "how many"),
        (part_of(), false, &[("how many", "101%")], "how many"),
        (part_of(), false, &[some, ("by", "weight")], "by"),
        (part_of(), false, &[some, ("to", "cell-09")], "to"),
        (part_of(), false, &[some, ("to", "cell-02,cell-01")], "to"),
        (part_of(), false, &[some, ("rate", "-1")], "rate"),
        (part_of(), false, &[some, ("force", "perhaps")], "force"),
        (part_of(), false, &[some, ("conflict", "yes")], "conflict"),
        (part_of(), true, &[some], "data stays"),
        (part_of(), true, &[some, ("data stays", "no")], "data stays"),
        (customers(), false, &[("to", "cell-01")], "to"),
        (customers(), false, &[("create", "perhaps")], "create"),
        (drained.clone(), false, &[("to", "cell-02,cell-01")], "to"),
        (drained, false, &[("to", "cell-02,cell-9")], "to"),
        (MoveSubject::Fleet, false, &[("cells", "cell-02")], "cells"),
    ] {
        assert_eq!(read(&subject, keeps_data, lines).unwrap_err().0, line, "{subject:?} {lines:?}");
    }
}

#[test]
fn a_drained_cell_goes_to_the_well_ones_unless_others_are_named() {
    let to = |named: &str| {
        let lines = [("to", named), ("force", "yes"), ("data stays", "yes")];
        match read(&MoveSubject::AllOf("cell-01".into()), true, &lines).unwrap() {
            MoveWanted::Choice(Choice::Drain { to, .. }, terms) => {
                assert!(terms.data_stays && terms.force);
                to
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(to(""), ["cell-03".into()]);
    assert_eq!(to("cell-02, cell-03,cell-02"), ["cell-02".into(), "cell-03".into()]);
}

#[test]
fn an_undo_and_a_rebalance_take_terms() {
    let lines = [("rate", "5"), ("gate", "cell.errors < 1%"), ("force", "yes"), ("conflict", "stop")];
    let undo = read(&MoveSubject::Undo("m1".into()), false, &lines).unwrap();
    let gate = GateChoice::Condition("cell.errors < 1%".to_owned());
    let asked = Terms { rate: Some(5.0), gate, force: true, stop_on_conflict: true, ..Terms::default() };
    assert_eq!(undo, MoveWanted::Undo("m1".into(), asked));
    let evened = read(&MoveSubject::Fleet, false, &[]).unwrap();
    assert_eq!(evened, MoveWanted::Choice(Choice::Rebalance { cells: vec![] }, terms()));
}
