//! SetAlarmState, EnableAlarmActions, DisableAlarmActions and DeleteAlarms.

use super::Desk;
use super::alarm::{Kind, State, StateValue};
use crate::cloudwatch::error::Fault;
use crate::cloudwatch::input::Input;
use crate::cloudwatch::value::Value;

/// AWS: at most 100 alarms in one request.
const MOST_NAMES: usize = 100;

/// Brings an alarm into a state for a while: the next evaluation decides anew.
pub fn set_alarm_state(desk: &mut Desk<'_>, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    let name = input.required_text("AlarmName")?;
    let value = input.choice("StateValue", &StateValue::NAMES)?;
    let value = input.required("StateValue", value.and_then(StateValue::parse))?;
    let reason = input.required("StateReason", input.text("StateReason")?)?.to_owned();
    let data = input.text("StateReasonData")?.map(str::to_owned);
    if data.as_deref().is_some_and(|data| serde_json::from_str::<serde_json::Value>(data).is_err()) {
        return Err(Fault::invalid_format("StateReasonData is not valid JSON"));
    }
    if !desk.book.alarms.contains_key(name) {
        return Err(Fault::not_found(format!("The alarm {name} does not exist")));
    }
    let now = desk.now;
    desk.book.change(name, State { value, reason, data, since: now });
    desk.book.evaluate_composites(now, now, true);
    Ok(Value::structure([]))
}

/// Lets alarms act on their states.
pub fn enable_alarm_actions(desk: &mut Desk<'_>, request: &Value) -> Result<Value, Fault> {
    switch(desk, request, true)
}

/// Keeps alarms from acting.
pub fn disable_alarm_actions(desk: &mut Desk<'_>, request: &Value) -> Result<Value, Fault> {
    switch(desk, request, false)
}

/// AWS: names that no alarm has are passed over.
fn switch(desk: &mut Desk<'_>, request: &Value, enabled: bool) -> Result<Value, Fault> {
    let now = desk.now;
    for name in names(&Input::root(request)?)? {
        let Some(alarm) = desk.book.alarms.get_mut(name).filter(|alarm| alarm.actions.enabled != enabled)
        else {
            continue;
        };
        alarm.actions.enabled = enabled;
        alarm.configured = now;
        let alarm = alarm.clone();
        desk.book.note_configuration(&alarm, "updated", now);
    }
    Ok(Value::structure([]))
}

/// Deletes alarms. AWS: names that no alarm has are passed over, and nothing is deleted that a composite alarm
/// refers to, or more than one composite alarm at once.
pub fn delete_alarms(desk: &mut Desk<'_>, request: &Value) -> Result<Value, Fault> {
    let names = names(&Input::root(request)?)?;
    let composites = desk.book.alarms.values().filter_map(|alarm| match &alarm.kind {
        Kind::Composite { rule, .. } => Some((alarm.name.as_str(), rule)),
        Kind::Metric(_) => None,
    });
    let composites: Vec<_> = composites.collect();
    if composites.iter().filter(|(composite, _)| names.contains(composite)).count() > 1 {
        let message = "More than one composite alarm can't be deleted in one request.";
        return Err(Fault::validation(message));
    }
    for name in &names {
        if let Some((parent, _)) = composites
            .iter()
            .find(|(composite, rule)| !names.contains(composite) && rule.children().contains(name))
        {
            let message =
                format!("The alarm {name} can't be deleted: the composite alarm {parent} depends on it");
            return Err(Fault::validation(message));
        }
    }
    let now = desk.now;
    for name in names {
        if let Some(alarm) = desk.book.alarms.remove(name) {
            desk.book.note_configuration(&alarm, "deleted", now);
        }
    }
    Ok(Value::structure([]))
}

fn names<'a>(input: &Input<'a>) -> Result<Vec<&'a str>, Fault> {
    let names = input.texts("AlarmNames")?;
    if names.is_empty() {
        return Err(Fault::missing("AlarmNames"));
    }
    if names.len() > MOST_NAMES {
        let message = format!("The collection AlarmNames must not have a size greater than {MOST_NAMES}.");
        return Err(Fault::validation(message));
    }
    Ok(names)
}
