//! Which of several regions a name leads to. Each is asked, and nothing is guessed: a name that several know, and one
//! that a region which can't be read may know, too, is for the operator to decide.

use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::exit::{CliError, Ending};
use super::reading::Reading;
use super::side_by_side::{self, Answer};
use crate::domain::identity::RegionKey;

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
    let said: Vec<Said<'_>> = answers.iter().map(Answer::outcome).collect();
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

/// Account and region, and where they are reached in place of AWS: what two entries of the configuration share that
/// are one region.
pub type Key<'answer> = (&'answer RegionKey, Option<&'answer str>);

/// What a region came to that was asked for something.
#[derive(Clone, Copy, Debug)]
pub struct Said<'answer> {
    pub name: &'answer str,
    /// Where it can be reached.
    pub key: Option<Key<'answer>>,
    pub read_only: bool,
    /// Why it didn't find it.
    pub error: Option<&'answer CliError>,
}

/// The place of the region that has what was named, by what each said.
///
/// # Errors
/// As [`resolve`].
pub fn place_of(what: &str, said: &[Said<'_>]) -> Result<usize, CliError> {
    let (mut has, mut unread): (Vec<usize>, Vec<(&str, &CliError)>) = (Vec::new(), Vec::new());
    for (place, Said { name, error, .. }) in said.iter().enumerate() {
        match error {
            // A name that means several things there is there.
            None => has.push(place),
            Some(error) if error.ending == Ending::Usage => has.push(place),
            Some(error) if error.ending == Ending::NotFound => {}
            Some(error) => unread.push((name, error)),
        }
    }
    let why_unread = || {
        let all: Vec<String> =
            unread.iter().map(|(name, error)| format!("{name}: {}", error.message)).collect();
        all.join("; ")
    };
    match (one_of(&has, said), unread.first()) {
        (Some(one), None) => Ok(one),
        (Some(one), Some(_)) => {
            let one = said.get(one).map_or("", |said| said.name);
            let why = why_unread();
            let message =
                format!("{what} is in {one}, and may be in a region that can't be read, too: {why}");
            Err(CliError::new(Ending::Partly, message)
                .hint(format!("`--account {one}` means that one alone")))
        }
        (None, None) if has.is_empty() => Err(nowhere(said)),
        (None, Some((_, first))) if has.is_empty() => {
            let message = format!("{what} is in no region that can be read; not read is {}", why_unread());
            Err(CliError { message, ..(*first).clone() })
        }
        (None, _) => {
            let names: Vec<&str> = has.iter().filter_map(|place| Some(said.get(*place)?.name)).collect();
            let message = format!("{what} is in {}", names.join(" and in "));
            Err(CliError::new(Ending::Usage, message).hint("say which is meant: --account NAME"))
        }
    }
}

/// The one region of these. Several entries of the configuration may be one account and region, each with a role of
/// its own: what is in one of them is in all; the first is taken that may be changed.
pub fn one_of(places: &[usize], said: &[Said<'_>]) -> Option<usize> {
    let first = said.get(*places.first()?)?;
    let is_same = |place: &usize| said.get(*place).is_some_and(|said| said.key == first.key);
    if places.len() > 1 && (first.key.is_none() || !places.iter().all(is_same)) {
        return None;
    }
    let may_change = places.iter().find(|place| said.get(**place).is_some_and(|said| !said.read_only));
    may_change.or(places.first()).copied()
}

/// Every region could be read, and none has it.
fn nowhere(said: &[Said<'_>]) -> CliError {
    let errors: Vec<(&str, &CliError)> =
        said.iter().filter_map(|said| Some((said.name, said.error?))).collect();
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
    use std::sync::LazyLock;

    use super::*;
    use crate::domain::id::AccountId;

    fn absent(message: &str) -> CliError {
        CliError::new(Ending::NotFound, message).hint("list them")
    }

    fn unread() -> CliError {
        CliError::new(Ending::Failed, "connection refused")
    }

    /// Each in an account of its own.
    fn said<'answer>(name: &'answer str, error: Option<&'answer CliError>) -> Said<'answer> {
        static KEYS: LazyLock<Vec<RegionKey>> = LazyLock::new(|| {
            let key = |name: &str| RegionKey { account: AccountId::new(name), region: "eu-west-1".into() };
            ["a", "b", "c"].map(key).to_vec()
        });
        let key = KEYS.iter().find(|key| key.account.as_str() == name).map(|key| (key, None));
        Said { name, key, read_only: false, error }
    }

    #[test]
    fn two_entries_of_one_account_and_region_are_one_region() {
        let key = RegionKey { account: AccountId::new("a"), region: "eu-west-1".into() };
        let entry = |name, read_only| Said { name, key: Some((&key, None)), read_only, error: None };
        assert_eq!(place_of("orders/prod", &[entry("read", true), entry("write", false)]).unwrap(), 1);
        assert_eq!(place_of("orders/prod", &[entry("one", true), entry("other", true)]).unwrap(), 0);
        let elsewhere = Said { key: Some((&key, Some("http://emulator"))), ..entry("emulator", false) };
        for other in [said("b", None), elsewhere] {
            let error = place_of("orders/prod", &[entry("one", false), other]).unwrap_err();
            assert_eq!(error.ending, Ending::Usage);
        }
    }

    #[test]
    fn the_one_region_that_has_it_is_meant() {
        let absent = absent("no API is called 'orders'");
        assert_eq!(place_of("orders/prod", &[said("a", Some(&absent)), said("b", None)]).unwrap(), 1);
        let twice = CliError::new(Ending::Usage, "'orders' is the name of 2 APIs");
        assert_eq!(place_of("orders/prod", &[said("a", Some(&twice)), said("b", Some(&absent))]).unwrap(), 0);
    }

    #[test]
    fn several_regions_are_named_and_none_is_chosen() {
        let unread = unread();
        let error = place_of("orders/prod", &[said("a", None), said("b", None), said("c", Some(&unread))])
            .unwrap_err();
        assert_eq!(error.ending, Ending::Usage);
        assert_eq!(error.message, "orders/prod is in a and in b");
        assert_eq!(error.hints, ["say which is meant: --account NAME"]);
    }

    #[test]
    fn a_region_that_cannot_be_read_may_have_it_too() {
        let (absent, unread) = (absent("no API is called 'orders'"), unread());
        let error = place_of("orders/prod", &[said("a", None), said("b", Some(&unread))]).unwrap_err();
        assert_eq!(error.ending, Ending::Partly);
        assert_eq!(
            error.message,
            "orders/prod is in a, and may be in a region that can't be read, too: b: connection refused"
        );
        let error =
            place_of("orders/prod", &[said("a", Some(&absent)), said("b", Some(&unread))]).unwrap_err();
        assert_eq!(error.ending, Ending::Failed);
        assert_eq!(
            error.message,
            "orders/prod is in no region that can be read; not read is b: connection refused"
        );
    }

    #[test]
    fn what_no_region_has_is_told_once_unless_they_say_otherwise() {
        let (one, same, other) = (absent("no such API"), absent("no such API"), absent("no such stage"));
        let error = place_of("orders/prod", &[said("a", Some(&one)), said("b", Some(&same))]).unwrap_err();
        assert_eq!(
            (error.ending, error.message.as_str()),
            (Ending::NotFound, "no such API (asked were a, b)")
        );
        assert_eq!(error.hints, ["list them"]);
        let error = place_of("orders/prod", &[said("a", Some(&one)), said("b", Some(&other))]).unwrap_err();
        assert_eq!(error.message, "a: no such API; b: no such stage");
    }
}
