//! A change as a row: when, what, by whom, and what became of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{RowKey, TableRow, age};
use crate::domain::change::Target;
use crate::domain::estate::RegionSlot;
use crate::domain::filter::Value;
use crate::domain::history::{ChangeHistory, is_undone};
use crate::domain::id::ChangeId;
use crate::domain::identity::RegionKey;
use crate::tui::model::{ChangeRun, Model, MoveStanding, Scope};

#[derive(Clone, Debug)]
pub struct ChangeRow {
    /// Of the journal; for a change that is not in it yet, what is known of it, without an id.
    pub change: Arc<ChangeHistory>,
    /// Where this console reaches the account and region that it was made in.
    pub slot: Option<RegionSlot>,
    /// It is being carried out by this console now.
    pub running: bool,
    /// It was taken back, and that wasn't taken back in turn.
    pub undone: bool,
    /// Of a move: how far it has come.
    pub standing: Option<Arc<MoveStanding>>,
}

/// The change that runs, then those of the journal, newest first.
pub fn rows(model: &Model) -> Vec<ChangeRow> {
    let slots: Vec<(&RegionKey, RegionSlot)> = model
        .estate
        .regions()
        .filter_map(|(slot, region)| Some((&region.connection.value()?.key, slot)))
        .collect();
    let slot_of = |change: &ChangeHistory| {
        slots.iter().find(|(key, _)| **key == change.plan.region).map(|(_, slot)| *slot)
    };
    let listed = model.journal.value().map_or(&[][..], |listing| &listing.changes);
    let by_id: BTreeMap<&ChangeId, &ChangeHistory> =
        listed.iter().map(|change| (&change.id, change.as_ref())).collect();
    let running = model.change.as_ref().filter(|run| run.is_running());
    let first = running.map(|run| {
        let known = listed.iter().find(|change| Some(&change.id) == run.change.as_ref());
        let change = known.map_or_else(|| Arc::new(of_run(model, run)), Arc::clone);
        ChangeRow { change, slot: Some(run.slot), running: true, undone: false, standing: None }
    });
    let runs = first.as_ref().map(|row| row.change.id.clone());
    let bulk = model.running_bulk();
    let moving = model.moving.as_ref().filter(|run| run.is_running()).and_then(|run| run.id.as_ref());
    let others = listed.iter().rev().filter(|change| Some(&change.id) != runs.as_ref()).map(|change| {
        let undone = is_undone(change, &by_id);
        let in_bulk = change.end.is_none() && bulk.is_some() && change.plan.bulk.as_ref() == bulk;
        let running = in_bulk || moving == Some(&change.id);
        let standing = model.journal.value().and_then(|listing| listing.moves.get(&change.id)).cloned();
        ChangeRow { change: Arc::clone(change), slot: slot_of(change), running, undone, standing }
    });
    first.into_iter().chain(others).collect()
}

/// What is known of a change before the journal tells of it.
fn of_run(model: &Model, run: &ChangeRun) -> ChangeHistory {
    let region = model.estate.region(run.slot);
    let connected = region.and_then(|region| region.connection.value());
    ChangeHistory {
        id: run.change.clone().unwrap_or_else(|| ChangeId::new("")),
        at: run.started,
        operator: connected.map(|connected| connected.arn.clone()).unwrap_or_default(),
        plan: crate::domain::change::Plan::clone(&run.plan),
        fence: None,
        end: None,
        undone_by: None,
        watching: None,
        watched: None,
    }
}

impl ChangeRow {
    /// One word for how it stands: that of its outcome, `undone`, `running`, or `open` where there is no outcome; of a
    /// move also `moving` where another process carries it out, and `paused`.
    pub fn state(&self) -> &'static str {
        if self.running {
            "running"
        } else if self.undone {
            "undone"
        } else if let Some(standing) = self.standing.as_ref().filter(|_| self.change.end.is_none()) {
            standing.state()
        } else {
            self.change.state()
        }
    }

    pub fn is_move(&self) -> bool {
        matches!(self.change.plan.target, Target::Customers(_))
    }

    /// The lever's name, and whether it takes an earlier change back.
    pub fn lever(&self) -> String {
        let name = self.change.lever_name();
        if self.change.plan.undoes.is_some() { format!("undo {name}") } else { name }
    }

    /// The name behind the ARN's last slash says who; the rest is the account's.
    pub fn operator(&self) -> &str {
        let arn = &self.change.operator;
        arn.rsplit('/').next().unwrap_or(arn)
    }

    /// Day and time, in UTC, as they sort.
    fn time(&self) -> String {
        self.change.at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }
}

impl TableRow for ChangeRow {
    fn key(&self) -> RowKey {
        RowKey::Change(self.change.id.clone())
    }

    fn text(&self) -> String {
        let plan = &self.change.plan;
        let fields = plan.fields.iter().map(|field| format!("{} {}", field.field, field.after));
        [
            self.change.id.to_string(),
            self.time(),
            self.lever(),
            plan.lever.title().to_owned(),
            plan.target.to_string(),
            self.change.operator.clone(),
            self.state().to_owned(),
            plan.region.to_string(),
            self.change.why().unwrap_or_default().to_owned(),
            plan.bulk.as_ref().map(ToString::to_string).unwrap_or_default(),
        ]
        .into_iter()
        .chain(fields)
        .collect::<Vec<_>>()
        .join(" ")
    }

    fn value(&self, column: &str, now: Timestamp) -> Value {
        let plan = &self.change.plan;
        let text = match column {
            "age" => return age(Some(self.change.at), now),
            "time" => self.time(),
            "lever" => self.lever(),
            "target" => plan.target.to_string(),
            "operator" => self.operator().to_owned(),
            "outcome" => self.state().to_owned(),
            "change" => self.change.id.to_string(),
            "bulk" => match &plan.bulk {
                Some(bulk) => bulk.to_string(),
                None => return Value::Absent,
            },
            "region" => plan.region.region.to_string(),
            "account" => plan.region.account.to_string(),
            _ => return Value::Absent,
        };
        Value::Text(text)
    }

    fn is_in(&self, _scope: &Scope) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(id: &str, undone_by: Option<&str>) -> ChangeHistory {
        let plan = serde_json::json!({
            "lever": "throttle",
            "region": { "account": "123456789012", "region": "eu-west-1" },
            "target": { "kind": "rest-stage", "api": "a1b2c3", "api_name": "orders-api", "stage": "prod" },
            "risk": "low",
            "steps": [],
            "fields": [],
            "iam": [],
            "blast_radius": {
                "minutes": 5,
                "until": null,
                "requests_per_second": null,
                "cache_hit_rate": null,
                "shifted_to_backend_per_second": null,
            },
            "cost": null,
            "undoes": null,
            "undo": { "possible": { "how": "the settings are put back" } },
            "preconditions": [],
            "warnings": [],
            "planned_at": "2026-11-20T14:03:22Z",
        });
        ChangeHistory {
            id: ChangeId::new(id),
            at: Timestamp::UNIX_EPOCH,
            operator: "arn:aws:sts::123456789012:assumed-role/Operators/on-call".into(),
            plan: serde_json::from_value(plan).unwrap(),
            fence: None,
            end: None,
            undone_by: undone_by.map(ChangeId::new),
            watching: None,
            watched: None,
        }
    }

    #[test]
    fn an_undo_that_was_undone_undoes_nothing() {
        let all = [
            change("once", Some("undo")),
            change("undo", None),
            change("twice", Some("back")),
            change("back", Some("forth")),
            change("forth", None),
            change("itself", Some("itself")),
        ];
        let by_id: BTreeMap<&ChangeId, &ChangeHistory> =
            all.iter().map(|change| (&change.id, change)).collect();
        let undone: Vec<bool> = all[..5].iter().map(|change| is_undone(change, &by_id)).collect();
        assert_eq!(undone, [true, false, false, true, false]);
        // It ends, whatever somebody wrote into a journal.
        is_undone(&all[5], &by_id);
    }
}
