//! What each lever wants of an HTTP or WebSocket stage.

mod logs;
mod throttle;

use super::draft::{Draft, Facts, unchanged};
use super::http_stage::{self, BURST, RATE, entry, entry_changes};
use super::wanted::{RollbackTo, Wanted};
use super::{legal, rollback};
use crate::domain::change::{Lever, Refusal, Request, Risk, SettingChange, Settings, Target, Undo};
use crate::domain::method::MethodKey;
use crate::domain::suggest::nearest;
use crate::domain::target::StageTarget;

/// A stage with all that its levers ask about it.
struct Desk<'draft> {
    target: &'draft Target,
    stage: &'draft StageTarget,
    settings: &'draft Settings,
    facts: &'draft Facts,
}

/// The change of one stage that brings `wanted` about.
///
/// # Errors
/// As [`super::draft`].
pub fn draft(
    target: &Target,
    stage: &StageTarget,
    wanted: &Wanted,
    settings: &Settings,
    facts: &Facts,
) -> Result<Draft, Refusal> {
    let desk = Desk { target, stage, settings, facts };
    match wanted {
        Wanted::FlushAuthorizersCache => return desk.reset_authorizers(),
        Wanted::FlushStageCache | Wanted::Cache(_) | Wanted::Canary(_) => {
            return Err(desk.lacks(wanted.lever().title()));
        }
        Wanted::Logging(wanted) => desk.judge_kind(wanted)?,
        _ => {}
    }
    http_stage::refuse_managed(target, settings)?;
    match wanted {
        Wanted::SetThrottle { method, rate, burst } => desk.set_throttle(method, *rate, *burst),
        Wanted::ClearThrottle { method } => desk.clear_throttle(method),
        Wanted::Rollback { to } => desk.roll_back(to),
        Wanted::StageVariables { set, unset } => {
            set.keys().chain(unset).try_for_each(|name| legal::judge_variable_name(name))?;
            let named = |name: &str| format!("{}{name}", http_stage::VARIABLES);
            let set = set.iter().map(|(name, value)| settings.change_to(named(name), Some(value.clone())));
            let unset = unset.iter().map(|name| settings.change_to(named(name), None));
            let changes: Vec<_> = set.chain(unset).flatten().collect();
            let many = settings.after(&changes).under(http_stage::VARIABLES).count();
            if many > legal::MOST_VARIABLES {
                return Err(Refusal::Illegal {
                    what: "stage variables".to_owned(),
                    value: many.to_string(),
                    legal: format!("AWS takes up to {}", legal::MOST_VARIABLES),
                });
            }
            Ok(desk
                .of(&changes, "its variables are those already")?
                .with_risk(Risk::High)
                .warn("integrations that refer to these variables go elsewhere at once"))
        }
        Wanted::Logging(wanted) => desk.logging(wanted),
        Wanted::AccessLogs(wanted) => desk.access_logs(wanted),
        other => Err(desk.lacks(other.lever().title())),
    }
}

impl Desk<'_> {
    /// `what` AWS can't do there, in the imperative.
    fn lacks(&self, what: &'static str) -> Refusal {
        Refusal::NotOnThisKind { target: self.target.to_string(), kind: self.target.kind(), what }
    }

    fn forbidden(&self, why: impl Into<String>) -> Refusal {
        Refusal::Forbidden { target: self.target.to_string(), why: why.into() }
    }

    fn of(&self, changes: &[SettingChange], how: &str) -> Result<Draft, Refusal> {
        if changes.is_empty() {
            return Err(unchanged(self.target, how));
        }
        let steps = http_stage::steps(self.target, self.stage, changes, self.settings)?;
        Ok(Draft::of_settings(self.target, steps))
    }

    /// A change of settings of a route, or of all routes. Says which throttles had to be sent beside what
    /// was asked for.
    fn of_route(&self, method: &MethodKey, wanted: &[(&str, String)], how: &str) -> Result<Draft, Refusal> {
        self.refuse_unknown(method)?;
        let entry = entry(method);
        let changes = entry_changes(self.target, self.settings, &entry, wanted);
        let asked = |change: &&SettingChange| {
            wanted.iter().any(|(name, _)| change.setting == format!("{entry}{name}"))
        };
        if !changes.iter().any(|change| asked(&change)) {
            return Err(unchanged(self.target, how));
        }
        let mut draft = self.of(&changes, how)?;
        let sent: Vec<_> = draft.steps.iter().flat_map(|step| &step.changes).collect();
        let filled = sent.into_iter().filter(|change| {
            change.before.is_none()
                && (change.setting.ends_with(RATE) || change.setting.ends_with(BURST))
                && !asked(change)
        });
        let filled: Vec<_> = filled
            .map(|change| {
                let value = change.after.as_deref().unwrap_or_default();
                format!("{} as {value}", http_stage::label(&change.setting))
            })
            .collect();
        if !filled.is_empty() {
            draft = draft.warn(format!(
                "not set so far, and sent with what holds now, the stage's default or the account's limit: {}. AWS \
                 takes a throttle that is left out for 0",
                filled.join(", ")
            ));
        }
        Ok(draft)
    }

    /// AWS: settings are for routes that the API has.
    fn refuse_unknown(&self, method: &MethodKey) -> Result<(), Refusal> {
        let key = method.to_string();
        let routes = http_stage::routes_of_api(self.settings);
        if *method == MethodKey::All || routes.is_empty() || routes.contains(&key) {
            return Ok(());
        }
        let meant = nearest(&key, routes.iter().map(String::as_str));
        let meant = meant.map(|route| format!("; did you mean {route}?")).unwrap_or_default();
        Err(self.forbidden(format!("its API has no route {key}{meant}")))
    }

    fn roll_back(&self, to: &RollbackTo) -> Result<Draft, Refusal> {
        let (settings, facts) = (self.settings, self.facts);
        let (deployment, found) =
            rollback::choose(self.target, to, settings.get(http_stage::DEPLOYMENT), facts)?;
        let chosen = facts.deployments.iter().find(|known| known.id == deployment);
        // The enumeration says DEPLOYED, AWS's text says SUCCEEDED.
        if let Some(status) = chosen.and_then(|chosen| chosen.status.as_deref())
            && !matches!(status, "DEPLOYED" | "SUCCEEDED")
        {
            return Err(
                self.forbidden(format!("the deployment {deployment} is {status}: choose another one"))
            );
        }
        let auto_deploys = settings.get(http_stage::AUTO_DEPLOY) == Some("true");
        let off = settings.change_to(http_stage::AUTO_DEPLOY, Some("false".to_owned()));
        let point = settings.change_to(http_stage::DEPLOYMENT, Some(deployment.to_string()));
        let changes: Vec<_> = off.filter(|_| auto_deploys).into_iter().chain(point).collect();
        let mut draft = self.of(&changes, "it points there already")?.with_risk(Risk::High);
        if let Some(found) = found {
            draft = draft.warn(format!("{deployment}: {found}"));
        }
        draft = draft
            .warn(
                "AWS doesn't tell which routes a deployment of such an API has: what is different in it can't be \
                 shown, and routes that it lacks are answered with 404",
            )
            .warn("variables, throttles and logs belong to the stage and stay as they are");
        if auto_deploys {
            draft = draft.warn(
                "AutoDeploy is turned off first, and stays off: changes of the API reach the stage by a deployment \
                 of your own from then on",
            );
            draft.undo = Undo::Possible {
                how: "points the stage back, and leaves AutoDeploy off unless --auto-deploy asks for it: turning it \
                      on may deploy today's routes"
                    .to_owned(),
            };
        }
        Ok(draft)
    }

    fn reset_authorizers(&self) -> Result<Draft, Refusal> {
        if !matches!(self.target, Target::HttpStage(_)) {
            return Err(self.lacks(Lever::FlushAuthorizersCache.title()));
        }
        let (api, stage) = (self.stage.api.clone(), self.stage.stage.clone());
        Ok(Draft::of_flushed_authorizers(Request::ResetAuthorizersCache { api, stage }))
    }
}

/// What a way back does with AutoDeploy.
pub fn weigh_undo(draft: Draft, undoes_switch: bool) -> Draft {
    let turned_on =
        draft.steps.iter().flat_map(|step| &step.changes).any(|change| {
            change.setting == http_stage::AUTO_DEPLOY && change.after.as_deref() == Some("true")
        });
    if turned_on {
        draft
            .with_risk(Risk::High)
            .warn("AutoDeploy is turned on again: AWS may deploy today's routes to the stage at once")
    } else if undoes_switch {
        draft.warn(
            "AutoDeploy stays off: turning it on again may deploy today's routes, and --auto-deploy does it",
        )
    } else {
        draft
    }
}

#[cfg(test)]
mod tests;
