//! Targets as an operator names them: `API/STAGE`, each by name or id.

use std::fmt;

use super::estate::{ApiEntry, Estate, RegionSlot};
use super::failure::Failure;
use super::id::{ApiId, StageName};
use super::part::Part;

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
    /// A name says nothing while the list is not whole: its rest may hold another of that name.
    #[error("whether '{wanted}' names one API can't be told, an id could: {failure}")]
    Unlisted { wanted: String, failure: Box<Failure> },
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
/// `Unlisted` for a name where a list of APIs could not be read to its end, `UnknownApi` with the
/// nearest name, or `Ambiguous` with the ids of all that share the name.
pub fn resolve_api<'estate>(
    estate: &'estate Estate,
    wanted: &str,
) -> Result<(RegionSlot, &'estate ApiEntry), TargetError> {
    let all = estate.apis();
    if let Some(found) = all.iter().find(|(_, entry)| entry.api.id.as_str() == wanted) {
        return Ok(*found);
    }
    let mut listings = estate.regions().flat_map(|(_, region)| region.listings.values());
    if let Some(failure) = listings.find_map(Part::failure) {
        return Err(TargetError::Unlisted { wanted: wanted.to_owned(), failure: Box::new(failure.clone()) });
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
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::api::{Api, ApiFamily, ApiKind, EndpointType};
    use crate::domain::failure::FailureKind;
    use crate::domain::inventory::{Generation, News, Update};
    use jiff::Timestamp;

    /// An estate with these REST APIs by id and name, whose other list ended like this.
    fn estate(apis: &[(&str, &str)], other_list: Result<(), Failure>) -> Estate {
        let generation = Generation(1);
        let apis = apis
            .iter()
            .map(|(id, name)| Api {
                id: (*id).into(),
                name: (*name).to_owned(),
                kind: ApiKind::Rest,
                description: None,
                created: None,
                endpoint_type: EndpointType::Regional,
                default_endpoint_disabled: false,
                tags: BTreeMap::new(),
            })
            .collect();
        let mut estate = Estate::new(1);
        for news in [
            News::ApiPage { generation, apis },
            News::ApisListed { generation, family: ApiFamily::V1, outcome: Ok(()) },
            News::ApisListed { generation, family: ApiFamily::V2, outcome: other_list },
        ] {
            estate.apply(Update { slot: RegionSlot(0), at: Timestamp::UNIX_EPOCH, news });
        }
        estate
    }

    #[test]
    fn an_id_wins_and_a_name_has_to_be_the_only_one() {
        let estate = estate(&[("a1", "orders"), ("b2", "orders"), ("c3", "a1"), ("d4", "users")], Ok(()));
        let id = |wanted| resolve_api(&estate, wanted).map(|(_, entry)| entry.api.id.to_string());
        assert_eq!(id("a1").unwrap(), "a1");
        assert_eq!(id("users").unwrap(), "d4");
        let ambiguous = id("orders").unwrap_err().to_string();
        assert_eq!(ambiguous, "'orders' is the name of 2 APIs: use an id, one of a1 (REST), b2 (REST)");
        let unknown = id("user").unwrap_err().to_string();
        assert_eq!(unknown, "no API is called 'user'; did you mean 'users'?");
    }

    #[test]
    fn where_a_list_broke_off_only_an_id_resolves() {
        let broken = Failure::new("GetApis", "", FailureKind::Service, "internal error");
        let estate = estate(&[("a1", "orders")], Err(broken.clone()));
        assert_eq!(resolve_api(&estate, "a1").unwrap().1.api.name, "orders");
        for name in ["orders", "nowhere"] {
            let error = resolve_api(&estate, name).unwrap_err();
            assert_eq!(
                error,
                TargetError::Unlisted { wanted: name.to_owned(), failure: Box::new(broken.clone()) }
            );
            assert!(error.to_string().contains("GetApis failed: internal error"), "{error}");
        }
    }

    #[test]
    fn the_last_slash_divides() {
        let parsed: StageReference = "team/orders-api/prod".parse().unwrap();
        assert_eq!((parsed.api.as_str(), parsed.stage.as_str()), ("team/orders-api", "prod"));
        for wrong in ["", "orders-api", "orders-api/", "/prod", "/"] {
            assert!(wrong.parse::<StageReference>().is_err(), "{wrong}");
        }
    }
}
