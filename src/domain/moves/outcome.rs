//! What became of each customer of a move, and of all of them together.

use serde::{Deserialize, Serialize};

use crate::domain::change::Outcome;

/// Why a customer whose turn came was not moved. Those without one were moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exception {
    /// Somebody else had brought them to the target.
    AlreadyThere,
    /// Somebody else has moved them since the plan was made.
    MovedMeanwhile {
        /// The cell that was found; none where the item names none.
        cell: Option<String>,
        /// Who and when, where the item is stamped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<String>,
    },
    /// Their mapping has gone since the plan was made.
    Vanished,
    /// DynamoDB refused the write.
    Failed { why: String },
}

/// What became of one customer of the roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate<'run> {
    Moved,
    /// They had no mapping, and have one now.
    Created,
    /// Of an undo: their mapping was taken away again.
    Removed,
    Exception(&'run Exception),
    /// Announced, and not known to be done.
    InDoubt,
    /// Their turn has not come.
    Waiting,
}

/// How many customers came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Those who got a mapping or lost one again with them.
    pub moved: u32,
    pub already_there: u32,
    pub moved_meanwhile: u32,
    pub vanished: u32,
    pub failed: u32,
    #[serde(default)]
    pub in_doubt: u32,
    #[serde(default)]
    pub waiting: u32,
}

impl Exception {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::AlreadyThere => "already-there",
            Self::MovedMeanwhile { .. } => "moved-meanwhile",
            Self::Vanished => "vanished",
            Self::Failed { .. } => "failed",
        }
    }

    /// The rest of the sentence.
    pub fn why(&self) -> Option<String> {
        match self {
            Self::AlreadyThere => None,
            Self::MovedMeanwhile { cell, by, at } => {
                let cell = cell.as_ref().map_or_else(|| "no cell".to_owned(), |cell| format!("now {cell}"));
                let by = by.as_ref().map(|by| format!(", by {by}")).unwrap_or_default();
                let at = at.as_ref().map(|at| format!(" at {at}")).unwrap_or_default();
                Some(format!("{cell}{by}{at}"))
            }
            Self::Vanished => Some("the mapping has gone".to_owned()),
            Self::Failed { why } => Some(why.clone()),
        }
    }

    /// Whether another writer was there: what `stop_on_conflict` stops at.
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::MovedMeanwhile { .. } | Self::Vanished)
    }
}

impl Fate<'_> {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Created => "created",
            Self::Removed => "removed",
            Self::Exception(exception) => exception.word(),
            Self::InDoubt => "in-doubt",
            Self::Waiting => "not-sent",
        }
    }

    pub fn why(&self) -> Option<String> {
        match self {
            Self::Exception(exception) => exception.why(),
            Self::InDoubt => Some("the process ended before it could tell".to_owned()),
            _ => None,
        }
    }

    /// Whether the customer sits where the move put them, as far as the move knows.
    pub const fn is_moved(&self) -> bool {
        matches!(self, Self::Moved | Self::Created | Self::Removed)
    }
}

impl Tally {
    pub fn add(&mut self, fate: &Fate<'_>) {
        *self.count(fate) += 1;
    }

    /// Takes back what [`Tally::add`] did.
    pub fn remove(&mut self, fate: &Fate<'_>) {
        let count = self.count(fate);
        *count = count.saturating_sub(1);
    }

    const fn count(&mut self, fate: &Fate<'_>) -> &mut u32 {
        match fate {
            Fate::Moved | Fate::Created | Fate::Removed => &mut self.moved,
            Fate::Exception(Exception::AlreadyThere) => &mut self.already_there,
            Fate::Exception(Exception::MovedMeanwhile { .. }) => &mut self.moved_meanwhile,
            Fate::Exception(Exception::Vanished) => &mut self.vanished,
            Fate::Exception(Exception::Failed { .. }) => &mut self.failed,
            Fate::InDoubt => &mut self.in_doubt,
            Fate::Waiting => &mut self.waiting,
        }
    }

    pub const fn total(&self) -> u32 {
        self.done() + self.in_doubt + self.waiting
    }

    /// Those of whom it is known what became.
    pub const fn done(&self) -> u32 {
        self.moved + self.already_there + self.moved_meanwhile + self.vanished + self.failed
    }

    const fn missed(&self) -> u32 {
        self.total() - self.moved - self.already_there
    }

    /// What is not as it was asked, in words.
    fn not_done(&self) -> Vec<String> {
        let counts = [
            (self.moved_meanwhile, "moved meanwhile by somebody else"),
            (self.vanished, "without a mapping any more"),
            (self.failed, "refused by DynamoDB"),
            (self.in_doubt, "in doubt"),
            (self.waiting, "not sent"),
        ];
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect()
    }

    /// The outcome of a move that ends with this.
    pub fn outcome(&self, why: Option<&str>) -> Outcome {
        if self.missed() == 0 {
            return Outcome::Applied;
        }
        let not_done = self.not_done();
        let why = why.map_or_else(|| not_done.join(", "), str::to_owned);
        if self.moved == 0 && self.in_doubt == 0 {
            return Outcome::NotApplied { why };
        }
        Outcome::Partly { done: vec![format!("{} moved", self.moved)], not_done, why }
    }
}
