//! Where keys work: in the table, in front of it, or everywhere.

/// Where an action's keys work. Keys of one scope may be used again in another, except that
/// `Everywhere` overlaps with each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    Everywhere,
    /// With nothing in front of the table.
    Table,
    /// While a plan waits for yes or no.
    Confirmation,
    /// While a move that runs here is in front.
    Move,
}

impl Scope {
    pub fn overlaps(self, other: Self) -> bool {
        self == other || self == Self::Everywhere || other == Self::Everywhere
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Table => "in a table",
            Self::Confirmation => "at a plan",
            Self::Move => "at a move",
        }
    }
}
