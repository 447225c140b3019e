//! What can stand in front of a screen.

use tui_input::Input;

use super::bulk::BulkPlanState;
use super::change::Remedy;
use super::customers::LookupState;
use super::form::FormState;
use super::left_connections::LeftConnections;
use super::moves::{MovePlanState, MoveWanted};
use crate::domain::change::{Lever, Plan, Risk, Target};
use crate::domain::estate::RegionSlot;
use crate::domain::id::{BulkId, ChangeId};
use crate::domain::levers::Wanted;
use crate::tui::action::Action;
use crate::tui::event::Examined;

#[derive(Clone, Debug)]
pub enum Overlay {
    Help {
        scroll: usize,
    },
    Palette(PaletteState),
    /// The filter's line.
    Filter {
        input: Input,
    },
    Sort(SortState),
    Actions {
        items: Vec<ActionItem>,
        cursor: usize,
    },
    Failures {
        scroll: usize,
    },
    /// All of the selected row.
    Detail {
        scroll: usize,
    },
    Arming(ArmingState),
    /// A customer's id is asked for.
    Lookup(LookupState),
    /// What was found of the customer that was looked up last.
    Answer {
        scroll: usize,
    },
    /// What a lever needs to be told first.
    Form(Box<FormState>),
    /// A plan is being made.
    Planning {
        slot: RegionSlot,
        lever: Lever,
        name: String,
        /// What is to be done about a change of the journal; none for a new one.
        remedy: Option<Remedy>,
    },
    Plan(PlanState),
    /// A plan for several targets.
    BulkPlan(BulkPlanState),
    /// The change that runs or has run last.
    Progress,
    /// The change of several targets that runs or has run last.
    BulkProgress {
        scroll: usize,
    },
    /// The plan of a move, or one that is to be taken up again or given up.
    MovePlan(MovePlanState),
    /// The move that runs or has run last.
    MoveProgress {
        scroll: usize,
    },
    /// Connections that a move left on the old cell.
    LeftConnections(LeftConnections),
    /// Whether to pause the move that runs, and leave.
    Leaving,
    Message {
        title: String,
        lines: Vec<String>,
    },
}

#[derive(Clone, Debug, Default)]
pub struct PaletteState {
    pub input: Input,
    pub cursor: usize,
    pub items: Vec<PaletteItem>,
    /// Why the last line could not be carried out.
    pub error: Option<String>,
}

/// Something that the palette offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaletteItem {
    /// What the line becomes when it is chosen.
    pub line: String,
    pub doc: String,
    /// Key that does the same.
    pub key: Option<String>,
    pub dangerous: bool,
    /// Choosing it leaves the line open for an argument.
    pub wants_argument: bool,
}

#[derive(Clone, Debug)]
pub struct SortState {
    /// 0 is the table's own order, then the columns.
    pub cursor: usize,
}

/// A line of the menu of actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionItem {
    pub action: Action,
    pub text: String,
    /// Why it can't be done now, where it can't.
    pub blocked: Option<String>,
}

#[derive(Clone, Debug)]
pub struct ArmingState {
    pub slot: RegionSlot,
    pub input: Input,
    pub error: Option<String>,
    /// What to plan once changes are allowed.
    pub then: Option<Intention>,
    pub waiting: bool,
}

/// What an operator was about to do when changes had to be allowed first.
#[derive(Clone, Debug)]
pub enum Intention {
    Pull(Box<(Target, Wanted)>),
    /// At several targets.
    PullAll(Vec<(Target, Wanted)>),
    Remedy(Remedy, ChangeId),
    UndoBulk(BulkId),
    Move(Box<MoveWanted>),
    /// To close the connections in front, which a move left behind.
    CloseConnections,
}

#[derive(Clone, Debug)]
pub struct PlanState {
    pub slot: RegionSlot,
    pub plan: Box<Plan>,
    pub scroll: usize,
    pub confirmation: Confirmation,
    /// The unfinished change that it is the plan of; none where it is a new one.
    pub unfinished: Option<Unfinished>,
}

/// A change without an outcome, looked at, and whether the rest of it is to be sent.
#[derive(Clone, Debug)]
pub struct Unfinished {
    pub examined: Box<Examined>,
    pub send: bool,
}

/// How a plan is said yes to.
#[derive(Clone, Debug)]
pub enum Confirmation {
    YesOrNo,
    /// The target's name must be typed.
    TypeName {
        input: Input,
        error: Option<String>,
        /// The name was typed; a change that may stop all traffic asks once more.
        again: bool,
    },
}

/// What must be typed where a change may stop all traffic, once its name was.
pub const STOP_TRAFFIC: &str = "stop traffic";

impl Confirmation {
    /// Takes what was typed, and says whether that is all that is asked for: `name`, and once more where the
    /// risk is severe.
    pub fn take(&mut self, name: &str, risk: Risk) -> bool {
        let Self::TypeName { input, error, again } = self else { return true };
        let wanted = if *again { STOP_TRAFFIC } else { name };
        if input.value().trim() != wanted {
            *error = Some(format!("that is not {wanted}"));
            return false;
        }
        if risk == Risk::Severe && !*again {
            *again = true;
            *error = None;
            input.reset();
            return false;
        }
        true
    }
}

impl Overlay {
    /// Whether letters are typed into it rather than looked up as keys.
    pub fn takes_text(&self) -> bool {
        matches!(
            self,
            Self::Palette(_) | Self::Filter { .. } | Self::Arming(_) | Self::Form(_) | Self::Lookup(_)
        ) || matches!(
            self,
            Self::Plan(PlanState { confirmation: Confirmation::TypeName { .. }, .. })
                | Self::BulkPlan(BulkPlanState { confirmation: Confirmation::TypeName { .. }, .. })
                | Self::MovePlan(MovePlanState { confirmation: Confirmation::TypeName { .. }, .. })
        )
    }

    /// The line that is typed into, where there is one.
    pub fn input_mut(&mut self) -> Option<&mut Input> {
        match self {
            Self::Palette(palette) => Some(&mut palette.input),
            Self::Arming(arming) => Some(&mut arming.input),
            Self::Lookup(state) => Some(&mut state.input),
            Self::Form(form) => form.inputs.get_mut(form.cursor),
            Self::Filter { input }
            | Self::Plan(PlanState { confirmation: Confirmation::TypeName { input, .. }, .. })
            | Self::BulkPlan(BulkPlanState { confirmation: Confirmation::TypeName { input, .. }, .. })
            | Self::MovePlan(MovePlanState { confirmation: Confirmation::TypeName { input, .. }, .. }) => {
                Some(input)
            }
            _ => None,
        }
    }
}
