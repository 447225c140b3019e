//! The region that a change was made in, which its journal knows: where it is taken back, gone on with or finished,
//! whatever other regions are configured.

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::exit::{CliError, Ending};
use super::interrupt;
use super::reading::Reading;
use super::side_by_side;
use crate::config::RegionSettings;
use crate::domain::identity::RegionKey;

/// A configured region by its place, and the reading that was connected to it.
pub type Connected<'context> = (usize, Reading<'context>);

/// Connects to the configured region that is this region of this account. Where one alone is configured or chosen, it
/// is that one: whether it is the right one is judged by what is done there.
///
/// # Errors
/// Where none is; the clause, such as `the change 1 was made in`, tells what for.
pub async fn connect<'context>(
    context: &'context Context,
    key: &RegionKey,
    clause: &str,
) -> Result<Connected<'context>, CliError> {
    let interruption = interrupt::watch();
    if context.settings.regions.len() < 2 {
        return Ok((0, Reading::connect_to(context, context.region(), interruption).await?));
    }
    let (mut others, mut unread) = (Vec::new(), Vec::new());
    for (place, region) in in_order(context, key, &mut others) {
        match Reading::connect_in(context, place, interruption.clone()).await {
            Ok(reading) if reading.session.key() == key => return Ok((place, reading)),
            Ok(reading) => others.push(format!("{} ({})", region.name(), reading.session.key())),
            Err(error) if error.ending == Ending::Interrupted => return Err(error),
            Err(error) => unread.push((region.name(), error)),
        }
    }
    let Some((_, first)) = unread.first() else {
        let message = format!("{clause} {key}, and no configured region is that: {}", others.join(", "));
        return Err(CliError::new(Ending::Refused, message).hint(
            "add it to the configuration as a `[[regions]]` entry, or name its profile with --profile",
        ));
    };
    let why: Vec<String> = unread.iter().map(|(name, error)| format!("{name}: {}", error.message)).collect();
    let message = format!("{clause} {key}; which region that is can't be told: {}", why.join("; "));
    Err(CliError { message, ..first.clone() })
}

/// The regions that may be meant, those first that need the fewest questions. Those that can't be are told of.
fn in_order<'context>(
    context: &'context Context,
    key: &RegionKey,
    others: &mut Vec<String>,
) -> Vec<(usize, &'context RegionSettings)> {
    let mut possible = Vec::new();
    for (place, region) in context.settings.regions.iter().enumerate() {
        let code = region.region.as_ref().map(|code| code.value.as_str());
        let account = region.role_arn.as_deref().and_then(account_of_role);
        let is_elsewhere = code.is_some_and(|code| code != key.region.as_str());
        let is_anothers = account.is_some_and(|account| account != key.account.as_str());
        if is_elsewhere || is_anothers {
            let known: Vec<&str> = [account, code].into_iter().flatten().collect();
            others.push(format!("{} ({})", region.name(), known.join(" ")));
        } else {
            possible.push((place, region, (region.read_only.is_some(), account.is_none(), code.is_none())));
        }
    }
    possible.sort_by_key(|(place, _, rank)| (*rank, *place));
    possible.into_iter().map(|(place, region, _)| (place, region)).collect()
}

/// The account that a role is in, by its ARN.
fn account_of_role(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

/// Connects to the region whose team's journal has what is sought: of several, the one in which it is newest.
///
/// # Errors
/// Where it is in none, and some can't be read; also where some can't be read and the newest of all is sought.
pub async fn search<'context>(
    context: &'context Context,
    clause: &str,
    newest: bool,
    seek: impl AsyncFn(&mut Reading<'_>) -> Result<Option<(Timestamp, RegionKey)>, CliError>,
) -> Result<Connected<'context>, CliError> {
    if context.settings.regions.len() < 2 {
        return Ok((0, Reading::connect(context).await?));
    }
    let interruption: CancellationToken = interrupt::watch();
    let answers = side_by_side::ask(context, &interruption, seek).await?;
    let mut best: Option<(Timestamp, RegionKey)> = None;
    let mut unread = Vec::new();
    for answer in &answers {
        match &answer.said {
            Ok(Some(found)) if best.as_ref().is_none_or(|best| best.0 < found.0) => {
                best = Some(found.clone());
            }
            Ok(_) => {}
            // An account without a team's table has nothing to tell.
            Err(error) if error.ending == Ending::NotFound => {}
            Err(error) => unread.push((answer.region.name(), error)),
        }
    }
    if let Some((name, error)) = unread.first()
        && (newest || best.is_none())
    {
        let message = format!("{clause} can't be told, since {name} can't be read: {}", error.message);
        return Err(CliError { message, ..(*error).clone() }.hint("--account NAME keeps to one region"));
    }
    let is_meant = |reading: &Reading<'_>| best.as_ref().is_none_or(|best| best.1 == *reading.session.key());
    let first_error = answers.iter().find_map(|answer| answer.said.as_ref().err().cloned());
    let readings = answers.into_iter().enumerate().filter_map(|(place, answer)| {
        let reading = answer.reading.filter(|_| answer.said.is_ok())?;
        Some((place, reading))
    });
    let found = readings.into_iter().find(|(_, reading)| is_meant(reading));
    match (found, best) {
        (Some(found), _) => Ok(found),
        (None, Some((_, key))) => connect(context, &key, "it was made in").await,
        (None, None) => {
            Err(first_error.unwrap_or_else(|| CliError::new(Ending::NotFound, "no region is configured")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_tells_its_account() {
        assert_eq!(account_of_role("arn:aws:iam::111122223333:role/on-call/Reader"), Some("111122223333"));
        assert_eq!(account_of_role("Reader"), None);
        assert_eq!(account_of_role("arn:aws:iam:::role/Reader"), None);
    }
}
