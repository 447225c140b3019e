//! The stages that names and patterns mean, with one reading for all of them; of several regions, in the one that has
//! all of them.

use std::collections::BTreeSet;

use crate::cli::change::bulk::arguments::is_pattern;
use crate::cli::change::targets::{Found, reference};
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::interrupt;
use crate::cli::reading::Reading;
use crate::cli::resolve::{Resolved, Said, place_of, take};
use crate::cli::side_by_side::{self, Answer};
use crate::domain::api::Api;
use crate::domain::cell::matches_glob;
use crate::domain::change::Target;
use crate::domain::id::StageName;
use crate::domain::target::{StageReference, StageTarget, unknown_stage};
use crate::ops::inventory::{Family, Request};

/// An API, and which of its stages are meant.
struct Wanted {
    api: Api,
    stage: String,
    /// As it was typed, where it stands for all that it matches.
    pattern: Option<String>,
}

/// The stages of each name that was typed, or why there are none.
type ByName = Vec<Result<Vec<Found>, CliError>>;

/// Finds all stages that were named, in their order; those of a pattern by name.
///
/// # Errors
/// Where a name or a pattern finds nothing, a name finds several, or a list can't be read; where not all of them are
/// in one region, or one that can't be read may have them, too.
pub async fn locate<'context>(
    typed: &[String],
    context: &'context Context,
) -> Result<Resolved<'context, Vec<Found>>, CliError> {
    let references = typed.iter().map(|typed| reference(typed)).collect::<Result<Vec<_>, _>>()?;
    let find = async |reading: &mut Reading<'_>| by_name(typed, &references, reading).await;
    let answers = side_by_side::ask(context, &interrupt::watch(), find).await?;
    let place = if answers.len() < 2 { 0 } else { one_region(typed, &answers)? };
    let Resolved { place, reading, found } = take(answers, place, &typed.join(", "))?;
    let found = found.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(Resolved { place, reading, found: found.into_iter().flatten().collect() })
}

/// The place of the region that has every one of these names.
fn one_region(typed: &[String], answers: &[Answer<'_, ByName>]) -> Result<usize, CliError> {
    let mut places: Vec<usize> = Vec::new();
    for (number, name) in typed.iter().enumerate() {
        let said: Vec<Said<'_>> = answers
            .iter()
            .map(|answer| {
                let error = match &answer.said {
                    Ok(by_name) => by_name.get(number).and_then(|found| found.as_ref().err()),
                    Err(error) => Some(error),
                };
                answer.outcome_of(error)
            })
            .collect();
        places.push(place_of(name, &said)?);
    }
    let first = places.first().copied().unwrap_or_default();
    let Some(other) = places.iter().position(|place| *place != first) else { return Ok(first) };
    let name = |place: usize| answers.get(place).map_or("", |answer| answer.region.name());
    let message = format!(
        "one plan is of one region: {} is in {}, and {} in {}",
        typed[0],
        name(first),
        typed[other],
        name(places[other])
    );
    Err(CliError::new(Ending::Usage, message).hint("name the stages of one region at a time"))
}

async fn by_name(
    typed: &[String],
    references: &[StageReference],
    reading: &mut Reading<'_>,
) -> Result<ByName, CliError> {
    reading.read("APIs", vec![Request::Apis]).await?;
    let wanted = typed.iter().zip(references).map(|(typed, reference)| {
        if is_pattern(typed) {
            return matching(typed, reference, reading);
        }
        let api = reading.api(&reference.api)?;
        Ok(vec![Wanted { api, stage: reference.stage.clone(), pattern: None }])
    });
    let wanted: Vec<Result<Vec<Wanted>, CliError>> = wanted.collect();
    let mut known = BTreeSet::new();
    let apis = wanted.iter().flatten().flatten().map(|wanted| &wanted.api);
    let requests =
        apis.filter(|api| known.insert(api.id.clone())).map(|api| Request::Stages(Family::of(api))).collect();
    reading.read("stages", requests).await?;
    let found = typed.iter().zip(wanted).map(|(typed, wanted)| {
        let mut found = Vec::new();
        for one in &wanted? {
            found.extend(stages(one, reading)?);
        }
        if found.is_empty() {
            return Err(CliError::new(Ending::NotFound, format!("no stage is called like {typed}"))
                .hint("`cellgate get stages` lists the stages"));
        }
        Ok(found)
    });
    Ok(found.collect())
}

/// The APIs whose names match. A list that isn't whole may lack some of them.
fn matching(typed: &str, reference: &StageReference, reading: &Reading<'_>) -> Result<Vec<Wanted>, CliError> {
    if let Some(failure) = reading.failures().into_iter().next() {
        let error = CliError::from(failure);
        let message = format!("which stages {typed} means can't be told: {}", error.message);
        return Err(CliError { message, ..error });
    }
    let apis = reading.apis().into_iter().filter(|entry| matches_glob(&reference.api, &entry.api.name));
    let wanted = apis.map(|entry| Wanted {
        api: entry.api.clone(),
        stage: reference.stage.clone(),
        pattern: Some(typed.to_owned()),
    });
    Ok(wanted.collect())
}

fn stages(wanted: &Wanted, reading: &Reading<'_>) -> Result<Vec<Found>, CliError> {
    let Wanted { api, stage, pattern } = wanted;
    let Some(entry) = reading.entry(api) else {
        return Err(CliError::new(Ending::NotFound, format!("the API {} has gone", api.name)));
    };
    if let Some(failure) = entry.stages.failure() {
        return Err(failure.clone().into());
    }
    let name = StageName::new(stage);
    if pattern.is_none() && entry.stage(&name).is_none() {
        return Err(unknown_stage(entry, &name).into());
    }
    let of_api = entry.stages.value().into_iter().flatten().map(|stage| &stage.name);
    let meant = of_api.filter(|known| match pattern {
        Some(_) => matches_glob(stage, known.as_str()),
        None => **known == name,
    });
    let found = meant.map(|stage| {
        let target = StageTarget { api: api.id.clone(), api_name: api.name.clone(), stage: stage.clone() };
        Found { target: Target::stage_of(api.kind, target), api: Some(api.clone()) }
    });
    Ok(found.collect())
}
