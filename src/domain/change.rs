//! Changes: what will be done to what, why it is safe to do, and what became of it.
//!
//! A [`Plan`] is a value: it can be printed, saved, compared and put into the journal. Nothing here
//! sends anything.

mod lever;
mod request;
mod settings;
mod target;
pub mod words;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use lever::Lever;
pub use request::{AccessLogSettings, PatchOperation, PatchVerb, Request, RouteSettings, StageUpdate};
pub use settings::{Precondition, SettingChange, Settings, Standing, number};
pub use target::{ConnectionsTarget, KeyTarget, PlanTarget, Target, WafTarget};

use super::id::{BulkId, ChangeId};
use super::identity::RegionKey;
use super::levers::{in_words, label};
use super::what_if::WhatIf;
use super::what_if::quota::QuotaWhatIf;

/// How much care a change asks for; it decides how it is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Asks y or n.
    Low,
    /// Asks for the target's name.
    High,
    /// Asks for the target's name, and then once more: it may stop all traffic.
    Severe,
}

impl Risk {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::High => "high",
            Self::Severe => "severe",
        }
    }
}

/// One request with what it is called where it is sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedCall {
    pub service: String,
    pub operation: String,
    /// The request line, such as `DELETE /restapis/a1b2c3/stages/prod/cache/data`.
    pub request: String,
    /// What goes with it, such as patch operations, a line each.
    pub body: Vec<String>,
}

/// One request of a change, and how it is seen to have taken effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub call: PlannedCall,
    pub request: Request,
    /// What the target's settings say once it has taken effect. Without any, nothing that can be read tells
    /// whether it was done.
    pub changes: Vec<SettingChange>,
    /// What the target's settings say once it has settled, such as a cache that is `AVAILABLE` again.
    pub settled: Vec<Precondition>,
}

impl Step {
    /// Whether the target tells if this step was done.
    pub fn can_be_told(&self) -> bool {
        !self.changes.is_empty()
    }
}

/// One field that the change alters, in words for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: String,
    pub before: String,
    pub after: String,
}

/// The traffic that the change touches, over `minutes` whole minutes up to `until`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BlastRadius {
    pub minutes: u32,
    pub until: Option<Timestamp>,
    /// None where CloudWatch has no data: no traffic, or none published yet.
    pub requests_per_second: Option<f64>,
    /// Hits over hits and misses, 0 to 1.
    pub cache_hit_rate: Option<f64>,
    /// Requests per second that the cache answers now and the backend will get. Of changes after which the cache
    /// keeps less, or nothing.
    pub shifted_to_backend_per_second: Option<f64>,
    /// The stages behind the target, where it is none itself: `cell-01-api/prod`, and by what it is behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<String>,
    /// The API keys that the target holds for, where it is a usage plan or a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<KeysReached>,
    /// The names of the APIs behind the target that are production by their tags.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub production: BTreeSet<String>,
    /// Requests of the last hour that a rule of AWS WAF matched and that a change of its action treats otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched_last_hour: Option<u64>,
}

/// API keys with what they use, as AWS tells it by the day (GetUsage): CloudWatch has no metrics of keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeysReached {
    pub count: usize,
    /// Requests of all of them today, in UTC.
    pub used_today: u64,
    /// The mean of that since midnight.
    pub per_second: f64,
}

/// How a change is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// The settings that were changed are put back; what to know about that.
    Possible { how: String },
    /// It can't be; here is why.
    Impossible { why: String },
}

/// What is watched once the change is made. It stands in the intent, so that a watch that was cut off is known
/// and can be gone on with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedGuard {
    /// As [`super::condition::Condition`] reads and prints it.
    pub condition: String,
    /// For how long it must hold.
    pub seconds: i64,
    /// Whether a breach takes the change back.
    pub undo: bool,
    /// The stage whose signals are watched.
    pub stage: Target,
}

/// A change, ready to be confirmed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub lever: Lever,
    /// The account and region that the change is pinned to.
    pub region: RegionKey,
    pub target: Target,
    pub risk: Risk,
    /// In the order in which they are sent.
    pub steps: Vec<Step>,
    pub fields: Vec<FieldChange>,
    /// IAM actions with the resource they need, such as `apigateway:DELETE on arn:...`.
    pub iam: Vec<String>,
    pub blast_radius: BlastRadius,
    /// What it costs, in words; none where AWS bills nothing for it.
    pub cost: Option<String>,
    pub undo: Undo,
    /// What the plan rests on, beside the settings that it alters. `apply` reads it again.
    pub preconditions: Vec<Precondition>,
    /// What the operator should know before saying yes.
    pub warnings: Vec<String>,
    /// What a throttle would have done to the traffic of the last hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what_if: Option<WhatIf>,
    /// What a quota would mean for the keys of a usage plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<QuotaWhatIf>,
    /// What is watched afterwards; none where nobody asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<PlannedGuard>,
    /// The change that this one takes back.
    pub undoes: Option<ChangeId>,
    /// The change of several targets that this one is a part of; known once that is carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bulk: Option<BulkId>,
    /// When the target was read.
    pub planned_at: Timestamp,
}

impl Plan {
    /// Whether an API that is production by its tags is behind the target.
    pub fn reaches_production(&self) -> bool {
        !self.blast_radius.production.is_empty()
    }

    /// All settings that the change alters, in the order of its steps.
    pub fn changes(&self) -> Vec<SettingChange> {
        self.steps.iter().flat_map(|step| step.changes.iter().cloned()).collect()
    }

    /// What the target must say before the first request: the first values of what is altered, and what the
    /// plan rests on.
    pub fn rests_on(&self) -> Vec<Precondition> {
        let mut all: Vec<Precondition> = Vec::new();
        for change in self.steps.iter().flat_map(|step| &step.changes) {
            // A later step finds what an earlier one left.
            if all.iter().all(|known| known.setting != change.setting) {
                all.push(Precondition { setting: change.setting.clone(), value: change.before.clone() });
            }
        }
        all.extend(self.preconditions.iter().cloned());
        all
    }

    /// How the target differs from what the plan rests on; none where it still holds.
    pub fn moved(&self, settings: &Settings) -> Option<String> {
        let rests_on = self.rests_on();
        let broken = rests_on.iter().filter(|condition| condition.is_broken_by(settings));
        let differences = broken
            .flat_map(|condition| self.difference(&condition.setting, condition.value.as_ref(), settings));
        let told: Vec<_> = differences
            .map(|differs| format!("{} was {}, now it is {}", differs.field, differs.before, differs.after))
            .collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    /// How a setting reads otherwise than it should, in words.
    pub fn difference(
        &self,
        setting: &str,
        expected: Option<&String>,
        settings: &Settings,
    ) -> Vec<FieldChange> {
        let after = settings.get(setting).map(str::to_owned);
        let setting = setting.to_owned();
        in_words(&self.target, &SettingChange { setting, before: expected.cloned(), after })
    }

    /// What a setting of the target is called where people read it.
    pub fn label(&self, setting: &str) -> String {
        label(&self.target, setting)
    }
}

/// A change that must not be made; the exit code is 3.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the cache of {target} is off: there is nothing to flush")]
    CacheOff { target: String },
    #[error("{target} is {kind}: AWS can't {what} there")]
    NotOnThisKind { target: String, kind: &'static str, what: &'static str },
    #[error("the cache of {target} is {status}: it can be changed once it is AVAILABLE")]
    CacheBusy { target: String, status: String },
    #[error("{what}: {value} is not legal; {legal}")]
    Illegal { what: String, value: String, legal: String },
    #[error("nothing to change: {target} is so already ({how})")]
    Unchanged { target: String, how: String },
    #[error("{target}: {why}")]
    Forbidden { target: String, why: String },
    #[error("this session is read-only: {why}")]
    ReadOnly { why: String },
    #[error("{target} has changed since the plan was made: {difference}")]
    Moved { target: String, difference: String },
    #[error("{target} was changed after {change}: {difference}")]
    ChangedSince { target: String, change: ChangeId, difference: String },
    #[error("{change} can't be undone: {why}")]
    NoUndo { change: ChangeId, why: String },
    #[error("another change to {target} is running on this machine")]
    Locked { target: String },
    #[error("{target} is being changed by {holder}, whose lease lasts until {until}")]
    Leased { target: String, holder: String, until: Timestamp },
    #[error("the change {change} to {target} was never finished")]
    Open { target: String, change: ChangeId },
    #[error("{refused} of {count} targets are refused: {why}")]
    Targets { refused: usize, count: usize, why: String },
    #[error("nothing to change: {why}")]
    NothingLeft { why: String },
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
    /// Some steps were done and the others weren't.
    Partly { done: Vec<String>, not_done: Vec<String>, why: String },
    /// It was sent and its fate can't be told: never repeated by itself.
    Unknown { why: String },
}

impl Outcome {
    /// One word for it, for lists and scripts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::NotApplied { .. } => "not-applied",
            Self::Partly { .. } => "partly-applied",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// Why it isn't `applied`.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Applied => None,
            Self::NotApplied { why } | Self::Partly { why, .. } | Self::Unknown { why } => Some(why),
        }
    }
}
