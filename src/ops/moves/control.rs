//! Pausing and aborting a move that runs in another process: a file that it looks for between ranges and, where a
//! team has a table, an item of it.

use std::io;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::aws::{Attribute, Condition, Item, ItemKey, ItemTable, Mode, Operate, Session};
use crate::domain::id::ChangeId;
use crate::ops::change::{ChangeError, ChangeStore};

/// What somebody wants of a running move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Pause,
    Abort,
}

/// Between two looks at the team's table: each is a read.
const TEAM_AGAIN: Duration = Duration::from_secs(2);

impl Wish {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Abort => "abort",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        [Self::Pause, Self::Abort].into_iter().find(|wish| wish.word() == word.trim())
    }
}

/// Where a running move looks for wishes.
#[derive(Debug)]
pub struct Control {
    /// The operator's ctrl-c, which pauses.
    pub interruption: CancellationToken,
    looked: Mutex<Option<Instant>>,
}

impl Control {
    pub fn new(interruption: CancellationToken) -> Self {
        Self { interruption, looked: Mutex::new(None) }
    }

    /// What is wanted now, and by whom in words.
    pub(super) async fn look<M: Mode>(
        &self,
        session: &Session<M>,
        store: &ChangeStore,
        move_id: &ChangeId,
    ) -> Option<(Wish, &'static str)> {
        if self.interruption.is_cancelled() {
            return Some((Wish::Pause, "asked for where it runs"));
        }
        let text = std::fs::read_to_string(path(store, move_id)).ok();
        if let Some(wish) = text.as_deref().and_then(Wish::of_word) {
            return Some((wish, "asked for on this machine"));
        }
        let team = store.team.as_ref()?;
        if !self.is_time() {
            return None;
        }
        let item = session.get_item(&ItemTable::team(&team.table), &key(move_id)).await.ok()??;
        let wish = item.get("wish").and_then(Attribute::text).and_then(Wish::of_word)?;
        Some((wish, "asked for in the team's table"))
    }

    fn is_time(&self) -> bool {
        let mut looked = self.looked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let due = looked.is_none_or(|at| at.elapsed() >= TEAM_AGAIN);
        if due {
            *looked = Some(Instant::now());
        }
        due
    }
}

pub(super) fn path(store: &ChangeStore, move_id: &ChangeId) -> PathBuf {
    // Ids come from a table that others write to: a path takes nothing but what our own ids are made of.
    let safe = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
    let name: String = move_id.as_str().chars().map(safe).collect();
    store.locks.join("moves").join(name)
}

fn key(move_id: &ChangeId) -> ItemKey {
    ItemKey::new("move", move_id.as_str())
}

/// Leaves a wish for the process that carries the move out, wherever it runs.
///
/// # Errors
/// Where neither file nor table take it.
pub async fn wish(
    session: &Session<Operate>,
    store: &ChangeStore,
    move_id: &ChangeId,
    wish: Wish,
) -> Result<(), ChangeError> {
    let path = path(store, move_id);
    let write = || -> io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, wish.word())
    };
    write().map_err(|error| {
        ChangeError::Lock(format!("the wish can't be left in {}: {error}", path.display()))
    })?;
    put(session, store, move_id, wish.word()).await
}

/// Takes wishes back, so that they don't stop the move the next time.
pub(super) async fn clear(session: &Session<Operate>, store: &ChangeStore, move_id: &ChangeId) {
    // There is mostly none.
    let _ = std::fs::remove_file(path(store, move_id));
    if let Err(error) = put(session, store, move_id, "none").await {
        tracing::warn!(%error, "a wish could not be taken back");
    }
}

async fn put(
    session: &Session<Operate>,
    store: &ChangeStore,
    move_id: &ChangeId,
    word: &str,
) -> Result<(), ChangeError> {
    let Some(team) = &store.team else { return Ok(()) };
    let always =
        Condition { expression: "attribute_exists(#pk) OR attribute_not_exists(#pk)", values: Vec::new() };
    let item = Item::from([("wish".to_owned(), Attribute::from(word))]);
    session.put_item(&ItemTable::team(&team.table), &key(move_id), &item, &always).await?;
    Ok(())
}
