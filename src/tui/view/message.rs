//! A few lines that must be read.

use super::fit;
use super::overlay::{self, Sheet};
use crate::tui::model::Model;
use crate::tui::theme::Role;

pub fn sheet(model: &Model, title: &str, texts: &[String], room: u16) -> Sheet {
    let widest = texts.iter().map(|text| fit::width(text)).max().unwrap_or(0);
    let width = widest.clamp(30, 76).min(room);
    let lines = texts.iter().flat_map(|text| overlay::paragraph(model, Role::Text, text, width)).collect();
    Sheet::new(title, width, lines)
}
