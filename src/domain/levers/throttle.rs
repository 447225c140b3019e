//! Throttles of stages: numbers that are judged alike for both control planes.

use super::draft::{Draft, Facts};
use super::legal::Legal;
use super::{http_stage, rest_stage};
use crate::domain::change::{Refusal, Risk, SettingChange, Settings, Target, number};
use crate::domain::method::MethodKey;
use crate::domain::stage::Throttle;

/// Judges what an operator typed.
///
/// # Errors
/// `Illegal` for numbers that AWS doesn't take. Minus one is AWS's word for "none", and `clear` is ours.
pub fn judge(rate: Option<f64>, burst: Option<i64>) -> Result<(), Refusal> {
    let illegal = |what: &str, value: String, legal: Legal| {
        let said =
            legal.refuses(&value).or_else(|| value.starts_with('-').then(|| "it is negative".to_owned()));
        said.map_or(Ok(()), |legal| Err(Refusal::Illegal { what: what.to_owned(), value, legal }))
    };
    if let Some(rate) = rate {
        illegal("the rate", number(rate), Legal::Rate)?;
    }
    if let Some(burst) = burst {
        illegal("the burst", burst.to_string(), Legal::Burst)?;
    }
    if rate.is_none() && burst.is_none() {
        return Err(Refusal::Illegal {
            what: "the throttle".to_owned(),
            value: "neither rate nor burst".to_owned(),
            legal: "give one of them, or both".to_owned(),
        });
    }
    Ok(())
}

/// The one method or route whose throttle these changes alter; none where there is none, or several.
pub fn limited(target: &Target, changes: &[SettingChange]) -> Option<MethodKey> {
    let method = |change: &SettingChange| match target {
        Target::RestStage(_) => rest_stage::throttled(&change.setting),
        Target::HttpStage(_) | Target::WebSocketStage(_) => http_stage::throttled(&change.setting),
        _ => None,
    };
    let mut methods = changes.iter().filter_map(method);
    let first = methods.next()?;
    methods.all(|other| other == first).then_some(first)
}

/// The throttle that holds for a method or route of a stage. What has no settings of its own has the default's.
pub fn holding(target: &Target, settings: &Settings, method: &MethodKey) -> Throttle {
    let (entry, names) = match target {
        Target::RestStage(_) => {
            (rest_stage::entry(method).unwrap_or_default(), [rest_stage::RATE, rest_stage::BURST])
        }
        _ => (http_stage::entry(method), [http_stage::RATE, http_stage::BURST]),
    };
    if *method != MethodKey::All && settings.under(&entry).next().is_none() {
        return holding(target, settings, &MethodKey::All);
    }
    let get = |name: &str| settings.get(&format!("{entry}{name}"));
    Throttle {
        rate: get(names[0]).and_then(|rate| rate.parse().ok()),
        burst: get(names[1]).and_then(|burst| burst.parse().ok()),
    }
}

/// Adds what an operator should know of this throttle before saying yes.
pub fn weigh(mut draft: Draft, method: &MethodKey, after: Throttle, facts: &Facts) -> Draft {
    if after.rate == Some(0.0) || after.burst == Some(0) {
        let what = match method {
            MethodKey::All => "every method that has no throttle of its own".to_owned(),
            method => method.to_string(),
        };
        draft = draft
            .with_risk(Risk::Severe)
            .warn(format!("a rate or burst of 0 answers every request to {what} with 429"));
    }
    if let Some(account) = facts.account_throttle {
        let above =
            |own: Option<f64>, shared: Option<f64>| own.zip(shared).is_some_and(|(own, shared)| own > shared);
        #[expect(clippy::cast_precision_loss, reason = "bursts are far below 2^52")]
        let float = |burst: Option<i64>| burst.map(|burst| burst as f64);
        if above(after.rate, account.rate) || above(float(after.burst), float(account.burst)) {
            let shown = |value: Option<f64>| value.map_or_else(|| "unknown".to_owned(), number);
            draft = draft.warn(format!(
                "the account's own limit is lower and holds as well: {} requests/s, burst {}",
                shown(account.rate),
                shown(float(account.burst))
            ));
        }
    }
    if *method == MethodKey::All {
        draft = draft.warn("*/* is the default of each method, not a limit on their sum");
    }
    draft
}
