//! Targets as an operator names them: `API/STAGE`, each by name or id.

use std::fmt;

use super::estate::{ApiEntry, Estate, RegionSlot};
use super::id::{ApiId, StageName};

/// `API/STAGE` as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageReference {
    /// A name or an id.
    pub api: String,
    pub stage: String,
}

/// A target that could not be read or found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    #[error("'{0}' does not name a stage: write API/STAGE, each by name or id, such as orders-api/prod")]
    Syntax(String),
    #[error("no API is called '{wanted}'{}", suggestion(.nearest.as_deref()))]
    UnknownApi { wanted: String, nearest: Option<String> },
    #[error("the API {api} has no stage '{wanted}'; it has {}", list_or(.stages, "none"))]
    UnknownStage { api: String, wanted: String, stages: Vec<String> },
    #[error("'{wanted}' is the name of {} APIs: use an id, one of {}", .candidates.len(), .candidates.join(", "))]
    Ambiguous { wanted: String, candidates: Vec<String> },
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; did you mean '{name}'?")).unwrap_or_default()
}

fn list_or(names: &[String], none: &str) -> String {
    if names.is_empty() { none.to_owned() } else { names.join(", ") }
}

impl std::str::FromStr for StageReference {
    type Err = TargetError;

    /// The last slash divides, since an API's name may hold slashes and a stage's may not.
    fn from_str(text: &str) -> Result<Self, TargetError> {
        match text.rsplit_once('/') {
            Some((api, stage)) if !api.is_empty() && !stage.is_empty() => {
                Ok(Self { api: api.to_owned(), stage: stage.to_owned() })
            }
            _ => Err(TargetError::Syntax(text.to_owned())),
        }
    }
}

impl fmt::Display for StageReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.api, self.stage)
    }
}

/// The one API that `wanted` names, by id first, then by name.
///
/// # Errors
/// `UnknownApi` with the nearest name, or `Ambiguous` with the ids of all that share the name.
pub fn resolve_api<'estate>(
    estate: &'estate Estate,
    wanted: &str,
) -> Result<(RegionSlot, &'estate ApiEntry), TargetError> {
    let all = estate.apis();
    if let Some(found) = all.iter().find(|(_, entry)| entry.api.id.as_str() == wanted) {
        return Ok(*found);
    }
    let named: Vec<_> = all.iter().filter(|(_, entry)| entry.api.name == wanted).collect();
    match named.as_slice() {
        [one] => Ok(**one),
        [] => {
            let names = all.iter().map(|(_, entry)| entry.api.name.as_str());
            let nearest = super::suggest::nearest(wanted, names).map(str::to_owned);
            Err(TargetError::UnknownApi { wanted: wanted.to_owned(), nearest })
        }
        several => Err(TargetError::Ambiguous {
            wanted: wanted.to_owned(),
            candidates: several
                .iter()
                .map(|(_, entry)| format!("{} ({})", entry.api.id, entry.api.kind))
                .collect(),
        }),
    }
}

/// The error for a stage that `entry` doesn't have.
pub fn unknown_stage(entry: &ApiEntry, wanted: &StageName) -> TargetError {
    TargetError::UnknownStage {
        api: entry.api.name.clone(),
        wanted: wanted.to_string(),
        stages: entry.stages.value().into_iter().flatten().map(|stage| stage.name.to_string()).collect(),
    }
}

/// A stage of an API, resolved.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StageTarget {
    pub api: ApiId,
    /// REST metrics are keyed by the API's name, not by its id (AWS: "API Gateway dimensions").
    #[serde(deserialize_with = "super::text::deserialise")]
    pub api_name: String,
    pub stage: StageName,
}

impl fmt::Display for StageTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&format!("{}/{}", self.api_name, self.stage))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_slash_divides() {
        let parsed: StageReference = "team/orders-api/prod".parse().unwrap();
        assert_eq!((parsed.api.as_str(), parsed.stage.as_str()), ("team/orders-api", "prod"));
        for wrong in ["", "orders-api", "orders-api/", "/prod", "/"] {
            assert!(wrong.parse::<StageReference>().is_err(), "{wrong}");
        }
    }
}
