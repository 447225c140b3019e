//! What is done about changes of the journal: plans of their way back, and a look at how far they came.
//!
//! The journal is read anew for each, since another operator may have written to it.

use super::journal::journal_of;
use super::{Tasks, api_of, known_region, trouble};
use crate::aws::Priority;
use crate::domain::estate::RegionSlot;
use crate::domain::history::{self, ChangeHistory};
use crate::domain::id::ChangeId;
use crate::ops::change::{self, ChangeError, Grounds};
use crate::ops::journal_reader::JournalReader;
use crate::tui::event::{Examined, ReplyBody, ReplySlot, Ticket, Trouble};
use crate::tui::model::Model;

impl Tasks {
    pub(super) fn plan_undo(&mut self, slot: RegionSlot, id: ChangeId, ticket: Ticket, model: &Model) {
        let session = self.session(slot, &ReplySlot::Plan);
        let line = self.line(ReplySlot::Plan, ticket);
        let Some(session) = session else {
            return line.send(ReplyBody::Planned(Err(refused("not connected".to_owned()))));
        };
        let listed = model.journal.value().and_then(|journal| journal.change(&id));
        let stage = listed.and_then(|change| change.plan.target.stage());
        let api = stage.and_then(|stage| api_of(model, slot, &stage.api));
        let (region, clock) = (known_region(model, slot), self.clock.clone());
        let production_tag = self.production_tag.clone();
        let journal = journal_of(&self.changes, &session);
        self.running.spawn(async move {
            let session = session.with_priority(Priority::Change);
            let planning = async {
                let history = history_of(&journal).await?;
                let change = named(&history, &id)?;
                let grounds = Grounds {
                    region: &region,
                    api: api.as_ref(),
                    history: &history,
                    clock: &clock,
                    production_tag: production_tag.as_ref(),
                };
                let plan = Box::pin(change::plan_undo(&session, change, &grounds)).await;
                plan.map(Box::new).map_err(|error| trouble(&error))
            };
            line.send(ReplyBody::Planned(planning.await));
        });
    }

    pub(super) fn examine(&mut self, slot: RegionSlot, id: ChangeId, ticket: Ticket) {
        let session = self.session(slot, &ReplySlot::Plan);
        let line = self.line(ReplySlot::Plan, ticket);
        let Some(session) = session else {
            return line.send(ReplyBody::Examined(Err(refused("not connected".to_owned()))));
        };
        let journal = journal_of(&self.changes, &session);
        self.running.spawn(async move {
            let session = session.with_priority(Priority::Change);
            let looking = async {
                let history = history_of(&journal).await?;
                let change = named(&history, &id)?.clone();
                if change.end.is_some() {
                    return Err(refused(format!("the change {id} has ended: {}", change.state())));
                }
                let settings = change::state_of(&session, &change.plan).await;
                let settings = settings.map_err(|failure| trouble(&ChangeError::Failed(failure)))?;
                let verdict = change::verdict(&change.plan, &settings);
                Ok(Box::new(Examined { change, verdict }))
            };
            line.send(ReplyBody::Examined(looking.await));
        });
    }
}

pub(super) async fn history_of(journal: &JournalReader) -> Result<Vec<ChangeHistory>, Trouble> {
    let records = journal.records().await.map_err(|error| trouble(&ChangeError::Journal(error)))?;
    Ok(history::changes(&records))
}

fn named<'history>(
    history: &'history [ChangeHistory],
    id: &ChangeId,
) -> Result<&'history ChangeHistory, Trouble> {
    let found = history.iter().find(|change| change.id == *id);
    found.ok_or_else(|| refused(format!("the journal has no change {id}")))
}

pub(super) fn refused(why: String) -> Trouble {
    Trouble { why, hint: None, refused: true }
}
