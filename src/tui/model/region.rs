//! What the console knows of a region before AWS has said anything, and whether it may be changed.

use jiff::SignedDuration;

/// Whether changes are allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    ReadOnly,
    Operate,
}

#[derive(Clone, Debug, Default)]
pub struct RegionState {
    /// The operator's name for the account.
    pub alias: Option<String>,
    pub production: bool,
    /// The profile, or what else says how the session logs in.
    pub profile_label: Option<String>,
    /// Why changes can't be allowed from inside, where they can't.
    pub locked: Option<String>,
    pub mode: Mode,
    /// Changes are allowed as soon as the session is connected.
    pub arm_at_start: bool,
    /// How far the region's clock is ahead of the machine's; zero while they agree.
    pub ahead: SignedDuration,
}
