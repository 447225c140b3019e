//! Usage plans and API keys as an operator names them: by id, or by a name that only one of them has.

use crate::cli::exit::{CliError, Ending};
use crate::cli::interrupt::unless_interrupted;
use crate::cli::reading::Reading;
use crate::cli::status::Spinner;
use crate::domain::change::{KeyTarget, PlanTarget};
use crate::domain::suggest::nearest;
use crate::ops::api_keys;
use crate::ops::inventory::Request;

/// The usage plan that is meant.
///
/// # Errors
/// Unknown or ambiguous, or where the list of plans can't be read.
pub async fn usage_plan(wanted: &str, reading: &mut Reading<'_>) -> Result<PlanTarget, CliError> {
    reading.read("usage plans", vec![Request::UsagePlans]).await?;
    let part = reading.region().map(|region| &region.usage_plans);
    if let Some(failure) = part.and_then(|part| part.failure()) {
        return Err(failure.clone().into());
    }
    let plans = part.and_then(|part| part.value()).cloned().unwrap_or_default();
    let rows: Vec<(&str, &str)> = plans.iter().map(|plan| (plan.id.as_str(), plan.name.as_str())).collect();
    let place = one_of(wanted, &rows).map_err(|found| match found {
        Found::Several(ids) => ambiguous("usage plans", wanted, &ids),
        Found::None => {
            let meant = nearest(wanted, rows.iter().map(|(_, name)| *name));
            let meant = meant.map(|name| format!("; did you mean '{name}'?")).unwrap_or_default();
            CliError::new(Ending::NotFound, format!("no usage plan is called '{wanted}'{meant}"))
                .hint("`cellgate get plans` lists the usage plans")
        }
    })?;
    let plan = &plans[place];
    Ok(PlanTarget { id: plan.id.clone(), name: plan.name.clone() })
}

/// The API key that is meant.
///
/// # Errors
/// Unknown or ambiguous, or where the list of keys can't be read. What was typed isn't repeated: it may be a
/// key's value, which is a secret.
pub async fn api_key(wanted: &str, reading: &mut Reading<'_>) -> Result<KeyTarget, CliError> {
    let spinner = Spinner::start("reading API keys");
    let found = unless_interrupted(&reading.interruption, api_keys::read_api_keys(&reading.session)).await?;
    drop(spinner);
    // A name says nothing while the list is not whole: its rest may hold another of that name.
    if let Some(failure) = found.failures.into_iter().next() {
        return Err(failure.into());
    }
    let rows: Vec<(&str, &str)> = found.rows.iter().map(|key| (key.id.as_str(), key.name.as_str())).collect();
    let place = one_of(wanted, &rows).map_err(|found| match found {
        Found::Several(ids) => ambiguous("API keys", wanted, &ids),
        Found::None => CliError::new(Ending::NotFound, "no API key has this name or id")
            .hint("`cellgate get api-keys` lists the keys; a key's value names none"),
    })?;
    let key = &found.rows[place];
    Ok(KeyTarget { id: key.id.clone(), name: key.name.clone() })
}

/// Why a name doesn't lead to one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    None,
    /// Their ids.
    Several(Vec<String>),
}

/// The place of the one row, of id and name, that is meant: by id first, then by name.
fn one_of(wanted: &str, rows: &[(&str, &str)]) -> Result<usize, Found> {
    if let Some(place) = rows.iter().position(|(id, _)| *id == wanted) {
        return Ok(place);
    }
    let named: Vec<usize> = (0..rows.len()).filter(|place| rows[*place].1 == wanted).collect();
    match named.as_slice() {
        [one] => Ok(*one),
        [] => Err(Found::None),
        several => Err(Found::Several(several.iter().map(|place| rows[*place].0.to_owned()).collect())),
    }
}

fn ambiguous(what: &str, wanted: &str, ids: &[String]) -> CliError {
    let message =
        format!("'{wanted}' is the name of {} {what}: use an id, one of {}", ids.len(), ids.join(", "));
    CliError::new(Ending::Usage, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_wins_and_a_name_has_to_be_the_only_one() {
        let rows = [("p1", "Basic"), ("p2", "Free"), ("p3", "Free"), ("p4", "p1")];
        assert_eq!(one_of("p1", &rows), Ok(0));
        assert_eq!(one_of("Basic", &rows), Ok(0));
        assert_eq!(one_of("Free", &rows), Err(Found::Several(vec!["p2".to_owned(), "p3".to_owned()])));
        assert_eq!(one_of("basic", &rows), Err(Found::None));
    }
}
