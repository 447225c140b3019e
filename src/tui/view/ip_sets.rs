//! IP sets: how many networks each holds, which rules use it, and the networks themselves.

use ratatui::text::Line;

use super::table::Sheet;
use super::{detail, figures, fit, paint};
use crate::domain::ip_set::MOST_ADDRESSES;
use crate::tui::model::Model;
use crate::tui::rows::{Column, IpSetRow};
use crate::tui::theme::Role;

/// Networks that are listed; for more there is the filter, and the command that prints all.
const LISTED: usize = 400;

pub struct IpSets;

impl Sheet for IpSets {
    type Row = IpSetRow;

    fn rows<'model>(&self, model: &'model Model) -> &'model [IpSetRow] {
        &model.rows.listed.ip_sets
    }

    fn cell(&self, model: &Model, row: &IpSetRow, column: &Column, width: u16) -> Line<'static> {
        let look = &model.look;
        let set = &row.document.set;
        let cut = |text: &str| fit::cut(text, width, look.symbols.ellipsis);
        let unused = row.used_by.as_ref().is_some_and(Vec::is_empty);
        let (role, text) = match column.name {
            "ip-set" => (Role::Strong, Some(cut(&set.name))),
            "version" => (Role::Dim, Some(set.version.to_string())),
            "addresses" => (Role::Text, Some(figures::count(set.addresses.len() as u64))),
            "editable" if row.editable() == "yes" => (Role::Dim, Some("yes".to_owned())),
            "editable" => (Role::Warning, Some(row.editable().to_owned())),
            "used-by" => (if unused { Role::Dim } else { Role::Text }, row.users().map(|users| cut(&users))),
            _ => (Role::Dim, set.description.as_deref().map(cut)),
        };
        text.map_or_else(|| paint::absent(look), |text| paint::line(look, role, text))
    }

    fn is_failing(&self, _row: &IpSetRow) -> bool {
        false
    }
}

pub fn lines(model: &Model, row: &IpSetRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let set = &row.document.set;
    let mut lines = Vec::new();
    if let Some(region) = model.estate.region(row.slot) {
        lines.extend(detail::failure_of(model, &region.ip_sets, width));
    }
    lines.push(paint::text_field(look, "version", set.version.to_string()));
    lines.push(paint::text_field(look, "id", set.id.clone()));
    if let Some(description) = set.description.as_deref().filter(|text| !text.is_empty()) {
        lines.extend(paint::wrapped_field(look, "about", Role::Text, description, width));
    }
    if let Some(path) = &row.document.lost {
        let why = format!("an update would lose {path}");
        lines.extend(paint::wrapped_field(look, "not edited", Role::Warning, &why, width));
    }
    lines.push(Line::default());
    let note = match &row.used_by {
        Some(rules) => rules.len().to_string(),
        None => "web ACLs not read yet".to_owned(),
    };
    lines.push(detail::heading(model, "used by rules", &note));
    for rule in row.used_by.iter().flatten() {
        lines.push(paint::line(look, Role::Text, format!("  {rule}")));
    }
    lines.push(Line::default());
    let count = figures::count(set.addresses.len() as u64);
    let most = figures::count(MOST_ADDRESSES as u64);
    lines.push(detail::heading(model, "addresses", &format!("{count} of {most}")));
    lines.extend(addresses(model, &set.addresses, width));
    lines
}

/// In as many columns as there is room for.
fn addresses(model: &Model, all: &[String], width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let shown = &all[..all.len().min(LISTED)];
    let widest = shown.iter().map(|address| fit::width(address)).max().unwrap_or_default();
    let columns = usize::from((width / (widest + 2)).max(1));
    let mut lines: Vec<Line<'static>> = shown
        .chunks(columns)
        .map(|line| {
            let cells = line.iter().map(|address| format!("  {}", fit::pad(address, widest, "")));
            paint::line(look, Role::Text, cells.collect::<String>().trim_end().to_owned())
        })
        .collect();
    if all.len() > shown.len() {
        let more = figures::count((all.len() - shown.len()) as u64);
        let text = format!("  {} {more} more; / finds an address", look.symbols.ellipsis);
        lines.push(paint::line(look, Role::Dim, text));
    }
    lines
}
