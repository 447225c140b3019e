//! The plan of a move, with the question that must be answered before anything is sent; or a move that nobody carries
//! out, and whether to go on with it.

use ratatui::text::Line;

use super::overlay::Sheet;
use super::{asking, figures, fit, move_detail, paint};
use crate::domain::change::Risk;
use crate::domain::moves::{DataRule, MoveHeader, MovePlan};
use crate::tui::model::{Model, MovePlanState, MoveStanding, Offered, move_phrase};
use crate::tui::theme::Role;

/// Ways and customers that are named; the rest is counted.
const NAMED: usize = 8;

pub fn sheet(model: &Model, state: &MovePlanState, room: u16) -> Sheet {
    let look = &model.look;
    let width = room.min(asking::WIDEST);
    let production = model.region_state(state.slot).is_some_and(|region| region.production);
    let (header, title, asked) = match &state.offered {
        Offered::New(plan) => {
            let undo = if plan.header.undoes.is_some() { "undo: " } else { "" };
            (&plan.header, format!("Plan: {undo}move customers"), "Carry it out?")
        }
        Offered::Unfinished { standing, give_up: false } => {
            (&standing.header, "Unfinished: move customers".to_owned(), "Go on with it?")
        }
        Offered::Unfinished { standing, .. } => {
            (&standing.header, "Unfinished: move customers".to_owned(), "Give it up?")
        }
    };
    let region = header.region.to_string();
    let mut lines = vec![asking::head(model, "moves", &header.target().to_string(), &region, production)];
    match &state.offered {
        Offered::New(plan) => lines.extend(new(model, plan, width)),
        Offered::Unfinished { standing, give_up } => {
            lines.extend(unfinished(model, standing, *give_up, width));
        }
    }
    let lines = fit::lines(lines, width, look.symbols.ellipsis);
    let phrase = move_phrase(header);
    asking::sheet(model, title, lines, (width, state.scroll), (&state.confirmation, asked, &phrase))
}

fn new(model: &Model, plan: &MovePlan, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let header = &plan.header;
    let mut lines = Vec::new();
    if let Some(undone) = &header.undoes {
        lines.push(paint::text_field(look, "takes back", undone.to_string()));
    }
    // What to know comes first: there may be more below than fits.
    for (place, warning) in header.warnings.iter().enumerate() {
        let name = if place == 0 { "warnings" } else { "" };
        lines.extend(paint::wrapped_field(look, name, Role::Warning, warning, width));
    }
    lines.extend(how(model, header, width));
    let undo = "a move back of those whom nobody has moved since";
    lines.extend(paint::wrapped_field(look, "undo", Role::Text, undo, width));
    lines.extend(ways(model, plan));
    for (place, skipped) in plan.skipped.iter().take(NAMED).enumerate() {
        let customer = crate::domain::text::sanitise(&skipped.customer).into_owned();
        let why = if skipped.why.is_empty() { String::new() } else { format!(", {}", skipped.why) };
        let name = if place == 0 { "left out" } else { "" };
        let text = format!("{customer}: {}{why}", skipped.reason.word());
        lines.extend(paint::wrapped_field(look, name, Role::Dim, &text, width));
    }
    if plan.skipped.len() > NAMED {
        lines.push(paint::text_field(look, "", format!("and {} more", plan.skipped.len() - NAMED)));
    }
    let age = figures::span(model.now.duration_since(header.planned_at));
    let planned = format!("{} UTC, {age} ago", figures::time(header.planned_at));
    lines.push(paint::field(look, "planned", vec![paint::span(look, Role::Dim, planned)]));
    lines
}

/// Waves, gate, data and risk.
pub(super) fn how(model: &Model, header: &MoveHeader, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let sizes = header.waves.all(header.customers);
    let sizes: Vec<String> =
        sizes.iter().map(|wave| figures::count(u64::from(wave.end - wave.start))).collect();
    let rate = figures::setting(header.waves.rate);
    let waves = format!("{} customers; at most {rate} a second", sizes.join(", then "));
    let mut lines = paint::wrapped_field(look, "waves", Role::Text, &waves, width);
    let gate = header.gate.as_ref().map_or_else(
        || "none: each wave follows at once".to_owned(),
        |gate| format!("{} for {} min on every cell, before the next wave", gate.condition, gate.minutes),
    );
    lines.extend(paint::wrapped_field(look, "gate", Role::Text, &gate, width));
    let router = match header.router_cache_seconds {
        0 => "answers from the table at once".to_owned(),
        seconds => format!("may answer from its cache for {seconds} s; a gate waits that long"),
    };
    lines.extend(paint::wrapped_field(look, "router", Role::Text, &router, width));
    let (role, data) = match header.data {
        DataRule::Stateless => (Role::Text, "the cells keep none"),
        DataRule::Copied => (Role::Text, "is copied before each wave by the command that is configured"),
        DataRule::StaysBehind => (Role::Warning, "stays behind in the cells that are left"),
    };
    lines.extend(paint::wrapped_field(look, "data", role, data, width));
    if let Some(how) = &header.chosen {
        lines.extend(paint::wrapped_field(look, "chosen", Role::Text, how, width));
    }
    if !header.hooks.is_empty() {
        let kinds: Vec<&str> = header.hooks.iter().map(|kind| kind.word()).collect();
        let text = format!("one {} each wave", kinds.join(" and one "));
        lines.extend(paint::wrapped_field(look, "commands", Role::Text, &text, width));
    }
    let role = if header.risk() == Risk::Low { Role::Text } else { Role::Warning };
    lines.extend(paint::wrapped_field(look, "risk", role, header.risk().word(), width));
    lines
}

/// Each way from cell to cell with how many customers go it, most first.
fn ways(model: &Model, plan: &MovePlan) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut counts = std::collections::BTreeMap::new();
    for (_, passenger) in plan.roster.iter() {
        let name = |cell: Option<&crate::domain::id::CellId>| {
            cell.map_or_else(|| "no mapping".to_owned(), ToString::to_string)
        };
        let (count, _) = counts
            .entry((name(passenger.from), name(passenger.to)))
            .or_insert_with(|| (0_u64, passenger.customer.to_owned()));
        *count += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|one, other| other.1.0.cmp(&one.1.0).then(one.0.cmp(&other.0)));
    let more = counts.len().saturating_sub(NAMED);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (place, ((from, to), (count, first))) in counts.into_iter().take(NAMED).enumerate() {
        let who = crate::domain::text::sanitise(&first).into_owned();
        let others =
            if count == 1 { String::new() } else { format!(" and {} more", figures::count(count - 1)) };
        let spans = vec![
            paint::span(look, Role::Dim, from),
            paint::span(look, Role::Accent, format!(" {} ", look.symbols.arrow)),
            paint::span(look, Role::Strong, to),
            paint::span(look, Role::Text, format!("  {} ", figures::count(count))),
            paint::span(look, Role::Dim, format!(" {who}{others}")),
        ];
        lines.push(paint::field(look, if place == 0 { "who" } else { "" }, spans));
    }
    if more > 0 {
        lines.push(paint::text_field(look, "", format!("and {more} more ways from cell to cell")));
    }
    lines
}

fn unfinished(model: &Model, standing: &MoveStanding, give_up: bool, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut lines = vec![paint::text_field(look, "move", standing.id.to_string())];
    let age = figures::span(model.region_now().duration_since(standing.last));
    let last = format!("{} UTC, {age} ago", figures::date_and_time(standing.last));
    lines.push(paint::text_field(look, "last heard", last));
    lines.extend(move_detail::stands(model, standing, width));
    let tally = &standing.tally;
    let sends = if give_up {
        "nothing; those in doubt are looked at, and who was moved stays".to_owned()
    } else {
        format!(
            "one conditional write for each of the {} customers that are left",
            tally.waiting + tally.in_doubt
        )
    };
    lines.extend(paint::wrapped_field(look, "sends", Role::Text, &sends, width));
    if !give_up {
        lines.extend(how(model, &standing.header, width));
    }
    lines
}
