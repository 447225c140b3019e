//! Closing a cell to new customers, and opening it again.

use super::Wanted;
use super::draft::{Draft, DraftStep, unchanged};
use crate::domain::change::{FieldChange, Refusal, Request, SettingChange, Settings, Target};
use crate::domain::placement::PlacementTarget;

/// The one setting of a cell in its table: `true`, `false`, or not set.
pub const CLOSED: &str = "closed";

/// What it takes to have the cell as wanted.
///
/// # Errors
/// Where it is so already, or its item holds what is no boolean.
pub fn draft(
    target: &Target,
    placement: &PlacementTarget,
    wanted: &Wanted,
    settings: &Settings,
) -> Result<Draft, Refusal> {
    let &Wanted::Placement { closed } = wanted else {
        let (name, kind, what) = (target.to_string(), target.kind(), wanted.lever().title());
        return Err(Refusal::NotOnThisKind { target: name, kind, what });
    };
    let present = settings.get(CLOSED);
    if let Some(other) = present.filter(|value| !matches!(*value, "true" | "false")) {
        let why = format!(
            "{} of its item in {} is {other}, and no boolean: mend it first",
            placement.settings.closed_attribute, placement.settings.table
        );
        return Err(Refusal::Forbidden { target: target.to_string(), why });
    }
    if (present == Some("true")) == closed {
        return Err(unchanged(
            target,
            if closed { "closed to new customers" } else { "open to new customers" },
        ));
    }
    let change = settings.change_to(CLOSED, Some(closed.to_string()));
    let steps = steps(placement, &change.into_iter().collect::<Vec<_>>());
    let mut draft = Draft::of_settings(target, steps);
    draft.undo = crate::domain::change::Undo::Possible {
        how: "puts the attribute back, unless somebody changes it".to_owned(),
    };
    Ok(draft.warn(if closed {
        "new customers go elsewhere as soon as the router reads the table; those that the cell has stay"
    } else {
        "new customers may be placed there as soon as the router reads the table"
    }))
}

/// The conditional write that alters it.
pub fn steps(placement: &PlacementTarget, changes: &[SettingChange]) -> Vec<DraftStep> {
    let step = |change: &SettingChange| {
        let request = Request::SetPlacement {
            cell: placement.clone(),
            before: change.before.clone(),
            after: change.after.clone(),
        };
        DraftStep::new(request, vec![change.clone()])
    };
    changes.iter().map(step).collect()
}

/// What people read of it.
pub fn in_words(change: &SettingChange) -> Vec<FieldChange> {
    let word = |value: &Option<String>| match value.as_deref() {
        Some("true") => "closed".to_owned(),
        Some("false") => "open".to_owned(),
        Some(other) => other.to_owned(),
        None => "open (not set)".to_owned(),
    };
    vec![FieldChange {
        field: "new customers".to_owned(),
        before: word(&change.before),
        after: word(&change.after),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::placement::PlacementSettings;

    fn cell() -> PlacementTarget {
        let settings = PlacementSettings {
            table: "CellPlacement".into(),
            cell_attribute: "CellId".into(),
            closed_attribute: "Closed".into(),
        };
        PlacementTarget { settings, cell: "cell-01".into() }
    }

    fn drafted(present: Option<&str>, closed: bool) -> Result<Draft, Refusal> {
        let settings = present.map(|value| (CLOSED.to_owned(), value.to_owned())).into_iter().collect();
        draft(&Target::Placement(cell()), &cell(), &Wanted::Placement { closed }, &settings)
    }

    #[test]
    fn a_cell_is_closed_on_the_value_that_was_read() {
        for (present, closed) in [(None, true), (Some("false"), true), (Some("true"), false)] {
            let draft = drafted(present, closed).unwrap();
            let Request::SetPlacement { before, after, .. } = &draft.steps[0].request else {
                panic!("{draft:?}")
            };
            assert_eq!(before.as_deref(), present);
            assert_eq!(after.as_deref(), Some(if closed { "true" } else { "false" }));
        }
    }

    #[test]
    fn what_is_so_already_or_no_boolean_is_refused() {
        for (present, closed) in [(None, false), (Some("false"), false), (Some("true"), true)] {
            assert!(matches!(drafted(present, closed), Err(Refusal::Unchanged { .. })), "{present:?}");
        }
        assert!(matches!(drafted(Some("of type S"), true), Err(Refusal::Forbidden { .. })));
    }
}
