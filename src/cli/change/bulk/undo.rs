//! `cellgate undo BULK`: takes back all of a bulk that stands, newest first.

use futures_util::FutureExt as _;

use super::show_and_apply;
use crate::aws::Operate;
use crate::aws::Session;
use crate::cli::change::ChangeArguments;
use crate::cli::change::undo::known_in;
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::status::Spinner;
use crate::domain::history::ChangeHistory;
use crate::domain::id::BulkId;
use crate::domain::suggest::nearest;
use crate::ops::bulk::{self, BulkGrounds};
use crate::ops::change::{self, ChangeError};
use crate::ops::inventory::Request;

/// Whether a name is that of a bulk, and not of one change.
pub fn is_bulk(typed: &str) -> bool {
    typed.starts_with("bulk-")
}

/// Takes a bulk back.
///
/// # Errors
/// As every lever; partly done where some of it can't be undone.
pub async fn undo(typed: &str, arguments: &ChangeArguments, context: &Context) -> Result<(), CliError> {
    let store = context.changes();
    let bulk = BulkId::new(typed);
    let is_meant = |change: &ChangeHistory| change.plan.bulk.as_ref() == Some(&bulk);
    let unknown = |history: &[ChangeHistory]| known(history, &bulk).err();
    let (place, reading, mut made) = known_in(context, &bulk.to_string(), &is_meant, &unknown).await?;
    let context = &context.in_region(place);
    let mut reading = reading.within(context);
    arguments.allow(context)?;
    // For the names and the traffic of the stages.
    reading.read("APIs", vec![Request::Apis]).await?;
    if !arguments.dry_run {
        let session: Session<Operate> = reading.session.arm(reading.session.account().as_str(), None)?;
        let spinner = Spinner::start("looking at what was cut off");
        let settled = bulk::settle(&session, &bulk, &made, &store, &context.clock).boxed_local().await;
        drop(spinner);
        if settled? {
            made = change::known_changes(&reading.session, &store).await.map_err(ChangeError::from)?;
        }
    }
    let region = reading.region().cloned().unwrap_or_default();
    let production_tag = context.settings.production_tag.as_ref();
    let grounds =
        BulkGrounds { region: &region, history: &made, store: &store, clock: &context.clock, production_tag };
    let spinner = Spinner::start("planning");
    let production = context.region().production;
    let planned = bulk::plan_undo(&reading.session, &bulk, production, &grounds).boxed_local().await;
    drop(spinner);
    show_and_apply(&planned?, arguments, &mut reading, context).await
}

fn known(history: &[ChangeHistory], bulk: &BulkId) -> Result<(), CliError> {
    let bulks = || history.iter().filter_map(|change| change.plan.bulk.as_ref());
    if bulks().any(|known| known == bulk) {
        return Ok(());
    }
    let meant = nearest(bulk.as_str(), bulks().map(BulkId::as_str));
    let meant = meant.map(|id| format!("; did you mean {id}?")).unwrap_or_default();
    Err(CliError::new(Ending::NotFound, format!("the journal has no {bulk}{meant}"))
        .hint("`cellgate journal list -o json` has the bulk of each change"))
}
