//! The one table of what the console can do.
//!
//! Keymap, help, palette, footer, configuration and the README's key table read it, so a key that
//! works is a key that is documented.

mod scope;

pub use self::scope::Scope;
use super::model::Listing;

/// Something that can be done with a key, from the palette, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
    Open,
    Back,
    ScreenFleet,
    ScreenApis,
    Domains,
    VpcLinks,
    ScreenStages,
    ScreenThrottles,
    ScreenWaf,
    ScreenCustomers,
    CellCustomers,
    CellChanges,
    Lookup,
    NextPart,
    PreviousPart,
    Plans,
    Keys,
    WebAcls,
    Rules,
    IpSets,
    NextScreen,
    PreviousScreen,
    Palette,
    Filter,
    Sort,
    SortNext,
    SortReverse,
    Detail,
    Actions,
    Mark,
    Unmark,
    Copy,
    Refresh,
    Pause,
    Failures,
    Journal,
    Arm,
    Disarm,
    Flush,
    Undo,
    UndoBulk,
    Finish,
    Settle,
    Move,
    Drain,
    Rebalance,
    ShowMove,
    PauseMove,
    ResumeMove,
    AbortMove,
    UndoMove,
    FlushRouter,
    LeftConnections,
    Throttle,
    ClearThrottle,
    Rollback,
    Canary,
    Cache,
    CacheTtl,
    Variable,
    Logging,
    PlanThrottle,
    PlanMethodThrottle,
    PlanQuota,
    PlanAddStage,
    PlanRemoveStage,
    KeyExtend,
    KeyMove,
    KeyEnable,
    KeyDisable,
    RuleAction,
    RuleRate,
    IpAdd,
    IpRemove,
    AclAttach,
    AclDetach,
    Confirm,
    Decline,
    Help,
    Quit,
    QuitNow,
    Panic,
}

/// What the palette lets follow an action's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// `API/STAGE`; without one the selected stage is meant.
    Stage,
    /// A row of this list, by name or id; without one the selected row is meant.
    Row(Listing),
    /// A change of the journal; without one the selected change is meant.
    Change,
    /// A customer's id.
    Customer,
    /// A filter's text.
    Filter,
    /// A column's heading.
    Column,
}

/// One line of the table.
#[derive(Debug)]
pub struct ActionInfo {
    pub action: Action,
    /// Its name in the palette and in the configuration.
    pub id: &'static str,
    pub title: &'static str,
    pub doc: &'static str,
    pub keys: &'static [&'static str],
    pub scope: Scope,
    pub argument: Option<Argument>,
    /// It can alter something in AWS.
    pub dangerous: bool,
    /// Listed in the palette: false where it makes no sense to type it.
    pub in_palette: bool,
}

const fn info(
    action: Action,
    id: &'static str,
    title: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
) -> ActionInfo {
    ActionInfo {
        action,
        id,
        title,
        doc,
        keys,
        scope: Scope::Everywhere,
        argument: None,
        dangerous: false,
        in_palette: true,
    }
}

/// A lever that asks for something first, and alters nothing before its plan was said yes to.
const fn lever(action: Action, id: &'static str, title: &'static str, doc: &'static str) -> ActionInfo {
    info(action, id, title, doc, &[]).with_argument(Argument::Stage).dangerous()
}

/// A lever on a row of a list.
const fn row_lever(
    action: Action,
    id: &'static str,
    title: &'static str,
    doc: &'static str,
    listing: Listing,
) -> ActionInfo {
    info(action, id, title, doc, &[]).with_argument(Argument::Row(listing)).dangerous()
}

impl ActionInfo {
    const fn scoped(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    const fn with_argument(mut self, argument: Argument) -> Self {
        self.argument = Some(argument);
        self
    }

    const fn dangerous(mut self) -> Self {
        self.dangerous = true;
        self
    }

    const fn key_only(mut self) -> Self {
        self.in_palette = false;
        self
    }
}

/// Every action, in the order of the help.
pub const ACTIONS: &[ActionInfo] = &[
    info(Action::Up, "up", "up", "Move up, or scroll what is in front", &["up", "k"]).key_only(),
    info(Action::Down, "down", "down", "Move down, or scroll what is in front", &["down", "j"]).key_only(),
    info(Action::PageUp, "page-up", "page up", "Move up by a page", &["pgup", "ctrl-b"]).key_only(),
    info(Action::PageDown, "page-down", "page down", "Move down by a page", &["pgdn", "ctrl-f"]).key_only(),
    info(Action::Top, "top", "top", "Go to the first row", &["home", "g"]).key_only(),
    info(Action::Bottom, "bottom", "bottom", "Go to the last row", &["end", "G"]).key_only(),
    info(Action::Open, "open", "open", "Open the selection: what it holds, or all of it", &["enter"])
        .key_only(),
    info(Action::Back, "back", "back", "Close what is in front, clear the filter, or go back", &["esc"])
        .key_only(),
    info(Action::ScreenFleet, "fleet", "Fleet", "Show all cells, the worst first", &["1"]),
    info(Action::ScreenApis, "apis", "APIs", "Show all APIs", &["2"]),
    info(
        Action::Domains,
        "domains",
        "domains",
        "Show custom domain names, and which stage answers on which path",
        &[],
    ),
    info(Action::VpcLinks, "vpc-links", "VPC links", "Show all VPC links with what they lead to", &[]),
    info(Action::ScreenStages, "stages", "Stages", "Show all stages with their deployments", &["3"]),
    info(
        Action::ScreenThrottles,
        "throttles",
        "Throttles",
        "Show throttles from the account's to a method's, usage plans and API keys",
        &["5"],
    ),
    info(Action::Plans, "plans", "usage plans", "Show all usage plans with their limits", &[]),
    info(Action::Keys, "keys", "API keys", "Show all API keys, without their values", &[]),
    info(Action::ScreenWaf, "waf", "WAF", "Show web ACLs, their rules and IP sets", &["6"]),
    info(Action::WebAcls, "web-acls", "web ACLs", "Show all web ACLs", &[]),
    info(Action::Rules, "rules", "rules", "Show the rules of all web ACLs by priority", &[]),
    info(Action::IpSets, "ip-sets", "IP sets", "Show all IP sets", &[]),
    info(
        Action::ScreenCustomers,
        "customers",
        "Customers",
        "Show how many customers each cell has, and page through them",
        &["8"],
    ),
    info(
        Action::Lookup,
        "lookup",
        "look a customer up",
        "Tell which cell serves a customer, what the router answers, its keys and moves",
        &["f"],
    )
    .scoped(Scope::Table)
    .with_argument(Argument::Customer),
    info(
        Action::CellCustomers,
        "cell-members",
        "customers of the cell",
        "Page through the customers of the selected cell",
        &["c"],
    )
    .scoped(Scope::Table),
    info(
        Action::CellChanges,
        "cell-changes",
        "changes of the cell",
        "Show the changes of the selected cell, of its stages and of where its customers are",
        &["C"],
    )
    .scoped(Scope::Table),
    info(
        Action::Journal,
        "journal",
        "Changes",
        "Show all changes of the journal, the newest first, and undo them",
        &["9"],
    ),
    info(
        Action::NextPart,
        "next-part",
        "next part",
        "Go to the next list of the screen, such as from throttles to plans",
        &["right", "l"],
    )
    .scoped(Scope::Table)
    .key_only(),
    info(
        Action::PreviousPart,
        "previous-part",
        "previous part",
        "Go to the list of the screen before",
        &["left", "h"],
    )
    .scoped(Scope::Table)
    .key_only(),
    info(Action::NextScreen, "next-screen", "next screen", "Go to the next screen", &["tab"]).key_only(),
    info(
        Action::PreviousScreen,
        "previous-screen",
        "previous screen",
        "Go to the screen before",
        &["backtab"],
    )
    .key_only(),
    info(Action::Palette, "palette", "palette", "Type the name of an action", &[":"]).key_only(),
    info(
        Action::Filter,
        "filter",
        "filter",
        "Filter all rows: words match loosely, !word excludes, 5xx>1% and age<2h compare",
        &["/"],
    )
    .scoped(Scope::Table)
    .with_argument(Argument::Filter),
    info(Action::Sort, "sort", "sort", "Choose the column to sort by", &["s"])
        .scoped(Scope::Table)
        .with_argument(Argument::Column),
    info(Action::SortNext, "sort-next", "sort by the next column", "Sort by the next column", &[">"])
        .scoped(Scope::Table),
    info(Action::SortReverse, "sort-reverse", "reverse the order", "Reverse the order of the rows", &["S"])
        .scoped(Scope::Table),
    info(Action::Detail, "detail", "detail", "Show all of the selected row", &["d"]).scoped(Scope::Table),
    info(Action::Actions, "actions", "actions", "List what can be done with the selection", &["a"])
        .scoped(Scope::Table),
    info(Action::Mark, "mark", "mark", "Mark the row, or unmark it", &["space"]).scoped(Scope::Table),
    info(Action::Unmark, "unmark", "unmark all", "Remove all marks", &["U"]).scoped(Scope::Table),
    info(Action::Copy, "copy", "copy", "Copy the names of the marked rows, or of the selected one", &["y"])
        .scoped(Scope::Table),
    info(Action::Refresh, "refresh", "refresh", "Read what is shown again, now", &["r"]).scoped(Scope::Table),
    info(Action::Pause, "pause", "pause", "Stop refreshing, or go on with it", &["p"]).scoped(Scope::Table),
    info(
        Action::Failures,
        "failures",
        "failures",
        "List what could not be read, why, and how to mend it",
        &["e"],
    )
    .scoped(Scope::Table),
    info(Action::Arm, "arm", "allow changes", "Allow changes, by typing the account's id or alias", &[]),
    info(Action::Disarm, "disarm", "back to read-only", "Forbid changes again", &[]),
    info(
        Action::Flush,
        "flush",
        "flush the stage cache",
        "Plan to empty a stage's response cache; asks before anything is sent",
        &[],
    )
    .with_argument(Argument::Stage)
    .dangerous(),
    lever(Action::Throttle, "throttle", "throttle", "Plan to set the rate and burst of a stage or method"),
    lever(Action::ClearThrottle, "unthrottle", "clear a throttle", "Plan to remove a throttle"),
    lever(Action::Rollback, "rollback", "roll back", "Plan to point a stage at another deployment"),
    lever(Action::Canary, "canary", "canary", "Plan to change, promote or abort a canary"),
    lever(Action::Cache, "cache", "cache", "Plan to turn a stage's cache on or off, or resize it"),
    lever(Action::CacheTtl, "cache-ttl", "cache TTL", "Plan to change for how long answers are cached"),
    lever(Action::Variable, "variable", "stage variable", "Plan to set or remove a stage variable"),
    lever(Action::Logging, "logging", "logging level", "Plan to change a stage's logging level"),
    lever(
        Action::AclAttach,
        "acl-attach",
        "attach a web ACL",
        "Plan to put a web ACL before a REST API's stage",
    ),
    lever(
        Action::AclDetach,
        "acl-detach",
        "detach the web ACL",
        "Plan to take the web ACL away from a stage",
    ),
    row_lever(
        Action::PlanThrottle,
        "plan-throttle",
        "throttle of a plan",
        "Plan to set or remove the rate and burst that a usage plan gives each key",
        Listing::Plans,
    ),
    row_lever(
        Action::PlanMethodThrottle,
        "plan-method",
        "throttle of a plan's method",
        "Plan to set or remove a usage plan's rate and burst for one method of a stage",
        Listing::Plans,
    ),
    row_lever(
        Action::PlanQuota,
        "plan-quota",
        "quota of a plan",
        "Plan to set or remove how many requests a usage plan gives each key in a period",
        Listing::Plans,
    ),
    row_lever(
        Action::PlanAddStage,
        "plan-add",
        "add a stage to a plan",
        "Plan to let a usage plan's keys into a stage",
        Listing::Plans,
    ),
    row_lever(
        Action::PlanRemoveStage,
        "plan-remove",
        "remove a stage of a plan",
        "Plan to keep a usage plan's keys out of a stage",
        Listing::Plans,
    ),
    row_lever(
        Action::KeyExtend,
        "key-extend",
        "extend a key's quota",
        "Plan to let an API key make more requests until its quota's period ends",
        Listing::Keys,
    ),
    row_lever(
        Action::KeyMove,
        "key-move",
        "move a key",
        "Plan to put an API key on another usage plan; in between it gets 403",
        Listing::Keys,
    ),
    row_lever(Action::KeyEnable, "key-enable", "enable a key", "Plan to switch an API key on", Listing::Keys),
    row_lever(
        Action::KeyDisable,
        "key-disable",
        "disable a key",
        "Plan to switch an API key off: its requests get 403",
        Listing::Keys,
    ),
    row_lever(
        Action::RuleAction,
        "rule-action",
        "block or count",
        "Plan to switch a rule, or one rule of a rule group, between block and count",
        Listing::WebAcls,
    ),
    row_lever(
        Action::RuleRate,
        "rule-rate",
        "limit of a rate rule",
        "Plan to change the limit or the window of a rate rule",
        Listing::WebAcls,
    ),
    row_lever(
        Action::IpAdd,
        "ip-add",
        "add addresses",
        "Plan to put addresses into an IP set",
        Listing::IpSets,
    ),
    row_lever(
        Action::IpRemove,
        "ip-remove",
        "remove addresses",
        "Plan to take addresses out of an IP set",
        Listing::IpSets,
    ),
    info(
        Action::Undo,
        "undo",
        "undo a change",
        "Plan to take a change back; asks before anything is sent",
        &[],
    )
    .with_argument(Argument::Change)
    .dangerous(),
    info(
        Action::UndoBulk,
        "undo-bulk",
        "undo a whole bulk",
        "Plan to take back all that the selected change's bulk did; asks before anything is sent",
        &[],
    )
    .dangerous(),
    info(
        Action::Finish,
        "finish",
        "finish a change",
        "See how far a change without an outcome came, and send the rest of it; asks before",
        &[],
    )
    .with_argument(Argument::Change)
    .dangerous(),
    info(
        Action::Settle,
        "settle",
        "settle a change",
        "Record what became of a change without an outcome, as its target tells; sends nothing",
        &[],
    )
    .with_argument(Argument::Change),
    info(
        Action::Move,
        "move",
        "move customers",
        "Plan to move the marked customers, or some of the selected cell, to another cell",
        &[],
    )
    .with_argument(Argument::Customer)
    .dangerous(),
    row_lever(
        Action::Drain,
        "drain",
        "drain a cell",
        "Plan to move all customers of a cell to others",
        Listing::Cells,
    ),
    info(
        Action::Rebalance,
        "rebalance",
        "even cells out",
        "Plan the fewest moves of customers that even cells out",
        &[],
    )
    .dangerous(),
    info(Action::ShowMove, "moving", "the move", "Show how far the move of customers has come", &["M"])
        .scoped(Scope::Table),
    info(
        Action::PauseMove,
        "pause-move",
        "pause a move",
        "Have a move stop between two ranges; the journal has it as paused",
        &["p"],
    )
    .scoped(Scope::Move)
    .dangerous(),
    info(
        Action::ResumeMove,
        "resume-move",
        "resume a move",
        "Go on with a move that was paused or cut off",
        &["r"],
    )
    .scoped(Scope::Move)
    .dangerous(),
    info(
        Action::AbortMove,
        "abort-move",
        "give a move up",
        "End a move for good; customers who were moved stay where they are",
        &["x"],
    )
    .scoped(Scope::Move)
    .dangerous(),
    info(Action::UndoMove, "undo-move", "undo the move", "Plan to move those back who were moved", &["u"])
        .scoped(Scope::Move)
        .dangerous()
        .key_only(),
    info(
        Action::FlushRouter,
        "flush-router",
        "flush the router",
        "Plan to empty the cache of the router's stage, so that it answers with the new cells; asks before",
        &["f"],
    )
    .scoped(Scope::Move)
    .dangerous(),
    info(
        Action::LeftConnections,
        "connections",
        "connections left behind",
        "Find the WebSocket connections that a move left on the old cell, and plan to close them",
        &["c"],
    )
    .scoped(Scope::Move),
    info(Action::Confirm, "confirm", "yes", "Carry the plan out", &["y"])
        .scoped(Scope::Confirmation)
        .dangerous()
        .key_only(),
    info(Action::Decline, "decline", "no", "Drop the plan", &["n"]).scoped(Scope::Confirmation).key_only(),
    info(Action::Help, "help", "help", "Show keys and actions", &["?"]),
    info(Action::Quit, "quit", "quit", "Close what is in front, or leave", &["q"]),
    info(Action::QuitNow, "quit-now", "leave at once", "Leave, whatever is in front", &["ctrl-c"]).key_only(),
];

/// Ends the program the hard way, so that a test can see the terminal restored. It is in no list:
/// the palette knows it only where `CELLGATE_FORCE_PANIC` is set.
pub const PANIC: ActionInfo =
    info(Action::Panic, "panic", "panic", "Fail on purpose, to see the terminal restored", &[]);

impl Action {
    pub fn info(self) -> &'static ActionInfo {
        ACTIONS.iter().find(|info| info.action == self).unwrap_or(&PANIC)
    }

    /// The action with this id.
    pub fn named(id: &str) -> Option<Self> {
        ACTIONS.iter().find(|info| info.id == id).map(|info| info.action)
    }
}

#[cfg(test)]
mod tests;
