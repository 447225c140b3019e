//! Changes: what will be done to what, why it is safe to do, and what became of it.
//!
//! A [`Plan`] is a value: it can be printed, compared and put into the journal. Nothing here
//! sends anything.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::identity::RegionKey;
use super::stage::CacheStatus;
use super::target::StageTarget;

/// What can be altered. Each lever stands here once; faces, IAM policies and tests read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lever {
    FlushStageCache,
}

impl Lever {
    pub fn title(self) -> &'static str {
        match self {
            Self::FlushStageCache => "flush the stage cache",
        }
    }
}

/// How much care a change asks for; it decides how it is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Asks y or n.
    Low,
    /// Asks for the target's name.
    High,
}

/// One request that the change will send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedCall {
    pub service: String,
    pub operation: String,
    /// The request line, such as `DELETE /restapis/a1b2c3/stages/prod/cache/data`.
    pub request: String,
}

/// One field that the change alters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: String,
    pub before: String,
    pub after: String,
}

/// The traffic that the change touches, over `minutes` whole minutes up to `until`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlastRadius {
    pub minutes: u32,
    pub until: Option<Timestamp>,
    /// None where CloudWatch has no data: no traffic, or none published yet.
    pub requests_per_second: Option<f64>,
    /// Hits over hits and misses, 0 to 1.
    pub cache_hit_rate: Option<f64>,
    /// Requests per second that the cache answers now and the backend will get.
    pub shifted_to_backend_per_second: Option<f64>,
}

/// How a change is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// It can't be; here is why.
    Impossible { why: String },
}

/// What the plan rests on. `apply` reads it again and refuses where it no longer holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precondition {
    CacheEnabled { size: Option<String> },
    CacheStatusIs { status: CacheStatus },
}

/// A change, ready to be confirmed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub lever: Lever,
    /// The account and region that the change is pinned to.
    pub region: RegionKey,
    pub target: StageTarget,
    pub risk: Risk,
    pub calls: Vec<PlannedCall>,
    pub fields: Vec<FieldChange>,
    /// IAM actions with the resource they need, such as `apigateway:DELETE on arn:...`.
    pub iam: Vec<String>,
    pub blast_radius: BlastRadius,
    pub undo: Undo,
    pub preconditions: Vec<Precondition>,
    /// What the operator should know before saying yes.
    pub warnings: Vec<String>,
    /// When the target was read.
    pub planned_at: Timestamp,
}

/// A change that must not be made; the exit code is 3.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the cache of {target} is off: there is nothing to flush")]
    CacheOff { target: String },
    #[error("{target} is on an {kind} API, and only REST APIs have a response cache")]
    NoCacheOnThisKind { target: String, kind: String },
    #[error("the cache of {target} is {status}: it can be flushed once it is AVAILABLE")]
    CacheBusy { target: String, status: CacheStatus },
    #[error("this session is read-only: {why}")]
    ReadOnly { why: String },
    #[error("{target} has changed since the plan was made: {difference}")]
    Moved { target: String, difference: String },
    #[error("another change to {target} is running on this machine")]
    Locked { target: String },
    #[error("{target} is being changed by {holder}, whose lease lasts until {until}")]
    Leased { target: String, holder: String, until: Timestamp },
    #[error("not confirmed")]
    NotConfirmed,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Sent, and seen to have taken effect.
    Applied,
    /// AWS refused it, or it never left: nothing was changed.
    NotApplied { why: String },
    /// It was sent and its fate can't be told: never repeated by itself.
    Unknown { why: String },
}

impl Outcome {
    /// One word for it, for lists and scripts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::NotApplied { .. } => "not-applied",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// Why it isn't `applied`.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Applied => None,
            Self::NotApplied { why } | Self::Unknown { why } => Some(why),
        }
    }
}
