//! Whether a limit fits its signal: the same unit, within what the signal can be, and decisive.

use super::Operator;
use super::quantity::{Quantity, Unit};
use super::signals::{Dimension, Signal};

/// Why a limit doesn't fit.
#[derive(Debug)]
pub(super) struct Misfit {
    pub(super) expected: String,
    pub(super) hint: String,
}

/// Checks a limit; or a margin, which has no operator of its own.
pub(super) fn check(
    signal: &'static Signal,
    operator: Option<Operator>,
    quantity: Quantity,
) -> Result<(), Misfit> {
    measures_the_same(signal, quantity)?;
    operator.map_or(Ok(()), |operator| decides(signal, operator, quantity))
}

fn measures_the_same(signal: &'static Signal, quantity: Quantity) -> Result<(), Misfit> {
    let dimension = signal.dimension;
    let expected = || dimension.described().to_owned();
    if !quantity.unit.measures(dimension) {
        let hint = format!("`{}` is a {}: {}", signal.name, dimension.word(), signal.meaning);
        return Err(Misfit { expected: expected(), hint });
    }
    if dimension == Dimension::Share && quantity.figure() > 1.0 {
        let hint = match quantity.unit {
            Unit::Plain if quantity.number <= 100.0 => format!("did you mean `{}%`?", quantity.number),
            _ => "a share is at most 100%".to_owned(),
        };
        return Err(Misfit { expected: expected(), hint });
    }
    Ok(())
}

/// Refuses what holds always or never: a guard that can't fail guards nothing, and one that can't
/// hold undoes every change.
fn decides(signal: &'static Signal, operator: Operator, quantity: Quantity) -> Result<(), Misfit> {
    let least = quantity.figure() <= 0.0;
    let most = signal.dimension == Dimension::Share && quantity.figure() >= 1.0;
    let word = match operator {
        Operator::GreaterOrEqual if least => "always",
        Operator::LessOrEqual if most => "always",
        Operator::Less if least => "never",
        Operator::Greater if most => "never",
        _ => return Ok(()),
    };
    let hint = format!("`{} {} {quantity}` {word} holds", signal.name, operator.as_str());
    Err(Misfit { expected: "a limit that decides something".to_owned(), hint })
}
