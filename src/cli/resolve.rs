//! Which of several regions a name leads to. Each is asked, and nothing is guessed: a name that several know, and one
//! that a region which can't be read may know, too, is for the operator to decide.

use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::exit::{CliError, Ending};
use super::reading::Reading;
use super::side_by_side::{self, Answer};

/// What a name leads to, and the region that it is in.
#[derive(Debug)]
pub struct Resolved<'context, T> {
    /// Of the region in the configuration.
    pub place: usize,
    /// Through which it was found, with all that was read for it.
    pub reading: Reading<'context>,
    pub found: T,
}

/// Finds what is named in the one region that has it.
///
/// # Errors
/// Usage where several have it, partly done where it is in one and may be in another; not found where none has it.
pub async fn resolve<'context, T>(
    context: &'context Context,
    what: &str,
    interruption: &CancellationToken,
    find: impl AsyncFn(&mut Reading<'_>) -> Result<T, CliError>,
) -> Result<Resolved<'context, T>, CliError> {
    if context.settings.regions.len() < 2 {
        let mut reading = Reading::connect_to(context, context.region(), interruption.clone()).await?;
        let found = find(&mut reading).await?;
        return Ok(Resolved { place: 0, reading, found });
    }
    let answers = side_by_side::ask(context, interruption, find).await?;
    let said: Vec<Said<'_>> =
        answers.iter().map(|answer| (answer.region.name(), answer.said.as_ref().err())).collect();
    let place = place_of(what, &said)?;
    take(answers, place, what)
}

/// The answer of the region at this place.
///
/// # Errors
/// What that region said, where it found nothing.
pub fn take<'context, T>(
    answers: Vec<Answer<'context, T>>,
    place: usize,
    what: &str,
) -> Result<Resolved<'context, T>, CliError> {
    let nowhere = || CliError::new(Ending::NotFound, format!("no region has {what}"));
    let Answer { reading, said, .. } = answers.into_iter().nth(place).ok_or_else(nowhere)?;
    let found = said?;
    Ok(Resolved { place, reading: reading.ok_or_else(nowhere)?, found })
}

/// A region's name, and why it didn't find what it was asked for.
pub type Said<'answer> = (&'answer str, Option<&'answer CliError>);

/// The place of the region that has what was named, by what each said.
///
/// # Errors
/// As [`resolve`].
pub fn place_of(what: &str, said: &[Said<'_>]) -> Result<usize, CliError> {
    let (mut has, mut unread): (Vec<usize>, Vec<(&str, &CliError)>) = (Vec::new(), Vec::new());
    for (place, (name, error)) in said.iter().enumerate() {
        match error {
            // A name that means several things there is there.
            None => has.push(place),
            Some(error) if error.ending == Ending::Usage => has.push(place),
            Some(error) if error.ending == Ending::NotFound => {}
            Some(error) => unread.push((name, error)),
        }
    }
    let names = |places: &[usize], and: &str| {
        let names: Vec<&str> = places.iter().filter_map(|place| Some(said.get(*place)?.0)).collect();
        names.join(and)
    };
    let why_unread = || {
        let all: Vec<String> =
            unread.iter().map(|(name, error)| format!("{name}: {}", error.message)).collect();
        all.join("; ")
    };
    match (has.as_slice(), unread.first()) {
        ([one], None) => Ok(*one),
        ([], None) => Err(nowhere(said)),
        ([], Some((_, first))) => {
            let message = format!("{what} is in no region that can be read; not read is {}", why_unread());
            Err(CliError { message, ..(*first).clone() })
        }
        ([one], Some(_)) => {
            let one = names(&[*one], "");
            let message = format!(
                "{what} is in {one}, and may be in a region that can't be read, too: {}",
                why_unread()
            );
            Err(CliError::new(Ending::Partly, message)
                .hint(format!("`--account {one}` means that one alone")))
        }
        (several, _) => {
            let message = format!("{what} is in {}", names(several, " and in "));
            Err(CliError::new(Ending::Usage, message).hint("say which is meant: --account NAME"))
        }
    }
}

/// Every region could be read, and none has it.
fn nowhere(said: &[Said<'_>]) -> CliError {
    let errors: Vec<(&str, &CliError)> =
        said.iter().filter_map(|(name, error)| Some((*name, (*error)?))).collect();
    let Some((_, first)) = errors.first() else {
        return CliError::new(Ending::NotFound, "no region is configured");
    };
    let message = if errors.iter().all(|(_, error)| error.message == first.message) {
        let names: Vec<&str> = errors.iter().map(|(name, _)| *name).collect();
        format!("{} (asked were {})", first.message, names.join(", "))
    } else {
        // Each has names of its own that come near.
        let all: Vec<String> =
            errors.iter().map(|(name, error)| format!("{name}: {}", error.message)).collect();
        all.join("; ")
    };
    CliError { message, ..(*first).clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn absent(message: &str) -> CliError {
        CliError::new(Ending::NotFound, message).hint("list them")
    }

    fn unread() -> CliError {
        CliError::new(Ending::Failed, "connection refused")
    }

    #[test]
    fn the_one_region_that_has_it_is_meant() {
        let absent = absent("no API is called 'orders'");
        assert_eq!(place_of("orders/prod", &[("a", Some(&absent)), ("b", None)]).unwrap(), 1);
        let twice = CliError::new(Ending::Usage, "'orders' is the name of 2 APIs");
        assert_eq!(place_of("orders/prod", &[("a", Some(&twice)), ("b", Some(&absent))]).unwrap(), 0);
    }

    #[test]
    fn several_regions_are_named_and_none_is_chosen() {
        let unread = unread();
        let error = place_of("orders/prod", &[("a", None), ("b", None), ("c", Some(&unread))]).unwrap_err();
        assert_eq!(error.ending, Ending::Usage);
        assert_eq!(error.message, "orders/prod is in a and in b");
        assert_eq!(error.hints, ["say which is meant: --account NAME"]);
    }

    #[test]
    fn a_region_that_cannot_be_read_may_have_it_too() {
        let (absent, unread) = (absent("no API is called 'orders'"), unread());
        let error = place_of("orders/prod", &[("a", None), ("b", Some(&unread))]).unwrap_err();
        assert_eq!(error.ending, Ending::Partly);
        assert_eq!(
            error.message,
            "orders/prod is in a, and may be in a region that can't be read, too: b: connection refused"
        );
        let error = place_of("orders/prod", &[("a", Some(&absent)), ("b", Some(&unread))]).unwrap_err();
        assert_eq!(error.ending, Ending::Failed);
        assert_eq!(
            error.message,
            "orders/prod is in no region that can be read; not read is b: connection refused"
        );
    }

    #[test]
    fn what_no_region_has_is_told_once_unless_they_say_otherwise() {
        let (one, same, other) = (absent("no such API"), absent("no such API"), absent("no such stage"));
        let error = place_of("orders/prod", &[("a", Some(&one)), ("b", Some(&same))]).unwrap_err();
        assert_eq!(
            (error.ending, error.message.as_str()),
            (Ending::NotFound, "no such API (asked were a, b)")
        );
        assert_eq!(error.hints, ["list them"]);
        let error = place_of("orders/prod", &[("a", Some(&one)), ("b", Some(&other))]).unwrap_err();
        assert_eq!(error.message, "a: no such API; b: no such stage");
    }
}
