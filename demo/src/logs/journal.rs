//! How the stages' logging was set up in the past.
//!
//! Log lines are made out when they are asked for. A format or a level that was set a minute ago must not change
//! what was written an hour ago, so the settings that held before a change are remembered here.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::estate::{Api, Estate, Stage};

/// An API as it was for a time.
#[derive(Clone, Debug)]
pub struct Version {
    pub from: Timestamp,
    pub until: Timestamp,
    pub api: Arc<Api>,
}

/// The versions of each API, oldest first.
#[derive(Debug, Default)]
pub struct Journal {
    apis: HashMap<String, Vec<Version>>,
}

impl Journal {
    /// Takes note of what has changed since the last look.
    pub fn observe(&mut self, estate: &Estate, now: Timestamp) {
        for api in &estate.apis {
            match self.apis.get_mut(&api.id) {
                None => {
                    let first = Version { from: Timestamp::MIN, until: Timestamp::MAX, api: Arc::clone(api) };
                    self.apis.insert(api.id.clone(), vec![first]);
                }
                Some(versions) => take_up(versions, api, now),
            }
        }
        if self.apis.len() > estate.apis.len() {
            let living: HashSet<&str> = estate.apis.iter().map(|api| api.id.as_str()).collect();
            for (_, versions) in self.apis.iter_mut().filter(|(id, _)| !living.contains(id.as_str())) {
                if let Some(last) = versions.last_mut() {
                    last.until = last.until.min(now);
                }
            }
        }
    }

    /// Every version of every API.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        self.apis.values().flatten()
    }
}

fn take_up(versions: &mut Vec<Version>, api: &Arc<Api>, now: Timestamp) {
    let Some(last) = versions.last_mut() else { return };
    if Arc::ptr_eq(&last.api, api) {
        return;
    }
    if logs_alike(&last.api, api) {
        last.api = Arc::clone(api);
        return;
    }
    // The stage says when it was changed; the last second that fits is the best guess otherwise.
    let changed = api.stages.iter().map(|stage| stage.last_updated).max();
    let changed = changed.filter(|changed| *changed > last.from && *changed <= now).unwrap_or(now);
    last.until = changed;
    versions.push(Version { from: changed, until: Timestamp::MAX, api: Arc::clone(api) });
}

/// Whether two versions of an API write the same lines of the same request.
fn logs_alike(left: &Api, right: &Api) -> bool {
    let alike = |(left, right): (&Stage, &Stage)| {
        left.name == right.name
            && left.access_log == right.access_log
            && left.web_acl_arn == right.web_acl_arn
            && left.settings.default == right.settings.default
            && left.settings.overrides == right.settings.overrides
    };
    left.stages.len() == right.stages.len() && left.stages.iter().zip(&right.stages).all(alike)
}
