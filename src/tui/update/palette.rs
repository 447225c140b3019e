//! The palette: what it offers for what is typed, and what the chosen line does.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::{action, change, customers, form, moves, remedy, text_entry};
use crate::domain::suggest::nearest;
use crate::domain::target::{StageReference, resolve_api, unknown_stage};
use crate::tui::action::{ACTIONS, Action, ActionInfo, Argument, PANIC};
use crate::tui::effect::Effect;
use crate::tui::model::{Form, Listing, Model, Overlay, PaletteItem, StageKey};
use crate::tui::rows;

/// What fits the line so far, best first.
pub(super) fn items(model: &Model, line: &str) -> Vec<PaletteItem> {
    match argument_of(model, line) {
        Some((info, argument, typed)) => argument_items(model, info, argument, typed),
        None => action_items(model, line),
    }
}

/// The action that the line names, and what follows its name.
fn argument_of<'line>(
    model: &Model,
    line: &'line str,
) -> Option<(&'static ActionInfo, Argument, &'line str)> {
    let (id, rest) = line.trim_start().split_once(' ')?;
    let info = offered(model).find(|info| info.id == id)?;
    Some((info, info.argument?, rest.trim()))
}

fn offered(model: &Model) -> impl Iterator<Item = &'static ActionInfo> {
    let hidden = model.panic_allowed.then_some(&PANIC);
    ACTIONS.iter().filter(|info| info.in_palette).chain(hidden)
}

fn action_items(model: &Model, line: &str) -> Vec<PaletteItem> {
    let candidates = offered(model)
        .map(|info| {
            let item = PaletteItem {
                line: info.id.to_owned(),
                doc: info.doc.to_owned(),
                key: model.keymap.first(info.action).map(|key| key.to_string()),
                dangerous: info.dangerous,
                wants_argument: matches!(
                    info.argument,
                    Some(Argument::Stage | Argument::Change | Argument::Row(_) | Argument::Customer)
                ),
            };
            (format!("{} {}", info.id, info.title), item)
        })
        .collect();
    best(candidates, line.trim())
}

fn argument_items(model: &Model, info: &ActionInfo, argument: Argument, typed: &str) -> Vec<PaletteItem> {
    let item = |text: &str, doc: String| PaletteItem {
        line: format!("{} {text}", info.id),
        doc,
        key: None,
        dangerous: info.dangerous,
        wants_argument: false,
    };
    match argument {
        Argument::Filter => vec![item(typed, "filter the rows with this".to_owned())],
        Argument::Customer if info.action == Action::Move => {
            vec![item(typed, "move this customer to another cell".to_owned())]
        }
        Argument::Customer => vec![item(typed, "look this customer up".to_owned())],
        Argument::Column => {
            let columns = rows::columns(model.page().listing).iter().filter(|column| column.compares);
            let candidates = columns
                .map(|column| (column.name.to_owned(), item(column.name, format!("sort by {}", column.name))))
                .collect();
            best(candidates, typed)
        }
        Argument::Stage => {
            let mut stages: Vec<_> = model
                .rows
                .stages
                .iter()
                .filter_map(|row| {
                    let blocked = row.flush_blocked().filter(|_| info.action == Action::Flush);
                    Some((blocked, row.target()?.to_string(), row.cache_text()))
                })
                .collect();
            stages.sort_by_key(|(blocked, name, _)| (blocked.is_some(), name.clone()));
            let candidates = stages
                .into_iter()
                .map(|(blocked, name, cache)| {
                    let doc = blocked.unwrap_or_else(|| format!("{cache} cache"));
                    (name.clone(), item(&name, doc))
                })
                .collect();
            best(candidates, typed)
        }
        Argument::Row(listing) => {
            let subjects = form::subjects(model, listing).into_iter();
            best(subjects.map(|(_, name, doc)| (name.clone(), item(&name, doc))).collect(), typed)
        }
        Argument::Change => {
            let changes = remedy::changes(model, info.action);
            let candidates = changes.into_iter().map(|(id, text, doc)| (text, item(&id, doc))).collect();
            best(candidates, typed)
        }
    }
}

/// Exact, begins with it, score, length.
type Rank = (bool, bool, u32, std::cmp::Reverse<usize>);

/// The candidates that match, best first; in their own order where nothing is typed.
fn best(candidates: Vec<(String, PaletteItem)>, typed: &str) -> Vec<PaletteItem> {
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    // Exact matches first, then what begins with it, then the best, of equals the shortest.
    let mut scored: Vec<(Rank, PaletteItem)> = candidates
        .into_iter()
        .filter_map(|(text, item)| {
            let mut buffer = Vec::new();
            let score = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)?;
            let exact = text == typed || item.line == typed;
            let shortest = std::cmp::Reverse(text.len());
            Some(((exact, text.starts_with(typed), score, shortest), item))
        })
        .collect();
    if !typed.is_empty() {
        scored.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    }
    scored.into_iter().map(|(_, item)| item).collect()
}

/// The line has changed.
pub(super) fn typed(model: &mut Model, line: &str) {
    let found = items(model, line);
    if let Some(Overlay::Palette(state)) = model.overlays.last_mut() {
        state.items = found;
        state.cursor = 0;
        state.error = None;
    }
}

/// Puts the chosen line into the input, ready for an argument where it takes one.
pub(super) fn complete(model: &mut Model) {
    let Some(Overlay::Palette(state)) = model.overlays.last_mut() else { return };
    let Some(item) = state.items.get(state.cursor) else { return };
    let takes_more = !item.line.contains(' ')
        && ACTIONS.iter().any(|info| info.id == item.line && info.argument.is_some());
    let line = if takes_more { format!("{} ", item.line) } else { item.line.clone() };
    state.input = line.clone().into();
    typed(model, &line);
}

/// Carries the chosen line out and closes the palette, or says why not.
pub(super) fn run_chosen(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Palette(state)) = model.overlays.last() else { return Vec::new() };
    let typed_line = state.input.value().trim().to_owned();
    let line = state.items.get(state.cursor).map_or_else(|| typed_line.clone(), |item| item.line.clone());
    let needs_subject = Action::named(&line).is_some_and(|action| {
        let names_one = matches!(action.info().argument, Some(Argument::Stage | Argument::Row(_)));
        names_one && !form::has_subject(model, action)
    });
    let needs_change = remedy::of_action(&line).is_some()
        && !matches!(model.page().table.selected, Some(rows::RowKey::Change(_)));
    if needs_subject || needs_change {
        complete(model);
        return Vec::new();
    }
    match run(model, &line) {
        Ok(effects) => effects,
        Err(why) => {
            if let Some(Overlay::Palette(state)) = model.overlays.last_mut() {
                state.error = Some(why);
            }
            Vec::new()
        }
    }
}

fn run(model: &mut Model, line: &str) -> Result<Vec<Effect>, String> {
    let (id, argument) = line.split_once(' ').unwrap_or((line, ""));
    let argument = argument.trim();
    let Some(info) = offered(model).find(|info| info.id == id) else {
        let suggestion = nearest(id, ACTIONS.iter().filter(|info| info.in_palette).map(|info| info.id));
        let suggestion = suggestion.map(|name| format!(", did you mean '{name}'?")).unwrap_or_default();
        return Err(format!("there is no action '{id}'{suggestion}"));
    };
    if argument.is_empty() {
        model.overlays.pop();
        return Ok(action::perform(model, info.action));
    }
    if let Some(Argument::Row(listing)) = info.argument {
        let row = named_row(model, listing, argument)?;
        model.overlays.pop();
        return Ok(form::open_row(model, info.action, &row));
    }
    match info.action {
        Action::Move => {
            let customer = argument.to_owned();
            model.overlays.pop();
            moves::open_named(model, &customer);
            Ok(Vec::new())
        }
        Action::Undo | Action::Finish | Action::Settle => {
            let (remedy, change) = remedy::named(model, id, argument)?;
            model.overlays.pop();
            Ok(remedy::of(model, remedy, &change))
        }
        lever if Form::of(lever).is_some() => {
            let stage = named_stage(model, argument)?;
            model.overlays.pop();
            form::open(model, lever, &stage, None);
            Ok(Vec::new())
        }
        Action::Flush => {
            let stage = named_stage(model, argument)?;
            model.overlays.pop();
            Ok(change::flush(model, &stage))
        }
        Action::Filter => {
            model.overlays.pop();
            text_entry::set_filter(model, argument.to_owned());
            model.settle();
            if model.page().table.error.is_some() {
                return Ok(action::perform(model, Action::Filter));
            }
            Ok(Vec::new())
        }
        Action::Lookup => {
            let customer = argument.to_owned();
            model.overlays.pop();
            Ok(customers::look_up(model, customer))
        }
        Action::Sort => {
            let columns = rows::columns(model.page().listing);
            let names = || columns.iter().filter(|column| column.compares).map(|column| column.name);
            let place = columns.iter().position(|column| column.compares && column.name == argument);
            let Some(place) = place else {
                return Err(format!(
                    "there is no column '{argument}'; columns: {}",
                    names().collect::<Vec<_>>().join(", ")
                ));
            };
            model.overlays.pop();
            action::choose_sort(model, place + 1);
            Ok(Vec::new())
        }
        _ => Err(format!("'{id}' takes no argument")),
    }
}

fn named_row(model: &Model, listing: Listing, text: &str) -> Result<rows::RowKey, String> {
    let subjects = form::subjects(model, listing);
    let found: Vec<&rows::RowKey> =
        subjects.iter().filter(|(_, name, _)| name == text).map(|(row, ..)| row).collect();
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let meant = nearest(text, subjects.iter().map(|(_, name, _)| name.as_str()));
            let meant = meant.map(|name| format!(", did you mean '{name}'?")).unwrap_or_default();
            Err(format!("none of the {} is called '{text}'{meant}", listing.title()))
        }
        several => {
            let count = several.len();
            Err(format!(
                "{count} of the {} are called '{text}': select the row that is meant",
                listing.title()
            ))
        }
    }
}

fn named_stage(model: &Model, text: &str) -> Result<StageKey, String> {
    let reference: StageReference = text.parse().map_err(|error| format!("{error}"))?;
    stage_of(model, &reference)
}

/// The stage that is meant, where the estate has it.
pub(super) fn stage_of(model: &Model, reference: &StageReference) -> Result<StageKey, String> {
    let (slot, entry) = resolve_api(&model.estate, &reference.api).map_err(|error| error.to_string())?;
    let stage = crate::domain::id::StageName::new(&reference.stage);
    if entry.stage(&stage).is_none() {
        return Err(unknown_stage(entry, &stage).to_string());
    }
    Ok(StageKey { slot, api: entry.api.id.clone(), stage })
}
