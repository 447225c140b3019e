//! Bulk changes: one lever pulled at several targets, confirmed once and carried out in waves.
//!
//! A part is a plan like any other, with its own preconditions, its own record in the journal and its own way
//! back; a bulk adds the order, the pace and the rule that the first failure stops it.

mod pace;
mod standing;
mod sum;
mod waves;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use pace::{Pace, PaceError};
pub use standing::{Counts, PartState, Stop};
pub use sum::Refused;
pub use waves::{Waves, WavesError};

use super::change::{BlastRadius, Lever, Plan, Refusal, Risk, Target};
use super::history::{self, ChangeHistory};
use super::id::BulkId;
use super::identity::RegionKey;

/// From so many targets on, the risk is high whatever the lever: more than the first two waves.
const MANY: usize = 12;

/// A change of several targets, ready to be confirmed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BulkPlan {
    pub lever: Lever,
    /// The account and region that all parts are pinned to.
    pub region: RegionKey,
    /// The highest of the parts', and high where there are many or where they are production.
    pub risk: Risk,
    /// A change for each target, in the order in which they are made.
    pub parts: Vec<Plan>,
    pub waves: Waves,
    pub pace: Pace,
    /// Targets that stay as they are, since there is nothing to do or since the operator said so.
    pub left_out: Vec<LeftOut>,
    /// Targets that can't be changed. While there is one, nothing is sent to any; but where a bulk is taken
    /// back, the others are.
    pub refused: Vec<LeftOut>,
    /// Of all parts together.
    pub blast_radius: BlastRadius,
    /// The bulk that this one takes back. Such a one goes on after a failure: the more is put back, the better.
    pub undoes: Option<BulkId>,
    pub planned_at: Timestamp,
}

/// A target that is not changed, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    pub target: Target,
    pub why: String,
}

/// How a bulk is to be carried out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BulkOptions {
    pub waves: Waves,
    /// None: as fast as AWS's quotas bear for the lever.
    pub pace: Option<Pace>,
    /// Change the others where some targets are refused.
    pub leave_out_refused: bool,
    /// The targets are production, or some of them are.
    pub production: bool,
}

/// A target that is not changed: as wanted already, or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotPlanned {
    AsWanted(LeftOut),
    Refused(LeftOut),
}

impl BulkPlan {
    /// Puts the plans of the targets together, in their order.
    pub fn of(
        lever: Lever,
        region: RegionKey,
        planned: Vec<Result<Plan, NotPlanned>>,
        options: &BulkOptions,
        planned_at: Timestamp,
    ) -> Self {
        let (mut parts, mut left_out, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for one in planned {
            match one {
                Ok(plan) => parts.push(plan),
                Err(NotPlanned::AsWanted(one)) => left_out.push(one),
                Err(NotPlanned::Refused(one)) if options.leave_out_refused => left_out.push(one),
                Err(NotPlanned::Refused(one)) => refused.push(one),
            }
        }
        Self {
            lever,
            region,
            risk: risk(&parts, options.production),
            blast_radius: sum::blast_radius(&parts),
            parts,
            waves: options.waves.clone(),
            pace: options.pace.unwrap_or_else(|| Pace::of(lever)),
            left_out,
            refused,
            undoes: None,
            planned_at,
        }
    }

    /// The same as the way back of `bulk`: all in one wave.
    #[must_use]
    pub fn taking_back(mut self, bulk: BulkId) -> Self {
        self.undoes = Some(bulk);
        self.waves = Waves::all_at_once();
        self
    }

    /// Why nothing may be sent, where that is so.
    pub fn refusal(&self) -> Option<Refusal> {
        let told = |all: &[LeftOut]| {
            all.iter().map(|one| format!("{}: {}", one.target, one.why)).collect::<Vec<_>>().join("; ")
        };
        if self.undoes.is_some() && !self.parts.is_empty() {
            return None;
        }
        if !self.refused.is_empty() {
            let count = self.refused.len() + self.parts.len() + self.left_out.len();
            return Some(Refusal::Targets { refused: self.refused.len(), count, why: told(&self.refused) });
        }
        let why =
            if self.left_out.is_empty() { "none of it stands".to_owned() } else { told(&self.left_out) };
        self.parts.is_empty().then_some(Refusal::NothingLeft { why })
    }

    /// What is typed to confirm it where y would be too little: the lever and the number of targets, so that
    /// both were read.
    pub fn phrase(&self) -> String {
        format!("{} {}", self.lever.name(), self.parts.len())
    }

    /// `5 targets`.
    pub fn count(&self) -> String {
        match self.parts.len() {
            1 => "1 target".to_owned(),
            count => format!("{count} targets"),
        }
    }

    /// How long the pace alone makes it take, in seconds: from the first change's start to the last one's.
    pub fn seconds(&self) -> u64 {
        self.pace.seconds_for(self.parts.len())
    }

    /// How many targets each wave has.
    pub fn wave_sizes(&self) -> Vec<usize> {
        self.waves.split(self.parts.len()).iter().map(std::iter::ExactSizeIterator::len).collect()
    }
}

/// One plan for many targets does more harm than one for one, even where each part is harmless.
fn risk(parts: &[Plan], production: bool) -> Risk {
    let highest = parts.iter().map(|plan| plan.risk).max().unwrap_or(Risk::Low);
    let production = production || parts.iter().any(Plan::reaches_production);
    let several = parts.len() >= 2;
    if parts.len() >= MANY || several && production { highest.max(Risk::High) } else { highest }
}

/// Targets without repetition, in the order in which each was named first.
pub fn distinct<T>(targets: Vec<T>, region: &RegionKey, target: impl Fn(&T) -> &Target) -> Vec<T> {
    let mut known = BTreeSet::new();
    targets.into_iter().filter(|one| known.insert(target(one).lock_name(region))).collect()
}

/// The changes of a bulk by the journal, newest first, that stand: made or begun, and not taken back.
pub fn standing_changes<'history>(
    history: &'history [ChangeHistory],
    bulk: &BulkId,
) -> Vec<&'history ChangeHistory> {
    let undone = history::undone(history);
    let own = history.iter().rev().filter(|change| change.plan.bulk.as_ref() == Some(bulk));
    own.filter(|change| !undone.contains(&change.id) && change.may_stand()).collect()
}

#[cfg(test)]
mod tests;
