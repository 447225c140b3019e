//! The stages that names and patterns mean, with one reading for all of them.

use std::collections::BTreeSet;

use crate::cli::change::bulk::arguments::is_pattern;
use crate::cli::change::targets::{Found, reference};
use crate::cli::exit::{CliError, Ending};
use crate::cli::reading::Reading;
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

/// Finds all stages that were named, in their order; those of a pattern by name.
///
/// # Errors
/// Where a name or a pattern finds nothing, a name finds several, or a list can't be read.
pub async fn all(typed: &[String], reading: &mut Reading<'_>) -> Result<Vec<Found>, CliError> {
    let references = typed.iter().map(|typed| reference(typed)).collect::<Result<Vec<_>, _>>()?;
    reading.read("APIs", vec![Request::Apis]).await?;
    let mut wanted = Vec::new();
    for (typed, reference) in typed.iter().zip(references) {
        if is_pattern(typed) {
            wanted.extend(matching(typed, &reference, reading)?);
        } else {
            wanted.push(Wanted { api: reading.api(&reference.api)?, stage: reference.stage, pattern: None });
        }
    }
    let mut known = BTreeSet::new();
    let apis = wanted.iter().map(|wanted| &wanted.api).filter(|api| known.insert(api.id.clone()));
    let requests = apis.map(|api| Request::Stages(Family::of(api))).collect();
    reading.read("stages", requests).await?;
    let mut found = Vec::new();
    for one in &wanted {
        found.extend(stages(one, reading)?);
    }
    for typed in typed.iter().filter(|typed| is_pattern(typed)) {
        let hit = wanted.iter().filter(|one| one.pattern.as_ref() == Some(typed));
        if hit.map(|one| stages(one, reading)).collect::<Result<Vec<_>, _>>()?.iter().all(Vec::is_empty) {
            return Err(CliError::new(Ending::NotFound, format!("no stage is called like {typed}"))
                .hint("`cellgate get stages` lists the stages"));
        }
    }
    Ok(found)
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
